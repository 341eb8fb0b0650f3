#include "lib/privacy/commitment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/privacy/fields.h"
#include "lib/privacy/seal.h"
#include "suyuan/personal.h"
#include "suyuan/storage/v1/record.pb.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan::privacy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Place kPlace{7, "suyuan/plant-a/000102030405060708090a0b0c0d0e0f", "rcv-1",
                   "receive.supplier_contact"};
constexpr char kValue[] = "张三 13800000000";

std::string Salt() {
  std::string salt;
  for (int i = 0; i < 32; ++i) salt += static_cast<char>(i);
  return salt;
}

// FORMAT.md has this example.
TEST(CommitmentTest, TheBytesAreFixed) {
  EXPECT_EQ(Commit(kPlace, Salt(), kValue).hex(),
            "679c00de3c5893206309eaf986bbe19a7693676020e1788ed30a16d6aad4da77");
}

TEST(CommitmentTest, BindsEverythingButTheNumberOfTheLedger) {
  const Hash hash = Commit(kPlace, Salt(), kValue);
  Place place = kPlace;
  place.ledger = 8;
  EXPECT_EQ(Commit(place, Salt(), kValue), hash);
  for (std::string Place::*part : {&Place::origin, &Place::event_id, &Place::path}) {
    place = kPlace;
    place.*part += "x";
    EXPECT_NE(Commit(place, Salt(), kValue), hash);
  }
  // What ends one part does not begin the next.
  place = kPlace;
  place.event_id = "rcv-1r";
  place.path = "eceive.supplier_contact";
  EXPECT_NE(Commit(place, Salt(), kValue), hash);
  EXPECT_NE(Commit(kPlace, std::string(32, 's'), kValue), hash);
  EXPECT_NE(Commit(kPlace, Salt(), "李四"), hash);
}

TEST(SealTest, OpensWithItsKeyAndItsPlaceOnly) {
  const std::string key(kKeyBytes, 'k');
  auto sealed = Seal(key, "place", "plain");
  SUYUAN_ASSERT_OK(sealed);
  EXPECT_EQ(*Unseal(key, "place", *sealed), "plain");
  EXPECT_EQ(sealed->find("plain"), std::string::npos);
  EXPECT_NE(*Seal(key, "place", "plain"), *sealed);
  const auto refused = StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not what was encrypted"));
  EXPECT_THAT(Unseal(std::string(kKeyBytes, 'l'), "place", *sealed), refused);
  EXPECT_THAT(Unseal("short", "place", *sealed), refused);
  EXPECT_THAT(Unseal(key, "Place", *sealed), refused);
  EXPECT_THAT(Unseal(key, "place", sealed->substr(1)), refused);
  EXPECT_THAT(Unseal(key, "place", ""), refused);
  for (size_t i = 0; i < sealed->size(); ++i) {
    std::string changed = *sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(Unseal(key, "place", changed), refused);
  }
}

TEST(FieldsTest, AreFoundWhereverTheyAre) {
  v1::Event event = tell::Destroy("lot:ext:own:dairy/powder/L1").event;
  EXPECT_FALSE(HasPersonal(event));
  event.mutable_destroy_goods()->add_officers()->set_authority("city");
  event.mutable_destroy_goods()->mutable_officers(0)->mutable_name();
  EXPECT_FALSE(HasPersonal(event));
  v1::SupervisingOfficer* const officer = event.mutable_destroy_goods()->add_officers();
  officer->mutable_name()->set_value("Qian Qi");
  officer->mutable_badge_number()->set_commitment("c");
  EXPECT_TRUE(HasPersonal(event));
  std::vector<std::string> paths;
  ForEachPersonal(&event, [&](const std::string& path, v1::Personal* personal) {
    paths.push_back(path);
    personal->Clear();
  });
  EXPECT_THAT(paths, ElementsAre("destroy_goods.officers[1].name",
                                 "destroy_goods.officers[1].badge_number"));
  EXPECT_FALSE(HasPersonal(event));
}

class DisclosureTest : public testing::Test {
 protected:
  DisclosureTest() {
    event_ = tell::Receive("lot:ext:own:dairy/powder/L1").Id("rcv-1").event;
    event_.mutable_receive()->mutable_supplier_contact()->set_commitment(
        std::string(Commit(kPlace, Salt(), kValue).view()));
    disclosure_ = {kPlace.origin, kPlace.event_id, kPlace.path, Salt(), kValue};
  }

  std::string Entry() const {
    storage::v1::Record record;
    record.set_format(1);
    record.set_event_id(event_.id());
    record.set_event(event_.SerializeAsString());
    return record.SerializeAsString();
  }

  v1::Event event_;
  Disclosure disclosure_;
};

TEST_F(DisclosureTest, ProvesTheValue) { SUYUAN_EXPECT_OK(VerifyDisclosure(disclosure_, Entry())); }

TEST_F(DisclosureTest, AnotherValueSaltOrLedgerIsExposed) {
  const auto exposed = StatusIs(absl::StatusCode::kDataLoss, HasSubstr("the entry has"));
  Disclosure other = disclosure_;
  other.value += "1";
  EXPECT_THAT(VerifyDisclosure(other, Entry()), exposed);
  other = disclosure_;
  other.salt[31] = 'x';
  EXPECT_THAT(VerifyDisclosure(other, Entry()), exposed);
  other = disclosure_;
  other.origin = "suyuan/plant-b/00";
  EXPECT_THAT(VerifyDisclosure(other, Entry()), exposed);
}

TEST_F(DisclosureTest, WhatDoesNotFitIsRefused) {
  const auto refused = [](const char* why) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why));
  };
  Disclosure other = disclosure_;
  other.event_id = "rcv-2";
  EXPECT_THAT(VerifyDisclosure(other, Entry()), refused("of event rcv-1"));
  other = disclosure_;
  other.path = "receive.supplier_name";
  EXPECT_THAT(VerifyDisclosure(other, Entry()), refused("no commitment at"));
  other = disclosure_;
  other.salt.pop_back();
  EXPECT_THAT(VerifyDisclosure(other, Entry()), refused("31 bytes"));
  EXPECT_THAT(VerifyDisclosure(disclosure_, "no entry"), refused("no record"));
  EXPECT_THAT(VerifyDisclosure(disclosure_, ""), refused("no record"));
  EXPECT_THAT(VerifyDisclosure(disclosure_, std::string(100'000, '\n')), refused("no record"));
  event_.mutable_receive()->mutable_supplier_contact()->set_commitment("short");
  EXPECT_THAT(VerifyDisclosure(disclosure_, Entry()), refused("no commitment at"));
}

}  // namespace
}  // namespace suyuan::privacy

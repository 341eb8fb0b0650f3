#include "lib/events/validator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "tests/lib/events/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan::events {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ValidatorTest, NamesTheKnownProfiles) {
  EXPECT_THAT(
      Validator::ForProfile("restaurant"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("restaurant"), HasSubstr("ordinary"), HasSubstr("investigation"))));
  EXPECT_THAT(Validator::ForProfile(""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no profile")));
}

TEST(ValidatorTest, TellsAllFaultsAtOnceInTheOrderOfTheSchema) {
  v1::Event event = GoodReceipt();
  event.clear_id();
  event.set_subject("dairy");
  event.set_remark("\x01");
  event.mutable_receive()->clear_unit();
  event.mutable_receive()->mutable_quantity()->set_unit("kg");
  event.mutable_receive()->clear_supplier_lot();
  event.mutable_receive()->clear_supplier_name();
  EXPECT_THAT(Faults(event),
              ElementsAre("form.id id", "form.subject-key subject", "form.utf8 remark",
                          "form.unit-code receive.quantity.unit",
                          "S002-22 receive.supplier_production_date",
                          "S002-25 receive.supplier_name", "form.required receive.unit"));
}

TEST(ValidatorTest, CountsEventsAndAppends) {
  auto validator = Validator::ForProfile("ordinary");
  SUYUAN_ASSERT_OK(validator);
  std::vector<Violation> violations;
  (*validator)->Validate(v1::Event(), 0, &violations);
  (*validator)->Validate(GoodReceipt(), 1, &violations);
  (*validator)->Validate(v1::Event(), 2, &violations);
  std::vector<size_t> events;
  for (const Violation& violation : violations) events.push_back(violation.event_index);
  EXPECT_THAT(events, ElementsAre(0, 0, 2, 2));
}

TEST(ValidatorTest, StopsAtTheLimitAndSaysSo) {
  auto validator = Validator::ForProfile("ordinary");
  SUYUAN_ASSERT_OK(validator);
  v1::Event event = GoodPack();
  for (int i = 0; i < 12'000; ++i) event.mutable_pack()->add_contents();
  std::vector<Violation> violations;
  (*validator)->Validate(event, 0, &violations);
  ASSERT_EQ(violations.size(), kMaxViolations);
  EXPECT_EQ(violations.back().rule, "form.more");
  (*validator)->Validate(v1::Event(), 1, &violations);
  EXPECT_EQ(violations.size(), kMaxViolations);
}

TEST(ValidatorTest, ShortensWhatItQuotes) {
  v1::Event event = GoodReceipt();
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "奶";
  event.mutable_receive()->set_supplier(text);
  const std::vector<Violation> violations = Judge(event);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_LT(violations[0].message_zh.size(), 500u);
  EXPECT_TRUE(violations[0].found.ends_with("奶..."));
}

// Bytes that are an event by chance, or nearly one: no verdict is asked for,
// only that there is one.
TEST(ValidatorTest, SurvivesAnyEventThatParses) {
  constexpr uint32_t kSeed = 20'251'103;
  std::cout << "seed " << kSeed << "\n";
  const google::protobuf::LogSilencer silencer;  // it tells of every malformed text
  std::mt19937 random(kSeed);
  auto validator = Validator::ForProfile("ordinary");
  SUYUAN_ASSERT_OK(validator);
  const std::vector<std::string> seeds = {GoodReceipt().SerializeAsString(),
                                          GoodPack().SerializeAsString()};
  int parsed = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string bytes;
    if (i % 3 == 0) {
      bytes.resize(random() % 64);
      for (char& c : bytes) c = static_cast<char>(random());
    } else {
      bytes = seeds[random() % seeds.size()];
      for (uint32_t k = random() % 8; k > 0; --k) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    v1::Event event;
    // Partly read messages are events too.
    parsed += event.ParsePartialFromString(bytes);
    std::vector<Violation> violations;
    (*validator)->Validate(event, 0, &violations);
    for (const Violation& violation : violations) {
      ASSERT_FALSE(violation.message_en.empty());
      ASSERT_FALSE(violation.message_zh.empty());
    }
  }
  EXPECT_GT(parsed, 1000);
}

}  // namespace
}  // namespace suyuan::events

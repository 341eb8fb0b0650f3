#include "api/grpc/master_data.h"

#include "lib/base/time.h"
#include "suyuan/v1/master_data_service.grpc.pb.h"
#include "tests/api/grpc/server_test.h"
#include "tests/support/event_builder.h"

namespace suyuan::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
constexpr int64_t kStart = tell::kDaySeconds * 1'000'000;

// A dairy that renames itself now and then. Times are days from kStart.
class MasterDataTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Ledger("a");
    masters_ = v1::MasterDataService::NewStub(remote_->channel());
  }

  static v1::Event From(tell::Told told, const std::string& id, int day) {
    told.event.set_id(id);
    *told.event.mutable_register_master()->mutable_effective_from() =
        ExactTime(kStart + day * kDay, 480);
    return std::move(told.event);
  }
  static v1::Event Named(const std::string& name, int day, const std::string& id) {
    return From(tell::SubjectMaster("ext:own:dairy", name), id, day);
  }

  absl::StatusOr<v1::MasterVersion> Get(v1::MasterKind kind, const std::string& key, int day) {
    v1::GetMasterRequest request;
    request.set_kind(kind);
    request.set_key(key);
    request.mutable_at()->set_seconds((kStart + day * kDay) / 1'000'000);
    v1::GetMasterResponse response;
    ::grpc::ClientContext context;
    const ::grpc::Status status = masters_->GetMaster(&context, request, &response);
    if (!status.ok())
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
    return response.version();
  }
  std::string NameOn(int day) {
    const auto version = Get(v1::MASTER_SUBJECT, "ext:own:dairy", day);
    return version.ok() ? version->master().subject().name() : "nobody";
  }

  std::unique_ptr<v1::MasterDataService::Stub> masters_;
};

TEST_F(MasterDataTest, TheVersionOfTheTimeIsTold) {
  Append("a", {Named("new", 20, "m2"), Named("old", 10, "m1")});
  EXPECT_EQ(NameOn(9), "nobody");
  EXPECT_EQ(NameOn(10), "old");
  EXPECT_EQ(NameOn(19), "old");
  EXPECT_EQ(NameOn(20), "new");
  const auto version = Get(v1::MASTER_SUBJECT, "ext:own:dairy", 30);
  SUYUAN_ASSERT_OK(version);
  EXPECT_EQ(version->event_id(), "m2");
  EXPECT_EQ(version->ledger(), "a");
  EXPECT_EQ(version->sequence(), 1u);
  EXPECT_EQ(version->valid_from().seconds(), (kStart + 20 * kDay) / 1'000'000);
}

TEST_F(MasterDataTest, WithoutATimeItWasAlwaysSo) {
  tell::Told told = tell::SubjectMaster("ext:own:dairy", "dairy");
  Append("a", {std::move(told).Id("m1").event});
  EXPECT_EQ(NameOn(-10'000), "dairy");
  EXPECT_FALSE(Get(v1::MASTER_SUBJECT, "ext:own:dairy", 0)->has_valid_from());
}

TEST_F(MasterDataTest, WhatIsRecordedLaterWinsFromOneMoment) {
  Append("a", {Named("first", 1, "m1"), Named("second", 1, "m2")});
  EXPECT_EQ(NameOn(1), "second");
}

TEST_F(MasterDataTest, CorrectionsAndWithdrawalsHaveEffect) {
  Append("a", {Named("typo", 1, "m1")});
  v1::Event correction = Named("right", 1, "m2");
  correction.mutable_correction()->set_event_id("m1");
  correction.mutable_correction()->set_reason("typo");
  Append("a", {correction, Named("wrong", 5, "m3")});
  EXPECT_EQ(NameOn(6), "wrong");
  Append("a", {tell::Withdraw("m3").Id("w3").event});
  EXPECT_EQ(NameOn(6), "right");
  Append("a", {tell::Withdraw("m2").Id("w2").event});
  EXPECT_EQ(NameOn(6), "typo") << "the correction has no effect any more";
  Append("a", {tell::Withdraw("w3").Id("w4").event});
  EXPECT_EQ(NameOn(6), "wrong") << "nor has its withdrawal";
}

TEST_F(MasterDataTest, KeysAreComparedInTheirNormalForm) {
  Append("a",
         {From(tell::ProductMaster("6912345000017", "powder", {{"16912345000014", 6}}), "p", 1),
          From(tell::SiteMaster("ext:own:dairy/plant 1", "ext:own:dairy"), "s", 1)});
  for (const char* gtin : {"6912345000017", "06912345000017", "16912345000014"}) {
    const auto version = Get(v1::MASTER_PRODUCT, gtin, 2);
    SUYUAN_ASSERT_OK(version);
    EXPECT_EQ(version->master().product().product_name(), "powder");
  }
  SUYUAN_EXPECT_OK(Get(v1::MASTER_SITE, "ext:own:dairy/plant%201", 2));
  EXPECT_THAT(Get(v1::MASTER_SITE, "ext:own:dairy/plant 2", 2),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("plant 2")));
  EXPECT_THAT(Get(v1::MASTER_SITE, "", 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("key")));
  EXPECT_THAT(Get(v1::MASTER_KIND_UNSPECIFIED, "x", 2),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kind")));
}

TEST_F(MasterDataTest, ListsWhatWasValidByKey) {
  Ledger("b");
  Append("a", {From(tell::SubjectMaster("ext:own:b", "B"), "m1", 1),
               From(tell::SubjectMaster("ext:own:a", "A"), "m2", 1)});
  Append("b", {From(tell::SubjectMaster("ext:own:c", "C"), "m1", 1),
               From(tell::SubjectMaster("ext:own:b", "B2"), "m2", 2)});
  const auto versions = ReadMasters(
      *remote_, {.kind = v1::MASTER_SUBJECT, .at_micros = kStart + 3 * kDay}, [] { return true; });
  SUYUAN_ASSERT_OK(versions);
  std::vector<std::string> names;
  for (const auto& version : *versions) names.push_back(version.master().subject().name());
  EXPECT_THAT(names, ElementsAre("A", "B2", "C"));
  v1::ListMasterRequest request;
  request.set_kind(v1::MASTER_SUBJECT);
  request.set_ledger("a");
  ::grpc::ClientContext context;
  const auto reader = masters_->ListMaster(&context, request);
  v1::ListMasterResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.versions_size(), 2) << "now, in one ledger";
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_TRUE(reader->Finish().ok());
}

}  // namespace
}  // namespace suyuan::rpc

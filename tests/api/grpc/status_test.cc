#include "api/grpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/grpc/convert.h"
#include "api/grpc/limits.h"
#include "lib/events/validator.h"
#include "tests/support/status_matchers.h"

namespace suyuan::rpc {
namespace {

using ::testing::EndsWith;
using ::testing::SizeIs;

TEST(StatusTest, EveryCodeComesBackAsItself) {
  for (int code = 0; code <= 16; ++code) {
    const absl::Status status(static_cast<absl::StatusCode>(code), "批次 lot");
    EXPECT_EQ(FromGrpc(ToGrpc(status, kErrorBytes)), status) << code;
    EXPECT_EQ(static_cast<int>(ToGrpc(status, kErrorBytes).error_code()), code);
  }
}

TEST(StatusTest, AnErrorOfTheTransportKeepsItsWords) {
  EXPECT_THAT(FromGrpc(::grpc::Status(::grpc::StatusCode::UNAVAILABLE, "no route")),
              StatusIs(absl::StatusCode::kUnavailable, "no route"));
}

TEST(StatusTest, ViolationsThatDoNotFitAreCounted) {
  std::vector<Violation> violations(100);
  for (size_t i = 0; i < violations.size(); ++i) {
    violations[i] = {i, "S002-1", "receive.unit", "", "", "ours", "缺少", std::string(100, 'm')};
  }
  const absl::Status status = events::ViolationsToStatus(violations);
  const ::grpc::Status sent = ToGrpc(status, kErrorBytes);
  EXPECT_LT(sent.error_details().size(), kErrorBytes + 200);
  uint64_t left_off = 0;
  const absl::Status got = FromGrpc(sent, &left_off);
  EXPECT_EQ(got.message(), status.message());
  EXPECT_EQ(ViolationsOf(got).size() + left_off, 100u);
  EXPECT_GT(ViolationsOf(got).size(), 5u);
  EXPECT_THAT(ViolationsOf(FromGrpc(ToGrpc(status, kMaxErrorBytes))), SizeIs(100));
}

TEST(StatusTest, ALongMessageIsWholeInTheDetails) {
  std::string message;
  for (int i = 0; i < 1000; ++i) message += "批次 ";
  const absl::Status status = absl::InvalidArgumentError(message);
  const ::grpc::Status sent = ToGrpc(status, kMaxErrorBytes);
  EXPECT_LT(sent.error_message().size(), 1000u);
  EXPECT_THAT(sent.error_message(), EndsWith("批次 ..."));
  EXPECT_EQ(FromGrpc(sent), status);
}

TEST(StatusTest, BytesThatAreNoTextDoNotBreakTheAnswer) {
  EXPECT_EQ(Utf8("lot \xff"), "lot ?");
  EXPECT_EQ(Utf8("批次"), "批次");
  EXPECT_THAT(FromGrpc(ToGrpc(absl::NotFoundError("\xff"), kErrorBytes)),
              StatusIs(absl::StatusCode::kNotFound, "?"));
}

}  // namespace
}  // namespace suyuan::rpc

#include "api/cli/context.h"

#include "tests/support/temp_dir.h"

namespace suyuan::cli {
namespace {

using ::testing::HasSubstr;

TEST(FailureOfTest, SaysWhoseFaultItIs) {
  using absl::StatusCode;
  const struct {
    StatusCode code;
    int opening, asking, importing;
  } cases[] = {
      {StatusCode::kInvalidArgument, kAskedWrongly, kAskedWrongly, kBadData},
      {StatusCode::kNotFound, kAskedWrongly, kAskedWrongly, kAskedWrongly},
      {StatusCode::kAlreadyExists, kAskedWrongly, kAskedWrongly, kBadData},
      {StatusCode::kFailedPrecondition, kSystemFailed, kBadData, kBadData},
      {StatusCode::kDataLoss, kBadData, kBadData, kBadData},
      {StatusCode::kUnavailable, kSystemFailed, kSystemFailed, kSystemFailed},
      {StatusCode::kResourceExhausted, kSystemFailed, kSystemFailed, kSystemFailed},
      {StatusCode::kPermissionDenied, kSystemFailed, kSystemFailed, kSystemFailed},
      {StatusCode::kInternal, kSystemFailed, kSystemFailed, kSystemFailed},
      {StatusCode::kUnimplemented, kSystemFailed, kSystemFailed, kSystemFailed},
  };
  for (const auto& c : cases) {
    const absl::Status status(c.code, "what");
    EXPECT_EQ(FailureOf(status, Doing::kOpening).exit_status, c.opening) << status;
    EXPECT_EQ(FailureOf(status, Doing::kAsking).exit_status, c.asking) << status;
    EXPECT_EQ(FailureOf(status, Doing::kImporting).exit_status, c.importing) << status;
    EXPECT_EQ(FailureOf(status, Doing::kAsking).message_en, "what");
    EXPECT_THAT(FailureOf(status, Doing::kAsking).message_zh, HasSubstr("：what"));
  }
  EXPECT_EQ(FailureOf(absl::FailedPreconditionError(""), Doing::kOpening).code, "locked");
}

TEST(HasDataDirTest, TellsAMissingDirectory) {
  TempDir dir;
  Context context;
  Failure failure;
  context.data_dir = dir.path();
  EXPECT_TRUE(HasDataDir(context, &failure));
  context.data_dir = dir / "none";
  EXPECT_FALSE(HasDataDir(context, &failure));
  EXPECT_EQ(failure.exit_status, kAskedWrongly);
  EXPECT_THAT(failure.message_en, HasSubstr(context.data_dir));
}

TEST(ProgressTest, IsSilentWithoutATerminal) {
  Context context;
  context.json = true;
  EXPECT_FALSE(ProgressOnStderr(context));
  context.progress = true;
  ASSERT_TRUE(ProgressOnStderr(context));
}

}  // namespace
}  // namespace suyuan::cli

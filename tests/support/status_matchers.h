#ifndef TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace suyuan {
namespace testing_internal {
inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& statusor) {
  return statusor.status();
}
}  // namespace testing_internal

MATCHER(IsOk, "is OK") {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

MATCHER_P2(StatusIs, code, message, "") {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()), result_listener);
}

#define SUYUAN_ASSERT_OK(expr) ASSERT_THAT(expr, ::suyuan::IsOk())
#define SUYUAN_EXPECT_OK(expr) EXPECT_THAT(expr, ::suyuan::IsOk())

}  // namespace suyuan

#endif  // TESTS_SUPPORT_STATUS_MATCHERS_H_

#include "suyuan/violation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "lib/events/validator.h"
#include "tests/support/status_matchers.h"

namespace suyuan::events {
namespace {

using ::testing::IsEmpty;

Violation Example(size_t index) {
  return {index,  "S002-21",  "receive.quantity", std::string("f\0und", 5),
          "数量", "the rule", "缺少数量。",       "The quantity is missing."};
}

TEST(ViolationsToStatusTest, NoneIsOk) { SUYUAN_EXPECT_OK(ViolationsToStatus({})); }

TEST(ViolationsToStatusTest, TellsTheFirstAndCountsTheOthers) {
  const std::vector<Violation> three = {Example(7), Example(8), Example(9)};
  const auto status = [&](size_t n) { return ViolationsToStatus({three.data(), n}); };
  const auto code = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(status(1), StatusIs(code, "event 7: The quantity is missing."));
  EXPECT_THAT(status(2), StatusIs(code, "event 7: The quantity is missing. (and 1 more fault)"));
  EXPECT_THAT(status(3), StatusIs(code, "event 7: The quantity is missing. (and 2 more faults)"));
}

TEST(ViolationsToStatusTest, CarriesAll) {
  const std::vector<Violation> two = {Example(7), Example(8)};
  const std::vector<Violation> read = ViolationsOf(ViolationsToStatus(two));
  ASSERT_EQ(read.size(), 2u);
  for (size_t i = 0; i < two.size(); ++i) {
    EXPECT_EQ(read[i].event_index, two[i].event_index);
    EXPECT_EQ(read[i].rule, two[i].rule);
    EXPECT_EQ(read[i].field, two[i].field);
    EXPECT_EQ(read[i].found, two[i].found);
    EXPECT_EQ(read[i].expected, two[i].expected);
    EXPECT_EQ(read[i].source, two[i].source);
    EXPECT_EQ(read[i].message_zh, two[i].message_zh);
    EXPECT_EQ(read[i].message_en, two[i].message_en);
  }
}

TEST(ViolationsOfTest, EmptyForOtherStatuses) {
  EXPECT_THAT(ViolationsOf(absl::OkStatus()), IsEmpty());
  EXPECT_THAT(ViolationsOf(absl::InvalidArgumentError("x")), IsEmpty());
}

}  // namespace
}  // namespace suyuan::events

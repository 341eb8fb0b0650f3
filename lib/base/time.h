#ifndef LIB_BASE_TIME_H_
#define LIB_BASE_TIME_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "suyuan/v1/common.pb.h"

namespace suyuan {

// All moments from `earliest` to `latest`, both included, in microseconds since
// 1970-01-01 UTC. What is not known at all is the whole line.
struct Interval {
  static constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  int64_t earliest = kMin;
  int64_t latest = kMax;

  bool unknown() const { return earliest == kMin && latest == kMax; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A year from 1 to 9999, an existing month and day, each of the last two 0 when
// not known (a day without a month is not valid).
bool IsValid(const v1::Date& date);
// Within years 1 to 9999, whole microseconds, offset within 18 hours. A time
// without `at` must say that it is unknown.
bool IsValid(const v1::Time& time);

// When `time` can have been; the whole line for an unknown or invalid one.
Interval IntervalOf(const v1::Time& time);
// When an event over `span` can have begun and ended. Without an end it ended
// when it began; without a begin nothing is known of it.
Interval BeginOf(const v1::TimeSpan& span);
Interval EndOf(const v1::TimeSpan& span);
// The days that `date` can stand for, counted at `offset_minutes`.
Interval IntervalOf(const v1::Date& date, int offset_minutes);

// "2025-11-03", "2025-11" or "2025": as in a unit key. Empty for year 0.
std::string DateText(const v1::Date& date);
// Reads what DateText writes; nothing if it is anything else.
std::optional<v1::Date> ParseDateText(std::string_view text);
// "2025-11-03 08:00:00+08:00".
std::string TimeText(int64_t utc_micros, int offset_minutes);
// "2025-11-03 08:00+08:00", "2025-11-03", "2025-11", "2025" or "?".
std::string TimeText(const v1::Time& time);

// Times of each precision; `offset_minutes` is how local time was counted.
v1::Time ExactTime(int64_t utc_micros, int offset_minutes);
v1::Time TimeOfDate(const v1::Date& date, int offset_minutes);

}  // namespace suyuan

#endif  // LIB_BASE_TIME_H_

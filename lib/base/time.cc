#include "lib/base/time.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "absl/strings/str_format.h"

namespace suyuan {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31 23:59:59

int64_t DayStart(int y, unsigned m, unsigned d) {
  const sys_days date = year{y} / month{m} / day{d};
  return static_cast<int64_t>(date.time_since_epoch().count()) * kDay;
}

year_month_day CivilDay(int64_t local_micros) {
  const int64_t count =
      local_micros >= 0 ? local_micros / kDay : -((kDay - 1 - local_micros) / kDay);
  return year_month_day(sys_days(days(count)));
}

// The whole day, month or year that begins at local midnight `y`-`m`-`d`.
Interval Calendar(int y, unsigned m, unsigned d, v1::Precision precision, int offset_minutes) {
  int64_t end;
  switch (precision) {
    case v1::PRECISION_DAY:
      end = DayStart(y, m, d) + kDay;
      break;
    case v1::PRECISION_MONTH:
      d = 1;
      end = m == 12 ? DayStart(y + 1, 1, 1) : DayStart(y, m + 1, 1);
      break;
    default:
      m = d = 1;
      end = DayStart(y + 1, 1, 1);
      break;
  }
  const int64_t shift = int64_t{offset_minutes} * 60 * kSecond;
  return {DayStart(y, m, d) - shift, end - 1 - shift};
}

int64_t Micros(const google::protobuf::Timestamp& at) {
  return at.seconds() * kSecond + at.nanos() / 1000;
}

}  // namespace

bool IsValid(const v1::Date& date) {
  if (date.year() < 1 || date.year() > 9999) return false;
  if (date.month() == 0) return date.day() == 0;
  if (date.month() < 1 || date.month() > 12) return false;
  if (date.day() == 0) return true;
  if (date.day() < 1) return false;
  return year_month_day(year{date.year()}, month{static_cast<unsigned>(date.month())},
                        day{static_cast<unsigned>(date.day())})
      .ok();
}

bool IsValid(const v1::Time& time) {
  if (!v1::Precision_IsValid(time.precision())) return false;
  if (time.offset_minutes() < -18 * 60 || time.offset_minutes() > 18 * 60) return false;
  if (!time.has_at()) return time.precision() == v1::PRECISION_UNKNOWN;
  const auto& at = time.at();
  return at.seconds() >= kFirstSecond && at.seconds() <= kLastSecond && at.nanos() >= 0 &&
         at.nanos() < 1'000'000'000 && at.nanos() % 1000 == 0;
}

Interval IntervalOf(const v1::Time& time) {
  if (!IsValid(time) || time.precision() == v1::PRECISION_UNKNOWN) return {};
  const int64_t at = Micros(time.at());
  if (time.precision() == v1::PRECISION_EXACT) return {at, at};
  const year_month_day date = CivilDay(at + int64_t{time.offset_minutes()} * 60 * kSecond);
  return Calendar(int{date.year()}, unsigned{date.month()}, unsigned{date.day()}, time.precision(),
                  time.offset_minutes());
}

Interval BeginOf(const v1::TimeSpan& span) {
  return span.has_begin() ? IntervalOf(span.begin()) : Interval{};
}

Interval EndOf(const v1::TimeSpan& span) {
  return span.has_end() ? IntervalOf(span.end()) : BeginOf(span);
}

Interval IntervalOf(const v1::Date& date, int offset_minutes) {
  if (!IsValid(date)) return {};
  const v1::Precision precision = date.month() == 0 ? v1::PRECISION_YEAR
                                  : date.day() == 0 ? v1::PRECISION_MONTH
                                                    : v1::PRECISION_DAY;
  return Calendar(date.year(), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), precision, offset_minutes);
}

std::string DateText(const v1::Date& date) {
  if (date.year() == 0) return "";
  if (date.month() == 0) return absl::StrFormat("%04d", date.year());
  if (date.day() == 0) return absl::StrFormat("%04d-%02d", date.year(), date.month());
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::optional<v1::Date> ParseDateText(std::string_view text) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return std::nullopt;
  const auto number = [&](size_t from, size_t size) {
    int value = 0;
    const char* const end = text.data() + from + size;
    const auto result = std::from_chars(text.data() + from, end, value);
    return result.ec == std::errc() && result.ptr == end && text[from] != '-' ? value : -1;
  };
  v1::Date date;
  date.set_year(number(0, 4));
  if (text.size() >= 7) {
    if (text[4] != '-') return std::nullopt;
    date.set_month(number(5, 2));
    if (date.month() == 0) return std::nullopt;
  }
  if (text.size() == 10) {
    if (text[7] != '-') return std::nullopt;
    date.set_day(number(8, 2));
    if (date.day() == 0) return std::nullopt;
  }
  if (!IsValid(date)) return std::nullopt;
  return date;
}

std::string TimeText(int64_t utc_micros, int offset_minutes) {
  const int64_t local = utc_micros + int64_t{offset_minutes} * 60 * kSecond;
  const year_month_day date = CivilDay(local);
  const int64_t second =
      (local - DayStart(int{date.year()}, unsigned{date.month()}, unsigned{date.day()})) / kSecond;
  const int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
  return absl::StrFormat("%04d-%02d-%02d %02d:%02d:%02d%c%02d:%02d", int{date.year()},
                         unsigned{date.month()}, unsigned{date.day()}, second / 3600,
                         second / 60 % 60, second % 60, offset_minutes < 0 ? '-' : '+', offset / 60,
                         offset % 60);
}

std::string TimeText(const v1::Time& time) {
  if (!IsValid(time) || time.precision() == v1::PRECISION_UNKNOWN) return "?";
  const std::string text = TimeText(Micros(time.at()), time.offset_minutes());
  switch (time.precision()) {
    case v1::PRECISION_EXACT:
      return text;
    case v1::PRECISION_DAY:
      return text.substr(0, 10);
    case v1::PRECISION_MONTH:
      return text.substr(0, 7);
    default:
      return text.substr(0, 4);
  }
}

v1::Time ExactTime(int64_t utc_micros, int offset_minutes) {
  v1::Time time;
  int64_t seconds = utc_micros / kSecond;
  if (utc_micros % kSecond < 0) --seconds;
  time.mutable_at()->set_seconds(seconds);
  time.mutable_at()->set_nanos(static_cast<int32_t>((utc_micros - seconds * kSecond) * 1000));
  time.set_offset_minutes(offset_minutes);
  return time;
}

v1::Time TimeOfDate(const v1::Date& date, int offset_minutes) {
  if (!IsValid(date)) {
    v1::Time unknown;
    unknown.set_precision(v1::PRECISION_UNKNOWN);
    return unknown;
  }
  // East of Greenwich the first day began before the first time that can be
  // written; any instant of the day stands for it.
  const int64_t begin = std::max(IntervalOf(date, offset_minutes).earliest, kFirstSecond * kSecond);
  v1::Time time = ExactTime(begin, offset_minutes);
  time.set_precision(date.month() == 0 ? v1::PRECISION_YEAR
                     : date.day() == 0 ? v1::PRECISION_MONTH
                                       : v1::PRECISION_DAY);
  return time;
}

}  // namespace suyuan

#include "api/cli/moment.h"

#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::cli {
namespace {

constexpr int kChinaOffsetMinutes = 480;

std::optional<Interval> MomentOf(const std::string& text) {
  const std::optional<v1::Date> date = ParseDateText(text.substr(0, 10));
  if (!date.has_value() || date->day() == 0) return std::nullopt;
  const Interval day = IntervalOf(*date, kChinaOffsetMinutes);
  if (text.size() == 10) return day;
  if ((text.size() != 16 && text.size() != 19) || (text[10] != 'T' && text[10] != ' ')) {
    return std::nullopt;
  }
  const auto number = [&](size_t at, int most) -> std::optional<int> {
    if (text[at] < '0' || text[at] > '9' || text[at + 1] < '0' || text[at + 1] > '9') {
      return std::nullopt;
    }
    const int value = (text[at] - '0') * 10 + text[at + 1] - '0';
    return value <= most ? std::optional<int>(value) : std::nullopt;
  };
  const bool seconds = text.size() == 19;
  const std::optional<int> hour = number(11, 23);
  const std::optional<int> minute = number(14, 59);
  const std::optional<int> second = seconds ? number(17, 59) : 0;
  if (!hour || !minute || !second || text[13] != ':' || (seconds && text[16] != ':')) {
    return std::nullopt;
  }
  constexpr int64_t kSecond = 1'000'000;
  const int64_t first = day.earliest + ((*hour * 60 + *minute) * int64_t{60} + *second) * kSecond;
  return Interval{first, first + (seconds ? 1 : 60) * kSecond - 1};
}

}  // namespace

bool ReadLastMoment(const std::string& text, std::optional<int64_t>* moment) {
  if (text.empty()) return true;
  const std::optional<Interval> when = MomentOf(text);
  if (when.has_value()) *moment = when->latest;
  return when.has_value();
}

bool ReadFirstMoment(const std::string& text, std::optional<int64_t>* moment) {
  if (text.empty()) return true;
  const std::optional<Interval> when = MomentOf(text);
  if (when.has_value()) *moment = when->earliest;
  return when.has_value();
}

Failure BadMoment(const std::string& option, const std::string& text) {
  return UsageFailure(option + " 应为 2025-11-03 或 2025-11-03T08:30，读到：" + text,
                      option + " takes 2025-11-03 or 2025-11-03T08:30, found " + text);
}

}  // namespace suyuan::cli

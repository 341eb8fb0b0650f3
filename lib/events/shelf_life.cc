#include "lib/events/shelf_life.h"

#include <array>
#include <chrono>
#include <utility>

#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::events {
namespace {

constexpr int kMaxShelfLife = 36'500;

constexpr std::array<std::pair<v1::ShelfLife::Unit, std::string_view>, 4> kUnits = {{
    {v1::ShelfLife::HOUR, "HUR"},
    {v1::ShelfLife::DAY, "DAY"},
    {v1::ShelfLife::MONTH, "MON"},
    {v1::ShelfLife::YEAR, "ANN"},
}};

}  // namespace

std::optional<int64_t> EndOfShelfLife(const v1::Date& made, const v1::ShelfLife& life,
                                      int offset_minutes) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace)
  const Interval made_on = IntervalOf(made, offset_minutes);
  if (!IsValid(made) || life.value() <= 0 || life.value() > kMaxShelfLife) return std::nullopt;
  constexpr int64_t kHour = 3'600'000'000;
  switch (life.unit()) {
    case v1::ShelfLife::HOUR:
      return made_on.latest + life.value() * kHour;
    case v1::ShelfLife::DAY:
      return made_on.latest + life.value() * 24 * kHour;
    case v1::ShelfLife::MONTH:
    case v1::ShelfLife::YEAR: {
      const int months_on = life.value() * (life.unit() == v1::ShelfLife::YEAR ? 12 : 1);
      // A partial date: its last day.
      const unsigned month_of = made.month() == 0 ? 12 : static_cast<unsigned>(made.month());
      year_month_day date = year_month_day_last(year(made.year()), month_day_last(month(month_of)));
      if (made.day() != 0) {
        date = year(made.year()) / month(month_of) /
               std::chrono::day(static_cast<unsigned>(made.day()));
      }
      date += months(months_on);
      if (!date.ok()) date = date.year() / date.month() / last;
      const int64_t days_on = sys_days(date).time_since_epoch().count();
      return (days_on * 24 + 24) * kHour - 1 - int64_t{offset_minutes} * 60'000'000;
    }
    default:
      return std::nullopt;
  }
}

std::string_view UnitCodeOf(v1::ShelfLife::Unit unit) {
  for (const auto& [known, code] : kUnits) {
    if (known == unit) return code;
  }
  return {};
}

v1::ShelfLife::Unit ShelfLifeUnitOf(std::string_view code) {
  for (const auto& [unit, known] : kUnits) {
    if (known == code) return unit;
  }
  return v1::ShelfLife::UNIT_UNSPECIFIED;
}

std::string ShelfLifeName(std::string_view product) { return StrCat("\3", product); }

}  // namespace suyuan::events

#include "lib/trace/total.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "lib/codes/unit_of_measure.h"

namespace suyuan::trace {
namespace {

using codes::UnitOfMeasure;

__int128 Power(int digits) {
  __int128 power = 1;
  for (; digits > 0; --digits) power *= 10;
  return power;
}

// `value` of `from` in `to`; nothing unless that is an exact decimal.
std::optional<Decimal> Converted(const Decimal& value, std::string_view from, std::string_view to) {
  if (from == to) return value;
  const UnitOfMeasure* const a = codes::FindUnit(from);
  const UnitOfMeasure* const b = codes::FindUnit(to);
  if (a == nullptr || b == nullptr || a->dimension != b->dimension) return std::nullopt;
  const std::optional<Decimal> fa = Decimal::Parse(a->factor);
  const std::optional<Decimal> fb = Decimal::Parse(b->factor);
  if (!fa.has_value() || !fb.has_value() || fa->value <= 0 || fb->value <= 0) return std::nullopt;
  // value * fa / fb with up to nine digits behind the point.
  __int128 product = 0;
  if (__builtin_mul_overflow(static_cast<__int128>(value.value), static_cast<__int128>(fa->value),
                             &product) ||
      __builtin_mul_overflow(product, Power(Decimal::kMaxScale + fb->scale), &product)) {
    return std::nullopt;
  }
  const __int128 divisor = static_cast<__int128>(fb->value) * Power(value.scale + fa->scale);
  if (product % divisor != 0) return std::nullopt;
  product /= divisor;
  int scale = Decimal::kMaxScale;
  for (; scale > 0 && product % 10 == 0; --scale) product /= 10;
  if (product > std::numeric_limits<int64_t>::max() ||
      product < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return Decimal{static_cast<int64_t>(product), scale};
}

// Within Total, Add is its own.
std::optional<Decimal> Sum(const Decimal& a, const Decimal& b) { return Add(a, b); }

}  // namespace

void Total::Add(const std::string& unit, const Decimal& value) {
  if (value.value == 0) return;
  for (auto& [other, sum] : sums_) {
    const std::optional<Decimal> converted = Converted(value, unit, other);
    if (!converted.has_value()) continue;
    const std::optional<Decimal> added = Sum(sum, *converted);
    overflowed_ |= !added.has_value();
    if (!added.has_value()) return;
    sum = *added;
    if (sum.value == 0) sums_.erase(other);
    return;
  }
  sums_.emplace(unit, value.Normal());
}

void Total::Add(const genealogy::Graph& graph, const genealogy::Amount& amount, bool minus) {
  if (amount.unit == 0) {
    untold_ += minus ? -1 : 1;
    return;
  }
  Decimal value{amount.value, amount.scale};
  if (minus && value.value == std::numeric_limits<int64_t>::min()) {
    overflowed_ = true;
    return;
  }
  if (minus) value.value = -value.value;
  Add(std::string(graph.text(amount.unit)), value);
}

void Total::Add(const Total& other, bool minus) {
  const Total added = minus ? other.Minus() : other;
  for (const auto& [unit, value] : added.sums_) Add(unit, value);
  untold_ += added.untold_;
  overflowed_ |= added.overflowed_;
}

Total Total::Minus() const {
  Total minus = *this;
  for (auto& [unit, value] : minus.sums_) {
    minus.overflowed_ |= __builtin_sub_overflow(int64_t{0}, value.value, &value.value);
  }
  minus.untold_ = -untold_;
  return minus;
}

bool Total::negative() const {
  return std::any_of(sums_.begin(), sums_.end(),
                     [](const auto& sum) { return sum.second.value < 0; });
}

bool Total::positive() const {
  return std::any_of(sums_.begin(), sums_.end(),
                     [](const auto& sum) { return sum.second.value > 0; });
}

}  // namespace suyuan::trace

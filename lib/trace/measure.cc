#include "lib/trace/measure.h"

#include "lib/base/decimal.h"
#include "lib/codes/unit_of_measure.h"

namespace suyuan::trace {

std::optional<Measure> MeasureOf(const genealogy::Graph& graph, const genealogy::Amount& amount) {
  if (amount.unit == 0) return std::nullopt;
  const codes::UnitOfMeasure* const unit = codes::FindUnit(graph.text(amount.unit));
  Measure measure;
  Decimal factor{1, 0};
  if (unit != nullptr && !unit->factor.empty()) {
    const std::optional<Decimal> parsed = Decimal::Parse(unit->factor);
    if (!parsed.has_value()) return std::nullopt;
    factor = *parsed;
    measure.dimension = static_cast<uint64_t>(unit->dimension);
  } else {
    measure.dimension = uint64_t{1} << 32 | amount.unit;
  }
  measure.value = static_cast<__int128>(amount.value) * factor.value;
  for (int digit = amount.scale + factor.scale; digit < 2 * Decimal::kMaxScale; ++digit) {
    if (__builtin_mul_overflow(measure.value, static_cast<__int128>(10), &measure.value)) {
      return std::nullopt;
    }
  }
  return measure;
}

void Sum::Add(const std::optional<Measure>& measure) {
  if (!known_) return;
  if (!measure.has_value() || (sum_.has_value() && sum_->dimension != measure->dimension)) {
    known_ = false;
    return;
  }
  if (!sum_.has_value()) {
    sum_ = measure;
  } else if (__builtin_add_overflow(sum_->value, measure->value, &sum_->value)) {
    known_ = false;
  }
}

void Sum::Add(const Sum& other) {
  known_ = known_ && other.known_;
  if (known_ && other.sum_.has_value()) Add(other.sum_);
}

std::optional<bool> Less(const Sum& a, const Sum& b) {
  if (!a.known_ || !b.known_) return std::nullopt;
  if (!b.sum_.has_value()) return false;
  if (!a.sum_.has_value()) return b.sum_->value > 0;
  if (a.sum_->dimension != b.sum_->dimension) return std::nullopt;
  return a.sum_->value < b.sum_->value;
}

}  // namespace suyuan::trace

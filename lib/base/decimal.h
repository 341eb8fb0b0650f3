#ifndef LIB_BASE_DECIMAL_H_
#define LIB_BASE_DECIMAL_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace suyuan {

// An exact decimal: value * 10^-scale.
struct Decimal {
  static constexpr int kMaxScale = 9;
  int64_t value = 0;
  int scale = 0;  // 0 to kMaxScale

  // "36.8", "-5", "0.050"; at most kMaxScale digits behind the point. Nothing
  // if it is anything else or does not fit. Trailing zeros are dropped.
  static std::optional<Decimal> Parse(std::string_view text);
  // As Parse, but rounds half away from zero what stands behind the ninth
  // digit ("36.799999999999997" is 36.8).
  static std::optional<Decimal> ParseRounded(std::string_view text);
  std::string ToString() const;

  // Without trailing zeros behind the point.
  Decimal Normal() const;
  // Nothing if the result does not fit.
  friend std::optional<Decimal> Add(Decimal a, Decimal b);
  friend std::strong_ordering Compare(Decimal a, Decimal b);
};

}  // namespace suyuan

#endif  // LIB_BASE_DECIMAL_H_

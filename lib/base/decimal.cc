#include "lib/base/decimal.h"

#include <algorithm>
#include <limits>

namespace suyuan {
namespace {

constexpr int64_t kPowers[] = {1,       10,        100,        1'000,       10'000,
                               100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

// Where adding up digits stops: what is larger fits with no scale.
constexpr __int128 kTooLarge = __int128{std::numeric_limits<int64_t>::max()} * kPowers[9];

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// In normal form; nothing if it does not fit so.
std::optional<Decimal> Fitting(__int128 value, int scale) {
  for (; scale > 0 && value % 10 == 0; --scale) value /= 10;
  if (value < std::numeric_limits<int64_t>::min() || value > std::numeric_limits<int64_t>::max()) {
    return std::nullopt;
  }
  return Decimal{static_cast<int64_t>(value), scale};
}

std::optional<Decimal> ParseDigits(std::string_view text, bool round) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;
  bool up = false;
  if (fraction.size() > Decimal::kMaxScale) {
    if (!round) return std::nullopt;
    for (char c : fraction) {
      if (!IsDigit(c)) return std::nullopt;
    }
    up = fraction[Decimal::kMaxScale] >= '5';
    fraction = fraction.substr(0, Decimal::kMaxScale);
  }
  // What is behind the last zeros may fit where the whole does not.
  while (!up && !fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  __int128 value = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (char c : part) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
      if (value > kTooLarge) return std::nullopt;
    }
  }
  return Fitting(negative ? -(value + up) : value + up, static_cast<int>(fraction.size()));
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) { return ParseDigits(text, false); }

std::optional<Decimal> Decimal::ParseRounded(std::string_view text) {
  return ParseDigits(text, true);
}

std::string Decimal::ToString() const {
  const bool negative = value < 0;
  uint64_t magnitude = static_cast<uint64_t>(value);
  if (negative) magnitude = ~magnitude + 1;
  std::string digits = std::to_string(magnitude);
  if (scale > 0) {
    if (digits.size() <= static_cast<size_t>(scale)) {
      digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  }
  return negative ? "-" + digits : digits;
}

Decimal Decimal::Normal() const {
  Decimal result = *this;
  while (result.scale > 0 && result.value % 10 == 0) {
    result.value /= 10;
    --result.scale;
  }
  return result;
}

std::optional<Decimal> Add(Decimal a, Decimal b) {
  const int scale = std::max(a.scale, b.scale);
  return Fitting(
      __int128{a.value} * kPowers[scale - a.scale] + __int128{b.value} * kPowers[scale - b.scale],
      scale);
}

std::strong_ordering Compare(Decimal a, Decimal b) {
  const __int128 left = static_cast<__int128>(a.value) * kPowers[Decimal::kMaxScale - a.scale];
  const __int128 right = static_cast<__int128>(b.value) * kPowers[Decimal::kMaxScale - b.scale];
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace suyuan

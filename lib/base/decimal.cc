#include "lib/base/decimal.h"

namespace suyuan {
namespace {

constexpr int64_t kPowers[] = {1,       10,        100,        1'000,       10'000,
                               100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

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
  Decimal result{0, static_cast<int>(fraction.size())};
  for (const std::string_view part : {whole, fraction}) {
    for (char c : part) {
      if (!IsDigit(c)) return std::nullopt;
      if (__builtin_mul_overflow(result.value, 10, &result.value) ||
          __builtin_add_overflow(result.value, c - '0', &result.value)) {
        return std::nullopt;
      }
    }
  }
  if (up && __builtin_add_overflow(result.value, 1, &result.value)) return std::nullopt;
  if (negative) result.value = -result.value;
  return result.Normal();
}

}  // namespace

std::optional<Decimal> Decimal::Parse(std::string_view text) { return ParseDigits(text, false); }

std::optional<Decimal> Decimal::ParseRounded(std::string_view text) {
  // A value with many whole digits may fit only after its zeros are gone.
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
  if (a.scale < b.scale) std::swap(a, b);
  Decimal sum{0, a.scale};
  if (__builtin_mul_overflow(b.value, kPowers[a.scale - b.scale], &b.value) ||
      __builtin_add_overflow(a.value, b.value, &sum.value)) {
    return std::nullopt;
  }
  return sum.Normal();
}

std::strong_ordering Compare(Decimal a, Decimal b) {
  const __int128 left = static_cast<__int128>(a.value) * kPowers[Decimal::kMaxScale - a.scale];
  const __int128 right = static_cast<__int128>(b.value) * kPowers[Decimal::kMaxScale - b.scale];
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

}  // namespace suyuan

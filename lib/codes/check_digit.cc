#include "lib/codes/check_digit.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace suyuan::codes {
namespace {

constexpr std::string_view kUsciAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
constexpr std::array<int, 17> kUsciWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                              29, 25, 13, 8,  24, 10, 30, 28};

constexpr std::array<int8_t, 256> UsciValues() {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (size_t i = 0; i < kUsciAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kUsciAlphabet[i])] = static_cast<int8_t>(i);
  }
  return values;
}
constexpr std::array<int8_t, 256> kUsciValues = UsciValues();

bool IsGs1Number(std::string_view text) {
  return text.back() == Gs1CheckDigit(text.substr(0, text.size() - 1));
}

}  // namespace

char UsciCheckCharacter(std::string_view body) {
  if (body.size() != kUsciWeights.size()) return '\0';
  int sum = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    const int value = kUsciValues[static_cast<uint8_t>(body[i])];
    if (value < 0) return '\0';
    sum += value * kUsciWeights[i];
  }
  return kUsciAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

char Gs1CheckDigit(std::string_view body) {
  if (body.empty()) return '\0';
  unsigned sum = 0;
  unsigned weight = 3;
  for (size_t i = body.size(); i-- > 0; weight = 4 - weight) {
    const unsigned digit = static_cast<unsigned>(body[i]) - '0';
    if (digit > 9) return '\0';
    sum += digit * weight;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool IsUsci(std::string_view text) {
  return text.size() == 18 && text.back() == UsciCheckCharacter(text.substr(0, 17));
}

bool IsGtin(std::string_view text) {
  const size_t n = text.size();
  return (n == 8 || n == 12 || n == 13 || n == 14) && IsGs1Number(text);
}

bool IsGln(std::string_view text) { return text.size() == 13 && IsGs1Number(text); }

bool IsSscc(std::string_view text) { return text.size() == 18 && IsGs1Number(text); }

}  // namespace suyuan::codes

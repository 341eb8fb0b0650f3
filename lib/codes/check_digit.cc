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

constexpr std::array<int, 8> kOrganizationWeights = {3, 7, 9, 10, 5, 8, 4, 2};

// 0-9, then 10 for A to 35 for Z; -1 for any other character.
int AlphanumericValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}

// Values up to 35 as AlphanumericValue reads them.
char AlphanumericCharacter(int value) {
  return static_cast<char>(value < 10 ? '0' + value : 'A' + value - 10);
}

// A check value up to 10, of which the last is written X.
char OrX(int value) { return value == 10 ? 'X' : AlphanumericCharacter(value); }

// The hybrid system MOD modulus+1,modulus of ISO 7064.
char HybridCheckCharacter(std::string_view body, int modulus) {
  if (body.empty()) return '\0';
  int product = modulus;
  for (const char c : body) {
    const int value = AlphanumericValue(c);
    if (value < 0 || value >= modulus) return '\0';
    const int sum = (product + value) % modulus;
    product = (sum == 0 ? modulus : sum) * 2 % (modulus + 1);
  }
  return AlphanumericCharacter((modulus + 1 - product) % modulus);
}

// Of values below `limit`; those of two digits count as two.
char LuhnOf(std::string_view body, int limit) {
  if (body.empty()) return '\0';
  unsigned sum = 0;
  unsigned factor = 2;
  const auto add = [&](int digit) {
    const unsigned product = static_cast<unsigned>(digit) * factor;
    sum += product / 10 + product % 10;
    factor = 3 - factor;
  };
  for (size_t i = body.size(); i-- > 0;) {
    const int value = AlphanumericValue(body[i]);
    if (value < 0 || value >= limit) return '\0';
    add(value % 10);
    if (value >= 10) add(value / 10);
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

LicenceForm FormOf(std::string_view text, std::string_view prefix) {
  if (text.size() != 16 || text.substr(0, 2) != prefix) return LicenceForm::kNone;
  const char check = text.back();
  const char expected = Mod1110CheckDigit(text.substr(2, 13));
  if (expected == '\0' || check < '0' || check > '9') return LicenceForm::kNone;
  return check == expected ? LicenceForm::kChecked : LicenceForm::kOtherCheckDigit;
}

// Whether `text` ends in `check`, where there is one.
bool EndsIn(std::string_view text, char check) { return check != '\0' && text.back() == check; }

bool IsGs1Number(std::string_view text) {
  return EndsIn(text, Gs1CheckDigit(text.substr(0, text.size() - 1)));
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

char OrganizationCodeCheckCharacter(std::string_view body) {
  if (body.size() != kOrganizationWeights.size()) return '\0';
  int sum = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    const int value = AlphanumericValue(body[i]);
    if (value < 0) return '\0';
    sum += value * kOrganizationWeights[i];
  }
  return OrX((11 - sum % 11) % 11);
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

char LuhnCheckDigit(std::string_view body) { return LuhnOf(body, 10); }

char LuhnExpandedCheckDigit(std::string_view body) { return LuhnOf(body, 36); }

char Mod1110CheckDigit(std::string_view body) { return HybridCheckCharacter(body, 10); }

char Mod112CheckCharacter(std::string_view body) {
  if (body.empty()) return '\0';
  int product = 0;
  for (const char c : body) {
    if (c < '0' || c > '9') return '\0';
    product = (product + c - '0') * 2 % 11;
  }
  return OrX((12 - product) % 11);
}

char Mod3736CheckCharacter(std::string_view body) { return HybridCheckCharacter(body, 36); }

bool IsUsci(std::string_view text) {
  return text.size() == 18 && EndsIn(text, UsciCheckCharacter(text.substr(0, 17)));
}

bool IsOrganizationCode(std::string_view text) {
  return text.size() == 9 && EndsIn(text, OrganizationCodeCheckCharacter(text.substr(0, 8)));
}

bool IsGtin(std::string_view text) {
  const size_t n = text.size();
  return (n == 8 || n == 12 || n == 13 || n == 14) && IsGs1Number(text);
}

bool IsGln(std::string_view text) { return text.size() == 13 && IsGs1Number(text); }

bool IsSscc(std::string_view text) { return text.size() == 18 && IsGs1Number(text); }

LicenceForm ScLicenceForm(std::string_view text) {
  if (text.size() > 2 && text[2] != '1' && text[2] != '2') return LicenceForm::kNone;
  return FormOf(text, "SC");
}

LicenceForm JyLicenceForm(std::string_view text) { return FormOf(text, "JY"); }

}  // namespace suyuan::codes

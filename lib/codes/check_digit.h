#ifndef LIB_CODES_CHECK_DIGIT_H_
#define LIB_CODES_CHECK_DIGIT_H_

#include <string_view>

namespace suyuan::codes {

// Check characters of the identifiers that a key can hold. All functions are
// pure, take the exact characters (upper case, no spaces, nothing in front) and
// never fail: what cannot have a check character has '\0', and is no identifier.

// The 18th character of the unified social credit code (USCI) whose first 17
// are `body`; '\0' unless these are of its alphabet, 0-9 A-H J-N P-R T U W X Y.
// Source: GB 32100-2015 (mod 31).
char UsciCheckCharacter(std::string_view body);
// The last digit of the GS1 number whose other digits are `body`; '\0' if that
// is empty or not all digits. Source: GB 12904 (mod 10, weights 3, 1 from the right).
char Gs1CheckDigit(std::string_view body);

// 18 characters with the right check character. The region (characters 3 to 8)
// is not looked up.
bool IsUsci(std::string_view text);
// GTIN-8, -12, -13 or -14.
bool IsGtin(std::string_view text);
// Global location number, 13 digits.
bool IsGln(std::string_view text);
// Serial shipping container code, 18 digits.
bool IsSscc(std::string_view text);

}  // namespace suyuan::codes

#endif  // LIB_CODES_CHECK_DIGIT_H_

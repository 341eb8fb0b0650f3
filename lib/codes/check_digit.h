#ifndef LIB_CODES_CHECK_DIGIT_H_
#define LIB_CODES_CHECK_DIGIT_H_

#include <cstdint>
#include <string_view>

namespace suyuan::codes {

// Check characters of the identifiers that a key or a code can hold. All
// functions are pure, take the exact characters (upper case, no spaces, nothing in
// front) and never fail: what cannot have a check character has '\0', and is no
// identifier. Of each, `body` is all characters but the check character.

// The 18th character of the unified social credit code (USCI) whose first 17
// are `body`; '\0' unless these are of its alphabet, 0-9 A-H J-N P-R T U W X Y.
// Source: GB 32100-2015 (mod 31).
char UsciCheckCharacter(std::string_view body);
// Of an organization code: 0-9 or X; '\0' unless `body` is 8 characters of 0-9 A-Z.
// Source: GB 11714 (mod 11).
char OrganizationCodeCheckCharacter(std::string_view body);
// The last digit of the GS1 number whose other digits are `body`; '\0' if that
// is empty or not all digits. Source: GB 12904 (mod 10, weights 3, 1 from the right).
char Gs1CheckDigit(std::string_view body);

// The rest take a body of any length but none.
//
// Of digits, every second doubled, from the right. Source: JR/T 0008 (Luhn).
char LuhnCheckDigit(std::string_view body);
// Of 0-9 A-Z, each letter written as its two digits, A = 10 to Z = 35. Source: ISO 6166,
// where ISIN are made so; that a code of ours with letters is checked so is a guess.
char LuhnExpandedCheckDigit(std::string_view body);
// Of digits; a digit. Source: ISO 7064, GB/T 17710 (hybrid system MOD 11,10).
char Mod1110CheckDigit(std::string_view body);
// Of digits; 0-9 or X. Source: ISO 7064, GB/T 17710 (pure system MOD 11-2).
char Mod112CheckCharacter(std::string_view body);
// Of 0-9 A-Z, and one of these. Source: ISO 7064, GB/T 17710 (hybrid system MOD 37,36).
char Mod3736CheckCharacter(std::string_view body);

// 18 characters with the right check character. The region (characters 3 to 8)
// is not looked up.
bool IsUsci(std::string_view text);
// 9 characters with the right check character, without the hyphen in front of it.
// Characters 9 to 17 of a USCI are one.
bool IsOrganizationCode(std::string_view text);
// GTIN-8, -12, -13 or -14.
bool IsGtin(std::string_view text);
// Global location number, 13 digits.
bool IsGln(std::string_view text);
// Serial shipping container code, 18 digits.
bool IsSscc(std::string_view text);

// What a licence number says of itself. There are real licences whose check digit
// is not that of the rule (3 of 21 that were read on labels), so another check
// digit is a reason to warn, never to refuse.
enum class LicenceForm : uint8_t {
  kNone,             // not such a number
  kOtherCheckDigit,  // one, but its last digit is not Mod1110CheckDigit of those before
  kChecked,
};

// Food production licence: SC, class (3 digits, of which the first is 1 for food, 2 for
// additives), region (6), sequence (4), check digit. Class and region are not looked
// up. Source: Measures for Food Production Licensing; GB/T 17710, MOD 11,10.
LicenceForm ScLicenceForm(std::string_view text);
// Food operation licence: JY, kind of business (1 digit), region (6), sequence (6),
// check digit. Source: Measures for Food Operation Licensing; that the check
// digit is MOD 11,10 too was seen on one licence.
LicenceForm JyLicenceForm(std::string_view text);

}  // namespace suyuan::codes

#endif  // LIB_CODES_CHECK_DIGIT_H_

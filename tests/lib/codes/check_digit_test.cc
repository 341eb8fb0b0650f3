#include "lib/codes/check_digit.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace suyuan::codes {
namespace {

constexpr std::string_view kAlphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Bodies of one alphabet, always other ones; a failure prints the seed.
class CheckDigitPropertyTest : public ::testing::Test {
 protected:
  std::string Body(std::string_view alphabet, size_t min, size_t max) {
    std::string body(std::uniform_int_distribution<size_t>(min, max)(random_), ' ');
    for (char& c : body) {
      c = alphabet[std::uniform_int_distribution<size_t>(0, alphabet.size() - 1)(random_)];
    }
    return body;
  }
  std::string Digits() { return Body(kAlphanumeric.substr(0, 10), 1, 40); }

  const uint32_t seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
};

// No character of `code`, whose last is the check character of the others, can be
// another one without being noticed.
void ExpectEveryChangeNoticed(std::string code, std::string_view alphabet,
                              char (*check)(std::string_view)) {
  const std::string right = code;
  for (size_t i = 0; i < code.size(); ++i) {
    for (const char c : alphabet) {
      code[i] = c;
      EXPECT_EQ(check(code.substr(0, code.size() - 1)) == code.back(), c == right[i]) << code;
    }
    code[i] = right[i];
  }
}

TEST(UsciTest, AcceptsRealAndSyntheticCodes) {
  EXPECT_TRUE(IsUsci("91310000MA1FP4EB9H"));
  EXPECT_TRUE(IsUsci("91350100M000100Y43"));
  EXPECT_TRUE(IsUsci("91310116MA1J8XYC4H"));
}

TEST(UsciTest, ComputesTheCheckCharacter) {
  EXPECT_EQ(UsciCheckCharacter("91310000MA1FP4EB9"), 'H');
  EXPECT_EQ(UsciCheckCharacter("91350100M000100Y4"), '3');
  EXPECT_EQ(UsciCheckCharacter("00000000000000000"), '0');  // a remainder of zero
}

TEST(UsciTest, RejectsAnotherCheckCharacter) { EXPECT_FALSE(IsUsci("91310116MA1J8XYC4G")); }

TEST(UsciTest, NoticesEveryChangedCharacter) {
  const std::string code = "91310000MA1FP4EB9H";
  for (size_t i = 0; i < code.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      std::string changed = code;
      changed[i] = c;
      EXPECT_EQ(IsUsci(changed), c == code[i]) << changed;
    }
  }
}

TEST(UsciTest, HasAnAlphabetAndALength) {
  EXPECT_EQ(UsciCheckCharacter("9131000OMA1FP4EB9"), '\0');  // the letter O
  for (const char c : std::string("IOSVZa -\x80")) {
    EXPECT_EQ(UsciCheckCharacter(std::string("91310000MA1FP4EB") + c), '\0') << c;
  }
  EXPECT_EQ(UsciCheckCharacter(""), '\0');
  EXPECT_EQ(UsciCheckCharacter("91310000MA1FP4EB"), '\0');
  EXPECT_EQ(UsciCheckCharacter("91310000MA1FP4EB9H"), '\0');
  EXPECT_FALSE(IsUsci(""));
  EXPECT_FALSE(IsUsci("91310000MA1FP4EB9"));
  EXPECT_FALSE(IsUsci("91310000MA1FP4EB9H "));
  EXPECT_FALSE(IsUsci("91310000ma1fp4eb9h"));
}

TEST(Gs1Test, AcceptsTheUsualGtins) {
  for (const char* gtin :
       {"6901234567892", "4006381333931", "6291041500213", "6912345000017", "06912345000017",
        "16912345000014", "09506000134352", "96385074", "036000291452"}) {
    EXPECT_TRUE(IsGtin(gtin)) << gtin;
  }
}

TEST(Gs1Test, RejectsAnotherCheckDigitLengthOrCharacter) {
  EXPECT_FALSE(IsGtin("6912345000018"));
  EXPECT_FALSE(IsGtin("691234500001"));
  EXPECT_FALSE(IsGtin("006912345000017"));
  EXPECT_FALSE(IsGtin("69123450000l7"));
  EXPECT_FALSE(IsGtin(" 6912345000017"));
  EXPECT_FALSE(IsGtin(""));
  EXPECT_FALSE(IsGtin("0"));
}

TEST(Gs1Test, NoticesEveryChangedDigit) {
  const std::string gtin = "6912345000017";
  for (size_t i = 0; i < gtin.size(); ++i) {
    for (char c = '0'; c <= '9'; ++c) {
      std::string changed = gtin;
      changed[i] = c;
      EXPECT_EQ(IsGtin(changed), c == gtin[i]) << changed;
    }
  }
}

TEST(Gs1Test, KnowsSsccAndGln) {
  EXPECT_TRUE(IsSscc("369123450000000018"));
  EXPECT_TRUE(IsSscc("040123450000001112"));
  EXPECT_FALSE(IsSscc("369123450000000019"));
  EXPECT_FALSE(IsSscc("36912345000000001"));
  EXPECT_TRUE(IsGln("6912345900010"));
  EXPECT_FALSE(IsGln("6912345900011"));
  EXPECT_FALSE(IsGln("06912345900010"));
}

TEST(Gs1Test, ComputesTheCheckDigit) {
  EXPECT_EQ(Gs1CheckDigit("691234500001"), '7');
  EXPECT_EQ(Gs1CheckDigit("36912345000000001"), '8');
  EXPECT_EQ(Gs1CheckDigit("000"), '0');
  EXPECT_EQ(Gs1CheckDigit(""), '\0');
  EXPECT_EQ(Gs1CheckDigit("12a"), '\0');
}

// What has no check character must not seem to end in it.
TEST(NulTest, IsNoCheckCharacter) {
  using std::string_view_literals::operator""sv;
  EXPECT_FALSE(IsUsci("IIIIIIIIIIIIIIIII\0"sv));
  EXPECT_FALSE(IsOrganizationCode("1234567a\0"sv));
  EXPECT_FALSE(IsGtin("69123450000l\0"sv));
  EXPECT_FALSE(IsGln("69123450000l\0"sv));
  EXPECT_FALSE(IsSscc("IIIIIIIIIIIIIIIII\0"sv));
  EXPECT_EQ(ScLicenceForm("SC124310118003l\0"sv), LicenceForm::kNone);
  EXPECT_EQ(JyLicenceForm("JY231011400401l\0"sv), LicenceForm::kNone);
}

TEST(OrganizationCodeTest, KnowsRealAndSyntheticCodes) {
  EXPECT_EQ(OrganizationCodeCheckCharacter("MA1FP4EB"), '9');
  EXPECT_EQ(OrganizationCodeCheckCharacter("12345678"), '8');
  EXPECT_TRUE(IsOrganizationCode("MA1FP4EB9"));
  EXPECT_FALSE(IsOrganizationCode("MA1FP4EB8"));
  EXPECT_FALSE(IsOrganizationCode("MA1FP4EB-9"));
}

TEST(OrganizationCodeTest, IsWithinTheSocialCreditCode) {
  for (const char* usci : {"91310000MA1FP4EB9H", "91350100M000100Y43", "91310116MA1J8XYC4H"}) {
    EXPECT_TRUE(IsOrganizationCode(std::string_view(usci).substr(8, 9))) << usci;
  }
}

TEST(OrganizationCodeTest, WritesTenAsXAndElevenAsZero) {
  EXPECT_EQ(OrganizationCodeCheckCharacter("00000006"), 'X');  // 11 - 12 mod 11 is 10
  EXPECT_EQ(OrganizationCodeCheckCharacter("00000000"), '0');
}

TEST(OrganizationCodeTest, HasAnAlphabetAndALength) {
  for (const char* body : {"", "1234567", "123456789", "1234567a", "1234567-", "1234567\xff"}) {
    EXPECT_EQ(OrganizationCodeCheckCharacter(body), '\0') << body;
  }
}

TEST_F(CheckDigitPropertyTest, OrganizationCodesSumUpToAMultipleOfEleven) {
  constexpr int kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2, 1};
  for (int round = 0; round < 1000; ++round) {
    std::string code = Body(kAlphanumeric, 8, 8);
    code += OrganizationCodeCheckCharacter(code);
    int sum = 0;
    for (size_t i = 0; i < 8; ++i) {
      sum += static_cast<int>(kAlphanumeric.find(code[i])) * kWeights[i];
    }
    sum += code.back() == 'X' ? 10 : code.back() - '0';
    ASSERT_EQ(sum % 11, 0) << code;
  }
}

TEST(LuhnTest, ComputesTheCheckDigit) {
  EXPECT_EQ(LuhnCheckDigit("7992739871"), '3');
  EXPECT_EQ(LuhnCheckDigit("691234500001720251103002000001234"), '5');
  EXPECT_EQ(LuhnCheckDigit("0"), '0');
}

TEST(LuhnTest, TakesDigitsOnly) {
  for (const char* body : {"", "1A", "1 2", "-1", "\xff"}) {
    EXPECT_EQ(LuhnCheckDigit(body), '\0') << body;
  }
}

TEST(LuhnTest, NoticesEveryChangedDigit) {
  ExpectEveryChangeNoticed("6912345000017202511030020000012345", "0123456789", LuhnCheckDigit);
}

TEST(LuhnTest, CanExpandLetters) {
  EXPECT_EQ(LuhnExpandedCheckDigit("US037833100"), '5');  // an ISIN
  const std::string body = "91310116MA1J8XYC4H6912345000017251103002000001234";
  EXPECT_EQ(LuhnExpandedCheckDigit(body), '1');
  std::string digits;
  for (const char c : body) {
    if (c <= '9') digits += c;
  }
  EXPECT_EQ(LuhnCheckDigit(digits), '3');  // leaving the letters out is another rule
  for (const char* other : {"", "us037833100", "US 037833100"}) {
    EXPECT_EQ(LuhnExpandedCheckDigit(other), '\0') << other;
  }
}

TEST_F(CheckDigitPropertyTest, ExpandedLettersAreTheirTwoDigits) {
  for (int round = 0; round < 1000; ++round) {
    const std::string body = Body(kAlphanumeric, 1, 40);
    std::string digits;
    for (const char c : body) digits += std::to_string(kAlphanumeric.find(c));
    ASSERT_EQ(LuhnExpandedCheckDigit(body), LuhnCheckDigit(digits)) << body;
  }
}

TEST(Iso7064Test, ComputesTheExamplesOfTheStandard) {
  EXPECT_EQ(Mod1110CheckDigit("0794"), '5');
  EXPECT_EQ(Mod112CheckCharacter("0794"), '0');
  EXPECT_EQ(Mod3736CheckCharacter("A12425GABC1234002"), 'M');
}

TEST(Iso7064Test, ComputesTheOtherCheckOfTheInferredCode) {
  EXPECT_EQ(Mod3736CheckCharacter("91310116MA1J8XYC4H6912345000017251103002000001234"), 'L');
}

TEST(Iso7064Test, HaveAlphabets) {
  for (const char* body : {"", "07A4", "07 4", "07\xff"}) {
    EXPECT_EQ(Mod1110CheckDigit(body), '\0') << body;
    EXPECT_EQ(Mod112CheckCharacter(body), '\0') << body;
  }
  for (const char* body : {"", "a1", "A-1", "\xff"}) {
    EXPECT_EQ(Mod3736CheckCharacter(body), '\0') << body;
  }
}

TEST(Iso7064Test, NoticeEveryChangedCharacter) {
  ExpectEveryChangeNoticed("07945", "0123456789", Mod1110CheckDigit);
  ExpectEveryChangeNoticed("07940", "0123456789", Mod112CheckCharacter);
  ExpectEveryChangeNoticed("A12425GABC1234002M", kAlphanumeric, Mod3736CheckCharacter);
}

// The definition of a pure system, where the code computes by recursion.
TEST_F(CheckDigitPropertyTest, PureSystemsSumUpToOne) {
  bool ten = false;
  for (int round = 0; round < 1000; ++round) {
    const std::string body = Digits();
    const char check = Mod112CheckCharacter(body);
    int sum = check == 'X' ? 10 : check - '0';
    int weight = 1;
    for (size_t i = body.size(); i-- > 0;) {
      weight = weight * 2 % 11;
      sum += (body[i] - '0') * weight;
    }
    ASSERT_EQ(sum % 11, 1) << body;
    ten = ten || check == 'X';
  }
  EXPECT_TRUE(ten);
}

// ISO 7064 defines a hybrid system by what its check does to the whole string: the
// running sum of all characters, doubled between them, ends in 1.
TEST_F(CheckDigitPropertyTest, HybridSystemsEndInOne) {
  const auto last_sum = [](const std::string& code, size_t modulus) {
    size_t product = modulus;
    size_t sum = 0;
    for (const char c : code) {
      sum = (product + kAlphanumeric.find(c)) % modulus;
      product = 2 * (sum == 0 ? modulus : sum) % (modulus + 1);
    }
    return sum;
  };
  for (int round = 0; round < 1000; ++round) {
    const std::string digits = Digits();
    ASSERT_EQ(last_sum(digits + Mod1110CheckDigit(digits), 10), 1u) << digits;
    const std::string body = Body(kAlphanumeric, 1, 40);
    ASSERT_EQ(last_sum(body + Mod3736CheckCharacter(body), 36), 1u) << body;
  }
}

TEST(LicenceTest, ChecksRealProductionLicences) {
  for (const char* licence :
       {"SC12431011800369", "SC11834020305037", "SC11834010705158", "SC11532139200465",
        "SC12744040400094", "SC11432010400101", "SC10741018302531", "SC12434017430075",
        "SC11464010500015", "SC11333019700024", "SC11435078213641"}) {
    EXPECT_EQ(ScLicenceForm(licence), LicenceForm::kChecked) << licence;
  }
}

TEST(LicenceTest, BuildsProductionLicences) {
  EXPECT_EQ(Mod1110CheckDigit("1243101160001"), '8');
  EXPECT_EQ(Mod1110CheckDigit("1053101180001"), '7');
  EXPECT_EQ(Mod1110CheckDigit("1293101160001"), '0');
  EXPECT_EQ(ScLicenceForm("SC12931011600010"), LicenceForm::kChecked);
}

// On labels, and so nothing to refuse goods for.
TEST(LicenceTest, OnlyDoubtsRealLicencesThatBreakTheRule) {
  for (const char* licence : {"SC10631011602563", "SC12744030500626", "SC11453010306856"}) {
    EXPECT_EQ(ScLicenceForm(licence), LicenceForm::kOtherCheckDigit) << licence;
  }
  EXPECT_EQ(Mod1110CheckDigit("1063101160256"), '4');
  EXPECT_EQ(Mod1110CheckDigit("1274403050062"), '0');
  EXPECT_EQ(Mod1110CheckDigit("1145301030685"), '0');
}

TEST(LicenceTest, KnowsOperationLicences) {
  EXPECT_EQ(JyLicenceForm("JY23101140040138"), LicenceForm::kChecked);
  EXPECT_EQ(JyLicenceForm("JY23101140040139"), LicenceForm::kOtherCheckDigit);
}

TEST(LicenceTest, RefusesOtherForms) {
  for (const char* text :
       {"", "SC", "SC1", "12431011800369", "SC1243101180036", "SC124310118003690",
        "sc12431011800369", "SC32431011800369", "SC1243101180036X", "SC1243101I800369",
        "QS310112345678", "JY23101140040138", "SC 2431011800369", "SC1243101180036\xff"}) {
    EXPECT_EQ(ScLicenceForm(text), LicenceForm::kNone) << text;
  }
  for (const char* text : {"", "JY", "JY2310114004013", "JY231011400401380", "JY2310114004013A",
                           "jy23101140040138", "SC12431011800369"}) {
    EXPECT_EQ(JyLicenceForm(text), LicenceForm::kNone) << text;
  }
  EXPECT_EQ(ScLicenceForm(std::string_view("SC1243101180036\0", 16)), LicenceForm::kNone);
}

}  // namespace
}  // namespace suyuan::codes

#include "lib/codes/check_digit.h"

#include <gtest/gtest.h>

#include <string>

namespace suyuan::codes {
namespace {

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

}  // namespace
}  // namespace suyuan::codes

#include "lib/base/decimal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace suyuan {

void PrintTo(const Decimal& decimal, std::ostream* out) {
  *out << decimal.value << "e-" << decimal.scale;
}

namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();

// As read and written again; "-" where it was refused.
std::string Again(const std::string& text) {
  const std::optional<Decimal> decimal = Decimal::Parse(text);
  return decimal.has_value() ? decimal->ToString() : "refused";
}
std::string Rounded(const std::string& text) {
  const std::optional<Decimal> decimal = Decimal::ParseRounded(text);
  return decimal.has_value() ? decimal->ToString() : "refused";
}
std::string Sum(const Decimal& a, const Decimal& b) {
  const std::optional<Decimal> sum = Add(a, b);
  return sum.has_value() ? sum->ToString() : "refused";
}

TEST(DecimalTest, ReadsWhatScalesPrint) {
  EXPECT_EQ(Again("36.8"), "36.8");
  EXPECT_EQ(Again("-5"), "-5");
  EXPECT_EQ(Again("0.050"), "0.05");
  EXPECT_EQ(Again("100"), "100");
  EXPECT_EQ(Again("007.100"), "7.1");
  EXPECT_EQ(Again("-0.001"), "-0.001");
}

TEST(DecimalTest, ThereIsOneZero) {
  for (const char* zero : {"0", "-0", "0.0", "-0.000", "000"}) EXPECT_EQ(Again(zero), "0") << zero;
}

TEST(DecimalTest, TakesNineDigitsBehindThePointAndNotTen) {
  EXPECT_EQ(Again("0.123456789"), "0.123456789");
  EXPECT_EQ(Again("0.1234567891"), "refused");
  EXPECT_EQ(Again("0.1234567890"), "refused");
}

TEST(DecimalTest, TakesTheLargestNumberAndNotTheNext) {
  EXPECT_EQ(Again("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(Again("-9223372036854775807"), "-9223372036854775807");
  EXPECT_EQ(Again("9223372036.854775807"), "9223372036.854775807");
  EXPECT_EQ(Again("9223372036854775808"), "refused");
  EXPECT_EQ(Again("9223372036.854775808"), "refused");
  EXPECT_EQ(Again("99999999999999999999999999"), "refused");
}

TEST(DecimalTest, WhatFitsWithoutItsLastZerosFits) {
  EXPECT_EQ(Again("9223372036854775807.000"), "9223372036854775807");
  EXPECT_EQ(Again("922337203685477580.70"), "922337203685477580.7");
  EXPECT_EQ(Again("9223372036.85477580"), "9223372036.8547758");
  EXPECT_EQ(Again("9223372036854775808.000"), "refused");
  EXPECT_EQ(Rounded("9223372036.9999999999"), "9223372037");
  EXPECT_EQ(Rounded("9223372036854775807.0000000001"), "9223372036854775807");
}

TEST(DecimalTest, ReadsAndWritesTheLeastNumber) {
  EXPECT_EQ(Again("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Again("-9223372036.854775808"), "-9223372036.854775808");
  EXPECT_EQ(Again("-9223372036854775809"), "refused");
  EXPECT_EQ((Decimal{kLeast, 0}).ToString(), "-9223372036854775808");
  EXPECT_EQ((Decimal{kLeast, 9}).ToString(), "-9223372036.854775808");
  EXPECT_EQ((Decimal{kMost, 9}).ToString(), "9223372036.854775807");
}

TEST(DecimalTest, RefusesWhatIsNoNumber) {
  for (const char* text : {"",    "-",   ".",    "-.", "5.", ".5", "-.5", "+5",  "--5", "1.2.3",
                           "1,5", "1e3", "0x10", " 1", "1 ", "1-", "NaN", "inf", "１",  "1.-5"}) {
    EXPECT_EQ(Again(text), "refused") << text;
    EXPECT_EQ(Rounded(text), "refused") << text;
  }
}

TEST(DecimalTest, NoiseOfBinaryFractionsIsRoundedAway) {
  EXPECT_EQ(Rounded("36.799999999999997"), "36.8");
  EXPECT_EQ(Rounded("-36.799999999999997"), "-36.8");
  EXPECT_EQ(Rounded("0.30000000000000004"), "0.3");
  EXPECT_EQ(Rounded("0.99999999999"), "1");
}

TEST(DecimalTest, RoundsHalfAwayFromZero) {
  EXPECT_EQ(Rounded("0.0000000005"), "0.000000001");
  EXPECT_EQ(Rounded("-0.0000000005"), "-0.000000001");
  EXPECT_EQ(Rounded("0.00000000049999"), "0");
  EXPECT_EQ(Rounded("1.2345678945"), "1.234567895");
}

TEST(DecimalTest, RoundingRefusesWhatDoesNotFitAndWhatIsNoDigit) {
  EXPECT_EQ(Rounded("9223372036.8547758075"), "refused");
  EXPECT_EQ(Rounded("1.234567890x"), "refused");
  EXPECT_EQ(Rounded("1.23456789012 "), "refused");
}

TEST(DecimalTest, WhatIsWrittenIsReadAgain) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    Decimal decimal{static_cast<int64_t>(random() >> random() % 64),
                    static_cast<int>(random() % (Decimal::kMaxScale + 1))};
    if (decimal.value == kLeast) continue;
    if (random() % 2 == 0) decimal.value = -decimal.value;
    decimal = decimal.Normal();
    const std::optional<Decimal> again = Decimal::Parse(decimal.ToString());
    ASSERT_TRUE(again.has_value()) << decimal.ToString();
    ASSERT_EQ(again->value, decimal.value);
    ASSERT_EQ(again->scale, decimal.scale);
    ASSERT_EQ(Compare(*again, decimal), std::strong_ordering::equal);
  }
}

TEST(DecimalTest, NormalDropsTheZerosThatSayNothing) {
  EXPECT_EQ((Decimal{36'800, 3}).Normal().scale, 1);
  EXPECT_EQ((Decimal{36'800, 3}).Normal().value, 368);
  EXPECT_EQ((Decimal{0, 9}).Normal().scale, 0);
  EXPECT_EQ((Decimal{100, 0}).Normal().value, 100);
  EXPECT_EQ((Decimal{kLeast, 9}).Normal().value, kLeast);
}

TEST(DecimalTest, AddsAcrossScales) {
  EXPECT_EQ(Sum({368, 1}, {5, 3}), "36.805");
  EXPECT_EQ(Sum({5, 3}, {368, 1}), "36.805");
  EXPECT_EQ(Sum({1, 1}, {2, 1}), "0.3");
  EXPECT_EQ(Sum({15, 1}, {-15, 1}), "0");
  EXPECT_EQ(Sum({999'999'999, 9}, {1, 9}), "1");
}

TEST(DecimalTest, ASumThatDoesNotFitIsNoSum) {
  EXPECT_EQ(Sum({kMost, 0}, {1, 0}), "refused");
  EXPECT_EQ(Sum({kLeast, 0}, {-1, 0}), "refused");
  EXPECT_EQ(Sum({kMost, 0}, {1, 9}), "refused");
  EXPECT_EQ(Sum({kMost, 0}, {0, 0}), "9223372036854775807");
  EXPECT_EQ(Sum({kMost, 0}, {0, 9}), "9223372036854775807");
  EXPECT_EQ(Sum({kMost, 0}, {-500, 2}), "9223372036854775802");
  EXPECT_EQ(Sum({kMost, 0}, {kLeast, 0}), "-1");
  EXPECT_EQ(Sum({kLeast, 0}, {0, 0}), "-9223372036854775808");
}

TEST(DecimalTest, ComparesByWhatItIsWorth) {
  using Order = std::strong_ordering;
  EXPECT_EQ(Compare(Decimal{368, 1}, Decimal{36'800, 3}), Order::equal);
  EXPECT_EQ(Compare(Decimal{367, 1}, Decimal{3'671, 2}), Order::less);
  EXPECT_EQ(Compare(Decimal{-1, 9}, Decimal{0, 0}), Order::less);
  EXPECT_EQ(Compare(Decimal{-1, 0}, Decimal{-1, 9}), Order::less);
  EXPECT_EQ(Compare(Decimal{kMost, 0}, Decimal{kMost, 9}), Order::greater);
  EXPECT_EQ(Compare(Decimal{kLeast, 0}, Decimal{kLeast, 9}), Order::less);
  EXPECT_EQ(Compare(Decimal{kLeast, 9}, Decimal{kMost, 0}), Order::less);
}

}  // namespace
}  // namespace suyuan

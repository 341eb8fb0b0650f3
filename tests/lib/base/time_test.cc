#include "lib/base/time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace suyuan {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3'600 * kSecond;
constexpr int64_t kDay = 24 * kHour;
constexpr int kChina = 480;

v1::Date Date(int year, int month = 0, int day = 0) {
  v1::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

v1::Time Exact(int64_t seconds, int offset = kChina) {
  return ExactTime(seconds * kSecond, offset);
}

v1::Time With(v1::Time time, v1::Precision precision) {
  time.set_precision(precision);
  return time;
}

// First and last moment, as the clock on the wall shows them.
std::string Told(const Interval& interval, int offset = kChina) {
  if (interval.unknown()) return "unknown";
  return TimeText(interval.earliest, offset) + " to " + TimeText(interval.latest, offset);
}

TEST(DateTest, MonthAndDayMayBeUnknown) {
  EXPECT_TRUE(IsValid(Date(2025, 11, 3)));
  EXPECT_TRUE(IsValid(Date(2025, 11)));
  EXPECT_TRUE(IsValid(Date(2025)));
  EXPECT_FALSE(IsValid(Date(2025, 0, 3)));
  EXPECT_FALSE(IsValid(Date(0)));
  EXPECT_FALSE(IsValid(v1::Date()));
}

TEST(DateTest, TheDayMustExist) {
  EXPECT_TRUE(IsValid(Date(2024, 2, 29)));
  EXPECT_FALSE(IsValid(Date(2025, 2, 29)));
  EXPECT_TRUE(IsValid(Date(2000, 2, 29)));
  EXPECT_FALSE(IsValid(Date(1900, 2, 29)));
  EXPECT_FALSE(IsValid(Date(2025, 4, 31)));
  EXPECT_FALSE(IsValid(Date(2025, 13, 1)));
  EXPECT_FALSE(IsValid(Date(2025, 1, 32)));
  EXPECT_FALSE(IsValid(Date(2025, -1, 1)));
  EXPECT_FALSE(IsValid(Date(2025, 1, -1)));
}

TEST(DateTest, YearsRunFromOneToNineThousandNineHundredNinetyNine) {
  EXPECT_TRUE(IsValid(Date(1, 1, 1)));
  EXPECT_TRUE(IsValid(Date(9999, 12, 31)));
  EXPECT_FALSE(IsValid(Date(-1, 1, 1)));
  EXPECT_FALSE(IsValid(Date(10'000, 1, 1)));
}

TEST(DateTest, StandsForAllItsMoments) {
  EXPECT_EQ(Told(IntervalOf(Date(2025, 11, 3), kChina)),
            "2025-11-03 00:00:00+08:00 to 2025-11-03 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(Date(2024, 2), kChina)),
            "2024-02-01 00:00:00+08:00 to 2024-02-29 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(Date(2025, 12), kChina)),
            "2025-12-01 00:00:00+08:00 to 2025-12-31 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(Date(2024), kChina)),
            "2024-01-01 00:00:00+08:00 to 2024-12-31 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(Date(2025, 2, 30), kChina)), "unknown");
}

TEST(DateTest, IsCountedWhereTheClockHung) {
  const Interval in_china = IntervalOf(Date(2025, 11, 3), kChina);
  const Interval in_utc = IntervalOf(Date(2025, 11, 3), 0);
  const Interval in_new_york = IntervalOf(Date(2025, 11, 3), -300);
  EXPECT_EQ(in_utc.earliest, 1'762'128'000 * kSecond);
  EXPECT_EQ(in_utc.latest - in_utc.earliest, kDay - 1);
  EXPECT_EQ(in_china.earliest, in_utc.earliest - 8 * kHour);
  EXPECT_EQ(in_new_york.earliest, in_utc.earliest + 5 * kHour);
}

TEST(DateTest, TheFirstAndTheLastYearAreWhole) {
  EXPECT_EQ(Told(IntervalOf(Date(1), 0), 0),
            "0001-01-01 00:00:00+00:00 to 0001-12-31 23:59:59+00:00");
  EXPECT_EQ(Told(IntervalOf(Date(9999, 12, 31), 0), 0),
            "9999-12-31 00:00:00+00:00 to 9999-12-31 23:59:59+00:00");
  const Interval last = IntervalOf(Date(9999), kChina);
  EXPECT_EQ(last.latest - last.earliest, 365 * kDay - 1);
}

TEST(DateTextTest, WritesWhatIsKnown) {
  EXPECT_EQ(DateText(Date(2025, 11, 3)), "2025-11-03");
  EXPECT_EQ(DateText(Date(2025, 11)), "2025-11");
  EXPECT_EQ(DateText(Date(2025)), "2025");
  EXPECT_EQ(DateText(Date(1, 2, 3)), "0001-02-03");
  EXPECT_EQ(DateText(v1::Date()), "");
}

TEST(DateTextTest, IsReadAgain) {
  for (const char* text :
       {"2025-11-03", "2025-11", "2025", "0001-01-01", "0001", "9999-12-31", "2024-02-29"}) {
    const std::optional<v1::Date> date = ParseDateText(text);
    ASSERT_TRUE(date.has_value()) << text;
    EXPECT_EQ(DateText(*date), text);
  }
}

TEST(DateTextTest, RefusesWhatIsNoDate) {
  for (const char* text :
       {"",           "0000",    "25",          "20251103",   "2025-11-3",  "2025-1",
        "2025-13",    "2025-00", "2025-11-00",  "2025-02-29", "2025/11/03", "2025-11/03",
        "-025",       "+025",    " 025",        "2025-+1",    "2025-11--3", "2025-11-03 ",
        "2025-1103 ", "20a5",    "10000-01-01", "２０２５"}) {
    EXPECT_FALSE(ParseDateText(text).has_value()) << text;
  }
}

TEST(TimeTest, AnExactTimeIsOneMoment) {
  const v1::Time time = Exact(1'762'128'000);
  EXPECT_TRUE(IsValid(time));
  EXPECT_EQ(IntervalOf(time), (Interval{1'762'128'000 * kSecond, 1'762'128'000 * kSecond}));
  EXPECT_EQ(TimeText(time), "2025-11-03 08:00:00+08:00");
}

TEST(TimeTest, APartialTimeIsTheDayMonthOrYearAroundIt) {
  const v1::Time time = Exact(1'762'128'000);
  EXPECT_EQ(Told(IntervalOf(With(time, v1::PRECISION_DAY))),
            "2025-11-03 00:00:00+08:00 to 2025-11-03 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(With(time, v1::PRECISION_MONTH))),
            "2025-11-01 00:00:00+08:00 to 2025-11-30 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(With(time, v1::PRECISION_YEAR))),
            "2025-01-01 00:00:00+08:00 to 2025-12-31 23:59:59+08:00");
  EXPECT_EQ(Told(IntervalOf(With(time, v1::PRECISION_UNKNOWN))), "unknown");
}

TEST(TimeTest, TheDayIsTheLocalOne) {
  // 2025-11-02 16:30 UTC, half past midnight of the third in Shanghai.
  const v1::Time time = With(Exact(1'762'101'000), v1::PRECISION_DAY);
  EXPECT_EQ(Told(IntervalOf(time)), "2025-11-03 00:00:00+08:00 to 2025-11-03 23:59:59+08:00");
  EXPECT_EQ(TimeText(time), "2025-11-03");
  const v1::Time in_utc = With(Exact(1'762'101'000, 0), v1::PRECISION_DAY);
  EXPECT_EQ(TimeText(in_utc), "2025-11-02");
}

TEST(TimeTest, PrintsWhatIsKnown) {
  const v1::Time time = Exact(1'762'128'000);
  EXPECT_EQ(TimeText(With(time, v1::PRECISION_DAY)), "2025-11-03");
  EXPECT_EQ(TimeText(With(time, v1::PRECISION_MONTH)), "2025-11");
  EXPECT_EQ(TimeText(With(time, v1::PRECISION_YEAR)), "2025");
  EXPECT_EQ(TimeText(With(time, v1::PRECISION_UNKNOWN)), "?");
  EXPECT_EQ(TimeText(v1::Time()), "?");
}

TEST(TimeTest, OffsetsWestOfGreenwichHaveTheirSign) {
  EXPECT_EQ(TimeText(0, 0), "1970-01-01 00:00:00+00:00");
  EXPECT_EQ(TimeText(0, -210), "1969-12-31 20:30:00-03:30");
  EXPECT_EQ(TimeText(-1, 0), "1969-12-31 23:59:59+00:00");
  EXPECT_EQ(TimeText(-kDay, 330), "1969-12-31 05:30:00+05:30");
}

TEST(TimeTest, MomentsBeforeNineteenSeventyKeepTheirFraction) {
  const v1::Time time = ExactTime(-1, 0);
  EXPECT_EQ(time.at().seconds(), -1);
  EXPECT_EQ(time.at().nanos(), 999'999'000);
  EXPECT_TRUE(IsValid(time));
  EXPECT_EQ(IntervalOf(time).earliest, -1);
}

TEST(TimeTest, MustBeInTheYearsOneToNineThousandNineHundredNinetyNine) {
  EXPECT_TRUE(IsValid(Exact(-62'135'596'800, 0)));  // 0001-01-01 00:00:00
  EXPECT_FALSE(IsValid(Exact(-62'135'596'801, 0)));
  EXPECT_TRUE(IsValid(Exact(253'402'300'799, 0)));  // 9999-12-31 23:59:59
  EXPECT_FALSE(IsValid(Exact(253'402'300'800, 0)));
  EXPECT_EQ(TimeText(Exact(-62'135'596'800, 0)), "0001-01-01 00:00:00+00:00");
  EXPECT_EQ(TimeText(Exact(253'402'300'799, 0)), "9999-12-31 23:59:59+00:00");
}

TEST(TimeTest, MustBeOfWholeMicroseconds) {
  v1::Time time = Exact(0);
  time.mutable_at()->set_nanos(1'000);
  EXPECT_TRUE(IsValid(time));
  for (const int nanos : {1, 999, -1'000, 1'000'000'000}) {
    time.mutable_at()->set_nanos(nanos);
    EXPECT_FALSE(IsValid(time)) << nanos;
  }
}

TEST(TimeTest, OffsetsReachEighteenHours) {
  for (const int offset : {-1'080, 0, 1'080}) EXPECT_TRUE(IsValid(Exact(0, offset))) << offset;
  for (const int offset : {-1'081, 1'081}) {
    EXPECT_FALSE(IsValid(Exact(0, offset))) << offset;
    EXPECT_TRUE(IntervalOf(Exact(0, offset)).unknown()) << offset;
  }
}

TEST(TimeTest, WithoutAMomentItMustSayThatItIsUnknown) {
  EXPECT_FALSE(IsValid(v1::Time()));
  EXPECT_TRUE(IsValid(With(v1::Time(), v1::PRECISION_UNKNOWN)));
  EXPECT_FALSE(IsValid(With(v1::Time(), v1::PRECISION_DAY)));
  EXPECT_FALSE(IsValid(With(Exact(0), static_cast<v1::Precision>(99))));
  EXPECT_TRUE(IntervalOf(v1::Time()).unknown());
}

TEST(TimeTest, ADateBecomesATimeOfItsPrecision) {
  for (const v1::Date& date : {Date(2025, 11, 3), Date(2025, 11), Date(2025)}) {
    const v1::Time time = TimeOfDate(date, kChina);
    EXPECT_TRUE(IsValid(time));
    EXPECT_EQ(IntervalOf(time), IntervalOf(date, kChina)) << DateText(date);
    EXPECT_EQ(TimeText(time), DateText(date));
  }
  EXPECT_EQ(TimeOfDate(Date(2025, 2, 30), kChina).precision(), v1::PRECISION_UNKNOWN);
  EXPECT_TRUE(IsValid(TimeOfDate(Date(1, 1, 1), kChina)));
}

TEST(TimeSpanTest, WithoutAnEndItWasAMoment) {
  v1::TimeSpan span;
  *span.mutable_begin() = With(Exact(1'762'128'000), v1::PRECISION_DAY);
  EXPECT_EQ(BeginOf(span), IntervalOf(span.begin()));
  EXPECT_EQ(EndOf(span), BeginOf(span));
}

TEST(TimeSpanTest, BeginAndEndAreUnsureEachForItself) {
  v1::TimeSpan span;
  *span.mutable_begin() = With(v1::Time(), v1::PRECISION_UNKNOWN);
  *span.mutable_end() = Exact(1'762'128'000);
  EXPECT_TRUE(BeginOf(span).unknown());
  EXPECT_EQ(EndOf(span).earliest, 1'762'128'000 * kSecond);
  span.clear_begin();
  EXPECT_TRUE(BeginOf(span).unknown());
  EXPECT_TRUE(EndOf(v1::TimeSpan()).unknown());
}

}  // namespace
}  // namespace suyuan

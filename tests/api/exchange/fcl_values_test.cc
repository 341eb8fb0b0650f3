#include "api/exchange/fcl_values.h"

#include "lib/base/decimal.h"
#include "lib/base/time.h"

namespace suyuan::exchange {
namespace {

struct DateCase {
  const char* text;
  const char* date;  // as DateText, "" if it cannot be read
  bool as_written;
};

TEST(ReadFclDateTest, ReadsWhatPeopleWrite) {
  const DateCase cases[] = {
      {"2018-10-08", "2018-10-08", false},
      {"2018-10", "2018-10", false},
      {"2018", "2018", false},
      {" 2018", "2018", true},
      {"10.06.2020", "2020-06-10", true},
      {"21/1/2019", "2019-01-21", true},
      {"5/2/2019", "2019-02-05", true},
      {"9/2018", "2018-09", true},
      {"10.2017", "2017-10", true},
      {"End 2023", "2023", true},
      {"Mid of 9/2018", "2018-09", true},
      {"2018-10-08T12:30:00Z", "2018-10-08", true},
      {"29/2/2020", "2020-02-29", true},
  };
  for (const DateCase& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<v1::Date> date = ReadFclDate(c.text);
    ASSERT_TRUE(date.has_value());
    EXPECT_EQ(DateText(*date), c.date);
    EXPECT_EQ(date->as_written(), c.as_written ? c.text : "");
  }
}

TEST(ReadFclDateTest, DoesNotGuess) {
  for (const char* text : {"",           " ",          "soon",
                           "29/2/2019",  "1/21/2019",  "32.1.2020",
                           "0/2018",     "13/2018",    "0.1.2020",
                           "10.06.20",   "2018-13",    "2018-02-30",
                           "2018/10/08", "End",        "End 5/3/2019",
                           "0000",       "1/2/3/2019", "-1/2/2019",
                           "1.2/2019",   "99999",      "2018-10-08 noon",
                           "2018年"}) {
    EXPECT_FALSE(ReadFclDate(text).has_value()) << text;
  }
}

struct AmountCase {
  const char* text;
  const char* value;
  const char* unit;
};

std::string ValueOf(const v1::Quantity& quantity) {
  return Decimal{quantity.value(), quantity.scale()}.ToString();
}

TEST(ReadFclAmountTest, ReadsAmountsAndPackages) {
  const AmountCase cases[] = {
      {"20 kg", "20", "KGM"},
      {"2 g", "2", "GRM"},
      {"5 Litres", "5", "LTR"},
      {"18,4 kg", "18.4", "KGM"},
      {"18.4kg", "18.4", "KGM"},
      {"25.0 bags 20kg", "500", "KGM"},
      {"2.0 paletts 18.4kg", "36.8", "KGM"},
      {"50.0 cont 1kg", "50", "KGM"},
      {"100.0 bundles 200g", "20000", "GRM"},
      {"2 bags of 20 kg", "40", "KGM"},
      {"25 x 20 kg", "500", "KGM"},
  };
  for (const AmountCase& c : cases) {
    SCOPED_TRACE(c.text);
    const std::optional<FclAmount> amount = ReadFclAmount(c.text);
    ASSERT_TRUE(amount.has_value());
    EXPECT_EQ(ValueOf(amount->quantity), c.value);
    EXPECT_EQ(amount->quantity.unit(), c.unit);
    EXPECT_EQ(amount->quantity.as_written(), c.text);
    EXPECT_FALSE(amount->rounded);
  }
  EXPECT_TRUE(ReadFclAmount("1 Piece").has_value());
  EXPECT_TRUE(ReadFclAmount("200 Pieces").has_value());
}

TEST(ReadFclAmountTest, DoesNotGuess) {
  for (const char* text :
       {"", "kg", "20", "20 frobs", "5 kg 300 g", "20-25 kg", "20 kg or 15 kg", "ca. 20 kg",
        "1,000 kg", "1.2.3 kg", ". kg", "20 kg (2 bags)", "-5 kg", "99999999999999999999 kg",
        "5000000000 bags 5000000000 kg", "2 bags kg", "2 bags 20"}) {
    EXPECT_FALSE(ReadFclAmount(text).has_value()) << text;
  }
}

TEST(ReadFclAmountTest, RoundsBinaryFractionsAndSaysSo) {
  const std::optional<FclAmount> amount = ReadFclAmount("36.799999999999997", "kg");
  ASSERT_TRUE(amount.has_value());
  EXPECT_EQ(ValueOf(amount->quantity), "36.8");
  EXPECT_EQ(amount->quantity.as_written(), "36.799999999999997 kg");
  EXPECT_TRUE(amount->rounded);
  EXPECT_FALSE(ReadFclAmount("36.8", "").has_value());
  EXPECT_FALSE(ReadFclAmount("", "kg").has_value());
  EXPECT_FALSE(ReadFclAmount("1e3", "kg").has_value());
}

}  // namespace
}  // namespace suyuan::exchange

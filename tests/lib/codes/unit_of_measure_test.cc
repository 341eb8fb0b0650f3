#include "lib/codes/unit_of_measure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "lib/codes/normal_form.h"

namespace suyuan::codes {
namespace {

using ::testing::Contains;

std::string_view CodeOf(std::string_view alias) {
  const UnitOfMeasure* unit = UnitByAlias(alias);
  return unit == nullptr ? "none" : unit->code;
}

TEST(UnitOfMeasureTest, FindsCodes) {
  const UnitOfMeasure* kilogram = FindUnit("KGM");
  ASSERT_NE(kilogram, nullptr);
  EXPECT_EQ(kilogram->code, "KGM");
  EXPECT_EQ(kilogram->symbol, "kg");
  EXPECT_EQ(kilogram->name_en, "kilogram");
  EXPECT_EQ(kilogram->dimension, Dimension::kMass);
  EXPECT_EQ(kilogram->factor, "1");
  EXPECT_THAT(kilogram->aliases, Contains("kgs"));
  EXPECT_EQ(FindUnit("GRM")->factor, "0.001");
  EXPECT_EQ(FindUnit("P1")->dimension, Dimension::kRatio);
  EXPECT_EQ(DimensionName(FindUnit("CEL")->dimension), "temperature");
}

TEST(UnitOfMeasureTest, CodesAreExact) {
  for (const char* code : {"", "kgm", "KG", "KGMX", "KGM ", "XXXXXXXX"}) {
    EXPECT_EQ(FindUnit(code), nullptr) << code;
  }
}

TEST(UnitOfMeasureTest, FindsWhatPeopleWrite) {
  EXPECT_EQ(CodeOf("kg"), "KGM");
  EXPECT_EQ(CodeOf(" KG "), "KGM");
  EXPECT_EQ(CodeOf("\uff2b\uff27"), "KGM");
  EXPECT_EQ(CodeOf("\u5343\u514b"), "KGM");
  EXPECT_EQ(CodeOf("\u516c\u65a4"), "KGM");
  EXPECT_EQ(CodeOf("kgm"), "KGM");
  EXPECT_EQ(CodeOf("Pieces"), "H87");
  EXPECT_EQ(CodeOf("\u7bb1"), "XCT");
  EXPECT_EQ(CodeOf("\u2103"), "CEL");
  EXPECT_EQ(CodeOf("%"), "P1");
  EXPECT_EQ(CodeOf("\u00b5g"), "MC");
  EXPECT_EQ(CodeOf("\u03bcg"), "MC");
}

TEST(UnitOfMeasureTest, DoesNotGuess) {
  for (const char* text : {"", " ", "NA", "n/a", "MC", "\u65a4", "\xff", "unknown"}) {
    EXPECT_EQ(CodeOf(text), "none") << text;
  }
}

TEST(UnitOfMeasureTest, FactorsAreDecimals) {
  const std::regex decimal("(0|[1-9][0-9]*)([.][0-9]*[1-9])?");
  for (const UnitOfMeasure& unit : AllUnits()) {
    EXPECT_EQ(FindUnit(unit.code), &unit);
    EXPECT_TRUE(unit.factor.empty() || std::regex_match(std::string(unit.factor), decimal))
        << unit.code;
    EXPECT_TRUE(unit.dimension != Dimension::kTemperature || unit.factor.empty()) << unit.code;
  }
}

TEST(UnitOfMeasureTest, EveryNameLeadsBack) {
  for (const UnitOfMeasure& unit : AllUnits()) {
    EXPECT_EQ(UnitByAlias(unit.name_zh), &unit) << unit.code;
    EXPECT_EQ(UnitByAlias(unit.name_en), &unit) << unit.code;
    for (const std::string_view alias : unit.aliases) {
      EXPECT_EQ(UnitByAlias(alias), &unit) << unit.code << " " << alias;
    }
  }
}

}  // namespace
}  // namespace suyuan::codes

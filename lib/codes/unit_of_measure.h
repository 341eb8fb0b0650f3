#ifndef LIB_CODES_UNIT_OF_MEASURE_H_
#define LIB_CODES_UNIT_OF_MEASURE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace suyuan::codes {

// What a unit measures, and the unit that factors are given in.
enum class Dimension : uint8_t {
  kMass,         // KGM
  kVolume,       // LTR
  kCount,        // C62, one
  kLength,       // MTR
  kArea,         // MTK
  kTime,         // SEC
  kTemperature,  // none: scales with different zeros
  kRatio,        // C62, one
};

// "mass", "volume", ... as in the table.
std::string_view DimensionName(Dimension dimension);

// A row of schemas/db31t1110/unit_of_measure.csv. All texts live as long as the
// process.
struct UnitOfMeasure {
  std::string_view code;  // UN/ECE Rec. 20; packages of Rec. 21 with an X in front
  std::string_view name_zh;
  std::string_view name_en;
  std::string_view symbol;  // may be empty
  std::vector<std::string_view> aliases;
  Dimension dimension;
  // One of this unit in the base unit, an exact decimal as text. Empty where no
  // number is right everywhere (packages, months, temperatures): such a
  // conversion has to be recorded, it is never assumed.
  std::string_view factor;
};

// The unit with this code, which is upper case and exact; null if the table has
// none. Cost: one hash lookup of about 10 ns.
const UnitOfMeasure* FindUnit(std::string_view rec20_code);

// The unit that people write so: a name, symbol or alias, or a code of three
// characters and more ("NA" is seldom meant as mg/kg); ASCII letters of either
// case, put in normal form first. Null if there is none.
const UnitOfMeasure* UnitByAlias(std::string_view text);

// All units in the order of the table.
std::span<const UnitOfMeasure> AllUnits();

}  // namespace suyuan::codes

#endif  // LIB_CODES_UNIT_OF_MEASURE_H_

#ifndef API_EXCHANGE_FCL_VALUES_H_
#define API_EXCHANGE_FCL_VALUES_H_

#include <optional>
#include <string_view>

#include "suyuan/v1/common.pb.h"

// Dates and amounts as people write them into FoodChain-Lab. Pure functions: what
// cannot be read for certain is nothing, never a guess.
namespace suyuan::exchange {

// "2018-10-08", "2018-10", "2018" (also with a time of day behind the day, which is
// not interpreted); day first "10.06.2020", "21/1/2019"; "9/2018"; and "End 2023" or
// "Mid 9/2018", which say no more than the year or month. `as_written` is set where the
// text is not the date as in lib/base/time.h DateText.
std::optional<v1::Date> ReadFclDate(std::string_view text);

struct FclAmount {
  v1::Quantity quantity;  // as_written is always set
  bool rounded = false;   // more than nine digits behind the point
};

// A number and the name of a unit of measure.
std::optional<FclAmount> ReadFclAmount(std::string_view number, std::string_view unit);
// "20 kg", "1 Piece", "18,4 kg"; or packages and what is in one: "25.0 bags 20kg" is
// 500 kg. The package may have any name, the unit must be one of the table.
std::optional<FclAmount> ReadFclAmount(std::string_view text);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_FCL_VALUES_H_

#ifndef LIB_EVENTS_SHELF_LIFE_H_
#define LIB_EVENTS_SHELF_LIFE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "suyuan/v1/common.pb.h"

namespace suyuan::events {

// The last moment (UTC microseconds) of a shelf life that began on `made`, as counted
// at `offset_minutes`; nothing if one of them is not valid. In doubt the longer one:
// goods are not called expired on their last day (ours).
std::optional<int64_t> EndOfShelfLife(const v1::Date& made, const v1::ShelfLife& life,
                                      int offset_minutes);

// The unit of a shelf life as a code of UN/ECE Rec. 20, and back; empty, or not
// specified, for any other.
std::string_view UnitCodeOf(v1::ShelfLife::Unit unit);
v1::ShelfLife::Unit ShelfLifeUnitOf(std::string_view code);

// The name under which the graph keeps the shelf life of a product, which is in normal
// form, among the names of equipment. None of those has a control character.
std::string ShelfLifeName(std::string_view product);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_SHELF_LIFE_H_

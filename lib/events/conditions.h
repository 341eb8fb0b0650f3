#ifndef LIB_EVENTS_CONDITIONS_H_
#define LIB_EVENTS_CONDITIONS_H_

#include <string_view>

#include "google/protobuf/message.h"

namespace suyuan::events {

// Whether an element with obligation CONDITIONAL must be there, judged by the
// message that has its field. Pure.
using Condition = bool (*)(const google::protobuf::Message& message);

// The condition that an option names; null if there is none of that name.
//   not-ambient: `storage_condition` of the message names a row of
//     storage_condition.csv that is special (冷藏、冷冻或其他特殊条件). Source:
//     requirement 002, 4.1.2 and 4.1.3.
Condition FindCondition(std::string_view name);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_CONDITIONS_H_

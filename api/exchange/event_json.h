#ifndef API_EXCHANGE_EVENT_JSON_H_
#define API_EXCHANGE_EVENT_JSON_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "suyuan/v1/event.pb.h"

// One event as one line of JSON: protobuf's JSON mapping with the field names of the
// schema (snake_case), fields without a value left out. Pure functions.
namespace suyuan::exchange {

// A longer line is no event: it could not fit into a record.
inline constexpr size_t kMaxLineBytes = size_t{4} << 20;

// No line end at the end, none within. kInvalidArgument if a field has no JSON form
// (a time outside years 1 to 9999).
absl::StatusOr<std::string> EventToJson(const v1::Event& event);

// What is wrong with a line that is no event.
struct JsonFault {
  std::string field;  // path in the event as far as it is known
  std::string found;  // an excerpt
  std::string message;
};

// Reads a line. camelCase names are taken too; unknown fields, text that is not UTF-8 and
// whatever stands behind the object are refused. False, with `fault` set, if it is no event;
// `event` is unspecified then. EventFromJson(EventToJson(e)) serializes to the bytes of e.
bool EventFromJson(std::string_view line, v1::Event* event, JsonFault* fault);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_EVENT_JSON_H_

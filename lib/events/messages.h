#ifndef LIB_EVENTS_MESSAGES_H_
#define LIB_EVENTS_MESSAGES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "suyuan/violation.h"

namespace suyuan::events {

// What can be wrong with the form of an event. Each has one rule, one source
// and one sentence in each language: messages.cc.
enum class Fault : uint8_t {
  kIdMissing,
  kIdTooLong,
  kIdMalformed,
  kNoOperation,
  kReservedOperation,
  kUnknownField,
  kNotUtf8,
  kControlCharacter,
  kPersonal,
  kEnum,
  kRequired,
  kUnitKey,
  kSubjectKey,
  kHolderKey,
  kPersonRef,
  kUnitCode,
  kGtin,
  kSha256,
  kCode,
  kScale,
  kNoUnit,
  kTooLarge,
  kTime,
  kDate,
  kTimeOrder,
  kDateOrder,
  kMadeAfterReceipt,
  kShelfLifeValue,
  kShelfLifeUnit,
  kNotPositive,
  kNegative,
  kUnitDimension,
  kMore,
};
inline constexpr int kFaultCount = static_cast<int>(Fault::kMore) + 1;

// What a fault says about the place where it is.
struct Finding {
  std::string field;    // path in the event; may be empty
  std::string name_zh;  // of the data element that the field belongs to; may be empty
  std::string name_en;
  std::string found;
  std::string expected;  // empty: as usual for the fault
};

// The violation of event `event_index`; its sentences are complete.
Violation MakeViolation(Fault fault, size_t event_index, Finding finding);

// The violation for an element that is not there. `fields` are the paths that
// could carry it, `operation_zh` and `_en` the names of the operation.
struct MissingElement {
  std::string number;
  std::string name_zh;
  std::string name_en;
  std::string operation_zh;
  std::string operation_en;
  std::string source;
  std::string field;   // path of the first
  std::string fields;  // of all, joined with " or "
};
Violation MakeViolation(size_t event_index, MissingElement missing);

// `text` as it can stand in a message: valid UTF-8 without control characters,
// cut after 80 bytes.
std::string Shown(std::string_view text);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_MESSAGES_H_

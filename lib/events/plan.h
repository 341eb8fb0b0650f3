#ifndef LIB_EVENTS_PLAN_H_
#define LIB_EVENTS_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/codes/code_table.h"
#include "lib/codes/unit_of_measure.h"
#include "lib/events/conditions.h"
#include "suyuan/options/element.pb.h"

namespace suyuan::events {

struct MessagePlan;

// What to look at in one field. Of numbers and booleans (kAny) any value will do.
struct FieldPlan {
  enum class Kind : uint8_t { kAny, kString, kBytes, kEnum, kMessage };

  const google::protobuf::FieldDescriptor* field = nullptr;
  Kind kind = Kind::kAny;
  bool repeated = false;
  options::Format format = options::FREE_TEXT;
  // The field's bit in the mask of what is given; 0 if nobody asks.
  uint64_t bit = 0;
  // Enums: the values 0 to `dense` are known, the others are looked up.
  int dense = -1;
  const codes::CodeTable* table = nullptr;  // of format CODE
  // Of quantities: what the number may be, and the unit that theirs must convert to, if
  // there is one.
  options::Amount amount = options::ANY_AMOUNT;
  const codes::UnitOfMeasure* unit = nullptr;
  const MessagePlan* message = nullptr;
};

// The fields of one message that carry one element; one of them is enough.
struct ElementGroup {
  size_t id = 0;  // dense over all messages
  const options::Element* element = nullptr;
  Condition condition = nullptr;
  uint64_t mask = 0;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
};

// What to look at in messages of one type, compiled from its descriptor.
struct MessagePlan {
  // Types with rules of their own.
  enum class Kind : uint8_t {
    kPlain,
    kDate,
    kPersonal,
    kQuantity,
    kReceive,
    kShelfLife,
    kTime,
    kTimeSpan,
    kUnitRef,
  };

  const google::protobuf::Descriptor* type = nullptr;
  const google::protobuf::Reflection* reflection = nullptr;
  // What reflection gives for a field of this type that is not set.
  const google::protobuf::Message* unset = nullptr;
  Kind kind = Kind::kPlain;
  // Says something even if all its numbers are zero.
  bool zero_is_answer = false;
  std::vector<FieldPlan> fields;  // outside oneofs
  // Other than 0 or false they say something.
  std::vector<const google::protobuf::FieldDescriptor*> numbers;
  // A oneof of which one must be set: without it the event cannot be understood.
  struct Oneof {
    const google::protobuf::OneofDescriptor* oneof = nullptr;
    std::vector<FieldPlan> fields;  // by index in the oneof
  };
  std::vector<Oneof> oneofs;
  uint64_t required = 0;
  std::vector<ElementGroup> elements;
  // Of the fields of each, one at least is required.
  struct OneOf {
    std::string_view word;
    uint64_t mask = 0;
    std::vector<const google::protobuf::FieldDescriptor*> fields;
  };
  std::vector<OneOf> one_ofs;
  // Both dates of goods, where the message has them.
  const google::protobuf::FieldDescriptor* production_date = nullptr;
  const google::protobuf::FieldDescriptor* expiry_date = nullptr;
};

// An element in the header of an event of one operation.
struct HeaderElement {
  size_t id = 0;  // shares its numbering with ElementGroup
  const options::Element* element = nullptr;
  Condition condition = nullptr;                             // judged by the operation's message
  const google::protobuf::FieldDescriptor* field = nullptr;  // of Event
};

struct EventPlan {
  const MessagePlan* event = nullptr;
  std::vector<std::vector<HeaderElement>> headers;  // as Operations()
  // Of every id, its element.
  std::vector<const options::Element*> elements;
  std::vector<std::unique_ptr<MessagePlan>> messages;
};

// The plan of suyuan.v1.Event, shared by the validators of all profiles. Made
// once by reflection, lives as long as the process.
const EventPlan& GetEventPlan();

}  // namespace suyuan::events

#endif  // LIB_EVENTS_PLAN_H_

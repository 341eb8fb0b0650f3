#ifndef LIB_EVENTS_OPERATION_H_
#define LIB_EVENTS_OPERATION_H_

#include <span>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::events {

// A kind of event (操作): a member of Event's oneof, with what the option
// suyuan.options.operation of its message says.
struct OperationInfo {
  std::string code;  // "RCV"
  std::string name_zh;
  std::string name_en;
  const google::protobuf::FieldDescriptor* field;  // of Event
  bool by_ledger;                                  // the ledger itself writes it; Append refuses it
};

// All operations in the order of the schema. Made once by reflection, lives as
// long as the process.
std::span<const OperationInfo> Operations();

// The operation that is set; null if none is. Cost: two loads.
const OperationInfo* OperationOf(const v1::Event& event);

// The operation with this code, exactly as written; null if there is none.
const OperationInfo* FindOperation(std::string_view code);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_OPERATION_H_

#include "lib/events/conditions.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "lib/codes/code_table.h"

namespace suyuan::events {
namespace {

bool NotAmbient(const google::protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("storage_condition");
  if (field == nullptr) return false;
  std::string scratch;
  const auto* row =
      codes::CodeTable::Get("storage_condition")
          .Find(message.GetReflection()->GetStringReference(message, field, &scratch));
  return row != nullptr && row->Get("special") == "yes";
}

}  // namespace

Condition FindCondition(std::string_view name) {
  return name == "not-ambient" ? &NotAmbient : nullptr;
}

}  // namespace suyuan::events

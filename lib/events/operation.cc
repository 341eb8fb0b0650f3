#include "lib/events/operation.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "lib/base/check.h"
#include "suyuan/options/element.pb.h"

namespace suyuan::events {
namespace {

struct Table {
  std::vector<OperationInfo> operations;
  std::vector<const OperationInfo*> by_field;  // by field number
};

const Table& Get() {
  static const Table* const table = [] {
    auto* result = new Table;
    const auto* oneof = v1::Event::descriptor()->FindOneofByName("operation");
    SUYUAN_CHECK(oneof != nullptr);
    int last = 0;
    for (int i = 0; i < oneof->field_count(); ++i) {
      const auto* field = oneof->field(i);
      const auto& option = field->message_type()->options().GetExtension(options::operation);
      result->operations.push_back(
          {option.code(), option.name_zh(), option.name_en(), field, option.by_ledger()});
      last = std::max(last, field->number());
    }
    result->by_field.resize(static_cast<size_t>(last) + 1);
    for (const OperationInfo& operation : result->operations) {
      result->by_field[static_cast<size_t>(operation.field->number())] = &operation;
    }
    return result;
  }();
  return *table;
}

}  // namespace

std::span<const OperationInfo> Operations() { return Get().operations; }

const OperationInfo* OperationOf(const v1::Event& event) {
  // The case that says "none" is 0, which is no field number.
  return Get().by_field[static_cast<size_t>(event.operation_case())];
}

const OperationInfo* FindOperation(std::string_view code) {
  const auto all = Operations();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const auto& info) { return info.code == code; });
  return it == all.end() ? nullptr : &*it;
}

}  // namespace suyuan::events

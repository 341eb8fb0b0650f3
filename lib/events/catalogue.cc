#include "lib/events/catalogue.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>
#include <vector>

namespace suyuan::events {
namespace {

using google::protobuf::Descriptor;

// "S002-18a" is {"S002-", 18, "a"}.
std::tuple<std::string_view, int, std::string_view> SortKey(std::string_view number) {
  const size_t dash = number.find('-') + 1;
  int value = 0;
  const char* const end = number.data() + number.size();
  const char* const rest = std::from_chars(number.data() + dash, end, value).ptr;
  return {number.substr(0, dash), value, number.substr(static_cast<size_t>(rest - number.data()))};
}

// The fields of `type` and of the messages below it. No message of the schema
// contains itself.
void Collect(const Descriptor& type, const std::string& prefix, const OperationInfo* operation,
             std::vector<DataElement>* out) {
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* field = type.field(i);
    const std::string path = prefix + field->name();
    if (field->options().HasExtension(options::element)) {
      out->push_back({&field->options().GetExtension(options::element), operation, path});
    }
    const bool is_operation = field->real_containing_oneof() != nullptr && prefix.empty();
    if (field->message_type() != nullptr && !is_operation) {
      Collect(*field->message_type(), path + ".", operation, out);
    }
  }
}

}  // namespace

std::string HeaderPath(const options::Element& element) {
  return element.field() == "time" ? "time.begin" : element.field();
}

std::span<const DataElement> DataElements() {
  static const std::vector<DataElement>* const elements = [] {
    auto* result = new std::vector<DataElement>;
    Collect(*v1::Event::descriptor(), "", nullptr, result);
    for (const OperationInfo& operation : Operations()) {
      const Descriptor& type = *operation.field->message_type();
      for (const auto& element : type.options().GetExtension(options::operation).header()) {
        result->push_back({&element, &operation, HeaderPath(element)});
      }
      Collect(type, operation.field->name() + ".", &operation, result);
    }
    std::stable_sort(result->begin(), result->end(), [](const auto& a, const auto& b) {
      return SortKey(a.element->number()) < SortKey(b.element->number());
    });
    return result;
  }();
  return *elements;
}

}  // namespace suyuan::events

#include "api/exchange/event_json.h"

#include <google/protobuf/util/json_util.h>

#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"

namespace suyuan::exchange {
namespace {

constexpr size_t kExcerptBytes = 80;

// The start of `text`, cut between characters.
std::string Excerpt(std::string_view text) {
  if (text.size() <= kExcerptBytes) return std::string(text);
  size_t end = kExcerptBytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// protobuf reports "(receive.quantity) foo: Cannot find field." or a message with
// an excerpt and a caret on lines of their own.
JsonFault FaultOf(std::string_view message, std::string_view line) {
  JsonFault fault;
  const size_t close = message.find(") ");
  if (message.substr(0, 1) == "(" && close != std::string_view::npos) {
    fault.field = std::string(message.substr(1, close - 1));
    std::string_view rest = message.substr(close + 2);
    const size_t colon = rest.find(": ");
    if (colon != std::string_view::npos && rest.substr(0, colon).find(' ') == std::string::npos) {
      const std::string name(rest.substr(0, colon));
      rest.remove_prefix(colon + 2);
      // A value of the field, or the name of one that it does not have.
      if (rest.substr(0, 17) == "Cannot find field") {
        fault.field += (fault.field.empty() ? "" : ".") + name;
      }
      fault.found = Excerpt(name);
    }
    message = rest;
  }
  const size_t end = message.find('\n');
  fault.message = Excerpt(message.substr(0, end));
  if (fault.found.empty()) {
    const std::string_view excerpt = end == std::string_view::npos
                                         ? line
                                         : message.substr(end + 1, message.rfind('\n') - end - 1);
    fault.found = Excerpt(excerpt);
  }
  return fault;
}

}  // namespace

absl::StatusOr<std::string> EventToJson(const v1::Event& event) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(event, &json, options);
  if (!status.ok()) {
    return InvalidArgument("event ", event.id(), " has no JSON form: ",
                           std::string_view(status.message().data(), status.message().size()));
  }
  return json;
}

bool EventFromJson(std::string_view line, v1::Event* event, JsonFault* fault) {
  if (line.size() > kMaxLineBytes) {
    *fault = {
        "", StrCat(line.size(), " bytes"),
        StrCat("the line is too long for an event, expected at most ", kMaxLineBytes, " bytes")};
    return false;
  }
  if (!codes::IsUtf8(line)) {
    *fault = {"", "", "the line is not UTF-8"};
    return false;
  }
  event->Clear();
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto status =
      google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, event, options);
  if (status.ok()) return true;
  *fault = FaultOf({status.message().data(), status.message().size()}, line);
  return false;
}

}  // namespace suyuan::exchange

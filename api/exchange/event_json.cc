#include "api/exchange/event_json.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <set>

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

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// `field` leads to messages of `type`.
void AddPersonalNames(const Descriptor* type, const FieldDescriptor* field,
                      std::set<const Descriptor*>* seen, std::set<std::string>* names) {
  if (!seen->insert(type).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const below = type->field(i);
    if (below->message_type() == nullptr) continue;
    AddPersonalNames(below->message_type(), below, seen, names);
    if (below->message_type() != v1::Personal::descriptor()) continue;
    // Many things have a name.
    const FieldDescriptor* const told = below->name() == "name" ? field : below;
    names->insert(StrCat("\"", told->name(), "\""));
    names->insert(StrCat("\"", told->json_name(), "\""));
  }
}

// Whether the line can tell something personal, as far as that can be seen of what is no
// event: it names a field that is, or that holds one.
bool MayBePersonal(std::string_view line) {
  static const auto* const names = [] {
    auto* const all = new std::set<std::string>;
    std::set<const Descriptor*> seen;
    AddPersonalNames(v1::Event::descriptor(), nullptr, &seen, all);
    return all;
  }();
  return std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    return line.find(name) != std::string_view::npos;
  });
}

// protobuf reports "(receive) foo: Cannot find field." - where foo is whatever the line
// says, line ends and colons included -, "(receive.quantity): invalid value foo for type bar",
// or what it expected with an excerpt and a caret on lines of their own.
JsonFault FaultOf(std::string_view message, std::string_view line) {
  JsonFault fault;
  const size_t close = message.find(')');
  if (message.substr(0, 1) == "(" && close != std::string_view::npos) {
    fault.field = std::string(message.substr(1, close - 1));
    message.remove_prefix(close + 1);
    if (message.starts_with(' ')) message.remove_prefix(1);
  }
  constexpr std::string_view kUnknown = ": Cannot find field.";
  if (message.ends_with(kUnknown)) {
    const std::string_view name = message.substr(0, message.size() - kUnknown.size());
    fault.field += StrCat(fault.field.empty() ? "" : ".", Excerpt(name));
    fault.found = Excerpt(name);
    fault.message = std::string(kUnknown.substr(2));
    return fault;
  }
  message.remove_prefix(std::min(message.find_first_not_of(": \n"), message.size()));
  constexpr std::string_view kInvalid = "invalid value ";
  constexpr std::string_view kType = " for type ";
  const size_t type = message.rfind(kType);
  if (message.starts_with(kInvalid) && type != std::string_view::npos && type >= kInvalid.size()) {
    fault.found = Excerpt(message.substr(kInvalid.size(), type - kInvalid.size()));
    std::string_view expected = message.substr(type + kType.size());
    expected.remove_prefix(expected.rfind('/') + 1);
    fault.message = StrCat("invalid value, expected ", Excerpt(expected));
    return fault;
  }
  const size_t end = message.find('\n');
  fault.message = Excerpt(message.substr(0, end));
  fault.found = Excerpt(end == std::string_view::npos
                            ? line
                            : message.substr(end + 1, message.rfind('\n') - end - 1));
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
  // What is quoted, also as a name, can be the value.
  if (MayBePersonal(line)) {
    *fault = {"", "",
              "not one event as JSON; nothing of the line is shown, for it may be personal"};
  }
  return false;
}

}  // namespace suyuan::exchange

#include "lib/privacy/fields.h"

#include <map>
#include <set>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/base/strings.h"

namespace suyuan::privacy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

using Ways = std::map<const Descriptor*, std::vector<const FieldDescriptor*>>;

// Of every message type, the fields through which a personal one can be reached.
const Ways& AllWays() {
  static const Ways* const all = [] {
    std::set<const Descriptor*> types;
    std::vector<const Descriptor*> open = {v1::Event::descriptor()};
    while (!open.empty()) {
      const Descriptor* const type = open.back();
      open.pop_back();
      if (!types.insert(type).second) continue;
      for (int i = 0; i < type->field_count(); ++i) {
        if (type->field(i)->message_type() != nullptr)
          open.push_back(type->field(i)->message_type());
      }
    }
    auto* const ways = new Ways;
    std::set<const Descriptor*> reaching = {v1::Personal::descriptor()};
    for (bool more = true; more;) {
      more = false;
      for (const Descriptor* type : types) {
        for (int i = 0; i < type->field_count() && !reaching.contains(type); ++i) {
          if (reaching.contains(type->field(i)->message_type()))
            more = reaching.insert(type).second;
        }
      }
    }
    for (const Descriptor* type : types) {
      for (int i = 0; i < type->field_count(); ++i) {
        if (reaching.contains(type->field(i)->message_type())) {
          (*ways)[type].push_back(type->field(i));
        }
      }
    }
    return ways;
  }();
  return *all;
}

bool Says(const v1::Personal& personal) {
  return personal.state_case() != v1::Personal::STATE_NOT_SET || !personal.person().empty();
}

// Visits until `visit` returns false.
bool Walk(const Message& message, const std::string& path,
          const std::function<bool(const std::string&, const v1::Personal&)>& visit) {
  if (message.GetDescriptor() == v1::Personal::descriptor()) {
    const auto& personal = static_cast<const v1::Personal&>(message);
    return !Says(personal) || visit(path, personal);
  }
  const auto ways = AllWays().find(message.GetDescriptor());
  if (ways == AllWays().end()) return true;
  const Reflection& reflection = *message.GetReflection();
  const std::string before = path.empty() ? "" : path + ".";
  for (const FieldDescriptor* field : ways->second) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        if (!Walk(reflection.GetRepeatedMessage(message, field, i),
                  StrCat(before, field->name(), "[", i, "]"), visit)) {
          return false;
        }
      }
    } else if (reflection.HasField(message, field)) {
      if (!Walk(reflection.GetMessage(message, field), before + field->name(), visit)) return false;
    }
  }
  return true;
}

}  // namespace

bool HasPersonal(const v1::Event& event) {
  return !Walk(event, "", [](const std::string&, const v1::Personal&) { return false; });
}

void ForEachPersonal(
    const v1::Event& event,
    const std::function<void(const std::string& path, const v1::Personal&)>& visit) {
  Walk(event, "", [&](const std::string& path, const v1::Personal& personal) {
    visit(path, personal);
    return true;
  });
}

void ForEachPersonal(v1::Event* event,
                     const std::function<void(const std::string& path, v1::Personal*)>& visit) {
  // Everything on the way is part of *event.
  ForEachPersonal(std::as_const(*event), [&](const std::string& path, const v1::Personal& found) {
    visit(path, const_cast<v1::Personal*>(&found));
  });
}

}  // namespace suyuan::privacy

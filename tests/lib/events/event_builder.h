#ifndef TESTS_LIB_EVENTS_EVENT_BUILDER_H_
#define TESTS_LIB_EVENTS_EVENT_BUILDER_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/text_format.h"
#include "lib/events/validator.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::events {

// The event that `text` (protobuf text format) tells.
inline v1::Event Parse(std::string_view text) {
  v1::Event event;
  const bool ok = google::protobuf::TextFormat::ParseFromString(std::string(text), &event);
  EXPECT_TRUE(ok) << text;
  return event;
}

// Good events: what the profile `ordinary` demands is there.
inline v1::Event GoodReceipt() {
  return Parse(R"(
    id: "rcv-1"
    time { begin { at { seconds: 1762128000 } offset_minutes: 480 } }
    receive {
      unit { key: "lot:ext:own:dairy/milk-powder/L1" }
      material_name: "milk powder" specification: "25 kg"
      quantity { value: 368 scale: 1 unit: "KGM" }
      supplier_lot: "L1"
      shelf_life { value: 24 unit: MONTH }
      supplier: "ext:own:dairy" supplier_name: "Example Dairy"
      supplier_address: "1 Example Road" supplier_phone: "021-57320000"
      supplier_licence: "SC10531011600018"
    })");
}

inline v1::Event GoodPack() {
  return Parse(R"(
    id: "pkg-1"
    pack {
      container { key: "sscc:069123450000000017" }
      contents { unit { key: "item:1" } quantity { value: 1 unit: "H87" } }
      contents { unit { key: "item:2" } quantity { value: 1 unit: "H87" } }
    })");
}

inline std::vector<Violation> Judge(const v1::Event& event, std::string_view profile = "ordinary") {
  auto validator = Validator::ForProfile(profile);
  EXPECT_TRUE(validator.ok()) << profile;
  std::vector<Violation> violations;
  (*validator)->Validate(event, 0, &violations);
  for (const Violation& violation : violations) {
    EXPECT_FALSE(violation.rule.empty());
    EXPECT_FALSE(violation.source.empty());
    EXPECT_FALSE(violation.expected.empty());
    for (const std::string& message : {violation.message_zh, violation.message_en}) {
      EXPECT_EQ(message.find('{'), std::string::npos) << message;
      EXPECT_EQ(message.find("  "), std::string::npos) << message;
    }
    EXPECT_TRUE(violation.message_zh.ends_with("。")) << violation.message_zh;
    EXPECT_TRUE(violation.message_en.ends_with(".")) << violation.message_en;
  }
  return violations;
}

// "rule field" of every fault, in order.
inline std::vector<std::string> Faults(const v1::Event& event,
                                       std::string_view profile = "ordinary") {
  std::vector<std::string> faults;
  for (const Violation& violation : Judge(event, profile)) {
    faults.push_back(violation.rule + " " + violation.field);
  }
  return faults;
}

}  // namespace suyuan::events

#endif  // TESTS_LIB_EVENTS_EVENT_BUILDER_H_

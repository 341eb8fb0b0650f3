// The data elements of requirement 002 in the profile `ordinary`: each there and
// each left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/events/catalogue.h"
#include "lib/events/operation.h"
#include "tests/lib/events/event_builder.h"

namespace suyuan::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Events in which every element that they can carry is there.
const std::vector<std::string>& FullEvents() {
  static const auto* const events = new std::vector<std::string>{
      R"(register_master { product {
           product: "p" product_name: "n" standard_code: "GB 19644" ingredients: "milk"
           process_route: "drying" shelf_life { value: 24 unit: MONTH } label { number: "1" } } })",
      R"(register_master { person {
           person: "person:1" trainings { hours: 2 } qualifications { name: "q" }
           post { post: "charging" } team: "A" on_duty { begin { precision: PRECISION_UNKNOWN } }
           health { valid_to { year: 2026 } } } })",
      R"(receive {
           unit { key: "item:1" } material_name: "m" specification: "s"
           quantity { value: 1 unit: "KGM" } supplier_lot: "L" shelf_life { value: 1 unit: YEAR }
           supplier_name: "n" supplier_address: "a" supplier_phone: "1" supplier_licence: "SC1" })",
      R"(put_in { unit { key: "item:1" } storage_location: "s" handover_from: "person:1"
           storage_condition: "chilled" sensor_report { item: "temperature" } })",
      R"(take_out { unit { key: "item:1" } storage_location: "s" handover_to: "person:1" })",
      R"(record_environment { readings { item: "temperature" } })",
      R"(transport { storage_condition: "frozen" sensor_report { item: "temperature" } })",
      R"(charge { unit { key: "item:1" } quantity { value: 1 unit: "KGM" } formula: "f"
           shift: "early" charging_operator: "person:1" })",
      R"(record_parameters { parameters { name: "temperature" } })",
      R"(produce { unit { key: "item:1" } lot_number: "L" })",
      R"(inspect { unit { key: "item:1" } inspection_lot: "I" method: "GB 5009"
           results { item: "protein" } inspector: "person:1" verdict: VERDICT_PASS })",
      R"(ship { unit { key: "item:1" } quantity { value: 1 unit: "KGM" } customer_name: "c"
           customer_address: "a" customer_phone: "1" certificate_number: "C"
           storage_condition: "chilled" transport_document: "T" })",
      R"(recall_goods { recall_number: "R" unit { key: "item:1" } product_name: "n"
           lot_number: "L" specification: "s" quantity { value: 1 unit: "KGM" }
           returned_from: "ext:a:b" reason: "r" progress {} })",
      R"(destroy_goods { unit { key: "item:1" } location: "l" persons: "person:1"
           method: DESTRUCTION })"};
  return *events;
}

v1::Event Full(const std::string& operation) {
  return Parse("id: 'x' time { begin { at { seconds: 1762128000 } } } " + operation);
}

// Takes the field at `path` out of the event, below the first item of repeated
// messages.
void Clear(const std::string& path, google::protobuf::Message* message) {
  const size_t dot = path.find('.');
  const auto* field = message->GetDescriptor()->FindFieldByName(path.substr(0, dot));
  ASSERT_NE(field, nullptr) << path;
  if (dot == std::string::npos) {
    message->GetReflection()->ClearField(message, field);
  } else if (message->GetReflection()->HasField(*message, field)) {
    Clear(path.substr(dot + 1), message->GetReflection()->MutableMessage(message, field));
  }
}

TEST(ElementTest, FullEventsPass) {
  for (const std::string& event : FullEvents()) {
    EXPECT_THAT(Faults(Full(event)), IsEmpty()) << event;
  }
}

TEST(ElementTest, EachThatIsDueIsMissedByItsNumber) {
  std::map<std::string, std::vector<const DataElement*>> groups;  // operation and number
  for (const DataElement& entry : DataElements()) {
    if (entry.operation == nullptr || entry.element->obligation() == options::OPTIONAL) continue;
    groups[entry.operation->code + " " + entry.element->number()].push_back(&entry);
  }
  for (const auto& [name, group] : groups) {
    const OperationInfo& operation = *group.front()->operation;
    // The sub-message in which it is: of master data there are several.
    const std::string holder = group.front()->field.substr(0, group.front()->field.rfind('.'));
    int tried = 0;
    for (const std::string& text : FullEvents()) {
      v1::Event event = Full(text);
      if (OperationOf(event) != &operation) continue;
      if (holder.ends_with(".product") && !event.register_master().has_product()) continue;
      if (holder.ends_with(".person") && !event.register_master().has_person()) continue;
      ++tried;
      for (const DataElement* entry : group) Clear(entry->field, &event);
      const std::vector<Violation> violations = Judge(event);
      ASSERT_EQ(violations.size(), 1u) << name;
      EXPECT_EQ(violations[0].rule, group.front()->element->number());
      EXPECT_EQ(violations[0].field, group.front()->field);
      EXPECT_EQ(violations[0].source, group.front()->element->source());
      EXPECT_THAT(violations[0].message_zh, HasSubstr(group.front()->element->name_zh()));
      EXPECT_THAT(violations[0].message_en, HasSubstr(group.front()->element->name_en()));
      for (const DataElement* entry : group) {
        EXPECT_THAT(violations[0].expected, HasSubstr(entry->field));
      }
    }
    EXPECT_EQ(tried, 1) << name;
  }
}

TEST(ElementTest, OneOfSeveralFieldsIsEnough) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->clear_supplier_lot();
  EXPECT_THAT(Faults(event), ElementsAre("S002-22 receive.supplier_production_date"));
  event.mutable_receive()->mutable_supplier_production_date()->set_year(2025);
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(ElementTest, BlankAndEmptyAreNotGiven) {
  for (const std::string blank : {" ", "\t\n", "\xe3\x80\x80"}) {
    v1::Event event = GoodReceipt();
    event.mutable_receive()->set_supplier_name(blank);
    EXPECT_THAT(Faults(event), ElementsAre("S002-25 receive.supplier_name"));
  }
  v1::Event event = GoodReceipt();
  event.mutable_receive()->clear_supplier_licence();
  event.mutable_receive()->mutable_conformity_certificate();
  EXPECT_THAT(Faults(event), ElementsAre("S002-27a receive.supplier_licence"));
}

TEST(ElementTest, ZeroIsAnAnswer) {
  const std::string recall = R"(recall_goods {
      recall_number: "R" unit { key: "item:1" } product_name: "p" lot_number: "L"
      specification: "s" returned_from: "ext:own:a" reason: "r")";
  EXPECT_THAT(Faults(Full(recall + "progress {} quantity { unit: 'KGM' } }")), IsEmpty());
  EXPECT_THAT(Faults(Full(recall + "progress {} }")), ElementsAre("S002-52 recall_goods.quantity"));
}

TEST(ElementTest, ZeroIsNoneWhereItSaysNothing) {
  const auto faults = [](const std::string& training) {
    return Faults(Full("register_master { person { person: 'person:1' trainings { " + training +
                       " } qualifications { name: 'q' } post { post: 'p' } team: 't' "
                       "on_duty { begin { at { seconds: 1 } } } health { valid_to { year: 2026 } } "
                       "} }"));
  };
  const std::string missing = "S002-42 register_master.person.trainings";
  for (const std::string training : {"", "hours: 0", "passed: false", "subject_matter: ' '"}) {
    EXPECT_THAT(faults(training), ElementsAre(missing)) << training;
  }
  for (const std::string training : {"hours: 4", "passed: true", "date { year: 2025 }"}) {
    EXPECT_THAT(faults(training), IsEmpty()) << training;
  }
}

TEST(ElementTest, ConditionalOnlyWhereTheConditionHolds) {
  const std::string text = R"(put_in { unit { key: "item:1" } storage_location: "s"
                                       handover_from: "person:1" storage_condition: ")";
  EXPECT_THAT(Faults(Full(text + "ambient\" }")), IsEmpty());
  EXPECT_THAT(Faults(Full(text + "frozen\" }")), ElementsAre("S002-12 put_in.sensor_report"));
}

TEST(ElementTest, OptionalMayBeLeftOut) {
  v1::Event event = Full(FullEvents()[7]);
  EXPECT_TRUE(event.charge().equipment().empty());
  EXPECT_TRUE(event.persons().empty());
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(ElementTest, HeaderStandsForTheTimeOfTheOperation) {
  v1::Event event = GoodReceipt();
  event.clear_time();
  EXPECT_THAT(Faults(event), ElementsAre("S002-24 time.begin"));
  EXPECT_THAT(Faults(Parse("id: 'x' serve { unit { key: 'item:1' } }")), IsEmpty());
}

TEST(ElementTest, ReportsOfOthersNeedNothing) {
  EXPECT_THAT(Faults(Parse("id: 'x' observe_unit {}")), IsEmpty());
  EXPECT_THAT(Faults(Parse("id: 'x' link_units {}")), IsEmpty());
}

}  // namespace
}  // namespace suyuan::events

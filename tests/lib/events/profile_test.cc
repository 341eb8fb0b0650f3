#include "lib/events/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "lib/events/catalogue.h"
#include "tests/lib/events/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan::events {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ProfileTest, AllLoad) {
  EXPECT_THAT(Profile::Names(), ElementsAre("ordinary", "infant-formula", "canteen", "workshop",
                                            "wholesaler", "store", "carrier", "investigation"));
  for (const std::string& name : Profile::Names()) SUYUAN_EXPECT_OK(Profile::Load(name));
}

TEST(ProfileTest, RowsAreToldInFull) {
  const std::set<std::string_view> certainties = {"seen", "seen2", "known", "guess", "ours"};
  std::set<std::string> keys;
  for (const auto& row : codes::CodeTable::Get("profile").rows()) {
    std::string key;
    for (const char* column : {"profile", "operation", "element"}) {
      key += std::string(row.Get(column)) + ",";
    }
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_FALSE(row.Get("source").empty()) << key;
    EXPECT_EQ(certainties.count(row.Get("certainty")), 1u) << key;
  }
}

TEST(ProfileTest, OrdinaryIsWhatTheOptionsSay) {
  const auto profile = Profile::Load("ordinary");
  SUYUAN_ASSERT_OK(profile);
  for (const DataElement& entry : DataElements()) {
    const std::string code = entry.operation == nullptr ? "RCV" : entry.operation->code;
    EXPECT_EQ(profile->Of(code, *entry.element).obligation, entry.element->obligation())
        << entry.field;
  }
}

TEST(ProfileTest, TheMostSpecificRowWins) {
  const auto store = Profile::Load("store");
  SUYUAN_ASSERT_OK(store);
  options::Element element;
  element.set_number("S002-19");
  element.set_obligation(options::MANDATORY);
  EXPECT_EQ(store->Of("RCV", element).obligation, options::MANDATORY);
  EXPECT_EQ(store->Of("RCV", element).source, "Food Safety Law art. 53");
  EXPECT_EQ(store->Of("SHP", element).obligation, options::OPTIONAL);  // by * and *
}

TEST(ProfileTest, NoProfileDemandsAnythingOfReportsOfOthers) {
  for (const std::string& name : Profile::Names()) {
    EXPECT_THAT(Faults(Parse("id: 'x' observe_unit {}"), name), IsEmpty()) << name;
    EXPECT_THAT(Faults(Parse("id: 'x' link_units {}"), name), IsEmpty()) << name;
  }
}

TEST(ProfileTest, InvestigationDemandsNoElement) {
  for (const std::string event :
       {"receive { unit { key: 'item:1' } }", "ship { unit { key: 'item:1' } }",
        "charge { unit { key: 'item:1' } }", "register_master { product { product: 'p' } }"}) {
    EXPECT_THAT(Faults(Parse("id: 'x' " + event), "investigation"), IsEmpty()) << event;
    EXPECT_THAT(Faults(Parse("id: 'x' " + event), "ordinary"), Not(IsEmpty())) << event;
  }
  // Form is judged all the same.
  EXPECT_THAT(Faults(Parse("id: 'x' receive {}"), "investigation"),
              ElementsAre("form.required receive.unit"));
}

TEST(ProfileTest, InfantFormulaNamesEquipmentAndPersons) {
  const v1::Event event = Parse(R"(id: "x" produce { unit { key: "item:1" } lot_number: "L" })");
  EXPECT_THAT(Faults(event), IsEmpty());
  EXPECT_THAT(
      Faults(event, "infant-formula"),
      ElementsAre("S002-35 produce.equipment", "S002-34 produce.operators", "S002-48 persons"));
}

TEST(ProfileTest, StoresSellWithoutNamingTheBuyer) {
  const v1::Event event = Parse(R"(id: "x" ship { unit { key: "item:1" } })");
  EXPECT_THAT(Faults(event, "store"), IsEmpty());
  EXPECT_THAT(Faults(event, "wholesaler"), Contains("S002-15 ship.customer_name"));
  EXPECT_THAT(Faults(event, "carrier"), IsEmpty());
}

TEST(ProfileTest, EveryoneWhoBuysRecordsTheSupplier) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->clear_supplier_name();
  for (const std::string name :
       {"ordinary", "infant-formula", "canteen", "workshop", "wholesaler", "store"}) {
    EXPECT_THAT(Faults(event, name), ElementsAre("S002-25 receive.supplier_name")) << name;
  }
}

}  // namespace
}  // namespace suyuan::events

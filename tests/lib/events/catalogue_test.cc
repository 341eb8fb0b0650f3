#include "lib/events/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/base/strings.h"
#include "lib/codes/code_table.h"
#include "lib/events/conditions.h"
#include "lib/events/plan.h"

namespace suyuan::events {
namespace {

using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

TEST(OperationTest, FoundByCodeAndByEvent) {
  v1::Event event;
  EXPECT_EQ(OperationOf(event), nullptr);
  for (const OperationInfo& operation : Operations()) {
    EXPECT_EQ(FindOperation(operation.code), &operation);
    event.GetReflection()->MutableMessage(&event, operation.field);
    EXPECT_EQ(OperationOf(event), &operation);
    EXPECT_EQ(operation.code.size(), 3u);
    EXPECT_FALSE(operation.name_zh.empty());
    EXPECT_FALSE(operation.name_en.empty());
  }
  event.mutable_receive();
  EXPECT_EQ(OperationOf(event)->code, "RCV");
  EXPECT_EQ(FindOperation("rcv"), nullptr);
  EXPECT_EQ(FindOperation(""), nullptr);
}

TEST(OperationTest, AreThoseOfTheTable) {
  std::vector<std::string> here;
  std::vector<std::string> table;
  for (const OperationInfo& operation : Operations()) here.push_back(operation.code);
  for (const auto& row : codes::CodeTable::Get("operation").rows()) {
    table.emplace_back(row.Get("code"));
  }
  EXPECT_THAT(here, UnorderedElementsAreArray(table));
}

TEST(CatalogueTest, HasAllElementsOfRequirement002InOrder) {
  std::vector<std::string> expected;
  for (int i = 1; i <= 60; ++i) {
    expected.push_back(StrCat("S002-", i));
    if (i == 18 || i == 27) expected.push_back(StrCat("S002-", i, "a"));
  }
  ASSERT_EQ(expected.size(), 62u);
  std::vector<std::string> found;
  for (const DataElement& entry : DataElements()) {
    if (found.empty() || found.back() != entry.element->number()) {
      found.push_back(entry.element->number());
    }
  }
  EXPECT_THAT(found, ElementsAreArray(expected));
}

TEST(CatalogueTest, EveryElementIsToldInFull) {
  for (const DataElement& entry : DataElements()) {
    const options::Element& element = *entry.element;
    EXPECT_FALSE(element.name_zh().empty()) << entry.field;
    EXPECT_FALSE(element.name_en().empty()) << entry.field;
    EXPECT_FALSE(element.source().empty()) << entry.field;
    const bool conditional = element.obligation() == options::CONDITIONAL;
    EXPECT_EQ(conditional, !element.condition().empty()) << entry.field;
  }
}

TEST(CatalogueTest, FieldsOfOneElementAgree) {
  std::map<std::string, const options::Element*> first;
  for (const DataElement& entry : DataElements()) {
    const std::string code = entry.operation == nullptr ? "" : entry.operation->code;
    const auto [it, added] = first.emplace(code + entry.element->number(), entry.element);
    EXPECT_EQ(it->second->obligation(), entry.element->obligation()) << entry.field;
    EXPECT_EQ(it->second->condition(), entry.element->condition()) << entry.field;
    EXPECT_EQ(it->second->name_zh(), entry.element->name_zh()) << entry.field;
    // In the header and in the body it would be demanded twice.
    if (!added) {
      EXPECT_EQ(it->second->field(), entry.element->field()) << entry.field;
    }
  }
}

TEST(CatalogueTest, ReportsOfOthersDemandNothing) {
  for (const DataElement& entry : DataElements()) {
    if (entry.operation == nullptr) continue;
    EXPECT_NE(entry.operation->code, "OBS");
    EXPECT_NE(entry.operation->code, "LNK");
  }
}

TEST(ConditionsTest, EveryNamedConditionExists) {
  for (const DataElement& entry : DataElements()) {
    if (entry.element->condition().empty()) continue;
    EXPECT_NE(FindCondition(entry.element->condition()), nullptr) << entry.element->condition();
  }
  EXPECT_EQ(FindCondition("no-such-condition"), nullptr);
}

TEST(ConditionsTest, NotAmbientByTheTable) {
  const Condition condition = FindCondition("not-ambient");
  v1::PutIn put_in;
  EXPECT_FALSE(condition(put_in));
  for (const auto& row : codes::CodeTable::Get("storage_condition").rows()) {
    put_in.set_storage_condition(std::string(row.Get("code")));
    EXPECT_EQ(condition(put_in), row.Get("special") == "yes") << row.Get("code");
  }
  put_in.set_storage_condition("no such code");
  EXPECT_FALSE(condition(put_in));
  EXPECT_FALSE(condition(v1::Hold()));
}

// What the validator asks of the schema, so that a mistake in it ends a test
// and not a process.
TEST(PlanTest, EveryTableOfTheOptionsExists) {
  const auto names = codes::CodeTable::Names();
  const std::set<std::string_view> known(names.begin(), names.end());
  for (const auto& message : GetEventPlan().messages) {
    for (int i = 0; i < message->type->field_count(); ++i) {
      const auto& rule = message->type->field(i)->options().GetExtension(options::rule);
      EXPECT_EQ(rule.format() == options::CODE, !rule.table().empty());
      EXPECT_TRUE(rule.table().empty() || known.count(rule.table()) == 1) << rule.table();
    }
  }
}

// The validator has a shortcut through these messages; whoever adds a field has
// to look at IsPlainlyGood.
TEST(PlanTest, ShortcutsKnowAllFields) {
  EXPECT_EQ(v1::Quantity::descriptor()->field_count(), 4);
  EXPECT_EQ(v1::UnitRef::descriptor()->field_count(), 7);
  EXPECT_EQ(v1::Time::descriptor()->field_count(), 4);
  EXPECT_EQ(v1::TimeSpan::descriptor()->field_count(), 2);
  EXPECT_EQ(v1::Date::descriptor()->field_count(), 4);
}

}  // namespace
}  // namespace suyuan::events

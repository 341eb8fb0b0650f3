// Which data elements of the history of a lot are there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "suyuan/suyuan.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kCream = "lot:ext:own:dairy/cream/C1";

class CompletenessStory : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    // Of a canteen's records only receipts have elements that must be there.
    ASSERT_THAT(engine_->CreateLedger({.name = "kitchen",
                                       .subject = "ext:own:dairy",
                                       .subject_name = "Dairy",
                                       .profile = "canteen"}),
                IsOk());
  }

  void Record(Told told) {
    if (told.event.id().empty()) told.event.set_id("e" + std::to_string(++last_id_));
    EXPECT_THAT(engine_->Append("kitchen", std::vector{told.event}), IsOk());
  }

  static Told Received(const std::string& unit) {
    Told told = Receive(unit, "ext:own:farm");
    v1::Receive& receive = *told.event.mutable_receive();
    receive.set_material_name("milk");
    receive.set_specification("bulk");
    receive.set_supplier_name("Farm");
    receive.set_supplier_address("1 Lane");
    receive.set_supplier_phone("021-1");
    receive.set_supplier_licence("SC12431011800369");
    receive.set_supplier_lot("M1");
    *receive.mutable_expiry_date() = DateOf("2026-11-03");
    return std::move(told).At(0);
  }

  // The row of one element about one thing.
  ElementStatus Row(const std::string& number, const std::string& about) {
    const auto report = engine_->ReportCompleteness(kCream);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return {};
    uint64_t present = 0;
    const ElementStatus* found = nullptr;
    for (const ElementStatus& row : report->elements) {
      present += row.present ? 1 : 0;
      if (row.number == number && row.about == about && row.operation == "RCV") found = &row;
    }
    EXPECT_EQ(report->present, present);
    EXPECT_EQ(report->present + report->missing, report->elements.size());
    EXPECT_NE(found, nullptr) << number << " of " << about;
    return found == nullptr ? ElementStatus() : *found;
  }

  // "number about" of all rows that are no element of a standard.
  std::vector<std::string> Open() {
    std::vector<std::string> open;
    const auto report = engine_->ReportCompleteness(kCream);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return open;
    for (const ElementStatus& row : report->elements) {
      if (row.number.starts_with("S002-")) continue;
      EXPECT_FALSE(row.present);
      EXPECT_FALSE(row.name_zh.empty());
      EXPECT_FALSE(row.name_en.empty());
      EXPECT_FALSE(row.source.empty());
      EXPECT_FALSE(row.entries.empty());
      open.push_back(row.number + " " + row.about);
    }
    return open;
  }

  static Told Person(const std::string& person, const std::string& post = "") {
    Told told;
    v1::PersonVersion& version = *told.event.mutable_register_master()->mutable_person();
    version.set_person(person);
    version.mutable_post()->set_post(post);
    *version.mutable_health()->mutable_valid_to() = DateOf("2026-11-03");
    return told;
  }
  static Told Hold(const std::string& unit) {
    Told told;
    told.event.mutable_hold()->mutable_unit()->set_key(unit);
    return told;
  }
  static Told Equipment(const std::string& name) {
    Told told;
    told.event.mutable_register_master()->mutable_equipment()->set_equipment(name);
    return told;
  }
  static Told ChargeBy(const std::string& person, const std::string& equipment) {
    Told told = Charge("R1", kMilk).At(5);
    told.event.mutable_charge()->set_charging_operator(person);
    told.event.mutable_charge()->add_equipment(equipment);
    return told;
  }

  const TempDir dir_;
  std::unique_ptr<Engine> engine_;
  int last_id_ = 0;
};

TEST_F(CompletenessStory, WhatWasReceivedIsThereAndWhatWasNotIsMissing) {
  Record(Received(kMilk));
  Record(Charge("R1", kMilk).At(5));
  Record(Charge("R1", kMilk2).At(5));
  Record(Produce("R1", kCream));
  const ElementStatus supplier = Row("S002-25", kMilk);
  EXPECT_TRUE(supplier.present);
  ASSERT_EQ(supplier.entries.size(), 1u);
  EXPECT_EQ(supplier.entries[0].sequence, 1u);
  EXPECT_FALSE(supplier.late);
  EXPECT_FALSE(supplier.source.empty());
  const ElementStatus missing = Row("S002-25", kMilk2);
  EXPECT_FALSE(missing.present);
  EXPECT_TRUE(missing.entries.empty());
}

TEST_F(CompletenessStory, LateAndCorrectedRecordsSaySo) {
  Record(Received(kMilk).Late().Id("first"));
  Record(Charge("R1", kMilk).At(5));
  Record(Produce("R1", kCream));
  EXPECT_TRUE(Row("S002-21", kMilk).late);
  EXPECT_FALSE(Row("S002-21", kMilk).corrected);
  Record(Received(kMilk).Id("second").InsteadOf("first"));
  const ElementStatus corrected = Row("S002-21", kMilk);
  EXPECT_TRUE(corrected.present);
  EXPECT_TRUE(corrected.corrected);
  EXPECT_FALSE(corrected.late);
  ASSERT_EQ(corrected.entries.size(), 1u) << "what was corrected does not count";
  EXPECT_EQ(corrected.entries[0].sequence, 4u);
}

TEST_F(CompletenessStory, ReferencesToWhatIsNotRegisteredAreOpen) {
  Record(Received(kMilk));
  Record(ChargeBy("person:1042", "mixer-1").In("ext:own:dairy/hall-1"));
  Told produce = Produce("R1", kCream).In("ext:own:dairy/hall-1");
  produce.event.mutable_produce()->add_operators("post:dryer");
  Record(std::move(produce));
  // Of another lot.
  Record(Received(kMilk2).In("ext:own:dairy/yard"));
  EXPECT_THAT(Open(),
              UnorderedElementsAre("open.person person:1042", "open.person post:dryer",
                                   "open.place ext:own:dairy/hall-1", "open.equipment mixer-1"));
  const auto report = engine_->ReportCompleteness(kCream);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->missing, 4u);
  for (const ElementStatus& row : report->elements) {
    EXPECT_EQ(row.entries.size(), row.number == "open.place" ? 2u : 1u) << row.number;
  }
}

TEST_F(CompletenessStory, WhatIsRegisteredAtAnyTimeIsKnown) {
  Record(Person("person:1042", "dryer"));
  Record(Received(kMilk));
  Record(ChargeBy("person:1042", "ＭＩＸＥＲ-1").In("ext:own:dairy/hall-1"));
  Told produce = Produce("R1", kCream).In("ext:own:dairy");
  produce.event.mutable_produce()->add_operators("post:dryer");
  Record(std::move(produce));
  Record(Equipment("MIXER-1"));
  EXPECT_THAT(Open(), ElementsAre("open.place ext:own:dairy/hall-1"));
  Record(SiteMaster("ext:own:dairy/hall-1", "ext:own:dairy").Id("site"));
  EXPECT_THAT(Open(), IsEmpty());
  Record(Withdraw("site"));
  EXPECT_THAT(Open(), ElementsAre("open.place ext:own:dairy/hall-1"));
}

TEST_F(CompletenessStory, MasterDataOfAnotherLedgerMakeNothingKnown) {
  ASSERT_THAT(engine_->CreateLedger({.name = "other",
                                     .subject = "ext:own:other",
                                     .subject_name = "Other",
                                     .profile = "canteen"}),
              IsOk());
  const Told equipment = Equipment("mixer-1").Id("mst");
  ASSERT_THAT(engine_->Append("other", std::vector{equipment.event}), IsOk());
  Record(Received(kMilk));
  Record(ChargeBy("person:1042", "mixer-1"));
  Record(Produce("R1", kCream));
  EXPECT_THAT(Open(), UnorderedElementsAre("open.person person:1042", "open.equipment mixer-1"));
}

TEST_F(CompletenessStory, BreachesThatEntriesOwnUpToAreOpen) {
  Record(Received(kMilk));
  Record(Hold(kMilk).At(1));
  Told charge = Charge("R1", kMilk).At(5).InBreachOf("conduct.held").Id("charge");
  charge.event.mutable_breaches(0)->clear_person();
  Record(std::move(charge));
  Record(Produce("R1", kCream));
  EXPECT_THAT(Open(), ElementsAre("conduct.held " + kMilk));
  const auto report = engine_->ReportCompleteness(kCream);
  ASSERT_THAT(report, IsOk());
  const auto row = std::find_if(report->elements.begin(), report->elements.end(),
                                [](const auto& one) { return one.number == "conduct.held"; });
  ASSERT_NE(row, report->elements.end());
  EXPECT_EQ(row->operation, "CHG");
  ASSERT_EQ(row->entries.size(), 1u);
  EXPECT_EQ(row->entries[0].sequence, 3u);
  EXPECT_THAT(row->name_zh, HasSubstr("被扣留"));
  Record(Withdraw("charge"));
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_F(CompletenessStory, ABreachWithAPalletIsOneOfTheLotOnIt) {
  Record(Received(kMilk));
  Record(Charge("R1", kMilk).At(5));
  Record(Produce("R1", kCream).At(10));
  Record(Pack(Sscc(1), {kCream}).At(11));
  Record(Pack(Sscc(2), {Sscc(1)}).At(12));
  Record(Hold(kCream).At(13));
  Record(Ship(Sscc(2), "ext:own:shop").At(20).InBreachOf("conduct.held"));
  Record(Ship(Sscc(3), "ext:own:shop").At(20).InBreachOf("conduct.held"));
  EXPECT_THAT(Open(), ElementsAre("conduct.held " + kCream));
}

TEST_F(CompletenessStory, AnotherLotsRecordsAreNotThisOnes) {
  Record(Received(kMilk));
  Record(Received(kMilk2));
  Record(Charge("R1", kMilk).At(5));
  Record(Produce("R1", kCream));
  const auto report = engine_->ReportCompleteness(kCream);
  ASSERT_THAT(report, IsOk());
  for (const ElementStatus& row : report->elements) EXPECT_NE(row.about, kMilk2);
  EXPECT_EQ(report->missing, 0u);
}

}  // namespace
}  // namespace suyuan

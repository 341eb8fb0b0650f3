// Which data elements of the history of a lot are there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suyuan/suyuan.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
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
  Told ship = Ship(Sscc(2), "ext:own:shop").At(20).InBreachOf("conduct.held");
  ship.event.mutable_breaches(0)->clear_person();
  Record(std::move(ship));
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

// ------------------------------------------------- records that are not there

// What a producer's records must hold, besides what the story is about.
Told Whole(Told told) {
  v1::Event& event = told.event;
  if (event.has_receive()) {
    v1::Receive& receive = *event.mutable_receive();
    receive.set_material_name("milk");
    receive.set_specification("bulk");
    receive.set_supplier_name("Farm");
    receive.set_supplier_address("1 Lane");
    receive.set_supplier_phone("021-1");
    receive.set_supplier_licence("SC12431011800369");
    receive.set_supplier_lot("M1");
    *receive.mutable_expiry_date() = DateOf("2026-11-03");
  } else if (event.has_put_in()) {
    event.mutable_put_in()->set_storage_location("store 1");
    event.mutable_put_in()->set_handover_to("post:keeper");
  } else if (event.has_take_out()) {
    event.mutable_take_out()->set_storage_location("store 1");
    event.mutable_take_out()->set_handover_from("post:keeper");
  } else if (event.has_charge()) {
    event.mutable_charge()->set_formula("F1");
    event.mutable_charge()->set_shift("day");
    event.mutable_charge()->set_charging_operator("post:mixer");
    event.mutable_charge()->add_equipment("mixer-1");
  } else if (event.has_record_parameters()) {
    v1::RecordParameters& parameters = *event.mutable_record_parameters();
    parameters.add_parameters()->set_name("temperature");
    parameters.add_operators("post:mixer");
    parameters.add_equipment("mixer-1");
  } else if (event.has_produce()) {
    event.mutable_produce()->set_lot_number("C1");
    event.mutable_produce()->add_operators("post:mixer");
    event.mutable_produce()->add_equipment("mixer-1");
  } else if (event.has_inspect()) {
    v1::Inspect& inspect = *event.mutable_inspect();
    inspect.set_inspection_lot("J1");
    inspect.set_method("GB 10765");
    inspect.add_results()->set_item("fat");
    inspect.set_inspector("post:lab");
    inspect.set_verdict(v1::VERDICT_PASS);
  } else if (event.has_ship()) {
    v1::Ship& ship = *event.mutable_ship();
    ship.set_customer_name("Shop");
    ship.set_customer_address("2 Lane");
    ship.set_customer_phone("021-2");
    ship.set_certificate_number("HG-1");
  }
  if (event.persons().empty()) event.add_persons("post:keeper");
  return told;
}

Told PutIn(const Ref& unit) {
  Told told;
  *told.event.mutable_put_in()->mutable_unit() = unit.ref;
  return told;
}
Told TakeOut(const Ref& unit) {
  Told told;
  *told.event.mutable_take_out()->mutable_unit() = unit.ref;
  return told;
}
Told Parameters(const std::string& run) {
  Told told;
  told.event.mutable_record_parameters()->set_run(run);
  return told;
}
Told Release(const Ref& unit) {
  Told told;
  *told.event.mutable_release()->mutable_unit() = unit.ref;
  return told;
}
Told Finished(Told produce, v1::OutputClass output_class = v1::OUTPUT_FINISHED) {
  produce.event.mutable_produce()->set_output_class(output_class);
  return produce;
}
Told ReadClimate(const std::string& place) {
  Told told = Told().In(place);
  v1::Measurement& reading = *told.event.mutable_record_environment()->add_readings();
  reading.set_item("temperature");
  return told;
}

class MissingRecordStory : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }

  void Keep(const std::string& ledger, const std::string& profile,
            const std::string& subject = "ext:own:dairy") {
    ASSERT_THAT(
        engine_->CreateLedger(
            {.name = ledger, .subject = subject, .subject_name = subject, .profile = profile}),
        IsOk());
    ledger_ = ledger;
  }

  void Record(Told told) {
    told = Whole(std::move(told));
    if (told.event.id().empty()) told.event.set_id("e" + std::to_string(++last_id_));
    EXPECT_THAT(engine_->Append(ledger_, std::vector{told.event}), IsOk())
        << told.event.ShortDebugString();
  }
  void RecordAll(const std::vector<Told>& all) {
    for (const Told& told : all) Record(told);
  }

  // Everything that a producer records of a lot.
  static std::vector<Told> WholeLife() {
    return {Receive(kMilk, "ext:own:farm").At(0),
            PutIn(kMilk).At(1),
            TakeOut(kMilk).At(2),
            Charge("R1", kMilk).At(5),
            Parameters("R1").At(6),
            Finished(Produce("R1", kCream).At(10)),
            Inspect(kCream).At(11),
            PutIn(kCream).At(12),
            TakeOut(kCream).At(20),
            Ship(kCream, "ext:own:shop").At(21)};
  }

  // "operation about ledger" of the records of which nothing is there, as the report
  // orders them; not those of master data, which other stories are about.
  std::vector<std::string> Missing(const std::string& unit = kCream) {
    std::vector<std::string> missing;
    const auto report = engine_->ReportCompleteness(unit);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return missing;
    std::set<std::string> numbers;
    for (const ElementStatus& row : report->elements) {
      const std::string about = row.operation + " " + row.about + " " + row.ledger;
      EXPECT_TRUE(numbers.insert(row.number + " " + about).second) << about << " told twice";
      if (row.present || row.number.starts_with("open.") || row.number.starts_with("conduct.") ||
          row.operation == "MST") {
        continue;
      }
      EXPECT_FALSE(row.name_zh.empty()) << row.number;
      EXPECT_FALSE(row.name_en.empty()) << row.number;
      EXPECT_FALSE(row.source.empty()) << row.number;
      EXPECT_TRUE(row.entries.empty()) << row.number;
      if (missing.empty() || missing.back() != about) missing.push_back(about);
    }
    return missing;
  }

  // "number about" of elements that are missing from records that are there.
  std::vector<std::string> Lacking(const std::string& unit = kCream) {
    return RowsWithEntries(unit, /*present=*/false);
  }
  std::vector<std::string> RowsWithEntries(const std::string& unit, bool present) {
    std::vector<std::string> rows;
    const auto report = engine_->ReportCompleteness(unit);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return rows;
    for (const ElementStatus& row : report->elements) {
      if (row.present != present || row.entries.empty() || row.number.starts_with("open.")) {
        continue;
      }
      rows.push_back(row.number + " " + row.operation + " " + row.about);
    }
    return rows;
  }

  const TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::string ledger_;
  int last_id_ = 0;
};

TEST_F(MissingRecordStory, EachRecordThatIsLeftOutIsMissed) {
  const std::vector<std::string> missed = {
      "RCV " + kMilk,  "STO " + kMilk,  "PCK " + kMilk,  "CHG R1", "PRM R1", "",
      "INS " + kCream, "STO " + kCream, "PCK " + kCream, ""};
  const std::vector<Told> life = WholeLife();
  ASSERT_EQ(missed.size(), life.size());
  Keep("whole", "ordinary");
  RecordAll(life);
  EXPECT_THAT(Missing(), IsEmpty());
  for (size_t left_out = 0; left_out < life.size(); ++left_out) {
    if (missed[left_out].empty()) continue;
    SCOPED_TRACE(missed[left_out]);
    const TempDir dir;
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    Keep("plant", "ordinary");
    for (size_t i = 0; i < life.size(); ++i) {
      if (i != left_out) Record(life[i]);
    }
    EXPECT_THAT(Missing(), ElementsAre(missed[left_out] + " plant"));
    engine_ = nullptr;
  }
}

TEST_F(MissingRecordStory, AProfileThatDemandsNoElementDemandsNoRecord) {
  for (const std::string profile : {"canteen", "investigation"}) {
    SCOPED_TRACE(profile);
    const TempDir dir;
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    Keep("kitchen", profile);
    RecordAll({Charge("R1", kMilk).At(5), Produce("R1", kCream).At(10),
               Ship(kCream, "ext:own:shop").At(21)});
    if (profile == "canteen") {
      EXPECT_THAT(Missing(), ElementsAre("RCV " + kMilk + " kitchen"));
    } else {
      EXPECT_THAT(Missing(), IsEmpty());
    }
    engine_ = nullptr;
  }
}

TEST_F(MissingRecordStory, WhoStoresForOthersRecordsWhatGoesInAndOut) {
  Keep("store", "carrier", "ext:own:carrier");
  RecordAll({Receive(kCream, "ext:own:dairy").At(0), Ship(kCream, "ext:own:shop").At(21)});
  EXPECT_THAT(Missing(), ElementsAre("PCK " + kCream + " store", "STO " + kCream + " store"));
}

TEST_F(MissingRecordStory, WhatLayThereOrCameBackOrWasSplitNeedsNoReceipt) {
  const std::string half = "lot:ext:own:dairy/cream/C1-2";
  Keep("plant", "ordinary");
  RecordAll({OpenStock(kMilk).At(0), Charge("R1", kMilk).At(5), Parameters("R1").At(6),
             Finished(Produce("R1", kCream).At(10)), Inspect(kCream).At(11), PutIn(kCream).At(12),
             TakeOut(kCream).At(20), Split(kCream, {half}).At(21),
             Ship(half, "ext:own:shop").At(22)});
  EXPECT_THAT(Missing(half), IsEmpty());
  Record(Return(kMilk2, "ext:own:shop").At(30));
  Record(Charge("R2", kMilk2).At(31).InBreachOf("conduct.returned"));
  EXPECT_THAT(Missing(kMilk2), ElementsAre("PRD R2 plant"));
  const std::string again = "lot:ext:own:dairy/cream/C2";
  RecordAll({Parameters("R2").At(32), Finished(Produce("R2", again).At(33)), Inspect(again).At(34),
             PutIn(again).At(35)});
  EXPECT_THAT(Missing(again), IsEmpty());
}

TEST_F(MissingRecordStory, SemiFinishedGoodsAreInspectedWhenTheyAreSold) {
  const std::string base = "lot:ext:own:dairy/base/B1";
  Keep("plant", "ordinary");
  std::vector<Told> life = WholeLife();
  life[5] = Finished(Produce("R1", base).At(10), v1::OUTPUT_SEMI_FINISHED);
  life.insert(life.begin() + 6, {Charge("R2", base).At(11), Parameters("R2").At(12),
                                 Finished(Produce("R2", kCream).At(15))});
  for (size_t i = 9; i < life.size(); ++i) {
    life[i] = std::move(life[i]).At(30 + static_cast<int64_t>(i));
  }
  RecordAll(life);
  EXPECT_THAT(Missing(), IsEmpty());
  EXPECT_THAT(Missing(base), IsEmpty());
  Record(Ship(base, "ext:own:shop").At(60));
  EXPECT_THAT(Missing(base), ElementsAre("INS " + base + " plant", "PCK " + base + " plant",
                                         "STO " + base + " plant"));
}

TEST_F(MissingRecordStory, WhatIsNotSaidToBeFinishedIsByWhatBecomesOfIt) {
  const std::string base = "lot:ext:own:dairy/base/B1";
  Keep("plant", "ordinary");
  RecordAll({OpenStock(kMilk).At(0), Charge("R1", kMilk).At(5), Parameters("R1").At(6),
             Produce("R1", base).At(10)});
  EXPECT_THAT(Missing(base), ElementsAre("INS " + base + " plant", "STO " + base + " plant"));
  RecordAll({Charge("R2", base).At(15), Parameters("R2").At(16), Produce("R2", kCream).At(20),
             Inspect(kCream).At(21), PutIn(kCream).At(22)});
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingRecordStory, WhatWasLeftOverAndPutInIsStillThere) {
  const std::string base = "lot:ext:own:dairy/base/B1";
  Keep("plant", "ordinary");
  RecordAll({OpenStock(kMilk).At(0), Charge("R1", kMilk).At(5), Parameters("R1").At(6),
             Finished(Produce("R1", base).At(10), v1::OUTPUT_SEMI_FINISHED),
             Charge("R2", base).At(15), Parameters("R2").At(16),
             Finished(Produce("R2", kCream).At(20)), Inspect(kCream).At(21), PutIn(kCream).At(22),
             PutIn(base).At(23)});
  EXPECT_THAT(Missing(), IsEmpty());
  Record(Rework("R3", base).At(90));
  EXPECT_THAT(Missing(), ElementsAre("PCK " + base + " plant"));
}

TEST_F(MissingRecordStory, ARunThatTookTheLotAndGaveNothingHasNoOutput) {
  Keep("plant", "ordinary");
  RecordAll({Receive(kMilk, "ext:own:farm").At(0), PutIn(kMilk).At(1), TakeOut(kMilk).At(2),
             Charge("R1", kMilk).At(5), Charge("", kMilk).At(6)});
  EXPECT_THAT(Missing(kMilk), ElementsAre("PRD R1 plant"));
  Record(Finished(Produce("R1", kCream).At(10)));
  EXPECT_THAT(Missing(kMilk), IsEmpty());
}

TEST_F(MissingRecordStory, InfantFormulaIsReleasedBeforeItIsSold) {
  Keep("plant", "infant-formula");
  std::vector<Told> life = WholeLife();
  const Told shipment = std::move(life.back()).Late();
  life.pop_back();
  RecordAll(life);
  EXPECT_THAT(Missing(), IsEmpty());
  Record(shipment);
  EXPECT_THAT(Missing(), ElementsAre("REL " + kCream + " plant"));
  const auto report = engine_->ReportCompleteness(kCream);
  ASSERT_THAT(report, IsOk());
  const auto row = std::find_if(report->elements.begin(), report->elements.end(),
                                [](const auto& one) { return one.operation == "REL"; });
  ASSERT_NE(row, report->elements.end());
  EXPECT_EQ(row->number, "record.release");
  EXPECT_THAT(row->name_zh, HasSubstr("放行"));
  EXPECT_THAT(row->source, HasSubstr("第81条"));
  Record(Release(kCream).At(15).Late());
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingRecordStory, WhatWasWithdrawnIsNotThere) {
  Keep("plant", "ordinary");
  std::vector<Told> life = WholeLife();
  life[6] = std::move(life[6]).Id("inspection");
  life[9] = std::move(life[9]).Id("shipment");
  life.erase(life.begin() + 8);  // nobody recorded that it was taken out
  RecordAll(life);
  EXPECT_THAT(Missing(), ElementsAre("PCK " + kCream + " plant"));
  Record(Withdraw("inspection"));
  EXPECT_THAT(Missing(), ElementsAre("INS " + kCream + " plant", "PCK " + kCream + " plant"));
  Record(Withdraw("shipment"));
  EXPECT_THAT(Missing(), ElementsAre("INS " + kCream + " plant"));
}

TEST_F(MissingRecordStory, WhatHappensToThePalletHappensToTheLotOnIt) {
  Keep("plant", "infant-formula");
  std::vector<Told> life = WholeLife();
  life.resize(8);
  RecordAll(life);
  RecordAll({Pack(Sscc(1), {kCream}).At(13), Pack(Sscc(2), {Sscc(1)}).At(14),
             Ship(Sscc(2), "ext:own:shop").At(40).Late()});
  EXPECT_THAT(Missing(), ElementsAre("PCK " + kCream + " plant", "REL " + kCream + " plant"));
  RecordAll({TakeOut(Sscc(2)).At(39), Release(Sscc(1)).At(38).Late()});
  EXPECT_THAT(Missing(), IsEmpty());
  EXPECT_THAT(RowsWithEntries(kCream, true), Contains("S002-15 SHP " + kCream));
}

TEST_F(MissingRecordStory, AnEmptiedCrateIsNotTheLotThatWasInIt) {
  Keep("plant", "infant-formula");
  std::vector<Told> life = WholeLife();
  life.resize(8);
  RecordAll(life);
  RecordAll({Pack("ext:own:crate", {kCream}).At(13), Unpack("ext:own:crate").At(14),
             Ship("ext:own:crate", "ext:own:shop").At(40).Late()});
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingRecordStory, EachCompanyAnswersForItsOwnRecords) {
  const std::string cheese = "lot:ext:own:maker/cheese/K1";
  Keep("dairy", "workshop");
  RecordAll({Produce("R1", kCream).At(10), Ship(kCream, "ext:own:maker").At(21)});
  Keep("maker", "ordinary", "ext:own:maker");
  RecordAll({Charge("R9", kCream).At(50), Parameters("R9").At(51),
             Finished(Produce("R9", cheese).At(60)), Inspect(cheese).At(61), PutIn(cheese).At(62)});
  // The workshop need not inspect or store; that it made the cream is no receipt of the maker's.
  EXPECT_THAT(Missing(cheese), ElementsAre("CHG R1 dairy", "PCK " + kCream + " maker",
                                           "RCV " + kCream + " maker", "STO " + kCream + " maker"));
}

TEST_F(MissingRecordStory, TheLedgersOfOneCompanyStandForEachOther) {
  Keep("plant", "ordinary");
  std::vector<Told> life = WholeLife();
  const std::vector<Told> later(life.begin() + 6, life.end());
  life.resize(6);
  RecordAll(life);
  Keep("warehouse", "ordinary");
  RecordAll(later);
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingRecordStory, WhatOthersDidAndTellIsTheirs) {
  Keep("plant", "ordinary");
  // The maker's own books are not here.
  RecordAll({Charge("R1", kMilk).At(5).By("ext:own:maker"),
             Finished(Produce("R1", kCream).At(10).By("ext:own:maker"))});
  RecordAll({Observe(kCream, "ext:own:maker", "ext:own:shop").At(20),
             Link(kMilk2, kCream, "ext:own:maker").At(20)});
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingRecordStory, ReportsAreTheSameEachTime) {
  Keep("plant", "ordinary");
  RecordAll({Charge("R1", kMilk).At(5), Charge("R1", kMilk2).At(5),
             Finished(Produce("R1", kCream).At(10))});
  const std::vector<std::string> missing = Missing();
  EXPECT_THAT(missing,
              ElementsAre("INS " + kCream + " plant", "PCK " + kMilk + " plant",
                          "PCK " + kMilk2 + " plant", "PRM R1 plant", "RCV " + kMilk + " plant",
                          "RCV " + kMilk2 + " plant", "STO " + kCream + " plant",
                          "STO " + kMilk + " plant", "STO " + kMilk2 + " plant"));
  EXPECT_THAT(Missing(), ElementsAreArray(missing));
}

// ---------------------------------------------------- what is due on a condition

class ConditionStory : public MissingRecordStory {
 protected:
  void SetUp() override {
    MissingRecordStory::SetUp();
    Keep("store", "wholesaler", "ext:own:store");
  }

  static Told Kept(Told told, const std::string& condition) {
    google::protobuf::Message& body =
        told.event.has_put_in()
            ? static_cast<google::protobuf::Message&>(*told.event.mutable_put_in())
            : *told.event.mutable_ship();
    body.GetReflection()->SetString(
        &body, body.GetDescriptor()->FindFieldByName("storage_condition"), condition);
    return told;
  }
  static Told Product(const std::string& condition, std::string_view from = "") {
    Told told = ProductMaster("cream", "Cream");
    v1::RegisterMaster& master = *told.event.mutable_register_master();
    master.mutable_product()->set_storage_condition(condition);
    if (!from.empty()) {
      *master.mutable_effective_from() = TimeOfDate(DateOf(from), kOffsetMinutes);
    }
    return told;
  }
  static Told Measured(Told told) {
    if (told.event.has_put_in()) {
      told.event.mutable_put_in()->add_sensor_report()->set_item("temperature");
    } else if (told.event.has_transport()) {
      told.event.mutable_transport()->add_sensor_report()->set_item("temperature");
    }
    return told;
  }
  static Told Carry(const std::string& unit) {
    Told told;
    told.event.mutable_transport()->add_units()->set_key(unit);
    return told;
  }
};

TEST_F(ConditionStory, WhatIsDueByTheRecordsOwnWordsIsListed) {
  RecordAll(
      {Receive(kCream, "ext:own:dairy").At(0), Measured(Kept(PutIn(kCream).At(1), "chilled"))});
  EXPECT_THAT(RowsWithEntries(kCream, true), Contains("S002-12 STO " + kCream));
  EXPECT_THAT(Lacking(), IsEmpty());
}

TEST_F(ConditionStory, WhatNeedsNothingSpecialOwesNothing) {
  RecordAll({Receive(kCream, "ext:own:dairy").At(0), PutIn(kCream).At(1),
             Kept(PutIn(kCream).At(2), "dry"), Ship(kCream, "ext:own:shop").At(9)});
  EXPECT_THAT(Lacking(), IsEmpty());
  Record(Product("ambient"));
  EXPECT_THAT(Lacking(), IsEmpty());
  for (const std::string& row : RowsWithEntries(kCream, true)) {
    EXPECT_THAT(row, Not(HasSubstr("S002-12 ")));
    EXPECT_THAT(row, Not(HasSubstr("S002-18 ")));
  }
}

TEST_F(ConditionStory, AProductThatMustBeKeptCoolOwesTheConditions) {
  RecordAll({Receive(kCream, "ext:own:dairy").At(0), PutIn(kCream).At(1),
             Ship(kCream, "ext:own:shop").At(9)});
  Record(Product("chilled").Id("product"));
  EXPECT_THAT(Lacking(), ElementsAre("S002-18 SHP " + kCream, "S002-12 STO " + kCream));
  Record(Withdraw("product"));
  EXPECT_THAT(Lacking(), IsEmpty());
}

TEST_F(ConditionStory, ReadingsOfThePlaceAndOfTheTransportWillDo) {
  RecordAll({Product("chilled"), Receive(kCream, "ext:own:dairy").At(0),
             PutIn(kCream).At(1).In("ext:own:store/cold"), Ship(kCream, "ext:own:shop").At(9)});
  const std::string stored = "S002-12 STO " + kCream;
  const std::string shipped = "S002-18 SHP " + kCream;
  EXPECT_THAT(Lacking(), ElementsAre(shipped, stored));
  Record(ReadClimate("ext:own:store/yard").At(5));                  // elsewhere
  Record(ReadClimate("ext:own:store/cold").At(-2 * kMinutesADay));  // before it came
  Record(ReadClimate("ext:own:store/cold").At(3 * kMinutesADay));   // after it had left
  EXPECT_THAT(Lacking(), ElementsAre(shipped, stored));
  Record(ReadClimate("ext:own:store/cold").At(5));
  EXPECT_THAT(Lacking(), ElementsAre(shipped));
  Record(Measured(Carry(kCream).At(10)));
  EXPECT_THAT(Lacking(), IsEmpty());
}

TEST_F(ConditionStory, TheProductIsJudgedAsItWasThen) {
  RecordAll({Product("ambient", "2025-01-01"), Product("frozen", "2025-11-05"),
             Receive(kCream, "ext:own:dairy").At(0), PutIn(kCream).At(1)});
  EXPECT_THAT(Lacking(), IsEmpty());
  Record(PutIn(kCream).At(5 * kMinutesADay));
  EXPECT_THAT(Lacking(), ElementsAre("S002-12 STO " + kCream));
}

TEST_F(ConditionStory, ARecordThatIsNotThereOwesItToo) {
  RecordAll({Product("chilled"), Receive(kCream, "ext:own:dairy").At(0)});
  EXPECT_THAT(Missing(), ElementsAre("STO " + kCream + " store"));
}

}  // namespace
}  // namespace suyuan

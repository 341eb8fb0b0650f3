// Rules of conduct as the writer judges them: by what the ledger holds, and by what
// the same batch told before.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "suyuan/suyuan.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kDairy = "ext:own:dairy";
const std::string kShop = "ext:own:shop";
const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";

class ConductStory : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    if (!engine_->ListLedgers()->empty()) return;
    // All elements are optional there, so that stories can be short.
    ASSERT_THAT(
        engine_->CreateLedger(
            {.name = "dairy", .subject = kDairy, .subject_name = "Dairy", .profile = "canteen"}),
        IsOk());
  }

  // The rules that the batch breaks; nothing is stored then.
  std::vector<std::string> Record(std::vector<Told> batch) {
    std::vector<v1::Event> events;
    for (Told& told : batch) {
      if (told.event.id().empty()) told.event.set_id("e" + std::to_string(++last_id_));
      events.push_back(std::move(told.event));
    }
    const uint64_t size = engine_->GetLedger("dairy")->size;
    const auto receipts = engine_->Append("dairy", events);
    std::vector<std::string> rules;
    for (const Violation& violation : ViolationsOf(receipts.status())) {
      rules.push_back(violation.rule);
    }
    EXPECT_EQ(receipts.ok(), rules.empty()) << receipts.status();
    EXPECT_EQ(engine_->GetLedger("dairy")->size, rules.empty() ? size + events.size() : size);
    return rules;
  }
  std::vector<std::string> Record(Told told) {
    std::vector<Told> batch;
    batch.push_back(std::move(told));
    return Record(std::move(batch));
  }

  // A receipt with all that a canteen must record.
  static Told Received(const Ref& unit) {
    Told told = Receive(unit, "ext:own:farm");
    v1::Receive& receive = *told.event.mutable_receive();
    receive.set_material_name("milk");
    receive.set_specification("bulk");
    receive.set_supplier_name("Farm");
    receive.set_supplier_address("1 Lane");
    receive.set_supplier_phone("021-1");
    receive.set_supplier_licence("SC12431011800369");
    *receive.mutable_supplier_production_date() = DateOf("2025-10-04");
    receive.mutable_shelf_life()->set_value(1);
    receive.mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
    return told;
  }
  static Told Recall(const Ref& unit) {
    Told told;
    v1::RecallGoods& recall = *told.event.mutable_recall_goods();
    recall.set_recall_number("RC1");
    *recall.mutable_unit() = unit.ref;
    return told;
  }
  static Told HoldOf(const Ref& unit) {
    Told told;
    *told.event.mutable_hold()->mutable_unit() = unit.ref;
    return told;
  }
  static Told ReleaseOf(const Ref& unit) {
    Told told;
    *told.event.mutable_release()->mutable_unit() = unit.ref;
    return told;
  }
  static Told Inspected(const Ref& unit, v1::Verdict verdict) {
    Told told = Inspect(unit);
    told.event.mutable_inspect()->set_verdict(verdict);
    return told;
  }
  static Told Remedy(const Ref& unit) {
    Told told;
    *told.event.mutable_remedy_goods()->mutable_unit() = unit.ref;
    return told;
  }
  static std::vector<Told> Batch(Told first, Told second) {
    std::vector<Told> batch;
    batch.push_back(std::move(first));
    batch.push_back(std::move(second));
    return batch;
  }

  const TempDir dir_;
  std::unique_ptr<Engine> engine_;
  int last_id_ = 0;
};

TEST_F(ConductStory, ARecalledLotIsNotUsedAfterItsRecall) {
  EXPECT_THAT(Record(Received(kMilk).At(0)), IsEmpty());
  EXPECT_THAT(Record(Recall(kMilk).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), ElementsAre("conduct.recalled"));
  // It was charged before, and is told now.
  EXPECT_THAT(Record(Charge("R1", kMilk).At(5)), IsEmpty());
  EXPECT_THAT(Record(Produce("R1", kPowder).At(30)), IsEmpty());
  const absl::StatusOr<TraceResult> trace =
      engine_->Trace({.unit = kMilk, .direction = Direction::kForward});
  ASSERT_THAT(trace, IsOk());
  ASSERT_EQ(trace->units.size(), 1u);
  EXPECT_EQ(trace->units[0].key, kPowder);
}

TEST_F(ConductStory, WhatHappenedAllTheSameIsStoredAndTraced) {
  EXPECT_THAT(Record(Recall(kMilk).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20).InBreachOf("conduct.recalled")), IsEmpty());
  EXPECT_THAT(Record(Produce("R1", kPowder).At(30)), IsEmpty());
  const absl::StatusOr<TraceResult> trace =
      engine_->Trace({.unit = kMilk, .direction = Direction::kForward});
  ASSERT_THAT(trace, IsOk());
  EXPECT_EQ(trace->units.size(), 1u);
}

TEST_F(ConductStory, ALateEntryIsNeverRefused) {
  EXPECT_THAT(Record(Recall(kMilk).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20).Late()), IsEmpty());
}

TEST_F(ConductStory, ABatchIsJudgedInItsOrder) {
  std::vector<Told> batch;
  batch.push_back(HoldOf(kMilk).At(10));
  batch.push_back(Charge("R1", kMilk).At(20));
  EXPECT_THAT(Record(std::move(batch)), ElementsAre("conduct.held"));
  // Nothing of it counts, also not the hold.
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), IsEmpty());
  std::vector<Told> lifted;
  lifted.push_back(HoldOf(kMilk).At(30));
  lifted.push_back(ReleaseOf(kMilk).At(40));
  lifted.push_back(Charge("R1", kMilk).At(50));
  EXPECT_THAT(Record(std::move(lifted)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(35)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, TheOrderOfTellingDoesNotMatter) {
  // Released at 40, held at 30: told the other way round.
  EXPECT_THAT(Record(ReleaseOf(kMilk).At(40)), IsEmpty());
  EXPECT_THAT(Record(HoldOf(kMilk).At(30)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(50)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(35)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, AWithdrawnHoldHoldsNothing) {
  EXPECT_THAT(Record(HoldOf(kMilk).At(10).Id("hold")), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Withdraw("hold")), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), IsEmpty());
}

TEST_F(ConductStory, OnlyThePartThatCameBackIsBarred) {
  EXPECT_THAT(Record(Produce("R1", kPowder).At(0)), IsEmpty());
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(10)), IsEmpty());
  EXPECT_THAT(Record(Return(kPowder, kShop, "back").At(20)), IsEmpty());
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(30)), IsEmpty());
  EXPECT_THAT(Record(Ship(Ref(kPowder, "back"), kShop).At(30)), ElementsAre("conduct.returned"));
  EXPECT_THAT(Record(Charge("R2", Ref(kPowder, "back")).At(30)), ElementsAre("conduct.returned"));
}

TEST_F(ConductStory, APalletIsJudgedByWhatIsOnIt) {
  EXPECT_THAT(Record(Produce("R1", kPowder).At(0)), IsEmpty());
  EXPECT_THAT(Record(Pack(Sscc(1), {kPowder}).At(10)), IsEmpty());
  EXPECT_THAT(Record(HoldOf(kPowder).At(20)), IsEmpty());
  EXPECT_THAT(Record(Ship(Sscc(1), kShop).At(30)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Unpack(Sscc(1)).At(40)), IsEmpty());
  EXPECT_THAT(Record(Ship(Sscc(1), kShop).At(50)), IsEmpty());
}

TEST_F(ConductStory, AnItemIsJudgedByItsLot) {
  EXPECT_THAT(Record(Produce("R1", kPowder).At(0)), IsEmpty());
  EXPECT_THAT(Record(AssignRange(kPowder, "C100", "C199").At(1)), IsEmpty());
  EXPECT_THAT(Record(Recall(kPowder).At(10)), IsEmpty());
  EXPECT_THAT(Record(Ship("item:C150", kShop).At(20)), ElementsAre("conduct.recalled"));
}

TEST_F(ConductStory, ExpiryComesFromTheDateOrTheShelfLife) {
  Told dated = Received(kMilk).At(0);
  *dated.event.mutable_receive()->mutable_expiry_date() = DateOf("2025-11-04");
  EXPECT_THAT(Record(std::move(dated)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(kMinutesADay * 2 - 1)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(kMinutesADay * 2)), ElementsAre("conduct.expired"));

  const std::string whey = "lot:ext:own:farm/whey/W1";
  Told lived = Received(whey).At(0);
  EXPECT_THAT(Record(std::move(lived)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", whey).At(kMinutesADay * 2 - 1)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", whey).At(kMinutesADay * 2)), ElementsAre("conduct.expired"));
}

TEST_F(ConductStory, AHeldPlaceIsHeldUntilItIsReleased) {
  Told hold;
  hold.event.mutable_hold()->set_place("ext:own:dairy/hall-2");
  Told release;
  release.event.mutable_release()->set_place("ext:own:dairy/hall-2");
  EXPECT_THAT(Record(std::move(hold).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).In("ext:own:dairy/hall-2").At(20)),
              ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Charge("R1", kMilk).In("ext:own:dairy/hall-1").At(20)), IsEmpty());
  EXPECT_THAT(Record(std::move(release).At(30)), IsEmpty());
  EXPECT_THAT(Record(Charge("R1", kMilk).In("ext:own:dairy/hall-2").At(40)), IsEmpty());
}

TEST_F(ConductStory, AHoldByAnotherNumberAloneHoldsWhenTheNumberWasToldBefore) {
  EXPECT_THAT(Record(Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0)), IsEmpty());
  EXPECT_THAT(Record(HoldOf(Numbered("PO 7")).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Charge("R2", kMilk).At(20)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(5)), IsEmpty());
  Open();
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(engine_->RebuildIndexes(), IsOk());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(ReleaseOf(Numbered(" ＰＯ 7")).At(30)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(40)), IsEmpty());
}

TEST_F(ConductStory, AHoldByAnotherNumberAloneHoldsWhenTheNumberIsToldLater) {
  EXPECT_THAT(Record(HoldOf(Numbered("PO 7")).At(10)), IsEmpty());
  EXPECT_THAT(Record(Produce("R1", kPowder).At(0)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), IsEmpty());
  EXPECT_THAT(Record(Ship(Ref(kPowder).KnownAs("PO 7"), kShop).At(5)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(engine_->RebuildIndexes(), IsOk());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, AHoldByAnotherNumberAloneCountsWithinItsBatch) {
  const auto batch_of = [](std::vector<Told> first) {
    first.push_back(Charge("R2", kPowder).At(20));
    return first;
  };
  const auto told = [] { return Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0); };
  const auto held = [] { return HoldOf(Numbered("PO 7")).At(10); };
  EXPECT_THAT(Record(batch_of(Batch(told(), held()))), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(batch_of(Batch(held(), told()))), ElementsAre("conduct.held"));
  // Nothing of it counted.
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), IsEmpty());
  EXPECT_THAT(Record(held()), IsEmpty());
  EXPECT_THAT(Record(Batch(told(), Charge("R2", kPowder).At(20))), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(told()), IsEmpty());
  EXPECT_THAT(Record(Batch(ReleaseOf(Numbered("PO 7")).At(15), Charge("R2", kPowder).At(20))),
              IsEmpty());
}

TEST_F(ConductStory, ANumberOfSeveralUnitsBarsThemAllAndFreesNone) {
  EXPECT_THAT(Record(Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0)), IsEmpty());
  EXPECT_THAT(Record(HoldOf(Numbered("PO 7")).At(10)), IsEmpty());
  EXPECT_THAT(Record(ReleaseOf(Numbered("PO 7")).At(20)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(30)), IsEmpty());
  // Which of the two was released?
  EXPECT_THAT(Record(Received(Ref(kMilk).KnownAs("PO 7")).At(0)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(30)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Charge("R2", kMilk).At(30)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(ReleaseOf(kMilk).At(40)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kMilk).At(50)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(50)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, AMarkByAnotherNumberAloneFollowsCorrections) {
  EXPECT_THAT(Record(Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0).Id("told")), IsEmpty());
  EXPECT_THAT(Record(HoldOf(Numbered("PO 7")).At(10).Id("hold")), IsEmpty());
  // It was the number of another lot.
  const std::string other = "lot:ext:own:dairy/powder/L2";
  const auto corrected = [&] {
    return Produce("R1", Ref(other).KnownAs("PO 7")).At(0).InsteadOf("told").Id("better");
  };
  EXPECT_THAT(Record(Batch(corrected(), Charge("R2", kPowder).At(20).Id("used"))), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", other).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Charge("R2", Numbered("PO 7")).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Withdraw("better")), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", other).At(20)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Withdraw("hold")), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(20)), IsEmpty());
}

TEST_F(ConductStory, ANumberGoesWithTheLotThatItsEventSpokeOf) {
  const std::string second = "lot:ext:own:dairy/powder/L1-2";
  EXPECT_THAT(Record(Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0)), IsEmpty());
  EXPECT_THAT(Record(Produce("R2", Ref(kPowder).KnownAs("PO 8")).At(0).Id("again")), IsEmpty());
  EXPECT_THAT(Record(HoldOf(Numbered("PO 8")).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R3", kPowder).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Apart(kPowder, second, {"again"}).Id("apart")), IsEmpty());
  EXPECT_THAT(Record(Charge("R3", second).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Charge("R3", kPowder).At(20).Id("right")), IsEmpty());
  EXPECT_THAT(Record(Withdraw("apart")), IsEmpty());
  EXPECT_THAT(Record(Charge("R3", kPowder).At(20)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, EveryStatementCountsByAnotherNumberAlone) {
  EXPECT_THAT(Record(Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0)), IsEmpty());
  EXPECT_THAT(Record(Inspected(Numbered("PO 7"), v1::VERDICT_FAIL).At(10)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(15)), ElementsAre("conduct.failed"));
  EXPECT_THAT(Record(Inspected(Numbered("PO 7"), v1::VERDICT_PASS).At(20)), IsEmpty());
  EXPECT_THAT(Record(Charge("R2", kPowder).At(25)), IsEmpty());
  EXPECT_THAT(Record(Return(Numbered("PO 7"), kShop, "back").At(30)), IsEmpty());
  EXPECT_THAT(Record(Ship(Ref(kPowder, "back"), kShop).At(35)), ElementsAre("conduct.returned"));
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(35)), IsEmpty());
  EXPECT_THAT(Record(Recall(Numbered("PO 7")).At(40)), IsEmpty());
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(45)), ElementsAre("conduct.recalled"));
  EXPECT_THAT(Record(Remedy(Numbered("PO 7")).At(50)), IsEmpty());
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(55)), IsEmpty());
}

TEST_F(ConductStory, ACodeAloneNamesItsItemWheneverItIsBound) {
  EXPECT_THAT(Record(HoldOf(Numbered("C150")).At(10)), IsEmpty());
  EXPECT_THAT(Record(Produce("R1", kPowder).At(0)), IsEmpty());
  EXPECT_THAT(Record(AssignRange(kPowder, "C100", "C199").At(1).Id("bound")), IsEmpty());
  EXPECT_THAT(Record(HoldOf(Numbered("C151")).At(10)), IsEmpty());
  for (const std::string item : {"item:C150", "item:C151"}) {
    EXPECT_THAT(Record(Ship(item, kShop).At(20)), ElementsAre("conduct.held")) << item;
  }
  EXPECT_THAT(Record(Ship(Numbered("C150"), kShop).At(20)), ElementsAre("conduct.held"));
  EXPECT_THAT(Record(Ship("item:C152", kShop).At(20)), IsEmpty());
  EXPECT_THAT(Record(Ship(kPowder, kShop).At(20)), IsEmpty());
  // A key is one, wherever it stands.
  EXPECT_THAT(Record(HoldOf(Numbered(kPowder)).At(10)), IsEmpty());
  EXPECT_THAT(Record(Ship("item:C152", kShop).At(20)), ElementsAre("conduct.held"));
}

TEST_F(ConductStory, TheStateIsThereAgainAfterReopening) {
  EXPECT_THAT(Record(Recall(kMilk).At(10)), IsEmpty());
  Open();
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), ElementsAre("conduct.recalled"));
  EXPECT_THAT(engine_->RebuildIndexes(), IsOk());
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20)), ElementsAre("conduct.recalled"));
}

TEST_F(ConductStory, TheSameEventAgainIsNotJudgedAgain) {
  EXPECT_THAT(Record(Charge("R1", kMilk).At(20).Id("chg")), IsEmpty());
  EXPECT_THAT(Record(Recall(kMilk).At(10)), IsEmpty());
  v1::Event again = Charge("R1", kMilk).At(20).Id("chg").event;
  const auto receipts = engine_->Append("dairy", std::span(&again, 1));
  ASSERT_THAT(receipts, IsOk());
  EXPECT_TRUE(receipts->front().duplicate);
}

}  // namespace
}  // namespace suyuan

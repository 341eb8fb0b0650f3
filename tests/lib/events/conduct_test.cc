// Each rule of conduct with what it refuses and what it lets pass.

#include "lib/events/conduct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "lib/codes/code_table.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kLot = "lot:ext:own:dairy/powder/L1";
const std::string kOther = "lot:ext:own:dairy/powder/L2";
const std::string kShanghai = "uscc:91310116MA1J8XYC4H";
const std::string kElsewhere = "ext:own:dairy";

// A ledger that knows one lot.
class Known : public State {
 public:
  Standing standing;
  Holds held_place;
  Holds held_equipment;
  std::string came_from;

  std::vector<Standing> StandingsOf(uint32_t, const Goods& goods, const Interval&) const override {
    Standing known = goods.unit == kLot ? standing : Standing();
    known.goods = goods;
    return {known};
  }
  Holds HoldsOfPlace(uint32_t, const std::string&, const Interval&) const override {
    return held_place;
  }
  Holds HoldsOfEquipment(uint32_t, const std::string& name, const Interval&) const override {
    return name == "mixer-2" ? held_equipment : Holds();
  }
  bool CameFrom(uint32_t, const Goods&, const std::string& holder) const override {
    return holder == came_from;
  }
};

Told Release(const std::string& unit) {
  Told told;
  told.event.mutable_release()->mutable_unit()->set_key(unit);
  return told;
}

class ConductTest : public ::testing::Test {
 protected:
  // The rules that `told` breaks.
  std::vector<std::string> Broken(const Told& told) {
    const absl::StatusOr<std::unique_ptr<Conduct>> conduct = Conduct::For(profile, owner);
    EXPECT_THAT(conduct, IsOk());
    violations.clear();
    (*conduct)->Judge(DeedOf(told.event), 1, Now(), state, 0, &violations);
    std::vector<std::string> rules;
    for (const Violation& violation : violations) rules.push_back(violation.rule);
    return rules;
  }
  static int64_t Now() { return (kDaySeconds + 3600) * 1'000'000; }

  Known state;
  std::string profile = "ordinary";
  std::string owner = kElsewhere;
  std::vector<Violation> violations;
  const Evidence entry{"plant-1", 12};
};

TEST_F(ConductTest, GoodsOfWhichNothingIsKnownMayBeUsed) {
  EXPECT_THAT(Broken(Charge("R1", kLot)), IsEmpty());
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), IsEmpty());
}

TEST_F(ConductTest, ReturnedGoodsGoNowhere) {
  state.standing.returned = entry;
  for (const Told& told :
       {Charge("R1", kLot), Rework("R1", kLot), Split(kLot, {kOther}), Merge({kLot}, kOther),
        Pack(Sscc(1), {kLot}), Ship(kLot, "ext:own:shop"), Serve(kLot)}) {
    EXPECT_THAT(Broken(told), ElementsAre("conduct.returned")) << told.event.ShortDebugString();
  }
  EXPECT_THAT(Broken(Charge("R1", kOther)), IsEmpty());
  EXPECT_THAT(Broken(Destroy(kLot)), IsEmpty());
  EXPECT_THAT(Broken(Move(kLot, "ext:own:dairy/depot")), IsEmpty());
}

TEST_F(ConductTest, AfterARemedyTheyMayBeSoldAndNeverUsed) {
  state.standing.returned = entry;
  state.standing.remedied = entry;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), IsEmpty());
  EXPECT_THAT(Broken(Serve(kLot)), IsEmpty());
  EXPECT_THAT(Broken(Charge("R1", kLot)), ElementsAre("conduct.returned"));
}

TEST_F(ConductTest, TheRuleOfTheRegionTakesThePlaceOfTheNationalOne) {
  state.standing.returned = entry;
  Broken(Charge("R1", kLot));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].source, HasSubstr("实施条例"));
  owner = kShanghai;
  Broken(Charge("R1", kLot));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].source, HasSubstr("上海市"));
}

TEST_F(ConductTest, AViolationNamesGoodsEntryLawAndWayOut) {
  state.standing.recalled = entry;
  Broken(Charge("R1", kLot));
  ASSERT_EQ(violations.size(), 1u);
  const Violation& violation = violations[0];
  EXPECT_EQ(violation.rule, "conduct.recalled");
  EXPECT_EQ(violation.field, "charge.unit");
  EXPECT_EQ(violation.found, kLot + " (plant-1 #12)");
  EXPECT_THAT(violation.expected, HasSubstr("breach"));
  EXPECT_THAT(violation.source, HasSubstr("第63条"));
  EXPECT_THAT(violation.message_zh, HasSubstr("breaches"));
  EXPECT_THAT(violation.message_en, HasSubstr("entry 12 of ledger plant-1"));
}

TEST_F(ConductTest, WhatHappenedAllTheSameIsRecordedAsABreach) {
  state.standing.recalled = entry;
  state.standing.held = entry;
  EXPECT_THAT(Broken(Charge("R1", kLot)), ElementsAre("conduct.recalled", "conduct.held"));
  EXPECT_THAT(Broken(Charge("R1", kLot).InBreachOf("conduct.held")),
              ElementsAre("conduct.recalled"));
  EXPECT_THAT(Broken(Charge("R1", kLot).InBreachOf("conduct.held").InBreachOf("conduct.recalled")),
              IsEmpty());
}

TEST_F(ConductTest, LateEntriesAndThirdPartiesAreNeverRefused) {
  state.standing.recalled = entry;
  EXPECT_THAT(Broken(Charge("R1", kLot).Late()), IsEmpty());
  EXPECT_THAT(Broken(Link(kLot, kOther)), IsEmpty());
  EXPECT_THAT(Broken(Observe(kLot, "ext:own:a", "ext:own:b")), IsEmpty());
}

TEST_F(ConductTest, GoodsAreExpiredAfterTheirLastMoment) {
  state.standing.usable_until = (kDaySeconds + 600) * 1'000'000;
  EXPECT_THAT(Broken(Charge("R1", kLot).At(9)), IsEmpty());
  EXPECT_THAT(Broken(Charge("R1", kLot).At(11)), ElementsAre("conduct.expired"));
  // Some time on that day: it may have been before.
  EXPECT_THAT(Broken(Charge("R1", kLot).On("2025-11-03")), IsEmpty());
  // An event without a time happens now.
  EXPECT_THAT(Broken(Charge("R1", kLot)), ElementsAre("conduct.expired"));
}

TEST_F(ConductTest, InShanghaiExpiredGoodsDoNotGoBackToTheirSupplier) {
  state.standing.usable_until = 0;
  state.came_from = "ext:own:supplier";
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:supplier")), ElementsAre("conduct.expired"));
  owner = kShanghai;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:supplier")),
              ElementsAre("conduct.expired", "conduct.expired-return"));
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), ElementsAre("conduct.expired"));
}

TEST_F(ConductTest, APlaceOrEquipmentOnHoldIsNotWorkedAt) {
  state.held_place.any = entry;
  EXPECT_THAT(Broken(Charge("R1", kOther)), ElementsAre("conduct.held"));
  state.held_place = {};
  state.held_equipment.any = entry;
  Told produce = Produce("R1", kOther);
  EXPECT_THAT(Broken(produce), IsEmpty());
  produce.event.mutable_produce()->add_equipment("mixer-2");
  EXPECT_THAT(Broken(produce), ElementsAre("conduct.held"));
}

TEST_F(ConductTest, GoodsThatFailedMayOnlyBeReworked) {
  state.standing.failed = entry;
  EXPECT_THAT(Broken(Charge("R1", kLot)), ElementsAre("conduct.failed"));
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), ElementsAre("conduct.failed"));
  EXPECT_THAT(Broken(Rework("R1", kLot)), IsEmpty());
}

TEST_F(ConductTest, InfantFormulaIsNotShippedBeforeInspectionAndRelease) {
  state.standing.finished = entry;
  state.standing.made_here = true;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), IsEmpty()) << "ordinary food";
  profile = "infant-formula";
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), ElementsAre("conduct.unreleased"));
  state.standing.passed = true;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), ElementsAre("conduct.unreleased"));
  state.standing.released = true;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), IsEmpty());
  state.standing.passed = false;
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), ElementsAre("conduct.unreleased"));
  // Into cases it may go before.
  EXPECT_THAT(Broken(Pack(Sscc(1), {kLot})), IsEmpty());
}

TEST_F(ConductTest, FinishedInfantFormulaIsNotSubPacked) {
  state.standing.finished = entry;
  state.standing.passed = state.standing.released = true;
  EXPECT_THAT(Broken(Split(kLot, {kOther})), IsEmpty()) << "ordinary food";
  profile = "infant-formula";
  EXPECT_THAT(Broken(Split(kLot, {kOther})), ElementsAre("conduct.subpacking"));
  EXPECT_THAT(Broken(Charge("R1", kLot)), ElementsAre("conduct.subpacking"));
  EXPECT_THAT(Broken(Rework("R1", kLot)), IsEmpty());
  EXPECT_THAT(Broken(Ship(kLot, "ext:own:shop")), IsEmpty());
}

TEST_F(ConductTest, WhatAnAuthorityHoldsTheCompanyDoesNotRelease) {
  state.standing.held = entry;
  EXPECT_THAT(Broken(Release(kLot)), IsEmpty()) << "its own hold";
  state.standing.held_by_authority = entry;
  EXPECT_THAT(Broken(Release(kLot)), ElementsAre("conduct.authority-hold"));
  EXPECT_EQ(violations[0].field, "release.unit");
  EXPECT_THAT(violations[0].expected, HasSubstr("authority"));
  EXPECT_THAT(violations[0].message_zh, HasSubstr("release.authority"));
  EXPECT_THAT(violations[0].message_en, HasSubstr("release.authority"));
  EXPECT_THAT(Broken(Release(kOther)), IsEmpty());
  EXPECT_THAT(Broken(Release(kLot).InBreachOf("conduct.authority-hold")), IsEmpty());
  EXPECT_THAT(Broken(Release(kLot).Late()), IsEmpty());
  Told by_authority = Release(kLot);
  by_authority.event.mutable_release()->set_authority("bureau");
  EXPECT_THAT(Broken(by_authority), IsEmpty());
}

TEST_F(ConductTest, APlaceOrEquipmentThatAnAuthorityHoldsIsNotReleasedEither) {
  Told place;
  place.event.mutable_release()->set_place("ext:own:dairy/hall-2");
  Told mixer;
  mixer.event.mutable_release()->set_equipment("mixer-2");
  state.held_place.any = state.held_equipment.any = entry;
  EXPECT_THAT(Broken(place), IsEmpty());
  EXPECT_THAT(Broken(mixer), IsEmpty());
  EXPECT_THAT(Broken(Release(kLot)), IsEmpty()) << "a release is no work at the place";
  state.held_place.by_authority = state.held_equipment.by_authority = entry;
  EXPECT_THAT(Broken(place), ElementsAre("conduct.authority-hold"));
  EXPECT_EQ(violations[0].field, "release.place");
  EXPECT_THAT(Broken(mixer), ElementsAre("conduct.authority-hold"));
  EXPECT_EQ(violations[0].field, "release.equipment");
}

TEST_F(ConductTest, WhatCountsAsReturnedFoodDiffersByRegion) {
  const auto returned_for = [&](v1::ReturnCause cause) {
    state.standing.returned = entry;
    state.standing.return_causes = 1u << cause;
    return Broken(Ship(kLot, "ext:own:shop"));
  };
  for (const v1::ReturnCause cause :
       {v1::RETURN_CAUSE_UNSPECIFIED, v1::RETURN_VIOLATION, v1::RETURN_LABEL, v1::RETURN_EXPIRED}) {
    owner = kElsewhere;
    EXPECT_THAT(returned_for(cause), ElementsAre("conduct.returned")) << cause;
    owner = kShanghai;
    EXPECT_THAT(returned_for(cause), ElementsAre("conduct.returned")) << cause;
  }
  for (const v1::ReturnCause cause : {v1::RETURN_IN_DATE, v1::RETURN_UNSOLD, v1::RETURN_SEIZED}) {
    owner = kElsewhere;
    EXPECT_THAT(returned_for(cause), IsEmpty()) << cause;
    owner = kShanghai;
    EXPECT_THAT(returned_for(cause), ElementsAre("conduct.returned")) << cause;
  }
}

TEST_F(ConductTest, ARemedyHelpsGoodsOfWhichNothingButTheLabelWasWrong) {
  state.standing.remedied = entry;
  const auto sell = [&](uint32_t returned, uint32_t recalled) {
    state.standing.returned = returned == 0 ? std::nullopt : std::optional(entry);
    state.standing.recalled = recalled == 0 ? std::nullopt : std::optional(entry);
    state.standing.return_causes = returned;
    state.standing.recall_causes = recalled;
    return Broken(Ship(kLot, "ext:own:shop"));
  };
  const uint32_t untold = 1u << v1::RETURN_CAUSE_UNSPECIFIED;
  const uint32_t label = 1u << v1::RETURN_LABEL;
  const uint32_t violation = 1u << v1::RETURN_VIOLATION;
  EXPECT_THAT(sell(label, 0), IsEmpty());
  EXPECT_THAT(sell(untold | label, untold), IsEmpty());
  EXPECT_THAT(sell(violation, 0), ElementsAre("conduct.returned"));
  EXPECT_THAT(sell(label | violation, label), ElementsAre("conduct.returned"));
  EXPECT_THAT(sell(0, violation), ElementsAre("conduct.recalled"));
}

TEST_F(ConductTest, GoodsThatAreNamedByOtherSpellingsAloneAreLookedUp) {
  Told charge = Charge("R1", kLot);
  charge.event.mutable_charge()->mutable_unit()->clear_key();
  EXPECT_THAT(DeedOf(charge.event).used, IsEmpty());
  charge.event.mutable_charge()->mutable_unit()->add_external_ids(" ＳＭＰ ");
  const Deed deed = DeedOf(charge.event);
  ASSERT_EQ(deed.used.size(), 1u);
  EXPECT_EQ(deed.used[0].goods.unit, "");
  EXPECT_THAT(deed.used[0].goods.external_ids, ElementsAre("SMP"));
}

TEST_F(ConductTest, RulesHoldFromTheDayOnWhichTheyCameIntoForce) {
  state.standing.recalled = entry;
  EXPECT_THAT(Broken(Charge("R1", kLot).On("2015-09-30")), IsEmpty());
  EXPECT_THAT(Broken(Charge("R1", kLot).On("2015-10-01")), ElementsAre("conduct.recalled"));
}

// Every rule of the table is broken by one deed that another lot may do.
TEST_F(ConductTest, EveryRuleOfTheTableRefusesSomethingAndNotEverything) {
  const std::map<std::string, std::function<void()>> conditions = {
      {"returned", [&] { state.standing.returned = entry; }},
      {"recalled", [&] { state.standing.recalled = entry; }},
      {"expired", [&] { state.standing.usable_until = 0; }},
      {"expired-return",
       [&] {
         state.standing.usable_until = 0;
         state.came_from = "ext:own:shop";
       }},
      {"held", [&] { state.standing.held = entry; }},
      {"held-by-authority", [&] { state.standing.held_by_authority = entry; }},
      {"failed", [&] { state.standing.failed = entry; }},
      {"unreleased",
       [&] {
         state.standing.finished = entry;
         state.standing.made_here = true;
       }},
      {"finished", [&] { state.standing.finished = entry; }},
  };
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("conduct_rule").rows()) {
    const std::string rule(row.Get("rule"));
    SCOPED_TRACE(rule);
    profile = row.Get("profile") == "*" ? "ordinary" : std::string(row.Get("profile"));
    owner = row.Get("jurisdiction") == "CN-31" ? kShanghai : kElsewhere;
    state = Known();
    const auto condition = conditions.find(std::string(row.Get("condition")));
    ASSERT_NE(condition, conditions.end());
    condition->second();
    const bool releases = row.Get("uses") == "release";
    const bool ships = row.Get("uses").find("ship") != std::string_view::npos;
    const auto deed = [&](const std::string& lot) {
      if (releases) return Release(lot);
      return ships ? Ship(lot, "ext:own:shop") : Split(lot, {"lot:ext:own:dairy/powder/L9"});
    };
    EXPECT_THAT(Broken(deed(kLot)), ::testing::Contains(rule));
    EXPECT_THAT(Broken(deed(kOther)), IsEmpty());
  }
}

}  // namespace
}  // namespace suyuan::events

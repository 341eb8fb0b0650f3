// Stories from plants and shops, each with the answer that a recall needs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kFarm = "ext:own:farm";
const std::string kDairy = "ext:own:dairy";
const std::string kPlant1 = "ext:own:dairy/plant-1";
const std::string kPlant2 = "ext:own:dairy/plant-2";
const std::string kBaker = "ext:own:baker";
const std::string kCook = "ext:own:cook";

const std::string kMilk1 = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kPowder2 = "lot:ext:own:dairy/powder/L2";
const std::string kBread = "lot:ext:own:baker/bread/B1";
const std::string kCake = "lot:ext:own:baker/cake/B2";
const std::string kSoup = "lot:ext:own:cook/soup/C1";

const std::string kItemGtin = "06901234567892";
const std::string kCaseGtin = "16901234567899";
const std::string kPalletGtin = "26901234567896";
std::string LotOf(const std::string& gtin) { return "lot:ext:own:dairy/" + gtin + "/L1"; }

// ------------------------------------------------------------- the key

TEST(KeyStory, TwoPlantsOfOneCompanyWithTheSameLotNumberStayApart) {
  World world;
  const uint32_t plant1 = world.AddLedger(kDairy);
  const uint32_t plant2 = world.AddLedger(kDairy);
  const std::string lot1 = "lot:ext:own:dairy%2Fplant-1/powder/L1";
  const std::string lot2 = "lot:ext:own:dairy%2Fplant-2/powder/L1";
  world.Record(plant1, Charge("R1", kMilk1).In(kPlant1));
  world.Record(plant1, Produce("R1", lot1).In(kPlant1));
  world.Record(plant1, Ship(lot1, kBaker).In(kPlant1));
  world.Record(plant2, Charge("R1", kMilk2).In(kPlant2));
  world.Record(plant2, Produce("R1", lot2).In(kPlant2));
  world.Record(plant2, Ship(lot2, kCook).In(kPlant2));

  EXPECT_EQ(world.Forward(kMilk1), Keys{lot1});
  EXPECT_EQ(world.Forward(kMilk2), Keys{lot2});
  EXPECT_EQ(world.Backward(lot1), Keys{kMilk1});
  EXPECT_EQ(world.Holders(lot1), (Keys{kPlant1, kBaker}));
  EXPECT_EQ(world.Holders(lot2), (Keys{kPlant2, kCook}));
}

TEST(KeyStory, ACaseGtinAndAnItemGtinOfOneLotMeetWhenThePackingIsKnownBefore) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, ProductMaster(kItemGtin, "奶粉", {{kCaseGtin, 24}}));
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", LotOf(kItemGtin)));
  world.Record(dairy, Ship(LotOf(kCaseGtin), kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R2", LotOf(kItemGtin)).In(kBaker));

  EXPECT_EQ(world.Forward(kMilk1), (Keys{LotOf(kItemGtin), kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{LotOf(kItemGtin), kMilk1}));
  EXPECT_EQ(world.Forward(LotOf(kCaseGtin)), Keys{kBread});
  EXPECT_EQ(world.MustTrace(LotOf(kCaseGtin), Direction::kBoth).origin, LotOf(kItemGtin));
}

TEST(KeyStory, ACaseGtinAndAnItemGtinOfOneLotMeetWhenThePackingIsToldAfterwards) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", LotOf(kItemGtin)));
  world.Record(dairy, Pack(Sscc(1), {LotOf(kCaseGtin)}));
  world.Record(dairy, Ship(Sscc(1), kBaker));
  world.Record(dairy, Ship(LotOf(kCaseGtin), kCook));
  world.Record(dairy, Unpack(Sscc(1)).In(kBaker));
  world.Record(dairy, Charge("R2", LotOf(kItemGtin)).In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R3", Ref(LotOf(kCaseGtin)).KnownAs("PO 17")).In(kCook));
  world.Record(dairy, Produce("R3", kSoup).In(kCook));
  EXPECT_EQ(world.Forward(kMilk1), Keys{LotOf(kItemGtin)});
  world.Record(dairy, ProductMaster(kItemGtin, "奶粉", {{kCaseGtin, 24}}));

  EXPECT_EQ(world.Forward(kMilk1), (Keys{LotOf(kItemGtin), kBread, kSoup}));
  EXPECT_EQ(world.Backward(kSoup), (Keys{LotOf(kItemGtin), kMilk1}));
  EXPECT_EQ(world.Backward(kBread), (Keys{LotOf(kItemGtin), kMilk1}));
  EXPECT_EQ(world.Forward("PO 17"), (Keys{kBread, kSoup}));
  EXPECT_EQ(world.Forward(LotOf(kCaseGtin)), (Keys{kBread, kSoup}));
}

// A pallet GTIN may be registered with the case, and the case with the item.
TEST(KeyStory, PackingLevelsOfPackingLevelsAreTheItem) {
  for (const bool before : {true, false}) {
    SCOPED_TRACE(before ? "known before" : "told afterwards");
    World world;
    const uint32_t dairy = world.AddLedger(kDairy);
    const auto master = [&] {
      world.Record(dairy, ProductMaster(kCaseGtin, "case", {{kPalletGtin, 40}}));
      world.Record(dairy, ProductMaster(kItemGtin, "item", {{kCaseGtin, 24}}));
    };
    if (before) master();
    world.Record(dairy, Charge("R1", kMilk1));
    world.Record(dairy, Produce("R1", LotOf(kItemGtin)));
    world.Record(dairy, Ship(LotOf(kPalletGtin), kBaker));
    world.Record(dairy, Charge("R2", LotOf(kCaseGtin)).In(kBaker));
    world.Record(dairy, Produce("R2", kBread).In(kBaker));
    if (!before) master();
    EXPECT_EQ(world.Backward(kBread), (Keys{LotOf(kItemGtin), kMilk1}));
    EXPECT_EQ(world.Holders(LotOf(kItemGtin)), (Keys{kDairy, kBaker}));
  }
}

TEST(KeyStory, AnItemCodeResolvesToItsLotWhetherBoundBeforeOrAfterItIsNamed) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship("item:SY0000000150", kCook));  // not bound yet
  world.Record(dairy, AssignRange(kPowder, "SY0000000100", "SY0000000199"));
  world.Record(dairy, Ship("item:SY0000000107", kBaker));
  world.Record(dairy, Charge("R2", "item:SY0000000107").In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R3", "item:SY0000000150").In(kCook));
  world.Record(dairy, Produce("R3", kSoup).In(kCook));

  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread, kSoup}));
  EXPECT_EQ(world.Backward(kSoup), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.MustTrace("SY0000000107", Direction::kBoth).origin, kPowder);
  EXPECT_EQ(world.MustTrace("item:SY0000000150", Direction::kBoth).origin, kPowder);
  EXPECT_EQ(world.MustTrace("SY0000000199", Direction::kBoth).origin, kPowder);
  EXPECT_THAT(world.Trace("SY0000000200"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("200")));
  EXPECT_THAT(world.Trace("SY0000000099"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("099")));
}

// Whose can is told by its code: it is a part of the lot.
TEST(KeyStory, OneCanDoesNotTouchTheOthersOfItsLot) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, AssignRange(kPowder, "C100", "C199"));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship("item:C101", kBaker));
  world.Record(dairy, Ship("item:C102", kBaker));
  world.Record(dairy, Charge("R2", "item:C101").In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R3", "item:C102").In(kBaker));
  world.Record(dairy, Produce("R3", kCake).In(kBaker));
  EXPECT_EQ(world.Forward(kPowder), (Keys{kBread, kCake}));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker + "#item:C101"), Keys{kBread});
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker + "#item:C102"), Keys{kCake});
}

TEST(KeyStory, ANarrowRangeOfCodesDoesNotHideTheWideOneAroundIt) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, AssignRange(kPowder, "C100", "C199"));
  world.Record(dairy, AssignRange(kPowder2, "C150", "C159"));
  EXPECT_EQ(world.MustTrace("C120", Direction::kBoth).origin, kPowder);
  EXPECT_EQ(world.MustTrace("C155", Direction::kBoth).origin, kPowder2);
  EXPECT_EQ(world.MustTrace("C170", Direction::kBoth).origin, kPowder);
}

TEST(KeyStory, AShorterRangeFromTheSameCodeLeavesTheRestOfTheLongerOne) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, AssignRange(kPowder, "C100", "C199"));
  world.Record(dairy, AssignRange(kPowder2, "C100", "C109"));
  EXPECT_EQ(world.MustTrace("C105", Direction::kBoth).origin, kPowder2);
  EXPECT_EQ(world.MustTrace("C110", Direction::kBoth).origin, kPowder);
}

TEST(KeyStory, ALotWithoutANumberIsKnownByItsDateOfProduction) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  const std::string monday = "lot:ext:own:dairy/powder/;made=2025-11-03";
  const std::string tuesday = "lot:ext:own:dairy/powder/;made=2025-11-04";
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", monday));
  world.Record(dairy, Charge("R2", kMilk2));
  world.Record(dairy, Produce("R2", tuesday));
  world.Record(dairy, Ship(monday, kBaker));
  world.Record(dairy, Ship(tuesday, kCook));
  EXPECT_EQ(world.Forward(kMilk1), Keys{monday});
  EXPECT_EQ(world.Forward(kMilk2), Keys{tuesday});
  EXPECT_EQ(world.Backward(monday), Keys{kMilk1});
  EXPECT_EQ(world.Holders(monday), (Keys{kDairy, kBaker}));
}

TEST(KeyStory, AnExternalIdOfALotWithoutANumberNamesThatDayAlone) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  const std::string monday = "lot:ext:own:dairy/powder/;made=2025-11-03";
  const std::string tuesday = "lot:ext:own:dairy/powder/;made=2025-11-04";
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", Ref(monday).KnownAs("batch A")));
  world.Record(dairy, Charge("R2", kMilk2));
  world.Record(dairy, Produce("R2", Ref(tuesday).KnownAs("batch B")));
  EXPECT_EQ(world.Backward("batch A"), Keys{kMilk1});
  EXPECT_EQ(world.Backward("batch B"), Keys{kMilk2});
}

class NumberUsedAgain : public ::testing::Test {
 protected:
  void SetUp() override {
    dairy = world.AddLedger(kDairy);
    world.Record(dairy, Charge("R1", kMilk1));
    world.Record(dairy, Produce("R1", kPowder, "2025-11-03"));
    world.Record(dairy, Charge("R2", kMilk2));
    world.Record(dairy, Produce("R2", kPowder, "2026-11-03"));
    world.Record(dairy, Ship(kPowder + ";made=2025-11-03", kBaker));
    world.Record(dairy, Ship(kPowder + ";made=2026-11-03", kCook));
    world.Record(dairy, Charge("R3", kPowder + ";made=2025-11-03").In(kBaker));
    world.Record(dairy, Produce("R3", kBread).In(kBaker));
    world.Record(dairy, Charge("R4", kPowder + ";made=2026-11-03").In(kCook));
    world.Record(dairy, Produce("R4", kSoup).In(kCook));
  }
  World world;
  uint32_t dairy = 0;
};

TEST_F(NumberUsedAgain, WithAnotherProductionDateIsAnotherUnit) {
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder + ";made=2025-11-03", kBread}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kPowder + ";made=2026-11-03", kSoup}));
  EXPECT_EQ(world.Forward(kPowder + ";made=2025-11-03"), Keys{kBread});
  EXPECT_EQ(world.Backward(kPowder + ";made=2026-11-03"), Keys{kMilk2});
  EXPECT_EQ(world.Holders(kPowder + ";made=2026-11-03"), (Keys{kDairy, kCook}));
}

TEST_F(NumberUsedAgain, IsFoundWholeByItsBaseKey) {
  EXPECT_EQ(world.Forward(kPowder), (Keys{kBread, kSoup}));
  EXPECT_EQ(world.Backward(kPowder), (Keys{kMilk1, kMilk2}));
}

TEST_F(NumberUsedAgain, IsFoundByAsMuchOfTheDateAsIsKnown) {
  EXPECT_EQ(world.Forward(kPowder + ";made=2025"), Keys{kBread});
  EXPECT_THAT(world.Trace(kPowder + ";made=2024"),
              StatusIs(absl::StatusCode::kNotFound, "no unit " + kPowder + ";made=2024 is known"));
}

// Somebody names the lot without its date. It can be either; that makes
// neither of the two the other.
TEST_F(NumberUsedAgain, StaysToldApartWhenSomebodyLeavesTheDateOut) {
  world.Record(dairy, Ship(kPowder, "ext:own:kiosk"));
  EXPECT_EQ(world.Forward(kPowder + ";made=2025-11-03"), Keys{kBread});
  EXPECT_EQ(world.Forward(kPowder + ";made=2026-11-03"), Keys{kSoup});
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder + ";made=2025-11-03", kPowder, kBread}));
  EXPECT_THAT(world.Holders(kPowder + ";made=2025-11-03"),
              UnorderedElementsAre(kDairy, kBaker, "ext:own:kiosk"));
}

TEST_F(NumberUsedAgain, StaysToldApartWhenAReceiverDoesNotNameTheSupplier) {
  world.Record(dairy, Receive(kPowder + ";made=2025-11-03").In("ext:own:kiosk"));
  world.Record(dairy, Charge("R5", kPowder + ";made=2025-11-03").In("ext:own:kiosk"));
  world.Record(dairy, Produce("R5", kCake).In("ext:own:kiosk"));
  world.Record(dairy, Waste(kPowder));
  EXPECT_EQ(world.Backward(kCake), (Keys{kPowder + ";made=2025-11-03", kMilk1}));
}

// ------------------------------------------------------ where it is held

TEST(HolderStory, FiveReturnedCansNeitherBlockNorContaminateAThousandNeverShipped) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker, 5));
  world.Record(dairy, Return(kPowder, kBaker).Id("rtn-1"));
  world.Record(dairy, Ship(kPowder, kCook, 1000));
  world.Record(dairy, Charge("R2", kPowder).In(kCook));
  world.Record(dairy, Produce("R2", kSoup).In(kCook));

  // Whatever happened to them at the baker's, the soup has none of it.
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{});
  EXPECT_EQ(world.Forward(kPowder + "@" + kDairy + "#rtn-1"), Keys{});
  // And the thousand are still traced.
  EXPECT_EQ(world.Forward(kPowder), Keys{kSoup});
  EXPECT_EQ(world.Forward(kPowder + "@" + kCook), Keys{kSoup});
}

TEST(HolderStory, ReturnedGoodsGoWhereTheyAreSaidToGo) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Return(kPowder, kBaker, "back-1"));
  world.Record(dairy, Rework("R2", Ref(kPowder, "back-1")));
  world.Record(dairy, Produce("R2", kPowder2));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{kPowder2});
  EXPECT_EQ(world.Backward(kPowder2), Keys{kPowder});
}

TEST(HolderStory, WhatWasTurnedAwayAtTheDoorWasNeverUsed) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Receive(kMilk1, kFarm));
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Reject(kMilk1, "ext:own:dealer"));
  EXPECT_EQ(world.Forward(kMilk1 + "@ext:own:dealer"), Keys{});
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kFarm), Keys{kPowder});
}

TEST(HolderStory, WhatOneCustomerMixesDoesNotTouchAnotherCustomersPart) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Ship(kPowder, kCook));
  const uint32_t baker = world.AddLedger(kBaker);
  world.Record(baker, Charge("R1", kPowder));
  world.Record(baker, Produce("R1", kBread));
  const uint32_t cook = world.AddLedger(kCook);
  world.Record(cook, Charge("R1", kPowder));
  world.Record(cook, Produce("R1", kSoup));
  EXPECT_EQ(world.Forward(kPowder), (Keys{kBread, kSoup}));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{kBread});
  EXPECT_EQ(world.Forward(kPowder + "@" + kCook), Keys{kSoup});
}

// A sale across the counter names no customer. It can have been anybody, also
// the baker; that does not make the cook's the baker's.
TEST(HolderStory, ASaleToSomebodyUnnamedDoesNotJoinTheNamedCustomers) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Ship(kPowder, kCook));
  world.Record(dairy, Ship(kPowder, ""));
  world.Record(dairy, Charge("R2", kPowder).In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R3", kPowder).In(kCook));
  world.Record(dairy, Produce("R3", kSoup).In(kCook));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{kBread});
  EXPECT_EQ(world.Forward(kPowder + "@" + kCook), Keys{kSoup});
}

TEST(HolderStory, UnitAtHolderAndPartIsThatPartAlone) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Receive(Ref(kMilk1, "note-1"), kFarm));
  world.Record(dairy, Receive(Ref(kMilk1, "note-2"), kFarm));
  world.Record(dairy, Charge("R1", Ref(kMilk1, "note-1")));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Charge("R2", Ref(kMilk1, "note-2")));
  world.Record(dairy, Produce("R2", kPowder2));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kPowder2}));
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kDairy + "#note-1"), Keys{kPowder});
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kDairy + "#note-2"), Keys{kPowder2});

  // A use that names no part can be of either, and joins them not.
  world.Record(dairy, Charge("R3", kMilk1));
  world.Record(dairy, Produce("R3", kCake));
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kDairy + "#note-1"), (Keys{kPowder, kCake}));
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kDairy + "#note-2"), (Keys{kPowder2, kCake}));
}

TEST(HolderStory, AHolderOrPartThatNobodyToldOfIsNotFound) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder2, kBaker));
  EXPECT_THAT(world.Trace(kPowder + "@" + kCook),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kCook)));
  EXPECT_THAT(world.Trace(kPowder + "@" + kBaker),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kBaker)));
  EXPECT_THAT(world.Trace(kPowder + "@" + kDairy + "#x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("x")));
  EXPECT_THAT(world.Trace("lot:ext:own:dairy/powder/none"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_FALSE(world.Trace("").ok());
}

TEST(HolderStory, ASubjectToldWithoutItsSiteCanBeAnyOfItsSites) {
  World world;
  const uint32_t farm = world.AddLedger(kFarm);
  world.Record(farm, Produce("R1", kMilk1));
  world.Record(farm, Ship(kMilk1, kDairy));
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1).In(kPlant1));
  world.Record(dairy, Produce("R1", kPowder).In(kPlant1));
  world.Record(dairy, Charge("R2", kMilk1).In(kPlant2));
  world.Record(dairy, Produce("R2", kPowder2).In(kPlant2));
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kFarm), (Keys{kPowder, kPowder2}));
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk1});
  // One site is not the other.
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kPlant1), Keys{kPowder});
}

TEST(HolderStory, ASiteWithItsOwnNumberBelongsToTheSubjectThatRegisteredIt) {
  const std::string gln = "gln:6901234567892";
  for (const bool before : {true, false}) {
    SCOPED_TRACE(before);
    World world;
    const uint32_t dairy = world.AddLedger(kDairy);
    if (before) world.Record(dairy, SiteMaster(gln, kDairy));
    world.Record(dairy, Receive(kMilk1, kFarm).In(kDairy));
    world.Record(dairy, Charge("R1", kMilk1).In(gln));
    world.Record(dairy, Produce("R1", kPowder).In(gln));
    if (!before) world.Record(dairy, SiteMaster(gln, kDairy));
    EXPECT_EQ(world.Forward(kMilk1 + "@" + kFarm), Keys{kPowder});
    EXPECT_EQ(world.Ends(kPowder, Direction::kForward).size(), 1u);
    EXPECT_THAT(world.Ends(kPowder, Direction::kForward)[0], StartsWith("end "));
  }
}

// One ledger a plant: its owner may be the plant itself.
TEST(HolderStory, ALedgerThatASiteOwnsIsOfItsSubjectToo) {
  World world;
  const uint32_t plant = world.AddLedger(kPlant1);
  world.Record(plant, Charge("R1", kMilk1));
  world.Record(plant, Produce("R1", kPowder));
  const uint32_t farm = world.AddLedger(kFarm);
  world.Record(farm, Ship(kMilk1, kDairy));
  EXPECT_EQ(world.Forward(kMilk1 + "@" + kFarm), Keys{kPowder});
  EXPECT_EQ(world.Backward(kPowder), Keys{kMilk1});
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward), ElementsAre(StartsWith("end ")));
}

TEST(HolderStory, ALedgerOfAGlnIsOfTheSubjectThatRegistersItLater) {
  const std::string gln = "gln:6901234567892";
  for (const bool before : {true, false}) {
    SCOPED_TRACE(before ? "registered before" : "registered afterwards");
    World world;
    const uint32_t head_office = world.AddLedger("ext:own:head-office");
    if (before) world.Record(head_office, SiteMaster(gln, kDairy));
    const uint32_t plant = world.AddLedger(gln);
    if (!before) world.Record(head_office, SiteMaster(gln, kDairy));
    world.Record(plant, Produce("R1", kPowder));
    EXPECT_THAT(world.Ends(kPowder, Direction::kForward), ElementsAre(StartsWith("end ")));
  }
}

TEST(HolderStory, AMoveBetweenTwoSitesIsAStepLikeAShipment) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1).In(kPlant1));
  world.Record(dairy, Produce("R1", kPowder).In(kPlant1));
  world.Record(dairy, Move(kPowder, kPlant2, "truck-1").In(kPlant1));
  world.Record(dairy, Charge("R2", kPowder).In(kPlant2));
  world.Record(dairy, Produce("R2", kPowder2).In(kPlant2));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kPowder2}));
  EXPECT_EQ(world.Depth(kMilk1, Direction::kForward, kPowder2), 2u);
  EXPECT_EQ(world.Forward(kPowder + "@" + kPlant2 + "#truck-1"), Keys{kPowder2});
  EXPECT_EQ(world.Holders(kPowder), (Keys{kPlant1, kPlant2}));
}

TEST(HolderStory, TheReceiptAndTheSendersShipmentToldInTwoLedgersJoin) {
  for (const bool receiver_first : {true, false}) {
    SCOPED_TRACE(receiver_first);
    World world;
    uint32_t dairy = 0;
    uint32_t baker = 0;
    const auto tell_dairy = [&] {
      dairy = world.AddLedger(kDairy);
      world.Record(dairy, Charge("R1", kMilk1).In(kPlant1));
      world.Record(dairy, Produce("R1", kPowder).In(kPlant1));
      world.Record(dairy, Ship(kPowder, kBaker).In(kPlant1));
    };
    const auto tell_baker = [&] {
      baker = world.AddLedger(kBaker);
      world.Record(baker, Receive(Ref(kPowder, "note-1"), kDairy).In("ext:own:baker/store"));
      world.Record(baker, Charge("R1", Ref(kPowder, "note-1")).In("ext:own:baker/store"));
      world.Record(baker, Produce("R1", kBread).In("ext:own:baker/store"));
    };
    if (receiver_first) tell_baker();
    tell_dairy();
    if (!receiver_first) tell_baker();
    EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
    EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
    // Told by both, followed once: one step away, not two.
    EXPECT_EQ(world.Depth(kMilk1, Direction::kForward, kBread), 2u);
  }
}

TEST(HolderStory, AReceiptWithoutItsShipmentLeadsToTheSupplier) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Receive(kMilk1, kFarm));
  EXPECT_EQ(world.Holders(kMilk1), (Keys{kDairy, kFarm}));
  EXPECT_THAT(world.Ends(kMilk1, Direction::kBackward),
              ElementsAre(StartsWith("boundary " + kMilk1 + " @" + kFarm)));
}

// ------------------------------------------------------------- lineage

TEST(LineageStory, RelabellingAtReceiptIsANewUnitAndAStep) {
  World world;
  const uint32_t baker = world.AddLedger(kBaker);
  const std::string own = "lot:ext:own:baker/powder/IN-7";
  world.Record(baker, Relabel(kPowder, kDairy, own));
  world.Record(baker, Charge("R1", own));
  world.Record(baker, Produce("R1", kBread));
  world.Record(baker, Ship(kPowder, kCook).In(kDairy));
  EXPECT_EQ(world.Forward(kPowder), (Keys{own, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{own, kPowder}));
  EXPECT_EQ(world.Depth(kPowder, Direction::kForward, own), 1u);
  EXPECT_EQ(world.Depth(kPowder, Direction::kForward, kBread), 2u);
  // What bears the own number was never at the cook's.
  EXPECT_EQ(world.Holders(own), Keys{kBaker});
}

TEST(LineageStory, MergeAndSplitKeepAllParents) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Merge({kMilk1, kMilk2}, "ext:own:silo-fill"));
  world.Record(dairy, Split("ext:own:silo-fill", {kPowder, kPowder2}));
  EXPECT_EQ(world.Backward(kPowder), (Keys{"ext:own:silo-fill", kMilk1, kMilk2}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{"ext:own:silo-fill", kPowder, kPowder2}));
  // Sisters are not each other's ancestors.
  EXPECT_EQ(world.Forward(kPowder), Keys{});
  EXPECT_EQ(world.Depth(kMilk1, Direction::kForward, kPowder), 2u);
}

TEST(LineageStory, PackagingAndAidsAreParentsToo) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Charge("R1", "lot:ext:own:tinsmith/can/K1", v1::ROLE_PACKAGING));
  world.Record(dairy, Charge("R1", "lot:ext:own:gas/nitrogen/N1", v1::ROLE_PROCESSING_AID));
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_THAT(world.Backward(kPowder), SizeIs(3));
  EXPECT_EQ(world.Forward("lot:ext:own:gas/nitrogen/N1"), Keys{kPowder});
}

TEST(LineageStory, AReworkCycleEndsAndDoesNotListItsOrigin) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Rework("R2", kPowder));
  world.Record(dairy, Charge("R2", kMilk2));
  world.Record(dairy, Produce("R2", kPowder2));
  world.Record(dairy, Rework("R1", kPowder2));  // some of it goes back into the first run
  world.Record(dairy, Ship(kPowder2, kBaker));
  EXPECT_EQ(world.Forward(kPowder), Keys{kPowder2});
  EXPECT_EQ(world.Backward(kPowder), (Keys{kPowder2, kMilk1, kMilk2}));
  EXPECT_EQ(world.Forward(kPowder2), Keys{kPowder});
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kPowder, kPowder2}));

  // A lot that goes into itself.
  world.Record(dairy, Charge("R3", kCake));
  world.Record(dairy, Produce("R3", kCake));
  EXPECT_EQ(world.Forward(kCake), Keys{});
  EXPECT_EQ(world.Backward(kCake), Keys{});
}

TEST(LineageStory, DepthIsTheLeastNumberOfSteps) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  // By way of the long chain it is four steps, by the short cut one.
  world.Record(dairy, Split("ext:x:a", {"ext:x:b"}));
  world.Record(dairy, Split("ext:x:b", {"ext:x:c"}));
  world.Record(dairy, Split("ext:x:c", {"ext:x:d"}));
  world.Record(dairy, Split("ext:x:d", {"ext:x:e"}));
  world.Record(dairy, Split("ext:x:e", {"ext:x:f"}));
  world.Record(dairy, Ship("ext:x:a", kBaker));
  world.Record(dairy, Ship("ext:x:a", kDairy).In(kBaker));
  world.Record(dairy, Merge({"ext:x:a"}, "ext:x:e"));
  EXPECT_EQ(world.Depth("ext:x:a", Direction::kForward, "ext:x:d"), 3u);
  EXPECT_EQ(world.Depth("ext:x:a", Direction::kForward, "ext:x:e"), 1u);
  EXPECT_EQ(world.Depth("ext:x:a", Direction::kForward, "ext:x:f"), 2u);
  EXPECT_EQ(world.Depth("ext:x:f", Direction::kBackward, "ext:x:a"), 2u);
}

TEST(LineageStory, BothIsTheUnionOfTheTwoClosures) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Merge({kMilk1}, kPowder));
  world.Record(dairy, Merge({kPowder}, kCake));
  const TraceResult both = world.MustTrace(kPowder, Direction::kBoth);
  EXPECT_EQ(both.origin, kPowder);
  ASSERT_THAT(both.units, SizeIs(2));
  EXPECT_EQ(both.units[0].key, kCake);
  EXPECT_EQ(both.units[0].direction, Direction::kForward);
  EXPECT_EQ(both.units[1].key, kMilk1);
  EXPECT_EQ(both.units[1].direction, Direction::kBackward);
  EXPECT_THAT(both.steps, SizeIs(2));
  EXPECT_EQ(both.edges, 4u);
  ASSERT_THAT(both.heads, SizeIs(1));
  EXPECT_EQ(both.heads[0].size, 3u);
  EXPECT_THAT(both.digest, SizeIs(32));
}

// ---------------------------------------------------------- identity, names

TEST(NameStory, TwoKeysThatAreOneUnitShareTheirPastAndFuture) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  const std::string misspelt = "lot:ext:own:dairy/powder/LI";
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Charge("R2", misspelt));
  world.Record(dairy, Produce("R2", kCake));
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  const std::string same = world.Record(dairy, Same(kPowder, misspelt));
  EXPECT_THAT(world.Forward(kMilk1), IsSupersetOf({kPowder, kCake}));
  EXPECT_THAT(world.Backward(kCake), Contains(kMilk1));
  EXPECT_THAT(world.Backward(misspelt), Contains(kMilk1));
  EXPECT_THAT(world.Forward(kPowder), Contains(kCake));
  EXPECT_EQ(world.Depth(kMilk1, Direction::kForward, kCake), 2u);
  world.Record(dairy, Withdraw(same));
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  EXPECT_EQ(world.Backward(kCake), Keys{misspelt});
}

// That two spellings are one lot does not carry the goods of one holder to
// another.
TEST(NameStory, OneUnitUnderTwoKeysStillLiesAtTwoHolders) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  const std::string misspelt = "lot:ext:own:dairy/powder/LI";
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Ship(kPowder, kCook));
  world.Record(dairy, Charge("R2", misspelt).In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  world.Record(dairy, Charge("R3", misspelt).In(kCook));
  world.Record(dairy, Produce("R3", kSoup).In(kCook));
  world.Record(dairy, Same(kPowder, misspelt));
  EXPECT_THAT(world.Forward(kPowder + "@" + kBaker), AllOf(Contains(kBread), Not(Contains(kSoup))));
  EXPECT_THAT(world.Forward(misspelt + "@" + kCook), AllOf(Contains(kSoup), Not(Contains(kBread))));
}

TEST(NameStory, AUnitIsFoundByItsExternalIds) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", Ref(kPowder).KnownAs("fcl:17").KnownAs("fcl:delivery:17")));
  world.Record(dairy, Charge("R2", kPowder));
  world.Record(dairy, Produce("R2", Ref(kCake).KnownAs("奶糕 1")));
  EXPECT_EQ(world.Forward("fcl:17"), Keys{kCake});
  EXPECT_EQ(world.Forward("fcl:delivery:17"), Keys{kCake});
  EXPECT_EQ(world.Backward("奶糕 1"), Keys{kPowder});
  EXPECT_EQ(world.Forward("fcl:17@" + kDairy), Keys{kCake});
  const TraceResult result = world.MustTrace("fcl:17", Direction::kForward);
  EXPECT_EQ(result.origin, kPowder);
  EXPECT_THAT(result.origin_external_ids, ElementsAre("fcl:17", "fcl:delivery:17"));
  EXPECT_THAT(result.units.at(0).external_ids, ElementsAre("奶糕 1"));
}

TEST(NameStory, ASpellingThatNamesTwoThingsIsRefusedWithBothListed) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", Ref(kPowder).KnownAs("fcl:17")));
  world.Record(dairy, Produce("R2", Ref(kCake).KnownAs("fcl:17")));
  world.Record(dairy, SubjectMaster(kBaker, "Baker", {"fcl:18", "fcl:19"}));
  world.Record(dairy, Produce("R3", Ref(kBread).KnownAs("fcl:18")));
  EXPECT_THAT(world.Trace("fcl:17"), StatusIs(absl::StatusCode::kInvalidArgument,
                                              AllOf(HasSubstr(kPowder), HasSubstr(kCake))));
  EXPECT_THAT(world.Trace("fcl:18"), StatusIs(absl::StatusCode::kInvalidArgument,
                                              AllOf(HasSubstr(kBread), HasSubstr(kBaker))));
  EXPECT_THAT(world.Trace("fcl:19"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(kBaker)));
  // The same words told twice of one unit are no riddle.
  world.Record(dairy, Inspect(Ref(kSoup).KnownAs("fcl:20")));
  world.Record(dairy, Produce("R4", Ref(kSoup).KnownAs("fcl:20")));
  EXPECT_THAT(world.Trace("fcl:20"), IsOk());
}

TEST(NameStory, AnyWritingOfAKeyFindsItsUnit) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", "lot:ext:own:dairy/6901234567892/L1"));
  world.Record(dairy, Produce("R1", kCake));
  EXPECT_EQ(world.Forward("lot:ext:own:dairy/06901234567892/L1"), Keys{kCake});
  EXPECT_EQ(world.Forward(" lot:ext:own:dairy/6901234567892/Ｌ１ "), Keys{kCake});
  EXPECT_THAT(world.Trace("lot:ext:own:dairy/6901234567892/l1"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("l1")));
}

// ------------------------------------------------------------------ ends

TEST(EndStory, GoodsInStockAreAnEnd) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_THAT(
      world.Ends(kPowder, Direction::kForward),
      ElementsAre("end " + kPowder + " @" + kDairy + ": in stock: nothing that left is recorded"));
}

// The rest of the lot is gone; what came back lies there.
TEST(EndStory, ReturnedGoodsAreInStockToo) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Return(kPowder, kBaker));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              Contains(StartsWith("end " + kPowder + " @" + kDairy)));
}

TEST(EndStory, ACustomerWhoKeepsNoLedgerHereIsABoundary) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              ElementsAre(StartsWith("boundary " + kPowder + " @" + kBaker)));
}

TEST(EndStory, GoodsThatAKeeperOfALedgerNeverReceivedAreInTransit) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  const uint32_t baker = world.AddLedger(kBaker);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  EXPECT_THAT(
      world.Ends(kPowder, Direction::kForward),
      ElementsAre(AllOf(StartsWith("gap " + kPowder + " @" + kBaker), HasSubstr("transit"))));
  world.Record(baker, Receive(kPowder, kDairy));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              ElementsAre(StartsWith("end " + kPowder + " @" + kBaker)));
}

TEST(EndStory, AShipmentWithoutAReceiverIsAGap) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, ""));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              Contains(StartsWith("gap " + kPowder + " @:")));
}

TEST(EndStory, DestroyedAndServedGoodsAreEnds) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Destroy(kPowder));
  world.Record(dairy, Ship(kPowder2, kBaker));
  world.Record(dairy, Serve(kPowder2).In(kBaker));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              ElementsAre("end " + kPowder + " @" + kDairy + ": destroy"));
  EXPECT_THAT(world.Ends(kPowder2, Direction::kForward),
              ElementsAre(StartsWith("end " + kPowder2 + " @" + kBaker)));
}

TEST(EndStory, ARunWithoutOutputsIsAnEndToo) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Charge("R2", kPowder));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward),
              ElementsAre(AllOf(StartsWith("gap " + kPowder), HasSubstr("R2"))));
}

TEST(EndStory, ARunWithoutInputsIsAGap) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_THAT(world.Ends(kPowder, Direction::kBackward),
              ElementsAre(AllOf(StartsWith("gap " + kPowder), HasSubstr("R1"))));
}

TEST(EndStory, OpeningStockIsABoundaryInTime) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, OpenStock(kMilk1));
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_THAT(world.Ends(kPowder, Direction::kBackward),
              ElementsAre(AllOf(StartsWith("boundary " + kMilk1), HasSubstr("opening stock"))));
}

TEST(EndStory, GoodsThatCameFromNowhereAreAGap) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Receive(kMilk2));
  EXPECT_THAT(world.Ends(kPowder, Direction::kBackward),
              ElementsAre(StartsWith("gap " + kMilk1 + " @" + kDairy)));
  EXPECT_THAT(world.Ends(kMilk2, Direction::kBackward), Contains(StartsWith("gap " + kMilk2)));
}

TEST(EndStory, WhatAThirdPartySawEndsAtWhoSentIt) {
  World world;
  const uint32_t authority = world.AddLedger("ext:own:authority");
  world.Record(authority, Observe("ext:fcl:1", "ext:fcl:s1", "ext:fcl:s2"));
  EXPECT_THAT(world.Ends("ext:fcl:1", Direction::kBackward),
              ElementsAre(StartsWith("boundary ext:fcl:1 @ext:fcl:s1")));
  EXPECT_THAT(world.Ends("ext:fcl:1", Direction::kForward),
              ElementsAre(StartsWith("boundary ext:fcl:1 @ext:fcl:s2")));
}

// ------------------------------------------------------------- conflicts

TEST(ConflictStory, DatesThatContradictAreReportedAndTheLinkIsFollowed) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Produce("R1", kPowder).At(10));
  world.Record(dairy, Ship(kPowder, kBaker).At(20));
  world.Record(dairy, Receive(kMilk1, kFarm).At(1000));
  const std::string charge = world.Record(dairy, Charge("R1", kMilk1).At(1010));
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  EXPECT_EQ(world.Backward(kPowder), Keys{kMilk1});
  const TraceResult result = world.MustTrace(kMilk1, Direction::kForward);
  ASSERT_THAT(result.conflicts, SizeIs(1));
  EXPECT_EQ(result.conflicts[0].input, kMilk1);
  EXPECT_EQ(result.conflicts[0].output, kPowder);
  EXPECT_EQ(result.conflicts[0].ledger, "l1");
  EXPECT_EQ("e" + std::to_string(result.conflicts[0].sequence), charge);
  EXPECT_THAT(world.MustTrace(kPowder, Direction::kBackward).conflicts, SizeIs(1));
  EXPECT_THAT(world.MustTrace(kPowder, Direction::kBoth).conflicts, SizeIs(1));
}

TEST(ConflictStory, TimesThatCanBeInOrderAreNoConflict) {
  World world;
  const uint32_t dairy = world.AddLedger(kDairy);
  world.Record(dairy, Charge("R1", kMilk1).On("2025-11-03"));  // some time that day
  world.Record(dairy, Produce("R1", kPowder).At(0));           // its first minute
  world.Record(dairy, Charge("R2", kMilk2));                   // nobody knows when
  world.Record(dairy, Produce("R2", kPowder2).At(0));
  world.Record(dairy, Charge("R3", kPowder).At(100).Until(300));
  world.Record(dairy, Produce("R3", kCake).At(200));
  EXPECT_THAT(world.MustTrace(kMilk1, Direction::kBoth).conflicts, IsEmpty());
  EXPECT_THAT(world.MustTrace(kMilk2, Direction::kBoth).conflicts, IsEmpty());
}

TEST(ConflictStory, WhatThirdPartiesSayOfDeliveriesIsCompared) {
  World world;
  const uint32_t authority = world.AddLedger("ext:own:authority");
  world.Record(authority, Observe("ext:fcl:1", "ext:fcl:a", "ext:fcl:b").On("2012-06-10"));
  world.Record(authority, Observe("ext:fcl:2", "ext:fcl:b", "ext:fcl:c").On("2012-06-05"));
  world.Record(authority, Observe("ext:fcl:3", "ext:fcl:b", "ext:fcl:d").On("2012-06-12"));
  world.Record(authority, Observe("ext:fcl:4", "ext:fcl:b", "ext:fcl:d").On("2012-06"));
  for (const char* const to : {"ext:fcl:2", "ext:fcl:3", "ext:fcl:4"}) {
    world.Record(authority, Link("ext:fcl:1", to, "ext:fcl:b"));
  }
  const TraceResult result = world.MustTrace("ext:fcl:1", Direction::kForward);
  EXPECT_THAT(result.units, SizeIs(3));
  ASSERT_THAT(result.conflicts, SizeIs(1));
  EXPECT_EQ(result.conflicts[0].output, "ext:fcl:2");
}

}  // namespace
}  // namespace suyuan

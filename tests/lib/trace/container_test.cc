// Stories of cases and pallets: the content goes where the container goes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::Contains;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kDairy = "ext:own:dairy";
const std::string kBaker = "ext:own:baker";
const std::string kCook = "ext:own:cook";
const std::string kMilk1 = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kSugar = "lot:ext:own:dairy/sugar/S1";
const std::string kBread = "lot:ext:own:baker/bread/B1";
const std::string kCake = "lot:ext:own:baker/cake/B2";
const std::string kSoup = "lot:ext:own:cook/soup/C1";
const std::string kPallet = Sscc(1);
const std::string kCase = Sscc(2);
const std::string kCase2 = Sscc(3);

// Powder and sugar, each of its own milk, so that a wrong ancestor shows.
class ContainerStory : public ::testing::Test {
 protected:
  void SetUp() override {
    world.Record(dairy, Charge("R1", kMilk1).At(1));
    world.Record(dairy, Produce("R1", kPowder).At(2));
    world.Record(dairy, Charge("R2", kMilk2).At(1));
    world.Record(dairy, Produce("R2", kSugar).At(2));
  }
  // The baker uses `what` for the bread.
  void Bake(const std::string& what, int minute, const std::string& bread = kBread) {
    world.Record(dairy, Charge("bake " + bread, what).At(minute).In(kBaker));
    world.Record(dairy, Produce("bake " + bread, bread).At(minute + 1).In(kBaker));
  }
  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(ContainerStory, TwoLotsOnOnePalletAreNotEachOthersAncestors) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  EXPECT_EQ(world.Forward(kPowder), Keys{});
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  EXPECT_EQ(world.Backward(kPowder), Keys{kMilk1});
  EXPECT_EQ(world.Backward(kSugar), Keys{kMilk2});
}

TEST_F(ContainerStory, NorAreTheyWhenThePalletIsShippedReceivedAndUnpacked) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  const uint32_t baker = world.AddLedger(kBaker);
  world.Record(baker, Receive(kPallet, kDairy).At(30));
  world.Record(baker, Unpack(kPallet).At(40));
  world.Record(baker, Charge("R1", kPowder).At(50));
  world.Record(baker, Produce("R1", kBread).At(60));
  world.Record(baker, Charge("R2", kSugar).At(50));
  world.Record(baker, Produce("R2", kCake).At(60));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kCake}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Backward(kCake), (Keys{kSugar, kMilk2}));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
  // Shipments and packing are no steps.
  EXPECT_EQ(world.Depth(kMilk1, Direction::kForward, kBread), 2u);
  EXPECT_EQ(world.Depth(kBread, Direction::kBackward, kMilk1), 2u);
}

TEST_F(ContainerStory, WhatIsUnpackedByNameComesOutAlone) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  world.Record(dairy, Unpack(kPallet, {kPowder}).At(30).In(kBaker));
  world.Record(dairy, Ship(kPallet, kCook).At(40).In(kBaker));
  world.Record(dairy, Unpack(kPallet, {kSugar}).At(50).In(kCook));
  Bake(kPowder, 60);
  world.Record(dairy, Charge("cook", kSugar).At(60).In(kCook));
  world.Record(dairy, Produce("cook", kSoup).At(61).In(kCook));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kSoup}));
  EXPECT_EQ(world.Backward(kSoup), (Keys{kSugar, kMilk2}));
}

TEST_F(ContainerStory, APalletChargedByItsCodeGivesAllThatIsOnIt) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  Bake(kPallet, 30);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kSugar, kMilk1, kMilk2}));
  EXPECT_EQ(world.Depth(kBread, Direction::kBackward, kPowder), 1u);
  EXPECT_EQ(world.Depth(kBread, Direction::kBackward, kMilk1), 2u);
}

TEST_F(ContainerStory, CasesOnAPalletGoAlongWithIt) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Pack(kCase2, {kSugar}).At(10));
  world.Record(dairy, Pack(kPallet, {kCase, kCase2}).At(20));
  world.Record(dairy, Ship(kPallet, kBaker).At(30));
  world.Record(dairy, Unpack(kPallet).At(40).In(kBaker));
  world.Record(dairy, Unpack(kCase).At(50).In(kBaker));
  Bake(kPowder, 60);
  world.Record(dairy, Ship(kCase2, kCook).At(60).In(kBaker));
  world.Record(dairy, Charge("cook", kCase2).At(70).In(kCook));
  world.Record(dairy, Produce("cook", kSoup).At(71).In(kCook));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kSoup}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Backward(kSoup), (Keys{kSugar, kMilk2}));
}

TEST_F(ContainerStory, ACaseTakenFromThePalletByNameComesOut) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Pack(kCase2, {kSugar}).At(10));
  world.Record(dairy, Pack(kPallet, {kCase, kCase2}).At(20));
  world.Record(dairy, Ship(kPallet, kBaker).At(30));
  world.Record(dairy, Unpack(kPallet, {kCase}).At(40).In(kBaker));
  Bake(kCase, 50);
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), Keys{kSugar});
}

TEST_F(ContainerStory, ACrateUsedAgainAfterItWasEmptiedHoldsWhatIsInItNow) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Unpack(kCase).At(20));
  world.Record(dairy, Pack(kCase, {kSugar}).At(30));
  world.Record(dairy, Ship(kCase, kBaker).At(40));
  Bake(kCase, 50);
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kSugar, kMilk2}));
  EXPECT_EQ(world.Holders(kPowder), Keys{kDairy});
}

TEST_F(ContainerStory, ACrateUsedAgainIsToldApartOnAPalletToo) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Unpack(kCase).At(20));
  world.Record(dairy, Pack(kCase, {kSugar}).At(30));
  world.Record(dairy, Pack(kPallet, {kCase}).At(40));
  world.Record(dairy, Ship(kPallet, kBaker).At(50));
  Bake(kPallet, 60);
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kSugar, kMilk2}));
  EXPECT_EQ(world.Holders(kPowder), Keys{kDairy});
}

TEST_F(ContainerStory, ACrateWhoseEmptyingNobodyTimedMayHoldEither) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Unpack(kCase));  // some time
  world.Record(dairy, Pack(kCase, {kSugar}).At(30));
  world.Record(dairy, Ship(kCase, kBaker).At(40));
  Bake(kCase, 50);
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kSugar, kMilk1, kMilk2}));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
}

TEST_F(ContainerStory, EventsToldOutOfOrderAreSortedByTheirTimes) {
  world.Record(dairy, Ship(kCase, kBaker).At(40));
  Bake(kCase, 50);
  world.Record(dairy, Pack(kCase, {kSugar}).At(30));
  world.Record(dairy, Unpack(kCase).At(20));
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  EXPECT_EQ(world.Backward(kBread), (Keys{kSugar, kMilk2}));
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder});
}

TEST_F(ContainerStory, GoodsOnceLooseAgainDoNotGoWithTheEmptyCrate) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Ship(kCase, kBaker).At(20));
  world.Record(dairy, Unpack(kCase).At(30).In(kBaker));
  world.Record(dairy, Ship(kCase, kCook).At(40).In(kBaker));  // the empty crate
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
}

TEST_F(ContainerStory, APalletIsTracedByItsOwnNumber) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  world.Record(dairy, Unpack(kPallet).At(30).In(kBaker));
  Bake(kPowder, 40);
  EXPECT_THAT(world.Forward(kPallet), Contains(kBread));
  EXPECT_THAT(world.Backward(kPallet), Contains(kMilk1));
  EXPECT_THAT(world.Backward(kPallet), Contains(kMilk2));
}

TEST_F(ContainerStory, GoodsKnownByTheirPalletAloneComeOutOfIt) {
  const uint32_t baker = world.AddLedger(kBaker);
  world.Record(baker, Receive(kPallet, kDairy).At(20));
  world.Record(baker, Unpack(kPallet, {"lot:ext:own:mill/flour/F1"}).At(30));
  Bake("lot:ext:own:mill/flour/F1", 40);
  EXPECT_THAT(world.Forward(kPallet), Contains(kBread));
  EXPECT_THAT(world.Holders("lot:ext:own:mill/flour/F1"), Contains(kBaker));
}

// Five cans come back in the case in which they were sent out.
TEST_F(ContainerStory, AReturnedCaseDoesNotContaminateTheStock) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Ship(kCase, kBaker).At(20));
  world.Record(dairy, Unpack(kCase, {kPowder}).At(30).In(kBaker));
  world.Record(dairy, Pack(kCase, {kPowder}).At(40).In(kBaker));
  world.Record(dairy, Return(kCase, kBaker).At(50));
  world.Record(dairy, Ship(kPowder, kCook).At(60));
  world.Record(dairy, Charge("cook", kPowder).At(70).In(kCook));
  world.Record(dairy, Produce("cook", kSoup).At(71).In(kCook));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{});
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kSoup}));
}

// The code of a case is bound to its pallet number after it was packed.
TEST_F(ContainerStory, ACaseThatWasPackedUnderItsOwnCodeMayGetAPalletNumber) {
  world.Record(dairy, Pack("item:CASE7", {kPowder}).At(10));
  world.Record(dairy, AssignCodes(kCase, {"CASE7"}).At(15));
  world.Record(dairy, Ship(kCase, kBaker).At(20));
  Bake(kCase, 30);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
}

TEST_F(ContainerStory, CodesOfCansInACaseAreTheirLot) {
  world.Record(dairy, AssignRange(kPowder, "C100", "C199").At(5));
  world.Record(dairy, Pack(kCase, {"item:C101", "item:C102"}).At(10));
  world.Record(dairy, Ship(kCase, kBaker).At(20));
  world.Record(dairy, Unpack(kCase).At(30).In(kBaker));
  Bake("item:C102", 40);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
}

TEST_F(ContainerStory, ContainersPackedIntoEachOtherEndTheTrace) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Pack(kPallet, {kCase}).At(20));
  world.Record(dairy, Pack(kCase, {kPallet}).At(30));
  world.Record(dairy, Pack(kPallet, {kPallet}).At(30));
  world.Record(dairy, Ship(kPallet, kBaker).At(40));
  Bake(kPallet, 50);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_THAT(world.Backward(kBread), Contains(kMilk1));
}

TEST_F(ContainerStory, AStrangersPalletOfTheSameLotIsNotOurs) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Pack(kCase2, {kPowder}).At(10));
  world.Record(dairy, Ship(kCase, kBaker).At(20));
  world.Record(dairy, Ship(kCase2, kCook).At(20));
  Bake(kCase, 30);
  world.Record(dairy, Charge("cook", kCase2).At(30).In(kCook));
  world.Record(dairy, Produce("cook", kSoup).At(31).In(kCook));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread, kSoup}));
  EXPECT_EQ(world.Forward(kPowder + "@" + kBaker), Keys{kBread});
  EXPECT_EQ(world.Forward(kPowder + "@" + kCook), Keys{kSoup});
  EXPECT_EQ(world.Backward(kSoup), (Keys{kPowder, kMilk1}));
}

// The pallet was broken down at the baker's, and nobody recorded it.
TEST_F(ContainerStory, GoodsThatTurnUpLooseCameOutOfTheirPallet) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  Bake(kPowder, 30);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), Keys{kSugar});
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
}

TEST_F(ContainerStory, ACaseThatTurnsUpWithoutItsPalletIsStillTheSame) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Pack(kPallet, {kCase}).At(20));
  world.Record(dairy, Ship(kPallet, kBaker).At(30));
  Bake(kCase, 40);
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
}

// Only who opened it recorded what was in it.
TEST_F(ContainerStory, APalletWhoseFillingNobodyRecordedHeldWhatCameOutOfIt) {
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  world.Record(dairy, Unpack(kPallet, {kPowder}).At(30).In(kBaker));
  Bake(kPowder, 40);
  EXPECT_EQ(world.Backward(kBread), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kBread}));
  EXPECT_EQ(world.Forward(kMilk2), Keys{kSugar});
}

// A crate that is filled again before anybody recorded that it was empty.
TEST_F(ContainerStory, WhatIsPackedLaterWasNotInItBefore) {
  world.Record(dairy, Pack(kCase, {kPowder}).At(10));
  world.Record(dairy, Charge("R3", kCase).At(20));
  world.Record(dairy, Produce("R3", kCake).At(21));
  world.Record(dairy, Pack(kCase, {kSugar}).At(30));
  world.Record(dairy, Ship(kCase, kBaker).At(40));
  Bake(kCase, 50);
  EXPECT_EQ(world.Backward(kCake), (Keys{kPowder, kMilk1}));
  EXPECT_EQ(world.Forward(kMilk2), (Keys{kSugar, kBread}));
  // Some of the powder may still be in it.
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kCake, kBread}));
}

TEST_F(ContainerStory, GoodsThatArePackedAgainCameOutOfTheirPallet) {
  world.Record(dairy, Pack(kPallet, {kPowder, kSugar}).At(10));
  world.Record(dairy, Ship(kPallet, kBaker).At(20));
  world.Record(dairy, Pack(kCase, {kPowder}).At(30).In(kBaker));
  world.Record(dairy, Ship(kCase, kCook).At(40).In(kBaker));
  world.Record(dairy, Charge("cook", kCase).At(50).In(kCook));
  world.Record(dairy, Produce("cook", kSoup).At(51).In(kCook));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker, kCook}));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder, kSoup}));
  EXPECT_EQ(world.Forward(kMilk2), Keys{kSugar});
  EXPECT_EQ(world.Backward(kSoup), (Keys{kPowder, kMilk1}));
}

}  // namespace
}  // namespace suyuan

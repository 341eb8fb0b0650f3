// Stories of what was told wrong and set right.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kDairy = "ext:own:dairy";
const std::string kBaker = "ext:own:baker";
const std::string kCook = "ext:own:cook";
const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kPowder2 = "lot:ext:own:dairy/powder/L2";
const std::string kBread = "lot:ext:own:baker/bread/B1";

class CorrectionStory : public ::testing::Test {
 protected:
  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(CorrectionStory, TheLinksOfAWithdrawnEventVanish) {
  world.Record(dairy, Charge("R1", kMilk).Id("chg"));
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_EQ(world.Forward(kMilk), Keys{kPowder});
  world.Record(dairy, Withdraw("chg"));
  EXPECT_EQ(world.Forward(kMilk), Keys{});
  EXPECT_EQ(world.Backward(kPowder), Keys{});
}

TEST_F(CorrectionStory, WithdrawingTheWithdrawalBringsThemBack) {
  world.Record(dairy, Charge("R1", kMilk).Id("chg"));
  world.Record(dairy, Produce("R1", kPowder));
  std::string last = "chg";
  for (int i = 0; i < 7; ++i) {
    last = world.Record(dairy, Withdraw(last));
    EXPECT_EQ(world.Forward(kMilk), i % 2 == 0 ? Keys{} : Keys{kPowder}) << i;
  }
}

TEST_F(CorrectionStory, AReplacedEventIsToldAnew) {
  world.Record(dairy, Split(kMilk, {kPowder}).Id("spl"));
  world.Record(dairy, Split(kMilk, {kPowder2}).Id("spl-2").InsteadOf("spl"));
  EXPECT_EQ(world.Forward(kMilk), Keys{kPowder2});
  EXPECT_EQ(world.Backward(kPowder), Keys{});
  // The correction itself was wrong.
  world.Record(dairy, Withdraw("spl-2"));
  EXPECT_EQ(world.Forward(kMilk), Keys{kPowder});
  // And a second correction of the same event stands.
  world.Record(dairy, Split(kMilk, {kBread}).InsteadOf("spl"));
  EXPECT_EQ(world.Forward(kMilk), Keys{kBread});
}

TEST_F(CorrectionStory, ACorrectionOfACorrectionStandsForBoth) {
  world.Record(dairy, Split(kMilk, {kPowder}).Id("a"));
  world.Record(dairy, Split(kMilk, {kPowder2}).Id("b").InsteadOf("a"));
  world.Record(dairy, Split(kMilk, {kBread}).Id("c").InsteadOf("b"));
  // While b is replaced it corrects nothing by itself, but c stands in its place.
  EXPECT_EQ(world.Forward(kMilk), Keys{kBread});
}

TEST_F(CorrectionStory, TwoCorrectionsOfOneEventMustBothGoBeforeItComesBack) {
  world.Record(dairy, Split(kMilk, {kPowder}).Id("a"));
  world.Record(dairy, Withdraw("a").Id("w1"));
  world.Record(dairy, Withdraw("a").Id("w2"));
  world.Record(dairy, Withdraw("w1"));
  EXPECT_EQ(world.Forward(kMilk), Keys{});
  world.Record(dairy, Withdraw("w2"));
  EXPECT_EQ(world.Forward(kMilk), Keys{kPowder});
}

TEST_F(CorrectionStory, WhoNeverGotTheGoodsIsNotCalled) {
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker).Id("shp"));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
  world.Record(dairy, Ship(kPowder, kCook).InsteadOf("shp"));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kCook}));
  EXPECT_THAT(world.Ends(kPowder, Direction::kForward), Not(Contains(HasSubstr(kBaker))));
  EXPECT_THAT(world.Trace(kPowder + "@" + kBaker),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(kBaker)));
}

TEST_F(CorrectionStory, AWithdrawnPackingHoldsNothing) {
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Pack(Sscc(1), {kPowder}).Id("pkg"));
  world.Record(dairy, Ship(Sscc(1), kBaker));
  world.Record(dairy, Charge("R2", Sscc(1)).In(kBaker));
  world.Record(dairy, Produce("R2", kBread).In(kBaker));
  EXPECT_EQ(world.Forward(kPowder), Keys{kBread});
  world.Record(dairy, Withdraw("pkg"));
  EXPECT_EQ(world.Forward(kPowder), Keys{});
}

TEST_F(CorrectionStory, AWithdrawnUnpackingLeavesTheGoodsInside) {
  world.Record(dairy, Pack(Sscc(1), {kPowder}).At(1));
  world.Record(dairy, Unpack(Sscc(1)).At(2).Id("upk"));
  world.Record(dairy, Ship(Sscc(1), kBaker).At(3));
  world.Record(dairy, Charge("R2", Sscc(1)).At(4).In(kBaker));
  world.Record(dairy, Produce("R2", kBread).At(5).In(kBaker));
  EXPECT_EQ(world.Forward(kPowder), Keys{});
  world.Record(dairy, Withdraw("upk"));
  EXPECT_EQ(world.Forward(kPowder), Keys{kBread});
}

TEST_F(CorrectionStory, CodesBoundToTheWrongLotFollowTheirCorrection) {
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Produce("R2", kPowder2));
  world.Record(dairy, AssignRange(kPowder, "C100", "C199").Id("cod"));
  world.Record(dairy, Ship("item:C101", kBaker));
  world.Record(dairy, AssignRange(kPowder2, "C100", "C199").Id("cod-2").InsteadOf("cod"));
  world.Record(dairy, Ship("item:C102", kBaker));
  EXPECT_EQ(world.MustTrace("C150", Direction::kBoth).origin, kPowder2);
  EXPECT_EQ(world.MustTrace("C101", Direction::kBoth).origin, kPowder2);
  EXPECT_EQ(world.Holders(kPowder2), (Keys{kDairy, kBaker}));
  EXPECT_EQ(world.Holders(kPowder), Keys{kDairy});
  // The correction was wrong itself.
  world.Record(dairy, Withdraw("cod-2"));
  EXPECT_EQ(world.MustTrace("C101", Direction::kBoth).origin, kPowder);
  EXPECT_EQ(world.MustTrace("C102", Direction::kBoth).origin, kPowder);
  EXPECT_EQ(world.Holders(kPowder2), Keys{kDairy});
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
}

TEST_F(CorrectionStory, CodesWhoseBindingWasWithdrawnNameNothing) {
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, AssignRange(kPowder, "C100", "C199").Id("range"));
  world.Record(dairy, AssignCodes(kPowder, {"D1"}).Id("code"));
  world.Record(dairy, Withdraw("range"));
  world.Record(dairy, Withdraw("code"));
  EXPECT_THAT(world.Trace("C150"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("C150")));
  EXPECT_THAT(world.Trace("D1"), StatusIs(absl::StatusCode::kNotFound, HasSubstr("D1")));
}

TEST_F(CorrectionStory, ItemsWhoseBindingWasWithdrawnStandForThemselves) {
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship("item:C101", kBaker));
  world.Record(dairy, AssignRange(kPowder, "C100", "C199").Id("range"));
  world.Record(dairy, Pack(Sscc(1), {"item:C103"}));
  world.Record(dairy, Ship(Sscc(1), kCook));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker, kCook}));
  world.Record(dairy, Withdraw("range").Id("w"));
  EXPECT_EQ(world.Holders(kPowder), Keys{kDairy});
  EXPECT_EQ(world.Holders("item:C101"), (Keys{kDairy, kBaker}));
  EXPECT_EQ(world.Holders("item:C103"), (Keys{kDairy, kCook}));
  world.Record(dairy, Withdraw("w"));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker, kCook}));
}

TEST_F(CorrectionStory, OneKeyThatNamedTwoUnitsIsTwoAfterwards) {
  const std::string milk2 = "lot:ext:own:farm/milk/M2";
  world.Record(dairy, Charge("R1", kMilk));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Charge("R2", milk2));
  const std::string wrong = world.Record(dairy, Produce("R2", kPowder));
  const std::string shipped = world.Record(dairy, Ship(kPowder, kBaker));
  EXPECT_EQ(world.Backward(kPowder), (Keys{kMilk, milk2}));
  world.Record(dairy, Apart(kPowder, kPowder2, {wrong, shipped}).Id("apart"));
  EXPECT_EQ(world.Backward(kPowder), Keys{kMilk});
  EXPECT_EQ(world.Backward(kPowder2), Keys{milk2});
  EXPECT_EQ(world.Holders(kPowder), Keys{kDairy});
  EXPECT_EQ(world.Holders(kPowder2), (Keys{kDairy, kBaker}));
  // It was one unit after all.
  world.Record(dairy, Withdraw("apart"));
  EXPECT_EQ(world.Backward(kPowder), (Keys{kMilk, milk2}));
  EXPECT_EQ(world.Holders(kPowder), (Keys{kDairy, kBaker}));
}

TEST_F(CorrectionStory, LinksThatWereTakenAwayAreListedApart) {
  world.Record(dairy, Charge("R1", kMilk).Id("chg"));
  world.Record(dairy, Produce("R1", kPowder));
  EXPECT_TRUE(world.MustTrace(kMilk, Direction::kForward).withdrawn.empty());
  world.Record(dairy, Withdraw("chg"));
  for (const auto& [unit, direction] :
       {std::pair(kMilk, Direction::kForward), std::pair(kPowder, Direction::kBackward)}) {
    const TraceResult result = world.MustTrace(unit, direction);
    EXPECT_TRUE(result.units.empty());
    ASSERT_EQ(result.withdrawn.size(), 1u);
    const WithdrawnLink& link = result.withdrawn[0];
    EXPECT_EQ(link.input, kMilk);
    EXPECT_EQ(link.output, kPowder);
    EXPECT_EQ(link.sequence, 1u);
    EXPECT_EQ(link.corrected_by, 3u);
    EXPECT_FALSE(link.late);
  }
}

TEST_F(CorrectionStory, ACorrectionAfterTheGoodsHadLeftIsLate) {
  world.Record(dairy, Charge("R1", kMilk).Id("chg"));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  world.Record(dairy, Charge("R1", "lot:ext:own:farm/milk/M9").Id("chg-2").InsteadOf("chg"));
  const TraceResult result = world.MustTrace(kMilk, Direction::kForward);
  ASSERT_EQ(result.withdrawn.size(), 1u);
  EXPECT_TRUE(result.withdrawn[0].late);
}

TEST_F(CorrectionStory, AnEventThatCorrectsTheTimeOfAContainersUseMovesItsGoods) {
  world.Record(dairy, Pack(Sscc(1), {kPowder}).At(10));
  world.Record(dairy, Unpack(Sscc(1)).At(20));
  world.Record(dairy, Pack(Sscc(1), {kPowder2}).At(30));
  world.Record(dairy, Charge("R1", Sscc(1)).At(40).Id("chg"));
  world.Record(dairy, Produce("R1", kBread).At(50));
  EXPECT_EQ(world.Backward(kBread), Keys{kPowder2});
  world.Record(dairy, Charge("R1", Sscc(1)).At(15).InsteadOf("chg"));
  EXPECT_EQ(world.Backward(kBread), Keys{kPowder});
}

}  // namespace
}  // namespace suyuan

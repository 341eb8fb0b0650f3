// Stories of production runs: one step told in several events.

#include <gtest/gtest.h>

#include <string>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kDairy = "ext:own:dairy";
const std::string kMilk1 = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kMilk3 = "lot:ext:own:farm/milk/M3";
const std::string kPowder1 = "lot:ext:own:dairy/powder/L1";
const std::string kPowder2 = "lot:ext:own:dairy/powder/L2";

class RunStory : public ::testing::Test {
 protected:
  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(RunStory, RunsWithEmptyNumbersDoNotMeltTogether) {
  world.Record(dairy, Charge("", kMilk1));
  world.Record(dairy, Produce("", kPowder1));
  world.Record(dairy, Charge(" ", kMilk2));
  world.Record(dairy, Produce(" ", kPowder2));
  EXPECT_EQ(world.Forward(kMilk1), Keys{});
  EXPECT_EQ(world.Forward(kMilk2), Keys{});
  EXPECT_EQ(world.Backward(kPowder1), Keys{});
  EXPECT_EQ(world.Backward(kPowder2), Keys{});
}

TEST_F(RunStory, EveryInputIsInEveryOutput) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, Produce("R1", kPowder1).At(20));
  world.Record(dairy, Charge("R1", kMilk2).At(15));
  world.Record(dairy, Produce("R1", kPowder2).At(30));
  EXPECT_EQ(world.Forward(kMilk1), (Keys{kPowder1, kPowder2}));
  EXPECT_EQ(world.Backward(kPowder1), (Keys{kMilk1, kMilk2}));
  const TraceResult result = world.MustTrace(kMilk1, Direction::kForward);
  ASSERT_EQ(result.steps.size(), 1u);
  EXPECT_EQ(result.steps[0].run, "R1");
  EXPECT_EQ(result.steps[0].ledger, "l1");
  EXPECT_EQ(result.steps[0].sequence, 1u);
  EXPECT_EQ(result.steps[0].operation, "CHG");
}

TEST_F(RunStory, AChargeKeyedAfterTheOutputIsStillItsParent) {
  world.Record(dairy, Produce("R1", kPowder1).At(20));
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder1});
}

TEST_F(RunStory, AChargeKeyedAfterTheCloseIsStillItsParent) {
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20));
  world.Record(dairy, Charge("R1", kMilk1).At(10).Late());
  world.Record(dairy, Charge("R1", kMilk2).Late());  // nobody remembers when
  world.Record(dairy, Charge("R1", kMilk3).At(5));
  EXPECT_EQ(world.Backward(kPowder1), (Keys{kMilk1, kMilk2, kMilk3}));
}

TEST_F(RunStory, ANumberUsedAgainAfterTheCloseIsANewRun) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20));
  world.Record(dairy, Charge("R1", kMilk2).At(100));
  world.Record(dairy, Produce("R1", kPowder2).At(110));
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk2});
}

// The number has long been used again when the paper of the first run turns up.
TEST_F(RunStory, ALateEntryFindsItsRunAmongSeveralOfOneNumber) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20));
  world.Record(dairy, Charge("R1", kMilk2).At(100));
  world.Record(dairy, ProduceLast("R1", kPowder2).At(110));
  world.Record(dairy, Charge("R1", kMilk3).At(200));
  world.Record(dairy, Charge("R1", "ext:x:early").At(12).Late());
  world.Record(dairy, Charge("R1", "ext:x:middle").At(105).Late());
  EXPECT_EQ(world.Backward(kPowder1), (Keys{kMilk1, "ext:x:early"}));
  EXPECT_EQ(world.Backward(kPowder2), (Keys{kMilk2, "ext:x:middle"}));
}

// A whole day keyed from paper: the times on it tell the runs apart.
TEST_F(RunStory, LateEntriesOfANewRunAreNotTakenForTheOldOne) {
  world.Record(dairy, Charge("R1", kMilk1).At(10).Late());
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20).Late());
  world.Record(dairy, Charge("R1", kMilk2).At(100).Late());
  world.Record(dairy, Produce("R1", kPowder2).At(110).Late());
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk2});
}

// Without any times it is the order of the entries that tells.
TEST_F(RunStory, ANumberUsedAgainIsANewRunAlsoWhereNoTimesAreTold) {
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(dairy, ProduceLast("R1", kPowder1));
  world.Record(dairy, Charge("R1", kMilk2));
  world.Record(dairy, Produce("R1", kPowder2));
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk2});
}

TEST_F(RunStory, TheNextRunMayBeginInTheMinuteOfTheClose) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20));
  // In doubt it belongs to the run that it may belong to.
  world.Record(dairy, Charge("R1", kMilk2).At(20));
  EXPECT_EQ(world.Backward(kPowder1), (Keys{kMilk1, kMilk2}));
}

TEST_F(RunStory, OneRunNumberInTwoLedgersIsTwoRuns) {
  const uint32_t other = world.AddLedger("ext:own:other");
  world.Record(dairy, Charge("R1", kMilk1));
  world.Record(other, Produce("R1", kPowder1));
  EXPECT_EQ(world.Forward(kMilk1), Keys{});
}

// ------------------------------------------------- runs and corrections

TEST_F(RunStory, ACorrectionOfTheLastOutputsTimeKeepsItsParents) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20).Id("out"));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(25).InsteadOf("out"));
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder1});
}

TEST_F(RunStory, ACloseThatWasWithdrawnClosedNothing) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20).Id("out"));
  world.Record(dairy, Withdraw("out"));
  world.Record(dairy, Produce("R1", kPowder2).At(30));
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk1});
}

TEST_F(RunStory, ACorrectionThatTakesBackTheCloseJoinsWhatFollowed) {
  world.Record(dairy, Charge("R1", kMilk1).At(10));
  world.Record(dairy, ProduceLast("R1", kPowder1).At(20).Id("out"));
  world.Record(dairy, Produce("R1", kPowder2).At(30));  // not the last after all
  world.Record(dairy, Produce("R1", kPowder1).At(20).InsteadOf("out"));
  EXPECT_EQ(world.Backward(kPowder2), Keys{kMilk1});
  EXPECT_EQ(world.Backward(kPowder1), Keys{kMilk1});
}

TEST_F(RunStory, ACorrectedRunNumberTakesTheChargeToTheOtherRun) {
  world.Record(dairy, Charge("R1", kMilk1).Id("chg"));
  world.Record(dairy, Produce("R1", kPowder1));
  world.Record(dairy, Produce("R2", kPowder2));
  world.Record(dairy, Charge("R2", kMilk1).InsteadOf("chg"));
  EXPECT_EQ(world.Forward(kMilk1), Keys{kPowder2});
  EXPECT_EQ(world.Backward(kPowder1), Keys{});
}

}  // namespace
}  // namespace suyuan

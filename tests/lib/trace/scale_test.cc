// Large answers: deep chains and wide fans. What is quadratic in one of these
// takes minutes, what is linear a second.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::SizeIs;
using namespace tell;  // NOLINT(google-build-using-namespace)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMillion = 200'000;
constexpr int kMany = 20'000;
#else
constexpr int kMillion = 1'000'000;
constexpr int kMany = 100'000;
#endif
constexpr int kDeep = 100'000;

const std::string kDairy = "ext:own:dairy";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";

std::string Child(int number) { return "ext:c:" + std::to_string(number); }
std::string Shop(int number) { return "ext:shop:" + std::to_string(number); }

class ScaleTest : public ::testing::Test {
 protected:
  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(ScaleTest, AChainAHundredThousandStepsDeep) {
  for (int i = 0; i < kDeep; ++i) world.Record(dairy, Split(Child(i), {Child(i + 1)}));
  const TraceResult forward = world.MustTrace(Child(0), Direction::kForward);
  ASSERT_THAT(forward.units, SizeIs(kDeep));
  EXPECT_EQ(forward.units.back().key, Child(kDeep));
  EXPECT_EQ(forward.units.back().depth, static_cast<uint32_t>(kDeep));
  EXPECT_THAT(forward.steps, SizeIs(kDeep));
  const TraceResult backward = world.MustTrace(Child(kDeep), Direction::kBackward);
  ASSERT_THAT(backward.units, SizeIs(kDeep));
  EXPECT_EQ(backward.units.back().key, Child(0));
  EXPECT_EQ(backward.units.back().depth, static_cast<uint32_t>(kDeep));
  EXPECT_EQ(forward.edges, backward.edges);
}

TEST_F(ScaleTest, ALongLoopOfReworkEnds) {
  for (int i = 0; i < kDeep; ++i) world.Record(dairy, Split(Child(i), {Child((i + 1) % kDeep)}));
  const TraceResult both = world.MustTrace(Child(17), Direction::kBoth);
  EXPECT_THAT(both.units, SizeIs(2 * (kDeep - 1)));
  EXPECT_EQ(both.edges, 2u * kDeep);
}

TEST_F(ScaleTest, CratesWithinCratesFiftyDeep) {
  world.Record(dairy, Pack(Sscc(1), {kPowder}).At(1));
  for (int i = 1; i < 50; ++i) world.Record(dairy, Pack(Sscc(i + 1), {Sscc(i)}).At(i));
  world.Record(dairy, Charge("R", Sscc(50)).At(100));
  world.Record(dairy, Produce("R", Child(1)).At(100));
  EXPECT_EQ(world.Forward(kPowder), Keys{Child(1)});
  EXPECT_EQ(world.Backward(Child(1)), Keys{kPowder});
}

TEST_F(ScaleTest, AUnitWithAMillionChildren) {
  constexpr int kOutputs = 1000;
  std::vector<Ref> outputs;
  for (int i = 0; i < kMillion; ++i) {
    outputs.emplace_back(Child(i));
    if (outputs.size() < kOutputs && i + 1 < kMillion) continue;
    world.Record(dairy, Split(kPowder, outputs));
    outputs.clear();
  }
  const TraceResult forward = world.MustTrace(kPowder, Direction::kForward);
  EXPECT_EQ(forward.units.size(), 0u + kMillion);
  EXPECT_TRUE(std::all_of(forward.units.begin(), forward.units.end(),
                          [](const TracedUnit& unit) { return unit.depth == 1; }));
  EXPECT_EQ(world.Backward(Child(kMillion / 2)), Keys{kPowder});
}

TEST_F(ScaleTest, ALotAtAMillionHolders) {
  tell::Told told = Ship(kPowder, "");
  for (int i = 0; i < kMillion; ++i) {
    told.event.set_id("s" + std::to_string(i));
    told.event.mutable_ship()->set_customer(Shop(i));
    world.Record(dairy, told);
  }
  world.Record(dairy, Charge("R1", kPowder).In(Shop(7)));
  world.Record(dairy, Produce("R1", Child(7)).In(Shop(7)));
  const TraceResult forward = world.MustTrace(kPowder, Direction::kForward);
  EXPECT_EQ(forward.origin_holders.size(), kMillion + 1u);
  EXPECT_THAT(forward.units, SizeIs(1));
  EXPECT_EQ(forward.ends.size(), 0u + kMillion);
  EXPECT_EQ(world.Backward(Child(7)), Keys{kPowder});
}

// Every answer names the lot with its date.
TEST_F(ScaleTest, ALotWithADateAtManyHolders) {
  for (int i = 0; i < kMany; ++i) {
    world.Record(dairy, Ship(kPowder + ";made=2025-11-03", Shop(i)));
  }
  EXPECT_THAT(world.MustTrace(kPowder, Direction::kBoth).origin_holders, SizeIs(kMany + 1));
}

// After a recall the public brings back can by can, and nobody asks for names.
TEST_F(ScaleTest, ManyCansThatComeBackFromThePublic) {
  world.Record(dairy, AssignRange(kPowder, "C1000000", "C9999999"));
  world.Record(dairy, Produce("R1", kPowder));
  for (int i = 0; i < kMany; ++i) {
    world.Record(dairy, Return("item:C" + std::to_string(1'000'000 + i), ""));
  }
  EXPECT_EQ(world.Forward(kPowder), Keys{});
  EXPECT_EQ(world.Backward(kPowder), Keys{});
}

TEST_F(ScaleTest, ManyCasesEachToItsOwnShop) {
  world.Record(dairy, Charge("R1", "lot:ext:own:farm/milk/M1"));
  world.Record(dairy, Produce("R1", kPowder));
  for (int i = 0; i < kMany; ++i) {
    world.Record(dairy, Pack(Sscc(i), {kPowder}).At(10));
    world.Record(dairy, Ship(Sscc(i), Shop(i)).At(20));
    world.Record(dairy, Unpack(Sscc(i)).At(30).In(Shop(i)));
    world.Record(dairy, Serve(kPowder).At(40).In(Shop(i)));
  }
  EXPECT_EQ(world.Holders(kPowder).size(), static_cast<size_t>(kMany) + 1);
  EXPECT_EQ(world.Backward(kPowder), Keys{"lot:ext:own:farm/milk/M1"});
}

// A lot of salt goes into everything.
TEST_F(ScaleTest, OneLotInManyRuns) {
  for (int i = 0; i < kMany; ++i) {
    const std::string run = "R" + std::to_string(i);
    world.Record(dairy, Charge(run, "lot:ext:own:salt/salt/S1").At(i));
    world.Record(dairy, Produce(run, Child(i)).At(i + 1));
    world.Record(dairy, Ship(Child(i), Shop(i % 100)).At(i + 2));
  }
  EXPECT_EQ(world.Forward("lot:ext:own:salt/salt/S1").size(), static_cast<size_t>(kMany));
}

// Cans are told apart when they are sold and when they are charged.
TEST_F(ScaleTest, ManyPartsOfOneLotAtOneHolder) {
  world.Record(dairy, AssignRange(kPowder, "C1000000", "C9999999"));
  for (int i = 0; i < kMany; ++i) {
    const std::string item = "item:C" + std::to_string(1'000'000 + i);
    const std::string run = "R" + std::to_string(i);
    world.Record(dairy, Charge(run, i % 2 == 0 ? item : kPowder).At(i));
    world.Record(dairy, Produce(run, Child(i)).At(i + 1));
  }
  EXPECT_EQ(world.Forward(kPowder).size(), static_cast<size_t>(kMany));
}

// ------------------------------------------------------------- taking in

TEST_F(ScaleTest, ManyItemCodesThatAreNeverBound) {
  for (int i = 0; i < kMany; ++i) {
    world.Record(dairy, Serve("item:X" + std::to_string(i)));
    if (i % 10 == 0) {
      world.Record(dairy, AssignCodes(kPowder, {"C" + std::to_string(i)}));
    }
  }
  EXPECT_EQ(world.MustTrace("C0", Direction::kBoth).origin, kPowder);
}

TEST_F(ScaleTest, ManyProductsRegisteredAmongManyLots) {
  for (int i = 0; i < kMany; ++i) {
    world.Record(dairy, Produce("", Child(i)));
    if (i % 100 != 0) continue;
    // Twelve digits and their check digit; the level is the same with an indicator.
    std::string digits = std::to_string(690'123'000'000 + i);
    const auto gtin = [](const std::string& thirteen) {
      int sum = 0;
      for (size_t j = 0; j < 13; ++j) sum += (thirteen[j] - '0') * (j % 2 == 0 ? 3 : 1);
      return thirteen + std::to_string((10 - sum % 10) % 10);
    };
    world.Record(dairy, ProductMaster(gtin("0" + digits), "p", {{gtin("1" + digits), 12}}));
  }
  EXPECT_EQ(world.graph().unit_count(), static_cast<size_t>(kMany));
}

}  // namespace
}  // namespace suyuan

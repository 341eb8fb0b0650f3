// Large answers: deep chains and wide fans.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "tests/lib/trace/world.h"
#include "tests/support/sanitized.h"

namespace suyuan {
namespace {

using ::testing::SizeIs;
using namespace tell;  // NOLINT(google-build-using-namespace)

constexpr int kMillion = kSanitized ? 50'000 : 1'000'000;
constexpr int kDeep = kSanitized ? 30'000 : 100'000;

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

}  // namespace
}  // namespace suyuan

// Large answers: deep chains and wide fans.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::SizeIs;
using namespace tell;  // NOLINT(google-build-using-namespace)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kMillion = 200'000;
#else
constexpr int kMillion = 1'000'000;
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

// ------------------------------------------------- four times as much

// Tells and asks of `n` things, and again of four times as many: what is linear
// takes about four times as long, what is quadratic sixteen times.
class GrowthTest : public ::testing::Test {
 protected:
  static constexpr int kMany = 5'000;

  void ExpectLinear(const std::function<void(World* world, uint32_t dairy, int n)>& story) {
    const double once = Seconds(story, kMany);
    const double four_times = Seconds(story, 4 * kMany);
    EXPECT_LT(four_times, 7 * once + 0.2) << "seconds, after " << once << " for a quarter";
  }

 private:
  static double Seconds(const std::function<void(World*, uint32_t, int)>& story, int n) {
    // Of this process, however busy the machine is.
    const std::clock_t start = std::clock();
    World world;
    story(&world, world.AddLedger(kDairy), n);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  }
};

std::string Can(int number) { return "C" + std::to_string(1'000'000 + number); }

// Every answer names the lot with its date.
TEST_F(GrowthTest, ALotWithADateAtManyHolders) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    for (int i = 0; i < n; ++i) {
      world->Record(dairy, Ship(kPowder + ";made=2025-11-03", Shop(i)));
    }
    EXPECT_EQ(world->MustTrace(kPowder, Direction::kBoth).origin_holders.size(), n + 1u);
  });
}

TEST_F(GrowthTest, CasesEachToItsOwnShop) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    world->Record(dairy, Charge("R1", Child(0)));
    world->Record(dairy, Produce("R1", kPowder));
    for (int i = 0; i < n; ++i) {
      world->Record(dairy, Pack(Sscc(i), {kPowder}).At(10));
      world->Record(dairy, Ship(Sscc(i), Shop(i)).At(20));
      world->Record(dairy, Unpack(Sscc(i)).At(30).In(Shop(i)));
      world->Record(dairy, Serve(kPowder).At(40).In(Shop(i)));
    }
    EXPECT_EQ(world->Holders(kPowder).size(), n + 1u);
    EXPECT_EQ(world->Backward(kPowder), Keys{Child(0)});
  });
}

// A packaging line: every can has a code, every case holds two dozen of them.
TEST_F(GrowthTest, CodedCansInCases) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    world->Record(dairy, Charge("R1", Child(0)));
    world->Record(dairy, Produce("R1", kPowder));
    world->Record(dairy, AssignRange(kPowder, Can(0), Can(n)));
    std::vector<Ref> cans;
    for (int i = 0; i < n; ++i) {
      cans.emplace_back("item:" + Can(i));
      if (cans.size() < 24 && i + 1 < n) continue;
      world->Record(dairy, Pack(Sscc(i), cans).At(10));
      world->Record(dairy, Ship(Sscc(i), Shop(i)).At(20));
      cans.clear();
    }
    EXPECT_EQ(world->Holders(kPowder).size(), n / 24 + 2u);
    EXPECT_EQ(world->Backward(kPowder), Keys{Child(0)});
  });
}

// A lot of salt goes into everything.
TEST_F(GrowthTest, OneLotInManyRuns) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    for (int i = 0; i < n; ++i) {
      const std::string run = "R" + std::to_string(i);
      world->Record(dairy, Charge(run, kPowder).At(i));
      world->Record(dairy, Produce(run, Child(i)).At(i + 1));
      world->Record(dairy, Ship(Child(i), Shop(i % 100)).At(i + 2));
    }
    EXPECT_EQ(world->Forward(kPowder).size(), 0u + n);
  });
}

// Half of the runs name the can that they used, half only its lot.
TEST_F(GrowthTest, CansOfOneLotUsedAtOneHolder) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    world->Record(dairy, AssignRange(kPowder, Can(0), Can(n)));
    for (int i = 0; i < n; ++i) {
      const std::string run = "R" + std::to_string(i);
      world->Record(dairy, Charge(run, i % 2 == 0 ? "item:" + Can(i) : kPowder).At(i));
      world->Record(dairy, Produce(run, Child(i)).At(i + 1));
    }
    EXPECT_EQ(world->Forward(kPowder).size(), 0u + n);
  });
}

TEST_F(GrowthTest, ItemCodesThatAreNeverBound) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    for (int i = 0; i < n; ++i) {
      world->Record(dairy, Serve("item:X" + std::to_string(i)));
      if (i % 10 == 0) world->Record(dairy, AssignCodes(kPowder, {Can(i)}));
    }
    EXPECT_EQ(world->MustTrace(Can(0), Direction::kBoth).origin, kPowder);
  });
}

TEST_F(GrowthTest, ProductsRegisteredAmongTheirLots) {
  ExpectLinear([](World* world, uint32_t dairy, int n) {
    for (int i = 0; i < n; ++i) {
      world->Record(dairy, Produce("", Child(i)));
      if (i % 10 != 0) continue;
      // An item and its case: twelve digits with an indicator and a check digit.
      const auto gtin = [](const std::string& digits) {
        int sum = 0;
        for (size_t j = 0; j < 13; ++j) sum += (digits[j] - '0') * (j % 2 == 0 ? 3 : 1);
        return digits + std::to_string((10 - sum % 10) % 10);
      };
      const std::string digits = std::to_string(690'123'000'000 + i);
      world->Record(dairy, ProductMaster(gtin("0" + digits), "p", {{gtin("1" + digits), 12}}));
    }
    EXPECT_EQ(world->graph().unit_count(), 0u + n);
  });
}

}  // namespace
}  // namespace suyuan

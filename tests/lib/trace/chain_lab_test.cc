// A network as FoodChain-Lab tells it: deliveries seen from outside, and links
// from one into another at the station in between.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/lib/trace/world.h"
#include "tests/support/every.h"

namespace suyuan {
namespace {

using ::testing::IsSupersetOf;
using ::testing::StartsWith;

struct Delivery {
  int from = 0;
  int to = 0;
};

std::string Station(int number) { return "ext:fcl:station-" + std::to_string(number); }
std::string Consignment(int number) { return "ext:fcl:" + std::to_string(number); }

// Random deliveries; each goes into some of those that leave where it arrived.
class Network {
 public:
  explicit Network(uint32_t seed) : random_(seed) {
    const int stations = 2 + static_cast<int>(random_() % 12);
    const int deliveries = 1 + static_cast<int>(random_() % 60);
    for (int i = 0; i < deliveries; ++i) {
      deliveries_.push_back(
          {static_cast<int>(random_() % stations), static_cast<int>(random_() % stations)});
    }
    for (int in = 0; in < deliveries; ++in) {
      for (int out = 0; out < deliveries; ++out) {
        if (deliveries_[in].to == deliveries_[out].from && in != out && random_() % 3 == 0) {
          links_.insert({in, out});
        }
      }
    }
  }

  // In any order, some links twice.
  void TellTo(World* world, uint32_t ledger) {
    std::vector<tell::Told> all;
    for (int i = 0; i < static_cast<int>(deliveries_.size()); ++i) {
      tell::Told told =
          tell::Observe(tell::Ref(Consignment(i)).KnownAs("fcl:delivery:" + std::to_string(i)),
                        Station(deliveries_[i].from), Station(deliveries_[i].to));
      // Lots of the same number everywhere link nothing.
      told.event.mutable_observe_unit()->set_lot_number("L1");
      if (random_() % 2 == 0) told = std::move(told).On("2012-06");
      all.push_back(std::move(told));
    }
    for (const auto& [in, out] : links_) {
      for (int times = random_() % 8 == 0 ? 2 : 1; times > 0; --times) {
        all.push_back(tell::Link(Consignment(in), Consignment(out), Station(deliveries_[in].to)));
      }
    }
    std::shuffle(all.begin(), all.end(), random_);
    for (tell::Told& told : all) world->Record(ledger, std::move(told));
  }

  std::set<int> Closure(int start, bool forward) const {
    std::set<int> reached;
    std::vector<int> todo = {start};
    while (!todo.empty()) {
      const int at = todo.back();
      todo.pop_back();
      for (const auto& [in, out] : links_) {
        if ((forward ? in : out) != at) continue;
        const int next = forward ? out : in;
        if (reached.insert(next).second) todo.push_back(next);
      }
    }
    reached.erase(start);
    return reached;
  }

  const std::vector<Delivery>& deliveries() const { return deliveries_; }

 private:
  std::mt19937 random_;
  std::vector<Delivery> deliveries_;
  std::set<std::pair<int, int>> links_;
};

TEST(ChainLabTest, ClosuresOverRandomDeliveriesAreThoseOfTheirLinks) {
  for (uint32_t seed = 1; seed <= 300; seed += EveryStory()) {
    Network network(seed);
    World world;
    network.TellTo(&world, world.AddLedger("ext:own:authority"));
    for (int i = 0; i < static_cast<int>(network.deliveries().size()); ++i) {
      for (const bool forward : {true, false}) {
        Keys expected;
        for (const int reached : network.Closure(i, forward)) expected.insert(Consignment(reached));
        ASSERT_EQ(forward ? world.Forward("fcl:delivery:" + std::to_string(i))
                          : world.Backward(Consignment(i)),
                  expected)
            << "seed " << seed << ", delivery " << i << (forward ? " forward" : " backward");
      }
      // One unit at its recipient.
      ASSERT_EQ(world.Holders(Consignment(i)), Keys{Station(network.deliveries()[i].to)})
          << "seed " << seed;
    }
  }
}

TEST(ChainLabTest, WhatIsMissingIsAGapAndNoReasonToDropALink) {
  World world;
  const uint32_t authority = world.AddLedger("ext:own:authority");
  world.Record(authority, tell::Observe("ext:fcl:1", "", ""));
  world.Record(authority, tell::Link("ext:fcl:1", "ext:fcl:2"));
  world.Record(authority, tell::Link("ext:fcl:2", "ext:fcl:3", Station(1)));
  EXPECT_EQ(world.Forward("ext:fcl:1"), (Keys{"ext:fcl:2", "ext:fcl:3"}));
  EXPECT_EQ(world.Backward("ext:fcl:3"), (Keys{"ext:fcl:1", "ext:fcl:2"}));
  EXPECT_THAT(world.Ends("ext:fcl:3", Direction::kBackward),
              testing::Contains(StartsWith("gap ext:fcl:1")));
}

TEST(ChainLabTest, ALinkOfLotsCountsWhereItWasMade) {
  World world;
  const uint32_t authority = world.AddLedger("ext:own:authority");
  const std::string flour = "lot:ext:own:mill/flour/F1";
  world.Record(authority, tell::Link(flour, "ext:fcl:bread", Station(1)));
  world.Record(authority, tell::Link(flour, "ext:fcl:pasta", Station(2)));
  world.Record(authority, tell::Observe(flour, Station(0), Station(1)));
  world.Record(authority, tell::Observe(flour, Station(0), Station(2)));
  EXPECT_EQ(world.Forward(flour), (Keys{"ext:fcl:bread", "ext:fcl:pasta"}));
  EXPECT_EQ(world.Forward(flour + "@" + Station(1)), Keys{"ext:fcl:bread"});
  EXPECT_THAT(world.Holders(flour), IsSupersetOf({Station(1), Station(2)}));
}

}  // namespace
}  // namespace suyuan

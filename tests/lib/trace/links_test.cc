// The links of an answer, and the way that it shows for each unit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kFarm = "ext:own:farm";
const std::string kDairy = "ext:own:dairy";
const std::string kBaker = "ext:own:baker";
const std::string kCook = "ext:own:cook";

const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kWater = "lot:ext:own:dairy/water/W1";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kBread = "lot:ext:own:baker/bread/B1";

const TracedUnit& UnitOf(const TraceResult& result, const std::string& key) {
  static const TracedUnit kNone;
  for (const TracedUnit& unit : result.units) {
    if (unit.key == key) return unit;
  }
  ADD_FAILURE() << key << " is not in the answer";
  return kNone;
}

// "lot@holder -> step 2: 10 KGM" or "<-".
std::vector<std::string> Links(const TraceResult& result) {
  std::vector<std::string> links;
  for (const TracedLink& link : result.links) {
    const TracedPlace& place = result.places.at(link.place);
    links.push_back(link.ledger + "#" + std::to_string(link.sequence) + " " + link.operation + " " +
                    place.unit + "@" + place.holder + (link.output ? " <- " : " -> ") +
                    std::to_string(link.step) + ": " + link.quantity + " " + link.uom);
  }
  return links;
}

TEST(LinksTest, EachEdgeIsToldWithItsEntry) {
  World world;
  const uint32_t farm = world.AddLedger(kFarm, "farm");
  world.Record(farm, Ship(kMilk, kDairy, 250));
  const uint32_t dairy = world.AddLedger(kDairy, "dairy");
  world.Record(dairy, Charge("R1", kMilk));
  world.Record(dairy, Charge("R1", kWater, v1::ROLE_PROCESSING_AID));
  world.Record(dairy, Produce("R1", kPowder));
  const TraceResult result = world.MustTrace(kMilk, Direction::kForward);
  EXPECT_EQ(result.asked, kMilk);
  ASSERT_THAT(result.steps, SizeIs(2));
  const std::vector<std::string> links = Links(result);
  ASSERT_THAT(links, SizeIs(4));
  EXPECT_EQ(links[0].substr(0, links[0].find(':', 50)),
            "dairy#1 CHG " + kMilk + "@" + kDairy + " -> 1");
  EXPECT_EQ(links[2], "farm#1 SHP " + kMilk + "@" + kFarm + " -> 0: 250 KGM");
  EXPECT_EQ(links[3], "farm#1 SHP " + kMilk + "@" + kDairy + " <- 0: 250 KGM");
  // Backward the water is there, too.
  const TraceResult back = world.MustTrace(kPowder, Direction::kBackward);
  ASSERT_THAT(back.links, SizeIs(5));
  EXPECT_EQ(back.links[1].role, GoodsRole::kProcessingAid);
  EXPECT_EQ(back.links[1].sequence, 2u);
}

TEST(LinksTest, TheWayToAUnitNamesTheEntriesThatProveIt) {
  World world;
  const uint32_t farm = world.AddLedger(kFarm, "farm");
  world.Record(farm, Ship(kMilk, kDairy));
  const uint32_t dairy = world.AddLedger(kDairy, "dairy");
  world.Record(dairy, Charge("R1", kMilk));
  world.Record(dairy, Produce("R1", kPowder));
  world.Record(dairy, Ship(kPowder, kBaker));
  const uint32_t baker = world.AddLedger(kBaker, "baker");
  world.Record(baker, Charge("R2", kPowder));
  world.Record(baker, Produce("R2", kBread));
  // From the farm on: what is at the dairy is the origin, too, when the milk itself is asked for.
  const TraceResult forward = world.MustTrace(kMilk + "@" + kFarm, Direction::kForward);
  const std::vector<std::string> way = {
      "farm#1 SHP " + kMilk + "@" + kFarm + " > farm#1 SHP " + kMilk + "@" + kDairy,
      "dairy#1 CHG " + kMilk + "@" + kDairy + " > dairy#2 PRD " + kPowder + "@" + kDairy,
      "dairy#3 SHP " + kPowder + "@" + kDairy + " > dairy#3 SHP " + kPowder + "@" + kBaker,
      "baker#1 CHG " + kPowder + "@" + kBaker + " > baker#2 PRD " + kBread + "@" + kBaker};
  EXPECT_EQ(ProofOf(forward, UnitOf(forward, kBread)), way);
  const TraceResult both = world.MustTrace(kPowder, Direction::kBoth);
  EXPECT_THAT(ProofOf(both, UnitOf(both, kBread)), ElementsAre(way[3]));
  EXPECT_THAT(ProofOf(both, UnitOf(both, kMilk)),
              ElementsAre("dairy#2 PRD " + kPowder + "@" + kDairy + " > dairy#1 CHG " + kMilk +
                          "@" + kDairy));
}

// Two pallets of one lot went to one store, from where each went on to another baker. The way
// to what the second made goes by the second pallet all along.
TEST(LinksTest, AWayStaysInItsContainer) {
  World world;
  const std::string store = "ext:own:store";
  const uint32_t dairy = world.AddLedger(kDairy, "dairy");
  world.Record(dairy, Pack(Sscc(1), {kPowder}));
  world.Record(dairy, Pack(Sscc(2), {kPowder}));
  world.Record(dairy, Ship(Sscc(1), store));
  world.Record(dairy, Ship(Sscc(2), store));
  const uint32_t keeper = world.AddLedger(store, "store");
  world.Record(keeper, Ship(Sscc(1), kCook));
  world.Record(keeper, Ship(Sscc(2), kBaker));
  const uint32_t baker = world.AddLedger(kBaker, "baker");
  world.Record(baker, Charge("R2", Sscc(2)));
  world.Record(baker, Produce("R2", kBread));
  const TraceResult result = world.MustTrace(kPowder, Direction::kForward);
  const std::string pallet = Sscc(2);
  EXPECT_THAT(
      ProofOf(result, UnitOf(result, kBread)),
      ElementsAre(
          "packed dairy#2",
          "dairy#4 SHP " + pallet + "@" + kDairy + " > dairy#4 SHP " + pallet + "@" + store,
          "store#2 SHP " + pallet + "@" + store + " > store#2 SHP " + pallet + "@" + kBaker,
          "baker#1 CHG " + pallet + "@" + kBaker + " > baker#2 PRD " + kBread + "@" + kBaker));
}

TEST(LinksTest, AreLeftOutOnRequest) {
  World world;
  const uint32_t farm = world.AddLedger(kFarm, "farm");
  world.Record(farm, Ship(kMilk, kDairy));
  const absl::StatusOr<TraceResult> result =
      trace::Trace(world.graph(), world.ledgers(), {.unit = kMilk, .links = false});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->edges, 2u);
  EXPECT_THAT(result->links, IsEmpty());
  EXPECT_THAT(result->places, IsEmpty());
  EXPECT_THAT(result->hops, IsEmpty());
  EXPECT_EQ(result->digest, world.MustTrace(kMilk, Direction::kBoth).digest);
}

}  // namespace
}  // namespace suyuan

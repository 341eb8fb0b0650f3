#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::SizeIs;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kBread = "lot:ext:own:baker/bread/B1";
const std::string kBaker = "ext:own:baker";

void TellFarm(World* world) {
  const uint32_t ledger = world->AddLedger("ext:own:farm", "farm");
  world->Record(ledger, Produce("R1", kMilk));
  world->Record(ledger, Ship(kMilk, "ext:own:dairy"));
}

void TellDairy(World* world, const std::string& bread = kBread) {
  const uint32_t ledger = world->AddLedger("ext:own:dairy", "dairy");
  world->Record(ledger, Receive(kMilk, "ext:own:farm"));
  world->Record(ledger, Charge("R1", kMilk));
  world->Record(ledger, Produce("R1", kPowder));
  world->Record(ledger, Pack(Sscc(1), {kPowder}));
  world->Record(ledger, Ship(Sscc(1), kBaker));
  world->Record(ledger, Charge("R2", Sscc(1)).In(kBaker));
  world->Record(ledger, Produce("R2", bread).In(kBaker));
}

std::string Digest(const World& world, const std::string& unit,
                   Direction direction = Direction::kBoth) {
  return world.MustTrace(unit, direction).digest;
}

TEST(DigestTest, IsTheSameWhenComputedAgain) {
  World world;
  TellFarm(&world);
  TellDairy(&world);
  EXPECT_THAT(Digest(world, kMilk), SizeIs(32));
  EXPECT_EQ(Digest(world, kMilk), Digest(world, kMilk));
}

TEST(DigestTest, DoesNotDependOnTheOrderInWhichLedgersWereRead) {
  World one;
  TellFarm(&one);
  TellDairy(&one);
  World other;
  TellDairy(&other);
  TellFarm(&other);
  for (const std::string& unit : {kMilk, kPowder, kBread}) {
    for (const Direction direction :
         {Direction::kForward, Direction::kBackward, Direction::kBoth}) {
      EXPECT_EQ(Digest(one, unit, direction), Digest(other, unit, direction)) << unit;
    }
  }
}

TEST(DigestTest, TellsDirectionsAndOriginsApart) {
  World world;
  TellFarm(&world);
  TellDairy(&world);
  std::set<std::string> digests;
  for (const std::string& unit : {kMilk, kPowder, kBread}) {
    for (const Direction direction :
         {Direction::kForward, Direction::kBackward, Direction::kBoth}) {
      digests.insert(Digest(world, unit, direction));
    }
  }
  digests.insert(Digest(world, kPowder + "@ext:own:dairy"));
  EXPECT_THAT(digests, SizeIs(10));
}

TEST(DigestTest, DiffersWhenALinkDiffers) {
  World one;
  TellFarm(&one);
  TellDairy(&one);
  World other;
  TellFarm(&other);
  TellDairy(&other, "lot:ext:own:baker/bread/B2");
  EXPECT_NE(Digest(one, kMilk), Digest(other, kMilk));

  // A link that adds no unit is in the digest, too.
  World more;
  TellFarm(&more);
  TellDairy(&more);
  const std::string before = Digest(more, kMilk);
  more.Record(2, Charge("R1", Ref(kMilk, "tank-1")));
  EXPECT_NE(Digest(more, kMilk), before);
}

TEST(DigestTest, DiffersWhenAHeadDiffers) {
  World world;
  TellFarm(&world);
  TellDairy(&world);
  const std::string before = Digest(world, kMilk);
  world.Record(1, Inspect("lot:ext:own:farm/other/X"));
  EXPECT_NE(Digest(world, kMilk), before);
}

}  // namespace
}  // namespace suyuan

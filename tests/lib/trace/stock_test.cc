// How much of a lot is where.

#include "lib/trace/stock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::IsEmpty;
using namespace tell;  // NOLINT(google-build-using-namespace)
using trace::Holding;
using trace::StockOf;
using trace::UnitStock;

const std::string kDairy = "ext:own:dairy";
const std::string kPlant = "ext:own:dairy/plant";
const std::string kDepot = "ext:own:dairy/depot";
const std::string kFarm = "ext:own:farm";
const std::string kShop = "ext:own:shop";
const std::string kOther = "ext:own:other";
const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kCan = "lot:ext:own:dairy/06901234567892/C1";
const std::string kCase = "lot:ext:own:dairy/16901234567899/C1";

// "holder#part [state] in container" -> "12.5 KGM".
using Rows = std::map<std::string, std::string>;

class StockStory : public ::testing::Test {
 protected:
  UnitStock Stock(const std::string& unit, int64_t minute = -1) {
    const std::optional<genealogy::Place> place = world.graph().FindPlaceOf(unit);
    EXPECT_TRUE(place.has_value()) << unit;
    if (!place.has_value()) return {};
    const int64_t at =
        minute < 0 ? std::numeric_limits<int64_t>::max() : (kDaySeconds + minute * 60) * 1'000'000;
    return StockOf(world.graph(), place->unit, at);
  }
  Rows Where(const std::string& unit, int64_t minute = -1) {
    Rows rows;
    for (const Holding& holding : Stock(unit, minute).holdings) {
      std::string key(world.graph().text(holding.holder));
      if (holding.part != 0) key += "#" + std::string(world.graph().text(holding.part));
      if (holding.apart) key += " apart";
      if (holding.state == Holding::State::kInTransit) key += " in transit";
      if (holding.state == Holding::State::kRefused) key += " refused";
      if (holding.state == Holding::State::kInProcess) key += " in process";
      if (holding.container != 0) key += " in " + world.graph().KeyText(holding.container, 0);
      std::string text;
      for (const auto& [unit_code, value] : holding.total.sums()) {
        text += (text.empty() ? "" : ", ") + value.ToString() + " " + unit_code;
      }
      if (holding.total.untold() != 0) text += " and some";
      rows[key] += text;
    }
    return rows;
  }
  std::vector<std::string> Findings(const std::string& unit) {
    std::vector<std::string> findings;
    for (const auto& [zh, en] : Stock(unit).findings) findings.push_back(en);
    return findings;
  }

  // "to" -> "5 of 30": came back of what was shipped; where some did.
  Rows Returned(const std::string& unit) {
    Rows rows;
    for (const trace::Delivery& delivery : Stock(unit).deliveries) {
      if (delivery.returned.empty()) continue;
      rows[std::string(world.graph().text(delivery.to))] =
          delivery.returned.sums().at("KGM").ToString() + " of " +
          delivery.shipped.sums().at("KGM").ToString();
    }
    return rows;
  }
  static Told PackKg(const std::string& container, const std::string& unit, int64_t kg) {
    Told pack = Pack(container, {unit});
    *pack.event.mutable_pack()->mutable_contents(0)->mutable_quantity() = Kg(kg);
    return pack;
  }

  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(StockStory, WhatWasMadeAndNotMovedIsThere) {
  world.Record(dairy, Produce("R1", kPowder).Of(100).In(kPlant));
  EXPECT_EQ(Where(kPowder), (Rows{{kPlant, "100 KGM"}}));
}

TEST_F(StockStory, AShipmentTakesFromHereAndBringsThere) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "70 KGM"}, {kShop, "30 KGM"}}));
  const UnitStock stock = Stock(kPowder);
  ASSERT_EQ(stock.deliveries.size(), 1u);
  EXPECT_EQ(stock.deliveries[0].shipped.sums().at("KGM").ToString(), "30");
}

TEST_F(StockStory, GoodsThatCameBackLieApart) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  world.Record(dairy, Return(kPowder, kShop, "back").Of(5));
  EXPECT_EQ(Where(kPowder),
            (Rows{{kDairy, "70 KGM"}, {kDairy + "#back apart", "5 KGM"}, {kShop, "25 KGM"}}));
  const UnitStock stock = Stock(kPowder);
  ASSERT_EQ(stock.deliveries.size(), 1u);
  EXPECT_EQ(stock.deliveries[0].returned.sums().at("KGM").ToString(), "5");
}

TEST_F(StockStory, ItIsAsItWasAtAMoment) {
  world.Record(dairy, Produce("R1", kPowder).Of(100).At(10));
  world.Record(dairy, Ship(kPowder, kShop, 30).At(20));
  EXPECT_THAT(Where(kPowder, 5), IsEmpty());
  EXPECT_EQ(Where(kPowder, 15), (Rows{{kDairy, "100 KGM"}}));
  EXPECT_EQ(Where(kPowder, 25), (Rows{{kDairy, "70 KGM"}, {kShop, "30 KGM"}}));
}

TEST_F(StockStory, WhatWasChargedIsInProcessUntilTheRunGivesSomething) {
  world.Record(dairy, Receive(kMilk, "ext:own:farm").Of(100));
  world.Record(dairy, Charge("R1", kMilk).Of(60));
  EXPECT_EQ(Where(kMilk), (Rows{{kDairy, "40 KGM"}, {kDairy + " in process", "60 KGM"}}));
  world.Record(dairy, Produce("R1", kPowder).Of(10));
  EXPECT_EQ(Where(kMilk), (Rows{{kDairy, "40 KGM"}}));
  EXPECT_EQ(Stock(kMilk).used.sums().at("KGM").ToString(), "60");
}

TEST_F(StockStory, UnitsOfOneDimensionAreAddedAndOthersKeptApart) {
  world.Record(dairy, Produce("R1", kPowder).Of(2, "TNE"));
  world.Record(dairy, Ship(kPowder, kShop, 300));
  world.Record(dairy, Waste(kPowder).Of(500, "GRM"));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "1.6995 TNE"}, {kShop, "300 KGM"}}));
  world.Record(dairy, Serve(kPowder).Of(3, "XBG"));
  EXPECT_EQ(Where(kPowder)[kDairy], "1.6995 TNE, -3 XBG");
}

TEST_F(StockStory, CasesAreCountedInPieces) {
  world.Record(dairy, Produce("R1", kCan).Of(100, "H87"));
  world.Record(dairy, Ship(kCase, kShop).Of(2, "XCT"));
  // The level is registered after it was used.
  world.Record(dairy, ProductMaster("06901234567892", "powder", {{"16901234567899", 24}}));
  world.Record(dairy, Ship(kCase, kShop).Of(1, "XCT"));
  EXPECT_EQ(Where(kCan), (Rows{{kDairy, "28 H87"}, {kShop, "72 H87"}}));
}

TEST_F(StockStory, WhatWasPackedGoesWhereItsPalletGoes) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  Told pack = Pack(Sscc(0), {kPowder});
  *pack.event.mutable_pack()->mutable_contents(0)->mutable_quantity() = Kg(40);
  world.Record(dairy, std::move(pack));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "60 KGM"}, {kDairy + " in " + Sscc(0), "40 KGM"}}));
  world.Record(dairy, Ship(Sscc(0), kShop, 1));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "60 KGM"}, {kShop + " in " + Sscc(0), "40 KGM"}}));
  const UnitStock stock = Stock(kPowder);
  ASSERT_EQ(stock.deliveries.size(), 1u);
  EXPECT_EQ(stock.deliveries[0].shipped.sums().at("KGM").ToString(), "40");
}

TEST_F(StockStory, WhatIsUnpackedIsLooseAgain) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  Told pack = Pack(Sscc(0), {kPowder});
  *pack.event.mutable_pack()->mutable_contents(0)->mutable_quantity() = Kg(40);
  world.Record(dairy, std::move(pack));
  world.Record(dairy, Unpack(Sscc(0)));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "100 KGM"}}));
}

TEST_F(StockStory, AReceiverThatKeepsALedgerHasItWhenItSaysSo) {
  const uint32_t shop = world.AddLedger(kShop);
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "70 KGM"}, {kShop + " in transit", "30 KGM"}}));
  world.Record(shop, Receive(kPowder, kDairy).Of(29));
  // What left is the sender's figure, what arrived the receiver's; never added.
  EXPECT_EQ(Where(kPowder),
            (Rows{{kDairy, "70 KGM"}, {kShop, "29 KGM"}, {kShop + " in transit", "1 KGM"}}));
  EXPECT_THAT(Findings(kPowder),
              ::testing::ElementsAre("what was sent and what was received differ"));
}

TEST_F(StockStory, MoreThanThereWasIsAFinding) {
  world.Record(dairy, Produce("R1", kPowder).Of(10));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  EXPECT_EQ(Where(kPowder)[kDairy], "-20 KGM");
  EXPECT_THAT(Findings(kPowder), ::testing::ElementsAre("stock below zero: more left than came"));
}

TEST_F(StockStory, AShipmentThatDoesNotSayFromWhichSiteTakesWhatIsThere) {
  world.Record(dairy, Produce("R1", kPowder).Of(100).In(kPlant));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  EXPECT_EQ(Where(kPowder), (Rows{{kPlant, "70 KGM"}, {kShop, "30 KGM"}}));
  EXPECT_THAT(Findings(kPowder), IsEmpty());
}

TEST_F(StockStory, AWithdrawnShipmentNeverLeft) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 30).Id("shp"));
  world.Record(dairy, Withdraw("shp"));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "100 KGM"}}));
}

TEST_F(StockStory, WhatWasTurnedAwayIsNoStock) {
  world.Record(dairy, Receive(kMilk, kFarm).Of(70));
  world.Record(dairy, Reject(kMilk, kFarm).Of(30).Id("rcj"));
  const std::string refused = kDairy + "#rcj apart refused";
  EXPECT_EQ(Where(kMilk), (Rows{{kDairy, "70 KGM"}, {refused, "30 KGM"}}));
  // Nothing else draws on it.
  world.Record(dairy, Charge("R1", kMilk).Of(80));
  EXPECT_EQ(Where(kMilk)[kDairy], "-10 KGM");
  EXPECT_EQ(Where(kMilk)[refused], "30 KGM");
  EXPECT_THAT(Findings(kMilk), ::testing::ElementsAre("stock below zero: more left than came"));
  // It goes by its name.
  world.Record(dairy, Ship(Ref(kMilk, "rcj"), kFarm, 20));
  world.Record(dairy, Destroy(Ref(kMilk, "rcj")).Of(4));
  EXPECT_EQ(Where(kMilk)[refused], "6 KGM");
  EXPECT_EQ(Where(kMilk)[kFarm], "20 KGM");
}

TEST_F(StockStory, WhatWasTurnedAwayOfAShipmentIsSoOnce) {
  const uint32_t shop = world.AddLedger(kShop);
  const std::string store = kShop + "/store";
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 60).At(10));
  world.Record(shop, Receive(kPowder, kDairy).Of(40).In(store).At(20));
  world.Record(shop, Reject(kPowder, kDairy).Of(20).In(store).At(21).Id("rcj"));
  EXPECT_EQ(
      Where(kPowder),
      (Rows{{kDairy, "40 KGM"}, {store, "40 KGM"}, {store + "#rcj apart refused", "20 KGM"}}));
  EXPECT_THAT(Findings(kPowder), IsEmpty());
  // What comes back is what was turned away, and only then other goods.
  world.Record(dairy, Return(kPowder, kShop, "b1").Of(15).At(30));
  world.Record(dairy, Return(kPowder, kShop, "b2").Of(8).At(40));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "40 KGM"},
                                  {kDairy + "#b1 apart", "15 KGM"},
                                  {kDairy + "#b2 apart", "8 KGM"},
                                  {store, "37 KGM"}}));
  EXPECT_THAT(Findings(kPowder), IsEmpty());
}

TEST_F(StockStory, APalletThatWasTurnedAwayIsSoWithAllThatIsOnIt) {
  const uint32_t shop = world.AddLedger(kShop);
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, PackKg(Sscc(0), kPowder, 40));
  world.Record(dairy, Ship(Sscc(0), kShop, 1));
  world.Record(shop, Reject(Sscc(0), kDairy).Id("rcj"));
  EXPECT_EQ(Where(kPowder),
            (Rows{{kDairy, "60 KGM"}, {kShop + "#rcj apart refused in " + Sscc(0), "40 KGM"}}));
  world.Record(dairy, Return(Sscc(0), kShop, "back"));
  EXPECT_EQ(Where(kPowder),
            (Rows{{kDairy, "60 KGM"}, {kDairy + "#back apart in " + Sscc(0), "40 KGM"}}));
}

TEST_F(StockStory, ACountByAnotherNumberAloneCountsIfThatNamesOneUnit) {
  Told count;
  *count.event.mutable_adjust_stock()->mutable_unit() = Numbered("PO 7").ref;
  *count.event.mutable_adjust_stock()->mutable_difference() = Kg(-3);
  world.Record(dairy, std::move(count));
  world.Record(dairy, Produce("R1", Ref(kPowder).KnownAs("PO 7")).Of(100));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "97 KGM"}}));
  world.Record(dairy, Produce("R2", Ref(kCan).KnownAs("PO 7")).Of(50).Id("two"));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "100 KGM"}}));
  EXPECT_EQ(Where(kCan), (Rows{{kDairy, "50 KGM"}}));
  world.Record(dairy, Withdraw("two"));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "97 KGM"}}));
}

TEST_F(StockStory, WhatCameBackIsDrawnOnByItsName) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  world.Record(dairy, Return(kPowder, kShop, "back").Of(5));
  world.Record(dairy, Return(kPowder, kShop, "later").Of(4));
  world.Record(dairy, Destroy(Ref(kPowder, "back")).Of(3));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "70 KGM"},
                                  {kDairy + "#back apart", "2 KGM"},
                                  {kDairy + "#later apart", "4 KGM"},
                                  {kShop, "21 KGM"}}));
  world.Record(dairy, Destroy(Ref(kPowder, "back")).Of(2));
  world.Record(dairy, Ship(Ref(kPowder, "later"), kOther, 4));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "70 KGM"}, {kShop, "21 KGM"}, {kOther, "4 KGM"}}));
}

TEST_F(StockStory, WhatComesBackIsOfTheShipmentToThatSite) {
  const std::string store = kShop + "/store";
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  world.Record(dairy, Ship(kPowder, store, 10));
  world.Record(dairy, Ship(kPowder, kShop, 30));
  world.Record(dairy, Ship(kPowder, kShop + "/other", 20));
  world.Record(dairy, Return(kPowder, store, "b1").Of(4));
  world.Record(dairy, Return(kPowder, kShop, "b2").Of(15));
  // More than went to that store: they have carried some of it there.
  world.Record(dairy, Return(kPowder, store, "b3").Of(7));
  EXPECT_EQ(Returned(kPowder), (Rows{{store, "4 of 10"}, {kShop, "22 of 30"}}));
  EXPECT_EQ(Where(kPowder)[store] + Where(kPowder)[kShop], "14 KGM");
  EXPECT_THAT(Findings(kPowder), IsEmpty());
}

TEST_F(StockStory, ACaseThatGoesOnItsOwnIsNoLongerOnItsPallet) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  for (const int number : {1, 2}) {
    world.Record(dairy, PackKg(Sscc(number), kPowder, 20));
  }
  world.Record(dairy, Pack(Sscc(0), {Sscc(1), Sscc(2)}));
  world.Record(dairy, Ship(Sscc(0), kShop, 1));
  // Nobody says that the shop took it off.
  world.Record(dairy, Return(Sscc(2), kShop, "back"));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "60 KGM"},
                                  {kShop + " in " + Sscc(1), "20 KGM"},
                                  {kDairy + "#back apart in " + Sscc(2), "20 KGM"}}));
  EXPECT_EQ(Returned(kPowder), (Rows{{kShop, "20 of 40"}}));
  world.Record(dairy, Destroy(Ref(Sscc(2), "back")));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "60 KGM"}, {kShop + " in " + Sscc(1), "20 KGM"}}));
}

TEST_F(StockStory, LooseGoodsComeOutOfThePackagesThatAreThere) {
  world.Record(dairy, Produce("R1", kPowder).Of(100));
  for (const int number : {1, 2, 3}) {
    world.Record(dairy, PackKg(Sscc(number), kPowder, 20));
  }
  world.Record(dairy, Ship(Sscc(1), kShop, 1));
  world.Record(dairy, Ship(Sscc(2), kOther, 1));
  world.Record(dairy, Return(kPowder, kShop, "back").Of(3));
  EXPECT_EQ(Where(kPowder), (Rows{{kDairy, "40 KGM"},
                                  {kDairy + " in " + Sscc(3), "20 KGM"},
                                  {kShop, "17 KGM"},
                                  {kOther + " in " + Sscc(2), "20 KGM"},
                                  {kDairy + "#back apart", "3 KGM"}}));
  EXPECT_EQ(Stock(kPowder).came.sums().at("KGM").ToString(), "100");
  EXPECT_THAT(Findings(kPowder), IsEmpty());
  // Here it should have been told.
  world.Record(dairy, Ship(kPowder, kShop, 45));
  EXPECT_EQ(Where(kPowder)[kDairy], "15 KGM");
  EXPECT_THAT(Findings(kPowder),
              ::testing::ElementsAre("goods left loose that are recorded as packed"));
}

// A plant that does what plants do, and remembers where everything is.
TEST_F(StockStory, RandomPlantsAreWhereTheirBooksSay) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  for (int round = 0; round < 60; ++round) {
    World plant;
    const uint32_t ledger = plant.AddLedger(kDairy);
    // Of one lot: by place, part that is apart, and container; "!" marks what was refused.
    std::map<std::tuple<std::string, std::string, std::string>, int64_t> truth;
    std::map<std::string, std::string> pallet_at;
    int64_t made = 0;
    int64_t gone = 0;
    const std::vector<std::string> sites = {kPlant, kDepot};
    const std::vector<std::string> customers = {kShop, kOther};
    int returns = 0;
    std::map<std::string, std::string> back;     // part -> site
    std::map<std::string, std::string> refused;  // part -> site
    for (int step = 0; step < 40; ++step) {
      const std::string site = sites[static_cast<size_t>(below(2))];
      int64_t& loose = truth[{site, "", ""}];
      const std::string pallet = Sscc(static_cast<int>(below(3)));
      switch (below(11)) {
        case 9: {  // turned away at the door
          // What the farm once got back it has, and sends that.
          int64_t& at_farm = truth[{kFarm, "", ""}];
          const int64_t amount = 1 + below(at_farm == 0 ? 50 : at_farm);
          const std::string part = "refused-" + std::to_string(returns++);
          plant.Record(ledger, Reject(kPowder, kFarm).Of(amount).In(site).Id(part));
          (at_farm == 0 ? made : at_farm) += at_farm == 0 ? amount : -amount;
          truth[{site, part + "!", ""}] += amount;
          refused[part] = site;
          break;
        }
        case 10: {  // and goes back to the farm, or is destroyed at the door
          if (refused.empty()) break;
          const auto& [part, at] = *refused.begin();
          int64_t& rest = truth[{at, part + "!", ""}];
          const int64_t amount = 1 + below(rest);
          if (below(2) == 0) {
            plant.Record(ledger, Ship(Ref(kPowder, part), kFarm, amount).In(at));
            truth[{kFarm, "", ""}] += amount;
          } else {
            plant.Record(ledger, Destroy(Ref(kPowder, part)).Of(amount).In(at));
            gone += amount;
          }
          rest -= amount;
          if (rest == 0) refused.erase(refused.begin());
          break;
        }
        case 8: {  // what came back is destroyed, bit by bit
          if (back.empty()) break;
          const auto& [part, at] = *back.begin();
          int64_t& rest = truth[{at, part, ""}];
          const int64_t amount = 1 + below(rest);
          plant.Record(ledger, Destroy(Ref(kPowder, part)).Of(amount).In(at));
          gone += amount;
          rest -= amount;
          if (rest == 0) back.erase(back.begin());
          break;
        }
        case 0: {
          const int64_t amount = 1 + below(50);
          plant.Record(ledger, Produce("R1", kPowder).Of(amount).In(site));
          loose += amount;
          made += amount;
          break;
        }
        case 1: {  // between own sites
          if (loose == 0) break;
          const int64_t amount = 1 + below(loose);
          const std::string to = site == kPlant ? kDepot : kPlant;
          plant.Record(ledger, Move(kPowder, to).Of(amount).In(site));
          loose -= amount;
          truth[{to, "", ""}] += amount;
          break;
        }
        case 2: {
          if (loose == 0) break;
          const int64_t amount = 1 + below(loose);
          const std::string to = customers[static_cast<size_t>(below(2))];
          plant.Record(ledger, Ship(kPowder, to, amount).In(site));
          loose -= amount;
          truth[{to, "", ""}] += amount;
          break;
        }
        case 3: {  // comes back
          const std::string from = customers[static_cast<size_t>(below(2))];
          int64_t& out = truth[{from, "", ""}];
          if (out == 0) break;
          const int64_t amount = 1 + below(out);
          const std::string part = "back-" + std::to_string(returns++);
          plant.Record(ledger, Return(kPowder, from, part).Of(amount).In(site));
          out -= amount;
          truth[{site, part, ""}] += amount;
          back[part] = site;
          break;
        }
        case 4: {
          if (loose == 0) break;
          const int64_t amount = 1 + below(loose);
          plant.Record(ledger,
                       (below(2) == 0 ? Waste(kPowder) : Destroy(kPowder)).Of(amount).In(site));
          loose -= amount;
          gone += amount;
          break;
        }
        case 5: {  // onto a pallet, which is where it was last
          if (loose == 0) break;
          if (pallet_at.contains(pallet) && pallet_at[pallet] != site) break;
          const int64_t amount = 1 + below(loose);
          Told pack = Pack(pallet, {kPowder}).In(site);
          *pack.event.mutable_pack()->mutable_contents(0)->mutable_quantity() = Kg(amount);
          plant.Record(ledger, std::move(pack));
          pallet_at[pallet] = site;
          loose -= amount;
          truth[{"", "", pallet}] += amount;
          break;
        }
        case 6: {  // the pallet goes somewhere
          if (!pallet_at.contains(pallet) || !pallet_at[pallet].starts_with(kDairy)) break;
          const std::string from = pallet_at[pallet];
          if (below(2) == 0) {
            const std::string to = from == kPlant ? kDepot : kPlant;
            plant.Record(ledger, Move(pallet, to).In(from));
            pallet_at[pallet] = to;
          } else {
            const std::string to = customers[static_cast<size_t>(below(2))];
            plant.Record(ledger, Ship(pallet, to, 1).In(from));
            pallet_at[pallet] = to;
          }
          break;
        }
        default: {  // all out of it
          if (!pallet_at.contains(pallet) || !pallet_at[pallet].starts_with(kDairy)) break;
          plant.Record(ledger, Unpack(pallet).In(pallet_at[pallet]));
          truth[{pallet_at[pallet], "", ""}] += truth[{"", "", pallet}];
          truth[{"", "", pallet}] = 0;
          break;
        }
      }
    }
    if (made == 0) continue;
    const UnitStock stock = StockOf(plant.graph(), plant.graph().FindPlaceOf(kPowder)->unit,
                                    std::numeric_limits<int64_t>::max());
    std::map<std::tuple<std::string, std::string, std::string>, int64_t> found;
    int64_t sum = 0;
    for (const Holding& holding : stock.holdings) {
      const std::string container =
          holding.container == 0 ? "" : plant.graph().KeyText(holding.container, 0);
      const std::string holder(plant.graph().text(holding.holder));
      if (!container.empty()) {
        EXPECT_EQ(holder, pallet_at[container]) << "round " << round;
      }
      const int64_t value = holding.total.sums().at("KGM").value;
      const bool turned_away = holding.state == Holding::State::kRefused;
      found[{container.empty() ? holder : "",
             std::string(plant.graph().text(holding.part)) + (turned_away ? "!" : ""),
             container}] += value;
      sum += value;
    }
    std::erase_if(truth, [](const auto& row) { return row.second == 0; });
    EXPECT_EQ(found, truth) << "round " << round;
    EXPECT_EQ(sum + gone, made) << "round " << round;
    EXPECT_THAT(stock.findings, IsEmpty()) << "round " << round;
  }
}

}  // namespace
}  // namespace suyuan

// Whom to call, and what is where.

#include "lib/recall/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "tests/lib/trace/world.h"

namespace suyuan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kDairy = "ext:own:dairy";
const std::string kWholesaler = "ext:own:wholesaler";
const std::string kShop = "ext:own:shop";
const std::string kCafe = "ext:own:cafe";
const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kPowder = "lot:ext:own:dairy/powder/L1";
const std::string kBread = "lot:ext:own:cafe/bread/B1";

class RecallStory : public ::testing::Test {
 protected:
  RecallPlan Plan(const std::vector<std::string>& units) {
    absl::StatusOr<RecallPlan> plan =
        recall::PlanRecall(world.graph(), world.ledgers(), {.units = units});
    EXPECT_THAT(plan, IsOk());
    return plan.ok() ? *std::move(plan) : RecallPlan();
  }
  // "unit at holder/place: 10 KGM on-hand"
  std::vector<std::string> Affected(const std::vector<std::string>& units) {
    std::vector<std::string> rows;
    for (const StockRow& row : Plan(units).affected) {
      rows.push_back(row.unit + " at " + (row.place.empty() ? row.holder : row.place) + ": " +
                     row.quantity + " " + row.uom + " " + row.state);
    }
    return rows;
  }
  // "1 name: shipped 10, returned 0, out 10 KGM of unit"
  std::vector<std::string> Customers(const std::vector<std::string>& units) {
    std::vector<std::string> rows;
    for (const RecallCustomer& c : Plan(units).customers) {
      rows.push_back(std::to_string(c.tier) + " " + c.name + ": shipped " + c.shipped +
                     ", returned " + c.returned + ", out " + c.out + " " + c.uom + " of " + c.unit);
    }
    return rows;
  }

  World world;
  uint32_t dairy = world.AddLedger(kDairy);
};

TEST_F(RecallStory, MadePowderIsPartlyHereAndPartlyOut) {
  world.Record(dairy, Receive(kMilk, "ext:own:farm").Of(100));
  world.Record(dairy, Charge("R1", kMilk).Of(100));
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Ship(kPowder, kShop, 5).On("2025-11-05"));
  world.Record(dairy, Return(kPowder, kShop, "back").Of(2));
  EXPECT_THAT(Affected({kMilk}), ElementsAre(kPowder + " at " + kDairy + ": 7 KGM on-hand",
                                             kPowder + " at " + kDairy + ": 2 KGM returned",
                                             kPowder + " at " + kShop + ": 3 KGM shipped"));
  EXPECT_THAT(Customers({kMilk}),
              ElementsAre("1 ext:own:shop: shipped 5, returned 2, out 3 KGM of " + kPowder));
  EXPECT_EQ(Plan({kMilk}).customers[0].date, "2025-11-05");
  EXPECT_TRUE(Plan({kMilk}).customers[0].boundary);
}

TEST_F(RecallStory, AUnitIsThereOnceHoweverManyOriginsReachIt) {
  for (const std::string& milk : {kMilk, kMilk2}) {
    world.Record(dairy, Receive(milk, "ext:own:farm").Of(100));
    world.Record(dairy, Charge("R1", milk).Of(100));
  }
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  EXPECT_EQ(Affected({kMilk, kMilk2}), Affected({kMilk}));
  EXPECT_THAT(Plan({kMilk2, kMilk, kMilk}).origins, ElementsAre(kMilk, kMilk2));
  EXPECT_EQ(Plan({kMilk2, kMilk}).digest, Plan({kMilk, kMilk2}).digest);
}

// Nobody can call back milk that lies in a silo with other milk: the silo is what to stop.
TEST_F(RecallStory, WhatWentIntoASiloIsThere) {
  for (const std::string& milk : {kMilk, kMilk2}) {
    tell::Ref into(milk);
    into.ref.set_vessel("silo-7");
    world.Record(dairy, Receive(into, "ext:own:farm").Of(100).At(milk == kMilk ? 0 : 5));
  }
  tell::Ref from("");
  from.ref.set_vessel("silo-7");
  world.Record(dairy, Charge("R1", from).Of(150).At(10));
  world.Record(dairy, Produce("R1", kPowder).Of(20).At(20));
  EXPECT_THAT(Affected({kMilk}),
              UnorderedElementsAre("vessel:silo-7 at ext:own:dairy: 50 KGM on-hand",
                                   kPowder + " at ext:own:dairy: 20 KGM on-hand"));
}

TEST_F(RecallStory, CustomersAreCalledByNameWithAddressAndPhone) {
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  Told ship = Ship(kPowder, kShop, 5);
  ship.event.mutable_ship()->set_customer_name("Corner Shop");
  ship.event.mutable_ship()->set_customer_address("1 Example Road");
  ship.event.mutable_ship()->set_customer_phone("021-1");
  world.Record(dairy, std::move(ship));
  RecallPlan plan = Plan({kPowder});
  ASSERT_EQ(plan.customers.size(), 1u);
  EXPECT_EQ(plan.customers[0].name, "Corner Shop");
  EXPECT_EQ(plan.customers[0].address, "1 Example Road");
  EXPECT_EQ(plan.customers[0].contact, "021-1");
  // It has moved.
  Told master = SubjectMaster(kShop, "Corner Shop Ltd");
  master.event.mutable_register_master()->mutable_subject()->set_address("2 Example Road");
  world.Record(dairy, std::move(master));
  plan = Plan({kPowder});
  EXPECT_EQ(plan.customers[0].name, "Corner Shop Ltd");
  EXPECT_EQ(plan.customers[0].address, "2 Example Road");
}

TEST_F(RecallStory, TiersReachAsFarAsLedgersDo) {
  const uint32_t wholesaler = world.AddLedger(kWholesaler);
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Ship(kPowder, kWholesaler, 10));
  world.Record(wholesaler, Receive(kPowder, kDairy).Of(10));
  world.Record(wholesaler, Ship(kPowder, kShop, 4));
  EXPECT_THAT(Customers({kPowder}),
              ElementsAre("1 ext:own:wholesaler: shipped 10, returned 0, out 10 KGM of " + kPowder,
                          "2 ext:own:shop: shipped 4, returned 0, out 4 KGM of " + kPowder));
  EXPECT_THAT(Affected({kPowder}), ElementsAre(kPowder + " at " + kDairy + ": 2 KGM on-hand",
                                               kPowder + " at " + kShop + ": 4 KGM shipped",
                                               kPowder + " at " + kWholesaler + ": 6 KGM on-hand"));
  const RecallPlan plan = Plan({kPowder});
  EXPECT_FALSE(plan.customers[0].boundary);
  EXPECT_TRUE(plan.customers[1].boundary);
}

TEST_F(RecallStory, ThePublicIsOneLine) {
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Serve(kPowder).Of(3));
  world.Record(dairy, Serve(kPowder).Of(4));
  EXPECT_THAT(Customers({kPowder}),
              ElementsAre("1 公众 the public: shipped 7, returned 0, out 7 KGM of " + kPowder));
  EXPECT_TRUE(Plan({kPowder}).customers[0].is_public);
}

TEST_F(RecallStory, WhatNobodyCanAccountForIsListed) {
  world.Record(dairy, Receive(kMilk, "ext:own:farm").Of(100));
  world.Record(dairy, Charge("R1", kMilk).Of(100));
  const RecallPlan plan = Plan({kMilk});
  ASSERT_EQ(plan.unaccounted.size(), 1u);
  EXPECT_EQ(plan.unaccounted[0].unit, kMilk);
  EXPECT_THAT(plan.unaccounted[0].why, HasSubstr("R1"));
}

TEST_F(RecallStory, ASuspectDeliveryAffectsOnlyWhereItWent) {
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Ship(kPowder, kShop, 5));
  world.Record(dairy, Ship(kPowder, kCafe, 3));
  EXPECT_THAT(Affected({kPowder + "@" + kCafe}),
              ElementsAre(kPowder + " at " + kCafe + ": 3 KGM shipped"));
  EXPECT_THAT(Customers({kPowder + "@" + kCafe}),
              ElementsAre("1 ext:own:cafe: shipped 3, returned 0, out 3 KGM of " + kPowder));
}

TEST_F(RecallStory, TheBalanceOfEachUnitAddsUp) {
  world.Record(dairy, Receive(kMilk, "ext:own:farm").Of(100));
  world.Record(dairy, Charge("R1", kMilk).Of(60));
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Ship(kPowder, kShop, 5));
  world.Record(dairy, Waste(kPowder).Of(1));
  const RecallPlan plan = Plan({kMilk});
  ASSERT_EQ(plan.balances.size(), 2u);
  const RecallBalance& powder = plan.balances[0];
  EXPECT_EQ(powder.unit, kPowder);
  EXPECT_EQ(powder.came, "12");
  EXPECT_EQ(powder.shipped, "5");
  EXPECT_EQ(powder.wasted, "1");
  EXPECT_EQ(powder.on_hand, "6");
  EXPECT_EQ(powder.difference, "0");
  const RecallBalance& milk = plan.balances[1];
  EXPECT_EQ(milk.came, "100");
  EXPECT_EQ(milk.used, "60");
  EXPECT_EQ(milk.on_hand, "40");
}

TEST_F(RecallStory, WhatWasTurnedAwayIsNamedAndNotOnHand) {
  world.Record(dairy, Receive(kMilk, "ext:own:farm").Of(70));
  world.Record(dairy, Reject(kMilk, "ext:own:farm").Of(30));
  EXPECT_THAT(Affected({kMilk}), ElementsAre(kMilk + " at " + kDairy + ": 70 KGM on-hand",
                                             kMilk + " at " + kDairy + ": 30 KGM refused"));
  const RecallPlan plan = Plan({kMilk});
  ASSERT_EQ(plan.balances.size(), 1u);
  EXPECT_EQ(plan.balances[0].came, "100");
  EXPECT_EQ(plan.balances[0].on_hand, "70");
  EXPECT_EQ(plan.balances[0].in_transit, "30");
  EXPECT_EQ(plan.balances[0].difference, "0");
}

TEST_F(RecallStory, WhatIsHeldOrRecalledByAnotherNumberAloneIsShownSo) {
  const auto states = [&] {
    std::vector<std::string> all;
    const absl::StatusOr<StockResult> stock = recall::GetStock(world.graph(), world.ledgers(), {});
    EXPECT_THAT(stock, IsOk());
    if (stock.ok()) {
      for (const StockRow& row : stock->rows) all.push_back(row.unit + " " + row.state);
    }
    return all;
  };
  world.Record(dairy, Receive(Ref(kMilk).KnownAs("PO 7"), "ext:own:farm").Of(100).At(0));
  world.Record(dairy, Produce("R1", kPowder).Of(12).At(0));
  Told hold;
  *hold.event.mutable_hold()->mutable_unit() = Numbered("PO 7").ref;
  world.Record(dairy, std::move(hold).At(10));
  EXPECT_THAT(states(), ElementsAre(kPowder + " on-hand", kMilk + " held"));
  Told recalled;
  *recalled.event.mutable_recall_goods()->mutable_unit() = Numbered("PO 8").ref;
  world.Record(dairy, std::move(recalled).At(20));
  EXPECT_THAT(states(), ElementsAre(kPowder + " on-hand", kMilk + " held"));
  world.Record(dairy, Inspect(Ref(kPowder).KnownAs("PO 8")).At(5));
  EXPECT_THAT(states(), ElementsAre(kPowder + " recalled", kMilk + " held"));
}

// Whatever is told first: numbers, what they name, and what is said by them alone.
TEST_F(RecallStory, TheOrderOfTellingDoesNotMatterForMarksByAnotherNumber) {
  const std::string kCan = "lot:ext:own:dairy/can/C1";
  const auto marked = [](auto* body, const std::string& number) {
    *body->mutable_unit() = Numbered(number).ref;
  };
  Told hold;
  marked(hold.event.mutable_hold(), "PO 7");
  Told release;
  marked(release.event.mutable_release(), "PO 7");
  Told recalled;
  marked(recalled.event.mutable_recall_goods(), "C150");
  std::vector<Told> events = {
      Produce("R1", Ref(kPowder).KnownAs("PO 7")).At(0),
      Produce("R2", Ref("item:C150").KnownAs("SN 1")).At(1),
      Inspect(Ref(kBread).KnownAs("PO 7")).At(2),
      AssignRange(kCan, "C100", "C199").At(3),
      std::move(hold).At(10),
      std::move(release).At(20),
      std::move(recalled).At(30),
  };
  std::vector<size_t> order(events.size());
  std::iota(order.begin(), order.end(), size_t{0});
  do {
    World told;
    const uint32_t ledger = told.AddLedger(kDairy);
    for (const size_t i : order) told.Record(ledger, events[i]);
    const absl::StatusOr<StockResult> stock = recall::GetStock(told.graph(), told.ledgers(), {});
    ASSERT_THAT(stock, IsOk());
    std::vector<std::string> rows;
    for (const StockRow& row : stock->rows) {
      rows.push_back(row.unit + "#" + row.part + " " + row.state);
    }
    // Which of two lots was released?
    EXPECT_THAT(rows, ElementsAre(kCan + "#item:C150 recalled", kPowder + "# held"))
        << testing::PrintToString(order);
  } while (std::next_permutation(order.begin(), order.end()) && !HasFailure());
}

TEST_F(RecallStory, APackageHasNoStockOfItsOwn) {
  const std::string kPallet = "sscc:369123450000000148";
  world.Record(dairy, Produce("R1", kPowder).Of(12));
  world.Record(dairy, Pack(kPallet, {kPowder}));
  const auto stock = [&](const std::string& unit) {
    return recall::GetStock(world.graph(), world.ledgers(), {.unit = unit});
  };
  EXPECT_THAT(stock(kPowder), IsOk());
  EXPECT_THAT(stock(kPallet),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("names a package")));
}

TEST_F(RecallStory, AnUnknownUnitOrNoneIsAnError) {
  EXPECT_THAT(recall::PlanRecall(world.graph(), world.ledgers(), {.units = {"nothing"}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nothing")));
  EXPECT_THAT(recall::PlanRecall(world.graph(), world.ledgers(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no unit")));
}

}  // namespace
}  // namespace suyuan

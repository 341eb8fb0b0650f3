// A month of the full plant: what the engine answers about every lot is what the
// plant itself counted, to the last gram and can.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/demo_plant.h"
#include "api/cli/demo_plant_books.h"
#include "lib/base/decimal.h"
#include "suyuan/engine.h"
#include "tests/support/sanitized.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

// Another month each time, unless SUYUAN_PLANT_SEED says which.
DemoOptions Month() {
  const char* const text = std::getenv("SUYUAN_PLANT_SEED");
  const uint64_t seed = text == nullptr ? std::random_device()() : std::strtoull(text, nullptr, 10);
  std::cout << "SUYUAN_PLANT_SEED=" << seed << "\n";
  return {.days = 30, .seed = seed, .size = PlantSize::kFull};
}

// Which lots get a recall plan; SUYUAN_PLANT_EVERY=1 in the environment for all.
constexpr int kEvery = kSanitized ? 10 : 1;

std::string Text(int64_t milli) { return Decimal{milli, 3}.Normal().ToString(); }

// The sum of exact decimals.
std::string Sum(const std::vector<std::string>& terms) {
  Decimal sum;
  for (const std::string& term : terms) {
    const std::optional<Decimal> value = Decimal::Parse(term);
    EXPECT_TRUE(value.has_value()) << term;
    const std::optional<Decimal> added = Add(sum, value.value_or(Decimal()));
    EXPECT_TRUE(added.has_value());
    sum = added.value_or(Decimal());
  }
  return sum.Normal().ToString();
}

// "on-hand at <place>", "returned as <part>", "shipped to <where>": quantity.
using Places = std::map<std::string, std::string>;

Places PlacesOf(const std::vector<StockRow>& rows, const std::string& uom) {
  std::map<std::string, std::vector<std::string>> terms;
  for (const StockRow& row : rows) {
    EXPECT_EQ(row.uom, uom) << row.unit;
    const std::string& place = row.place.empty() ? row.holder : row.place;
    const std::string key = row.state == "returned"  ? "returned as " + row.part
                            : row.state == "shipped" ? "shipped to " + place
                                                     : "on-hand at " + place;
    terms[key].push_back(row.quantity);
  }
  Places places;
  for (const auto& [key, quantities] : terms) places[key] = Sum(quantities);
  return places;
}

Places PlacesOf(const demo::LotBook& book) {
  Places places;
  for (const auto& [place, milli] : book.on_hand) {
    if (milli != 0) places["on-hand at " + place] = Text(milli);
  }
  for (const auto& [part, milli] : book.returned) {
    if (milli != 0) places["returned as " + part] = Text(milli);
  }
  std::map<std::string, int64_t> out;
  for (const auto& [who, customer] : book.customers) {
    out[who.first] += customer.shipped - customer.returned;
  }
  for (const auto& [to, milli] : out) {
    if (milli != 0) places["shipped to " + to] = Text(milli);
  }
  return places;
}

struct Totals {
  int64_t on_hand = 0;
  int64_t shipped = 0;
};

Totals TotalsOf(const demo::LotBook& book) {
  Totals totals;
  for (const auto& [place, milli] : book.on_hand) totals.on_hand += milli;
  for (const auto& [part, milli] : book.returned) totals.on_hand += milli;
  for (const auto& [who, customer] : book.customers) {
    totals.shipped += customer.shipped - customer.returned;
  }
  return totals;
}

class FullPlantTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const DemoOptions month = Month();
    plant_ = new DemoPlant(month, /*keep_books=*/true);
    std::vector<v1::Event> day;
    while (plant_->NextDay(&day)) {
    }
    dir_ = new TempDir();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = *dir_ / "data"});
    SUYUAN_ASSERT_OK(engine);
    engine_ = engine->release();
    SUYUAN_ASSERT_OK(LoadDemoPlant(engine_, month, nullptr));
  }
  static void TearDownTestSuite() {
    delete engine_;
    delete dir_;
    delete plant_;
  }

  static const std::map<std::string, demo::LotBook>& Lots() { return plant_->books().lots(); }

  // The lot and all that some of it went into.
  static std::set<std::string> MadeOf(const std::string& lot) {
    std::set<std::string> found = {lot};
    std::vector<std::string> open = {lot};
    while (!open.empty()) {
      const std::string one = open.back();
      open.pop_back();
      for (const std::string& next : Lots().at(one).made_into) {
        if (found.insert(next).second) open.push_back(next);
      }
    }
    return found;
  }

  static void ExpectBalance(const RecallBalance& balance, const demo::LotBook& book) {
    EXPECT_EQ(balance.uom, book.uom);
    EXPECT_EQ(balance.came, Text(book.came));
    EXPECT_EQ(balance.counted, Text(book.counted));
    EXPECT_EQ(balance.used, Text(book.used));
    EXPECT_EQ(balance.sampled, Text(book.sampled));
    EXPECT_EQ(balance.wasted, Text(book.wasted));
    EXPECT_EQ(balance.destroyed, Text(book.destroyed));
    EXPECT_EQ(balance.served, "0");
    EXPECT_EQ(balance.in_transit, "0");
    EXPECT_EQ(balance.in_process, "0");
    const Totals totals = TotalsOf(book);
    EXPECT_EQ(balance.on_hand, Text(totals.on_hand));
    EXPECT_EQ(balance.shipped, Text(totals.shipped));
    EXPECT_EQ(balance.difference, "0");
    EXPECT_EQ(Sum({balance.came, balance.counted}),
              Sum({balance.used, balance.sampled, balance.wasted, balance.destroyed,
                   balance.on_hand, balance.shipped}));
  }

  static void ExpectCustomers(const std::vector<const RecallCustomer*>& customers,
                              const demo::LotBook& book) {
    std::map<std::pair<std::string, std::string>, std::string> shipped;
    std::map<std::string, std::vector<std::string>> returned;
    for (const RecallCustomer* customer : customers) {
      const std::string& buyer = customer->buyer.empty() ? customer->key : customer->buyer;
      EXPECT_TRUE(shipped.try_emplace({customer->key, buyer}, customer->shipped).second)
          << customer->key << " is listed twice";
      returned[customer->key].push_back(customer->returned);
      EXPECT_EQ(Sum({customer->returned, customer->out}), customer->shipped);
      EXPECT_FALSE(customer->out.starts_with("-")) << customer->key;
      EXPECT_EQ(customer->uom, book.uom);
      EXPECT_EQ(customer->tier, 1u);
      EXPECT_TRUE(customer->boundary);
      EXPECT_THAT(customer->name, Not(IsEmpty()));
      EXPECT_THAT(customer->address, Not(IsEmpty()));
      EXPECT_THAT(customer->contact, Not(IsEmpty()));
    }
    std::map<std::pair<std::string, std::string>, std::string> shipped_by_book;
    std::map<std::string, int64_t> returned_by_book;
    for (const auto& [who, customer] : book.customers) {
      shipped_by_book[who] = Text(customer.shipped);
      returned_by_book[who.first] += customer.returned;
    }
    EXPECT_EQ(shipped, shipped_by_book);
    for (const auto& [to, milli] : returned_by_book)
      EXPECT_EQ(Sum(returned[to]), Text(milli)) << to;
  }

  static void ExpectPlan(const std::string& lot) {
    const absl::StatusOr<RecallPlan> plan = engine_->PlanRecall({.units = {lot}});
    SUYUAN_ASSERT_OK(plan);
    for (const RecallGap& gap : plan->unaccounted) {
      ADD_FAILURE() << gap.unit << " at " << gap.holder << ": " << gap.why;
    }
    std::map<std::string, std::vector<StockRow>> rows;
    for (const StockRow& row : plan->affected) rows[row.unit].push_back(row);
    std::map<std::string, std::vector<const RecallCustomer*>> customers;
    for (const RecallCustomer& customer : plan->customers) {
      customers[customer.unit].push_back(&customer);
    }
    std::set<std::string> affected;
    for (const RecallBalance& balance : plan->balances) {
      SCOPED_TRACE(balance.unit);
      EXPECT_TRUE(affected.insert(balance.unit).second) << "it is listed twice";
      const auto book = Lots().find(balance.unit);
      ASSERT_NE(book, Lots().end());
      ExpectBalance(balance, book->second);
      EXPECT_EQ(PlacesOf(rows[balance.unit], balance.uom), PlacesOf(book->second));
      ExpectCustomers(customers[balance.unit], book->second);
    }
    EXPECT_EQ(affected, MadeOf(lot));
    for (const auto& [unit, of_unit] : rows) EXPECT_TRUE(affected.contains(unit)) << unit;
    for (const auto& [unit, of_unit] : customers) EXPECT_TRUE(affected.contains(unit)) << unit;
  }

  static DemoPlant* plant_;
  static TempDir* dir_;
  static Engine* engine_;
};

DemoPlant* FullPlantTest::plant_ = nullptr;
TempDir* FullPlantTest::dir_ = nullptr;
Engine* FullPlantTest::engine_ = nullptr;

TEST_F(FullPlantTest, ItsBooksBalance) {
  int64_t finished = 0;
  for (const auto& [lot, book] : Lots()) {
    const Totals totals = TotalsOf(book);
    EXPECT_EQ(book.came + book.counted, book.used + book.sampled + book.wasted + book.destroyed +
                                            totals.on_hand + totals.shipped)
        << lot;
    finished += book.customers.empty() ? 0 : 1;
  }
  EXPECT_GT(Lots().size(), 1600u);
  EXPECT_GE(finished, 30 * 6 - 2);
}

TEST_F(FullPlantTest, StockOfEveryLotIsWhatWasCounted) {
  const absl::StatusOr<StockResult> stock = engine_->GetStock({});
  SUYUAN_ASSERT_OK(stock);
  for (const StockFinding& finding : stock->findings) {
    ADD_FAILURE() << finding.unit << ": " << finding.what;
  }
  std::map<std::string, std::vector<StockRow>> rows;
  for (const StockRow& row : stock->rows) rows[row.unit].push_back(row);
  for (const auto& [lot, book] : Lots()) {
    EXPECT_EQ(PlacesOf(rows[lot], book.uom), PlacesOf(book)) << lot;
    rows.erase(lot);
  }
  EXPECT_THAT(rows, IsEmpty());
}

TEST_F(FullPlantTest, TheRecallListOfEveryLotAddsUpWithStock) {
  const char* const every = std::getenv("SUYUAN_PLANT_EVERY");
  const int step = every == nullptr ? kEvery : std::max(1, std::atoi(every));
  const int first = static_cast<int>(std::random_device()() % static_cast<uint32_t>(step));
  std::cout << "every " << step << ". lot, from " << first << "\n";
  int number = 0;
  for (const auto& [lot, book] : Lots()) {
    if (number++ % step != first) continue;
    SCOPED_TRACE(lot);
    ExpectPlan(lot);
    if (HasFailure()) break;
  }
}

TEST_F(FullPlantTest, TheRecalledLotIsGone) {
  const DemoSummary summary = plant_->Summary();
  ASSERT_EQ(summary.worth_tracing.size(), 6u);
  for (const size_t i : {3u, 4u}) {
    const absl::StatusOr<RecallPlan> plan =
        engine_->PlanRecall({.units = {summary.worth_tracing[i].first}});
    SUYUAN_ASSERT_OK(plan);
    ASSERT_EQ(plan->balances.size(), 1u);
    EXPECT_EQ(plan->balances[0].on_hand, "0");
    EXPECT_EQ(plan->customers.empty(), i == 3);
    std::vector<std::string> out = {"0"};
    for (const RecallCustomer& customer : plan->customers) out.push_back(customer.out);
    EXPECT_EQ(Sum(out), plan->balances[0].shipped);
  }
}

}  // namespace
}  // namespace suyuan

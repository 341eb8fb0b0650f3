#ifndef API_CLI_DEMO_PLANT_MARKET_H_
#define API_CLI_DEMO_PLANT_MARKET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/cli/demo_plant_clerk.h"
#include "api/cli/demo_plant_world.h"

namespace suyuan::demo {

inline constexpr int64_t kMinute = 60'000'000;

// What one finished lot is packed into.
inline constexpr int64_t kCansInLot = 2430;  // 100 cases and 30 samples
inline constexpr int64_t kCasesInLot = 100;

struct Pallet {
  std::string key;
  int64_t cases = 0;
  std::vector<std::string> labelled;  // the cases, if each has an SSCC
  bool gone = false;                  // before the lot was released

  Part part() const { return {key, cases * kCansInCase * kOne, "H87"}; }
};

// So many thousandths of cans of one lot to one customer.
struct Sale {
  std::string to;
  std::string buyer;
  int64_t milli = 0;
  std::string container;  // a case or a pallet; empty if loose
};

struct FinishedLot {
  int day = 0;
  int turn = 0;  // among the lots of its day
  std::string number;
  std::string key;       // under the GTIN of a can
  std::string case_key;  // the same lot under the GTIN of a case
  std::vector<Pallet> pallets;

  bool failed = false;
  int shipments = 0;
  int returns = 0;
  std::vector<Sale> sales;
  std::vector<Part> left;  // not sold

  std::string letter() const { return std::string(1, static_cast<char>('A' + turn)); }
  std::string certificate() const { return "HG" + number; }
  std::string recall() const { return "ZH" + number; }
};

// What becomes of finished lots: packed, tested, released, sold, come back, called
// back. The days are those of the lot: it is told as soon as the lot is made.
class Market {
 public:
  // Borrows the others.
  Market(bool full, Clerk& clerk, Rng& rng) : full_(full), clerk_(clerk), rng_(rng) {}

  void Pack(FinishedLot& lot, int64_t at);
  // The lots of a day to their ends. On an eventful one a lot fails and the shop
  // sends cans back; in the full plant a pallet leaves too early, a shipment is
  // keyed wrongly and a lot is recalled.
  void Tell(std::span<FinishedLot> lots, bool eventful);

 private:
  void Release(const FinishedLot& lot);
  void Fail(FinishedLot& lot);
  void ShipUnreleased(FinishedLot& lot);
  void BringToWarehouse(FinishedLot& lot);
  void SellPallets(FinishedLot& lot);
  void SellFew(FinishedLot& lot);
  void SellWidely(FinishedLot& lot, bool miskeyed);
  void SellMixed(FinishedLot& a, FinishedLot& b);
  void TakeBack(FinishedLot& lot);
  void TakeBackNowAndThen(std::span<FinishedLot> lots);
  void Recall(FinishedLot& lot);
  int64_t TakeBackRecalled(FinishedLot& lot, const Sale& sale, int number);

  int64_t LooseCases() const;
  const Party& Wholesaler(size_t turn) const;
  const Party& AnyCustomer();
  v1::Event& ShipTo(int64_t at, const Part& part, const Party& customer, FinishedLot& lot,
                    const std::string& ship_to = "");
  std::string Back(int64_t at, FinishedLot& lot, const Part& part, const Sale& sale,
                   v1::ReturnCause cause, const std::string& reason, std::string name = "");
  void DestroyOf(int64_t at, const std::string& place, const FinishedLot& lot, const Part& part,
                 const std::string& of, const std::string& recall = "");
  // Thousandths of cans.
  struct RecallCount {
    int customers = 0;
    int64_t had = 0;
    int64_t returned = 0;
  };
  void TellRecall(int64_t at, const FinishedLot& lot, v1::RecallStage stage,
                  const RecallCount& count);

  const bool full_;
  Clerk& clerk_;
  Rng& rng_;
  int64_t serial_ = 0;  // of the last SSCC
};

}  // namespace suyuan::demo

#endif  // API_CLI_DEMO_PLANT_MARKET_H_

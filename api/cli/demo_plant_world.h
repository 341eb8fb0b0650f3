#ifndef API_CLI_DEMO_PLANT_WORLD_H_
#define API_CLI_DEMO_PLANT_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "suyuan/v1/event.pb.h"

// Who and what there is around the example plant; demo_plant.cc tells what happens.
namespace suyuan::demo {

// Day 1 is 2025-11-03; micros are UTC, hours and minutes China time.
int64_t At(int day, int hour, int minute);
int DayOf(int64_t micros);
v1::Date DateOf(int day);
// "20251103".
std::string Compact(int day);

// splitmix64: the distributions of <random> differ from library to library.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // One of low, low + step, ... up to high.
  int64_t Pick(int64_t low, int64_t high, int64_t step = 1);

 private:
  uint64_t state_;
};

// Amounts are counted in thousandths of their unit.
constexpr int64_t kOne = 1000;
void Set(v1::Quantity* quantity, int64_t milli, const char* unit);

v1::DocumentRef Document(std::string_view type, std::string_view number);

// Collects events and gives them their ids.
class Recorder {
 public:
  // An event from `begin` to `end` (0: a moment), recorded when it ended. The id is
  // d<day of recording>-<label>-<number>. The reference stays valid until its day is
  // taken.
  v1::Event& Add(std::string_view label, int64_t begin, int64_t end, std::string_view place,
                 std::string_view person);
  // As Add, but recorded at `recorded`.
  v1::Event& AddLate(std::string_view label, int64_t begin, int64_t end, int64_t recorded,
                     std::string_view place, std::string_view person);
  // What was recorded up to the end of `day`, in the order of recording. Nothing
  // may be recorded on these days any more.
  std::vector<v1::Event> TakeUntil(int day);
  bool empty() const { return days_.empty(); }

 private:
  struct Item {
    int64_t recorded;
    v1::Event event;
  };
  struct Day {
    std::deque<Item> items;
    std::map<std::string, int, std::less<>> numbers;  // of the last id, by label
  };
  std::map<int, Day> days_;
  std::map<std::string, int, std::less<>> masters_;
};

enum PartyId : size_t {
  kOwner,
  kFarmFengxian,
  kFarmChongming,
  kWheyMaker,
  kLactoseMaker,
  kOilMaker,
  kDhaMaker,
  kPremixMaker,
  kGasMaker,
  kCanMaker,
  kLidMaker,
  kCartonMaker,
  kCarrier,
  kDistributorShanghai,
  kDistributorSuzhou,
  kDistributorHangzhou,
  kMarketShanghai,
  kMarketWuxi,
  kMarketNingbo,
  kDisposer,
  kPartyCount,
};

struct Party {
  std::string key;
  std::string name;
  std::string address;
  std::string phone;  // switchboard
  std::string licence;
  std::string country;
  std::string business;
};
const Party& GetParty(PartyId id);

// Of the full plant: a third farm, and 40 customers; the first six are those of
// the small one, those with an even place buy whole pallets.
const Party& FarmNanhui();
const std::vector<Party>& Customers();

enum MaterialId : size_t {
  kWhey,
  kLactose,
  kOil,
  kDha,
  kPremix,
  kNitrogen,
  kCans,
  kLids,
  kCartons,
  kMaterialCount,
};

struct Material {
  const char* label;    // in event ids
  const char* product;  // the supplier's number
  const char* name;
  const char* specification;
  const char* unit;  // of measure
  v1::MaterialClass material_class;
  v1::Role role;
  PartyId supplier;
  const char* store;  // where it is kept
  const char* storage_condition;
  int shelf_months;
  int64_t delivery;  // in whole units
  const char* method;
  const char* test;
  const char* test_unit;
  int64_t test_low, test_high;  // thousandths
  const char* test_limit;
};
const Material& GetMaterial(MaterialId id);

// Sites of the plant.
const std::string& PlantKey();
const std::string& WarehouseKey();
const std::string& ShopKey();  // of kMarketShanghai

inline constexpr char kItemGtin[] = "06912345000017";
inline constexpr char kCaseGtin[] = "16912345000014";
inline constexpr int kCansInCase = 24;
inline constexpr char kBasePowder[] = "BASE-POWDER-1";
inline constexpr char kMixedPowder[] = "MIXED-POWDER-1";
inline constexpr char kSweepings[] = "SWEEPINGS-1";
inline constexpr char kProductName[] = "示例婴儿配方奶粉（0～6月龄，1段）";
inline constexpr char kProductSpec[] = "800 g/罐";
inline constexpr char kBaseFormula[] = "F-BASE-1/V3";
inline constexpr char kMixFormula[] = "F-MIX-1/V5";
inline constexpr char kPackFormula[] = "F-PACK-800/V2";

// Posts stand for persons: nobody's name is in a ledger.
inline constexpr char kBuyer[] = "post:PUR-1";
inline constexpr char kMilkReceiver[] = "post:WH-1";
inline constexpr char kStoreKeeper[] = "post:WH-2";
inline constexpr char kGoodsKeeper[] = "post:WH-3";
inline constexpr char kPretreater[] = "post:OP-1";
inline constexpr char kDryer[] = "post:OP-2";
inline constexpr char kMixer[] = "post:OP-3";
inline constexpr char kFiller[] = "post:OP-4";
inline constexpr char kPacker[] = "post:OP-5";
inline constexpr char kInspector[] = "post:QA-1";
inline constexpr char kReviewer[] = "post:QA-2";
inline constexpr char kQualityHead[] = "post:QA-3";
inline constexpr char kEngineer[] = "post:TEC-1";
inline constexpr char kDispatcher[] = "post:LOG-1";

// Normal keys of lots and logistic units of our own numbering.
std::string Lot(std::string_view issuer, std::string_view product, std::string_view number);
// The SSCC of the `serial`-th case or pallet.
std::string Sscc(int64_t serial);

// MST: subjects, sites, products, formulas, posts and equipment.
void RegisterWorld(Recorder& recorder, bool full);

}  // namespace suyuan::demo

#endif  // API_CLI_DEMO_PLANT_WORLD_H_

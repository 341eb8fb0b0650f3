#include "api/cli/demo_plant.h"

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "api/cli/demo_plant_clerk.h"
#include "api/cli/demo_plant_world.h"
#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::demo {
namespace {

constexpr int kMaxDays = 366;
constexpr int64_t kMinute = 60'000'000;

// What one finished lot is made of and into.
constexpr int64_t kCansInLot = 2430;  // 100 cases and 30 samples
constexpr int64_t kCasesInLot = 100;
constexpr int64_t kCasesOnPallet = 32;  // two such pallets
constexpr int kLabelledCases = 12;      // with an SSCC each, on a third pallet
constexpr int64_t kLooseCases = kCasesInLot - 2 * kCasesOnPallet - kLabelledCases;
constexpr int64_t kTestSamples = 10;
constexpr int64_t kRetainedSamples = 20;
constexpr int64_t kCanKilos = 800;  // thousandths
constexpr int kTestDays = 6;        // microbiology takes that long

// Inputs of a day and of a mix, thousandths of a kilogram.
constexpr int64_t kDailyWhey = 1300 * kOne;
constexpr int64_t kDailyOil = 760 * kOne;
constexpr int64_t kDryerLactose = 300 * kOne;
constexpr int64_t kMixLactose = 130 * kOne;
constexpr int64_t kMixDha = 20 * kOne;
constexpr int64_t kMixPremix = 10 * kOne;
constexpr int64_t kLotNitrogen = 6 * kOne;

// Lots of one material, first in, first out.
class Shelf {
 public:
  void Put(Part part) { parts_.push_back(std::move(part)); }
  bool empty() const { return parts_.empty(); }
  Part& front() { return parts_.front(); }
  int64_t Total() const {
    int64_t total = 0;
    for (const Part& part : parts_) total += part.milli;
    return total;
  }
  std::vector<Part> Draw(int64_t milli) {
    std::vector<Part> drawn;
    while (milli > 0) {
      SUYUAN_CHECK(!parts_.empty());
      Part& front = parts_.front();
      const int64_t taken = std::min(milli, front.milli);
      drawn.push_back({front.key, taken, front.unit});
      front.milli -= taken;
      milli -= taken;
      if (front.milli == 0) parts_.pop_front();
    }
    return drawn;
  }

 private:
  std::deque<Part> parts_;
};

struct FinishedLot {
  int day = 0;
  char shift = 'A';
  std::string number;
  std::string key;                     // under the GTIN of a can
  std::string case_key;                // the same lot under the GTIN of a case
  std::array<std::string, 3> pallets;  // labelled cases are on the last one
  std::array<std::string, kLabelledCases> cases;

  std::string certificate() const { return "HG" + number; }
};

// Tells the story of the plant, a day after the other; the clerk puts what overlaps
// in order.
class Plant {
 public:
  explicit Plant(const DemoOptions& options)
      : days_(std::clamp(options.days, 1, kMaxDays)), seed_(options.seed), rng_(options.seed) {}

  std::vector<v1::Event> Run();
  std::vector<std::pair<std::string, std::string>> WorthTracing() const;

 private:
  void OpenBooks();
  void ProduceDay(int day);
  Part ReceiveMilk(int day, int number, PartyId farm);
  void Deliver(int day, MaterialId id, int minute);
  void Issue(int day, MaterialId id, int64_t milli, int minute);
  Part DryMilk(int day, std::span<const Part> milk);
  Part Mix(int day, char shift, const Part& base, const Part& rework, int64_t start);
  FinishedLot Fill(int day, char shift, const Part& mixed, int64_t start);
  void PackLot(FinishedLot& lot, int64_t at);
  void ReleaseLot(const FinishedLot& lot);
  void SellLot(const FinishedLot& lot);
  void ShipTo(int64_t at, const Part& part, PartyId customer, const FinishedLot& lot,
              const std::string& ship_to = "");
  void TakeBack(const FinishedLot& lot);
  void FailLot(const FinishedLot& lot);
  void ReadClimate(int day);
  void CountStock(int day);
  void ChargeMaterial(int64_t at, const ChargeSheet& sheet, MaterialId id, int64_t milli,
                      int64_t recorded = 0);

  // Once a week things go wrong; on the first day to begin with.
  static bool Eventful(int day) { return day % 7 == 1; }

  const int days_;
  const uint64_t seed_;
  Rng rng_;  // of the day, so that a day does not depend on how many follow
  Clerk clerk_;
  std::array<Shelf, kMaterialCount> store_;
  std::array<Shelf, kMaterialCount> line_;  // taken out and not yet charged
  std::array<bool, kMaterialCount> delivered_{};
  Part leftover_;       // of yesterday's last mix
  int64_t serial_ = 0;  // of the last SSCC
  int shipments_ = 0;   // of the lot that is being sold
  std::string tanker_, dha_, good_lot_, failed_lot_;
};

// What lay in the plant when recording began, and a change of what is recorded.
void Plant::OpenBooks() {
  leftover_ = {Lot(PlantKey(), kMixedPowder, StrCat("MX", Compact(0), "B")), 17'600, "KGM"};
  v1::OpenStock& stock = *clerk_.Add("opn-mixed-powder", At(1, 0, 40), 0, PlantKey(), kStoreKeeper)
                              .mutable_open_stock();
  stock.mutable_unit()->set_key(leftover_.key);
  Set(stock.mutable_quantity(), leftover_.milli, leftover_.unit);
  stock.set_product_name("婴儿配方混合粉（1段）余料");

  v1::ChangeScope& scope =
      *clerk_.Add("scp", At(1, 0, 50), 0, PlantKey(), kQualityHead).mutable_change_scope();
  scope.add_added("S002-34");
  scope.add_added("S002-35");
  scope.set_reason("干混区设备联网，自本日起逐批记录操作人员与设备");
  scope.set_decided_by(kQualityHead);
}

Part Plant::ReceiveMilk(int day, int number, PartyId farm) {
  const Party& party = GetParty(farm);
  const std::string note = StrCat("JJD", Compact(day), "-0", number);
  Part load = {Lot(party.key, "RAW-MILK", note), rng_.Pick(5120, 5600, 20) * kOne, "KGM"};
  if (tanker_.empty()) tanker_ = load.key;
  const int64_t at = At(day, 4, 50 + number * 5) + rng_.Pick(0, 4) * kMinute;

  v1::Receive& receive =
      *clerk_.Receive("rcv-milk", at, at, kMilkReceiver, party, load, note).mutable_receive();
  receive.set_material_class(v1::RAW_MATERIAL);
  receive.set_material_name("生牛乳");
  receive.set_specification("散装（奶罐车）");
  *receive.mutable_supplier_production_date() = DateOf(day);
  receive.mutable_shelf_life()->set_value(24);
  receive.mutable_shelf_life()->set_unit(v1::ShelfLife::HOUR);
  receive.set_document_number(note);
  v1::BulkTransport& bulk = *receive.mutable_bulk();
  bulk.set_tank_number(StrCat("示例罐", number == 1 ? "F" : "C", rng_.Pick(1, 3)));
  bulk.set_permit_number(StrCat("沪准运（示例）2025-00", number));
  for (int i = 0; i < 2; ++i) bulk.add_seal_numbers(StrCat("QF", rng_.Pick(100'000, 999'999)));
  bulk.set_seal_state("完好");
  bulk.set_note_number(note);
  bulk.set_previous_load("生牛乳");
  bulk.set_wash("CIP 碱洗、酸洗、热水冲洗，ATP 合格");

  const std::string inspection = StrCat("JY-RM-", Compact(day), "-0", number);
  const Part sample = {load.key, 2 * kOne, "KGM"};
  load.milli -= sample.milli;
  clerk_.Sample(at + 6 * kMinute, sample, StrCat("YP-", inspection), false);
  clerk_.Inspect("ins-milk", at + 35 * kMinute, load.key, inspection,
                 "GB 19301、GB 5413.39、GB 5009.24、GB/T 22388",
                 {{"蛋白质", rng_.Pick(3050, 3350, 10), "P1", "", "≥2.8 g/100 g"},
                  {"脂肪", rng_.Pick(3600, 4100, 10), "P1", "", "≥3.1 g/100 g"},
                  {"抗生素", 0, "", "阴性", "阴性"},
                  {"黄曲霉毒素M1", rng_.Pick(20, 90, 5), "J33", "", "≤0.5 µg/kg"},
                  {"三聚氰胺", 0, "", "未检出", "≤2.5 mg/kg"},
                  {"到货温度", rng_.Pick(2200, 3900, 100), "CEL", "", "0～6 ℃"}});
  clerk_.PutIn(at + 45 * kMinute, PlantKey(), load,
               number == 1 ? "金山一厂 收奶间 1号奶仓" : "金山一厂 收奶间 2号奶仓", kMilkReceiver,
               kPretreater, "chilled", rng_.Pick(2400, 3800, 100));
  return load;
}

void Plant::Deliver(int day, MaterialId id, int minute) {
  const Material& m = GetMaterial(id);
  const Party& supplier = GetParty(m.supplier);
  const int made = day - static_cast<int>(rng_.Pick(12, 40));
  const std::string number = StrCat(Compact(made), "-", rng_.Pick(11, 98));
  const Part delivery = {Lot(supplier.key, m.product, number), m.delivery * kOne, m.unit};
  const int64_t at = At(day, 6, minute);
  const bool first = !delivered_[id];
  delivered_[id] = true;
  if (id == kDha && first) dha_ = delivery.key;

  const auto receive = [&](std::string_view label, int64_t recorded, int64_t milli) -> v1::Event& {
    v1::Event& event = clerk_.Receive(StrCat(label, m.label), at, recorded, kStoreKeeper, supplier,
                                      {delivery.key, milli, m.unit}, number);
    v1::Receive& body = *event.mutable_receive();
    body.set_material_class(m.material_class);
    body.set_material_name(m.name);
    body.set_specification(m.specification);
    *body.mutable_supplier_production_date() = DateOf(made);
    body.mutable_shelf_life()->set_value(m.shelf_months);
    body.mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
    body.set_document_number(StrCat("SH", Compact(day), "-", m.product));
    if (id == kOil) {
      v1::BulkTransport& bulk = *body.mutable_bulk();
      bulk.set_tank_number("示例罐Y1");
      bulk.set_permit_number("沪准运（示例）2025-010");
      bulk.add_seal_numbers(StrCat("QF", rng_.Pick(100'000, 999'999)));
      bulk.set_seal_state("完好");
      bulk.set_note_number(StrCat("LD", Compact(day), "-01"));
      bulk.set_previous_load("食用植物油");
      bulk.set_wash("专罐专用，热水冲洗");
    }
    return event;
  };
  if (id == kLactose && first) {
    // Keyed with a wrong figure; the next morning's check of the notes found it.
    const std::string wrong = receive("rcv-", at, delivery.milli + 300 * kOne).id();
    v1::Correction& correction =
        *receive("cor-rcv-", At(day + 1, 9, 5), delivery.milli).mutable_correction();
    correction.set_event_id(wrong);
    correction.set_reason("收货数量误录为1500 kg，与送货单（1200 kg）不符，按送货单更正");
  } else {
    receive("rcv-", at, delivery.milli);
  }

  const bool measured = *m.test_unit != '\0';
  clerk_.Inspect(StrCat("ins-", m.label), at + 25 * kMinute, delivery.key,
                 StrCat("JY-YL-", Compact(day), "-", m.product), m.method,
                 {{"随货证明文件", 0, "", "齐全", "齐全"},
                  {m.test, measured ? rng_.Pick(m.test_low, m.test_high) : 0, m.test_unit, "符合",
                   m.test_limit}});
  const bool chilled = std::string_view(m.storage_condition) == "chilled";
  clerk_.PutIn(at + 40 * kMinute, PlantKey(), delivery, m.store, kInspector, kStoreKeeper,
               m.storage_condition, chilled ? rng_.Pick(3000, 6000, 100) : 0);
  store_[id].Put(delivery);
}

void Plant::Issue(int day, MaterialId id, int64_t milli, int minute) {
  const Material& m = GetMaterial(id);
  const bool wet = id == kWhey || id == kOil;
  const bool packaging = m.role != v1::ROLE_INGREDIENT;
  const char* const to = wet ? kPretreater : packaging ? kFiller : kMixer;
  for (Part& part : store_[id].Draw(milli)) {
    clerk_.TakeOut(At(day, 8, minute), PlantKey(), part, m.store, kStoreKeeper, to);
    line_[id].Put(std::move(part));
  }
}

void Plant::ChargeMaterial(int64_t at, const ChargeSheet& sheet, MaterialId id, int64_t milli,
                           int64_t recorded) {
  for (const Part& part : line_[id].Draw(milli)) {
    clerk_.Charge(at, recorded == 0 ? at : recorded, sheet, part, GetMaterial(id).role);
  }
}

// Pasteurizing, mixing wet, evaporating, spray drying: base powder.
Part Plant::DryMilk(int day, std::span<const Part> milk) {
  int64_t milk_milli = 0;
  for (const Part& load : milk) milk_milli += load.milli;
  ChargeSheet sheet = {StrCat("SD", Compact(day), "-1"),
                       milk_milli + kDailyWhey + kDryerLactose + kDailyOil,
                       kBaseFormula,
                       "早班",
                       kPretreater,
                       "PAST-1"};
  const int64_t start = At(day, 8, 45);
  for (const Part& load : milk) clerk_.Charge(start, start, sheet, load, v1::ROLE_INGREDIENT);
  ChargeMaterial(start + 10 * kMinute, sheet, kWhey, kDailyWhey);
  ChargeMaterial(start + 15 * kMinute, sheet, kLactose, kDryerLactose);
  ChargeMaterial(start + 20 * kMinute, sheet, kOil, kDailyOil);
  clerk_.Parameters(start, start + 100 * kMinute, sheet,
                    {{"巴氏杀菌温度", rng_.Pick(86'000, 89'000, 100), "CEL", 85'000, 92'000, true},
                     {"保持时间", rng_.Pick(16'000, 20'000, 500), "SEC", 15'000, 25'000, true}});

  sheet.person = kDryer;
  sheet.equipment = "DRY-1";
  const int64_t end = At(day, 12, 20);
  clerk_.Parameters(start + 40 * kMinute, end - 5 * kMinute, sheet,
                    {{"进风温度", rng_.Pick(178'000, 186'000, 500), "CEL", 170'000, 195'000},
                     {"排风温度", rng_.Pick(84'000, 90'000, 500), "CEL", 80'000, 95'000, true}});

  // Dry matter over that of the powder, less what stays in the tower.
  const int64_t solids =
      milk_milli / 1000 * 125 + kDailyWhey / 1000 * 965 + kDryerLactose / 1000 * 995 + kDailyOil;
  const int64_t powder = solids / 975 * rng_.Pick(988, 992);
  const std::string number = StrCat("JF", Compact(day));
  const Part sweepings = {Lot(PlantKey(), kSweepings, number), rng_.Pick(8'000, 14'000, 100),
                          "KGM"};
  Part base = {Lot(PlantKey(), kBasePowder, number), powder / 500 * 500 - 14'000, "KGM"};
  v1::Produce& produced = clerk_.Produce("prd-base", start, end, sheet, base, number);
  produced.set_product_name("婴儿配方基粉（1段）");
  produced.set_specification("1000 kg/袋");
  *produced.mutable_expiry_date() = DateOf(day + 180);
  produced.set_output_class(v1::OUTPUT_SEMI_FINISHED);
  v1::Produce& swept =
      clerk_.Produce("prd-sweepings", start, end + 5 * kMinute, sheet, sweepings, number);
  swept.set_product_name("干燥塔扫粉");
  swept.set_specification("散装");
  swept.set_output_class(v1::OUTPUT_BY_PRODUCT);
  swept.set_closes_run(true);
  clerk_.Waste(end + 10 * kMinute, sweepings, kDryer, "扫粉不回用，作废弃物处理");

  const std::string inspection = StrCat("JY-JF-", Compact(day));
  const Part sample = {base.key, 2 * kOne, "KGM"};
  base.milli -= sample.milli;
  clerk_.Sample(end + 12 * kMinute, sample, StrCat("YP-", inspection), false);
  v1::Inspect& inspect =
      clerk_.Inspect("ins-base", end + 45 * kMinute, base.key, inspection, "GB 5009.3、GB 5413.30",
                     {{"水分", rng_.Pick(2100, 2900, 10), "P1", "", "≤3.5 %"},
                      {"杂质度", rng_.Pick(2000, 5000, 1000), "NA", "", "≤12 mg/kg"}});
  inspect.set_in_process(true);
  inspect.set_run(sheet.run);
  clerk_.PutIn(end + 55 * kMinute, PlantKey(), base, "金山一厂 半成品库", kDryer, kStoreKeeper,
               "dry");
  return base;
}

// Dry mixing: base powder, additives and what was left of an earlier mix.
Part Plant::Mix(int day, char shift, const Part& base, const Part& rework, int64_t start) {
  const std::string number = StrCat("MX", Compact(day), std::string(1, shift));
  const int64_t total = base.milli + rework.milli + kMixLactose + kMixDha + kMixPremix;
  const ChargeSheet sheet = {number, total,  kMixFormula, shift == 'A' ? "早班" : "中班",
                             kMixer, "MIX-1"};
  clerk_.Charge(start, start, sheet, base, v1::ROLE_INGREDIENT);
  ChargeMaterial(start + 5 * kMinute, sheet, kLactose, kMixLactose);
  ChargeMaterial(start + 8 * kMinute, sheet, kDha, kMixDha);
  const bool late = Eventful(day) && shift == 'A';  // the terminal was down
  ChargeMaterial(start + 10 * kMinute, sheet, kPremix, kMixPremix, late ? At(day, 16, 10) : 0);
  if (rework.milli > 0) {
    v1::Rework& body =
        *clerk_.Add("rwk", start + 12 * kMinute, 0, PlantKey(), kMixer).mutable_rework();
    body.set_run(sheet.run);
    body.mutable_unit()->set_key(rework.key);
    Set(body.mutable_quantity(), rework.milli, rework.unit);
    body.set_reason("前一日灌装余料，检验合格，按返工规程回掺");
  }
  clerk_.Parameters(start + 15 * kMinute, start + 55 * kMinute, sheet,
                    {{"混合时间", rng_.Pick(18'000, 20'000, 500), "MIN", 18'000, 22'000, true},
                     {"环境湿度", rng_.Pick(31'000, 42'000, 500), "P1", 20'000, 45'000}});

  Part mixed = {Lot(PlantKey(), kMixedPowder, number), total - rng_.Pick(300, 900, 100), "KGM"};
  v1::Produce& produced =
      clerk_.Produce("prd-mixed", start, start + 60 * kMinute, sheet, mixed, number);
  produced.set_product_name("婴儿配方混合粉（1段）");
  produced.set_specification("2000 kg/料仓");
  *produced.mutable_expiry_date() = DateOf(day + 90);
  produced.set_output_class(v1::OUTPUT_SEMI_FINISHED);

  v1::Inspect& inspect = clerk_.Inspect(
      "ins-mixed", start + 85 * kMinute, mixed.key, StrCat("JY-", number), "GB 5413.9、GB 5009.168",
      {{"混合均匀度", rng_.Pick(2100, 4300, 100), "P1", "", "变异系数≤5 %"},
       {"水分", rng_.Pick(2200, 3000, 10), "P1", "", "≤4.0 %"}});
  inspect.set_in_process(true);
  inspect.set_run(sheet.run);
  const Part waste = {mixed.key, rng_.Pick(1500, 3000, 100), "KGM"};
  clerk_.Waste(start + 90 * kMinute, waste, kMixer, "料仓、管道残粉清扫");
  mixed.milli -= waste.milli;
  return mixed;
}

// Canning under nitrogen; the finished lot, coded and packed.
FinishedLot Plant::Fill(int day, char shift, const Part& mixed, int64_t start) {
  FinishedLot lot;
  lot.day = day;
  lot.shift = shift;
  lot.number = StrCat("SY", Compact(day), std::string(1, shift));
  lot.key = Lot(PlantKey(), kItemGtin, lot.number);
  lot.case_key = Lot(PlantKey(), kCaseGtin, lot.number);

  const ChargeSheet sheet = {StrCat("GZ", Compact(day), std::string(1, shift)),
                             mixed.milli,
                             kPackFormula,
                             "中班",
                             kFiller,
                             "FILL-1"};
  const int64_t end = start + 180 * kMinute;
  clerk_.Charge(start, start, sheet, mixed, v1::ROLE_INGREDIENT);
  const Shelf& cans = line_[kCans];
  const Shelf& lids = line_[kLids];
  // The later shift uses up what was taken out for the day.
  ChargeMaterial(start + kMinute, sheet, kCans,
                 shift == 'A' ? (kCansInLot + 6) * kOne : cans.Total());
  ChargeMaterial(start + 2 * kMinute, sheet, kLids,
                 shift == 'A' ? (kCansInLot + 4) * kOne : lids.Total());
  ChargeMaterial(start + 3 * kMinute, sheet, kCartons, kCasesInLot * kOne);
  ChargeMaterial(start + 4 * kMinute, sheet, kNitrogen, kLotNitrogen);
  v1::Inspect& seam = clerk_.Inspect(
      "ins-seam", start + 75 * kMinute, mixed.key, StrCat("JY-", sheet.run), "Q/SLRY-QC-012",
      {{"卷封叠接率", rng_.Pick(56'000, 64'000, 500), "P1", "", "≥50 %"},
       {"X射线异物", 0, "", "未检出", "不得检出"}});
  seam.set_in_process(true);
  seam.set_run(sheet.run);
  clerk_.Parameters(start, end - 5 * kMinute, sheet,
                    {{"平均装量", rng_.Pick(801'000, 804'000, 100), "GRM", 797'000, 808'000, true},
                     {"充氮流量达标率", rng_.Pick(98'600, 99'900, 100), "P1", 98'000, 100'000}});
  v1::Produce& produced = clerk_.Produce("prd-finished", start, end, sheet,
                                         {lot.key, kCansInLot * kOne, "H87"}, lot.number);
  produced.set_product_name(kProductName);
  produced.set_specification(kProductSpec);
  v1::Date expiry = DateOf(day - 1);
  expiry.set_year(expiry.year() + 2);
  if (expiry.month() == 2 && expiry.day() == 29) expiry.set_day(28);
  *produced.mutable_expiry_date() = expiry;
  produced.set_output_class(v1::OUTPUT_FINISHED);
  produced.set_closes_run(true);

  // One code a can; a misprinted stretch of the roll is made void.
  const auto codes = [&](int64_t at, int first, int last, bool is_void) {
    v1::AssignCodes& body = *clerk_.Add("cod", at, 0, PlantKey(), kFiller).mutable_assign_codes();
    body.mutable_unit()->set_key(lot.key);
    v1::CodeRange& range = *body.add_ranges();
    range.set_first(StrCat(lot.number, absl::StrFormat("-%06d", first)));
    range.set_last(StrCat(lot.number, absl::StrFormat("-%06d", last)));
    body.set_void_(is_void);
  };
  const int spoiled = static_cast<int>(rng_.Pick(5, 20));
  codes(end + kMinute, 1, static_cast<int>(kCansInLot) + spoiled, false);
  codes(end + 2 * kMinute, 1201, 1200 + spoiled, true);
  PackLot(lot, end + 3 * kMinute);
  return lot;
}

void Plant::PackLot(FinishedLot& lot, int64_t at) {
  for (int i = 0; i < kLabelledCases; ++i, at += kMinute) {
    lot.cases[i] = Sscc(++serial_);
    // The two lines name the lot by the can and by the case; it is one lot.
    const Part content =
        i % 2 == 0 ? Part{lot.key, kCansInCase * kOne, "H87"} : Part{lot.case_key, kOne, "XCT"};
    clerk_.Pack(at, lot.cases[i], {content});
  }
  for (size_t i = 0; i < lot.pallets.size(); ++i, at += kMinute) {
    lot.pallets[i] = Sscc(++serial_);
    if (i + 1 < lot.pallets.size()) {
      clerk_.Pack(at, lot.pallets[i], {{lot.case_key, kCasesOnPallet * kOne, "XCT"}});
      continue;
    }
    v1::Pack& pack = *clerk_.Add("pkg", at, 0, PlantKey(), kPacker).mutable_pack();
    pack.mutable_container()->set_key(lot.pallets[i]);
    for (const std::string& packed : lot.cases) {
      v1::UnitQuantity& content = *pack.add_contents();
      content.mutable_unit()->set_key(packed);
      Set(content.mutable_quantity(), kOne, "XCT");
    }
  }
  clerk_.Sample(at, {lot.key, kTestSamples * kOne, "H87"}, StrCat("YP-", lot.number), false);
  clerk_.Sample(at + kMinute, {lot.key, kRetainedSamples * kOne, "H87"}, StrCat("LY-", lot.number),
                true);
  clerk_.PutIn(at + 10 * kMinute, PlantKey(), {lot.key, kCasesInLot * kCansInCase * kOne, "H87"},
               "金山一厂 成品库 待检区", kPacker, kGoodsKeeper, "dry");
}

// All tests of all items, then the release; no lot leaves before.
void Plant::ReleaseLot(const FinishedLot& lot) {
  const int64_t at = At(lot.day + kTestDays, lot.shift == 'A' ? 14 : 15, 0);
  v1::Inspect& inspect = clerk_.Inspect(
      "ins-final", at, lot.key, StrCat("JY-", lot.number), "GB 10765、GB 4789、GB 5009、GB 5413",
      {{"蛋白质", rng_.Pick(10'800, 11'600, 10), "P1", "", "标签值≥10.5 g/100 g"},
       {"DHA（占总脂肪酸）", rng_.Pick(320, 420, 10), "P1", "", "0.2 %～0.5 %"},
       {"水分", rng_.Pick(2200, 3100, 10), "P1", "", "≤5.0 %"},
       {"罐内残氧量", rng_.Pick(900, 1900, 100), "P1", "", "≤3.0 %"},
       {"黄曲霉毒素M1", rng_.Pick(30, 110, 10), "J33", "", "≤0.5 µg/kg"},
       {"克罗诺杆菌属", 0, "", "未检出", "n=3, c=0, 0/100 g"},
       {"沙门氏菌", 0, "", "未检出", "n=5, c=0, 0/25 g"},
       {"菌落总数", 0, "", "<10 CFU/g", "n=5, c=2, m=1000 CFU/g"}});
  inspect.set_certificate_number(lot.certificate());
  v1::Release& release =
      *clerk_.Add("rel", at + 30 * kMinute, 0, PlantKey(), kQualityHead).mutable_release();
  release.mutable_unit()->set_key(lot.key);
  release.set_released_by(kQualityHead);
  release.set_certificate_number(lot.certificate());
}

void Plant::ShipTo(int64_t at, const Part& part, PartyId customer, const FinishedLot& lot,
                   const std::string& ship_to) {
  const std::string note = StrCat("CK", lot.number, absl::StrFormat("-%02d", ++shipments_));
  v1::Ship& ship = clerk_.Ship(at, part, GetParty(customer), note);
  ship.set_ship_to(ship_to);
  ship.set_certificate_number(lot.certificate());
  ship.set_owner(GetParty(kOwner).key);
}

void Plant::SellLot(const FinishedLot& lot) {
  constexpr std::array<PartyId, 3> kDistributors = {kDistributorShanghai, kDistributorSuzhou,
                                                    kDistributorHangzhou};
  const bool early = lot.shift == 'A';
  const int day = lot.day + kTestDays + 1;
  shipments_ = 0;
  const Part pallets[] = {{lot.pallets[0], kCasesOnPallet * kCansInCase * kOne, "H87"},
                          {lot.pallets[1], kCasesOnPallet * kCansInCase * kOne, "H87"},
                          {lot.pallets[2], kLabelledCases * kCansInCase * kOne, "H87"}};
  const std::string note = "DB" + lot.number;
  int64_t at = At(day, early ? 8 : 9, 10);
  for (const Part& pallet : pallets) clerk_.Move(at += kMinute, pallet, note);
  clerk_.Move(at += kMinute, {lot.case_key, kLooseCases * kOne, "XCT"}, note);
  clerk_.PutIn(at + 15 * kMinute, WarehouseKey(),
               {lot.key, kCasesInLot * kCansInCase * kOne, "H87"}, "成品物流仓 A区", kGoodsKeeper,
               kDispatcher, "dry");

  at = At(day, early ? 10 : 13, 0);
  const size_t turn = static_cast<size_t>(lot.day) * 2 + (early ? 0 : 1);
  for (size_t i = 0; i < 2; ++i) {
    clerk_.TakeOut(at += 3 * kMinute, WarehouseKey(), pallets[i], "成品物流仓 A区", kGoodsKeeper,
                   kDispatcher);
    ShipTo(at += 10 * kMinute, pallets[i], kDistributors[(turn + i) % 3], lot);
  }
  v1::Transport& transport =
      *clerk_.Add("trn", at + 5 * kMinute, at + 185 * kMinute, WarehouseKey(), kDispatcher)
           .mutable_transport();
  transport.add_units()->set_key(lot.pallets[1]);
  transport.set_carrier(GetParty(kCarrier).key);
  transport.set_vehicle("沪D·示例01");
  transport.set_from(WarehouseKey());
  transport.set_to(GetParty(kDistributors[(turn + 1) % 3]).key);
  transport.set_storage_condition("ambient");
  transport.set_document_number("YD" + lot.number);

  at = At(day + 1, early ? 9 : 14, 0);
  if (early) {
    ShipTo(at, pallets[2], kMarketNingbo, lot);
    ShipTo(at + 20 * kMinute, {lot.case_key, 10 * kOne, "XCT"}, kMarketWuxi, lot);
    ShipTo(at + 40 * kMinute, {lot.key, 36 * kOne, "H87"}, kMarketShanghai, lot, ShopKey());
    return;
  }
  // The third pallet is opened and four of its cases are sold one by one.
  v1::Unpack& unpack = *clerk_.Add("upk", at, 0, WarehouseKey(), kDispatcher).mutable_unpack();
  unpack.mutable_container()->set_key(lot.pallets[2]);
  for (size_t i = 0; i < 4; ++i) {
    v1::UnitQuantity& content = *unpack.add_contents();
    content.mutable_unit()->set_key(lot.cases[i]);
    Set(content.mutable_quantity(), kOne, "XCT");
    const bool near = i % 2 == 0;
    ShipTo(at + static_cast<int64_t>(10 + i * 5) * kMinute,
           {lot.cases[i], kCansInCase * kOne, "H87"}, near ? kMarketShanghai : kMarketWuxi, lot,
           near ? ShopKey() : "");
  }
  ShipTo(at + 40 * kMinute, {lot.case_key, 8 * kOne, "XCT"}, kMarketNingbo, lot);
}

// Dented cans come back from the shop and are never sold again.
void Plant::TakeBack(const FinishedLot& lot) {
  const int day = lot.day + kTestDays + 4;
  const std::string part = StrCat("TH", Compact(day), "-01");
  const Part returned = {lot.key, 5 * kOne, "H87"};
  v1::ReturnGoods& goods =
      *clerk_.Add("rtn", At(day, 10, 30), 0, WarehouseKey(), kGoodsKeeper).mutable_return_goods();
  goods.mutable_unit()->set_key(returned.key);
  Set(goods.mutable_quantity(), returned.milli, returned.unit);
  goods.set_from(ShopKey());
  goods.set_reason("运输磕碰，罐体变形");
  goods.set_part(part);
  goods.set_document_number(part);
  clerk_.Destroy(At(day + 1, 15, 0), WarehouseKey(), returned, part);
}

// Too much oxygen in the cans: the lot is held and destroyed, nothing of it leaves.
void Plant::FailLot(const FinishedLot& lot) {
  const int64_t at = At(lot.day + 1, 10, 0);
  clerk_.Inspect("ins-oxygen", at, lot.key, StrCat("JY-", lot.number), "Q/SLRY-QC-015",
                 {{"罐内残氧量", rng_.Pick(5200, 6900, 100), "P1", "", "≤3.0 %", false},
                  {"净含量", rng_.Pick(800'000, 803'000, 100), "GRM", "", "≥800 g"}});
  v1::Hold& hold =
      *clerk_.Add("hld", at + 15 * kMinute, 0, PlantKey(), kQualityHead).mutable_hold();
  hold.mutable_unit()->set_key(lot.key);
  hold.set_reason("罐内残氧量超内控限值，整批扣留，查明为封罐机充氮阀故障");

  const int64_t disposal = At(lot.day + 5, 14, 0);
  clerk_.Destroy(disposal, PlantKey(), {lot.pallets[0], kCasesOnPallet * kCansInCase * kOne, "H87"},
                 "");
  clerk_.Destroy(disposal + 10 * kMinute, PlantKey(),
                 {lot.pallets[1], kCasesOnPallet * kCansInCase * kOne, "H87"}, "");
  clerk_.Destroy(disposal + 20 * kMinute, PlantKey(),
                 {lot.pallets[2], kLabelledCases * kCansInCase * kOne, "H87"}, "");
  clerk_.Destroy(disposal + 30 * kMinute, PlantKey(),
                 {lot.key, kLooseCases * kCansInCase * kOne, "H87"}, "");
}

void Plant::ReadClimate(int day) {
  struct Room {
    const char* sensor;
    int hour;
    int64_t low, high;  // temperature
  };
  constexpr Room kRooms[] = {{"T-COLD-1", 4, 3000, 6000},
                             {"TH-MIX-1", 14, 19'000, 23'000},
                             {"TH-FIN-1", 22, 15'000, 22'000}};
  for (const Room& room : kRooms) {
    v1::Event& event = clerk_.Add("env", At(day, room.hour, 20), 0, PlantKey(), kStoreKeeper);
    const auto read = [&](const char* item, int64_t milli, const char* unit) {
      v1::Measurement& reading = *event.mutable_record_environment()->add_readings();
      reading.set_item(item);
      Set(reading.mutable_value(), milli, unit);
      *reading.mutable_time() = event.time().begin();
      reading.set_sensor(room.sensor);
    };
    read("温度", rng_.Pick(room.low, room.high, 100), "CEL");
    read("相对湿度", rng_.Pick(35'000, 55'000, 500), "P1");
  }
}

// One material is counted every evening; something is nearly always missing.
void Plant::CountStock(int day) {
  constexpr std::array<MaterialId, 3> kCounted = {kWhey, kLactose, kCartons};
  const MaterialId id = kCounted[static_cast<size_t>(day) % kCounted.size()];
  const int64_t missing = id == kCartons ? rng_.Pick(1, 3) * kOne : rng_.Pick(100, 900, 100);
  if (store_[id].empty() || store_[id].front().milli <= missing) return;
  Part& lot = store_[id].front();
  lot.milli -= missing;
  v1::AdjustStock& adjust =
      *clerk_.Add("adj", At(day, 22, 40), 0, PlantKey(), kStoreKeeper).mutable_adjust_stock();
  adjust.mutable_unit()->set_key(lot.key);
  Set(adjust.mutable_difference(), -missing, lot.unit);
  Set(adjust.mutable_counted(), lot.milli, lot.unit);
  adjust.set_reason("日盘点差异（称量累计误差、破损）");
}

void Plant::ProduceDay(int day) {
  rng_ = Rng(seed_ * 1'000'003 + static_cast<uint64_t>(day));
  Part milk[] = {ReceiveMilk(day, 1, kFarmFengxian), ReceiveMilk(day, 2, kFarmChongming)};
  const Part rinsed = {milk[1].key, rng_.Pick(18'000, 40'000, 1000), "KGM"};
  clerk_.Waste(At(day, 8, 40), rinsed, kPretreater, "奶仓、管道顶水损耗");
  milk[1].milli -= rinsed.milli;

  std::array<int64_t, kMaterialCount> needs{};
  needs[kWhey] = kDailyWhey;
  needs[kLactose] = kDryerLactose + 2 * kMixLactose;
  needs[kOil] = kDailyOil;
  needs[kDha] = 2 * kMixDha;
  needs[kPremix] = 2 * kMixPremix;
  needs[kNitrogen] = 2 * kLotNitrogen;
  needs[kCans] = (2 * kCansInLot + rng_.Pick(8, 16)) * kOne;  // some are crushed
  needs[kLids] = (2 * kCansInLot + rng_.Pick(6, 12)) * kOne;
  needs[kCartons] = 2 * kCasesInLot * kOne;
  for (size_t i = 0; i < kMaterialCount; ++i) {
    const auto id = static_cast<MaterialId>(i);
    if (store_[i].Total() < needs[i]) Deliver(day, id, 20 + 7 * static_cast<int>(i));
    Issue(day, id, needs[i], 10 + static_cast<int>(i));
  }

  Part base = DryMilk(day, milk);
  const Part early = {base.key, 1800 * kOne - leftover_.milli, "KGM"};
  const Part later = {base.key, 1812 * kOne, "KGM"};
  SUYUAN_CHECK(early.milli + later.milli <= base.milli);
  clerk_.TakeOut(At(day, 13, 25), PlantKey(), {base.key, early.milli + later.milli, "KGM"},
                 "金山一厂 半成品库", kStoreKeeper, kMixer);
  const Part first = Mix(day, 'A', early, leftover_, At(day, 13, 35));
  const FinishedLot lot_a = Fill(day, 'A', first, At(day, 15, 15));

  const Part second = Mix(day, 'B', later, {}, At(day, 15, 20));
  const Part filled = {second.key, kCansInLot * kCanKilos + rng_.Pick(4000, 9000, 100), "KGM"};
  const FinishedLot lot_b = Fill(day, 'B', filled, At(day, 18, 30));
  leftover_ = {second.key, second.milli - filled.milli, "KGM"};
  clerk_.PutIn(At(day, 22, 15), PlantKey(), leftover_, "金山一厂 半成品库 余料区", kFiller,
               kStoreKeeper, "dry");
  ReadClimate(day);
  CountStock(day);

  for (const FinishedLot& lot : {lot_a, lot_b}) {
    if (Eventful(day) && lot.shift == 'B') {
      FailLot(lot);
      if (failed_lot_.empty()) failed_lot_ = lot.key;
      continue;
    }
    ReleaseLot(lot);
    SellLot(lot);
    if (Eventful(day)) TakeBack(lot);
  }
  if (day <= 2) good_lot_ = lot_a.key;
}

std::vector<v1::Event> Plant::Run() {
  RegisterWorld(clerk_);
  OpenBooks();
  for (int day = 1; day <= days_; ++day) ProduceDay(day);
  return clerk_.Take();
}

std::vector<std::pair<std::string, std::string>> Plant::WorthTracing() const {
  return {{tanker_,
           "生鲜乳奶罐车批次：正向追踪，进了哪些罐、到了谁手里 / a tanker of raw milk: forward, "
           "which cans it went into and who got them"},
          {good_lot_,
           "成品批次：逆向溯源，奶源、辅料、包材和返工料 / a finished lot: backward to milk, "
           "ingredients, packaging and rework"},
          {dha_,
           "DHA藻油粉批次：正向追踪，多日多批成品 / a lot of DHA powder: forward, into the lots of "
           "several days"},
          {failed_lot_,
           "检验不合格、已扣留并销毁的批次：没有一罐出厂 / the lot that failed, was held and "
           "destroyed: not one can left"}};
}

}  // namespace
}  // namespace suyuan::demo

namespace suyuan {
namespace {

constexpr char kLedger[] = "demo-plant";
constexpr char kProfile[] = "infant-formula";
constexpr size_t kBatch = 512;

}  // namespace

std::vector<v1::Event> DemoPlantEvents(const DemoOptions& options, DemoSummary* summary) {
  demo::Plant plant(options);
  std::vector<v1::Event> events = plant.Run();
  if (summary != nullptr) {
    summary->ledger = kLedger;
    summary->events = events.size();
    summary->worth_tracing = plant.WorthTracing();
  }
  return events;
}

absl::Status LoadDemoPlant(Engine* engine, const DemoOptions& options, DemoSummary* summary) {
  if (options.days < 1 || options.days > demo::kMaxDays) {
    return InvalidArgument("days: ", options.days, ", expected 1 to ", demo::kMaxDays);
  }
  const demo::Party& owner = demo::GetParty(demo::kOwner);
  absl::StatusOr<LedgerInfo> ledger = engine->GetLedger(kLedger);
  if (absl::IsNotFound(ledger.status())) {
    ledger = engine->CreateLedger(
        {.name = kLedger, .subject = owner.key, .subject_name = owner.name, .profile = kProfile});
  }
  SUYUAN_RETURN_IF_ERROR(ledger.status());
  if (ledger->subject != owner.key || ledger->profile != kProfile) {
    return FailedPrecondition("ledger ", kLedger, " belongs to ", ledger->subject, " (profile ",
                              ledger->profile, "); the example plant needs one of its own");
  }
  const std::vector<v1::Event> events = DemoPlantEvents(options, summary);
  const std::span<const v1::Event> all(events);
  for (size_t from = 0; from < all.size(); from += kBatch) {
    const size_t count = std::min(kBatch, all.size() - from);
    SUYUAN_RETURN_IF_ERROR(engine->Append(kLedger, all.subspan(from, count)).status());
  }
  return absl::OkStatus();
}

}  // namespace suyuan

#include "api/cli/demo_plant.h"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "api/cli/demo_plant_books.h"
#include "api/cli/demo_plant_clerk.h"
#include "api/cli/demo_plant_market.h"
#include "api/cli/demo_plant_world.h"
#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::demo {
namespace {

constexpr int64_t kCanKilos = 800;  // thousandths

// Inputs of a drying and of a mix, thousandths of a kilogram.
constexpr int64_t kDryerWhey = 1300 * kOne;
constexpr int64_t kDryerOil = 760 * kOne;
constexpr int64_t kDryerLactose = 300 * kOne;
constexpr int64_t kMixLactose = 130 * kOne;
constexpr int64_t kMixDha = 20 * kOne;
constexpr int64_t kMixPremix = 10 * kOne;
constexpr int64_t kLotNitrogen = 6 * kOne;

// What is more or otherwise in the full plant.
struct Scale {
  int days;                                // at most
  int shifts;                              // of the dryer, eight hours apart
  int tankers;                             // of milk for each
  int64_t load_low, load_high, load_step;  // of a tanker, kilograms
  int first_shift;                         // minutes later
  int rework_waits;                        // leftovers that lie before the first is used
  int weeks;                               // between the days on which things go wrong
};
constexpr Scale kSmallScale = {366, 1, 2, 5120, 5600, 20, 0, 0, 1};
constexpr Scale kFullScale = {1'000'000, 3, 10, 1030, 1110, 10, 60, 1, 4};
const Scale& ScaleOf(PlantSize size) { return size == PlantSize::kFull ? kFullScale : kSmallScale; }

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

}  // namespace

// Tells the story of the plant, a day after the other; the clerk puts what overlaps
// in order.
class Plant {
 public:
  Plant(const DemoOptions& options, bool keep_books)
      : full_(options.size == PlantSize::kFull),
        scale_(ScaleOf(options.size)),
        days_(std::clamp(options.days, 1, scale_.days)),
        seed_(options.seed),
        rng_(options.seed),
        clerk_(keep_books),
        market_(full_, clerk_, rng_) {}

  bool NextDay(std::vector<v1::Event>* events);
  std::vector<std::pair<std::string, std::string>> WorthTracing() const;
  const Books& books() { return clerk_.books(); }

 private:
  // Of the dryer.
  struct Shift {
    int day = 0;
    int number = 0;
    // Micros; the hours are those of the first.
    int64_t At(int hour, int minute) const { return demo::At(day, hour, minute) + later; }
    int64_t later = 0;
  };

  void OpenBooks();
  void ProduceDay(int day);
  void ProduceShift(const Shift& shift, std::vector<FinishedLot>* lots);
  std::array<int64_t, kMaterialCount> NeedsOf(int shifts);
  Part ReceiveMilk(const Shift& shift, int number);
  void Deliver(int day, MaterialId id, int minute);
  void Issue(const Shift& shift, MaterialId id, int64_t milli, int minute);
  Part DryMilk(const Shift& shift, std::span<const Part> milk);
  Part Mix(const Shift& shift, int turn, const Part& base, const Part& rework, int64_t start);
  FinishedLot Fill(const Shift& shift, int turn, const Part& mixed, int64_t start);
  void ReadClimate(int day);
  void CountStock(int day);
  void ChargeMaterial(int64_t at, const ChargeSheet& sheet, MaterialId id, int64_t milli,
                      int64_t recorded = 0);

  const char* ShiftName(const Shift& shift, const char* small) const {
    constexpr std::array<const char*, 3> kNames = {"早班", "中班", "晚班"};
    return full_ ? kNames[static_cast<size_t>(shift.number)] : small;
  }
  // On some days things go wrong; on the first to begin with.
  bool Eventful(int day) const { return day % (7 * scale_.weeks) == 1; }

  const bool full_;
  const Scale& scale_;
  const int days_;
  const uint64_t seed_;
  int day_ = 0;
  Rng rng_;  // of the day, so that a day does not depend on how many follow
  Clerk clerk_;
  Market market_;
  std::array<Shelf, kMaterialCount> store_;
  std::array<Shelf, kMaterialCount> line_;       // taken out and not yet charged
  std::array<int, kMaterialCount> delivered_{};  // last day of a delivery
  std::deque<Part> leftovers_;                   // of mixes
  std::string tanker_, dha_, good_lot_, failed_lot_, recalled_lot_, early_lot_;
};

namespace {

std::string Letter(int turn) { return std::string(1, static_cast<char>('A' + turn)); }

}  // namespace

// What lay in the plant when recording began, and a change of what is recorded.
void Plant::OpenBooks() {
  const Part& leftover = leftovers_.emplace_back(
      Part{Lot(PlantKey(), kMixedPowder, StrCat("MX", Compact(0), "B")), 17'600, "KGM"});
  v1::OpenStock& stock = *clerk_.Add("opn-mixed-powder", At(1, 0, 40), 0, PlantKey(), kStoreKeeper)
                              .mutable_open_stock();
  stock.mutable_unit()->set_key(leftover.key);
  Set(stock.mutable_quantity(), leftover.milli, leftover.unit);
  stock.set_product_name("婴儿配方混合粉（1段）余料");
  clerk_.books().Came(leftover.key, PlantKey(), leftover.milli, leftover.unit);

  v1::ChangeScope& scope =
      *clerk_.Add("scp", At(1, 0, 50), 0, PlantKey(), kQualityHead).mutable_change_scope();
  scope.add_added("S002-34");
  scope.add_added("S002-35");
  scope.set_reason("干混区设备联网，自本日起逐批记录操作人员与设备");
  scope.set_decided_by(kQualityHead);
}

Part Plant::ReceiveMilk(const Shift& shift, int number) {
  const std::array<const Party*, 3> farms = {&GetParty(kFarmFengxian), &GetParty(kFarmChongming),
                                             &FarmNanhui()};
  const size_t farm = static_cast<size_t>(number - 1) % (full_ ? 3 : 2);
  const Party& party = *farms[farm];
  const int turn = shift.number * scale_.tankers + number;  // of the day
  const std::string note = StrCat("JJD", Compact(shift.day), absl::StrFormat("-%02d", turn));
  Part load = {Lot(party.key, "RAW-MILK", note),
               rng_.Pick(scale_.load_low, scale_.load_high, scale_.load_step) * kOne, "KGM"};
  if (tanker_.empty()) tanker_ = load.key;
  const int64_t at = shift.At(4, 50 + number * 5) + rng_.Pick(0, 4) * kMinute;

  v1::Event& event = clerk_.Receive("rcv-milk", at, at, kMilkReceiver, party, load, note);
  if (full_) {
    *event.add_documents() = Document("handover-note", note);
    *event.add_documents() = Document("permit", absl::StrFormat("2025-%03d", turn));
  }
  v1::Receive& receive = *event.mutable_receive();
  clerk_.books().Came(load.key, PlantKey(), load.milli, load.unit);
  receive.set_material_class(v1::RAW_MATERIAL);
  receive.set_material_name("生牛乳");
  receive.set_specification("散装（奶罐车）");
  *receive.mutable_supplier_production_date() = DateOf(shift.day);
  receive.mutable_shelf_life()->set_value(24);
  receive.mutable_shelf_life()->set_unit(v1::ShelfLife::HOUR);
  receive.set_document_number(note);
  v1::BulkTransport& bulk = *receive.mutable_bulk();
  bulk.set_tank_number(StrCat("示例罐", std::string(1, "FCN"[farm]), rng_.Pick(1, 3)));
  bulk.set_permit_number(absl::StrFormat("沪准运（示例）2025-%03d", turn));
  for (int i = 0; i < 2; ++i) bulk.add_seal_numbers(StrCat("QF", rng_.Pick(100'000, 999'999)));
  bulk.set_seal_state("完好");
  bulk.set_note_number(note);
  bulk.set_previous_load("生牛乳");
  bulk.set_wash("CIP 碱洗、酸洗、热水冲洗，ATP 合格");

  const std::string inspection =
      StrCat("JY-RM-", Compact(shift.day), absl::StrFormat("-%02d", turn));
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
               number % 2 == 1 ? "金山一厂 收奶间 1号奶仓" : "金山一厂 收奶间 2号奶仓",
               kMilkReceiver, kPretreater, "chilled", rng_.Pick(2400, 3800, 100));
  return load;
}

void Plant::Deliver(int day, MaterialId id, int minute) {
  const Material& m = GetMaterial(id);
  const Party& supplier = GetParty(m.supplier);
  const int made = day - static_cast<int>(rng_.Pick(12, 40));
  const std::string number = StrCat(Compact(made), "-", rng_.Pick(11, 98));
  const Part delivery = {Lot(supplier.key, m.product, number), m.delivery * kOne, m.unit};
  const int64_t at = At(day, 6, minute);
  if (id == kDha && dha_.empty()) dha_ = delivery.key;
  const bool miskeyed =
      id == kLactose && (full_ ? Eventful(day) && delivered_[id] != day : delivered_[id] == 0);
  delivered_[id] = day;
  clerk_.books().Came(delivery.key, PlantKey(), delivery.milli, delivery.unit);

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
  if (miskeyed) {
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

void Plant::Issue(const Shift& shift, MaterialId id, int64_t milli, int minute) {
  const Material& m = GetMaterial(id);
  const bool wet = id == kWhey || id == kOil;
  const bool packaging = m.role != v1::ROLE_INGREDIENT;
  const char* const to = wet ? kPretreater : packaging ? kFiller : kMixer;
  for (Part& part : store_[id].Draw(milli)) {
    clerk_.TakeOut(shift.At(8, minute), PlantKey(), part, m.store, kStoreKeeper, to);
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
Part Plant::DryMilk(const Shift& shift, std::span<const Part> milk) {
  const int day = shift.day;
  int64_t milk_milli = 0;
  for (const Part& load : milk) milk_milli += load.milli;
  ChargeSheet sheet = {StrCat("SD", Compact(day), "-", shift.number + 1),
                       milk_milli + kDryerWhey + kDryerLactose + kDryerOil,
                       kBaseFormula,
                       ShiftName(shift, "早班"),
                       kPretreater,
                       "PAST-1"};
  const int64_t start = shift.At(8, 45);
  for (const Part& load : milk) clerk_.Charge(start, start, sheet, load, v1::ROLE_INGREDIENT);
  ChargeMaterial(start + 10 * kMinute, sheet, kWhey, kDryerWhey);
  ChargeMaterial(start + 15 * kMinute, sheet, kLactose, kDryerLactose);
  ChargeMaterial(start + 20 * kMinute, sheet, kOil, kDryerOil);
  clerk_.Parameters(start, start + 100 * kMinute, sheet,
                    {{"巴氏杀菌温度", rng_.Pick(86'000, 89'000, 100), "CEL", 85'000, 92'000, true},
                     {"保持时间", rng_.Pick(16'000, 20'000, 500), "SEC", 15'000, 25'000, true}});

  sheet.person = kDryer;
  sheet.equipment = "DRY-1";
  const int64_t end = shift.At(12, 20);
  clerk_.Parameters(start + 40 * kMinute, end - 5 * kMinute, sheet,
                    {{"进风温度", rng_.Pick(178'000, 186'000, 500), "CEL", 170'000, 195'000},
                     {"排风温度", rng_.Pick(84'000, 90'000, 500), "CEL", 80'000, 95'000, true}});

  // Dry matter over that of the powder, less what stays in the tower.
  const int64_t solids =
      milk_milli / 1000 * 125 + kDryerWhey / 1000 * 965 + kDryerLactose / 1000 * 995 + kDryerOil;
  const int64_t powder = solids / 975 * rng_.Pick(988, 992);
  const std::string number =
      StrCat("JF", Compact(day), full_ ? StrCat("-", shift.number + 1) : std::string());
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

  const std::string inspection = "JY-" + (full_ ? number : StrCat("JF-", Compact(day)));
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
Part Plant::Mix(const Shift& shift, int turn, const Part& base, const Part& rework, int64_t start) {
  const int day = shift.day;
  const std::string number = StrCat("MX", Compact(day), Letter(turn));
  const int64_t total = base.milli + rework.milli + kMixLactose + kMixDha + kMixPremix;
  const ChargeSheet sheet = {
      number, total, kMixFormula, ShiftName(shift, turn == 0 ? "早班" : "中班"), kMixer, "MIX-1"};
  clerk_.Charge(start, start, sheet, base, v1::ROLE_INGREDIENT);
  ChargeMaterial(start + 5 * kMinute, sheet, kLactose, kMixLactose);
  ChargeMaterial(start + 8 * kMinute, sheet, kDha, kMixDha);
  const bool late = Eventful(day) && turn == 0;  // the terminal was down
  ChargeMaterial(start + 10 * kMinute, sheet, kPremix, kMixPremix, late ? shift.At(16, 10) : 0);
  if (rework.milli > 0) {
    v1::Rework& body =
        *clerk_.Add("rwk", start + 12 * kMinute, 0, PlantKey(), kMixer).mutable_rework();
    body.set_run(sheet.run);
    body.mutable_unit()->set_key(rework.key);
    Set(body.mutable_quantity(), rework.milli, rework.unit);
    clerk_.books().Used(rework.key, PlantKey(), rework.milli, sheet.run);
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
FinishedLot Plant::Fill(const Shift& shift, int turn, const Part& mixed, int64_t start) {
  const int day = shift.day;
  const bool early = turn % 2 == 0;
  FinishedLot lot;
  lot.day = day;
  lot.turn = turn;
  lot.number = StrCat("SY", Compact(day), Letter(turn));
  lot.key = Lot(PlantKey(), kItemGtin, lot.number);
  lot.case_key = Lot(PlantKey(), kCaseGtin, lot.number);

  const ChargeSheet sheet = {StrCat("GZ", Compact(day), Letter(turn)),
                             mixed.milli,
                             kPackFormula,
                             ShiftName(shift, "中班"),
                             kFiller,
                             "FILL-1"};
  const int64_t end = start + 180 * kMinute;
  clerk_.Charge(start, start, sheet, mixed, v1::ROLE_INGREDIENT);
  const Shelf& cans = line_[kCans];
  const Shelf& lids = line_[kLids];
  // The later shift uses up what was taken out for the day.
  ChargeMaterial(start + kMinute, sheet, kCans, early ? (kCansInLot + 6) * kOne : cans.Total());
  ChargeMaterial(start + 2 * kMinute, sheet, kLids, early ? (kCansInLot + 4) * kOne : lids.Total());
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
  market_.Pack(lot, end + 3 * kMinute);
  return lot;
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
  for (int i = 0; i < 3 * scale_.shifts; ++i) {
    const Room& room = kRooms[i % 3];
    v1::Event& event =
        clerk_.Add("env", At(day, (room.hour + i / 3 * 8) % 24, 20), 0, PlantKey(), kStoreKeeper);
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
  clerk_.books().Counted(lot.key, PlantKey(), -missing);
  Set(adjust.mutable_difference(), -missing, lot.unit);
  Set(adjust.mutable_counted(), lot.milli, lot.unit);
  adjust.set_reason("日盘点差异（称量累计误差、破损）");
}

std::array<int64_t, kMaterialCount> Plant::NeedsOf(int shifts) {
  std::array<int64_t, kMaterialCount> needs{};
  needs[kWhey] = shifts * kDryerWhey;
  needs[kLactose] = shifts * (kDryerLactose + 2 * kMixLactose);
  needs[kOil] = shifts * kDryerOil;
  needs[kDha] = shifts * 2 * kMixDha;
  needs[kPremix] = shifts * 2 * kMixPremix;
  needs[kNitrogen] = shifts * 2 * kLotNitrogen;
  needs[kCans] = shifts * 2 * kCansInLot * kOne;
  needs[kLids] = shifts * 2 * kCansInLot * kOne;
  needs[kCartons] = shifts * 2 * kCasesInLot * kOne;
  return needs;
}

void Plant::ProduceShift(const Shift& shift, std::vector<FinishedLot>* lots) {
  std::vector<Part> milk;
  for (int i = 1; i <= scale_.tankers; ++i) milk.push_back(ReceiveMilk(shift, i));
  const Part rinsed = {milk.back().key, rng_.Pick(18'000, 40'000, 1000), "KGM"};
  clerk_.Waste(shift.At(8, 40), rinsed, kPretreater, "奶仓、管道顶水损耗");
  milk.back().milli -= rinsed.milli;

  std::array<int64_t, kMaterialCount> needs = NeedsOf(1);
  needs[kCans] += rng_.Pick(8, 16) * kOne;  // some are crushed
  needs[kLids] += rng_.Pick(6, 12) * kOne;
  // All shifts of a day live on what came in the morning.
  const std::array<int64_t, kMaterialCount> rest = NeedsOf(scale_.shifts - 1);
  for (size_t i = 0; i < kMaterialCount; ++i) {
    const auto id = static_cast<MaterialId>(i);
    const int64_t spare = full_ ? 40 * kOne : 0;
    for (int n = 0; shift.number == 0 && store_[i].Total() < needs[i] + rest[i] + spare; ++n) {
      Deliver(shift.day, id, 20 + 7 * static_cast<int>(i) + 2 * n);
    }
    Issue(shift, id, needs[i], 10 + static_cast<int>(i));
  }

  const Part base = DryMilk(shift, milk);
  Part rework;
  if (static_cast<int>(leftovers_.size()) > scale_.rework_waits) {
    rework = leftovers_.front();
    leftovers_.pop_front();
  }
  const Part early = {base.key, 1800 * kOne - rework.milli, "KGM"};
  const Part later = {base.key, 1812 * kOne, "KGM"};
  SUYUAN_CHECK(early.milli + later.milli <= base.milli);
  clerk_.TakeOut(shift.At(13, 25), PlantKey(), {base.key, early.milli + later.milli, "KGM"},
                 "金山一厂 半成品库", kStoreKeeper, kMixer);
  const int turn = 2 * shift.number;
  const Part first = Mix(shift, turn, early, rework, shift.At(13, 35));
  lots->push_back(Fill(shift, turn, first, shift.At(15, 15)));

  const Part second = Mix(shift, turn + 1, later, {}, shift.At(15, 20));
  const Part filled = {second.key, kCansInLot * kCanKilos + rng_.Pick(4000, 9000, 100), "KGM"};
  lots->push_back(Fill(shift, turn + 1, filled, shift.At(18, 30)));
  const Part& leftover =
      leftovers_.emplace_back(Part{second.key, second.milli - filled.milli, "KGM"});
  clerk_.PutIn(shift.At(22, 15), PlantKey(), leftover, "金山一厂 半成品库 余料区", kFiller,
               kStoreKeeper, "dry");
}

void Plant::ProduceDay(int day) {
  rng_ = Rng(seed_ * 1'000'003 + static_cast<uint64_t>(day));
  std::vector<FinishedLot> lots;
  for (int number = 0; number < scale_.shifts; ++number) {
    // The count of the evening comes before the last shift draws on the store.
    if (full_ && number == 2) CountStock(day);
    ProduceShift({day, number, (scale_.first_shift + 480 * number) * kMinute}, &lots);
  }
  ReadClimate(day);
  if (!full_) CountStock(day);
  market_.Tell(lots, Eventful(day));
  if (day <= 2) good_lot_ = lots[0].key;
  if (!Eventful(day) || !failed_lot_.empty()) return;
  failed_lot_ = lots[1].key;
  if (!full_) return;
  recalled_lot_ = lots[2].key;
  early_lot_ = lots[3].key;
}

bool Plant::NextDay(std::vector<v1::Event>* events) {
  events->clear();
  if (day_ >= days_ && clerk_.empty()) return false;
  if (++day_ == 1) {
    RegisterWorld(clerk_, full_);
    OpenBooks();
  }
  if (day_ <= days_) ProduceDay(day_);
  *events = clerk_.TakeUntil(day_);
  return true;
}

std::vector<std::pair<std::string, std::string>> Plant::WorthTracing() const {
  std::vector<std::pair<std::string, std::string>> worth = {
      {tanker_,
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
  if (!full_) return worth;
  worth.emplace_back(recalled_lot_,
                     "已召回的批次：通知了谁、退回多少 / the lot that was recalled: who was told, "
                     "how much came back");
  worth.emplace_back(
      early_lot_, "一托盘在放行前发出的批次 / the lot of which a pallet left before its release");
  return worth;
}

}  // namespace suyuan::demo

namespace suyuan {
namespace {

constexpr char kLedger[] = "demo-plant";
constexpr char kProfile[] = "infant-formula";
constexpr size_t kBatch = 512;

}  // namespace

int MaxDemoDays(PlantSize size) { return demo::ScaleOf(size).days; }

DemoPlant::DemoPlant(const DemoOptions& options, bool keep_books)
    : plant_(std::make_unique<demo::Plant>(options, keep_books)) {}
DemoPlant::~DemoPlant() = default;

bool DemoPlant::NextDay(std::vector<v1::Event>* events) {
  const bool more = plant_->NextDay(events);
  events_ += events->size();
  return more;
}

DemoSummary DemoPlant::Summary() const { return {kLedger, events_, plant_->WorthTracing()}; }

const demo::Books& DemoPlant::books() const { return plant_->books(); }

std::vector<v1::Event> DemoPlantEvents(const DemoOptions& options, DemoSummary* summary) {
  DemoPlant plant(options);
  std::vector<v1::Event> events;
  for (std::vector<v1::Event> day; plant.NextDay(&day);) {
    std::move(day.begin(), day.end(), std::back_inserter(events));
  }
  if (summary != nullptr) *summary = plant.Summary();
  return events;
}

absl::Status LoadDemoPlant(Engine* engine, const DemoOptions& options, DemoSummary* summary,
                           const ProgressFunction& progress) {
  if (options.days < 1 || options.days > MaxDemoDays(options.size)) {
    return InvalidArgument("days: ", options.days, ", expected 1 to ", MaxDemoDays(options.size));
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
  DemoPlant plant(options);
  std::vector<v1::Event> waiting;
  const auto append = [&](size_t at_least) -> absl::Status {
    const std::span<const v1::Event> all(waiting);
    size_t from = 0;
    while (from < all.size() && all.size() - from >= at_least) {
      const size_t count = std::min(kBatch, all.size() - from);
      SUYUAN_RETURN_IF_ERROR(engine->Append(kLedger, all.subspan(from, count)).status());
      from += count;
    }
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(from));
    return absl::OkStatus();
  };
  const auto days = static_cast<uint64_t>(options.days);
  uint64_t told = 0;
  for (std::vector<v1::Event> day; plant.NextDay(&day);) {
    std::move(day.begin(), day.end(), std::back_inserter(waiting));
    SUYUAN_RETURN_IF_ERROR(append(kBatch));
    if (++told < days && progress) progress({"天 days", told, days});
  }
  SUYUAN_RETURN_IF_ERROR(append(1));
  if (progress) progress({"天 days", days, days});
  if (summary != nullptr) *summary = plant.Summary();
  return absl::OkStatus();
}

}  // namespace suyuan

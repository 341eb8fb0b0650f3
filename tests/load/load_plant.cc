#include "tests/load/load_plant.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::load {
namespace {

constexpr int64_t kFirstMicros = 1'762'099'200'000'000;  // 2025-11-03 00:00 +08:00
constexpr int64_t kStepMicros = 1'000'000;
constexpr int kOffsetMinutes = 480;
constexpr uint64_t kShops = 1'000;

uint64_t Before(uint64_t round) { return round == 0 ? 0 : round - 1; }

void Set(v1::Quantity* quantity, int64_t value, const char* unit) {
  quantity->set_value(value);
  quantity->set_unit(unit);
}

std::vector<TracedUnit> Sorted(std::vector<TracedUnit> units) {
  for (TracedUnit& unit : units) {
    std::sort(unit.holders.begin(), unit.holders.end());
    unit.holders.erase(std::unique(unit.holders.begin(), unit.holders.end()), unit.holders.end());
  }
  std::sort(units.begin(), units.end(), [](const TracedUnit& a, const TracedUnit& b) {
    return std::tie(a.depth, a.key) < std::tie(b.depth, b.key);
  });
  return units;
}

}  // namespace

std::string LoadPlant::EventId(uint64_t number) const { return StrCat("c", client_, "-", number); }

std::optional<std::pair<uint64_t, uint64_t>> LoadPlant::ParseId(std::string_view id) {
  uint64_t client = 0;
  uint64_t number = 0;
  const char* const end = id.data() + id.size();
  if (!id.starts_with('c')) return std::nullopt;
  const auto [dash, first] = std::from_chars(id.data() + 1, end, client);
  if (first != std::errc() || dash == end || *dash != '-') return std::nullopt;
  const auto [rest, second] = std::from_chars(dash + 1, end, number);
  if (second != std::errc() || rest != end) return std::nullopt;
  return std::make_pair(client, number);
}

std::string LoadPlant::Farm() const { return StrCat("ext:load:farm-", client_); }
std::string LoadPlant::Shop(uint64_t round, uint64_t which) {
  return StrCat("ext:load:shop-", (2 * round + which) % kShops);
}
std::string LoadPlant::Milk(uint64_t round) const {
  return StrCat("lot:", Farm(), "/milk/M", round);
}
std::string LoadPlant::Powder(uint64_t round) const {
  return StrCat("lot:", owner_, "/powder/C", client_, "B", round);
}
std::string LoadPlant::Product(uint64_t round) const {
  return StrCat("lot:", owner_, "/06912345000017/C", client_, "P", round);
}

v1::Event LoadPlant::Charge(v1::Event event, const char* run, uint64_t round,
                            const std::string& unit) const {
  v1::Charge& charge = *event.mutable_charge();
  charge.set_run(StrCat("c", client_, "-", run, "-", round));
  charge.mutable_unit()->set_key(unit);
  Set(charge.mutable_quantity(), 50, "KGM");
  Set(charge.mutable_ratio(), 50, "P1");
  charge.set_formula("formula-7-rev-12");
  charge.set_shift("早班");
  charge.set_charging_operator("person:W1001");
  charge.add_equipment("mixing-tank-3");
  event.set_remark("复核人已确认物料标签、数量及外观，与配方一致，投料前设备清洁合格");
  return event;
}

v1::Event LoadPlant::Produce(v1::Event event, const char* run, uint64_t round,
                             const std::string& unit, const char* name) const {
  v1::Produce& produce = *event.mutable_produce();
  produce.set_run(StrCat("c", client_, "-", run, "-", round));
  produce.mutable_unit()->set_key(unit);
  Set(produce.mutable_quantity(), 100, "KGM");
  produce.set_product_name(name);
  produce.set_specification("400 g/罐 × 12");
  *produce.mutable_production_date() = ParseDateText("2025-11-03").value_or(v1::Date());
  produce.set_lot_number(unit.substr(unit.rfind('/') + 1));
  produce.set_closes_run(true);
  produce.add_equipment("filling-line-2");
  produce.add_operators("person:W1002");
  event.set_remark("首检合格，净含量与封口复核正常，已贴追溯码并入待检区");
  return event;
}

v1::Event LoadPlant::EventOf(uint64_t number) const {
  const uint64_t round = number / kEventsARound;
  v1::Event event;
  event.set_id(EventId(number));
  *event.mutable_time()->mutable_begin() =
      ExactTime(kFirstMicros + static_cast<int64_t>(number) * kStepMicros, kOffsetMinutes);
  event.add_persons("person:W1001");
  switch (number % kEventsARound) {
    case 0: {
      v1::Receive& receive = *event.mutable_receive();
      receive.mutable_unit()->set_key(Milk(round));
      receive.set_material_name("生牛乳");
      receive.set_specification("散装");
      Set(receive.mutable_quantity(), 100, "KGM");
      receive.set_supplier_lot(StrCat("M", round));
      receive.mutable_shelf_life()->set_value(18);
      receive.mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
      receive.set_supplier(Farm());
      receive.set_supplier_name("示例牧场");
      receive.set_supplier_address("金山区示例路 1 号");
      receive.set_supplier_phone("021-57320000");
      receive.set_supplier_licence("SC10531011600018");
      receive.set_document_number(StrCat("DN", client_, "-", round));
      return event;
    }
    case 1:
      return Charge(std::move(event), "dry", round, Milk(round));
    case 2:
      return Charge(std::move(event), "dry", round, Milk(Before(round)));
    case 3:
      return Produce(std::move(event), "dry", round, Powder(round), "示例全脂乳粉");
    case 4:
      return Charge(std::move(event), "fill", round, Powder(round));
    case 5:
      return Charge(std::move(event), "fill", round, Powder(Before(round)));
    case 6:
      return Produce(std::move(event), "fill", round, Product(round), "示例奶粉");
    default: {
      const uint64_t which = number % kEventsARound - 7;
      v1::Ship& ship = *event.mutable_ship();
      ship.mutable_unit()->set_key(Product(round));
      Set(ship.mutable_quantity(), 40, "KGM");
      ship.set_customer(Shop(round, which));
      ship.set_customer_name("示例超市");
      ship.set_customer_address("上海市浦东新区示例大道 1 号");
      ship.set_customer_phone("021-50000000");
      ship.set_certificate_number(StrCat("HG", client_, "-", round));
      ship.set_document_number(StrCat("SO", client_, "-", number));
      return event;
    }
  }
}

TraceRequest LoadPlant::WhereProductIsFrom(uint64_t round) const {
  return {.unit = Product(round), .direction = Direction::kBackward};
}

std::vector<TracedUnit> LoadPlant::UnitsOfProduct(uint64_t round) const {
  const std::set<uint64_t> powders = {round, Before(round)};
  std::set<uint64_t> milks;
  std::vector<TracedUnit> units;
  for (const uint64_t powder : powders) {
    units.push_back({Powder(powder), {}, "示例全脂乳粉", Direction::kBackward, 1, true, {owner_}});
    milks.insert({powder, Before(powder)});
  }
  for (const uint64_t milk : milks) {
    units.push_back({Milk(milk), {}, "生牛乳", Direction::kBackward, 2, true, {Farm(), owner_}});
  }
  return Sorted(std::move(units));
}

TraceRequest LoadPlant::WhoGotTheMilk(uint64_t round) const {
  return {.unit = Milk(Before(Before(round))), .direction = Direction::kForward};
}

std::vector<TracedUnit> LoadPlant::UnitsOfMilk(uint64_t round) const {
  const uint64_t milk = Before(Before(round));
  std::vector<TracedUnit> units;
  for (uint64_t made = milk; made <= round; ++made) {
    if (made <= milk + 1) {
      units.push_back({Powder(made), {}, "示例全脂乳粉", Direction::kForward, 1, true, {owner_}});
    }
    units.push_back({Product(made),
                     {},
                     "示例奶粉",
                     Direction::kForward,
                     2,
                     true,
                     {owner_, Shop(made, 0), Shop(made, 1)}});
  }
  return Sorted(std::move(units));
}

}  // namespace suyuan::load

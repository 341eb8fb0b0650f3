#include "benchmarks/synthetic_plant.h"

#include <algorithm>

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::bench {
namespace {

constexpr int64_t kFirstMicros = 1'762'099'200'000'000;  // 2025-11-03 00:00 +08:00
constexpr int64_t kStepMicros = 7'000'000;
constexpr int kOffsetMinutes = 480;
constexpr uint64_t kEventsARun = 12;
constexpr size_t kLotsKept = 512;
constexpr std::string_view kMaterials[] = {"生牛乳", "脱脂乳粉", "白砂糖", "发酵菌种"};
constexpr std::string_view kProducts[] = {"06912345000017", "06912345000024", "06912345000031"};

// Like a ULID: what sorts by time, then noise.
std::string EventId(uint64_t number, uint64_t noise) {
  static constexpr char kDigits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string id;
  for (int shift = 45; shift >= 0; shift -= 5) id.push_back(kDigits[number >> shift & 31]);
  for (int i = 0; i < 12; ++i, noise >>= 5) id.push_back(kDigits[noise & 31]);
  return id;
}

void Set(v1::Quantity* quantity, uint64_t value, std::string_view unit) {
  quantity->set_value(static_cast<int64_t>(value));
  quantity->set_scale(1);
  quantity->set_unit(unit.data(), unit.size());
}

v1::Date Day(int64_t micros) {
  const v1::Time time = ExactTime(micros, kOffsetMinutes);
  return ParseDateText(TimeText(time).substr(0, 10)).value_or(v1::Date());
}

void Keep(std::deque<std::string>* lots, std::string lot) {
  lots->push_back(std::move(lot));
  if (lots->size() > kLotsKept) lots->pop_front();
}

}  // namespace

const std::string& SyntheticPlant::Recent(const std::deque<std::string>& lots) {
  return lots[lots.size() - 1 - Below(std::min<size_t>(lots.size(), 64))];
}

v1::Event SyntheticPlant::Start() {
  v1::Event event;
  event.set_id(EventId(told_, random_()));
  *event.mutable_time()->mutable_begin() =
      ExactTime(kFirstMicros + static_cast<int64_t>(told_) * kStepMicros, kOffsetMinutes);
  event.set_place(StrCat(kPlantOwner, "/workshop-", 1 + Below(3)));
  event.add_persons(StrCat("person:W", 1000 + Below(200)));
  // The paper or picture behind it: what no compression makes smaller.
  v1::DocumentRef& document = *event.add_documents();
  document.set_number(StrCat("DOC", told_));
  std::string digest;
  for (int i = 0; i < 4; ++i) PutFixed64(&digest, random_());
  document.set_sha256(digest);
  return event;
}

v1::Event SyntheticPlant::Receive() {
  v1::Event event = Start();
  v1::Receive& receive = *event.mutable_receive();
  const uint64_t supplier = 100 + Below(50);
  const std::string lot = StrCat("S", told_, "-", Below(100));
  const std::string key =
      StrCat("lot:ext:gs1cn:supplier-", supplier, "/material-", Below(4), "/", lot);
  receive.mutable_unit()->set_key(key);
  const std::string_view name = kMaterials[Below(4)];
  receive.set_material_name(name.data(), name.size());
  receive.set_specification("25 kg/袋");
  Set(receive.mutable_quantity(), 1000 + Below(90'000), "KGM");
  receive.set_supplier_lot(lot);
  receive.mutable_shelf_life()->set_value(18);
  receive.mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
  receive.set_supplier(StrCat("ext:gs1cn:supplier-", supplier));
  receive.set_supplier_name("示例牧业");
  receive.set_supplier_address("金山区示例路 1 号");
  receive.set_supplier_phone("021-57320000");
  receive.set_supplier_licence("SC10531011600018");
  receive.set_document_number(StrCat("DN", told_));
  Keep(&materials_, key);
  return event;
}

v1::Event SyntheticPlant::Charge(uint64_t turn) {
  v1::Event event = Start();
  v1::Charge& charge = *event.mutable_charge();
  charge.set_run(StrCat("R", told_ / kEventsARun));
  charge.mutable_unit()->set_key(turn < 2 ? materials_[materials_.size() - 1 - turn]
                                          : Recent(materials_));
  Set(charge.mutable_quantity(), 100 + Below(5'000), "KGM");
  Set(charge.mutable_ratio(), 10 + Below(500), "P1");
  charge.set_formula("formula-7-rev-12");
  charge.set_shift(StrCat("早班-", Below(3)));
  charge.set_charging_operator(StrCat("person:W", 1000 + Below(200)));
  charge.add_equipment(StrCat("mixing-tank-", Below(9)));
  charge.add_equipment(StrCat("weighing-scale-", 10 + Below(80)));
  event.set_remark("复核人已确认物料标签、数量及外观，与配方一致，投料前设备清洁合格");
  return event;
}

v1::Event SyntheticPlant::Produce(uint64_t turn) {
  v1::Event event = Start();
  v1::Produce& produce = *event.mutable_produce();
  produce.set_run(StrCat("R", told_ / kEventsARun));
  const std::string lot = StrCat("L", told_, "A");
  const std::string key =
      StrCat("lot:", kPlantOwner, "/", kProducts[(told_ / kEventsARun) % 3], "/", lot);
  produce.mutable_unit()->set_key(key);
  Set(produce.mutable_quantity(), 1'000 + Below(20'000), "KGM");
  produce.set_product_name("示例全脂奶粉");
  produce.set_specification("400 g/罐 × 12");
  const int64_t now = kFirstMicros + static_cast<int64_t>(told_) * kStepMicros;
  *produce.mutable_production_date() = Day(now);
  *produce.mutable_expiry_date() = Day(now + int64_t{540} * 86'400'000'000);
  produce.set_lot_number(lot);
  produce.set_output_class(v1::OUTPUT_FINISHED);
  produce.set_closes_run(turn == 1);
  produce.set_shift(StrCat("早班-", Below(3)));
  produce.add_equipment(StrCat("filling-line-", Below(5)));
  produce.add_operators(StrCat("person:W", 1000 + Below(200)));
  event.set_remark("首检合格，净含量与封口复核正常，已贴追溯码并入待检区");
  Keep(&products_, key);
  return event;
}

v1::Event SyntheticPlant::Ship() {
  v1::Event event = Start();
  v1::Ship& ship = *event.mutable_ship();
  const uint64_t customer = 10'000 + Below(20'000);
  ship.mutable_unit()->set_key(Recent(products_));
  Set(ship.mutable_quantity(), 10 + Below(2'000), "KGM");
  ship.set_customer(StrCat("ext:gs1cn:customer-", customer));
  ship.set_customer_name(StrCat("示例超市第 ", customer, " 店"));
  ship.set_customer_address(StrCat("上海市浦东新区示例大道 ", Below(3000), " 号"));
  ship.set_customer_phone(StrCat("021-5", 1'000'000 + Below(8'999'999)));
  ship.set_certificate_number(StrCat("HG", told_, "-", Below(1'000'000)));
  ship.set_transport_document(StrCat("TD", told_));
  ship.set_document_number(StrCat("SO", told_));
  return event;
}

v1::Event SyntheticPlant::Next() {
  const uint64_t turn = told_ % kEventsARun;
  v1::Event event = turn < 2   ? Receive()
                    : turn < 6 ? Charge(turn - 2)
                    : turn < 8 ? Produce(turn - 6)
                               : Ship();
  ++told_;
  return event;
}

std::vector<v1::Event> PlantEvents(uint64_t seed, uint64_t count) {
  SyntheticPlant plant(seed);
  std::vector<v1::Event> events;
  events.reserve(count);
  for (uint64_t i = 0; i < count; ++i) events.push_back(plant.Next());
  return events;
}

}  // namespace suyuan::bench

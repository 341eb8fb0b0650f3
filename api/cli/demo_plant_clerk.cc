#include "api/cli/demo_plant_clerk.h"

#include "lib/base/strings.h"

namespace suyuan::demo {
namespace {

// All messages that name so much of a unit have these two fields.
template <typename Message>
Message& Fill(Message& message, const Part& part) {
  message.mutable_unit()->set_key(part.key);
  Set(message.mutable_quantity(), part.milli, part.unit);
  return message;
}

}  // namespace

v1::Event& Clerk::Receive(std::string_view label, int64_t at, int64_t recorded, const char* person,
                          const Party& supplier, const Part& part, const std::string& number) {
  v1::Event& event = AddLate(label, at, 0, recorded, PlantKey(), person);
  event.add_persons(kBuyer);
  v1::Receive& receive = Fill(*event.mutable_receive(), part);
  receive.set_supplier_lot(number);
  receive.set_supplier(supplier.key);
  receive.set_supplier_name(supplier.name);
  receive.set_supplier_address(supplier.address);
  receive.set_supplier_phone(supplier.phone);
  receive.set_supplier_licence(supplier.licence);
  *receive.mutable_conformity_certificate() = Document("certificate", StrCat("HG-", number));
  receive.set_owner(GetParty(kOwner).key);
  return event;
}

void Clerk::PutIn(int64_t at, const std::string& place, const Part& part, const char* location,
                  const char* from, const char* to, const char* condition, int64_t celsius) {
  v1::Event& event = Add("sto", at, 0, place, to);
  v1::PutIn& in = Fill(*event.mutable_put_in(), part);
  in.set_storage_location(location);
  in.set_handover_from(from);
  in.set_handover_to(to);
  in.set_storage_condition(condition);
  if (celsius == 0) return;
  v1::Measurement& reading = *in.add_sensor_report();
  reading.set_item("温度");
  Set(reading.mutable_value(), celsius, "CEL");
  *reading.mutable_time() = event.time().begin();
  reading.set_sensor("T-COLD-1");
}

void Clerk::TakeOut(int64_t at, const std::string& place, const Part& part, const char* location,
                    const char* from, const char* to) {
  v1::TakeOut& out = Fill(*Add("pck", at, 0, place, from).mutable_take_out(), part);
  out.set_storage_location(location);
  out.set_handover_from(from);
  out.set_handover_to(to);
}

void Clerk::Charge(int64_t at, int64_t recorded, const ChargeSheet& sheet, const Part& part,
                   v1::Role role) {
  v1::Event& event = AddLate("chg", at, 0, recorded, PlantKey(), sheet.person);
  v1::Charge& charge = Fill(*event.mutable_charge(), part);
  books_.Used(part.key, PlantKey(), part.milli, sheet.run);
  charge.set_run(sheet.run);
  charge.set_role(role);
  if (role == v1::ROLE_INGREDIENT) {  // to a hundredth of a per cent
    const int64_t ratio = (part.milli * 10'000 + sheet.total / 2) / sheet.total * 10;
    Set(charge.mutable_ratio(), ratio, "P1");
  }
  charge.set_formula(sheet.formula);
  charge.set_shift(sheet.shift);
  charge.set_charging_operator(sheet.person);
  charge.add_equipment(sheet.equipment);
  if (recorded == at) return;
  v1::LateEntry& late = *event.mutable_late_entry();
  late.set_form("配料投料记录表 QR-SC-07");
  *late.mutable_original() = Document("form", StrCat("QR-SC-07-", sheet.run));
  late.set_kept_at("质量部档案室");
  late.set_written_by(sheet.person);
  late.set_typed_by(kReviewer);
  event.set_remark("配料间终端断网，先记纸质表，当日补录");
}

void Clerk::Parameters(int64_t begin, int64_t end, const ChargeSheet& sheet,
                       std::initializer_list<Reading> readings) {
  v1::RecordParameters& parameters =
      *Add("prm", begin, end, PlantKey(), sheet.person).mutable_record_parameters();
  parameters.set_run(sheet.run);
  parameters.add_equipment(sheet.equipment);
  parameters.add_operators(sheet.person);
  for (const Reading& reading : readings) {
    v1::Parameter& parameter = *parameters.add_parameters();
    parameter.set_name(reading.name);
    Set(parameter.mutable_value(), reading.milli, reading.unit);
    Set(parameter.mutable_limit_low(), reading.low, reading.unit);
    Set(parameter.mutable_limit_high(), reading.high, reading.unit);
    parameter.set_critical(reading.critical);
  }
}

v1::Produce& Clerk::Produce(std::string_view label, int64_t begin, int64_t end,
                            const ChargeSheet& sheet, const Part& part, const std::string& number) {
  v1::Produce& produce =
      Fill(*Add(label, begin, end, PlantKey(), sheet.person).mutable_produce(), part);
  books_.Came(part.key, PlantKey(), part.milli, part.unit);
  books_.Made(part.key, sheet.run);
  produce.set_run(sheet.run);
  *produce.mutable_production_date() = DateOf(DayOf(begin));
  produce.set_lot_number(number);
  produce.set_shift(sheet.shift);
  produce.add_equipment(sheet.equipment);
  produce.add_operators(sheet.person);
  return produce;
}

v1::Inspect& Clerk::Inspect(std::string_view label, int64_t at, const std::string& key,
                            const std::string& number, const char* method,
                            std::initializer_list<Test> tests) {
  v1::Event& event = Add(label, at, 0, PlantKey(), kInspector);
  event.add_persons(kReviewer);
  v1::Inspect& inspect = *event.mutable_inspect();
  inspect.mutable_unit()->set_key(key);
  inspect.set_inspection_lot(number);
  inspect.set_method(method);
  inspect.set_inspector(kInspector);
  inspect.set_reviewer(kReviewer);
  inspect.set_verdict(v1::VERDICT_PASS);
  for (const Test& test : tests) {
    v1::TestResult& result = *inspect.add_results();
    result.set_item(test.item);
    if (*test.unit != '\0') {
      Set(result.mutable_value(), test.milli, test.unit);
    } else {
      result.set_value_text(test.text);
    }
    result.set_limit(test.limit);
    result.set_verdict(test.pass ? v1::VERDICT_PASS : v1::VERDICT_FAIL);
    if (!test.pass) inspect.set_verdict(v1::VERDICT_FAIL);
  }
  return inspect;
}

void Clerk::Sample(int64_t at, const Part& part, const std::string& number, bool retained) {
  v1::TakeSample& sample =
      Fill(*Add("smp", at, 0, PlantKey(), kInspector).mutable_take_sample(), part);
  books_.Sampled(part.key, PlantKey(), part.milli);
  sample.set_sample_number(number);
  sample.set_retained(retained);
}

void Clerk::Waste(int64_t at, const Part& part, const char* person, const char* reason) {
  Fill(*Add("wst", at, 0, PlantKey(), person).mutable_record_waste(), part).set_reason(reason);
  books_.Wasted(part.key, PlantKey(), part.milli);
}

void Clerk::Pack(int64_t at, const std::string& container, std::initializer_list<Part> contents) {
  v1::Pack& pack = *Add("pkg", at, 0, PlantKey(), kPacker).mutable_pack();
  pack.mutable_container()->set_key(container);
  for (const Part& part : contents) Fill(*pack.add_contents(), part);
}

void Clerk::Move(int64_t at, const Part& part, const std::string& note) {
  v1::Move& move = Fill(*Add("mov", at, 0, PlantKey(), kGoodsKeeper).mutable_move(), part);
  move.set_to(WarehouseKey());
  move.set_document_number(note);
}

v1::Event& Clerk::Ship(int64_t at, const Part& part, const Party& customer,
                       const std::string& note) {
  v1::Event& event = Add("shp", at, 0, WarehouseKey(), kDispatcher);
  v1::Ship& ship = Fill(*event.mutable_ship(), part);
  ship.set_customer(customer.key);
  ship.set_customer_name(customer.name);
  ship.set_customer_address(customer.address);
  ship.set_customer_phone(customer.phone);
  ship.set_storage_condition("ambient");
  ship.set_document_number(note);
  return event;
}

v1::DestroyGoods& Clerk::Destroy(int64_t at, const std::string& place, const Part& part,
                                 const std::string& of) {
  v1::DestroyGoods& destroy =
      Fill(*Add("dst", at, 0, place, kQualityHead).mutable_destroy_goods(), part);
  destroy.mutable_unit()->set_part(of);
  destroy.set_location(StrCat(GetParty(kDisposer).name, "（", GetParty(kDisposer).address, "）"));
  destroy.add_persons(kQualityHead);
  destroy.add_persons(kGoodsKeeper);
  destroy.set_method(v1::HARMLESS_TREATMENT);
  return destroy;
}

}  // namespace suyuan::demo

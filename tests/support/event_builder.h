#ifndef TESTS_SUPPORT_EVENT_BUILDER_H_
#define TESTS_SUPPORT_EVENT_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "suyuan/v1/event.pb.h"

// A small language to tell events in tests:
//
//   Ship("lot:ext:own:dairy/powder/L1", "ext:own:shop").At(90).In("ext:own:dairy/plant-1")
//
// What is not said is left out. Minutes are counted from kDay, 00:00 +08:00.
namespace suyuan::tell {

inline constexpr int64_t kDaySeconds = 1762099200;  // 2025-11-03 00:00 +08:00
inline constexpr int kOffsetMinutes = 480;
inline constexpr int kMinutesADay = 24 * 60;

inline v1::Time Minute(int64_t minute) {
  return ExactTime((kDaySeconds + minute * 60) * 1'000'000, kOffsetMinutes);
}

// Kilograms.
inline v1::Quantity Kg(int64_t value) {
  v1::Quantity quantity;
  quantity.set_value(value);
  quantity.set_unit("KGM");
  return quantity;
}

inline v1::Date DateOf(std::string_view text) { return ParseDateText(text).value_or(v1::Date()); }

// How an event names a unit.
struct Ref {
  Ref(const char* key) { ref.set_key(key); }         // NOLINT(google-explicit-constructor)
  Ref(const std::string& key) { ref.set_key(key); }  // NOLINT(google-explicit-constructor)
  Ref(const char* key, const char* part) : Ref(key) { ref.set_part(part); }
  Ref(const std::string& key, const std::string& part) : Ref(key) { ref.set_part(part); }
  Ref&& At(const std::string& holder) && {
    ref.set_holder(holder);
    return std::move(*this);
  }
  Ref&& KnownAs(const std::string& external_id) && {
    ref.add_external_ids(external_id);
    return std::move(*this);
  }
  v1::UnitRef ref;
};

// A unit that is named by another number alone.
inline Ref Numbered(const std::string& external_id) { return Ref("").KnownAs(external_id); }

// One event, and what can be said of every event.
struct Told {
  v1::Event event;

  Told&& Id(const std::string& id) && {
    event.set_id(id);
    return std::move(*this);
  }
  // When it happened.
  Told&& At(int64_t minute) && {
    *event.mutable_time()->mutable_begin() = Minute(minute);
    return std::move(*this);
  }
  Told&& Until(int64_t minute) && {
    *event.mutable_time()->mutable_end() = Minute(minute);
    return std::move(*this);
  }
  // Some time on that day, month or year.
  Told&& On(std::string_view date) && {
    *event.mutable_time()->mutable_begin() = TimeOfDate(DateOf(date), kOffsetMinutes);
    return std::move(*this);
  }
  // Where it happened, if not at the owner of the ledger.
  Told&& In(const std::string& place) && {
    event.set_place(place);
    return std::move(*this);
  }
  Told&& By(const std::string& subject) && {
    event.set_subject(subject);
    return std::move(*this);
  }
  // How much of it.
  Told&& Of(int64_t value, const std::string& unit = "KGM") && {
    const google::protobuf::FieldDescriptor* const operation =
        event.GetReflection()->GetOneofFieldDescriptor(
            event, event.GetDescriptor()->FindOneofByName("operation"));
    google::protobuf::Message* const body =
        event.GetReflection()->MutableMessage(&event, operation);
    auto* const quantity = static_cast<v1::Quantity*>(body->GetReflection()->MutableMessage(
        body, body->GetDescriptor()->FindFieldByName("quantity")));
    quantity->set_value(value);
    quantity->set_scale(0);
    quantity->set_unit(unit);
    return std::move(*this);
  }
  // It should not have happened.
  Told&& InBreachOf(const std::string& rule) && {
    v1::Breach& breach = *event.add_breaches();
    breach.set_rule(rule);
    breach.set_reason("it happened");
    breach.set_person("post:qa");
    return std::move(*this);
  }
  // Keyed after the fact.
  Told&& Late() && {
    event.mutable_late_entry()->set_form("paper");
    return std::move(*this);
  }
  // Takes the place of an earlier event.
  Told&& InsteadOf(const std::string& event_id) && {
    event.mutable_correction()->set_event_id(event_id);
    event.mutable_correction()->set_reason("told wrong");
    return std::move(*this);
  }
};

// ------------------------------------------------------- ledger and master

inline Told Genesis(const std::string& owner) {
  Told told;
  told.event.mutable_genesis()->set_owner(owner);
  return told;
}

inline Told Withdraw(const std::string& event_id) {
  Told told;
  told.event.mutable_correct()->set_withdrawn_event_id(event_id);
  told.event.mutable_correct()->set_reason("did not happen");
  return told;
}

inline Told Same(const Ref& first, const Ref& second) {
  Told told;
  v1::Correct& correct = *told.event.mutable_correct();
  *correct.mutable_same()->mutable_first() = first.ref;
  *correct.mutable_same()->mutable_second() = second.ref;
  correct.set_reason("one unit");
  return told;
}

inline Told Apart(const Ref& from, const Ref& to, const std::vector<std::string>& event_ids) {
  Told told;
  v1::Correct& correct = *told.event.mutable_correct();
  *correct.mutable_split()->mutable_from() = from.ref;
  *correct.mutable_split()->mutable_to() = to.ref;
  for (const std::string& id : event_ids) correct.mutable_split()->add_event_ids(id);
  correct.set_reason("two units");
  return told;
}

inline Told SubjectMaster(const std::string& key, const std::string& name,
                          const std::vector<std::string>& external_ids = {}) {
  Told told;
  v1::SubjectVersion& subject = *told.event.mutable_register_master()->mutable_subject();
  subject.set_key(key);
  subject.set_name(name);
  for (const std::string& id : external_ids) subject.add_external_ids(id);
  return told;
}

inline Told SiteMaster(const std::string& key, const std::string& subject) {
  Told told;
  v1::SiteVersion& site = *told.event.mutable_register_master()->mutable_site();
  site.set_key(key);
  site.set_subject(subject);
  site.set_name(key);
  return told;
}

// A trade item and the GTINs of its packing levels.
inline Told ProductMaster(const std::string& product, const std::string& name,
                          const std::vector<std::pair<std::string, int>>& levels = {}) {
  Told told;
  v1::ProductVersion& version = *told.event.mutable_register_master()->mutable_product();
  version.set_product(product);
  version.set_product_name(name);
  for (const auto& [gtin, count] : levels) {
    v1::PackingLevel& level = *version.add_packing_levels();
    level.set_gtin(gtin);
    level.set_count(count);
  }
  return told;
}

// ------------------------------------------------------------ goods move

inline Told Receive(const Ref& unit, const std::string& supplier = "") {
  Told told;
  v1::Receive& receive = *told.event.mutable_receive();
  *receive.mutable_unit() = unit.ref;
  receive.set_supplier(supplier);
  *receive.mutable_quantity() = Kg(10);
  return told;
}

// Received, and given a number of the receiver's own.
inline Told Relabel(const Ref& unit, const std::string& supplier, const Ref& received_as) {
  Told told = Receive(unit, supplier);
  *told.event.mutable_receive()->mutable_received_as() = received_as.ref;
  return told;
}

inline Told Reject(const Ref& unit, const std::string& supplier) {
  Told told;
  *told.event.mutable_reject_receipt()->mutable_unit() = unit.ref;
  told.event.mutable_reject_receipt()->set_supplier(supplier);
  return told;
}

inline Told OpenStock(const Ref& unit) {
  Told told;
  *told.event.mutable_open_stock()->mutable_unit() = unit.ref;
  return told;
}

inline Told Move(const Ref& unit, const std::string& to, const std::string& to_part = "") {
  Told told;
  *told.event.mutable_move()->mutable_unit() = unit.ref;
  told.event.mutable_move()->set_to(to);
  told.event.mutable_move()->set_to_part(to_part);
  return told;
}

inline Told Ship(const Ref& unit, const std::string& customer, int64_t kg = 10) {
  Told told;
  v1::Ship& ship = *told.event.mutable_ship();
  *ship.mutable_unit() = unit.ref;
  ship.set_customer(customer);
  *ship.mutable_quantity() = Kg(kg);
  return told;
}

inline Told Return(const Ref& unit, const std::string& from, const std::string& part = "") {
  Told told;
  v1::ReturnGoods& back = *told.event.mutable_return_goods();
  *back.mutable_unit() = unit.ref;
  back.set_from(from);
  back.set_part(part);
  return told;
}

inline Told Destroy(const Ref& unit) {
  Told told;
  *told.event.mutable_destroy_goods()->mutable_unit() = unit.ref;
  return told;
}

inline Told Serve(const Ref& unit) {
  Told told;
  *told.event.mutable_serve()->mutable_unit() = unit.ref;
  return told;
}

inline Told Waste(const Ref& unit) {
  Told told;
  *told.event.mutable_record_waste()->mutable_unit() = unit.ref;
  return told;
}

// ------------------------------------------------------- goods are changed

inline Told Charge(const std::string& run, const Ref& unit, v1::Role role = v1::ROLE_INGREDIENT) {
  Told told;
  v1::Charge& charge = *told.event.mutable_charge();
  charge.set_run(run);
  *charge.mutable_unit() = unit.ref;
  charge.set_role(role);
  *charge.mutable_quantity() = Kg(10);
  return told;
}

inline Told Rework(const std::string& run, const Ref& unit) {
  Told told;
  told.event.mutable_rework()->set_run(run);
  *told.event.mutable_rework()->mutable_unit() = unit.ref;
  return told;
}

inline Told Produce(const std::string& run, const Ref& unit, std::string_view made = "") {
  Told told;
  v1::Produce& produce = *told.event.mutable_produce();
  produce.set_run(run);
  *produce.mutable_unit() = unit.ref;
  *produce.mutable_quantity() = Kg(10);
  if (!made.empty()) *produce.mutable_production_date() = DateOf(made);
  return told;
}

// The last output: its run is over.
inline Told ProduceLast(const std::string& run, const Ref& unit) {
  Told told = Produce(run, unit);
  told.event.mutable_produce()->set_closes_run(true);
  return told;
}

inline Told Split(const Ref& from, const std::vector<Ref>& to) {
  Told told;
  v1::Split& split = *told.event.mutable_split();
  *split.mutable_from()->mutable_unit() = from.ref;
  for (const Ref& unit : to) *split.add_to()->mutable_unit() = unit.ref;
  return told;
}

inline Told Merge(const std::vector<Ref>& from, const Ref& to) {
  Told told;
  v1::Merge& merge = *told.event.mutable_merge();
  for (const Ref& unit : from) *merge.add_from()->mutable_unit() = unit.ref;
  *merge.mutable_to()->mutable_unit() = to.ref;
  return told;
}

inline Told Pack(const Ref& container, const std::vector<Ref>& contents) {
  Told told;
  v1::Pack& pack = *told.event.mutable_pack();
  *pack.mutable_container() = container.ref;
  for (const Ref& unit : contents) *pack.add_contents()->mutable_unit() = unit.ref;
  return told;
}

// Without contents: all that is in it.
inline Told Unpack(const Ref& container, const std::vector<Ref>& contents = {}) {
  Told told;
  v1::Unpack& unpack = *told.event.mutable_unpack();
  *unpack.mutable_container() = container.ref;
  for (const Ref& unit : contents) *unpack.add_contents()->mutable_unit() = unit.ref;
  return told;
}

inline Told AssignCodes(const Ref& unit, const std::vector<std::string>& codes) {
  Told told;
  *told.event.mutable_assign_codes()->mutable_unit() = unit.ref;
  for (const std::string& code : codes) told.event.mutable_assign_codes()->add_codes(code);
  return told;
}

inline Told AssignRange(const Ref& unit, const std::string& first, const std::string& last) {
  Told told = AssignCodes(unit, {});
  v1::CodeRange& range = *told.event.mutable_assign_codes()->add_ranges();
  range.set_first(first);
  range.set_last(last);
  return told;
}

inline Told Inspect(const Ref& unit) {
  Told told;
  *told.event.mutable_inspect()->mutable_unit() = unit.ref;
  return told;
}

// ------------------------------------------------------ third parties tell

inline Told Observe(const Ref& unit, const std::string& sender, const std::string& recipient) {
  Told told;
  v1::ObserveUnit& observe = *told.event.mutable_observe_unit();
  *observe.mutable_unit() = unit.ref;
  observe.set_sender(sender);
  observe.set_recipient(recipient);
  return told;
}

inline Told Link(const Ref& input, const Ref& output, const std::string& at = "") {
  Told told;
  v1::LinkUnits& link = *told.event.mutable_link_units();
  *link.mutable_input() = input.ref;
  *link.mutable_output() = output.ref;
  link.set_at(at);
  return told;
}

// ------------------------------------------------------------------- keys

// An SSCC of our own numbering.
inline std::string Sscc(int number) {
  std::string digits = std::to_string(number);
  digits = "06901234" + std::string(9 - digits.size(), '0') + digits;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * (i % 2 == 0 ? 3 : 1);
  return "sscc:" + digits + std::to_string((10 - sum % 10) % 10);
}

}  // namespace suyuan::tell

#endif  // TESTS_SUPPORT_EVENT_BUILDER_H_

#include "api/grpc/convert.h"

#include <google/protobuf/repeated_ptr_field.h>

#include <utility>
#include <vector>

#include "lib/codes/normal_form.h"

namespace suyuan::rpc {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

void PutTexts(const std::vector<std::string>& texts, Texts* proto) {
  proto->Reserve(static_cast<int>(texts.size()));
  for (const std::string& text : texts) *proto->Add() = Utf8(text);
}

void AddTexts(const Texts& proto, std::vector<std::string>* texts) {
  texts->insert(texts->end(), proto.begin(), proto.end());
}

}  // namespace

std::string Utf8(std::string text) {
  if (codes::IsUtf8(text)) return text;
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) & 0x80) != 0) c = '?';
  }
  return text;
}

void ToProto(const LedgerInfo& info, v1::LedgerInfo* proto) {
  proto->set_name(info.name);
  proto->set_subject(info.subject);
  proto->set_subject_name(info.subject_name);
  proto->set_profile(info.profile);
  proto->set_size(info.size);
  proto->set_root(info.root);
  proto->set_origin(info.origin);
  for (const std::string& key : info.verifier_keys) proto->add_verifier_keys(key);
  proto->set_sm3_root(info.sm3_root);
  for (const std::string& key : info.sm3_verifier_keys) proto->add_sm3_verifier_keys(key);
  proto->set_sealed(info.sealed);
}

LedgerInfo FromProto(const v1::LedgerInfo& proto) {
  return {
      proto.name(),         proto.subject(),
      proto.subject_name(), proto.profile(),
      proto.size(),         proto.root(),
      proto.origin(),       {proto.verifier_keys().begin(), proto.verifier_keys().end()},
      proto.sm3_root(),     {proto.sm3_verifier_keys().begin(), proto.sm3_verifier_keys().end()},
      proto.sealed()};
}

void ToProto(const BackupInfo& info, v1::BackupInfo* proto) {
  proto->set_id(info.id);
  proto->set_made_micros(info.made_micros);
  for (const LedgerHead& head : info.ledgers) ToProto(head, proto->add_ledgers());
  proto->set_with_keys(info.with_keys);
  proto->set_files(info.files);
  proto->set_bytes(info.bytes);
  proto->set_copied_files(info.copied_files);
  proto->set_copied_bytes(info.copied_bytes);
}

BackupInfo FromProto(const v1::BackupInfo& proto) {
  BackupInfo info;
  info.id = proto.id();
  info.made_micros = proto.made_micros();
  for (const v1::LedgerHead& head : proto.ledgers()) info.ledgers.push_back(FromProto(head));
  info.with_keys = proto.with_keys();
  info.files = proto.files();
  info.bytes = proto.bytes();
  info.copied_files = proto.copied_files();
  info.copied_bytes = proto.copied_bytes();
  return info;
}

void ToProto(const LedgerHead& head, v1::LedgerHead* proto) {
  proto->set_ledger(head.ledger);
  proto->set_size(head.size);
  proto->set_root(head.root);
}

LedgerHead FromProto(const v1::LedgerHead& proto) {
  return {proto.ledger(), proto.size(), proto.root()};
}

void ToProto(const Receipt& receipt, v1::Receipt* proto) {
  proto->set_ledger(receipt.ledger);
  proto->set_sequence(receipt.sequence);
  proto->set_event_id(receipt.event_id);
  proto->set_leaf_hash(receipt.leaf_hash);
  proto->set_previous_hash(receipt.previous_hash);
  proto->set_tree_size(receipt.tree_size);
  proto->set_root(receipt.root);
  proto->set_duplicate(receipt.duplicate);
}

Receipt FromProto(const v1::Receipt& proto) {
  return {proto.ledger(),        proto.sequence(),  proto.event_id(), proto.leaf_hash(),
          proto.previous_hash(), proto.tree_size(), proto.root(),     proto.duplicate()};
}

void ToProto(const Entry& entry, v1::Entry* proto) {
  proto->set_sequence(entry.sequence);
  proto->set_recorded_micros(entry.recorded_micros);
  proto->set_leaf_hash(entry.leaf_hash);
  *proto->mutable_event() = entry.event;
}

Entry TakeEntry(v1::Entry* proto) {
  Entry entry;
  entry.sequence = proto->sequence();
  entry.recorded_micros = proto->recorded_micros();
  entry.leaf_hash = proto->leaf_hash();
  entry.event.Swap(proto->mutable_event());
  return entry;
}

void ToProto(const Problem& problem, v1::Problem* proto) {
  proto->set_ledger(Utf8(problem.ledger));
  proto->set_sequence(problem.sequence);
  proto->set_what(Utf8(problem.what));
  proto->set_expected(Utf8(problem.expected));
  proto->set_found(Utf8(problem.found));
}

Problem FromProto(const v1::Problem& proto) {
  return {proto.ledger(), proto.sequence(), proto.what(), proto.expected(), proto.found()};
}

v1::Direction ToProto(Direction direction) {
  switch (direction) {
    case Direction::kForward:
      return v1::DIRECTION_FORWARD;
    case Direction::kBackward:
      return v1::DIRECTION_BACKWARD;
    case Direction::kBoth:
      break;
  }
  return v1::DIRECTION_BOTH;
}

Direction FromProto(v1::Direction direction) {
  switch (direction) {
    case v1::DIRECTION_FORWARD:
      return Direction::kForward;
    case v1::DIRECTION_BACKWARD:
      return Direction::kBackward;
    default:
      return Direction::kBoth;
  }
}

void ToProto(const TracedUnit& unit, v1::TracedUnit* proto) {
  proto->set_key(unit.key);
  PutTexts(unit.external_ids, proto->mutable_external_ids());
  proto->set_product(unit.product);
  proto->set_direction(ToProto(unit.direction));
  proto->set_depth(unit.depth);
  proto->set_certain(unit.certain);
  PutTexts(unit.holders, proto->mutable_holders());
  if (unit.witness != kNoIndex) proto->set_witness(unit.witness);
}

void ToProto(const TracedPlace& place, v1::TracedPlace* proto) {
  proto->set_unit(Utf8(place.unit));
  proto->set_holder(Utf8(place.holder));
  proto->set_part(Utf8(place.part));
}

void ToProto(const TracedLink& link, v1::TracedLink* proto) {
  proto->set_place(link.place);
  proto->set_step(link.step);
  proto->set_output(link.output);
  proto->set_ledger(link.ledger);
  proto->set_sequence(link.sequence);
  proto->set_operation(link.operation);
  proto->set_quantity(link.quantity);
  proto->set_uom(Utf8(link.uom));
  switch (link.role) {
    case GoodsRole::kIngredient:
      proto->set_role(v1::ROLE_INGREDIENT);
      break;
    case GoodsRole::kPackaging:
      proto->set_role(v1::ROLE_PACKAGING);
      break;
    case GoodsRole::kProcessingAid:
      proto->set_role(v1::ROLE_PROCESSING_AID);
      break;
  }
  proto->set_earliest_micros(link.earliest_micros);
  proto->set_latest_micros(link.latest_micros);
}

void ToProto(const TraceHop& hop, v1::TraceHop* proto) {
  proto->set_before(hop.before);
  proto->set_place(hop.place);
  proto->set_backward(hop.backward);
  if (hop.took != kNoIndex) proto->set_took(hop.took);
  if (hop.brought != kNoIndex) proto->set_brought(hop.brought);
  if (hop.carrier != kNoIndex) proto->set_carrier(hop.carrier);
  if (hop.packed_ledger == kNoIndex) return;
  proto->set_packed_ledger(hop.packed_ledger);
  proto->set_packed_sequence(hop.packed_sequence);
}

void ToProto(const TracedVessel& vessel, v1::TracedVessel* proto) {
  proto->set_name(Utf8(vessel.name));
  proto->set_holder(Utf8(vessel.holder));
  proto->set_direction(ToProto(vessel.direction));
}

void ToProto(const TracedStep& step, v1::TracedStep* proto) {
  proto->set_ledger(step.ledger);
  proto->set_sequence(step.sequence);
  proto->set_operation(step.operation);
  proto->set_run(step.run);
  proto->set_makes(step.makes);
}

void ToProto(const TraceEnd& end, v1::TraceEnd* proto) {
  proto->set_unit(end.unit);
  proto->set_holder(end.holder);
  proto->set_direction(ToProto(end.direction));
  switch (end.kind) {
    case EndKind::kEnd:
      proto->set_kind(v1::END_KIND_END);
      break;
    case EndKind::kBoundary:
      proto->set_kind(v1::END_KIND_BOUNDARY);
      break;
    case EndKind::kGap:
      proto->set_kind(v1::END_KIND_GAP);
      break;
  }
  proto->set_why_zh(end.why_zh);
  proto->set_why(end.why);
}

void ToProto(const TraceConflict& conflict, v1::TraceConflict* proto) {
  proto->set_input(conflict.input);
  proto->set_output(conflict.output);
  proto->set_ledger(conflict.ledger);
  proto->set_sequence(conflict.sequence);
  proto->set_what_zh(conflict.what_zh);
  proto->set_what(conflict.what);
}

void ToProto(const WithdrawnLink& link, v1::WithdrawnLink* proto) {
  proto->set_input(link.input);
  proto->set_output(link.output);
  proto->set_ledger(link.ledger);
  proto->set_sequence(link.sequence);
  proto->set_corrected_by(link.corrected_by);
  proto->set_late(link.late);
}

void ToProto(const Scored& row, v1::Scored* proto) {
  proto->set_key(Utf8(row.key));
  for (const std::string& id : row.external_ids) proto->add_external_ids(Utf8(id));
  proto->set_name(Utf8(row.name));
  proto->set_score(row.score);
  proto->set_positive(row.positive);
  proto->set_negative(row.negative);
  proto->set_cases(row.cases);
  proto->set_forward(row.forward);
  proto->set_backward(row.backward);
}

Scored FromProto(const v1::Scored& proto) {
  Scored row;
  row.key = proto.key();
  row.external_ids.assign(proto.external_ids().begin(), proto.external_ids().end());
  row.name = proto.name();
  row.score = proto.score();
  row.positive = proto.positive();
  row.negative = proto.negative();
  row.cases = proto.cases();
  row.forward = proto.forward();
  row.backward = proto.backward();
  return row;
}

void ToProto(const ScoreRequest& request, v1::ScoreRequest* proto) {
  for (const Weight& weight : request.weights) {
    v1::ScoreWeight& one = *proto->add_weights();
    one.set_of(Utf8(weight.of));
    one.set_weight(weight.weight);
  }
  v1::Scenario& scenario = *proto->mutable_scenario();
  for (const std::string& spelling : request.scenario.mix) scenario.add_mix(Utf8(spelling));
  for (const std::string& spelling : request.scenario.cut) scenario.add_cut(Utf8(spelling));
  for (const Merged& merged : request.scenario.merge) {
    v1::MergedThings& one = *scenario.add_merge();
    one.set_name(Utf8(merged.name));
    for (const std::string& member : merged.members) one.add_members(Utf8(member));
  }
  scenario.set_ignore_time(!request.scenario.time);
  for (const std::string& spelling : request.observe) proto->add_observe(Utf8(spelling));
}

ScoreRequest FromProto(const v1::ScoreRequest& proto) {
  ScoreRequest request;
  for (const v1::ScoreWeight& weight : proto.weights()) {
    request.weights.push_back({weight.of(), weight.weight()});
  }
  const v1::Scenario& scenario = proto.scenario();
  request.scenario.mix.assign(scenario.mix().begin(), scenario.mix().end());
  request.scenario.cut.assign(scenario.cut().begin(), scenario.cut().end());
  for (const v1::MergedThings& merged : scenario.merge()) {
    request.scenario.merge.push_back(
        {merged.name(), {merged.members().begin(), merged.members().end()}});
  }
  request.scenario.time = !scenario.ignore_time();
  request.observe.assign(proto.observe().begin(), proto.observe().end());
  return request;
}

void ToProto(const TraceRequest& request, v1::TraceRequest* proto) {
  proto->set_unit(request.unit);
  proto->set_direction(ToProto(request.direction));
  for (const LedgerSize& at : request.at) {
    proto->add_at()->set_ledger(Utf8(at.ledger));
    proto->mutable_at()->rbegin()->set_size(at.size);
  }
  if (request.from_micros.has_value()) proto->set_from_micros(*request.from_micros);
  if (request.until_micros.has_value()) proto->set_until_micros(*request.until_micros);
  proto->set_as_recorded(request.as_recorded);
  proto->set_without_links(!request.links);
}

TraceRequest FromProto(const v1::TraceRequest& proto) {
  TraceRequest request;
  request.unit = proto.unit();
  request.direction = FromProto(proto.direction());
  for (const v1::LedgerSize& at : proto.at()) request.at.push_back({at.ledger(), at.size()});
  if (proto.has_from_micros()) request.from_micros = proto.from_micros();
  if (proto.has_until_micros()) request.until_micros = proto.until_micros();
  request.as_recorded = proto.as_recorded();
  request.links = !proto.without_links();
  return request;
}

void AddTo(const v1::TraceResponse& part, TraceResult* result) {
  if (!part.origin().empty()) {
    result->origin = part.origin();
    result->origin_product = part.origin_product();
    result->direction = FromProto(part.direction());
    result->asked = part.asked();
    result->as_recorded = part.as_recorded();
    if (part.has_from_micros()) result->from_micros = part.from_micros();
    if (part.has_until_micros()) result->until_micros = part.until_micros();
  }
  AddTexts(part.origin_external_ids(), &result->origin_external_ids);
  AddTexts(part.origin_holders(), &result->origin_holders);
  for (const v1::TracedUnit& proto : part.units()) {
    TracedUnit& unit = result->units.emplace_back();
    unit.key = proto.key();
    AddTexts(proto.external_ids(), &unit.external_ids);
    unit.product = proto.product();
    unit.direction = FromProto(proto.direction());
    unit.depth = proto.depth();
    unit.certain = proto.certain();
    AddTexts(proto.holders(), &unit.holders);
    if (proto.has_witness()) unit.witness = proto.witness();
  }
  for (const v1::TracedVessel& proto : part.vessels()) {
    result->vessels.push_back({proto.name(), proto.holder(), FromProto(proto.direction())});
  }
  for (const v1::TracedStep& proto : part.steps()) {
    result->steps.push_back(
        {proto.ledger(), proto.sequence(), proto.operation(), proto.run(), proto.makes()});
  }
  if (part.edges() != 0) result->edges = part.edges();
  for (const v1::TraceEnd& proto : part.ends()) {
    const EndKind kind = proto.kind() == v1::END_KIND_END        ? EndKind::kEnd
                         : proto.kind() == v1::END_KIND_BOUNDARY ? EndKind::kBoundary
                                                                 : EndKind::kGap;
    result->ends.push_back({proto.unit(), proto.holder(), FromProto(proto.direction()), kind,
                            proto.why_zh(), proto.why()});
  }
  for (const v1::TraceConflict& proto : part.conflicts()) {
    result->conflicts.push_back({proto.input(), proto.output(), proto.ledger(), proto.sequence(),
                                 proto.what_zh(), proto.what()});
  }
  for (const v1::WithdrawnLink& proto : part.withdrawn()) {
    result->withdrawn.push_back({proto.input(), proto.output(), proto.ledger(), proto.sequence(),
                                 proto.corrected_by(), proto.late()});
  }
  for (const v1::TracedPlace& proto : part.places()) {
    result->places.push_back({proto.unit(), proto.holder(), proto.part()});
  }
  for (const v1::TracedLink& proto : part.links()) {
    TracedLink& link = result->links.emplace_back();
    link.place = proto.place();
    link.step = proto.step();
    link.output = proto.output();
    link.ledger = proto.ledger();
    link.sequence = proto.sequence();
    link.operation = proto.operation();
    link.quantity = proto.quantity();
    link.uom = proto.uom();
    link.role = proto.role() == v1::ROLE_PACKAGING        ? GoodsRole::kPackaging
                : proto.role() == v1::ROLE_PROCESSING_AID ? GoodsRole::kProcessingAid
                                                          : GoodsRole::kIngredient;
    link.earliest_micros = proto.earliest_micros();
    link.latest_micros = proto.latest_micros();
  }
  for (const v1::TraceHop& proto : part.hops()) {
    TraceHop& hop = result->hops.emplace_back();
    hop.before = proto.before();
    hop.place = proto.place();
    hop.backward = proto.backward();
    if (proto.has_took()) hop.took = proto.took();
    if (proto.has_brought()) hop.brought = proto.brought();
    if (proto.has_carrier()) hop.carrier = proto.carrier();
    if (!proto.has_packed_ledger()) continue;
    hop.packed_ledger = proto.packed_ledger();
    hop.packed_sequence = proto.packed_sequence();
  }
  for (const v1::LedgerHead& proto : part.heads()) result->heads.push_back(FromProto(proto));
  if (!part.digest().empty()) result->digest = part.digest();
}

void ToProto(const UnitInfo& unit, v1::UnitInfo* proto) {
  proto->set_key(unit.key);
  PutTexts(unit.external_ids, proto->mutable_external_ids());
  PutTexts(unit.holders, proto->mutable_holders());
  proto->set_product(unit.product);
}

UnitInfo FromProto(const v1::UnitInfo& proto) {
  UnitInfo unit;
  unit.key = proto.key();
  AddTexts(proto.external_ids(), &unit.external_ids);
  AddTexts(proto.holders(), &unit.holders);
  unit.product = proto.product();
  return unit;
}

void ToProto(const PersonalDatum& datum, v1::PersonalDatum* proto) {
  proto->set_path(datum.path);
  // One more: what is not told has the number 0.
  proto->set_state(static_cast<v1::PersonalDatum::State>(static_cast<int>(datum.state) + 1));
  proto->set_value(datum.value);
  proto->set_person(datum.person);
  proto->set_until_micros(datum.until_micros);
}

PersonalDatum FromProto(const v1::PersonalDatum& proto) {
  PersonalDatum datum;
  datum.path = proto.path();
  switch (proto.state()) {
    case v1::PersonalDatum::HELD:
      datum.state = PersonalState::kHeld;
      break;
    case v1::PersonalDatum::RESTRICTED:
      datum.state = PersonalState::kRestricted;
      break;
    case v1::PersonalDatum::ERASED:
      datum.state = PersonalState::kErased;
      break;
    default:
      datum.state = PersonalState::kKeyMissing;
      break;
  }
  datum.value = proto.value();
  datum.person = proto.person();
  datum.until_micros = proto.until_micros();
  return datum;
}

void ToProto(const ErasureResult& result, v1::Erasure* proto) {
  const auto add = [](const std::vector<ErasedField>& fields, auto* list) {
    for (const ErasedField& field : fields) {
      v1::ErasedField* const one = list->Add();
      one->set_event_id(field.event_id);
      one->set_path(field.path);
      one->set_until_micros(field.until_micros);
    }
  };
  add(result.erased, proto->mutable_erased());
  add(result.restricted, proto->mutable_restricted());
  for (const std::string& id : result.event_ids) proto->add_event_ids(id);
}

ErasureResult FromProto(const v1::Erasure& proto) {
  ErasureResult result;
  for (const v1::ErasedField& one : proto.erased()) {
    result.erased.push_back({one.event_id(), one.path(), one.until_micros()});
  }
  for (const v1::ErasedField& one : proto.restricted()) {
    result.restricted.push_back({one.event_id(), one.path(), one.until_micros()});
  }
  result.event_ids.assign(proto.event_ids().begin(), proto.event_ids().end());
  return result;
}

void ToProto(const StockRow& value, v1::StockRow* proto) {
  proto->set_unit(Utf8(value.unit));
  proto->set_product(Utf8(value.product));
  proto->set_part(Utf8(value.part));
  proto->set_container(Utf8(value.container));
  proto->set_holder(Utf8(value.holder));
  proto->set_holder_name(Utf8(value.holder_name));
  proto->set_place(Utf8(value.place));
  proto->set_state(Utf8(value.state));
  proto->set_quantity(Utf8(value.quantity));
  proto->set_uom(Utf8(value.uom));
}

StockRow FromProto(const v1::StockRow& proto) {
  StockRow value;
  value.unit = proto.unit();
  value.product = proto.product();
  value.part = proto.part();
  value.container = proto.container();
  value.holder = proto.holder();
  value.holder_name = proto.holder_name();
  value.place = proto.place();
  value.state = proto.state();
  value.quantity = proto.quantity();
  value.uom = proto.uom();
  return value;
}

void ToProto(const StockFinding& value, v1::StockFinding* proto) {
  proto->set_unit(Utf8(value.unit));
  proto->set_what_zh(Utf8(value.what_zh));
  proto->set_what(Utf8(value.what));
}

StockFinding FromProto(const v1::StockFinding& proto) {
  StockFinding value;
  value.unit = proto.unit();
  value.what_zh = proto.what_zh();
  value.what = proto.what();
  return value;
}

void ToProto(const RecallCustomer& value, v1::RecallCustomer* proto) {
  proto->set_key(Utf8(value.key));
  proto->set_buyer(Utf8(value.buyer));
  proto->set_name(Utf8(value.name));
  proto->set_address(Utf8(value.address));
  proto->set_contact(Utf8(value.contact));
  proto->set_unit(Utf8(value.unit));
  proto->set_product(Utf8(value.product));
  proto->set_shipped(Utf8(value.shipped));
  proto->set_returned(Utf8(value.returned));
  proto->set_out(Utf8(value.out));
  proto->set_uom(Utf8(value.uom));
  proto->set_date(Utf8(value.date));
  proto->set_tier(value.tier);
  proto->set_boundary(value.boundary);
  proto->set_is_public(value.is_public);
}

RecallCustomer FromProto(const v1::RecallCustomer& proto) {
  RecallCustomer value;
  value.key = proto.key();
  value.buyer = proto.buyer();
  value.name = proto.name();
  value.address = proto.address();
  value.contact = proto.contact();
  value.unit = proto.unit();
  value.product = proto.product();
  value.shipped = proto.shipped();
  value.returned = proto.returned();
  value.out = proto.out();
  value.uom = proto.uom();
  value.date = proto.date();
  value.tier = proto.tier();
  value.boundary = proto.boundary();
  value.is_public = proto.is_public();
  return value;
}

void ToProto(const RecallGap& value, v1::RecallGap* proto) {
  proto->set_unit(Utf8(value.unit));
  proto->set_holder(Utf8(value.holder));
  proto->set_why_zh(Utf8(value.why_zh));
  proto->set_why(Utf8(value.why));
}

RecallGap FromProto(const v1::RecallGap& proto) {
  RecallGap value;
  value.unit = proto.unit();
  value.holder = proto.holder();
  value.why_zh = proto.why_zh();
  value.why = proto.why();
  return value;
}

void ToProto(const RecallBalance& value, v1::RecallBalance* proto) {
  proto->set_unit(Utf8(value.unit));
  proto->set_uom(Utf8(value.uom));
  proto->set_came(Utf8(value.came));
  proto->set_counted(Utf8(value.counted));
  proto->set_used(Utf8(value.used));
  proto->set_sampled(Utf8(value.sampled));
  proto->set_wasted(Utf8(value.wasted));
  proto->set_destroyed(Utf8(value.destroyed));
  proto->set_served(Utf8(value.served));
  proto->set_on_hand(Utf8(value.on_hand));
  proto->set_in_transit(Utf8(value.in_transit));
  proto->set_in_process(Utf8(value.in_process));
  proto->set_shipped(Utf8(value.shipped));
  proto->set_difference(Utf8(value.difference));
}

RecallBalance FromProto(const v1::RecallBalance& proto) {
  RecallBalance value;
  value.unit = proto.unit();
  value.uom = proto.uom();
  value.came = proto.came();
  value.counted = proto.counted();
  value.used = proto.used();
  value.sampled = proto.sampled();
  value.wasted = proto.wasted();
  value.destroyed = proto.destroyed();
  value.served = proto.served();
  value.on_hand = proto.on_hand();
  value.in_transit = proto.in_transit();
  value.in_process = proto.in_process();
  value.shipped = proto.shipped();
  value.difference = proto.difference();
  return value;
}

void ToProto(const ElementStatus& status, v1::ElementStatus* proto) {
  proto->set_number(status.number);
  proto->set_name_zh(status.name_zh);
  proto->set_name_en(status.name_en);
  proto->set_source(status.source);
  proto->set_operation(status.operation);
  proto->set_ledger(status.ledger);
  proto->set_about(Utf8(status.about));
  proto->set_present(status.present);
  proto->set_late(status.late);
  proto->set_corrected(status.corrected);
  for (const EntryRef& entry : status.entries) {
    v1::EntryRef& one = *proto->add_entries();
    one.set_ledger(entry.ledger);
    one.set_sequence(entry.sequence);
  }
}

ElementStatus FromProto(const v1::ElementStatus& proto) {
  ElementStatus status;
  status.number = proto.number();
  status.name_zh = proto.name_zh();
  status.name_en = proto.name_en();
  status.source = proto.source();
  status.operation = proto.operation();
  status.ledger = proto.ledger();
  status.about = proto.about();
  status.present = proto.present();
  status.late = proto.late();
  status.corrected = proto.corrected();
  for (const v1::EntryRef& entry : proto.entries()) {
    status.entries.push_back({entry.ledger(), entry.sequence()});
  }
  return status;
}

}  // namespace suyuan::rpc

#include "lib/genealogy/facts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/codes/unit_of_measure.h"
#include "lib/events/conduct.h"
#include "lib/events/shelf_life.h"

namespace suyuan::genealogy {
namespace {

using codes::HolderKey;
using codes::UnitKey;

std::string NormalHolder(const std::string& text) {
  absl::StatusOr<HolderKey> key = HolderKey::Parse(text);
  return key.ok() ? key->ToString() : std::string();
}

// Turns one event into facts. Every operation has one line in Run().
class Extractor {
 public:
  explicit Extractor(const v1::Event& event) : event_(event) {
    facts_.operation = static_cast<int>(event.operation_case());
    facts_.begin = BeginOf(event.time());
    facts_.end = EndOf(event.time());
    const std::string& here = event.place().empty() ? event.subject() : event.place();
    if (!here.empty()) {
      here_ = NormalHolder(here);
      here_kind_ = HolderKind::kNamed;
    }
  }

  Facts Run() {
    switch (event_.operation_case()) {
      case v1::Event::kGenesis:
        facts_.owner = NormalHolder(event_.genesis().owner());
        facts_.subject_names.emplace_back(facts_.owner, event_.genesis().owner_name());
        break;
      case v1::Event::kRegisterMaster:
        Master(event_.register_master());
        break;
      case v1::Event::kCorrect:
        Correct(event_.correct());
        break;
      case v1::Event::kReceive:
        Receive(event_.receive());
        break;
      case v1::Event::kRejectReceipt:
        Reject(event_.reject_receipt());
        break;
      case v1::Event::kPutIn:
        PutIn(event_.put_in());
        break;
      case v1::Event::kOpenStock:
        Source(event_.open_stock());
        break;
      case v1::Event::kMove:
        Move(event_.move());
        break;
      case v1::Event::kRecordWaste:
        Sink(event_.record_waste());
        break;
      case v1::Event::kTakeSample:
        Sink(event_.take_sample());
        break;
      case v1::Event::kServe:
        Sink(event_.serve());
        break;
      case v1::Event::kDestroyGoods:
        Sink(event_.destroy_goods());
        break;
      case v1::Event::kCharge:
        Charge(event_.charge());
        break;
      case v1::Event::kRework:
        Rework(event_.rework());
        break;
      case v1::Event::kProduce:
        Produce(event_.produce());
        break;
      case v1::Event::kSplit:
        Split(event_.split());
        break;
      case v1::Event::kMerge:
        Merge(event_.merge());
        break;
      case v1::Event::kPack:
        Pack(event_.pack());
        break;
      case v1::Event::kUnpack:
        Unpack(event_.unpack());
        break;
      case v1::Event::kAssignCodes:
        Codes(event_.assign_codes());
        break;
      case v1::Event::kShip:
        Ship(event_.ship());
        break;
      case v1::Event::kReturnGoods:
        Return(event_.return_goods());
        break;
      case v1::Event::kObserveUnit:
        Observe(event_.observe_unit());
        break;
      case v1::Event::kLinkUnits:
        Link(event_.link_units());
        break;
      // These tell about goods without moving or changing them.
      case v1::Event::kTakeOut:
        Name(event_.take_out().unit());
        break;
      case v1::Event::kChangeOwner:
        Name(event_.change_owner().unit());
        break;
      case v1::Event::kAdjustStock:
        Count(event_.adjust_stock());
        break;
      case v1::Event::kInspect:
        Inspect(event_.inspect());
        break;
      case v1::Event::kHold:
        Hold(MarkKind::kHeld, event_.hold());
        break;
      case v1::Event::kRelease:
        Hold(MarkKind::kReleased, event_.release());
        break;
      case v1::Event::kRemedyGoods:
        Mark(MarkKind::kRemedied, event_.remedy_goods().unit());
        break;
      case v1::Event::kRecallGoods:
        Recall(event_.recall_goods());
        break;
      case v1::Event::kRecordEquipment:
        Equipment(event_.record_equipment());
        break;
      case v1::Event::kAnswerRecall:
        Name(event_.answer_recall().unit());
        break;
      default:
        break;
    }
    return std::move(facts_);
  }

 private:
  // The node that `ref` names, at its own holder or else where the event is.
  NodeFact Node(const v1::UnitRef& ref, const v1::Date* made = nullptr,
                const v1::Date* expiry = nullptr) {
    NodeFact node;
    node.holder_kind = here_kind_;
    node.holder = here_;
    if (!ref.holder().empty()) At(&node, ref.holder());
    node.part = codes::NormalOrSame(ref.part());
    absl::StatusOr<UnitKey> key = UnitKey::Parse(events::KeyOf(ref));
    if (!key.ok()) {
      if (!ref.key().empty()) return node;
      if (!ref.vessel().empty()) {
        node.unit = VesselKey(ref);
        node.part.clear();
        return node;
      }
      if (!ref.product().empty()) {
        node.unit = "any:" + NormalProduct(ref.product());
        return node;
      }
      for (const std::string& id : ref.external_ids()) {
        node.external_ids.push_back(codes::NormalOrSame(id));
      }
      return node;
    }
    if (key->kind == UnitKey::Kind::kLot) {
      // What the event says of the dates tells apart lots of one number.
      if (made != nullptr && key->made.empty()) key->made = DateText(*made);
      if (expiry != nullptr && key->expiry.empty()) key->expiry = DateText(*expiry);
      node.unit = key->Base();
      node.variant = key->ToString().substr(node.unit.size());
    } else {
      node.unit = key->ToString();
    }
    // Without a number it is the dates that make the key.
    const bool by_dates = key->kind == UnitKey::Kind::kLot && key->number.empty();
    for (const std::string& id : ref.external_ids()) {
      facts_.unit_ids.emplace_back(by_dates ? node.unit + node.variant : node.unit, id);
    }
    return node;
  }

  static std::string VesselKey(const v1::UnitRef& ref) {
    return "vessel:" + codes::NormalOrSame(ref.vessel());
  }

  // What `ref` says of the goods that a step takes: one unit, one of several, or
  // what a vessel held, which may be of a unit that the event names besides.
  void Take(std::vector<EdgeFact>* inputs, const v1::UnitRef& ref, EdgeFact edge) {
    const bool named = !events::KeyOf(ref).empty();
    if (named && !ref.vessel().empty()) {
      EdgeFact drawn = edge;
      drawn.node.unit = VesselKey(ref);
      drawn.node.variant.clear();
      drawn.node.part.clear();
      drawn.node.external_ids.clear();
      Add(inputs, std::move(drawn));
      edge.quantity = 0;
      edge.scale = 0;
      edge.quantity_unit.clear();
    }
    if (named || ref.any_of().empty() || !ref.vessel().empty()) {
      Add(inputs, std::move(edge));
      return;
    }
    for (const std::string& one : ref.any_of()) {
      v1::UnitRef other = ref;
      other.clear_any_of();
      other.clear_product();
      other.set_key(one);
      EdgeFact alternative = edge;
      alternative.node = Node(other);
      alternative.alternative = ref.any_of_size() > 1;
      Add(inputs, std::move(alternative));
    }
  }

  // Goods at `node` that went into the vessel of `ref`, if it names one.
  void Fill(const v1::UnitRef& ref, const NodeFact& node, const v1::Quantity& quantity) {
    if (ref.vessel().empty() || node.unit.empty() || node.unit.starts_with("vessel:")) return;
    NodeFact vessel = node;
    vessel.unit = VesselKey(ref);
    vessel.variant.clear();
    vessel.part.clear();
    vessel.apart = false;
    vessel.external_ids.clear();
    StepFact* const step = AddStep(StepKind::kFill);
    Add(&step->inputs, Edge(node, quantity));
    Add(&step->outputs, Edge(vessel, quantity));
  }

  void PutIn(const v1::PutIn& put) {
    Name(put.unit());
    Fill(put.unit(), Node(put.unit()), put.quantity());
  }

  static SliceFact SliceOf(const v1::RunSlice& slice) {
    SliceFact fact;
    const bool timed = slice.time().has_begin();
    const bool numbered = !slice.serials().first().empty();
    if (!timed && !numbered) return fact;
    fact.told = true;
    if (timed) {
      const int64_t margin = MicrosOf(slice.time_margin());
      fact.from = SaturatingAdd(BeginOf(slice.time()).earliest, -margin);
      fact.to = SaturatingAdd(EndOf(slice.time()).latest, margin);
    }
    if (numbered) {
      fact.first_serial = codes::NormalOrSame(slice.serials().first());
      fact.last_serial = slice.serials().last().empty()
                             ? fact.first_serial
                             : codes::NormalOrSame(slice.serials().last());
      fact.serial_margin = std::max(0, slice.serial_margin());
    }
    return fact;
  }

  // Of a quantity of time, at most a hundred years; 0 for anything else.
  static int64_t MicrosOf(const v1::Quantity& quantity) {
    const codes::UnitOfMeasure* const unit = codes::FindUnit(quantity.unit());
    if (unit == nullptr || unit->dimension != codes::Dimension::kTime || unit->factor.empty() ||
        quantity.value() <= 0) {
      return 0;
    }
    constexpr double kMost = 100.0 * 365 * 86400;
    const double seconds = static_cast<double>(quantity.value()) *
                           std::pow(10.0, -quantity.scale()) *
                           std::strtod(std::string(unit->factor).c_str(), nullptr);
    return static_cast<int64_t>(std::llround(std::min(seconds, kMost) * 1e6));
  }

  static int64_t SaturatingAdd(int64_t at, int64_t micros) {
    if (at == Interval::kMin || at == Interval::kMax) return at;
    return at + micros;
  }

  void Equipment(const v1::RecordEquipment& record) {
    const bool cleaned = record.work() == v1::EQUIPMENT_CLEANED;
    if (!cleaned && record.work() != v1::EQUIPMENT_EMPTIED) return;
    NodeFact place;
    place.holder_kind = here_kind_;
    place.holder = here_;
    MarkFact* const mark =
        Mark(cleaned ? MarkKind::kCleaned : MarkKind::kEmptied, std::move(place));
    mark->equipment = codes::NormalOrSame(record.equipment());
    if (record.verdict() == v1::VERDICT_PASS) mark->value = 1;
    if (record.verdict() == v1::VERDICT_FAIL) mark->value = -1;
  }

  // How goods flow through equipment, from when that is said to hold.
  void Flow(const v1::EquipmentVersion& equipment, const v1::Time& effective_from) {
    NodeFact place;
    At(&place, equipment.place());
    const Interval told = IntervalOf(effective_from);
    const int64_t since = told.unknown() ? facts_.begin.latest : told.latest;
    const auto note = [&](MarkKind kind) {
      MarkFact* const mark = Mark(kind, place);
      mark->equipment = codes::NormalOrSame(equipment.equipment());
      mark->since = since;
      return mark;
    };
    if (equipment.flow() == v1::FLOW_FIRST_IN_FIRST_OUT) {
      MarkFact* const mark = note(MarkKind::kFirstInFirstOut);
      mark->value = equipment.flow_margin().value();
      mark->scale = equipment.flow_margin().scale();
      mark->quantity_unit = equipment.flow_margin().unit();
    } else {
      note(MarkKind::kMixed);
    }
    note(MarkKind::kDwell)->value = MicrosOf(equipment.longest_dwell());
  }

  static bool NamesUnit(const NodeFact& node) {
    return !node.unit.empty() || !node.external_ids.empty();
  }

  void Name(const v1::UnitRef& ref) {
    const NodeFact node = Node(ref);
    if (!node.unit.empty() && ref.external_ids().empty()) {
      facts_.unit_ids.emplace_back(node.unit, "");
    }
  }

  // A statement about goods holds wherever they are, unless it says where.
  MarkFact* Mark(MarkKind kind, const v1::UnitRef& ref) {
    Name(ref);
    NodeFact node = Node(ref);
    if (!NamesUnit(node)) return nullptr;
    if (ref.holder().empty()) At(&node, "");
    return Mark(kind, std::move(node));
  }

  MarkFact* Mark(MarkKind kind, NodeFact node) {
    MarkFact& mark = facts_.marks.emplace_back();
    mark.kind = kind;
    mark.node = std::move(node);
    return &mark;
  }

  void Count(const v1::AdjustStock& adjust) {
    Name(adjust.unit());
    NodeFact node = Node(adjust.unit());
    if (!NamesUnit(node) || !adjust.has_difference()) return;
    MarkFact* const mark = Mark(MarkKind::kCounted, std::move(node));
    mark->value = adjust.difference().value();
    mark->scale = adjust.difference().scale();
    mark->quantity_unit = adjust.difference().unit();
  }

  void Inspect(const v1::Inspect& inspect) {
    Name(inspect.unit());
    if (inspect.in_process()) return;
    if (inspect.verdict() == v1::VERDICT_PASS) Mark(MarkKind::kPassed, inspect.unit());
    if (inspect.verdict() == v1::VERDICT_FAIL) Mark(MarkKind::kFailed, inspect.unit());
  }

  // Of goods, a place or equipment; value: 1 if an authority says so.
  template <typename Operation>
  void Hold(MarkKind kind, const Operation& operation) {
    const size_t first = facts_.marks.size();
    if (operation.has_unit()) Mark(kind, operation.unit());
    if (!operation.place().empty() && !operation.has_unit() && operation.equipment().empty()) {
      NodeFact place;
      At(&place, operation.place());
      Mark(kind, std::move(place));
    }
    if (!operation.equipment().empty()) {
      Mark(kind, NodeFact())->equipment = codes::NormalOrSame(operation.equipment());
    }
    if (codes::NormalOrSame(operation.authority()).empty()) return;
    for (size_t i = first; i < facts_.marks.size(); ++i) facts_.marks[i].value = 1;
  }

  // Value: the cause, also of a return.
  void Recall(const v1::RecallGoods& recall) {
    MarkFact* const mark = Mark(MarkKind::kRecalled, recall.unit());
    if (mark != nullptr) mark->value = recall.cause();
  }

  // Finished goods, and until when they may be used.
  void Usable(const NodeFact& node, const v1::Date* made, const v1::Date* expiry,
              const v1::ShelfLife* shelf_life) {
    if (!NamesUnit(node)) return;
    const int offset = event_.time().begin().offset_minutes();
    std::optional<int64_t> until;
    if (expiry != nullptr && IsValid(*expiry)) {
      until = IntervalOf(*expiry, offset).latest;
    } else if (made != nullptr && shelf_life != nullptr) {
      until = events::EndOfShelfLife(*made, *shelf_life, offset);
    }
    if (!until.has_value()) return;
    NodeFact anywhere = node;
    anywhere.part.clear();
    At(&anywhere, "");
    Mark(MarkKind::kUsable, std::move(anywhere))->value = *until;
  }

  void Finished(const NodeFact& node, bool made_here) {
    if (!NamesUnit(node)) return;
    NodeFact anywhere = node;
    anywhere.part.clear();
    At(&anywhere, "");
    Mark(MarkKind::kFinished, std::move(anywhere))->value = made_here ? 1 : 0;
  }

  static void At(NodeFact* node, const std::string& holder) {
    node->holder = NormalHolder(holder);
    node->holder_kind = node->holder.empty() ? HolderKind::kUnknown : HolderKind::kNamed;
  }

  static EdgeFact Edge(NodeFact node, const v1::Quantity& quantity,
                       v1::Role role = v1::ROLE_INGREDIENT) {
    EdgeFact edge;
    edge.node = std::move(node);
    edge.quantity = quantity.value();
    edge.scale = quantity.scale();
    edge.quantity_unit = quantity.unit();
    edge.role = role;
    return edge;
  }

  StepFact* AddStep(StepKind kind) {
    facts_.steps.emplace_back().kind = kind;
    return &facts_.steps.back();
  }

  // Leaves out edges of units that could not be read.
  static void Add(std::vector<EdgeFact>* edges, EdgeFact edge) {
    if (!edge.node.unit.empty()) edges->push_back(std::move(edge));
  }

  void Contact(const std::string& holder, const std::string& address, const std::string& phone) {
    if (holder.empty()) return;
    if (!address.empty()) facts_.addresses.emplace_back(holder, address);
    if (!phone.empty()) facts_.phones.emplace_back(holder, phone);
  }

  void Product(const NodeFact& node, const std::string& name) {
    if (!node.unit.empty() && !name.empty()) facts_.products.emplace_back(node.unit, name);
  }

  void Master(const v1::RegisterMaster& master) {
    if (master.has_subject()) {
      const v1::SubjectVersion& subject = master.subject();
      const std::string key = NormalHolder(subject.key());
      facts_.subject_names.emplace_back(key, subject.name());
      Contact(key, subject.address(), subject.phone());
      for (const std::string& id : subject.external_ids()) facts_.subject_ids.emplace_back(key, id);
    } else if (master.has_site()) {
      const v1::SiteVersion& site = master.site();
      const std::string key = NormalHolder(site.key());
      facts_.sites.emplace_back(key, NormalHolder(site.subject()));
      facts_.subject_names.emplace_back(key, site.name());
      Contact(key, site.address(), "");
      for (const std::string& id : site.external_ids()) facts_.subject_ids.emplace_back(key, id);
    } else if (master.has_product()) {
      const v1::ProductVersion& product = master.product();
      const std::string base = NormalProduct(product.product());
      facts_.product_names.emplace_back(base, product.product_name());
      for (const v1::PackingLevel& level : product.packing_levels()) {
        facts_.levels.push_back({NormalProduct(level.gtin()), base, level.count()});
      }
      ShelfLife(base, product.shelf_life(), master.effective_from());
    } else if (master.has_equipment()) {
      Flow(master.equipment(), master.effective_from());
    }
  }

  // How long lots of a product last; value: since when that is so, as far as it is told.
  void ShelfLife(const std::string& product, const v1::ShelfLife& life, const v1::Time& since) {
    const std::string_view unit = events::UnitCodeOf(life.unit());
    if (unit.empty() || life.value() <= 0) return;
    MarkFact* const mark = Mark(MarkKind::kUsable, NodeFact());
    mark->equipment = events::ShelfLifeName(product);
    const Interval told = IntervalOf(since);
    mark->value = told.unknown() ? facts_.begin.earliest : told.earliest;
    mark->scale = life.value();
    mark->quantity_unit = std::string(unit);
  }

  // As it stands within a lot key.
  static std::string NormalProduct(const std::string& product) {
    absl::StatusOr<std::string> key = codes::LotKey("ext:x:x", product, "0");
    if (!key.ok()) return product;
    absl::StatusOr<UnitKey> parsed = UnitKey::Parse(*key);
    return parsed.ok() ? parsed->product : product;
  }

  void Correct(const v1::Correct& correct) {
    if (correct.has_split()) Split(correct.split());
    if (correct.has_same()) {
      NodeFact first = Node(correct.same().first());
      NodeFact second = Node(correct.same().second());
      // Wherever either of them is.
      for (NodeFact* node : {&first, &second}) {
        node->holder_kind = HolderKind::kUnknown;
        node->holder.clear();
      }
      for (const bool turned : {false, true}) {
        StepFact* const step = AddStep(StepKind::kIdentity);
        Add(&step->inputs, Edge(turned ? second : first, {}));
        Add(&step->outputs, Edge(turned ? first : second, {}));
      }
    }
  }

  void Split(const v1::SplitKey& split) {
    SplitFact fact{Node(split.from()), Node(split.to())};
    if (!fact.from.unit.empty() && !fact.to.unit.empty()) facts_.splits.push_back(std::move(fact));
  }

  void Receive(const v1::Receive& receive) {
    const v1::Date* const made =
        receive.has_supplier_production_date() ? &receive.supplier_production_date() : nullptr;
    const v1::Date* const expiry = receive.has_expiry_date() ? &receive.expiry_date() : nullptr;
    const NodeFact here = Node(receive.unit(), made, expiry);
    NodeFact there = here;
    there.part.clear();
    At(&there, receive.supplier());
    StepFact* const ship = AddStep(StepKind::kShip);
    Add(&ship->inputs, Edge(there, receive.quantity()));
    Add(&ship->outputs, Edge(here, receive.quantity()));
    ship->document = codes::NormalOrSame(receive.document_number());
    Usable(here, made, expiry, receive.has_shelf_life() ? &receive.shelf_life() : nullptr);
    if (receive.material_class() == v1::FINISHED) Finished(here, false);
    Product(here, receive.material_name());
    if (!receive.supplier_name().empty() && there.holder_kind == HolderKind::kNamed) {
      facts_.subject_names.emplace_back(there.holder, receive.supplier_name());
    }
    if (!receive.has_received_as()) {
      Fill(receive.unit(), here, receive.quantity());
      return;
    }
    // A new number for the same goods is a new unit and a step.
    const NodeFact own = Node(receive.received_as());
    StepFact* const relabel = AddStep(StepKind::kTransform);
    Add(&relabel->inputs, Edge(here, receive.quantity()));
    Add(&relabel->outputs, Edge(own, receive.quantity()));
    Fill(receive.received_as(), own, receive.quantity());
    Usable(own, made, expiry, receive.has_shelf_life() ? &receive.shelf_life() : nullptr);
    if (receive.material_class() == v1::FINISHED) Finished(own, false);
    Product(own, receive.material_name());
  }

  void Reject(const v1::RejectReceipt& reject) {
    NodeFact here = Node(reject.unit());
    NodeFact there = here;
    there.part.clear();
    At(&there, reject.supplier());
    here.apart = true;
    if (here.part.empty()) here.part = codes::NormalOrSame(event_.id());
    StepFact* const ship = AddStep(StepKind::kShip);
    Add(&ship->inputs, Edge(there, reject.quantity()));
    Add(&ship->outputs, Edge(here, reject.quantity()));
  }

  void Source(const v1::OpenStock& stock) {
    const NodeFact node = Node(stock.unit());
    StepFact* const step = AddStep(StepKind::kSource);
    step->sender = NormalHolder(stock.supplier());
    Add(&step->outputs, Edge(node, stock.quantity()));
    Fill(stock.unit(), node, stock.quantity());
    Product(node, stock.product_name());
  }

  template <typename Operation>
  void Sink(const Operation& operation) {
    StepFact* const step = AddStep(StepKind::kSink);
    Take(&step->inputs, operation.unit(), Edge(Node(operation.unit()), operation.quantity()));
  }

  // Goods that were given a number when they were drawn from a vessel.
  void Draw(const v1::UnitRef& ref, const NodeFact& node, const v1::Quantity& quantity) {
    if (ref.vessel().empty() || node.unit.empty() || node.unit.starts_with("vessel:")) return;
    NodeFact vessel = node;
    vessel.unit = VesselKey(ref);
    vessel.variant.clear();
    vessel.part.clear();
    vessel.external_ids.clear();
    StepFact* const step = AddStep(StepKind::kTransform);
    Add(&step->inputs, Edge(vessel, quantity));
    Add(&step->outputs, Edge(node, quantity));
  }

  void Move(const v1::Move& move) {
    const NodeFact from = Node(move.unit());
    Draw(move.unit(), from, move.quantity());
    NodeFact to = from;
    At(&to, move.to());
    to.part = codes::NormalOrSame(move.to_part());
    StepFact* const step = AddStep(StepKind::kShip);
    Add(&step->inputs, Edge(from, move.quantity()));
    Add(&step->outputs, Edge(to, move.quantity()));
  }

  void Ship(const v1::Ship& ship) {
    const NodeFact from = Node(ship.unit());
    Draw(ship.unit(), from, ship.quantity());
    NodeFact to = from;
    At(&to, ship.ship_to().empty() ? ship.customer() : ship.ship_to());
    to.part = codes::NormalOrSame(ship.to_part());
    StepFact* const step = AddStep(StepKind::kShip);
    Add(&step->inputs, Edge(from, ship.quantity()));
    Add(&step->outputs, Edge(to, ship.quantity()));
    step->document = codes::NormalOrSame(ship.document_number());
    step->buyer = NormalHolder(ship.customer());
    Contact(NormalHolder(ship.customer()), ship.customer_address(), ship.customer_phone());
    const std::string customer = NormalHolder(ship.customer());
    if (!customer.empty() && !ship.customer_name().empty()) {
      facts_.subject_names.emplace_back(customer, ship.customer_name());
    }
  }

  void Return(const v1::ReturnGoods& back) {
    NodeFact to = Node(back.unit());
    NodeFact from = to;
    At(&from, back.from());
    to.apart = true;
    to.part = codes::NormalOrSame(back.part().empty() ? event_.id() : back.part());
    StepFact* const step = AddStep(StepKind::kShip);
    Add(&step->inputs, Edge(from, back.quantity()));
    Add(&step->outputs, Edge(to, back.quantity()));
    step->document = codes::NormalOrSame(back.document_number());
    if (!NamesUnit(to)) return;
    // Wherever the part is taken from then on.
    At(&to, "");
    Mark(MarkKind::kReturned, to)->value = back.cause();
  }

  template <typename Operation>
  StepFact* RunStep(const Operation& operation) {
    StepFact* const step = AddStep(StepKind::kRun);
    step->run = codes::NormalOrSame(operation.run());
    step->late = event_.has_late_entry();
    return step;
  }

  template <typename Operation>
  void TakeIntoRun(const Operation& operation, v1::Role role) {
    EdgeFact edge = Edge(Node(operation.unit()), operation.quantity(), role);
    edge.slice = SliceOf(operation.slice());
    Take(&RunStep(operation)->inputs, operation.unit(), std::move(edge));
  }

  static std::vector<std::string> EquipmentOf(
      const google::protobuf::RepeatedPtrField<std::string>& names) {
    std::vector<std::string> equipment;
    for (const std::string& name : names) equipment.push_back(codes::NormalOrSame(name));
    return equipment;
  }

  void Charge(const v1::Charge& charge) {
    TakeIntoRun(charge, charge.role());
    facts_.steps.back().equipment = EquipmentOf(charge.equipment());
  }

  void Rework(const v1::Rework& rework) { TakeIntoRun(rework, v1::ROLE_INGREDIENT); }

  void Produce(const v1::Produce& produce) {
    const NodeFact node =
        Node(produce.unit(), produce.has_production_date() ? &produce.production_date() : nullptr,
             produce.has_expiry_date() ? &produce.expiry_date() : nullptr);
    StepFact* const step = RunStep(produce);
    step->closes_run = produce.closes_run();
    step->equipment = EquipmentOf(produce.equipment());
    EdgeFact edge = Edge(node, produce.quantity());
    edge.slice = SliceOf(produce.slice());
    Add(&step->outputs, std::move(edge));
    Fill(produce.unit(), node, produce.quantity());
    if (produce.output_class() == v1::OUTPUT_FINISHED) Finished(node, true);
    Usable(node, nullptr, produce.has_expiry_date() ? &produce.expiry_date() : nullptr, nullptr);
    Product(node, produce.product_name());
  }

  void Split(const v1::Split& split) {
    StepFact* const step = AddStep(StepKind::kTransform);
    Take(&step->inputs, split.from().unit(),
         Edge(Node(split.from().unit()), split.from().quantity()));
    for (const v1::UnitQuantity& to : split.to()) {
      Add(&step->outputs, Edge(Node(to.unit()), to.quantity()));
    }
  }

  void Merge(const v1::Merge& merge) {
    StepFact* const step = AddStep(StepKind::kTransform);
    for (const v1::UnitQuantity& from : merge.from()) {
      Take(&step->inputs, from.unit(), Edge(Node(from.unit()), from.quantity(), from.role()));
    }
    Add(&step->outputs, Edge(Node(merge.to().unit()), merge.to().quantity()));
  }

  void Pack(const v1::Pack& pack) {
    PackFact fact;
    fact.container = Node(pack.container());
    for (const v1::UnitQuantity& content : pack.contents()) {
      Add(&fact.contents, Edge(Node(content.unit()), content.quantity(), content.role()));
    }
    if (!fact.container.unit.empty()) facts_.packs.push_back(std::move(fact));
  }

  void Unpack(const v1::Unpack& unpack) {
    PackFact fact;
    fact.out = true;
    fact.container = Node(unpack.container());
    for (const v1::UnitQuantity& content : unpack.contents()) {
      Add(&fact.contents, Edge(Node(content.unit()), content.quantity(), content.role()));
    }
    if (!fact.container.unit.empty()) facts_.packs.push_back(std::move(fact));
  }

  void Codes(const v1::AssignCodes& assign) {
    if (assign.void_()) return;
    const NodeFact node = Node(assign.unit());
    if (node.unit.empty()) return;
    CodesFact fact;
    fact.unit = node.unit;
    fact.variant = node.variant;
    for (const std::string& code : assign.codes()) fact.codes.push_back(codes::NormalOrSame(code));
    for (const v1::CodeRange& range : assign.ranges()) {
      fact.ranges.emplace_back(codes::NormalOrSame(range.first()),
                               codes::NormalOrSame(range.last()));
    }
    facts_.codes.push_back(std::move(fact));
  }

  void Observe(const v1::ObserveUnit& observe) {
    NodeFact node = Node(observe.unit());
    At(&node, observe.recipient());
    StepFact* const step = AddStep(StepKind::kObserve);
    step->sender = NormalHolder(observe.sender());
    Add(&step->outputs, Edge(node, observe.quantity()));
    Product(node, observe.product_name());
  }

  void Link(const v1::LinkUnits& link) {
    StepFact* const step = AddStep(StepKind::kTransform);
    Add(&step->inputs, Edge(Linked(link.input(), link.at()), link.quantity(), link.role()));
    Add(&step->outputs, Edge(Linked(link.output(), link.at()), {}));
  }

  // A reported link is stated of the whole consignment, wherever its report
  // says that it was; of a lot only where the link was made.
  NodeFact Linked(const v1::UnitRef& ref, const std::string& at) {
    NodeFact node = Node(ref);
    if (ref.holder().empty()) {
      At(&node, node.unit.starts_with("ext:") ? std::string() : at);
    }
    return node;
  }

  const v1::Event& event_;
  Facts facts_;
  HolderKind here_kind_ = HolderKind::kOwner;
  std::string here_;
};

}  // namespace

Facts FactsOf(const v1::Event& event) { return Extractor(event).Run(); }

}  // namespace suyuan::genealogy

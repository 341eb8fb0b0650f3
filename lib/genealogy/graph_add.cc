#include <algorithm>
#include <map>

#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/codes/unit_of_measure.h"
#include "lib/genealogy/graph.h"

// How the graph takes in what events tell; graph.cc answers what is asked of it.
namespace suyuan::genealogy {

using codes::UnitKey;

void Graph::Add(uint32_t ledger, uint64_t sequence, const Facts& facts,
                std::optional<uint64_t> corrects, std::span<const uint64_t> reread) {
  const EventNo event = static_cast<EventNo>(events_.size());
  events_.push_back({ledger, sequence, facts.operation, facts.begin, facts.end});
  first_edge_.push_back(static_cast<EdgeId>(edges_.size()));
  events_of_[ledger].push_back(event);

  AddSubjects(ledger, event, facts);
  AddLevels(facts);
  for (const auto& [product, name] : facts.product_names) {
    if (!name.empty()) product_names_[product] = Intern(name);
  }
  AddSteps(ledger, event, facts);
  AddPackings(ledger, event, facts);
  for (const CodesFact& fact : facts.codes) AddCodes(event, fact);
  AddMarks(ledger, event, facts);
  AddUnitNames(event, facts);
  AddSplits(ledger, event, facts, reread);
  if (!corrects.has_value()) return;
  const bool withdrawal = facts.operation == v1::Event::kCorrect && facts.splits.empty();
  corrections_.Add(ledger, sequence, *corrects, withdrawal,
                   [&](uint64_t changed, bool dead) { SetDead(ledger, changed, dead); });
}

void Graph::AddSubjects(uint32_t ledger, EventNo event, const Facts& facts) {
  if (!facts.owner.empty()) owners_[ledger] = InternHolder(facts.owner);
  for (const auto& [site, subject] : facts.sites) {
    const Name site_name = Intern(site);
    const Name subject_name = Intern(subject);
    if (site_name == subject_name || site.empty() || subject.empty()) continue;
    if (const auto [it, is_new] = subject_of_.emplace(site_name, subject_name); is_new) {
      sites_of_[subject_name].push_back(site_name);
    }
  }
  for (const auto& [holder, name] : facts.subject_names) {
    const Name key = Intern(holder);
    holders_.insert(key);
    if (!name.empty()) holder_names_[key] = Intern(name);
  }
  for (const auto& [holder, address] : facts.addresses) {
    addresses_[Intern(holder)] = Intern(address);
  }
  for (const auto& [holder, phone] : facts.phones) phones_[Intern(holder)] = Intern(phone);
  for (const auto& [subject, id] : facts.subject_ids) {
    Named named;
    named.is_subject = true;
    named.subject = Intern(subject);
    holders_.insert(named.subject);
    NoteSpelling(id, named, event);
  }
}

void Graph::AddLevels(const Facts& facts) {
  for (const LevelFact& level : facts.levels) {
    if (level.gtin == level.base ||
        !base_product_.emplace(level.gtin, Level{level.base, level.count}).second) {
      continue;
    }
    // Lots that were told under the GTIN of a packing level are lots of the item.
    const size_t count = units_.size();
    for (UnitId unit = 1; unit < count; ++unit) {
      const std::optional<BaseKey> resolved = ResolveProduct(text(units_[unit].key));
      if (!resolved.has_value() || aliases_.contains(unit)) continue;
      CountPiecesOf(unit, resolved->count);
      MergeUnit(unit, Resolve(InternUnit(resolved->key)));
    }
  }
}

void Graph::AddSteps(uint32_t ledger, EventNo event, const Facts& facts) {
  uint16_t ordinal = 0;
  for (const StepFact& fact : facts.steps) {
    const StepId step = StepOf(ledger, event, fact);
    for (const std::string& name : fact.equipment) equipment_[event].push_back(Intern(name));
    for (const EdgeFact& input : fact.inputs) {
      AddEdge(ledger, step, event, ordinal++, input, false);
    }
    for (const EdgeFact& output : fact.outputs) {
      AddEdge(ledger, step, event, ordinal++, output, true);
    }
    if (fact.closes_run && !fact.run.empty()) DealOut(&runs_[{ledger, Intern(fact.run)}]);
  }
}

void Graph::AddPackings(uint32_t ledger, EventNo event, const Facts& facts) {
  for (const PackFact& fact : facts.packs) {
    const Place container = PlaceOf(ledger, fact.container);
    InternNode(container);
    Packing packing;
    packing.out = fact.out;
    packing.holder = container.holder;
    packing.event = event;
    for (const EdgeFact& content : fact.contents) {
      Place place = PlaceOf(ledger, content.node);
      place.holder = container.holder;
      InternNode(place);
      packing.contents.push_back(place);
      packing.amounts.push_back(AmountOf(content));
      NoteContainer(place.unit, container.unit);
    }
    packings_[container.unit].push_back(std::move(packing));
  }
}

void Graph::AddCodes(EventNo event, const CodesFact& fact) {
  codes_.Bind(fact, {event, Resolve(InternUnit(fact.unit)).unit, Intern(fact.variant)});
  code_events_[event].push_back(fact);
  BindItems(fact);
}

void Graph::AddMarks(uint32_t ledger, EventNo event, const Facts& facts) {
  for (const MarkFact& fact : facts.marks) {
    Amount amount{fact.value, fact.scale, Intern(fact.quantity_unit)};
    if (const std::optional<BaseKey> base = ResolveProduct(fact.node.unit)) {
      CountPieces(base->count, &amount);
    }
    Mark mark{fact.kind, {}, amount.value, amount.scale, amount.unit, event, fact.since};
    if (!fact.equipment.empty()) {
      if (fact.node.holder_kind == HolderKind::kNamed) {
        mark.place.holder = InternHolder(fact.node.holder);
      } else if (fact.kind >= MarkKind::kEmptied) {
        mark.place.holder = HolderOf(ledger, fact.node);
      }
      equipment_marks_[Intern(fact.equipment)].push_back(mark);
    } else if (!fact.node.external_ids.empty()) {
      AddSpelledMark(ledger, fact.node, mark);
    } else if (fact.node.unit.empty()) {
      mark.place.holder = InternHolder(fact.node.holder);
      place_marks_[mark.place.holder].push_back(mark);
    } else {
      mark.place = PlaceOf(ledger, fact.node);
      marks_[mark.place.unit].push_back(mark);
    }
  }
}

void Graph::AddSpelledMark(uint32_t ledger, const NodeFact& fact, const Mark& mark) {
  SpelledMark spelled{mark, {}};
  spelled.mark.place.holder = HolderOf(ledger, fact);
  spelled.mark.place.part = Intern(fact.part);
  for (const std::string& id : fact.external_ids) spelled.spellings.push_back(Intern(id));
  for (const Name spelling : spelled.spellings) {
    std::vector<SpelledMark>& marks = spelled_marks_[spelling];
    marks.push_back(spelled);
    if (marks.size() > 1) continue;
    marked_codes_.NoteItem(text(spelling), spelling);
    if (const auto item = codes::ItemKey(text(spelling)); item.ok()) Intern(*item);
    NoteMarked(spelling);
  }
}

void Graph::AddUnitNames(EventNo event, const Facts& facts) {
  for (const auto& [key, name] : facts.products) {
    units_[Resolve(InternUnit(key)).unit].product_name = Intern(name);
  }
  for (const auto& [key, id] : facts.unit_ids) {
    const size_t dates = key.starts_with("lot:") ? key.find(';') : std::string::npos;
    Named named;
    named.unit = InternUnit(key.substr(0, dates));
    if (dates != std::string::npos) named.variant = Intern(std::string_view(key).substr(dates));
    if (id.empty()) continue;
    NoteSpelling(id, named, event);
    auto& all = external_ids_[Resolve(named.unit).unit];
    const Name name = Intern(id);
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
}

void Graph::AddSplits(uint32_t ledger, EventNo event, const Facts& facts,
                      std::span<const uint64_t> reread) {
  for (const SplitFact& fact : facts.splits) {
    Resolved resolved{PlaceOf(ledger, fact.from), PlaceOf(ledger, fact.to), {}};
    for (const uint64_t told : reread) {
      if (const std::optional<EventNo> no = EventAt(ledger, told)) resolved.events.push_back(*no);
    }
    Retell(resolved.events, resolved.from, resolved.to);
    splits_[event] = std::move(resolved);
  }
}

// ------------------------------------------------------------------- names

Name Graph::Intern(std::string_view text) {
  const auto it = name_of_.find(text);
  if (it != name_of_.end()) return it->second;
  names_.emplace_back(text);
  const Name name = static_cast<Name>(names_.size() - 1);
  name_of_.emplace(names_.back(), name);
  return name;
}

Name Graph::InternHolder(const std::string& key) {
  const Name holder = Intern(key);
  if (holder != 0) holders_.insert(holder);
  // A site in the subject's own numbering names its subject.
  const size_t slash = key.find('/');
  if (slash != std::string::npos && !subject_of_.contains(holder)) {
    const Name subject = Intern(std::string_view(key).substr(0, slash));
    subject_of_[holder] = subject;
    sites_of_[subject].push_back(holder);
  }
  return holder;
}

void Graph::NoteSpelling(const std::string& spelling, const Named& named, EventNo event) {
  const absl::StatusOr<std::string> normal = codes::NormalText(spelling);
  if (!normal.ok() || normal->empty()) return;
  const Name name = Intern(*normal);
  auto& all = spellings_[name];
  auto one = std::find_if(all.begin(), all.end(),
                          [&](const Spelling& known) { return known.named == named; });
  if (one == all.end()) one = all.insert(one, Spelling{named, {}});
  if (one->events.empty() || one->events.back() != event) one->events.push_back(event);
  NoteMarked(name);
}

void Graph::NoteMarked(Name spelling) {
  if (!spelled_marks_.contains(spelling)) return;
  if (const auto it = spellings_.find(spelling); it != spellings_.end()) {
    // Those of entries that were withdrawn can come back.
    for (const Spelling& one : it->second) {
      if (!one.named.is_subject) NoteMarked(Resolve(one.named.unit).unit, spelling);
    }
  }
  for (const Place& place : PlacesOf(text(spelling))) NoteMarked(place.unit, spelling);
}

void Graph::NoteMarked(UnitId unit, Name spelling) {
  auto& all = marked_spellings_[unit];
  if (std::find(all.begin(), all.end(), spelling) == all.end()) all.push_back(spelling);
}

void Graph::ShareMarked(UnitId from, UnitId to) {
  const auto it = marked_spellings_.find(from);
  if (it == marked_spellings_.end()) return;
  for (const Name spelling : std::vector<Name>(it->second)) NoteMarked(to, spelling);
}

// ------------------------------------------------------------------- units

UnitId Graph::InternUnit(const std::string& key) {
  const std::optional<BaseKey> resolved = ResolveProduct(key);
  const Name name = Intern(resolved.has_value() ? resolved->key : key);
  const auto [it, is_new] = unit_of_.emplace(name, static_cast<UnitId>(units_.size()));
  if (!is_new) return it->second;
  const UnitId unit = it->second;
  units_.emplace_back().key = name;
  if (text(name).starts_with("vessel:")) units_[unit].kind = UnitKind::kVessel;
  if (text(name).starts_with("any:")) {
    units_[unit].kind = UnitKind::kAny;
    any_lots_ = true;
  }
  if (!text(name).starts_with("item:")) return unit;
  const absl::StatusOr<UnitKey> item = UnitKey::Parse(text(name));
  if (!item.ok()) return unit;
  // An item code that was bound before is its lot from the start.
  codes_.NoteItem(item->code, unit);
  if (const std::optional<Named> bound = FindCode(item->code)) {
    aliases_[unit] = {bound->unit, name, bound->variant};
  }
  return unit;
}

void Graph::BindItems(const CodesFact& fact) {
  // What leaves a unit, by its part.
  std::map<UnitId, absl::flat_hash_map<Name, Alias>> leaving;
  const auto bind = [&](UnitId item) {
    const Name name = units_[item].key;
    const std::optional<Named> bound = FindCode(UnitKey::Parse(text(name))->code);
    const Alias to = bound.has_value() ? Alias{Resolve(bound->unit).unit, name, bound->variant}
                                       : Alias{item, 0, 0};
    const Alias now = Resolve(item);
    if (now.unit == to.unit && now.variant == to.variant) return;
    if (now.unit == item) {
      MergeUnit(item, to);
    } else {
      leaving[now.unit].emplace(name, to);
    }
  };
  codes_.ForEachItem(fact, bind);
  for (const auto& [unit, parts] : leaving) {
    Move(unit, [&parts = parts](const Place& place) {
      const auto it = parts.find(place.part);
      if (it == parts.end()) return place;
      Place moved = place;
      moved.unit = it->second.unit;
      moved.part = it->second.part;
      moved.variant = it->second.variant;
      return moved;
    });
    for (const auto& [name, to] : parts) {
      const UnitId item = unit_of_.at(name);
      if (to.unit == item) {
        aliases_.erase(item);
      } else {
        aliases_[item] = to;
      }
      MoveExternalIds(unit, to.unit, item);
      ShareMarked(unit, to.unit);
    }
  }
  marked_codes_.ForEachItem(fact, [this](Name spelling) { NoteMarked(spelling); });
}

void Graph::MergeUnit(UnitId from, const Alias& to) {
  if (from == to.unit || aliases_.contains(from)) return;
  Move(from, [&](Place place) {
    place.unit = to.unit;
    if (place.part == 0) place.part = to.part;
    if (place.variant == 0) place.variant = to.variant;
    return place;
  });
  aliases_[from] = to;
  ShareMarked(from, to.unit);
  if (units_[to.unit].product_name == 0) units_[to.unit].product_name = units_[from].product_name;
  if (const auto it = packings_.find(from); it != packings_.end()) {
    std::vector<Packing> rows = std::move(it->second);
    packings_.erase(it);
    for (const Packing& row : rows) {
      for (const Place& content : row.contents) {
        std::erase(containers_of_[content.unit], from);
        NoteContainer(content.unit, to.unit);
      }
    }
    auto& all = packings_[to.unit];
    all.insert(all.end(), rows.begin(), rows.end());
  }
  if (const auto it = external_ids_.find(from); it != external_ids_.end()) {
    const std::vector<Name> ids = std::move(it->second);
    external_ids_.erase(it);
    for (const Name id : ids) {
      auto& all = external_ids_[to.unit];
      if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
    }
  }
}

void Graph::Move(UnitId from, absl::FunctionRef<Place(const Place&)> where) {
  std::vector<NodeId> nodes;
  for (NodeId id = units_[from].first_node; id != 0; id = nodes_[id].next_of_unit) {
    nodes.push_back(id);
    const Place& place = nodes_[id].place;
    at_holder_.erase(uint64_t{from} << 32 | place.holder);
    parts_at_holder_.erase(uint64_t{from} << 32 | place.holder);
    of_part_.erase(Place{from, 0, place.holder, place.part, false});
    parts_of_unit_.erase(uint64_t{from} << 32 | place.part);
  }
  Unit& unit = units_[from];
  unit.first_node = unit.first_plain = 0;
  unit.holder_unknown = unit.has_parts = unit.told_apart = false;
  unit.variants.clear();
  for (auto id = nodes.rbegin(); id != nodes.rend(); ++id) {
    const Place place = where(nodes_[*id].place);
    const NodeId target = FindNode(place);
    if (target == 0) {
      nodes_[*id].place = place;
      LinkNode(*id);
      continue;
    }
    // The target has such a node: the edges go over to it.
    for (const bool output : {false, true}) {
      EdgeId& from_head = output ? nodes_[*id].first_in : nodes_[*id].first_out;
      EdgeId& to_head = output ? nodes_[target].first_in : nodes_[target].first_out;
      for (EdgeId edge = from_head; edge != 0;) {
        const EdgeId next = edges_[edge].next_of_node;
        edges_[edge].node = target;
        edges_[edge].next_of_node = to_head;
        to_head = edge;
        edge = next;
      }
      from_head = 0;
    }
    nodes_[*id].place = {};
  }
  if (const auto it = identities_.find(from); it != identities_.end()) {
    const std::vector<EdgeId> edges = std::move(it->second);
    identities_.erase(it);
    for (const EdgeId edge : edges)
      identities_[nodes_[edges_[edge].node].place.unit].push_back(edge);
  }
  if (const auto it = marks_.find(from); it != marks_.end()) {
    const std::vector<Mark> marks = std::move(it->second);
    marks_.erase(it);
    for (Mark mark : marks) {
      mark.place = where(mark.place);
      marks_[mark.place.unit].push_back(mark);
    }
  }
  const auto contained = containers_of_.find(from);
  if (contained == containers_of_.end()) return;
  const std::vector<UnitId> containers = std::move(contained->second);
  containers_of_.erase(contained);
  for (const UnitId container : containers) {
    for (Packing& packing : packings_[container]) {
      for (Place& content : packing.contents) {
        if (content.unit != from) continue;
        content = where(content);
        NoteContainer(content.unit, container);
      }
    }
  }
}

void Graph::MoveExternalIds(UnitId from, UnitId to, UnitId told) {
  const auto it = external_ids_.find(from);
  if (it == external_ids_.end()) return;
  std::vector<Name> leaving;
  std::erase_if(it->second, [&](Name id) {
    const absl::StatusOr<std::string> normal = codes::NormalText(text(id));
    const auto named = spellings_.find(normal.ok() ? Find(*normal) : 0);
    const bool leaves = named != spellings_.end() &&
                        std::any_of(named->second.begin(), named->second.end(),
                                    [&](const Spelling& one) { return one.named.unit == told; });
    if (leaves) leaving.push_back(id);
    return leaves;
  });
  auto& all = external_ids_[to];
  for (const Name id : leaving) {
    if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
  }
}

void Graph::NoteContainer(UnitId content, UnitId container) {
  auto& all = containers_of_[content];
  if (!all.empty() && all.back() == container) return;
  if (std::find(all.begin(), all.end(), container) == all.end()) all.push_back(container);
}

// ---------------------------------------------------------- packing levels

void Graph::CountPieces(int64_t count, Amount* amount) {
  if (amount->unit == 0) return;
  const codes::UnitOfMeasure* const unit = codes::FindUnit(text(amount->unit));
  if (unit == nullptr || unit->dimension != codes::Dimension::kCount) return;
  if (count <= 0 || __builtin_mul_overflow(amount->value, count, &amount->value)) {
    *amount = {};
    return;
  }
  amount->unit = Intern("H87");
}

Amount Graph::AmountOf(const EdgeFact& fact) {
  Amount amount{fact.quantity, fact.scale, Intern(fact.quantity_unit)};
  if (const std::optional<BaseKey> base = ResolveProduct(fact.node.unit)) {
    CountPieces(base->count, &amount);
  }
  return amount;
}

void Graph::CountPiecesOf(UnitId unit, int64_t count) {
  for (NodeId id = units_[unit].first_node; id != 0; id = nodes_[id].next_of_unit) {
    for (const EdgeId first : {nodes_[id].first_in, nodes_[id].first_out}) {
      for (EdgeId e = first; e != 0; e = edges_[e].next_of_node) {
        Edge& edge = edges_[e];
        Amount amount{edge.quantity, edge.scale, edge.quantity_unit};
        CountPieces(count, &amount);
        edge.quantity = amount.value;
        edge.scale = amount.scale;
        edge.quantity_unit = amount.unit;
      }
    }
  }
  const auto containers = containers_of_.find(unit);
  if (containers == containers_of_.end()) return;
  for (const UnitId container : containers->second) {
    for (Packing& packing : packings_[container]) {
      for (size_t i = 0; i < packing.contents.size(); ++i) {
        if (packing.contents[i].unit == unit) CountPieces(count, &packing.amounts[i]);
      }
    }
  }
}

// ------------------------------------------------------------------- nodes

Name Graph::HolderOf(uint32_t ledger, const NodeFact& fact) {
  switch (fact.holder_kind) {
    case HolderKind::kOwner:
      return owners_[ledger];
    case HolderKind::kNamed:
      return InternHolder(fact.holder);
    case HolderKind::kUnknown:
      break;
  }
  return 0;
}

Place Graph::PlaceOf(uint32_t ledger, const NodeFact& fact) {
  const UnitId raw = InternUnit(fact.unit);
  const Alias alias = Resolve(raw);
  Place place;
  place.unit = alias.unit;
  place.variant = fact.variant.empty() ? alias.variant : Intern(fact.variant);
  place.holder = HolderOf(ledger, fact);
  place.part = fact.part.empty() ? alias.part : Intern(fact.part);
  place.apart = fact.apart;
  return place;
}

NodeId Graph::InternNode(const Place& place) {
  if (const NodeId known = FindNode(place); known != 0) return known;
  const NodeId id = static_cast<NodeId>(nodes_.size());
  nodes_.emplace_back().place = place;
  LinkNode(id);
  return id;
}

void Graph::LinkNode(NodeId id) {
  Node& node = nodes_[id];
  const Place& place = node.place;
  Unit& unit = units_[place.unit];
  node.next_of_unit = unit.first_node;
  unit.first_node = id;
  if (place.holder == 0) unit.holder_unknown = true;
  if (place.part != 0) unit.has_parts = true;
  if (place.variant != 0 &&
      std::find(unit.variants.begin(), unit.variants.end(), place.variant) == unit.variants.end()) {
    for (const Name other : unit.variants) {
      unit.told_apart |= !VariantsCompatible(other, place.variant);
    }
    unit.variants.push_back(place.variant);
  }
  if (place.part == 0) {
    node.next_plain = unit.first_plain;
    unit.first_plain = id;
  } else {
    parts_of_unit_[uint64_t{place.unit} << 32 | place.part].push_back(id);
  }
  const uint64_t holder = uint64_t{place.unit} << 32 | place.holder;
  NodeId& head = place.part == 0 ? at_holder_[holder] : parts_at_holder_[holder];
  node.next_at_holder = head;
  head = id;
  if (place.part != 0) {
    of_part_[Place{place.unit, 0, place.holder, place.part, false}].push_back(id);
  }
}

// ------------------------------------------------------------------- steps

void Graph::AddEdge(uint32_t ledger, StepId step, EventNo event, uint16_t ordinal,
                    const EdgeFact& fact, bool output) {
  const NodeId node = InternNode(PlaceOf(ledger, fact.node));
  const EdgeId id = static_cast<EdgeId>(edges_.size());
  Edge& edge = edges_.emplace_back();
  edge.node = node;
  edge.event = event;
  edge.ordinal = ordinal;
  edge.role = fact.role;
  edge.alternative = fact.alternative;
  if (fact.slice.told) {
    edge.sliced = true;
    Slice slice{fact.slice.from, fact.slice.to, Intern(fact.slice.first_serial),
                Intern(fact.slice.last_serial), fact.slice.serial_margin};
    slices_.emplace(id, slice);
  }
  const Amount amount = AmountOf(fact);
  edge.scale = amount.scale;
  edge.quantity = amount.value;
  edge.quantity_unit = amount.unit;
  edge.output = output;
  EdgeId& of_node = output ? nodes_[node].first_in : nodes_[node].first_out;
  edge.next_of_node = of_node;
  of_node = id;
  LinkToStep(id, step);
  if (!output && steps_[step].kind == StepKind::kIdentity) {
    identities_[nodes_[node].place.unit].push_back(id);
  }
}

StepId Graph::MakeStep(EventNo event, const StepFact& fact) {
  Step& step = steps_.emplace_back();
  step.kind = fact.kind;
  step.first_event = event;
  step.run = Intern(fact.run);
  step.sender = Intern(fact.sender);
  if (step.sender != 0) holders_.insert(step.sender);
  step.document = Intern(fact.document);
  step.buyer = Intern(fact.buyer);
  return static_cast<StepId>(steps_.size() - 1);
}

StepId Graph::StepOf(uint32_t ledger, EventNo event, const StepFact& fact) {
  if (fact.kind != StepKind::kRun || fact.run.empty()) return MakeStep(event, fact);
  Run& run = runs_[{ledger, Intern(fact.run)}];
  if (run.steps.empty()) run.steps.push_back(MakeStep(event, fact));
  run.events.push_back({event, fact.closes_run, fact.late});
  return StepOfTurn(&run, TurnOf(run, run.events.back()), event);
}

// How many closes of the run came before: by their times where both are known,
// else by the order of recording, which says nothing of what was keyed late. In
// doubt an event belongs to the run that it may belong to.
size_t Graph::TurnOf(const Run& run, const RunEvent& told) const {
  const EventInfo& info = events_[told.event];
  size_t turn = 0;
  for (const RunEvent& other : run.events) {
    if (!other.closes || other.event == told.event || !IsLive(other.event)) continue;
    const EventInfo& close = events_[other.event];
    const bool timed = !close.end.unknown() && !info.begin.unknown();
    turn += timed ? close.end.latest < info.begin.earliest
                  : close.sequence < info.sequence && !told.late;
  }
  return turn;
}

StepId Graph::StepOfTurn(Run* run, size_t turn, EventNo event) {
  while (run->steps.size() <= turn) {
    Step step;
    step.kind = StepKind::kRun;
    step.first_event = event;
    step.run = steps_[run->steps.front()].run;
    steps_.push_back(step);
    run->steps.push_back(static_cast<StepId>(steps_.size() - 1));
  }
  return run->steps[turn];
}

// Anew, after a close came or went.
void Graph::DealOut(Run* run) {
  for (const StepId step : run->steps) {
    steps_[step].first_input = steps_[step].first_output = 0;
    steps_[step].first_event = 0;
  }
  // What an event tells besides, as that its output went into a vessel, is none of the run's.
  const auto of_run = [&](EdgeId edge) {
    return std::find(run->steps.begin(), run->steps.end(), edges_[edge].step) != run->steps.end();
  };
  for (const RunEvent& told : run->events) {
    const StepId step = StepOfTurn(run, TurnOf(*run, told), told.event);
    EventNo& first = steps_[step].first_event;
    if (first == 0) first = told.event;
    const EdgeId end = EndOfEdges(told.event);
    for (EdgeId edge = first_edge_[told.event]; edge < end; ++edge) {
      if (of_run(edge)) LinkToStep(edge, step);
    }
  }
}

void Graph::LinkToStep(EdgeId id, StepId step) {
  Edge& edge = edges_[id];
  edge.step = step;
  EdgeId& head = edge.output ? steps_[step].first_output : steps_[step].first_input;
  edge.next_of_step = head;
  head = id;
}

// ------------------------------------------------------------- corrections

void Graph::SetDead(uint32_t ledger, uint64_t sequence, bool dead) {
  const std::optional<EventNo> event = EventAt(ledger, sequence);
  if (!event.has_value()) return;
  if (dead) {
    dead_events_.insert(*event);
  } else {
    dead_events_.erase(*event);
  }
  const EdgeId first = first_edge_[*event];
  const EdgeId end = EndOfEdges(*event);
  for (EdgeId edge = first; edge < end; ++edge) edges_[edge].dead = dead;
  if (const auto told = code_events_.find(*event); told != code_events_.end()) {
    for (const CodesFact& fact : told->second) BindItems(fact);
  }
  if (const auto split = splits_.find(*event); split != splits_.end()) {
    const Resolved& resolved = split->second;
    Retell(resolved.events, dead ? resolved.to : resolved.from, dead ? resolved.from : resolved.to);
  }
  if (first == end) return;
  const Step& step = steps_[edges_[first].step];
  if (step.kind == StepKind::kRun && step.run != 0) DealOut(&runs_[{ledger, step.run}]);
}

void Graph::Retell(const std::vector<EventNo>& events, const Place& from, const Place& to) {
  const auto concerns = [&](const Place& place) {
    return place.unit == from.unit && VariantsCompatible(place.variant, from.variant);
  };
  const auto moved = [&](Place place) {
    place.unit = to.unit;
    if (place.variant == from.variant) place.variant = to.variant;
    return place;
  };
  for (const EventNo event : events) {
    RetellSpellings(event, from, to);
    for (EdgeId edge = first_edge_[event]; edge < EndOfEdges(event); ++edge) {
      const Place place = nodes_[edges_[edge].node].place;
      if (concerns(place)) MoveEdge(edge, InternNode(moved(place)));
    }
    const auto contained = containers_of_.find(from.unit);
    const std::vector<UnitId> containers =
        contained == containers_of_.end() ? std::vector<UnitId>() : contained->second;
    for (const UnitId container : containers) {
      for (Packing& packing : packings_[container]) {
        if (packing.event != event) continue;
        for (Place& content : packing.contents) {
          if (!concerns(content)) continue;
          content = moved(content);
          InternNode(content);
          NoteContainer(content.unit, container);
        }
      }
    }
    const auto marked = marks_.find(from.unit);
    if (marked == marks_.end()) continue;
    std::vector<Mark> leaving;
    std::erase_if(marked->second, [&](const Mark& mark) {
      const bool leaves = mark.event == event && concerns(mark.place);
      if (leaves) leaving.push_back(mark);
      return leaves;
    });
    for (Mark& mark : leaving) {
      mark.place = moved(mark.place);
      marks_[mark.place.unit].push_back(mark);
    }
  }
}

void Graph::RetellSpellings(EventNo event, const Place& from, const Place& to) {
  const auto ids = external_ids_.find(from.unit);
  if (ids == external_ids_.end()) return;
  for (const Name id : std::vector<Name>(ids->second)) {
    const auto it = spellings_.find(Find(codes::NormalOrSame(text(id))));
    if (it == spellings_.end()) continue;
    std::vector<Named> told;
    for (Spelling& one : it->second) {
      const bool concerns = !one.named.is_subject && Resolve(one.named.unit).unit == from.unit &&
                            VariantsCompatible(one.named.variant, from.variant);
      if (!concerns) continue;
      const auto kept = std::remove(one.events.begin(), one.events.end(), event);
      if (kept == one.events.end()) continue;
      one.events.erase(kept, one.events.end());
      told.push_back(one.named);
    }
    if (told.empty()) continue;
    it->second.erase(std::remove_if(it->second.begin(), it->second.end(),
                                    [](const Spelling& one) { return one.events.empty(); }),
                     it->second.end());
    const bool named_still =
        std::any_of(it->second.begin(), it->second.end(),
                    [&](const Spelling& one) { return Resolve(one.named.unit).unit == from.unit; });
    if (!named_still) std::erase(external_ids_[from.unit], id);
    for (Named named : told) {
      named.unit = to.unit;
      if (named.variant == from.variant) named.variant = to.variant;
      NoteSpelling(std::string(text(id)), named, event);
      auto& all = external_ids_[to.unit];
      if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
    }
  }
}

void Graph::MoveEdge(EdgeId id, NodeId to) {
  Edge& edge = edges_[id];
  Node& old = nodes_[edge.node];
  EdgeId* link = edge.output ? &old.first_in : &old.first_out;
  while (*link != id) link = &edges_[*link].next_of_node;
  *link = edge.next_of_node;
  old.left = true;
  EdgeId& head = edge.output ? nodes_[to].first_in : nodes_[to].first_out;
  edge.node = to;
  edge.next_of_node = head;
  head = id;
}

}  // namespace suyuan::genealogy

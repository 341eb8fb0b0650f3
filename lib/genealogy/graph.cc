#include "lib/genealogy/graph.h"

#include <algorithm>
#include <charconv>

#include "lib/base/check.h"
#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"

namespace suyuan::genealogy {
namespace {

using codes::UnitKey;

// ";made=2025;expiry=2026" into its two dates.
std::pair<std::string_view, std::string_view> Dates(std::string_view variant) {
  const auto value = [&](std::string_view name) -> std::string_view {
    const size_t at = variant.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = variant.substr(at + name.size());
    return rest.substr(0, rest.find(';'));
  };
  return {value(";made="), value(";expiry=")};
}

// Two partial dates that can be one: "2025" and "2025-11-03".
bool CanBeOne(std::string_view a, std::string_view b) {
  return a.substr(0, b.size()) == b.substr(0, a.size());
}

bool DatesCompatible(std::string_view a, std::string_view b) {
  const auto [made_a, expiry_a] = Dates(a);
  const auto [made_b, expiry_b] = Dates(b);
  return CanBeOne(made_a, made_b) && CanBeOne(expiry_a, expiry_b);
}

struct SplitCode {
  std::string_view prefix;
  std::string_view digits;
  uint64_t number = 0;
};

// The digits at the end of a code, at most 18 of them.
SplitCode SplitDigits(std::string_view code) {
  size_t begin = code.size();
  while (begin > 0 && code.size() - begin < 18 && code[begin - 1] >= '0' &&
         code[begin - 1] <= '9') {
    --begin;
  }
  SplitCode split{code.substr(0, begin), code.substr(begin), 0};
  std::from_chars(split.digits.data(), split.digits.data() + split.digits.size(), split.number);
  return split;
}

}  // namespace

Graph::Graph() : units_(1), nodes_(1), steps_(1), edges_(1), events_(1), first_edge_(1) {
  Intern("");
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

Name Graph::Find(std::string_view text) const {
  const auto it = name_of_.find(text);
  return it == name_of_.end() ? 0 : it->second;
}

std::string_view Graph::HolderName(Name holder) const {
  const auto it = holder_names_.find(holder);
  return it == holder_names_.end() ? std::string_view() : text(it->second);
}

Name Graph::SubjectOf(Name holder) const {
  const auto it = subject_of_.find(holder);
  return it == subject_of_.end() ? holder : it->second;
}

bool Graph::KeepsLedgerHere(Name holder) const {
  return owner_subjects_.contains(SubjectOf(holder));
}

// ------------------------------------------------------------------- units

std::optional<std::string> Graph::ResolveProduct(std::string_view key) const {
  if (base_product_.empty() || !key.starts_with("lot:")) return std::nullopt;
  const size_t slash = key.find('/');
  const size_t end = key.find('/', slash + 1);
  if (slash == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  const auto it = base_product_.find(std::string(key.substr(slash + 1, end - slash - 1)));
  if (it == base_product_.end()) return std::nullopt;
  return StrCat(key.substr(0, slash + 1), it->second, key.substr(end));
}

UnitId Graph::InternUnit(const std::string& key) {
  const std::optional<std::string> resolved = ResolveProduct(key);
  const Name name = Intern(resolved.has_value() ? *resolved : key);
  const auto [it, is_new] = unit_of_.emplace(name, static_cast<UnitId>(units_.size()));
  if (is_new) {
    units_.emplace_back().key = name;
    // An item code that was bound before is its lot from the start.
    const std::string_view text_of_key = text(name);
    if (text_of_key.starts_with("item:")) {
      const absl::StatusOr<UnitKey> parsed = UnitKey::Parse(text_of_key);
      if (parsed.ok()) {
        if (const std::optional<Named> bound = FindCode(parsed->code)) {
          aliases_[it->second] = {bound->unit, name, bound->variant};
        } else {
          item_units_.emplace_back(name, it->second);
        }
      }
    }
  }
  return it->second;
}

Graph::Alias Graph::Resolve(UnitId unit) const {
  Alias result{unit, 0, 0};
  // Chains are short: an item of a lot whose product became another's.
  for (auto it = aliases_.find(unit); it != aliases_.end(); it = aliases_.find(result.unit)) {
    result.unit = it->second.unit;
    if (it->second.part != 0) result.part = it->second.part;
    if (it->second.variant != 0) result.variant = it->second.variant;
  }
  return result;
}

std::vector<Name> Graph::ExternalIds(UnitId unit) const {
  const auto it = external_ids_.find(unit);
  return it == external_ids_.end() ? std::vector<Name>() : it->second;
}

std::string Graph::KeyText(UnitId id, Name variant) const {
  const Unit& unit = units_[id];
  std::string key(text(unit.key));
  const bool no_number = key.starts_with("lot:") && key.ends_with("/");
  if (variant == 0 || (!unit.has_variants && !no_number)) return key;
  if (!no_number) {
    bool several = false;
    for (NodeId node = unit.first_node; node != 0 && !several; node = nodes_[node].next_of_unit) {
      several = !VariantsCompatible(nodes_[node].place.variant, variant);
    }
    if (!several) return key;
  }
  return key + std::string(text(variant));
}

std::string Graph::ProductName(UnitId id) const {
  const Unit& unit = units_[id];
  if (unit.product_name != 0) return std::string(text(unit.product_name));
  const std::string_view key = text(unit.key);
  if (!key.starts_with("lot:")) return "";
  const size_t slash = key.find('/');
  const std::string product(key.substr(slash + 1, key.find('/', slash + 1) - slash - 1));
  const auto it = product_names_.find(product);
  return it == product_names_.end() ? "" : std::string(text(it->second));
}

std::vector<Named> Graph::Lookup(std::string_view spelling) const {
  std::vector<Named> found;
  const auto add = [&](Named named) {
    const Alias alias = Resolve(named.unit);
    named.unit = alias.unit;
    if (alias.variant != 0) named.variant = alias.variant;
    if (std::find(found.begin(), found.end(), named) == found.end()) found.push_back(named);
  };
  if (const absl::StatusOr<UnitKey> key = UnitKey::Parse(spelling); key.ok()) {
    const bool lot = key->kind == UnitKey::Kind::kLot;
    const std::string base = lot ? key->Base() : key->ToString();
    const Name name = Find(ResolveProduct(base).value_or(base));
    if (const auto it = unit_of_.find(name); name != 0 && it != unit_of_.end()) {
      Named named;
      named.unit = it->second;
      if (lot) {
        // The variant as it was asked for need not be one that an event told.
        const std::string whole = key->ToString();
        const size_t dates = whole.find(";");
        const std::string_view asked =
            dates == std::string::npos ? std::string_view() : std::string_view(whole).substr(dates);
        if (asked.empty()) {
          add(named);
        } else {
          for (NodeId node = units_[named.unit].first_node; node != 0;
               node = nodes_[node].next_of_unit) {
            named.variant = nodes_[node].place.variant;
            if (DatesCompatible(text(named.variant), asked)) add(named);
          }
        }
      } else {
        add(named);
      }
      return found;
    }
    if (key->kind == UnitKey::Kind::kItem) {
      if (const std::optional<Named> named = FindCode(key->code)) add(*named);
    }
    if (!found.empty()) return found;
  }
  const absl::StatusOr<std::string> normal = codes::NormalText(spelling);
  if (!normal.ok()) return found;
  if (const std::optional<Named> named = FindCode(*normal)) add(*named);
  if (const Name name = Find(*normal); name != 0) {
    if (const auto it = spellings_.find(name); it != spellings_.end()) {
      for (const Named& named : it->second) add(named);
    }
  }
  return found;
}

void Graph::NoteSpelling(const std::string& spelling, const Named& named) {
  const absl::StatusOr<std::string> normal = codes::NormalText(spelling);
  if (!normal.ok() || normal->empty()) return;
  auto& all = spellings_[Intern(*normal)];
  if (std::find(all.begin(), all.end(), named) == all.end()) all.push_back(named);
}

// ------------------------------------------------------------------- codes

std::optional<Named> Graph::FindCode(std::string_view code) const {
  if (const auto it = codes_.find(std::string(code)); it != codes_.end()) return it->second;
  if (code_ranges_.empty()) return std::nullopt;
  const SplitCode split = SplitDigits(code);
  const auto group = code_ranges_.find({std::string(split.prefix), split.digits.size()});
  if (split.digits.empty() || group == code_ranges_.end()) return std::nullopt;
  auto row = group->second.upper_bound(split.number);
  if (row == group->second.begin()) return std::nullopt;
  --row;
  if (split.number > row->second.last) return std::nullopt;
  Named named;
  named.unit = row->second.unit;
  named.variant = row->second.variant;
  return named;
}

void Graph::AddCodes(const CodesFact& fact) {
  const UnitId raw = InternUnit(fact.unit);
  const Alias alias = Resolve(raw);
  Named named;
  named.unit = alias.unit;
  named.variant = Intern(fact.variant);
  for (const std::string& code : fact.codes) codes_[code] = named;
  for (const auto& [first, last] : fact.ranges) {
    const SplitCode a = SplitDigits(first);
    const SplitCode b = SplitDigits(last);
    if (a.prefix != b.prefix || a.digits.size() != b.digits.size() || a.digits.empty() ||
        a.number > b.number) {
      continue;
    }
    code_ranges_[{std::string(a.prefix), a.digits.size()}][a.number] = {b.number, named.unit,
                                                                        named.variant};
  }
  // Codes that events named before they were bound.
  std::erase_if(item_units_, [&](const std::pair<Name, UnitId>& item) {
    const absl::StatusOr<UnitKey> parsed = UnitKey::Parse(text(item.first));
    const std::optional<Named> bound = parsed.ok() ? FindCode(parsed->code) : std::nullopt;
    if (bound.has_value()) MergeUnit(item.second, {bound->unit, item.first, bound->variant});
    return bound.has_value();
  });
}

// ------------------------------------------------------------------- nodes

Place Graph::PlaceOf(uint32_t ledger, const NodeFact& fact) {
  const UnitId raw = InternUnit(fact.unit);
  const Alias alias = Resolve(raw);
  Place place;
  place.unit = alias.unit;
  place.variant = fact.variant.empty() ? alias.variant : Intern(fact.variant);
  switch (fact.holder_kind) {
    case HolderKind::kOwner:
      place.holder = owners_[ledger];
      break;
    case HolderKind::kNamed: {
      place.holder = Intern(fact.holder);
      // A site in the subject's own numbering names its subject.
      const size_t slash = fact.holder.find('/');
      if (slash != std::string::npos && !subject_of_.contains(place.holder)) {
        const Name subject = Intern(std::string_view(fact.holder).substr(0, slash));
        subject_of_[place.holder] = subject;
        sites_of_[subject].push_back(place.holder);
      }
      break;
    }
    case HolderKind::kUnknown:
      break;
  }
  place.part = fact.part.empty() ? alias.part : Intern(fact.part);
  place.apart = fact.apart;
  return place;
}

NodeId Graph::FindNode(const Place& place) const {
  if (place.part != 0) {
    const auto it = of_part_.find(Place{place.unit, 0, place.holder, place.part, false});
    if (it == of_part_.end()) return 0;
    for (const NodeId id : it->second) {
      if (nodes_[id].place == place) return id;
    }
    return 0;
  }
  const auto it = at_holder_.find(uint64_t{place.unit} << 32 | place.holder);
  if (it == at_holder_.end()) return 0;
  // As many as the unit has dates: one or two.
  NodeId id = it->second;
  while (id != 0 && nodes_[id].place != place) id = nodes_[id].next_at_holder;
  return id;
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
  if (place.variant != 0) unit.has_variants = true;
  const uint64_t holder = uint64_t{place.unit} << 32 | place.holder;
  NodeId& head = place.part == 0 ? at_holder_[holder] : parts_at_holder_[holder];
  node.next_at_holder = head;
  head = id;
  if (place.part != 0) {
    of_part_[Place{place.unit, 0, place.holder, place.part, false}].push_back(id);
  }
}

bool Graph::Compatible(const Place& a, const Place& b) const {
  if (a.unit != b.unit) return false;
  if (a.apart || b.apart) {
    if (a.part != b.part) return false;
  } else if (a.part != 0 && b.part != 0 && a.part != b.part) {
    return false;
  }
  return HoldersCompatible(a.holder, b.holder) && VariantsCompatible(a.variant, b.variant);
}

bool Graph::HoldersCompatible(Name a, Name b) const {
  if (a == b || a == 0 || b == 0) return true;
  const auto site_of = [&](Name site, Name subject) {
    const auto it = subject_of_.find(site);
    return it != subject_of_.end() && it->second == subject;
  };
  return site_of(a, b) || site_of(b, a);
}

bool Graph::VariantsCompatible(Name a, Name b) const {
  return a == b || a == 0 || b == 0 || DatesCompatible(text(a), text(b));
}

void Graph::MergeUnit(UnitId from, const Alias& to) {
  if (from == to.unit || aliases_.contains(from)) return;
  std::vector<NodeId> moved;
  for (NodeId id = units_[from].first_node; id != 0; id = nodes_[id].next_of_unit) {
    moved.push_back(id);
  }
  for (const NodeId id : moved) {
    const Place old = nodes_[id].place;
    at_holder_.erase(uint64_t{from} << 32 | old.holder);
    parts_at_holder_.erase(uint64_t{from} << 32 | old.holder);
    of_part_.erase(Place{from, 0, old.holder, old.part, false});
    Place place = old;
    place.unit = to.unit;
    if (place.part == 0) place.part = to.part;
    if (place.variant == 0) place.variant = to.variant;
    const NodeId target = FindNode(place);
    if (target == 0) {
      nodes_[id].place = place;
      LinkNode(id);
      continue;
    }
    // The target has such a node: the edges go over to it.
    for (const bool output : {false, true}) {
      EdgeId& from_head = output ? nodes_[id].first_in : nodes_[id].first_out;
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
    nodes_[id].place = {};
  }
  units_[from].first_node = 0;
  aliases_[from] = to;
  if (units_[to.unit].product_name == 0) units_[to.unit].product_name = units_[from].product_name;
  if (const auto it = packings_.find(from); it != packings_.end()) {
    std::vector<Packing> rows = std::move(it->second);
    packings_.erase(it);
    auto& all = packings_[to.unit];
    all.insert(all.end(), rows.begin(), rows.end());
  }
  if (const auto it = containers_of_.find(from); it != containers_of_.end()) {
    const std::vector<UnitId> containers = std::move(it->second);
    containers_of_.erase(it);
    for (const UnitId container : containers) {
      auto& all = containers_of_[to.unit];
      if (std::find(all.begin(), all.end(), container) == all.end()) all.push_back(container);
      for (Packing& packing : packings_[container]) {
        for (Place& content : packing.contents) {
          if (content.unit != from) continue;
          content.unit = to.unit;
          if (content.part == 0) content.part = to.part;
          if (content.variant == 0) content.variant = to.variant;
        }
      }
    }
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

// ------------------------------------------------------------------- steps

StepId Graph::StepOf(uint32_t ledger, EventNo event, const StepFact& fact) {
  const auto make = [&] {
    Step& step = steps_.emplace_back();
    step.kind = fact.kind;
    step.first_event = event;
    step.run = Intern(fact.run);
    step.sender = Intern(fact.sender);
    return static_cast<StepId>(steps_.size() - 1);
  };
  if (fact.kind != StepKind::kRun || fact.run.empty()) return make();
  Run& run = runs_[{ledger, Intern(fact.run)}];
  const EventInfo& info = events_[event];
  // A number used after its run was closed is a new run; but what is only
  // keyed late, or happened before the end, belongs to the old one.
  const bool afterwards = run.closed && !fact.late && info.begin.earliest > run.closed_at.latest;
  if (run.step == 0 || afterwards) run = {make(), false, {}};
  if (fact.closes_run) {
    run.closed = true;
    run.closed_at = info.end;
  }
  return run.step;
}

void Graph::AddEdge(uint32_t ledger, StepId step, EventNo event, uint16_t ordinal,
                    const EdgeFact& fact, bool output) {
  const NodeId node = InternNode(PlaceOf(ledger, fact.node));
  const EdgeId id = static_cast<EdgeId>(edges_.size());
  Edge& edge = edges_.emplace_back();
  edge.node = node;
  edge.step = step;
  edge.event = event;
  edge.ordinal = ordinal;
  edge.role = fact.role;
  edge.scale = fact.scale;
  edge.quantity = fact.quantity;
  edge.quantity_unit = Intern(fact.quantity_unit);
  EdgeId& of_node = output ? nodes_[node].first_in : nodes_[node].first_out;
  edge.next_of_node = of_node;
  of_node = id;
  EdgeId& of_step = output ? steps_[step].first_output : steps_[step].first_input;
  edge.next_of_step = of_step;
  of_step = id;
}

const std::vector<Packing>* Graph::PackingsOf(UnitId container) const {
  const auto it = packings_.find(container);
  return it == packings_.end() ? nullptr : &it->second;
}

const std::vector<UnitId>* Graph::ContainersOf(UnitId unit) const {
  const auto it = containers_of_.find(unit);
  return it == containers_of_.end() ? nullptr : &it->second;
}

// ------------------------------------------------------------- corrections

void Graph::SetDead(uint32_t ledger, uint64_t sequence, bool dead) {
  const EventKey key{ledger, sequence};
  if (dead) {
    dead_.insert(key);
  } else {
    dead_.erase(key);
  }
  const std::vector<EventNo>& events = events_of_[ledger];
  const auto it =
      std::lower_bound(events.begin(), events.end(), sequence,
                       [&](EventNo no, uint64_t wanted) { return events_[no].sequence < wanted; });
  if (it == events.end() || events_[*it].sequence != sequence) return;
  if (dead) {
    dead_events_.insert(*it);
  } else {
    dead_events_.erase(*it);
  }
  const EdgeId end =
      *it + 1 < first_edge_.size() ? first_edge_[*it + 1] : static_cast<EdgeId>(edges_.size());
  for (EdgeId edge = first_edge_[*it]; edge < end; ++edge) edges_[edge].dead = dead;
}

// An event is dead while a live event corrects it; so whoever withdraws a
// correction brings back what it had taken away.
void Graph::Corrects(uint32_t ledger, uint64_t sequence, uint64_t target) {
  if (target >= sequence) return;
  correctors_[{ledger, target}].push_back(sequence);
  target_[{ledger, sequence}] = target;
  for (std::optional<uint64_t> at = target; at.has_value();) {
    bool dead = false;
    for (const uint64_t corrector : correctors_[{ledger, *at}]) {
      dead |= !dead_.contains({ledger, corrector});
    }
    if (dead == dead_.contains({ledger, *at})) break;
    SetDead(ledger, *at, dead);
    const auto next = target_.find({ledger, *at});
    at = next == target_.end() ? std::nullopt : std::optional<uint64_t>(next->second);
  }
}

// ------------------------------------------------------------------ adding

void Graph::Add(uint32_t ledger, uint64_t sequence, const Facts& facts,
                std::optional<uint64_t> corrects) {
  const EventNo event = static_cast<EventNo>(events_.size());
  events_.push_back({ledger, sequence, facts.operation, facts.begin, facts.end});
  first_edge_.push_back(static_cast<EdgeId>(edges_.size()));
  events_of_[ledger].push_back(event);

  if (!facts.owner.empty()) {
    const Name owner = Intern(facts.owner);
    owners_[ledger] = owner;
    owner_subjects_.insert(SubjectOf(owner));
  }
  for (const auto& [site, subject] : facts.sites) {
    const Name site_name = Intern(site);
    const Name subject_name = Intern(subject);
    if (site_name == subject_name || site.empty() || subject.empty()) continue;
    if (const auto [it, is_new] = subject_of_.emplace(site_name, subject_name); is_new) {
      sites_of_[subject_name].push_back(site_name);
    }
  }
  for (const auto& [holder, name] : facts.subject_names) {
    if (!name.empty()) holder_names_[Intern(holder)] = Intern(name);
  }
  for (const auto& [subject, id] : facts.subject_ids) {
    Named named;
    named.is_subject = true;
    named.subject = Intern(subject);
    NoteSpelling(id, named);
  }
  for (const auto& [gtin, base] : facts.packing) {
    if (gtin == base || !base_product_.emplace(gtin, base).second) continue;
    // Lots that were told under the GTIN of a packing level are lots of the item.
    const size_t count = units_.size();
    for (UnitId unit = 1; unit < count; ++unit) {
      const std::optional<std::string> resolved = ResolveProduct(text(units_[unit].key));
      if (resolved.has_value() && !aliases_.contains(unit)) {
        MergeUnit(unit, Resolve(InternUnit(*resolved)));
      }
    }
  }
  for (const auto& [product, name] : facts.product_names) {
    if (!name.empty()) product_names_[product] = Intern(name);
  }

  uint16_t ordinal = 0;
  for (const StepFact& fact : facts.steps) {
    const StepId step = StepOf(ledger, event, fact);
    for (const EdgeFact& input : fact.inputs) {
      AddEdge(ledger, step, event, ordinal++, input, false);
    }
    for (const EdgeFact& output : fact.outputs) {
      AddEdge(ledger, step, event, ordinal++, output, true);
    }
  }
  for (const PackFact& fact : facts.packs) {
    const Place container = PlaceOf(ledger, fact.container);
    InternNode(container);
    Packing packing;
    packing.out = fact.out;
    packing.holder = container.holder;
    packing.event = event;
    for (const NodeFact& content : fact.contents) {
      Place place = PlaceOf(ledger, content);
      place.holder = container.holder;
      InternNode(place);
      packing.contents.push_back(place);
      auto& containers = containers_of_[place.unit];
      if (containers.empty() || containers.back() != container.unit) {
        if (std::find(containers.begin(), containers.end(), container.unit) == containers.end()) {
          containers.push_back(container.unit);
        }
      }
    }
    packings_[container.unit].push_back(std::move(packing));
  }
  for (const CodesFact& fact : facts.codes) AddCodes(fact);
  for (const auto& [key, name] : facts.products) {
    units_[Resolve(InternUnit(key)).unit].product_name = Intern(name);
  }
  for (const auto& [key, id] : facts.unit_ids) {
    Named named;
    named.unit = Resolve(InternUnit(key)).unit;
    if (id.empty()) continue;
    NoteSpelling(id, named);
    auto& all = external_ids_[named.unit];
    const Name name = Intern(id);
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
  if (corrects.has_value()) Corrects(ledger, sequence, *corrects);
}

}  // namespace suyuan::genealogy

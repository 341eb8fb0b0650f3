#include "lib/genealogy/graph.h"

#include <algorithm>

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

}  // namespace

Graph::Graph() : units_(1), nodes_(1), steps_(1), edges_(1), events_(1), first_edge_(1) {
  Intern("");
}

// ------------------------------------------------------------------- names

Name Graph::Find(std::string_view text) const {
  const auto it = name_of_.find(text);
  return it == name_of_.end() ? 0 : it->second;
}

std::string_view Graph::HolderName(Name holder) const {
  const auto it = holder_names_.find(holder);
  return it == holder_names_.end() ? std::string_view() : text(it->second);
}

std::string_view Graph::AddressOf(Name holder) const {
  const auto it = addresses_.find(holder);
  return it == addresses_.end() ? std::string_view() : text(it->second);
}

std::string_view Graph::PhoneOf(Name holder) const {
  const auto it = phones_.find(holder);
  return it == phones_.end() ? std::string_view() : text(it->second);
}

Name Graph::SubjectOf(Name holder) const {
  const auto it = subject_of_.find(holder);
  return it == subject_of_.end() ? holder : it->second;
}

absl::flat_hash_map<Name, std::vector<Name>> Graph::SubjectIds() const {
  absl::flat_hash_map<Name, std::vector<Name>> ids;
  for (const auto& [spelling, all] : spellings_) {
    for (const Spelling& one : all) {
      const bool stands = std::any_of(one.events.begin(), one.events.end(),
                                      [&](EventNo event) { return IsLive(event); });
      if (one.named.is_subject && stands) ids[one.named.subject].push_back(spelling);
    }
  }
  return ids;
}

std::vector<Name> Graph::NamedHolders() const {
  std::vector<Name> named;
  for (const auto& [holder, name] : holder_names_) {
    const bool owns =
        std::any_of(owners_.begin(), owners_.end(),
                    [holder = holder](const auto& owner) { return owner.second == holder; });
    if (!owns) named.push_back(holder);
  }
  return named;
}

bool Graph::KeepsLedgerHere(Name holder) const {
  const Name subject = SubjectOf(holder);
  return std::any_of(owners_.begin(), owners_.end(),
                     [&](const auto& owner) { return SubjectOf(owner.second) == subject; });
}

// ------------------------------------------------------------------- units

std::optional<Graph::BaseKey> Graph::ResolveProduct(std::string_view key) const {
  if (base_product_.empty() || !key.starts_with("lot:")) return std::nullopt;
  const size_t slash = key.find('/');
  const size_t end = key.find('/', slash + 1);
  if (slash == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  auto it = base_product_.find(std::string(key.substr(slash + 1, end - slash - 1)));
  if (it == base_product_.end()) return std::nullopt;
  // A pallet of cases of items; no more levels than there are products.
  const Level* base = &it->second;
  int64_t count = base->count;
  for (size_t level = 0; level < base_product_.size(); ++level) {
    it = base_product_.find(base->base);
    if (it == base_product_.end()) break;
    base = &it->second;
    if (__builtin_mul_overflow(count, base->count, &count)) count = 0;
  }
  return BaseKey{StrCat(key.substr(0, slash + 1), base->base, key.substr(end)), count};
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

std::vector<Name> Graph::ExternalIds(UnitId unit, Name variant) const {
  const auto it = external_ids_.find(unit);
  if (it == external_ids_.end()) return {};
  std::vector<Name> ids = it->second;
  if (variant == 0) return ids;
  std::erase_if(ids, [&](Name id) {
    const std::vector<Named> named = Lookup(text(id));
    return std::none_of(named.begin(), named.end(), [&](const Named& one) {
      return one.unit == unit && VariantsCompatible(one.variant, variant);
    });
  });
  return ids;
}

std::optional<Place> Graph::FindPlaceOf(std::string_view base_key) const {
  const std::optional<BaseKey> resolved = ResolveProduct(base_key);
  const Name name = Find(resolved.has_value() ? std::string_view(resolved->key) : base_key);
  const auto it = unit_of_.find(name);
  Place place;
  if (name != 0 && it != unit_of_.end()) {
    const Alias alias = Resolve(it->second);
    place.unit = alias.unit;
    place.part = alias.part;
    place.variant = alias.variant;
    return place;
  }
  if (!base_key.starts_with("item:")) return std::nullopt;
  const absl::StatusOr<UnitKey> key = UnitKey::Parse(base_key);
  const std::optional<Named> bound = key.ok() ? FindCode(key->code) : std::nullopt;
  if (!bound.has_value()) return std::nullopt;
  place.unit = Resolve(bound->unit).unit;
  place.variant = bound->variant;
  place.part = name;
  return place;
}

bool Graph::DatesFit(std::string_view a, std::string_view b) { return DatesCompatible(a, b); }

std::string Graph::KeyText(UnitId id, Name variant) const {
  const Unit& unit = units_[id];
  std::string key(text(unit.key));
  const bool no_number = key.starts_with("lot:") && key.ends_with("/");
  if (variant == 0) return key;
  // Dates only where they tell this lot from another one of its number.
  const bool apart = unit.told_apart &&
                     std::any_of(unit.variants.begin(), unit.variants.end(),
                                 [&](Name other) { return !VariantsCompatible(other, variant); });
  return no_number || apart ? key + std::string(text(variant)) : key;
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
    const std::optional<BaseKey> resolved = ResolveProduct(base);
    const Name name = Find(resolved.has_value() ? resolved->key : base);
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
      for (const Spelling& one : it->second) add(one.named);
    }
  }
  return found;
}

std::vector<Place> Graph::PlacesOf(std::string_view spelling,
                                   const std::function<bool(uint32_t, uint64_t)>& left_out) const {
  std::vector<Place> places;
  const auto add = [&](const Place& place) {
    if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  };
  if (const absl::StatusOr<std::string> item = codes::ItemKey(spelling); item.ok()) {
    if (const std::optional<Place> place = FindPlaceOf(*item)) add(*place);
  }
  const auto it = spellings_.find(Find(spelling));
  if (it == spellings_.end()) return places;
  const auto stands = [&](EventNo event) {
    return IsLive(event) && !(left_out && left_out(events_[event].ledger, events_[event].sequence));
  };
  for (const Spelling& one : it->second) {
    if (one.named.is_subject || std::none_of(one.events.begin(), one.events.end(), stands)) {
      continue;
    }
    const Alias alias = Resolve(one.named.unit);
    Place place;
    place.unit = alias.unit;
    place.variant = alias.variant != 0 ? alias.variant : one.named.variant;
    place.part = alias.part;
    add(place);
  }
  return places;
}

std::optional<Named> Graph::FindCode(std::string_view code) const {
  const std::optional<CodeBook::Binding> bound =
      codes_.Find(code, [this](EventNo event) { return IsLive(event); });
  if (!bound.has_value()) return std::nullopt;
  Named named;
  named.unit = bound->unit;
  named.variant = bound->variant;
  return named;
}

// ------------------------------------------------------------------- nodes

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

UnitId Graph::AnyLotOf(UnitId unit) const {
  if (!any_lots_ || units_[unit].kind != UnitKind::kGoods) return 0;
  const std::string_view key = text(units_[unit].key);
  if (!key.starts_with("lot:")) return 0;
  const size_t slash = key.find('/');
  const std::string_view product = key.substr(slash + 1, key.find('/', slash + 1) - slash - 1);
  const Name name = Find(StrCat("any:", product));
  const auto it = unit_of_.find(name);
  return name == 0 || it == unit_of_.end() ? 0 : it->second;
}

std::vector<UnitId> Graph::LotsOf(UnitId any) const {
  std::vector<UnitId> lots;
  for (UnitId unit = 1; unit < units_.size(); ++unit) {
    if (!aliases_.contains(unit) && AnyLotOf(unit) == any) lots.push_back(unit);
  }
  return lots;
}

std::vector<Name> Graph::EquipmentOf(StepId step) const {
  std::vector<Name> names;
  for (const EdgeId first : {steps_[step].first_input, steps_[step].first_output}) {
    for (EdgeId e = first; e != 0; e = edges_[e].next_of_step) {
      const auto it = edges_[e].dead ? equipment_.end() : equipment_.find(edges_[e].event);
      if (it != equipment_.end()) names.insert(names.end(), it->second.begin(), it->second.end());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// -------------------------------------------------------------- statements

const std::vector<EdgeId>* Graph::IdentitiesOf(UnitId unit) const {
  const auto it = identities_.find(unit);
  return it == identities_.end() ? nullptr : &it->second;
}

Name Graph::OwnerOf(uint32_t ledger) const {
  const auto it = owners_.find(ledger);
  return it == owners_.end() ? 0 : it->second;
}

const std::vector<Packing>* Graph::PackingsOf(UnitId container) const {
  const auto it = packings_.find(container);
  return it == packings_.end() ? nullptr : &it->second;
}

const std::vector<UnitId>* Graph::ContainersOf(UnitId unit) const {
  const auto it = containers_of_.find(unit);
  return it == containers_of_.end() ? nullptr : &it->second;
}

namespace {

template <typename Rows, typename Key>
const typename Rows::mapped_type* Found(const Rows& rows, Key key) {
  const auto it = rows.find(key);
  return it == rows.end() ? nullptr : &it->second;
}

}  // namespace

const std::vector<Mark>* Graph::MarksOf(UnitId unit) const { return Found(marks_, unit); }
const std::vector<SpelledMark>* Graph::MarksOfSpelling(Name spelling) const {
  return Found(spelled_marks_, spelling);
}
const std::vector<Name>* Graph::MarkedSpellingsOf(UnitId unit) const {
  return Found(marked_spellings_, unit);
}
const std::vector<Mark>* Graph::MarksOfPlace(Name holder) const {
  return Found(place_marks_, holder);
}
const std::vector<Mark>* Graph::MarksOfEquipment(Name equipment) const {
  return Found(equipment_marks_, equipment);
}

// ---------------------------------------------------------------- entries

std::optional<EventNo> Graph::EventAt(uint32_t ledger, uint64_t sequence) const {
  const auto known = events_of_.find(ledger);
  if (known == events_of_.end()) return std::nullopt;
  const std::vector<EventNo>& events = known->second;
  const auto it =
      std::lower_bound(events.begin(), events.end(), sequence,
                       [&](EventNo no, uint64_t wanted) { return events_[no].sequence < wanted; });
  if (it == events.end() || events_[*it].sequence != sequence) return std::nullopt;
  return *it;
}

std::optional<uint64_t> Graph::CorrectedBy(EventNo event) const {
  return corrections_.CorrectorOf(events_[event].ledger, events_[event].sequence);
}

}  // namespace suyuan::genealogy

#ifndef LIB_GENEALOGY_GRAPH_H_
#define LIB_GENEALOGY_GRAPH_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "lib/genealogy/code_book.h"
#include "lib/genealogy/corrections.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/ids.h"

namespace suyuan::genealogy {

// Where a unit lies. An empty variant, holder or part is one that was not
// told: it can be any (unknown holder), any site (a subject), any part.
struct Place {
  UnitId unit = 0;
  Name variant = 0;
  Name holder = 0;
  Name part = 0;
  bool apart = false;

  template <typename H>
  friend H AbslHashValue(H h, const Place& p) {
    return H::combine(std::move(h), p.unit, p.variant, p.holder, p.part, p.apart);
  }
  friend bool operator==(const Place&, const Place&) = default;
};

struct Node {
  Place place;
  EdgeId first_out = 0;  // edges in which it is an input of a step
  EdgeId first_in = 0;   // edges in which it is an output
  NodeId next_at_holder = 0;
  NodeId next_of_unit = 0;
  NodeId next_plain = 0;  // of its unit, without a part
  bool left = false;      // what was told of it is told of another unit now
};

struct Edge {
  NodeId node = 0;
  StepId step = 0;
  EdgeId next_of_node = 0;
  EdgeId next_of_step = 0;
  EventNo event = 0;
  uint16_t ordinal = 0;  // among the edges of its event
  v1::Role role = v1::ROLE_INGREDIENT;
  int32_t scale = 0;
  int64_t quantity = 0;
  Name quantity_unit = 0;
  bool output = false;       // of its step
  bool dead = false;         // a correction took it away
  bool alternative = false;  // it, or another one of its step
  bool sliced = false;       // has a slice
};

// Which part of its run an edge belongs to, widened by its margins.
struct Slice {
  int64_t from = Interval::kMin;
  int64_t to = Interval::kMax;
  Name first_serial = 0;
  Name last_serial = 0;
  int32_t serial_margin = 0;
};

struct Step {
  StepKind kind = StepKind::kShip;
  EventNo first_event = 0;
  Name run = 0;
  Name sender = 0;
  Name document = 0;
  Name buyer = 0;
  EdgeId first_input = 0;
  EdgeId first_output = 0;
};

// One event that told something.
struct EventInfo {
  uint32_t ledger = 0;
  uint64_t sequence = 0;
  int operation = 0;
  Interval begin;
  Interval end;
};

// An exact decimal of a unit of measure; without one nothing was told.
struct Amount {
  int64_t value = 0;
  int32_t scale = 0;
  Name unit = 0;
};

// Contents going into a container or out of it.
struct Packing {
  bool out = false;
  Name holder = 0;
  std::vector<Place> contents;  // out: empty means all
  std::vector<Amount> amounts;  // of the contents
  EventNo event = 0;
};

// What an event said about goods, a place or equipment.
struct Mark {
  MarkKind kind = MarkKind::kFinished;
  Place place;
  int64_t value = 0;
  int32_t scale = 0;
  Name unit = 0;  // of measure
  EventNo event = 0;
  int64_t since = Interval::kMin;
};

// What an event said about goods that it names by external ids alone; its place has no unit.
struct SpelledMark {
  Mark mark;
  std::vector<Name> spellings;
};

enum class UnitKind : uint8_t {
  kGoods = 0,
  kVessel = 1,  // whatever a vessel holds
  kAny = 2,     // some lot of a product
};

struct Unit {
  Name key = 0;  // base key
  UnitKind kind = UnitKind::kGoods;
  Name product_name = 0;
  NodeId first_node = 0;
  NodeId first_plain = 0;       // without a part
  bool holder_unknown = false;  // has nodes without a holder
  bool has_parts = false;       // has nodes with a part
  std::vector<Name> variants;   // dates of its nodes
  bool told_apart = false;      // some of them contradict each other
};

// Something that a spelling can name.
struct Named {
  bool is_subject = false;
  UnitId unit = 0;
  Name variant = 0;
  Name subject = 0;
  friend bool operator==(const Named&, const Named&) = default;
};

// The genealogy of all ledgers of a store: a bipartite graph of units at their
// holders and of steps. Grows only; what a correction takes away is marked. One
// writer or many readers at a time.
class Graph {
 public:
  Graph();

  // Takes in what entry `sequence` of `ledger` tells; `corrects` is the entry
  // whose effect it takes away, `reread` are those that it says speak of another unit.
  void Add(uint32_t ledger, uint64_t sequence, const Facts& facts, std::optional<uint64_t> corrects,
           std::span<const uint64_t> reread = {});

  // ---- names
  std::string_view text(Name name) const { return names_[name]; }
  Name Find(std::string_view text) const;
  // The name that people know a holder by; empty if none was told.
  std::string_view HolderName(Name holder) const;
  // As recorded last; empty if never.
  std::string_view AddressOf(Name holder) const;
  std::string_view PhoneOf(Name holder) const;
  // The subject that a site belongs to; a subject itself.
  Name SubjectOf(Name holder) const;
  // Did an event name it as one that holds or sends goods, or as a subject?
  bool IsHolder(Name name) const { return holders_.contains(name); }
  // External ids of subjects, by subject, each as normal text.
  absl::flat_hash_map<Name, std::vector<Name>> SubjectIds() const;
  // Subjects and sites that events named by more than a key, without owners of ledgers.
  std::vector<Name> NamedHolders() const;
  // The owner of a ledger here?
  bool KeepsLedgerHere(Name holder) const;

  // ---- units
  const Unit& unit(UnitId id) const { return units_[id]; }
  size_t unit_count() const { return units_.size() - 1; }
  // All that `spelling` names: a key, a code, or an external id.
  std::vector<Named> Lookup(std::string_view spelling) const;
  // All that an external id, or a code, in normal form names by entries that stand and are
  // not `left_out`.
  std::vector<Place> PlacesOf(
      std::string_view spelling,
      const std::function<bool(uint32_t ledger, uint64_t sequence)>& left_out = nullptr) const;
  // The unit of a key without dates, and what the key says of it (an item code names
  // a part of its lot); nothing if no event named it.
  std::optional<Place> FindPlaceOf(std::string_view base_key) const;
  // Can two sets of dates ";made=..;expiry=.." be those of one lot?
  static bool DatesFit(std::string_view a, std::string_view b);
  std::vector<Name> ExternalIds(UnitId unit, Name variant = 0) const;
  // "lot:...": with dates only where lots of one number must be told apart.
  std::string KeyText(UnitId unit, Name variant) const;
  std::string ProductName(UnitId unit) const;
  // The name of a vessel.
  static std::string_view VesselName(std::string_view key) { return key.substr(7); }
  // Whatever stands for a lot of the product of `unit`; 0 if no event named such.
  UnitId AnyLotOf(UnitId unit) const;
  // The units of goods that `any` can stand for. Cost: all units.
  std::vector<UnitId> LotsOf(UnitId any) const;
  // A unit that another one has become the name of is no unit any more.
  bool IsAlias(UnitId unit) const { return aliases_.contains(unit); }

  // ---- nodes
  const Node& node(NodeId id) const { return nodes_[id]; }
  size_t node_count() const { return nodes_.size(); }
  NodeId FindNode(const Place& place) const;
  // Every node that can lie where `place` lies: the same unit, and each of
  // variant, holder and part equal or not told on one side. Goods set apart
  // match only their own part.
  template <typename Visit>
  void ForEachCompatible(const Place& place, Visit visit) const;
  bool Compatible(const Place& a, const Place& b) const;
  // Every holder that can be `holder`, which is told: itself, an untold one, its
  // subject or its sites.
  template <typename Visit>
  void ForEachHolder(Name holder, Visit visit) const;
  // Equal, or one not told, or a subject and one of its sites.
  bool HoldersCompatible(Name a, Name b) const;
  bool VariantsCompatible(Name a, Name b) const;

  // ---- steps
  const Step& step(StepId id) const { return steps_[id]; }
  size_t step_count() const { return steps_.size(); }
  const Edge& edge(EdgeId id) const { return edges_[id]; }
  size_t edge_count() const { return edges_.size(); }
  const EventInfo& event(EventNo no) const { return events_[no]; }
  // Of an edge that is `sliced`.
  const Slice& SliceOf(EdgeId edge) const { return slices_.at(edge); }
  // What the events that stand named. Cost: all edges of the step.
  std::vector<Name> EquipmentOf(StepId step) const;

  // Edges that say that `unit` is another one, as inputs of their steps; null
  // if none do.
  const std::vector<EdgeId>* IdentitiesOf(UnitId unit) const;
  // Whose ledger it is.
  Name OwnerOf(uint32_t ledger) const;

  // ---- containers
  // What happened to a container as such; null if nothing.
  const std::vector<Packing>* PackingsOf(UnitId container) const;
  // Containers that `unit` was ever put into or taken out of.
  const std::vector<UnitId>* ContainersOf(UnitId unit) const;
  bool AnyTakenAway() const { return !dead_events_.empty(); }
  // Did a correction take the effect of an entry away?
  bool IsTakenAway(uint32_t ledger, uint64_t sequence) const {
    return corrections_.IsDead(ledger, sequence);
  }
  // The entry of its ledger that took an event away; nothing of one that stands.
  std::optional<uint64_t> CorrectedBy(EventNo event) const;

  // ---- statements, in the order of recording; null if there are none
  const std::vector<Mark>* MarksOf(UnitId unit) const;
  const std::vector<SpelledMark>* MarksOfSpelling(Name spelling) const;
  const std::vector<Mark>* MarksOfPlace(Name holder) const;
  const std::vector<Mark>* MarksOfEquipment(Name equipment) const;

  // Those with a MarksOfSpelling that name `unit`, or did once.
  const std::vector<Name>* MarkedSpellingsOf(UnitId unit) const;

  bool IsLive(EventNo event) const { return dead_events_.empty() || !dead_events_.contains(event); }

 private:
  struct Alias {
    UnitId unit = 0;
    Name part = 0;
    Name variant = 0;
  };

  // All that was told under one run number: a number that is used again after
  // its run was closed is another run, so events are dealt out to steps by the
  // closes that have effect.
  struct RunEvent {
    EventNo event = 0;
    bool closes = false;
    bool late = false;
  };
  struct Run {
    std::vector<RunEvent> events;
    std::vector<StepId> steps;
  };

  // The parts of Add, in its order.
  void AddSubjects(uint32_t ledger, EventNo event, const Facts& facts);
  void AddLevels(const Facts& facts);
  void AddSteps(uint32_t ledger, EventNo event, const Facts& facts);
  void AddPackings(uint32_t ledger, EventNo event, const Facts& facts);
  void AddCodes(EventNo event, const CodesFact& fact);
  void AddMarks(uint32_t ledger, EventNo event, const Facts& facts);
  void AddSpelledMark(uint32_t ledger, const NodeFact& fact, const Mark& mark);
  void AddUnitNames(EventNo event, const Facts& facts);
  void AddSplits(uint32_t ledger, EventNo event, const Facts& facts,
                 std::span<const uint64_t> reread);

  Name Intern(std::string_view text);
  UnitId InternUnit(const std::string& key);
  Alias Resolve(UnitId unit) const;
  // A key with the base product in place of a packing level, and how many of the
  // base product one of the level is; 0 if that is not known.
  struct BaseKey {
    std::string key;
    int64_t count = 1;
  };
  std::optional<BaseKey> ResolveProduct(std::string_view key) const;
  // What was counted in packages of a level, in pieces of the base product.
  void CountPieces(int64_t count, Amount* amount);
  // As told for a unit with this key.
  Amount AmountOf(const EdgeFact& fact);
  // All that was told of a unit that turns out to be of a level.
  void CountPiecesOf(UnitId unit, int64_t count);
  Name InternHolder(const std::string& key);
  Name HolderOf(uint32_t ledger, const NodeFact& fact);
  Place PlaceOf(uint32_t ledger, const NodeFact& fact);
  NodeId InternNode(const Place& place);
  void LinkNode(NodeId id);
  StepId StepOf(uint32_t ledger, EventNo event, const StepFact& fact);
  StepId MakeStep(EventNo event, const StepFact& fact);
  size_t TurnOf(const Run& run, const RunEvent& told) const;
  StepId StepOfTurn(Run* run, size_t turn, EventNo event);
  void DealOut(Run* run);
  void LinkToStep(EdgeId edge, StepId step);
  void AddEdge(uint32_t ledger, StepId step, EventNo event, uint16_t ordinal, const EdgeFact& fact,
               bool output);
  // What the last binding that stands says.
  std::optional<Named> FindCode(std::string_view code) const;
  // Items that events named go where their codes are bound now.
  void BindItems(const CodesFact& fact);
  // Puts every node of `from` where `where` says.
  void Move(UnitId from, absl::FunctionRef<Place(const Place&)> where);
  // Moves all nodes of `from` to `to`.
  void MergeUnit(UnitId from, const Alias& to);
  void NoteContainer(UnitId content, UnitId container);
  // Ids of `from` that were told of `told`.
  void MoveExternalIds(UnitId from, UnitId to, UnitId told);
  void NoteSpelling(const std::string& spelling, const Named& named, EventNo event);
  void RetellSpellings(EventNo event, const Place& from, const Place& to);
  // Marks under `spelling` can be of all that it names.
  void NoteMarked(Name spelling);
  void NoteMarked(UnitId unit, Name spelling);
  // What named `from` can name `to`.
  void ShareMarked(UnitId from, UnitId to);
  std::optional<EventNo> EventAt(uint32_t ledger, uint64_t sequence) const;
  EdgeId EndOfEdges(EventNo event) const {
    return event + 1 < first_edge_.size() ? first_edge_[event + 1]
                                          : static_cast<EdgeId>(edges_.size());
  }
  // What `events` told of `from` is told of `to`.
  void Retell(const std::vector<EventNo>& events, const Place& from, const Place& to);
  void MoveEdge(EdgeId edge, NodeId to);
  void SetDead(uint32_t ledger, uint64_t sequence, bool dead);

  std::deque<std::string> names_;
  absl::flat_hash_map<std::string_view, Name, absl::Hash<std::string_view>, std::equal_to<>>
      name_of_;

  std::vector<Unit> units_;
  absl::flat_hash_map<Name, UnitId> unit_of_;
  absl::flat_hash_map<UnitId, Alias> aliases_;
  absl::flat_hash_map<UnitId, std::vector<Name>> external_ids_;
  struct Spelling {
    Named named;
    std::vector<EventNo> events;  // that told it
  };
  absl::flat_hash_map<Name, absl::InlinedVector<Spelling, 1>> spellings_;
  struct Level {
    std::string base;
    int64_t count = 0;
  };
  absl::flat_hash_map<std::string, Level> base_product_;
  absl::flat_hash_map<std::string, Name> product_names_;

  std::vector<Node> nodes_;
  // Nodes of one unit at one holder (unit << 32 | holder), chained by
  // next_at_holder: those without a part, and those with one.
  absl::flat_hash_map<uint64_t, NodeId> at_holder_;
  absl::flat_hash_map<uint64_t, NodeId> parts_at_holder_;
  // Nodes of one part, whatever the variant and apartness.
  absl::flat_hash_map<Place, absl::InlinedVector<NodeId, 1>> of_part_;
  // The same at any holder: unit << 32 | part.
  absl::flat_hash_map<uint64_t, absl::InlinedVector<NodeId, 1>> parts_of_unit_;
  absl::flat_hash_map<UnitId, std::vector<EdgeId>> identities_;
  // Of a key that named two units, by the event that said so.
  struct Resolved {
    Place from;
    Place to;
    std::vector<EventNo> events;
  };
  absl::flat_hash_map<EventNo, Resolved> splits_;

  std::vector<Step> steps_;
  absl::flat_hash_map<EventNo, absl::InlinedVector<Name, 1>> equipment_;
  absl::flat_hash_map<EdgeId, Slice> slices_;
  bool any_lots_ = false;  // has units that stand for some lot
  std::vector<Edge> edges_;
  std::vector<EventInfo> events_;

  absl::flat_hash_set<Name> holders_;
  absl::flat_hash_map<Name, Name> holder_names_;
  absl::flat_hash_map<Name, Name> addresses_;
  absl::flat_hash_map<Name, Name> phones_;
  absl::flat_hash_map<Name, Name> subject_of_;
  absl::flat_hash_map<Name, std::vector<Name>> sites_of_;
  absl::flat_hash_map<uint32_t, Name> owners_;
  absl::flat_hash_map<UnitId, std::vector<Packing>> packings_;
  absl::flat_hash_map<UnitId, std::vector<UnitId>> containers_of_;
  absl::flat_hash_map<UnitId, std::vector<Mark>> marks_;
  absl::flat_hash_map<Name, std::vector<SpelledMark>> spelled_marks_;
  absl::flat_hash_map<UnitId, std::vector<Name>> marked_spellings_;
  absl::flat_hash_map<Name, std::vector<Mark>> place_marks_;
  absl::flat_hash_map<Name, std::vector<Mark>> equipment_marks_;

  CodeBook codes_;
  CodeBook marked_codes_;  // its items are the spellings that have marks
  absl::flat_hash_map<EventNo, std::vector<CodesFact>> code_events_;

  absl::flat_hash_map<std::pair<uint32_t, Name>, Run> runs_;

  Corrections corrections_;
  absl::flat_hash_set<EventNo> dead_events_;
  // First edge of each event that has some, in order, by ledger.
  absl::flat_hash_map<uint32_t, std::vector<EventNo>> events_of_;
  std::vector<EdgeId> first_edge_;  // by EventNo
};

// ------------------------------------------------------------------ inline

template <typename Visit>
void Graph::ForEachHolder(Name holder, Visit visit) const {
  visit(holder);
  visit(Name{0});
  if (const auto subject = subject_of_.find(holder); subject != subject_of_.end()) {
    visit(subject->second);
  } else if (const auto sites = sites_of_.find(holder); sites != sites_of_.end()) {
    for (const Name site : sites->second) visit(site);
  }
}

template <typename Visit>
void Graph::ForEachCompatible(const Place& place, Visit visit) const {
  const Unit& unit = units_[place.unit];
  const auto consider = [&](NodeId id) {
    if (Compatible(place, nodes_[id].place)) visit(id);
  };
  const auto chain = [&](const absl::flat_hash_map<uint64_t, NodeId>& heads, Name holder) {
    const auto it = heads.find(uint64_t{place.unit} << 32 | holder);
    if (it == heads.end()) return;
    for (NodeId id = it->second; id != 0; id = nodes_[id].next_at_holder) consider(id);
  };
  const auto at_holder = [&](Name holder) {
    chain(at_holder_, holder);
    if (!unit.has_parts) return;
    if (place.part == 0) {
      chain(parts_at_holder_, holder);
      return;
    }
    // Only this part: no walk over all the others.
    const auto it = of_part_.find(Place{place.unit, 0, holder, place.part, false});
    if (it == of_part_.end()) return;
    for (const NodeId id : it->second) consider(id);
  };
  if (place.holder == 0) {
    if (place.part == 0) {
      for (NodeId id = unit.first_node; id != 0; id = nodes_[id].next_of_unit) consider(id);
      return;
    }
    for (NodeId id = unit.first_plain; id != 0; id = nodes_[id].next_plain) consider(id);
    const auto it = parts_of_unit_.find(uint64_t{place.unit} << 32 | place.part);
    if (it == parts_of_unit_.end()) return;
    for (const NodeId id : it->second) consider(id);
    return;
  }
  at_holder(place.holder);
  if (unit.holder_unknown) at_holder(0);
  if (const auto subject = subject_of_.find(place.holder); subject != subject_of_.end()) {
    at_holder(subject->second);
  } else if (const auto sites = sites_of_.find(place.holder); sites != sites_of_.end()) {
    for (const Name site : sites->second) at_holder(site);
  }
}

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_GRAPH_H_

#include "lib/engine/ledger_state.h"

#include <algorithm>

#include "lib/base/time.h"

namespace suyuan::engine {
namespace {

using events::Evidence;
using events::Goods;
using events::Standing;
using genealogy::Facts;
using genealogy::Graph;
using genealogy::GraphIndex;
using genealogy::HolderKind;
using genealogy::MarkFact;
using genealogy::MarkKind;
using genealogy::Name;
using genealogy::NodeFact;
using trace::Said;

constexpr int kChinaOffsetMinutes = 480;
// No key of a unit begins like these.
constexpr std::string_view kPlaces = "\1";
const std::string kEquipment = "\2";  // NOLINT(cert-err58-cpp)

std::string_view HolderOf(const Graph& graph, uint32_t ledger, const NodeFact& node) {
  switch (node.holder_kind) {
    case HolderKind::kOwner:
      return graph.text(graph.OwnerOf(ledger));
    case HolderKind::kNamed:
      return node.holder;
    case HolderKind::kUnknown:
      break;
  }
  return {};
}

// A unit and all those that corrections say are the same.
std::vector<genealogy::UnitId> SameAs(const Graph& graph, genealogy::UnitId unit) {
  std::vector<genealogy::UnitId> same = {unit};
  for (size_t i = 0; i < same.size(); ++i) {
    const std::vector<genealogy::EdgeId>* const identities = graph.IdentitiesOf(same[i]);
    if (identities == nullptr) continue;
    for (const genealogy::EdgeId from : *identities) {
      if (graph.edge(from).dead) continue;
      for (genealogy::EdgeId to = graph.step(graph.edge(from).step).first_output; to != 0;
           to = graph.edge(to).next_of_step) {
        const genealogy::UnitId other = graph.node(graph.edge(to).node).place.unit;
        if (std::find(same.begin(), same.end(), other) == same.end()) same.push_back(other);
      }
    }
  }
  return same;
}

// The last moment of the expiry date in a variant.
std::optional<int64_t> ExpiryOf(std::string_view variant) {
  constexpr std::string_view kName = ";expiry=";
  const size_t at = variant.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  const std::optional<v1::Date> date = ParseDateText(variant.substr(at + kName.size()));
  if (!date.has_value()) return std::nullopt;
  return IntervalOf(*date, kChinaOffsetMinutes).latest;
}

}  // namespace

std::vector<std::string> LedgerState::KeysOf(const Pending& pending) {
  const Facts& facts = GraphIndex::FactsIn(*pending.prepared);
  std::set<std::string> keys;
  for (const MarkFact& mark : facts.marks) {
    if (!mark.equipment.empty()) {
      keys.insert(kEquipment + mark.equipment);
    } else if (mark.node.unit.empty()) {
      keys.insert(std::string(kPlaces));
    } else {
      keys.insert(mark.node.unit);
    }
  }
  for (const genealogy::PackFact& pack : facts.packs) keys.insert(pack.container.unit);
  return {keys.begin(), keys.end()};
}

void LedgerState::Tell(uint32_t ledger, uint64_t not_after,
                       std::shared_ptr<const store::Index::Prepared> prepared,
                       std::optional<uint64_t> corrects) {
  pending_.push_back({ledger, not_after, std::move(prepared), corrects});
  const Pending& pending = pending_.back();
  for (const std::string& key : KeysOf(pending)) by_key_[key].push_back(&pending);
  if (corrects.has_value()) withdrawn_.emplace(ledger, *corrects);
}

void LedgerState::Drop(const Pending& pending) const {
  for (const std::string& key : KeysOf(pending)) {
    const auto it = by_key_.find(key);
    std::erase(it->second, &pending);
    if (it->second.empty()) by_key_.erase(it);
  }
  if (pending.corrects.has_value()) {
    withdrawn_.erase(withdrawn_.find({pending.ledger, *pending.corrects}));
  }
}

void LedgerState::Forget(size_t count) {
  for (; count > 0 && !pending_.empty(); --count) {
    Drop(pending_.back());
    pending_.pop_back();
  }
}

// Events are told in the order in which they are stored.
void LedgerState::Expire(const std::map<uint32_t, uint64_t>& heights) const {
  while (!pending_.empty()) {
    const auto height = heights.find(pending_.front().ledger);
    if (height == heights.end() || height->second <= pending_.front().sequence) return;
    Drop(pending_.front());
    pending_.pop_front();
  }
}

bool LedgerState::Withdrawn(uint32_t ledger, uint64_t sequence) const {
  return withdrawn_.contains({ledger, sequence});
}

void LedgerState::ForEachPending(
    const std::string& key, const std::function<void(const Pending&, const Facts&)>& visit) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return;
  for (const Pending* pending : it->second) {
    visit(*pending, GraphIndex::FactsIn(*pending->prepared));
  }
}

Standing LedgerState::StandingOf(const Graph& graph, uint32_t ledger, const Goods& goods,
                                 const Interval& at) const {
  const std::optional<genealogy::Place> known = graph.FindPlaceOf(goods.unit);
  std::set<std::string> keys = {goods.unit};
  Goods here = goods;
  if (here.holder.empty()) here.holder = std::string(graph.text(graph.OwnerOf(ledger)));
  std::vector<Said> said;
  if (known.has_value()) {
    keys.emplace(graph.text(graph.unit(known->unit).key));
    if (here.part.empty()) here.part = std::string(graph.text(known->part));
    if (here.variant.empty()) here.variant = std::string(graph.text(known->variant));
    const auto left_out = [&](uint32_t in, uint64_t sequence) { return Withdrawn(in, sequence); };
    for (const genealogy::UnitId unit : SameAs(graph, known->unit)) {
      const std::vector<Said> of_one = trace::SaidOf(graph, unit, here, left_out);
      said.insert(said.end(), of_one.begin(), of_one.end());
      keys.emplace(graph.text(graph.unit(unit).key));
    }
  }
  for (const std::string& key : keys) {
    ForEachPending(key, [&](const Pending& pending, const Facts& facts) {
      for (const MarkFact& mark : facts.marks) {
        const trace::Where where{mark.node.variant, HolderOf(graph, pending.ledger, mark.node),
                                 mark.node.part};
        if (mark.node.unit != key || !trace::Concerns(graph, where, here)) continue;
        said.push_back({mark.kind, mark.value, facts.begin, pending.ledger, pending.sequence});
      }
    });
  }
  Standing standing = trace::StandingBy(said, at, name_of_);
  standing.goods = goods;
  if (const std::optional<int64_t> expiry = ExpiryOf(here.variant)) {
    standing.usable_until = std::max(standing.usable_until.value_or(*expiry), *expiry);
  }
  return standing;
}

// What can lie in `container`: all that went in and was not, later, emptied out.
std::vector<Goods> LedgerState::ContentsOf(const Graph& graph, const Goods& container,
                                           const Interval& at) const {
  struct Event {
    bool out = false;
    Interval when;
    std::vector<Goods> contents;
  };
  std::vector<Event> events;
  if (const std::optional<genealogy::Place> known = graph.FindPlaceOf(container.unit)) {
    const std::vector<genealogy::Packing>* const packings = graph.PackingsOf(known->unit);
    if (packings != nullptr) {
      for (const genealogy::Packing& packing : *packings) {
        const genealogy::EventInfo& info = graph.event(packing.event);
        if (!graph.IsLive(packing.event) || Withdrawn(info.ledger, info.sequence)) continue;
        Event& event = events.emplace_back(Event{packing.out, info.begin, {}});
        for (const genealogy::Place& place : packing.contents) {
          event.contents.push_back(Goods{std::string(graph.text(graph.unit(place.unit).key)),
                                         std::string(graph.text(place.variant)),
                                         std::string(graph.text(place.holder)),
                                         std::string(graph.text(place.part))});
        }
      }
    }
  }
  ForEachPending(container.unit, [&](const Pending& pending, const Facts& facts) {
    for (const genealogy::PackFact& pack : facts.packs) {
      if (pack.container.unit != container.unit) continue;
      Event& event = events.emplace_back(Event{pack.out, facts.begin, {}});
      for (const genealogy::EdgeFact& content : pack.contents) {
        event.contents.push_back(Goods{content.node.unit, content.node.variant,
                                       std::string(HolderOf(graph, pending.ledger, content.node)),
                                       content.node.part});
      }
    }
  });
  std::vector<Goods> inside;
  for (size_t i = 0; i < events.size(); ++i) {
    const Event& in = events[i];
    if (in.out || in.when.earliest > at.latest) continue;
    const bool emptied = std::any_of(events.begin(), events.end(), [&](const Event& out) {
      const bool after =
          out.when.earliest > in.when.latest || (out.when.latest >= in.when.earliest && &out > &in);
      return out.out && out.contents.empty() && after && out.when.earliest <= at.latest;
    });
    if (!emptied) inside.insert(inside.end(), in.contents.begin(), in.contents.end());
  }
  return inside;
}

std::vector<Standing> LedgerState::StandingsOf(uint32_t ledger, const Goods& goods,
                                               const Interval& at) const {
  std::vector<Standing> standings;
  graph_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>& heights) {
    Expire(heights);
    std::vector<Goods> open = {goods};
    std::set<std::tuple<std::string, std::string, std::string>> seen;
    for (size_t i = 0; i < open.size(); ++i) {
      const Goods one = open[i];
      if (!seen.emplace(one.unit, one.variant, one.part).second) continue;
      standings.push_back(StandingOf(graph, ledger, one, at));
      const std::vector<Goods> contents = ContentsOf(graph, one, at);
      open.insert(open.end(), contents.begin(), contents.end());
    }
  });
  return standings;
}

std::optional<Evidence> LedgerState::Held(const std::vector<Said>& said, const Interval& at) const {
  return trace::StandingBy(said, at, name_of_).held;
}

std::optional<Evidence> LedgerState::HeldPlace(uint32_t ledger, const std::string& holder,
                                               const Interval& at) const {
  std::vector<Said> said;
  graph_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>& heights) {
    Expire(heights);
    const std::string here =
        holder.empty() ? std::string(graph.text(graph.OwnerOf(ledger))) : holder;
    const std::string subject(trace::SubjectText(graph, here));
    for (const std::string& name : std::set<std::string>{here, subject}) {
      const std::vector<genealogy::Mark>* const marks = graph.MarksOfPlace(graph.Find(name));
      if (marks == nullptr) continue;
      for (const genealogy::Mark& mark : *marks) {
        const genealogy::EventInfo& event = graph.event(mark.event);
        if (!graph.IsLive(mark.event) || Withdrawn(event.ledger, event.sequence)) continue;
        said.push_back({mark.kind, 0, event.begin, event.ledger, event.sequence});
      }
    }
    ForEachPending(std::string(kPlaces), [&](const Pending& pending, const Facts& facts) {
      for (const MarkFact& mark : facts.marks) {
        if (!mark.node.unit.empty() || !mark.equipment.empty()) continue;
        const std::string_view where = HolderOf(graph, pending.ledger, mark.node);
        if (where != here && where != subject) continue;
        said.push_back({mark.kind, 0, facts.begin, pending.ledger, pending.sequence});
      }
    });
  });
  return Held(said, at);
}

std::optional<Evidence> LedgerState::HeldEquipment(uint32_t ledger, const std::string& equipment,
                                                   const Interval& at) const {
  std::vector<Said> said;
  graph_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>& heights) {
    Expire(heights);
    // A name of equipment is its owner's own.
    if (const auto* const marks = graph.MarksOfEquipment(graph.Find(equipment))) {
      for (const genealogy::Mark& mark : *marks) {
        const genealogy::EventInfo& event = graph.event(mark.event);
        if (event.ledger != ledger || !graph.IsLive(mark.event) ||
            Withdrawn(event.ledger, event.sequence)) {
          continue;
        }
        said.push_back({mark.kind, 0, event.begin, event.ledger, event.sequence});
      }
    }
    ForEachPending(kEquipment + equipment, [&](const Pending& pending, const Facts& facts) {
      if (pending.ledger != ledger) return;
      for (const MarkFact& mark : facts.marks) {
        if (mark.equipment != equipment) continue;
        said.push_back({mark.kind, 0, facts.begin, pending.ledger, pending.sequence});
      }
    });
  });
  return Held(said, at);
}

bool LedgerState::CameFrom(uint32_t ledger, const Goods& goods, const std::string& holder) const {
  bool came = false;
  graph_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>&) {
    const std::optional<genealogy::Place> known = graph.FindPlaceOf(goods.unit);
    if (!known.has_value()) return;
    for (genealogy::NodeId id = graph.unit(known->unit).first_node; id != 0 && !came;
         id = graph.node(id).next_of_unit) {
      const genealogy::Node& node = graph.node(id);
      const std::string_view where = graph.text(node.place.holder);
      if (where.empty() || trace::SubjectText(graph, where) != trace::SubjectText(graph, holder)) {
        continue;
      }
      for (genealogy::EdgeId e = node.first_out; e != 0; e = graph.edge(e).next_of_node) {
        const genealogy::Edge& edge = graph.edge(e);
        came |= !edge.dead && graph.event(edge.event).ledger == ledger &&
                graph.step(edge.step).kind == genealogy::StepKind::kShip;
      }
    }
  });
  return came;
}

}  // namespace suyuan::engine

#include "lib/engine/ledger_state.h"

#include <algorithm>

#include "lib/base/time.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/events/shelf_life.h"

namespace suyuan::engine {
namespace {

using events::Goods;
using events::Holds;
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
const std::string kSpelling = "\4";   // NOLINT(cert-err58-cpp)
const std::string kSpelled = "\5";    // NOLINT(cert-err58-cpp)

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

// The key of a unit with its dates into the one without, and the dates.
std::pair<std::string, std::string> WithoutDates(const std::string& key) {
  const size_t dates = key.starts_with("lot:") ? std::min(key.find(';'), key.size()) : key.size();
  return {key.substr(0, dates), key.substr(dates)};
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

// A date in a variant, ";made=" or ";expiry=".
std::optional<v1::Date> DateIn(std::string_view variant, std::string_view name) {
  const size_t at = variant.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = variant.substr(at + name.size());
  return ParseDateText(rest.substr(0, rest.find(';')));
}

// The last moment of the expiry date in a variant.
std::optional<int64_t> ExpiryOf(std::string_view variant) {
  const std::optional<v1::Date> date = DateIn(variant, ";expiry=");
  if (!date.has_value()) return std::nullopt;
  return IntervalOf(*date, kChinaOffsetMinutes).latest;
}

// The causes that statements of one kind give, of those that can have been made by then.
uint32_t CausesOf(const std::vector<Said>& said, MarkKind kind, const Interval& at) {
  uint32_t causes = 0;
  for (const Said& one : said) {
    if (one.kind != kind || one.when.earliest > at.latest) continue;
    causes |= 1u << (v1::ReturnCause_IsValid(static_cast<int>(one.value)) ? one.value : 0);
  }
  return causes;
}

}  // namespace

std::vector<std::string> LedgerState::KeysOf(const Pending& pending) {
  const Facts& facts = GraphIndex::FactsIn(*pending.prepared);
  std::set<std::string> keys;
  for (const MarkFact& mark : facts.marks) {
    if (!mark.equipment.empty()) {
      keys.insert(kEquipment + mark.equipment);
    } else if (!mark.node.external_ids.empty()) {
      keys.insert(kSpelled);
    } else if (mark.node.unit.empty()) {
      keys.insert(std::string(kPlaces));
    } else {
      keys.insert(mark.node.unit);
    }
  }
  for (const genealogy::PackFact& pack : facts.packs) keys.insert(pack.container.unit);
  for (const auto& [unit, id] : facts.unit_ids) {
    if (id.empty()) continue;
    keys.insert(kSpelling + codes::NormalOrSame(id));
    keys.insert(WithoutDates(unit).first);
  }
  return {keys.begin(), keys.end()};
}

void LedgerState::Tell(uint32_t ledger, uint64_t not_after,
                       std::shared_ptr<const store::Index::Prepared> prepared,
                       std::optional<uint64_t> corrects) {
  pending_.push_back({ledger, not_after, std::move(prepared), corrects, told_++});
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

trace::OnTheWay LedgerState::OnTheWay(const Graph& graph) const {
  trace::OnTheWay on_the_way;
  on_the_way.left_out = [this](uint32_t in, uint64_t sequence) { return Withdrawn(in, sequence); };
  on_the_way.named = [this, &graph](const std::string& id) {
    std::vector<Goods> named;
    ForEachPending(kSpelling + id, [&](const Pending&, const Facts& facts) {
      for (const auto& [key, spelling] : facts.unit_ids) {
        if (codes::NormalOrSame(spelling) != id) continue;
        auto [unit, variant] = WithoutDates(key);
        Goods goods;
        if (const std::optional<genealogy::Place> place = graph.FindPlaceOf(unit)) {
          unit = graph.text(graph.unit(place->unit).key);
          goods.part = graph.text(place->part);
          if (variant.empty()) variant = graph.text(place->variant);
        }
        goods.unit = std::move(unit);
        goods.variant = std::move(variant);
        named.push_back(std::move(goods));
      }
    });
    return named;
  };
  return on_the_way;
}

Standing LedgerState::StandingOf(const Graph& graph, uint32_t ledger, const Goods& goods,
                                 const Interval& at) const {
  const std::optional<genealogy::Place> known = graph.FindPlaceOf(goods.unit);
  std::set<std::string> keys = {goods.unit};
  Goods here = goods;
  if (here.holder.empty()) here.holder = std::string(graph.text(graph.OwnerOf(ledger)));
  std::vector<genealogy::UnitId> units;
  if (known.has_value()) {
    units = SameAs(graph, known->unit);
    for (const genealogy::UnitId unit : units) keys.emplace(graph.text(graph.unit(unit).key));
    if (here.part.empty()) here.part = std::string(graph.text(known->part));
    if (here.variant.empty()) here.variant = std::string(graph.text(known->variant));
  }
  for (const std::string& key : keys) {
    ForEachPending(key, [&](const Pending&, const Facts& facts) {
      for (const auto& [unit, id] : facts.unit_ids) {
        if (id.empty() || WithoutDates(unit).first != key) continue;
        here.external_ids.push_back(codes::NormalOrSame(id));
      }
    });
  }
  std::vector<Said> said;
  std::set<std::string> made;
  const auto note_made = [&](MarkKind kind, int64_t value, uint32_t in, std::string_view variant) {
    if (kind == MarkKind::kFinished && value == 1 && in == ledger) made.emplace(variant);
  };
  const trace::OnTheWay on_the_way = OnTheWay(graph);
  for (const genealogy::UnitId unit : units) {
    const std::vector<Said> of_one = trace::SaidOf(graph, unit, here, on_the_way);
    said.insert(said.end(), of_one.begin(), of_one.end());
    trace::ForEachMark(graph, unit, here.external_ids, on_the_way,
                       [&](const genealogy::Mark& mark, const trace::Where& where) {
                         const genealogy::EventInfo& event = graph.event(mark.event);
                         if (!graph.IsLive(mark.event) || Withdrawn(event.ledger, event.sequence) ||
                             !Graph::DatesFit(where.variant, here.variant)) {
                           return;
                         }
                         note_made(mark.kind, mark.value, event.ledger, where.variant);
                       });
  }
  std::vector<std::pair<uint64_t, Said>> pending_said;
  const auto say = [&](const Pending& pending, const Facts& facts, const MarkFact& mark,
                       const trace::Where& where) {
    if (!trace::Concerns(graph, where, here)) return;
    pending_said.push_back({pending.order, Said{mark.kind, mark.value, facts.begin, pending.ledger,
                                                pending.sequence}});
    note_made(mark.kind, mark.value, pending.ledger, where.variant);
  };
  for (const std::string& key : keys) {
    ForEachPending(key, [&](const Pending& pending, const Facts& facts) {
      for (const MarkFact& mark : facts.marks) {
        if (mark.node.unit != key) continue;
        say(pending, facts, mark,
            {mark.node.variant, HolderOf(graph, pending.ledger, mark.node), mark.node.part});
      }
    });
  }
  ForEachPending(kSpelled, [&](const Pending& pending, const Facts& facts) {
    for (const MarkFact& mark : facts.marks) {
      const NodeFact& node = mark.node;
      for (const Goods& one : MarkedBy(graph, mark.kind, node.external_ids, on_the_way)) {
        if (!keys.contains(one.unit)) continue;
        say(pending, facts, mark,
            {one.variant, HolderOf(graph, pending.ledger, node),
             node.part.empty() ? one.part : node.part});
      }
    }
  });
  std::stable_sort(pending_said.begin(), pending_said.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [order, one] : pending_said) said.push_back(one);
  Standing standing = trace::StandingBy(said, at, name_of_);
  standing.goods = goods;
  standing.return_causes = CausesOf(said, MarkKind::kReturned, at);
  standing.recall_causes = CausesOf(said, MarkKind::kRecalled, at);
  if (const std::optional<int64_t> expiry = ExpiryOf(here.variant)) {
    standing.usable_until = std::max(standing.usable_until.value_or(*expiry), *expiry);
  }
  if (!standing.usable_until.has_value()) {
    standing.usable_until = RegisteredEnd(
        graph, ledger, known.has_value() ? graph.text(graph.unit(known->unit).key) : goods.unit,
        made);
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
    const std::optional<Goods> known = Known(graph, goods);
    if (!known.has_value()) return;
    std::vector<Goods> open = {*known};
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

std::optional<Goods> LedgerState::Known(const Graph& graph, const Goods& goods) const {
  if (!goods.unit.empty()) return goods;
  const std::vector<Goods> named = trace::NamedBy(graph, goods.external_ids, OnTheWay(graph));
  if (named.empty()) return std::nullopt;
  Goods known = goods;
  known.unit = named.front().unit;
  if (std::any_of(named.begin(), named.end(),
                  [&](const Goods& one) { return one.unit != known.unit; })) {
    return std::nullopt;
  }
  if (named.size() == 1) {
    known.variant = named.front().variant;
    if (known.part.empty()) known.part = named.front().part;
  }
  known.external_ids.clear();
  return known;
}

std::optional<int64_t> LedgerState::RegisteredEnd(const Graph& graph, uint32_t ledger,
                                                  std::string_view unit,
                                                  const std::set<std::string>& made) const {
  if (made.empty()) return std::nullopt;
  const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(unit);
  if (!key.ok() || key->kind != codes::UnitKey::Kind::kLot) return std::nullopt;
  struct Version {
    int64_t since = 0;
    v1::ShelfLife life;
  };
  std::vector<Version> versions;  // as recorded
  const auto add = [&](int64_t since, int value, std::string_view unit_code) {
    Version& version = versions.emplace_back();
    version.since = since;
    version.life.set_value(value);
    version.life.set_unit(events::ShelfLifeUnitOf(unit_code));
  };
  const std::string name = events::ShelfLifeName(key->product);
  if (const auto* const marks = graph.MarksOfEquipment(graph.Find(name))) {
    for (const genealogy::Mark& mark : *marks) {
      const genealogy::EventInfo& event = graph.event(mark.event);
      if (event.ledger != ledger || !graph.IsLive(mark.event) ||
          Withdrawn(event.ledger, event.sequence)) {
        continue;
      }
      add(mark.value, mark.scale, graph.text(mark.unit));
    }
  }
  ForEachPending(kEquipment + name, [&](const Pending& pending, const Facts& facts) {
    if (pending.ledger != ledger) return;
    for (const MarkFact& mark : facts.marks) {
      if (mark.equipment == name) add(mark.value, mark.scale, mark.quantity_unit);
    }
  });
  // The version of the day of production; of lots that are not told apart, the one that
  // lasts longest.
  std::optional<int64_t> until;
  for (const std::string& variant : made) {
    const std::optional<v1::Date> date = DateIn(variant, ";made=");
    if (!date.has_value()) return std::nullopt;
    const Interval day = IntervalOf(*date, kChinaOffsetMinutes);
    const Version* valid = nullptr;
    for (const Version& version : versions) {
      if (version.since > day.latest) continue;
      if (valid == nullptr || version.since >= valid->since) valid = &version;
    }
    if (valid == nullptr) return std::nullopt;
    const std::optional<int64_t> end =
        events::EndOfShelfLife(*date, valid->life, kChinaOffsetMinutes);
    if (!end.has_value()) return std::nullopt;
    until = std::max(until.value_or(*end), *end);
  }
  return until;
}

Holds LedgerState::HoldsBy(const std::vector<Said>& said, const Interval& at) const {
  const Standing standing = trace::StandingBy(said, at, name_of_);
  return {standing.held, standing.held_by_authority};
}

Holds LedgerState::HoldsOfPlace(uint32_t ledger, const std::string& holder,
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
        said.push_back({mark.kind, mark.value, event.begin, event.ledger, event.sequence});
      }
    }
    ForEachPending(std::string(kPlaces), [&](const Pending& pending, const Facts& facts) {
      for (const MarkFact& mark : facts.marks) {
        if (!mark.node.unit.empty() || !mark.node.external_ids.empty() || !mark.equipment.empty()) {
          continue;
        }
        const std::string_view where = HolderOf(graph, pending.ledger, mark.node);
        if (where != here && where != subject) continue;
        said.push_back({mark.kind, mark.value, facts.begin, pending.ledger, pending.sequence});
      }
    });
  });
  return HoldsBy(said, at);
}

Holds LedgerState::HoldsOfEquipment(uint32_t ledger, const std::string& equipment,
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
        said.push_back({mark.kind, mark.value, event.begin, event.ledger, event.sequence});
      }
    }
    ForEachPending(kEquipment + equipment, [&](const Pending& pending, const Facts& facts) {
      if (pending.ledger != ledger) return;
      for (const MarkFact& mark : facts.marks) {
        if (mark.equipment != equipment) continue;
        said.push_back({mark.kind, mark.value, facts.begin, pending.ledger, pending.sequence});
      }
    });
  });
  return HoldsBy(said, at);
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

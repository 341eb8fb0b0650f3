#include "lib/trace/tracer.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "lib/base/bytes.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/events/operation.h"
#include "lib/trace/certainty.h"
#include "lib/trace/closure.h"
#include "lib/trace/links.h"
#include "lib/trace/standing.h"

namespace suyuan::trace {
namespace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::EventInfo;
using genealogy::EventNo;
using genealogy::Graph;
using genealogy::Name;
using genealogy::Named;
using genealogy::Node;
using genealogy::NodeId;
using genealogy::Place;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;
using genealogy::Unit;
using genealogy::UnitId;

// Where a trace begins.
struct Origin {
  UnitId unit = 0;
  std::vector<Name> variants;  // any of them
  Name holder = 0;             // if the request named one
  Name part = 0;
  std::vector<Place> places;
  std::shared_ptr<Closure> rides;  // where it lies in containers, if that was asked
};

// A request for one number stands for all its dates, one with a date for the
// units that can have it.
bool HasVariant(const Origin& origin, Name variant) {
  if (origin.variants == std::vector<Name>{0}) return true;
  return std::find(origin.variants.begin(), origin.variants.end(), variant) !=
         origin.variants.end();
}

bool IsLive(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.first_in == 0 && node.first_out == 0) return !node.left;  // named by a packing
  for (EdgeId e = node.first_in; e != 0; e = graph.edge(e).next_of_node) {
    if (!graph.edge(e).dead) return true;
  }
  for (EdgeId e = node.first_out; e != 0; e = graph.edge(e).next_of_node) {
    if (!graph.edge(e).dead) return true;
  }
  return false;
}

std::string Describe(const Graph& graph, const Named& named) {
  if (named.is_subject) return StrCat("subject ", graph.text(named.subject));
  return StrCat("unit ", graph.KeyText(named.unit, named.variant));
}

absl::StatusOr<Origin> FindOrigin(const Graph& graph, const std::string& spelling) {
  std::vector<Named> found = graph.Lookup(spelling);
  Name holder = 0;
  Name part = 0;
  if (found.empty()) {
    absl::StatusOr<codes::UnitAddress> address = codes::ParseUnitAddress(spelling);
    if (address.ok() && address->unit != spelling) {
      found = graph.Lookup(address->unit);
      const auto known = [&](const std::string& text, std::string_view what) -> absl::Status {
        if (text.empty() || graph.Find(text) != 0) return absl::OkStatus();
        return NotFound("no ", what, " ", text, " is known");
      };
      if (!found.empty()) {
        SUYUAN_RETURN_IF_ERROR(known(address->holder, "holder"));
        SUYUAN_RETURN_IF_ERROR(known(address->part, "part"));
        holder = graph.Find(address->holder);
        part = graph.Find(address->part);
      }
    }
  }
  if (found.empty()) return NotFound("no unit ", spelling, " is known");
  for (const Named& named : found) {
    if (named.is_subject != found[0].is_subject || named.unit != found[0].unit ||
        named.subject != found[0].subject) {
      std::string all;
      for (const Named& one : found) all += StrCat(all.empty() ? "" : ", ", Describe(graph, one));
      return InvalidArgument(spelling, " names several things: ", all);
    }
  }
  if (found[0].is_subject) {
    return InvalidArgument(spelling, " names ", Describe(graph, found[0]), ", not a unit");
  }
  Origin origin;
  origin.unit = found[0].unit;
  origin.holder = holder;
  origin.part = part;
  for (const Named& named : found) origin.variants.push_back(named.variant);
  for (NodeId id = graph.unit(origin.unit).first_node; id != 0; id = graph.node(id).next_of_unit) {
    Place place = graph.node(id).place;
    if (!HasVariant(origin, place.variant) || !graph.HoldersCompatible(holder, place.holder) ||
        !IsLive(graph, id)) {
      continue;
    }
    if (part != 0 && place.part != part) continue;
    // What an event did not tell is what was asked for.
    if (holder != 0 && (place.holder == 0 || graph.SubjectOf(holder) == place.holder)) {
      place.holder = holder;
    }
    bool dated = false;
    for (const Name variant : origin.variants) {
      if (place.variant != 0 || variant == 0) continue;
      Place one = place;
      one.variant = variant;
      origin.places.push_back(one);
      dated = true;
    }
    if (!dated) origin.places.push_back(place);
  }
  if (holder != 0 && graph.ContainersOf(origin.unit) != nullptr) {
    origin.rides = std::make_shared<Closure>(graph, true);
    for (NodeId id = graph.unit(origin.unit).first_node; id != 0;
         id = graph.node(id).next_of_unit) {
      if (IsLive(graph, id)) origin.rides->Start(graph.node(id).place);
    }
    origin.rides->Run();
    if (!origin.rides->Rides(origin.unit, holder)) origin.rides.reset();
  }
  if (origin.places.empty() && origin.rides == nullptr && (holder != 0 || part != 0)) {
    return NotFound("unit ", graph.KeyText(origin.unit, 0), " was never at ", spelling);
  }
  return origin;
}

const events::OperationInfo* OperationOf(int field_number) {
  for (const events::OperationInfo& operation : events::Operations()) {
    if (operation.field->number() == field_number) return &operation;
  }
  return nullptr;
}

// Fills a TraceResult from the closures of one request.
class Answer {
 public:
  Answer(const Graph& graph, const Ledgers& ledgers, const TraceRequest& request, Origin origin)
      : graph_(graph), ledgers_(ledgers), request_(request), origin_(std::move(origin)) {}

  TraceResult Make() {
    result_.asked = request_.unit;
    result_.from_micros = request_.from_micros;
    result_.until_micros = request_.until_micros;
    result_.as_recorded = request_.as_recorded;
    result_.direction = request_.direction;
    result_.origin =
        graph_.KeyText(origin_.unit, origin_.variants.size() == 1 ? origin_.variants[0] : Name{0});
    result_.origin_product = graph_.ProductName(origin_.unit);
    result_.origin_external_ids = Texts(graph_.ExternalIds(origin_.unit));
    for (const auto& [number, head] : ledgers_.heads) result_.heads.push_back(head);
    std::sort(result_.heads.begin(), result_.heads.end(),
              [](const LedgerHead& a, const LedgerHead& b) { return a.ledger < b.ledger; });
    Rank();
    if (request_.direction != Direction::kBackward) Follow(Direction::kForward);
    if (request_.direction != Direction::kForward) Follow(Direction::kBackward);
    for (const Name holder : origin_holders_) {
      if (holder != 0) result_.origin_holders.emplace_back(graph_.text(holder));
    }
    std::sort(result_.origin_holders.begin(), result_.origin_holders.end());
    Steps();
    if (request_.links) links_.Finish(edges_, steps_, &result_);
    Conflicts();
    // Of goods in several places the late one is told.
    std::sort(result_.withdrawn.begin(), result_.withdrawn.end(),
              [](const WithdrawnLink& a, const WithdrawnLink& b) {
                return ByEntry(a, b) || (!ByEntry(b, a) && a.late && !b.late);
              });
    result_.withdrawn.erase(std::unique(result_.withdrawn.begin(), result_.withdrawn.end(),
                                        [](const WithdrawnLink& a, const WithdrawnLink& b) {
                                          return !ByEntry(a, b) && !ByEntry(b, a);
                                        }),
                            result_.withdrawn.end());
    const auto end_order = [](const TraceEnd& a, const TraceEnd& b) {
      return std::tie(a.direction, a.unit, a.holder, a.why) <
             std::tie(b.direction, b.unit, b.holder, b.why);
    };
    std::sort(result_.ends.begin(), result_.ends.end(), end_order);
    result_.ends.erase(std::unique(result_.ends.begin(), result_.ends.end(),
                                   [&](const TraceEnd& a, const TraceEnd& b) {
                                     return !end_order(a, b) && !end_order(b, a);
                                   }),
                       result_.ends.end());
    Digest();
    return std::move(result_);
  }

 private:
  std::vector<std::string> Texts(const std::vector<Name>& names) const {
    std::vector<std::string> texts;
    for (const Name name : names) texts.emplace_back(graph_.text(name));
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  bool IsOrigin(const Place& place) const {
    if (place.unit != origin_.unit) return false;
    return HasVariant(origin_, place.variant);
  }

  void Follow(Direction direction) {
    const bool forward = direction == Direction::kForward;
    Closure closure(graph_, forward, /*supposed=*/nullptr, /*keep_ways=*/request_.links);
    for (const Place& place : origin_.places) {
      closure.Start(place, forward ? request_.from_micros : request_.until_micros);
    }
    if (origin_.rides != nullptr) {
      closure.StartRides(*origin_.rides, origin_.unit, origin_.holder);
    }
    closure.StartContents(origin_.unit);
    closure.Run();
    const Certainty certain(graph_, closure, forward, origin_.places);

    absl::flat_hash_map<UnitId, absl::flat_hash_map<std::string, size_t>> rows;
    const size_t first = result_.units.size();
    std::vector<uint32_t> hops;  // of each row
    if (request_.links) hops = links_.AddWays(closure, !forward);
    for (size_t row = 0; row < closure.reached().size(); ++row) {
      const Closure::Reached& reached = closure.reached()[row];
      const Place& place = reached.place;
      if (IsOrigin(place)) {
        origin_holders_.insert(place.holder);
      } else if (graph_.unit(place.unit).kind == genealogy::UnitKind::kGoods) {
        std::string key = graph_.KeyText(place.unit, place.variant);
        const auto [it, is_new] = rows[place.unit].try_emplace(key, result_.units.size());
        if (is_new) {
          TracedUnit unit;
          unit.key = std::move(key);
          unit.external_ids = Texts(graph_.ExternalIds(place.unit, place.variant));
          unit.product = graph_.ProductName(place.unit);
          unit.direction = direction;
          unit.depth = reached.depth;
          if (request_.links) unit.witness = hops[row];
          result_.units.push_back(std::move(unit));
        }
        TracedUnit& unit = result_.units[it->second];
        unit.depth = std::min(unit.depth, reached.depth);
        unit.certain |= certain.Has(graph_.FindNode(place));
        if (place.holder != 0) unit.holders.emplace_back(graph_.text(place.holder));
      } else {
        result_.vessels.push_back(
            {std::string(Graph::VesselName(graph_.text(graph_.unit(place.unit).key))),
             std::string(graph_.text(place.holder)), direction});
      }
      if (!reached.leads_on) Leaf(place, direction);
      Withdrawn(place, forward);
    }
    // Of the origin also where nothing stands any more.
    for (NodeId id = graph_.unit(origin_.unit).first_node; id != 0;
         id = graph_.node(id).next_of_unit) {
      if (IsOrigin(graph_.node(id).place)) Withdrawn(graph_.node(id).place, forward);
    }
    for (size_t i = first; i < result_.units.size(); ++i) {
      std::vector<std::string>& holders = result_.units[i].holders;
      std::sort(holders.begin(), holders.end());
      holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    }
    std::sort(result_.units.begin() + static_cast<ptrdiff_t>(first), result_.units.end(),
              [](const TracedUnit& a, const TracedUnit& b) {
                return std::tie(a.depth, a.key) < std::tie(b.depth, b.key);
              });
    const absl::flat_hash_set<EdgeId> followed(closure.edges().begin(), closure.edges().end());
    const std::vector<EdgeId> contradicted = closure.Contradicted();
    contradicted_.insert(contradicted_.end(), contradicted.begin(), contradicted.end());
    for (const StepId step : closure.steps()) {
      StepEnds(step, direction, followed);
      steps_.push_back(step);
    }
    edges_.insert(edges_.end(), closure.edges().begin(), closure.edges().end());
  }

  void End(const Place& place, Direction direction, EndKind kind, std::string why_zh,
           std::string why) {
    TraceEnd end;
    end.unit = graph_.KeyText(place.unit, place.variant);
    end.holder = std::string(graph_.text(place.holder));
    end.direction = direction;
    end.kind = kind;
    end.why_zh = std::move(why_zh);
    end.why = std::move(why);
    result_.ends.push_back(std::move(end));
  }

  static bool ByEntry(const WithdrawnLink& a, const WithdrawnLink& b) {
    return std::tie(a.ledger, a.sequence, a.input, a.output) <
           std::tie(b.ledger, b.sequence, b.input, b.output);
  }

  // Links of goods at `place` that corrections took away: one of their two ends.
  void Withdrawn(const Place& place, bool forward) {
    if (!graph_.AnyTakenAway()) return;
    graph_.ForEachCompatible(place, [&](NodeId id) {
      const Node& node = graph_.node(id);
      for (EdgeId e = forward ? node.first_out : node.first_in; e != 0;
           e = graph_.edge(e).next_of_node) {
        if (looked_at_.insert(e).second) Withdrawn(e, forward);
      }
    });
  }

  void Withdrawn(EdgeId edge, bool forward) {
    const Step& step = graph_.step(graph_.edge(edge).step);
    const bool run = step.kind == StepKind::kRun && step.run != 0;
    for (EdgeId other = forward ? step.first_output : step.first_input; other != 0;
         other = graph_.edge(other).next_of_step) {
      if (!run && graph_.edge(other).event != graph_.edge(edge).event) continue;
      const EventNo event = graph_.edge(graph_.edge(edge).dead ? edge : other).event;
      const std::optional<uint64_t> by = graph_.CorrectedBy(event);
      const Place& input = graph_.node(graph_.edge(forward ? edge : other).node).place;
      const Place& output = graph_.node(graph_.edge(forward ? other : edge).node).place;
      if (!by.has_value() || input.unit == output.unit) continue;
      WithdrawnLink link;
      link.input = graph_.KeyText(input.unit, input.variant);
      link.output = graph_.KeyText(output.unit, output.variant);
      link.ledger = Head(graph_.event(event).ledger).ledger;
      link.sequence = graph_.event(event).sequence;
      link.corrected_by = *by;
      link.late = NoticedBefore(output, graph_.event(event).ledger, *by);
      result_.withdrawn.push_back(std::move(link));
    }
  }

  // Had goods left their holder, or been held, inspected or recalled, before entry
  // `sequence` was recorded?
  bool NoticedBefore(const Place& place, uint32_t ledger, uint64_t sequence) const {
    const auto before = [&](EventNo event) {
      return graph_.event(event).ledger == ledger && graph_.event(event).sequence < sequence;
    };
    bool noticed = false;
    graph_.ForEachCompatible(place, [&](NodeId id) {
      for (EdgeId e = graph_.node(id).first_out; e != 0 && !noticed;
           e = graph_.edge(e).next_of_node) {
        noticed = before(graph_.edge(e).event);
      }
    });
    ForEachMark(graph_, place.unit, {}, {}, [&](const genealogy::Mark& mark, const Where&) {
      const bool notice =
          mark.kind == genealogy::MarkKind::kPassed || mark.kind == genealogy::MarkKind::kFailed ||
          mark.kind == genealogy::MarkKind::kHeld || mark.kind == genealogy::MarkKind::kRecalled;
      noticed |= notice && before(mark.event);
    });
    return noticed;
  }

  bool HasLive(EdgeId first) const {
    for (EdgeId e = first; e != 0; e = graph_.edge(e).next_of_step) {
      if (!graph_.edge(e).dead) return true;
    }
    return false;
  }

  // Did somebody else say that it came here, and its holder, who keeps a ledger
  // here, nothing?
  bool InTransit(const Place& place) const {
    bool told = false;
    bool received = false;
    graph_.ForEachCompatible(place, [&](NodeId id) {
      for (EdgeId e = graph_.node(id).first_in; e != 0 && !received;
           e = graph_.edge(e).next_of_node) {
        const Edge& edge = graph_.edge(e);
        if (edge.dead || graph_.step(edge.step).kind == StepKind::kIdentity) continue;
        told = true;
        received = graph_.SubjectOf(graph_.OwnerOf(graph_.event(edge.event).ledger)) ==
                   graph_.SubjectOf(place.holder);
      }
    });
    return told && !received;
  }

  // A place from which nothing leads on.
  void Leaf(const Place& place, Direction direction) {
    const bool forward = direction == Direction::kForward;
    if (!forward) {
      // Somebody saw it arrive, and who sent it.
      Name sender = 0;
      graph_.ForEachCompatible(place, [&](NodeId id) {
        for (EdgeId e = graph_.node(id).first_in; e != 0; e = graph_.edge(e).next_of_node) {
          const Edge& edge = graph_.edge(e);
          if (!edge.dead && graph_.step(edge.step).sender != 0) {
            sender = graph_.step(edge.step).sender;
          }
        }
      });
      if (sender != 0) {
        Place at = place;
        at.holder = sender;
        End(at, direction, EndKind::kBoundary, "发货方自有记录",
            "sent by a subject that keeps its own records");
        return;
      }
    }
    if (place.holder == 0) {
      End(place, direction, EndKind::kGap, forward ? "未记录在谁手里" : "未记录从哪里来",
          forward ? "who holds it is not recorded" : "where it came from is not recorded");
    } else if (!graph_.KeepsLedgerHere(place.holder)) {
      End(place, direction, EndKind::kBoundary, "持有者自有记录",
          "its holder keeps its own records");
    } else if (forward && InTransit(place)) {
      End(place, direction, EndKind::kGap, "在途：收货方没有收货记录",
          "in transit: its receiver has recorded no receipt");
    } else if (forward) {
      End(place, direction, EndKind::kEnd, "在库：没有流出记录",
          "in stock: nothing that left is recorded");
    } else {
      End(place, direction, EndKind::kGap, "没有来源记录", "its origin is not recorded");
    }
  }

  void StepEnds(StepId id, Direction direction, const absl::flat_hash_set<EdgeId>& followed) {
    const Step& step = graph_.step(id);
    const bool forward = direction == Direction::kForward;
    if (step.kind == StepKind::kShip) {
      for (EdgeId e = forward ? step.first_output : step.first_input; e != 0;
           e = graph_.edge(e).next_of_step) {
        const Place& place = graph_.node(graph_.edge(e).node).place;
        if (graph_.edge(e).dead || place.holder != 0) continue;
        End(place, direction, EndKind::kGap, forward ? "未记录在谁手里" : "未记录从哪里来",
            forward ? "who holds it is not recorded" : "where it came from is not recorded");
      }
    }
    if (forward && step.kind == StepKind::kRun && !HasLive(step.first_output)) {
      for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
        if (graph_.edge(e).dead || !followed.contains(e)) continue;
        End(graph_.node(graph_.edge(e).node).place, direction, EndKind::kGap,
            StrCat("生产运行 ", graph_.text(step.run), " 没有产出记录"),
            StrCat("run ", graph_.text(step.run), " has no recorded outputs"));
      }
    }
    if (direction == Direction::kForward && step.kind == StepKind::kSink) {
      const events::OperationInfo* const info =
          OperationOf(graph_.event(step.first_event).operation);
      for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
        if (graph_.edge(e).dead) continue;
        if (info == nullptr) continue;
        End(graph_.node(graph_.edge(e).node).place, direction, EndKind::kEnd, info->name_zh,
            info->name_en);
      }
    }
    if (direction != Direction::kBackward) return;
    const bool source = step.kind == StepKind::kSource;
    const bool inputs = HasLive(step.first_input);
    if (!source && (inputs || step.kind != StepKind::kRun)) return;
    for (EdgeId e = step.first_output; e != 0; e = graph_.edge(e).next_of_step) {
      if (graph_.edge(e).dead) continue;
      End(graph_.node(graph_.edge(e).node).place, direction,
          source ? EndKind::kBoundary : EndKind::kGap,
          source ? std::string("期初库存：开始记录时已在")
                 : StrCat("生产运行 ", graph_.text(step.run), " 没有投入记录"),
          source ? "opening stock: it was there when recording began"
                 : StrCat("run ", graph_.text(step.run), " has no recorded inputs"));
    }
  }

  const LedgerHead& Head(uint32_t ledger) const {
    static const LedgerHead kNone;
    const auto it = ledgers_.heads.find(ledger);
    return it == ledgers_.heads.end() ? kNone : it->second;
  }

  // (ledger, sequence, ordinal) of things that events tell: the same on every
  // machine, unlike their ids in the graph.
  using Told = std::tuple<uint32_t, uint64_t, uint32_t>;

  void Rank() {
    for (const auto& [number, head] : ledgers_.heads) {
      for (size_t i = 0; i < result_.heads.size(); ++i) {
        if (result_.heads[i].ledger == head.ledger) rank_[number] = static_cast<uint32_t>(i);
      }
    }
  }

  void Steps() {
    const auto told = [&](StepId step) {
      const EventInfo& event = graph_.event(graph_.step(step).first_event);
      return std::make_tuple(event.ledger, event.sequence, step);
    };
    std::sort(steps_.begin(), steps_.end(), [&](StepId a, StepId b) { return told(a) < told(b); });
    steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
    result_.steps.reserve(steps_.size());
    for (const StepId id : steps_) {
      const Step& step = graph_.step(id);
      const EventInfo& event = graph_.event(step.first_event);
      TracedStep traced;
      traced.ledger = Head(event.ledger).ledger;
      traced.sequence = event.sequence;
      traced.operation = std::string(OperationCode(event.operation));
      traced.run = std::string(graph_.text(step.run));
      traced.makes = step.kind == StepKind::kRun || step.kind == StepKind::kTransform;
      result_.steps.push_back(std::move(traced));
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    result_.edges = edges_.size();
  }

  // When `place` can first have been there, and when it can last have left.
  int64_t ArrivedFrom(NodeId at) {
    const auto [memo, is_first] = arrived_at_.try_emplace(at);
    if (is_first) memo->second = ArrivedFromAny(graph_.node(at).place);
    return memo->second;
  }
  int64_t ArrivedFromAny(const Place& place) {
    int64_t earliest = Interval::kMax;
    graph_.ForEachCompatible(place, [&](NodeId id) {
      const auto [it, is_new] = arrived_.try_emplace(id, Interval::kMax);
      if (is_new) {
        for (EdgeId e = graph_.node(id).first_in; e != 0; e = graph_.edge(e).next_of_node) {
          if (graph_.edge(e).dead) continue;
          it->second = std::min(it->second, graph_.event(graph_.edge(e).event).end.earliest);
        }
      }
      earliest = std::min(earliest, it->second);
    });
    return earliest == Interval::kMax ? Interval::kMin : earliest;
  }
  int64_t LeftUntil(NodeId at) {
    const auto [memo, is_first] = left_from_.try_emplace(at);
    if (is_first) memo->second = LeftUntilAny(graph_.node(at).place);
    return memo->second;
  }
  int64_t LeftUntilAny(const Place& place) {
    int64_t latest = Interval::kMin;
    graph_.ForEachCompatible(place, [&](NodeId id) {
      const auto [it, is_new] = left_.try_emplace(id, Interval::kMin);
      if (is_new) {
        for (const bool in : {false, true}) {
          for (EdgeId e = in ? graph_.node(id).first_in : graph_.node(id).first_out; e != 0;
               e = graph_.edge(e).next_of_node) {
            const Edge& edge = graph_.edge(e);
            const StepKind kind = graph_.step(edge.step).kind;
            if (edge.dead || kind != (in ? StepKind::kObserve : StepKind::kShip)) continue;
            it->second = std::max(it->second, graph_.event(edge.event).begin.latest);
          }
        }
      }
      latest = std::max(latest, it->second);
    });
    return latest == Interval::kMin ? Interval::kMax : latest;
  }

  void Conflicts() {
    for (const StepId id : steps_) {
      const Step& step = graph_.step(id);
      if (step.kind != StepKind::kRun && step.kind != StepKind::kTransform) continue;
      // The output that left last: an input that came after even that one
      // contradicts the step.
      EdgeId last_output = 0;
      int64_t last = Interval::kMin;
      for (EdgeId e = step.first_output; e != 0; e = graph_.edge(e).next_of_step) {
        const Edge& edge = graph_.edge(e);
        if (edge.dead) continue;
        const int64_t made = graph_.event(edge.event).end.latest;
        const int64_t left = LeftUntil(edge.node);
        if (last_output == 0 || std::min(made, left) > last) {
          last = std::min(made, left);
          last_output = e;
        }
      }
      if (last_output == 0 || last == Interval::kMax) continue;
      for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
        const Edge& edge = graph_.edge(e);
        if (edge.dead) continue;
        const int64_t from =
            std::max(graph_.event(edge.event).begin.earliest, ArrivedFrom(edge.node));
        if (from <= last) continue;
        const EventInfo& event = graph_.event(edge.event);
        const Place& input = graph_.node(edge.node).place;
        const Place& output = graph_.node(graph_.edge(last_output).node).place;
        TraceConflict conflict;
        conflict.input = graph_.KeyText(input.unit, input.variant);
        conflict.output = graph_.KeyText(output.unit, output.variant);
        conflict.ledger = Head(event.ledger).ledger;
        conflict.sequence = event.sequence;
        const std::string in = TimeText(from, 0);
        const std::string out = TimeText(last, 0);
        conflict.what_zh = StrCat("投入最早 ", in, " 才在，产出最迟 ", out, " 已离开");
        conflict.what = StrCat("the input was there from ", in, ", the output was gone by ", out);
        result_.conflicts.push_back(std::move(conflict));
      }
    }
    std::sort(contradicted_.begin(), contradicted_.end());
    contradicted_.erase(std::unique(contradicted_.begin(), contradicted_.end()),
                        contradicted_.end());
    for (const EdgeId id : contradicted_) Contradicted(id);
    std::sort(result_.conflicts.begin(), result_.conflicts.end(),
              [](const TraceConflict& a, const TraceConflict& b) {
                return std::tie(a.ledger, a.sequence, a.input) <
                       std::tie(b.ledger, b.sequence, b.input);
              });
  }

  // What goes out cannot be accounted for by what times, slices or a vessel allow.
  void Contradicted(EdgeId id) {
    const Edge& edge = graph_.edge(id);
    const EventInfo& event = graph_.event(edge.event);
    const Place& place = graph_.node(edge.node).place;
    TraceConflict conflict;
    conflict.input = graph_.KeyText(place.unit, place.variant);
    conflict.output = conflict.input;
    conflict.ledger = Head(event.ledger).ledger;
    conflict.sequence = event.sequence;
    conflict.what_zh = edge.output
                           ? "没有任何投入时段与该产出时段相符：按全部投入追溯"
                           : "按记录的时间或容器规则，此前的来源不足以构成该流出：按全部来源追溯";
    conflict.what = edge.output
                        ? "no input's slice fits this output: all inputs are followed"
                        : "what recorded times or the rules of the vessel allow cannot account for "
                          "this outflow: all sources are followed";
    result_.conflicts.push_back(std::move(conflict));
  }

  // FORMAT.md beside this file has the bytes.
  void Digest() {
    std::string bytes = "suyuan-trace-1";
    PutString(&bytes, result_.origin);
    PutString(&bytes, graph_.text(origin_.holder));
    PutString(&bytes, graph_.text(origin_.part));
    bytes.push_back(static_cast<char>(request_.direction));
    PutVarint(&bytes, result_.heads.size());
    for (const LedgerHead& head : result_.heads) {
      PutString(&bytes, head.ledger);
      PutFixed64(&bytes, head.size);
      PutString(&bytes, head.root);
    }
    std::vector<std::pair<char, std::string_view>> keys;
    for (const TracedUnit& unit : result_.units) {
      keys.emplace_back(static_cast<char>(unit.direction), unit.key);
    }
    std::sort(keys.begin(), keys.end());
    PutVarint(&bytes, keys.size());
    for (const auto& [direction, key] : keys) {
      bytes.push_back(direction);
      PutString(&bytes, key);
    }
    const auto put = [&](std::vector<Told> told) {
      std::sort(told.begin(), told.end());
      told.erase(std::unique(told.begin(), told.end()), told.end());
      PutVarint(&bytes, told.size());
      for (const auto& [ledger, sequence, ordinal] : told) {
        PutFixed32(&bytes, ledger);
        PutFixed64(&bytes, sequence);
        PutFixed32(&bytes, ordinal);
      }
    };
    std::vector<Told> told;
    for (const StepId step : steps_) {
      const EventInfo& event = graph_.event(graph_.step(step).first_event);
      told.emplace_back(rank_[event.ledger], event.sequence, 0);
    }
    put(std::move(told));
    told.clear();
    for (const EdgeId id : edges_) {
      const EventInfo& event = graph_.event(graph_.edge(id).event);
      told.emplace_back(rank_[event.ledger], event.sequence, graph_.edge(id).ordinal);
    }
    put(std::move(told));
    result_.digest = std::string(Sha256({bytes}).view());
  }

  const Graph& graph_;
  const Ledgers& ledgers_;
  const TraceRequest& request_;
  const Origin origin_;
  TraceResult result_;
  std::map<uint32_t, uint32_t> rank_;  // ledger number to place in heads
  LinkTeller links_{graph_, rank_};
  std::set<Name> origin_holders_;
  std::vector<StepId> steps_;
  std::vector<EdgeId> edges_;
  std::vector<EdgeId> contradicted_;
  absl::flat_hash_set<EdgeId> looked_at_;
  absl::flat_hash_map<NodeId, int64_t> arrived_;
  absl::flat_hash_map<NodeId, int64_t> left_;
  absl::flat_hash_map<NodeId, int64_t> arrived_at_;
  absl::flat_hash_map<NodeId, int64_t> left_from_;
};

}  // namespace

absl::StatusOr<TraceResult> Trace(const Graph& graph, const Ledgers& ledgers,
                                  const TraceRequest& request) {
  SUYUAN_ASSIGN_OR_RETURN(Origin origin, FindOrigin(graph, request.unit));
  return Answer(graph, ledgers, request, std::move(origin)).Make();
}

}  // namespace suyuan::trace

#include "lib/trace/closure.h"

#include <algorithm>
#include <limits>

#include "suyuan/v1/event.pb.h"

namespace suyuan::trace {
namespace {

constexpr uint32_t kStart = std::numeric_limits<uint32_t>::max();

}  // namespace

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::EventNo;
using genealogy::Graph;
using genealogy::Name;
using genealogy::Node;
using genealogy::NodeId;
using genealogy::Packing;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;
using genealogy::UnitId;

Closure::Closure(const Graph& graph, bool forward, const Supposition* supposed, bool keep_ways)
    : graph_(graph),
      forward_(forward),
      supposed_(supposed),
      keep_ways_(keep_ways),
      order_(graph),
      node_state_(graph.node_count()),
      step_state_(graph.step_count()),
      edge_noted_(graph.edge_count()) {
  way_.from = kStart;
}

namespace {

// `known` as it lies at `node`: what only one of the two tells holds.
genealogy::Place Narrowed(const Graph& graph, const genealogy::Place& known,
                          const genealogy::Place& node) {
  genealogy::Place place = node;
  if (graph.text(known.variant).size() > graph.text(node.variant).size()) {
    place.variant = known.variant;
  }
  if (place.part == 0) place.part = known.part;
  place.apart |= known.apart;
  return place;
}

}  // namespace

// ------------------------------------------------------------------- time

namespace {

int64_t Negative(int64_t moment) {
  if (moment == Interval::kMin) return Interval::kMax;
  return moment == Interval::kMax ? Interval::kMin : -moment;
}

}  // namespace

Closure::Window Closure::Turned(const Interval& natural) const {
  if (supposed_ != nullptr) return {};  // what is recorded counts whatever its dates
  if (forward_) return {natural.earliest, natural.latest};
  return {Negative(natural.latest), Negative(natural.earliest)};
}
Closure::Window Closure::Flowed(EdgeId edge) const { return Turned(order_.Flowed(edge)); }
Closure::Window Closure::Told(EdgeId edge) const { return Turned(order_.Told(edge)); }
Closure::Window Closure::OfEvent(EventNo event) const {
  const genealogy::EventInfo& info = graph_.event(event);
  if (forward_) return {info.begin.earliest, info.end.latest};
  return {Negative(info.end.latest), Negative(info.begin.earliest)};
}
int64_t Closure::Natural(int64_t moment) const { return forward_ ? moment : Negative(moment); }

// ------------------------------------------------------------------ visits

void Closure::Start(const Place& place, std::optional<int64_t> moment) {
  PushPlace(place, moment.has_value() ? Natural(*moment) : kEver, 0);
}

void Closure::StartContents(UnitId container) {
  const std::vector<Packing>* const packings = graph_.PackingsOf(container);
  if (packings == nullptr) return;
  for (const Packing& packing : *packings) {
    if (!graph_.IsLive(packing.event)) continue;
    PushContents(container, packing.event, {0, 0, packing.holder, 0, false}, kEver, 0);
  }
}

void Closure::StartRides(const Closure& other, UnitId unit, Name holder) {
  rides_ = other.rides_;
  ride_of_ = other.ride_of_;
  for (const auto& [done, since] : other.place_done_) {
    const auto& [place, ride] = done;
    if (ride == 0 || place.unit != unit || !graph_.HoldersCompatible(holder, place.holder)) {
      continue;
    }
    Push({0, ride, place}, 0);
  }
}

bool Closure::Rides(UnitId unit, Name holder) const {
  return std::any_of(place_done_.begin(), place_done_.end(), [&](const auto& done) {
    const auto& [place, ride] = done.first;
    return ride != 0 && place.unit == unit && graph_.HoldersCompatible(holder, place.holder);
  });
}

Closure::NodeState& Closure::StateOf(NodeId node) {
  uint32_t& state = node_state_[node];
  if (state == 0) {
    node_states_.emplace_back();
    state = static_cast<uint32_t>(node_states_.size());
  }
  return node_states_[state - 1];
}

void Closure::Push(Visit visit, uint32_t cost) {
  if (visit.node != 0 && visit.by == 0 && node_state_[visit.node] != 0 &&
      node_states_[node_state_[visit.node] - 1].done <= visit.since) {
    return;
  }
  visit.way = way_;
  (cost == 0 ? now_ : next_).push_back(visit);
}

void Closure::Run() {
  for (;;) {
    if (now_.empty()) {
      if (next_.empty()) return;
      now_.swap(next_);
      ++depth_;
    }
    const Visit visit = now_.front();
    now_.pop_front();
    Work(visit);
  }
}

size_t Closure::Row(const Place& place) {
  const NodeId node = graph_.FindNode(place);
  if (node != 0) {
    NodeState& state = StateOf(node);
    if (state.row == 0) {
      reached_.push_back({place, depth_});
      state.row = static_cast<uint32_t>(reached_.size());
    }
    return state.row - 1;
  }
  const auto [it, is_new] = row_of_.emplace(place, reached_.size());
  if (is_new) reached_.push_back({place, depth_});
  return it->second;
}

// That this visit comes next, and what is found from it comes from it.
void Closure::NoteWay(const Visit& visit, const Place& place) {
  if (!keep_ways_) return;
  const auto here = static_cast<uint32_t>(ways_.size());
  ways_.push_back(visit.way);
  if (ways_.back().from == kStart) ways_.back().from = here;
  ways_.back().row = static_cast<uint32_t>(Row(place));
  ways_.back().carrier = rides_[visit.ride].container;
  way_ = {here, 0, 0, 0, 0, 0};
}

void Closure::Work(const Visit& visit) {
  const Place place = visit.node != 0 ? graph_.node(visit.node).place : visit.place;
  const int64_t since = visit.since;
  if (visit.by != 0) {
    int64_t& entered = entered_.try_emplace(visit.by, Interval::kMax).first->second;
    if (entered <= since) return;
    entered = since;
    NoteWay(visit, place);
    const bool leads_on = Pour(visit.node, visit.by, since);
    reached_[Row(place)].leads_on |= leads_on;
    return;
  }
  if (visit.node != 0) {
    int64_t& done = StateOf(visit.node).done;
    if (done <= since) return;
    done = since;
  } else {
    const auto [it, is_new] = place_done_.try_emplace({place, visit.ride}, since);
    if (!is_new && it->second <= since) return;
    it->second = since;
  }
  NoteWay(visit, place);
  bool leads_on = false;
  if (visit.ride == 0) {
    leads_on = Draw(place, since);
    leads_on |= DrawUnnamed(place, since);
    leads_on |= Rename(place, since);
    if (place.holder == 0) {
      // It can lie wherever the unit is known to be.
      graph_.ForEachCompatible(place, [&](NodeId node) {
        const Place& known = graph_.node(node).place;
        if (known.holder == 0 || (place.part == 0 && IsSetApart(known))) return;
        PushPlace(Narrowed(graph_, place, known), since, 0);
        leads_on = true;
      });
    }
    // Goods that were known by their container alone.
    if (const std::vector<Packing>* packings = graph_.PackingsOf(place.unit);
        packings != nullptr && forward_) {
      for (const Packing& packing : *packings) {
        if (!packing.out || !graph_.IsLive(packing.event) ||
            !graph_.HoldersCompatible(packing.holder, place.holder)) {
          continue;
        }
        const Window out = OfEvent(packing.event);
        if (out.to < since) continue;
        way_.packed = packing.event;
        for (Place content : packing.contents) {
          content.holder = packing.holder;
          PushPlace(content, std::max(since, out.from), 0);
          leads_on = true;
        }
        way_.packed = 0;
      }
    }
    if (supposed_ != nullptr) leads_on |= Suppose(place, /*riding=*/false);
  } else {
    if (supposed_ != nullptr) leads_on |= Suppose(place, /*riding=*/true);
    // Contents can turn up loose, or in another container, where nobody
    // recorded the unpacking; backward, where nobody recorded the packing.
    const uint32_t inner = rides_[visit.ride].inner;
    if (forward_ || !PackingKnown(place, visit.ride)) {
      if (inner != 0) {
        PushRide(place, place, inner, since, 0);
      } else {
        PushPlace(place, supposed_ == nullptr ? since : kEver, 0);
      }
    }
    leads_on |= Travel(place, visit.ride, since, visit.way.packed);
  }
  leads_on |= Board(place, visit.ride, since);
  Reached& row = reached_[Row(place)];
  row.leads_on |= leads_on;
}

bool Closure::Draw(const Place& place, int64_t since) {
  bool leads_on = false;
  graph_.ForEachCompatible(place, [&](NodeId id) {
    const Node& node = graph_.node(id);
    int64_t& drawn_at = StateOf(id).drawn;
    const bool drawn = drawn_at <= since;
    if (!drawn) drawn_at = since;
    for (EdgeId e = forward_ ? node.first_out : node.first_in; e != 0;
         e = graph_.edge(e).next_of_node) {
      const Edge& edge = graph_.edge(e);
      if (edge.dead || graph_.step(edge.step).kind == StepKind::kIdentity) continue;
      if (supposed_ != nullptr && forward_) {
        Place input = place;
        if (input.holder == 0) input.holder = node.place.holder;
        if (supposed_->Cuts(input, graph_.step(edge.step))) continue;
      }
      const Window when = Flowed(e);
      int64_t at = std::max(since, when.from);
      if (forward_ && since > when.from && order_.Lenient(e)) {
        at = when.from;
      } else if (since > when.to) {
        continue;  // it was gone before they came, or came after they were gone
      }
      leads_on |= graph_.step(edge.step).kind != StepKind::kObserve;
      // What is cut at one place can be drawn at another.
      if (drawn && supposed_ == nullptr) {
        if (leads_on) break;
        continue;
      }
      NoteEdge(e);
      way_.took = e;
      FollowStep(edge.step, e, at);
      way_.took = 0;
      if (supposed_ != nullptr && !forward_) SupposeBack(place, e);
    }
  });
  return leads_on;
}

bool Closure::DrawUnnamed(const Place& place, int64_t since) {
  if (!forward_) return false;
  const UnitId any = graph_.AnyLotOf(place.unit);
  if (any == 0) return false;
  return Draw({any, 0, place.holder, 0, place.apart}, since);
}

// Whatever of the product its holder can have had.
void Closure::PushLots(const Place& any, int64_t since, uint32_t cost) {
  for (const UnitId lot : graph_.LotsOf(any.unit)) {
    graph_.ForEachCompatible({lot, 0, any.holder, 0, false}, [&](NodeId id) {
      const Node& node = graph_.node(id);
      // Only what came from somewhere later than it was taken cannot have been it.
      bool came_later = false;
      for (EdgeId e = node.first_in; e != 0; e = graph_.edge(e).next_of_node) {
        if (graph_.edge(e).dead) continue;
        came_later = Flowed(e).to < since;
        if (!came_later) break;
      }
      if (!came_later) PushPlace(node.place, since, cost);
    });
  }
}

// A vessel is nobody's parent: what went in came out by each draw that the times, its
// being emptied and its rules allow.
bool Closure::Pour(NodeId vessel, EdgeId by, int64_t since) {
  bool leads_on = false;
  graph_.ForEachCompatible(graph_.node(vessel).place, [&](NodeId id) {
    const Node& node = graph_.node(id);
    for (EdgeId e = forward_ ? node.first_out : node.first_in; e != 0;
         e = graph_.edge(e).next_of_node) {
      const Edge& edge = graph_.edge(e);
      const EdgeId draw = forward_ ? e : by;
      if (edge.dead || !order_.Holds(forward_ ? by : e, draw)) continue;
      const Window when = Flowed(e);
      int64_t at = std::max(since, when.from);
      if (order_.Unruly(draw)) {
        at = when.from;
      } else if (since > when.to) {
        continue;
      }
      leads_on = true;
      NoteEdge(e);
      way_.took = e;
      FollowStep(edge.step, e, at);
      way_.took = 0;
    }
  });
  return leads_on;
}

// Is the part that `place` names one that came back, or was turned away?
bool Closure::IsSetApart(const Place& place) const {
  if (place.part == 0) return false;
  bool apart = false;
  graph_.ForEachCompatible({place.unit, 0, place.holder, place.part, true},
                           [&](NodeId id) { apart |= graph_.node(id).place.apart; });
  return apart;
}

// One unit under another key: it lies at the same holder.
bool Closure::Rename(const Place& place, int64_t since) {
  const std::vector<EdgeId>* const identities = graph_.IdentitiesOf(place.unit);
  if (identities == nullptr) return false;
  bool renamed = false;
  for (const EdgeId from : *identities) {
    const Edge& edge = graph_.edge(from);
    if (edge.dead ||
        !graph_.VariantsCompatible(graph_.node(edge.node).place.variant, place.variant)) {
      continue;
    }
    NoteStep(edge.step);
    NoteEdge(from);
    way_.took = from;
    for (EdgeId to = graph_.step(edge.step).first_output; to != 0;
         to = graph_.edge(to).next_of_step) {
      if (graph_.edge(to).dead) continue;
      NoteEdge(to);
      Place there = graph_.node(graph_.edge(to).node).place;
      there.holder = place.holder;
      if (there.part == 0) there.part = place.part;
      there.apart = place.apart;
      way_.brought = to;
      PushPlace(there, since, 0);
      renamed = true;
    }
    way_.took = way_.brought = 0;
  }
  return renamed;
}

void Closure::NoteEdge(EdgeId edge) {
  if (edge_noted_[edge] != 0) return;
  edge_noted_[edge] = 1;
  edges_.push_back(edge);
}

Closure::StepState& Closure::StateOfStep(StepId step) {
  uint32_t& state = step_state_[step];
  if (state == 0) {
    step_states_.emplace_back();
    state = static_cast<uint32_t>(step_states_.size());
  }
  return step_states_[state - 1];
}

std::vector<EdgeId> Closure::Contradicted() {
  std::vector<EdgeId> contradicted;
  for (const EdgeId edge : edges_) {
    if (!graph_.edge(edge).output) order_.Lenient(edge);
    if (order_.Contradicted(edge)) contradicted.push_back(edge);
  }
  return contradicted;
}

void Closure::NoteStep(StepId step) {
  StepState& state = StateOfStep(step);
  if (state.noted) return;
  state.noted = true;
  steps_.push_back(step);
}

void Closure::PushEdge(EdgeId id, int64_t since, uint32_t cost) {
  const Edge& edge = graph_.edge(id);
  const Place& place = graph_.node(edge.node).place;
  switch (graph_.unit(place.unit).kind) {
    case genealogy::UnitKind::kVessel:
      Push({edge.node, 0, {}, since, id}, cost);
      return;
    case genealogy::UnitKind::kAny:
      if (!forward_) PushLots(place, since, cost);
      return;
    case genealogy::UnitKind::kGoods:
      break;
  }
  // Backward the outflow says from when its sources are asked for.
  const bool ever = !forward_ && since > kEver && order_.Lenient(id);
  Push({edge.node, 0, {}, ever ? kEver : since}, cost);
}

void Closure::FollowStep(StepId id, EdgeId by, int64_t since) {
  const Step& step = graph_.step(id);
  // A third party states that one unit went into another, and no more.
  if (graph_.event(step.first_event).operation == v1::Event::kLinkUnits) since = kEver;
  const EdgeId first = forward_ ? step.first_output : step.first_input;
  StepState& state = StateOfStep(id);
  const int64_t began = Told(by).from;
  if (graph_.edge(by).sliced) {
    int64_t& entered = entered_.try_emplace(by, Interval::kMax).first->second;
    if (entered <= since) return;
    entered = since;
  } else {
    if (state.followed == Interval::kMax) {
      for (EdgeId e = first; e != 0; e = graph_.edge(e).next_of_step) {
        state.first_end = std::min(state.first_end, Told(e).to);
      }
    }
    // Earlier than before, or contradicting more of what the step says.
    const int64_t contradicts = began > state.first_end ? began : Interval::kMin;
    if (state.followed <= since && contradicts <= state.began) return;
    state.followed = std::min(state.followed, since);
    state.began = std::max(state.began, contradicts);
  }
  NoteStep(id);
  const uint32_t cost = step.kind == StepKind::kRun || step.kind == StepKind::kTransform ? 1 : 0;
  for (EdgeId e = first; e != 0; e = graph_.edge(e).next_of_step) {
    if (graph_.edge(e).dead) continue;
    if (supposed_ != nullptr && !forward_ &&
        supposed_->Cuts(graph_.node(graph_.edge(e).node).place, step)) {
      if (step.kind == StepKind::kShip) NoteEdge(e);  // it left from there all the same
      continue;
    }
    if (graph_.edge(by).sliced && !order_.Meets(forward_ ? by : e, forward_ ? e : by)) continue;
    const Window when = Flowed(e);
    int64_t at = std::max(since, when.from);
    if (began > Told(e).to) {
      at = when.from;
    } else if (since > when.to) {
      continue;
    }
    NoteEdge(e);
    way_.brought = e;
    PushEdge(e, at, cost);
    if (forward_ || step.kind == StepKind::kShip) continue;
    // Who names a container means what it holds at that time; where it went is
    // followed with its contents.
    const Place& place = graph_.node(graph_.edge(e).node).place;
    PushContents(place.unit, graph_.edge(e).event, place, at, cost);
  }
  way_.brought = 0;
}

// -------------------------------------------------------------- suppositions

void Closure::PushMovement(const Movement& movement, uint32_t cost) {
  const Edge& edge = graph_.edge(movement.edge);
  if (forward_) {
    NoteEdge(movement.edge);
    NoteStep(movement.step);
    for (EdgeId e = graph_.step(movement.step).first_output; e != 0;
         e = graph_.edge(e).next_of_step) {
      if (graph_.edge(e).dead) continue;
      NoteEdge(e);
      Push({graph_.edge(e).node, 0, {}}, cost);
      const Place& place = graph_.node(graph_.edge(e).node).place;
      PushContents(place.unit, graph_.edge(e).event, place, kEver, cost);
    }
    return;
  }
  NoteEdge(movement.edge);
  Push({edge.node, 0, {}}, cost);
  const Place& place = graph_.node(edge.node).place;
  PushContents(place.unit, edge.event, place, kEver, cost);
}

void Closure::StartMovement(const Movement& movement) { PushMovement(movement, 0); }

// What is supposed of goods at `place`, besides what was recorded of them.
bool Closure::Suppose(const Place& place, bool riding) {
  bool leads_on = false;
  if (const std::vector<UnitId>* const joined = supposed_->JoinedWith(place.unit)) {
    for (const UnitId unit : *joined) {
      for (NodeId id = graph_.unit(unit).first_node; id != 0; id = graph_.node(id).next_of_unit) {
        Push({id, 0, {}}, 0);
      }
    }
    leads_on = joined->size() > 1;
  }
  if (!forward_ || supposed_->CutsUnit(place.unit) || supposed_->Vanished(place.unit)) {
    return leads_on;
  }
  const std::optional<int64_t> arrived = supposed_->Arrived(place, riding);
  if (!arrived.has_value()) return leads_on;
  leads_on |= MixForward(place, *arrived);
  leads_on |= ShareForward(place, *arrived);
  return leads_on;
}

// Whatever left a mixed place when these goods can have been there.
bool Closure::MixForward(const Place& place, int64_t arrived) {
  const Movements* const mixing = supposed_->MixingAt(place.holder);
  if (mixing == nullptr) return false;
  size_t& done = mixed_[mixing];
  for (; done < mixing->out.size(); ++done) {
    const Movement& out = mixing->out[done];
    if (supposed_->time() && out.time < arrived) break;
    PushMovement(out, 1);
  }
  return done > 0;
}

// Whatever became of what these goods were mixed with.
bool Closure::ShareForward(const Place& place, int64_t arrived) {
  bool leads_on = false;
  for (const Name at : supposed_->SharingPlaces(place.unit, place.holder)) {
    const std::vector<Movement>* const shared = supposed_->SharedAt(at, place.unit);
    if (shared == nullptr) continue;
    for (const Movement& other : *shared) {
      ForEachSuccessor(graph_.node(graph_.edge(other.edge).node).place, [&](EdgeId to) {
        const NodeId there = graph_.edge(to).node;
        if (supposed_->time() && supposed_->Left(graph_.node(there).place.unit, at) < arrived) {
          return;
        }
        NoteStep(graph_.edge(to).step);
        NoteEdge(to);
        Push({there, 0, {}}, 1);
        leads_on = true;
      });
    }
  }
  return leads_on;
}

// What goods at `place` went into; what vanished is passed through.
void Closure::ForEachSuccessor(const Place& place, absl::FunctionRef<void(EdgeId)> visit) const {
  std::vector<Place> open = {place};
  absl::flat_hash_set<StepId> seen;
  while (!open.empty()) {
    const Place from = open.back();
    open.pop_back();
    graph_.ForEachCompatible(from, [&](NodeId id) {
      for (EdgeId e = graph_.node(id).first_out; e != 0; e = graph_.edge(e).next_of_node) {
        const StepId step = graph_.edge(e).step;
        if (graph_.edge(e).dead || graph_.step(step).kind == StepKind::kIdentity ||
            supposed_->Cuts(from, graph_.step(step)) || !seen.insert(step).second) {
          continue;
        }
        for (EdgeId to = graph_.step(step).first_output; to != 0;
             to = graph_.edge(to).next_of_step) {
          if (graph_.edge(to).dead) continue;
          const Place& output = graph_.node(graph_.edge(to).node).place;
          if (supposed_->Vanished(output.unit)) {
            open.push_back(output);
          } else {
            visit(to);
          }
        }
      }
    });
  }
}

// What went into the outputs of `step`; what vanished is passed through.
void Closure::ForEachPredecessor(StepId step, absl::FunctionRef<void(EdgeId)> visit) const {
  std::vector<StepId> open = {step};
  absl::flat_hash_set<StepId> seen = {step};
  while (!open.empty()) {
    const Step& from = graph_.step(open.back());
    open.pop_back();
    for (EdgeId e = from.first_input; e != 0; e = graph_.edge(e).next_of_step) {
      const Place& input = graph_.node(graph_.edge(e).node).place;
      if (graph_.edge(e).dead || supposed_->Cuts(input, from)) continue;
      if (!supposed_->Vanished(input.unit)) {
        visit(e);
        continue;
      }
      graph_.ForEachCompatible(input, [&](NodeId id) {
        for (EdgeId in = graph_.node(id).first_in; in != 0; in = graph_.edge(in).next_of_node) {
          const StepId before = graph_.edge(in).step;
          if (!graph_.edge(in).dead && seen.insert(before).second) open.push_back(before);
        }
      });
    }
  }
}

// What can have come in through `edge`, by which the goods at `place` are an output.
void Closure::SupposeBack(const Place& place, EdgeId edge) {
  if (supposed_->Vanished(place.unit)) return;
  MixBack(graph_.edge(edge).step, graph_.edge(edge).event);
  ShareBack(graph_.edge(edge).step, place, graph_.edge(edge).event);
}

void Closure::MixBack(StepId id, EventNo event) {
  const Step& step = graph_.step(id);
  const auto mix = [&](Name sender) {
    const Movements* const mixing = supposed_->MixingAt(sender);
    if (mixing == nullptr) return;
    size_t& done = mixed_[mixing];
    for (; done < mixing->in.size(); ++done) {
      const Movement& in = mixing->in[done];
      if (supposed_->time() && graph_.event(event).begin.latest < in.time) break;
      if (supposed_->CutsUnit(graph_.node(graph_.edge(in.edge).node).place.unit)) continue;
      PushMovement(in, 1);
    }
  };
  if (step.kind == StepKind::kObserve) mix(step.sender);
  if (step.kind != StepKind::kShip) return;
  for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
    if (!graph_.edge(e).dead) mix(graph_.node(graph_.edge(e).node).place.holder);
  }
}

void Closure::ShareBack(StepId step, const Place& output, EventNo event) {
  const bool ships = graph_.step(step).kind == StepKind::kShip;
  ForEachPredecessor(step, [&](EdgeId e) {
    const Place& input = graph_.node(graph_.edge(e).node).place;
    for (const Name at : supposed_->SharingPlaces(input.unit, input.holder)) {
      const std::vector<Movement>* const shared = supposed_->SharedAt(at, input.unit);
      if (shared == nullptr) continue;
      const int64_t left =
          ships ? graph_.event(event).begin.latest : supposed_->Left(output.unit, at);
      for (const Movement& other : *shared) {
        if (supposed_->time() && left < other.time) continue;
        if (supposed_->CutsUnit(graph_.node(graph_.edge(other.edge).node).place.unit)) continue;
        PushMovement(other, 1);
      }
    }
  });
}

// -------------------------------------------------------------- containers

bool Closure::InRide(uint32_t ride, UnitId container) const {
  for (; ride != 0; ride = rides_[ride].inner) {
    if (rides_[ride].container == container) return true;
  }
  return false;
}

uint32_t Closure::InternRide(const Ride& ride) {
  const auto [it, is_new] = ride_of_.emplace(ride, static_cast<uint32_t>(rides_.size()));
  if (is_new) rides_.push_back(ride);
  return it->second;
}

// `place` in its container at the holder of `at`; set apart if that is.
void Closure::PushRide(const Place& place, const Place& at, uint32_t ride, int64_t since,
                       uint32_t cost) {
  Place there{place.unit, place.variant, at.holder, 0, false};
  if (at.apart) {
    there.part = at.part;
    there.apart = true;
  }
  Push({0, ride, there, since}, cost);
}

void Closure::PushPlace(const Place& place, int64_t since, uint32_t cost) {
  Push({graph_.FindNode(place), 0, place, since}, cost);
}

// All that `container` held in the uses that `event` can belong to, at any
// depth of packing.
void Closure::PushContents(UnitId container, EventNo event, const Place& at, int64_t since,
                           uint32_t cost) {
  if (graph_.PackingsOf(container) == nullptr) return;
  struct Open {
    UnitId container = 0;
    uint32_t use = 0;
    size_t outer = 0;  // in `open`, plus one
    int64_t since = kEver;
  };
  std::vector<Open> open;
  const auto inside = [&](size_t i, UnitId unit) {
    for (++i; i != 0; i = open[i - 1].outer) {
      if (open[i - 1].container == unit) return true;
    }
    return false;
  };
  const auto open_uses = [&](UnitId unit, EventNo when, size_t outer, int64_t from) {
    const auto [first, last] = UsesOf(unit, when);
    for (uint32_t use = first; use <= last; ++use) open.push_back({unit, use, outer, from});
  };
  open_uses(container, event, 0, std::max(since, OfEvent(event).from));
  for (size_t i = 0; i < open.size(); ++i) {
    const Open here = open[i];
    for (const Packing& packing : *graph_.PackingsOf(here.container)) {
      if (!graph_.IsLive(packing.event)) continue;
      const auto [first, last] = UsesOf(here.container, packing.event);
      if (here.use < first || last < here.use) continue;
      if (!forward_ && here.since > OfEvent(packing.event).to) continue;
      const int64_t from =
          forward_ ? std::max(here.since, OfEvent(packing.event).from) : here.since;
      for (const Place& content : packing.contents) {
        if (graph_.PackingsOf(content.unit) != nullptr) {
          if (!inside(i, content.unit)) open_uses(content.unit, packing.event, i + 1, from);
          continue;
        }
        // From the innermost container to the outermost.
        uint32_t ride = 0;
        for (size_t at_open = i + 1; at_open != 0; at_open = open[at_open - 1].outer) {
          ride = InternRide({open[at_open - 1].container, open[at_open - 1].use, ride});
        }
        way_.packed = packing.event;
        PushRide(content, at, ride, from, cost);
      }
    }
  }
  way_.packed = 0;
}

bool Closure::InUse(uint32_t ride, EventNo event) {
  if (ride == 0) return true;
  const auto [first, last] = UsesOf(rides_[ride].container, event);
  return first <= rides_[ride].use && rides_[ride].use <= last;
}

// Is it recorded how what rides came into its outermost container?
bool Closure::PackingKnown(const Place& place, uint32_t ride) {
  const uint32_t inner = rides_[ride].inner;
  const UnitId content = inner == 0 ? place.unit : rides_[inner].container;
  for (const Packing& packing : *graph_.PackingsOf(rides_[ride].container)) {
    if (packing.out || !graph_.IsLive(packing.event) || !InUse(ride, packing.event)) continue;
    for (const Place& packed : packing.contents) {
      if (packed.unit == content &&
          (inner != 0 || graph_.VariantsCompatible(packed.variant, place.variant))) {
        return true;
      }
    }
  }
  return false;
}

bool Closure::Finds(uint32_t ride, EventNo event, int64_t since) {
  return since <= OfEvent(event).to && InUse(ride, event);
}

std::pair<uint32_t, uint32_t> Closure::UsesOf(UnitId container, EventNo event) {
  auto [it, is_new] = emptied_.try_emplace(container);
  std::vector<EventNo>& emptied = it->second;
  if (is_new) {
    const std::vector<Packing>* const packings = graph_.PackingsOf(container);
    if (packings != nullptr) {
      for (const Packing& packing : *packings) {
        // Only what takes out all there is says for certain that it was empty.
        if (packing.out && packing.contents.empty() && graph_.IsLive(packing.event)) {
          emptied.push_back(packing.event);
        }
      }
    }
  }
  const Interval when = graph_.event(event).begin;
  std::pair<uint32_t, uint32_t> uses{0, 0};
  for (const EventNo close : emptied) {
    if (close == event) continue;
    const Interval at = graph_.event(close).end;
    if (at.latest < when.earliest) ++uses.first;
    if (at.earliest <= when.latest) ++uses.second;
  }
  return uses;
}

bool Closure::Board(const Place& place, uint32_t ride, int64_t since) {
  const UnitId content = ride == 0 ? place.unit : rides_[ride].container;
  if (graph_.ContainersOf(content) == nullptr) return false;
  if (!forward_) return BoardBackward(content, place, ride, since);
  const bool boarded = BoardForward(content, place, ride, since);
  return BoardUnrecorded(content, place, ride, since) || boarded;
}

// Where each packing of `content` put it, and where its containers ever were.
const Closure::Boardings& Closure::BoardingsOf(UnitId content) {
  auto [it, is_new] = boardings_.try_emplace(content);
  Boardings& boardings = it->second;
  if (!is_new) return boardings;
  absl::flat_hash_set<Name> holders;
  for (const UnitId container : *graph_.ContainersOf(content)) {
    absl::flat_hash_set<Name> parts;
    for (const Packing& packing : *graph_.PackingsOf(container)) {
      if (!graph_.IsLive(packing.event)) continue;
      absl::flat_hash_set<Name> packed;
      for (const Place& place : packing.contents) {
        if (place.unit == content) packed.insert(place.part);
      }
      parts.insert(packed.begin(), packed.end());
      if (packing.out) continue;
      for (const Name part : packed) {
        boardings.packed[packing.holder][part].push_back({container, &packing});
      }
    }
    holders.clear();
    graph_.ForEachCompatible(Place{container, 0, 0, 0, false},
                             [&](NodeId id) { holders.insert(graph_.node(id).place.holder); });
    for (const Name holder : holders) {
      for (const Name part : parts) boardings.held[holder][part].push_back(container);
    }
  }
  return boardings;
}

// Visits the rows of `by_holder` whose holder and part can be those of `place`.
template <typename T, typename Fn>
void Closure::ForEachRow(const ByHolder<T>& by_holder, const Place& place, bool any_part,
                         Fn visit) const {
  const auto at = [&](const ByPart<T>& by_part) {
    if (any_part || place.part == 0) {
      for (const auto& [part, rows] : by_part) {
        for (const T& row : rows) visit(row);
      }
      return;
    }
    for (const Name part : {place.part, Name{0}}) {
      const auto rows = by_part.find(part);
      if (rows == by_part.end()) continue;
      for (const T& row : rows->second) visit(row);
    }
  };
  if (place.holder == 0) {
    for (const auto& [holder, by_part] : by_holder) at(by_part);
    return;
  }
  graph_.ForEachHolder(place.holder, [&](Name holder) {
    if (const auto it = by_holder.find(holder); it != by_holder.end()) at(it->second);
  });
}

bool Closure::BoardForward(UnitId content, const Place& place, uint32_t ride, int64_t since) {
  bool boarded = false;
  ForEachRow(BoardingsOf(content).packed, place, ride != 0, [&](const Boarding& row) {
    if (InRide(ride, row.container)) return;
    const Packing& packing = *row.packing;
    const bool matches =
        ride != 0 ? InUse(ride, packing.event)
                  : std::any_of(packing.contents.begin(), packing.contents.end(),
                                [&](const Place& in) { return graph_.Compatible(in, place); });
    const Window when = OfEvent(packing.event);
    if (!matches || when.to < since) return;
    const auto [first, last] = UsesOf(row.container, packing.event);
    way_.packed = packing.event;
    for (uint32_t use = first; use <= last; ++use) {
      PushRide(place, {0, 0, packing.holder, 0, false}, InternRide({row.container, use, ride}),
               std::max(since, when.from), 0);
    }
    way_.packed = 0;
    boarded = true;
  });
  return boarded;
}

// A container that was here, and out of which the goods came although nobody
// recorded that they went in.
bool Closure::BoardUnrecorded(UnitId content, const Place& place, uint32_t ride, int64_t since) {
  bool boarded = false;
  ForEachRow(BoardingsOf(content).held, place, ride != 0, [&](UnitId container) {
    if (InRide(ride, container)) return;
    for (const Packing& packing : *graph_.PackingsOf(container)) {
      if (!packing.out || !graph_.IsLive(packing.event) ||
          std::none_of(packing.contents.begin(), packing.contents.end(),
                       [&](const Place& out) { return out.unit == content; })) {
        continue;
      }
      const auto [first, last] = UsesOf(container, packing.event);
      for (uint32_t use = first; use <= last; ++use) {
        const uint32_t id = InternRide({container, use, ride});
        if (PackingKnown(place, id)) continue;
        way_.packed = packing.event;
        PushRide(place, place, id, since, 0);
        way_.packed = 0;
        boarded = true;
      }
    }
  });
  return boarded;
}

bool Closure::BoardBackward(UnitId content, const Place& place, uint32_t ride, int64_t since) {
  bool boarded = false;
  // It came in the container if that was ever where it is now.
  ForEachRow(BoardingsOf(content).held, place, ride != 0, [&](UnitId container) {
    if (InRide(ride, container)) return;
    for (const Packing& packing : *graph_.PackingsOf(container)) {
      if (!graph_.IsLive(packing.event) || !InUse(ride, packing.event) ||
          OfEvent(packing.event).to < since) {
        continue;
      }
      const bool held =
          std::any_of(packing.contents.begin(), packing.contents.end(), [&](const Place& packed) {
            return packed.unit == content &&
                   (ride != 0 || graph_.VariantsCompatible(packed.variant, place.variant));
          });
      if (!held) continue;
      const auto [first, last] = UsesOf(container, packing.event);
      way_.packed = packing.event;
      for (uint32_t use = first; use <= last; ++use) {
        PushRide(place, place, InternRide({container, use, ride}), since, 0);
      }
      way_.packed = 0;
      boarded = true;
    }
  });
  return boarded;
}

bool Closure::Travel(const Place& place, uint32_t ride_id, int64_t since, EventNo packed) {
  const Ride ride = rides_[ride_id];
  bool leads_on = false;
  const auto in_use = [&](EventNo event) { return Finds(ride_id, event, since); };
  const auto follow = [&](NodeId id) {
    const Node& node = graph_.node(id);
    for (EdgeId e = forward_ ? node.first_out : node.first_in; e != 0;
         e = graph_.edge(e).next_of_node) {
      const Edge& edge = graph_.edge(e);
      if (edge.dead || !in_use(edge.event)) continue;
      const Step& step = graph_.step(edge.step);
      if (supposed_ != nullptr) {
        if (forward_ && supposed_->Cuts(node.place, step)) continue;
        if (!forward_) MixBack(edge.step, edge.event);
      }
      NoteEdge(e);
      leads_on |= step.kind != StepKind::kObserve;
      bool moves = false;
      way_.took = e;
      way_.packed = packed;
      for (EdgeId to = forward_ ? step.first_output : step.first_input; to != 0;
           to = graph_.edge(to).next_of_step) {
        const Place& there = graph_.node(graph_.edge(to).node).place;
        if (graph_.edge(to).dead || there.unit != ride.container) continue;
        moves = true;
        NoteStep(edge.step);
        NoteEdge(to);
        way_.brought = to;
        PushRide(place, there, ride_id, std::max(since, OfEvent(graph_.edge(to).event).from), 0);
      }
      way_.brought = 0;
      way_.packed = 0;
      if (!moves) FollowStep(edge.step, e, std::max(since, Flowed(e).from));
      way_.took = 0;
    }
  };
  graph_.ForEachCompatible(Place{ride.container, 0, place.holder, 0, false}, follow);
  if (place.apart) {
    graph_.ForEachCompatible(Place{ride.container, 0, place.holder, place.part, true}, follow);
  }
  for (const Packing& packing : *graph_.PackingsOf(ride.container)) {
    // Forward it comes out where it is taken out, backward where it was put in.
    if (packing.out != forward_ || !graph_.IsLive(packing.event) || !in_use(packing.event) ||
        !graph_.HoldersCompatible(packing.holder, place.holder)) {
      continue;
    }
    leads_on |= Alight(packing, place, ride_id, since);
  }
  return leads_on;
}

bool Closure::Alight(const Packing& packing, const Place& place, uint32_t ride_id, int64_t since) {
  const uint32_t inner = rides_[ride_id].inner;
  since = std::max(since, OfEvent(packing.event).from);
  const int64_t loose_since = supposed_ == nullptr ? since : kEver;
  way_.packed = packing.event;
  if (packing.contents.empty()) {
    if (inner == 0) {
      PushPlace({place.unit, place.variant, packing.holder, place.part, place.apart}, loose_since,
                0);
    } else {
      PushRide(place, {0, 0, packing.holder, place.part, place.apart}, inner, since, 0);
    }
    way_.packed = 0;
    return true;
  }
  bool out = false;
  for (const Place& content : packing.contents) {
    if (inner != 0 && content.unit == rides_[inner].container) {
      PushRide(place, {0, 0, packing.holder, place.part, place.apart}, inner, since, 0);
      out = true;
    } else if (inner == 0 && content.unit == place.unit &&
               graph_.VariantsCompatible(content.variant, place.variant)) {
      Place loose = content;
      loose.holder = packing.holder;
      if (place.apart) {
        loose.part = place.part;
        loose.apart = true;
      }
      PushPlace(loose, loose_since, 0);
      out = true;
    }
  }
  way_.packed = 0;
  return out;
}

}  // namespace suyuan::trace

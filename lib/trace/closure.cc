#include "lib/trace/closure.h"

#include <algorithm>

namespace suyuan::trace {

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

Closure::Closure(const Graph& graph, bool forward)
    : graph_(graph),
      forward_(forward),
      node_done_(graph.node_count()),
      node_drawn_(graph.node_count()),
      step_done_(graph.step_count()),
      step_noted_(graph.step_count()),
      edge_noted_(graph.edge_count()),
      row_of_node_(graph.node_count()) {}

void Closure::Start(NodeId node) { Push({node, 0, {}}, 0); }

void Closure::StartContents(UnitId container) {
  std::vector<UnitId> todo = {container};
  absl::flat_hash_set<UnitId> seen = {container};
  while (!todo.empty()) {
    const UnitId at = todo.back();
    todo.pop_back();
    const std::vector<Packing>* const packings = graph_.PackingsOf(at);
    if (packings == nullptr) continue;
    for (const Packing& packing : *packings) {
      if (!graph_.IsLive(packing.event)) continue;
      const auto [first, last] = UsesOf(at, packing.event);
      for (const Place& content : packing.contents) {
        for (uint32_t use = first; use <= last; ++use) {
          PushRide(content, packing.holder, {at, use, 0});
        }
        if (seen.insert(content.unit).second) todo.push_back(content.unit);
      }
    }
  }
}

void Closure::Push(Visit visit, uint32_t cost) {
  if (visit.node != 0 && node_done_[visit.node]) return;
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
  const Place bare{place.unit, place.variant, place.holder, 0, false};
  const NodeId node = graph_.FindNode(bare);
  if (node != 0) {
    if (row_of_node_[node] == 0) {
      reached_.push_back({bare, depth_, false});
      row_of_node_[node] = static_cast<uint32_t>(reached_.size());
    }
    return row_of_node_[node] - 1;
  }
  const auto [it, is_new] = row_of_.emplace(bare, reached_.size());
  if (is_new) reached_.push_back({bare, depth_, false});
  return it->second;
}

void Closure::Work(const Visit& visit) {
  const Place place = visit.node != 0 ? graph_.node(visit.node).place : visit.place;
  if (visit.node != 0) {
    if (node_done_[visit.node]) return;
    node_done_[visit.node] = true;
  } else if (!place_done_.emplace(place, visit.ride).second) {
    return;
  }
  bool leads_on = false;
  if (visit.ride == 0) {
    leads_on = Draw(place);
    if (place.holder == 0) {
      // It can lie wherever the unit is known to be.
      graph_.ForEachCompatible(place, [&](NodeId node) {
        if (graph_.node(node).place.holder == 0) return;
        Push({node, 0, {}}, 0);
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
        for (const Place& content : packing.contents) {
          PushLoose(content, packing.holder);
          leads_on = true;
        }
      }
    }
  } else {
    // Contents can turn up loose where nobody recorded the unpacking.
    for (uint32_t ride = visit.ride; ride != 0; ride = rides_[ride].inner) {
      Place loose = place;
      loose.part = graph_.unit(rides_[ride].container).key;
      leads_on |= Draw(loose);
    }
    leads_on |= Travel(place, visit.ride);
  }
  leads_on |= Board(place, visit.ride);
  Reached& row = reached_[Row(place)];
  row.leads_on |= leads_on;
}

bool Closure::Draw(const Place& place) {
  bool leads_on = false;
  graph_.ForEachCompatible(place, [&](NodeId id) {
    const Node& node = graph_.node(id);
    const bool drawn = node_drawn_[id];
    node_drawn_[id] = true;
    for (EdgeId e = forward_ ? node.first_out : node.first_in; e != 0;
         e = graph_.edge(e).next_of_node) {
      const Edge& edge = graph_.edge(e);
      if (edge.dead) continue;
      leads_on |= graph_.step(edge.step).kind != StepKind::kObserve;
      if (drawn) {
        if (leads_on) break;
        continue;
      }
      NoteEdge(e);
      FollowStep(edge.step);
    }
  });
  return leads_on;
}

void Closure::NoteEdge(EdgeId edge) {
  if (edge_noted_[edge]) return;
  edge_noted_[edge] = true;
  edges_.push_back(edge);
}

void Closure::NoteStep(StepId step) {
  if (step_noted_[step]) return;
  step_noted_[step] = true;
  steps_.push_back(step);
}

void Closure::FollowStep(StepId id) {
  if (step_done_[id]) return;
  step_done_[id] = true;
  NoteStep(id);
  const Step& step = graph_.step(id);
  const uint32_t cost = step.kind == StepKind::kRun || step.kind == StepKind::kTransform ? 1 : 0;
  for (EdgeId e = forward_ ? step.first_output : step.first_input; e != 0;
       e = graph_.edge(e).next_of_step) {
    if (graph_.edge(e).dead) continue;
    NoteEdge(e);
    Push({graph_.edge(e).node, 0, {}}, cost);
  }
}

// -------------------------------------------------------------- containers

bool Closure::InRide(uint32_t ride, UnitId container) const {
  for (; ride != 0; ride = rides_[ride].inner) {
    if (rides_[ride].container == container) return true;
  }
  return false;
}

void Closure::PushRide(const Place& place, Name holder, const Ride& ride) {
  const auto [it, is_new] = ride_of_.emplace(ride, static_cast<uint32_t>(rides_.size()));
  if (is_new) rides_.push_back(ride);
  Push({0, it->second, {place.unit, place.variant, holder, 0, false}}, 0);
}

void Closure::PushLoose(const Place& place, Name holder) {
  Place loose = place;
  loose.holder = holder;
  const NodeId node = graph_.FindNode(loose);
  Push({node, 0, loose}, 0);
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

bool Closure::Board(const Place& place, uint32_t ride) {
  const UnitId content = ride == 0 ? place.unit : rides_[ride].container;
  if (graph_.ContainersOf(content) == nullptr) return false;
  return forward_ ? BoardForward(content, place, ride) : BoardBackward(content, place, ride);
}

bool Closure::BoardForward(UnitId content, const Place& place, uint32_t ride) {
  auto [it, is_new] = boardings_.try_emplace(content);
  if (is_new) {
    for (const UnitId container : *graph_.ContainersOf(content)) {
      for (const Packing& packing : *graph_.PackingsOf(container)) {
        if (packing.out || !graph_.IsLive(packing.event)) continue;
        for (const Place& packed : packing.contents) {
          if (packed.unit == content) {
            it->second.push_back({container, &packing});
            break;
          }
        }
      }
    }
    // By holder, so that a lot in many cases is not searched at every holder.
    std::sort(it->second.begin(), it->second.end(), [](const Boarding& a, const Boarding& b) {
      return a.packing->holder < b.packing->holder;
    });
  }
  bool boarded = false;
  const std::vector<Boarding> boardings = it->second;
  const auto at_holder = [&](Name holder) {
    auto row = std::lower_bound(
        boardings.begin(), boardings.end(), holder,
        [](const Boarding& b, Name wanted) { return b.packing->holder < wanted; });
    for (; row != boardings.end() && row->packing->holder == holder; ++row) {
      if (InRide(ride, row->container)) continue;
      bool matches = ride != 0;
      for (const Place& packed : row->packing->contents) {
        matches = matches || graph_.Compatible(packed, place);
      }
      if (!matches) continue;
      const auto [first, last] = UsesOf(row->container, row->packing->event);
      for (uint32_t use = first; use <= last; ++use) {
        PushRide(place, holder, {row->container, use, ride});
      }
      boarded = true;
    }
  };
  // Every holder that some packing names and that can be this one.
  for (size_t i = 0; i < boardings.size();) {
    const Name holder = boardings[i].packing->holder;
    if (graph_.HoldersCompatible(holder, place.holder)) at_holder(holder);
    i = static_cast<size_t>(
        std::upper_bound(boardings.begin() + static_cast<ptrdiff_t>(i), boardings.end(), holder,
                         [](Name wanted, const Boarding& b) { return wanted < b.packing->holder; }) -
        boardings.begin());
  }
  return boarded;
}

bool Closure::BoardBackward(UnitId content, const Place& place, uint32_t ride) {
  bool boarded = false;
  for (const UnitId container : *graph_.ContainersOf(content)) {
    if (InRide(ride, container)) continue;
    // It came in the container if that was ever where it is now.
    bool here = false;
    graph_.ForEachCompatible(Place{container, 0, place.holder, 0, false},
                             [&](NodeId) { here = true; });
    if (!here) continue;
    for (const Packing& packing : *graph_.PackingsOf(container)) {
      if (!graph_.IsLive(packing.event)) continue;
      const bool held = std::any_of(packing.contents.begin(), packing.contents.end(),
                                    [&](const Place& packed) {
                                      return packed.unit == content &&
                                             (ride != 0 ||
                                              graph_.VariantsCompatible(packed.variant,
                                                                        place.variant));
                                    });
      if (!held) continue;
      const auto [first, last] = UsesOf(container, packing.event);
      for (uint32_t use = first; use <= last; ++use) {
        PushRide(place, place.holder, {container, use, ride});
      }
      boarded = true;
    }
  }
  return boarded;
}

bool Closure::Travel(const Place& place, uint32_t ride_id) {
  const Ride ride = rides_[ride_id];
  bool leads_on = false;
  const auto in_use = [&](EventNo event) {
    const auto [first, last] = UsesOf(ride.container, event);
    return first <= ride.use && ride.use <= last;
  };
  graph_.ForEachCompatible(Place{ride.container, 0, place.holder, 0, false}, [&](NodeId id) {
    const Node& node = graph_.node(id);
    for (EdgeId e = forward_ ? node.first_out : node.first_in; e != 0;
         e = graph_.edge(e).next_of_node) {
      const Edge& edge = graph_.edge(e);
      if (edge.dead || !in_use(edge.event)) continue;
      const Step& step = graph_.step(edge.step);
      NoteEdge(e);
      leads_on |= step.kind != StepKind::kObserve;
      bool moves = false;
      for (EdgeId to = forward_ ? step.first_output : step.first_input; to != 0;
           to = graph_.edge(to).next_of_step) {
        const Place& there = graph_.node(graph_.edge(to).node).place;
        if (graph_.edge(to).dead || there.unit != ride.container) continue;
        moves = true;
        NoteStep(edge.step);
        NoteEdge(to);
        PushRide(place, there.holder, ride);
      }
      if (!moves) FollowStep(edge.step);
    }
  });
  for (const Packing& packing : *graph_.PackingsOf(ride.container)) {
    // Forward it comes out where it is taken out, backward where it was put in.
    if (packing.out != forward_ || !graph_.IsLive(packing.event) || !in_use(packing.event) ||
        !graph_.HoldersCompatible(packing.holder, place.holder)) {
      continue;
    }
    leads_on |= Alight(packing, place, ride_id);
  }
  return leads_on;
}

bool Closure::Alight(const Packing& packing, const Place& place, uint32_t ride_id) {
  const uint32_t inner = rides_[ride_id].inner;
  if (packing.contents.empty()) {
    if (inner == 0) {
      PushLoose({place.unit, place.variant, packing.holder, 0, false}, packing.holder);
    } else {
      PushRide(place, packing.holder, rides_[inner]);
    }
    return true;
  }
  bool out = false;
  for (const Place& content : packing.contents) {
    if (inner != 0 && content.unit == rides_[inner].container) {
      PushRide(place, packing.holder, rides_[inner]);
      out = true;
    } else if (inner == 0 && content.unit == place.unit &&
               graph_.VariantsCompatible(content.variant, place.variant)) {
      PushLoose(content, packing.holder);
      out = true;
    }
  }
  return out;
}

}  // namespace suyuan::trace

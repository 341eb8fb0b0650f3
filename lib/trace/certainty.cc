#include "lib/trace/certainty.h"

#include <algorithm>

namespace suyuan::trace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::Graph;
using genealogy::NodeId;
using genealogy::Place;
using genealogy::Step;
using genealogy::StepKind;
using genealogy::UnitKind;

namespace {

template <typename Visit>
void ForEachLive(const Graph& graph, EdgeId first, Visit visit) {
  for (EdgeId e = first; e != 0; e = graph.edge(e).next_of_node) {
    const Edge& edge = graph.edge(e);
    if (!edge.dead && graph.step(edge.step).kind != StepKind::kIdentity) visit(e);
  }
}

// Edges of all nodes that can be the place of `node`.
std::vector<EdgeId> EdgesAt(const Graph& graph, NodeId node, bool in) {
  std::vector<EdgeId> edges;
  graph.ForEachCompatible(graph.node(node).place, [&](NodeId id) {
    ForEachLive(graph, in ? graph.node(id).first_in : graph.node(id).first_out,
                [&](EdgeId e) { edges.push_back(e); });
  });
  return edges;
}

}  // namespace

Certainty::Certainty(const Graph& graph, const Closure& closure, bool forward,
                     const std::vector<Place>& origins)
    : graph_(graph), closure_(closure), forward_(forward), order_(graph) {
  for (const Place& origin : origins) {
    graph_.ForEachCompatible(origin, [&](NodeId id) {
      nodes_.insert(id);
      ForEachLive(graph_, forward_ ? graph_.node(id).first_out : graph_.node(id).first_in,
                  [&](EdgeId e) { Leave(e); });
    });
  }
  while (!open_.empty()) {
    const NodeId node = open_.back();
    open_.pop_back();
    Judge(node);
  }
}

// Goods of the closure certainly went (backward: came) through `edge`.
void Certainty::Leave(EdgeId id) {
  const Edge& edge = graph_.edge(id);
  if (!closure_.Noted(id) || edge.alternative || !left_.insert(id).second) return;
  const Step& step = graph_.step(edge.step);
  for (EdgeId e = forward_ ? step.first_output : step.first_input; e != 0;
       e = graph_.edge(e).next_of_step) {
    if (graph_.edge(e).dead || graph_.edge(e).alternative || !closure_.Noted(e)) continue;
    if (edge.sliced && graph_.edge(e).sliced &&
        (!order_.Meets(forward_ ? id : e, forward_ ? e : id) || !AllMet(forward_ ? e : id))) {
      continue;
    }
    Arrive(e);
  }
}

// What met an output can have been only this, forward: all of it is suspect.
bool Certainty::AllMet(EdgeId output) {
  size_t met = 0;
  const Step& step = graph_.step(graph_.edge(output).step);
  for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
    if (graph_.edge(e).dead || !graph_.edge(e).sliced || !order_.Meets(e, output)) continue;
    ++met;
    if (forward_ && !left_.contains(e)) return false;
  }
  return forward_ || met == 1;
}

void Certainty::Arrive(EdgeId id) {
  if (!arrived_.insert(id).second) return;
  const NodeId node = graph_.edge(id).node;
  nodes_.insert(node);
  graph_.ForEachCompatible(graph_.node(node).place, [&](NodeId other) { open_.push_back(other); });
}

void Certainty::Judge(NodeId node) {
  if (graph_.node(node).first_out == 0) return;
  forward_ ? JudgeForward(node) : JudgeBackward(node);
}

bool Certainty::CanBe(EdgeId in, EdgeId out) {
  if (graph_.unit(graph_.node(graph_.edge(out).node).place.unit).kind == UnitKind::kVessel) {
    return order_.Holds(in, out);
  }
  return order_.Told(in).earliest <= order_.Told(out).latest || order_.Lenient(out);
}

void Certainty::JudgeForward(NodeId node) {
  const std::vector<EdgeId> inflows = EdgesAt(graph_, node, true);
  const bool all =
      std::all_of(inflows.begin(), inflows.end(), [&](EdgeId in) { return arrived_.contains(in); });
  ForEachLive(graph_, graph_.node(node).first_out, [&](EdgeId out) {
    if (left_.contains(out) || !closure_.Noted(out)) return;
    bool some = all;
    bool others = false;
    Sum clean;
    for (const EdgeId in : inflows) {
      if (all) break;
      if (!CanBe(in, out)) continue;
      (arrived_.contains(in) ? some : others) = true;
      if (!arrived_.contains(in)) order_.AddTo(&clean, in);
    }
    Sum taken;
    order_.AddTo(&taken, out);
    if (some && (!others || Less(clean, taken).value_or(false))) Leave(out);
  });
}

void Certainty::JudgeBackward(NodeId node) {
  const std::vector<EdgeId> inflows = EdgesAt(graph_, node, true);
  ForEachLive(graph_, graph_.node(node).first_out, [&](EdgeId out) {
    if (!arrived_.contains(out)) return;
    std::vector<EdgeId> sources;
    for (const EdgeId in : inflows) {
      if (CanBe(in, out)) sources.push_back(in);
    }
    // Of those behind each source; those before it are added up on the way.
    std::vector<Sum> behind(sources.size() + 1);
    for (size_t i = sources.size(); i-- > 0;) {
      behind[i] = behind[i + 1];
      order_.AddTo(&behind[i], sources[i]);
    }
    Sum taken;
    order_.AddTo(&taken, out);
    Sum before;
    for (size_t i = 0; i < sources.size(); ++i) {
      Sum others = before;
      others.Add(behind[i + 1]);
      if (sources.size() == 1 || Less(others, taken).value_or(false)) Leave(sources[i]);
      order_.AddTo(&before, sources[i]);
    }
  });
}

}  // namespace suyuan::trace

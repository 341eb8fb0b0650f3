#include "benchmarks/layered_graph.h"

#include <algorithm>
#include <random>

#include "benchmarks/duel.h"
#include "lib/base/strings.h"

namespace suyuan::bench {
namespace {

using genealogy::EdgeFact;
using genealogy::EdgeId;
using genealogy::Facts;
using genealogy::Graph;
using genealogy::HolderKind;
using genealogy::NodeFact;
using genealogy::NodeId;
using genealogy::StepFact;
using genealogy::StepKind;

constexpr uint32_t kLedger = 1;
constexpr uint64_t kInputs = 8;
constexpr uint64_t kLayers = 12;
constexpr uint64_t kNeighbours = 256;
constexpr int64_t kFirstMicros = 1'762'099'200'000'000;

// Tells a graph what events would, in facts.
class Teller {
 public:
  explicit Teller(Graph* graph) : graph_(graph) {
    Facts genesis;
    genesis.owner = "ext:own:plant";
    Add(std::move(genesis));
  }

  static std::string Lot(std::string_view number) {
    return StrCat("lot:ext:own:plant/powder/", number);
  }

  void Charge(const std::string& run, const std::string& lot) {
    Facts facts;
    StepFact& step = facts.steps.emplace_back();
    step.kind = StepKind::kRun;
    step.run = run;
    step.inputs.push_back(Edge(lot));
    Add(std::move(facts));
  }

  void Produce(const std::string& run, const std::string& lot) {
    Facts facts;
    StepFact& step = facts.steps.emplace_back();
    step.kind = StepKind::kRun;
    step.run = run;
    step.closes_run = true;
    step.outputs.push_back(Edge(lot));
    Add(std::move(facts));
  }

  void Ship(const std::string& lot, const std::string& variant, const std::string& to) {
    Facts facts;
    StepFact& step = facts.steps.emplace_back();
    step.inputs.push_back(Edge(lot));
    step.outputs.push_back(Edge(lot));
    step.inputs[0].node.variant = variant;
    step.outputs[0].node.variant = variant;
    step.outputs[0].node.holder_kind = HolderKind::kNamed;
    step.outputs[0].node.holder = to;
    Add(std::move(facts));
  }

 private:
  static EdgeFact Edge(const std::string& lot) {
    EdgeFact edge;
    edge.node.unit = lot;
    edge.quantity = 100;
    edge.quantity_unit = "KGM";
    return edge;
  }

  void Add(Facts facts) {
    const int64_t at = kFirstMicros + static_cast<int64_t>(sequence_) * 1'000'000;
    facts.begin = facts.end = {at, at};
    graph_->Add(kLedger, sequence_++, facts, std::nullopt);
  }

  Graph* const graph_;
  uint64_t sequence_ = 0;
};

}  // namespace

TracedGraph LayeredPlant(uint64_t edges, uint64_t seed) {
  TracedGraph traced;
  Teller tell(traced.graph.get());
  std::mt19937_64 random(seed);
  const uint64_t width = std::max<uint64_t>(edges / (kLayers * (kInputs + 1)), kInputs);
  traced.first = Teller::Lot("WATER");
  traced.last = Teller::Lot("BLEND");
  const auto lot = [](uint64_t layer, uint64_t i) {
    return Teller::Lot(StrCat("L", layer, "-", i));
  };
  for (uint64_t layer = 1; layer <= kLayers; ++layer) {
    for (uint64_t i = 0; i < width; ++i) {
      const std::string run = StrCat("R", layer, "-", i);
      if (layer == 1) {
        tell.Charge(run, traced.first);
      } else {
        for (uint64_t k = 0; k < kInputs; ++k) {
          const uint64_t near = i + random() % std::min(kNeighbours, width);
          tell.Charge(run, lot(layer - 1, (random() % 10 == 0 ? random() : near) % width));
        }
      }
      tell.Produce(run, lot(layer, i));
    }
  }
  for (uint64_t i = 0; i < width; ++i) tell.Charge("BLEND", lot(kLayers, i));
  tell.Produce("BLEND", traced.last);
  for (uint64_t family = 0; family < 100; ++family) {
    const std::string run = StrCat("S", family);
    for (uint64_t k = 0; k < kInputs; ++k) {
      tell.Charge(run, Teller::Lot(StrCat("S", family, "-", k)));
    }
    tell.Produce(run, Teller::Lot(StrCat("S", family, "-OUT")));
  }
  traced.small = Teller::Lot("S50-3");
  return traced;
}

TracedGraph WideLot(uint64_t holders, bool dated) {
  TracedGraph traced;
  Teller tell(traced.graph.get());
  traced.first = Teller::Lot("WIDE");
  const std::string variant = dated ? ";made=2025-11-03" : "";
  for (uint64_t i = 0; i < holders; ++i) {
    tell.Ship(traced.first, variant, StrCat("ext:shop:", i));
  }
  return traced;
}

TracedGraph Chain(uint64_t lots) {
  TracedGraph traced;
  Teller tell(traced.graph.get());
  for (uint64_t i = 0; i + 1 < lots; ++i) {
    const std::string run = StrCat("R", i);
    tell.Charge(run, Teller::Lot(StrCat("C", i)));
    tell.Produce(run, Teller::Lot(StrCat("C", i + 1)));
  }
  traced.first = Teller::Lot("C0");
  traced.last = Teller::Lot(StrCat("C", lots - 1));
  return traced;
}

PlainArrays::PlainArrays(const Graph& graph, bool forward) {
  std::vector<std::pair<uint32_t, uint32_t>> node_to_step;
  std::vector<std::pair<uint32_t, uint32_t>> step_to_node;
  for (NodeId node = 1; node < graph.node_count(); ++node) {
    for (const bool out : {false, true}) {
      for (EdgeId e = out ? graph.node(node).first_out : graph.node(node).first_in; e != 0;
           e = graph.edge(e).next_of_node) {
        if (out == forward) {
          node_to_step.emplace_back(node, graph.edge(e).step);
        } else {
          step_to_node.emplace_back(graph.edge(e).step, node);
        }
      }
    }
  }
  steps_of_node_ = Sorted(graph.node_count(), node_to_step);
  nodes_of_step_ = Sorted(graph.step_count(), step_to_node);
}

PlainArrays::Rows PlainArrays::Sorted(size_t count,
                                      const std::vector<std::pair<uint32_t, uint32_t>>& edges) {
  Rows rows;
  rows.begin.assign(count + 1, 0);
  rows.to.resize(edges.size());
  for (const auto& [from, to] : edges) ++rows.begin[from + 1];
  for (size_t i = 0; i < count; ++i) rows.begin[i + 1] += rows.begin[i];
  std::vector<uint32_t> next(rows.begin.begin(), rows.begin.end() - 1);
  for (const auto& [from, to] : edges) rows.to[next[from]++] = to;
  return rows;
}

uint64_t PlainArrays::Search(std::span<const NodeId> origins) const {
  std::vector<bool> node_done(steps_of_node_.begin.size());
  std::vector<bool> step_done(nodes_of_step_.begin.size());
  std::vector<NodeId> queue(origins.begin(), origins.end());
  for (const NodeId node : origins) node_done[node] = true;
  uint64_t edges = 0;
  for (size_t head = 0; head < queue.size(); ++head) {
    const NodeId node = queue[head];
    for (uint32_t i = steps_of_node_.begin[node]; i < steps_of_node_.begin[node + 1]; ++i) {
      ++edges;
      const uint32_t step = steps_of_node_.to[i];
      if (step_done[step]) continue;
      step_done[step] = true;
      for (uint32_t j = nodes_of_step_.begin[step]; j < nodes_of_step_.begin[step + 1]; ++j) {
        ++edges;
        const NodeId next = nodes_of_step_.to[j];
        if (node_done[next]) continue;
        node_done[next] = true;
        queue.push_back(next);
      }
    }
  }
  return edges;
}

std::vector<NodeId> NodesOf(const Graph& graph, const std::string& key) {
  const std::vector<genealogy::Named> named = graph.Lookup(key);
  Must(!named.empty() && !named[0].is_subject, "no unit " + key);
  std::vector<NodeId> nodes;
  for (NodeId node = graph.unit(named[0].unit).first_node; node != 0;
       node = graph.node(node).next_of_unit) {
    nodes.push_back(node);
  }
  return nodes;
}

}  // namespace suyuan::bench

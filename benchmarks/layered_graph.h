#ifndef BENCHMARKS_LAYERED_GRAPH_H_
#define BENCHMARKS_LAYERED_GRAPH_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/genealogy/graph.h"

namespace suyuan::bench {

// A graph and the unit that its traces begin at.
struct TracedGraph {
  std::unique_ptr<genealogy::Graph> graph = std::make_unique<genealogy::Graph>();
  std::string first;  // everything comes from it
  std::string last;   // everything went into it
  std::string small;  // a lot with few ancestors and descendants; may be empty
};

// A plant of about `edges` edges: layers of lots, each made by a run from eight
// lots of the layer before it, most of them neighbours, charged and produced in
// events of their own. `first` was charged in every run of the lowest layer, the
// lots of the highest went into `last`. Beside it a hundred small families.
TracedGraph LayeredPlant(uint64_t edges, uint64_t seed);
// One lot, shipped to `holders` holders. `dated`: every event tells when it was
// made.
TracedGraph WideLot(uint64_t holders, bool dated);
// `lots` lots, each made from the one before.
TracedGraph Chain(uint64_t lots);

// The same graph as plain arrays, nodes and steps numbered as in it, one of the
// two directions: what the closure is measured against.
class PlainArrays {
 public:
  PlainArrays(const genealogy::Graph& graph, bool forward);
  // Number of edges that a breadth-first search from `origins` comes by.
  uint64_t Search(std::span<const genealogy::NodeId> origins) const;

 private:
  struct Rows {
    std::vector<uint32_t> begin;
    std::vector<uint32_t> to;
  };
  static Rows Sorted(size_t count, const std::vector<std::pair<uint32_t, uint32_t>>& edges);

  Rows steps_of_node_;
  Rows nodes_of_step_;
};

// All nodes of the unit with `key`.
std::vector<genealogy::NodeId> NodesOf(const genealogy::Graph& graph, const std::string& key);

}  // namespace suyuan::bench

#endif  // BENCHMARKS_LAYERED_GRAPH_H_

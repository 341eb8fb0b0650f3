#ifndef SUYUAN_LAYOUT_H_
#define SUYUAN_LAYOUT_H_

#include <cstdint>
#include <span>
#include <vector>

namespace suyuan {

struct LayoutEdge {
  uint32_t from = 0;
  uint32_t to = 0;
};

// A graph drawn in layers, so that edges lead from one layer to a later one.
struct Layout {
  // Two neighbours in a layer are at least this far apart.
  static constexpr int32_t kStep = 16;

  struct Node {
    uint32_t layer = 0;
    uint32_t order = 0;  // within the layer: 0, 1, ...
    int32_t x = 0;       // across the layers, from 0
  };
  struct Edge {
    // It closes a cycle and leads to an earlier layer, or from a node to itself.
    bool reversed = false;
    // Where it passes the layers between its ends, from the earlier end to the later. Empty
    // where there are none, and where the graph is too large to lead it around others.
    std::vector<int32_t> bends;
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  uint32_t layers = 0;
  // Pairs of edges that cross; edges with the same ends count as one.
  uint64_t crossings = 0;
  // Before the orders were improved.
  uint64_t first_crossings = 0;
};

// Lays out nodes [0, nodes) and `edges`, whose ends are all below `nodes`. The same for
// the same edges in any order; what is as good as something else goes by the number of the node,
// so nodes should be numbered by their keys. Any graph; no recursion.
// O((nodes + edges) log), with at most four points of edges between layers for each node and edge
// and 100,000 besides. Sources: Sugiyama, Tagawa, Toda 1981; Eades, Lin, Smyth 1993; Barth,
// Juenger, Mutzel 2002.
Layout LayOut(uint32_t nodes, std::span<const LayoutEdge> edges);

}  // namespace suyuan

#endif  // SUYUAN_LAYOUT_H_

#include "suyuan/layout.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include "lib/base/check.h"

namespace suyuan {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr int kSweeps = 24;
// As many sweeps in a row that improve nothing end the search.
constexpr int kPatience = 4;
// A large graph gets few sweeps: their cost is that of the graph.
constexpr size_t kLarge = 50'000;
constexpr int kSweepsOfLarge = 4;
constexpr size_t kMostTransposed = 20'000;

using Pair = std::pair<uint32_t, uint32_t>;

// Neighbours of each vertex, in one array.
class Adjacency {
 public:
  Adjacency(size_t vertices, const std::vector<Pair>& edges, bool backward) : first_(vertices + 1) {
    for (const Pair& edge : edges) ++first_[(backward ? edge.second : edge.first) + 1];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    to_.resize(edges.size());
    std::vector<uint32_t> next(first_.begin(), first_.end() - 1);
    for (const Pair& edge : edges) {
      const uint32_t at = backward ? edge.second : edge.first;
      to_[next[at]++] = backward ? edge.first : edge.second;
    }
  }
  std::span<const uint32_t> of(uint32_t vertex) const {
    return {to_.data() + first_[vertex], first_[vertex + 1] - first_[vertex]};
  }
  std::span<uint32_t> of(uint32_t vertex) {
    return {to_.data() + first_[vertex], first_[vertex + 1] - first_[vertex]};
  }
  size_t size() const { return first_.size() - 1; }

 private:
  std::vector<uint32_t> first_;
  std::vector<uint32_t> to_;
};

// The strongly connected component of each vertex (Tarjan).
std::vector<uint32_t> Components(const Adjacency& out) {
  const size_t n = out.size();
  std::vector<uint32_t> component(n, kNone);
  std::vector<uint32_t> index(n, kNone);
  std::vector<uint32_t> low(n);
  std::vector<uint32_t> stack;
  struct Frame {
    uint32_t vertex;
    uint32_t next;
  };
  std::vector<Frame> frames;
  uint32_t seen = 0;
  uint32_t components = 0;
  for (uint32_t root = 0; root < n; ++root) {
    if (index[root] != kNone) continue;
    frames.push_back({root, 0});
    while (!frames.empty()) {
      const uint32_t v = frames.back().vertex;
      if (frames.back().next == 0) {
        index[v] = low[v] = seen++;
        stack.push_back(v);
      }
      if (frames.back().next < out.of(v).size()) {
        const uint32_t w = out.of(v)[frames.back().next++];
        if (index[w] == kNone) {
          frames.push_back({w, 0});
        } else if (component[w] == kNone) {
          low[v] = std::min(low[v], index[w]);
        }
        continue;
      }
      frames.pop_back();
      if (!frames.empty()) {
        uint32_t& above = low[frames.back().vertex];
        above = std::min(above, low[v]);
      }
      if (low[v] != index[v]) continue;
      uint32_t w = kNone;
      while (w != v) {
        w = stack.back();
        stack.pop_back();
        component[w] = components;
      }
      ++components;
    }
  }
  return component;
}

// Puts the vertices of each cycle in an order against which few edges go: sinks last, sources
// first, else the one with most out of it.
std::vector<uint32_t> OrderInCycles(const std::vector<uint32_t>& component, const Adjacency& out,
                                    const Adjacency& in) {
  const uint32_t n = static_cast<uint32_t>(component.size());
  std::vector<uint32_t> by_component(n);
  std::iota(by_component.begin(), by_component.end(), 0);
  std::stable_sort(by_component.begin(), by_component.end(),
                   [&](uint32_t a, uint32_t b) { return component[a] < component[b]; });
  std::vector<uint32_t> place(n, 0);
  std::vector<int64_t> outs(n, 0);
  std::vector<int64_t> ins(n, 0);
  std::vector<bool> gone(n, false);
  for (size_t first = 0; first < n;) {
    size_t last = first + 1;
    while (last < n && component[by_component[last]] == component[by_component[first]]) ++last;
    const std::span<const uint32_t> members(by_component.data() + first, last - first);
    first = last;
    if (members.size() == 1) continue;
    const auto inside = [&](uint32_t v, uint32_t w) {
      return component[v] == component[w] && !gone[w];
    };
    for (const uint32_t v : members) {
      outs[v] = std::count_if(out.of(v).begin(), out.of(v).end(),
                              [&](uint32_t w) { return inside(v, w); });
      ins[v] =
          std::count_if(in.of(v).begin(), in.of(v).end(), [&](uint32_t w) { return inside(v, w); });
    }
    std::set<uint32_t> sinks;
    std::set<uint32_t> sources;
    std::set<std::pair<int64_t, uint32_t>> others;  // the most out of it first
    const auto put = [&](uint32_t v) {
      if (outs[v] == 0) {
        sinks.insert(v);
      } else if (ins[v] == 0) {
        sources.insert(v);
      } else {
        others.emplace(ins[v] - outs[v], v);
      }
    };
    const auto drop = [&](uint32_t v) {
      sinks.erase(v);
      sources.erase(v);
      others.erase({ins[v] - outs[v], v});
    };
    for (const uint32_t v : members) put(v);
    uint32_t front = 0;
    uint32_t back = static_cast<uint32_t>(members.size());
    while (front < back) {
      uint32_t v = 0;
      if (!sinks.empty()) {
        v = *sinks.begin();
        place[v] = --back;
      } else {
        v = !sources.empty() ? *sources.begin() : others.begin()->second;
        place[v] = front++;
      }
      drop(v);
      gone[v] = true;
      for (const uint32_t w : out.of(v)) {
        if (!inside(v, w)) continue;
        drop(w);
        --ins[w];
        put(w);
      }
      for (const uint32_t w : in.of(v)) {
        if (!inside(v, w)) continue;
        drop(w);
        --outs[w];
        put(w);
      }
    }
  }
  return place;
}

// The longest way from a source; then what has more out of it than into it goes as near to what
// is behind it as it can.
std::vector<uint32_t> Layers(const Adjacency& out, const Adjacency& in) {
  const uint32_t n = static_cast<uint32_t>(out.size());
  std::vector<uint32_t> layer(n, 0);
  std::vector<uint32_t> waits(n);
  std::vector<uint32_t> sorted;
  sorted.reserve(n);
  for (uint32_t v = 0; v < n; ++v) {
    waits[v] = static_cast<uint32_t>(in.of(v).size());
    if (waits[v] == 0) sorted.push_back(v);
  }
  for (size_t i = 0; i < sorted.size(); ++i) {
    const uint32_t v = sorted[i];
    for (const uint32_t w : out.of(v)) {
      layer[w] = std::max(layer[w], layer[v] + 1);
      if (--waits[w] == 0) sorted.push_back(w);
    }
  }
  SUYUAN_CHECK(sorted.size() == n);
  for (size_t i = sorted.size(); i-- > 0;) {
    const uint32_t v = sorted[i];
    if (out.of(v).size() <= in.of(v).size()) continue;
    uint32_t nearest = kNone;
    for (const uint32_t w : out.of(v)) nearest = std::min(nearest, layer[w]);
    layer[v] = nearest - 1;
  }
  return layer;
}

// Vertices are the nodes, and behind them the points at which edges pass a layer.
class Drawing {
 public:
  Drawing(std::vector<uint32_t> layer, uint32_t layers, const std::vector<Pair>& segments)
      : layer_(std::move(layer)),
        down_(layer_.size(), segments, /*backward=*/false),
        up_(layer_.size(), segments, /*backward=*/true),
        at_(layer_.size()),
        rows_(layers) {
    for (uint32_t v = 0; v < layer_.size(); ++v) {
      at_[v] = static_cast<uint32_t>(rows_[layer_[v]].size());
      rows_[layer_[v]].push_back(v);
    }
  }

  const std::vector<std::vector<uint32_t>>& rows() const { return rows_; }

  // Sets both counts of `layout`.
  void Improve(Layout* layout) {
    uint64_t best = Crossings();
    layout->first_crossings = best;
    std::vector<std::vector<uint32_t>> best_rows = rows_;
    int idle = 0;
    const int sweeps = layer_.size() > kLarge ? kSweepsOfLarge : kSweeps;
    for (int sweep = 0; sweep < sweeps && best > 0 && idle < kPatience; ++sweep) {
      Sweep(/*down=*/sweep % 2 == 0);
      if (layer_.size() <= kMostTransposed) Transpose();
      const uint64_t now = Crossings();
      ++idle;
      if (now >= best) continue;
      best = now;
      best_rows = rows_;
      idle = 0;
    }
    layout->crossings = best;
    rows_ = std::move(best_rows);
    for (const std::vector<uint32_t>& row : rows_) Number(row);
  }

  // Each vertex as near to its neighbours as its layer allows.
  std::vector<int32_t> Place() {
    std::vector<int64_t> x(layer_.size());
    for (const std::vector<uint32_t>& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) x[row[i]] = static_cast<int64_t>(i) * Layout::kStep;
    }
    const int rounds = layer_.size() > kLarge ? 2 : 8;
    for (int round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < rows_.size(); ++i) {
        const bool down = round % 2 == 0;
        PlaceRow(rows_[down ? i : rows_.size() - 1 - i], down ? up_ : down_, &x);
      }
    }
    const int64_t least = x.empty() ? 0 : *std::min_element(x.begin(), x.end());
    std::vector<int32_t> places(x.size());
    for (size_t v = 0; v < x.size(); ++v) places[v] = static_cast<int32_t>(x[v] - least);
    return places;
  }

  uint32_t at(uint32_t vertex) const { return at_[vertex]; }

 private:
  void Number(const std::vector<uint32_t>& row) {
    for (size_t i = 0; i < row.size(); ++i) at_[row[i]] = static_cast<uint32_t>(i);
  }

  // Vertices without neighbours keep their place, the others are sorted by the mean place of
  // their neighbours.
  void Sweep(bool down) {
    const Adjacency& fixed = down ? up_ : down_;
    struct Mean {
      uint32_t vertex;
      uint64_t sum;
      uint64_t count;
    };
    std::vector<Mean> means;
    for (size_t i = 0; i < rows_.size(); ++i) {
      std::vector<uint32_t>& row = rows_[down ? i : rows_.size() - 1 - i];
      means.clear();
      for (const uint32_t v : row) {
        if (fixed.of(v).empty()) continue;
        Mean mean{v, 0, fixed.of(v).size()};
        for (const uint32_t w : fixed.of(v)) mean.sum += at_[w];
        means.push_back(mean);
      }
      std::stable_sort(means.begin(), means.end(), [](const Mean& a, const Mean& b) {
        return a.sum * b.count < b.sum * a.count;
      });
      auto next = means.begin();
      for (uint32_t& v : row) {
        if (!fixed.of(v).empty()) v = (next++)->vertex;
      }
      Number(row);
    }
  }

  // Exchanges neighbours in a layer where that takes crossings away.
  void Transpose() {
    for (Adjacency* edges : {&up_, &down_}) {
      for (uint32_t v = 0; v < layer_.size(); ++v) SortByPlace(edges->of(v));
    }
    for (size_t r = 0; r < rows_.size(); ++r) {
      std::vector<uint32_t>& row = rows_[r];
      bool changed = false;
      for (size_t i = 0; i + 1 < row.size(); ++i) {
        const uint32_t a = row[i];
        const uint32_t b = row[i + 1];
        const uint64_t as_is = Inversions(up_, a, b) + Inversions(down_, a, b);
        if (as_is == 0) continue;
        if (Inversions(up_, b, a) + Inversions(down_, b, a) >= as_is) continue;
        std::swap(row[i], row[i + 1]);
        changed = true;
      }
      if (!changed) continue;
      Number(row);
      // What leads to this layer must stay sorted by it.
      if (r > 0) {
        for (const uint32_t v : rows_[r - 1]) SortByPlace(down_.of(v));
      }
      if (r + 1 < rows_.size()) {
        for (const uint32_t v : rows_[r + 1]) SortByPlace(up_.of(v));
      }
    }
  }

  void SortByPlace(std::span<uint32_t> vertices) {
    std::sort(vertices.begin(), vertices.end(),
              [&](uint32_t a, uint32_t b) { return at_[a] < at_[b]; });
  }

  // Crossings between the edges of `left` and those of `right`, which is right of it.
  uint64_t Inversions(const Adjacency& edges, uint32_t left, uint32_t right) const {
    uint64_t crossings = 0;
    const std::span<const uint32_t> of_right = edges.of(right);
    size_t before = 0;
    for (const uint32_t w : edges.of(left)) {
      while (before < of_right.size() && at_[of_right[before]] < at_[w]) ++before;
      crossings += before;
    }
    return crossings;
  }

  // Of each two neighbouring layers, with a tree of sums over the lower one.
  uint64_t Crossings() const {
    uint64_t crossings = 0;
    std::vector<uint32_t> tree;
    std::vector<uint32_t> ends;
    for (size_t r = 0; r + 1 < rows_.size(); ++r) {
      const size_t width = rows_[r + 1].size();
      size_t first_leaf = 1;
      while (first_leaf < width) first_leaf *= 2;
      tree.assign(2 * first_leaf, 0);
      for (const uint32_t v : rows_[r]) {
        ends.clear();
        for (const uint32_t w : down_.of(v)) ends.push_back(at_[w]);
        std::sort(ends.begin(), ends.end());
        for (const uint32_t end : ends) {
          // Those before that end right of here.
          for (size_t i = first_leaf + end; i > 1; i /= 2) {
            if (i % 2 == 0) crossings += tree[i + 1];
          }
        }
        for (const uint32_t end : ends) {
          for (size_t i = first_leaf + end; i > 0; i /= 2) ++tree[i];
        }
      }
    }
    return crossings;
  }

  // The places in `row` with the least sum of squares of distances from where the neighbours
  // would have each, kStep apart: neighbours that want to change places share theirs.
  void PlaceRow(const std::vector<uint32_t>& row, const Adjacency& neighbours,
                std::vector<int64_t>* x) {
    struct Block {
      int64_t sum;
      int64_t count;
      int64_t mean() const { return sum >= 0 ? sum / count : -((-sum + count - 1) / count); }
    };
    std::vector<Block> blocks;
    for (size_t i = 0; i < row.size(); ++i) {
      int64_t wanted = (*x)[row[i]];
      const std::span<const uint32_t> of = neighbours.of(row[i]);
      if (!of.empty()) {
        wanted = 0;
        for (const uint32_t w : of) wanted += (*x)[w];
        wanted /= static_cast<int64_t>(of.size());
      }
      blocks.push_back({wanted - static_cast<int64_t>(i) * Layout::kStep, 1});
      while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
        const Block last = blocks.back();
        blocks.pop_back();
        blocks.back().sum += last.sum;
        blocks.back().count += last.count;
      }
    }
    size_t i = 0;
    for (const Block& block : blocks) {
      for (int64_t k = 0; k < block.count; ++k, ++i) {
        (*x)[row[i]] = block.mean() + static_cast<int64_t>(i) * Layout::kStep;
      }
    }
  }

  const std::vector<uint32_t> layer_;
  Adjacency down_;
  Adjacency up_;
  std::vector<uint32_t> at_;  // place in its layer
  std::vector<std::vector<uint32_t>> rows_;
};

}  // namespace

Layout LayOut(uint32_t nodes, std::span<const LayoutEdge> edges) {
  Layout layout;
  layout.nodes.resize(nodes);
  layout.edges.resize(edges.size());
  if (nodes == 0) return layout;

  std::vector<Pair> pairs;
  pairs.reserve(edges.size());
  for (const LayoutEdge& edge : edges) {
    SUYUAN_CHECK(edge.from < nodes && edge.to < nodes);
    if (edge.from != edge.to) pairs.emplace_back(edge.from, edge.to);
  }
  const auto sort_unique = [](std::vector<Pair>* all) {
    std::sort(all->begin(), all->end());
    all->erase(std::unique(all->begin(), all->end()), all->end());
  };
  sort_unique(&pairs);
  std::vector<uint32_t> component;
  std::vector<uint32_t> in_cycle;
  {
    const Adjacency out(nodes, pairs, /*backward=*/false);
    const Adjacency in(nodes, pairs, /*backward=*/true);
    component = Components(out);
    in_cycle = OrderInCycles(component, out, in);
  }
  const auto reversed = [&](uint32_t from, uint32_t to) {
    return from == to || (component[from] == component[to] && in_cycle[from] > in_cycle[to]);
  };
  for (Pair& pair : pairs) {
    if (reversed(pair.first, pair.second)) std::swap(pair.first, pair.second);
  }
  sort_unique(&pairs);
  std::vector<uint32_t> layer = Layers(Adjacency(nodes, pairs, /*backward=*/false),
                                       Adjacency(nodes, pairs, /*backward=*/true));
  const uint32_t least = *std::min_element(layer.begin(), layer.end());
  for (uint32_t& one : layer) one -= least;
  layout.layers = *std::max_element(layer.begin(), layer.end()) + 1;

  // Long edges get a point in each layer that they pass, the shorter ones first while there is
  // room.
  const auto span = [&](const Pair& pair) { return layer[pair.second] - layer[pair.first]; };
  std::vector<uint32_t> by_span(pairs.size());
  std::iota(by_span.begin(), by_span.end(), 0);
  std::stable_sort(by_span.begin(), by_span.end(),
                   [&](uint32_t a, uint32_t b) { return span(pairs[a]) < span(pairs[b]); });
  uint64_t room = 4 * (uint64_t{nodes} + pairs.size()) + 100'000;
  std::vector<uint32_t> first_point(pairs.size(), kNone);
  std::vector<Pair> segments;
  for (const uint32_t p : by_span) {
    const Pair pair = pairs[p];
    const uint32_t points = span(pair) - 1;
    if (points > room) break;
    room -= points;
    first_point[p] = static_cast<uint32_t>(layer.size());
    uint32_t before = pair.first;
    for (uint32_t i = 1; i <= points; ++i) {
      const uint32_t point = static_cast<uint32_t>(layer.size());
      layer.push_back(layer[pair.first] + i);
      segments.emplace_back(before, point);
      before = point;
    }
    segments.emplace_back(before, pair.second);
  }
  std::sort(segments.begin(), segments.end());

  Drawing drawing(std::move(layer), layout.layers, segments);
  drawing.Improve(&layout);
  const std::vector<int32_t> x = drawing.Place();
  for (uint32_t r = 0; r < drawing.rows().size(); ++r) {
    uint32_t order = 0;
    for (const uint32_t v : drawing.rows()[r]) {
      if (v < nodes) layout.nodes[v] = {r, order++, x[v]};
    }
  }
  for (size_t i = 0; i < edges.size(); ++i) {
    uint32_t from = edges[i].from;
    uint32_t to = edges[i].to;
    Layout::Edge& edge = layout.edges[i];
    edge.reversed = reversed(from, to);
    if (from == to) continue;
    if (edge.reversed) std::swap(from, to);
    const size_t p = static_cast<size_t>(
        std::lower_bound(pairs.begin(), pairs.end(), Pair(from, to)) - pairs.begin());
    if (first_point[p] == kNone) continue;
    const uint32_t points = layout.nodes[to].layer - layout.nodes[from].layer - 1;
    for (uint32_t k = 0; k < points; ++k) edge.bends.push_back(x[first_point[p] + k]);
  }
  return layout;
}

}  // namespace suyuan

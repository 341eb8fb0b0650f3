#include "suyuan/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/clock.h"
#include "tests/support/sanitized.h"

namespace suyuan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Edges = std::vector<LayoutEdge>;

std::vector<uint32_t> LayersOf(const Layout& layout) {
  std::vector<uint32_t> layers;
  for (const Layout::Node& node : layout.nodes) layers.push_back(node.layer);
  return layers;
}

size_t Reversed(const Layout& layout) {
  return static_cast<size_t>(std::count_if(layout.edges.begin(), layout.edges.end(),
                                           [](const Layout::Edge& edge) { return edge.reversed; }));
}

// What must hold of every layout.
void ExpectSound(uint32_t nodes, const Edges& edges, const Layout& layout) {
  ASSERT_THAT(layout.nodes, SizeIs(nodes));
  ASSERT_THAT(layout.edges, SizeIs(edges.size()));
  for (size_t i = 0; i < edges.size(); ++i) {
    const uint32_t from = layout.nodes[edges[i].from].layer;
    const uint32_t to = layout.nodes[edges[i].to].layer;
    if (layout.edges[i].reversed) {
      ASSERT_TRUE(from > to || edges[i].from == edges[i].to) << "edge " << i;
    } else {
      ASSERT_LT(from, to) << "edge " << i;
    }
    const size_t between = static_cast<size_t>(std::max(from, to) - std::min(from, to));
    ASSERT_TRUE(layout.edges[i].bends.empty() || layout.edges[i].bends.size() + 1 == between);
  }
  std::map<uint32_t, std::vector<std::pair<uint32_t, int32_t>>> rows;
  for (const Layout::Node& node : layout.nodes) {
    ASSERT_LT(node.layer, layout.layers);
    rows[node.layer].emplace_back(node.order, node.x);
  }
  EXPECT_THAT(rows, SizeIs(layout.layers));
  for (auto& [layer, row] : rows) {
    std::sort(row.begin(), row.end());
    for (uint32_t i = 0; i < row.size(); ++i) {
      ASSERT_EQ(row[i].first, i) << "layer " << layer;
      ASSERT_GE(row[i].second, 0);
      if (i == 0) continue;
      ASSERT_GE(row[i].second - row[i - 1].second, Layout::kStep);
    }
  }
  EXPECT_LE(layout.crossings, layout.first_crossings);
}

Edges RandomEdges(std::mt19937* random, uint32_t nodes, size_t count) {
  Edges edges;
  for (size_t i = 0; i < count; ++i) {
    edges.push_back(
        {static_cast<uint32_t>((*random)() % nodes), static_cast<uint32_t>((*random)() % nodes)});
  }
  return edges;
}

TEST(LayoutTest, NothingHasNoLayers) {
  const Layout layout = LayOut(0, {});
  EXPECT_EQ(layout.layers, 0u);
  EXPECT_THAT(layout.nodes, IsEmpty());
}

TEST(LayoutTest, NodesWithoutEdgesAreOneLayer) {
  const Layout layout = LayOut(3, {});
  ExpectSound(3, {}, layout);
  EXPECT_THAT(LayersOf(layout), ElementsAre(0, 0, 0));
}

TEST(LayoutTest, AChainHasALayerForEachAndIsStraight) {
  const Edges edges = {{0, 1}, {1, 2}, {2, 3}};
  const Layout layout = LayOut(4, edges);
  ExpectSound(4, edges, layout);
  EXPECT_THAT(LayersOf(layout), ElementsAre(0, 1, 2, 3));
  for (const Layout::Node& node : layout.nodes) EXPECT_EQ(node.x, layout.nodes[0].x);
}

TEST(LayoutTest, ASourceStandsNextToWhatItWentInto) {
  // 4 goes into 3 alone.
  const Edges edges = {{0, 1}, {1, 2}, {2, 3}, {4, 3}};
  const Layout layout = LayOut(5, edges);
  ExpectSound(5, edges, layout);
  EXPECT_THAT(LayersOf(layout), ElementsAre(0, 1, 2, 3, 2));
}

TEST(LayoutTest, ALongEdgeIsLedAroundWhatLiesBetween) {
  const Edges edges = {{0, 1}, {1, 2}, {2, 3}, {0, 3}};
  const Layout layout = LayOut(4, edges);
  ExpectSound(4, edges, layout);
  ASSERT_THAT(layout.edges[3].bends, SizeIs(2));
  EXPECT_GE(std::abs(layout.edges[3].bends[0] - layout.nodes[1].x), Layout::kStep);
  EXPECT_GE(std::abs(layout.edges[3].bends[1] - layout.nodes[2].x), Layout::kStep);
}

TEST(LayoutTest, CyclesAreBrokenOnceEach) {
  // Rework: 2 goes back into 1; 3 into itself; a cycle of two further on.
  const Edges edges = {{0, 1}, {1, 2}, {2, 1}, {2, 3}, {3, 3}, {3, 4}, {4, 5}, {5, 4}};
  const Layout layout = LayOut(6, edges);
  ExpectSound(6, edges, layout);
  EXPECT_EQ(Reversed(layout), 3u);
  EXPECT_TRUE(layout.edges[4].reversed);
}

TEST(LayoutTest, OnlyEdgesOfCyclesAreReversed) {
  // The second cycle has more out of it than the first, which comes before it all the same.
  Edges edges = {{8, 9}, {9, 8}, {9, 0}, {0, 1}, {1, 0}};
  for (uint32_t leaf = 2; leaf < 8; ++leaf) edges.push_back({0, leaf});
  const Layout layout = LayOut(10, edges);
  ExpectSound(10, edges, layout);
  EXPECT_EQ(Reversed(layout), 2u);
  EXPECT_FALSE(layout.edges[2].reversed);
}

TEST(LayoutTest, ParallelChainsDoNotCross) {
  // Numbered so that each next layer lies the other way round.
  const Edges edges = {{0, 7}, {1, 6}, {2, 5}, {3, 4}, {4, 11}, {5, 10}, {6, 9}, {7, 8}};
  const Layout layout = LayOut(12, edges);
  ExpectSound(12, edges, layout);
  EXPECT_EQ(layout.first_crossings, 12u);
  EXPECT_EQ(layout.crossings, 0u);
}

TEST(LayoutTest, CountsCrossingsAsTheyAreDrawn) {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    // Two layers, so that no edge is long.
    std::set<std::pair<uint32_t, uint32_t>> chosen;
    Edges edges;
    for (uint32_t i = 0; i < 10; ++i) chosen.insert({i, 10 + i});
    for (int i = 0; i < 20; ++i) {
      chosen.insert(
          {static_cast<uint32_t>(random() % 10), static_cast<uint32_t>(10 + random() % 10)});
    }
    for (const auto& [from, to] : chosen) edges.push_back({from, to});
    const Layout layout = LayOut(20, edges);
    uint64_t crossings = 0;
    uint64_t first = 0;
    const auto order = [&](uint32_t node) { return layout.nodes[node].order; };
    for (const LayoutEdge& a : edges) {
      for (const LayoutEdge& b : edges) {
        crossings += order(a.from) < order(b.from) && order(a.to) > order(b.to);
        first += a.from < b.from && a.to > b.to;
      }
    }
    EXPECT_EQ(layout.crossings, crossings);
    EXPECT_EQ(layout.first_crossings, first);
  }
}

TEST(LayoutTest, RandomGraphsAreSoundAndDoNotDependOnTheOrderOfEdges) {
  const unsigned seed = std::random_device()();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (int round = 0; round < (kSanitized ? 60 : 300); ++round) {
    const uint32_t nodes = 1 + static_cast<uint32_t>(random() % 40);
    const Edges edges = RandomEdges(&random, nodes, random() % 80);
    const Layout layout = LayOut(nodes, edges);
    ExpectSound(nodes, edges, layout);

    std::vector<size_t> order(edges.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    Edges shuffled;
    for (const size_t i : order) shuffled.push_back(edges[i]);
    const Layout other = LayOut(nodes, shuffled);
    for (uint32_t v = 0; v < nodes; ++v) {
      ASSERT_EQ(layout.nodes[v].layer, other.nodes[v].layer);
      ASSERT_EQ(layout.nodes[v].order, other.nodes[v].order);
      ASSERT_EQ(layout.nodes[v].x, other.nodes[v].x);
    }
    for (size_t i = 0; i < order.size(); ++i) {
      ASSERT_EQ(layout.edges[order[i]].reversed, other.edges[i].reversed);
      ASSERT_EQ(layout.edges[order[i]].bends, other.edges[i].bends);
    }
    ASSERT_EQ(layout.crossings, other.crossings);
  }
}

// A supply network: most links lead a little further.
Edges Network(std::mt19937* random, uint32_t nodes, size_t count) {
  Edges edges;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t from = static_cast<uint32_t>((*random)() % nodes);
    const uint32_t to = from + 1 + static_cast<uint32_t>((*random)() % (1 + nodes / 10));
    edges.push_back({from, std::min(to, nodes - 1)});
  }
  return edges;
}

TEST(LayoutTest, AThousandNodes) {
  std::mt19937 random(7);
  const Edges edges = Network(&random, 1'000, 2'000);
  const int64_t before = SystemClock()->SteadyMicros();
  const Layout layout = LayOut(1'000, edges);
  const int64_t after = SystemClock()->SteadyMicros();
  std::printf("%lld us, %u layers, %llu of %llu crossings\n",
              static_cast<long long>(after - before), layout.layers,
              static_cast<unsigned long long>(layout.crossings),
              static_cast<unsigned long long>(layout.first_crossings));
  ExpectSound(1'000, edges, layout);
}

TEST(LayoutTest, GraphsOfAHundredThousandNodes) {
  constexpr uint32_t kNodes = kSanitized ? 20'000 : 100'000;
  Edges chain;
  for (uint32_t i = 1; i < kNodes; ++i) chain.push_back({i - 1, i});
  ExpectSound(kNodes, chain, LayOut(kNodes, chain));
  // One cycle, and edges over all of it: too many points for all of them.
  chain.push_back({kNodes - 1, 0});
  for (uint32_t i = 0; i < 1'000; ++i) chain.push_back({i, kNodes - 1 - i});
  const Layout cycle = LayOut(kNodes, chain);
  ExpectSound(kNodes, chain, cycle);
  EXPECT_EQ(Reversed(cycle), 1u);

  Edges star;
  for (uint32_t i = 1; i < kNodes; ++i) star.push_back({0, i});
  const Layout wide = LayOut(kNodes, star);
  ExpectSound(kNodes, star, wide);
  EXPECT_EQ(wide.layers, 2u);

  std::mt19937 random(11);
  const Edges random_edges = RandomEdges(&random, kNodes / 5, size_t{kNodes} / 5 * 2);
  ExpectSound(kNodes / 5, random_edges, LayOut(kNodes / 5, random_edges));
}

}  // namespace
}  // namespace suyuan

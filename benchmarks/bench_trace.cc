// Closures beside breadth-first search over plain arrays: see README.md.

#include <cstdio>
#include <string>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/layered_graph.h"
#include "lib/base/strings.h"
#include "lib/trace/closure.h"
#include "lib/trace/tracer.h"

namespace suyuan::bench {
namespace {

// Calls `work` until it has taken long enough to be timed; it returns edges.
template <typename Work>
Run Repeat(const Work& work) {
  work();  // warm
  Run run;
  const Stopwatch all;
  do {
    const Stopwatch one;
    run.units += static_cast<double>(work());
    run.latencies_ms.push_back(one.Seconds() * 1e3);
  } while (all.Seconds() < 0.3);
  run.seconds = all.Seconds();
  run.cpu_seconds = all.CpuSeconds();
  return run;
}

void Contest(const std::string& title, const genealogy::Graph& graph, const std::string& unit,
             bool forward, uint64_t rounds) {
  const std::vector<genealogy::NodeId> origins = NodesOf(graph, unit);
  const PlainArrays arrays(graph, forward);
  trace::Ledgers ledgers;
  ledgers.heads[1] = {"plant", 1, std::string(32, 'r')};
  const auto closure = [&] {
    trace::Closure found(graph, forward);
    for (const genealogy::NodeId node : origins) found.Start(graph.node(node).place);
    found.Run();
    return found.edges().size();
  };
  const uint64_t edges = arrays.Search(origins);
  Must(closure() == edges, "the closure and the search differ: " + std::to_string(closure()) +
                               " and " + std::to_string(edges) + " edges");
  const auto ask = [&](bool links) {
    TraceRequest request;
    request.unit = unit;
    request.links = links;
    request.direction = forward ? Direction::kForward : Direction::kBackward;
    return Must(trace::Trace(graph, ledgers, request)).edges;
  };
  const auto whole = [&] { return ask(/*links=*/false); };
  const auto linked = [&] { return ask(/*links=*/true); };
  Must(whole() == edges && linked() == edges, "the trace and the search differ");
  Duel(
      StrCat(title, forward ? ", forward, " : ", backward, ", edges, " edges of ",
             graph.edge_count() - 1),
      "edges",
      {{"search over plain arrays", [&] { return Repeat([&] { return arrays.Search(origins); }); }},
       {"trace::Closure", [&] { return Repeat(closure); }},
       {"trace::Trace, sorted, with digest", [&] { return Repeat(whole); }},
       {"the same with links and ways", [&] { return Repeat(linked); }}},
      rounds);
}

template <typename Make>
TracedGraph Build(const std::string& title, const Make& make) {
  const double before = ResidentMegabytes();
  const Stopwatch watch;
  TracedGraph traced = make();
  const double seconds = watch.Seconds();
  const double edges = static_cast<double>(traced.graph->edge_count());
  std::printf("\n%s: %.0f edges, %zu nodes told in %.2f s (%.2f us an edge)", title.c_str(), edges,
              traced.graph->node_count(), seconds, seconds * 1e6 / edges);
  // What an earlier graph has left to the allocator is not seen.
  if (const double more = ResidentMegabytes() - before; more > 1) {
    std::printf(", %.0f bytes an edge", more * 1e6 / edges);
  }
  std::printf("\n");
  return traced;
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using namespace suyuan::bench;  // NOLINT(google-build-using-namespace)
  const Args args(argc, argv,
                  {{"edges", 1'100'000},
                   {"holders", 100'000},
                   {"dated", 10'000},
                   {"chain", 500'000},
                   {"rounds", 5}});
  const uint64_t rounds = args["rounds"];
  for (const uint64_t edges : {args["edges"] / 10, args["edges"]}) {
    const TracedGraph plant = Build("layered plant", [&] { return LayeredPlant(edges, 1); });
    Contest("layered plant", *plant.graph, plant.first, true, rounds);
    Contest("layered plant", *plant.graph, plant.last, false, rounds);
    Contest("small family", *plant.graph, plant.small, true, rounds);
  }
  if (args["holders"] != 0) {
    const TracedGraph wide = Build("wide lot", [&] { return WideLot(args["holders"], false); });
    Contest("wide lot", *wide.graph, wide.first, true, rounds);
  }
  if (args["dated"] != 0) {
    const TracedGraph wide = Build("wide dated lot", [&] { return WideLot(args["dated"], true); });
    Contest("wide dated lot", *wide.graph, wide.first, true, rounds);
  }
  if (args["chain"] != 0) {
    const TracedGraph chain = Build("chain", [&] { return Chain(args["chain"]); });
    Contest("chain", *chain.graph, chain.first, true, rounds);
    Contest("chain", *chain.graph, chain.last, false, rounds);
  }
  std::printf("\nresident at the end: %.0f MB\n", ResidentMegabytes());
  return 0;
}

#ifndef LIB_ENGINE_PAST_GRAPH_H_
#define LIB_ENGINE_PAST_GRAPH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "lib/engine/all_ledgers.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "suyuan/trace.h"

namespace suyuan::engine {

// The graph as ledgers told it when they had another size, or without what
// corrections did to it; made again from the entries, with the heads of those sizes.
struct PastGraph {
  std::unique_ptr<genealogy::Graph> graph;
  trace::Ledgers ledgers;
};

// Reads the ledgers that `request.at` names up to their sizes, all others whole.
// kNotFound: no such ledger. kInvalidArgument: it was never of that size.
absl::StatusOr<PastGraph> MakePastGraph(const AllLedgers& ledgers, const TraceRequest& request);

// What the ledgers that `heads` name, and no others, told at these sizes; up to where they are,
// if that is less. What is not there is left out: compare the heads.
absl::StatusOr<PastGraph> MakeGraphOf(const AllLedgers& ledgers,
                                      const std::vector<LedgerHead>& heads, bool as_recorded);

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_PAST_GRAPH_H_

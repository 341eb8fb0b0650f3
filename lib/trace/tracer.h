#ifndef LIB_TRACE_TRACER_H_
#define LIB_TRACE_TRACER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "lib/genealogy/graph.h"
#include "suyuan/trace.h"

namespace suyuan::trace {

// What the trace needs to know of the ledgers of the store.
struct Ledgers {
  std::map<uint32_t, LedgerHead> heads;  // by number, as the graph stands
};

// Backward and forward closure over `graph`, as Engine::Trace. Complete on any
// graph; O(edges visited), without recursion.
absl::StatusOr<TraceResult> Trace(const genealogy::Graph& graph, const Ledgers& ledgers,
                                  const TraceRequest& request);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_TRACER_H_

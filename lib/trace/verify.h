#ifndef LIB_TRACE_VERIFY_H_
#define LIB_TRACE_VERIFY_H_

#include <vector>

#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "suyuan/trace.h"

namespace suyuan::trace {

// What the heads of an answer are, and were when the entries were read.
std::vector<TraceDifference> CompareHeads(const TraceResult& told, const Ledgers& ledgers);

// What two answers to one question say differently. The lists are compared as sets; the ways of
// `told` are walked over `graph`, of which `mine` was computed, if its links are right. Indexes of
// both must fit (indexes.h).
std::vector<TraceDifference> Compare(const genealogy::Graph& graph, const Ledgers& ledgers,
                                     const TraceResult& told, const TraceResult& mine);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_VERIFY_H_

#ifndef LIB_TRACE_LINKS_H_
#define LIB_TRACE_LINKS_H_

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/closure.h"
#include "suyuan/trace.h"

namespace suyuan::trace {

// The code of an operation by its field number in v1::Event; empty of what is none.
std::string_view OperationCode(int field_number);

// Tells the links of an answer, and the ways by which its closures came along them.
class LinkTeller {
 public:
  // Borrows both; `rank` is where the head of each ledger stands in the answer.
  LinkTeller(const genealogy::Graph& graph, const std::map<uint32_t, uint32_t>& rank)
      : graph_(graph), rank_(rank) {}

  // Takes the ways of a closure that kept them. Returns where the first of each row of
  // reached() will be in TraceResult::hops.
  std::vector<uint32_t> AddWays(const Closure& closure, bool backward);
  // Fills places, links and hops of `result`, whose heads are there. `edges` are all that were
  // followed, `steps` those of result->steps in its order.
  void Finish(const std::vector<genealogy::EdgeId>& edges,
              const std::vector<genealogy::StepId>& steps, TraceResult* result);

 private:
  uint32_t PlaceOf(const genealogy::Place& place);
  std::vector<uint32_t> FinishPlaces(TraceResult* result);

  const genealogy::Graph& graph_;
  const std::map<uint32_t, uint32_t>& rank_;
  // Without apart: those apart are parts.
  absl::flat_hash_map<genealogy::Place, uint32_t> place_of_;
  std::vector<genealogy::Place> places_;
  // Of both directions; rows are places here, and carriers places plus one.
  std::vector<Closure::Way> ways_;
  size_t forward_ways_ = 0;  // the others are backward
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_LINKS_H_

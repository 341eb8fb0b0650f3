#ifndef LIB_TRACE_CERTAINTY_H_
#define LIB_TRACE_CERTAINTY_H_

#include <vector>

#include "absl/container/flat_hash_set.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/closure.h"
#include "lib/trace/order.h"

namespace suyuan::trace {

// Which part of a closure the records force (decision 0019), never merely that times fit.
//
// Forward: what leaves a place is certainly suspect if all that it can have been came there
// suspect, or if what can have come otherwise was less than it. Backward: goods certainly
// came by an inflow if an outflow that is asked for can have been nothing else, or
// was more than all else. What one event or one run states of both ends is certain; goods that
// ride in containers, lots that nobody named and slices of a run are only where nothing
// else is possible.
class Certainty {
 public:
  // Borrows all until the constructor is done. `origins` are where the closure started.
  Certainty(const genealogy::Graph& graph, const Closure& closure, bool forward,
            const std::vector<genealogy::Place>& origins);

  // Some of what the closure asks about certainly was, or came, there.
  bool Has(genealogy::NodeId node) const { return nodes_.contains(node); }

 private:
  using EdgeId = genealogy::EdgeId;
  using NodeId = genealogy::NodeId;

  void Arrive(EdgeId edge);
  void Leave(EdgeId edge);
  void Judge(NodeId node);
  void JudgeForward(NodeId node);
  void JudgeBackward(NodeId node);
  bool CanBe(EdgeId in, EdgeId out);
  // Of a run, told apart by slices: is all that can have met `edge` certain?
  bool AllMet(EdgeId edge);

  const genealogy::Graph& graph_;
  const Closure& closure_;
  const bool forward_;
  Order order_;
  absl::flat_hash_set<NodeId> nodes_;
  absl::flat_hash_set<EdgeId> arrived_;  // at a place, in the direction of the closure
  absl::flat_hash_set<EdgeId> left_;
  std::vector<NodeId> open_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_CERTAINTY_H_

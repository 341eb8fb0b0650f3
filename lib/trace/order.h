#ifndef LIB_TRACE_ORDER_H_
#define LIB_TRACE_ORDER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/time.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/measure.h"

namespace suyuan::trace {

// What recorded times, quantities and the ways of vessels say about which goods can
// have become which (architecture, section 5; decision 0019). It only ever excludes;
// what it cannot judge is possible. Times are those of the links themselves, not of the
// paths that lead to them. Not thread-safe: it remembers what it worked out.
class Order {
 public:
  explicit Order(const genealogy::Graph& graph) : graph_(graph) {}

  // From the first to the last moment at which goods can have flowed through `edge`, as told:
  // of its slice, or else of its event.
  Interval Told(genealogy::EdgeId edge) const;
  // The same, without what says nothing: when a charge was keyed. It was in the run before.
  Interval Flowed(genealogy::EdgeId edge) const;

  // May the order of times exclude nothing that goes out by `out`? If it did, what is left
  // could not account for what is known to have left by then.
  bool Lenient(genealogy::EdgeId out);

  // Adds what `edge` moved, if it counts at its place: what came is the receiver's figure, what
  // left the sender's, so who keeps a ledger here is not also counted by what others tell.
  void AddTo(Sum* sum, genealogy::EdgeId edge) const;

  // Can goods that went into a vessel by `fill` have come out of it by `draw`? Both are edges
  // at nodes that can be one vessel.
  bool Holds(genealogy::EdgeId fill, genealogy::EdgeId draw);
  // Are no rules of the vessel left for `draw`, since they would contradict the quantities?
  bool Unruly(genealogy::EdgeId draw);

  // Can what the slices of two edges of one run tell apart have met?
  bool Meets(genealogy::EdgeId input, genealogy::EdgeId output);

  // Was the order of times, were the rules of a vessel, or slices put aside for `edge`? Of
  // edges that were asked about.
  bool Contradicted(genealogy::EdgeId edge) const { return contradicted_.contains(edge); }

 private:
  // All edges of the nodes that can be one place, by their times.
  struct Group {
    std::vector<std::pair<int64_t, genealogy::EdgeId>> in;   // by the first moment
    std::vector<std::pair<int64_t, genealogy::EdgeId>> out;  // by the last moment
    std::vector<Sum> came;                                   // of the first n of `in`
    std::vector<Sum> left;
  };
  // A vessel at one place.
  struct Vessel {
    std::vector<genealogy::EdgeId> fills;
    std::vector<genealogy::EdgeId> draws;
    std::vector<Interval> emptied;
    struct Rule {
      int64_t since = Interval::kMin;
      bool first_in_first_out = false;
      std::optional<Measure> margin;
      int64_t dwell = 0;  // 0: not told
    };
    std::vector<Rule> rules;  // by `since`
  };
  enum class Way : uint8_t { kFirstInFirstOut, kMixed, kAny };

  int64_t LastInflow(genealogy::NodeId node);
  const Group& GroupOf(genealogy::NodeId node);
  const Vessel& VesselOf(genealogy::NodeId node);
  const Vessel::Rule& RuleAt(const Vessel& vessel, int64_t when) const;
  Way WayOf(const Vessel& vessel, genealogy::EdgeId draw);
  bool Separated(const Vessel& vessel, const Interval& first, const Interval& then) const;
  bool Mixes(const Vessel& vessel, genealogy::EdgeId fill, genealogy::EdgeId draw) const;
  bool Follows(const Vessel& vessel, genealogy::EdgeId fill, genealogy::EdgeId draw) const;
  bool MeetsBySlices(genealogy::EdgeId input, genealogy::EdgeId output);
  // The longest that anything stays in all that its run used together; nothing: not known.
  std::optional<int64_t> DwellOf(genealogy::EdgeId output);
  std::optional<Measure> MeasureAt(genealogy::EdgeId edge) const;

  const genealogy::Graph& graph_;
  absl::flat_hash_map<genealogy::NodeId, std::unique_ptr<Group>> groups_;
  absl::flat_hash_map<genealogy::NodeId, std::unique_ptr<Vessel>> vessels_;
  absl::flat_hash_map<genealogy::NodeId, int64_t> last_in_;
  absl::flat_hash_map<genealogy::EdgeId, bool> lenient_;
  absl::flat_hash_map<genealogy::EdgeId, Way> ways_;
  absl::flat_hash_map<genealogy::EdgeId, std::optional<int64_t>> dwells_;  // by output
  absl::flat_hash_map<genealogy::EdgeId, bool> unmet_;  // outputs that no slice fits
  absl::flat_hash_set<genealogy::EdgeId> contradicted_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_ORDER_H_

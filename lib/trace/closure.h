#ifndef LIB_TRACE_CLOSURE_H_
#define LIB_TRACE_CLOSURE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/lazy_array.h"
#include "lib/trace/order.h"
#include "lib/trace/supposition.h"

namespace suyuan::trace {

// A moment as a closure sees it that goes with the time, or against it: what is smaller was
// there before, and excludes less.
inline constexpr int64_t kEver = Interval::kMin;

// One direction of a trace: everything that can be reached from some places.
//
// A visit is a place where a unit lies by itself, or a unit riding in
// containers, from a moment. From each, all steps that can draw from it (backward: that
// can have filled it) are followed; from a step, all its outputs (inputs). What
// rides follows the steps that name its containers and comes out where they
// are unpacked; contents of one container never meet in it. Visits are worked
// off in the order of their depth, so each is first reached at its least; a place is
// visited again when it is reached from an earlier moment.
//
// Time (decision 0019): a path keeps the first moment at which the goods can have been
// where it is; a link between two events at one place is not followed if that is after the
// last moment of the second. Of links that one event states, times exclude nothing, and
// where they contradict each other the path forgets what it knew.
class Closure {
 public:
  // Both are borrowed; without a supposition what is recorded counts, and nothing else.
  // `keep_ways`: for ways().
  Closure(const genealogy::Graph& graph, bool forward, const Supposition* supposed = nullptr,
          bool keep_ways = false);

  // Start from a place, from a moment (backward: up to one); from all that a container ever held.
  void Start(const genealogy::Place& place, std::optional<int64_t> moment = std::nullopt);
  void StartContents(genealogy::UnitId container);
  // Start from what came in, backward, or went out, forward, with all that it held.
  void StartMovement(const Movement& movement);
  // Start from `unit` where another closure found it riding at `holder`.
  void StartRides(const Closure& other, genealogy::UnitId unit, genealogy::Name holder);
  bool Rides(genealogy::UnitId unit, genealogy::Name holder) const;
  void Run();

  // One row for each unit, variant, holder and part, in the order of arrival.
  struct Reached {
    genealogy::Place place;
    uint32_t depth = 0;
    bool leads_on = false;
    bool certain = false;  // the records force it
  };
  const std::vector<Reached>& reached() const { return reached_; }
  const std::vector<genealogy::StepId>& steps() const { return steps_; }
  const std::vector<genealogy::EdgeId>& edges() const { return edges_; }
  // Edges that were followed although recorded times, slices or the rules of a vessel speak
  // against all that they could be.
  std::vector<genealogy::EdgeId> Contradicted();
  bool Noted(genealogy::EdgeId edge) const { return edge_noted_[edge] != 0; }

  // How a visit came about, of each in the order in which they were worked off: from which
  // visit, by which step and by which packing.
  struct Way {
    uint32_t from = 0;              // in ways(); itself where the closure started
    uint32_t row = 0;               // in reached()
    genealogy::EdgeId took = 0;     // by which the step was entered; 0: by no step
    genealogy::EdgeId brought = 0;  // by which it was left
    // What put it into, or took it out of, what it lies in; 0: nobody told, or it lies loose.
    genealogy::EventNo packed = 0;
    genealogy::UnitId carrier = 0;  // the outermost container it is in; 0: none
  };
  const std::vector<Way>& ways() const { return ways_; }

 private:
  using Place = genealogy::Place;
  // A container in one of its uses, which are told apart by its being emptied.
  struct Ride {
    genealogy::UnitId container = 0;
    uint32_t use = 0;
    uint32_t inner = 0;  // what rides in it; 0: the unit itself

    template <typename H>
    friend H AbslHashValue(H h, const Ride& r) {
      return H::combine(std::move(h), r.container, r.use, r.inner);
    }
    friend bool operator==(const Ride&, const Ride&) = default;
  };
  struct Visit {
    genealogy::NodeId node = 0;  // 0: a place that no event names as such
    uint32_t ride = 0;           // outermost container; 0: none
    Place place;                 // where node is 0
    int64_t since = kEver;
    genealogy::EdgeId by = 0;  // of a vessel: through which edge
    Way way = {};              // without its row
  };
  // What was worked off, by the least moment; more than any moment if nothing was.
  struct NodeState {
    int64_t done = Interval::kMax;
    int64_t drawn = Interval::kMax;
    uint32_t row = 0;  // plus one
  };
  struct StepState {
    int64_t followed = Interval::kMax;
    // The latest that an edge began by which it was entered, as far as that contradicts.
    int64_t began = Interval::kMin;
    int64_t first_end = Interval::kMax;  // of its other edges
    bool noted = false;
  };
  // In the direction of the closure.
  struct Window {
    int64_t from = kEver;
    int64_t to = Interval::kMax;
  };
  struct Boarding {
    genealogy::UnitId container = 0;
    const genealogy::Packing* packing = nullptr;
  };

  template <typename T>
  using ByPart = absl::flat_hash_map<genealogy::Name, std::vector<T>>;
  template <typename T>
  using ByHolder = absl::flat_hash_map<genealogy::Name, ByPart<T>>;
  // Of one content.
  struct Boardings {
    ByHolder<Boarding> packed;
    ByHolder<genealogy::UnitId> held;
  };

  void Push(Visit visit, uint32_t cost);
  void Work(const Visit& visit);
  void NoteWay(const Visit& visit, const Place& place);
  size_t Row(const Place& place);
  Window Turned(const Interval& natural) const;
  // When goods can have flowed through an edge, and what was told of it.
  Window Flowed(genealogy::EdgeId edge) const;
  Window Told(genealogy::EdgeId edge) const;
  Window OfEvent(genealogy::EventNo event) const;
  int64_t Natural(int64_t moment) const;
  NodeState& StateOf(genealogy::NodeId node);
  StepState& StateOfStep(genealogy::StepId step);
  // Follows the steps of all nodes compatible with `place`; true if some.
  bool Draw(const Place& place, int64_t since);
  // Into (out of) the vessel that `by` filled (drew from).
  bool Pour(genealogy::NodeId vessel, genealogy::EdgeId by, int64_t since);
  // Of a lot that nobody named, and can be this one.
  bool DrawUnnamed(const Place& place, int64_t since);
  void PushLots(const Place& any, int64_t since, uint32_t cost);
  void FollowStep(genealogy::StepId step, genealogy::EdgeId by, int64_t since);
  void PushEdge(genealogy::EdgeId edge, int64_t since, uint32_t cost);
  void NoteStep(genealogy::StepId step);
  void NoteEdge(genealogy::EdgeId edge);
  bool Board(const Place& place, uint32_t ride, int64_t since);
  bool IsSetApart(const Place& place) const;
  bool Rename(const Place& place, int64_t since);
  bool Suppose(const Place& place, bool riding);
  bool MixForward(const Place& place, int64_t arrived);
  bool ShareForward(const Place& place, int64_t arrived);
  void ForEachSuccessor(const Place& place, absl::FunctionRef<void(genealogy::EdgeId)> visit) const;
  void ForEachPredecessor(genealogy::StepId step,
                          absl::FunctionRef<void(genealogy::EdgeId)> visit) const;
  void SupposeBack(const Place& place, genealogy::EdgeId edge);
  void MixBack(genealogy::StepId step, genealogy::EventNo event);
  void ShareBack(genealogy::StepId step, const Place& output, genealogy::EventNo event);
  void PushMovement(const Movement& movement, uint32_t cost);
  const Boardings& BoardingsOf(genealogy::UnitId content);
  template <typename T, typename Fn>
  void ForEachRow(const ByHolder<T>& by_holder, const Place& place, bool any_part, Fn visit) const;
  bool BoardForward(genealogy::UnitId content, const Place& place, uint32_t ride, int64_t since);
  bool BoardUnrecorded(genealogy::UnitId content, const Place& place, uint32_t ride, int64_t since);
  bool PackingKnown(const Place& place, uint32_t ride);
  bool BoardBackward(genealogy::UnitId content, const Place& place, uint32_t ride, int64_t since);
  bool Travel(const Place& place, uint32_t ride, int64_t since, genealogy::EventNo packed);
  bool Alight(const genealogy::Packing& packing, const Place& place, uint32_t ride, int64_t since);
  uint32_t InternRide(const Ride& ride);
  void PushRide(const Place& place, const Place& at, uint32_t ride, int64_t since, uint32_t cost);
  void PushPlace(const Place& place, int64_t since, uint32_t cost);
  void PushContents(genealogy::UnitId container, genealogy::EventNo event, const Place& at,
                    int64_t since, uint32_t cost);
  bool InRide(uint32_t ride, genealogy::UnitId container) const;
  // May `event` belong to the use of the outermost container of `ride`?
  bool InUse(uint32_t ride, genealogy::EventNo event);
  // And have found the goods in it?
  bool Finds(uint32_t ride, genealogy::EventNo event, int64_t since);
  // First and last use of `container` that an event can belong to.
  std::pair<uint32_t, uint32_t> UsesOf(genealogy::UnitId container, genealogy::EventNo event);

  const genealogy::Graph& graph_;
  const bool forward_;
  const Supposition* const supposed_;
  const bool keep_ways_;

  // What is pushed now comes this way.
  Way way_;
  std::vector<Way> ways_;
  uint32_t depth_ = 0;
  std::deque<Visit> now_;
  std::deque<Visit> next_;
  Order order_;
  // Into node_states_ and step_states_, plus one.
  LazyArray<uint32_t> node_state_;
  LazyArray<uint32_t> step_state_;
  std::deque<NodeState> node_states_;
  std::deque<StepState> step_states_;
  LazyArray<uint8_t> edge_noted_;
  absl::flat_hash_map<std::pair<Place, uint32_t>, int64_t> place_done_;
  // Edges that were entered one by one: of slices and vessels.
  absl::flat_hash_map<genealogy::EdgeId, int64_t> entered_;

  std::vector<Ride> rides_{1};
  absl::flat_hash_map<Ride, uint32_t> ride_of_;
  absl::flat_hash_map<genealogy::UnitId, std::vector<genealogy::EventNo>> emptied_;
  absl::flat_hash_map<genealogy::UnitId, Boardings> boardings_;
  // How many of the movements of a mixed place were followed: those that may count first.
  absl::flat_hash_map<const Movements*, size_t> mixed_;

  std::vector<Reached> reached_;
  absl::flat_hash_map<Place, size_t> row_of_;
  std::vector<genealogy::StepId> steps_;
  std::vector<genealogy::EdgeId> edges_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_CLOSURE_H_

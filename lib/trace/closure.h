#ifndef LIB_TRACE_CLOSURE_H_
#define LIB_TRACE_CLOSURE_H_

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/supposition.h"

namespace suyuan::trace {

// One direction of a trace: everything that can be reached from some places.
//
// A visit is a place where a unit lies by itself, or a unit riding in
// containers. From each, all steps that can draw from it (backward: that can
// have filled it) are followed; from a step, all its outputs (inputs). What
// rides follows the steps that name its containers and comes out where they
// are unpacked; contents of one container never meet in it. Visits are worked
// off in the order of their depth, so each is first reached at its least.
class Closure {
 public:
  // Both are borrowed; without a supposition what is recorded counts, and nothing else.
  // `keep_ways`: for ways().
  Closure(const genealogy::Graph& graph, bool forward, const Supposition* supposed = nullptr,
          bool keep_ways = false);

  // Start from a place; from all that a container ever held.
  void Start(const genealogy::Place& place);
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
  };
  const std::vector<Reached>& reached() const { return reached_; }
  const std::vector<genealogy::StepId>& steps() const { return steps_; }
  const std::vector<genealogy::EdgeId>& edges() const { return edges_; }

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
    // In it not before (backward: not after) this time.
    int64_t bound = 0;

    template <typename H>
    friend H AbslHashValue(H h, const Ride& r) {
      return H::combine(std::move(h), r.container, r.use, r.inner, r.bound);
    }
    friend bool operator==(const Ride&, const Ride&) = default;
  };
  struct Visit {
    genealogy::NodeId node = 0;  // 0: a place that no event names as such
    uint32_t ride = 0;           // outermost container; 0: none
    Place place;                 // where node is 0
    Way way = {};                // without its row
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
  size_t Row(const Place& place);
  // Follows the steps of all nodes compatible with `place`; true if some.
  bool Draw(const Place& place);
  void FollowStep(genealogy::StepId step);
  void NoteStep(genealogy::StepId step);
  void NoteEdge(genealogy::EdgeId edge);
  bool Board(const Place& place, uint32_t ride);
  bool Rename(const Place& place);
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
  bool BoardForward(genealogy::UnitId content, const Place& place, uint32_t ride);
  bool BoardUnrecorded(genealogy::UnitId content, const Place& place, uint32_t ride);
  bool PackingKnown(const Place& place, uint32_t ride);
  bool BoardBackward(genealogy::UnitId content, const Place& place, uint32_t ride);
  bool Travel(const Place& place, uint32_t ride, genealogy::EventNo packed);
  bool Alight(const genealogy::Packing& packing, const Place& place, uint32_t ride);
  uint32_t InternRide(const Ride& ride);
  void PushRide(const Place& place, const Place& at, uint32_t ride, uint32_t cost);
  void PushPlace(const Place& place, uint32_t cost);
  void PushContents(genealogy::UnitId container, genealogy::EventNo event, const Place& at,
                    uint32_t cost);
  bool InRide(uint32_t ride, genealogy::UnitId container) const;
  // May `event` belong to the use of the outermost container of `ride`?
  bool InUse(uint32_t ride, genealogy::EventNo event);
  // And have found the goods in it?
  bool Finds(uint32_t ride, genealogy::EventNo event);
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
  std::vector<bool> node_done_;
  std::vector<bool> node_drawn_;
  std::vector<bool> step_done_;
  std::vector<bool> step_noted_;
  std::vector<bool> edge_noted_;
  absl::flat_hash_set<std::pair<Place, uint32_t>> place_done_;

  std::vector<Ride> rides_{1};
  absl::flat_hash_map<Ride, uint32_t> ride_of_;
  absl::flat_hash_map<genealogy::UnitId, std::vector<genealogy::EventNo>> emptied_;
  absl::flat_hash_map<genealogy::UnitId, Boardings> boardings_;
  // How many of the movements of a mixed place were followed: those that may count first.
  absl::flat_hash_map<const Movements*, size_t> mixed_;

  std::vector<Reached> reached_;
  std::vector<uint32_t> row_of_node_;  // plus one
  absl::flat_hash_map<Place, size_t> row_of_;
  std::vector<genealogy::StepId> steps_;
  std::vector<genealogy::EdgeId> edges_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_CLOSURE_H_

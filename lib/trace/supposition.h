#ifndef LIB_TRACE_SUPPOSITION_H_
#define LIB_TRACE_SUPPOSITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/genealogy/graph.h"
#include "suyuan/score.h"

namespace suyuan::trace {

// A unit or a place that a spelling names.
struct Thing {
  genealogy::UnitId unit = 0;
  genealogy::Name place = 0;  // where unit is 0
  friend bool operator==(const Thing&, const Thing&) = default;
};

// kNotFound; kInvalidArgument with all that it names if it names several.
absl::StatusOr<Thing> FindThing(const genealogy::Graph& graph, const std::string& spelling);

// Does a step of this kind bring goods from one holder to another?
inline bool Moves(genealogy::StepKind kind) {
  return kind == genealogy::StepKind::kShip || kind == genealogy::StepKind::kObserve;
}

// A way of goods into a place or out of it.
struct Movement {
  genealogy::StepId step = 0;  // kShip or kObserve
  genealogy::EdgeId edge = 0;  // of the goods; out of a place where only others saw them: there
  int64_t time = 0;            // in: the earliest arrival; out: the latest departure
};
struct Movements {
  std::vector<Movement> in;   // the earliest first
  std::vector<Movement> out;  // the latest first
};

// A scenario as closures need it. Borrows the graph, which must not change while it is used.
class Supposition {
 public:
  // Errors of FindThing, and kInvalidArgument for what cannot be merged. `places`: whose movements
  // will be asked for besides.
  static absl::StatusOr<Supposition> Make(const genealogy::Graph& graph, const Scenario& scenario,
                                          const std::vector<Thing>& places);

  bool time() const { return time_; }
  // What stands for all that were merged; itself.
  genealogy::Name PlaceOf(genealogy::Name holder) const;
  genealogy::UnitId UnitOf(genealogy::UnitId unit) const;
  Thing Standing(const Thing& thing) const;
  // As the asker calls what was merged; null if nothing was.
  const std::string* NameOf(const Thing& standing) const;
  // All that were joined into the unit that stands for `unit`; null if none were.
  const std::vector<genealogy::UnitId>* JoinedWith(genealogy::UnitId unit) const;
  // It only ever went from one member of a merged place to another.
  bool Vanished(genealogy::UnitId unit) const { return vanished_.contains(unit); }

  // Is what lies at `place` kept out of `step`, of which it is an input?
  bool Cuts(const genealogy::Place& place, const genealogy::Step& step) const;
  bool CutsUnit(genealogy::UnitId unit) const { return cut_units_.contains(UnitOf(unit)); }
  // Of a place that was named, at any of its sites.
  const Movements& MovementsOf(genealogy::Name place) const;
  // Where `holder` is mixed; null where nothing is, or all is cut.
  const Movements* MixingAt(genealogy::Name holder) const;
  // How those came to `place` that share with `unit` what they went into; null if none do.
  const std::vector<Movement>* SharedAt(genealogy::Name place, genealogy::UnitId unit) const;
  // Places at which `unit` shares; with a holder, there alone.
  std::vector<genealogy::Name> SharingPlaces(genealogy::UnitId unit, genealogy::Name holder) const;

  // When goods came to `place` at the earliest. Nothing if they did not come; of what rides, if
  // they were made there: else Interval::kMin, for nobody told.
  std::optional<int64_t> Arrived(const genealogy::Place& place, bool riding) const;
  // When `unit` left `place` at the latest; Interval::kMax if nobody told.
  int64_t Left(genealogy::UnitId unit, genealogy::Name place) const;

 private:
  Supposition(const genealogy::Graph& graph, bool time) : graph_(&graph), time_(time) {}

  absl::Status Merge(const Merged& merged);
  void FindVanished();
  void FindMovements();
  // In which of `places` lies `holder`, itself or as a site of a subject? 0: in none.
  genealogy::Name In(const absl::flat_hash_set<genealogy::Name>& places,
                     genealogy::Name holder) const;
  // Calls `visit(out, in)` for each shipment that stands, with how the unit left and how it came;
  // nobody told one that has no edge.
  struct End {
    Movement movement;
    genealogy::Name holder = 0;
  };
  template <typename Visit>
  void ForEachShipment(Visit visit) const;

  const genealogy::Graph* graph_;
  bool time_;
  absl::flat_hash_map<genealogy::Name, genealogy::Name> place_of_;
  absl::flat_hash_map<genealogy::UnitId, genealogy::UnitId> unit_of_;
  absl::flat_hash_map<genealogy::Name, std::string> place_names_;
  absl::flat_hash_map<genealogy::UnitId, std::string> unit_names_;
  absl::flat_hash_map<genealogy::UnitId, std::vector<genealogy::UnitId>> joined_;
  absl::flat_hash_set<genealogy::UnitId> vanished_;
  absl::flat_hash_set<genealogy::Name> cut_places_;
  absl::flat_hash_set<genealogy::UnitId> cut_units_;
  absl::flat_hash_set<genealogy::Name> mixed_places_;
  absl::flat_hash_set<genealogy::UnitId> mixed_units_;
  absl::flat_hash_set<genealogy::Name> named_places_;
  absl::flat_hash_map<genealogy::Name, Movements> movements_;
  // By place, those of mixed units; the places of each.
  absl::flat_hash_map<genealogy::Name, std::vector<Movement>> shared_;
  absl::flat_hash_map<genealogy::UnitId, std::vector<genealogy::Name>> sharing_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_SUPPOSITION_H_

#include "lib/trace/supposition.h"

#include <algorithm>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"

namespace suyuan::trace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::Graph;
using genealogy::Name;
using genealogy::Named;
using genealogy::Node;
using genealogy::NodeId;
using genealogy::Place;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;
using genealogy::UnitId;

absl::StatusOr<Thing> FindThing(const Graph& graph, const std::string& spelling) {
  std::vector<Thing> things;
  std::vector<std::string> texts;
  const auto add = [&](const Thing& thing, std::string text) {
    if (std::find(things.begin(), things.end(), thing) != things.end()) return;
    things.push_back(thing);
    texts.push_back(std::move(text));
  };
  for (const Named& named : graph.Lookup(spelling)) {
    if (named.is_subject) {
      add({0, named.subject}, StrCat("place ", graph.text(named.subject)));
    } else {
      add({named.unit, 0}, StrCat("unit ", graph.KeyText(named.unit, 0)));
    }
  }
  const Name place = graph.Find(codes::NormalOrSame(spelling));
  if (place != 0 && graph.IsHolder(place)) add({0, place}, StrCat("place ", spelling));
  if (things.empty()) return NotFound("no unit or place ", spelling, " is known");
  if (things.size() == 1) return things[0];
  std::string all;
  for (const std::string& text : texts) all += StrCat(all.empty() ? "" : ", ", text);
  return InvalidArgument(spelling, " names several things: ", all);
}

absl::StatusOr<Supposition> Supposition::Make(const Graph& graph, const Scenario& scenario,
                                              const std::vector<Thing>& places) {
  Supposition made(graph, scenario.time);
  for (const Merged& merged : scenario.merge) SUYUAN_RETURN_IF_ERROR(made.Merge(merged));
  for (const std::string& spelling : scenario.cut) {
    SUYUAN_ASSIGN_OR_RETURN(const Thing found, FindThing(graph, spelling));
    const Thing thing = made.Standing(found);
    if (thing.unit != 0) {
      made.cut_units_.insert(thing.unit);
    } else {
      made.cut_places_.insert(thing.place);
    }
  }
  for (const std::string& spelling : scenario.mix) {
    SUYUAN_ASSIGN_OR_RETURN(const Thing found, FindThing(graph, spelling));
    const Thing thing = made.Standing(found);
    if (thing.unit != 0) {
      made.mixed_units_.insert(thing.unit);
    } else {
      made.mixed_places_.insert(thing.place);
    }
  }
  made.named_places_ = made.mixed_places_;
  for (const Thing& thing : places) {
    if (thing.unit == 0) made.named_places_.insert(made.PlaceOf(thing.place));
  }
  made.FindVanished();
  made.FindMovements();
  return made;
}

absl::Status Supposition::Merge(const Merged& merged) {
  std::vector<Thing> members;
  for (const std::string& spelling : merged.members) {
    SUYUAN_ASSIGN_OR_RETURN(const Thing thing, FindThing(*graph_, spelling));
    const bool taken =
        thing.unit != 0 ? unit_of_.contains(thing.unit) : place_of_.contains(thing.place);
    if (taken || std::find(members.begin(), members.end(), thing) != members.end()) {
      return InvalidArgument("merge ", merged.name, ": ", spelling,
                             " is merged already: a place or unit goes into one name, once");
    }
    members.push_back(thing);
    if ((thing.unit == 0) != (members[0].unit == 0)) {
      return InvalidArgument("merge ", merged.name, ": ", merged.members[0], " and ", spelling,
                             ": expected places alone, or units alone");
    }
  }
  if (members.size() < 2) {
    return InvalidArgument("merge ", merged.name, ": expected at least two places or units");
  }
  if (members[0].unit == 0) {
    for (const Thing& member : members) place_of_[member.place] = members[0].place;
    place_names_[members[0].place] = merged.name;
    return absl::OkStatus();
  }
  std::vector<UnitId>& joined = joined_[members[0].unit];
  for (const Thing& member : members) {
    unit_of_[member.unit] = members[0].unit;
    joined.push_back(member.unit);
  }
  unit_names_[members[0].unit] = merged.name;
  return absl::OkStatus();
}

Name Supposition::PlaceOf(Name holder) const {
  const auto it = place_of_.find(holder);
  return it == place_of_.end() ? holder : it->second;
}

UnitId Supposition::UnitOf(UnitId unit) const {
  const auto it = unit_of_.find(unit);
  return it == unit_of_.end() ? unit : it->second;
}

Thing Supposition::Standing(const Thing& thing) const {
  return thing.unit != 0 ? Thing{UnitOf(thing.unit), 0} : Thing{0, PlaceOf(thing.place)};
}

const std::string* Supposition::NameOf(const Thing& standing) const {
  const auto& names = standing.unit != 0 ? unit_names_ : place_names_;
  const auto it = names.find(standing.unit != 0 ? standing.unit : standing.place);
  return it == names.end() ? nullptr : &it->second;
}

const std::vector<UnitId>* Supposition::JoinedWith(UnitId unit) const {
  const auto it = joined_.find(UnitOf(unit));
  return it == joined_.end() ? nullptr : &it->second;
}

Name Supposition::In(const absl::flat_hash_set<Name>& places, Name holder) const {
  if (places.empty() || holder == 0) return 0;
  if (const Name place = PlaceOf(holder); places.contains(place)) return place;
  const Name subject = PlaceOf(graph_->SubjectOf(holder));
  return places.contains(subject) ? subject : 0;
}

template <typename Visit>
void Supposition::ForEachShipment(Visit visit) const {
  const auto live = [&](EdgeId first, const auto& call) {
    bool any = false;
    for (EdgeId e = first; e != 0; e = graph_->edge(e).next_of_step) {
      if (graph_->edge(e).dead) continue;
      any = true;
      call(e);
    }
    return any;
  };
  for (StepId id = 1; id < graph_->step_count(); ++id) {
    const Step& step = graph_->step(id);
    if (!Moves(step.kind)) continue;
    const auto unit_of = [&](EdgeId e) { return graph_->node(graph_->edge(e).node).place.unit; };
    const auto came = [&](EdgeId e) {
      const Edge& edge = graph_->edge(e);
      return End{{id, e, graph_->event(edge.event).end.earliest},
                 graph_->node(edge.node).place.holder};
    };
    const auto left = [&](EdgeId e, Name holder) {
      return End{{id, e, graph_->event(graph_->edge(e).event).begin.latest}, holder};
    };
    if (step.kind == StepKind::kObserve) {
      live(step.first_output, [&](EdgeId e) { visit(left(e, step.sender), came(e)); });
      continue;
    }
    live(step.first_input, [&](EdgeId in) {
      const End from = left(in, graph_->node(graph_->edge(in).node).place.holder);
      bool told = false;
      live(step.first_output, [&](EdgeId out) {
        if (unit_of(out) != unit_of(in)) return;
        visit(from, came(out));
        told = true;
      });
      if (!told) visit(from, End{});
    });
    live(step.first_output, [&](EdgeId out) {
      bool told = false;
      live(step.first_input, [&](EdgeId in) { told |= unit_of(in) == unit_of(out); });
      if (!told) visit(End{}, came(out));
    });
  }
}

void Supposition::FindVanished() {
  if (place_of_.empty()) return;
  absl::flat_hash_set<UnitId> stays;
  ForEachShipment([&](const End& out, const End& in) {
    const EdgeId edge = in.movement.edge != 0 ? in.movement.edge : out.movement.edge;
    const UnitId unit = graph_->node(graph_->edge(edge).node).place.unit;
    const bool within = place_of_.contains(out.holder) && place_of_.contains(in.holder) &&
                        PlaceOf(out.holder) == PlaceOf(in.holder) && out.holder != in.holder;
    (within ? vanished_ : stays).insert(unit);
  });
  absl::erase_if(vanished_, [&](UnitId unit) { return stays.contains(unit); });
}

void Supposition::FindMovements() {
  if (named_places_.empty() && mixed_units_.empty()) return;
  absl::flat_hash_set<std::pair<Name, EdgeId>> noted_in;
  absl::flat_hash_set<std::pair<Name, EdgeId>> noted_out;
  ForEachShipment([&](const End& out, const End& in) {
    const EdgeId edge = in.movement.edge != 0 ? in.movement.edge : out.movement.edge;
    const UnitId unit = graph_->node(graph_->edge(edge).node).place.unit;
    if (Vanished(unit)) return;
    if (in.holder != 0 && mixed_units_.contains(UnitOf(unit))) {
      const Name place = PlaceOf(in.holder);
      shared_[place].push_back(in.movement);
      std::vector<Name>& places = sharing_[UnitOf(unit)];
      if (std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
    }
    // A site and its subject can both be named.
    const auto note = [&](const End& end, bool is_in) {
      for (const Name place : {PlaceOf(end.holder), PlaceOf(graph_->SubjectOf(end.holder))}) {
        if (end.holder == 0 || !named_places_.contains(place)) continue;
        if (!(is_in ? noted_in : noted_out).emplace(place, end.movement.edge).second) continue;
        Movements& movements = movements_[place];
        (is_in ? movements.in : movements.out).push_back(end.movement);
      }
    };
    note(in, true);
    note(out, false);
  });
  const auto earlier = [](const Movement& a, const Movement& b) { return a.time < b.time; };
  for (auto& [place, movements] : movements_) {
    std::stable_sort(movements.in.begin(), movements.in.end(), earlier);
    std::stable_sort(movements.out.begin(), movements.out.end(),
                     [&](const Movement& a, const Movement& b) { return earlier(b, a); });
  }
}

const Movements& Supposition::MovementsOf(Name place) const {
  static const Movements kNone;
  const auto it = movements_.find(PlaceOf(place));
  return it == movements_.end() ? kNone : it->second;
}

const Movements* Supposition::MixingAt(Name holder) const {
  const Name place = In(mixed_places_, holder);
  if (place == 0 || In(cut_places_, holder) != 0) return nullptr;
  const auto it = movements_.find(place);
  return it == movements_.end() ? nullptr : &it->second;
}

const std::vector<Movement>* Supposition::SharedAt(Name place, UnitId unit) const {
  if (!mixed_units_.contains(UnitOf(unit)) || In(cut_places_, place) != 0) return nullptr;
  const auto it = shared_.find(PlaceOf(place));
  return it == shared_.end() ? nullptr : &it->second;
}

std::vector<Name> Supposition::SharingPlaces(UnitId unit, Name holder) const {
  const auto it = sharing_.find(UnitOf(unit));
  if (it == sharing_.end()) return {};
  if (holder == 0) return it->second;
  const Name place = PlaceOf(holder);
  const bool there = std::find(it->second.begin(), it->second.end(), place) != it->second.end();
  return there ? std::vector<Name>{place} : std::vector<Name>();
}

bool Supposition::Cuts(const Place& place, const Step& step) const {
  if (step.kind == StepKind::kObserve || step.kind == StepKind::kIdentity) return false;
  const bool ships = step.kind == StepKind::kShip;
  if (CutsUnit(place.unit) && !ships) return true;
  if (cut_places_.empty()) return false;
  bool cut = In(cut_places_, place.holder) != 0;
  if (place.holder == 0) {
    // It can be at any of its holders.
    bool elsewhere = false;
    graph_->ForEachCompatible(place, [&](NodeId id) {
      const Name holder = graph_->node(id).place.holder;
      if (holder == 0) return;
      (In(cut_places_, holder) != 0 ? cut : elsewhere) = true;
    });
    cut = cut && !elsewhere;
  }
  // What was made there only leaves.
  return cut && (!ships || Arrived(place, false).has_value());
}

std::optional<int64_t> Supposition::Arrived(const Place& place, bool riding) const {
  std::optional<int64_t> first;
  bool made = false;
  graph_->ForEachCompatible(place, [&](NodeId id) {
    for (EdgeId e = graph_->node(id).first_in; e != 0; e = graph_->edge(e).next_of_node) {
      const Edge& edge = graph_->edge(e);
      if (edge.dead) continue;
      if (!Moves(graph_->step(edge.step).kind)) {
        made = true;
        continue;
      }
      const int64_t time = graph_->event(edge.event).end.earliest;
      first = first.has_value() ? std::min(*first, time) : time;
    }
  });
  if (!first.has_value() && riding && !made) return Interval::kMin;
  return first;
}

int64_t Supposition::Left(UnitId unit, Name place) const {
  std::optional<int64_t> last;
  const auto note = [&](const Edge& edge) {
    const int64_t time = graph_->event(edge.event).begin.latest;
    last = last.has_value() ? std::max(*last, time) : time;
  };
  const auto here = [&](Name holder) {
    return PlaceOf(holder) == place || PlaceOf(graph_->SubjectOf(holder)) == place;
  };
  const std::vector<UnitId>* const joined = JoinedWith(unit);
  for (const UnitId one : joined != nullptr ? *joined : std::vector<UnitId>{unit}) {
    for (NodeId id = graph_->unit(one).first_node; id != 0; id = graph_->node(id).next_of_unit) {
      const Node& node = graph_->node(id);
      for (EdgeId e = node.first_in; e != 0; e = graph_->edge(e).next_of_node) {
        const Edge& edge = graph_->edge(e);
        const Step& step = graph_->step(edge.step);
        if (!edge.dead && step.kind == StepKind::kObserve && here(step.sender)) note(edge);
      }
      for (EdgeId e = node.first_out; e != 0; e = graph_->edge(e).next_of_node) {
        const Edge& edge = graph_->edge(e);
        const bool ships = graph_->step(edge.step).kind == StepKind::kShip;
        if (!edge.dead && ships && here(node.place.holder)) note(edge);
      }
    }
  }
  return last.value_or(Interval::kMax);
}

}  // namespace suyuan::trace

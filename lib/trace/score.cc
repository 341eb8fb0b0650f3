#include "lib/trace/score.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/trace/closure.h"
#include "lib/trace/supposition.h"

namespace suyuan::trace {
namespace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::Graph;
using genealogy::Name;
using genealogy::Node;
using genealogy::NodeId;
using genealogy::Place;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;
using genealogy::Unit;
using genealogy::UnitId;

// The forward or backward trace of one thing.
struct Reach {
  absl::flat_hash_set<UnitId> units;
  absl::flat_hash_set<Name> places;
};

class Scorer {
 public:
  Scorer(const Graph& graph, const Supposition& supposed) : graph_(graph), supposed_(supposed) {
    FindAll();
  }

  bool Vanished(const Thing& thing) const {
    return thing.unit != 0 && supposed_.Vanished(thing.unit);
  }

  // Counts for all in whose forward trace `thing` is: they are its backward trace.
  void Weigh(const Thing& thing, double weight) {
    const Reach reach = Follow(thing, /*forward=*/false);
    const auto add = [&](Scored* row) {
      (weight > 0 ? row->positive : row->negative) += weight;
      row->cases += weight > 0 ? 1 : 0;
    };
    for (auto& [unit, row] : units_) {
      if (reach.units.contains(unit)) add(&row);
    }
    for (auto& [place, row] : places_) {
      if (reach.places.contains(place)) add(&row);
    }
  }

  void Observe(const Thing& thing) {
    for (const bool forward : {true, false}) {
      const Reach reach = Follow(thing, forward);
      const auto mark = [&](Scored* row) { (forward ? row->forward : row->backward) = true; };
      for (const UnitId unit : reach.units) {
        if (const auto it = units_.find(unit); it != units_.end()) mark(&it->second);
      }
      for (const Name place : reach.places) {
        if (const auto it = places_.find(place); it != places_.end()) mark(&it->second);
      }
    }
  }

  void Fill(double whole, ScoreResult* result) {
    result->units = Rows(&units_, whole);
    result->places = Rows(&places_, whole);
  }

 private:
  static std::string Text(const Graph& graph, Name name) { return std::string(graph.text(name)); }

  std::vector<std::string> Texts(std::vector<Name> names) const {
    std::vector<std::string> texts;
    for (const Name name : names) texts.emplace_back(graph_.text(name));
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
  }

  bool Told(const Unit& unit) const {
    for (NodeId id = unit.first_node; id != 0; id = graph_.node(id).next_of_unit) {
      const Node& node = graph_.node(id);
      if (node.first_in == 0 && node.first_out == 0 && !node.left) return true;
      for (const EdgeId first : {node.first_in, node.first_out}) {
        for (EdgeId e = first; e != 0; e = graph_.edge(e).next_of_node) {
          if (!graph_.edge(e).dead) return true;
        }
      }
    }
    return false;
  }

  void FindAll() {
    const auto place = [&](Name holder) {
      if (holder != 0) places_.try_emplace(supposed_.PlaceOf(holder));
    };
    for (UnitId id = 1; id <= graph_.unit_count(); ++id) {
      const genealogy::Unit& unit = graph_.unit(id);
      if (graph_.IsAlias(id) || unit.kind != genealogy::UnitKind::kGoods || !Told(unit)) continue;
      for (NodeId node = graph_.unit(id).first_node; node != 0;
           node = graph_.node(node).next_of_unit) {
        place(graph_.node(node).place.holder);
      }
      if (supposed_.Vanished(id)) continue;
      Scored& row = units_[supposed_.UnitOf(id)];
      for (std::string& text : Texts(graph_.ExternalIds(id))) {
        row.external_ids.push_back(std::move(text));
      }
      if (row.name.empty()) row.name = graph_.ProductName(id);
    }
    for (StepId id = 1; id < graph_.step_count(); ++id) {
      const Step& step = graph_.step(id);
      for (EdgeId e = step.first_output; e != 0; e = graph_.edge(e).next_of_step) {
        if (!graph_.edge(e).dead) place(step.sender);
      }
    }
    for (const Name holder : graph_.NamedHolders()) place(holder);
    for (const auto& [holder, ids] : graph_.SubjectIds()) {
      place(holder);
      for (std::string& text : Texts(ids)) {
        places_[supposed_.PlaceOf(holder)].external_ids.push_back(std::move(text));
      }
    }
    for (auto& [unit, row] : units_) {
      const std::string* const name = supposed_.NameOf({unit, 0});
      row.key = name != nullptr ? *name : graph_.KeyText(unit, 0);
      std::sort(row.external_ids.begin(), row.external_ids.end());
    }
    for (auto& [holder, row] : places_) {
      const std::string* const name = supposed_.NameOf({0, holder});
      row.key = name != nullptr ? *name : Text(graph_, holder);
      row.name = std::string(graph_.HolderName(holder));
      std::sort(row.external_ids.begin(), row.external_ids.end());
    }
  }

  // What `thing` is in, and who got it; backward: what is in it, and who sent that.
  Reach Follow(const Thing& thing, bool forward) const {
    Reach reach;
    Closure closure(graph_, forward, &supposed_);
    const auto add_place = [&](Name holder) {
      if (holder == 0) return;
      reach.places.insert(supposed_.PlaceOf(holder));
      // Who is known by a site is known by the subject, too.
      reach.places.insert(supposed_.PlaceOf(graph_.SubjectOf(holder)));
    };
    if (thing.unit == 0) {
      add_place(thing.place);
      const Movements& movements = supposed_.MovementsOf(thing.place);
      for (const Movement& movement : forward ? movements.out : movements.in) {
        closure.StartMovement(movement);
      }
    } else {
      reach.units.insert(thing.unit);
      const std::vector<UnitId>* const joined = supposed_.JoinedWith(thing.unit);
      for (const UnitId unit : joined != nullptr ? *joined : std::vector<UnitId>{thing.unit}) {
        for (NodeId id = graph_.unit(unit).first_node; id != 0; id = graph_.node(id).next_of_unit) {
          closure.Start(graph_.node(id).place);
        }
        closure.StartContents(unit);
      }
    }
    closure.Run();
    for (const Closure::Reached& reached : closure.reached()) {
      const Place& place = reached.place;
      if (supposed_.Vanished(place.unit)) continue;
      reach.units.insert(supposed_.UnitOf(place.unit));
      if (forward && supposed_.Arrived(place, /*riding=*/false)) add_place(place.holder);
    }
    for (const EdgeId id : closure.edges()) {
      const Edge& edge = graph_.edge(id);
      const Step& step = graph_.step(edge.step);
      const Place& place = graph_.node(edge.node).place;
      if (!Moves(step.kind) || supposed_.Vanished(place.unit)) continue;
      if (forward) {
        if (edge.output) add_place(place.holder);
      } else if (step.kind == StepKind::kObserve) {
        add_place(step.sender);
      } else if (!edge.output) {
        add_place(place.holder);
      }
    }
    return reach;
  }

  template <typename ById>
  std::vector<Scored> Rows(ById* rows, double whole) {
    std::vector<Scored> sorted;
    for (auto& [id, row] : *rows) {
      row.positive /= whole;
      row.negative /= whole;
      row.score = row.positive + row.negative;
      sorted.push_back(std::move(row));
    }
    std::sort(sorted.begin(), sorted.end(), [](const Scored& a, const Scored& b) {
      return std::tie(b.score, a.key) < std::tie(a.score, b.key);
    });
    return sorted;
  }

  const Graph& graph_;
  const Supposition& supposed_;
  absl::flat_hash_map<UnitId, Scored> units_;
  absl::flat_hash_map<Name, Scored> places_;
};

}  // namespace

absl::StatusOr<ScoreResult> Score(const Graph& graph, const Ledgers& ledgers,
                                  const ScoreRequest& request) {
  std::vector<std::pair<Thing, const Weight*>> weights;
  std::vector<Thing> observed;
  std::vector<Thing> things;
  for (const Weight& weight : request.weights) {
    SUYUAN_ASSIGN_OR_RETURN(const Thing thing, FindThing(graph, weight.of));
    if (!std::isfinite(weight.weight)) {
      return InvalidArgument("weight of ", weight.of, ": found ", weight.weight,
                             ", expected a number");
    }
    for (const auto& [other, told] : weights) {
      if (other == thing) {
        return InvalidArgument(weight.of, " has two weights: it is ", told->of, ", too");
      }
    }
    weights.emplace_back(thing, &weight);
    things.push_back(thing);
  }
  for (const std::string& spelling : request.observe) {
    SUYUAN_ASSIGN_OR_RETURN(const Thing thing, FindThing(graph, spelling));
    observed.push_back(thing);
    things.push_back(thing);
  }
  SUYUAN_ASSIGN_OR_RETURN(const Supposition supposed,
                          Supposition::Make(graph, request.scenario, things));
  Scorer scorer(graph, supposed);
  ScoreResult result;
  double positive = 0;
  double negative = 0;
  bool any = false;
  for (const auto& [thing, weight] : weights) {
    if (weight->weight == 0) continue;
    any = true;
    if (scorer.Vanished(thing)) {
      result.vanished.push_back(graph.KeyText(thing.unit, 0));
      continue;
    }
    // What was merged has the weights of all its members, each for itself.
    (weight->weight > 0 ? positive : negative) += weight->weight;
    result.cases += weight->weight > 0 ? 1 : 0;
    scorer.Weigh(supposed.Standing(thing), weight->weight);
  }
  if (!any) return InvalidArgument("weights: expected at least one that is not 0");
  for (const Thing& thing : observed) {
    if (!scorer.Vanished(thing)) scorer.Observe(supposed.Standing(thing));
  }
  const double whole = std::max(positive, -negative);
  scorer.Fill(whole == 0 ? 1 : whole, &result);
  for (const auto& [number, head] : ledgers.heads) result.heads.push_back(head);
  std::sort(result.heads.begin(), result.heads.end(),
            [](const LedgerHead& a, const LedgerHead& b) { return a.ledger < b.ledger; });
  return result;
}

}  // namespace suyuan::trace

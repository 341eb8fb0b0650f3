#include "lib/trace/verify.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/trace/links.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::trace {
namespace {

using genealogy::Graph;
using genealogy::Name;
using genealogy::Named;
using genealogy::Packing;
using genealogy::UnitId;

using Lines = std::vector<std::string>;

std::string_view NameOf(Direction direction) {
  return direction == Direction::kForward    ? "forward"
         : direction == Direction::kBackward ? "backward"
                                             : "both";
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string All(const std::vector<std::string>& texts) {
  std::string all = "[";
  for (const std::string& text : texts) all += (all.size() > 1 ? " " : "") + Quoted(text);
  return all + "]";
}

std::string Text(const TracedStep& step) {
  return StrCat(step.ledger, "#", step.sequence, " ", step.operation, " run ", Quoted(step.run),
                step.makes ? " makes" : "");
}

std::string Text(const TracedPlace& place) {
  return StrCat(Quoted(place.unit), " at ", Quoted(place.holder), " part ", Quoted(place.part));
}

// One line an item, so that whatever differs is told as it stands.
Lines HeadsOf(const TraceResult& result) {
  Lines lines;
  for (const LedgerHead& head : result.heads) {
    lines.push_back(StrCat(head.ledger, " ", head.size, " ", ToHex(head.root)));
  }
  return lines;
}

Lines OriginOf(const TraceResult& result) {
  return {StrCat("unit ", Quoted(result.origin)), StrCat("product ", Quoted(result.origin_product)),
          StrCat("ids ", All(result.origin_external_ids)),
          StrCat("holders ", All(result.origin_holders)),
          StrCat("direction ", NameOf(result.direction))};
}

Lines UnitsOf(const TraceResult& result) {
  Lines lines;
  for (const TracedUnit& unit : result.units) {
    lines.push_back(StrCat(NameOf(unit.direction), " ", Quoted(unit.key), " depth ", unit.depth,
                           unit.certain ? " certain" : " possible", " product ",
                           Quoted(unit.product), " ids ", All(unit.external_ids), " holders ",
                           All(unit.holders)));
  }
  return lines;
}

Lines VesselsOf(const TraceResult& result) {
  Lines lines;
  for (const TracedVessel& vessel : result.vessels) {
    lines.push_back(
        StrCat(NameOf(vessel.direction), " ", Quoted(vessel.name), " at ", Quoted(vessel.holder)));
  }
  return lines;
}

Lines StepsOf(const TraceResult& result) {
  Lines lines;
  for (const TracedStep& step : result.steps) lines.push_back(Text(step));
  return lines;
}

Lines PlacesOf(const TraceResult& result) {
  Lines lines;
  for (const TracedPlace& place : result.places) lines.push_back(Text(place));
  return lines;
}

std::string Text(const TraceResult& result, const TracedLink& link) {
  const std::string_view role = link.role == GoodsRole::kIngredient  ? "ingredient"
                                : link.role == GoodsRole::kPackaging ? "packaging"
                                                                     : "processing aid";
  return StrCat(link.ledger, "#", link.sequence, " ", link.operation,
                link.output ? " output " : " input ", Text(result.places[link.place]), " of ",
                Text(result.steps[link.step]), " quantity ", Quoted(link.quantity), " ",
                Quoted(link.uom), " ", role, " ", link.earliest_micros, " to ", link.latest_micros);
}

Lines LinksOf(const TraceResult& result) {
  Lines lines;
  for (const TracedLink& link : result.links) lines.push_back(Text(result, link));
  return lines;
}

Lines EndsOf(const TraceResult& result) {
  Lines lines;
  for (const TraceEnd& end : result.ends) {
    const std::string_view kind = end.kind == EndKind::kEnd        ? "end"
                                  : end.kind == EndKind::kBoundary ? "boundary"
                                                                   : "gap";
    lines.push_back(StrCat(NameOf(end.direction), " ", Quoted(end.unit), " at ", Quoted(end.holder),
                           " ", kind, " ", Quoted(end.why_zh), " ", Quoted(end.why)));
  }
  return lines;
}

Lines ConflictsOf(const TraceResult& result) {
  Lines lines;
  for (const TraceConflict& conflict : result.conflicts) {
    lines.push_back(StrCat(conflict.ledger, "#", conflict.sequence, " ", Quoted(conflict.input),
                           " into ", Quoted(conflict.output), " ", Quoted(conflict.what_zh), " ",
                           Quoted(conflict.what)));
  }
  return lines;
}

Lines WithdrawnOf(const TraceResult& result) {
  Lines lines;
  for (const WithdrawnLink& link : result.withdrawn) {
    lines.push_back(StrCat(link.ledger, "#", link.sequence, " ", Quoted(link.input), " into ",
                           Quoted(link.output), " by #", link.corrected_by,
                           link.late ? " late" : ""));
  }
  return lines;
}

// Walks the ways of an answer whose links are known to be right.
class WayCheck {
 public:
  WayCheck(const Graph& graph, const Ledgers& ledgers, const TraceResult& told,
           const TraceResult& mine)
      : graph_(graph), ledgers_(ledgers), told_(told) {
    for (const TraceHop& hop : mine.hops) {
      if (&mine.hops[hop.before] == &hop) begins_.insert(Text(mine.places[hop.place]));
    }
  }

  // What is wrong with the way to `unit`; empty if nothing is.
  std::string Judge(const TracedUnit& unit) {
    if (unit.witness == kNoIndex) return "no way is shown";
    const TraceHop& last = told_.hops[unit.witness];
    if (told_.places[last.place].unit != unit.key) return "its way leads elsewhere";
    if (last.backward != (unit.direction == Direction::kBackward)) {
      return "its way has the other direction";
    }
    const Judged judged = JudgedAt(unit.witness);
    if (!judged.wrong.empty()) return judged.wrong;
    if (judged.depth != unit.depth) {
      return StrCat("its way has ", judged.depth, " steps, its depth is ", unit.depth);
    }
    return "";
  }

 private:
  struct Judged {
    std::string wrong;
    uint32_t depth = 0;
  };

  // Each hop is looked at once; those before it come first.
  const Judged& JudgedAt(uint32_t at) {
    std::vector<uint32_t> open;
    for (uint32_t i = at; !judged_.contains(i); i = told_.hops[i].before) {
      open.push_back(i);
      if (told_.hops[i].before == i) break;
    }
    while (!open.empty()) {
      const uint32_t i = open.back();
      open.pop_back();
      const TraceHop& hop = told_.hops[i];
      Judged judged;
      if (hop.before == i) {
        if (!begins_.contains(Text(told_.places[hop.place]))) {
          judged.wrong = "its way does not begin at the origin";
        }
      } else {
        const Judged& before = judged_.at(hop.before);
        judged.wrong = before.wrong;
        judged.depth = before.depth;
        if (judged.wrong.empty()) JudgeHop(i, &judged);
      }
      judged_.emplace(i, std::move(judged));
    }
    return judged_.at(at);
  }

  void JudgeHop(uint32_t at, Judged* judged) {
    const TraceHop& hop = told_.hops[at];
    const TraceHop& before = told_.hops[hop.before];
    const auto wrong = [&](std::string_view what) {
      judged->wrong = StrCat("hop ", at, " of its way ", what);
    };
    if (before.backward != hop.backward) return wrong("turns back");
    const TracedPlace& from = told_.places[before.place];
    const TracedPlace& to = told_.places[hop.place];
    if (hop.packed_ledger != kNoIndex && !IsPacking(hop, to.unit)) {
      return wrong("names an entry that packed nothing of it");
    }
    if (hop.carrier != kNoIndex && !CanBe(to, told_.places[hop.carrier])) {
      return wrong("rides in what never held it");
    }
    if ((hop.took == kNoIndex) != (hop.brought == kNoIndex)) return wrong("goes half a step");
    if (hop.took == kNoIndex) {
      if (!CanBe(from, to) && !CanBe(to, from)) return wrong("leads to other goods");
      return;
    }
    const TracedLink& took = told_.links[hop.took];
    const TracedLink& brought = told_.links[hop.brought];
    // That two keys are one unit is said once, and holds in both directions.
    const bool same_unit = took.operation == OperationCode(v1::Event::kCorrectFieldNumber);
    if (took.step != brought.step || took.output == brought.output ||
        (took.output != hop.backward && !same_unit)) {
      return wrong("does not go through its step");
    }
    if (!CanBe(from, told_.places[took.place])) return wrong("takes other goods into its step");
    if (!CanBe(to, told_.places[brought.place])) return wrong("brings other goods");
    if (told_.steps[took.step].makes) ++judged->depth;
  }

  // Can goods told to lie at `place` be those at `other`, or ride in them?
  bool CanBe(const TracedPlace& place, const TracedPlace& other) {
    if (place.holder != other.holder && !place.holder.empty() && !other.holder.empty() &&
        !graph_.HoldersCompatible(graph_.Find(place.holder), graph_.Find(other.holder))) {
      return false;
    }
    const UnitId a = UnitOf(place.unit);
    const UnitId b = UnitOf(other.unit);
    if (a == 0 || b == 0) return false;
    // Or a lot that nobody named, and that can be this one.
    return a == b || graph_.AnyLotOf(a) == b || graph_.AnyLotOf(b) == a ||
           ContainersOf(a).contains(b);
  }

  // Every container that ever held `unit`, at any depth.
  const absl::flat_hash_set<UnitId>& ContainersOf(UnitId unit) {
    const auto [it, is_new] = containers_.try_emplace(unit);
    if (!is_new) return it->second;
    absl::flat_hash_set<UnitId> all;
    std::vector<UnitId> open = {unit};
    while (!open.empty()) {
      const UnitId one = open.back();
      open.pop_back();
      const std::vector<UnitId>* const containers = graph_.ContainersOf(one);
      if (containers == nullptr) continue;
      for (const UnitId container : *containers) {
        if (all.insert(container).second) open.push_back(container);
      }
    }
    return containers_[unit] = std::move(all);
  }

  bool IsPacking(const TraceHop& hop, const std::string& unit) {
    const std::string& ledger = told_.heads[hop.packed_ledger].ledger;
    const UnitId id = UnitOf(unit);
    const auto tells = [&](UnitId container) {
      const std::vector<Packing>* const packings = graph_.PackingsOf(container);
      if (packings == nullptr) return false;
      return std::any_of(packings->begin(), packings->end(), [&](const Packing& packing) {
        return graph_.IsLive(packing.event) &&
               graph_.event(packing.event).sequence == hop.packed_sequence &&
               ledgers_.heads.at(graph_.event(packing.event).ledger).ledger == ledger;
      });
    };
    const absl::flat_hash_set<UnitId>& containers = ContainersOf(id);
    return tells(id) || std::any_of(containers.begin(), containers.end(), tells);
  }

  UnitId UnitOf(const std::string& key) {
    const auto [it, is_new] = units_.try_emplace(key, 0);
    if (is_new) {
      for (const Named& named : graph_.Lookup(key)) {
        if (!named.is_subject) it->second = named.unit;
      }
      // A vessel, which nobody can ask for.
      if (const auto place = graph_.FindPlaceOf(key); it->second == 0 && place.has_value()) {
        it->second = place->unit;
      }
    }
    return it->second;
  }

  const Graph& graph_;
  const Ledgers& ledgers_;
  const TraceResult& told_;
  std::set<std::string> begins_;
  absl::flat_hash_map<uint32_t, Judged> judged_;
  absl::flat_hash_map<std::string, UnitId> units_;
  absl::flat_hash_map<UnitId, absl::flat_hash_set<UnitId>> containers_;
};

void CompareLines(std::string_view list, Lines told, Lines found,
                  std::vector<TraceDifference>* differences) {
  std::sort(told.begin(), told.end());
  std::sort(found.begin(), found.end());
  auto a = told.begin();
  auto b = found.begin();
  while (a != told.end() || b != found.end()) {
    if (b == found.end() || (a != told.end() && *a < *b)) {
      differences->push_back({std::string(list), *a++, ""});
    } else if (a == told.end() || *b < *a) {
      differences->push_back({std::string(list), "", *b++});
    } else {
      ++a;
      ++b;
    }
  }
}

}  // namespace

std::vector<TraceDifference> CompareHeads(const TraceResult& told, const Ledgers& ledgers) {
  TraceResult mine;
  for (const auto& head : ledgers.heads) mine.heads.push_back(head.second);
  std::vector<TraceDifference> differences;
  CompareLines("heads", HeadsOf(told), HeadsOf(mine), &differences);
  return differences;
}

std::vector<TraceDifference> Compare(const Graph& graph, const Ledgers& ledgers,
                                     const TraceResult& told, const TraceResult& mine) {
  std::vector<TraceDifference> differences = CompareHeads(told, ledgers);
  const auto compare = [&](std::string_view list, Lines (*lines_of)(const TraceResult&)) {
    CompareLines(list, lines_of(told), lines_of(mine), &differences);
  };
  compare("origin", OriginOf);
  compare("units", UnitsOf);
  compare("vessels", VesselsOf);
  const bool links = !told.places.empty();
  if (links) compare("steps", StepsOf);
  if (told.edges != mine.edges) {
    differences.push_back({"edges", StrCat(told.edges), StrCat(mine.edges)});
  }
  compare("ends", EndsOf);
  compare("conflicts", ConflictsOf);
  compare("withdrawn", WithdrawnOf);
  if (links) {
    compare("places", PlacesOf);
    const size_t before = differences.size();
    compare("links", LinksOf);
    if (differences.size() == before) {
      WayCheck ways(graph, ledgers, told, mine);
      for (const TracedUnit& unit : told.units) {
        const std::string wrong = ways.Judge(unit);
        if (wrong.empty()) continue;
        differences.push_back(
            {"ways", StrCat(NameOf(unit.direction), " ", Quoted(unit.key)), wrong});
      }
    }
  }
  if (told.digest != mine.digest) {
    differences.push_back({"digest", ToHex(told.digest), ToHex(mine.digest)});
  }
  return differences;
}

}  // namespace suyuan::trace

#include "lib/trace/standing.h"

#include <algorithm>
#include <set>
#include <utility>

namespace suyuan::trace {

using events::Evidence;
using events::Goods;
using events::Standing;
using genealogy::Graph;
using genealogy::Mark;
using genealogy::MarkKind;
using genealogy::Name;
using genealogy::SpelledMark;

std::string_view SubjectText(const Graph& graph, std::string_view holder) {
  const Name name = graph.Find(holder);
  return name == 0 ? holder.substr(0, holder.find('/')) : graph.text(graph.SubjectOf(name));
}

bool Concerns(const Graph& graph, const Where& where, const Goods& goods) {
  const auto holder_fits = [&](std::string_view a, std::string_view b) {
    return a.empty() || b.empty() || a == b || SubjectText(graph, a) == b ||
           SubjectText(graph, b) == a;
  };
  return (where.part.empty() || where.part == goods.part) &&
         Graph::DatesFit(where.variant, goods.variant) && holder_fits(where.holder, goods.holder);
}

std::vector<Goods> NamedBy(const Graph& graph, const std::vector<std::string>& external_ids,
                           const OnTheWay& on_the_way) {
  std::vector<Goods> all;
  const auto add = [&](Goods goods) {
    if (std::find(all.begin(), all.end(), goods) == all.end()) all.push_back(std::move(goods));
  };
  for (const std::string& id : external_ids) {
    for (const genealogy::Place& place : graph.PlacesOf(id, on_the_way.left_out)) {
      add(Goods{std::string(graph.text(graph.unit(place.unit).key)),
                std::string(graph.text(place.variant)), "", std::string(graph.text(place.part))});
    }
    if (!on_the_way.named) continue;
    for (Goods& goods : on_the_way.named(id)) add(std::move(goods));
  }
  return all;
}

std::vector<Goods> MarkedBy(const Graph& graph, MarkKind kind,
                            const std::vector<std::string>& external_ids,
                            const OnTheWay& on_the_way) {
  std::vector<Goods> named = NamedBy(graph, external_ids, on_the_way);
  const bool bars = kind == MarkKind::kHeld || kind == MarkKind::kFailed ||
                    kind == MarkKind::kRecalled || kind == MarkKind::kReturned ||
                    kind == MarkKind::kFinished;
  const bool several = std::any_of(named.begin(), named.end(), [&](const Goods& goods) {
    return goods.unit != named.front().unit;
  });
  if (several && !bars) named.clear();
  return named;
}

void ForEachMark(const Graph& graph, genealogy::UnitId unit,
                 const std::vector<std::string>& external_ids, const OnTheWay& on_the_way,
                 absl::FunctionRef<void(const Mark&, const Where&)> visit) {
  if (const std::vector<Mark>* const marks = graph.MarksOf(unit)) {
    for (const Mark& mark : *marks) {
      visit(mark, {graph.text(mark.place.variant), graph.text(mark.place.holder),
                   graph.text(mark.place.part)});
    }
  }
  std::set<Name> spellings;
  if (const std::vector<Name>* const marked = graph.MarkedSpellingsOf(unit)) {
    spellings.insert(marked->begin(), marked->end());
  }
  for (const std::string& id : external_ids) spellings.insert(graph.Find(id));
  for (const Name spelling : spellings) {
    const std::vector<SpelledMark>* const marks = graph.MarksOfSpelling(spelling);
    if (marks == nullptr) continue;
    for (const SpelledMark& spelled : *marks) {
      // Once, whichever of its ids led here.
      const auto first = std::find_if(spelled.spellings.begin(), spelled.spellings.end(),
                                      [&](Name one) { return spellings.contains(one); });
      if (*first != spelling) continue;
      std::vector<std::string> ids;
      for (const Name one : spelled.spellings) ids.emplace_back(graph.text(one));
      const Mark& mark = spelled.mark;
      for (const Goods& goods : MarkedBy(graph, mark.kind, ids, on_the_way)) {
        if (goods.unit != graph.text(graph.unit(unit).key)) continue;
        visit(mark, {goods.variant, graph.text(mark.place.holder),
                     mark.place.part == 0 ? goods.part : graph.text(mark.place.part)});
      }
    }
  }
}

std::vector<Said> SaidOf(const Graph& graph, genealogy::UnitId unit, const Goods& goods,
                         const OnTheWay& on_the_way) {
  std::vector<std::pair<genealogy::EventNo, Said>> in_order;
  ForEachMark(
      graph, unit, goods.external_ids, on_the_way, [&](const Mark& mark, const Where& where) {
        const genealogy::EventInfo& event = graph.event(mark.event);
        if (!graph.IsLive(mark.event) || !Concerns(graph, where, goods) ||
            (on_the_way.left_out && on_the_way.left_out(event.ledger, event.sequence))) {
          return;
        }
        in_order.push_back(
            {mark.event, Said{mark.kind, mark.value, event.begin, event.ledger, event.sequence}});
      });
  // Units that became one brought theirs along.
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Said> said;
  said.reserve(in_order.size());
  for (const auto& [event, one] : in_order) said.push_back(one);
  return said;
}

Standing StandingBy(const std::vector<Said>& said, const Interval& at,
                    const std::function<std::string(uint32_t)>& name_of) {
  std::vector<Said> ordered;
  for (const Said& one : said) {
    auto place = ordered.end();
    while (place != ordered.begin() && (place - 1)->when.earliest > one.when.latest) --place;
    ordered.insert(place, one);
  }
  Standing standing;
  for (const Said& one : ordered) {
    const auto evidence = [&] { return Evidence{name_of(one.ledger), one.sequence}; };
    if (one.kind == MarkKind::kFinished) {
      standing.finished = evidence();
      standing.made_here |= one.value == 1;
      continue;
    }
    if (one.kind == MarkKind::kUsable) {
      standing.usable_until = std::max(standing.usable_until.value_or(one.value), one.value);
      continue;
    }
    if (one.when.earliest > at.latest) continue;
    switch (one.kind) {
      case MarkKind::kPassed:
        standing.passed = true;
        standing.failed.reset();
        break;
      case MarkKind::kFailed:
        standing.passed = false;
        standing.failed = evidence();
        break;
      case MarkKind::kHeld:
        standing.held = evidence();
        if (one.value == 1) standing.held_by_authority = evidence();
        standing.released = false;
        break;
      case MarkKind::kReleased:
        // What an authority holds, only an authority gives free.
        if (one.value == 1) standing.held_by_authority.reset();
        standing.held = standing.held_by_authority;
        standing.released = true;
        break;
      case MarkKind::kRecalled:
        standing.recalled = evidence();
        standing.remedied.reset();  // that was of something else
        break;
      case MarkKind::kReturned:
        standing.returned = evidence();
        standing.remedied.reset();
        break;
      case MarkKind::kRemedied:
        standing.remedied = evidence();
        break;
      default:
        break;
    }
  }
  return standing;
}

}  // namespace suyuan::trace

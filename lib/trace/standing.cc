#include "lib/trace/standing.h"

#include <algorithm>

namespace suyuan::trace {

using events::Evidence;
using events::Goods;
using events::Standing;
using genealogy::Graph;
using genealogy::MarkKind;
using genealogy::Name;

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

std::vector<Said> SaidOf(const Graph& graph, genealogy::UnitId unit, const Goods& goods,
                         const std::function<bool(uint32_t, uint64_t)>& left_out) {
  std::vector<Said> said;
  const std::vector<genealogy::Mark>* const marks = graph.MarksOf(unit);
  if (marks == nullptr) return said;
  std::vector<const genealogy::Mark*> in_order;
  for (const genealogy::Mark& mark : *marks) in_order.push_back(&mark);
  // Units that became one brought theirs along.
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto* a, const auto* b) { return a->event < b->event; });
  for (const genealogy::Mark* mark : in_order) {
    const genealogy::EventInfo& event = graph.event(mark->event);
    if (!graph.IsLive(mark->event) || (left_out && left_out(event.ledger, event.sequence))) {
      continue;
    }
    const Where where{graph.text(mark->place.variant), graph.text(mark->place.holder),
                      graph.text(mark->place.part)};
    if (!Concerns(graph, where, goods)) continue;
    said.push_back({mark->kind, mark->value, event.begin, event.ledger, event.sequence});
  }
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

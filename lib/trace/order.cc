#include "lib/trace/order.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace suyuan::trace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::Graph;
using genealogy::Mark;
using genealogy::MarkKind;
using genealogy::Name;
using genealogy::NodeId;
using genealogy::Place;
using genealogy::Slice;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;

namespace {

int64_t Later(int64_t at, int64_t micros) {
  if (at == Interval::kMin || at == Interval::kMax) return at;
  int64_t later = 0;
  return __builtin_add_overflow(at, micros, &later) ? Interval::kMax : later;
}

// "A-0017" into "A-" and 17.
struct Serial {
  std::string_view prefix;
  uint64_t number = 0;
  size_t digits = 0;
};

std::optional<Serial> SerialOf(std::string_view text) {
  size_t tail = text.size();
  while (tail > 0 && text[tail - 1] >= '0' && text[tail - 1] <= '9') --tail;
  if (tail == text.size() || text.size() - tail > 18) return std::nullopt;
  Serial serial{text.substr(0, tail), 0, text.size() - tail};
  std::from_chars(text.data() + tail, text.data() + text.size(), serial.number);
  return serial;
}

// Can the two ranges have an item in common? What cannot be compared can.
bool SerialsMeet(const Graph& graph, const Slice& a, const Slice& b) {
  if (a.first_serial == 0 || b.first_serial == 0) return true;
  const std::optional<Serial> ends[] = {
      SerialOf(graph.text(a.first_serial)), SerialOf(graph.text(a.last_serial)),
      SerialOf(graph.text(b.first_serial)), SerialOf(graph.text(b.last_serial))};
  for (const std::optional<Serial>& end : ends) {
    if (!end.has_value() || end->prefix != ends[0]->prefix || end->digits != ends[0]->digits) {
      return true;
    }
  }
  const auto margin =
      static_cast<uint64_t>(a.serial_margin) + static_cast<uint64_t>(b.serial_margin);
  return ends[0]->number <= ends[3]->number + margin && ends[2]->number <= ends[1]->number + margin;
}

}  // namespace

Interval Order::Told(EdgeId id) const {
  const Edge& edge = graph_.edge(id);
  if (edge.sliced) {
    const Slice& slice = graph_.SliceOf(id);
    if (slice.from != Interval::kMin || slice.to != Interval::kMax) return {slice.from, slice.to};
  }
  const genealogy::EventInfo& event = graph_.event(edge.event);
  return {event.begin.earliest, event.end.latest};
}

Interval Order::Flowed(EdgeId id) const {
  const Edge& edge = graph_.edge(id);
  Interval when = Told(id);
  if (!edge.output && !edge.sliced && graph_.step(edge.step).kind == StepKind::kRun) {
    when.earliest = Interval::kMin;
  }
  return when;
}

std::optional<Measure> Order::MeasureAt(EdgeId id) const {
  const Edge& edge = graph_.edge(id);
  return MeasureOf(graph_, {edge.quantity, edge.scale, edge.quantity_unit});
}

void Order::AddTo(Sum* sum, EdgeId id) const {
  const Edge& edge = graph_.edge(id);
  const Name holder = graph_.node(edge.node).place.holder;
  if (holder != 0 && graph_.KeepsLedgerHere(holder) &&
      graph_.SubjectOf(graph_.OwnerOf(graph_.event(edge.event).ledger)) !=
          graph_.SubjectOf(holder)) {
    return;
  }
  sum->Add(MeasureAt(id));
}

// ------------------------------------------------------------------- lots

const Order::Group& Order::GroupOf(NodeId node) {
  std::unique_ptr<Group>& group = groups_[node];
  if (group != nullptr) return *group;
  group = std::make_unique<Group>();
  graph_.ForEachCompatible(graph_.node(node).place, [&](NodeId id) {
    for (EdgeId e = graph_.node(id).first_in; e != 0; e = graph_.edge(e).next_of_node) {
      if (graph_.edge(e).dead || graph_.step(graph_.edge(e).step).kind == StepKind::kIdentity) {
        continue;
      }
      group->in.emplace_back(Told(e).earliest, e);
    }
    for (EdgeId e = graph_.node(id).first_out; e != 0; e = graph_.edge(e).next_of_node) {
      if (graph_.edge(e).dead || graph_.step(graph_.edge(e).step).kind == StepKind::kIdentity) {
        continue;
      }
      group->out.emplace_back(Told(e).latest, e);
    }
  });
  std::sort(group->in.begin(), group->in.end());
  std::sort(group->out.begin(), group->out.end());
  const auto add_up = [&](const auto& edges, std::vector<Sum>* sums) {
    sums->resize(edges.size() + 1);
    for (size_t i = 0; i < edges.size(); ++i) {
      (*sums)[i + 1] = (*sums)[i];
      AddTo(&(*sums)[i + 1], edges[i].second);
    }
  };
  add_up(group->in, &group->came);
  add_up(group->out, &group->left);
  return *group;
}

// The latest first moment of what came where `node` can be.
int64_t Order::LastInflow(NodeId node) {
  const auto [memo, is_new] = last_in_.try_emplace(node, Interval::kMin);
  if (!is_new) return memo->second;
  int64_t last = Interval::kMin;
  graph_.ForEachCompatible(graph_.node(node).place, [&](NodeId id) {
    for (EdgeId e = graph_.node(id).first_in; e != 0; e = graph_.edge(e).next_of_node) {
      if (graph_.edge(e).dead || graph_.step(graph_.edge(e).step).kind == StepKind::kIdentity) {
        continue;
      }
      last = std::max(last, Told(e).earliest);
    }
  });
  memo->second = last;
  return last;
}

bool Order::Lenient(EdgeId out) {
  const NodeId node = graph_.edge(out).node;
  const int64_t latest = Told(out).latest;
  if (LastInflow(node) <= latest) return false;  // nothing to exclude
  const auto [memo, is_new] = lenient_.try_emplace(out, false);
  if (!is_new) return memo->second;
  const Group& group = GroupOf(node);
  const auto up_to = [latest](const auto& edges) {
    return static_cast<size_t>(
        std::upper_bound(edges.begin(), edges.end(), std::pair(latest, ~EdgeId{0})) -
        edges.begin());
  };
  const size_t in = up_to(group.in);
  const std::optional<bool> short_of =
      in == 0 ? std::optional<bool>(true) : Less(group.came[in], group.left[up_to(group.out)]);
  if (!short_of.value_or(false)) return false;
  contradicted_.insert(out);
  lenient_[out] = true;
  return true;
}

// ----------------------------------------------------------------- vessels

const Order::Vessel& Order::VesselOf(NodeId node) {
  std::unique_ptr<Vessel>& vessel = vessels_[node];
  if (vessel != nullptr) return *vessel;
  vessel = std::make_unique<Vessel>();
  const Place& place = graph_.node(node).place;
  graph_.ForEachCompatible(place, [&](NodeId id) {
    for (EdgeId e = graph_.node(id).first_in; e != 0; e = graph_.edge(e).next_of_node) {
      if (!graph_.edge(e).dead) vessel->fills.push_back(e);
    }
    for (EdgeId e = graph_.node(id).first_out; e != 0; e = graph_.edge(e).next_of_node) {
      if (!graph_.edge(e).dead) vessel->draws.push_back(e);
    }
  });
  const Name name = graph_.Find(Graph::VesselName(graph_.text(graph_.unit(place.unit).key)));
  const std::vector<Mark>* const marks = name == 0 ? nullptr : graph_.MarksOfEquipment(name);
  if (marks == nullptr) return *vessel;
  for (const Mark& mark : *marks) {
    if (!graph_.IsLive(mark.event) || !graph_.HoldersCompatible(mark.place.holder, place.holder)) {
      continue;
    }
    const genealogy::EventInfo& event = graph_.event(mark.event);
    switch (mark.kind) {
      case MarkKind::kEmptied:
      case MarkKind::kCleaned:
        vessel->emptied.push_back({event.begin.earliest, event.end.latest});
        break;
      case MarkKind::kMixed:
      case MarkKind::kFirstInFirstOut: {
        Vessel::Rule& rule = vessel->rules.emplace_back();
        rule.since = mark.since;
        rule.first_in_first_out = mark.kind == MarkKind::kFirstInFirstOut;
        if (mark.unit != 0) rule.margin = MeasureOf(graph_, {mark.value, mark.scale, mark.unit});
        break;
      }
      case MarkKind::kDwell:
        // Told with the way of the same version, behind it.
        if (!vessel->rules.empty()) vessel->rules.back().dwell = mark.value;
        break;
      default:
        break;
    }
  }
  std::stable_sort(vessel->rules.begin(), vessel->rules.end(),
                   [](const auto& a, const auto& b) { return a.since < b.since; });
  return *vessel;
}

// What was declared before `when`, last.
const Order::Vessel::Rule& Order::RuleAt(const Vessel& vessel, int64_t when) const {
  static const Vessel::Rule kNone;
  const Vessel::Rule* rule = &kNone;
  for (const Vessel::Rule& one : vessel.rules) {
    if (one.since <= when) rule = &one;
  }
  return *rule;
}

// Was the vessel empty in between, whatever the doubts?
bool Order::Separated(const Vessel& vessel, const Interval& first, const Interval& then) const {
  return std::any_of(vessel.emptied.begin(), vessel.emptied.end(), [&](const Interval& empty) {
    return first.latest < empty.earliest && empty.latest < then.earliest;
  });
}

bool Order::Mixes(const Vessel& vessel, EdgeId fill, EdgeId draw) const {
  const Interval in = Told(fill);
  const Interval out = Told(draw);
  if (in.earliest > out.latest || Separated(vessel, in, out)) return false;
  const int64_t dwell = RuleAt(vessel, out.earliest).dwell;
  return dwell == 0 || Later(in.latest, dwell) >= out.earliest;
}

// As the first that came is the first that goes: the stretch of the stream that `fill`
// was, and that `draw` took, by all orders that the times allow.
bool Order::Follows(const Vessel& vessel, EdgeId fill, EdgeId draw) const {
  const Interval out = Told(draw);
  const auto stretch = [&](const std::vector<EdgeId>& edges, EdgeId of) {
    const Interval when = Told(of);
    __int128 least = 0;
    __int128 most = MeasureAt(of)->value;
    for (const EdgeId other : edges) {
      if (other == of || Separated(vessel, Told(other), out) ||
          Separated(vessel, out, Told(other))) {
        continue;
      }
      const Interval at = Told(other);
      const __int128 value = MeasureAt(other)->value;
      if (at.latest < when.earliest) least += value;
      if (at.earliest <= when.latest) most += value;
    }
    return std::pair(least, most);
  };
  const auto [in_from, in_to] = stretch(vessel.fills, fill);
  const auto [out_from, out_to] = stretch(vessel.draws, draw);
  const Vessel::Rule& rule = RuleAt(vessel, out.earliest);
  const __int128 margin = rule.margin.has_value() ? rule.margin->value : 0;
  return in_from < out_to + margin && out_from < in_to + margin;
}

Order::Way Order::WayOf(const Vessel& vessel, EdgeId draw) {
  const auto [memo, is_new] = ways_.try_emplace(draw, Way::kMixed);
  if (!is_new) return memo->second;
  const Interval out = Told(draw);
  const Vessel::Rule& rule = RuleAt(vessel, out.earliest);
  Way way = rule.first_in_first_out ? Way::kFirstInFirstOut : Way::kMixed;
  Sum drawn;
  drawn.Add(MeasureAt(draw));
  if (way == Way::kFirstInFirstOut) {
    // All must be known, and no more have gone than came.
    Sum came;
    Sum gone = drawn;
    if (rule.margin.has_value()) {
      Sum margin;
      margin.Add(rule.margin);
      if (!Less(margin, drawn).has_value()) way = Way::kMixed;
    }
    for (const EdgeId fill : vessel.fills) {
      if (!Separated(vessel, Told(fill), out) && !Separated(vessel, out, Told(fill))) {
        came.Add(MeasureAt(fill));
      }
    }
    for (const EdgeId other : vessel.draws) {
      if (other != draw && !Separated(vessel, Told(other), out) &&
          !Separated(vessel, out, Told(other))) {
        const std::optional<Measure> value = MeasureAt(other);
        if (!value.has_value()) way = Way::kMixed;
        if (Told(other).latest < out.earliest) gone.Add(value);
      }
    }
    const std::optional<bool> contradicts = Less(came, gone);
    if (!contradicts.has_value() || *contradicts) {
      if (way == Way::kFirstInFirstOut) contradicted_.insert(draw);
      way = Way::kMixed;
    }
  }
  const auto accounts = [&](Way by) {
    Sum held;
    bool some = false;
    for (const EdgeId fill : vessel.fills) {
      if (!Mixes(vessel, fill, draw) ||
          (by == Way::kFirstInFirstOut && !Follows(vessel, fill, draw))) {
        continue;
      }
      some = true;
      held.Add(MeasureAt(fill));
    }
    return some && !Less(held, drawn).value_or(false);
  };
  if (way == Way::kFirstInFirstOut && !accounts(way)) {
    contradicted_.insert(draw);
    way = Way::kMixed;
  }
  if (way == Way::kMixed && !accounts(way)) {
    contradicted_.insert(draw);
    way = Way::kAny;
  }
  ways_[draw] = way;
  return way;
}

bool Order::Holds(EdgeId fill, EdgeId draw) {
  const Vessel& vessel = VesselOf(graph_.edge(draw).node);
  switch (WayOf(vessel, draw)) {
    case Way::kAny:
      return true;
    case Way::kMixed:
      return Mixes(vessel, fill, draw);
    case Way::kFirstInFirstOut:
      return Mixes(vessel, fill, draw) && Follows(vessel, fill, draw);
  }
  return true;
}

bool Order::Unruly(EdgeId draw) {
  return WayOf(VesselOf(graph_.edge(draw).node), draw) == Way::kAny;
}

// -------------------------------------------------------------------- runs

std::optional<int64_t> Order::DwellOf(EdgeId output) {
  const auto [memo, is_new] = dwells_.try_emplace(output);
  if (!is_new) return memo->second;
  const std::vector<Name> equipment = graph_.EquipmentOf(graph_.edge(output).step);
  if (equipment.empty()) return std::nullopt;
  const Name holder = graph_.node(graph_.edge(output).node).place.holder;
  int64_t dwell = 0;
  for (const Name name : equipment) {
    int64_t longest = 0;
    int64_t since = Interval::kMin;
    if (const std::vector<Mark>* const marks = graph_.MarksOfEquipment(name)) {
      for (const Mark& mark : *marks) {
        if (mark.kind != MarkKind::kDwell || !graph_.IsLive(mark.event) || mark.since < since ||
            mark.since > graph_.SliceOf(output).from ||
            !graph_.HoldersCompatible(mark.place.holder, holder)) {
          continue;
        }
        since = mark.since;
        longest = mark.value;
      }
    }
    if (longest == 0) return std::nullopt;
    dwell = Later(dwell, longest);
  }
  memo->second = dwell;
  return dwell;
}

bool Order::MeetsBySlices(EdgeId input, EdgeId output) {
  const Slice& in = graph_.SliceOf(input);
  const Slice& out = graph_.SliceOf(output);
  if (in.from > out.to || !SerialsMeet(graph_, in, out)) return false;
  const std::optional<int64_t> dwell = DwellOf(output);
  return !dwell.has_value() || Later(in.to, *dwell) >= out.from;
}

bool Order::Meets(EdgeId input, EdgeId output) {
  if (!graph_.edge(input).sliced || !graph_.edge(output).sliced) return true;
  if (MeetsBySlices(input, output)) return true;
  const auto [memo, is_new] = unmet_.try_emplace(output, false);
  if (!is_new) return memo->second;
  bool met = false;
  for (EdgeId e = graph_.step(graph_.edge(output).step).first_input; e != 0 && !met;
       e = graph_.edge(e).next_of_step) {
    met = !graph_.edge(e).dead && (!graph_.edge(e).sliced || MeetsBySlices(e, output));
  }
  if (!met) contradicted_.insert(output);
  memo->second = !met;
  return !met;
}

}  // namespace suyuan::trace

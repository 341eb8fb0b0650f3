// What times, vessels and slices exclude, and what is certain: named stories, and an oracle over
// random networks. Source: decision 0019.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "tests/lib/trace/world.h"
#include "tests/support/every.h"

namespace suyuan {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using namespace tell;  // NOLINT(google-build-using-namespace)

// ------------------------------------------------- more words to tell events

// A unit that goes into a vessel.
Ref Into(Ref unit, const std::string& vessel) {
  unit.ref.set_vessel(vessel);
  return unit;
}
// What is drawn from a vessel, and the number that it is told or given.
Ref From(const std::string& vessel, const std::string& unit = "") { return Into(unit, vessel); }
// Some lot of a product, or one of these.
Ref Unnamed(const std::string& product, const std::vector<std::string>& any_of = {}) {
  Ref unit("");
  unit.ref.set_product(product);
  for (const std::string& key : any_of) unit.ref.add_any_of(key);
  return unit;
}
v1::Quantity Quantity(int64_t value, const std::string& unit) {
  v1::Quantity quantity = Kg(value);
  quantity.set_unit(unit);
  return quantity;
}
v1::RunSlice Between(int64_t begin, int64_t end, int64_t margin = 0) {
  v1::RunSlice slice;
  *slice.mutable_time()->mutable_begin() = Minute(begin);
  *slice.mutable_time()->mutable_end() = Minute(end);
  *slice.mutable_time_margin() = Quantity(margin * 60, "SEC");
  return slice;
}
v1::RunSlice Items(int64_t first, int64_t last, int margin = 0) {
  v1::RunSlice slice;
  slice.mutable_serials()->set_first("C" + std::to_string(10'000 + first));
  slice.mutable_serials()->set_last("C" + std::to_string(10'000 + last));
  slice.set_serial_margin(margin);
  return slice;
}
// A charge or an output of a slice of its run, at the time of the slice if that has one.
Told Sliced(Told told, const v1::RunSlice& slice, const std::string& equipment = "") {
  v1::Event& event = told.event;
  if (slice.has_time()) *event.mutable_time() = slice.time();
  const auto set = [&](auto& body) {
    *body.mutable_slice() = slice;
    if (!equipment.empty()) body.add_equipment(equipment);
  };
  event.has_charge() ? set(*event.mutable_charge()) : set(*event.mutable_produce());
  return told;
}
Told PutIn(const Ref& unit) {
  Told told;
  *told.event.mutable_put_in()->mutable_unit() = unit.ref;
  return told;
}
// A check that failed is no word on whether it was empty.
Told Empty(const std::string& vessel, v1::EquipmentWork work = v1::EQUIPMENT_EMPTIED) {
  Told told;
  told.event.mutable_record_equipment()->set_equipment(vessel);
  told.event.mutable_record_equipment()->set_work(work);
  told.event.mutable_record_equipment()->set_verdict(v1::VERDICT_FAIL);
  return told;
}
// With a margin, in kilograms: first in, first out. The dwell is in minutes.
Told EquipmentMaster(const std::string& name, const std::string& place, int64_t from_second,
                     std::optional<int64_t> margin, std::optional<int64_t> dwell) {
  Told told;
  v1::RegisterMaster& master = *told.event.mutable_register_master();
  *master.mutable_effective_from() =
      ExactTime((kDaySeconds + from_second) * 1'000'000, kOffsetMinutes);
  *told.event.mutable_time()->mutable_begin() = master.effective_from();
  v1::EquipmentVersion& equipment = *master.mutable_equipment();
  equipment.set_equipment(name);
  equipment.set_place(place);
  if (margin) equipment.set_flow(v1::FLOW_FIRST_IN_FIRST_OUT);
  if (margin) *equipment.mutable_flow_margin() = Kg(*margin);
  if (dwell) *equipment.mutable_longest_dwell() = Quantity(*dwell * 60, "SEC");
  return told;
}
constexpr int64_t kLongAgo = -10'000'000;

// ---------------------------------------------------------------- the oracle

struct Telling {
  uint32_t ledger = 0;
  v1::Event event;
};

// Units that a closure lists, and those of them that are certain.
struct Found {
  Keys units;
  Keys certain;
  friend bool operator==(const Found&, const Found&) = default;
};
void PrintTo(const Found& found, std::ostream* out) {
  for (const std::string& unit : found.units) {
    *out << ' ' << unit << (found.certain.contains(unit) ? "!" : "");
  }
}

// So that its mirror image can be told.
constexpr int64_t kEver = -Interval::kMax;
constexpr int64_t kUnbounded = 1'000'000'000'000;  // grams

int64_t Later(int64_t moment, int64_t micros) {
  return moment > Interval::kMax - micros ? Interval::kMax : moment + micros;
}

struct Node {
  std::string unit;  // or "vessel:<name>"
  std::string holder;
  bool IsVessel() const { return unit.starts_with("vessel:"); }
  friend auto operator<=>(const Node&, const Node&) = default;
};

struct Edge {
  bool comes = false;  // to its node; else it leaves it
  Node node;
  std::optional<v1::UnitRef> unnamed;
  std::string step;
  int64_t b = 0;
  int64_t e = 0;
  int64_t path_b = 0;
  std::optional<int64_t> grams;
  bool counts = true;  // told by whoever keeps a ledger there
  std::optional<v1::RunSlice> slice;
};

using Edges = std::vector<size_t>;

class Oracle {
 public:
  explicit Oracle(const std::vector<Telling>& tellings) {
    std::set<std::pair<uint32_t, std::string>> withdrawn;
    for (const auto& [ledger, event] : tellings) {
      if (event.has_genesis()) owners_[ledger] = event.genesis().owner();
      if (event.has_correct()) withdrawn.insert({ledger, event.correct().withdrawn_event_id()});
    }
    for (const auto& [ledger, event] : tellings) {
      if (!withdrawn.contains({ledger, event.id()})) Read(ledger, event);
    }
    for (size_t index = 0; index < edges_.size(); ++index) {
      (edges_[index].comes ? ins_ : outs_).push_back(index);
      if (!edges_[index].unnamed) nodes_.insert(edges_[index].node);
    }
    for (size_t o : outs_) {
      const bool anew = edges_[o].node.IsVessel() ? FindFills(o) : FindInflows(o);
      for (size_t f : inflows_[o]) hops_.push_back({f, o, anew});
    }
    for (size_t i : ins_) {
      FindInputs(i);
      for (size_t o : inputs_[i]) hops_.push_back({o, i, edges_[o].b > edges_[i].e});
    }
  }

  Found Trace(const std::string& origin, Direction direction) const {
    const bool forward = direction == Direction::kForward;
    // A node is entered by an inflow, and backward by an outflow.
    const auto units = [&](const std::set<size_t>& edges) {
      Keys keys;
      for (size_t index : edges) {
        if (edges_[index].comes != forward) continue;
        for (const Node& node : NodesOf(index)) {
          if (!node.IsVessel() && node.unit != origin) keys.insert(node.unit);
        }
      }
      return keys;
    };
    const std::set<size_t> reached = Reach(origin, forward);
    return {units(reached),
            units(forward ? CertainForward(origin, reached) : CertainBackward(origin, reached))};
  }

  Keys Units() const {
    Keys units;
    for (const Node& node : nodes_) {
      if (!node.IsVessel()) units.insert(node.unit);
    }
    return units;
  }

 private:
  // From an inflow to an outflow of one node, or from an input to an output of one step.
  struct Hop {
    size_t from = 0;
    size_t to = 0;
    bool anew = false;  // paths begin again behind it
  };
  struct Version {
    Node equipment;
    int64_t from = kEver;
    bool in_order = false;
    int64_t margin = 0;
    std::optional<int64_t> dwell;
  };

  // ---- what an event tells

  void Read(uint32_t ledger, const v1::Event& event) {
    const std::string place = event.place().empty() ? owners_[ledger] : event.place();
    const std::string own = std::to_string(ledger) + "/" + event.id();
    Edge like;
    like.b = like.path_b = std::max(BeginOf(event.time()).earliest, kEver);
    like.e = EndOf(event.time()).latest;
    const auto vessel = [&](const std::string& name) { return Node{"vessel:" + name, place}; };
    const auto grams = [](const auto& body) -> std::optional<int64_t> {
      if (!body.has_quantity()) return std::nullopt;
      return body.quantity().value() * (body.quantity().unit() == "KGM" ? 1000 : 1);
    };
    const auto add = [&](bool comes, const std::string& step, const Node& node,
                         std::optional<int64_t> quantity) {
      Edge& edge = edges_.emplace_back(like);
      edge.comes = comes;
      edge.step = step;
      edge.node = node;
      edge.grams = quantity;
      for (const auto& [keeper, owner] : owners_) {
        const bool keeps = node.holder == owner || node.holder.starts_with(owner + "/");
        if (keeps && keeper != ledger) edge.counts = false;
      }
    };
    const auto leaves = [&](const std::string& step, const auto& body) {
      const v1::UnitRef& unit = body.unit();
      const bool draws = !unit.vessel().empty();
      if (draws) add(false, step, vessel(unit.vessel()), grams(body));
      if (draws && unit.key().empty()) return;
      add(false, step, {unit.key(), place}, draws ? std::nullopt : grams(body));
      if (unit.key().empty()) edges_.back().unnamed = unit;
    };
    const auto fills = [&](const auto& body) {
      if (body.unit().vessel().empty()) return;
      like.slice.reset();
      like.b = like.path_b = std::max(BeginOf(event.time()).earliest, kEver);
      like.e = EndOf(event.time()).latest;
      add(false, own + "/fill", {body.unit().key(), place}, grams(body));
      add(true, own + "/fill", vessel(body.unit().vessel()), grams(body));
    };
    const auto comes = [&](const std::string& step, const auto& body) {
      add(true, step, {body.unit().key(), place}, grams(body));
      fills(body);
    };
    const auto passes = [&](const auto& body, const std::string& to) {
      const v1::UnitRef& unit = body.unit();
      if (!unit.vessel().empty()) {
        add(false, own + "/draw", vessel(unit.vessel()), grams(body));
        add(true, own + "/draw", {unit.key(), place}, grams(body));
      }
      add(false, own, {unit.key(), place}, grams(body));
      add(true, own, {unit.key(), to}, grams(body));
    };
    const auto run_of = [&](const auto& body) {
      if (body.has_slice()) like.slice = body.slice();
      if (body.slice().has_time()) {
        const int64_t margin = body.slice().time_margin().value() * 1'000'000;
        like.b = like.path_b = BeginOf(body.slice().time()).earliest - margin;
        like.e = EndOf(body.slice().time()).latest + margin;
      }
      return body.run().empty() ? own : std::to_string(ledger) + "/run/" + body.run();
    };
    const auto goes_in = [&](const auto& body) {
      // Operators key at the end of the shift.
      if (!body.has_slice()) like.path_b = kEver;
      leaves(run_of(body), body);
    };
    const auto equipment = [&](const auto& body) {
      for (const auto& name : body.equipment()) equipment_[run_of(body)].insert(vessel(name));
    };
    if (event.has_register_master()) {
      const v1::EquipmentVersion& told = event.register_master().equipment();
      Version& version = versions_.emplace_back();
      version.equipment = {"vessel:" + told.equipment(), told.place()};
      version.from = IntervalOf(event.register_master().effective_from()).earliest;
      version.in_order = told.flow() == v1::FLOW_FIRST_IN_FIRST_OUT;
      version.margin = told.flow_margin().value() * 1000;
      if (told.has_longest_dwell()) version.dwell = told.longest_dwell().value() * 1'000'000;
    } else if (event.has_record_equipment()) {
      like.node = vessel(event.record_equipment().equipment());
      emptyings_.push_back(like);
    } else if (event.has_receive()) {
      const v1::Receive& receive = event.receive();
      add(false, own, {receive.unit().key(), receive.supplier()}, grams(receive));
      comes(own, receive);
    } else if (event.has_put_in()) {
      fills(event.put_in());
    } else if (event.has_open_stock()) {
      comes(own, event.open_stock());
    } else if (event.has_move()) {
      passes(event.move(), event.move().to());
    } else if (event.has_ship()) {
      passes(event.ship(), event.ship().customer());
    } else if (event.has_charge()) {
      equipment(event.charge());
      goes_in(event.charge());
    } else if (event.has_rework()) {
      goes_in(event.rework());
    } else if (event.has_produce()) {
      equipment(event.produce());
      comes(run_of(event.produce()), event.produce());
    } else if (event.has_split()) {
      leaves(own, event.split().from());
      for (const v1::UnitQuantity& to : event.split().to()) comes(own, to);
    } else if (event.has_merge()) {
      for (const v1::UnitQuantity& from : event.merge().from()) leaves(own, from);
      comes(own, event.merge().to());
    } else if (event.has_record_waste()) {
      leaves(own, event.record_waste());
    } else if (event.has_take_sample()) {
      leaves(own, event.take_sample());
    } else if (event.has_destroy_goods()) {
      leaves(own, event.destroy_goods());
    }
  }

  // One, or where nobody named the lot all that it can be.
  std::vector<Node> NodesOf(size_t index) const {
    const Edge& edge = edges_[index];
    if (!edge.unnamed) return {edge.node};
    const std::string product = "/" + edge.unnamed->product() + "/";
    const auto& any_of = edge.unnamed->any_of();
    std::vector<Node> nodes;
    for (const Node& node : nodes_) {
      const bool fits = edge.unnamed->product().empty()
                            ? std::count(any_of.begin(), any_of.end(), node.unit) != 0
                            : node.unit.find(product) != std::string::npos;
      if (fits && node.holder == edge.node.holder) nodes.push_back(node);
    }
    return nodes;
  }
  bool IsOf(size_t index, const std::string& origin) const {
    const std::vector<Node> nodes = NodesOf(index);
    return std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) { return n.unit == origin; });
  }

  // ---- which inflow an outflow can be, whatever the path knows

  // Nothing where some of it has no quantity.
  std::optional<int64_t> Sum(const Edges& edges) const {
    int64_t sum = 0;
    for (size_t index : edges) {
      if (!edges_[index].counts) continue;
      if (!edges_[index].grams) return std::nullopt;
      sum += *edges_[index].grams;
    }
    return sum;
  }
  static bool Less(const std::optional<int64_t>& sum, const std::optional<int64_t>& other) {
    return sum && other && *sum < *other;
  }

  // Each says whether paths begin anew with the outflow `o`.
  bool FindInflows(size_t o) {
    const std::vector<Node> nodes = NodesOf(o);
    Edges all;
    Edges before;
    Edges taken;
    for (size_t f : ins_) {
      if (std::count(nodes.begin(), nodes.end(), edges_[f].node) == 0) continue;
      all.push_back(f);
      if (edges_[f].b <= edges_[o].e) before.push_back(f);
    }
    for (size_t other : outs_) {
      if (edges_[other].node == edges_[o].node && edges_[other].e <= edges_[o].e) {
        taken.push_back(other);
      }
    }
    const bool lenient =
        before.size() < all.size() && (before.empty() || Less(Sum(before), Sum(taken)));
    inflows_[o] = lenient ? all : before;
    return lenient;
  }

  bool FindFills(size_t o) {
    const Edge& draw = edges_[o];
    Version version;
    for (const Version& each : versions_) {
      const bool is_before = version.from < each.from && each.from <= draw.b;
      if (each.equipment == draw.node && is_before) version = each;
    }
    version.in_order = version.in_order && !MoreWasDrawnThanCame(o);
    Edges all;
    Edges in_time;
    Edges in_order;
    for (size_t f : ins_) {
      const Edge& fill = edges_[f];
      if (fill.node != draw.node) continue;
      all.push_back(f);
      if (fill.b > draw.e || (version.dwell && Later(fill.e, *version.dwell) < draw.b)) continue;
      const bool emptied = std::any_of(emptyings_.begin(), emptyings_.end(), [&](const Edge& z) {
        return z.node == draw.node && fill.e < z.b && z.e < draw.b;
      });
      if (emptied) continue;
      in_time.push_back(f);
      const auto [begin, end] = StretchOf(f, version.margin);
      const auto [draw_begin, draw_end] = StretchOf(o, 0);
      if (!version.in_order || (begin < draw_end && draw_begin < end)) in_order.push_back(f);
    }
    for (const Edges& admitted : {in_order, in_time}) {
      inflows_[o] = admitted;
      if (!admitted.empty() && !Less(Sum(admitted), draw.grams)) return false;
    }
    inflows_[o] = all;
    return true;
  }

  // From where to where in the stream of its vessel it can have lain.
  bool MoreWasDrawnThanCame(size_t o) const {
    int64_t came = 0;
    int64_t gone = edges_[o].grams.value_or(0);
    for (size_t f : ins_) {
      if (edges_[f].node == edges_[o].node) came += edges_[f].grams.value_or(kUnbounded);
    }
    for (size_t other : outs_) {
      if (edges_[other].node == edges_[o].node && edges_[other].e < edges_[o].b) {
        gone += edges_[other].grams.value_or(0);
      }
    }
    return gone > came;
  }
  std::pair<int64_t, int64_t> StretchOf(size_t index, int64_t margin) const {
    const Edge& edge = edges_[index];
    std::pair<int64_t, int64_t> stretch = {-margin, edge.grams.value_or(kUnbounded) + margin};
    for (size_t each : edge.comes ? ins_ : outs_) {
      const Edge& other = edges_[each];
      if (each == index || other.node != edge.node) continue;
      if (other.e < edge.b) stretch.first += other.grams.value_or(0);
      if (other.b <= edge.e) stretch.second += other.grams.value_or(kUnbounded);
    }
    return stretch;
  }

  // ---- which input is in an output

  bool IsDerived(size_t o, size_t i) const { return edges_[o].slice && edges_[i].slice; }

  void FindInputs(size_t i) {
    Edges all;
    for (size_t o : outs_) {
      if (edges_[o].step != edges_[i].step) continue;
      all.push_back(o);
      if (!IsDerived(o, i) || SlicesMeet(edges_[o], edges_[i])) inputs_[i].push_back(o);
    }
    if (inputs_[i].empty()) inputs_[i] = all;
  }

  bool SlicesMeet(const Edge& out, const Edge& in) const {
    const v1::RunSlice& input = *out.slice;
    const v1::RunSlice& output = *in.slice;
    if (input.has_time() && output.has_time()) {
      const int64_t margin =
          (input.time_margin().value() + output.time_margin().value()) * 1'000'000;
      const int64_t input_end = Later(EndOf(input.time()).latest, margin);
      const int64_t output_end = Later(EndOf(output.time()).latest, margin);
      const std::optional<int64_t> dwell = DwellOf(in.step);
      if (BeginOf(input.time()).earliest > output_end) return false;
      if (dwell && Later(input_end, *dwell) < BeginOf(output.time()).earliest) return false;
    }
    if (!input.has_serials() || !output.has_serials()) return true;
    const int margin = input.serial_margin() + output.serial_margin();
    const auto number = [](const std::string& code) { return std::stoi(code.substr(1)); };
    return number(input.serials().first()) <= number(output.serials().last()) + margin &&
           number(output.serials().first()) <= number(input.serials().last()) + margin;
  }

  // Of all equipment together; nothing: no bound.
  std::optional<int64_t> DwellOf(const std::string& run) const {
    if (!equipment_.contains(run)) return std::nullopt;
    int64_t sum = 0;
    for (const Node& equipment : equipment_.at(run)) {
      const auto version = std::find_if(
          versions_.begin(), versions_.end(),
          [&](const Version& each) { return each.equipment == equipment && each.dwell; });
      if (version == versions_.end()) return std::nullopt;
      sum += *version->dwell;
    }
    return sum;
  }

  // ---- what is possible, and what is certain

  // Edges that paths reach: those that the least t of each does. Backward the clock runs backward.
  std::set<size_t> Reach(const std::string& origin, bool forward) const {
    const auto b = [&](size_t edge) { return forward ? edges_[edge].path_b : -edges_[edge].e; };
    const auto e = [&](size_t edge) { return forward ? edges_[edge].e : -edges_[edge].path_b; };
    std::map<size_t, int64_t> least;
    std::set<size_t> reached;
    for (size_t edge : forward ? outs_ : ins_) {
      if (IsOf(edge, origin)) least[edge] = b(edge);
    }
    for (bool again = true; again;) {
      again = false;
      for (const Hop& hop : hops_) {
        const auto [from, to] = forward ? std::pair(hop.from, hop.to) : std::pair(hop.to, hop.from);
        if (!least.contains(from) || (!hop.anew && least[from] > e(to))) continue;
        const int64_t t = hop.anew ? b(to) : std::max(least[from], b(to));
        if (least.contains(to) && least[to] <= t) continue;
        least[to] = t;
        again = true;
      }
    }
    for (const auto& [edge, t] : least) reached.insert(edge);
    return reached;
  }

  // Is more taken by `o` than can have come with the others?
  bool TakesMoreThan(const Edges& others, size_t o) const {
    return others.empty() || Less(Sum(others), edges_[o].grams);
  }

  std::set<size_t> CertainForward(const std::string& origin,
                                  const std::set<size_t>& reached) const {
    std::set<size_t> certain;
    const auto prove = [&](size_t edge) {
      if (reached.contains(edge)) certain.insert(edge);
    };
    const auto is_certain = [&](size_t edge) { return certain.contains(edge); };
    for (size_t size = 0; size != certain.size() + 1;) {
      size = certain.size() + 1;
      for (size_t o : outs_) {
        Edges others;
        for (size_t f : inflows_.at(o)) {
          if (!is_certain(f)) others.push_back(f);
        }
        const bool some = others.size() < inflows_.at(o).size();
        const bool forced = IsOf(o, origin) || (some && TakesMoreThan(others, o));
        if (forced && !edges_[o].unnamed) prove(o);
      }
      for (size_t i : ins_) {
        size_t derived = 0;
        size_t proved = 0;
        for (size_t o : inputs_.at(i)) {
          if (IsDerived(o, i)) ++derived;
          if (IsDerived(o, i) && is_certain(o)) ++proved;
          if (!IsDerived(o, i) && is_certain(o)) prove(i);
        }
        if (derived != 0 && derived == proved) prove(i);
      }
    }
    return certain;
  }

  std::set<size_t> CertainBackward(const std::string& origin,
                                   const std::set<size_t>& reached) const {
    std::set<size_t> certain;
    const auto prove = [&](size_t edge) {
      if (reached.contains(edge)) certain.insert(edge);
    };
    for (size_t size = 0; size != certain.size() + 1;) {
      size = certain.size() + 1;
      for (size_t i : ins_) {
        if (IsOf(i, origin)) prove(i);
        if (!certain.contains(i)) continue;
        const auto derived = std::count_if(inputs_.at(i).begin(), inputs_.at(i).end(),
                                           [&](size_t o) { return IsDerived(o, i); });
        for (size_t o : inputs_.at(i)) {
          if (edges_[o].unnamed || (IsDerived(o, i) && derived > 1)) continue;
          prove(o);
        }
      }
      for (size_t o : outs_) {
        for (size_t f : inflows_.at(o)) {
          Edges others = inflows_.at(o);
          others.erase(std::find(others.begin(), others.end(), f));
          if (certain.contains(o) && TakesMoreThan(others, o)) prove(f);
        }
      }
    }
    return certain;
  }

  std::map<uint32_t, std::string> owners_;  // by ledger
  std::vector<Edge> edges_;
  std::vector<Edge> emptyings_;
  std::vector<Version> versions_;
  std::map<std::string, std::set<Node>> equipment_;  // by run
  std::set<Node> nodes_;
  Edges ins_;
  Edges outs_;
  std::map<size_t, Edges> inflows_;  // by outflow
  std::map<size_t, Edges> inputs_;   // by output
  std::vector<Hop> hops_;
};

// Events, told to the engine and to the oracle alike.
struct Records {
  World world;
  std::vector<Telling> tellings;

  uint32_t AddLedger(const std::string& owner) {
    const uint32_t ledger = world.AddLedger(owner);
    tellings.push_back({ledger, Genesis(owner).event});
    return ledger;
  }
  void Say(uint32_t ledger, Told told) {
    if (told.event.id().empty()) told.event.set_id("s" + std::to_string(tellings.size()));
    tellings.push_back({ledger, told.event});
    world.Record(ledger, std::move(told));
  }
  Found Ask(const std::string& unit, Direction direction) const {
    Found found;
    for (const TracedUnit& traced : world.MustTrace(unit, direction).units) {
      EXPECT_FALSE(traced.key.starts_with("vessel:") || traced.key.starts_with("any:"))
          << traced.key;
      EXPECT_TRUE(found.units.insert(traced.key).second) << traced.key << " is listed twice";
      if (traced.certain) found.certain.insert(traced.key);
    }
    return found;
  }
  std::string Text() const {
    std::string text;
    for (const Telling& telling : tellings) text += telling.event.ShortDebugString() + "\n";
    return text;
  }
};

// ------------------------------------------------------------------- stories

const std::string kDairy = "ext:own:dairy";
const std::string kPlant = "ext:own:dairy/plant";
const std::string kDepot = "ext:own:dairy/depot";
const std::string kFarm = "ext:own:farm";
const std::string kShop = "ext:own:shop";
const std::string kBaker = "ext:own:baker";
const std::string kCook = "ext:own:cook";

const std::string kFeed = "lot:ext:own:mill/feed/F1";
const std::string kTank = "lot:ext:own:farm/tank/T1";
const std::string kMilk1 = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kMilk3 = "lot:ext:own:farm/milk/M3";
const std::string kCream = "lot:ext:own:farm/cream/M1";
const std::string kLids1 = "lot:ext:own:tinsmith/lid/K1";
const std::string kLids2 = "lot:ext:own:tinsmith/lid/K2";
const std::string kPowder1 = "lot:ext:own:dairy/powder/L1";
const std::string kPowder2 = "lot:ext:own:dairy/powder/L2";
const std::string kPowder3 = "lot:ext:own:dairy/powder/L3";
const std::string kBread = "lot:ext:own:baker/bread/B1";
const std::string kCake = "lot:ext:own:baker/cake/B2";
const std::string kSoup = "lot:ext:own:cook/soup/C1";

Found Certain(const Keys& units) { return {units, units}; }
Found Possible(const Keys& units) { return {units, {}}; }

// What the stories say of the engine holds of the oracle too.
class TimeStory : public ::testing::Test {
 protected:
  void Say(Told told) { records_.Say(dairy_, std::move(told)); }
  // Milk of the farm comes into a silo of the dairy.
  void Fill(const std::string& milk, int64_t minute, int64_t kg = 10) {
    Say(Receive(Into(milk, "silo"), kFarm).Of(kg).At(minute));
  }
  // A run takes from the silo.
  void Draw(const std::string& run, const std::string& powder, int64_t minute, int64_t kg = 10) {
    Say(Charge(run, From("silo")).Of(kg).At(minute));
    Say(Produce(run, powder).At(minute + 5));
  }
  void DeclareInOrder(int64_t margin) {
    Say(EquipmentMaster("silo", kDairy, kLongAgo, margin, std::nullopt));
  }
  void TellThreeBatches() {
    Fill(kMilk1, 0);
    Fill(kMilk2, 1);
    Fill(kMilk3, 2);
    Draw("R1", kPowder1, 10);
    Draw("R2", kPowder2, 20);
    Draw("R3", kPowder3, 30);
  }
  void TellTenMinuteSlices(std::optional<int64_t> dwell) {
    Say(EquipmentMaster("dryer", kDairy, kLongAgo, std::nullopt, dwell));
    Say(Sliced(Charge("R1", kMilk1), Between(0, 10), "dryer"));
    Say(Sliced(Produce("R1", kPowder1), Between(15, 25)));
    Say(Sliced(Charge("R1", kMilk2), Between(30, 40)));
    Say(Sliced(Produce("R1", kPowder2), Between(45, 55)));
    Say(Sliced(Charge("R1", kMilk3), Between(60, 70)));
    Say(Sliced(Produce("R1", kPowder3), Between(75, 85), "dryer"));
  }
  void Make(const std::string& run, const std::string& input, const std::string& output,
            const std::string& place, int64_t minute) {
    Say(Charge(run, input).At(minute).In(place));
    Say(Produce(run, output).At(minute + 5).In(place));
  }

  Found Ask(const std::string& unit, Direction direction) const {
    const Found found = records_.Ask(unit, direction);
    EXPECT_EQ(Oracle(records_.tellings).Trace(unit, direction), found) << "the oracle, of " << unit;
    return found;
  }
  Found Forward(const std::string& unit) const { return Ask(unit, Direction::kForward); }
  Found Backward(const std::string& unit) const { return Ask(unit, Direction::kBackward); }
  std::vector<TraceConflict> Conflicts(const std::string& unit, Direction direction) const {
    return records_.world.MustTrace(unit, direction).conflicts;
  }

  Records records_;
  const uint32_t dairy_ = records_.AddLedger(kDairy);
};

TEST_F(TimeStory, ASiloThatIsNeverEmptyMixesAllThatCameBefore) {
  Fill(kMilk1, 0);
  Draw("R1", kPowder1, 10, 5);
  Fill(kMilk2, 20);
  Draw("R2", kPowder2, 30, 5);
  Fill(kMilk3, 40);
  EXPECT_EQ(Forward(kMilk1), (Found{{kPowder1, kPowder2}, {kPowder1}}));
  EXPECT_EQ(Forward(kMilk2), Possible({kPowder2}));
  EXPECT_EQ(Forward(kMilk3), Possible({}));
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk1}));
  EXPECT_EQ(Backward(kPowder2), Possible({kMilk1, kMilk2}));
}

TEST_F(TimeStory, FirstInFirstOutKeepsBatchesApart) {
  DeclareInOrder(0);
  TellThreeBatches();
  EXPECT_EQ(Forward(kMilk1), Certain({kPowder1}));
  EXPECT_EQ(Forward(kMilk3), Certain({kPowder3}));
  EXPECT_EQ(Backward(kPowder2), Certain({kMilk2}));
}

TEST_F(TimeStory, TheMarginKeepsNeighbours) {
  DeclareInOrder(2);
  TellThreeBatches();
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1, kPowder2}));
  EXPECT_EQ(Forward(kMilk2), Possible({kPowder1, kPowder2, kPowder3}));
  EXPECT_EQ(Backward(kPowder1), Possible({kMilk1, kMilk2}));
  EXPECT_EQ(Backward(kPowder3), Possible({kMilk2, kMilk3}));
}

TEST_F(TimeStory, MoreDrawnThanCameMakesTheOrderDoubtful) {
  DeclareInOrder(0);
  Fill(kMilk1, 0);
  Fill(kMilk2, 1);
  Draw("R1", kPowder1, 10);
  Draw("R2", kPowder2, 20);
  Draw("R3", kPowder3, 30);
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk1}));
  EXPECT_EQ(Backward(kPowder3), Possible({kMilk1, kMilk2}));
  EXPECT_EQ(Forward(kMilk1), (Found{{kPowder1, kPowder3}, {kPowder1}}));
  EXPECT_THAT(Conflicts(kPowder1, Direction::kBackward), IsEmpty());
  EXPECT_THAT(Conflicts(kPowder3, Direction::kBackward), Not(IsEmpty()));
  EXPECT_THAT(Conflicts(kMilk1, Direction::kForward), Not(IsEmpty()));
}

TEST_F(TimeStory, WhatLeftBeforeItWasSuspectIsNotFollowed) {
  Make("R1", kMilk1, kPowder1, kDairy, 10);
  Make("R2", kMilk1, kPowder2, kDairy, 50);
  const auto units = [&](TraceRequest request) {
    const auto result = trace::Trace(records_.world.graph(), records_.world.ledgers(), request);
    EXPECT_THAT(result, IsOk());
    Keys keys;
    if (result.ok()) {
      for (const TracedUnit& unit : result->units) keys.insert(unit.key);
    }
    return keys;
  };
  const int64_t noon = IntervalOf(Minute(30)).earliest;
  EXPECT_EQ(units({.unit = kMilk1, .direction = Direction::kForward, .from_micros = noon}),
            Keys({kPowder2}));
  EXPECT_EQ(units({.unit = kPowder2, .direction = Direction::kBackward, .until_micros = noon}),
            Keys());
  EXPECT_EQ(units({.unit = kPowder1, .direction = Direction::kBackward, .until_micros = noon}),
            Keys({kMilk1}));
}

TEST_F(TimeStory, TheSilosAreNamedAndAreNoUnits) {
  Fill(kMilk1, 0);
  Draw("R1", kPowder1, 10);
  const TraceResult result = records_.world.MustTrace(kMilk1, Direction::kForward);
  ASSERT_EQ(result.vessels.size(), 1);
  EXPECT_EQ(result.vessels[0].name, "silo");
  EXPECT_EQ(result.vessels[0].holder, kDairy);
}

TEST_F(TimeStory, NothingIsLeftInASiloThatWasEmptied) {
  Fill(kMilk1, 0);
  Draw("R1", kPowder1, 10, 5);
  Say(Empty("silo").At(20));
  Fill(kMilk2, 30);
  Draw("R2", kPowder2, 40, 5);
  EXPECT_EQ(Forward(kMilk1), Certain({kPowder1}));
  EXPECT_EQ(Forward(kMilk2), Certain({kPowder2}));
  EXPECT_EQ(Backward(kPowder2), Certain({kMilk2}));
}

TEST_F(TimeStory, WhatWasEmptiedSomeTimeThatDayMayHaveBeenFullStill) {
  Fill(kMilk1, 0);
  Say(Empty("silo").On("2025-11-03"));
  Fill(kMilk2, 30);
  Draw("R2", kPowder2, 40);
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder2}));
  EXPECT_EQ(Backward(kPowder2), Possible({kMilk1, kMilk2}));
}

TEST_F(TimeStory, ASiloOfAnotherPlaceIsAnotherSilo) {
  const std::string load = "lot:ext:own:dairy/load/T7";
  Say(Receive(Into(kMilk1, "silo"), kFarm).At(0).In(kPlant));
  Say(Receive(Into(kMilk2, "silo"), kFarm).At(0).In(kDepot));
  // A tank truck gets a number as it is filled.
  Say(Ship(From("silo", load), kShop).At(20).In(kPlant));
  Say(Charge("R1", From("silo", kMilk3)).At(30).In(kDepot));
  Say(Produce("R1", kPowder1).At(40).In(kDepot));
  EXPECT_EQ(Forward(kMilk1), Certain({load}));
  EXPECT_EQ(Backward(load), Certain({kMilk1}));
  // What the operator took it for is stated besides.
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk2, kMilk3}));
  EXPECT_EQ(Forward(kMilk3), Certain({kPowder1}));
}

TEST_F(TimeStory, NothingStaysLongerThanItsDwell) {
  TellTenMinuteSlices(30);
  EXPECT_EQ(Forward(kMilk1), Certain({kPowder1}));
  EXPECT_EQ(Forward(kMilk2), Certain({kPowder2}));
  EXPECT_EQ(Backward(kPowder2), Certain({kMilk2}));
  EXPECT_EQ(Backward(kPowder3), Certain({kMilk3}));
}

TEST_F(TimeStory, WithoutARecordedDwellEarlyInputsStayPossible) {
  TellTenMinuteSlices(std::nullopt);
  EXPECT_EQ(Forward(kMilk1), (Found{{kPowder1, kPowder2, kPowder3}, {kPowder1}}));
  EXPECT_EQ(Forward(kMilk3), Possible({kPowder3}));
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk1}));
  EXPECT_EQ(Backward(kPowder3).units, (Keys{kMilk1, kMilk2, kMilk3}));
}

TEST_F(TimeStory, AChargeKeyedAtTheEndOfTheShiftIsAParent) {
  Make("R0", kFeed, kMilk1, kFarm, -20);
  Say(Receive(kMilk1, kFarm).At(0));
  Say(Produce("R1", kPowder1).At(480));
  Say(Charge("R1", kMilk1).At(900));
  EXPECT_EQ(Forward(kFeed), Certain({kMilk1, kPowder1}));
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk1, kFeed}));
}

TEST_F(TimeStory, WhatWasShippedBeforeItCameStillHasItsOnlySource) {
  Make("R0", kFeed, kMilk1, kFarm, 0);
  Say(Receive(kMilk1, kFarm).At(100));
  Say(Ship(kMilk1, kCook).At(50));
  Make("R1", kMilk1, kSoup, kCook, 60);
  EXPECT_EQ(Forward(kFeed), Certain({kMilk1, kSoup}));
  EXPECT_EQ(Backward(kSoup), Certain({kMilk1, kFeed}));
  EXPECT_THAT(Conflicts(kFeed, Direction::kForward), Not(IsEmpty()));
  EXPECT_THAT(Conflicts(kSoup, Direction::kBackward), Not(IsEmpty()));
}

// One lot at two sites, and something went into it at one of them.
TEST_F(TimeStory, WhatCameAfterTheSaleWasNotSold) {
  Make("R1", kMilk1, kPowder1, kPlant, 0);
  Make("R2", kFeed, kPowder1, kDepot, 40);
  Say(Ship(kPowder1, kShop).At(10).In(kPlant));
  Say(Ship(kPowder1, kCook).At(60).In(kShop));
  Say(Ship(kPowder1, kShop).At(100).In(kDepot));
  Say(Ship(kPowder1, kBaker).At(150).In(kShop));
  Make("R3", kPowder1, kSoup, kCook, 70);
  Make("R4", kPowder1, kBread, kBaker, 160);
  EXPECT_EQ(Forward(kFeed), (Found{{kPowder1, kBread}, {kPowder1}}));
  EXPECT_EQ(Forward(kMilk1), (Found{{kPowder1, kSoup, kBread}, {kPowder1, kSoup}}));
  EXPECT_EQ(Backward(kSoup), Certain({kPowder1, kMilk1}));
  EXPECT_EQ(Backward(kBread), (Found{{kPowder1, kMilk1, kFeed}, {kPowder1}}));
}

// It was made at 00:25, shipped some time that day, and used at 00:10.
TEST_F(TimeStory, APathKeepsTimeAsAWhole) {
  Make("R1", kMilk1, kPowder1, kDairy, 20);
  Say(Ship(kPowder1, kCook).On("2025-11-03"));
  Make("R2", kPowder1, kSoup, kCook, 10);
  EXPECT_EQ(Forward(kMilk1), Certain({kPowder1}));
  EXPECT_EQ(Forward(kPowder1), Certain({kSoup}));
  EXPECT_EQ(Backward(kSoup), Certain({kPowder1}));
}

TEST_F(TimeStory, ALotThatNobodyNamedCanBeAnyOfItsProductOrOfTheNamed) {
  for (const std::string& lot : {kMilk1, kMilk2, kMilk3, kCream}) {
    Say(Receive(lot, kFarm).At(0).In(lot == kMilk3 ? kCook : kDairy));
  }
  Say(Charge("R1", Unnamed("milk")).At(10));
  Say(Produce("R1", kPowder1).At(20));
  Say(Charge("R2", Unnamed("", {kMilk2, kCream})).At(10));
  Say(Produce("R2", kPowder2).At(20));
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1}));
  EXPECT_EQ(Forward(kMilk2), Possible({kPowder1, kPowder2}));
  EXPECT_EQ(Forward(kMilk3), Possible({}));
  EXPECT_EQ(Backward(kPowder1), Possible({kMilk1, kMilk2}));
  EXPECT_EQ(Backward(kPowder2), Possible({kMilk2, kCream}));
}

TEST_F(TimeStory, APartialDateIsAnyMomentOfIt) {
  Say(Receive(Into(kMilk1, "silo"), kFarm).On("2025-11"));
  Say(Receive(Into(kMilk2, "silo"), kFarm).On("2025-12"));
  Say(Receive(Into(kMilk3, "silo"), kFarm));
  Draw("R1", kPowder1, 10);
  Say(Charge("R2", From("silo")));
  Say(Produce("R2", kPowder2));
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1, kPowder2}));
  EXPECT_EQ(Forward(kMilk2), Possible({kPowder2}));
  EXPECT_EQ(Backward(kPowder1), Possible({kMilk1, kMilk3}));
  EXPECT_EQ(Backward(kPowder2), Possible({kMilk1, kMilk2, kMilk3}));
}

TEST_F(TimeStory, WhatLiesInTheMarginOfALotBoundaryBelongsToBoth) {
  Say(EquipmentMaster("filler", kDairy, kLongAgo, std::nullopt, 1));
  Say(Sliced(Charge("R1", kMilk1), Between(0, 59), "filler"));
  Say(Sliced(Charge("R1", kMilk2), Between(61, 120)));
  Say(Sliced(Produce("R1", kPowder1), Between(0, 59)));
  Say(Sliced(Produce("R1", kPowder2), Between(61, 120, 5)));
  Say(Sliced(Produce("R1", kPowder3), Between(61, 120)));
  EXPECT_EQ(Forward(kMilk1), (Found{{kPowder1, kPowder2}, {kPowder1}}));
  EXPECT_EQ(Forward(kMilk2), (Found{{kPowder2, kPowder3}, {kPowder3}}));
  EXPECT_EQ(Backward(kPowder1), Certain({kMilk1}));
  EXPECT_EQ(Backward(kPowder3), Certain({kMilk2}));
}

TEST_F(TimeStory, LidsOfARangeOfItemsAreOnTheseAndInTheMarginOnTheNext) {
  Say(Charge("R1", kMilk1).At(0));
  Say(Sliced(Charge("R1", kLids1, v1::ROLE_PACKAGING), Items(1, 500)).At(10));
  Say(Sliced(Charge("R1", kLids2, v1::ROLE_PACKAGING), Items(501, 1000)).At(20));
  Say(Sliced(Produce("R1", kPowder1), Items(1, 500)).At(60));
  Say(Sliced(Produce("R1", kPowder2), Items(501, 900)).At(120));
  Say(Sliced(Produce("R1", kPowder3), Items(505, 1000, 5)).At(180));
  EXPECT_EQ(Forward(kMilk1), Certain({kPowder1, kPowder2, kPowder3}));
  EXPECT_EQ(Forward(kLids1), (Found{{kPowder1, kPowder3}, {kPowder1}}));
  EXPECT_EQ(Forward(kLids2), (Found{{kPowder2, kPowder3}, {kPowder2}}));
  EXPECT_EQ(Backward(kPowder2), Certain({kMilk1, kLids2}));
  EXPECT_EQ(Backward(kPowder3).units, (Keys{kMilk1, kLids1, kLids2}));
}

TEST_F(TimeStory, WhoTakesMoreThanAllElseTakesSomeOfIt) {
  Fill(kMilk1, 0, 8);
  Fill(kMilk2, 1, 20);
  Draw("R1", kPowder1, 10, 10);
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1}));
  EXPECT_EQ(Forward(kMilk2), Certain({kPowder1}));
  EXPECT_EQ(Backward(kPowder1), (Found{{kMilk1, kMilk2}, {kMilk2}}));
}

TEST_F(TimeStory, WhatHasOneSourceByAllWaysCertainlyHasIt) {
  Say(Split(kTank, {kMilk1, kMilk2}).At(-10).In(kFarm));
  Fill(kMilk1, 0);
  Fill(kMilk2, 1);
  Draw("R1", kPowder1, 10, 5);
  EXPECT_EQ(Forward(kTank), Certain({kMilk1, kMilk2, kPowder1}));
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1}));
  EXPECT_EQ(Backward(kPowder1).units, (Keys{kTank, kMilk1, kMilk2}));
  EXPECT_EQ(Backward(kMilk1), Certain({kTank}));
}

TEST_F(TimeStory, ReworkProvesNothingByItself) {
  Fill(kMilk1, 0);
  Fill(kMilk2, 1);
  Say(Charge("R1", From("silo")).At(10));
  Say(Produce("R1", kPowder1).At(20).Until(60));
  Make("R2", kPowder1, kPowder2, kDairy, 25);
  Say(Rework("R1", kPowder2).At(40));
  EXPECT_EQ(Forward(kMilk1), Possible({kPowder1, kPowder2}));
  EXPECT_EQ(Backward(kPowder1), (Found{{kMilk1, kMilk2, kPowder2}, {kPowder2}}));
  EXPECT_EQ(Backward(kPowder2), (Found{{kMilk1, kMilk2, kPowder1}, {kPowder1}}));
}

// The second use takes more than had come, unless one delivery were counted twice.
TEST_F(TimeStory, AShipmentAndItsReceiptAreOne) {
  const uint32_t baker = records_.AddLedger(kBaker);
  Make("R1", kMilk1, kPowder1, kPlant, 0);
  Make("R2", kFeed, kPowder1, kDepot, 30);
  Say(Ship(kPowder1, kBaker).At(10).In(kPlant));
  Say(Ship(kPowder1, kBaker).At(40).In(kDepot));
  records_.Say(baker, Receive(kPowder1, kPlant).At(12));
  records_.Say(baker, Charge("R1", kPowder1).At(20));
  records_.Say(baker, Produce("R1", kBread).At(25));
  records_.Say(baker, Charge("R2", kPowder1).At(30));
  records_.Say(baker, Produce("R2", kCake).At(33));
  records_.Say(baker, Receive(kPowder1, kDepot).At(42));
  EXPECT_EQ(Forward(kFeed), (Found{{kPowder1, kCake}, {kPowder1}}));
  EXPECT_EQ(Backward(kBread), Certain({kPowder1, kMilk1}));
  EXPECT_EQ(Backward(kCake), (Found{{kPowder1, kMilk1, kFeed}, {kPowder1}}));
}

// ----------------------------------------------------------- random networks

// A dairy with a plant or two and its customers; all is told by the dairy.
class Network {
 public:
  explicit Network(uint32_t seed) : random_(seed) {
    const auto some = [&](const std::string& name, size_t least, size_t limit) {
      std::vector<std::string> names;
      for (size_t i = 0, n = least + Below(limit); i < n; ++i) {
        names.push_back(name + std::to_string(i));
      }
      return names;
    };
    lots_ = some("lot:ext:own:dairy/powder/L", 4, 9);
    own_ = some(kPlant, 1, 2);
    places_ = some(kShop, 1, 2);
    places_.insert(places_.end(), own_.begin(), own_.end());
    for (const std::string& site : own_) Equip(site);
    for (size_t i = 0, n = 6 + Below(25); i < n; ++i, Pass(300)) TellOne();
  }

  void TellTo(Records* records) {
    const uint32_t ledger = records->AddLedger(kDairy);
    std::shuffle(sayings_.begin(), sayings_.end(), random_);
    for (const Told& told : sayings_) records->Say(ledger, told);
    for (const Told& told : sayings_) {
      const std::string& id = told.event.id();
      if (id.starts_with("n") && Below(12) == 0) records->Say(ledger, Withdraw(id).Id("no-" + id));
    }
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  int64_t Some(size_t limit) { return static_cast<int64_t>(Below(limit)); }
  void Pass(size_t minutes) { minute_ += Some(minutes); }
  template <typename List>
  std::string Any(const List& list) {
    return *std::next(list.begin(), Some(list.size()));
  }
  bool IsOwn(const std::string& place) const { return place.starts_with(kDairy); }
  bool HasVessel(const std::string& place) { return !vessels_[place].empty(); }
  // Some lot, mostly one that came there.
  std::string LotAt(const std::string& place) {
    return there_[place].empty() || Below(6) == 0 ? Any(lots_) : Any(there_[place]);
  }
  std::string NewAt(const std::string& place) { return *there_[place].insert(Any(lots_)).first; }
  Ref Taken(const std::string& place) {
    if (!HasVessel(place) || Below(3) != 0) return LotAt(place);
    return From(Any(vessels_[place]), Below(6) == 0 ? Any(lots_) : "");
  }
  Ref MaybeInto(const std::string& lot, const std::string& place) {
    return HasVessel(place) && Below(3) == 0 ? Into(lot, Any(vessels_[place])) : Ref(lot);
  }
  // Lots that lie at one site from the beginning, and need no name to be used.
  static std::string StockAt(const std::string& site, int number) {
    return "lot:ext:own:dairy/stock/" + site.substr(site.size() - 1) + std::to_string(number);
  }

  // In tens of kilograms, beside which the margins of towers are small.
  v1::Quantity Amount() {
    const int64_t kg = 10 + 10 * Some(5);
    return Below(3) == 0 ? Quantity(kg * 1000, "GRM") : Quantity(kg, "KGM");
  }
  void Weigh(v1::Event* event) {
    google::protobuf::Message* const body = event->GetReflection()->MutableMessage(
        event, event->GetReflection()->GetOneofFieldDescriptor(
                   *event, event->GetDescriptor()->FindOneofByName("operation")));
    const auto* const field = body->GetDescriptor()->FindFieldByName("quantity");
    if (field == nullptr) return;
    body->GetReflection()->MutableMessage(body, field)->CopyFrom(Amount());
    // Without a quantity nobody knows where in a stream it lay.
    const bool stream = body->ShortDebugString().find("tower") != std::string::npos;
    if (!stream && Below(6) == 0) body->GetReflection()->ClearField(body, field);
  }
  // Exactly, or less so, or wrong. Masters and slices bring their own.
  void TellTime(v1::Event* event, bool exactly) {
    const size_t how = exactly ? 11 : Below(12);
    if (how == 0 || event->has_time()) return;
    v1::Time& begin = *event->mutable_time()->mutable_begin();
    begin = Minute(how == 1 ? Some(static_cast<size_t>(minute_) + 500) : minute_);
    // A day or a month is told by any moment of it.
    if (how == 2) begin.set_precision(v1::PRECISION_MONTH);
    if (how == 3 || how == 4) begin.set_precision(v1::PRECISION_DAY);
    if (how == 5) *event->mutable_time()->mutable_end() = Minute(minute_ + Some(400));
  }
  // What is not kept may be withdrawn.
  void Say(Told told, const std::string& place, bool exactly = false, bool keep = false) {
    told.event.set_id((keep ? "k" : "n") + std::to_string(sayings_.size()));
    told.event.set_place(place);
    Weigh(&told.event);
    TellTime(&told.event, exactly);
    sayings_.push_back(std::move(told));
  }

  void Equip(const std::string& site) {
    const auto master = [&](const std::string& name, int64_t from, std::optional<int64_t> margin,
                            std::optional<int64_t> dwell) {
      Say(EquipmentMaster(name, site, from, margin, dwell), site, true, true);
    };
    for (size_t i = 0, n = Below(3); i < n; ++i) {
      std::optional<int64_t> dwell;
      if (Below(2) == 0) dwell = 60 + Some(1200);
      const std::string name = (Below(2) == 0 ? "tower-" : "silo-") + std::to_string(i);
      vessels_[site].push_back(name);
      if (name.starts_with("silo")) {
        if (dwell) master(name, kLongAgo, std::nullopt, dwell);
      } else if (Below(3) == 0) {
        // Between two minutes: some draws are before it.
        master(name, Some(3000) * 60 + 30, 0, std::nullopt);
      } else {
        master(name, kLongAgo, 3 * Some(2), dwell);
      }
    }
    master("dryer", kLongAgo, std::nullopt, 10 + Some(60));
    master("cooler", kLongAgo, std::nullopt, 10 + Some(60));
    master("mill", kLongAgo, std::nullopt, std::nullopt);
    for (const int number : {1, 2, 3}) {
      Say(Merge({Any(lots_)}, StockAt(site, number)), site, true, true);
    }
  }

  void TellOne() {
    const std::string place = Any(places_);
    const std::string site = Any(own_);
    const std::string lot = LotAt(site);
    switch (Below(13)) {
      case 0:
      case 1: {
        if (place == site) return;
        there_[place].insert(lot);
        const bool draws = HasVessel(site) && Below(4) == 0;
        const Ref unit = draws ? From(Any(vessels_[site]), lot) : Ref(lot);
        return Say(IsOwn(place) ? Move(unit, place) : Ship(unit, place), site);
      }
      case 2: {
        const std::string came = LotAt(places_.front());
        there_[site].insert(came);
        return Say(Receive(MaybeInto(came, site), places_.front()), site);
      }
      case 3: {
        Told told = Split(Taken(place), {NewAt(place), NewAt(place)});
        *told.event.mutable_split()->mutable_from()->mutable_quantity() = Amount();
        *told.event.mutable_split()->mutable_to(0)->mutable_quantity() = Amount();
        return Say(std::move(told), place);
      }
      case 4: {
        Told told = Merge({Taken(place), Taken(place)}, NewAt(place));
        v1::Merge& merge = *told.event.mutable_merge();
        for (v1::UnitQuantity& from : *merge.mutable_from()) *from.mutable_quantity() = Amount();
        if (Below(3) != 0) *merge.mutable_to()->mutable_quantity() = Amount();
        return Say(std::move(told), place);
      }
      case 5:
        if (HasVessel(site)) Say(PutIn(Into(lot, Any(vessels_[site]))), site);
        return;
      case 6:
        return Say(OpenStock(MaybeInto(NewAt(site), site)), site);
      case 7:
        return Say(Below(2) == 0 ? Waste(Taken(place)) : Destroy(Taken(place)), place);
      case 8: {
        const std::string vessel = HasVessel(site) ? Any(vessels_[site]) : "";
        // Where the stream of a tower goes on after it was emptied is told nowhere.
        if (!vessel.starts_with("silo")) return;
        return Say(Empty(vessel, v1::EquipmentWork(1 + Below(2))), site);
      }
      default:
        return Below(3) == 0 ? SlicedRun(place) : PlainRun(place);
    }
  }

  void PlainRun(const std::string& place) {
    const std::string run = "R" + std::to_string(sayings_.size());
    const bool stock = IsOwn(place) && Below(4) == 0;
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i, Pass(60)) {
      Say(Below(6) == 0 ? Rework(run, Taken(place)) : Charge(run, Taken(place)), place, stock);
    }
    if (stock) {
      const Ref one_of = Unnamed("", {StockAt(place, 1), StockAt(place, 2)});
      Say(Charge(run, Below(2) == 0 ? Unnamed("stock") : one_of), place, true);
      if (Below(2) == 0) Say(Charge(run, StockAt(place, 1)), place);
    }
    for (size_t i = 0, n = 1 + Below(2); i < n; ++i, Pass(60)) {
      Say(Produce(run, MaybeInto(NewAt(place), place)), place, stock);
    }
  }

  void SlicedRun(const std::string& place) {
    const std::string run = "R" + std::to_string(sayings_.size());
    const bool timed = Below(3) != 0;
    const bool serial = !timed || Below(3) == 0;
    const bool margin_of_inputs = Below(2) == 0;
    const int64_t start = minute_;
    const auto say = [&](Told told) {
      const bool is_input = told.event.has_charge();
      const bool margin = is_input == margin_of_inputs && Below(3) == 0;
      minute_ = start + (timed || is_input ? 0 : 30);
      Pass(!timed ? 30 : is_input ? 200 : 400);
      v1::RunSlice slice;
      if (timed) slice = Between(minute_, minute_ + Some(60), margin ? 5 + Some(30) : 0);
      const int64_t first = Some(900);
      if (serial) slice.MergeFrom(Items(first, first + Some(300), margin ? 20 : 0));
      const std::vector<std::string> equipment = {"dryer", "cooler", "mill", "", "", ""};
      const std::string used = IsOwn(place) ? Any(equipment) : "";
      if (Below(6) != 0) told = Sliced(std::move(told), slice, used);
      Say(std::move(told), place, true);
    };
    for (size_t i = 0, n = 1 + Below(4); i < n; ++i) say(Charge(run, Taken(place)));
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) {
      say(Produce(run, MaybeInto(NewAt(place), place)));
    }
    minute_ = start + 400;
  }

  std::mt19937 random_;
  int64_t minute_ = 0;
  std::vector<std::string> places_;
  std::vector<std::string> own_;
  std::vector<std::string> lots_;
  std::map<std::string, std::vector<std::string>> vessels_;  // by place
  std::map<std::string, std::set<std::string>> there_;       // lots that came, by place
  std::vector<Told> sayings_;
};

TEST(TimeTest, ClosuresOfRandomNetworksAreThoseOfTheOracle) {
  const char* const text = std::getenv("SUYUAN_TIME_NETWORKS");
  const uint32_t count = text == nullptr ? 400 : static_cast<uint32_t>(std::atoi(text));
  for (uint32_t seed = 1; seed <= count; seed += EveryStory()) {
    Records records;
    Network(seed).TellTo(&records);
    const Oracle oracle(records.tellings);
    for (const std::string& unit : oracle.Units()) {
      for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
        const bool forward = direction == Direction::kForward;
        ASSERT_EQ(records.Ask(unit, direction), oracle.Trace(unit, direction))
            << "seed " << seed << (forward ? ", forward" : ", backward") << " from " << unit << "\n"
            << records.Text();
      }
    }
  }
}

}  // namespace
}  // namespace suyuan

#include "lib/trace/stock.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "lib/base/strings.h"
#include "lib/trace/standing.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::trace {
namespace {

using genealogy::Amount;
using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::EventInfo;
using genealogy::EventNo;
using genealogy::Graph;
using genealogy::Mark;
using genealogy::MarkKind;
using genealogy::Name;
using genealogy::NodeId;
using genealogy::Packing;
using genealogy::Place;
using genealogy::Step;
using genealogy::StepId;
using genealogy::StepKind;
using genealogy::UnitId;

// Something that happened to the unit or to a container that can hold it.
struct Happening {
  enum class Kind : uint8_t { kStep, kPacking, kCount };
  Kind kind = Kind::kStep;
  EventNo event = 0;
  StepId step = 0;
  const Packing* packing = nullptr;
  Amount amount;  // counted
  Place place;
  UnitId unit = 0;  // the container of the packing
};

class Book {
 public:
  Book(const Graph& graph, UnitId unit, int64_t at) : graph_(graph), unit_(unit), at_(at) {
    stock_.unit = unit;
  }

  UnitStock Make() {
    FindContainers();
    PairTellings();
    for (const Happening& happening : InOrder()) Apply(happening);
    Settle();
    for (auto& [key, holding] : holdings_) {
      if (holding.total.empty()) continue;
      if (holding.total.negative()) {
        Find("库存为负：流出多于流入", "stock below zero: more left than came");
      }
      if (holding.total.overflowed()) Find("数量超出范围", "a quantity is out of range");
      if (holding.container != 0) {
        const Location where = LocationOf(holding.container);
        holding.holder = where.holder;
        if (where.in_transit) holding.state = Holding::State::kInTransit;
        if (where.refused) holding.state = Holding::State::kRefused;
        holding.apart |= where.apart;
        if (holding.part == 0) holding.part = where.part;
      }
      stock_.holdings.push_back(std::move(holding));
    }
    for (auto& [key, delivery] : deliveries_) stock_.deliveries.push_back(std::move(delivery));
    return std::move(stock_);
  }

 private:
  struct Location {
    Name holder = 0;
    Name part = 0;
    bool apart = false;
    bool in_transit = false;
    bool refused = false;
  };
  using HoldingKey = std::tuple<Holding::State, Name, Name, Name, bool, UnitId, Name>;

  void Find(std::string zh, std::string en) {
    const std::pair<std::string, std::string> finding{std::move(zh), std::move(en)};
    auto& all = stock_.findings;
    if (std::find(all.begin(), all.end(), finding) == all.end()) all.push_back(finding);
  }

  // Lots of one number are one where their dates do not tell them apart.
  Name VariantOf(const Place& place) const {
    return graph_.unit(place.unit).told_apart ? place.variant : Name{0};
  }

  // ------------------------------------------------------------- gathering

  void FindContainers() {
    std::vector<UnitId> open = {unit_};
    for (size_t i = 0; i < open.size(); ++i) {
      const std::vector<UnitId>* const containers = graph_.ContainersOf(open[i]);
      if (containers == nullptr) continue;
      for (const UnitId container : *containers) {
        if (containers_.insert(container).second) open.push_back(container);
      }
    }
    containers_.erase(unit_);
  }

  template <typename Visit>
  void ForEachEdge(UnitId unit, Visit visit) const {
    for (NodeId id = graph_.unit(unit).first_node; id != 0; id = graph_.node(id).next_of_unit) {
      for (const EdgeId first : {graph_.node(id).first_in, graph_.node(id).first_out}) {
        for (EdgeId e = first; e != 0; e = graph_.edge(e).next_of_node) {
          if (!graph_.edge(e).dead) visit(e);
        }
      }
    }
  }

  bool InTime(EventNo event) const { return graph_.event(event).begin.earliest <= at_; }

  std::vector<Happening> InOrder() const {
    std::vector<Happening> all;
    std::set<std::pair<StepId, EventNo>> seen;
    const auto steps_of = [&](UnitId unit) {
      ForEachEdge(unit, [&](EdgeId e) {
        const Edge& edge = graph_.edge(e);
        if (!InTime(edge.event) || graph_.step(edge.step).kind == StepKind::kIdentity) return;
        if (!seen.emplace(edge.step, edge.event).second) return;
        Happening& happening = all.emplace_back();
        happening.event = edge.event;
        happening.step = edge.step;
      });
    };
    const auto packings_of = [&](UnitId container) {
      const std::vector<Packing>* const packings = graph_.PackingsOf(container);
      if (packings == nullptr) return;
      for (const Packing& packing : *packings) {
        if (!graph_.IsLive(packing.event) || !InTime(packing.event)) continue;
        Happening& happening = all.emplace_back();
        happening.kind = Happening::Kind::kPacking;
        happening.event = packing.event;
        happening.packing = &packing;
        happening.unit = container;
      }
    };
    steps_of(unit_);
    for (const UnitId container : containers_) {
      steps_of(container);
      packings_of(container);
    }
    ForEachMark(graph_, unit_, {}, {}, [&](const Mark& mark, const Where& where) {
      if (mark.kind != MarkKind::kCounted || !graph_.IsLive(mark.event) || !InTime(mark.event)) {
        return;
      }
      Happening& happening = all.emplace_back();
      happening.kind = Happening::Kind::kCount;
      happening.event = mark.event;
      happening.amount = {mark.value, mark.scale, mark.unit};
      happening.place = {unit_, graph_.Find(where.variant), mark.place.holder,
                         graph_.Find(where.part), mark.place.apart};
    });
    // By time where that is certain, else in the order of recording.
    std::stable_sort(all.begin(), all.end(),
                     [](const Happening& a, const Happening& b) { return a.event < b.event; });
    std::vector<Happening> ordered;
    ordered.reserve(all.size());
    for (const Happening& one : all) {
      auto place = ordered.end();
      const int64_t latest = graph_.event(one.event).begin.latest;
      while (place != ordered.begin() && graph_.event((place - 1)->event).begin.earliest > latest) {
        --place;
      }
      ordered.insert(place, one);
    }
    return ordered;
  }

  // ----------------------------------------------------- two tellings of one

  struct Ends {
    EdgeId from = 0;
    EdgeId to = 0;
  };

  Ends EndsOf(StepId step, EventNo event, UnitId unit) const {
    Ends ends;
    for (EdgeId e = graph_.step(step).first_input; e != 0; e = graph_.edge(e).next_of_step) {
      const Edge& edge = graph_.edge(e);
      if (!edge.dead && edge.event == event && graph_.node(edge.node).place.unit == unit) {
        ends.from = e;
      }
    }
    for (EdgeId e = graph_.step(step).first_output; e != 0; e = graph_.edge(e).next_of_step) {
      const Edge& edge = graph_.edge(e);
      if (!edge.dead && edge.event == event && graph_.node(edge.node).place.unit == unit) {
        ends.to = e;
      }
    }
    return ends;
  }

  Name HolderOf(EdgeId edge) const {
    return edge == 0 ? Name{0} : graph_.node(graph_.edge(edge).node).place.holder;
  }
  Name TellerOf(EventNo event) const {
    return graph_.SubjectOf(graph_.OwnerOf(graph_.event(event).ledger));
  }

  struct Sent {
    std::pair<StepId, EventNo> telling;
    Ends ends;
    Total rest;  // that was not said to have arrived
    bool received = false;
    bool compared = true;  // all of it was told with quantities
  };

  // A shipment that its sender told and one that its receiver told are one if the
  // parties and the goods are the same and no document says otherwise. What its
  // receiver turned away of it was told by the sender, too.
  void PairTellings() {
    std::vector<UnitId> units(containers_.begin(), containers_.end());
    units.push_back(unit_);
    for (const UnitId unit : units) {
      std::vector<Sent> sent;
      std::vector<std::pair<StepId, EventNo>> received;
      std::vector<std::pair<StepId, EventNo>> refused;
      std::set<std::pair<StepId, EventNo>> seen;
      ForEachEdge(unit, [&](EdgeId e) {
        const Edge& edge = graph_.edge(e);
        const Step& step = graph_.step(edge.step);
        const std::pair<StepId, EventNo> telling{edge.step, edge.event};
        if (step.kind != StepKind::kShip || !InTime(edge.event) || !seen.insert(telling).second) {
          return;
        }
        const Ends ends = EndsOf(edge.step, edge.event, unit);
        const Name from = graph_.SubjectOf(HolderOf(ends.from));
        const Name to = graph_.SubjectOf(HolderOf(ends.to));
        const Name teller = TellerOf(edge.event);
        if (from == to) return;
        if (teller == from && KeepsLedger(to)) {
          Sent& one = sent.emplace_back(Sent{telling, ends, {}});
          Count(ends.from, &one, false);
        }
        if (teller == to && teller != from) {
          (IsRefusal(edge.event) ? refused : received).push_back(telling);
        }
      });
      std::sort(sent.begin(), sent.end(),
                [](const Sent& a, const Sent& b) { return a.telling.second < b.telling.second; });
      const auto by_event = [](const auto& a, const auto& b) { return a.second < b.second; };
      std::sort(received.begin(), received.end(), by_event);
      std::sort(refused.begin(), refused.end(), by_event);
      for (const bool by_document : {true, false}) {
        for (Sent& one : sent) {
          if (one.received) continue;
          const auto match =
              std::find_if(received.begin(), received.end(), [&](const auto& candidate) {
                return !sent_.contains(candidate) && IsOf(candidate, one, unit, by_document);
              });
          if (match == received.end()) continue;
          one.received = true;
          Join(*match, unit, &one);
        }
      }
      for (const auto& telling : refused) {
        // Rather of a shipment of which so much is missing.
        for (const bool missing : {true, false}) {
          for (const bool by_document : {true, false}) {
            for (Sent& one : sent) {
              if (sent_.contains(telling) || !IsOf(telling, one, unit, by_document)) continue;
              Total rest = one.rest;
              rest.Add(graph_, AmountOf(EndsOf(telling.first, telling.second, unit).to), true);
              if (!missing || !rest.negative()) Join(telling, unit, &one);
            }
          }
        }
      }
      for (const Sent& one : sent) {
        if (one.received && one.compared && !one.rest.empty()) {
          Find("发货数量与收货数量不一致", "what was sent and what was received differ");
        }
      }
    }
  }

  bool IsRefusal(EventNo event) const {
    return graph_.event(event).operation == v1::Event::kRejectReceipt;
  }

  // Can what the receiver told be of the shipment?
  bool IsOf(const std::pair<StepId, EventNo>& telling, const Sent& sent, UnitId unit,
            bool by_document) const {
    const Name a = graph_.step(sent.telling.first).document;
    const Name b = graph_.step(telling.first).document;
    if (by_document ? (a == 0 || a != b) : (a != 0 && b != 0)) return false;
    const Ends ends = EndsOf(telling.first, telling.second, unit);
    const Name sender = HolderOf(ends.from);
    return (sender == 0 ||
            graph_.SubjectOf(sender) == graph_.SubjectOf(HolderOf(sent.ends.from))) &&
           graph_.SubjectOf(HolderOf(ends.to)) == graph_.SubjectOf(HolderOf(sent.ends.to));
  }

  void Join(const std::pair<StepId, EventNo>& telling, UnitId unit, Sent* sent) {
    sent_.emplace(telling, graph_.node(graph_.edge(sent->ends.to).node).place);
    Count(EndsOf(telling.first, telling.second, unit).to, sent, true);
  }

  void Count(EdgeId edge, Sent* sent, bool arrived) const {
    const Amount amount = AmountOf(edge);
    sent->compared &= amount.unit != 0;
    sent->rest.Add(graph_, amount, arrived);
  }

  bool KeepsLedger(Name subject) const { return subject != 0 && graph_.KeepsLedgerHere(subject); }

  Amount AmountOf(EdgeId edge) const {
    if (edge == 0) return {};
    const Edge& e = graph_.edge(edge);
    return {e.quantity, e.scale, e.quantity_unit};
  }

  // -------------------------------------------------------------- applying

  Holding& At(Holding::State state, Name variant, Name holder, Name part, bool apart,
              UnitId container, Name run) {
    const HoldingKey key{state, variant, holder, part, apart, container, run};
    Holding& holding = holdings_[key];
    if (container != 0) inside_[container].insert(key);
    holding.state = state;
    holding.variant = variant;
    holding.holder = holder;
    holding.part = part;
    holding.apart = apart;
    holding.container = container;
    holding.run = run;
    return holding;
  }
  Holding& Loose(const Place& place) {
    return At(Holding::State::kOnHand, VariantOf(place), place.holder, place.part, place.apart, 0,
              0);
  }
  Holding& Refused(const Place& place) {
    return At(Holding::State::kRefused, VariantOf(place), place.holder, place.part, place.apart, 0,
              0);
  }
  Holding& InTransit(const Place& place) {
    return At(Holding::State::kInTransit, VariantOf(place), place.holder, place.part, place.apart,
              0, 0);
  }

  void Apply(const Happening& happening) {
    switch (happening.kind) {
      case Happening::Kind::kStep:
        ApplyStep(happening.step, happening.event);
        break;
      case Happening::Kind::kPacking:
        ApplyPacking(happening.unit, *happening.packing);
        break;
      case Happening::Kind::kCount:
        Loose(happening.place).total.Add(graph_, happening.amount);
        stock_.counted.Add(graph_, happening.amount);
        break;
    }
  }

  void ApplyStep(StepId id, EventNo event) {
    const Step& step = graph_.step(id);
    std::set<UnitId> units;
    for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step)
      Named(e, event, &units);
    for (EdgeId e = step.first_output; e != 0; e = graph_.edge(e).next_of_step) {
      Named(e, event, &units);
    }
    for (const UnitId unit : units) {
      if (step.kind == StepKind::kShip) {
        Ship(id, event, unit);
        continue;
      }
      for (EdgeId e = step.first_input; e != 0; e = graph_.edge(e).next_of_step) {
        if (IsOf(e, event, unit)) Consume(step, e);
      }
      for (EdgeId e = step.first_output; e != 0; e = graph_.edge(e).next_of_step) {
        if (IsOf(e, event, unit)) Bring(e);
      }
    }
  }

  bool IsOf(EdgeId e, EventNo event, UnitId unit) const {
    const Edge& edge = graph_.edge(e);
    return !edge.dead && edge.event == event && graph_.node(edge.node).place.unit == unit;
  }
  void Named(EdgeId e, EventNo event, std::set<UnitId>* units) const {
    const UnitId unit = graph_.node(graph_.edge(e).node).place.unit;
    if (IsOf(e, event, unit) && (unit == unit_ || containers_.contains(unit))) units->insert(unit);
  }

  // Made, reported or there when recording began.
  void Bring(EdgeId e) {
    const Place& place = graph_.node(graph_.edge(e).node).place;
    if (place.unit != unit_) {
      locations_[place.unit] = {place.holder, place.part, place.apart, false};
      return;
    }
    Loose(place).total.Add(graph_, AmountOf(e));
    stock_.came.Add(graph_, AmountOf(e));
  }

  // Into a run or another unit, or gone.
  void Consume(const Step& step, EdgeId e) {
    const Place& place = graph_.node(graph_.edge(e).node).place;
    Total amount;
    if (place.unit == unit_) {
      amount.Add(graph_, AmountOf(e));
      Loose(place).total.Add(amount, true);
    } else {
      amount = TakeAll(place.unit);
    }
    if (step.kind == StepKind::kSink) {
      stock_.gone[graph_.event(graph_.edge(e).event).operation].Add(amount);
      return;
    }
    bool has_output = false;
    for (EdgeId out = step.first_output; out != 0; out = graph_.edge(out).next_of_step) {
      has_output |= !graph_.edge(out).dead && InTime(graph_.edge(out).event);
    }
    if (step.kind == StepKind::kRun && !has_output) {
      At(Holding::State::kInProcess, VariantOf(place), place.holder, 0, false, 0, step.run)
          .total.Add(amount);
    } else {
      stock_.used.Add(amount);
    }
  }

  // What a container holds, at any depth, is taken out of it and added up.
  Total TakeAll(UnitId container) {
    Total all;
    for (const UnitId inner : Within(container)) {
      for (const HoldingKey& key : inside_[inner]) {
        all.Add(holdings_[key].total);
        holdings_[key].total = {};
      }
    }
    return all;
  }

  std::vector<UnitId> Within(UnitId container) const {
    std::vector<UnitId> within = {container};
    for (size_t i = 0; i < within.size(); ++i) {
      const auto children = children_.find(within[i]);
      if (children == children_.end()) continue;
      within.insert(within.end(), children->second.begin(), children->second.end());
    }
    return within;
  }

  UnitId Outermost(UnitId container) const {
    for (auto it = parent_.find(container); it != parent_.end(); it = parent_.find(container)) {
      container = it->second;
    }
    return container;
  }

  // What goes on its own is no longer in what it was put into, told or not.
  void TakeOff(UnitId container) {
    const auto parent = parent_.find(container);
    if (parent == parent_.end()) return;
    children_[parent->second].erase(container);
    parent_.erase(parent);
  }

  Location LocationOf(UnitId container) const {
    const auto it = locations_.find(Outermost(container));
    return it == locations_.end() ? Location() : it->second;
  }

  void Ship(StepId id, EventNo event, UnitId unit) {
    const Step& step = graph_.step(id);
    const Ends ends = EndsOf(id, event, unit);
    if (ends.from == 0 || ends.to == 0) {
      if (ends.to != 0) Bring(ends.to);
      return;
    }
    const Place& from = graph_.node(graph_.edge(ends.from).node).place;
    const Place& to = graph_.node(graph_.edge(ends.to).node).place;
    const Name sender = graph_.SubjectOf(from.holder);
    const Name receiver = graph_.SubjectOf(to.holder);
    const Name teller = TellerOf(event);
    const bool own = sender == receiver;
    const auto second = sent_.find({id, event});  // the receiver's telling of it
    const bool refused = IsRefusal(event);
    const bool waits = !own && teller == sender && KeepsLedger(receiver);
    Total amount;
    if (unit == unit_) {
      amount.Add(graph_, AmountOf(ends.from));
      if (second != sent_.end()) {
        // What left has been told; it arrives as the receiver says.
        InTransit(second->second).total.Add(amount, true);
        (refused ? Refused(to) : Loose(to)).total.Add(amount);
        return;
      }
      const bool known = KeepsLedger(sender) || teller == sender || HasStock(from);
      if (known) {
        Total rest = amount;
        if (graph_.event(event).operation == v1::Event::kReturnGoods) TakeRefused(from, &rest);
        Loose(from).total.Add(rest, true);
      } else {
        stock_.came.Add(amount);
      }
      (waits ? InTransit(to) : refused ? Refused(to) : Loose(to)).total.Add(amount);
    } else {
      TakeOff(unit);
      locations_[unit] = {to.holder, to.part, to.apart, waits, refused};
      if (second != sent_.end()) return;
      for (const UnitId inner : Within(unit)) {
        for (const HoldingKey& key : inside_[inner]) amount.Add(holdings_[key].total);
      }
      if (amount.empty()) return;
    }
    if (!own) Deliver(graph_.event(event), step, from, to, amount);
  }

  // What comes back from somebody is first what they turned away.
  void TakeRefused(const Place& from, Total* amount) {
    for (auto& [key, holding] : holdings_) {
      if (holding.state != Holding::State::kRefused || holding.variant != VariantOf(from) ||
          !graph_.HoldersCompatible(holding.holder, from.holder) || amount->empty()) {
        continue;
      }
      Total stays = holding.total;
      stays.Add(*amount, true);
      Total rest = *amount;
      rest.Add(holding.total, true);
      if (!stays.negative()) {
        holding.total = stays;
        *amount = {};
      } else if (!rest.negative()) {
        holding.total = {};
        *amount = rest;
      }
    }
  }

  // Goods at somebody who keeps no ledger are known if they came from somewhere.
  bool HasStock(const Place& place) const {
    return std::any_of(holdings_.begin(), holdings_.end(), [&](const auto& row) {
      const Holding& holding = row.second;
      const Name holder =
          holding.container == 0 ? holding.holder : LocationOf(holding.container).holder;
      return !holding.total.empty() && graph_.HoldersCompatible(holder, place.holder) &&
             holder != 0;
    });
  }

  void Deliver(const EventInfo& event, const Step& step, const Place& from, const Place& to,
               const Total& amount) {
    const bool back = event.operation == v1::Event::kReturnGoods;
    const Name here = graph_.SubjectOf(back ? to.holder : from.holder);
    const Name there = back ? from.holder : to.holder;
    if (there == 0 || (!KeepsLedger(here) && !back)) return;
    const Name buyer = !back && step.buyer != 0 ? step.buyer : Name{0};
    Delivery* delivery = back ? ReturnedOf(here, there, VariantOf(from), amount) : nullptr;
    if (delivery == nullptr) {
      delivery = &deliveries_[{here, there, buyer, VariantOf(from)}];
      delivery->from = here;
      delivery->to = there;
      delivery->buyer = buyer;
      delivery->variant = VariantOf(from);
    }
    (back ? delivery->returned : delivery->shipped).Add(amount);
    if (back) return;
    if (delivery->first.unknown() || event.begin.earliest < delivery->first.earliest) {
      delivery->first = event.begin;
    }
    if (delivery->last.unknown() || event.begin.latest > delivery->last.latest) {
      delivery->last = event.begin;
    }
  }

  // What was shipped there, whichever of the buyers there it was: they are called
  // together. A subject carries goods between its sites, so rather of a shipment to
  // another one than of one that was not so much.
  Delivery* ReturnedOf(Name here, Name there, Name variant, const Total& amount) {
    Delivery* best = nullptr;
    int best_rank = 0;
    for (auto& [key, delivery] : deliveries_) {
      if (delivery.from != here || !graph_.HoldersCompatible(delivery.to, there) ||
          !graph_.VariantsCompatible(delivery.variant, variant)) {
        continue;
      }
      Total rest = delivery.shipped;
      rest.Add(delivery.returned, true);
      rest.Add(amount, true);
      const int rank = 1 + (rest.negative() ? 0 : 2) + (delivery.to == there ? 1 : 0);
      if (rank > best_rank) best = &delivery;
      best_rank = std::max(best_rank, rank);
    }
    return best;
  }

  void ApplyPacking(UnitId container, const Packing& packing) {
    if (!locations_.contains(container)) locations_[container] = {packing.holder, 0, false, false};
    if (!packing.out) locations_[container].holder = packing.holder;
    if (packing.out && packing.contents.empty()) {
      const Location where = locations_[container];
      for (const HoldingKey& key : inside_[container]) {
        const Total total = std::exchange(holdings_[key].total, {});
        if (total.empty()) continue;
        Loose({unit_, std::get<1>(key), packing.holder, where.apart ? where.part : 0, where.apart})
            .total.Add(total);
      }
      const auto children = children_.find(container);
      if (children == children_.end()) return;
      for (const UnitId child : std::set<UnitId>(children->second)) {
        parent_.erase(child);
        locations_[child] = {packing.holder, 0, false, false};
      }
      children_.erase(children);
      return;
    }
    for (size_t i = 0; i < packing.contents.size(); ++i) {
      const Place& content = packing.contents[i];
      if (content.unit == unit_) {
        Holding& inside =
            At(Holding::State::kOnHand, VariantOf(content), 0, 0, false, container, 0);
        Place loose = content;
        loose.holder = packing.holder;
        Loose(loose).total.Add(graph_, packing.amounts[i], !packing.out);
        inside.total.Add(graph_, packing.amounts[i], packing.out);
      } else if (containers_.contains(content.unit) && content.unit != container) {
        if (packing.out) {
          TakeOff(content.unit);
          locations_[content.unit] = {packing.holder, 0, false, false};
        } else if (Outermost(container) != content.unit) {
          TakeOff(content.unit);
          parent_[content.unit] = container;
          children_[container].insert(content.unit);
        }
      }
    }
  }

  // -------------------------------------------------------------- settling

  // What an event did not say, site or part, or that a package was opened, is taken
  // from where there are some: from the one row that can have them, or from all of a
  // holder, then of a subject, together. What lies apart is drawn on only by its name.
  void Settle() {
    const auto settle = [&](const auto& can_take, const auto& take) {
      for (auto& holding : holdings_) {
        Holding& row = holding.second;
        if (IsShort(row)) take(&row, [&](const Holding& other) { return can_take(row, other); });
      }
    };
    const auto loose = [&](Holding* row, const auto& fits) { TakeLoose(row, fits); };
    const auto packed = [&](Holding* row, const auto& fits) { OpenPackages(row, fits); };
    settle(
        [&](const Holding& row, const Holding& other) {
          return row.part != 0 && row.part == other.part &&
                 graph_.HoldersCompatible(row.holder, other.holder);
        },
        loose);
    for (const bool same_holder : {true, false}) {
      const auto fits = [&](const Holding& row, const Holding& other) {
        const Name holder =
            other.container == 0 ? other.holder : LocationOf(other.container).holder;
        return !other.apart && (row.part == 0 || other.part == 0) &&
               (same_holder ? holder == row.holder : graph_.HoldersCompatible(holder, row.holder));
      };
      settle(fits, loose);
      settle(fits, packed);
    }
  }

  static bool IsShort(const Holding& holding) {
    return holding.total.negative() && holding.container == 0 && !holding.apart &&
           holding.state == Holding::State::kOnHand;
  }

  template <typename Fits>
  void TakeLoose(Holding* vague, const Fits& fits) {
    std::vector<Holding*> sources;
    for (auto& [key, other] : holdings_) {
      if (&other != vague && other.container == 0 && other.total.positive() &&
          (other.state == Holding::State::kOnHand || other.state == Holding::State::kRefused) &&
          other.variant == vague->variant && fits(other)) {
        sources.push_back(&other);
      }
    }
    // Where it lay longest is not known: the rows become one.
    for (Holding* source : sources) vague->total.Add(std::exchange(source->total, {}));
    if (sources.size() == 1) std::swap(vague->total, sources[0]->total);
  }

  template <typename Fits>
  void OpenPackages(Holding* loose, const Fits& fits) {
    bool opened = false;
    for (auto& [key, packed] : holdings_) {
      if (packed.container == 0 || !packed.total.positive() || packed.variant != loose->variant ||
          LocationOf(packed.container).in_transit || LocationOf(packed.container).apart ||
          !fits(packed)) {
        continue;
      }
      loose->total.Add(std::exchange(packed.total, {}));
      opened = true;
    }
    // Where no records are kept packages are opened every day.
    if (opened && KeepsLedger(loose->holder)) {
      Find("散货流出，但记录中仍在包装内", "goods left loose that are recorded as packed");
    }
  }

  const Graph& graph_;
  const UnitId unit_;
  const int64_t at_;
  UnitStock stock_;
  absl::flat_hash_set<UnitId> containers_;
  std::map<HoldingKey, Holding> holdings_;
  absl::flat_hash_map<UnitId, std::set<HoldingKey>> inside_;  // by container
  std::map<std::tuple<Name, Name, Name, Name>, Delivery> deliveries_;
  absl::flat_hash_map<UnitId, Location> locations_;
  absl::flat_hash_map<UnitId, UnitId> parent_;
  absl::flat_hash_map<UnitId, std::set<UnitId>> children_;
  // What receivers told of shipments that their senders told, and where those went.
  std::map<std::pair<StepId, EventNo>, Place> sent_;
};

}  // namespace

UnitStock StockOf(const Graph& graph, UnitId unit, int64_t at) {
  return Book(graph, unit, at).Make();
}

}  // namespace suyuan::trace

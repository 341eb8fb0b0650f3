#include "lib/recall/plan.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "lib/base/bytes.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/keys.h"
#include "lib/trace/standing.h"
#include "lib/trace/stock.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::recall {
namespace {

using genealogy::Graph;
using genealogy::Name;
using genealogy::Named;
using genealogy::UnitId;
using trace::Delivery;
using trace::Holding;
using trace::Total;
using trace::UnitStock;

constexpr int kChinaOffsetMinutes = 480;
constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

// A unit of which something is affected.
struct Affected {
  UnitId unit = 0;
  std::set<Name> variants;  // empty: all
  std::set<Name> holders;   // where; empty: everywhere
  Name part = 0;            // only this part, if one was asked for
};

bool Has(const Graph& graph, const Affected& affected, Name variant, Name holder) {
  const bool variant_fits =
      affected.variants.empty() ||
      std::any_of(affected.variants.begin(), affected.variants.end(),
                  [&](Name one) { return graph.VariantsCompatible(one, variant); });
  const bool holder_fits =
      affected.holders.empty() || holder == 0 ||
      std::any_of(affected.holders.begin(), affected.holders.end(),
                  [&](Name one) { return graph.HoldersCompatible(one, holder); });
  return variant_fits && holder_fits;
}

std::vector<LedgerHead> HeadsOf(const trace::Ledgers& ledgers) {
  std::vector<LedgerHead> heads;
  for (const auto& [number, head] : ledgers.heads) heads.push_back(head);
  std::sort(heads.begin(), heads.end(),
            [](const LedgerHead& a, const LedgerHead& b) { return a.ledger < b.ledger; });
  return heads;
}

// A total as quantities and units of measure; one without a quantity if nothing
// but untold movements is known.
std::vector<std::pair<std::string, std::string>> Quantities(const Total& total) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [unit, value] : total.sums()) rows.emplace_back(value.ToString(), unit);
  if (total.untold() > 0 || (rows.empty() && total.untold() != 0)) rows.emplace_back("", "");
  return rows;
}

class Rows {
 public:
  Rows(const Graph& graph, int64_t at) : graph_(graph), at_(at) {}

  void Add(const UnitStock& stock, const Affected& affected, std::vector<StockRow>* rows) const {
    for (const Holding& holding : stock.holdings) {
      if (!Has(graph_, affected, holding.variant, holding.holder)) continue;
      if (affected.part != 0 && holding.part != 0 && holding.part != affected.part) continue;
      StockRow row;
      row.unit = graph_.KeyText(stock.unit, holding.variant);
      row.product = graph_.ProductName(stock.unit);
      row.part = std::string(graph_.text(holding.part));
      if (holding.container != 0) row.container = graph_.KeyText(holding.container, 0);
      const Name subject = graph_.SubjectOf(holding.holder);
      row.holder = std::string(graph_.text(subject));
      row.holder_name = std::string(graph_.HolderName(subject));
      if (subject != holding.holder) row.place = std::string(graph_.text(holding.holder));
      row.state = StateOf(stock.unit, holding, row);
      for (auto& [quantity, uom] : Quantities(holding.total)) {
        row.quantity = quantity;
        row.uom = uom;
        rows->push_back(row);
      }
    }
  }

  static void Sort(std::vector<StockRow>* rows) {
    const auto key = [](const StockRow& row) {
      return std::tie(row.unit, row.holder, row.place, row.part, row.container, row.state, row.uom);
    };
    std::sort(rows->begin(), rows->end(),
              [&](const StockRow& a, const StockRow& b) { return key(a) < key(b); });
  }

 private:
  std::string StateOf(UnitId unit, const Holding& holding, const StockRow& row) const {
    if (holding.state == Holding::State::kRefused) return "refused";
    if (holding.state == Holding::State::kInTransit) return "in-transit";
    if (holding.state == Holding::State::kInProcess) return "in-process";
    if (!graph_.KeepsLedgerHere(holding.holder)) return "shipped";
    if (holding.apart) return "returned";
    events::Goods goods;
    goods.unit = std::string(graph_.text(graph_.unit(unit).key));
    goods.variant = std::string(graph_.text(holding.variant));
    goods.holder = row.place.empty() ? row.holder : row.place;
    goods.part = row.part;
    const events::Standing standing = trace::StandingBy(
        trace::SaidOf(graph_, unit, goods), {at_, at_}, [](uint32_t) { return std::string(); });
    if (standing.recalled.has_value()) return "recalled";
    if (standing.held.has_value()) return "held";
    return "on-hand";
  }

  const Graph& graph_;
  const int64_t at_;
};

class Planner {
 public:
  Planner(const Graph& graph, const trace::Ledgers& ledgers, const RecallRequest& request)
      : graph_(graph), ledgers_(ledgers), request_(request) {}

  absl::StatusOr<RecallPlan> Make() {
    if (request_.units.empty()) return InvalidArgument("no unit to recall was named");
    for (const std::string& unit : request_.units) SUYUAN_RETURN_IF_ERROR(Reach(unit));
    std::sort(plan_.origins.begin(), plan_.origins.end());
    plan_.origins.erase(std::unique(plan_.origins.begin(), plan_.origins.end()),
                        plan_.origins.end());
    plan_.heads = HeadsOf(ledgers_);
    const int64_t at = request_.at_micros.value_or(kForEver);
    const Rows rows(graph_, at);
    std::vector<std::pair<const Affected*, UnitStock>> stocks;
    for (const auto& [key, affected] : affected_) {
      // A package is counted by what is in it.
      if (graph_.PackingsOf(affected.unit) != nullptr) continue;
      stocks.emplace_back(&affected, trace::StockOf(graph_, affected.unit, at));
    }
    const std::map<Name, uint32_t> tiers = Tiers(stocks);
    for (const auto& [affected, stock] : stocks) {
      rows.Add(stock, *affected, &plan_.affected);
      Customers(stock, *affected, tiers);
      Balance(stock);
      for (const auto& [zh, en] : stock.findings) {
        plan_.unaccounted.push_back({graph_.KeyText(stock.unit, 0), "", zh, en});
      }
    }
    Rows::Sort(&plan_.affected);
    const auto by = [](const RecallCustomer& c) {
      return std::tie(c.tier, c.is_public, c.name, c.key, c.buyer, c.unit, c.uom);
    };
    std::sort(plan_.customers.begin(), plan_.customers.end(),
              [&](const RecallCustomer& a, const RecallCustomer& b) { return by(a) < by(b); });
    const auto gap_key = [](const RecallGap& gap) {
      return std::tie(gap.unit, gap.holder, gap.why);
    };
    std::sort(plan_.unaccounted.begin(), plan_.unaccounted.end(),
              [&](const RecallGap& a, const RecallGap& b) { return gap_key(a) < gap_key(b); });
    plan_.unaccounted.erase(std::unique(plan_.unaccounted.begin(), plan_.unaccounted.end(),
                                        [&](const RecallGap& a, const RecallGap& b) {
                                          return gap_key(a) == gap_key(b);
                                        }),
                            plan_.unaccounted.end());
    std::sort(plan_.balances.begin(), plan_.balances.end(),
              [](const RecallBalance& a, const RecallBalance& b) {
                return std::tie(a.unit, a.uom) < std::tie(b.unit, b.uom);
              });
    Digest();
    return std::move(plan_);
  }

 private:
  // Everything that can hold some of `spelling`, and where.
  absl::Status Reach(const std::string& spelling) {
    SUYUAN_ASSIGN_OR_RETURN(
        const TraceResult result,
        trace::Trace(graph_, ledgers_, {.unit = spelling, .direction = Direction::kForward}));
    plan_.origins.push_back(result.origin);
    // An origin that names less than the whole unit is affected only where that went.
    const bool whole = !graph_.Lookup(spelling).empty();
    Name part = 0;
    if (const auto address = codes::ParseUnitAddress(spelling); !whole && address.ok()) {
      part = graph_.Find(address->part);
    }
    Take(result.origin, whole ? std::vector<std::string>() : result.origin_holders, part);
    for (const TracedUnit& unit : result.units) Take(unit.key, unit.holders, 0);
    for (const TracedVessel& vessel : result.vessels) {
      if (const auto place = graph_.FindPlaceOf("vessel:" + vessel.name); place.has_value()) {
        Affected& affected = affected_[place->unit];
        affected.unit = place->unit;
        affected.holders.insert(graph_.Find(vessel.holder));
      }
    }
    for (const TraceEnd& end : result.ends) {
      if (end.kind != EndKind::kGap) continue;
      plan_.unaccounted.push_back({end.unit, end.holder, end.why_zh, end.why});
    }
    return absl::OkStatus();
  }

  void Take(const std::string& key, const std::vector<std::string>& holders, Name part) {
    for (const Named& named : graph_.Lookup(key)) {
      if (named.is_subject) continue;
      const auto [it, is_new] = affected_.try_emplace(named.unit);
      Affected& affected = it->second;
      affected.unit = named.unit;
      affected.part = is_new || part == affected.part ? part : Name{0};
      if (is_new || !affected.variants.empty()) {
        if (named.variant == 0) {
          affected.variants.clear();
        } else {
          affected.variants.insert(named.variant);
        }
      }
      if (holders.empty()) {
        affected.holders.clear();
      } else if (is_new || !affected.holders.empty()) {
        for (const std::string& holder : holders) affected.holders.insert(graph_.Find(holder));
      }
    }
  }

  // How many hands lie between a subject and those where the goods came up.
  std::map<Name, uint32_t> Tiers(
      const std::vector<std::pair<const Affected*, UnitStock>>& stocks) const {
    std::map<Name, std::set<Name>> to;
    std::set<Name> receivers;
    for (const auto& [affected, stock] : stocks) {
      for (const Delivery& delivery : stock.deliveries) {
        const Name receiver = graph_.SubjectOf(delivery.to);
        to[delivery.from].insert(receiver);
        receivers.insert(receiver);
      }
    }
    std::map<Name, uint32_t> tiers;
    std::vector<Name> open;
    for (const auto& [from, receiver] : to) {
      if (receivers.contains(from)) continue;
      tiers[from] = 0;
      open.push_back(from);
    }
    // In a circle nobody is first.
    if (open.empty() && !to.empty()) {
      tiers[to.begin()->first] = 0;
      open.push_back(to.begin()->first);
    }
    for (size_t i = 0; i < open.size(); ++i) {
      const auto next = to.find(open[i]);
      if (next == to.end()) continue;
      for (const Name receiver : next->second) {
        if (tiers.emplace(receiver, tiers[open[i]] + 1).second) open.push_back(receiver);
      }
    }
    return tiers;
  }

  void Customers(const UnitStock& stock, const Affected& affected,
                 const std::map<Name, uint32_t>& tiers) {
    for (const Delivery& delivery : stock.deliveries) {
      if (!Has(graph_, affected, delivery.variant, delivery.to)) continue;
      const auto tier = tiers.find(delivery.from);
      RecallCustomer customer;
      const Name called = delivery.buyer != 0 ? delivery.buyer : delivery.to;
      customer.key = std::string(graph_.text(delivery.to));
      if (delivery.buyer != 0 && delivery.buyer != delivery.to) {
        customer.buyer = std::string(graph_.text(delivery.buyer));
      }
      customer.name = std::string(graph_.HolderName(called));
      if (customer.name.empty()) customer.name = std::string(graph_.HolderName(delivery.to));
      if (customer.name.empty()) customer.name = customer.key;
      for (const Name holder : {called, delivery.to, graph_.SubjectOf(delivery.to)}) {
        if (customer.address.empty()) customer.address = std::string(graph_.AddressOf(holder));
        if (customer.contact.empty()) customer.contact = std::string(graph_.PhoneOf(holder));
      }
      customer.unit = graph_.KeyText(stock.unit, delivery.variant);
      customer.product = graph_.ProductName(stock.unit);
      if (!delivery.first.unknown() && delivery.first.earliest != Interval::kMin) {
        customer.date = TimeText(delivery.first.earliest, kChinaOffsetMinutes).substr(0, 10);
      }
      customer.tier = tier == tiers.end() ? 1 : tier->second + 1;
      customer.boundary = !graph_.KeepsLedgerHere(delivery.to);
      Total out = delivery.shipped;
      out.Add(delivery.returned, true);
      Put(std::move(customer), delivery.shipped, delivery.returned, out);
    }
    const auto served = stock.gone.find(v1::Event::kServe);
    if (served == stock.gone.end() || !affected.holders.empty()) return;
    RecallCustomer the_public;
    the_public.name = "公众 the public";
    the_public.unit = graph_.KeyText(stock.unit, 0);
    the_public.product = graph_.ProductName(stock.unit);
    the_public.is_public = true;
    Put(std::move(the_public), served->second, {}, served->second);
  }

  void Put(RecallCustomer customer, const Total& shipped, const Total& returned, const Total& out) {
    const auto value = [](const Total& total, const std::string& uom) {
      const auto it = total.sums().find(uom);
      return it == total.sums().end() ? std::string("0") : it->second.ToString();
    };
    std::set<std::string> uoms;
    for (const Total* total : {&shipped, &returned}) {
      for (const auto& [uom, sum] : total->sums()) uoms.insert(uom);
    }
    for (const std::string& uom : uoms) {
      customer.uom = uom;
      customer.shipped = value(shipped, uom);
      customer.returned = value(returned, uom);
      customer.out = value(out, uom);
      plan_.customers.push_back(customer);
    }
    if (shipped.untold() == 0 && !uoms.empty()) return;
    customer.uom.clear();
    customer.shipped.clear();
    customer.returned.clear();
    customer.out.clear();
    plan_.customers.push_back(customer);
  }

  void Balance(const UnitStock& stock) {
    Total on_hand;
    Total in_transit;
    Total in_process;
    Total shipped;
    for (const Holding& holding : stock.holdings) {
      (holding.state == Holding::State::kInTransit   ? in_transit
       : holding.state == Holding::State::kRefused   ? in_transit
       : holding.state == Holding::State::kInProcess ? in_process
       : graph_.KeepsLedgerHere(holding.holder)      ? on_hand
                                                     : shipped)
          .Add(holding.total);
    }
    const auto gone = [&](int operation) {
      const auto it = stock.gone.find(operation);
      return it == stock.gone.end() ? Total() : it->second;
    };
    const Total sampled = gone(v1::Event::kTakeSample);
    const Total wasted = gone(v1::Event::kRecordWaste);
    const Total destroyed = gone(v1::Event::kDestroyGoods);
    const Total served = gone(v1::Event::kServe);
    Total difference = stock.came;
    difference.Add(stock.counted);
    for (const Total* total :
         std::initializer_list<const Total*>{&stock.used, &sampled, &wasted, &destroyed, &served,
                                             &on_hand, &in_transit, &in_process, &shipped}) {
      difference.Add(*total, true);
    }
    std::set<std::string> uoms;
    for (const Total* total : std::initializer_list<const Total*>{
             &stock.came, &stock.counted, &stock.used, &sampled, &wasted, &destroyed, &served,
             &on_hand, &in_transit, &in_process, &shipped}) {
      for (const auto& [uom, sum] : total->sums()) uoms.insert(uom);
    }
    for (const std::string& uom : uoms) {
      const auto value = [&](const Total& total) {
        const auto it = total.sums().find(uom);
        return it == total.sums().end() ? std::string("0") : it->second.ToString();
      };
      plan_.balances.push_back({graph_.KeyText(stock.unit, 0), uom, value(stock.came),
                                value(stock.counted), value(stock.used), value(sampled),
                                value(wasted), value(destroyed), value(served), value(on_hand),
                                value(in_transit), value(in_process), value(shipped),
                                value(difference)});
    }
  }

  void Digest() {
    std::string bytes;
    const auto put = [&](const auto&... texts) { (PutString(&bytes, texts), ...); };
    put("suyuan-recall-1");
    PutVarint(&bytes, plan_.origins.size());
    for (const std::string& origin : plan_.origins) put(origin);
    PutVarint(&bytes, plan_.heads.size());
    for (const LedgerHead& head : plan_.heads) {
      put(head.ledger);
      PutVarint(&bytes, head.size);
      put(head.root);
    }
    PutVarint(&bytes, plan_.affected.size());
    for (const StockRow& row : plan_.affected) {
      put(row.unit, row.part, row.container, row.holder, row.place, row.state, row.quantity,
          row.uom);
    }
    PutVarint(&bytes, plan_.customers.size());
    for (const RecallCustomer& c : plan_.customers) {
      put(c.key, c.buyer, c.unit, c.shipped, c.returned, c.out, c.uom, c.date,
          std::to_string(c.tier), std::string(c.is_public ? "1" : ""));
    }
    PutVarint(&bytes, plan_.unaccounted.size());
    for (const RecallGap& gap : plan_.unaccounted) put(gap.unit, gap.holder, gap.why);
    plan_.digest = std::string(Sha256({bytes}).view());
  }

  const Graph& graph_;
  const trace::Ledgers& ledgers_;
  const RecallRequest& request_;
  RecallPlan plan_;
  std::map<UnitId, Affected> affected_;
};

}  // namespace

absl::StatusOr<StockResult> GetStock(const Graph& graph, const trace::Ledgers& ledgers,
                                     const StockRequest& request) {
  StockResult result;
  result.heads = HeadsOf(ledgers);
  const int64_t at = request.at_micros.value_or(kForEver);
  const Rows rows(graph, at);
  const auto add = [&](UnitId unit, const Affected& affected) {
    const UnitStock stock = trace::StockOf(graph, unit, at);
    rows.Add(stock, affected, &result.rows);
    for (const auto& [zh, en] : stock.findings) {
      result.findings.push_back({graph.KeyText(unit, 0), zh, en});
    }
  };
  if (request.unit.empty()) {
    for (UnitId unit = 1; unit <= graph.unit_count(); ++unit) {
      // A package is counted by what is in it.
      if (!graph.IsAlias(unit) && graph.PackingsOf(unit) == nullptr &&
          graph.unit(unit).kind != genealogy::UnitKind::kAny) {
        add(unit, {});
      }
    }
  } else {
    std::map<UnitId, Affected> wanted;
    for (const Named& named : graph.Lookup(request.unit)) {
      if (named.is_subject) {
        return InvalidArgument(request.unit, " names a subject, not a unit");
      }
      wanted[named.unit].unit = named.unit;
      if (named.variant != 0) wanted[named.unit].variants.insert(named.variant);
    }
    if (wanted.empty()) return NotFound("no unit ", request.unit, " is known");
    if (wanted.size() > 1) return InvalidArgument(request.unit, " names several units");
    for (const auto& [unit, affected] : wanted) {
      if (graph.PackingsOf(unit) != nullptr) {
        return InvalidArgument(request.unit,
                               " names a package; its stock is that of what lies in it");
      }
      add(unit, affected);
    }
  }
  Rows::Sort(&result.rows);
  return result;
}

absl::StatusOr<RecallPlan> PlanRecall(const Graph& graph, const trace::Ledgers& ledgers,
                                      const RecallRequest& request) {
  return Planner(graph, ledgers, request).Make();
}

}  // namespace suyuan::recall

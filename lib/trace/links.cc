#include "lib/trace/links.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>

#include "lib/base/decimal.h"
#include "lib/events/operation.h"

namespace suyuan::trace {

using genealogy::Edge;
using genealogy::EdgeId;
using genealogy::EventInfo;
using genealogy::Place;
using genealogy::StepId;

namespace {

GoodsRole RoleOf(v1::Role role) {
  switch (role) {
    case v1::ROLE_PACKAGING:
      return GoodsRole::kPackaging;
    case v1::ROLE_PROCESSING_AID:
      return GoodsRole::kProcessingAid;
    default:
      return GoodsRole::kIngredient;
  }
}

}  // namespace

std::string_view OperationCode(int field_number) {
  for (const events::OperationInfo& operation : events::Operations()) {
    if (operation.field->number() == field_number) return operation.code;
  }
  return {};
}

std::vector<uint32_t> LinkTeller::AddWays(const Closure& closure, bool backward) {
  const uint32_t offset = static_cast<uint32_t>(ways_.size());
  std::vector<uint32_t> first(closure.reached().size(), kNoIndex);
  std::vector<uint32_t> places;
  places.reserve(closure.reached().size());
  for (const Closure::Reached& row : closure.reached()) places.push_back(PlaceOf(row.place));
  for (Closure::Way way : closure.ways()) {
    uint32_t& first_of_row = first[way.row];
    if (first_of_row == kNoIndex) first_of_row = static_cast<uint32_t>(ways_.size());
    way.from += offset;
    if (way.carrier != 0) {
      way.carrier =
          1 + PlaceOf({way.carrier, 0, closure.reached()[way.row].place.holder, 0, false});
    }
    way.row = places[way.row];
    ways_.push_back(way);
  }
  if (!backward) forward_ways_ = ways_.size();
  return first;
}

uint32_t LinkTeller::PlaceOf(const Place& place) {
  Place key = place;
  key.apart = false;
  const auto [it, is_new] = place_of_.try_emplace(key, static_cast<uint32_t>(places_.size()));
  if (is_new) places_.push_back(key);
  return it->second;
}

// Dates that do not tell units apart are of one place. Returns where each of places_ went.
std::vector<uint32_t> LinkTeller::FinishPlaces(TraceResult* result) {
  std::vector<TracedPlace> told;
  told.reserve(places_.size());
  for (const Place& place : places_) {
    told.push_back({graph_.KeyText(place.unit, place.variant),
                    std::string(graph_.text(place.holder)), std::string(graph_.text(place.part))});
  }
  std::vector<uint32_t> order(told.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](uint32_t i) { return std::tie(told[i].unit, told[i].holder, told[i].part); };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return key(a) < key(b); });
  std::vector<uint32_t> index(told.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || key(order[i - 1]) != key(order[i])) {
      index[order[i]] = static_cast<uint32_t>(result->places.size());
      result->places.emplace_back(told[order[i]]);
    } else {
      index[order[i]] = static_cast<uint32_t>(result->places.size() - 1);
    }
  }
  return index;
}

void LinkTeller::Finish(const std::vector<EdgeId>& edges, const std::vector<StepId>& steps,
                        TraceResult* result) {
  struct Row {
    uint32_t ledger;
    uint64_t sequence;
    uint32_t ordinal;
    EdgeId edge;
    uint32_t place;
  };
  const auto rank_of = [&](uint32_t ledger) {
    const auto it = rank_.find(ledger);
    return it == rank_.end() ? kNoIndex : it->second;
  };
  std::vector<Row> rows;
  rows.reserve(edges.size());
  for (const EdgeId id : edges) {
    const Edge& edge = graph_.edge(id);
    const EventInfo& event = graph_.event(edge.event);
    rows.push_back({rank_of(event.ledger), event.sequence, edge.ordinal, id,
                    PlaceOf(graph_.node(edge.node).place)});
  }
  const auto key = [](const Row& row) { return std::tie(row.ledger, row.sequence, row.ordinal); };
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return key(a) < key(b); });
  const std::vector<uint32_t> place_index = FinishPlaces(result);

  absl::flat_hash_map<StepId, uint32_t> step_index;
  step_index.reserve(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) step_index[steps[i]] = static_cast<uint32_t>(i);
  absl::flat_hash_map<EdgeId, uint32_t> link_index;
  link_index.reserve(rows.size());
  result->links.reserve(rows.size());
  for (const Row& row : rows) {
    const Edge& edge = graph_.edge(row.edge);
    const EventInfo& event = graph_.event(edge.event);
    link_index[row.edge] = static_cast<uint32_t>(result->links.size());
    TracedLink& link = result->links.emplace_back();
    link.place = place_index[row.place];
    link.step = step_index.at(edge.step);
    link.output = edge.output;
    if (row.ledger != kNoIndex) link.ledger = result->heads[row.ledger].ledger;
    link.sequence = event.sequence;
    link.operation = std::string(OperationCode(event.operation));
    if (edge.quantity_unit != 0) {
      link.quantity = Decimal{edge.quantity, edge.scale}.ToString();
      link.uom = std::string(graph_.text(edge.quantity_unit));
    }
    link.role = RoleOf(edge.role);
    link.earliest_micros = event.begin.earliest;
    link.latest_micros = event.end.latest;
  }

  const auto link_of = [&](EdgeId edge) {
    const auto it = link_index.find(edge);
    return edge == 0 || it == link_index.end() ? kNoIndex : it->second;
  };
  result->hops.reserve(ways_.size());
  for (const Closure::Way& way : ways_) {
    TraceHop& hop = result->hops.emplace_back();
    hop.before = way.from;
    hop.place = place_index[way.row];
    hop.backward = result->hops.size() > forward_ways_;
    hop.took = link_of(way.took);
    hop.brought = link_of(way.brought);
    if (way.carrier != 0) hop.carrier = place_index[way.carrier - 1];
    if (way.packed == 0) continue;
    hop.packed_ledger = rank_of(graph_.event(way.packed).ledger);
    hop.packed_sequence = graph_.event(way.packed).sequence;
  }
}

}  // namespace suyuan::trace

#include "api/exchange/trace_drawing.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "lib/base/time.h"
#include "lib/base/utf8.h"

namespace suyuan::exchange {
namespace {

using Side = TraceDrawing::Side;

// Well-formed, and without what XML 1.0 and terminals do not take.
std::string Clean(std::string_view text) {
  std::string clean;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    const uint32_t c = DecodeUtf8(text, &i);
    const bool bad = c == kMalformedUtf8 || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe ||
                     c == 0xffff || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
                     (c >= 0x2066 && c <= 0x2069);
    if (c == kMalformedUtf8) i = begin + 1;
    clean += bad ? "\xef\xbf\xbd" : std::string(text.substr(begin, i - begin));
  }
  return clean;
}

std::string MomentText(int64_t micros) {
  const bool told = micros != std::numeric_limits<int64_t>::min() &&
                    micros != std::numeric_limits<int64_t>::max();
  return told ? TimeText(micros, 0) : "";
}

std::string_view RoleText(GoodsRole role) {
  return role == GoodsRole::kIngredient  ? "ingredient"
         : role == GoodsRole::kPackaging ? "packaging"
                                         : "processing-aid";
}

class Maker {
 public:
  Maker(const TraceResult& result, const std::function<std::string(const std::string&)>& name)
      : result_(result), holder_name_(name) {}

  TraceDrawing Make() {
    KnowUnits();
    AddGoods();
    for (const TracedLink& link : result_.links) {
      (link.output ? outputs_ : inputs_)[link.step].push_back(&link);
    }
    for (uint32_t step = 0; step < result_.steps.size(); ++step) AddStep(step);
    for (const TraceHop& hop : result_.hops) AddJoins(hop);
    std::vector<LayoutEdge> edges;
    for (const TraceDrawing::Edge& edge : drawing_.edges) edges.push_back({edge.from, edge.to});
    drawing_.layout = LayOut(static_cast<uint32_t>(drawing_.nodes.size()), edges);
    return std::move(drawing_);
  }

 private:
  struct Known {
    const TracedUnit* unit = nullptr;
    Side side = Side::kCarrier;
  };

  void KnowUnits() {
    for (const TracedUnit& unit : result_.units) {
      Known& known = known_[unit.key];
      const Side side = unit.direction == Direction::kForward ? Side::kForward : Side::kBackward;
      known.side = known.unit == nullptr || known.side == side ? side : Side::kBoth;
      if (known.unit == nullptr) known.unit = &unit;
    }
  }

  // A container that went nowhere by itself is not drawn.
  std::vector<bool> Drawn() const {
    std::vector<bool> drawn(result_.places.size());
    for (const TracedLink& link : result_.links) drawn[link.place] = true;
    for (const TraceHop& hop : result_.hops) drawn[hop.place] = true;
    return drawn;
  }

  void AddGoods() {
    const std::vector<bool> drawn = Drawn();
    std::map<std::string, std::set<std::string>> holders;
    for (size_t i = 0; i < result_.places.size(); ++i) {
      const TracedPlace& place = result_.places[i];
      if (drawn[i] && !place.holder.empty()) holders[place.unit].insert(place.holder);
    }
    for (size_t i = 0; i < result_.places.size(); ++i) {
      TracedPlace place = result_.places[i];
      if (place.holder.empty() && holders[place.unit].size() == 1) {
        place.holder = *holders[place.unit].begin();
      }
      node_of_place_.push_back(kNoIndex);
      if (!drawn[i]) continue;
      const auto [it, is_new] = goods_.try_emplace({place.unit, place.holder}, 0);
      if (is_new) it->second = static_cast<uint32_t>(drawing_.nodes.size());
      node_of_place_.back() = it->second;
      if (!is_new) continue;
      TraceDrawing::Node& node = drawing_.nodes.emplace_back();
      node.unit = Clean(place.unit);
      node.holder = Clean(place.holder);
      if (!place.holder.empty()) node.holder_name = Clean(holder_name_(place.holder));
      const std::vector<std::string>* ids = nullptr;
      if (place.unit == result_.origin) {
        node.side = Side::kOrigin;
        node.product = Clean(result_.origin_product);
        ids = &result_.origin_external_ids;
      } else if (const auto known = known_.find(place.unit); known != known_.end()) {
        node.side = known->second.side;
        node.depth = known->second.unit->depth;
        node.product = Clean(known->second.unit->product);
        ids = &known->second.unit->external_ids;
      }
      if (ids != nullptr && !ids->empty()) {
        node.id = Clean(ids->front());
      } else {
        node.id = Clean(place.unit.substr(place.unit.find_last_of("/:") + 1));
      }
    }
  }

  void FillEdge(const TracedLink& link, TraceDrawing::Edge* edge) const {
    edge->told = true;
    edge->ledger = Clean(link.ledger);
    edge->sequence = link.sequence;
    edge->operation = Clean(link.operation);
    edge->quantity = Clean(link.quantity);
    edge->uom = Clean(link.uom);
    edge->role = RoleText(link.role);
    edge->earliest = MomentText(link.earliest_micros);
    edge->latest = MomentText(link.latest_micros);
  }

  // A step of one input and one output is an edge.
  void AddStep(uint32_t step) {
    const std::vector<const TracedLink*>& in = inputs_[step];
    const std::vector<const TracedLink*>& out = outputs_[step];
    if (in.size() == 1 && out.size() == 1) {
      TraceDrawing::Edge edge;
      FillEdge(*out[0], &edge);
      edge.role = RoleText(in[0]->role);
      edge.from = node_of_place_[in[0]->place];
      edge.to = node_of_place_[out[0]->place];
      AddEdge(std::move(edge));
      return;
    }
    const uint32_t at = static_cast<uint32_t>(drawing_.nodes.size());
    TraceDrawing::Node& node = drawing_.nodes.emplace_back();
    node.is_step = true;
    node.ledger = Clean(result_.steps[step].ledger);
    node.sequence = result_.steps[step].sequence;
    node.operation = Clean(result_.steps[step].operation);
    node.run = Clean(result_.steps[step].run);
    for (const bool output : {false, true}) {
      for (const TracedLink* const link : output ? out : in) {
        TraceDrawing::Edge edge;
        FillEdge(*link, &edge);
        edge.from = output ? at : node_of_place_[link->place];
        edge.to = output ? node_of_place_[link->place] : at;
        AddEdge(std::move(edge));
      }
    }
  }

  void AddEdge(TraceDrawing::Edge edge) {
    drawing_.edges.push_back(std::move(edge));
    ends_.emplace(drawing_.edges.back().from, drawing_.edges.back().to);
  }

  // What no link says of a hop: that goods are in a container, or the same as others.
  void AddJoins(const TraceHop& hop) {
    const uint32_t before = node_of_place_[result_.hops[hop.before].place];
    const uint32_t here = node_of_place_[hop.place];
    if (hop.took == kNoIndex || hop.brought == kNoIndex) {
      AddJoin(before, here, hop);
      if (hop.carrier != kNoIndex) AddJoin(here, node_of_place_[hop.carrier], hop);
      return;
    }
    AddJoin(before, node_of_place_[result_.links[hop.took].place], hop);
    AddJoin(node_of_place_[result_.links[hop.brought].place], here, hop);
  }

  void AddJoin(uint32_t from, uint32_t to, const TraceHop& hop) {
    if (hop.backward) std::swap(from, to);
    if (from == kNoIndex || to == kNoIndex || from == to || !ends_.emplace(from, to).second) return;
    TraceDrawing::Edge edge;
    edge.from = from;
    edge.to = to;
    if (hop.packed_ledger < result_.heads.size()) {
      edge.ledger = Clean(result_.heads[hop.packed_ledger].ledger);
      edge.sequence = hop.packed_sequence;
    }
    drawing_.edges.push_back(std::move(edge));
  }

  const TraceResult& result_;
  const std::function<std::string(const std::string&)>& holder_name_;
  TraceDrawing drawing_;
  std::map<std::string, Known> known_;
  std::map<std::pair<std::string, std::string>, uint32_t> goods_;
  std::vector<uint32_t> node_of_place_;
  std::map<uint32_t, std::vector<const TracedLink*>> inputs_;
  std::map<uint32_t, std::vector<const TracedLink*>> outputs_;
  std::set<std::pair<uint32_t, uint32_t>> ends_;
};

}  // namespace

TraceDrawing DrawTrace(const TraceResult& result,
                       const std::function<std::string(const std::string&)>& holder_name) {
  return Maker(result, holder_name).Make();
}

}  // namespace suyuan::exchange

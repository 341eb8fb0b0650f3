#include "api/exchange/trace_export.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "api/exchange/trace_drawing.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"
#include "lib/trace/indexes.h"

namespace suyuan::exchange {
namespace {

using Json = nlohmann::ordered_json;
using Node = TraceDrawing::Node;
using Edge = TraceDrawing::Edge;
using Side = TraceDrawing::Side;

std::string_view SideName(Side side) {
  switch (side) {
    case Side::kOrigin:
      return "origin";
    case Side::kForward:
      return "forward";
    case Side::kBackward:
      return "backward";
    case Side::kBoth:
      return "both";
    case Side::kCarrier:
      break;
  }
  return "carrier";
}

std::string_view ColourOf(const Node& node) {
  if (node.is_step) return "#f2f2f2";
  switch (node.side) {
    case Side::kOrigin:
      return "#ffd27f";
    case Side::kForward:
      return "#cfe3fa";
    case Side::kBackward:
      return "#d5efd0";
    case Side::kBoth:
      return "#e6d8f5";
    case Side::kCarrier:
      break;
  }
  return "#ffffff";
}

std::string EntryText(const Edge& edge) {
  return edge.ledger.empty() ? "" : StrCat(edge.ledger, " #", edge.sequence);
}

std::string QuantityText(const Edge& edge) {
  return edge.quantity.empty() ? "" : StrCat(edge.quantity, " ", edge.uom);
}

// At most three lines of a node, empty ones left out.
std::vector<std::string> LinesOf(const Node& node) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) lines.push_back(line);
  };
  if (node.is_step) {
    add(node.operation);
    add(node.run);
    return lines;
  }
  add(node.product);
  add(node.id);
  add(node.holder_name.empty() ? "持有者未记录 holder not told" : node.holder_name);
  return lines;
}

// Everything, for who points at it.
std::string TitleOf(const Node& node) {
  if (node.is_step) {
    return StrCat(node.operation, " ", node.run, "\n", node.ledger, " #", node.sequence);
  }
  return StrCat(node.unit, "\n", node.product, "\n", node.holder_name, " ", node.holder);
}
std::string TitleOf(const Edge& edge) {
  if (!edge.told) return StrCat("同一批货 the same goods\n", EntryText(edge));
  std::string title = StrCat(edge.operation, " ", QuantityText(edge), "\n", EntryText(edge));
  if (edge.role != "ingredient") title += StrCat("\n", edge.role);
  if (!edge.earliest.empty()) title += StrCat("\n", edge.earliest);
  if (!edge.latest.empty() && edge.latest != edge.earliest) title += StrCat(" – ", edge.latest);
  return title;
}

// ------------------------------------------------------------------- DOT

// A backslash would begin an escape of Graphviz; "\n" of ours is one.
std::string DotText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string joined;
  for (const std::string& line : lines) joined += StrCat(joined.empty() ? "" : "\n", line);
  return joined;
}

std::string Dot(const TraceDrawing& drawing) {
  std::string out =
      "digraph trace {\n"
      "  rankdir=LR;\n"
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=10];\n"
      "  edge [fontname=\"sans-serif\", fontsize=8];\n";
  for (size_t i = 0; i < drawing.nodes.size(); ++i) {
    const Node& node = drawing.nodes[i];
    out += StrCat("  n", i, " [label=", DotText(Joined(LinesOf(node))),
                  ", tooltip=", DotText(TitleOf(node)), ", fillcolor=\"", ColourOf(node), "\"",
                  node.is_step ? ", shape=ellipse" : "", "];\n");
  }
  for (size_t i = 0; i < drawing.edges.size(); ++i) {
    const Edge& edge = drawing.edges[i];
    out += StrCat("  n", edge.from, " -> n", edge.to, " [tooltip=", DotText(TitleOf(edge)));
    if (edge.told) {
      out += StrCat(", label=",
                    DotText(drawing.nodes[edge.from].is_step || drawing.nodes[edge.to].is_step
                                ? QuantityText(edge)
                                : StrCat(edge.operation, "\n", QuantityText(edge))));
    } else {
      out += ", style=dashed, color=\"#888888\"";
    }
    // Graphviz need not break the cycles again.
    if (drawing.layout.edges[i].reversed) out += ", constraint=false";
    out += "];\n";
  }
  return out + "}\n";
}

// ------------------------------------------------------------------- XML

std::string XmlText(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped.push_back(c);
    }
  }
  return escaped;
}

std::string Graphml(const TraceDrawing& drawing) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";
  for (const std::string_view domain : {"node", "edge"}) {
    const bool node = domain == "node";
    const std::vector<std::pair<std::string_view, std::string_view>> keys =
        node ? std::vector<std::pair<std::string_view, std::string_view>>{{"kind", "string"},
                                                                          {"label", "string"},
                                                                          {"unit", "string"},
                                                                          {"holder", "string"},
                                                                          {"holder_name", "string"},
                                                                          {"product", "string"},
                                                                          {"side", "string"},
                                                                          {"depth", "int"},
                                                                          {"ledger", "string"},
                                                                          {"sequence", "long"},
                                                                          {"operation", "string"},
                                                                          {"run", "string"},
                                                                          {"layer", "int"},
                                                                          {"order", "int"},
                                                                          {"x", "int"}}
             : std::vector<std::pair<std::string_view, std::string_view>>{
                   {"kind", "string"},      {"ledger", "string"},   {"sequence", "long"},
                   {"operation", "string"}, {"quantity", "string"}, {"uom", "string"},
                   {"role", "string"},      {"earliest", "string"}, {"latest", "string"},
                   {"reversed", "boolean"}};
    for (const auto& [name, type] : keys) {
      out += StrCat("  <key id=\"", domain, ".", name, "\" for=\"", domain, "\" attr.name=\"", name,
                    "\" attr.type=\"", type, "\"/>\n");
    }
  }
  out += "  <graph id=\"trace\" edgedefault=\"directed\">\n";
  const auto data = [&](std::string_view domain, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += StrCat("      <data key=\"", domain, ".", name, "\">", XmlText(value), "</data>\n");
  };
  for (size_t i = 0; i < drawing.nodes.size(); ++i) {
    const Node& node = drawing.nodes[i];
    const Layout::Node& place = drawing.layout.nodes[i];
    out += StrCat("    <node id=\"n", i, "\">\n");
    data("node", "kind", node.is_step ? "step" : "goods");
    data("node", "label", Joined(LinesOf(node)));
    data("node", "unit", node.unit);
    data("node", "holder", node.holder);
    data("node", "holder_name", node.holder_name);
    data("node", "product", node.product);
    if (node.is_step) {
      data("node", "ledger", node.ledger);
      data("node", "sequence", StrCat(node.sequence));
      data("node", "operation", node.operation);
      data("node", "run", node.run);
    } else {
      data("node", "side", SideName(node.side));
      data("node", "depth", StrCat(node.depth));
    }
    data("node", "layer", StrCat(place.layer));
    data("node", "order", StrCat(place.order));
    data("node", "x", StrCat(place.x));
    out += "    </node>\n";
  }
  for (size_t i = 0; i < drawing.edges.size(); ++i) {
    const Edge& edge = drawing.edges[i];
    out += StrCat("    <edge id=\"e", i, "\" source=\"n", edge.from, "\" target=\"n", edge.to,
                  "\">\n");
    data("edge", "kind", edge.told ? "link" : "same");
    data("edge", "ledger", edge.ledger);
    if (!edge.ledger.empty()) data("edge", "sequence", StrCat(edge.sequence));
    data("edge", "operation", edge.operation);
    data("edge", "quantity", edge.quantity);
    data("edge", "uom", edge.uom);
    data("edge", "role", edge.role);
    data("edge", "earliest", edge.earliest);
    data("edge", "latest", edge.latest);
    if (drawing.layout.edges[i].reversed) data("edge", "reversed", "true");
    out += "    </edge>\n";
  }
  return out + "  </graph>\n</graphml>\n";
}

// ------------------------------------------------------------------- JSON

std::string JsonText(const TraceDrawing& drawing, const TraceResult& result) {
  Json json;
  json["origin"] = result.origin;
  json["direction"] = result.direction == Direction::kForward    ? "forward"
                      : result.direction == Direction::kBackward ? "backward"
                                                                 : "both";
  json["heads"] = Json::array();
  for (const LedgerHead& head : result.heads) {
    Json item;
    item["ledger"] = head.ledger;
    item["size"] = head.size;
    item["root"] = ToHex(head.root);
    json["heads"].push_back(std::move(item));
  }
  json["digest"] = ToHex(result.digest);
  json["layers"] = drawing.layout.layers;
  json["crossings"] = drawing.layout.crossings;
  json["nodes"] = Json::array();
  for (size_t i = 0; i < drawing.nodes.size(); ++i) {
    const Node& node = drawing.nodes[i];
    const Layout::Node& place = drawing.layout.nodes[i];
    Json item;
    item["kind"] = node.is_step ? "step" : "goods";
    if (node.is_step) {
      item["ledger"] = node.ledger;
      item["sequence"] = node.sequence;
      item["operation"] = node.operation;
      item["run"] = node.run;
    } else {
      item["unit"] = node.unit;
      item["id"] = node.id;
      item["product"] = node.product;
      item["holder"] = node.holder;
      item["holder_name"] = node.holder_name;
      item["side"] = SideName(node.side);
      item["depth"] = node.depth;
    }
    item["layer"] = place.layer;
    item["order"] = place.order;
    item["x"] = place.x;
    json["nodes"].push_back(std::move(item));
  }
  json["edges"] = Json::array();
  for (size_t i = 0; i < drawing.edges.size(); ++i) {
    const Edge& edge = drawing.edges[i];
    Json item;
    item["from"] = edge.from;
    item["to"] = edge.to;
    item["kind"] = edge.told ? "link" : "same";
    item["ledger"] = edge.ledger;
    item["sequence"] = edge.sequence;
    item["operation"] = edge.operation;
    item["quantity"] = edge.quantity;
    item["uom"] = edge.uom;
    item["role"] = edge.role;
    item["earliest"] = edge.earliest;
    item["latest"] = edge.latest;
    item["reversed"] = drawing.layout.edges[i].reversed;
    item["bends"] = drawing.layout.edges[i].bends;
    json["edges"].push_back(std::move(item));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// ------------------------------------------------------------------- SVG

// Sizes in pixels.
constexpr int kWide = 190;
constexpr int kHigh = 54;
constexpr int kBetweenLayers = 120;
constexpr int kMargin = 20;
constexpr int kLine = 15;
constexpr size_t kColumns = 30;  // of 6 pixels, of which a Chinese character takes two

// Cut to what fits into a box.
std::string Fitted(const std::string& text) {
  // What takes no column is cut, too.
  if (text.size() <= 8 * kColumns && codes::DisplayWidth(text) <= kColumns) return text;
  std::string fitted;
  for (size_t i = 0; i < text.size() && fitted.size() < 8 * kColumns;) {
    size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    const std::string more = fitted + text.substr(i, next - i);
    if (codes::DisplayWidth(more) >= kColumns) break;
    fitted = more;
    i = next;
  }
  return fitted + "…";
}

class Svg {
 public:
  explicit Svg(const TraceDrawing& drawing) : drawing_(drawing) {
    for (size_t i = 0; i < drawing.nodes.size(); ++i) {
      width_ = std::max(width_, Left(drawing.layout.nodes[i].layer) + kWide + kMargin);
      height_ = std::max(height_, Middle(drawing.layout.nodes[i].x) + kHigh / 2 + kMargin);
    }
    std::map<std::pair<uint32_t, uint32_t>, size_t> count;
    for (const Edge& edge : drawing.edges) {
      rank_.push_back(count[std::minmax(edge.from, edge.to)]++);
    }
    for (const Layout::Edge& edge : drawing.layout.edges) {
      for (const int32_t bend : edge.bends) {
        height_ = std::max(height_, Middle(bend) + kMargin);
      }
    }
  }

  std::string Text(const std::string& title) {
    std::string out = StrCat(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
        width_, "\" height=\"", height_, "\" viewBox=\"0 0 ", width_, " ", height_,
        "\" font-family=\"'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif\" "
        "font-size=\"11\">\n<title>",
        XmlText(title),
        "</title>\n"
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" "
        "markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker>"
        "<marker id=\"start\" viewBox=\"0 0 8 8\" refX=\"0\" refY=\"4\" markerWidth=\"8\" "
        "markerHeight=\"8\" orient=\"auto\"><path d=\"M8 0L0 4L8 8z\" fill=\"#555\"/></marker>"
        "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    for (size_t i = 0; i < drawing_.edges.size(); ++i) out += EdgeText(i);
    for (size_t i = 0; i < drawing_.nodes.size(); ++i) out += NodeText(i);
    return out + "</svg>\n";
  }

 private:
  using Point = std::pair<int64_t, int64_t>;

  static int64_t Left(uint32_t layer) {
    return kMargin + int64_t{layer} * (kWide + kBetweenLayers);
  }
  static int64_t Middle(int32_t x) {
    return kMargin + kHigh / 2 + int64_t{x} * (kHigh + 12) / Layout::kStep;
  }

  std::string NodeText(size_t i) const {
    const Node& node = drawing_.nodes[i];
    const Layout::Node& place = drawing_.layout.nodes[i];
    const int64_t left = Left(place.layer);
    const int64_t middle = Middle(place.x);
    std::string out = StrCat("<g><title>", XmlText(TitleOf(node)), "</title>");
    const std::vector<std::string> lines = LinesOf(node);
    const int64_t high = node.is_step ? kLine * static_cast<int64_t>(lines.size()) + 10 : kHigh;
    out += StrCat("<rect x=\"", left, "\" y=\"", middle - high / 2, "\" width=\"", kWide,
                  "\" height=\"", high, "\" rx=\"", node.is_step ? high / 2 : 5, "\" fill=\"",
                  ColourOf(node), "\" stroke=\"#555\"",
                  !node.is_step && node.side == Side::kOrigin ? " stroke-width=\"2\"" : "", "/>");
    int64_t y = middle - kLine * static_cast<int64_t>(lines.size()) / 2 + 11;
    for (const std::string& line : lines) {
      out += StrCat("<text x=\"", left + kWide / 2, "\" y=\"", y, "\" text-anchor=\"middle\">",
                    XmlText(Fitted(line)), "</text>");
      y += kLine;
    }
    return out + "</g>\n";
  }

  // From the right side of the earlier layer to the left side of the later one; an edge against
  // the layers is drawn the other way and has its tip at the left.
  std::string EdgeText(size_t i) const {
    const Edge& edge = drawing_.edges[i];
    const Layout::Edge& way = drawing_.layout.edges[i];
    uint32_t from = edge.from;
    uint32_t to = edge.to;
    const bool back = way.reversed && from != to;
    if (back) std::swap(from, to);
    const Layout::Node& a = drawing_.layout.nodes[from];
    const Layout::Node& b = drawing_.layout.nodes[to];
    std::string path;
    Point label;
    if (from == to) {
      const int64_t x = Left(a.layer) + kWide;
      const int64_t y = Middle(a.x);
      path = StrCat("M", x, " ", y + 8, "C", x + 40, " ", y + 24, " ", x + 40, " ", y - 24, " ", x,
                    " ", y - 8);
      label = {x + 36, y};
    } else {
      const int64_t aside = Aside(i);
      std::vector<Point> points = {{Left(a.layer) + kWide, Middle(a.x) + aside}};
      for (size_t k = 0; k < way.bends.size(); ++k) {
        const uint32_t layer = a.layer + 1 + static_cast<uint32_t>(k);
        points.emplace_back(Left(layer), Middle(way.bends[k]) + aside);
        points.emplace_back(Left(layer) + kWide, Middle(way.bends[k]) + aside);
      }
      points.emplace_back(Left(b.layer), Middle(b.x) + aside);
      path = StrCat("M", points[0].first, " ", points[0].second);
      for (size_t k = 1; k < points.size(); ++k) {
        const Point& p = points[k - 1];
        const Point& q = points[k];
        if (p.second == q.second) {
          path += StrCat("L", q.first, " ", q.second);
          continue;
        }
        const int64_t half = (p.first + q.first) / 2;
        path +=
            StrCat("C", half, " ", p.second, " ", half, " ", q.second, " ", q.first, " ", q.second);
      }
      label = {(points[0].first + points[1].first) / 2, (points[0].second + points[1].second) / 2};
    }
    std::string out =
        StrCat("<g><title>", XmlText(TitleOf(edge)), "</title><path d=\"", path,
               "\" fill=\"none\" stroke=\"", edge.told ? "#555" : "#999", "\"",
               edge.told ? "" : " stroke-dasharray=\"4 3\"",
               back ? " marker-start=\"url(#start)\"" : " marker-end=\"url(#tip)\"", "/>");
    const bool at_step = drawing_.nodes[edge.from].is_step || drawing_.nodes[edge.to].is_step;
    const std::string text = !edge.told ? ""
                             : at_step  ? QuantityText(edge)
                                        : StrCat(edge.operation, " ", QuantityText(edge));
    if (!text.empty()) {
      out += StrCat("<text x=\"", label.first, "\" y=\"", label.second - 4,
                    "\" text-anchor=\"middle\" font-size=\"9\" fill=\"#333\">",
                    XmlText(Fitted(text)), "</text>");
    }
    return out + "</g>\n";
  }

  // Edges between the same two nodes, in either direction, lie beside each other.
  int64_t Aside(size_t i) const {
    constexpr int64_t kAside[] = {0, 11, -11, 22, -22};
    return kAside[rank_[i] % std::size(kAside)];
  }

  const TraceDrawing& drawing_;
  std::vector<size_t> rank_;
  int64_t width_ = 2 * kMargin;
  int64_t height_ = 2 * kMargin;
};

}  // namespace

std::optional<TraceFormat> TraceFormatOf(std::string_view name) {
  if (name == "dot") return TraceFormat::kDot;
  if (name == "graphml") return TraceFormat::kGraphml;
  if (name == "json") return TraceFormat::kJson;
  if (name == "svg") return TraceFormat::kSvg;
  return std::nullopt;
}

absl::StatusOr<std::string> ExportTrace(
    const TraceResult& result, TraceFormat format,
    const std::function<std::string(const std::string& holder)>& holder_name) {
  if (result.places.empty() && result.edges > 0) {
    return InvalidArgument("links: found none, expected an answer that was asked with links");
  }
  if (const absl::Status indexes = trace::CheckIndexes(result); !indexes.ok()) {
    return absl::InvalidArgumentError(indexes.message());
  }
  const TraceDrawing drawing = DrawTrace(result, holder_name);
  switch (format) {
    case TraceFormat::kDot:
      return Dot(drawing);
    case TraceFormat::kGraphml:
      return Graphml(drawing);
    case TraceFormat::kJson:
      return JsonText(drawing, result);
    case TraceFormat::kSvg:
      break;
  }
  std::string title = "追溯 trace";
  for (const Node& node : drawing.nodes) {
    if (!node.is_step && node.side == Side::kOrigin) {
      title = StrCat("追溯 trace: ", node.unit);
      break;
    }
  }
  return Svg(drawing).Text(title);
}

}  // namespace suyuan::exchange

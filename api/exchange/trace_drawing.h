#ifndef API_EXCHANGE_TRACE_DRAWING_H_
#define API_EXCHANGE_TRACE_DRAWING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "suyuan/layout.h"
#include "suyuan/trace.h"

namespace suyuan::exchange {

// The graph of an answer as it is drawn. All texts are UTF-8 without control characters.
struct TraceDrawing {
  enum class Side { kOrigin, kForward, kBackward, kBoth, kCarrier };

  struct Node {
    bool is_step = false;
    // Of goods.
    std::string unit;  // key
    std::string holder;
    std::string holder_name;
    std::string product;
    std::string id;              // what people call it: an external id, or the end of its key
    Side side = Side::kCarrier;  // kCarrier: a container that only held goods
    uint32_t depth = 0;
    // Of a step.
    std::string ledger;
    uint64_t sequence = 0;
    std::string operation;
    std::string run;
  };
  struct Edge {
    uint32_t from = 0;
    uint32_t to = 0;
    // Told by an entry, as a link of a step; else how goods are the same: in a container, or
    // described in another way.
    bool told = false;
    std::string ledger;  // empty: no entry tells of it
    uint64_t sequence = 0;
    std::string operation;
    std::string quantity;
    std::string uom;
    std::string role;
    std::string earliest;  // UTC; empty: not told
    std::string latest;
  };
  std::vector<Node> nodes;  // goods by unit and holder, then steps by entry
  std::vector<Edge> edges;
  Layout layout;
};

// Goods whose holder an entry does not tell are drawn where their unit lies, if that is one place.
// `result` must have links, whose indexes fit.
TraceDrawing DrawTrace(const TraceResult& result,
                       const std::function<std::string(const std::string& holder)>& holder_name);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_TRACE_DRAWING_H_

#ifndef LIB_TRACE_STOCK_H_
#define LIB_TRACE_STOCK_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/base/time.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/total.h"

namespace suyuan::trace {

// Goods of one unit that lie together.
struct Holding {
  // Refused: turned away at the door and not gone from there; its sender's, and no stock.
  enum class State : uint8_t { kOnHand, kInTransit, kInProcess, kRefused };
  State state = State::kOnHand;
  genealogy::Name variant = 0;
  genealogy::Name holder = 0;  // in transit: where they are going
  genealogy::Name part = 0;
  bool apart = false;               // came back, or was turned away
  genealogy::UnitId container = 0;  // the innermost; 0: loose
  genealogy::Name run = 0;          // in process: of which run
  Total total;

  friend auto Key(const Holding& h) {
    return std::tie(h.state, h.variant, h.holder, h.part, h.apart, h.container, h.run);
  }
};

// Shipments from one subject to another, and what of them came back.
struct Delivery {
  genealogy::Name from = 0;
  genealogy::Name to = 0;     // where the goods went
  genealogy::Name buyer = 0;  // who bought them
  genealogy::Name variant = 0;
  Total shipped;
  Total returned;
  Interval first;  // when the first was shipped
  Interval last;
};

// What became of one unit: double-entry, so that
// came + counted = used + gone + all holdings, at whoever's.
struct UnitStock {
  genealogy::UnitId unit = 0;
  std::vector<Holding> holdings;  // none that is empty
  std::vector<Delivery> deliveries;
  Total came;     // made, received from somebody whose stock is not known, opening stock
  Total counted;  // differences of counts
  Total used;     // went into other units
  std::map<int, Total> gone;  // by operation (field number in v1::Event): samples, waste, ...
  // What contradicts itself, in Chinese and English: stock below zero, shipments
  // that nobody received in that quantity, units that cannot be added.
  std::vector<std::pair<std::string, std::string>> findings;
};

// The stock of `unit` at `at` (UTC microseconds), from every event that can have
// happened by then. Goods are taken from where events say; what an event does
// not say (site, part) is taken from where there are some. The sender's figure
// is what left, the receiver's what arrived; without a receipt goods are at a
// receiver that keeps no ledger here, and in transit to one that does.
// Source: architecture, section 5, "Two ledgers", "Containers". O(its events * log).
UnitStock StockOf(const genealogy::Graph& graph, genealogy::UnitId unit, int64_t at);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_STOCK_H_

#ifndef SUYUAN_STOCK_H_
#define SUYUAN_STOCK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suyuan/receipt.h"

namespace suyuan {

struct StockRequest {
  // As TraceRequest::unit, but no package: what lies in one is stock of its own unit,
  // whose rows name the package. Empty for all units.
  std::string unit = {};
  // As of this moment (microseconds since 1970 UTC); all that is recorded if empty.
  std::optional<int64_t> at_micros = std::nullopt;
};

// Goods of one unit and part at one place in one state.
struct StockRow {
  std::string unit;
  std::string product;
  std::string part;
  std::string container;  // the innermost; empty if loose
  std::string holder;     // the subject that has them
  std::string holder_name;
  std::string place;  // its site; empty where that is not told
  // "on-hand", "in-transit" (to the holder), "in-process", "returned", "held",
  // "recalled", "shipped": with somebody who keeps no ledger here, or "refused": turned
  // away at the holder's door, never its stock, and not recorded as gone from there.
  std::string state;
  std::string quantity;  // exact decimal; empty where a movement told none
  std::string uom;       // UN/ECE Rec. 20
};

// What contradicts itself: stock below zero, a shipment and its receipt that
// differ, quantities that nobody told.
struct StockFinding {
  std::string unit;
  std::string what_zh;
  std::string what;
};

struct StockResult {
  std::vector<StockRow> rows;  // by unit, holder, place, part, container, state
  std::vector<StockFinding> findings;
  std::vector<LedgerHead> heads;
};

}  // namespace suyuan

#endif  // SUYUAN_STOCK_H_

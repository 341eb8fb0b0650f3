#ifndef SUYUAN_RECALL_H_
#define SUYUAN_RECALL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suyuan/receipt.h"
#include "suyuan/stock.h"

namespace suyuan {

struct RecallRequest {
  // What is suspect, each as TraceRequest::unit.
  std::vector<std::string> units = {};
  // Stock as of this moment (microseconds since 1970 UTC); all that is recorded
  // if empty. The set of affected units never depends on it.
  std::optional<int64_t> at_micros = std::nullopt;
};

// Somebody who got affected goods: the one to be called.
struct RecallCustomer {
  std::string key;    // where the goods went
  std::string buyer;  // who bought them, if somebody else
  std::string name;
  std::string address;
  std::string contact;
  std::string unit;
  std::string product;
  std::string shipped;   // exact decimals of `uom`; empty where a shipment told none
  std::string returned;  // of what was shipped
  std::string out;       // shipped and not returned
  std::string uom;
  std::string date;   // of the first shipment, as "2025-11-03"; empty if not told
  uint32_t tier = 1;  // 1: from who made or first held the goods
  // They keep records of their own: whom they passed it on to must be asked.
  bool boundary = false;
  bool is_public = false;  // served or sold to the public, without a name
};

// Goods that the records do not account for.
struct RecallGap {
  std::string unit;
  std::string holder;
  std::string why_zh;
  std::string why;
};

// What became of one affected unit. came + counted = used + sampled + wasted +
// destroyed + served + all that is somewhere.
struct RecallBalance {
  std::string unit;
  std::string uom;
  std::string came;
  std::string counted;
  std::string used;
  std::string sampled;
  std::string wasted;
  std::string destroyed;
  std::string served;
  std::string on_hand;     // with keepers of ledgers here, in any state but the next two
  std::string in_transit;  // also what was refused, which did not arrive
  std::string in_process;
  std::string shipped;     // with others
  std::string difference;  // of both sides; "0" unless a quantity is missing
};

struct RecallPlan {
  std::vector<std::string> origins;       // keys
  std::vector<StockRow> affected;         // each unit, part and place once, also of the origins
  std::vector<RecallCustomer> customers;  // by tier, name, unit
  std::vector<RecallGap> unaccounted;
  std::vector<RecallBalance> balances;
  std::vector<LedgerHead> heads;
  std::string digest;  // 32 bytes; lib/recall/FORMAT.md
};

}  // namespace suyuan

#endif  // SUYUAN_RECALL_H_

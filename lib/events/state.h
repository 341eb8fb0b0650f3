#ifndef LIB_EVENTS_STATE_H_
#define LIB_EVENTS_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/time.h"

namespace suyuan::events {

// Goods as an event names them: texts in normal form, empty where it does not say.
struct Goods {
  std::string unit;     // key without dates
  std::string variant;  // ";made=..;expiry=.."
  std::string holder;   // where they are; empty: with the owner of the ledger
  std::string part;
  // Other spellings of the unit, in normal form, where it is named by no key.
  std::vector<std::string> external_ids = {};

  friend bool operator==(const Goods&, const Goods&) = default;
};

// The entry that says something.
struct Evidence {
  std::string ledger;
  uint64_t sequence = 0;
};

// How goods stand at a moment, by what is recorded so far.
struct Standing {
  Goods goods;  // which they are
  std::optional<Evidence> returned;
  std::optional<Evidence> remedied;
  std::optional<Evidence> recalled;
  // Why they came back and were recalled: bits 1 << v1::ReturnCause; 0 is not told.
  uint32_t return_causes = 0;
  uint32_t recall_causes = 0;
  std::optional<Evidence> held;
  std::optional<Evidence> held_by_authority;
  std::optional<Evidence> failed;    // their last inspection
  bool passed = false;               // their last inspection
  bool released = false;             // since they were last held, or ever
  std::optional<Evidence> finished;  // made or received as finished goods
  bool made_here = false;
  std::optional<int64_t> usable_until;  // UTC microseconds
};

// Holds of a place or of equipment that are in force.
struct Holds {
  std::optional<Evidence> any;
  std::optional<Evidence> by_authority;
};

// What the ledgers hold, for rules that depend on it. A recorded statement counts
// at a moment if it can have been made before it; of statements at one time the
// one recorded later is the later one. A hold of an authority is in force until an
// authority releases it.
class State {
 public:
  virtual ~State() = default;

  // Of the goods, and behind them of all that can lie in them where they are a
  // container. Nothing if they are named by spellings that are not those of one unit.
  virtual std::vector<Standing> StandingsOf(uint32_t ledger, const Goods& goods,
                                            const Interval& at) const = 0;
  virtual Holds HoldsOfPlace(uint32_t ledger, const std::string& holder,
                             const Interval& at) const = 0;
  virtual Holds HoldsOfEquipment(uint32_t ledger, const std::string& equipment,
                                 const Interval& at) const = 0;
  // Did `goods` come here from `holder`?
  virtual bool CameFrom(uint32_t ledger, const Goods& goods, const std::string& holder) const = 0;
};

}  // namespace suyuan::events

#endif  // LIB_EVENTS_STATE_H_

#ifndef SUYUAN_TRACE_H_
#define SUYUAN_TRACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suyuan/receipt.h"

namespace suyuan {

enum class Direction { kForward, kBackward, kBoth };

struct LedgerSize {
  std::string ledger;
  uint64_t size = 0;
};

struct TraceRequest {
  // A key, a code bound to a unit, or an external id; it stands for the unit at
  // all its holders and in all its parts. `UNIT@HOLDER` and
  // `UNIT@HOLDER#PART` name less.
  std::string unit = {};
  Direction direction = Direction::kBoth;
  // Ledgers as they were at a size: their entries [0, size). A ledger that is not
  // named is read whole. Costs reading them from the beginning.
  std::vector<LedgerSize> at = {};
  // From when the unit is suspect, forward, in microseconds since 1970 UTC: what left it
  // certainly before is not followed. Backward, until when: what came certainly later is not.
  std::optional<int64_t> from_micros = std::nullopt;
  std::optional<int64_t> until_micros = std::nullopt;
  // As recorded: no correction takes anything away. Costs as `at`.
  bool as_recorded = false;
};

// A unit that a closure reached.
struct TracedUnit {
  std::string key;
  std::vector<std::string> external_ids;
  std::string product;
  // kForward or kBackward.
  Direction direction = Direction::kForward;
  // The least number of steps from the origin; shipments, moves and packing
  // are not counted.
  uint32_t depth = 0;
  // The records force it; else what they leave open allows it. A recall is planned over
  // both, and this only orders the work. Source: decision 0019.
  bool certain = false;
  // Sites and subjects at which the closure reached it, sorted.
  std::vector<std::string> holders;
};

enum class EndKind {
  kEnd,       // the chain truly ends: in stock, served, destroyed, grown
  kBoundary,  // it goes on at somebody who keeps their own records
  kGap,       // something is missing that a ledger here should have recorded
};

struct TraceEnd {
  std::string unit;
  std::string holder;
  Direction direction = Direction::kForward;
  EndKind kind = EndKind::kEnd;
  std::string why_zh;
  std::string why;
};

// A link whose recorded times contradict each other. It was followed all the
// same: times never take a stated link off a recall list.
struct TraceConflict {
  std::string input;
  std::string output;
  std::string ledger;
  uint64_t sequence = 0;  // of the event that states the link
  std::string what_zh;
  std::string what;
};

// A link that a correction took away: it is not followed, and not forgotten.
struct WithdrawnLink {
  std::string input;
  std::string output;
  std::string ledger;
  uint64_t sequence = 0;      // of the event that stated it
  uint64_t corrected_by = 0;  // of the correction
  // The correction was recorded after the output had left its holder, or after a
  // hold, an inspection or a recall of it: somebody should ask why.
  bool late = false;
};

// One step of the closure, as an event or the events of one run tell it.
struct TracedStep {
  std::string ledger;
  uint64_t sequence = 0;  // of the first event that tells of it
  std::string operation;  // code, as RCV
  std::string run;
};

struct TraceResult {
  std::string origin;  // key
  std::vector<std::string> origin_external_ids;
  std::string origin_product;
  std::vector<std::string> origin_holders;
  Direction direction = Direction::kBoth;
  // Each unit once a direction, by direction, depth, key; without the origin.
  std::vector<TracedUnit> units;
  std::vector<TracedStep> steps;
  uint64_t edges = 0;
  std::vector<TraceEnd> ends;
  std::vector<TraceConflict> conflicts;
  // By ledger, sequence, input, output.
  std::vector<WithdrawnLink> withdrawn;
  // Of every ledger that was read.
  std::vector<LedgerHead> heads;
  // SHA-256 (32 bytes) over the answer: lib/trace/FORMAT.md.
  std::string digest;
};

}  // namespace suyuan

#endif  // SUYUAN_TRACE_H_

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
  // With places, links and hops. Without them an answer takes half the memory.
  bool links = true;
};

// No index.
inline constexpr uint32_t kNoIndex = 0xffffffff;

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
  // The last of TraceResult::hops of a way from the origin with `depth` steps; kNoIndex without
  // links.
  uint32_t witness = kNoIndex;
};

// A silo, tank or line that goods of the closure went into (backward: came out of). It is
// no unit: what lay in it is.
struct TracedVessel {
  std::string name;
  std::string holder;
  Direction direction = Direction::kForward;
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
  // Goods became other goods: what depths count.
  bool makes = false;
};

// Goods of one unit at one holder.
struct TracedPlace {
  std::string unit;    // key
  std::string holder;  // empty: not told
  std::string part;    // set apart by events; empty: not told
};

enum class GoodsRole { kIngredient, kPackaging, kProcessingAid };

// Goods that went into a step or came out of it, as one entry tells. A step with n inputs and m
// outputs has n + m links.
struct TracedLink {
  uint32_t place = 0;   // of TraceResult::places
  uint32_t step = 0;    // of TraceResult::steps
  bool output = false;  // of the step; else its input
  std::string ledger;
  uint64_t sequence = 0;
  std::string operation;  // code, as RCV
  std::string quantity;   // exact decimal; empty: not told
  std::string uom;        // UN/ECE Recommendation 20
  GoodsRole role = GoodsRole::kIngredient;
  // UTC microseconds within which the event happened; INT64_MIN, INT64_MAX where nobody told.
  int64_t earliest_micros = 0;
  int64_t latest_micros = 0;
};

// One piece of a way from the origin, forward or backward, and what proves it. Goods that ride in
// a container go by links of the container.
struct TraceHop {
  uint32_t before = 0;  // of TraceResult::hops, and an earlier one; itself where the way begins
  uint32_t place = 0;   // of TraceResult::places: where it leads to
  // Of TraceResult::links, of one step: by the one it entered the step, by the other it left it.
  // kNoIndex: it went by no step, but into or out of a container, or stayed where it was under
  // another description: a site for its subject, a part for the whole, out of a container
  // that nobody told of.
  uint32_t took = kNoIndex;
  uint32_t brought = kNoIndex;
  // The entry that tells of the packing by which it lies in a container, or came out of one.
  uint32_t carrier = kNoIndex;        // of TraceResult::places: the outermost container
  uint32_t packed_ledger = kNoIndex;  // of TraceResult::heads; kNoIndex: none
  uint64_t packed_sequence = 0;
  bool backward = false;
};

struct TraceResult {
  // As requested: with the heads, all that it takes to ask again.
  std::string asked;
  bool as_recorded = false;
  std::optional<int64_t> from_micros;
  std::optional<int64_t> until_micros;
  std::string origin;  // key
  std::vector<std::string> origin_external_ids;
  std::string origin_product;
  std::vector<std::string> origin_holders;
  Direction direction = Direction::kBoth;
  // Each unit once a direction, by direction, depth, key; without the origin.
  std::vector<TracedUnit> units;
  std::vector<TracedVessel> vessels;  // by direction, name, holder
  std::vector<TracedStep> steps;
  uint64_t edges = 0;
  // By unit, holder, part.
  std::vector<TracedPlace> places;
  // Every edge that the closures followed, by ledger, sequence, place in the entry.
  std::vector<TracedLink> links;
  // Those forward, then those backward. Of several ways as short any one.
  std::vector<TraceHop> hops;
  std::vector<TraceEnd> ends;
  std::vector<TraceConflict> conflicts;
  // By ledger, sequence, input, output.
  std::vector<WithdrawnLink> withdrawn;
  // Of every ledger that was read.
  std::vector<LedgerHead> heads;
  // SHA-256 (32 bytes) over the answer: lib/trace/FORMAT.md.
  std::string digest;
};

// What an answer says and the ledgers do not, or the other way round: a line of one list.
struct TraceDifference {
  std::string list;   // "heads", "units", "links", ...
  std::string told;   // in the answer; empty: missing there
  std::string found;  // computed from the entries; empty: nothing like that
};

}  // namespace suyuan

#endif  // SUYUAN_TRACE_H_

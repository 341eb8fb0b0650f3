#ifndef LIB_GENEALOGY_FACTS_H_
#define LIB_GENEALOGY_FACTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/time.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::genealogy {

// What one event tells the graph: a pure function of the event. FORMAT.md has
// the bytes; they are what a segment keeps.

enum class HolderKind : uint8_t {
  kOwner = 0,    // the owner of the ledger
  kUnknown = 1,  // any holder of the unit
  kNamed = 2,
};

// A unit at a holder.
struct NodeFact {
  // Base key in normal form; "vessel:<name>" for whatever a vessel holds, "any:<product>" for a
  // lot of it that nobody named; empty where it is named by others alone.
  std::string unit;
  std::string variant;  // ";made=..;expiry=.." in normal form, or empty
  HolderKind holder_kind = HolderKind::kOwner;
  std::string holder;
  std::string part;
  // Came back, or was turned away: nothing draws from it that does not name it.
  bool apart = false;
  // In normal form, where no key names the unit.
  std::vector<std::string> external_ids;
};

// Which part of a run, widened by its margins.
struct SliceFact {
  bool told = false;
  int64_t from = Interval::kMin;
  int64_t to = Interval::kMax;
  std::string first_serial;  // empty: not told
  std::string last_serial;
  int32_t serial_margin = 0;  // items
};

struct EdgeFact {
  NodeFact node;
  int64_t quantity = 0;
  int32_t scale = 0;
  std::string quantity_unit;  // empty: no quantity told
  v1::Role role = v1::ROLE_INGREDIENT;
  bool alternative = false;  // this unit, or another one of its step
  SliceFact slice;
};

// Values are stored.
enum class StepKind : uint8_t {
  kShip = 0,       // from holder to holder; no step of its own in a depth
  kRun = 1,        // told by all events with its number
  kTransform = 2,  // inputs become outputs in one event
  kSource = 3,     // outputs that were there when recording began
  kSink = 4,       // inputs that are gone
  kObserve = 5,    // somebody else's shipment, seen from outside
  kIdentity = 6,   // one unit under two keys
  kFill = 7,       // goods go into a vessel
};

struct StepFact {
  StepKind kind = StepKind::kShip;
  std::string run;  // kRun; empty: a step of its own
  bool closes_run = false;
  bool late = false;
  std::string sender;    // kObserve: who sent it
  std::string document;  // kShip: what joins the sender's and the receiver's telling
  std::string buyer;     // kShip: who bought the goods
  std::vector<std::string> equipment;
  std::vector<EdgeFact> inputs;
  std::vector<EdgeFact> outputs;
};

// Contents go into a container or come out of it.
struct PackFact {
  bool out = false;
  NodeFact container;
  std::vector<EdgeFact> contents;  // out: empty means all
};

// What an event says about goods, a place or equipment. Values are stored.
enum class MarkKind : uint8_t {
  kFinished = 0,  // finished goods; value: 1 if made here, 0 if received
  kUsable = 1,    // value: the last moment at which they may be used, UTC microseconds
  kPassed = 2,
  kFailed = 3,
  kHeld = 4,
  kReleased = 5,
  kRecalled = 6,
  kReturned = 7,
  kRemedied = 8,
  kCounted = 9,   // value: counted minus booked, see `scale` and `quantity_unit`
  kEmptied = 10,  // equipment
  kCleaned = 11,  // equipment; value: 1 it passed its check, 0 it was not checked, -1 it failed
  kMixed = 12,    // equipment: what flows through it mixes
  kFirstInFirstOut = 13,  // equipment; value: how much mixes all the same
  kDwell = 14,            // equipment; value: nothing stays for longer, in microseconds
};

struct MarkFact {
  MarkKind kind = MarkKind::kFinished;
  NodeFact node;          // that names no unit: of the place, or of the equipment
  std::string equipment;  // its name, or of a product whose shelf life is registered
  // 1 for what an authority holds or releases and for what was made here; the cause of a
  // return or a recall; the end of a usable life, or since when a registered one counts; an amount.
  int64_t value = 0;
  int32_t scale = 0;
  std::string quantity_unit;
  int64_t since = Interval::kMin;  // from when it holds, where that is not when it was told
};

struct CodesFact {
  std::string unit;
  std::string variant;
  std::vector<std::string> codes;
  std::vector<std::pair<std::string, std::string>> ranges;
};

// One key named two units: what some entries tell of `from` is told of `to`.
struct SplitFact {
  NodeFact from;
  NodeFact to;
};

// A GTIN that stands for `count` of the base product; 0: not told.
struct LevelFact {
  std::string gtin;
  std::string base;
  int32_t count = 0;
};

struct Facts {
  int operation = 0;  // field number in v1::Event
  Interval begin;
  Interval end;
  std::string owner;  // genesis
  std::vector<StepFact> steps;
  std::vector<PackFact> packs;
  std::vector<CodesFact> codes;
  std::vector<MarkFact> marks;
  std::vector<SplitFact> splits;
  std::vector<std::pair<std::string, std::string>> unit_ids;       // unit, external id
  std::vector<std::pair<std::string, std::string>> products;       // unit, product name
  std::vector<std::pair<std::string, std::string>> subject_ids;    // subject, external id
  std::vector<std::pair<std::string, std::string>> subject_names;  // holder, name
  std::vector<std::pair<std::string, std::string>> addresses;      // holder, address
  std::vector<std::pair<std::string, std::string>> phones;         // holder, phone
  std::vector<std::pair<std::string, std::string>> sites;          // site, subject
  std::vector<LevelFact> levels;
  std::vector<std::pair<std::string, std::string>> product_names;  // product, name
};

// Never fails: what cannot be understood is left out (Append refuses it).
Facts FactsOf(const v1::Event& event);

std::string EncodeFacts(const Facts& facts);
// kDataLoss for anything that EncodeFacts did not write.
absl::StatusOr<Facts> DecodeFacts(std::string_view bytes);

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_FACTS_H_

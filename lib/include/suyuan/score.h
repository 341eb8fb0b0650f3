#ifndef SUYUAN_SCORE_H_
#define SUYUAN_SCORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "suyuan/receipt.h"

namespace suyuan {

// Several places taken for one, or several units for one, under a name of the asker's.
struct Merged {
  std::string name;
  std::vector<std::string> members;
};

// What an asker supposes beyond what is recorded. Each is the spelling of a place or of a unit:
// a key or an external id. Source: FoodChain-Lab (Weiser et al.), whose users know these words.
struct Scenario {
  // Cross-contamination. At a place: whatever came in can be in whatever went out later. Of
  // units that came to one place: each can be in what any of them went into.
  std::vector<std::string> mix = {};
  // Taken out. A place: nothing that came in is in anything that went out. A unit: it is in
  // nothing else. Goes before `mix`.
  std::vector<std::string> cut = {};
  // Units that went from one member to another vanish; what is before them is joined to what is
  // after them.
  std::vector<Merged> merge = {};
  // Links that `mix` adds count only where the one can have arrived before the other left. Links
  // that were recorded always count. What is not known can have been.
  bool time = true;
};

// A complaint, a case, or with a negative weight one that speaks against.
struct Weight {
  std::string of;  // spelling of a unit or place
  double weight = 0;
};

struct ScoreRequest {
  // Each unit or place at most once. At least one that is not 0.
  std::vector<Weight> weights = {};
  Scenario scenario = {};
  std::vector<std::string> observe = {};  // spellings of units and places
};

// The forward trace of a unit is itself, every unit that it reaches and the recipient of each of
// these; of a place: itself and the forward traces of the units that left it.
struct Scored {
  std::string key;  // of a merged one: its name
  std::vector<std::string> external_ids;
  std::string name;  // of a unit: its product
  // Sum of the weights of the distinct weighted units and places in its forward trace, over the
  // larger of the sum of all positive weights and that of all negative ones: 1.0 is a common
  // source of all cases. `score` is `positive` + `negative`, which is at most 0.
  double score = 0;
  double positive = 0;
  double negative = 0;
  uint64_t cases = 0;     // weighted more than 0, in its forward trace
  bool forward = false;   // in the forward trace of something observed
  bool backward = false;  // in the backward trace of something observed
};

// Every unit and every place, the highest score first, then by key.
struct ScoreResult {
  std::vector<Scored> units;
  std::vector<Scored> places;
  uint64_t cases = 0;  // weighted more than 0, in all
  // Keys of units that are weighted, and gone within merged places. They count nowhere.
  std::vector<std::string> vanished;
  std::vector<LedgerHead> heads;  // of every ledger that was read
};

}  // namespace suyuan

#endif  // SUYUAN_SCORE_H_

#ifndef SUYUAN_COMPLETENESS_H_
#define SUYUAN_COMPLETENESS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "suyuan/receipt.h"

namespace suyuan {

// An entry that a report rests on.
struct EntryRef {
  std::string ledger;
  uint64_t sequence = 0;
};

// One data element that must be recorded about one thing in the history of a lot, or
// one of these, which are never `present`:
//   open.person, open.place, open.equipment: a reference to what no master data of its
//     ledger tells, at any time. `about` is what it names, `operation` is MST and
//     `entries` are those that name it. It was not refused; it is marked open.
//   a rule, "conduct.held": a breach that an entry owns up to. `operation` is its own and
//     `about` what it names, or what can lie in a container that it names.
//   a record, "record.release": it must be there, and has no elements of its own.
// Which records must be there: schemas/db31t1110/expected_record.csv. Of one that is not,
// every element is missing and there are no `entries`.
struct ElementStatus {
  std::string number;  // "S002-21"
  std::string name_zh;
  std::string name_en;
  std::string source;      // of the duty
  std::string operation;   // that carries it: "RCV"
  std::string ledger;      // in which it is, or must be
  std::string about;       // a unit, product, run, person, place or equipment
  bool present = false;    // every entry of that operation about it carries the element, if due
  bool late = false;       // one of the entries was keyed late (补录)
  bool corrected = false;  // one of them took the place of another
  std::vector<EntryRef> entries;  // of that operation about it, without those that were corrected
};

// Requirement 002, 6(4): information that is incomplete, missing or untrue is
// punished (信息不全、缺失、不真实).
struct CompletenessReport {
  std::string unit;
  std::string product;
  std::vector<ElementStatus> elements;  // by operation, about, ledger
  uint64_t present = 0;
  uint64_t missing = 0;
  uint64_t late = 0;
  uint64_t corrected = 0;
  std::vector<LedgerHead> heads;
};

}  // namespace suyuan

#endif  // SUYUAN_COMPLETENESS_H_

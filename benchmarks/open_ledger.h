#ifndef BENCHMARKS_OPEN_LEDGER_H_
#define BENCHMARKS_OPEN_LEDGER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/genealogy/graph_index.h"
#include "lib/ledger/ledgers.h"

namespace suyuan::bench {

inline constexpr char kPlantLedger[] = "plant-1";

// The ledger of the synthetic plant in `dir`: RocksDB, marks and the real index,
// put together as the engine does. Ends the program on an error.
class OpenLedger {
 public:
  // Creates the ledger if it is not there, with an SM3 tree if asked for.
  explicit OpenLedger(const std::string& dir, bool sm3 = false);

  void Append(std::vector<ledger::NewEvent> events);
  ledger::Ledgers& ledgers() { return *ledgers_; }
  uint32_t number() const { return number_; }

 private:
  genealogy::GraphIndex index_;  // outlives ledgers_, which tell it
  std::unique_ptr<ledger::Ledgers> ledgers_;
  uint32_t number_ = 0;
};

}  // namespace suyuan::bench

#endif  // BENCHMARKS_OPEN_LEDGER_H_

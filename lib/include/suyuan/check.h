#ifndef SUYUAN_CHECK_H_
#define SUYUAN_CHECK_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "suyuan/receipt.h"

namespace suyuan {

// How far a long operation is. Called at most a few times a second, from the
// thread that runs the operation.
struct Progress {
  std::string what;
  uint64_t done = 0;
  uint64_t total = 0;  // 0 when not known
};
using ProgressFunction = std::function<void(const Progress&)>;

// What a check found. `what` is entry, chain, tree, index, head, vault or store.
struct Problem {
  std::string ledger;
  uint64_t sequence = 0;
  std::string what;
  std::string expected;
  std::string found;
};

struct CheckReport {
  bool ok() const { return problems.empty(); }
  std::vector<LedgerHead> ledgers;
  std::vector<Problem> problems;
};

}  // namespace suyuan

#endif  // SUYUAN_CHECK_H_

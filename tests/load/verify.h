#ifndef TESTS_LOAD_VERIFY_H_
#define TESTS_LOAD_VERIFY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "suyuan/engine.h"
#include "tests/load/board.h"
#include "tests/load/load_client.h"

namespace suyuan::load {

struct Verified {
  uint64_t entries = 0;
  uint64_t lost = 0;   // acknowledged, and not there
  uint64_t wrong = 0;  // twice, in another place, with other bytes, from nobody
};

// Reads the whole of `ledger` and compares it with what its clients, who have ended, were
// told and sent. What is found is told to `board`.
Verified Verify(const Engine& engine, const std::string& ledger,
                const std::vector<std::unique_ptr<LoadClient>>& clients, Board* board);

}  // namespace suyuan::load

#endif  // TESTS_LOAD_VERIFY_H_

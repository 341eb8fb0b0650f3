#ifndef LIB_ENGINE_ALL_LEDGERS_H_
#define LIB_ENGINE_ALL_LEDGERS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "lib/ledger/ledgers.h"

namespace suyuan::engine {

// One's own ledgers and the mirrors, each in a store of its own, as those who only read see them.
// Borrows both. Thread-safe.
class AllLedgers {
 public:
  void SetOwn(ledger::Ledgers* own) { own_ = own; }
  // Mirrors may come while others read.
  void SetMirrors(ledger::Ledgers* mirrors) { mirrors_ = mirrors; }
  ledger::Ledgers* own() const { return own_; }
  ledger::Ledgers* mirrors() const { return mirrors_; }  // null: there are none

  std::vector<ledger::Ledgers::State> List() const;  // by name
  std::optional<ledger::Ledgers::State> Get(std::string_view name) const;
  std::optional<ledger::Ledgers::State> Get(uint32_t number) const;
  // Whose ledger of that number it is; there must be one.
  ledger::Ledgers& Of(uint32_t number) const;
  // As Ledgers::Read.
  absl::Status Read(uint32_t number, uint64_t from, uint64_t to,
                    const std::function<bool(const ledger::StoredRecord&)>& visit) const;

 private:
  std::atomic<ledger::Ledgers*> own_ = nullptr;
  std::atomic<ledger::Ledgers*> mirrors_ = nullptr;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_ALL_LEDGERS_H_

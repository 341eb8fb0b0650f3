#ifndef LIB_GENEALOGY_CORRECTIONS_H_
#define LIB_GENEALOGY_CORRECTIONS_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"

namespace suyuan::genealogy {

// Which entries corrections took the effect of. An entry is dead while a
// correction of it counts, so whoever withdraws a correction brings back what it
// had taken away.
class Corrections {
 public:
  // Entry `sequence` of `ledger` stands in the place of `target`, or withdraws it.
  // Calls `changed` for every entry of the ledger that died or came back by it.
  void Add(uint32_t ledger, uint64_t sequence, uint64_t target, bool withdrawal,
           absl::FunctionRef<void(uint64_t sequence, bool dead)> changed);

  bool IsDead(uint32_t ledger, uint64_t sequence) const {
    return dead_.contains({ledger, sequence});
  }
  // The entry that took the effect of a dead one.
  std::optional<uint64_t> CorrectorOf(uint32_t ledger, uint64_t sequence) const;

 private:
  using EntryKey = std::pair<uint32_t, uint64_t>;  // ledger, sequence

  bool Counts(uint32_t ledger, uint64_t corrector) const;

  absl::flat_hash_map<EntryKey, std::vector<uint64_t>> correctors_;
  absl::flat_hash_map<EntryKey, uint64_t> target_;
  absl::flat_hash_set<EntryKey> withdrawals_;
  absl::flat_hash_set<EntryKey> dead_;
};

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_CORRECTIONS_H_

#include "lib/genealogy/corrections.h"

#include <algorithm>

namespace suyuan::genealogy {

void Corrections::Add(uint32_t ledger, uint64_t sequence, uint64_t target, bool withdrawal,
                      absl::FunctionRef<void(uint64_t sequence, bool dead)> changed) {
  if (withdrawal) withdrawals_.insert({ledger, sequence});
  if (target >= sequence) return;
  correctors_[{ledger, target}].push_back(sequence);
  target_[{ledger, sequence}] = target;
  for (std::optional<uint64_t> at = target; at.has_value();) {
    const EntryKey key{ledger, *at};
    const std::vector<uint64_t>& by = correctors_[key];
    const bool dead = std::any_of(by.begin(), by.end(),
                                  [&](uint64_t corrector) { return Counts(ledger, corrector); });
    if (dead != dead_.contains(key)) {
      if (dead) {
        dead_.insert(key);
      } else {
        dead_.erase(key);
      }
      changed(*at, dead);
    }
    const auto next = target_.find(key);
    at = next == target_.end() ? std::nullopt : std::optional<uint64_t>(next->second);
  }
}

std::optional<uint64_t> Corrections::CorrectorOf(uint32_t ledger, uint64_t sequence) const {
  const auto it = correctors_.find({ledger, sequence});
  if (it == correctors_.end() || !IsDead(ledger, sequence)) return std::nullopt;
  for (const uint64_t corrector : it->second) {
    if (Counts(ledger, corrector)) return corrector;
  }
  return std::nullopt;
}

// A withdrawal counts while it is live. A replacement counts also while it is
// itself replaced: what stands in its place stands in the place of both.
bool Corrections::Counts(uint32_t ledger, uint64_t corrector) const {
  if (!IsDead(ledger, corrector)) return true;
  if (withdrawals_.contains({ledger, corrector})) return false;
  const auto it = correctors_.find({ledger, corrector});
  return it == correctors_.end() ||
         std::none_of(it->second.begin(), it->second.end(), [&](uint64_t by) {
           return withdrawals_.contains({ledger, by}) && !IsDead(ledger, by);
         });
}

}  // namespace suyuan::genealogy

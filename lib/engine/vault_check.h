#ifndef LIB_ENGINE_VAULT_CHECK_H_
#define LIB_ENGINE_VAULT_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/ledger/reader.h"
#include "lib/privacy/gate.h"
#include "lib/privacy/vault.h"
#include "suyuan/check.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::engine {

// Compares what the vault holds with what the entries say of it. Only entries of events that
// the vault knows are parsed.
class VaultCheck {
 public:
  // Both are borrowed; `gate` is null where nobody else works with the vault.
  VaultCheck(const privacy::Vault& vault, privacy::Gate* gate);

  void Entry(uint32_t ledger, const std::string& name, const ledger::StoredRecord& stored);
  // What was found, also values without an entry.
  std::vector<Problem> Finish();

 private:
  void Look(uint32_t ledger, const std::string& name, const ledger::StoredRecord& stored,
            const v1::Event& event);
  void Found(const std::string& name, uint64_t sequence, std::string expected, std::string found);

  const privacy::Vault& vault_;
  privacy::Gate* const gate_;
  struct Known {
    uint32_t rows = 0;
    uint32_t seen = 0;
  };
  absl::flat_hash_map<std::pair<uint32_t, uint64_t>, Known> events_;  // by ledger, hash of the id
  std::set<std::string>
      going_;  // places of erasures that a crash cut off: the next opening does them
  std::map<uint32_t, std::string> origins_;
  std::map<uint32_t, std::string> names_;
  std::vector<Problem> problems_;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_VAULT_CHECK_H_

#ifndef LIB_ENGINE_BACKUP_H_
#define LIB_ENGINE_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/ledger/ledgers.h"
#include "lib/privacy/vault.h"
#include "suyuan/backup.h"
#include "suyuan/check.h"

namespace suyuan::engine {

// What a data directory consists of, and which of it a backup takes.
struct BackupPart {
  enum class Kind { kStore, kFiles };
  enum class Policy {
    kAlways,
    kWithKeys,  // when it is asked for; only its owner may read it
  };
  std::string_view name;  // its directory
  Kind kind;
  Policy policy;
};
const std::vector<BackupPart>& BackupParts();

// As the functions of Engine. `check` is Engine::Check of a data directory.
using CheckFunction = std::function<absl::StatusOr<CheckReport>(const std::string& data_dir)>;

// `vault` is null where there is none; nothing is erased from it meanwhile.
absl::StatusOr<BackupInfo> WriteBackup(ledger::Ledgers* ledgers, const privacy::Vault* vault,
                                       const std::string& keys_dir, int64_t now_micros,
                                       const std::string& to, const BackupOptions& options);
absl::StatusOr<std::vector<BackupInfo>> ListBackups(const std::string& from);
absl::StatusOr<CheckReport> CheckBackup(const std::string& from, uint64_t id,
                                        const CheckFunction& check,
                                        const ProgressFunction& progress);
absl::StatusOr<BackupInfo> Restore(const std::string& from, const RestoreOptions& options,
                                   const CheckFunction& check);
absl::StatusOr<ResumeReport> Resume(const std::string& data_dir, const ResumeOptions& options);

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_BACKUP_H_

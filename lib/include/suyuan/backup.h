#ifndef SUYUAN_BACKUP_H_
#define SUYUAN_BACKUP_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "suyuan/check.h"
#include "suyuan/receipt.h"

// Copies of a data directory, and what may be done with one. A directory of backups holds any
// number of them; each file lies there once, under its SHA-256 (lib/backup/FORMAT.md).
namespace suyuan {

struct BackupOptions {
  // Also the private keys: whoever has the backup signs as the ledgers do and reads the vault. Such
  // backups must go when what was erased since must be gone from them, too.
  bool with_keys = false;
  ProgressFunction progress = nullptr;
};

// One backup of a directory.
struct BackupInfo {
  uint64_t id = 0;          // 1, 2, ... in their order
  int64_t made_micros = 0;  // since 1970-01-01 UTC
  std::vector<LedgerHead> ledgers;
  bool with_keys = false;
  uint64_t files = 0;
  uint64_t bytes = 0;
  // Of these, what the backups before did not hold yet. Told by Engine::Backup only.
  uint64_t copied_files = 0;
  uint64_t copied_bytes = 0;
};

struct RestoreOptions {
  std::string data_dir = {};
  uint64_t id = 0;  // which backup; 0: the newest
  ProgressFunction progress = nullptr;
};

struct ResumeOptions {
  std::string ledger = {};  // may be empty: that whose origin the checkpoint names
  // The newest checkpoint that anybody has of the ledger: published, cosigned, mirrored.
  std::string checkpoint = {};
  // Gives a file of its exported tiles by its path ("tile/entries/000.p/3"); what the store does
  // not hold is taken from there. kNotFound: not there. May be null.
  std::function<absl::StatusOr<std::string>(std::string_view path)> tiles = nullptr;
  ProgressFunction progress = nullptr;
};

struct ResumeReport {
  LedgerHead head;
  uint64_t added = 0;  // entries that were caught up
};

}  // namespace suyuan

#endif  // SUYUAN_BACKUP_H_

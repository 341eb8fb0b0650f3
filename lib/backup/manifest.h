#ifndef LIB_BACKUP_MANIFEST_H_
#define LIB_BACKUP_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/hash.h"

namespace suyuan::backup {

// A file of a backup: which bytes lie under which name.
struct FileRow {
  std::string name;  // below the data directory: "db/000012.sst"
  Hash hash;
  uint64_t size = 0;
  int mode = 0644;
  std::string fingerprint;  // as of store::StoreFile
};

// How far a ledger had come.
struct LedgerRow {
  std::string name;
  uint64_t size = 0;
  Hash root;
};

// What one backup holds. See FORMAT.md.
struct Manifest {
  uint64_t id = 0;
  int64_t made_micros = 0;
  std::vector<LedgerRow> ledgers;
  std::vector<FileRow> files;

  const FileRow* Find(std::string_view name) const;
};

// Whether it can stand for a file below a directory, and nowhere else: parts of letters, digits,
// '.', '_' and '-' with slashes between them, none of them "." or "..".
bool IsFileName(std::string_view name);

std::string FormatManifest(const Manifest& manifest);
// kDataLoss, naming the line, for anything that FormatManifest does not write.
absl::StatusOr<Manifest> ParseManifest(std::string_view bytes);

}  // namespace suyuan::backup

#endif  // LIB_BACKUP_MANIFEST_H_

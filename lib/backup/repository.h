#ifndef LIB_BACKUP_REPOSITORY_H_
#define LIB_BACKUP_REPOSITORY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/backup/manifest.h"
#include "lib/store/store.h"

namespace suyuan::backup {

// A file that a backup is to hold.
struct Source {
  std::string name;  // below the data directory
  int mode = 0644;   // or 0600
  store::StoreFile file;
};

// What one of the functions below has moved.
struct Moved {
  uint64_t files = 0;
  uint64_t bytes = 0;
};
using BytesFunction = std::function<void(uint64_t done, uint64_t total)>;

// A directory of backups, each file of which lies there once, under its digest. Nothing that is
// in it is ever changed. See FORMAT.md. One thread; several processes may read it.
class Repository {
 public:
  explicit Repository(std::string path) : path_(std::move(path)) {}

  // A new backup: copies what no backup holds yet. `manifest` says the time and the ledgers; number
  // and files are set here. The backup is there, whole and on disk, when it returns, or is
  // not there at all. Makes the directory. kFailedPrecondition: another process writes a backup, or
  // the directory holds something else. kDataLoss: a file is not what its store wrote, or is cut
  // off. Otherwise the errors of the disk.
  absl::StatusOr<Manifest> Add(Manifest manifest, const std::vector<Source>& sources,
                               const BytesFunction& progress, Moved* copied);

  // By number, the oldest first. kNotFound: no directory of backups. kDataLoss: one is damaged.
  absl::StatusOr<std::vector<Manifest>> List() const;
  // Of that number; the newest if it is 0. kNotFound; kDataLoss.
  absl::StatusOr<Manifest> Get(uint64_t id) const;

  // Reads every file of the backup again; kDataLoss, naming the file, if one is not what it was.
  // With `damaged`, goes on and tells it of each.
  absl::Status Verify(
      const Manifest& manifest, const BytesFunction& progress,
      const std::function<void(const FileRow&, const absl::Status&)>& damaged) const;
  // Puts the files below `directory`, which must not hold any of them, verifying them, and forces
  // them to disk.
  absl::Status CopyTo(const Manifest& manifest, const std::string& directory,
                      const BytesFunction& progress) const;

  // Removes all backups but the newest `keep`, at least one, and then what none of those that are
  // left names. What was removed. The rest is whole whenever this is interrupted. kDataLoss: one
  // that is to be kept cannot be read, so that nothing is known of its files; nothing is removed
  // then. kFailedPrecondition: another process writes there.
  absl::StatusOr<Moved> Forget(uint64_t keep);

  // Where the bytes of a file lie.
  std::string PathOf(const Hash& hash) const;

 private:
  std::string ManifestPath(uint64_t id) const;
  std::string IncomingDir() const { return path_ + "/incoming"; }
  absl::Status Prepare() const;
  absl::StatusOr<std::vector<uint64_t>> Ids() const;
  // Whether the bytes of `row` are there, by their length.
  bool Holds(const FileRow& row) const;
  absl::StatusOr<FileRow> Take(const Source& source, const std::function<void(uint64_t)>& read,
                               Moved* copied) const;

  const std::string path_;
};

}  // namespace suyuan::backup

#endif  // LIB_BACKUP_REPOSITORY_H_

#ifndef TESTS_FAULT_POWER_CUT_FS_H_
#define TESTS_FAULT_POWER_CUT_FS_H_

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace suyuan::fault {

// A file system that keeps what POSIX promises to keep when the power goes, and
// as little more as the seed says: bytes of a file up to its last sync, names
// up to the last sync of their directory. What came after may be kept in part,
// in the order in which it was done.
class PowerCutFs : public rocksdb::FileSystemWrapper {
 public:
  // `attic` is a directory for what was deleted and may come back.
  PowerCutFs(std::string attic, uint64_t seed);

  const char* Name() const override { return "PowerCutFs"; }

  // The power goes at the `operations`-th write, sync or change of a name from
  // now: that one may be done or half done and does not answer, and nothing is
  // written any more.
  void CutAt(uint64_t operations);
  bool IsCut() const;
  // After all is closed: the disk as it is found when the power is back.
  void ComeBack(bool garbage_tails);
  uint64_t forgotten_bytes() const { return forgotten_bytes_; }
  uint64_t forgotten_names() const { return forgotten_names_; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* result,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& path, size_t size,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  friend class CutFile;
  friend class CutDirectory;

  // Something done to the names of a directory since its last sync.
  struct Change {
    enum class Kind { kCreate, kRename, kDelete };
    Kind kind = Kind::kCreate;
    std::string path;
    std::string from;    // of a rename
    std::string backup;  // in the attic: what `path` was before, if it was
  };
  // A file written since the last cut: how much of it is safe.
  struct Written {
    uint64_t synced = 0;
  };

  enum class Fate { kDone, kHalfDone, kNotDone };
  // What becomes of the next operation; only kDone is answered.
  Fate Next();
  static rocksdb::IOStatus Dead();
  uint64_t Below(uint64_t bound);
  std::string ToAttic(const std::string& path);
  void Synced(const std::string& path, uint64_t size);
  void DirectorySynced(const std::string& path);
  rocksdb::IOStatus Opened(const std::string& path, bool is_new, uint64_t size,
                           std::unique_ptr<rocksdb::FSWritableFile>* result);

  const std::string attic_;
  mutable std::mutex mu_;
  std::mt19937_64 random_;
  bool cut_ = false;
  uint64_t left_ = ~uint64_t{0};
  uint64_t backups_ = 0;
  std::map<std::string, Written> written_;
  std::map<std::string, std::vector<Change>> changes_;  // by directory
  uint64_t forgotten_bytes_ = 0;
  uint64_t forgotten_names_ = 0;
};

}  // namespace suyuan::fault

#endif  // TESTS_FAULT_POWER_CUT_FS_H_

#ifndef LIB_BASE_FILE_H_
#define LIB_BASE_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace suyuan {

// All errors name the path and the system's reason; kNotFound if the file is
// not there, kResourceExhausted for a full disk, kPermissionDenied for rights
// or a read-only file system, else kUnavailable.
absl::Status ErrnoStatus(std::string_view what, const std::string& path, int error);

absl::StatusOr<std::string> ReadFile(const std::string& path);
// Writes beside `path`, forces it to disk, then renames over it and forces the
// directory: after a crash the file has the old bytes or the new. `mode`: its rights.
absl::Status WriteFileAtomically(const std::string& path, std::string_view bytes, int mode = 0644);
absl::Status MakeDirs(const std::string& path);
absl::Status SyncDir(const std::string& path);
// Every file of a directory, and the directory.
absl::Status SyncFilesOf(const std::string& path);
absl::Status RemoveFile(const std::string& path);
// Names of the entries, sorted, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDir(const std::string& path);

// A file open for writing at given places.
class RandomFile {
 public:
  static absl::StatusOr<std::unique_ptr<RandomFile>> Open(const std::string& path);
  ~RandomFile();
  RandomFile(const RandomFile&) = delete;
  RandomFile& operator=(const RandomFile&) = delete;

  absl::Status WriteAt(uint64_t offset, std::string_view bytes);
  // Forces what was written to disk.
  absl::Status Sync();

 private:
  RandomFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  const int fd_;
};

// A read-only memory map of a whole file.
class MappedFile {
 public:
  static absl::StatusOr<std::unique_ptr<MappedFile>> Open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}
  const char* const data_;
  const size_t size_;
};

// An exclusive advisory lock on a file, held until destroyed.
class FileLock {
 public:
  // kFailedPrecondition, with what the holder left in the file, if another
  // process holds it.
  static absl::StatusOr<std::unique_ptr<FileLock>> Acquire(const std::string& path,
                                                           std::string_view note);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace suyuan

#endif  // LIB_BASE_FILE_H_

#ifndef TESTS_FAULT_IO_ERROR_FS_H_
#define TESTS_FAULT_IO_ERROR_FS_H_

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace suyuan::fault {

// A file system whose n-th call fails, as a bad or full disk's does.
class IoErrorFs : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault { kIo, kNoSpace };

  IoErrorFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "IoErrorFs"; }

  // The `calls`-th call from now fails, and the `times` - 1 after it. Where writing fails, a part
  // may have been written. A full disk is read all the same.
  void FailAt(uint64_t calls, uint64_t times, Fault fault);
  uint64_t failed() const { return failed_; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
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
  rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions& options,
                                std::vector<std::string>* result,
                                rocksdb::IODebugContext* debug) override;

  // What becomes of the next call that reads or that writes. For the files of this file system.
  rocksdb::IOStatus NextRead();
  rocksdb::IOStatus NextWrite();

 private:
  rocksdb::IOStatus Next(bool writes);

  std::atomic<Fault> fault_{Fault::kIo};
  std::atomic<int64_t> left_{INT64_MAX};  // calls until the first that fails
  std::atomic<int64_t> times_{0};
  std::atomic<uint64_t> failed_{0};
};

}  // namespace suyuan::fault

#endif  // TESTS_FAULT_IO_ERROR_FS_H_

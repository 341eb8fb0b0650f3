#include "tests/fault/io_error_fs.h"

#include <utility>
#include <vector>

namespace suyuan::fault {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class Sequential : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  Sequential(IoErrorFs* fs, std::unique_ptr<rocksdb::FSSequentialFile> file)
      : FSSequentialFileOwnerWrapper(std::move(file)), fs_(fs) {}
  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    const IOStatus status = fs_->NextRead();
    return status.ok() ? FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, debug)
                       : status;
  }

 private:
  IoErrorFs* const fs_;
};

class RandomAccess : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  RandomAccess(IoErrorFs* fs, std::unique_ptr<rocksdb::FSRandomAccessFile> file)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), fs_(fs) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) const override {
    const IOStatus status = fs_->NextRead();
    if (!status.ok()) return status;
    return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
  }

 private:
  IoErrorFs* const fs_;
};

class Writable : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writable(IoErrorFs* fs, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs) {}
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = fs_->NextWrite();
    if (status.ok()) return FSWritableFileOwnerWrapper::Append(data, options, debug);
    // Some of it got there.
    const Slice part(data.data(), data.size() / 3);
    (void)FSWritableFileOwnerWrapper::Append(part, options, debug).ok();
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    const IOStatus status = fs_->NextWrite();
    return status.ok() ? FSWritableFileOwnerWrapper::Flush(options, debug) : status;
  }
  // In memory: what is asked of the disk is only counted.
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return fs_->NextWrite(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_->NextWrite(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return fs_->NextWrite();
  }
  void PrepareWrite(size_t, size_t, const IOOptions&, IODebugContext*) override {}
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  IoErrorFs* const fs_;
};

class Directory : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(IoErrorFs* fs, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return fs_->NextWrite(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return fs_->NextWrite();
  }

 private:
  IoErrorFs* const fs_;
};

}  // namespace

void IoErrorFs::FailAt(uint64_t calls, uint64_t times, Fault fault) {
  fault_ = fault;
  times_ = static_cast<int64_t>(times);
  left_ = static_cast<int64_t>(calls);
}

IOStatus IoErrorFs::NextRead() { return Next(false); }
IOStatus IoErrorFs::NextWrite() { return Next(true); }

IOStatus IoErrorFs::Next(bool writes) {
  const int64_t left = --left_;
  if (left > 0 || left <= -times_) return IOStatus::OK();
  if (fault_ == Fault::kNoSpace && !writes) return IOStatus::OK();
  ++failed_;
  return fault_ == Fault::kIo ? IOStatus::IOError("injected")
                              : IOStatus::NoSpace("No space left on device", "injected");
}

IOStatus IoErrorFs::NewSequentialFile(const std::string& path, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      IODebugContext* debug) {
  IOStatus status = NextRead();
  if (status.ok()) status = FileSystemWrapper::NewSequentialFile(path, options, result, debug);
  if (status.ok()) *result = std::make_unique<Sequential>(this, std::move(*result));
  return status;
}

IOStatus IoErrorFs::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        IODebugContext* debug) {
  IOStatus status = NextRead();
  if (status.ok()) status = FileSystemWrapper::NewRandomAccessFile(path, options, result, debug);
  if (status.ok()) *result = std::make_unique<RandomAccess>(this, std::move(*result));
  return status;
}

IOStatus IoErrorFs::NewWritableFile(const std::string& path, const FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    IODebugContext* debug) {
  IOStatus status = NextWrite();
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(path, options, result, debug);
  if (status.ok()) *result = std::make_unique<Writable>(this, std::move(*result));
  return status;
}

IOStatus IoErrorFs::NewDirectory(const std::string& path, const IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 IODebugContext* debug) {
  const IOStatus status = FileSystemWrapper::NewDirectory(path, options, result, debug);
  if (status.ok()) *result = std::make_unique<Directory>(this, std::move(*result));
  return status;
}

IOStatus IoErrorFs::RenameFile(const std::string& from, const std::string& to,
                               const IOOptions& options, IODebugContext* debug) {
  const IOStatus status = NextWrite();
  return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, debug) : status;
}

IOStatus IoErrorFs::DeleteFile(const std::string& path, const IOOptions& options,
                               IODebugContext* debug) {
  const IOStatus status = NextWrite();
  return status.ok() ? FileSystemWrapper::DeleteFile(path, options, debug) : status;
}

IOStatus IoErrorFs::GetChildren(const std::string& path, const IOOptions& options,
                                std::vector<std::string>* result, IODebugContext* debug) {
  const IOStatus status = NextRead();
  return status.ok() ? FileSystemWrapper::GetChildren(path, options, result, debug) : status;
}

}  // namespace suyuan::fault

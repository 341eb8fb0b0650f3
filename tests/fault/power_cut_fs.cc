#include "tests/fault/power_cut_fs.h"

#include <filesystem>
#include <fstream>
#include <utility>

namespace suyuan::fault {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class CutFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  CutFile(PowerCutFs* fs, std::string path, uint64_t size,
          std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), fs_(fs), path_(std::move(path)), size_(size) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    switch (fs_->Next()) {
      case PowerCutFs::Fate::kDone:
        size_ += data.size();
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
      case PowerCutFs::Fate::kHalfDone: {
        const Slice half(data.data(), fs_->Below(data.size() + 1));
        (void)FSWritableFileOwnerWrapper::Append(half, options, debug).ok();
        return PowerCutFs::Dead();
      }
      case PowerCutFs::Fate::kNotDone:
        break;
    }
    return PowerCutFs::Dead();
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported();
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (fs_->IsCut()) return PowerCutFs::Dead();
    size_ = size;
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    if (fs_->IsCut()) return PowerCutFs::Dead();
    return FSWritableFileOwnerWrapper::Flush(options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(FSWritableFileOwnerWrapper::Flush(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Synced(FSWritableFileOwnerWrapper::Flush(options, debug));
  }
  // No room is set aside: in memory that would cost more than all else.
  void PrepareWrite(size_t, size_t, const IOOptions&, IODebugContext*) override {}
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  // Begins to write back; promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return fs_->IsCut() ? PowerCutFs::Dead() : IOStatus::OK();
  }

 private:
  // The power may go between the sync and its answer.
  IOStatus Synced(const IOStatus& flushed) {
    const PowerCutFs::Fate fate = fs_->Next();
    if (flushed.ok() && fate != PowerCutFs::Fate::kNotDone) fs_->Synced(path_, size_);
    return fate == PowerCutFs::Fate::kDone ? flushed : PowerCutFs::Dead();
  }

  PowerCutFs* const fs_;
  const std::string path_;
  uint64_t size_;
};

class CutDirectory : public rocksdb::FSDirectoryWrapper {
 public:
  CutDirectory(PowerCutFs* fs, std::string path, std::unique_ptr<rocksdb::FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), fs_(fs), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const PowerCutFs::Fate fate = fs_->Next();
    if (fate != PowerCutFs::Fate::kNotDone) fs_->DirectorySynced(path_);
    return fate == PowerCutFs::Fate::kDone ? IOStatus::OK() : PowerCutFs::Dead();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  PowerCutFs* const fs_;
  const std::string path_;
};

namespace {

// One spelling a directory.
std::string Normal(const std::string& path) {
  std::string normal = fs::path(path).lexically_normal();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::string DirectoryOf(const std::string& path) { return fs::path(Normal(path)).parent_path(); }

}  // namespace

PowerCutFs::PowerCutFs(std::string attic, uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), attic_(std::move(attic)), random_(seed) {
  fs::create_directories(attic_);
}

void PowerCutFs::CutAt(uint64_t operations) {
  const std::lock_guard lock(mu_);
  left_ = operations;
}

bool PowerCutFs::IsCut() const {
  const std::lock_guard lock(mu_);
  return cut_;
}

PowerCutFs::Fate PowerCutFs::Next() {
  const std::lock_guard lock(mu_);
  if (cut_) return Fate::kNotDone;
  if (--left_ > 0) return Fate::kDone;
  cut_ = true;
  return random_() % 2 == 0 ? Fate::kHalfDone : Fate::kNotDone;
}

uint64_t PowerCutFs::Below(uint64_t bound) {
  const std::lock_guard lock(mu_);
  return random_() % bound;
}

IOStatus PowerCutFs::Dead() { return IOStatus::IOError("the power is off"); }

std::string PowerCutFs::ToAttic(const std::string& path) {
  if (!fs::exists(path)) return {};
  std::string backup = attic_ + "/" + std::to_string(++backups_);
  fs::create_hard_link(path, backup);
  return backup;
}

void PowerCutFs::Synced(const std::string& path, uint64_t size) {
  const std::lock_guard lock(mu_);
  written_[path].synced = size;
}

void PowerCutFs::DirectorySynced(const std::string& path) {
  const std::lock_guard lock(mu_);
  changes_.erase(Normal(path));
}

IOStatus PowerCutFs::Opened(const std::string& path, bool is_new, uint64_t size,
                            std::unique_ptr<rocksdb::FSWritableFile>* result) {
  const std::string normal = Normal(path);
  const std::lock_guard lock(mu_);
  if (is_new) {
    written_[normal].synced = 0;
    changes_[DirectoryOf(normal)].push_back({Change::Kind::kCreate, normal, "", ""});
  } else if (!written_.contains(normal)) {
    written_[normal].synced = size;
  }
  *result = std::make_unique<CutFile>(this, normal, size, std::move(*result));
  return IOStatus::OK();
}

IOStatus PowerCutFs::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* result,
                                     IODebugContext* debug) {
  if (Next() != Fate::kDone) return Dead();
  const bool is_new = !fs::exists(path);
  const IOStatus status = FileSystemWrapper::NewWritableFile(path, options, result, debug);
  if (!status.ok()) return status;
  const IOStatus opened = Opened(path, is_new, 0, result);
  Synced(Normal(path), 0);  // it was cut to nothing
  return opened;
}

IOStatus PowerCutFs::ReopenWritableFile(const std::string& path,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result,
                                        IODebugContext* debug) {
  if (IsCut()) return Dead();
  const bool is_new = !fs::exists(path);
  const IOStatus status = FileSystemWrapper::ReopenWritableFile(path, options, result, debug);
  if (!status.ok()) return status;
  return Opened(path, is_new, is_new ? 0 : fs::file_size(path), result);
}

IOStatus PowerCutFs::NewDirectory(const std::string& path, const IOOptions& options,
                                  std::unique_ptr<rocksdb::FSDirectory>* result,
                                  IODebugContext* debug) {
  const IOStatus status = FileSystemWrapper::NewDirectory(path, options, result, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<CutDirectory>(this, path, std::move(*result));
  return status;
}

IOStatus PowerCutFs::RenameFile(const std::string& from, const std::string& to,
                                const IOOptions& options, IODebugContext* debug) {
  const Fate fate = Next();
  if (fate == Fate::kNotDone) return Dead();
  const std::lock_guard lock(mu_);
  const std::string source = Normal(from);
  const std::string target = Normal(to);
  const std::string backup = ToAttic(target);
  const IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  if (const auto it = written_.find(source); it != written_.end()) {
    written_[target] = it->second;
    written_.erase(source);
  } else {
    written_.erase(target);
  }
  changes_[DirectoryOf(target)].push_back({Change::Kind::kRename, target, source, backup});
  return fate == Fate::kDone ? status : Dead();
}

IOStatus PowerCutFs::DeleteFile(const std::string& path, const IOOptions& options,
                                IODebugContext* debug) {
  const Fate fate = Next();
  if (fate == Fate::kNotDone) return Dead();
  const std::lock_guard lock(mu_);
  const std::string normal = Normal(path);
  const std::string backup = ToAttic(normal);
  const IOStatus status = FileSystemWrapper::DeleteFile(path, options, debug);
  if (!status.ok()) return status;
  changes_[DirectoryOf(normal)].push_back({Change::Kind::kDelete, normal, "", backup});
  return fate == Fate::kDone ? status : Dead();
}

IOStatus PowerCutFs::Truncate(const std::string& path, size_t size, const IOOptions& options,
                              IODebugContext* debug) {
  const std::lock_guard lock(mu_);
  if (cut_) return Dead();
  if (const auto it = written_.find(Normal(path)); it != written_.end()) {
    it->second.synced = std::min<uint64_t>(it->second.synced, size);
  }
  return FileSystemWrapper::Truncate(path, size, options, debug);
}

void PowerCutFs::ComeBack(bool garbage_tails) {
  const std::lock_guard lock(mu_);
  // Bytes first, while all names are as they were used.
  for (const auto& [path, written] : written_) {
    if (!fs::exists(path)) continue;
    const uint64_t size = fs::file_size(path);
    if (size <= written.synced) continue;
    const uint64_t unsynced = size - written.synced;
    const uint64_t kept = random_() % 3 == 0 ? 0 : random_() % (unsynced + 1);
    fs::resize_file(path, written.synced + kept);
    forgotten_bytes_ += unsynced - kept;
    if (garbage_tails && kept > 0 && random_() % 2 == 0) {
      // Blocks that were allocated and not written.
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      const uint64_t from = written.synced + random_() % kept;
      file.seekp(static_cast<std::streamoff>(from));
      const std::string zeros(written.synced + kept - from, '\0');
      file.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
    }
  }
  // Names: a prefix of what was done to each directory is kept.
  for (auto& [directory, changes] : changes_) {
    const size_t kept = random_() % (changes.size() + 1);
    while (changes.size() > kept) {
      const Change change = std::move(changes.back());
      changes.pop_back();
      ++forgotten_names_;
      switch (change.kind) {
        case Change::Kind::kCreate:
          fs::remove(change.path);
          break;
        case Change::Kind::kRename:
          fs::rename(change.path, change.from);
          if (!change.backup.empty()) fs::rename(change.backup, change.path);
          break;
        case Change::Kind::kDelete:
          if (!change.backup.empty() && !fs::exists(change.path)) {
            fs::rename(change.backup, change.path);
          }
          break;
      }
    }
  }
  changes_.clear();
  written_.clear();
  fs::remove_all(attic_);
  fs::create_directories(attic_);
  cut_ = false;
  left_ = ~uint64_t{0};
}

}  // namespace suyuan::fault

#include "lib/store/rocksdb_store.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <sys/stat.h>

#include <chrono>
#include <limits>
#include <set>
#include <thread>

#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/store/table_check.h"

namespace suyuan::store {
namespace {

// RocksDB's own log files help nobody here; the library does not print.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*args*/) override {}
};

absl::Status FromRocksDb(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = StrCat("database: ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (status.IsCorruption()) return absl::DataLossError(message);
  // RocksDB wraps the system's reason into text only.
  if (message.find("No space left") != std::string::npos) {
    return absl::ResourceExhaustedError(message);
  }
  if (message.find("Permission denied") != std::string::npos ||
      message.find("Read-only file system") != std::string::npos) {
    return absl::PermissionDeniedError(message);
  }
  if (message.find("No such file") != std::string::npos) return absl::DataLossError(message);
  if (status.IsInvalidArgument() || status.IsNotSupported()) return absl::DataLossError(message);
  return absl::UnavailableError(message);
}

// Takes from files what others may do with them.
class OwnersFiles : public rocksdb::FileSystemWrapper {
 public:
  OwnersFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "OwnersFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, debug);
    return status.ok() ? Close(name) : status;
  }
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = FileSystemWrapper::LockFile(name, options, lock, debug);
    return status.ok() ? Close(name) : status;
  }

 private:
  static rocksdb::IOStatus Close(const std::string& name) {
    if (chmod(name.c_str(), 0600) == 0) return rocksdb::IOStatus::OK();
    return rocksdb::IOStatus::IOError("chmod " + name);
  }
};

rocksdb::Env* OwnersEnv() {
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(std::make_shared<OwnersFiles>()).release();
  return env;
}

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }

class RocksIterator : public Iterator {
 public:
  explicit RocksIterator(std::unique_ptr<rocksdb::Iterator> it) : it_(std::move(it)) {}
  void Seek(std::string_view key) override { it_->Seek(ToSlice(key)); }
  void SeekForPrev(std::string_view key) override { it_->SeekForPrev(ToSlice(key)); }
  void Next() override { it_->Next(); }
  bool Valid() const override { return it_->Valid(); }
  std::string_view key() const override { return it_->key().ToStringView(); }
  std::string_view value() const override { return it_->value().ToStringView(); }
  absl::Status status() const override { return FromRocksDb(it_->status()); }

 private:
  const std::unique_ptr<rocksdb::Iterator> it_;
};

class RocksChecksum : public FileChecksum {
 public:
  RocksChecksum(std::unique_ptr<rocksdb::FileChecksumGenerator> generator, std::string expected)
      : generator_(std::move(generator)), expected_(std::move(expected)) {}
  void Update(std::string_view bytes) override { generator_->Update(bytes.data(), bytes.size()); }
  bool Matches() override {
    generator_->Finalize();
    return generator_->GetChecksum() == expected_;
  }

 private:
  const std::unique_ptr<rocksdb::FileChecksumGenerator> generator_;
  const std::string expected_;
};

// RocksDB deletes no file while one of these lives.
class RocksCut : public StoreCut {
 public:
  explicit RocksCut(rocksdb::DB* db) : db_(db) {}
  ~RocksCut() override {
    if (held_) db_->EnableFileDeletions(/*force=*/false).PermitUncheckedError();
  }

  absl::Status Take() {
    SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->DisableFileDeletions()));
    held_ = true;
    std::string identity;
    SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->GetDbIdentity(identity)));
    rocksdb::LiveFilesStorageInfoOptions options;
    options.include_checksum_info = true;
    // What is in memory is in the log, which is copied: a flush would hold up whoever waits.
    options.wal_size_for_flush = std::numeric_limits<uint64_t>::max();
    std::vector<rocksdb::LiveFileStorageInfo> live;
    SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->GetLiveFilesStorageInfo(options, &live)));
    const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
    for (rocksdb::LiveFileStorageInfo& info : live) {
      StoreFile& file = files_.emplace_back();
      file.name = info.relative_filename;
      file.size = info.size;
      if (!info.replacement_contents.empty()) {
        file.contents = std::move(info.replacement_contents);
        continue;
      }
      file.path = info.directory + "/" + info.relative_filename;
      if (info.file_type != rocksdb::kTableFile ||
          info.file_checksum_func_name != kChecksumFunction) {
        continue;
      }
      file.fingerprint = StrCat(identity, ":", ToHex(info.file_checksum));
      file.checksum = [factory, expected = info.file_checksum, name = info.relative_filename] {
        rocksdb::FileChecksumGenContext context;
        context.file_name = name;
        return std::make_unique<RocksChecksum>(factory->CreateFileChecksumGenerator(context),
                                               expected);
      };
    }
    return absl::OkStatus();
  }

  const std::vector<StoreFile>& files() const override { return files_; }

 private:
  static constexpr std::string_view kChecksumFunction = "FileChecksumCrc32c";
  rocksdb::DB* const db_;
  bool held_ = false;
  std::vector<StoreFile> files_;
};

class RocksDbStore : public Store {
 public:
  explicit RocksDbStore(std::unique_ptr<rocksdb::DB> db) : db_(std::move(db)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), ToSlice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return FromRocksDb(status);
    return std::optional<std::string>(std::move(value));
  }

  std::unique_ptr<Iterator> NewIterator() const override {
    rocksdb::ReadOptions options;
    options.readahead_size = 1 << 20;
    return std::make_unique<RocksIterator>(
        std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options)));
  }

  absl::Status Write(const WriteBatch& batch) override {
    rocksdb::WriteBatch rocks_batch(batch.bytes() + batch.puts().size() * 16 + 16);
    for (const auto& [key, value] : batch.puts()) {
      if (const rocksdb::Status status = rocks_batch.Put(key, value); !status.ok()) {
        return FromRocksDb(status);
      }
    }
    for (const std::string& key : batch.deletes()) {
      if (const rocksdb::Status status = rocks_batch.Delete(key); !status.ok()) {
        return FromRocksDb(status);
      }
    }
    rocksdb::WriteOptions options;
    options.sync = true;
    return FromRocksDb(db_->Write(options, &rocks_batch));
  }

  absl::Status Flush() override { return FromRocksDb(db_->Flush(rocksdb::FlushOptions())); }

  absl::StatusOr<std::unique_ptr<StoreCut>> Cut() override {
    auto cut = std::make_unique<RocksCut>(db_.get());
    SUYUAN_RETURN_IF_ERROR(cut->Take());
    return std::unique_ptr<StoreCut>(std::move(cut));
  }

  absl::Status Purge(const std::vector<std::string>& keys) override {
    if (keys.size() > kSinglePurges) return PurgeAll();
    SUYUAN_RETURN_IF_ERROR(Flush());
    for (const std::string& key : keys) {
      const rocksdb::Slice slice(key);
      SUYUAN_RETURN_IF_ERROR(Rewrite(&slice, &slice));
    }
    return DropDeadFiles();
  }

  absl::Status PurgeAll() override {
    SUYUAN_RETURN_IF_ERROR(Flush());
    SUYUAN_RETURN_IF_ERROR(Rewrite(nullptr, nullptr));
    return DropDeadFiles();
  }

 private:
  static constexpr size_t kSinglePurges = 32;
  static constexpr int kPurgeTries = 1'000;

  absl::Status Rewrite(const rocksdb::Slice* from, const rocksdb::Slice* to) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    return FromRocksDb(db_->CompactRange(options, from, to));
  }

  // They go away in threads of RocksDB, some time; an iterator that is open keeps them.
  absl::Status DropDeadFiles() {
    for (int i = 0; i < kPurgeTries; ++i) {
      SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->DisableFileDeletions()));
      SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->EnableFileDeletions(/*force=*/true)));
      SUYUAN_ASSIGN_OR_RETURN(const bool only_live, HasOnlyLiveFiles());
      if (only_live) return absl::OkStatus();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return absl::UnavailableError(
        StrCat("database ", db_->GetName(), ": files that it no longer needs are still there"));
  }

  absl::StatusOr<bool> HasOnlyLiveFiles() const {
    std::set<std::string> live;
    std::vector<rocksdb::LiveFileMetaData> tables;
    db_->GetLiveFilesMetaData(&tables);
    for (const rocksdb::LiveFileMetaData& table : tables) {
      live.insert(table.name.substr(table.name.rfind('/') + 1));
    }
    rocksdb::VectorLogPtr logs;
    SUYUAN_RETURN_IF_ERROR(FromRocksDb(db_->GetSortedWalFiles(logs)));
    for (const auto& log : logs) {
      if (log->Type() != rocksdb::kAliveLogFile) return false;
      live.insert(log->PathName().substr(log->PathName().rfind('/') + 1));
    }
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDir(db_->GetName()));
    for (const std::string& name : names) {
      if (!name.ends_with(".log") && !name.ends_with(".sst")) continue;
      if (live.contains(name)) continue;
      // A log without records is not listed.
      struct stat info;
      if (stat((db_->GetName() + "/" + name).c_str(), &info) == 0 && info.st_size > 0) return false;
    }
    return true;
  }

  const std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenRocksDb(const std::string& path, RocksDbMode mode,
                                                   bool create, rocksdb::Env* env,
                                                   FileRights rights) {
  if (env == nullptr) SUYUAN_RETURN_IF_ERROR(CheckTables(path));
  rocksdb::Options options;
  if (env == nullptr && rights == FileRights::kOwnerOnly) env = OwnersEnv();
  if (env != nullptr) options.env = env;
  options.create_if_missing = create;
  options.info_log = std::make_shared<SilentLogger>();
  options.info_log_level = rocksdb::InfoLogLevel::FATAL_LEVEL;
  options.stats_dump_period_sec = 0;
  options.paranoid_checks = true;
  options.track_and_verify_wals_in_manifest = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.wal_recovery_mode = mode == RocksDbMode::kReadWrite
                                  ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                  : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // The small head rows would otherwise keep old logs alive for ever.
  options.max_total_wal_size = 128 << 20;
  options.compression = rocksdb::kLZ4Compression;
  options.bytes_per_sync = 1 << 20;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 << 10;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = mode == RocksDbMode::kReadOnly
                                     ? rocksdb::DB::OpenForReadOnly(options, path, &db)
                                     : rocksdb::DB::Open(options, path, &db);
  std::unique_ptr<rocksdb::DB> owned(db);
  if (!status.ok()) return FromRocksDb(status);
  return std::unique_ptr<Store>(std::make_unique<RocksDbStore>(std::move(owned)));
}

}  // namespace suyuan::store

#include "benchmarks/plain_rocksdb.h"

#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/utilities/options_util.h>

#include <vector>

#include "benchmarks/duel.h"
#include "lib/base/bytes.h"
#include "lib/store/rocksdb_store.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*args*/) override {}
};

// The options of the database in `dir`, as RocksDB itself has noted them.
rocksdb::Options OptionsOf(const std::string& dir) {
  rocksdb::DBOptions db;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::Status status =
      rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), dir, &db, &families);
  Must(status.ok() && families.size() == 1, "options: " + status.ToString());
  rocksdb::Options options(db, families[0].options);
  // Not all of it is noted.
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.info_log = std::make_shared<SilentLogger>();
  options.create_if_missing = true;
  return options;
}

std::unique_ptr<rocksdb::DB> Open(const rocksdb::Options& options, const std::string& dir) {
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, dir, &db);
  Must(status.ok(), status.ToString());
  return std::unique_ptr<rocksdb::DB>(db);
}

}  // namespace

PlainRocksDb::PlainRocksDb(const std::string& dir) {
  const TempDir model;
  Must(store::OpenRocksDb(model / "db", store::RocksDbMode::kReadWrite, true).status());
  db_ = Open(OptionsOf(model / "db"), dir);
}

PlainRocksDb::~PlainRocksDb() { Must(db_->Flush(rocksdb::FlushOptions()).ok(), "flush"); }

void PlainRocksDb::Write(uint64_t first, std::span<const std::string> values) {
  rocksdb::WriteBatch batch;
  std::string key;
  for (const std::string& value : values) {
    key.clear();
    PutFixed64(&key, first++);
    Must(batch.Put(key, value).ok(), "put");
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = db_->Write(options, &batch);
  Must(status.ok(), status.ToString());
}

uint64_t CompactedBytes(const std::string& dir) {
  {
    const std::unique_ptr<rocksdb::DB> db = Open(OptionsOf(dir), dir);
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const rocksdb::Status status = db->CompactRange(all, nullptr, nullptr);
    Must(status.ok(), status.ToString());
  }
  return BytesOnDisk(dir, ".sst");
}

}  // namespace suyuan::bench

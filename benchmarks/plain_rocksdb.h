#ifndef BENCHMARKS_PLAIN_ROCKSDB_H_
#define BENCHMARKS_PLAIN_ROCKSDB_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rocksdb {
class DB;
}

namespace suyuan::bench {

// The opponent: RocksDB alone, opened with the very options that our store has
// written beside its database, 8-byte keys, every write synced. Ends the
// program on an error.
class PlainRocksDb {
 public:
  // Creates a database in `dir`.
  explicit PlainRocksDb(const std::string& dir);
  ~PlainRocksDb();

  // One batch with `values` under the keys from `first` on.
  void Write(uint64_t first, std::span<const std::string> values);

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

// Compacts the database in `dir`, which nobody has open; returns the bytes of
// its tables.
uint64_t CompactedBytes(const std::string& dir);

}  // namespace suyuan::bench

#endif  // BENCHMARKS_PLAIN_ROCKSDB_H_

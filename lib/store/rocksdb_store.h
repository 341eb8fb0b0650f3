#ifndef LIB_STORE_ROCKSDB_STORE_H_
#define LIB_STORE_ROCKSDB_STORE_H_

#include <memory>
#include <string>

#include "lib/store/store.h"

namespace rocksdb {
class Env;
}

namespace suyuan::store {

enum class RocksDbMode {
  // A log whose end was torn is taken up to the tear; any other damage refuses.
  kReadWrite,
  // The same, but a log is taken up to its first damage of any kind. Only on a
  // copy, and only with a mark to compare with: it drops entries silently.
  kPointInTime,
  // As kPointInTime, writes nothing at all.
  kReadOnly,
};

// Who may read the files that are made: whom the umask lets, or the owner alone.
enum class FileRights { kByUmask, kOwnerOnly };

// kDataLoss if the database is damaged, kNotFound if it is not there and
// `create` is false. `env` is borrowed; the machine's when null. `rights` counts without `env`.
absl::StatusOr<std::unique_ptr<Store>> OpenRocksDb(const std::string& path, RocksDbMode mode,
                                                   bool create, rocksdb::Env* env = nullptr,
                                                   FileRights rights = FileRights::kByUmask);

}  // namespace suyuan::store

#endif  // LIB_STORE_ROCKSDB_STORE_H_

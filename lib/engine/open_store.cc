#include "lib/engine/open_store.h"

#include <filesystem>
#include <system_error>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/store/rocksdb_store.h"

namespace suyuan::engine {
namespace {

namespace fs = std::filesystem;
using store::RocksDbMode;

absl::Status FromCode(std::string_view what, const std::string& path, const std::error_code& code) {
  return code ? ErrnoStatus(what, path, code.value()) : absl::OkStatus();
}

}  // namespace

std::string DbDir(const std::string& data_dir) { return data_dir + "/db"; }
std::string MarksDir(const std::string& data_dir) { return data_dir + "/marks"; }
std::string IndexDir(const std::string& data_dir) { return data_dir + "/index"; }
std::string LockPath(const std::string& data_dir) { return data_dir + "/LOCK"; }

absl::StatusOr<std::unique_ptr<ledger::Ledgers>> OpenLedgers(
    const std::string& data_dir, bool create,
    const std::function<absl::StatusOr<std::unique_ptr<ledger::Ledgers>>(
        std::unique_ptr<store::Store>)>& open) {
  const std::string db = DbDir(data_dir);
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenRocksDb(db, RocksDbMode::kReadWrite, create);
  if (store.ok()) return open(*std::move(store));
  std::error_code code;
  if (!absl::IsDataLoss(store.status()) || !fs::exists(db + "/CURRENT", code)) {
    return store.status();
  }

  const std::string copy = data_dir + "/db.recovering";
  fs::remove_all(copy, code);
  fs::copy(db, copy, code);
  SUYUAN_RETURN_IF_ERROR(FromCode("copy the database to", copy, code));
  absl::Status recovered;
  {
    absl::StatusOr<std::unique_ptr<store::Store>> taken =
        store::OpenRocksDb(copy, RocksDbMode::kPointInTime, false);
    recovered = taken.status();
    if (taken.ok()) {
      absl::StatusOr<std::unique_ptr<ledger::Ledgers>> ledgers = open(*std::move(taken));
      recovered = ledgers.status();
    }
  }
  if (!recovered.ok()) {
    fs::remove_all(copy, code);
    return DataLoss(store.status().message(), "; and what can be read of it does not match: ",
                    recovered.message());
  }
  std::string kept;
  for (int i = 1; kept.empty(); ++i) {
    const std::string candidate = StrCat(data_dir, "/db.damaged-", i);
    if (!fs::exists(candidate, code)) kept = candidate;
  }
  fs::rename(db, kept, code);
  SUYUAN_RETURN_IF_ERROR(FromCode("rename", db, code));
  fs::rename(copy, db, code);
  SUYUAN_RETURN_IF_ERROR(FromCode("rename", copy, code));
  SUYUAN_RETURN_IF_ERROR(SyncDir(data_dir));
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<store::Store> again,
                          store::OpenRocksDb(db, RocksDbMode::kReadWrite, false));
  return open(std::move(again));
}

}  // namespace suyuan::engine

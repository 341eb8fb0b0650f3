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

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code code;
  fs::rename(from, to, code);
  return FromCode("rename", from, code);
}

// While a database opens, links to its files as they were before. Opening
// changes it also if it does not match its marks: logs become tables, tables
// that its MANIFEST forgot are deleted. RocksDB never writes again into a file
// that was there, so the links keep the bytes. They are made under another name
// and go away under another name: where they are, they are whole, and nothing
// was acknowledged since.
class Evidence {
 public:
  explicit Evidence(const std::string& data_dir)
      : data_dir_(data_dir), db_(DbDir(data_dir)), links_(data_dir + "/db.opening") {}

  absl::Status Keep() {
    const std::string making = data_dir_ + "/db.linking";
    std::error_code code;
    if (fs::exists(links_, code)) SUYUAN_RETURN_IF_ERROR(PutBack());
    if (!fs::exists(db_ + "/CURRENT", code)) return absl::OkStatus();
    fs::remove_all(making, code);
    SUYUAN_RETURN_IF_ERROR(MakeDirs(making));
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDir(db_));
    for (const std::string& name : names) {
      fs::create_hard_link(db_ + "/" + name, making + "/" + name, code);
      SUYUAN_RETURN_IF_ERROR(FromCode("link", db_ + "/" + name, code));
    }
    SUYUAN_RETURN_IF_ERROR(SyncDir(making));
    SUYUAN_RETURN_IF_ERROR(Rename(making, links_));
    return SyncDir(data_dir_);
  }
  // The database is again as it was at Keep.
  absl::Status PutBack() {
    std::error_code code;
    if (!fs::exists(links_, code)) return absl::OkStatus();
    fs::remove_all(db_, code);
    SUYUAN_RETURN_IF_ERROR(Rename(links_, db_));
    return SyncDir(data_dir_);
  }
  absl::Status Forget() {
    const std::string leaving = data_dir_ + "/db.linking";
    std::error_code code;
    if (!fs::exists(links_, code)) return absl::OkStatus();
    fs::remove_all(leaving, code);
    SUYUAN_RETURN_IF_ERROR(Rename(links_, leaving));
    SUYUAN_RETURN_IF_ERROR(SyncDir(data_dir_));
    fs::remove_all(leaving, code);
    return absl::OkStatus();
  }

 private:
  const std::string data_dir_;
  const std::string db_;
  const std::string links_;
};

std::string RecoveringDir(const std::string& data_dir) { return data_dir + "/db.recovering"; }
// A copy that was recovered, found to match and synced.
std::string RecoveredDir(const std::string& data_dir) { return data_dir + "/db.recovered"; }

// A crash can leave a recovered copy on its way to the place of the damaged
// database. While that one is still in its place nothing has happened.
absl::Status FinishRecovery(const std::string& data_dir) {
  std::error_code code;
  const std::string recovered = RecoveredDir(data_dir);
  if (!fs::exists(recovered, code)) return absl::OkStatus();
  if (fs::exists(DbDir(data_dir), code)) {
    fs::remove_all(recovered, code);
    return FromCode("remove", recovered, code);
  }
  SUYUAN_RETURN_IF_ERROR(Rename(recovered, DbDir(data_dir)));
  return SyncDir(data_dir);
}

}  // namespace

std::string DbDir(const std::string& data_dir) { return data_dir + "/db"; }
std::string MarksDir(const std::string& data_dir) { return data_dir + "/marks"; }
std::string KeysDir(const std::string& data_dir) { return data_dir + "/keys"; }
std::string IndexDir(const std::string& data_dir) { return data_dir + "/index"; }
std::string VaultDir(const std::string& data_dir) { return data_dir + "/vault"; }
std::string LockPath(const std::string& data_dir) { return data_dir + "/LOCK"; }

absl::StatusOr<std::unique_ptr<ledger::Ledgers>> OpenLedgers(
    const std::string& data_dir, bool create,
    const std::function<
        absl::StatusOr<std::unique_ptr<ledger::Ledgers>>(std::unique_ptr<store::Store>)>& open) {
  const std::string db = DbDir(data_dir);
  SUYUAN_RETURN_IF_ERROR(FinishRecovery(data_dir));
  Evidence evidence(data_dir);
  SUYUAN_RETURN_IF_ERROR(evidence.Keep());
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenRocksDb(db, RocksDbMode::kReadWrite, create);
  if (store.ok()) {
    absl::StatusOr<std::unique_ptr<ledger::Ledgers>> ledgers = open(*std::move(store));
    SUYUAN_RETURN_IF_ERROR(ledgers.ok() ? evidence.Forget() : evidence.PutBack());
    return ledgers;
  }
  SUYUAN_RETURN_IF_ERROR(evidence.PutBack());
  std::error_code code;
  if (!absl::IsDataLoss(store.status()) || !fs::exists(db + "/CURRENT", code)) {
    return store.status();
  }

  const std::string copy = RecoveringDir(data_dir);
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
    return DataLoss(store.status().message(),
                    "; and what can be read of it does not match: ", recovered.message());
  }
  SUYUAN_RETURN_IF_ERROR(SyncFilesOf(copy));
  SUYUAN_RETURN_IF_ERROR(Rename(copy, RecoveredDir(data_dir)));
  SUYUAN_RETURN_IF_ERROR(SyncDir(data_dir));
  std::string kept;
  for (int i = 1; kept.empty(); ++i) {
    const std::string candidate = StrCat(data_dir, "/db.damaged-", i);
    if (!fs::exists(candidate, code)) kept = candidate;
  }
  SUYUAN_RETURN_IF_ERROR(Rename(db, kept));
  SUYUAN_RETURN_IF_ERROR(SyncDir(data_dir));
  SUYUAN_RETURN_IF_ERROR(FinishRecovery(data_dir));
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<store::Store> again,
                          store::OpenRocksDb(db, RocksDbMode::kReadWrite, false));
  return open(std::move(again));
}

}  // namespace suyuan::engine

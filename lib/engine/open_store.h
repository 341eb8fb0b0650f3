#ifndef LIB_ENGINE_OPEN_STORE_H_
#define LIB_ENGINE_OPEN_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/ledger/ledgers.h"
#include "lib/store/store.h"

namespace suyuan::engine {

// Where things lie below a data directory.
std::string DbDir(const std::string& data_dir);
std::string MarksDir(const std::string& data_dir);
std::string KeysDir(const std::string& data_dir);
std::string IndexDir(const std::string& data_dir);
std::string VaultDir(const std::string& data_dir);
std::string LockPath(const std::string& data_dir);

// Opens the ledgers that `open` makes of the database below `data_dir`. A
// database that refuses to open is tried again on a copy, its log taken up to
// the first damage; the copy takes its place only if `open` finds nothing
// missing by the marks. The damaged one is kept beside it, renamed.
absl::StatusOr<std::unique_ptr<ledger::Ledgers>> OpenLedgers(
    const std::string& data_dir, bool create,
    const std::function<
        absl::StatusOr<std::unique_ptr<ledger::Ledgers>>(std::unique_ptr<store::Store>)>& open);

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_OPEN_STORE_H_

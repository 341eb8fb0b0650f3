#ifndef LIB_LEDGER_CHECK_H_
#define LIB_LEDGER_CHECK_H_

#include <functional>
#include <string>

#include "lib/ledger/reader.h"
#include "lib/store/store.h"
#include "suyuan/check.h"

namespace suyuan::ledger {

// Re-reads every entry of every ledger in `store` and verifies record by record
// the sequence, the chain and the tree, then the heads and the marks in
// `marks_dir`. A ledger is left at its first broken entry. `visit` sees every
// entry that held, with its leaf hash. The store may be in use: each ledger is
// judged as it is when its turn comes.
CheckReport CheckLedgers(
    const store::Store& store, const std::string& marks_dir, const ProgressFunction& progress,
    const std::function<void(uint32_t ledger, const std::string& name, const StoredRecord& stored,
                             const Hash& leaf)>& visit);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_CHECK_H_

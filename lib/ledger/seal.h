#ifndef LIB_LEDGER_SEAL_H_
#define LIB_LEDGER_SEAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/store/store.h"
#include "suyuan/check.h"

// A ledger that came from a backup is sealed: the ledger it is a copy of may have gone on and
// signed more, so that going on here could tell a second history under one origin. It can be
// read and proved, and nothing is appended or signed until somebody shows its newest checkpoint.
namespace suyuan::ledger {

absl::StatusOr<bool> HasSeal(const std::string& marks_dir, std::string_view name);
// Durable when it returns.
absl::Status Seal(const std::string& marks_dir, std::string_view name);
// kFailedPrecondition, saying what can be done.
absl::Status SealedError(std::string_view name);

// What shows how far the ledger had come.
struct Newest {
  std::string checkpoint;  // a note that the ledger signed: the newest that anybody has
  // The bytes of a tile or bundle by its path, as `suyuan export tiles` writes them: what the
  // store does not hold is taken from there. kNotFound: not there. Null: there are none.
  std::function<absl::StatusOr<std::string>(std::string_view path)> read;
};

// What a ledger is without its seal.
struct Unsealed {
  uint64_t size = 0;
  Hash root;
  uint64_t added = 0;  // entries that it was caught up with
};

// Takes the seal off, if the ledger is what `newest` says or goes on from it, or once it is caught
// up with it: every entry that is added has been found to lead to the root that is signed. Nobody
// else may have the store open. Durable when it returns.
// kNotFound: no such ledger. kInvalidArgument: no checkpoint, or one of another ledger.
// kPermissionDenied: no key that the ledger names signed it. kFailedPrecondition: it is not sealed,
// or entries are missing and `read` is null; the message says which. kDataLoss: the roots differ
// (two histories), or what `read` gives does not lead to the root. It is sealed still then.
absl::StatusOr<Unsealed> Unseal(store::Store* store, const std::string& marks_dir,
                                std::string_view name, const Newest& newest,
                                const ProgressFunction& progress);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_SEAL_H_

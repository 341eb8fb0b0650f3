#ifndef API_GRPC_CHECK_ENTRIES_H_
#define API_GRPC_CHECK_ENTRIES_H_

#include <functional>

#include "absl/status/statusor.h"
#include "suyuan/check.h"
#include "suyuan/engine.h"

namespace suyuan::rpc {

// Reads every entry of every ledger again, up to the size at the start, while appends
// go on, and compares the tree of what was read with the root that the engine holds,
// which covers every byte of every record and, through the records, the chain. The
// files that Engine::Check also looks at (marks, indexes, heads on disk) are not read.
//
// `go_on` is told how far it is; kCancelled when it gives false. O(entries), memory for
// one entry.
absl::StatusOr<CheckReport> CheckEntries(const Engine& engine,
                                         const std::function<bool(const Progress&)>& go_on);

}  // namespace suyuan::rpc

#endif  // API_GRPC_CHECK_ENTRIES_H_

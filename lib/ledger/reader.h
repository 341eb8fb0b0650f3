#ifndef LIB_LEDGER_READER_H_
#define LIB_LEDGER_READER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ledger/record_format.h"
#include "lib/store/store.h"

namespace suyuan::ledger {

// One stored record and the head of the commit that stored it; the views last
// for the call.
struct StoredRecord {
  RecordView record;
  std::string_view bytes;
  uint64_t tree_size = 0;
  Hash root;
};

// Calls `visit` for the entries [from, to) of `ledger` in order until it
// returns false. kDataLoss, naming the entry, if one is missing or damaged.
absl::Status ReadRecords(const store::Store& store, uint32_t ledger, uint64_t from, uint64_t to,
                         const std::function<bool(const StoredRecord&)>& visit);

// The leaf hash of one entry.
absl::StatusOr<Hash> ReadLeaf(const store::Store& store, uint32_t ledger, uint64_t sequence);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_READER_H_

#ifndef LIB_STORE_INDEX_H_
#define LIB_STORE_INDEX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/hash.h"

namespace suyuan::v1 {
class Event;
}

namespace suyuan::store {

struct IndexedEntry;

// Something derived from the entries of the ledgers of one store: a pure
// function of them, so that it can be dropped and made again. All that a
// ledger knows of an index.
class Index {
 public:
  // What an index notes of an event, ready to be taken in.
  class Prepared {
   public:
    virtual ~Prepared() = default;
  };

  virtual ~Index() = default;
  // Any thread; pure. On the caller's thread, so that Apply has less to do.
  virtual std::shared_ptr<const Prepared> Prepare(const v1::Event& event) const = 0;
  // Takes in the next entries of `ledger`, contiguous, from Height(ledger) on.
  // An error leaves the index behind the ledger: it is rebuilt at opening.
  virtual absl::Status Apply(uint32_t ledger, std::span<const IndexedEntry> entries) = 0;
  // Number of entries of `ledger` that it has taken in.
  virtual uint64_t Height(uint32_t ledger) const = 0;
  // Takes from disk what is there of `ledger` and fits it: `leaf_at` gives the
  // leaf hash of an entry, nothing beyond the end. What does not fit is dropped.
  virtual absl::Status Load(
      uint32_t ledger, const std::function<std::optional<Hash>(uint64_t sequence)>& leaf_at) = 0;
  // Forgets everything, also on disk.
  virtual absl::Status Drop() = 0;
};

// One entry as an index sees it.
struct IndexedEntry {
  uint64_t sequence = 0;
  Hash leaf;
  const Index::Prepared* prepared = nullptr;  // of its event, by the same index
  // The entry that its event takes the place of or withdraws.
  std::optional<uint64_t> corrects;
  // The entries that it says speak of another unit than they name.
  std::vector<uint64_t> reread;
};

}  // namespace suyuan::store

#endif  // LIB_STORE_INDEX_H_

#ifndef LIB_STORE_SEGMENT_H_
#define LIB_STORE_SEGMENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"

namespace suyuan::store {

// At most this many entries are replayed at opening for want of a segment.
inline constexpr uint64_t kSegmentEntries = 262'144;

// An immutable file of an index: what it made of the entries [from, to) of one
// ledger. FORMAT.md beside this file has the bytes.
class Segment {
 public:
  // kDataLoss unless every byte is as it was written.
  static absl::StatusOr<std::unique_ptr<Segment>> Open(const std::string& path);

  uint32_t ledger() const { return ledger_; }
  uint64_t from() const { return from_; }
  uint64_t to() const { return to_; }
  const Hash& last_leaf() const { return last_leaf_; }  // of entry to() - 1
  std::string_view payload() const { return payload_; }

 private:
  std::unique_ptr<MappedFile> file_;
  uint32_t ledger_ = 0;
  uint64_t from_ = 0;
  uint64_t to_ = 0;
  Hash last_leaf_;
  std::string_view payload_;
};

// The segments of one index: files `<kind>-<ledger>-<from>.seg` in one directory.
class SegmentDir {
 public:
  SegmentDir(std::string dir, std::string kind) : dir_(std::move(dir)), kind_(std::move(kind)) {}

  // Durable when it returns.
  absl::Status Write(uint32_t ledger, uint64_t from, uint64_t to, const Hash& last_leaf,
                     std::string_view payload) const;
  // The segments of `ledger` that follow each other from entry 0 and are the
  // ledger's own; all others of that ledger are removed.
  absl::StatusOr<std::vector<std::unique_ptr<Segment>>> Load(
      uint32_t ledger, const std::function<std::optional<Hash>(uint64_t)>& leaf_at) const;
  // The segment of `ledger` that begins at `from`.
  absl::StatusOr<std::unique_ptr<Segment>> Map(uint32_t ledger, uint64_t from) const;
  absl::Status Remove(uint32_t ledger, uint64_t from) const;
  absl::Status DropAll() const;
  // Paths of all files of this index, sorted.
  absl::StatusOr<std::vector<std::string>> Files() const;

 private:
  std::string Path(uint32_t ledger, uint64_t from) const;

  const std::string dir_;
  const std::string kind_;
};

}  // namespace suyuan::store

#endif  // LIB_STORE_SEGMENT_H_

#ifndef LIB_LEDGER_RECORD_FORMAT_H_
#define LIB_LEDGER_RECORD_FORMAT_H_

// The bytes of a ledger: see FORMAT.md beside this file.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/merkle/tree.h"

namespace suyuan::ledger {

inline constexpr uint32_t kRecordFormat = 1;
inline constexpr size_t kMaxRecordBytes = 65'535;
inline constexpr size_t kMaxEventBytes = 65'400;
inline constexpr size_t kMaxIdBytes = 64;
// Records are packed into values of about this size.
inline constexpr size_t kChunkBytes = 16 << 10;

// suyuan.storage.v1.Record; the views are into the bytes that were parsed.
struct RecordView {
  uint64_t sequence = 0;
  int64_t recorded_micros = 0;
  std::string_view event_id;
  Hash previous;
  std::string_view event;
};

// Appends to `out` the bytes of suyuan.storage.v1.Record, fields in the order
// of their numbers.
void AppendRecord(const RecordView& record, std::string* out);
// kDataLoss unless `bytes` is a record of format 1.
absl::StatusOr<RecordView> ParseRecord(std::string_view bytes);

// What is stored under one entry key: consecutive records of one commit, and
// the head of the tree behind that commit.
struct Chunk {
  uint64_t tree_size = 0;
  Hash root;
  std::vector<std::string_view> records;
};
// kDataLoss for anything but a chunk; the views are into `value`.
absl::StatusOr<Chunk> ParseChunk(std::string_view value);

// Builds chunk values.
class ChunkBuilder {
 public:
  void Add(std::string_view record);
  size_t count() const { return count_; }
  size_t bytes() const { return body_.size(); }
  // The value; the builder is empty again.
  std::string Finish(uint64_t tree_size, const Hash& root);

 private:
  std::string body_;
  size_t count_ = 0;
};

// Keys. Big-endian numbers, so that entries lie in their order.
std::string EntryKey(uint32_t ledger, uint64_t first_sequence);
std::string HeadKey(uint32_t ledger);
std::string InfoKey(uint32_t ledger);
// A full tile of a tree: 256 hashes.
std::string TileKey(uint32_t ledger, int level, uint64_t index, HashKind kind = HashKind::kSha256);
std::string Sm3HeadKey(uint32_t ledger);
// The sequence in an entry key of `ledger`, nothing for any other key.
std::optional<uint64_t> SequenceOfEntryKey(uint32_t ledger, std::string_view key);
// The ledger number in an info key.
std::optional<uint32_t> LedgerOfInfoKey(std::string_view key);
inline constexpr std::string_view kInfoPrefix = "l";

// suyuan.storage.v1.Head.
struct Head {
  merkle::Frontier frontier;
  Hash last_leaf;
  int64_t last_recorded_micros = 0;
};
std::string EncodeHead(const Head& head);
absl::StatusOr<Head> ParseHead(std::string_view bytes);

// What is stored under the key of the SM3 head.
struct Sm3Head {
  uint64_t size = 0;
  Hash root;
};
std::string EncodeSm3Head(const Sm3Head& head);
absl::StatusOr<Sm3Head> ParseSm3Head(std::string_view bytes);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_RECORD_FORMAT_H_

#ifndef LIB_LEDGER_ID_INDEX_H_
#define LIB_LEDGER_ID_INDEX_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "lib/base/hash.h"
#include "lib/store/segment.h"

namespace suyuan::ledger {

// Of a segment's payload: hash and sequence.
inline constexpr size_t kIdRowBytes = 16;

// First 8 bytes of SHA-256 of an event id, big-endian.
uint64_t IdHash(std::string_view id);

// Where the events of one ledger stand, by the hash of their id: a recent part
// in memory and segments on disk. Two ids of one hash stand at the next free
// hashes, so a look-up goes on until it meets its id or an unused hash. Not
// thread-safe.
class IdIndex {
 public:
  IdIndex(uint32_t ledger, std::string dir);

  // The sequence that `is_it` confirms, among those that have `hash`.
  std::optional<uint64_t> Find(uint64_t hash,
                               const std::function<bool(uint64_t sequence)>& is_it) const;
  // `sequence` must be height().
  void Add(uint64_t hash, uint64_t sequence);
  uint64_t height() const { return height_; }

  // Takes the segments on disk that are the ledger's.
  absl::Status Load(const std::function<std::optional<Hash>(uint64_t)>& leaf_at);
  // Writes what is in memory below `to` into a segment, if it is enough for one.
  absl::Status Seal(uint64_t to, const Hash& last_leaf);
  absl::Status Drop();

  // Hash and sequence of each entry of a segment's payload, in its order.
  static bool ForEach(std::string_view payload,
                      const std::function<void(uint64_t hash, uint64_t sequence)>& visit);

 private:
  // Says of nearly all hashes that are not in a segment that they are not, at the cost of one
  // cache line: a new id is in none. 16 bits a row.
  class Filter {
   public:
    explicit Filter(std::string_view rows);
    bool CanHold(uint64_t hash) const;

   private:
    static constexpr size_t kWords = 8;  // of 64 bits: a cache line, in each one bit is set
    static constexpr size_t kRowsABlock = 32;
    struct alignas(64) Block {
      uint64_t words[kWords] = {};
    };
    size_t BlockOf(uint64_t hash) const;

    std::vector<Block> blocks_;
  };
  struct Sealed {
    std::unique_ptr<store::Segment> segment;
    Filter filter;
  };
  std::optional<uint64_t> At(uint64_t hash) const;

  const uint32_t ledger_;
  const store::SegmentDir dir_;
  std::vector<Sealed> segments_;
  absl::flat_hash_map<uint64_t, uint64_t> recent_;
  uint64_t sealed_ = 0;
  uint64_t height_ = 0;
};

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_ID_INDEX_H_

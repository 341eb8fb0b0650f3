#ifndef TESTS_SUPPORT_FAKE_LOG_H_
#define TESTS_SUPPORT_FAKE_LOG_H_

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/tile.h"
#include "lib/merkle/tree.h"

namespace suyuan {

// A log in memory with its server (C2SP tlog-tiles), which shows whatever it is told to.
class FakeLog {
 public:
  explicit FakeLog(const std::string& origin)
      : signer_(*merkle::Ed25519Signer::Parse(*merkle::Ed25519Signer::Generate(origin))) {}

  std::vector<std::string> entries;
  std::optional<std::string> note;            // shown in place of its own
  std::map<std::string, std::string> shown;   // bytes in place of its own, by path
  std::map<std::string, absl::Status> fails;  // by path
  std::vector<std::string> asked;
  bool keeps_partial = true;  // also those that were filled
  // Called before each answer.
  std::function<void(std::string_view path)> before = nullptr;

  const std::string& origin() const { return signer_->key().name(); }
  std::string Log() const { return StrCat("log ", signer_->key().ToString(), "\n"); }
  std::string Policy() const { return Log() + "quorum none\n"; }

  Hash Root(uint64_t size) const {
    merkle::Frontier tree;
    for (uint64_t i = 0; i < size; ++i) tree.Append(merkle::LeafHash(entries[i]));
    return tree.Root();
  }
  std::string Sign(const merkle::Checkpoint& checkpoint) const {
    return *merkle::SignNote(merkle::FormatCheckpoint(checkpoint), {signer_.get()});
  }
  std::string Checkpoint(uint64_t size) const { return Sign({origin(), size, Root(size)}); }

  absl::StatusOr<std::string> Fetch(std::string_view path, size_t max_bytes) {
    asked.emplace_back(path);
    if (before) before(path);
    const std::string name(path);
    if (const auto it = fails.find(name); it != fails.end()) return it->second;
    std::string bytes;
    if (const auto it = shown.find(name); it != shown.end()) {
      bytes = it->second;
    } else if (path == "checkpoint") {
      bytes = note.value_or(Checkpoint(entries.size()));
    } else {
      const absl::StatusOr<merkle::Tile> tile = merkle::ParseTilePath(path);
      if (!tile.ok()) return NotFound("no ", path);
      const int level = std::max(tile->level, 0);
      const uint64_t count = entries.size() >> (8 * level);
      const uint64_t begin = tile->index * merkle::kTileWidth;
      const auto width = static_cast<uint64_t>(tile->width);
      if (begin + width > count) return NotFound("no ", path);
      if (!keeps_partial && width < merkle::kTileWidth && begin + merkle::kTileWidth <= count) {
        return NotFound("no ", path);
      }
      for (uint64_t i = begin; i < begin + width; ++i) {
        if (tile->level == merkle::Tile::kEntries) {
          merkle::AppendToBundle(entries[i], &bytes);
          continue;
        }
        merkle::Frontier tree;
        for (uint64_t leaf = i << (8 * level); leaf < (i + 1) << (8 * level); ++leaf) {
          tree.Append(merkle::LeafHash(entries[leaf]));
        }
        bytes += tree.Root().view();
      }
    }
    if (bytes.size() > max_bytes) {
      return InvalidArgument(path, ": more than ", max_bytes, " bytes");
    }
    return bytes;
  }

 private:
  std::unique_ptr<merkle::Ed25519Signer> signer_;
};

}  // namespace suyuan

#endif  // TESTS_SUPPORT_FAKE_LOG_H_

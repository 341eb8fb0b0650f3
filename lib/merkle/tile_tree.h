#ifndef LIB_MERKLE_TILE_TREE_H_
#define LIB_MERKLE_TILE_TREE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/merkle/tile.h"
#include "lib/merkle/tree.h"

namespace suyuan::merkle {

// Takes the bytes of a tile; what it returns stops whoever hands it over.
using TileSink = std::function<absl::Status(const Tile& tile, std::string_view bytes)>;

// The hashes of a tile and all full nodes over them: 16 KB when it is full.
class TileNodes {
 public:
  explicit TileNodes(HashKind kind = HashKind::kSha256) : kind_(kind) {}
  // kDataLoss: other than whole hashes, or more than a tile holds.
  static absl::StatusOr<TileNodes> Parse(std::string_view tile, HashKind kind);

  // Amortized one node hash. There must be room.
  void Append(const Hash& hash);
  uint64_t width() const { return width_; }
  // In memory.
  size_t bytes() const { return nodes_.capacity() * sizeof(Hash); }
  // The root over hashes [index * 2^height, (index + 1) * 2^height), which must be there.
  const Hash& Node(int height, uint64_t index) const;
  // Of a full tile.
  const Hash& root() const { return Node(kTileHeight, 0); }
  // Its hashes, one behind the other.
  std::string Bytes() const;

 private:
  HashKind kind_;
  uint64_t width_ = 0;
  // Each node behind what it is the root of.
  std::vector<Hash> nodes_;
};

// The right edge of a tree that lies in tiles: of every level the tile that is being
// filled, all that is needed to write tiles as leaves come, and to know the root.
class TileEdge {
 public:
  static constexpr int kLevels = 8;
  using Levels = std::array<std::vector<Hash>, kLevels>;

  explicit TileEdge(HashKind kind = HashKind::kSha256);
  // The edge of a tree of `size` leaves; nothing unless every level has as many hashes as
  // that leaves over.
  static std::optional<TileEdge> From(uint64_t size, const Levels& levels,
                                      HashKind kind = HashKind::kSha256);

  // Hands over the tiles that `leaf` fills, from level 0 up.
  absl::Status Append(const Hash& leaf, const TileSink& full);
  uint64_t size() const { return size_; }
  HashKind kind() const { return kind_; }
  // As of a Frontier.
  Hash Root() const;
  // The tile of `level` that is being filled.
  const TileNodes& tile(int level) const { return levels_[static_cast<size_t>(level)]; }

 private:
  HashKind kind_;
  uint64_t size_ = 0;
  std::array<TileNodes, kLevels> levels_;
};

// Cuts the entries of a ledger, one after the other, into bundles and tiles. Holds
// one tile a level. One thread.
class TileWriter {
 public:
  explicit TileWriter(TileSink sink, HashKind kind = HashKind::kSha256)
      : sink_(std::move(sink)), edge_(kind) {}

  // Hands over every tile that `record` fills. kInvalidArgument: longer than 65,535 bytes.
  absl::Status Append(std::string_view record);
  // Hands over the partial tiles of the right edge, as a checkpoint of this size needs them.
  absl::Status Flush();
  // The tree of all that was appended.
  const TileEdge& tree() const { return edge_; }

 private:
  const TileSink sink_;
  std::string bundle_;
  TileEdge edge_;
};

// A tree that lies in tiles, of which it reads those that are asked for and keeps them
// in memory. What it says is as true as the tiles are: whoever does not trust them checks a
// proof against a root. One thread.
class TileReader {
 public:
  // The bytes of a tile; kNotFound if it is not there.
  using Source = std::function<absl::StatusOr<std::string>(const Tile& tile)>;
  TileReader(uint64_t size, Source source, HashKind kind = HashKind::kSha256)
      : size_(size), source_(std::move(source)), kind_(kind) {}

  // The root of leaves [index * 2^level, (index + 1) * 2^level), which are all in the tree: a
  // SubtreeReader. kOutOfRange: they are not. kDataLoss: a tile is not as long as its name says.
  absl::StatusOr<Hash> Subtree(int level, uint64_t index);

 private:
  const uint64_t size_;
  const Source source_;
  const HashKind kind_;
  std::map<std::pair<int, uint64_t>, TileNodes> tiles_;
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_TILE_TREE_H_

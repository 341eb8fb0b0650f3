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

// The right edge of a tree that lies in tiles: of every level the hashes of the tile that
// is being filled, all that is needed to write tiles as leaves come.
class TileEdge {
 public:
  static constexpr int kLevels = 8;
  using Levels = std::array<std::vector<Hash>, kLevels>;

  TileEdge() = default;
  // The edge of a tree of `size` leaves; nothing unless every level has as many hashes as
  // that leaves over.
  static std::optional<TileEdge> From(uint64_t size, Levels levels);

  // Hands over the tiles that `leaf` fills, from level 0 up.
  absl::Status Append(const Hash& leaf, const TileSink& full);
  uint64_t size() const { return size_; }
  // The bytes of the tile of `level` that is being filled, from its first hash on.
  std::string Bytes(int level) const;

 private:
  uint64_t size_ = 0;
  Levels levels_;
};

// The root over the hashes of a full tile. kDataLoss: other than 8,192 bytes.
absl::StatusOr<Hash> TileRoot(std::string_view tile);

// Cuts the entries of a ledger, one after the other, into bundles and tiles. Holds
// one tile a level. One thread.
class TileWriter {
 public:
  explicit TileWriter(TileSink sink) : sink_(std::move(sink)) {}

  // Hands over every tile that `record` fills. kInvalidArgument: longer than 65,535 bytes.
  absl::Status Append(std::string_view record);
  // Hands over the partial tiles of the right edge, as a checkpoint of this size needs them.
  absl::Status Flush();
  // The tree of all that was appended.
  const Frontier& tree() const { return tree_; }

 private:
  const TileSink sink_;
  Frontier tree_;
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
  TileReader(uint64_t size, Source source) : size_(size), source_(std::move(source)) {}

  // The root of leaves [index * 2^level, (index + 1) * 2^level), which are all in the tree: a
  // SubtreeReader. kOutOfRange: they are not. kDataLoss: a tile is not as long as its name says.
  absl::StatusOr<Hash> Subtree(int level, uint64_t index);

 private:
  const uint64_t size_;
  const Source source_;
  // All hashes of a tile, by height above its own level.
  using Heights = std::vector<std::vector<Hash>>;
  std::map<std::pair<int, uint64_t>, Heights> tiles_;
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_TILE_TREE_H_

#ifndef LIB_MERKLE_TILE_TREE_H_
#define LIB_MERKLE_TILE_TREE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
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

// Cuts the entries of a ledger, one after the other, into bundles and tiles. Holds
// one tile a level. One thread.
class TileWriter {
 public:
  // Takes the bytes of a tile; what it returns stops the writer.
  using Sink = std::function<absl::Status(const Tile& tile, std::string_view bytes)>;
  explicit TileWriter(Sink sink) : sink_(std::move(sink)) {}

  // Hands over every tile that `record` fills. kInvalidArgument: longer than 65,535 bytes.
  absl::Status Append(std::string_view record);
  // Hands over the partial tiles of the right edge, as a checkpoint of this size needs them.
  absl::Status Flush();
  // The tree of all that was appended.
  const Frontier& tree() const { return tree_; }

 private:
  static constexpr int kLevels = 8;

  absl::Status Put(int level, uint64_t index, uint64_t width, std::string_view bytes) const;

  const Sink sink_;
  Frontier tree_;
  std::string bundle_;
  std::array<std::vector<Hash>, kLevels> edge_;  // the hashes of the tile being filled
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

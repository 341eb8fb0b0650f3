#ifndef LIB_MERKLE_TILE_H_
#define LIB_MERKLE_TILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// How a tree and its entries lie in files (C2SP tlog-tiles). Pure functions.
namespace suyuan::merkle {

inline constexpr int kTileHeight = 8;
inline constexpr uint64_t kTileWidth = 1 << kTileHeight;
inline constexpr size_t kMaxEntryBytes = 65'535;

// A run of hashes of one level of tiles, or of entries. Level l of tiles is level 8 l
// of the tree.
struct Tile {
  static constexpr int kEntries = -1;  // the level of a bundle of entries

  int level = 0;  // kEntries, or 0 to 7
  uint64_t index = 0;
  int width = kTileWidth;  // 1 to 256; less than 256 at the right edge only
  friend bool operator==(const Tile&, const Tile&) = default;
};

// "tile/0/x001/x234/067.p/8", "tile/entries/000".
std::string TilePath(const Tile& tile);
// kInvalidArgument for what TilePath does not write.
absl::StatusOr<Tile> ParseTilePath(std::string_view path);

// All tiles of a tree of `size` leaves that one of `from` leaves does not have, level by
// level from 0, entries first; a partial one of the smaller tree is not repeated in full
// width unless the larger tree has it so.
std::vector<Tile> TilesOf(uint64_t size, uint64_t from = 0);

// Entries of a bundle, each behind its length in two big-endian bytes, which is at
// most kMaxEntryBytes. kInvalidArgument for bytes that are cut off, and for other than `width`.
void AppendToBundle(std::string_view entry, std::string* bundle);
absl::StatusOr<std::vector<std::string_view>> ParseBundle(std::string_view bundle, int width);

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_TILE_H_

#include "lib/merkle/tile_tree.h"

#include <algorithm>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::merkle {
namespace {

// `level` and all above it, as far as they are full.
std::vector<std::vector<Hash>> HeightsOver(std::vector<Hash> level) {
  std::vector<std::vector<Hash>> heights;
  heights.push_back(std::move(level));
  while (heights.back().size() > 1) {
    const std::vector<Hash>& below = heights.back();
    std::vector<Hash> above;
    for (size_t i = 0; i + 1 < below.size(); i += 2) {
      above.push_back(NodeHash(below[i], below[i + 1]));
    }
    heights.push_back(std::move(above));
  }
  return heights;
}

std::string Joined(const std::vector<Hash>& hashes) {
  std::string bytes;
  for (const Hash& hash : hashes) bytes += hash.view();
  return bytes;
}

std::vector<Hash> Split(std::string_view bytes) {
  std::vector<Hash> hashes;
  for (size_t i = 0; i < bytes.size(); i += sizeof(Hash::bytes)) {
    hashes.push_back(Hash::From(bytes.substr(i, sizeof(Hash::bytes))));
  }
  return hashes;
}

}  // namespace

std::optional<TileEdge> TileEdge::From(uint64_t size, Levels levels) {
  uint64_t hashes = size;
  for (const std::vector<Hash>& level : levels) {
    if (level.size() != hashes % kTileWidth) return std::nullopt;
    hashes /= kTileWidth;
  }
  TileEdge edge;
  edge.size_ = size;
  edge.levels_ = std::move(levels);
  return edge;
}

absl::Status TileEdge::Append(const Hash& leaf, const TileSink& full) {
  Hash hash = leaf;
  uint64_t hashes = ++size_;  // of the level
  for (int level = 0; level < kLevels; ++level) {
    std::vector<Hash>& tile = levels_[static_cast<size_t>(level)];
    tile.push_back(hash);
    if (tile.size() < kTileWidth) break;
    SUYUAN_RETURN_IF_ERROR(full({level, hashes / kTileWidth - 1}, Joined(tile)));
    hash = HeightsOver(std::move(tile)).back().front();
    tile.clear();
    hashes /= kTileWidth;
  }
  return absl::OkStatus();
}

std::string TileEdge::Bytes(int level) const { return Joined(levels_[static_cast<size_t>(level)]); }

absl::StatusOr<Hash> TileRoot(std::string_view tile) {
  if (tile.size() != kTileWidth * sizeof(Hash::bytes)) {
    return DataLoss("tile of ", tile.size(), " bytes, expected ", kTileWidth * sizeof(Hash::bytes));
  }
  return HeightsOver(Split(tile)).back().front();
}

absl::Status TileWriter::Append(std::string_view record) {
  if (record.size() > kMaxEntryBytes) {
    return InvalidArgument("record ", tree_.size(), ": ", record.size(), " bytes, at most ",
                           kMaxEntryBytes);
  }
  AppendToBundle(record, &bundle_);
  const Hash leaf = LeafHash(record);
  tree_.Append(leaf);
  if (tree_.size() % kTileWidth == 0) {
    SUYUAN_RETURN_IF_ERROR(sink_({Tile::kEntries, tree_.size() / kTileWidth - 1}, bundle_));
    bundle_.clear();
  }
  return edge_.Append(leaf, sink_);
}

absl::Status TileWriter::Flush() {
  uint64_t hashes = tree_.size();
  if (const int width = static_cast<int>(hashes % kTileWidth); width != 0) {
    SUYUAN_RETURN_IF_ERROR(sink_({Tile::kEntries, hashes / kTileWidth, width}, bundle_));
  }
  for (int level = 0; level < TileEdge::kLevels; ++level, hashes /= kTileWidth) {
    const int width = static_cast<int>(hashes % kTileWidth);
    if (width == 0) continue;
    SUYUAN_RETURN_IF_ERROR(sink_({level, hashes / kTileWidth, width}, edge_.Bytes(level)));
  }
  return absl::OkStatus();
}

absl::StatusOr<Hash> TileReader::Subtree(int level, uint64_t index) {
  if (level < 0 || level > 63 || index >= size_ >> level) {
    return absl::OutOfRangeError(
        StrCat("subtree ", index, " of level ", level, " in a tree of ", size_, " leaves"));
  }
  const int tile_level = level / kTileHeight;
  const int height = level % kTileHeight;
  const uint64_t at = index << height;  // in its level of tiles
  const Tile tile{tile_level, at / kTileWidth,
                  static_cast<int>(std::min(kTileWidth, (size_ >> tile_level * kTileHeight) -
                                                            at / kTileWidth * kTileWidth))};
  auto known = tiles_.find({tile.level, tile.index});
  if (known == tiles_.end()) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string bytes, source_(tile));
    if (bytes.size() != static_cast<size_t>(tile.width) * sizeof(Hash::bytes)) {
      return DataLoss(TilePath(tile), ": ", bytes.size(), " bytes, expected ",
                      static_cast<size_t>(tile.width) * sizeof(Hash::bytes));
    }
    known = tiles_.emplace(std::pair(tile.level, tile.index), HeightsOver(Split(bytes))).first;
  }
  return known->second[static_cast<size_t>(height)][(at % kTileWidth) >> height];
}

}  // namespace suyuan::merkle

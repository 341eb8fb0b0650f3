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

}  // namespace

absl::Status TileWriter::Put(int level, uint64_t index, uint64_t width,
                             std::string_view bytes) const {
  return sink_({level, index, static_cast<int>(width)}, bytes);
}

absl::Status TileWriter::Append(std::string_view record) {
  if (record.size() > kMaxEntryBytes) {
    return InvalidArgument("record ", tree_.size(), ": ", record.size(), " bytes, at most ",
                           kMaxEntryBytes);
  }
  AppendToBundle(record, &bundle_);
  Hash hash = LeafHash(record);
  tree_.Append(hash);
  uint64_t hashes = tree_.size();  // of the level
  if (hashes % kTileWidth == 0) {
    SUYUAN_RETURN_IF_ERROR(Put(Tile::kEntries, hashes / kTileWidth - 1, kTileWidth, bundle_));
    bundle_.clear();
  }
  for (int level = 0; level < kLevels; ++level) {
    std::vector<Hash>& tile = edge_[static_cast<size_t>(level)];
    tile.push_back(hash);
    if (tile.size() < kTileWidth) break;
    SUYUAN_RETURN_IF_ERROR(Put(level, hashes / kTileWidth - 1, kTileWidth, Joined(tile)));
    hash = HeightsOver(std::move(tile)).back().front();
    tile.clear();
    hashes /= kTileWidth;
  }
  return absl::OkStatus();
}

absl::Status TileWriter::Flush() {
  uint64_t hashes = tree_.size();
  if (const uint64_t width = hashes % kTileWidth; width != 0) {
    SUYUAN_RETURN_IF_ERROR(Put(Tile::kEntries, hashes / kTileWidth, width, bundle_));
  }
  for (int level = 0; level < kLevels; ++level, hashes /= kTileWidth) {
    const std::vector<Hash>& tile = edge_[static_cast<size_t>(level)];
    if (tile.empty()) continue;
    SUYUAN_RETURN_IF_ERROR(Put(level, hashes / kTileWidth, tile.size(), Joined(tile)));
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
    std::vector<Hash> hashes;
    for (size_t i = 0; i < bytes.size(); i += sizeof(Hash::bytes)) {
      hashes.push_back(Hash::From(std::string_view(bytes).substr(i, sizeof(Hash::bytes))));
    }
    known = tiles_.emplace(std::pair(tile.level, tile.index), HeightsOver(std::move(hashes))).first;
  }
  return known->second[static_cast<size_t>(height)][(at % kTileWidth) >> height];
}

}  // namespace suyuan::merkle

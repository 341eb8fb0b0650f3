#include "lib/merkle/tile_tree.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::merkle {
namespace {

// How many nodes stand before hash `index`: each of those before it, and of two
// that are full one over them.
size_t NodesBefore(uint64_t index) {
  return static_cast<size_t>(2 * index) - static_cast<size_t>(std::popcount(index));
}

}  // namespace

absl::StatusOr<TileNodes> TileNodes::Parse(std::string_view tile, HashKind kind) {
  constexpr size_t kHashBytes = sizeof(Hash::bytes);
  if (tile.size() % kHashBytes != 0 || tile.size() > kTileWidth * kHashBytes) {
    return DataLoss("tile of ", tile.size(), " bytes");
  }
  TileNodes nodes(kind);
  nodes.nodes_.reserve(NodesBefore(tile.size() / kHashBytes));
  for (size_t i = 0; i < tile.size(); i += kHashBytes) {
    nodes.Append(Hash::From(tile.substr(i, kHashBytes)));
  }
  return nodes;
}

void TileNodes::Append(const Hash& hash) {
  nodes_.push_back(hash);
  // As in binary addition: each trailing one bit of the width is a full subtree that
  // the new hash completes; its root stands before the one to the right of it.
  for (uint64_t bits = width_, right = 1; bits & 1; bits >>= 1, right = 2 * right + 1) {
    nodes_.push_back(NodeHash(nodes_[nodes_.size() - 1 - right], nodes_.back(), kind_));
  }
  ++width_;
}

const Hash& TileNodes::Node(int height, uint64_t index) const {
  const uint64_t last = ((index + 1) << height) - 1;
  return nodes_[NodesBefore(last) + static_cast<size_t>(height)];
}

std::string TileNodes::Bytes() const {
  std::string bytes;
  bytes.reserve(static_cast<size_t>(width_) * sizeof(Hash::bytes));
  for (uint64_t i = 0; i < width_; ++i) bytes += Node(0, i).view();
  return bytes;
}

TileEdge::TileEdge(HashKind kind) : kind_(kind) { levels_.fill(TileNodes(kind)); }

std::optional<TileEdge> TileEdge::From(uint64_t size, const Levels& levels, HashKind kind) {
  TileEdge edge(kind);
  edge.size_ = size;
  uint64_t hashes = size;
  for (size_t level = 0; level < levels.size(); ++level) {
    if (levels[level].size() != hashes % kTileWidth) return std::nullopt;
    hashes /= kTileWidth;
    for (const Hash& hash : levels[level]) edge.levels_[level].Append(hash);
  }
  return edge;
}

absl::Status TileEdge::Append(const Hash& leaf, const TileSink& full) {
  Hash hash = leaf;
  uint64_t hashes = ++size_;  // of the level
  for (int level = 0; level < kLevels; ++level) {
    TileNodes& tile = levels_[static_cast<size_t>(level)];
    tile.Append(hash);
    if (tile.width() < kTileWidth) break;
    SUYUAN_RETURN_IF_ERROR(full({level, hashes / kTileWidth - 1}, tile.Bytes()));
    hash = tile.root();
    tile = TileNodes(kind_);
    hashes /= kTileWidth;
  }
  return absl::OkStatus();
}

Hash TileEdge::Root() const {
  if (size_ == 0) return HashOf(kind_, {});
  // The full subtrees from right to left: one for each one bit of the size.
  std::optional<Hash> root;
  for (const TileNodes& tile : levels_) {
    for (int height = 0; height < kTileHeight; ++height) {
      if ((tile.width() >> height & 1) == 0) continue;
      const Hash& left = tile.Node(height, (tile.width() >> height) - 1);
      root = root.has_value() ? NodeHash(left, *root, kind_) : left;
    }
  }
  return *root;
}

absl::Status TileWriter::Append(std::string_view record) {
  if (record.size() > kMaxEntryBytes) {
    return InvalidArgument("record ", edge_.size(), ": ", record.size(), " bytes, at most ",
                           kMaxEntryBytes);
  }
  AppendToBundle(record, &bundle_);
  if ((edge_.size() + 1) % kTileWidth == 0) {
    SUYUAN_RETURN_IF_ERROR(sink_({Tile::kEntries, edge_.size() / kTileWidth}, bundle_));
    bundle_.clear();
  }
  return edge_.Append(LeafHash(record, edge_.kind()), sink_);
}

absl::Status TileWriter::Flush() {
  uint64_t hashes = edge_.size();
  if (const int width = static_cast<int>(hashes % kTileWidth); width != 0) {
    SUYUAN_RETURN_IF_ERROR(sink_({Tile::kEntries, hashes / kTileWidth, width}, bundle_));
  }
  for (int level = 0; level < TileEdge::kLevels; ++level, hashes /= kTileWidth) {
    const int width = static_cast<int>(hashes % kTileWidth);
    if (width == 0) continue;
    SUYUAN_RETURN_IF_ERROR(sink_({level, hashes / kTileWidth, width}, edge_.tile(level).Bytes()));
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
    SUYUAN_ASSIGN_OR_RETURN(TileNodes nodes, TileNodes::Parse(bytes, kind_));
    known = tiles_.emplace(std::pair(tile.level, tile.index), std::move(nodes)).first;
  }
  return known->second.Node(height, (at % kTileWidth) >> height);
}

}  // namespace suyuan::merkle

#include "lib/ledger/tiles.h"

#include "lib/base/clock.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/ledger/reader.h"
#include "lib/ledger/record_format.h"

namespace suyuan::ledger {
namespace {

using merkle::kTileHeight;
using merkle::kTileWidth;
using merkle::Tile;
using merkle::TileEdge;

constexpr size_t kBatchBytes = 4 << 20;

absl::StatusOr<std::string> ReadFullTile(const store::Store& store, uint32_t ledger, HashKind kind,
                                         int level, uint64_t index) {
  SUYUAN_ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                          store.Get(TileKey(ledger, level, index, kind)));
  const Tile tile{level, index};
  if (!bytes.has_value()) return DataLoss(merkle::TilePath(tile), ": missing");
  if (bytes->size() != kTileWidth * sizeof(Hash::bytes)) {
    return DataLoss(merkle::TilePath(tile), ": ", bytes->size(), " bytes");
  }
  return *std::move(bytes);
}

// The root over hashes [index * 2^height, (index + 1) * 2^height) of a full tile.
absl::StatusOr<Hash> RootWithin(std::string_view tile, int height, uint64_t index, HashKind kind) {
  const size_t bytes = sizeof(Hash::bytes) << height;
  SUYUAN_ASSIGN_OR_RETURN(const merkle::TileNodes nodes,
                          merkle::TileNodes::Parse(tile.substr(index * bytes, bytes), kind));
  return nodes.Node(height, 0);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const merkle::TileNodes>> TileCache::Get(const store::Store& store,
                                                                        uint32_t ledger,
                                                                        HashKind kind, int level,
                                                                        uint64_t index,
                                                                        std::string* bytes) {
  const Key key(ledger, kind, level, index);
  {
    MutexLock lock(&mu_);
    if (const auto place = places_.find(key); place != places_.end()) {
      rows_.splice(rows_.begin(), rows_, place->second);
      return place->second->second;
    }
  }
  SUYUAN_ASSIGN_OR_RETURN(*bytes, ReadFullTile(store, ledger, kind, level, index));
  merkle::TileNodes nodes(kind);
  const uint64_t each = uint64_t{1} << Height(level);
  for (uint64_t i = 0; i < kTileWidth / each; ++i) {
    SUYUAN_ASSIGN_OR_RETURN(const Hash root, RootWithin(*bytes, Height(level), i, kind));
    nodes.Append(root);
  }
  auto shared = std::make_shared<const merkle::TileNodes>(std::move(nodes));
  MutexLock lock(&mu_);
  // Unless another thread was faster.
  if (!places_.contains(key)) {
    rows_.emplace_front(key, shared);
    places_[key] = rows_.begin();
    held_ += shared->bytes();
    while (held_ > room_) {
      held_ -= rows_.back().second->bytes();
      places_.erase(rows_.back().first);
      rows_.pop_back();
    }
  }
  return shared;
}

void TileCache::Clear() {
  MutexLock lock(&mu_);
  places_.clear();
  rows_.clear();
  held_ = 0;
}

absl::StatusOr<Hash> TreeReader::operator()(int level, uint64_t index) const {
  if (level < 0 || level >= TileEdge::kLevels * kTileHeight || index >= edge_.size() >> level) {
    return absl::OutOfRangeError(
        StrCat("subtree ", index, " of level ", level, " in a tree of ", edge_.size(), " leaves"));
  }
  const int tile_level = level / kTileHeight;
  const int height = level % kTileHeight;
  const uint64_t at = index << height;  // in its level of tiles
  const uint64_t tile = at / kTileWidth;
  const uint64_t node = (at % kTileWidth) >> height;
  if (tile == (edge_.size() >> tile_level * kTileHeight) / kTileWidth) {
    return edge_.tile(tile_level).Node(height, node);
  }
  Held& held = held_[static_cast<size_t>(tile_level)];
  if (held.nodes == nullptr || held.index != tile) {
    held.bytes.clear();
    SUYUAN_ASSIGN_OR_RETURN(
        held.nodes, cache_->Get(store_, ledger_, edge_.kind(), tile_level, tile, &held.bytes));
    held.index = tile;
  }
  const int kept = TileCache::Height(tile_level);
  if (height >= kept) return held.nodes->Node(height - kept, node);
  if (held.bytes.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(held.bytes,
                            ReadFullTile(store_, ledger_, edge_.kind(), tile_level, tile));
  }
  return RootWithin(held.bytes, height, node, edge_.kind());
}

absl::StatusOr<TileEdge> ReadEdge(const store::Store& store, uint32_t ledger, uint64_t size,
                                  const Hash& root, HashKind kind) {
  TileEdge::Levels levels;
  SUYUAN_RETURN_IF_ERROR(ReadRecords(store, ledger, size / kTileWidth * kTileWidth, size,
                                     [&](const StoredRecord& stored) {
                                       levels[0].push_back(merkle::LeafHash(stored.bytes, kind));
                                       return true;
                                     }));
  uint64_t tiles = size / kTileWidth;  // of the level below, full
  for (int level = 1; level < TileEdge::kLevels; ++level, tiles /= kTileWidth) {
    for (uint64_t i = tiles / kTileWidth * kTileWidth; i < tiles; ++i) {
      SUYUAN_ASSIGN_OR_RETURN(const std::string tile,
                              ReadFullTile(store, ledger, kind, level - 1, i));
      SUYUAN_ASSIGN_OR_RETURN(const merkle::TileNodes nodes, merkle::TileNodes::Parse(tile, kind));
      levels[static_cast<size_t>(level)].push_back(nodes.root());
    }
  }
  std::optional<TileEdge> edge = TileEdge::From(size, levels, kind);
  if (!edge.has_value()) return DataLoss("the tiles are none of a tree of ", size);
  if (const Hash found = edge->Root(); found != root) {
    return DataLoss("root by the tiles is ", found.hex(), ", expected ", root.hex());
  }
  return *std::move(edge);
}

absl::StatusOr<TileEdge> WriteTiles(store::Store* store, uint32_t ledger, uint64_t size,
                                    const std::string& name, const ProgressFunction& progress,
                                    HashKind kind) {
  TileEdge edge(kind);
  store::WriteBatch batch;
  absl::Status inner;
  int64_t last_progress = SystemClock()->SteadyMicros();
  const auto put = [&](const Tile& tile, std::string_view bytes) {
    batch.Put(TileKey(ledger, tile.level, tile.index, kind), std::string(bytes));
    if (batch.bytes() < kBatchBytes) return absl::OkStatus();
    absl::Status status = store->Write(batch);
    batch = {};
    return status;
  };
  SUYUAN_RETURN_IF_ERROR(ReadRecords(*store, ledger, 0, size, [&](const StoredRecord& stored) {
    inner = edge.Append(merkle::LeafHash(stored.bytes, kind), put);
    const int64_t now = SystemClock()->SteadyMicros();
    if (progress && now - last_progress > 500'000) {
      last_progress = now;
      progress({StrCat("tiles ", name), edge.size(), size});
    }
    return inner.ok();
  }));
  SUYUAN_RETURN_IF_ERROR(inner);
  if (!batch.puts().empty()) SUYUAN_RETURN_IF_ERROR(store->Write(batch));
  return edge;
}

absl::StatusOr<std::string> ReadTile(const store::Store& store, uint32_t ledger,
                                     const TileEdge& edge, const Tile& tile) {
  const int level = tile.level == Tile::kEntries ? 0 : tile.level;
  const uint64_t hashes = edge.size() >> (level * kTileHeight);
  const uint64_t first = tile.index * kTileWidth;
  const auto width = static_cast<uint64_t>(tile.width);
  if (tile.index > hashes / kTileWidth || first + width > hashes) {
    return NotFound("no ", merkle::TilePath(tile), " in a tree of ", edge.size(), " leaves");
  }
  if (tile.level == Tile::kEntries) {
    std::string bundle;
    SUYUAN_RETURN_IF_ERROR(
        ReadRecords(store, ledger, first, first + width, [&](const StoredRecord& stored) {
          merkle::AppendToBundle(stored.bytes, &bundle);
          return true;
        }));
    return bundle;
  }
  std::string bytes;
  if (tile.index == hashes / kTileWidth) {
    bytes = edge.tile(level).Bytes();
  } else {
    SUYUAN_ASSIGN_OR_RETURN(bytes, ReadFullTile(store, ledger, edge.kind(), level, tile.index));
  }
  bytes.resize(width * sizeof(Hash::bytes));
  return bytes;
}

absl::StatusOr<Hash> RootAt(const store::Store& store, uint32_t ledger, const TileEdge& edge,
                            uint64_t size, TileCache* cache) {
  const TreeReader read(store, ledger, edge, cache);
  return merkle::SubtreeRoot(0, size, read, edge.kind());
}

}  // namespace suyuan::ledger

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

absl::StatusOr<std::string> ReadFullTile(const store::Store& store, uint32_t ledger, int level,
                                         uint64_t index) {
  SUYUAN_ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                          store.Get(TileKey(ledger, level, index)));
  const Tile tile{level, index};
  if (!bytes.has_value()) return DataLoss(merkle::TilePath(tile), ": missing");
  if (bytes->size() != kTileWidth * sizeof(Hash::bytes)) {
    return DataLoss(merkle::TilePath(tile), ": ", bytes->size(), " bytes");
  }
  return *std::move(bytes);
}

}  // namespace

absl::StatusOr<TileEdge> ReadEdge(const store::Store& store, uint32_t ledger, uint64_t size,
                                  const Hash& root) {
  TileEdge::Levels levels;
  SUYUAN_RETURN_IF_ERROR(ReadRecords(store, ledger, size / kTileWidth * kTileWidth, size,
                                     [&](const StoredRecord& stored) {
                                       levels[0].push_back(merkle::LeafHash(stored.bytes));
                                       return true;
                                     }));
  uint64_t tiles = size / kTileWidth;  // of the level below, full
  for (int level = 1; level < TileEdge::kLevels; ++level, tiles /= kTileWidth) {
    for (uint64_t i = tiles / kTileWidth * kTileWidth; i < tiles; ++i) {
      SUYUAN_ASSIGN_OR_RETURN(const std::string tile, ReadFullTile(store, ledger, level - 1, i));
      SUYUAN_ASSIGN_OR_RETURN(const Hash hash, merkle::TileRoot(tile));
      levels[static_cast<size_t>(level)].push_back(hash);
    }
  }
  std::optional<TileEdge> edge = TileEdge::From(size, std::move(levels));
  if (!edge.has_value()) return DataLoss("the tiles are none of a tree of ", size);
  SUYUAN_ASSIGN_OR_RETURN(const Hash found, RootAt(store, ledger, *edge, size));
  if (found != root) {
    return DataLoss("root by the tiles is ", found.hex(), ", expected ", root.hex());
  }
  return *std::move(edge);
}

absl::StatusOr<TileEdge> WriteTiles(store::Store* store, uint32_t ledger, uint64_t size,
                                    const std::string& name, const ProgressFunction& progress) {
  TileEdge edge;
  store::WriteBatch batch;
  absl::Status inner;
  int64_t last_progress = SystemClock()->SteadyMicros();
  const auto put = [&](const Tile& tile, std::string_view bytes) {
    batch.Put(TileKey(ledger, tile.level, tile.index), std::string(bytes));
    if (batch.bytes() < kBatchBytes) return absl::OkStatus();
    absl::Status status = store->Write(batch);
    batch = {};
    return status;
  };
  SUYUAN_RETURN_IF_ERROR(ReadRecords(*store, ledger, 0, size, [&](const StoredRecord& stored) {
    inner = edge.Append(merkle::LeafHash(stored.bytes), put);
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
    bytes = edge.Bytes(level);
  } else {
    SUYUAN_ASSIGN_OR_RETURN(bytes, ReadFullTile(store, ledger, level, tile.index));
  }
  bytes.resize(width * sizeof(Hash::bytes));
  return bytes;
}

absl::StatusOr<Hash> RootAt(const store::Store& store, uint32_t ledger, const TileEdge& edge,
                            uint64_t size) {
  if (size == 0) return merkle::Frontier().Root();
  merkle::TileReader reader(size,
                            [&](const Tile& tile) { return ReadTile(store, ledger, edge, tile); });
  return merkle::SubtreeRoot(
      0, size, [&](int level, uint64_t index) { return reader.Subtree(level, index); });
}

}  // namespace suyuan::ledger

#ifndef LIB_LEDGER_TILES_H_
#define LIB_LEDGER_TILES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile_tree.h"
#include "lib/store/store.h"
#include "suyuan/check.h"

// The tree of a ledger in its store: full tiles as rows, what is not yet a full tile
// is read from the entries. See FORMAT.md.
namespace suyuan::ledger {

// The right edge of the tree of the first `size` entries, from tiles and entries.
// kDataLoss: a tile is missing, or what is there has not the root `root`.
absl::StatusOr<merkle::TileEdge> ReadEdge(const store::Store& store, uint32_t ledger, uint64_t size,
                                          const Hash& root);

// Makes all full tiles of the first `size` entries again; the right edge.
absl::StatusOr<merkle::TileEdge> WriteTiles(store::Store* store, uint32_t ledger, uint64_t size,
                                            const std::string& name,
                                            const ProgressFunction& progress);

// The bytes of a tile, or of a bundle of entries, of the tree that `edge` is of. kNotFound: it
// does not have as many hashes. kDataLoss: it cannot be read.
absl::StatusOr<std::string> ReadTile(const store::Store& store, uint32_t ledger,
                                     const merkle::TileEdge& edge, const merkle::Tile& tile);

// The root of the first `size` entries, which are not more than `edge` is of.
absl::StatusOr<Hash> RootAt(const store::Store& store, uint32_t ledger,
                            const merkle::TileEdge& edge, uint64_t size);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_TILES_H_

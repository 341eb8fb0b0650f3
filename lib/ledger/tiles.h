#ifndef LIB_LEDGER_TILES_H_
#define LIB_LEDGER_TILES_H_

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/base/mutex.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile_tree.h"
#include "lib/store/store.h"
#include "suyuan/check.h"

// The trees of a ledger in its store: full tiles as rows, what is not yet a full tile
// is read from the entries. See FORMAT.md.
namespace suyuan::ledger {

// Nodes over the tiles that were read last: hashing these again is most of what a proof
// costs. Of a tile of leaves, of which there are many, those over each 16 are kept (1 KB), of
// others all (16 KB). Thread-safe.
class TileCache {
 public:
  explicit TileCache(size_t bytes = 48 << 20) : room_(bytes) {}

  // The height over their tile at which the nodes that are kept begin.
  static constexpr int Height(int level) { return level == 0 ? 4 : 0; }

  // Their nodes. `bytes`: of the tile, where it had to be read. kDataLoss: the tile is not in the
  // store, or is none.
  absl::StatusOr<std::shared_ptr<const merkle::TileNodes>> Get(const store::Store& store,
                                                               uint32_t ledger, HashKind kind,
                                                               int level, uint64_t index,
                                                               std::string* bytes);
  void Clear();

 private:
  using Key = std::tuple<uint32_t, HashKind, int, uint64_t>;
  using Nodes = std::shared_ptr<const merkle::TileNodes>;
  using Rows = std::list<std::pair<Key, Nodes>>;

  const size_t room_;
  Mutex mu_;
  size_t held_ ABSL_GUARDED_BY(mu_) = 0;  // bytes of nodes
  Rows rows_ ABSL_GUARDED_BY(mu_);        // the one that was used last stands first
  absl::flat_hash_map<Key, Rows::iterator> places_ ABSL_GUARDED_BY(mu_);
};

// Roots of full subtrees of the tree that `edge` is of: a merkle::SubtreeReader. All are
// borrowed. One thread.
class TreeReader {
 public:
  TreeReader(const store::Store& store, uint32_t ledger, const merkle::TileEdge& edge,
             TileCache* cache)
      : store_(store), ledger_(ledger), edge_(edge), cache_(cache) {}

  // kOutOfRange: not in the tree. kDataLoss: a tile cannot be read.
  absl::StatusOr<Hash> operator()(int level, uint64_t index) const;

 private:
  struct Held {
    uint64_t index = 0;
    std::shared_ptr<const merkle::TileNodes> nodes;
    std::string bytes;  // empty until they are needed
  };

  const store::Store& store_;
  const uint32_t ledger_;
  const merkle::TileEdge& edge_;
  TileCache* const cache_;
  mutable std::array<Held, merkle::TileEdge::kLevels> held_;  // of each level the last one
};

// The right edge of the tree of the first `size` entries, from tiles and entries.
// kDataLoss: a tile is missing, or what is there has not the root `root`.
absl::StatusOr<merkle::TileEdge> ReadEdge(const store::Store& store, uint32_t ledger, uint64_t size,
                                          const Hash& root, HashKind kind = HashKind::kSha256);

// Makes all full tiles of the first `size` entries again; the right edge.
absl::StatusOr<merkle::TileEdge> WriteTiles(store::Store* store, uint32_t ledger, uint64_t size,
                                            const std::string& name,
                                            const ProgressFunction& progress,
                                            HashKind kind = HashKind::kSha256);

// The bytes of a tile, or of a bundle of entries, of the tree that `edge` is of. kNotFound: it
// does not have as many hashes. kDataLoss: it cannot be read.
absl::StatusOr<std::string> ReadTile(const store::Store& store, uint32_t ledger,
                                     const merkle::TileEdge& edge, const merkle::Tile& tile);

// The root of the first `size` entries, which are not more than `edge` is of.
absl::StatusOr<Hash> RootAt(const store::Store& store, uint32_t ledger,
                            const merkle::TileEdge& edge, uint64_t size, TileCache* cache);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_TILES_H_

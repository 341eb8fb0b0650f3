#ifndef API_EXCHANGE_TILES_H_
#define API_EXCHANGE_TILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "suyuan/engine.h"

namespace suyuan::exchange {

// Writes a ledger below `directory` as C2SP tlog-tiles names it: checkpoint, tile/<level>/<n>,
// tile/entries/<n>, so that any file server can publish it. What an earlier export left
// there is not written again; the checkpoint comes last and names only what is there. Returns it.
// Each tree of a ledger is one by itself: give that of SM3 a directory of its own.
absl::StatusOr<std::string> ExportTiles(Engine* engine, const std::string& ledger,
                                        const std::string& directory, TreeHash tree,
                                        const ProgressFunction& progress);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_TILES_H_

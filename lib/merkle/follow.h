#ifndef LIB_MERKLE_FOLLOW_H_
#define LIB_MERKLE_FOLLOW_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/tile.h"
#include "lib/merkle/tree.h"

namespace suyuan::merkle {

// Larger is refused: whoever follows would fetch for ever before it can tell.
inline constexpr uint64_t kMaxFollowedSize = uint64_t{1} << 36;

// What the server of a log gives for a path below its address ("checkpoint",
// "tile/entries/000.p/3"), at most `max_bytes`. kNotFound: it is not there. Any other error
// says nothing of the log and ends the round.
using LogFetch =
    std::function<absl::StatusOr<std::string>(std::string_view path, size_t max_bytes)>;

// What is held of a log.
struct HeldLog {
  Frontier tree;
  std::function<absl::StatusOr<Hash>(uint64_t sequence)> leaf_at;  // below tree.size()
  std::function<absl::StatusOr<Hash>(uint64_t size)> root_at;      // up to tree.size()
  // Notes. The newest that all entries are held of, and one by which some were taken and not
  // all so far; each empty if there is none.
  std::string accepted;
  std::string promised;
};

// A checkpoint that logs and witnesses of the policy signed.
struct Offer {
  std::string note;
  Checkpoint checkpoint;
};

// Why what a log shows cannot be, and what it showed: a file each.
struct Contradiction {
  std::string why;
  std::vector<std::pair<std::string, std::string>> files;
};

// Follows a log that lies in tiles (C2SP tlog-tiles) and believes nothing: a checkpoint counts if
// the policy says so, goes on from all that was seen of the log before, and has the root
// of the entries that are shown. Holds one bundle of entries, a tile of hashes, and 32 bytes
// for each 65,536 entries. One thread.
class LogFollower {
 public:
  // `policy` is borrowed.
  LogFollower(const Policy* policy, LogFetch fetch) : policy_(*policy), fetch_(std::move(fetch)) {}

  // The checkpoint that is shown now. kPermissionDenied: not one of a log that the policy
  // trusts. kInvalidArgument: none at all. kUnavailable: nothing is shown.
  absl::StatusOr<Offer> Ask();

  // Entries that are in the tree of the offer, from `first` on, which is where the last call
  // ended. Its error ends the round.
  using Sink = std::function<absl::Status(uint64_t first, std::span<const std::string_view>)>;
  // Hands over what the offer counts beyond what is held; false if it is older than that.
  // kDataLoss, with `found` told: the log contradicts itself. Nothing was handed
  // over then but what is in the tree of the offer, and nothing at all if that
  // does not go on from what is held. Other errors are those of fetch, sink and `held`.
  absl::StatusOr<bool> Take(const HeldLog& held, const Offer& offer, const Sink& sink,
                            Contradiction* found);

 private:
  // What is shown of the tree, checked against the root.
  struct Shown {
    uint64_t from_tile = 0;     // of level 0: the first that is not held whole
    uint64_t to_tile = 0;       // behind the last full one
    std::vector<Hash> digests;  // of the tiles of level 1 that were shown, from from_tile / 256 on
    std::vector<Hash> partial;  // the leaves behind the full tiles
    std::vector<Hash> in_hand;  // hashes of one of the tiles of level 1
    uint64_t index_in_hand = ~uint64_t{0};
  };

  absl::Status Compare(const HeldLog& held, const Offer& offer, Contradiction* found) const;
  absl::Status ReadTree(const HeldLog& held, const Offer& offer, Shown* shown,
                        Contradiction* found);
  // The hashes of a tile of level 1, as ReadTree saw it.
  absl::Status SeeAgain(const Offer& offer, uint64_t index, Shown* shown, Contradiction* found);
  absl::Status ReadEntries(const HeldLog& held, const Offer& offer, Shown* shown, const Sink& sink,
                           Contradiction* found);
  absl::StatusOr<std::string> Fetch(const Tile& tile);
  absl::StatusOr<std::vector<Hash>> FetchHashes(const Tile& tile, Contradiction* found);
  // Whether the log shows another history or only tiles that fit nothing.
  void Explain(const HeldLog& held, const Offer& offer, const Hash& computed, Contradiction* found);

  const Policy& policy_;
  const LogFetch fetch_;
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_FOLLOW_H_

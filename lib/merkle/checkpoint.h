#ifndef LIB_MERKLE_CHECKPOINT_H_
#define LIB_MERKLE_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/hash.h"

// What a ledger signs of itself, and what it hands to whoever wants to prove an
// entry later, in the formats of C2SP. Pure functions.
namespace suyuan::merkle {

// The head of a tree (C2SP tlog-checkpoint v1.0.0).
struct Checkpoint {
  std::string origin;  // of the ledger: one line, not empty
  uint64_t size = 0;
  Hash root;
  // Of the tree. The text does not say it: who verifies knows it by the key that signed.
  HashKind hash = HashKind::kSha256;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The text that is signed: origin, size, root in base64, each on a line.
std::string FormatCheckpoint(const Checkpoint& checkpoint);
// The text of a note, read. Lines behind the third are opaque and passed over. kInvalidArgument,
// naming the line, for anything else; a size beyond kMaxTreeSize is no size.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// An offline proof that an entry is in a ledger (C2SP tlog-proof@v1, file extension
// .tlog-proof).
struct ProofFile {
  std::string extra;  // opaque, not vouched for by anybody
  uint64_t index = 0;
  std::vector<Hash> path;  // from the leaf up
  std::string checkpoint;  // a signed note, as it came
};

std::string FormatProofFile(const ProofFile& proof);
// kInvalidArgument, naming the line. Says nothing of whether it proves anything.
absl::StatusOr<ProofFile> ParseProofFile(std::string_view bytes);

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_CHECKPOINT_H_

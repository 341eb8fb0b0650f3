#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile_tree.h"
#include "suyuan/proof.h"

namespace suyuan {
namespace {

SignedHead HeadOf(const merkle::Checkpoint& checkpoint) {
  return {checkpoint.origin, checkpoint.size, std::string(checkpoint.root.view()),
          checkpoint.hash == HashKind::kSm3 ? TreeHash::kSm3 : TreeHash::kSha256};
}

absl::StatusOr<merkle::Checkpoint> Verified(std::string_view note, std::string_view policy) {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Policy trusted, merkle::Policy::Parse(policy));
  return trusted.VerifyCheckpoint(note);
}

absl::StatusOr<std::vector<Hash>> ParseHashes(std::string_view text) {
  std::vector<Hash> hashes;
  for (const absl::string_view line : absl::StrSplit(ToAbsl(text), '\n', absl::SkipEmpty())) {
    const std::optional<std::string> raw = FromBase64({line.data(), line.size()});
    if (!raw.has_value() || raw->size() != sizeof(Hash::bytes)) {
      return InvalidArgument("line ", hashes.size() + 1, " of the proof is no hash in base64");
    }
    hashes.push_back(Hash::From(*raw));
  }
  return hashes;
}

}  // namespace

absl::StatusOr<SignedHead> VerifyCheckpoint(std::string_view checkpoint, std::string_view policy) {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint head, Verified(checkpoint, policy));
  return HeadOf(head);
}

absl::StatusOr<SignedHead> VerifyReceipt(std::string_view proof, std::string_view entry,
                                         std::string_view policy) {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Policy trusted, merkle::Policy::Parse(policy));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::ProofFile file, merkle::ParseProofFile(proof));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint head, trusted.VerifyProof(file, entry));
  return HeadOf(head);
}

absl::StatusOr<SignedHead> VerifyConsistency(std::string_view older, std::string_view newer,
                                             std::string_view proof, std::string_view policy) {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint first, Verified(older, policy));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint second, Verified(newer, policy));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Hash> hashes, ParseHashes(proof));
  if (first.origin != second.origin) {
    return InvalidArgument("two ledgers: ", first.origin, " and ", second.origin);
  }
  if (first.size > second.size) {
    return InvalidArgument("the older checkpoint is of ", first.size, " entries, the newer of ",
                           second.size);
  }
  // One origin is of one tree: see Policy.
  SUYUAN_RETURN_IF_ERROR(merkle::VerifyConsistency(first.size, first.root, second.size, second.root,
                                                   hashes, second.hash));
  return HeadOf(second);
}

absl::StatusOr<SignedHead> VerifyExport(
    const std::function<absl::StatusOr<std::string>(std::string_view path)>& read,
    std::string_view policy) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string note, read("checkpoint"));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint head, Verified(note, policy));
  const auto compare = [&](const merkle::Tile& tile, std::string_view bytes) -> absl::Status {
    if (tile.level == merkle::Tile::kEntries) return absl::OkStatus();  // that is what was read
    const std::string path = merkle::TilePath(tile);
    SUYUAN_ASSIGN_OR_RETURN(const std::string stored, read(path));
    if (stored == bytes) return absl::OkStatus();
    return DataLoss(path, " is not what its entries give");
  };
  merkle::TileWriter writer(compare, head.hash);
  for (uint64_t first = 0; first < head.size; first += merkle::kTileWidth) {
    const merkle::Tile tile{merkle::Tile::kEntries, first / merkle::kTileWidth,
                            static_cast<int>(std::min(merkle::kTileWidth, head.size - first))};
    const std::string path = merkle::TilePath(tile);
    SUYUAN_ASSIGN_OR_RETURN(const std::string bundle, read(path));
    const auto entries = merkle::ParseBundle(bundle, tile.width);
    if (!entries.ok()) return DataLoss(path, ": ", entries.status().message());
    for (const std::string_view entry : *entries) {
      SUYUAN_RETURN_IF_ERROR(writer.Append(entry));
    }
  }
  SUYUAN_RETURN_IF_ERROR(writer.Flush());
  const Hash root = writer.tree().Root();
  if (root != head.root) {
    return DataLoss("root of ", head.size, " entries is ", root.hex(), ", expected ",
                    head.root.hex(), " by the checkpoint");
  }
  return HeadOf(head);
}

}  // namespace suyuan

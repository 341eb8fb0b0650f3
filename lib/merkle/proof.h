#ifndef LIB_MERKLE_PROOF_H_
#define LIB_MERKLE_PROOF_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"

// Proofs over RFC 6962 trees. Making one needs a reader of the tree; checking one
// needs nothing. Pure functions, safe on any thread.
namespace suyuan::merkle {

// The root of the full subtree of 2^level leaves that begins at leaf
// index * 2^level. Level 0: the leaf hashes.
using SubtreeReader = absl::FunctionRef<absl::StatusOr<Hash>(int level, uint64_t index)>;

// No tree has more leaves, so that no sum of sizes overflows.
inline constexpr uint64_t kMaxTreeSize = uint64_t{1} << 62;

// The root over leaves [begin, begin + count) where begin is a multiple of the
// least power of two that is not below count: a subtree of RFC 6962, 2.1.
// Reads one subtree a one bit of `count`. Errors are those of `read`.
absl::StatusOr<Hash> SubtreeRoot(uint64_t begin, uint64_t count, SubtreeReader read,
                                 HashKind kind = HashKind::kSha256);

// The audit path of leaf `index` in the tree of the first `size` leaves, from the
// leaf up (RFC 6962, 2.1.1): at most 62 hashes. kOutOfRange unless index < size <= kMaxTreeSize;
// else the errors of `read`.
absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, SubtreeReader read,
                                                 HashKind kind = HashKind::kSha256);

// That the tree of `new_size` leaves begins with the leaves of that of `old_size`
// (RFC 6962, 2.1.2); empty for two equal sizes and for an old size of 0. kOutOfRange unless
// old_size <= new_size <= kMaxTreeSize; else the errors of `read`.
absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                   SubtreeReader read,
                                                   HashKind kind = HashKind::kSha256);

// OK if `proof` leads from `leaf` at `index` to the root of the tree of `size` leaves (RFC 9162,
// 2.1.3.2). kInvalidArgument: index or length of the proof are none that such a tree has.
// kDataLoss: they lead to another root.
absl::Status VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size,
                             std::span<const Hash> proof, const Hash& root,
                             HashKind kind = HashKind::kSha256);

// OK if `proof` shows that the tree (new_size, new_root) begins with the tree (old_size, old_root)
// (RFC 9162, 2.1.4.2). Two trees of one size are consistent if their roots are equal; the
// empty tree is the beginning of every tree. kInvalidArgument and kDataLoss as above.
absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> proof,
                               HashKind kind = HashKind::kSha256);

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_PROOF_H_

#include "lib/merkle/proof.h"

#include <algorithm>
#include <bit>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/tree.h"

namespace suyuan::merkle {
namespace {

// The largest power of two below n, for n > 1: where RFC 6962 splits a tree.
uint64_t SplitPoint(uint64_t n) { return std::bit_floor(n - 1); }

absl::Status WrongLength(std::string_view what, size_t found, size_t expected) {
  return InvalidArgument(what, ": ", found, " hashes, expected ", expected);
}

absl::Status WrongRoot(std::string_view what, const Hash& found, const Hash& expected) {
  return absl::DataLossError(
      StrCat(what, " leads to root ", found.hex(), ", expected ", expected.hex()));
}

}  // namespace

absl::StatusOr<Hash> SubtreeRoot(uint64_t begin, uint64_t count, SubtreeReader read,
                                 HashKind kind) {
  if (count == 0) return HashOf(kind, {});
  // Full subtrees from left to right, each smaller than the one before; folded
  // from the right.
  std::vector<Hash> roots;
  for (uint64_t left = count; left > 0;) {
    const int level = std::bit_width(left) - 1;
    SUYUAN_ASSIGN_OR_RETURN(const Hash root, read(level, begin >> level));
    roots.push_back(root);
    begin += uint64_t{1} << level;
    left -= uint64_t{1} << level;
  }
  Hash root = roots.back();
  for (size_t i = roots.size() - 1; i-- > 0;) root = NodeHash(roots[i], root, kind);
  return root;
}

absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t index, uint64_t size, SubtreeReader read,
                                                 HashKind kind) {
  if (size > kMaxTreeSize || index >= size) {
    return absl::OutOfRangeError(StrCat("leaf ", index, " of a tree of ", size, " leaves"));
  }
  std::vector<Hash> path;
  uint64_t begin = 0;
  while (size > 1) {
    const uint64_t split = SplitPoint(size);
    const bool right = index >= split;
    SUYUAN_ASSIGN_OR_RETURN(const Hash sibling,
                            right ? SubtreeRoot(begin, split, read, kind)
                                  : SubtreeRoot(begin + split, size - split, read, kind));
    path.push_back(sibling);
    if (right) {
      begin += split;
      index -= split;
      size -= split;
    } else {
      size = split;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t new_size,
                                                   SubtreeReader read, HashKind kind) {
  if (new_size > kMaxTreeSize || old_size > new_size) {
    return absl::OutOfRangeError(
        StrCat("a tree of ", old_size, " leaves within one of ", new_size));
  }
  std::vector<Hash> path;
  if (old_size == 0 || old_size == new_size) return path;
  uint64_t begin = 0;
  // Does the old tree end where a subtree that the verifier knows ends?
  bool known = true;
  while (old_size != new_size) {
    const uint64_t split = SplitPoint(new_size);
    if (old_size <= split) {
      SUYUAN_ASSIGN_OR_RETURN(const Hash sibling,
                              SubtreeRoot(begin + split, new_size - split, read, kind));
      path.push_back(sibling);
      new_size = split;
    } else {
      SUYUAN_ASSIGN_OR_RETURN(const Hash sibling, SubtreeRoot(begin, split, read, kind));
      path.push_back(sibling);
      begin += split;
      old_size -= split;
      new_size -= split;
      known = false;
    }
  }
  if (!known) {
    SUYUAN_ASSIGN_OR_RETURN(const Hash last, SubtreeRoot(begin, new_size, read, kind));
    path.push_back(last);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

absl::Status VerifyInclusion(const Hash& leaf, uint64_t index, uint64_t size,
                             std::span<const Hash> proof, const Hash& root, HashKind kind) {
  if (size > kMaxTreeSize || index >= size) {
    return InvalidArgument("leaf ", index, " of a tree of ", size, " leaves");
  }
  // Up to where the path leaves the right edge it has a hash a level, from there
  // on one for each subtree to the left.
  const int inner = std::bit_width(index ^ (size - 1));
  const size_t expected = static_cast<size_t>(inner + std::popcount(index >> inner));
  if (proof.size() != expected) return WrongLength("inclusion proof", proof.size(), expected);
  Hash node = leaf;
  for (size_t i = 0; i < proof.size(); ++i) {
    const bool right = static_cast<int>(i) >= inner || (index >> i & 1) != 0;
    node = right ? NodeHash(proof[i], node, kind) : NodeHash(node, proof[i], kind);
  }
  if (node != root) return WrongRoot("inclusion proof", node, root);
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> proof, HashKind kind) {
  if (new_size > kMaxTreeSize || old_size > new_size) {
    return InvalidArgument("a tree of ", old_size, " leaves within one of ", new_size);
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return WrongLength("consistency proof", proof.size(), 0);
    if (old_size == 0) {
      const Hash empty = HashOf(kind, {});
      return old_root == empty ? absl::OkStatus() : WrongRoot("the empty tree", empty, old_root);
    }
    return old_root == new_root ? absl::OkStatus()
                                : WrongRoot("a tree of the same size", new_root, old_root);
  }
  // The old tree's last full subtree, which is the start of both climbs; the verifier
  // knows it if it is the whole old tree.
  const int level = std::countr_zero(old_size);
  const uint64_t index = (old_size - 1) >> level;
  const int inner = std::bit_width(index ^ ((new_size - 1) >> level));
  const bool known = std::has_single_bit(old_size);
  const size_t climb = static_cast<size_t>(inner + std::popcount(index >> inner));
  const size_t expected = climb + (known ? 0 : 1);
  if (proof.size() != expected) return WrongLength("consistency proof", proof.size(), expected);
  Hash old_node = known ? old_root : proof[0];
  Hash new_node = old_node;
  const std::span<const Hash> path = proof.subspan(known ? 0 : 1);
  for (size_t i = 0; i < path.size(); ++i) {
    const bool right = static_cast<int>(i) >= inner || (index >> i & 1) != 0;
    if (right) {
      old_node = NodeHash(path[i], old_node, kind);
      new_node = NodeHash(path[i], new_node, kind);
    } else {
      new_node = NodeHash(new_node, path[i], kind);
    }
  }
  if (old_node != old_root) return WrongRoot("consistency proof, old tree", old_node, old_root);
  if (new_node != new_root) return WrongRoot("consistency proof, new tree", new_node, new_root);
  return absl::OkStatus();
}

}  // namespace suyuan::merkle

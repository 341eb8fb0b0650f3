#ifndef LIB_MERKLE_TREE_H_
#define LIB_MERKLE_TREE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/hash.h"

namespace suyuan::merkle {

// Trees are of SHA-256, as RFC 6962 has them, or of the same shape and of SM3; two of
// one ledger have not a hash in common.

// H(0x00 || record). Source: RFC 6962, 2.1.
Hash LeafHash(std::string_view record, HashKind kind = HashKind::kSha256);
// H(0x01 || left || right).
Hash NodeHash(const Hash& left, const Hash& right, HashKind kind = HashKind::kSha256);

// The right edge of an RFC 6962 tree: all that is needed to append leaves and
// to know the root. Amortized one node hash a leaf, log2(size) a root.
class Frontier {
 public:
  explicit Frontier(HashKind kind = HashKind::kSha256) : kind_(kind) {}
  // The frontier of a tree of `size` leaves; nothing unless there is one root
  // for each bit of `size`.
  static std::optional<Frontier> From(uint64_t size, std::vector<Hash> subtree_roots,
                                      HashKind kind = HashKind::kSha256);

  void Append(const Hash& leaf);
  uint64_t size() const { return size_; }
  // Of the empty tree, the hash of the empty string.
  Hash Root() const;
  // Roots of the full subtrees, largest first.
  const std::vector<Hash>& subtree_roots() const { return roots_; }

 private:
  HashKind kind_;
  uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_TREE_H_

#ifndef LIB_MERKLE_TREE_H_
#define LIB_MERKLE_TREE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/hash.h"

namespace suyuan::merkle {

// SHA-256(0x00 || record). Source: RFC 6962, 2.1.
Hash LeafHash(std::string_view record);
// SHA-256(0x01 || left || right).
Hash NodeHash(const Hash& left, const Hash& right);

// The right edge of an RFC 6962 tree: all that is needed to append leaves and
// to know the root. Amortized one node hash a leaf, log2(size) a root.
class Frontier {
 public:
  Frontier() = default;
  // The frontier of a tree of `size` leaves; nothing unless there is one root
  // for each bit of `size`.
  static std::optional<Frontier> From(uint64_t size, std::vector<Hash> subtree_roots);

  void Append(const Hash& leaf);
  uint64_t size() const { return size_; }
  // Of the empty tree, SHA-256 of the empty string.
  Hash Root() const;
  // Roots of the full subtrees, largest first.
  const std::vector<Hash>& subtree_roots() const { return roots_; }

 private:
  uint64_t size_ = 0;
  std::vector<Hash> roots_;
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_TREE_H_

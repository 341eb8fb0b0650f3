#include "lib/merkle/tree.h"

#include <bit>

namespace suyuan::merkle {

Hash LeafHash(std::string_view record) { return Sha256({std::string_view("\0", 1), record}); }

Hash NodeHash(const Hash& left, const Hash& right) {
  return Sha256({std::string_view("\1", 1), left.view(), right.view()});
}

std::optional<Frontier> Frontier::From(uint64_t size, std::vector<Hash> subtree_roots) {
  if (subtree_roots.size() != static_cast<size_t>(std::popcount(size))) return std::nullopt;
  Frontier frontier;
  frontier.size_ = size;
  frontier.roots_ = std::move(subtree_roots);
  return frontier;
}

void Frontier::Append(const Hash& leaf) {
  Hash node = leaf;
  // As in binary addition: each trailing one bit of the size is a full subtree
  // that the new leaf completes.
  for (uint64_t bits = size_; bits & 1; bits >>= 1) {
    node = NodeHash(roots_.back(), node);
    roots_.pop_back();
  }
  roots_.push_back(node);
  ++size_;
}

Hash Frontier::Root() const {
  if (roots_.empty()) return Sha256({});
  Hash root = roots_.back();
  for (size_t i = roots_.size() - 1; i-- > 0;) root = NodeHash(roots_[i], root);
  return root;
}

}  // namespace suyuan::merkle

#include "lib/merkle/proof.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <string>
#include <vector>

#include "lib/merkle/tree.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

// A tree of numbered leaves, and the RFC's definitions over it: the oracle.
class Tree {
 public:
  explicit Tree(size_t size) {
    for (size_t i = 0; i < size; ++i) leaves_.push_back(LeafHash("leaf " + std::to_string(i)));
  }

  const Hash& leaf(size_t i) const { return leaves_[i]; }
  Hash Root(size_t size) const { return Mth(0, size); }

  // RFC 6962, 2.1.
  Hash Mth(size_t from, size_t to) const {
    if (from == to) return Sha256({});
    if (to - from == 1) return leaves_[from];
    const size_t split = from + std::bit_floor(to - from - 1);
    return NodeHash(Mth(from, split), Mth(split, to));
  }

  // RFC 6962, 2.1.1.
  std::vector<Hash> Path(size_t m, size_t from, size_t to) const {
    if (to - from == 1) return {};
    const size_t split = from + std::bit_floor(to - from - 1);
    const bool left = m < split;
    std::vector<Hash> path = left ? Path(m, from, split) : Path(m, split, to);
    path.push_back(left ? Mth(split, to) : Mth(from, split));
    return path;
  }

  // RFC 6962, 2.1.2.
  std::vector<Hash> SubProof(size_t m, size_t from, size_t to, bool known) const {
    if (m == to) return known ? std::vector<Hash>() : std::vector<Hash>{Mth(from, to)};
    const size_t split = from + std::bit_floor(to - from - 1);
    const bool left = m <= split;
    std::vector<Hash> path = left ? SubProof(m, from, split, known) : SubProof(m, split, to, false);
    path.push_back(left ? Mth(split, to) : Mth(from, split));
    return path;
  }

  absl::StatusOr<Hash> Read(int level, uint64_t index) const {
    const size_t width = size_t{1} << level;
    if ((index + 1) * width > leaves_.size()) return absl::NotFoundError("beyond the tree");
    return Mth(index * width, (index + 1) * width);
  }

 private:
  std::vector<Hash> leaves_;
};

std::vector<Hash> InclusionOf(const Tree& tree, size_t index, size_t size) {
  const auto proof =
      InclusionProof(index, size, [&](int level, uint64_t at) { return tree.Read(level, at); });
  EXPECT_THAT(proof, IsOk());
  return proof.value();
}

std::vector<Hash> ConsistencyOf(const Tree& tree, size_t from, size_t to) {
  const auto proof =
      ConsistencyProof(from, to, [&](int level, uint64_t at) { return tree.Read(level, at); });
  EXPECT_THAT(proof, IsOk());
  return proof.value();
}

TEST(InclusionProofTest, IsTheOneOfTheRfcForEveryLeafOfEveryTree) {
  const Tree tree(70);
  for (size_t size = 1; size <= 70; ++size) {
    const Hash root = tree.Root(size);
    for (size_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionOf(tree, index, size);
      EXPECT_EQ(proof, tree.Path(index, 0, size)) << index << " of " << size;
      EXPECT_THAT(VerifyInclusion(tree.leaf(index), index, size, proof, root), IsOk());
    }
  }
}

TEST(InclusionProofTest, ProvesNothingElse) {
  const Tree tree(40);
  for (size_t size = 1; size <= 40; ++size) {
    const Hash root = tree.Root(size);
    for (size_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionOf(tree, index, size);
      for (size_t other = 0; other <= size; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(VerifyInclusion(tree.leaf(index), other, size, proof, root).ok());
      }
      EXPECT_FALSE(VerifyInclusion(tree.leaf((index + 1) % 40), index, size, proof, root).ok());
      std::vector<Hash> longer = proof;
      longer.push_back(root);
      EXPECT_FALSE(VerifyInclusion(tree.leaf(index), index, size, longer, root).ok());
      for (size_t i = 0; i < proof.size(); ++i) {
        std::vector<Hash> broken = proof;
        broken[i].bytes[i % 32] ^= 1;
        EXPECT_FALSE(VerifyInclusion(tree.leaf(index), index, size, broken, root).ok());
        broken = proof;
        broken.erase(broken.begin() + static_cast<ptrdiff_t>(i));
        EXPECT_FALSE(VerifyInclusion(tree.leaf(index), index, size, broken, root).ok());
      }
    }
  }
}

TEST(ConsistencyProofTest, IsTheOneOfTheRfcForEveryPairOfSizes) {
  const Tree tree(70);
  for (size_t to = 1; to <= 70; ++to) {
    const Hash new_root = tree.Root(to);
    for (size_t from = 0; from <= to; ++from) {
      const std::vector<Hash> proof = ConsistencyOf(tree, from, to);
      if (from > 0) {
        EXPECT_EQ(proof, tree.SubProof(from, 0, to, true)) << from << " to " << to;
      }
      EXPECT_THAT(VerifyConsistency(from, tree.Root(from), to, new_root, proof), IsOk());
    }
  }
}

TEST(ConsistencyProofTest, ProvesNothingElse) {
  const Tree tree(34);
  for (size_t to = 2; to <= 34; ++to) {
    for (size_t from = 1; from < to; ++from) {
      const std::vector<Hash> proof = ConsistencyOf(tree, from, to);
      const Hash old_root = tree.Root(from);
      const Hash new_root = tree.Root(to);
      Hash forged = old_root;
      forged.bytes[0] ^= 1;
      EXPECT_FALSE(VerifyConsistency(from, forged, to, new_root, proof).ok());
      forged = new_root;
      forged.bytes[31] ^= 0x80;
      EXPECT_FALSE(VerifyConsistency(from, old_root, to, forged, proof).ok());
      EXPECT_FALSE(VerifyConsistency(to, old_root, from, new_root, proof).ok());
      for (size_t other = 1; other <= to; ++other) {
        if (other == from) continue;
        EXPECT_FALSE(VerifyConsistency(other, old_root, to, new_root, proof).ok())
            << other << " instead of " << from << " in " << to;
      }
      std::vector<Hash> longer = proof;
      longer.push_back(new_root);
      EXPECT_FALSE(VerifyConsistency(from, old_root, to, new_root, longer).ok());
      for (size_t i = 0; i < proof.size(); ++i) {
        std::vector<Hash> broken = proof;
        broken[i].bytes[i % 32] ^= 1;
        EXPECT_FALSE(VerifyConsistency(from, old_root, to, new_root, broken).ok());
        broken = proof;
        broken.erase(broken.begin() + static_cast<ptrdiff_t>(i));
        EXPECT_FALSE(VerifyConsistency(from, old_root, to, new_root, broken).ok());
      }
    }
  }
}

TEST(ConsistencyProofTest, TheEmptyTreeAndTheSameTreeNeedNone) {
  const Tree tree(5);
  EXPECT_THAT(VerifyConsistency(0, tree.Root(0), 5, tree.Root(5), {}), IsOk());
  EXPECT_THAT(VerifyConsistency(5, tree.Root(5), 5, tree.Root(5), {}), IsOk());
  const std::vector<Hash> superfluous = {tree.Root(5)};
  EXPECT_FALSE(VerifyConsistency(0, tree.Root(0), 5, tree.Root(5), superfluous).ok());
  EXPECT_FALSE(VerifyConsistency(5, tree.Root(5), 5, tree.Root(5), superfluous).ok());
  EXPECT_FALSE(VerifyConsistency(0, tree.Root(1), 5, tree.Root(5), {}).ok());
  EXPECT_FALSE(VerifyConsistency(5, tree.Root(4), 5, tree.Root(5), {}).ok());
}

// A tree whose leaves are all alike is a tree of one subtree a level, so that the
// largest sizes can be asked for.
TEST(ProofTest, ReachesTheLargestTree) {
  std::vector<Hash> same = {LeafHash("same")};
  while (same.size() <= 62) same.push_back(NodeHash(same.back(), same.back()));
  const auto read = [&](int level, uint64_t) -> absl::StatusOr<Hash> {
    return same[static_cast<size_t>(level)];
  };
  std::mt19937_64 random(62);
  for (int round = 0; round < 300; ++round) {
    const uint64_t size = kMaxTreeSize - (round == 0 ? 0 : random() >> (random() % 40 + 2));
    const uint64_t index = round == 0 ? size - 1 : random() % size;
    const Hash root = SubtreeRoot(0, size, read).value();
    const auto proof = InclusionProof(index, size, read);
    ASSERT_THAT(proof, IsOk());
    EXPECT_THAT(VerifyInclusion(same[0], index, size, *proof, root), IsOk());
    const auto growth = ConsistencyProof(index + 1, size, read);
    ASSERT_THAT(growth, IsOk());
    SUYUAN_EXPECT_OK(
        VerifyConsistency(index + 1, SubtreeRoot(0, index + 1, read).value(), size, root, *growth));
  }
  EXPECT_FALSE(InclusionProof(0, kMaxTreeSize + 1, read).ok());
  EXPECT_FALSE(InclusionProof(7, 7, read).ok());
  EXPECT_FALSE(ConsistencyProof(8, 7, read).ok());
  EXPECT_FALSE(VerifyInclusion(same[0], 0, ~uint64_t{0}, {}, same[0]).ok());
}

TEST(ProofTest, TellsWhatTheReaderCouldNotRead) {
  const Tree tree(3);
  const auto proof =
      InclusionProof(0, 9, [&](int level, uint64_t at) { return tree.Read(level, at); });
  EXPECT_EQ(proof.status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace suyuan::merkle

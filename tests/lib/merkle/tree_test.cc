#include "lib/merkle/tree.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "lib/base/bytes.h"

namespace suyuan::merkle {
namespace {

// RFC 6962, 2.1, word for word: the oracle.
Hash Mth(const std::vector<Hash>& leaves, size_t from, size_t to) {
  if (to == from) return Sha256({});
  if (to - from == 1) return leaves[from];
  size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  return NodeHash(Mth(leaves, from, from + split), Mth(leaves, from + split, to));
}

TEST(FrontierTest, GivesTheReferenceRootsOfCertificateTransparency) {
  const std::vector<std::string> records = {"",
                                            "00",
                                            "10",
                                            "2021",
                                            "3031",
                                            "40414243",
                                            "5051525354555657",
                                            "606162636465666768696a6b6c6d6e6f"};
  Frontier frontier;
  EXPECT_EQ(frontier.Root().hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  std::vector<std::string> roots;
  for (const std::string& record : records) {
    frontier.Append(LeafHash(*FromHex(record)));
    roots.push_back(frontier.Root().hex());
  }
  EXPECT_EQ(roots[0], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(roots[2], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
  EXPECT_EQ(roots[7], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST(FrontierTest, EqualsTheDefinitionAtEverySize) {
  std::mt19937_64 random(6962);
  std::vector<Hash> leaves;
  Frontier frontier;
  for (size_t size = 0; size <= 300; ++size) {
    EXPECT_EQ(frontier.Root(), Mth(leaves, 0, leaves.size())) << size;
    EXPECT_EQ(frontier.size(), size);
    leaves.push_back(LeafHash(std::to_string(random())));
    frontier.Append(leaves.back());
  }
}

TEST(FrontierTest, GoesOnFromStoredSubtreeRoots) {
  Frontier whole;
  for (int i = 0; i < 77; ++i) whole.Append(LeafHash(std::to_string(i)));
  std::optional<Frontier> resumed = Frontier::From(77, whole.subtree_roots());
  ASSERT_TRUE(resumed.has_value());
  whole.Append(LeafHash("next"));
  resumed->Append(LeafHash("next"));
  EXPECT_EQ(whole.Root(), resumed->Root());
  EXPECT_FALSE(Frontier::From(78, Frontier::From(0, {})->subtree_roots()).has_value());
}

}  // namespace
}  // namespace suyuan::merkle

#include "lib/merkle/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/merkle/note.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile.h"
#include "lib/merkle/tree.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::HasSubstr;

// The example of C2SP tlog-checkpoint.
constexpr char kExample[] =
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

TEST(CheckpointTest, IsTheTextOfTheSpecification) {
  const auto checkpoint = ParseCheckpoint(kExample);
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(checkpoint->root.hex().substr(0, 6), "0ac518");
  EXPECT_EQ(FormatCheckpoint(*checkpoint), kExample);
  EXPECT_EQ(ParseCheckpoint(std::string(kExample) + "more\n").value(), *checkpoint);
}

TEST(CheckpointTest, HasOneSpelling) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  for (const std::string& text : {
           std::string(""),
           "\n5\n" + root,
           "a\n05\n" + root,
           "a\n+5\n" + root,
           "a\n 5\n" + root,
           "a\n-1\n" + root,
           "a\n0x5\n" + root,
           "a\n18446744073709551616\n" + root,
           "a\n9223372036854775808\n" + root,
           "a\n5\n" + root.substr(1),
           "a\n5\n" + root.substr(0, root.size() - 1),
           std::string("a\n5\nAAAA\n"),
           "a\n5\n" + root + "\n",
           "a\n5\n" + root + "more",
       }) {
    EXPECT_FALSE(ParseCheckpoint(text).ok()) << text;
  }
  EXPECT_THAT(ParseCheckpoint("a\n0\n" + root), IsOk());
}

ProofFile SomeProof() {
  ProofFile proof;
  proof.extra = "who asked";
  proof.index = 73894;
  proof.path = {LeafHash("a"), LeafHash("b")};
  proof.checkpoint = std::string(kExample) + "\n— a x08goGE=\n";
  return proof;
}

TEST(ProofFileTest, IsReadAsItWasWritten) {
  for (const bool extra : {false, true}) {
    for (const size_t length : {0, 1, 2}) {
      ProofFile proof = SomeProof();
      if (!extra) proof.extra.clear();
      proof.path.resize(length);
      const std::string bytes = FormatProofFile(proof);
      const auto read = ParseProofFile(bytes);
      ASSERT_THAT(read, IsOk()) << bytes;
      EXPECT_EQ(read->extra, proof.extra);
      EXPECT_EQ(read->index, proof.index);
      EXPECT_EQ(read->path, proof.path);
      EXPECT_EQ(read->checkpoint, proof.checkpoint);
      EXPECT_EQ(FormatProofFile(*read), bytes);
    }
  }
}

TEST(ProofFileTest, LooksLikeTheSpecification) {
  ProofFile proof = SomeProof();
  proof.path.resize(1);
  EXPECT_EQ(FormatProofFile(proof),
            "c2sp.org/tlog-proof@v1\n"
            "extra d2hvIGFza2Vk\n"
            "index 73894\n" +
                ToBase64(LeafHash("a").view()) +
                "\n"
                "\n" +
                proof.checkpoint);
}

TEST(ProofFileTest, WhatIsNoneIsToldWhere) {
  const auto why = [](const std::string& bytes) {
    const auto proof = ParseProofFile(bytes);
    return proof.ok() ? "a proof" : std::string(proof.status().message());
  };
  const std::string hash = ToBase64(LeafHash("a").view()) + "\n";
  EXPECT_THAT(why(""), HasSubstr("line 1"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v2\nindex 1\n\n"), HasSubstr("line 1"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\n"), HasSubstr("line 2"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v1\nindex 01\n\n"), HasSubstr("line 2"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v1\nextra YQ==\nindex x\n\n"), HasSubstr("line 3"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v1\nindex 1\n" + hash + "YQ==\n\n"), HasSubstr("line 4"));
  EXPECT_THAT(why("c2sp.org/tlog-proof@v1\nindex 1\n" + hash), HasSubstr("no checkpoint"));
  std::string longest = "c2sp.org/tlog-proof@v1\nindex 1\n";
  for (int i = 0; i < 64; ++i) longest += hash;
  EXPECT_THAT(why(longest + "\n"), HasSubstr("more than 63"));
}

// The worked example of lib/merkle/FORMAT.md.
TEST(GoldenTest, TheExampleOfTheFormatPage) {
  const std::string page = [] {
    std::ifstream file(SUYUAN_SOURCE_DIR "/lib/merkle/FORMAT.md");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  std::vector<Hash> leaves;
  Frontier tree;
  std::string bundle;
  for (const char* record : {"first", "second", "third"}) {
    leaves.push_back(LeafHash(record));
    tree.Append(leaves.back());
    AppendToBundle(record, &bundle);
    EXPECT_THAT(page, HasSubstr(leaves.back().hex()));
  }
  EXPECT_THAT(page, HasSubstr(NodeHash(leaves[0], leaves[1]).hex()));
  EXPECT_THAT(page, HasSubstr("root of 3   " + tree.Root().hex()));
  EXPECT_THAT(page, HasSubstr("bundle      " + ToHex(bundle) + "\n"));
  const auto signer = Ed25519Signer::Parse("PRIVATE+KEY+example.com/plant+a6e5b13a+" +
                                           ToBase64(std::string("\1") + std::string(32, '\0')));
  ASSERT_THAT(signer, IsOk());
  EXPECT_THAT(page, HasSubstr("vkey        " + (*signer)->key().ToString() + "\n"));
  ProofFile proof;
  proof.index = 1;
  proof.path = {leaves[0], leaves[2]};
  proof.checkpoint =
      SignNote(FormatCheckpoint({"example.com/plant", 3, tree.Root()}), {signer->get()}).value();
  EXPECT_THAT(VerifyInclusion(leaves[1], 1, 3, proof.path, tree.Root()), IsOk());
  EXPECT_THAT(page, HasSubstr("```\n" + FormatProofFile(proof) + "```\n"));
}

}  // namespace
}  // namespace suyuan::merkle

// Trees of SM3 hashes, and notes that are signed with SM2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/sm2.h"
#include "lib/merkle/tile_tree.h"
#include "lib/merkle/tree.h"
#include "suyuan/proof.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr HashKind kSm3 = HashKind::kSm3;

// ---------------------------------------------------------------- trees

// Roots over "record 0", "record 1", ..., computed by Python's hashlib.new("sm3") with
// RFC 6962, 2.1, word for word.
const std::vector<std::pair<uint64_t, std::string>> kRoots = {
    {0, "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"},
    {1, "4d58def7ae9a74d81923e7b8e4c36d0305ab78af219f02f9d2de1080b2413b30"},
    {2, "1cee23675c61de53bb9bbb835c7920d21f3262aab7f281058054bba5568b1813"},
    {3, "4f426f7d0c2165b19faa1ad44a061709080dfd2382d5635311e0ace01d0b0d6d"},
    {7, "0f8bfe5a293b7d8d6994ab7436f0316c73de959f3784ae3819bfa1605dbd1c15"},
    {8, "98ef770e75382612341e38c867f34244f8cc189897783e95243c86e6795f0493"},
    {255, "e4e2b0cc83e697db92c8a403cc25afed1f24f96952c8dc8eba2d354ea8e087cc"},
    {256, "25a613d75792b8a5f238e7419281938c8dd502eafdcc81cee2b78249ada622ba"},
    {257, "57a9c2c1cb49fa8d7da66039113bfbb3f95a0b1cdc8f7557f844a8618869c047"},
    {1000, "352bbc62ffee36e2815163a0f6c0153118f5d2a766e52309b50c7e7aeab69697"},
    {65537, "e0ce5937b5aa2ed745b773c48781d06d3de70290fec38088c5fec2f53b6ed266"},
};

TEST(Sm3TreeTest, AnIndependentProgramGivesTheSameRoots) {
  std::map<std::string, std::string> tiles;
  TileWriter writer(
      [&](const Tile& tile, std::string_view bytes) {
        tiles[TilePath(tile)] = bytes;
        return absl::OkStatus();
      },
      kSm3);
  Frontier frontier(kSm3);
  uint64_t size = 0;
  for (const auto& [expected_size, root] : kRoots) {
    for (; size < expected_size; ++size) {
      const std::string record = "record " + std::to_string(size);
      ASSERT_THAT(writer.Append(record), IsOk());
      frontier.Append(LeafHash(record, kSm3));
    }
    EXPECT_EQ(writer.tree().Root().hex(), root) << size;
    EXPECT_EQ(frontier.Root().hex(), root) << size;
    EXPECT_EQ(Frontier::From(size, frontier.subtree_roots(), kSm3)->Root().hex(), root) << size;
  }
  // And what is proved of the last one from its tiles.
  ASSERT_THAT(writer.Flush(), IsOk());
  TileReader reader(
      size,
      [&](const Tile& tile) -> absl::StatusOr<std::string> {
        const auto it = tiles.find(TilePath(tile));
        if (it == tiles.end()) return absl::NotFoundError(TilePath(tile));
        return it->second;
      },
      kSm3);
  const auto read = [&](int level, uint64_t index) { return reader.Subtree(level, index); };
  const Hash root = frontier.Root();
  for (const uint64_t index : {0, 1, 255, 256, 4711, 65535, 65536}) {
    const auto proof = InclusionProof(index, size, read, kSm3);
    ASSERT_THAT(proof, IsOk());
    const Hash leaf = LeafHash("record " + std::to_string(index), kSm3);
    EXPECT_THAT(VerifyInclusion(leaf, index, size, *proof, root, kSm3), IsOk()) << index;
    EXPECT_THAT(VerifyInclusion(leaf, index, size, *proof, root),
                StatusIs(absl::StatusCode::kDataLoss, testing::_));
  }
  for (const auto& [old_size, old_root] : kRoots) {
    const auto proof = ConsistencyProof(old_size, size, read, kSm3);
    ASSERT_THAT(proof, IsOk());
    EXPECT_THAT(
        VerifyConsistency(old_size, Hash::From(*FromHex(old_root)), size, root, *proof, kSm3),
        IsOk())
        << old_size;
  }
}

// ---------------------------------------------------------------- SM2

// Source: GB/T 32918.5, appendix A.2.
constexpr char kPrivate[] = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
constexpr char kPublic[] =
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
constexpr char kSignature[] =
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

TEST(Sm2Test, TheExampleOfTheStandard) {
  EXPECT_EQ(ToHex(Sm2PublicKey(*FromHex(kPrivate)).value()), kPublic);
  EXPECT_TRUE(Sm2Verify(*FromHex(kPublic), "message digest", *FromHex(kSignature)));
  EXPECT_FALSE(Sm2Verify(*FromHex(kPublic), "message digesT", *FromHex(kSignature)));
}

TEST(Sm2Test, EverySingleChangedBitOfASignatureIsNoticed) {
  const std::string good = *FromHex(kSignature);
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string broken = good;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Sm2Verify(*FromHex(kPublic), "message digest", broken)) << bit;
  }
  const std::string zeros(32, '\0');
  const std::string ones(32, '\xff');
  for (const std::string& bad :
       {std::string(), good.substr(1), good + '\0', zeros + good.substr(32),
        good.substr(0, 32) + zeros, zeros + zeros, ones + ones, ones + good.substr(32)}) {
    EXPECT_FALSE(Sm2Verify(*FromHex(kPublic), "message digest", bad)) << ToHex(bad);
  }
}

TEST(Sm2Test, WhatIsNoKeyIsNone) {
  const std::string n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
  const std::string most = n.substr(0, 62) + "21";
  EXPECT_THAT(Sm2PublicKey(*FromHex(most)), IsOk());
  for (const std::string& bad :
       {std::string(64, '0'), n.substr(0, 62) + "22", n, std::string(64, 'f'), most.substr(2)}) {
    EXPECT_FALSE(Sm2PublicKey(*FromHex(bad)).ok()) << bad;
  }
  const std::string good = *FromHex(kPublic);
  EXPECT_TRUE(IsSm2PublicKey(good));
  std::string off_the_curve = good;
  off_the_curve.back() ^= 1;
  std::string hybrid = good;
  hybrid[0] = 7;
  for (const std::string& bad :
       {std::string(), good.substr(1), good + 'x', off_the_curve, hybrid, std::string(1, '\0'),
        "\4" + std::string(64, '\xff'), "\3" + good.substr(1, 32)}) {
    EXPECT_FALSE(IsSm2PublicKey(bad)) << ToHex(bad);
  }
}

// ---------------------------------------------------------------- notes

constexpr char kName[] = "example.com/plant/sm3";
constexpr char kText[] = "example.com/plant/sm3\n3\nDI9LEKhYVOL2uuaUA5locFvlmcWfHepgqq266iPIxxQ=\n";

std::unique_ptr<Sm2Signer> NewSigner(std::string_view name) {
  return Sm2Signer::Parse(Sm2Signer::Generate(name).value()).value();
}

TEST(Sm2NoteTest, KeysHaveOneSpelling) {
  // key id: SHA-256(name, newline, 0xff, "sm2-sm3/v1", public key), first four bytes.
  const std::string typed = std::string("\xff") + "sm2-sm3/v1";
  const std::string id = Sha256({kName, "\n", typed, *FromHex(kPublic)}).hex().substr(0, 8);
  const std::string vkey =
      std::string(kName) + "+" + id + "+" + ToBase64(typed + *FromHex(kPublic));
  const std::string line =
      "PRIVATE+KEY+" + std::string(kName) + "+" + id + "+" + ToBase64(typed + *FromHex(kPrivate));
  const auto signer = Sm2Signer::Parse(line);
  ASSERT_THAT(signer, IsOk());
  EXPECT_EQ((*signer)->key().ToString(), vkey);
  const auto key = VerifierKey::Parse(vkey);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->ToString(), vkey);
  EXPECT_EQ(key->hash(), kSm3);
  for (const std::string& text : {vkey, line}) {
    for (size_t at = 0; at < text.size(); ++at) {
      std::string bad = text;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      EXPECT_FALSE(VerifierKey::Parse(bad).ok()) << bad;
      EXPECT_FALSE(Sm2Signer::Parse(bad).ok()) << bad;
    }
  }
  EXPECT_FALSE(Ed25519Signer::Parse(line).ok());
  EXPECT_FALSE(VerifierKey::Parse(std::string(kName) + "+00000000+" + ToBase64(typed)).ok());
}

TEST(Sm2NoteTest, EverySingleChangedBitIsNoticed) {
  const auto signer = NewSigner(kName);
  const std::string good = SignNote(kText, {signer.get()}).value();
  EXPECT_THAT(VerifyNote(ParseNote(good).value(), {signer->key()}).value(), ElementsAre(0u));
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string broken = good;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    const auto note = ParseNote(broken);
    if (!note.ok()) continue;
    const auto signers = VerifyNote(*note, {signer->key()});
    EXPECT_TRUE(!signers.ok() || signers->empty()) << "bit " << bit << ": " << broken;
  }
}

TEST(Sm2NoteTest, APolicyTakesTheTreeOfTheKeyThatItNames) {
  const auto sm2 = NewSigner("a/sm3");
  const auto ed = Ed25519Signer::Parse(Ed25519Signer::Generate("a").value()).value();
  const auto false_friend = Ed25519Signer::Parse(Ed25519Signer::Generate("a/sm3").value()).value();
  const std::string sm2_line = "log " + sm2->key().ToString() + "\n";
  const std::string ed_line = "log " + ed->key().ToString() + "\n";
  const auto policy = Policy::Parse(sm2_line + ed_line + "quorum none\n");
  ASSERT_THAT(policy, IsOk());

  const Hash leaf = LeafHash("milk", kSm3);
  ProofFile proof;
  proof.checkpoint = SignNote(FormatCheckpoint({"a/sm3", 1, leaf}), {sm2.get()}).value();
  const auto head = policy->VerifyProof(proof, "milk");
  ASSERT_THAT(head, IsOk());
  EXPECT_EQ(head->hash, kSm3);
  EXPECT_EQ(VerifyReceipt(FormatProofFile(proof), "milk", sm2_line + "quorum none\n")->hash,
            TreeHash::kSm3);
  EXPECT_THAT(policy->VerifyProof(proof, "milk powder"),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  // Signed by the SHA-256 tree's key under the other's origin, and the other way round.
  proof.checkpoint = SignNote(FormatCheckpoint({"a/sm3", 1, leaf}), {ed.get()}).value();
  EXPECT_THAT(policy->VerifyProof(proof, "milk"),
              StatusIs(absl::StatusCode::kPermissionDenied, testing::_));
  proof.checkpoint = SignNote(FormatCheckpoint({"a", 1, leaf}), {ed.get()}).value();
  EXPECT_THAT(policy->VerifyProof(proof, "milk"),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  // One name is of one tree.
  EXPECT_THAT(Policy::Parse(sm2_line + "log " + false_friend->key().ToString() + "\nquorum none\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 2")));
  EXPECT_THAT(Policy::Parse("witness w " + sm2->key().ToString() + "\nquorum w\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("witness")));
}

// The example of lib/merkle/FORMAT.md: the same records as that of SHA-256. A signature with SM2 is
// another one each time; this one is the page's.
TEST(Sm2GoldenTest, TheExampleOfTheFormatPage) {
  const std::string page = [] {
    std::ifstream file(SUYUAN_SOURCE_DIR "/lib/merkle/FORMAT.md");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }();
  std::vector<Hash> leaves;
  Frontier tree(kSm3);
  for (const char* record : {"first", "second", "third"}) {
    leaves.push_back(LeafHash(record, kSm3));
    tree.Append(leaves.back());
    EXPECT_THAT(page, HasSubstr(leaves.back().hex()));
  }
  EXPECT_THAT(page, HasSubstr("root of 3   " + tree.Root().hex()));
  const auto key = VerifierKey::Make(kName, VerifierKey::Type::kSm2Sm3, *FromHex(kPublic));
  ASSERT_THAT(key, IsOk());
  EXPECT_THAT(page, HasSubstr("vkey        " + key->ToString() + "\n"));
  const size_t begin = page.rfind("c2sp.org/tlog-proof@v1");
  ASSERT_NE(begin, std::string::npos);
  const std::string proof = page.substr(begin, page.find("```", begin) - begin);
  const auto head = VerifyReceipt(proof, "second", "log " + key->ToString() + "\nquorum none\n");
  ASSERT_THAT(head, IsOk()) << proof;
  EXPECT_EQ(head->size, 3u);
  EXPECT_EQ(head->origin, kName);
}

}  // namespace
}  // namespace suyuan::merkle

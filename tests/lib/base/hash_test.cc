#include "lib/base/hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace suyuan {
namespace {

// Source: FIPS 180-2, appendix B; NIST's example values for SHA-256.
TEST(Sha256Test, GivesThePublishedDigests) {
  EXPECT_EQ(Sha256({}).hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256({""}).hex(), Sha256({}).hex());
  EXPECT_EQ(Sha256({"abc"}).hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256({"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"}).hex(),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256({std::string(1'000'000, 'a')}).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Source: GB/T 32905, appendix A.
TEST(Sm3Test, GivesThePublishedDigests) {
  EXPECT_EQ(Sm3({"abc"}).hex(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string text;
  for (int i = 0; i < 16; ++i) text += "abcd";
  EXPECT_EQ(Sm3({text}).hex(), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
  EXPECT_EQ(Sm3({"a", "", "bc"}), Sm3({"abc"}));
  EXPECT_EQ(HashOf(HashKind::kSm3, {"abc"}), Sm3({"abc"}));
  EXPECT_EQ(HashOf(HashKind::kSha256, {"abc"}), Sha256({"abc"}));
}

TEST(Sha256Test, PartsCountAsOneText) {
  EXPECT_EQ(Sha256({"a", "", "bc"}), Sha256({"abc"}));
  EXPECT_EQ(Sha256({std::string_view("\0", 1), "x"}), Sha256({std::string_view("\0x", 2)}));
  EXPECT_NE(Sha256({std::string_view("\0", 1)}), Sha256({""}));
}

TEST(Sha256Test, EveryThreadGetsTheSameDigest) {
  const Hash expected = Sha256({"milk"});
  std::vector<int> wrong(8);
  {
    std::vector<std::jthread> threads;
    for (int& own : wrong) {
      threads.emplace_back([&own, &expected] {
        for (int i = 0; i < 2'000; ++i) own += Sha256({"mi", "lk"}) == expected ? 0 : 1;
      });
    }
  }
  EXPECT_THAT(wrong, testing::Each(0));
}

TEST(HashTest, ComesBackFromItsBytes) {
  const Hash hash = Sha256({"abc"});
  EXPECT_EQ(Hash::From(hash.view()), hash);
  EXPECT_EQ(hash.view().size(), 32u);
}

TEST(HashTest, AnythingButThirtyTwoBytesIsNoDigest) {
  const std::string raw(33, 'x');
  EXPECT_EQ(Hash::From(raw), Hash());
  EXPECT_EQ(Hash::From(std::string_view(raw).substr(0, 31)), Hash());
  EXPECT_EQ(Hash::From(""), Hash());
  EXPECT_EQ(Hash().hex(), std::string(64, '0'));
}

}  // namespace
}  // namespace suyuan

#include "lib/base/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace suyuan {
namespace {

constexpr uint64_t kMax64 = std::numeric_limits<uint64_t>::max();

std::string Varint(uint64_t value) {
  std::string bytes;
  PutVarint(&bytes, value);
  return bytes;
}

std::string Signed(int64_t value) {
  std::string bytes;
  PutSignedVarint(&bytes, value);
  return bytes;
}

std::string Fixed64(uint64_t value) {
  std::string bytes;
  PutFixed64(&bytes, value);
  return bytes;
}

TEST(HexTest, TellsEveryByteInTwoLowerCaseDigits) {
  EXPECT_EQ(ToHex(std::string_view("\x00\x0f\xa5\xff", 4)), "000fa5ff");
  EXPECT_EQ(ToHex(""), "");
}

TEST(HexTest, ReadsBackAllBytesInEitherCase) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  EXPECT_EQ(FromHex(ToHex(all)), all);
  EXPECT_EQ(FromHex("aBcDeF"), "\xab\xcd\xef");
  EXPECT_EQ(FromHex(""), "");
}

TEST(Base64Test, ReadsOnlyWhatItWrites) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
    EXPECT_EQ(FromBase64(ToBase64(all)), all);
  }
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(FromBase64(""), "");
  for (const char* text :
       {"Zm8", "Zm8 ", "Zm8=\n", "Zm9=", "Zm8==", "Z", "====", "Zm-_", "Zm8=Zm8="}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
}

TEST(HexTest, RefusesWhatIsNoHexadecimal) {
  for (const char* text : {"a", "abc", "0g", "g0", "0x12", " 12", "1 ", "1\n", "+1", "ａ１"}) {
    EXPECT_EQ(FromHex(text), std::nullopt) << text;
  }
}

TEST(FixedTest, TheMostSignificantByteComesFirst) {
  std::string bytes;
  PutFixed32(&bytes, 0x01020304);
  PutFixed64(&bytes, 0x05060708090a0b0c);
  EXPECT_EQ(ToHex(bytes), "0102030405060708090a0b0c");
  EXPECT_EQ(GetFixed32(bytes.data()), 0x01020304u);
  EXPECT_EQ(GetFixed64(bytes.data() + 4), 0x05060708090a0b0cu);
}

TEST(FixedTest, BytesAreInTheOrderOfTheNumbers) {
  const std::vector<uint64_t> rising = {0,      1,       127,        128,        255,   256,
                                        65'535, 1 << 24, 0xffffffff, 1ull << 32, kMax64};
  for (size_t i = 0; i + 1 < rising.size(); ++i) {
    EXPECT_LT(Fixed64(rising[i]), Fixed64(rising[i + 1])) << rising[i];
  }
}

TEST(VarintTest, IsWrittenAsProtobufDoes) {
  EXPECT_EQ(ToHex(Varint(0)), "00");
  EXPECT_EQ(ToHex(Varint(1)), "01");
  EXPECT_EQ(ToHex(Varint(127)), "7f");
  EXPECT_EQ(ToHex(Varint(128)), "8001");
  EXPECT_EQ(ToHex(Varint(300)), "ac02");
  EXPECT_EQ(ToHex(Varint(kMax64)), "ffffffffffffffffff01");
}

TEST(VarintTest, SmallSignedNumbersAreShort) {
  EXPECT_EQ(ToHex(Signed(0)), "00");
  EXPECT_EQ(ToHex(Signed(-1)), "01");
  EXPECT_EQ(ToHex(Signed(1)), "02");
  EXPECT_EQ(ToHex(Signed(-64)), "7f");
  EXPECT_EQ(ToHex(Signed(std::numeric_limits<int64_t>::max())), "feffffffffffffffff01");
  EXPECT_EQ(ToHex(Signed(std::numeric_limits<int64_t>::min())), "ffffffffffffffffff01");
}

TEST(ByteReaderTest, ReadsWhatWasPutInItsOrder) {
  const std::vector<uint64_t> edges = {0, 1, 127, 128, 16'383, 16'384, 1ull << 63, kMax64};
  const std::vector<int64_t> signed_edges = {0,
                                             -1,
                                             1,
                                             63,
                                             -64,
                                             64,
                                             std::numeric_limits<int64_t>::min(),
                                             std::numeric_limits<int64_t>::max()};
  std::string bytes;
  for (const uint64_t value : edges) PutVarint(&bytes, value);
  for (const int64_t value : signed_edges) PutSignedVarint(&bytes, value);
  PutString(&bytes, "");
  PutString(&bytes, std::string(300, 'x'));
  PutFixed32(&bytes, 0xdeadbeef);
  PutFixed64(&bytes, kMax64);
  bytes += "rest";

  ByteReader reader(bytes);
  for (const uint64_t value : edges) EXPECT_EQ(reader.Varint(), value);
  for (const int64_t value : signed_edges) EXPECT_EQ(reader.SignedVarint(), value);
  EXPECT_EQ(reader.String(), "");
  EXPECT_EQ(reader.String(), std::string(300, 'x'));
  EXPECT_EQ(reader.Fixed32(), 0xdeadbeef);
  EXPECT_EQ(reader.Fixed64(), kMax64);
  EXPECT_EQ(reader.Raw(2), "re");
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.rest(), "st");
  EXPECT_EQ(reader.Raw(2), "st");
  EXPECT_TRUE(reader.done());
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReaderTest, NothingMoreIsReadBehindAFault) {
  const std::string bytes = Varint(100) + "short";
  ByteReader reader(bytes);
  EXPECT_EQ(reader.String(), "");  // says 100 bytes, five are there
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Varint(), 0u);
  EXPECT_EQ(reader.SignedVarint(), 0);
  EXPECT_EQ(reader.Fixed32(), 0u);
  EXPECT_EQ(reader.Fixed64(), 0u);
  EXPECT_EQ(reader.Raw(0), "");
  EXPECT_EQ(reader.String(), "");
  EXPECT_EQ(reader.rest(), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, EveryValueThatWasCutOffIsNoticed) {
  const std::vector<std::string> wholes = {Varint(kMax64), Signed(-300), Fixed64(7),
                                           Varint(5) + "hello"};
  for (size_t kind = 0; kind < wholes.size(); ++kind) {
    for (size_t size = 0; size < wholes[kind].size(); ++size) {
      ByteReader reader(std::string_view(wholes[kind]).substr(0, size));
      if (kind == 0) reader.Varint();
      if (kind == 1) reader.SignedVarint();
      if (kind == 2) reader.Fixed64();
      if (kind == 3) reader.String();
      EXPECT_FALSE(reader.ok()) << "kind " << kind << ", " << size << " bytes";
    }
  }
}

TEST(ByteReaderTest, ANumberThatNeverEndsIsNoNumber) {
  const std::string bytes(11, '\x80');
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Varint(), 0u);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReaderTest, ALengthNearTheEndOfAllNumbersDoesNotWrap) {
  const std::string bytes = Varint(kMax64) + "abc";
  ByteReader reader(bytes);
  EXPECT_EQ(reader.String(), "");
  EXPECT_FALSE(reader.ok());
}

// Whatever the bytes: reading ends, stays inside and says whether it was good.
TEST(ByteReaderTest, SurvivesGarbage) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    ByteReader reader(bytes);
    while (reader.ok() && !reader.done()) {
      const size_t before = reader.rest().size();
      std::string_view value;
      switch (random() % 6) {
        case 0:
          reader.Varint();
          break;
        case 1:
          reader.SignedVarint();
          break;
        case 2:
          value = reader.String();
          break;
        case 3:
          value = reader.Raw(1 + random() % 8);
          break;
        case 4:
          reader.Fixed32();
          break;
        default:
          reader.Fixed64();
          break;
      }
      ASSERT_LT(reader.rest().size(), before) << "it makes no way";
      if (!value.empty()) {
        ASSERT_GE(value.data(), bytes.data());
        ASSERT_LE(value.data() + value.size(), bytes.data() + bytes.size());
      }
    }
    if (!reader.ok()) {
      ASSERT_EQ(reader.rest(), "");
    }
  }
}

}  // namespace
}  // namespace suyuan

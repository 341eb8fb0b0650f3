#include "lib/merkle/tile_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "lib/merkle/proof.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::HasSubstr;

// A directory of tiles.
struct Files {
  std::map<std::string, std::string> by_path;

  TileSink Sink() {
    return [this](const Tile& tile, std::string_view bytes) {
      by_path[TilePath(tile)] = bytes;
      return absl::OkStatus();
    };
  }
  TileReader::Source Source() const {
    return [this](const Tile& tile) -> absl::StatusOr<std::string> {
      const auto it = by_path.find(TilePath(tile));
      if (it == by_path.end()) return absl::NotFoundError(TilePath(tile));
      return it->second;
    };
  }
};

std::string Record(uint64_t i) { return "record " + std::to_string(i); }

TEST(TileTreeTest, TilesHoldTheTreeAtEverySizeThatWasFlushed) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  Files files;
  TileWriter writer(files.Sink());
  std::map<uint64_t, Hash> roots;
  constexpr uint64_t kSize = 70'000;
  for (uint64_t i = 0; i < kSize; ++i) {
    ASSERT_THAT(writer.Append(Record(i)), IsOk());
    const uint64_t size = i + 1;
    const bool at_an_edge = size <= 3 || (size >= 254 && size <= 258) ||
                            (size >= 65'535 && size <= 65'537) || size == kSize;
    if (!at_an_edge && random() % 5000 != 0) continue;
    ASSERT_THAT(writer.Flush(), IsOk());
    roots[size] = writer.tree().Root();
  }
  for (const auto& [size, root] : roots) {
    TileReader reader(size, files.Source());
    const auto read = [&](int level, uint64_t index) { return reader.Subtree(level, index); };
    EXPECT_EQ(SubtreeRoot(0, size, read).value(), root) << size;
    for (int round = 0; round < 20; ++round) {
      const uint64_t index = random() % size;
      const auto proof = InclusionProof(index, size, read);
      ASSERT_THAT(proof, IsOk()) << index << " of " << size;
      EXPECT_THAT(VerifyInclusion(LeafHash(Record(index)), index, size, *proof, root), IsOk());
    }
    for (const auto& [old_size, old_root] : roots) {
      if (old_size > size) break;
      const auto proof = ConsistencyProof(old_size, size, read);
      ASSERT_THAT(proof, IsOk());
      EXPECT_THAT(VerifyConsistency(old_size, old_root, size, root, *proof), IsOk());
    }
  }
}

TEST(TileTreeTest, WritesTheTilesThatTheTreeHas) {
  for (const uint64_t size : {0, 1, 255, 256, 257, 65'536, 70'000}) {
    Files files;
    TileWriter writer(files.Sink());
    for (uint64_t i = 0; i < size; ++i) ASSERT_THAT(writer.Append(Record(i)), IsOk());
    ASSERT_THAT(writer.Flush(), IsOk());
    const std::vector<Tile> tiles = TilesOf(size);
    EXPECT_EQ(files.by_path.size(), tiles.size()) << size;
    for (const Tile& tile : tiles) EXPECT_TRUE(files.by_path.contains(TilePath(tile)));
  }
}

TEST(TileTreeTest, BundlesHoldTheEntries) {
  Files files;
  TileWriter writer(files.Sink());
  for (uint64_t i = 0; i < 300; ++i) ASSERT_THAT(writer.Append(Record(i)), IsOk());
  ASSERT_THAT(writer.Flush(), IsOk());
  EXPECT_EQ(ParseBundle(files.by_path["tile/entries/000"], 256).value()[255], "record 255");
  EXPECT_EQ(ParseBundle(files.by_path["tile/entries/001.p/44"], 44).value()[0], "record 256");
}

TEST(TileTreeTest, WhatIsNotThereOrTooShortIsTold) {
  Files files;
  TileWriter writer(files.Sink());
  for (uint64_t i = 0; i < 300; ++i) ASSERT_THAT(writer.Append(Record(i)), IsOk());
  ASSERT_THAT(writer.Flush(), IsOk());
  files.by_path["tile/0/000"].pop_back();
  files.by_path.erase("tile/0/001.p/44");
  TileReader reader(300, files.Source());
  EXPECT_THAT(reader.Subtree(0, 5),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("tile/0/000: 8191 bytes")));
  EXPECT_THAT(reader.Subtree(0, 256), StatusIs(absl::StatusCode::kNotFound, HasSubstr(".p/44")));
  EXPECT_THAT(reader.Subtree(8, 0), IsOk());
  EXPECT_FALSE(reader.Subtree(8, 1).ok());
  EXPECT_FALSE(reader.Subtree(0, 300).ok());
}

TEST(TileTreeTest, ALongRecordIsRefusedAndTheSinkCanStopTheWriter) {
  TileWriter writer([](const Tile&, std::string_view) { return absl::UnavailableError("full"); });
  EXPECT_EQ(writer.Append(std::string(kMaxEntryBytes + 1, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.tree().size(), 0u);
  ASSERT_THAT(writer.Append("x"), IsOk());
  EXPECT_EQ(writer.Flush().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace suyuan::merkle

#include "lib/merkle/tile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TilePathTest, IsThatOfTheSpecification) {
  const std::map<std::string, Tile> paths = {
      {"tile/0/x001/x234/067", {0, 1234067}},
      {"tile/0/000", {0, 0}},
      {"tile/1/999.p/255", {1, 999, 255}},
      {"tile/7/x001/000.p/1", {7, 1000, 1}},
      {"tile/entries/x273/112.p/8", {Tile::kEntries, 273112, 8}},
  };
  for (const auto& [path, tile] : paths) {
    EXPECT_EQ(TilePath(tile), path);
    const auto parsed = ParseTilePath(path);
    ASSERT_THAT(parsed, IsOk()) << path;
    EXPECT_EQ(*parsed, tile) << path;
  }
}

TEST(TilePathTest, OnePathATile) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000/001",
                           "tile/0/001/002",
                           "tile/0/x001",
                           "tile/0/x001/",
                           "tile/00/000",
                           "tile/8/000",
                           "tile/10/000",
                           "tile/-1/000",
                           "tile/entrie/000",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/",
                           "tile/0/000.p/1/",
                           "tile/0/000/",
                           "/tile/0/000",
                           "tile/0/0x0",
                           "tile/0/../000",
                           "tile/0/x001/x00a/067",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_FALSE(ParseTilePath(path).ok()) << path;
  }
}

TEST(TilePathTest, EveryPathIsReadBack) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2000; ++round) {
    const Tile tile{static_cast<int>(random() % 9) - 1, random() >> (9 + random() % 55),
                    static_cast<int>(random() % 256) + 1};
    const auto parsed = ParseTilePath(TilePath(tile));
    ASSERT_THAT(parsed, IsOk()) << TilePath(tile);
    EXPECT_EQ(*parsed, tile);
  }
}

TEST(TilesOfTest, IsTheExampleOfTheSpecification) {
  std::map<int, std::pair<int, int>> found;  // full, width of the partial one
  for (const Tile& tile : TilesOf(70'000)) {
    (tile.width == 256 ? found[tile.level].first : found[tile.level].second) +=
        tile.width == 256 ? 1 : tile.width;
  }
  EXPECT_THAT(found, ElementsAre(std::pair(Tile::kEntries, std::pair(273, 112)),
                                 std::pair(0, std::pair(273, 112)), std::pair(1, std::pair(1, 17)),
                                 std::pair(2, std::pair(0, 1))));
}

TEST(TilesOfTest, AGrowingTreeWritesEachTileOnceAWidth) {
  std::set<std::string> files;
  uint64_t written = 0;
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  uint64_t size = 0;
  while (size < 200'000) {
    const uint64_t next = size + random() % 3000;
    for (const Tile& tile : TilesOf(next, size)) {
      EXPECT_TRUE(files.insert(TilePath(tile)).second) << TilePath(tile);
      ++written;
    }
    size = next;
  }
  for (const Tile& tile : TilesOf(size)) EXPECT_TRUE(files.contains(TilePath(tile)));
  EXPECT_EQ(written, files.size());
}

TEST(BundleTest, EntriesAreReadAsTheyWereWritten) {
  std::string bundle;
  const std::string longest(65'535, 'x');
  AppendToBundle("", &bundle);
  AppendToBundle("one", &bundle);
  AppendToBundle(longest, &bundle);
  EXPECT_THAT(ParseBundle(bundle, 3).value(), ElementsAre("", "one", longest));
  EXPECT_THAT(ParseBundle(bundle, 2).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 2 entries")));
  EXPECT_FALSE(ParseBundle(bundle.substr(0, bundle.size() - 1), 3).ok());
  EXPECT_FALSE(ParseBundle(bundle.substr(0, 3), 2).ok());
}

}  // namespace
}  // namespace suyuan::merkle

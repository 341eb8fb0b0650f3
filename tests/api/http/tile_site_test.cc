#include "api/http/tile_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "lib/base/strings.h"
#include "tests/support/unimplemented_engine.h"

namespace suyuan::http {
namespace {

// A plant that signs, one whose key is away, and tiles by their path.
class FakePlant : public UnimplementedEngine {
 public:
  absl::StatusOr<std::string> PublishedCheckpoint(std::string_view ledger, TreeHash tree) override {
    if (tree == TreeHash::kSm3 && ledger != "both") return NotFound("no SM3 tree");
    if (ledger == "both") return std::string(tree == TreeHash::kSm3 ? "by SM2\n" : "signed\n");
    if (ledger == "plant") return std::string("signed\n");
    if (ledger == "keyless") return absl::FailedPreconditionError("no key");
    return NotFound("no ledger ", ledger);
  }
  absl::StatusOr<std::string> ReadTile(std::string_view ledger, std::string_view path,
                                       TreeHash tree) const override {
    if (ledger == "both" && path == "tile/0/000") {
      return std::string(tree == TreeHash::kSm3 ? "SM3 hashes" : "hashes");
    }
    if (ledger != "plant") return NotFound("no ledger ", ledger);
    if (path == "tile/0/000") return std::string("hashes");
    if (path == "tile/0/001") return DataLoss("damaged");
    if (path.starts_with("tile/")) return NotFound("no tile");
    return InvalidArgument("no path of a tile");
  }
};

TEST(TileSiteTest, ShowsWhatATileLogShows) {
  FakePlant plant;
  const Handler site = TileSite(&plant);
  const auto status = [&](const char* method, const char* path) {
    return site({method, path, ""}).status;
  };
  const Response checkpoint = site({"GET", "/plant/checkpoint", ""});
  EXPECT_EQ(checkpoint.status, 200);
  EXPECT_EQ(checkpoint.body, "signed\n");
  EXPECT_THAT(checkpoint.content_type, testing::StartsWith("text/plain"));
  EXPECT_EQ(checkpoint.cache_control, "max-age=1");
  const Response tile = site({"GET", "/plant/tile/0/000", ""});
  EXPECT_EQ(tile.body, "hashes");
  EXPECT_THAT(tile.cache_control, testing::HasSubstr("immutable"));

  EXPECT_EQ(site({"GET", "/both/checkpoint", ""}).body, "signed\n");
  EXPECT_EQ(site({"GET", "/both/sm3/checkpoint", ""}).body, "by SM2\n");
  EXPECT_EQ(site({"GET", "/both/sm3/tile/0/000", ""}).body, "SM3 hashes");
  EXPECT_EQ(status("GET", "/plant/sm3/checkpoint"), 404);
  EXPECT_EQ(status("GET", "/both/sm3/sm3/checkpoint"), 404);
  EXPECT_EQ(status("GET", "/both/sm3"), 404);

  EXPECT_EQ(status("GET", "/plant/tile/0/002"), 404);
  EXPECT_EQ(status("GET", "/plant/tile/0/001"), 500);
  EXPECT_EQ(status("GET", "/plant/keys"), 404);
  EXPECT_EQ(status("GET", "/other/checkpoint"), 404);
  EXPECT_EQ(status("GET", "/keyless/checkpoint"), 503);
  for (const char* path : {"", "/", "//", "/plant", "/plant/", "plant/checkpoint",
                           "/plant/../plant/checkpoint", "/plant/checkpoint/"}) {
    EXPECT_EQ(status("GET", path), 404) << path;
  }
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    EXPECT_EQ(status(method, "/plant/checkpoint"), 405) << method;
  }
}

}  // namespace
}  // namespace suyuan::http

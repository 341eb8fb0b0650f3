#include "lib/backup/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "lib/base/strings.h"
#include "tests/support/status_matchers.h"

namespace suyuan::backup {
namespace {

using testing::_;

Manifest Example() {
  Manifest manifest;
  manifest.id = 2;
  manifest.made_micros = 1'790'000'000'000'000;
  manifest.ledgers = {{"plant-1", 20'011, Sha256({"root"})}};
  manifest.files = {{"db/000012.sst", Sha256({"table"}), 5, 0644, "identity:0a0b0c0d"},
                    {"keys/plant-1.key", Sha256({"key"}), 3, 0600, ""}};
  return manifest;
}

// FORMAT.md: whoever changes these bytes changes the format.
TEST(ManifestTest, HasTheseBytes) {
  EXPECT_EQ(
      FormatManifest(Example()),
      "suyuan-backup 1\n"
      "id 2\n"
      "made 1790000000000000\n"
      "ledger 20011 4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2 plant-1\n"
      "file 0d4fc4a78d3706edccafb665a8b2fdd9309e82c78625bb0f2b8e7bb9e1c4d21c 5 644 "
      "identity:0a0b0c0d db/000012.sst\n"
      "file 2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683 3 600 - "
      "keys/plant-1.key\n"
      "sha256 798e791b09413c0112a7a653dd8e7272b26a90e63934056d8f9d2b4fe9c5dabb\n");
}

TEST(ManifestTest, IsReadAsItWasWritten) {
  const std::string bytes = FormatManifest(Example());
  const absl::StatusOr<Manifest> read = ParseManifest(bytes);
  SUYUAN_ASSERT_OK(read);
  EXPECT_EQ(FormatManifest(*read), bytes);
  EXPECT_EQ(read->files[1].mode, 0600);
  EXPECT_EQ(read->Find("db/000012.sst")->size, 5u);
  EXPECT_EQ(read->Find("db/000013.sst"), nullptr);
}

TEST(ManifestTest, NoByteCanBeChangedOrCutOff) {
  const std::string bytes = FormatManifest(Example());
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_THAT(ParseManifest(bytes.substr(0, i)), StatusIs(absl::StatusCode::kDataLoss, _));
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x11);
    EXPECT_THAT(ParseManifest(changed), StatusIs(absl::StatusCode::kDataLoss, _)) << i;
  }
  EXPECT_THAT(ParseManifest(bytes + "\n"), StatusIs(absl::StatusCode::kDataLoss, _));
}

// With a digest that is right.
TEST(ManifestTest, RefusesWhatIsNotOfItsFormat) {
  const std::string whole = FormatManifest(Example());
  const std::string body = whole.substr(0, whole.find("sha256 "));
  const auto with = [&](std::string_view old_text, std::string_view new_text) {
    std::string changed = body;
    changed.replace(changed.find(old_text), old_text.size(), new_text);
    return ParseManifest(StrCat(changed, "sha256 ", Sha256({changed}).hex(), "\n"));
  };
  SUYUAN_EXPECT_OK(with("db/000012.sst", "db/CURRENT"));
  for (const char* name : {"../x", "/x", "a//b", "a/../b", "a/.", "", "a b", "a\tb", "a\\b"}) {
    EXPECT_THAT(with("db/000012.sst", name), StatusIs(absl::StatusCode::kDataLoss, _)) << name;
  }
  EXPECT_THAT(with(" 644 ", " 666 "), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(with(" 644 ", " 0644 "), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(with("id 2", "id -2"), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(with("id 2", "id 02"), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(with("backup 1", "backup 2"), StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(with("20011", "99999999999999999999"), StatusIs(absl::StatusCode::kDataLoss, _));
}

}  // namespace
}  // namespace suyuan::backup

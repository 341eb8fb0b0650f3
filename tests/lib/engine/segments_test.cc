// A ledger that is long enough for index segments: what is on disk, what is
// replayed, and what happens when a segment is not what it was.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lib/store/segment.h"
#include "suyuan/engine.h"
#include "tests/support/sanitized.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

constexpr uint64_t kEvents = store::kSegmentEntries + 3'000;

v1::Event Linked(uint64_t i) {
  v1::Event event;
  event.set_id("l" + std::to_string(i));
  event.mutable_link_units()->mutable_input()->set_key("ext:t:" + std::to_string(i % 1000));
  event.mutable_link_units()->mutable_output()->set_key("ext:t:" + std::to_string(i % 1000 + 1));
  return event;
}

// One store for the whole suite: making it takes a while.
class SegmentsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir();
    std::unique_ptr<Engine> engine = Open();
    ASSERT_NE(engine, nullptr);
    SUYUAN_ASSERT_OK(
        engine->CreateLedger({.name = "a", .subject = "ext:t:owner", .profile = "investigation"}));
    std::vector<v1::Event> batch;
    for (uint64_t i = 0; i < kEvents; ++i) {
      batch.push_back(Linked(i));
      if (batch.size() == 4'096 || i + 1 == kEvents) {
        SUYUAN_ASSERT_OK(engine->Append("a", batch));
        batch.clear();
      }
    }
    // The ids are sealed by the first commit behind the segment's end.
    batch.push_back(Linked(kEvents));
    SUYUAN_ASSERT_OK(engine->Append("a", batch));
    digest_ = Digest(*engine);
  }
  static void TearDownTestSuite() { delete dir_; }

  static std::unique_ptr<Engine> Open() {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = *dir_ / "data"});
    EXPECT_THAT(engine, IsOk());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  static std::string Digest(const Engine& engine) {
    const absl::StatusOr<TraceResult> result = engine.Trace({.unit = "ext:t:990"});
    EXPECT_THAT(result, IsOk());
    return result.ok() ? result->digest : "";
  }

  static std::vector<std::string> Segments() {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(*dir_ / "data/index")) {
      paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

  static TempDir* dir_;
  static std::string digest_;
};
TempDir* SegmentsTest::dir_ = nullptr;
std::string SegmentsTest::digest_;

TEST_F(SegmentsTest, OneOfEachKindIsOnDisk) {
  ASSERT_THAT(Segments(), testing::SizeIs(2));
  for (const std::string& path : Segments()) {
    const auto segment = store::Segment::Open(path);
    SUYUAN_ASSERT_OK(segment);
    EXPECT_EQ((*segment)->from(), 0u);
    EXPECT_GE((*segment)->to(), store::kSegmentEntries);
  }
}

TEST_F(SegmentsTest, AnswersAndIdsAreTheSameFromSegments) {
  const std::unique_ptr<Engine> engine = Open();
  EXPECT_EQ(Digest(*engine), digest_);
  const auto again = engine->Append("a", std::vector<v1::Event>{Linked(5), Linked(kEvents)});
  SUYUAN_ASSERT_OK(again);
  EXPECT_TRUE((*again)[0].duplicate);
  EXPECT_EQ((*again)[0].sequence, 6u);
  EXPECT_TRUE((*again)[1].duplicate);
  v1::Event other = Linked(7);
  other.set_id("l5");
  EXPECT_THAT(engine->Append("a", std::vector<v1::Event>{other}),
              StatusIs(absl::StatusCode::kAlreadyExists, testing::HasSubstr("l5")));
}

TEST_F(SegmentsTest, DamagedSegmentsAreFoundAndMadeAgain) {
  if (kSanitized) GTEST_SKIP() << "a minute under sanitizers; the plain build takes it";
  for (const std::string& path : Segments()) {
    const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 4));
  }
  const auto report = Engine::Check({.data_dir = *dir_ / "data"});
  SUYUAN_ASSERT_OK(report);
  std::vector<std::string> found;
  for (const auto& problem : report->problems) found.push_back(problem.what);
  EXPECT_THAT(found, testing::ElementsAre("index", "index"));
  EXPECT_EQ(Digest(*Open()), digest_);
  const auto healed = Engine::Check({.data_dir = *dir_ / "data"});
  SUYUAN_ASSERT_OK(healed);
  EXPECT_TRUE(healed->ok()) << healed->problems[0].found;
}

TEST_F(SegmentsTest, OpensDumpsAndChecksWithoutAnyIndex) {
  if (kSanitized) GTEST_SKIP() << "a minute under sanitizers; the plain build takes it";
  std::filesystem::remove_all(*dir_ / "data/index");
  const auto report = Engine::Check({.data_dir = *dir_ / "data"});
  SUYUAN_ASSERT_OK(report);
  EXPECT_TRUE(report->ok());
  const std::unique_ptr<Engine> engine = Open();
  uint64_t entries = 0;
  SUYUAN_ASSERT_OK(engine->Read("a", 0, ~uint64_t{0}, [&](const Entry& entry) {
    EXPECT_EQ(entry.sequence, entries);
    ++entries;
    return true;
  }));
  EXPECT_EQ(entries, kEvents + 2);
  EXPECT_EQ(Digest(*engine), digest_);
}

}  // namespace
}  // namespace suyuan

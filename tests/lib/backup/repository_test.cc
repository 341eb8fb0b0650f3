#include "lib/backup/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::backup {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Takes one text only for what was written.
class Only : public store::FileChecksum {
 public:
  explicit Only(std::string text) : text_(std::move(text)) {}
  void Update(std::string_view bytes) override { seen_ += bytes; }
  bool Matches() override { return seen_ == text_; }

 private:
  const std::string text_;
  std::string seen_;
};

class RepositoryTest : public testing::Test {
 protected:
  // A file of a store that says what it wrote.
  Source Table(const std::string& name, const std::string& bytes, const std::string& print) {
    Source source;
    source.name = "db/" + name;
    source.file.path = dir_ / name;
    source.file.size = bytes.size();
    source.file.fingerprint = print;
    source.file.checksum = [bytes] { return std::make_unique<Only>(bytes); };
    std::ofstream(source.file.path, std::ios::binary) << bytes << "what came later";
    return source;
  }
  static Source Text(const std::string& name, const std::string& bytes) {
    Source source;
    source.name = name;
    source.file.contents = bytes;
    return source;
  }
  absl::StatusOr<Manifest> Add(const std::vector<Source>& sources) {
    return repository_.Add({}, sources, nullptr, &copied_);
  }

  TempDir dir_;
  Repository repository_{dir_ / "backups"};
  Moved copied_;
};

TEST_F(RepositoryTest, KeepsEachFileOnceAndGivesAllBack) {
  const std::vector<Source> sources = {Table("1.sst", "one", "x:1"), Table("2.sst", "one", "x:2"),
                                       Text("marks/a.mark", ""), Text("marks/b.mark", "b")};
  SUYUAN_ASSERT_OK(Add(sources));
  EXPECT_EQ(copied_.files, 3u);
  EXPECT_EQ(copied_.bytes, 4u);
  const absl::StatusOr<Manifest> manifest = repository_.Get(0);
  SUYUAN_ASSERT_OK(manifest);
  SUYUAN_ASSERT_OK(repository_.Verify(*manifest, nullptr, nullptr));
  SUYUAN_ASSERT_OK(repository_.CopyTo(*manifest, dir_ / "out", nullptr));
  EXPECT_EQ(*ReadFile(dir_ / "out/db/1.sst"), "one");
  EXPECT_EQ(*ReadFile(dir_ / "out/db/2.sst"), "one");
  EXPECT_EQ(*ReadFile(dir_ / "out/marks/a.mark"), "");
  EXPECT_EQ(*ReadFile(dir_ / "out/marks/b.mark"), "b");
}

TEST_F(RepositoryTest, DoesNotReadAgainWhatItKnows) {
  const std::vector<Source> sources = {Table("1.sst", "one", "x:1")};
  SUYUAN_ASSERT_OK(Add(sources));
  fs::remove(dir_ / "1.sst");
  SUYUAN_ASSERT_OK(Add(sources));
  EXPECT_EQ(copied_.files, 0u);
  // Of another store, or of another length: it is read.
  EXPECT_THAT(Add({Table("1.sst", "two", "y:1")}), IsOk());
  EXPECT_EQ(copied_.files, 1u);
  // What somebody took away is copied again.
  const Manifest newest = *repository_.Get(0);
  fs::remove(repository_.PathOf(newest.files[0].hash));
  SUYUAN_ASSERT_OK(Add({Table("1.sst", "two", "y:1")}));
  EXPECT_EQ(copied_.files, 1u);
  SUYUAN_EXPECT_OK(repository_.Verify(*repository_.Get(3), nullptr, nullptr));
}

TEST_F(RepositoryTest, ADamagedTableIsNoBackup) {
  SUYUAN_ASSERT_OK(Add({Text("marks/a.mark", "a")}));
  Source rotten = Table("1.sst", "one", "x:1");
  std::ofstream(rotten.file.path, std::ios::binary) << "onf";
  EXPECT_THAT(Add({rotten}), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("1.sst")));
  std::ofstream(rotten.file.path, std::ios::binary) << "on";
  EXPECT_THAT(Add({rotten}), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("expected 3")));
  EXPECT_EQ(repository_.List()->size(), 1u);
  EXPECT_TRUE(fs::is_empty(dir_ / "backups/incoming"));
}

TEST_F(RepositoryTest, ForgetsTheOldestAndWhatOnlyTheyNamed) {
  for (const char* text : {"one", "two", "three"}) {
    SUYUAN_ASSERT_OK(Add({Text("marks/always", "same"), Text("marks/a.mark", text)}));
  }
  const Manifest first = *repository_.Get(1);
  EXPECT_THAT(repository_.Forget(0), StatusIs(absl::StatusCode::kInvalidArgument, testing::_));
  const absl::StatusOr<Moved> removed = repository_.Forget(2);
  SUYUAN_ASSERT_OK(removed);
  EXPECT_EQ(removed->files, 1u);
  EXPECT_EQ(removed->bytes, 3u);
  EXPECT_FALSE(fs::exists(repository_.PathOf(first.files[1].hash)));
  EXPECT_EQ(repository_.List()->size(), 2u);
  for (const uint64_t id : {2, 3}) {
    SUYUAN_EXPECT_OK(repository_.Verify(*repository_.Get(id), nullptr, nullptr));
  }
  EXPECT_EQ(repository_.Forget(9)->files, 0u);
  // Numbers are not given twice.
  SUYUAN_ASSERT_OK(repository_.Forget(1));
  EXPECT_EQ(Add({Text("marks/a.mark", "four")})->id, 4u);
  // What cannot be read names no files: nothing goes then.
  std::ofstream(dir_ / "backups/backups/000004.backup", std::ios::app) << "x";
  EXPECT_THAT(repository_.Forget(1), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  SUYUAN_EXPECT_OK(repository_.Verify(*repository_.Get(3), nullptr, nullptr));
}

TEST_F(RepositoryTest, OneWriterAtATime) {
  SUYUAN_ASSERT_OK(Add({Text("marks/a.mark", "a")}));
  const auto lock = FileLock::Acquire(dir_ / "backups/LOCK", "somebody");
  SUYUAN_ASSERT_OK(lock);
  EXPECT_THAT(Add({Text("marks/a.mark", "b")}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("somebody")));
  SUYUAN_EXPECT_OK(repository_.List());
}

TEST_F(RepositoryTest, AFirstBackupThatWasCutOffIsBegunAnew) {
  ASSERT_TRUE(std::filesystem::create_directories(dir_ / "backups"));
  std::ofstream(dir_ / "backups/FORMAT.tmp") << "suyu";
  SUYUAN_ASSERT_OK(Add({Text("marks/a.mark", "a")}));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "backups/FORMAT.tmp"));
}

TEST_F(RepositoryTest, WhatCannotBeWrittenIsNoBackupAndTheOthersStay) {
  SUYUAN_ASSERT_OK(Add({Text("marks/a.mark", "a")}));
  // The file that a full disk does not take, at each step: bytes, their place, the manifest.
  for (const std::string& in_the_way :
       {std::string("backups/incoming"), "backups/files/" + Sha256({"b"}).hex().substr(0, 2)}) {
    SCOPED_TRACE(in_the_way);
    fs::remove_all(dir_ / in_the_way);
    std::ofstream(dir_ / in_the_way) << "x";
    EXPECT_THAT(Add({Text("marks/a.mark", "b")}), testing::Not(IsOk()));
    fs::remove(dir_ / in_the_way);
    EXPECT_EQ(repository_.List()->size(), 1u);
    SUYUAN_EXPECT_OK(repository_.Verify(*repository_.Get(1), nullptr, nullptr));
  }
  SUYUAN_EXPECT_OK(Add({Text("marks/a.mark", "b")}));
}

}  // namespace
}  // namespace suyuan::backup

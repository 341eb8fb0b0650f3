#include "lib/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Read(const std::string& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  SUYUAN_EXPECT_OK(bytes);
  return bytes.value_or("");
}

std::vector<std::string> Names(const std::string& path) {
  const absl::StatusOr<std::vector<std::string>> names = ListDir(path);
  SUYUAN_EXPECT_OK(names);
  return names.value_or(std::vector<std::string>());
}

TEST(ErrnoStatusTest, TellsPeopleWhatTheyCanDoAboutIt) {
  EXPECT_EQ(ErrnoStatus("open", "p", ENOENT).code(), StatusCode::kNotFound);
  EXPECT_EQ(ErrnoStatus("write", "p", ENOSPC).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrnoStatus("write", "p", EDQUOT).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ErrnoStatus("open", "p", EACCES).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus("open", "p", EPERM).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus("open", "p", EROFS).code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrnoStatus("read", "p", EIO).code(), StatusCode::kUnavailable);
  EXPECT_EQ(ErrnoStatus("open", "p", EMFILE).code(), StatusCode::kUnavailable);
}

TEST(ErrnoStatusTest, NamesTheDeedThePathAndTheReason) {
  EXPECT_EQ(ErrnoStatus("open", "/data/db", ENOENT).message(),
            "cannot open /data/db: No such file or directory");
}

TEST(ReadFileTest, GivesAllBytes) {
  const TempDir dir;
  const std::string bytes = std::string("\0\xff\n", 3) + std::string(200'000, 'x');
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", bytes));
  EXPECT_EQ(Read(dir / "f"), bytes);
}

TEST(ReadFileTest, NamesTheFileThatIsNotThere) {
  const TempDir dir;
  EXPECT_THAT(ReadFile(dir / "nothing"), StatusIs(StatusCode::kNotFound, HasSubstr("nothing")));
  EXPECT_THAT(ReadFile(dir.path()), StatusIs(StatusCode::kUnavailable, HasSubstr(dir.path())));
}

TEST(WriteFileAtomicallyTest, ReplacesTheOldBytesAndLeavesNothingBeside) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "a long first version"));
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "second"));
  EXPECT_EQ(Read(dir / "f"), "second");
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", ""));
  EXPECT_EQ(Read(dir / "f"), "");
  EXPECT_THAT(Names(dir.path()), ElementsAre("f"));
}

TEST(WriteFileAtomicallyTest, IsNotMisledByWhatACrashLeftBehind) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "old"));
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f.tmp", "half of a longer file"));
  EXPECT_EQ(Read(dir / "f"), "old");
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "new"));
  EXPECT_EQ(Read(dir / "f"), "new");
  EXPECT_THAT(Names(dir.path()), ElementsAre("f"));
}

TEST(WriteFileAtomicallyTest, ReadersOfTheOldFileKeepIt) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "old"));
  const auto mapped = MappedFile::Open(dir / "f");
  SUYUAN_ASSERT_OK(mapped);
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "new"));
  EXPECT_EQ((*mapped)->bytes(), "old");
}

TEST(WriteFileAtomicallyTest, FailsWithoutItsDirectoryOrOntoOne) {
  const TempDir dir;
  EXPECT_THAT(WriteFileAtomically(dir / "no/f", "x"),
              StatusIs(StatusCode::kNotFound, HasSubstr("no/f")));
  SUYUAN_ASSERT_OK(MakeDirs(dir / "d"));
  EXPECT_THAT(WriteFileAtomically(dir / "d", "x"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("/d")));
}

TEST(DirTest, IsMadeWithItsParentsOnceOrAgain) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(MakeDirs(dir / "a/b/c"));
  SUYUAN_ASSERT_OK(MakeDirs(dir / "a/b/c"));
  SUYUAN_ASSERT_OK(MakeDirs(dir / "a/b/d/"));
  EXPECT_THAT(Names(dir / "a/b"), ElementsAre("c", "d"));
  SUYUAN_EXPECT_OK(SyncDir(dir / "a"));
}

TEST(DirTest, CannotBeMadeWhereAFileIs) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "x"));
  EXPECT_THAT(MakeDirs(dir / "f"), StatusIs(StatusCode::kUnavailable, HasSubstr("/f")));
  EXPECT_THAT(MakeDirs(dir / "f/below"), StatusIs(StatusCode::kUnavailable, HasSubstr("/f")));
}

TEST(DirTest, ListsItsEntriesInOrder) {
  const TempDir dir;
  EXPECT_THAT(Names(dir.path()), ElementsAre());
  for (const char* name : {"b", "a", ".hidden"}) {
    SUYUAN_ASSERT_OK(WriteFileAtomically(dir / name, ""));
  }
  EXPECT_THAT(Names(dir.path()), ElementsAre(".hidden", "a", "b"));
  EXPECT_THAT(ListDir(dir / "no"), StatusIs(StatusCode::kNotFound, HasSubstr("/no")));
  EXPECT_THAT(SyncDir(dir / "no"), StatusIs(StatusCode::kNotFound, HasSubstr("/no")));
}

TEST(RemoveFileTest, IsContentIfNothingIsThere) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "x"));
  SUYUAN_EXPECT_OK(RemoveFile(dir / "f"));
  SUYUAN_EXPECT_OK(RemoveFile(dir / "f"));
  EXPECT_THAT(Names(dir.path()), ElementsAre());
  EXPECT_FALSE(RemoveFile(dir.path()).ok());
}

TEST(RandomFileTest, WritesAtAnyPlaceAndKeepsTheRest) {
  const TempDir dir;
  {
    const auto file = RandomFile::Open(dir / "f");
    SUYUAN_ASSERT_OK(file);
    SUYUAN_ASSERT_OK((*file)->WriteAt(4, "efgh"));
    SUYUAN_ASSERT_OK((*file)->WriteAt(0, "abcd"));
    SUYUAN_ASSERT_OK((*file)->Sync());
  }
  EXPECT_EQ(Read(dir / "f"), "abcdefgh");
  const auto again = RandomFile::Open(dir / "f");
  SUYUAN_ASSERT_OK(again);
  SUYUAN_ASSERT_OK((*again)->WriteAt(2, "XY"));
  SUYUAN_ASSERT_OK((*again)->WriteAt(10, "!"));
  EXPECT_EQ(Read(dir / "f"), std::string("abXYefgh\0\0!", 11));
}

TEST(RandomFileTest, SaysWhyItCannot) {
  const TempDir dir;
  EXPECT_THAT(RandomFile::Open(dir / "no/f"), StatusIs(StatusCode::kNotFound, HasSubstr("no/f")));
  EXPECT_THAT(RandomFile::Open(dir.path()), StatusIs(StatusCode::kUnavailable, HasSubstr("open")));
}

TEST(RandomFileTest, NoticesThatTheDiskIsFull) {
  const auto full = RandomFile::Open("/dev/full");
  if (!full.ok()) GTEST_SKIP() << "no /dev/full here";
  EXPECT_THAT((*full)->WriteAt(0, "x"),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("/dev/full")));
}

TEST(MappedFileTest, ShowsTheWholeFile) {
  const TempDir dir;
  const std::string bytes(100'000, 'm');
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", bytes));
  const auto mapped = MappedFile::Open(dir / "f");
  SUYUAN_ASSERT_OK(mapped);
  EXPECT_EQ((*mapped)->bytes(), bytes);
}

TEST(MappedFileTest, OutlivesTheNameOfItsFile) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", "still here"));
  const auto mapped = MappedFile::Open(dir / "f");
  SUYUAN_ASSERT_OK(mapped);
  SUYUAN_ASSERT_OK(RemoveFile(dir / "f"));
  EXPECT_EQ((*mapped)->bytes(), "still here");
}

TEST(MappedFileTest, AnEmptyFileIsEmpty) {
  const TempDir dir;
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir / "f", ""));
  const auto mapped = MappedFile::Open(dir / "f");
  SUYUAN_ASSERT_OK(mapped);
  EXPECT_EQ((*mapped)->bytes(), "");
  EXPECT_THAT(MappedFile::Open(dir / "no"), StatusIs(StatusCode::kNotFound, HasSubstr("/no")));
}

TEST(FileLockTest, IsRefusedToASecondInTheSameProcess) {
  const TempDir dir;
  const auto first = FileLock::Acquire(dir / "LOCK", "the first");
  SUYUAN_ASSERT_OK(first);
  EXPECT_THAT(FileLock::Acquire(dir / "LOCK", "the second"),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("the first")));
  EXPECT_EQ(Read(dir / "LOCK"), "the first");
}

TEST(FileLockTest, IsFreeAgainWhenItsHolderLetsGo) {
  const TempDir dir;
  { SUYUAN_ASSERT_OK(FileLock::Acquire(dir / "LOCK", "a rather long note")); }
  const auto second = FileLock::Acquire(dir / "LOCK", "short");
  SUYUAN_ASSERT_OK(second);
  EXPECT_EQ(Read(dir / "LOCK"), "short");
}

// Another process that holds the lock until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ready[2];
    if (pipe(ready) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      close(ready[0]);
      const auto lock = FileLock::Acquire(path, "process of another");
      const char answer = lock.ok() ? 'y' : 'n';
      if (write(ready[1], &answer, 1) != 1) _exit(1);
      for (;;) pause();
    }
    close(ready[1]);
    char answer = 'n';
    has_lock_ = read(ready[0], &answer, 1) == 1 && answer == 'y';
    close(ready[0]);
  }
  ~Holder() { Kill(); }

  bool has_lock() const { return has_lock_; }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  bool has_lock_ = false;
};

TEST(FileLockTest, IsRefusedWhileAnotherProcessHasItAndNamesThatOne) {
  const TempDir dir;
  Holder holder(dir / "LOCK");
  ASSERT_TRUE(holder.has_lock());
  EXPECT_THAT(FileLock::Acquire(dir / "LOCK", "we"),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("process of another")));
  EXPECT_EQ(Read(dir / "LOCK"), "process of another");
}

TEST(FileLockTest, DiesWithItsProcess) {
  const TempDir dir;
  Holder holder(dir / "LOCK");
  ASSERT_TRUE(holder.has_lock());
  holder.Kill();
  SUYUAN_EXPECT_OK(FileLock::Acquire(dir / "LOCK", "we"));
}

TEST(FileLockTest, IsRefusedToAnotherProcessWhileWeHaveIt) {
  const TempDir dir;
  const auto ours = FileLock::Acquire(dir / "LOCK", "we");
  SUYUAN_ASSERT_OK(ours);
  const Holder other(dir / "LOCK");
  EXPECT_FALSE(other.has_lock());
}

TEST(FileLockTest, SaysThatItsDirectoryIsNotThere) {
  const TempDir dir;
  EXPECT_THAT(FileLock::Acquire(dir / "no/LOCK", "we"),
              StatusIs(StatusCode::kNotFound, HasSubstr("no/LOCK")));
}

}  // namespace
}  // namespace suyuan

#include "lib/ledger/mark.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::ledger {
namespace {

Mark MarkOf(uint64_t size) {
  return {size, Sha256({"root", std::to_string(size)}), Sha256({"leaf", std::to_string(size)}),
          Sha256({"origin"})};
}

bool Same(const Mark& a, const Mark& b) {
  return a.size == b.size && a.root == b.root && a.last_leaf == b.last_leaf && a.origin == b.origin;
}

void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class MarkTest : public testing::Test {
 protected:
  // A mark file that was written for 0 and then for sizes 1 to `size`.
  void WriteUpTo(uint64_t size) {
    absl::StatusOr<std::unique_ptr<MarkFile>> file = MarkFile::Create(path_, MarkOf(0));
    SUYUAN_ASSERT_OK(file);
    for (uint64_t i = 1; i <= size; ++i) SUYUAN_ASSERT_OK((*file)->Write(MarkOf(i)));
    SUYUAN_ASSERT_OK((*file)->Sync());
    bytes_ = *ReadFile(path_);
  }
  absl::StatusOr<MarkFile::Contents> ReadWith(const std::string& bytes) {
    Overwrite(path_, bytes);
    return MarkFile::Read(path_);
  }

  TempDir dir_;
  const std::string path_ = dir_ / "plant-a.mark";
  std::string bytes_;
};

TEST_F(MarkTest, TheLastOneWrittenIsRead) {
  for (uint64_t size = 0; size < 10; ++size) {
    WriteUpTo(size);
    const auto contents = MarkFile::Read(path_);
    SUYUAN_ASSERT_OK(contents);
    EXPECT_TRUE(Same(contents->mark, MarkOf(size))) << size;
    EXPECT_EQ(contents->damage, "") << size;
  }
}

TEST_F(MarkTest, GoesOnAfterReopening) {
  WriteUpTo(4);
  for (uint64_t size = 5; size < 12; ++size) {
    const auto contents = MarkFile::Read(path_);
    SUYUAN_ASSERT_OK(contents);
    auto file = MarkFile::Open(path_, contents->generation);
    SUYUAN_ASSERT_OK(file);
    EXPECT_FALSE((*file)->dirty());
    SUYUAN_ASSERT_OK((*file)->Write(MarkOf(size)));
    EXPECT_TRUE((*file)->dirty());
    SUYUAN_ASSERT_OK((*file)->Sync());
    EXPECT_FALSE((*file)->dirty());
    EXPECT_EQ(MarkFile::Read(path_)->mark.size, size);
    EXPECT_EQ(MarkFile::Read(path_)->damage, "");
  }
}

TEST_F(MarkTest, NoneIsNotFound) {
  EXPECT_THAT(MarkFile::Read(dir_ / "no.mark"),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("no.mark")));
}

// A write that was cut off anywhere leaves the mark before it.
TEST_F(MarkTest, ATornWriteLeavesTheOneBefore) {
  for (const uint64_t size : {1, 2, 3, 8}) {
    WriteUpTo(size);
    const std::string after = bytes_;
    WriteUpTo(size - 1);
    const std::string before = bytes_;
    for (size_t torn = 0; torn <= after.size(); ++torn) {
      const auto contents = ReadWith(after.substr(0, torn) + before.substr(torn));
      SUYUAN_ASSERT_OK(contents);
      EXPECT_TRUE(Same(contents->mark, MarkOf(size)) || Same(contents->mark, MarkOf(size - 1)))
          << "size " << size << " torn at " << torn;
    }
  }
}

TEST_F(MarkTest, NoFlippedBitMakesAWrongMark) {
  for (const uint64_t size : {0, 1, 2, 3, 8}) {
    WriteUpTo(size);
    for (size_t bit = 0; bit < bytes_.size() * 8; ++bit) {
      std::string flipped = bytes_;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      const auto contents = ReadWith(flipped);
      SCOPED_TRACE("size " + std::to_string(size) + ", bit " + std::to_string(bit));
      if (!contents.ok()) {
        EXPECT_TRUE(absl::IsDataLoss(contents.status())) << contents.status();
        EXPECT_EQ(size, 0u) << "one slot is whole";
        continue;
      }
      EXPECT_NE(contents->damage, "") << "the flip went unnoticed";
      EXPECT_TRUE(Same(contents->mark, MarkOf(size)) ||
                  (size > 0 && Same(contents->mark, MarkOf(size - 1))));
    }
  }
}

TEST_F(MarkTest, NoFlippedByteOfBothSlotsMakesAWrongMark) {
  WriteUpTo(8);
  for (size_t i = 0; i < bytes_.size() / 2; ++i) {
    std::string flipped = bytes_;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    flipped[bytes_.size() - 1 - i] = static_cast<char>(flipped[bytes_.size() - 1 - i] ^ 0x01);
    EXPECT_THAT(ReadWith(flipped), StatusIs(absl::StatusCode::kDataLoss, testing::_)) << i;
  }
}

TEST_F(MarkTest, AnotherLengthIsRefused) {
  WriteUpTo(5);
  for (size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_THAT(ReadWith(bytes_.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss, testing::_))
        << size;
  }
  EXPECT_THAT(ReadWith(bytes_ + "x"), StatusIs(absl::StatusCode::kDataLoss, testing::_));
}

TEST_F(MarkTest, SlotsThatChangedPlacesAreNoticed) {
  WriteUpTo(5);
  const size_t half = bytes_.size() / 2;
  EXPECT_THAT(ReadWith(bytes_.substr(half) + bytes_.substr(0, half)),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  // The newer over the older: one slot is not in its place.
  const auto twice = ReadWith(bytes_.substr(half) + bytes_.substr(half));
  if (twice.ok()) {
    EXPECT_NE(twice->damage, "");
  }
}

TEST_F(MarkTest, ASlotThatWasEmptiedIsNoticed) {
  for (const uint64_t size : {1, 2, 3, 8}) {
    WriteUpTo(size);
    const size_t half = bytes_.size() / 2;
    const std::string zeros(half, '\0');
    for (const std::string& bytes : {zeros + bytes_.substr(half), bytes_.substr(0, half) + zeros}) {
      const auto contents = ReadWith(bytes);
      SUYUAN_ASSERT_OK(contents);
      // As made, with nothing written since, is as good as new.
      if (contents->mark.size == 0) continue;
      EXPECT_NE(contents->damage, "") << size;
    }
  }
}

}  // namespace
}  // namespace suyuan::ledger

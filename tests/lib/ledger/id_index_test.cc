// Where ids stand: in memory, and in segments each behind its filter.

#include "lib/ledger/id_index.h"

#include <gtest/gtest.h>

#include "tests/support/sanitized.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::ledger {
namespace {

constexpr uint64_t kSegments = kSanitized ? 1 : 3;
constexpr uint64_t kIds = kSegments * store::kSegmentEntries + 1'000;

// Uniform, as those of real ids (splitmix64).
uint64_t HashOf(uint64_t number) {
  uint64_t z = (number + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

Hash LeafOf(uint64_t sequence) { return Sha256({std::to_string(sequence)}); }

std::optional<uint64_t> Find(const IdIndex& index, uint64_t number) {
  return index.Find(HashOf(number), [&](uint64_t sequence) { return sequence == number; });
}

void ExpectAll(const IdIndex& index, uint64_t count) {
  for (uint64_t number = 0; number < count; ++number) {
    ASSERT_EQ(Find(index, number), number);
  }
  for (uint64_t number = kIds; number < kIds + 100'000; ++number) {
    ASSERT_EQ(Find(index, number), std::nullopt) << number << " was never added";
  }
}

TEST(IdIndexTest, FindsEveryIdInMemoryAndInSegmentsAndNoOther) {
  const TempDir dir;
  IdIndex index(1, dir.path());
  for (uint64_t number = 0; number < kIds; ++number) {
    index.Add(HashOf(number), number);
    SUYUAN_ASSERT_OK(index.Seal(number + 1, LeafOf(number)));
  }
  ASSERT_NO_FATAL_FAILURE(ExpectAll(index, kIds));

  IdIndex again(1, dir.path());
  SUYUAN_ASSERT_OK(again.Load([](uint64_t sequence) { return LeafOf(sequence); }));
  EXPECT_EQ(again.height(), kSegments * store::kSegmentEntries);
  ASSERT_NO_FATAL_FAILURE(ExpectAll(again, again.height()));
}

// Two ids of one hash stand at the next free hashes, whichever segment they are in.
TEST(IdIndexTest, TellsIdsOfOneHashApartAcrossASegment) {
  const TempDir dir;
  IdIndex index(1, dir.path());
  index.Add(7, 0);
  for (uint64_t number = 1; number < store::kSegmentEntries; ++number) {
    index.Add(HashOf(number), number);
  }
  SUYUAN_ASSERT_OK(index.Seal(store::kSegmentEntries, LeafOf(0)));
  index.Add(7, store::kSegmentEntries);
  for (const uint64_t sequence : {uint64_t{0}, store::kSegmentEntries}) {
    EXPECT_EQ(index.Find(7, [&](uint64_t found) { return found == sequence; }), sequence);
  }
}

}  // namespace
}  // namespace suyuan::ledger

#include "lib/store/segment.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::store {
namespace {

Hash LeafOf(uint64_t sequence) { return Sha256({"leaf", std::to_string(sequence)}); }

class SegmentTest : public testing::Test {
 protected:
  // A ledger of `size` entries, as SegmentDir::Load asks for it.
  static std::function<std::optional<Hash>(uint64_t)> LedgerOf(uint64_t size) {
    return [size](uint64_t sequence) -> std::optional<Hash> {
      if (sequence >= size) return std::nullopt;
      return LeafOf(sequence);
    };
  }
  void Write(uint32_t ledger, uint64_t from, uint64_t to, const std::string& payload) {
    SUYUAN_ASSERT_OK(segments_.Write(ledger, from, to, LeafOf(to - 1), payload));
  }
  std::vector<std::string> Loaded(uint32_t ledger, uint64_t size) {
    std::vector<std::string> payloads;
    const auto loaded = segments_.Load(ledger, LedgerOf(size));
    EXPECT_THAT(loaded, IsOk());
    for (const auto& segment : *loaded) payloads.emplace_back(segment->payload());
    return payloads;
  }
  size_t Files() { return segments_.Files()->size(); }

  TempDir dir_;
  const SegmentDir segments_{dir_ / "index", "id"};
};

using Payloads = std::vector<std::string>;

TEST_F(SegmentTest, GivesBackWhatWasWritten) {
  Write(7, 100, 300, "what the index made of them");
  const auto segment = segments_.Map(7, 100);
  SUYUAN_ASSERT_OK(segment);
  EXPECT_EQ((*segment)->ledger(), 7u);
  EXPECT_EQ((*segment)->from(), 100u);
  EXPECT_EQ((*segment)->to(), 300u);
  EXPECT_EQ((*segment)->last_leaf(), LeafOf(299));
  EXPECT_EQ((*segment)->payload(), "what the index made of them");
}

TEST_F(SegmentTest, AnEmptyPayloadIsAPayload) {
  Write(1, 0, 5, "");
  EXPECT_EQ(Loaded(1, 5), Payloads{""});
}

TEST_F(SegmentTest, NoneWasWrittenYet) {
  EXPECT_EQ(Files(), 0u);
  EXPECT_EQ(Loaded(1, 100), Payloads());
  EXPECT_THAT(segments_.Map(1, 0), StatusIs(absl::StatusCode::kNotFound, testing::_));
  SUYUAN_EXPECT_OK(segments_.DropAll());
}

TEST_F(SegmentTest, LoadsTheRunFromEntryZero) {
  Write(1, 0, 10, "a");
  Write(1, 10, 25, "b");
  Write(1, 25, 300, "c");
  Write(2, 0, 4, "other ledger");
  EXPECT_EQ(Loaded(1, 300), (Payloads{"a", "b", "c"}));
  EXPECT_EQ(Loaded(2, 4), Payloads{"other ledger"});
  EXPECT_EQ(Files(), 4u);
}

TEST_F(SegmentTest, WhatIsBeyondTheLedgerIsDropped) {
  Write(1, 0, 10, "a");
  Write(1, 10, 25, "b");
  EXPECT_EQ(Loaded(1, 24), Payloads{"a"});
  EXPECT_EQ(Files(), 1u);
}

TEST_F(SegmentTest, WhatIsOfAnotherLedgerIsDropped) {
  Write(1, 0, 10, "a");
  SUYUAN_ASSERT_OK(segments_.Write(1, 10, 25, LeafOf(3), "foreign"));
  Write(1, 25, 30, "c");
  EXPECT_EQ(Loaded(1, 100), Payloads{"a"});
  EXPECT_EQ(Files(), 1u) << "what stood behind the foreign one follows nothing any more";
}

TEST_F(SegmentTest, WhatFollowsAGapIsDropped) {
  Write(1, 0, 10, "a");
  Write(1, 11, 25, "b");
  EXPECT_EQ(Loaded(1, 100), Payloads{"a"});
  Write(2, 1, 10, "headless");
  EXPECT_EQ(Loaded(2, 100), Payloads());
}

TEST_F(SegmentTest, ASegmentUnderAnothersNameIsDropped) {
  Write(1, 0, 10, "a");
  Write(2, 0, 10, "b");
  const std::vector<std::string> files = *segments_.Files();
  SUYUAN_ASSERT_OK(WriteFileAtomically(files[0], *ReadFile(files[1])));
  EXPECT_EQ(Loaded(1, 10), Payloads());
  EXPECT_EQ(Loaded(2, 10), Payloads{"b"});
}

TEST_F(SegmentTest, KindsDoNotMeet) {
  const SegmentDir graphs(dir_ / "index", "graph");
  Write(1, 0, 10, "ids");
  SUYUAN_ASSERT_OK(graphs.Write(1, 0, 10, LeafOf(9), "links"));
  EXPECT_EQ(Files(), 1u);
  SUYUAN_ASSERT_OK(segments_.DropAll());
  EXPECT_EQ(graphs.Files()->size(), 1u);
}

TEST_F(SegmentTest, EveryFlippedBitIsRefused) {
  Write(1, 0, 10, "some payload of an index");
  const std::string path = segments_.Files()->at(0);
  const std::string bytes = *ReadFile(path);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    SUYUAN_ASSERT_OK(WriteFileAtomically(path, flipped));
    EXPECT_THAT(Segment::Open(path),
                StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr(path)))
        << "bit " << bit;
  }
  EXPECT_EQ(Loaded(1, 10), Payloads()) << "the last flip";
  EXPECT_EQ(Files(), 0u);
}

TEST_F(SegmentTest, EveryTruncationAndAnyTailIsRefused) {
  Write(1, 0, 10, "some payload of an index");
  const std::string path = segments_.Files()->at(0);
  const std::string bytes = *ReadFile(path);
  for (size_t size = 0; size < bytes.size(); ++size) {
    SUYUAN_ASSERT_OK(WriteFileAtomically(path, bytes.substr(0, size)));
    EXPECT_THAT(Segment::Open(path), StatusIs(absl::StatusCode::kDataLoss, testing::_)) << size;
  }
  SUYUAN_ASSERT_OK(WriteFileAtomically(path, bytes + '\0'));
  EXPECT_THAT(Segment::Open(path), StatusIs(absl::StatusCode::kDataLoss, testing::_));
}

TEST_F(SegmentTest, AnEmptyRangeIsRefused) {
  SUYUAN_ASSERT_OK(segments_.Write(1, 5, 5, LeafOf(4), "nothing"));
  EXPECT_THAT(segments_.Map(1, 5), StatusIs(absl::StatusCode::kDataLoss, testing::_));
}

}  // namespace
}  // namespace suyuan::store

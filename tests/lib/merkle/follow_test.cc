#include "lib/merkle/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "lib/base/strings.h"
#include "tests/support/fake_log.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::SizeIs;

// Somebody who keeps what a log showed, in memory.
class FollowTest : public testing::Test {
 protected:
  void SetUp() override { policy_ = *Policy::Parse(log_.Policy()); }

  void Grow(uint64_t count, const std::string& what = "entry") {
    for (uint64_t i = 0; i < count; ++i) {
      log_.entries.push_back(StrCat(what, " ", log_.entries.size()));
    }
  }

  Frontier Tree(uint64_t size) const {
    Frontier tree;
    for (uint64_t i = 0; i < size; ++i) tree.Append(LeafHash(held_[i]));
    return tree;
  }

  HeldLog Held() const {
    HeldLog held;
    held.tree = Tree(held_.size());
    held.leaf_at = [this](uint64_t i) { return absl::StatusOr<Hash>(LeafHash(held_[i])); };
    held.root_at = [this](uint64_t size) { return absl::StatusOr<Hash>(Tree(size).Root()); };
    held.accepted = accepted_;
    held.promised = promised_;
    return held;
  }

  // One round.
  absl::Status Follow() {
    found_ = {};
    LogFollower follower(&policy_, [&](std::string_view path, size_t max_bytes) {
      return log_.Fetch(path, max_bytes);
    });
    const absl::StatusOr<Offer> offer = follower.Ask();
    if (!offer.ok()) return offer.status();
    const absl::StatusOr<bool> newer = follower.Take(
        Held(), *offer,
        [&](uint64_t first, std::span<const std::string_view> records) {
          EXPECT_EQ(first, held_.size());
          for (const std::string_view record : records) {
            if (held_.size() == room_) return absl::ResourceExhaustedError("no room");
            held_.emplace_back(record);
          }
          return absl::OkStatus();
        },
        &found_);
    if (!newer.ok()) return newer.status();
    if (*newer) accepted_ = offer->note;
    return absl::OkStatus();
  }

  // It is caught, nothing was taken, and the files tell of it.
  void Caught(const std::string& why) {
    const std::vector<std::string> before = held_;
    const std::string accepted = accepted_;
    EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(why)));
    EXPECT_EQ(held_, before);
    EXPECT_EQ(accepted_, accepted);
    EXPECT_THAT(found_.why, HasSubstr(why));
    EXPECT_THAT(found_.files, Contains(Key("offered.checkpoint")));
    if (!accepted.empty()) {
      EXPECT_THAT(found_.files, Contains(Key("accepted.checkpoint")));
    }
  }

  // It is not believed, but nothing speaks against the log.
  void Refused(absl::StatusCode code, const std::string& why) {
    const std::vector<std::string> before = held_;
    EXPECT_THAT(Follow(), StatusIs(code, HasSubstr(why)));
    EXPECT_EQ(held_, before);
    EXPECT_THAT(found_.why, IsEmpty());
  }

  FakeLog log_{"example.com/plant"};
  Policy policy_;
  std::vector<std::string> held_;
  std::string accepted_;
  std::string promised_;
  Contradiction found_;
  size_t room_ = ~size_t{0};
};

TEST_F(FollowTest, TakesWhatIsThereAndThenWhatIsNew) {
  for (const uint64_t more : {0, 1, 2, 252, 1, 1, 255, 256, 1, 500, 512, 3}) {
    Grow(more);
    SUYUAN_EXPECT_OK(Follow());
    EXPECT_EQ(held_, log_.entries);
  }
}

TEST_F(FollowTest, AsksOnlyForWhatItNeeds) {
  Grow(1000);
  SUYUAN_EXPECT_OK(Follow());
  Grow(10);
  log_.asked.clear();
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(held_, log_.entries);
  EXPECT_THAT(log_.asked,
              testing::ElementsAre("checkpoint", "tile/0/003.p/242", "tile/entries/003.p/242"));
  log_.asked.clear();
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_THAT(log_.asked, testing::ElementsAre("checkpoint"));
}

// More than one tile of level 1.
TEST_F(FollowTest, FollowsAcrossTilesOfTheSecondLevel) {
  Grow(65'000);
  SUYUAN_EXPECT_OK(Follow());
  Grow(66'700);
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(held_, log_.entries);
}

TEST_F(FollowTest, TakesFullTilesWherePartialOnesAreGone) {
  Grow(200);
  const std::string note = log_.Checkpoint(200);
  Grow(100);
  log_.keeps_partial = false;
  log_.note = note;
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(held_, std::vector<std::string>(log_.entries.begin(), log_.entries.begin() + 200));
}

TEST_F(FollowTest, GoesOnWhereItWasInterrupted) {
  Grow(2000);
  promised_ = log_.Checkpoint(2000);
  for (const size_t room : {0, 1, 255, 256, 300, 1024, 1999}) {
    room_ = room;
    EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kResourceExhausted, "no room"));
    EXPECT_EQ(held_.size(), room);
  }
  room_ = ~size_t{0};
  Grow(700);
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(held_, log_.entries);
}

TEST_F(FollowTest, AnOlderCheckpointIsNothingNew) {
  Grow(300);
  SUYUAN_EXPECT_OK(Follow());
  const std::string accepted = accepted_;
  log_.note = log_.Checkpoint(120);
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(accepted_, accepted);
  EXPECT_THAT(held_, SizeIs(300));
}

TEST_F(FollowTest, AnotherRootOfASizeThatWasSeenIsAFork) {
  Grow(300);
  SUYUAN_EXPECT_OK(Follow());
  log_.note = log_.Sign({log_.origin(), 300, Sha256({"another"})});
  Caught("fork: it signed size 300");
  log_.note = log_.Sign({log_.origin(), 120, Sha256({"another"})});
  Caught("fork: it signed size 120");
}

TEST_F(FollowTest, AHistoryThatWasRewrittenIsAFork) {
  Grow(700);
  SUYUAN_EXPECT_OK(Follow());
  // An entry of a full tile, and one behind the full tiles.
  for (const size_t changed : {100, 600}) {
    const std::string before = log_.entries[changed];
    log_.entries[changed] = "another";
    for (const uint64_t more : {1, 30, 300}) {
      Grow(more);
      Caught("fork: ");
    }
    log_.entries[changed] = before;
    log_.entries.resize(700);
  }
  Grow(5);
  SUYUAN_EXPECT_OK(Follow());
}

TEST_F(FollowTest, WhatWasRolledBackAndGrewAgainIsAFork) {
  Grow(300);
  SUYUAN_EXPECT_OK(Follow());
  log_.entries.resize(280);
  Grow(100, "other");
  Caught("fork: entry 280");
}

// Between the entries that were taken and the checkpoint by which they were.
TEST_F(FollowTest, AForkWhileItWasInterruptedIsSeen) {
  Grow(1000);
  promised_ = log_.Checkpoint(1000);
  room_ = 512;
  EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kResourceExhausted, "no room"));
  room_ = ~size_t{0};
  log_.entries.resize(900);
  Grow(100, "other");
  Caught("fork: it signed size 1000");
  Grow(10, "other");
  EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("fork: it signed size")));
  EXPECT_LT(held_.size(), 1000U);
}

TEST_F(FollowTest, AnEntryThatIsNotTheOneInTheTreeIsNamed) {
  Grow(700);
  std::string bundle;
  for (uint64_t i = 256; i < 512; ++i) {
    AppendToBundle(i == 300 ? std::string("rewritten") : log_.entries[i], &bundle);
  }
  held_.assign(log_.entries.begin(), log_.entries.begin() + 256);
  log_.shown["tile/entries/001"] = bundle;
  Caught("entry 300: what it shows has the hash ");
  EXPECT_THAT(found_.files, Contains(testing::Pair("tile-entries-001", bundle)));
  EXPECT_THAT(found_.files, Contains(Key("tile-0-001")));
}

TEST_F(FollowTest, SwappedLeavesAreSeen) {
  Grow(200);
  std::string bundle;
  std::string hashes;
  std::swap(log_.entries[7], log_.entries[8]);
  for (const std::string& entry : log_.entries) {
    AppendToBundle(entry, &bundle);
    hashes += LeafHash(entry).view();
  }
  std::swap(log_.entries[7], log_.entries[8]);
  log_.shown["tile/entries/000.p/200"] = bundle;
  Caught("entry 7: ");
  log_.shown["tile/0/000.p/200"] = hashes;
  Caught("the tiles that it shows give size 200 the root ");
}

TEST_F(FollowTest, BundlesThatAreNoneAreSeen) {
  Grow(20);
  std::string whole;
  for (const std::string& entry : log_.entries) AppendToBundle(entry, &whole);
  const std::string path = "tile/entries/000.p/20";
  for (size_t cut = 0; cut < whole.size(); cut += 3) {
    log_.shown[path] = whole.substr(0, cut);
    Caught(path);
  }
  log_.shown[path] = whole + whole;
  Caught("bundle: more than 20 entries");
  log_.shown[path] = std::string(1 << 20, '\0');
  Caught("bundle: more than 20 entries");
  log_.shown[path] = std::string(20 * (2 + kMaxEntryBytes) + 1, '\0');
  Refused(absl::StatusCode::kInvalidArgument, "more than");
}

TEST_F(FollowTest, TilesOfOtherSizesAreSeen) {
  Grow(600);
  log_.shown["tile/1/000.p/2"] = std::string(32, 'x');
  Caught("tile/1/000.p/2: found 32 bytes, expected 64");
  log_.shown["tile/1/000.p/2"] = std::string(64, 'x');
  Caught("the tiles that it shows");
  log_.shown.clear();
  log_.shown["tile/0/002.p/88"] = "";
  Caught("found 0 bytes");
}

// Between the look at the tree and that at the entries.
TEST_F(FollowTest, TilesThatChangeMeanwhileAreSeen) {
  Grow(256 * 300);
  size_t times = 0;
  log_.before = [&](std::string_view path) {
    if (path == "tile/1/000" && ++times == 2) log_.shown["tile/1/000"] = std::string(8192, 'x');
  };
  Caught("tile/1/000: other hashes than a moment ago");
}

// Whatever is changed in an answer, nothing is taken that is not in the log.
TEST_F(FollowTest, NoBitThatWasFlippedGetsIn) {
  const unsigned seed = 20'251'103;
  SCOPED_TRACE(StrCat("seed ", seed));
  std::mt19937 random(seed);
  Grow(700);
  SUYUAN_ASSERT_OK(Follow());
  const std::vector<std::string> paths = log_.asked;
  int taken = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const auto begin = static_cast<std::ptrdiff_t>(random() % 2 == 0 ? 0 : random() % 700);
    held_.assign(log_.entries.begin(), log_.entries.begin() + begin);
    accepted_.clear();
    log_.shown.clear();
    const std::string& path = paths[random() % paths.size()];
    std::string bytes = *log_.Fetch(path, ~size_t{0});
    switch (random() % 4) {
      case 0:
        bytes.resize(random() % bytes.size());
        break;
      case 1:
        bytes.insert(random() % bytes.size(), 1, static_cast<char>(random()));
        break;
      default:
        bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    }
    log_.shown[path] = bytes;
    const bool ok = Follow().ok();
    taken += ok;
    ASSERT_LE(held_.size(), 700U);
    ASSERT_EQ(held_, std::vector<std::string>(
                         log_.entries.begin(),
                         log_.entries.begin() + static_cast<std::ptrdiff_t>(held_.size())));
    if (ok) {
      ASSERT_THAT(held_, SizeIs(700)) << path;
    }
  }
  // Only where what was changed was not asked for.
  EXPECT_LT(taken, 300);
}

TEST_F(FollowTest, ACheckpointThatNobodySignedIsNotBelieved) {
  Grow(10);
  FakeLog other(log_.origin());
  other.entries = log_.entries;
  log_.note = other.Checkpoint(10);
  Refused(absl::StatusCode::kPermissionDenied, "not signed by a log of that name in the policy");
  log_.note = log_.Sign({"example.com/another", 10, log_.Root(10)});
  Refused(absl::StatusCode::kPermissionDenied, "example.com/another");
  std::string damaged = log_.Checkpoint(10);
  damaged[damaged.find("\n10\n") + 1] = '2';
  log_.note = damaged;
  Refused(absl::StatusCode::kPermissionDenied, "");
  for (const std::string& none : {std::string(), std::string("nonsense"), std::string(60'000, 'x'),
                                  log_.Checkpoint(10).substr(0, 40), std::string(60'000, '\n')}) {
    log_.note = none;
    Refused(absl::StatusCode::kInvalidArgument, "checkpoint: ");
  }
  log_.note = std::string(2 << 20, 'x');
  Refused(absl::StatusCode::kInvalidArgument, "more than 65536 bytes");
  log_.note.reset();
  SUYUAN_EXPECT_OK(Follow());
}

TEST_F(FollowTest, ATreeLargerThanAnybodyHasIsNotFollowed) {
  Grow(10);
  log_.note = log_.Sign({log_.origin(), uint64_t{1} << 60, log_.Root(10)});
  Refused(absl::StatusCode::kResourceExhausted, "at most 68719476736 are followed");
}

TEST_F(FollowTest, WhatIsNotShownNowIsAskedForLater) {
  Grow(300);
  SUYUAN_EXPECT_OK(Follow());
  Grow(300);
  for (const std::string path : {"checkpoint", "tile/1/000.p/2", "tile/0/002.p/88",
                                 "tile/entries/001", "tile/entries/002.p/88"}) {
    log_.fails[path] = absl::DeadlineExceededError("too late");
    EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kDeadlineExceeded, "too late"));
    log_.fails[path] = absl::NotFoundError("gone");
    EXPECT_THAT(Follow(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("show")));
    EXPECT_THAT(found_.why, IsEmpty());
    log_.fails.clear();
  }
  SUYUAN_EXPECT_OK(Follow());
  EXPECT_EQ(held_, log_.entries);
}

}  // namespace
}  // namespace suyuan::merkle

// Entries and checkpoints that another store wrote.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/lib/ledger/tampering.h"

namespace suyuan::ledger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A ledger, and a store of mirrors beside it.
class MirroringTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    plant_ = Create("plant");
    origin_ = ledgers_->Get(plant_)->genesis.origin();
    SUYUAN_ASSERT_OK(OpenCopies());
  }
  absl::Status OpenCopies() {
    copies_.reset();
    absl::StatusOr<std::unique_ptr<Ledgers>> opened = Ledgers::Open({.store = copy_disk_.Plug(),
                                                                     .marks_dir = dir_ / "marks-2",
                                                                     .keys_dir = dir_ / "keys-2",
                                                                     .index_dir = dir_ / "index-2",
                                                                     .index = &copy_index_,
                                                                     .clock = &clock_,
                                                                     .progress = {},
                                                                     .mirrors = true});
    if (opened.ok()) copies_ = *std::move(opened);
    return opened.status();
  }
  std::vector<std::string> Records(uint64_t from = 0) const {
    std::vector<std::string> records;
    for (const StoredEntry& entry : EntriesOf(plant_)) records.push_back(entry.bytes);
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(from));
    return records;
  }
  // All that there is.
  void Copy() {
    const uint64_t from = Size();
    std::vector<std::string> records = Records(from);
    if (from == 0) {
      const auto made = copies_->CreateMirror("plant@1", records.front(), origin_);
      SUYUAN_ASSERT_OK(made);
      copy_ = *made;
      records.erase(records.begin());
    }
    SUYUAN_ASSERT_OK(copies_->AppendRecords(copy_, Size(), std::move(records)));
  }
  uint64_t Size() const {
    const auto state = copies_->Get("plant@1");
    return state.has_value() ? state->size : 0;
  }
  CheckReport CheckCopies() const {
    return CheckLedgers(copy_disk_.pairs(), dir_ / "marks-2", nullptr, nullptr);
  }

  uint32_t plant_ = 0;
  uint32_t copy_ = 0;
  std::string origin_;
  mutable Disk copy_disk_;
  FakeIndex copy_index_;
  std::unique_ptr<Ledgers> copies_;
};

TEST_F(MirroringTest, HasTheSameEntriesTreeAndIndex) {
  Append(plant_, Several("a", 700)).IgnoreError();
  Append(plant_, {Correcting("c", "a3"), Withdrawing("w", "a4")}).IgnoreError();
  Copy();
  EXPECT_GE(copy_, kFirstMirror);
  const auto same = [&] {
    EXPECT_EQ(copies_->Get(copy_)->root, ledgers_->Get(plant_)->root);
    EXPECT_EQ(copy_index_.RowsOf(copy_), index_.RowsOf(plant_));
    EXPECT_EQ(*copies_->Tile(copy_, {.level = 0, .index = 1}),
              *ledgers_->Tile(plant_, {.level = 0, .index = 1}));
    EXPECT_EQ(*copies_->Find(copy_, "a77"), *ledgers_->Find(plant_, "a77"));
    EXPECT_THAT(CheckCopies().problems, IsEmpty());
  };
  same();
  SUYUAN_ASSERT_OK(OpenCopies());
  same();
  Append(plant_, {Correcting("d", "a5")}).IgnoreError();
  Copy();
  same();
}

TEST_F(MirroringTest, ShowsWhatItsOriginSignedAndSignsNothing) {
  Copy();
  EXPECT_THAT(copies_->Checkpoint(copy_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no checkpoint")));
  const std::string first = *ledgers_->Checkpoint(plant_);
  SUYUAN_ASSERT_OK(copies_->TakeCheckpoint(copy_, first));
  EXPECT_EQ(*copies_->Checkpoint(copy_), first);
  Append(plant_, Several("a", 3)).IgnoreError();
  const std::string second = *ledgers_->Checkpoint(plant_);
  EXPECT_THAT(copies_->TakeCheckpoint(copy_, second),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("no size 4")));
  Copy();
  EXPECT_EQ(*copies_->Checkpoint(copy_), first);
  SUYUAN_ASSERT_OK(copies_->TakeCheckpoint(copy_, second));
  SUYUAN_ASSERT_OK(copies_->TakeCheckpoint(copy_, first));
  EXPECT_EQ(*copies_->PublishedCheckpoint(copy_), second);
  EXPECT_EQ(copies_->Prove(copy_, 2)->path, ledgers_->Prove(plant_, 2)->path);
  EXPECT_THAT(*copies_->Keys(copy_), IsEmpty());
  for (const absl::Status& status :
       {copies_->AddKey(copy_), copies_->RetireKeys(copy_), copies_->Append(copy_, {}).status()}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("ledger plant@1 is a mirror")));
  }
  SUYUAN_ASSERT_OK(OpenCopies());
  EXPECT_EQ(*copies_->Checkpoint(copy_), second);
  EXPECT_THAT(CheckCopies().problems, IsEmpty());
}

// The checkpoint lies outside the database: a store that is behind or against it does not open.
TEST_F(MirroringTest, IsHeldToWhatItsOriginSigned) {
  Copy();
  Append(plant_, Several("a", 3)).IgnoreError();
  Copy();
  const std::string note = *ledgers_->Checkpoint(plant_);
  SUYUAN_ASSERT_OK(copies_->TakeCheckpoint(copy_, note));
  const uint32_t other = Create("other");
  EXPECT_THAT(copies_->TakeCheckpoint(copy_, *ledgers_->Checkpoint(other)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("origin is ")));
  copies_.reset();
  std::string damaged = note;
  damaged.replace(damaged.find("\n4\n"), 3, "\n5\n");
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir_ / "marks-2/plant@1.checkpoint", damaged));
  EXPECT_THAT(OpenCopies(),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr("ledger plant@1: "), HasSubstr("by the checkpoint"))));
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir_ / "marks-2/plant@1.checkpoint", note));
  SUYUAN_EXPECT_OK(OpenCopies());
}

TEST_F(MirroringTest, TakesAllOrNothing) {
  Append(plant_, Several("a", 10)).IgnoreError();
  const std::vector<std::string> all = Records();
  copy_ = *copies_->CreateMirror("plant@1", all.front(), origin_);
  const std::vector<std::string> good(all.begin() + 1, all.end());
  const auto refused = [&](std::vector<std::string> records, uint64_t first, absl::StatusCode code,
                           const std::string& why) {
    EXPECT_THAT(copies_->AppendRecords(copy_, first, std::move(records)),
                StatusIs(code, HasSubstr(why)));
    EXPECT_EQ(Size(), 1U);
    EXPECT_EQ(copy_index_.RowsOf(copy_).size(), 1U);
  };
  refused(good, 2, absl::StatusCode::kFailedPrecondition, "expected them from 1 on");
  std::vector<std::string> bad = good;
  std::swap(bad[7], bad[8]);
  refused(bad, 1, absl::StatusCode::kInvalidArgument, "entry 8: it says that it is entry 9");
  bad = good;
  bad.erase(bad.begin() + 4);
  refused(bad, 1, absl::StatusCode::kInvalidArgument, "entry 5: it says that it is entry 6");
  bad = good;
  bad[9].back() ^= 1;
  bad[8].back() ^= 1;
  refused(bad, 1, absl::StatusCode::kInvalidArgument, "entry 10: it names ");
  bad = good;
  bad[3].pop_back();
  refused(bad, 1, absl::StatusCode::kInvalidArgument, "entry 4: no entry of a ledger: ");
  EXPECT_THAT(copies_->CreateMirror("plant@1", all.front(), origin_),
              StatusIs(absl::StatusCode::kAlreadyExists, "ledger plant@1 exists"));
  EXPECT_THAT(
      copies_->CreateMirror("other@1", all.front(), "other"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected the genesis of other")));
  EXPECT_THAT(copies_->CreateMirror("other@1", all[1], origin_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("found no genesis")));
  SUYUAN_EXPECT_OK(copies_->AppendRecords(copy_, 1, good));
  EXPECT_EQ(copies_->Get(copy_)->root, ledgers_->Get(plant_)->root);
  SUYUAN_ASSERT_OK(OpenCopies());
  EXPECT_THAT(CheckCopies().problems, IsEmpty());
}

}  // namespace
}  // namespace suyuan::ledger

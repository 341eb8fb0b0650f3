#include "lib/ledger/ledgers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/lib/ledger/ledger_fixture.h"

namespace suyuan::ledger {
namespace {

using testing::HasSubstr;

// ---------------------------------------------------------------- creating

using LedgersCreateTest = LedgerTest;

TEST_F(LedgersCreateTest, EntryZeroIsTheGenesis) {
  const uint32_t plant = Create("plant-a");
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  ASSERT_EQ(entries.size(), 1u);
  const v1::Genesis& genesis = entries[0].event.genesis();
  EXPECT_THAT(genesis.origin(), testing::MatchesRegex("suyuan/plant-a/[0-9a-f]{32}"));
  EXPECT_EQ(genesis.format(), kRecordFormat);
  EXPECT_EQ(genesis.hash(), "sha-256");
  EXPECT_EQ(genesis.owner(), "ext:test:owner");
  EXPECT_EQ(entries[0].previous, Sha256({genesis.origin()}));
  EXPECT_EQ(entries[0].root, entries[0].leaf) << "the root of one leaf is the leaf";
  EXPECT_EQ(ledgers_->Get(plant)->root, entries[0].leaf);
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(LedgersCreateTest, NoTwoLedgersBeginAlike) {
  const uint32_t a = Create("plant-a");
  const uint32_t b = Create("plant-b");
  EXPECT_NE(a, b);
  EXPECT_NE(EntriesOf(a)[0].previous, EntriesOf(b)[0].previous);
  EXPECT_NE(EntriesOf(a)[0].leaf, EntriesOf(b)[0].leaf);
}

TEST_F(LedgersCreateTest, ANameIsTakenOnce) {
  Create("plant-a");
  EXPECT_THAT(ledgers_->Create("plant-a", {}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("plant-a")));
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_THAT(ledgers_->Create("plant-a", {}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("plant-a")));
  EXPECT_EQ(ledgers_->List().size(), 1u);
}

TEST_F(LedgersCreateTest, NumbersAreNotUsedAgainAfterReopening) {
  const uint32_t a = Create("plant-a");
  SUYUAN_ASSERT_OK(Reopen());
  const uint32_t b = Create("a-plant-before-it-in-the-alphabet");
  EXPECT_NE(a, b);
  EXPECT_EQ(ledgers_->Get(a)->name, "plant-a");
}

TEST_F(LedgersCreateTest, ALedgerThatCouldNotBeMadeIsNotThereAfterwards) {
  Create("plant-a");
  disk_.pairs().FailWrites(absl::ResourceExhaustedError("disk full"));
  EXPECT_FALSE(ledgers_->Create("plant-b", {}).ok());
  EXPECT_FALSE(ledgers_->Get("plant-b").has_value());
  disk_.pairs().FailWrites(absl::OkStatus());
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_FALSE(ledgers_->Get("plant-b").has_value());
  EXPECT_THAT(Check(), IsClean());
  Create("plant-b");
  EXPECT_THAT(Check(), IsClean());
}

// ---------------------------------------------------------------- receipts

using LedgersReceiptTest = LedgerTest;

TEST_F(LedgersReceiptTest, SayWhatTheEntriesSay) {
  const uint32_t plant = Create("plant-a");
  std::vector<Receipt> receipts;
  for (int batch = 0; batch < 20; ++batch) {
    const Receipts given =
        Append(plant, Several("b" + std::to_string(batch) + "-", 1 + batch * 7 % 5));
    SUYUAN_ASSERT_OK(given);
    receipts.insert(receipts.end(), given->begin(), given->end());
  }
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  ASSERT_EQ(entries.size(), receipts.size() + 1);
  for (size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_EQ(receipts[i].ledger, "plant-a");
    EXPECT_EQ(receipts[i].sequence, i + 1);
    EXPECT_FALSE(receipts[i].duplicate);
    ExpectTrue(receipts[i], entries);
  }
  EXPECT_EQ(ledgers_->Get(plant)->root.view(), receipts.back().root);
}

// More than one stored value a batch: its receipts all name the same tree.
TEST_F(LedgersReceiptTest, OfALargeBatchNameOneTree) {
  const uint32_t plant = Create("plant-a");
  std::vector<v1::Event> events;
  for (int i = 0; i < 100; ++i) {
    events.push_back(Seen("e" + std::to_string(i), std::string(static_cast<size_t>(i) * 20, 'x')));
  }
  const Receipts receipts = Append(plant, events);
  SUYUAN_ASSERT_OK(receipts);
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  for (const Receipt& receipt : *receipts) {
    EXPECT_EQ(receipt.tree_size, 101u);
    EXPECT_EQ(receipt.root, receipts->front().root);
    ExpectTrue(receipt, entries);
  }
  EXPECT_GT(disk_.pairs().Contents().size(), 6u) << "expected several chunks";
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(LedgersReceiptTest, ReadsGiveTheRangeAsked) {
  const uint32_t plant = Create("plant-a");
  for (int batch = 0; batch < 5; ++batch) {
    SUYUAN_ASSERT_OK(Append(plant, Several("b" + std::to_string(batch) + "-", 3)));
  }
  for (uint64_t from = 0; from <= 17; ++from) {
    for (uint64_t to = from; to <= 18; ++to) {
      uint64_t next = from;
      SUYUAN_ASSERT_OK(ledgers_->Read(plant, from, to, [&](const StoredRecord& stored) {
        EXPECT_EQ(stored.record.sequence, next++);
        return true;
      }));
      EXPECT_EQ(next, std::max(from, std::min<uint64_t>(to, 16)));
    }
  }
}

TEST_F(LedgersReceiptTest, AnUnknownLedgerIsNotFound) {
  Create("plant-a");
  EXPECT_THAT(Append(77, {Seen("e1")}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("77")));
}

// ---------------------------------------------------------------- idempotency

class LedgersIdTest : public LedgerTest {
 protected:
  void ExpectFirstReceipt(const Receipt& again, const Receipt& first) {
    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.event_id, first.event_id);
    EXPECT_EQ(again.sequence, first.sequence);
    EXPECT_EQ(again.leaf_hash, first.leaf_hash);
    EXPECT_EQ(again.previous_hash, first.previous_hash);
    EXPECT_EQ(again.tree_size, first.tree_size);
    EXPECT_EQ(again.root, first.root);
  }
};

TEST_F(LedgersIdTest, TheSameAgainGivesTheFirstReceipt) {
  const uint32_t plant = Create("plant-a");
  const Receipts first = Append(plant, Several("e", 3));
  SUYUAN_ASSERT_OK(first);
  SUYUAN_ASSERT_OK(Append(plant, Several("later", 4)));
  const Receipts again = Append(plant, Several("e", 3));
  SUYUAN_ASSERT_OK(again);
  for (size_t i = 0; i < 3; ++i) ExpectFirstReceipt((*again)[i], (*first)[i]);
  EXPECT_EQ(SizeOf(plant), 8u) << "nothing is stored twice";
}

TEST_F(LedgersIdTest, AlsoAfterReopening) {
  const uint32_t plant = Create("plant-a");
  const Receipts first = Append(plant, Several("e", 3));
  SUYUAN_ASSERT_OK(first);
  SUYUAN_ASSERT_OK(Append(plant, Several("later", 4)));
  SUYUAN_ASSERT_OK(Reopen());
  const Receipts again = Append(plant, Several("e", 3));
  SUYUAN_ASSERT_OK(again);
  for (size_t i = 0; i < 3; ++i) ExpectFirstReceipt((*again)[i], (*first)[i]);
  EXPECT_EQ(SizeOf(plant), 8u);
}

TEST_F(LedgersIdTest, WithinOneBatch) {
  const uint32_t plant = Create("plant-a");
  const Receipts receipts = Append(plant, {Seen("e1"), Seen("e2"), Seen("e1")});
  SUYUAN_ASSERT_OK(receipts);
  EXPECT_FALSE((*receipts)[0].duplicate);
  EXPECT_EQ((*receipts)[0].tree_size, 3u);
  ExpectFirstReceipt((*receipts)[2], (*receipts)[0]);
  EXPECT_EQ(SizeOf(plant), 3u);
  for (const Receipt& receipt : *receipts) ExpectTrue(receipt, EntriesOf(plant));
}

TEST_F(LedgersIdTest, OldAndNewMixedInOneBatch) {
  const uint32_t plant = Create("plant-a");
  const Receipt first = AppendOne(plant, Seen("e1"));
  AppendOne(plant, Seen("between"));
  const Receipts mixed = Append(plant, {Seen("e0"), Seen("e1"), Seen("e2")});
  SUYUAN_ASSERT_OK(mixed);
  ExpectFirstReceipt((*mixed)[1], first);
  EXPECT_EQ((*mixed)[0].sequence, 3u);
  EXPECT_EQ((*mixed)[2].sequence, 4u);
  for (const Receipt& receipt : *mixed) ExpectTrue(receipt, EntriesOf(plant));
}

TEST_F(LedgersIdTest, OtherContentIsRefusedWithAllOfItsBatch) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1", "milk powder"));
  const auto contents = disk_.pairs().Contents();
  EXPECT_THAT(Append(plant, {Seen("new"), Seen("e1", "whey powder"), Seen("newer")}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("e1")));
  EXPECT_EQ(disk_.pairs().Contents(), contents);
  EXPECT_EQ(SizeOf(plant), 2u);
  EXPECT_FALSE(AppendOne(plant, Seen("new", "anything")).duplicate) << "its id is still free";
}

TEST_F(LedgersIdTest, OtherContentWithinOneBatchIsRefused) {
  const uint32_t plant = Create("plant-a");
  EXPECT_THAT(Append(plant, {Seen("e1", "milk"), Seen("e2"), Seen("e1", "whey")}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("e1")));
  EXPECT_EQ(SizeOf(plant), 1u);
}

TEST_F(LedgersIdTest, OtherContentIsRefusedAfterReopening) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1", "milk"));
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_THAT(Append(plant, {Seen("e1", "whey")}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("e1")));
}

TEST_F(LedgersIdTest, AnIdIsUniqueInItsLedgerOnly) {
  const uint32_t a = Create("plant-a");
  const uint32_t b = Create("plant-b");
  EXPECT_FALSE(AppendOne(a, Seen("e1", "milk")).duplicate);
  EXPECT_FALSE(AppendOne(b, Seen("e1", "whey")).duplicate);
}

// An entry that cannot be read any more still has its id: to take the event for
// a new one would give one id to two entries.
TEST_F(LedgersIdTest, AnEntryThatCannotBeReadKeepsItsId) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1", "milk"));
  AppendOne(plant, Seen("e2"));
  Put(EntryKey(plant, 1), "damaged on disk");
  EXPECT_THAT(Append(plant, {Seen("e1", "milk")}), testing::Not(IsOk()));
  EXPECT_THAT(Append(plant, {Seen("e1", "whey")}), testing::Not(IsOk()));
  EXPECT_EQ(SizeOf(plant), 3u);
}

// ---------------------------------------------------------------- corrections

using LedgersCorrectionTest = LedgerTest;

TEST_F(LedgersCorrectionTest, NamesAnEventThatIsThere) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  SUYUAN_EXPECT_OK(Append(plant, {Correcting("c1", "e1")}));
  SUYUAN_EXPECT_OK(Append(plant, {Withdrawing("w1", "c1")}));
  EXPECT_EQ(index_.RowsOf(plant)[2].corrects, 1u);
  EXPECT_EQ(index_.RowsOf(plant)[3].corrects, 2u);
}

TEST_F(LedgersCorrectionTest, OfAnEventOfTheSameBatchBeforeIt) {
  const uint32_t plant = Create("plant-a");
  SUYUAN_EXPECT_OK(Append(plant, {Seen("e1"), Correcting("c1", "e1")}));
  EXPECT_EQ(index_.RowsOf(plant)[2].corrects, 1u);
}

TEST_F(LedgersCorrectionTest, OfAnUnknownEventIsNotFound) {
  const uint32_t plant = Create("plant-a");
  const uint32_t other = Create("plant-b");
  AppendOne(other, Seen("elsewhere"));
  for (const v1::Event& event :
       {Correcting("c1", "nothing"), Withdrawing("c1", "nothing"), Correcting("c1", "elsewhere"),
        Correcting("c1", "c1"), Correcting("c1", "later")}) {
    EXPECT_THAT(Append(plant, {Seen("e1"), event, Seen("later")}),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("c1")));
  }
  v1::Event split;
  split.set_id("s1");
  split.mutable_correct()->mutable_split()->add_event_ids("nothing");
  EXPECT_THAT(Append(plant, {split}), StatusIs(absl::StatusCode::kNotFound, HasSubstr("nothing")));
  EXPECT_EQ(SizeOf(plant), 1u) << "nothing of the batches was stored";
}

// ---------------------------------------------------------------- size

using LedgersSizeTest = LedgerTest;

TEST_F(LedgersSizeTest, TheLargestEventIsTakenAndOneByteMoreRefused) {
  const uint32_t plant = Create("plant-a");
  const auto of_size = [](size_t size) {
    v1::Event event = Seen("big", "");
    std::string* const text = event.mutable_observe_unit()->mutable_product_name();
    while (event.ByteSizeLong() < size) {
      text->append(std::max<size_t>(1, (size - event.ByteSizeLong()) / 2), 'x');
    }
    EXPECT_EQ(event.ByteSizeLong(), size);
    return event;
  };
  EXPECT_THAT(Append(plant, {of_size(65'401)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("65401")));
  EXPECT_EQ(SizeOf(plant), 1u);
  const Receipt receipt = AppendOne(plant, of_size(65'400));
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  ExpectTrue(receipt, entries);
  EXPECT_LE(entries[1].bytes.size(), kMaxRecordBytes);
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_EQ(EntriesOf(plant)[1].event.SerializeAsString(), of_size(65'400).SerializeAsString());
  EXPECT_THAT(Check(), IsClean());
}

// ---------------------------------------------------------------- clocks

class LedgersClockTest : public LedgerTest {
 protected:
  std::vector<const v1::ClockAnomaly*> AnomaliesIn(const std::vector<StoredEntry>& entries) {
    std::vector<const v1::ClockAnomaly*> anomalies;
    for (const StoredEntry& entry : entries) {
      if (entry.event.has_clock_anomaly()) anomalies.push_back(&entry.event.clock_anomaly());
    }
    return anomalies;
  }
  void ExpectNeverBackwards(const std::vector<StoredEntry>& entries) {
    for (size_t i = 1; i < entries.size(); ++i) {
      EXPECT_GE(entries[i].recorded_micros, entries[i - 1].recorded_micros) << "entry " << i;
    }
  }
};

TEST_F(LedgersClockTest, EntriesCarryTheTimeOfTheClock) {
  const uint32_t plant = Create("plant-a");
  clock_.Advance(10 * kSecond);
  const int64_t now = clock_.WallMicros();
  AppendOne(plant, Seen("e1"));
  EXPECT_EQ(EntriesOf(plant)[1].recorded_micros, now);
}

TEST_F(LedgersClockTest, ASmallStepBackIsHeldAndNotTold) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  clock_.Jump(-30 * kSecond);
  AppendOne(plant, Seen("e2"));
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  EXPECT_EQ(entries[2].recorded_micros, entries[1].recorded_micros);
  EXPECT_TRUE(AnomaliesIn(entries).empty());
}

TEST_F(LedgersClockTest, AJumpForwardIsAnEntry) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  clock_.Advance(kSecond);
  const int64_t expected = clock_.WallMicros();
  clock_.Jump(3600 * kSecond);
  const Receipt receipt = AppendOne(plant, Seen("e2"));
  clock_.Advance(kSecond);
  AppendOne(plant, Seen("e3"));
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  const auto anomalies = AnomaliesIn(entries);
  ASSERT_EQ(anomalies.size(), 1u);
  EXPECT_EQ(anomalies[0]->expected_micros(), expected);
  EXPECT_EQ(anomalies[0]->found_micros(), expected + 3600 * kSecond);
  EXPECT_EQ(receipt.sequence, 3u) << "the anomaly comes before the event";
  for (const StoredEntry& entry : entries) EXPECT_EQ(entry.tree_size > 0, true);
  ExpectTrue(receipt, entries);
  ExpectNeverBackwards(entries);
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(LedgersClockTest, AJumpBackIsAnEntryAndTimeStandsStill) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  clock_.Jump(-3600 * kSecond);
  AppendOne(plant, Seen("e2"));
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  ASSERT_EQ(AnomaliesIn(entries).size(), 1u);
  EXPECT_EQ(AnomaliesIn(entries)[0]->found_micros(), clock_.WallMicros());
  ExpectNeverBackwards(entries);
  EXPECT_THAT(Check(), IsClean());
}

// A clock that is set right after it was an hour ahead is behind the last entry
// for an hour. That is one fact, not one an entry.
TEST_F(LedgersClockTest, AClockThatStaysBehindIsToldOnce) {
  const uint32_t plant = Create("plant-a");
  clock_.Jump(3600 * kSecond);
  AppendOne(plant, Seen("e0"));
  clock_.Jump(-3600 * kSecond);
  for (int i = 1; i <= 20; ++i) {
    clock_.Advance(kSecond);
    AppendOne(plant, Seen("e" + std::to_string(i)));
  }
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  EXPECT_EQ(AnomaliesIn(entries).size(), 2u) << "forward once, back once";
  ExpectNeverBackwards(entries);
}

TEST_F(LedgersClockTest, AClockFarBehindAtOpeningIsAnEntry) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  const int64_t last = EntriesOf(plant)[1].recorded_micros;
  Close();
  clock_.Jump(-24 * 3600 * kSecond);
  SUYUAN_ASSERT_OK(Open());
  EXPECT_EQ(SizeOf(plant), 2u) << "told with the next event, not by opening";
  AppendOne(plant, Seen("e2"));
  const std::vector<StoredEntry> entries = EntriesOf(plant);
  const auto anomalies = AnomaliesIn(entries);
  ASSERT_EQ(anomalies.size(), 1u);
  EXPECT_EQ(anomalies[0]->expected_micros(), last);
  EXPECT_EQ(anomalies[0]->found_micros(), clock_.WallMicros());
  ExpectNeverBackwards(entries);
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(LedgersClockTest, ALongPauseIsNoAnomaly) {
  const uint32_t plant = Create("plant-a");
  AppendOne(plant, Seen("e1"));
  clock_.Advance(30 * 24 * 3600 * kSecond);
  AppendOne(plant, Seen("e2"));
  SUYUAN_ASSERT_OK(Reopen());
  clock_.Advance(30 * 24 * 3600 * kSecond);
  AppendOne(plant, Seen("e3"));
  EXPECT_TRUE(AnomaliesIn(EntriesOf(plant)).empty());
}

TEST_F(LedgersClockTest, ABatchStaysContiguousBehindItsAnomaly) {
  const uint32_t plant = Create("plant-a");
  clock_.Jump(7200 * kSecond);
  const Receipts receipts = Append(plant, Several("e", 50));
  SUYUAN_ASSERT_OK(receipts);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ((*receipts)[i].sequence, i + 2);
}

// ---------------------------------------------------------------- the index

using LedgersIndexTest = LedgerTest;

TEST_F(LedgersIndexTest, IsToldOfEveryEntryBeforeTheReceiptIsGiven) {
  const uint32_t plant = Create("plant-a");
  for (int i = 0; i < 10; ++i) {
    const Receipt receipt = AppendOne(plant, Seen("e" + std::to_string(i)));
    const std::vector<FakeIndex::Row> rows = index_.RowsOf(plant);
    ASSERT_EQ(rows.size(), receipt.sequence + 1);
    EXPECT_EQ(rows.back().leaf.view(), receipt.leaf_hash);
    EXPECT_EQ(rows.back().prepared, "of " + receipt.event_id);
  }
}

TEST_F(LedgersIndexTest, IsToldAllAgainAfterReopeningAndRebuilding) {
  const uint32_t a = Create("plant-a");
  const uint32_t b = Create("plant-b");
  SUYUAN_ASSERT_OK(Append(a, Several("e", 7)));
  SUYUAN_ASSERT_OK(Append(a, {Correcting("c", "e3"), Withdrawing("w", "e4")}));
  SUYUAN_ASSERT_OK(Append(b, Several("e", 3)));
  const std::vector<FakeIndex::Row> rows_a = index_.RowsOf(a);
  const std::vector<FakeIndex::Row> rows_b = index_.RowsOf(b);
  ASSERT_EQ(rows_a.size(), 10u);
  EXPECT_EQ(rows_a[8].corrects, 4u);

  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_EQ(index_.RowsOf(a), rows_a);
  EXPECT_EQ(index_.RowsOf(b), rows_b);

  SUYUAN_ASSERT_OK(ledgers_->Rebuild());
  EXPECT_EQ(index_.RowsOf(a), rows_a);
  EXPECT_EQ(index_.RowsOf(b), rows_b);
  EXPECT_TRUE(AppendOne(a, Seen("e0")).duplicate) << "ids are known after a rebuild";
  EXPECT_FALSE(AppendOne(a, Seen("e7")).duplicate);
  EXPECT_THAT(Check(), IsClean());
}

// An index that failed is made again at opening; what was stored stays.
TEST_F(LedgersIndexTest, ThatFailsCostsNoEntry) {
  const uint32_t plant = Create("plant-a");
  index_.FailApply(absl::InternalError("out of memory"));
  EXPECT_THAT(Append(plant, {Seen("e1")}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("out of memory")));
  index_.FailApply(absl::OkStatus());
  SUYUAN_ASSERT_OK(Reopen());
  const Receipt again = AppendOne(plant, Seen("e1"));
  EXPECT_TRUE(again.duplicate);
  ExpectTrue(again, EntriesOf(plant));
  EXPECT_EQ(index_.RowsOf(plant).size(), 2u);
}

}  // namespace
}  // namespace suyuan::ledger

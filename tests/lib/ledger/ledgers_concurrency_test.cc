#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/lib/ledger/ledger_fixture.h"

namespace suyuan::ledger {
namespace {

using LedgersConcurrencyTest = LedgerTest;

TEST_F(LedgersConcurrencyTest, ManyWritersLeaveWholeBatchesAtTheirPlaces) {
  constexpr int kThreads = 8;
  constexpr int kBatches = 200;
  const std::vector<uint32_t> ledgers = {Create("plant-a"), Create("plant-b"), Create("plant-c")};
  std::vector<std::vector<std::pair<uint32_t, std::vector<Receipt>>>> given(kThreads);
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937_64 random(static_cast<uint64_t>(t));
        for (int b = 0; b < kBatches; ++b) {
          const uint32_t ledger = ledgers[random() % ledgers.size()];
          std::vector<v1::Event> events =
              Several("t" + std::to_string(t) + "-b" + std::to_string(b) + "-", 1 + random() % 6);
          // What others have recorded, or are about to: in all ledgers alike.
          if (random() % 3 == 0) events.push_back(Seen("shared" + std::to_string(random() % 50)));
          const bool spoilt = random() % 10 == 0;
          if (spoilt) events.push_back(Correcting("c" + events[0].id(), "no such event"));
          Receipts receipts = Append(ledger, events);
          EXPECT_EQ(receipts.ok(), !spoilt) << receipts.status();
          if (spoilt) ++refused;
          if (receipts.ok()) given[t].emplace_back(ledger, *std::move(receipts));
        }
      });
    }
  }
  EXPECT_GT(refused, 0);

  for (const bool reopened : {false, true}) {
    if (reopened) {
      SUYUAN_ASSERT_OK(Reopen());
    }
    std::map<uint32_t, std::vector<StoredEntry>> entries;
    std::map<uint32_t, std::map<std::string, uint64_t>> places;
    for (const uint32_t ledger : ledgers) {
      entries[ledger] = EntriesOf(ledger);
      for (uint64_t i = 0; i < entries[ledger].size(); ++i) {
        const bool once = places[ledger].emplace(entries[ledger][i].event.id(), i).second;
        EXPECT_TRUE(once) << entries[ledger][i].event.id() << " stands twice";
      }
    }
    std::map<uint32_t, size_t> acknowledged;
    // Roots of all prefixes, each computed once.
    std::map<uint32_t, std::vector<Hash>> leaves;
    std::map<std::pair<uint32_t, uint64_t>, Hash> roots;
    for (const uint32_t ledger : ledgers) {
      for (const StoredEntry& entry : entries[ledger]) leaves[ledger].push_back(entry.leaf);
      acknowledged[ledger] = 1;  // the genesis
    }
    for (const auto& batches : given) {
      for (const auto& [ledger, receipts] : batches) {
        for (size_t i = 0; i < receipts.size(); ++i) {
          const Receipt& receipt = receipts[i];
          ASSERT_LT(receipt.sequence, entries[ledger].size());
          const StoredEntry& entry = entries[ledger][receipt.sequence];
          EXPECT_EQ(entry.event.id(), receipt.event_id);
          EXPECT_EQ(entry.leaf.view(), receipt.leaf_hash);
          EXPECT_EQ(entry.previous.view(), receipt.previous_hash);
          EXPECT_EQ(entry.tree_size, receipt.tree_size);
          ASSERT_LE(receipt.tree_size, leaves[ledger].size());
          Hash& root = roots[{ledger, receipt.tree_size}];
          if (root == Hash()) {
            root = TreeHash(std::span(leaves[ledger]).first(receipt.tree_size));
          }
          EXPECT_EQ(receipt.root, root.view());
          if (!receipt.duplicate) ++acknowledged[ledger];
          if (i > 0 && !receipt.duplicate && !receipts[i - 1].duplicate) {
            EXPECT_EQ(receipt.sequence, receipts[i - 1].sequence + 1) << "not contiguous";
          }
        }
      }
    }
    for (const uint32_t ledger : ledgers) {
      EXPECT_EQ(acknowledged[ledger], entries[ledger].size())
          << "entries that nobody was told of, or told of twice";
      for (const StoredEntry& entry : entries[ledger]) {
        EXPECT_FALSE(entry.event.id().starts_with("c")) << "of a refused batch";
      }
      EXPECT_EQ(index_.RowsOf(ledger).size(), entries[ledger].size());
    }
    EXPECT_THAT(Check(), IsClean());
  }
}

// The disk holds a write back; what is appended meanwhile waits in two stages.
class LedgersInFlightTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    plant_ = Create("plant-a");
  }
  // Appends in a thread of its own.
  void Begin(const std::vector<v1::Event>& events) {
    const size_t place = results_.size();
    results_.push_back(absl::UnknownError("not answered"));
    threads_.emplace_back([this, place, events] {
      Receipts receipts = Append(plant_, events);
      MutexLock lock(&mu_);
      results_[place] = std::move(receipts);
      ++answered_;
    });
  }
  int Answered() {
    MutexLock lock(&mu_);
    return answered_;
  }
  void AwaitAll() { threads_.clear(); }
  // Long enough for what was begun to be in the queue or further.
  static void Settle() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }

  uint32_t plant_ = 0;
  Mutex mu_;
  int answered_ ABSL_GUARDED_BY(mu_) = 0;
  std::deque<Receipts> results_;
  std::vector<std::jthread> threads_;
};

TEST_F(LedgersInFlightTest, NothingIsAnsweredOrSeenBeforeItIsDurable) {
  disk_.Hold();
  Begin({Seen("e1")});
  disk_.AwaitWaitingWrite();
  Begin({Seen("e1")});
  Begin({Seen("e2")});
  Settle();
  EXPECT_EQ(Answered(), 0);
  EXPECT_EQ(SizeOf(plant_), 1u);
  EXPECT_EQ(index_.RowsOf(plant_).size(), 1u);
  disk_.LetGo();
  AwaitAll();
  EXPECT_EQ(SizeOf(plant_), 3u);
}

TEST_F(LedgersInFlightTest, TheSameEventInFlightGivesOneEntryAndOneReceipt) {
  disk_.Hold();
  Begin({Seen("before")});
  disk_.AwaitWaitingWrite();
  for (int i = 0; i < 6; ++i) {
    Begin({Seen("e1")});
    if (i % 2 == 0) Settle();
  }
  Begin({Seen("e1", "other content")});
  Settle();
  EXPECT_EQ(Answered(), 0);
  disk_.LetGo();
  AwaitAll();
  EXPECT_EQ(SizeOf(plant_), 3u);
  const std::vector<StoredEntry> entries = EntriesOf(plant_);
  int accepted = 0;
  int firsts = 0;
  for (size_t i = 1; i < results_.size(); ++i) {
    if (!results_[i].ok()) {
      EXPECT_TRUE(absl::IsAlreadyExists(results_[i].status())) << results_[i].status();
      continue;
    }
    ++accepted;
    const Receipt& receipt = results_[i]->at(0);
    if (!receipt.duplicate) ++firsts;
    ExpectTrue(receipt, entries);
    EXPECT_EQ(receipt.tree_size, entries[2].tree_size);
    EXPECT_EQ(receipt.root, entries[2].root.view());
  }
  EXPECT_EQ(firsts, 1);
  // Either the six that agree or the one that differs came first.
  EXPECT_TRUE(accepted == 6 || accepted == 1) << accepted;
}

TEST_F(LedgersInFlightTest, ACorrectionFindsWhatIsInFlight) {
  disk_.Hold();
  Begin({Seen("e1")});
  disk_.AwaitWaitingWrite();
  Begin({Correcting("c1", "e1")});
  Settle();
  Begin({Withdrawing("w1", "c1")});
  Settle();
  disk_.LetGo();
  AwaitAll();
  for (const Receipts& result : results_) SUYUAN_EXPECT_OK(result);
  ASSERT_EQ(index_.RowsOf(plant_).size(), 4u);
  EXPECT_EQ(index_.RowsOf(plant_)[2].corrects, 1u);
  EXPECT_EQ(index_.RowsOf(plant_)[3].corrects, 2u);
}

TEST_F(LedgersInFlightTest, AFailedWriteFailsAllThatWaits) {
  const Receipt kept = AppendOne(plant_, Seen("kept"));
  disk_.Hold();
  Begin({Seen("e1")});
  disk_.AwaitWaitingWrite();
  for (int i = 0; i < 12; ++i) {
    Begin({Seen("queued" + std::to_string(i)), Seen("kept")});
    if (i % 4 == 0) Settle();
  }
  Settle();
  disk_.pairs().FailWrites(absl::ResourceExhaustedError("no space left"));
  disk_.LetGo();
  AwaitAll();
  for (const Receipts& result : results_) {
    EXPECT_THAT(result,
                StatusIs(absl::StatusCode::kUnavailable, testing::HasSubstr("no space left")));
  }
  EXPECT_EQ(SizeOf(plant_), 2u);

  // Nothing goes on after it, even if the disk does.
  disk_.pairs().FailWrites(absl::OkStatus());
  const uint64_t writes = disk_.writes();
  EXPECT_THAT(Append(plant_, {Seen("e2")}), StatusIs(absl::StatusCode::kUnavailable, testing::_));
  EXPECT_THAT(ledgers_->Create("plant-b", {}),
              StatusIs(absl::StatusCode::kUnavailable, testing::_));
  EXPECT_EQ(disk_.writes(), writes);
  EXPECT_EQ(EntriesOf(plant_).size(), 2u) << "what is there can still be read";

  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_EQ(SizeOf(plant_), 2u);
  EXPECT_EQ(AppendOne(plant_, Seen("kept")).leaf_hash, kept.leaf_hash);
  EXPECT_EQ(AppendOne(plant_, Seen("e1")).sequence, 2u);
  EXPECT_THAT(Check(), IsClean());
}

// The answer to a rebuild must not be that entries are lost when it is the
// store that failed.
TEST_F(LedgersInFlightTest, AfterAFailedWriteARebuildIsRefusedAndLosesNothing) {
  AppendOne(plant_, Seen("kept"));
  disk_.pairs().FailWrites(absl::ResourceExhaustedError("no space left"));
  EXPECT_FALSE(Append(plant_, {Seen("e1")}).ok());
  const std::vector<FakeIndex::Row> rows = index_.RowsOf(plant_);
  EXPECT_THAT(ledgers_->Rebuild(), StatusIs(absl::StatusCode::kUnavailable, testing::_));
  EXPECT_EQ(index_.RowsOf(plant_), rows);
}

}  // namespace
}  // namespace suyuan::ledger

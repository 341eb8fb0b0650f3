#include "lib/ledger/check.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/lib/ledger/tampering.h"

namespace suyuan::ledger {
namespace {

using testing::ElementsAre;
using testing::Field;
using CheckTest = TamperedTest;

TEST_F(CheckTest, ACleanStoreGivesSizesAndRoots) {
  const CheckReport report = Check();
  ASSERT_THAT(report, IsClean());
  EXPECT_THAT(report.ledgers, ElementsAre(Field(&LedgerHead::ledger, "plant-a"),
                                          Field(&LedgerHead::ledger, "plant-b")));
  EXPECT_EQ(report.ledgers[0].size, kSize);
  EXPECT_EQ(report.ledgers[0].root, TreeHash(leaves_).view());
}

TEST_F(CheckTest, VisitsEveryEntryWithItsLeaf) {
  std::vector<Hash> visited;
  CheckLedgers(
      disk_.pairs(), MarksDir(), {},
      [&](uint32_t ledger, const std::string& name, const StoredRecord& stored, const Hash& leaf) {
        if (ledger != plant_) return;
        EXPECT_EQ(name, "plant-a");
        EXPECT_EQ(stored.record.sequence, visited.size());
        EXPECT_EQ(merkle::LeafHash(stored.bytes), leaf);
        visited.push_back(leaf);
      });
  EXPECT_EQ(visited, leaves_);
}

TEST_F(CheckTest, AnEmptyStoreIsClean) {
  store::MemoryStore empty;
  const TempDir marks;
  EXPECT_THAT(CheckLedgers(empty, marks.path(), {}, {}), IsClean());
}

// The first broken entry by its number, with what its successor remembers of it
// and what it hashes to now. The other ledger is not touched by it.
TEST_F(CheckTest, NamesTheEntryThatWasFalsified) {
  for (uint64_t sequence = 1; sequence < kSize; ++sequence) {
    SCOPED_TRACE(sequence);
    const auto contents = disk_.pairs().Contents();
    Falsify(sequence);
    const CheckReport report = Check();
    ASSERT_FALSE(report.ok());
    const Problem& problem = report.problems[0];
    EXPECT_EQ(problem.ledger, "plant-a");
    EXPECT_EQ(problem.sequence, sequence) << Told(report);
    EXPECT_THAT(problem.what, testing::AnyOf("chain", "tree"));
    if (problem.what == "chain") {
      EXPECT_EQ(problem.expected, leaves_[sequence].hex());
    }
    EXPECT_EQ(problem.expected.size(), 64u);
    EXPECT_EQ(problem.found.size(), 64u);
    EXPECT_NE(problem.expected, problem.found);
    for (const Problem& other : report.problems) EXPECT_EQ(other.ledger, "plant-a");
    Restore(contents);
  }
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(CheckTest, NamesAFalsifiedGenesis) {
  EditRecord(0, [](storage::v1::Record& record) {
    v1::Event event;
    ASSERT_TRUE(event.ParseFromString(record.event()));
    event.mutable_genesis()->set_owner("ext:test:somebody-else");
    record.set_event(event.SerializeAsString());
  });
  EXPECT_FALSE(Check().ok());
  EXPECT_EQ(Check().problems[0].sequence, 0u);
}

TEST_F(CheckTest, NamesTheFirstOfSeveral) {
  Falsify(11);
  Falsify(6);
  Falsify(9);
  EXPECT_THAT(Check(), SaysFirst("plant-a", 6, "chain"));
}

TEST_F(CheckTest, AnyFieldOfARecordIsHeld) {
  const auto contents = disk_.pairs().Contents();
  EditRecord(9, [](storage::v1::Record& record) { record.set_event_id("another"); });
  EXPECT_EQ(Check().problems.at(0).sequence, 9u);
  Restore(contents);
  EditRecord(9, [](storage::v1::Record& record) {
    record.set_recorded_micros(record.recorded_micros() + 1);
  });
  EXPECT_FALSE(Check().ok());
  Restore(contents);
  EditRecord(9, [](storage::v1::Record& record) { record.set_recorded_micros(1); });
  EXPECT_EQ(Check().problems.at(0).sequence, 9u);
  Restore(contents);
  // The link itself: the entry before it is not the liar, but it is where the
  // chain breaks.
  EditRecord(9, [](storage::v1::Record& record) { (*record.mutable_previous())[0] ^= 1; });
  EXPECT_FALSE(Check().ok());
  EXPECT_THAT(Check().problems.at(0).sequence, testing::AnyOf(8u, 9u));
}

TEST_F(CheckTest, SwappedValuesAreNamedAtTheFirstOfTheTwo) {
  Swap(Key(3), Key(10));
  EXPECT_THAT(Check(), SaysFirst("plant-a", 3, "entry"));
}

TEST_F(CheckTest, SwappedRecordsWithinACommit) {
  EditChunk(5, [](Chunk& chunk) { std::swap(chunk.records[0], chunk.records[2]); });
  EXPECT_THAT(Check(), SaysFirst("plant-a", 5, "entry"));
}

// With their numbers and links made right again, the swap shows in the tree.
TEST_F(CheckTest, EventsThatChangedPlaces) {
  std::string at_3;
  std::string at_10;
  EditRecord(3, [&](storage::v1::Record& record) { at_3 = record.event(); });
  EditRecord(10, [&](storage::v1::Record& record) { at_10 = record.event(); });
  EditRecord(3, [&](storage::v1::Record& record) { record.set_event(at_10); });
  EditRecord(10, [&](storage::v1::Record& record) { record.set_event(at_3); });
  EXPECT_EQ(Check().problems.at(0).sequence, 3u);
}

TEST_F(CheckTest, ADroppedChunk) {
  Erase(Key(5));
  const CheckReport report = Check();
  EXPECT_THAT(report, SaysFirst("plant-a", 5, "entry"));
  EXPECT_EQ(report.problems[0].expected, "entry 5");
  EXPECT_EQ(report.problems[0].found, "entry 8");
}

TEST_F(CheckTest, AnEntryOfAnotherLedger) {
  Put(Key(2), Value(EntryKey(other_, 1)));
  EXPECT_EQ(Check().problems.at(0).ledger, "plant-a");
  EXPECT_EQ(Check().problems.at(0).sequence, 2u);
}

TEST_F(CheckTest, GarbageInTheMiddle) {
  Put(Key(5), "garbage");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 5, "entry"));
  Put(Key(5), "");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 5, "entry"));
}

TEST_F(CheckTest, AChainMadeAnewIsCaughtByTheMark) {
  FalsifyThoroughly(4);
  const CheckReport report = Check();
  EXPECT_THAT(report, SaysFirst("plant-a", 15, "chain"));
  EXPECT_EQ(report.problems[0].expected, leaves_[15].hex());
}

TEST_F(CheckTest, AChainMadeAnewUnderTheOldHead) {
  const std::string head = Value(HeadKey(plant_));
  FalsifyThoroughly(4);
  Put(HeadKey(plant_), head);
  EXPECT_THAT(Check(), SaysFirst("plant-a", kSize, "head"));
}

// The tree behind a commit is part of the first receipt of its events: a
// duplicate is answered from it.
TEST_F(CheckTest, TheTreeThatACommitNamesIsHeld) {
  const auto contents = disk_.pairs().Contents();
  const auto expect_caught = [&](const char* how) {
    EXPECT_FALSE(Check().ok()) << how;
    Restore(contents);
  };
  EditChunk(3, [](Chunk& chunk) { chunk.root.bytes[0] ^= 1; });
  expect_caught("another root");
  EditChunk(3, [](Chunk& chunk) { chunk.tree_size = 3; });
  expect_caught("a smaller tree");
  EditChunk(3, [](Chunk& chunk) { chunk.tree_size = 5; });
  expect_caught("the tree of a later commit, with this one's root");
  EditChunk(3, [](Chunk& chunk) {
    chunk.tree_size = 6;
    chunk.root = Sha256({"anything"});
  });
  expect_caught("a tree that no commit ended with");
  EditChunk(3, [](Chunk& chunk) {
    chunk.tree_size = 1'000'000;
    chunk.root = Sha256({"anything"});
  });
  expect_caught("a tree larger than the ledger");
  EditChunk(13, [](Chunk& chunk) {
    chunk.tree_size = kSize + 1;
    chunk.root = Sha256({"anything"});
  });
  expect_caught("the last commit, with a tree larger than the ledger");
}

TEST_F(CheckTest, EntriesWithoutARow) {
  Erase(InfoKey(plant_));
  const CheckReport report = Check();
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.ledgers.size(), 1u) << "the other ledger is checked all the same";
}

TEST_F(CheckTest, ARowWithoutEntries) {
  for (uint64_t i = 0; i < kSize; ++i) Erase(Key(i));
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "entry"));
  Erase(HeadKey(plant_));
  EXPECT_FALSE(Check().ok());
}

TEST_F(CheckTest, ADamagedSlotOfAMarkIsTold) {
  std::string bytes = *ReadFile(MarkPath("plant-a"));
  for (const size_t at : {40, 168}) {
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant-a"), bytes));
    const CheckReport report = Check();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.problems[0].what, "head");
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
  }
}

TEST_F(CheckTest, EveryFlippedBitOfAStoredValueIsTold) {
  const Silence silence;
  std::string unnoticed;
  for (const uint64_t first : {0, 3, 5, 13}) {
    const std::string value = Value(Key(first));
    for (size_t bit = 0; bit < value.size() * 8; ++bit) {
      std::string flipped = value;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      Put(Key(first), flipped);
      if (Check().ok()) unnoticed += " " + std::to_string(first) + ":" + std::to_string(bit);
    }
    Put(Key(first), value);
  }
  EXPECT_EQ(unnoticed, "") << "bits (chunk:bit) that went unnoticed";
  EXPECT_THAT(Check(), IsClean());
}

}  // namespace
}  // namespace suyuan::ledger

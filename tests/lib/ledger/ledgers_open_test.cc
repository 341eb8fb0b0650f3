#include <gtest/gtest.h>

#include <string>

#include "tests/lib/ledger/tampering.h"

namespace suyuan::ledger {
namespace {

using LedgersOpenTest = TamperedTest;

TEST_F(LedgersOpenTest, AnUntouchedStoreOpensAndChangesNothing) {
  const auto pairs = disk_.pairs().Contents();
  SUYUAN_ASSERT_OK(Open());
  EXPECT_EQ(LeavesOf(plant_), leaves_);
  Close();
  EXPECT_EQ(disk_.pairs().Contents(), pairs);
  EXPECT_THAT(Check(), IsClean());
}

// ---------------------------------------------------------------- marks

TEST_F(LedgersOpenTest, WithoutItsMark) {
  SUYUAN_ASSERT_OK(RemoveFile(MarkPath("plant-a")));
  ExpectRefused("mark is missing");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "head"));
}

TEST_F(LedgersOpenTest, WithoutAnyMarks) {
  for (const std::string& name : MarkNames()) {
    SUYUAN_ASSERT_OK(RemoveFile(MarksDir() + "/" + name));
  }
  ExpectRefused("mark is missing");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, WithTheMarkAhead) {
  RewriteMark([](Mark& mark) { mark.size = kSize + 2; });
  ExpectRefused("entries 16 to 17 are missing");
  EXPECT_THAT(Check(), SaysFirst("plant-a", kSize, "entry"));
}

TEST_F(LedgersOpenTest, WithAMarkOfAnotherLeaf) {
  RewriteMark([](Mark& mark) { mark.last_leaf.bytes[5] ^= 1; });
  ExpectRefused("entry 15: leaf hash");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 15, "chain"));
}

TEST_F(LedgersOpenTest, WithAMarkOfAnotherRoot) {
  RewriteMark([](Mark& mark) { mark.root.bytes[5] ^= 1; });
  ExpectRefused("root of size 16");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 15, "tree"));
}

TEST_F(LedgersOpenTest, WithTheMarkOfAnotherLedger) {
  SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant-a"), *ReadFile(MarkPath("plant-b"))));
  ExpectRefused("not the ledger of its mark");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "head"));
}

TEST_F(LedgersOpenTest, WithoutAWholeSlotInTheMark) {
  SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant-a"), std::string(256, 'x')));
  ExpectRefused("no slot is whole");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "head"));
}

TEST_F(LedgersOpenTest, WithAMarkWhoseLedgerIsGone) {
  for (const auto& [key, value] : disk_.pairs().Contents()) {
    if (key.substr(1, 4) == InfoKey(plant_).substr(1, 4)) Erase(key);
  }
  ExpectRefused("expected 16 entries by its mark");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "store"));
}

TEST_F(LedgersOpenTest, AnEmptyDatabaseUnderMarks) {
  Restore({});
  ExpectRefused("by its mark");
  EXPECT_FALSE(Check().ok());
}

// What a crash leaves: the mark is a commit behind. It is brought up.
TEST_F(LedgersOpenTest, AMarkBehindIsBroughtForward) {
  RewriteMark([&](Mark& mark) {
    merkle::Frontier frontier;
    for (int i = 0; i < 13; ++i) frontier.Append(leaves_[static_cast<size_t>(i)]);
    mark = {13, frontier.Root(), leaves_[12], mark.origin};
  });
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_ASSERT_OK(Open());
  EXPECT_EQ(LeavesOf(plant_), leaves_);
  EXPECT_EQ(MarkFile::Read(MarkPath("plant-a"))->mark.size, kSize);
}

// A power cut in the middle of the first Create leaves a mark of nothing.
TEST_F(LedgersOpenTest, AMarkOfNothingIsRemoved) {
  SUYUAN_ASSERT_OK(MarkFile::Create(MarkPath("plant-c"), {0, {}, {}, Sha256({"c"})}));
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_ASSERT_OK(Open());
  EXPECT_THAT(MarkFile::Read(MarkPath("plant-c")),
              StatusIs(absl::StatusCode::kNotFound, testing::_));
  Create("plant-c");
}

// ---------------------------------------------------------------- entries

TEST_F(LedgersOpenTest, RolledBackContents) {
  const auto old = disk_.pairs().Contents();
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(Append(plant_, {Seen("recalled lot")}));
  Close();
  Restore(old);
  ExpectRefused("entries 16 to 16 are missing");
  EXPECT_THAT(Check(), SaysFirst("plant-a", kSize, "entry"));
}

TEST_F(LedgersOpenTest, RolledBackAndWrittenOnElsewhere) {
  const auto old = disk_.pairs().Contents();
  const auto old_marks = Marks();
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(Append(plant_, {Seen("recalled lot")}));
  Close();
  const std::string mark = *ReadFile(MarkPath("plant-a"));
  // The same number of entries, with another story.
  Restore(old);
  for (const auto& [name, bytes] : old_marks) {
    SUYUAN_ASSERT_OK(WriteFileAtomically(MarksDir() + "/" + name, bytes));
  }
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(Append(plant_, {Seen("nothing happened"), Seen("nor here")}));
  Close();
  SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant-a"), mark));
  ExpectRefused("entry 16: leaf hash");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 16, "chain"));
}

TEST_F(LedgersOpenTest, ASwappedPairOfEntries) {
  Swap(Key(2), Key(3));
  ExpectRefused("entry 2");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 2, "entry"));
}

TEST_F(LedgersOpenTest, ADroppedEntry) {
  Erase(Key(9));
  ExpectRefused("entry 9");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 9, "entry"));
}

TEST_F(LedgersOpenTest, ADroppedCommitOfSeveral) {
  Erase(Key(5));
  ExpectRefused("entry 5");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 5, "entry"));
}

TEST_F(LedgersOpenTest, ADroppedRecordWithinACommit) {
  EditChunk(6, [](Chunk& chunk) { chunk.records.erase(chunk.records.begin() + 1); });
  ExpectRefused("entry 6");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 6, "entry"));
}

TEST_F(LedgersOpenTest, ADroppedGenesis) {
  Erase(Key(0));
  ExpectRefused("entry 0");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "entry"));
}

TEST_F(LedgersOpenTest, ADroppedEnd) {
  Erase(Key(13));
  ExpectRefused("entry 15");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 13, "entry"));
}

TEST_F(LedgersOpenTest, AnEndThatWasCutWithTheHead) {
  for (const uint64_t size : {13, 12, 8, 5, 1}) {
    CutTo(size);
    ExpectRefused("entries " + std::to_string(size) + " to 15 are missing");
    EXPECT_THAT(Check(), SaysFirst("plant-a", size, "entry"));
  }
}

TEST_F(LedgersOpenTest, AnEndThatWasCutWithoutTheHeadsKnowledge) {
  EditChunk(13, [](Chunk& chunk) { chunk.records.pop_back(); });
  ExpectRefused("entry 15");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 15, "entry"));
}

TEST_F(LedgersOpenTest, AnEntryMore) {
  std::string record;
  AppendRecord({kSize, 1, "slipped in", leaves_.back(), Seen("slipped in").SerializeAsString()},
               &record);
  ChunkBuilder builder;
  builder.Add(record);
  merkle::Frontier frontier;
  for (const Hash& leaf : leaves_) frontier.Append(leaf);
  frontier.Append(merkle::LeafHash(record));
  Put(Key(kSize), builder.Finish(kSize + 1, frontier.Root()));
  ExpectRefused("behind its head");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, ChainAndTreeMadeAnewBehindAFalsifiedEntry) {
  for (const uint64_t sequence : {15, 9, 6, 1}) {
    FalsifyThoroughly(sequence);
    ExpectRefused("entry 15: leaf hash");
    EXPECT_THAT(Check(), SaysFirst("plant-a", 15, "chain"));
  }
}

// ---------------------------------------------------------------- head and row

TEST_F(LedgersOpenTest, NoHead) {
  Erase(HeadKey(plant_));
  ExpectRefused("no head");
  EXPECT_THAT(Check(), SaysFirst("plant-a", 0, "head"));
}

TEST_F(LedgersOpenTest, TheHeadOfAnotherLedger) {
  Put(HeadKey(plant_), Value(HeadKey(other_)));
  ExpectRefused("entr");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, EveryFlippedBitOfTheHead) {
  const std::string head = Value(HeadKey(plant_));
  for (size_t bit = 0; bit < head.size() * 8; ++bit) {
    std::string flipped = head;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    Put(HeadKey(plant_), flipped);
    const bool clean = Check().ok();
    const absl::Status opened = Open();
    Close();
    EXPECT_TRUE(opened.ok() || absl::IsDataLoss(opened)) << opened;
    EXPECT_FALSE(clean) << "bit " << bit << " of the head went unnoticed";
  }
}

TEST_F(LedgersOpenTest, ADamagedRow) {
  Put(InfoKey(plant_), "damaged");
  ExpectRefused("row is damaged");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, RowsThatChangedPlaces) {
  Swap(InfoKey(plant_), InfoKey(other_));
  ExpectRefused("row is damaged");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, NamesThatChangedPlaces) {
  for (const auto& [number, name] : {std::pair{plant_, "plant-b"}, {other_, "plant-a"}}) {
    storage::v1::LedgerInfo info;
    info.set_format(1);
    info.set_number(number);
    info.set_name(name);
    Put(InfoKey(number), info.SerializeAsString());
  }
  ExpectRefused("not the ledger of its mark");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, TwoRowsOfOneName) {
  storage::v1::LedgerInfo info;
  info.set_format(1);
  info.set_number(other_);
  info.set_name("plant-a");
  Put(InfoKey(other_), info.SerializeAsString());
  ExpectRefused("not the ledger of its mark");
  EXPECT_FALSE(Check().ok());
}

// What opening refuses, the check names.
TEST_F(LedgersOpenTest, ARowOfAnotherFormat) {
  storage::v1::LedgerInfo info;
  info.set_format(2);
  info.set_number(plant_);
  info.set_name("plant-a");
  Put(InfoKey(plant_), info.SerializeAsString());
  ExpectRefused("row is damaged");
  EXPECT_FALSE(Check().ok());
}

TEST_F(LedgersOpenTest, EveryFlippedBitOfTheRow) {
  const Silence silence;
  const std::string row = Value(InfoKey(plant_));
  std::string unnoticed;
  for (size_t bit = 0; bit < row.size() * 8; ++bit) {
    std::string flipped = row;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    Put(InfoKey(plant_), flipped);
    EXPECT_TRUE(absl::IsDataLoss(Open())) << "bit " << bit;
    Close();
    if (Check().ok()) unnoticed += " " + std::to_string(bit);
  }
  EXPECT_EQ(unnoticed, "") << "bits of the row that the check did not notice";
}

}  // namespace
}  // namespace suyuan::ledger

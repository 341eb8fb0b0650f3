// What a ledger signs and proves, and that it does not open without what it signed.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lib/ledger/tiles.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile.h"
#include "tests/lib/ledger/tampering.h"

namespace suyuan::ledger {
namespace {

using merkle::Tile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ProofsTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    plant_ = Create("plant");
  }

  // Appends until the ledger has `size` entries, in batches of up to 97.
  void GrowTo(uint64_t size) {
    while (SizeOf(plant_) < size) {
      const uint64_t count = std::min<uint64_t>(97, size - SizeOf(plant_));
      SUYUAN_ASSERT_OK(Append(plant_, Several("e" + std::to_string(SizeOf(plant_)) + "-", count)));
    }
  }
  merkle::Policy Trusting(const std::vector<std::string>& vkeys) const {
    std::string text;
    for (const std::string& vkey : vkeys) text += "log " + vkey + "\n";
    absl::StatusOr<merkle::Policy> policy = merkle::Policy::Parse(text + "quorum none\n");
    EXPECT_THAT(policy, IsOk());
    return *std::move(policy);
  }
  std::vector<std::string> Keys() const { return *ledgers_->Keys(plant_); }
  std::string KeyPath() const { return KeysDir() + "/plant.key"; }
  std::string NotePath() const { return MarksDir() + "/plant.checkpoint"; }
  size_t TileRows() {
    size_t count = 0;
    for (const auto& [key, value] : disk_.pairs().Contents()) count += key.starts_with('t');
    return count;
  }

  uint32_t plant_ = 0;
};

TEST_F(ProofsTest, ANewLedgerNamesItsKeyAndSignsItsGenesis) {
  const absl::StatusOr<std::string> note = ledgers_->Checkpoint(plant_);
  SUYUAN_ASSERT_OK(note);
  const v1::Genesis genesis = ledgers_->Get(plant_)->genesis;
  EXPECT_THAT(Keys(), ElementsAre(genesis.verifier_key()));
  const auto head = Trusting({genesis.verifier_key()}).VerifyCheckpoint(*note);
  SUYUAN_ASSERT_OK(head);
  EXPECT_EQ(head->origin, genesis.origin());
  EXPECT_EQ(head->size, 1);
  EXPECT_EQ(head->root, LeavesOf(plant_)[0]);
  // On disk before it was given out.
  EXPECT_EQ(*ReadFile(NotePath()), *note);
}

TEST_F(ProofsTest, EveryEntryIsProvedWhateverTheSize) {
  for (const uint64_t size : {2, 3, 255, 256, 257, 511, 512, 513, 700}) {
    GrowTo(size);
    const std::vector<StoredEntry> entries = EntriesOf(plant_);
    SUYUAN_ASSERT_OK(ledgers_->Checkpoint(plant_));
    const merkle::Policy policy = Trusting(Keys());
    for (uint64_t i = 0; i < size; ++i) {
      const absl::StatusOr<merkle::ProofFile> proof = ledgers_->Prove(plant_, i);
      SUYUAN_ASSERT_OK(proof);
      const auto head = policy.VerifyProof(*proof, entries[i].bytes);
      SUYUAN_ASSERT_OK(head) << i << " of " << size;
      ASSERT_EQ(head->size, size);
      ASSERT_FALSE(policy.VerifyProof(*proof, entries[(i + 1) % size].bytes).ok());
    }
    EXPECT_THAT(ledgers_->Prove(plant_, size), StatusIs(absl::StatusCode::kOutOfRange, testing::_));
  }
}

TEST_F(ProofsTest, AnEventThatWasJustAppendedIsProvedAtOnce) {
  SUYUAN_ASSERT_OK(ledgers_->Checkpoint(plant_));
  AppendOne(plant_, Seen("new"));
  const absl::StatusOr<uint64_t> place = ledgers_->Find(plant_, "new");
  SUYUAN_ASSERT_OK(place);
  const absl::StatusOr<merkle::ProofFile> proof = ledgers_->Prove(plant_, *place);
  SUYUAN_ASSERT_OK(proof);
  SUYUAN_EXPECT_OK(Trusting(Keys()).VerifyProof(*proof, EntriesOf(plant_)[1].bytes));
  EXPECT_THAT(ledgers_->Find(plant_, "never"), StatusIs(absl::StatusCode::kNotFound, testing::_));
  EXPECT_THAT(ledgers_->Find(plant_ + 1, "new"), StatusIs(absl::StatusCode::kNotFound, testing::_));
}

TEST_F(ProofsTest, AnySizeBeginsWithAnyOther) {
  GrowTo(600);
  const std::vector<Hash> leaves = LeavesOf(plant_);
  const auto root = [&](uint64_t size) {
    return TreeHash(std::vector<Hash>(leaves.begin(), leaves.begin() + static_cast<long>(size)));
  };
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const uint64_t to = 1 + random() % 600;
    const uint64_t from = random() % (to + 1);
    const auto proof = ledgers_->ProveConsistency(plant_, from, to);
    SUYUAN_ASSERT_OK(proof);
    SUYUAN_ASSERT_OK(merkle::VerifyConsistency(from, root(from), to, root(to), *proof))
        << from << " to " << to;
  }
  EXPECT_THAT(ledgers_->ProveConsistency(plant_, 1, 601),
              StatusIs(absl::StatusCode::kOutOfRange, testing::_));
  EXPECT_THAT(ledgers_->ProveConsistency(plant_, 3, 2),
              StatusIs(absl::StatusCode::kOutOfRange, testing::_));
}

// ---------------------------------------------------------------- tiles

TEST_F(ProofsTest, ATileIsStoredWhenItIsFullAndNotBefore) {
  GrowTo(255);
  EXPECT_EQ(TileRows(), 0u);
  GrowTo(256);
  EXPECT_EQ(TileRows(), 1u);
  GrowTo(600);
  EXPECT_EQ(TileRows(), 2u);
  std::string expected;
  for (const Hash& leaf : LeavesOf(plant_)) expected += leaf.view();
  EXPECT_EQ(*ledgers_->Tile(plant_, {0, 0}) + *ledgers_->Tile(plant_, {0, 1}) +
                *ledgers_->Tile(plant_, {0, 2, 600 - 512}),
            expected);
  EXPECT_THAT(*ledgers_->Tile(plant_, {1, 0, 2}), SizeIs(64));
  EXPECT_EQ(*ledgers_->Tile(plant_, {0, 0, 3}), expected.substr(0, 96));
  for (const Tile& tile : {Tile{0, 2, 89}, Tile{0, 2}, Tile{0, 3, 1}, Tile{1, 0, 3}, Tile{2, 0, 1},
                           Tile{Tile::kEntries, 2, 89}, Tile{7, ~uint64_t{0} >> 8, 1}}) {
    EXPECT_THAT(ledgers_->Tile(plant_, tile), StatusIs(absl::StatusCode::kNotFound, testing::_))
        << merkle::TilePath(tile);
  }
  const absl::StatusOr<std::string> bundle = ledgers_->Tile(plant_, {Tile::kEntries, 1});
  SUYUAN_ASSERT_OK(bundle);
  const auto entries = merkle::ParseBundle(*bundle, 256);
  SUYUAN_ASSERT_OK(entries);
  EXPECT_EQ((*entries)[7], EntriesOf(plant_)[256 + 7].bytes);
}

TEST_F(ProofsTest, TilesThatAreLostOrDamagedAreFoundAndMadeAgain) {
  GrowTo(600);
  Close();
  ASSERT_THAT(Check(), IsClean());
  const auto before = disk_.pairs().Contents();
  for (const bool lost : {true, false}) {
    const std::string key = TileKey(plant_, 0, 1);
    if (lost) {
      Erase(key);
    } else {
      std::string value = Value(key);
      value[100] ^= 1;
      Put(key, value);
    }
    EXPECT_THAT(Check(), SaysFirst("plant", 511, "tree"));
    SUYUAN_ASSERT_OK(Open());
    Close();
    EXPECT_EQ(disk_.pairs().Contents(), before);
    EXPECT_THAT(Check(), IsClean());
  }
}

TEST_F(ProofsTest, RebuildingMakesTilesAgain) {
  GrowTo(600);
  const auto before = disk_.pairs().Contents();
  Erase(TileKey(plant_, 0, 0));
  EXPECT_THAT(ledgers_->Prove(plant_, 3), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  SUYUAN_ASSERT_OK(ledgers_->Rebuild());
  EXPECT_EQ(disk_.pairs().Contents(), before);
  SUYUAN_EXPECT_OK(ledgers_->Prove(plant_, 3));
}

TEST_F(ProofsTest, WhatIsKeptOfTilesChangesNoProof) {
  GrowTo(1500);
  SUYUAN_ASSERT_OK(ledgers_->Checkpoint(plant_));
  const std::unique_ptr<store::Store> store = disk_.Plug();
  const auto edge = ReadEdge(*store, plant_, 1500, TreeHash(LeavesOf(plant_)));
  SUYUAN_ASSERT_OK(edge);
  TileCache none(0);
  TileCache two(2'500);
  TileCache all;
  std::mt19937 random(6);
  for (int round = 0; round < 500; ++round) {
    const uint64_t index = random() % 1500;
    const std::vector<Hash> expected = ledgers_->Prove(plant_, index)->path;
    for (TileCache* const cache : {&none, &two, &all}) {
      const TreeReader read(*store, plant_, *edge, cache);
      EXPECT_EQ(*merkle::InclusionProof(index, 1500, read), expected) << index;
    }
  }
  const TreeReader read(*store, plant_, *edge, &all);
  for (const auto& [level, index] :
       std::vector<std::pair<int, uint64_t>>{{-1, 0}, {0, 1500}, {8, 5}, {11, 0}, {64, 0}}) {
    EXPECT_THAT(read(level, index), StatusIs(absl::StatusCode::kOutOfRange, testing::_));
  }
}

// ---------------------------------------------------------------- what was signed binds

TEST_F(ProofsTest, AStoreThatWasPutBackWithItsMarkIsRefused) {
  GrowTo(5);
  Close();
  const auto pairs = disk_.pairs().Contents();
  const std::string mark = *ReadFile(MarkPath("plant"));
  SUYUAN_ASSERT_OK(Open());
  GrowTo(9);
  Close();
  Restore(pairs);
  SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant"), mark));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss,
                               HasSubstr("expected 9 entries, by the checkpoint")));
}

TEST_F(ProofsTest, AnotherHistoryBehindWhatWasSignedIsRefused) {
  GrowTo(5);
  Close();
  const auto pairs = disk_.pairs().Contents();
  const std::string mark = *ReadFile(MarkPath("plant"));
  const std::string note = *ReadFile(NotePath());
  SUYUAN_ASSERT_OK(Open());
  GrowTo(9);
  Close();
  const std::string newer = *ReadFile(NotePath());
  Restore(pairs);
  SUYUAN_ASSERT_OK(WriteFileAtomically(MarkPath("plant"), mark));
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), note));
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(Append(plant_, Several("other", 7)));
  Close();
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), newer));
  EXPECT_THAT(Check(), SaysFirst("plant", 8, "tree"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("root of size 9")));
}

TEST_F(ProofsTest, ACheckpointThatIsNotTheLedgersIsRefused) {
  GrowTo(5);
  Close();
  const std::string good = *ReadFile(NotePath());
  std::string other_signature = good;
  // Within the base64 of the signature.
  other_signature[good.size() - 10] = good[good.size() - 10] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("nothing"), other_signature}) {
    SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), bad));
    EXPECT_FALSE(Check().ok());
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checkpoint")));
  }
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), good));
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_EXPECT_OK(Open());
}

TEST_F(ProofsTest, ACheckpointWhoseLedgerIsGone) {
  Close();
  SUYUAN_ASSERT_OK(RemoveFile(MarkPath("plant")));
  Restore({});
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("by its checkpoint")));
}

TEST_F(ProofsTest, WhatIsSignedGrowsByItself) {
  AppendOne(plant_, Seen("e"));
  for (int i = 0; i < 200; ++i) {
    const absl::StatusOr<std::string> note = ReadFile(NotePath());
    if (note.ok() && Trusting(Keys()).VerifyCheckpoint(*note)->size == 2) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << "nothing was signed in ten seconds";
}

// ---------------------------------------------------------------- keys

TEST_F(ProofsTest, ANewKeyIsNamedInTheLedgerAndSignedByTheOldOne) {
  const std::string old_key = Keys()[0];
  GrowTo(5);
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_));
  ASSERT_THAT(Keys(), SizeIs(2));
  const std::string new_key = Keys()[0];
  EXPECT_NE(new_key, old_key);
  EXPECT_EQ(EntriesOf(plant_).back().event.signing_key().verifier_key(), new_key);
  std::string note = *ledgers_->Checkpoint(plant_);
  for (const std::string& key : {old_key, new_key}) {
    EXPECT_EQ(Trusting({key}).VerifyCheckpoint(note)->size, 6) << key;
  }
  SUYUAN_ASSERT_OK(Reopen());
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  EXPECT_THAT(Keys(), ElementsAre(new_key));
  EXPECT_THAT(ledgers_->RetireKeys(plant_),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  GrowTo(8);
  note = *ledgers_->Checkpoint(plant_);
  SUYUAN_EXPECT_OK(Trusting({new_key}).VerifyCheckpoint(note));
  EXPECT_THAT(Trusting({old_key}).VerifyCheckpoint(note),
              StatusIs(absl::StatusCode::kPermissionDenied, testing::_));
  Close();
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_EXPECT_OK(Open());
}

TEST_F(ProofsTest, OnlyTheOwnerMayReadAKey) {
  struct stat info;
  ASSERT_EQ(stat(KeyPath().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  Close();
  ASSERT_EQ(chmod(KeyPath().c_str(), 0644), 0);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("0600")));
}

TEST_F(ProofsTest, ADamagedKeyIsNamed) {
  Close();
  const std::string good = *ReadFile(KeyPath());
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 1;
    SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), bad, 0600));
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("signing key"))) << at;
  }
}

// Tracing the bad milk powder needs no key.
TEST_F(ProofsTest, WithoutItsKeyALedgerIsReadAndNotSigned) {
  GrowTo(5);
  Close();
  SUYUAN_ASSERT_OK(RemoveFile(KeyPath()));
  SUYUAN_ASSERT_OK(Open());
  EXPECT_THAT(Keys(), IsEmpty());
  GrowTo(7);
  EXPECT_THAT(ledgers_->Checkpoint(plant_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(KeyPath())));
  // What was signed before still proves what it counts.
  SUYUAN_EXPECT_OK(ledgers_->Prove(plant_, 4));
  EXPECT_THAT(ledgers_->Prove(plant_, 5),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(ProofsTest, ALedgerThatWasAboutToBeMadeLeavesNoKey) {
  Close();
  const Hash origin = Sha256({"suyuan/next/00"});
  SUYUAN_ASSERT_OK(MarkFile::Create(MarkPath("next"), {0, {}, {}, origin}));
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeysDir() + "/next.key", *ReadFile(KeyPath()), 0600));
  SUYUAN_ASSERT_OK(Open());
  const uint32_t next = Create("next");
  EXPECT_THAT(*ledgers_->Keys(next), SizeIs(1));
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(next));
}

// A store of a version that neither signed nor kept tiles.
TEST_F(ProofsTest, AnOlderLedgerGetsAKeyWhenItIsOpened) {
  Close();
  Restore({});
  for (const std::string& path : {MarkPath("plant"), NotePath(), KeyPath()}) {
    SUYUAN_ASSERT_OK(RemoveFile(path));
  }
  const std::string origin = "suyuan/plant/0123";
  v1::Event genesis;
  genesis.set_id("suyuan:genesis");
  genesis.mutable_genesis()->set_origin(origin);
  genesis.mutable_genesis()->set_format(1);
  genesis.mutable_genesis()->set_owner("ext:test:owner");
  Head head;
  head.last_leaf = Sha256({origin});
  ChunkBuilder chunk;
  for (uint64_t i = 0; i < 300; ++i) {
    const v1::Event event = i == 0 ? genesis : Seen("e" + std::to_string(i));
    std::string record;
    AppendRecord(
        {i, static_cast<int64_t>(i), event.id(), head.last_leaf, event.SerializeAsString()},
        &record);
    chunk.Add(record);
    head.last_leaf = merkle::LeafHash(record);
    head.last_recorded_micros = static_cast<int64_t>(i);
    head.frontier.Append(head.last_leaf);
  }
  storage::v1::LedgerInfo info;
  info.set_format(1);
  info.set_number(1);
  info.set_name("plant");
  Put(InfoKey(1), info.SerializeAsString());
  Put(EntryKey(1, 0), chunk.Finish(300, head.frontier.Root()));
  Put(HeadKey(1), EncodeHead(head));
  SUYUAN_ASSERT_OK(MarkFile::Create(MarkPath("plant"),
                                    {300, head.frontier.Root(), head.last_leaf, Sha256({origin})}));

  SUYUAN_ASSERT_OK(Open());
  ASSERT_THAT(*ledgers_->Keys(1), SizeIs(1));
  EXPECT_EQ(SizeOf(1), 301u);
  EXPECT_EQ(EntriesOf(1).back().event.signing_key().verifier_key(), ledgers_->Keys(1)->at(0));
  const auto proof = ledgers_->Prove(1, 17);
  SUYUAN_ASSERT_OK(proof);
  SUYUAN_EXPECT_OK(Trusting(*ledgers_->Keys(1)).VerifyProof(*proof, EntriesOf(1)[17].bytes));
  Close();
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_ASSERT_OK(Open());
  EXPECT_EQ(SizeOf(1), 301u);
}

}  // namespace
}  // namespace suyuan::ledger

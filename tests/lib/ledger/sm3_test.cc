// A ledger with an SM3 tree beside that of SHA-256.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile.h"
#include "tests/lib/ledger/tampering.h"

namespace suyuan::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr HashKind kSm3 = HashKind::kSm3;

class Sm3Test : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    plant_ = Create("plant", /*sm3=*/true);
  }

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
  std::vector<std::string> Sm3Keys() const { return *ledgers_->Keys(plant_, kSm3); }
  // RFC 6962 over the entries, by the definition.
  Hash Sm3Root(uint64_t size) const {
    std::vector<Hash> leaves;
    for (const StoredEntry& entry : EntriesOf(plant_)) {
      leaves.push_back(Sm3({std::string_view("\0", 1), entry.bytes}));
    }
    leaves.resize(size);
    return RootOf(leaves);
  }
  static Hash RootOf(std::span<const Hash> leaves) {
    if (leaves.size() == 1) return leaves[0];
    size_t split = 1;
    while (split * 2 < leaves.size()) split *= 2;
    return Sm3({std::string_view("\1", 1), RootOf(leaves.first(split)).view(),
                RootOf(leaves.subspan(split)).view()});
  }
  std::string KeyPath() const { return KeysDir() + "/plant.sm2.key"; }
  std::string NotePath() const { return MarksDir() + "/plant.sm3.checkpoint"; }

  uint32_t plant_ = 0;
};

TEST_F(Sm3Test, ANewLedgerNamesBothKeysAndSignsBothTrees) {
  const absl::StatusOr<std::string> note = ledgers_->Checkpoint(plant_, kSm3);
  SUYUAN_ASSERT_OK(note);
  const v1::Genesis genesis = ledgers_->Get(plant_)->genesis;
  EXPECT_THAT(Sm3Keys(), ElementsAre(genesis.sm3_verifier_key()));
  const auto head = Trusting(Sm3Keys()).VerifyCheckpoint(*note);
  SUYUAN_ASSERT_OK(head);
  EXPECT_EQ(head->origin, genesis.origin() + "/sm3");
  EXPECT_EQ(head->size, 1);
  EXPECT_EQ(head->root, Sm3Root(1));
  EXPECT_EQ(*ReadFile(NotePath()), *note);
  const auto sha =
      Trusting({genesis.verifier_key()}).VerifyCheckpoint(*ledgers_->Checkpoint(plant_));
  SUYUAN_ASSERT_OK(sha);
  EXPECT_EQ(sha->root, LeavesOf(plant_)[0]);
  struct stat info;
  ASSERT_EQ(stat(KeyPath().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(Sm3Test, EveryEntryIsProvedWhateverTheSizeAndAfterEveryOpening) {
  for (const uint64_t size : {2, 3, 255, 256, 257, 511, 512, 513, 700}) {
    GrowTo(size);
    if (size % 2 == 1) {
      SUYUAN_ASSERT_OK(Reopen());
    }
    const std::vector<StoredEntry> entries = EntriesOf(plant_);
    EXPECT_EQ(*ledgers_->Get(plant_)->sm3_root, Sm3Root(size));
    SUYUAN_ASSERT_OK(ledgers_->Checkpoint(plant_, kSm3));
    // The signature is checked once.
    const merkle::Checkpoint head =
        *Trusting(Sm3Keys()).VerifyCheckpoint(ledgers_->Prove(plant_, 0, kSm3)->checkpoint);
    ASSERT_EQ(head.root, Sm3Root(size));
    for (uint64_t i = 0; i < size; ++i) {
      const absl::StatusOr<merkle::ProofFile> proof = ledgers_->Prove(plant_, i, kSm3);
      SUYUAN_ASSERT_OK(proof);
      SUYUAN_ASSERT_OK(merkle::VerifyInclusion(merkle::LeafHash(entries[i].bytes, kSm3), i, size,
                                               proof->path, head.root, kSm3))
          << i << " of " << size;
    }
    const auto grown = ledgers_->ProveConsistency(plant_, size / 2, size, kSm3);
    SUYUAN_ASSERT_OK(grown);
    SUYUAN_EXPECT_OK(merkle::VerifyConsistency(size / 2, Sm3Root(std::max<uint64_t>(1, size / 2)),
                                               size, head.root, *grown, kSm3));
  }
  EXPECT_THAT(Trusting(Sm3Keys()).VerifyProof(*ledgers_->Prove(plant_, 300, kSm3),
                                              EntriesOf(plant_)[300].bytes),
              IsOk());
  std::string hashes;
  for (const StoredEntry& entry : EntriesOf(plant_)) {
    hashes += merkle::LeafHash(entry.bytes, kSm3).view();
  }
  EXPECT_EQ(*ledgers_->Tile(plant_, {0, 0}, kSm3) + *ledgers_->Tile(plant_, {0, 1}, kSm3) +
                *ledgers_->Tile(plant_, {0, 2, 700 - 512}, kSm3),
            hashes);
  Close();
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(Sm3Test, ALedgerWithoutOneSaysSoAndKeepsNothingOfIt) {
  const uint32_t old = Create("old");
  SUYUAN_ASSERT_OK(Append(old, Several("e", 300)));
  for (const absl::Status& status :
       {ledgers_->Checkpoint(old, kSm3).status(), ledgers_->Prove(old, 1, kSm3).status(),
        ledgers_->ProveConsistency(old, 1, 2, kSm3).status(),
        ledgers_->Tile(old, {0, 0}, kSm3).status(), ledgers_->Keys(old, kSm3).status()}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("SM3")));
  }
  EXPECT_FALSE(ledgers_->Get(old)->sm3_root.has_value());
  EXPECT_FALSE(disk_.pairs().Get(Sm3HeadKey(old))->has_value());
  EXPECT_FALSE(disk_.pairs().Get(TileKey(old, 0, 0, kSm3))->has_value());
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_FALSE(ReadFile(KeysDir() + "/old.sm2.key").ok());
  EXPECT_FALSE(ReadFile(MarksDir() + "/old.sm3.checkpoint").ok());
  EXPECT_EQ(ledgers_->Get(old)->genesis.sm3_verifier_key(), "");
}

TEST_F(Sm3Test, WhatIsLostOrDamagedIsFoundAndMadeAgain) {
  GrowTo(600);
  Close();
  ASSERT_THAT(Check(), IsClean());
  const auto before = disk_.pairs().Contents();
  for (const std::string& key :
       {TileKey(plant_, 0, 0, kSm3), TileKey(plant_, 0, 1, kSm3), Sm3HeadKey(plant_)}) {
    for (const bool lost : {true, false}) {
      if (lost) {
        Erase(key);
      } else {
        std::string value = Value(key);
        value[value.size() / 2] ^= 1;
        Put(key, value);
      }
      EXPECT_FALSE(Check().ok());
      SUYUAN_ASSERT_OK(Open());
      Close();
      EXPECT_EQ(disk_.pairs().Contents(), before);
      EXPECT_THAT(Check(), IsClean());
    }
  }
  SUYUAN_ASSERT_OK(Open());
  Erase(TileKey(plant_, 0, 1, kSm3));
  SUYUAN_ASSERT_OK(ledgers_->Rebuild());
  EXPECT_EQ(disk_.pairs().Contents(), before);
}

// ---------------------------------------------------------------- what was signed binds

TEST_F(Sm3Test, AnotherHistoryBehindWhatWasSignedIsRefused) {
  GrowTo(5);
  Close();
  const auto pairs = disk_.pairs().Contents();
  std::map<std::string, std::string> files;
  for (const std::string& path :
       {MarkPath("plant"), MarksDir() + "/plant.checkpoint", NotePath()}) {
    files[path] = *ReadFile(path);
  }
  SUYUAN_ASSERT_OK(Open());
  GrowTo(9);
  Close();
  const std::string newer = *ReadFile(NotePath());
  Restore(pairs);
  for (const auto& [path, bytes] : files) SUYUAN_ASSERT_OK(WriteFileAtomically(path, bytes));
  // Shorter than what was signed.
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), newer));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("by the checkpoint")));
  EXPECT_FALSE(Check().ok());
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), files[NotePath()]));
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(Append(plant_, Several("other", 7)));
  Close();
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), newer));
  EXPECT_THAT(Check(), SaysFirst("plant", 8, "tree"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("root of size 9")));
}

TEST_F(Sm3Test, ACheckpointThatIsNotTheLedgersIsRefused) {
  GrowTo(5);
  Close();
  const std::string good = *ReadFile(NotePath());
  std::string other_signature = good;
  other_signature[good.size() - 10] = good[good.size() - 10] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {std::string(), std::string("nothing"), other_signature,
                                 *ReadFile(MarksDir() + "/plant.checkpoint")}) {
    SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), bad));
    EXPECT_FALSE(Check().ok());
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checkpoint")));
  }
  SUYUAN_ASSERT_OK(WriteFileAtomically(NotePath(), good));
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_EXPECT_OK(Open());
}

TEST_F(Sm3Test, ACheckpointWhoseLedgerIsGone) {
  Close();
  SUYUAN_ASSERT_OK(RemoveFile(MarkPath("plant")));
  SUYUAN_ASSERT_OK(RemoveFile(MarksDir() + "/plant.checkpoint"));
  Restore({});
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("ledger plant:")));
}

TEST_F(Sm3Test, WhatIsSignedGrowsByItself) {
  AppendOne(plant_, Seen("e"));
  for (int i = 0; i < 200; ++i) {
    const absl::StatusOr<std::string> note = ReadFile(NotePath());
    if (note.ok() && Trusting(Sm3Keys()).VerifyCheckpoint(*note)->size == 2) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ADD_FAILURE() << "nothing was signed in ten seconds";
}

// ---------------------------------------------------------------- keys

TEST_F(Sm3Test, BothKeysAreChangedTogether) {
  const std::string old_key = Sm3Keys()[0];
  GrowTo(5);
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_));
  ASSERT_THAT(Sm3Keys(), SizeIs(2));
  const std::string new_key = Sm3Keys()[0];
  std::vector<std::string> named;
  for (const StoredEntry& entry : EntriesOf(plant_)) {
    if (entry.event.has_signing_key()) named.push_back(entry.event.signing_key().verifier_key());
  }
  EXPECT_THAT(named, ElementsAre(ledgers_->Keys(plant_)->at(0), new_key));
  const std::string note = *ledgers_->Checkpoint(plant_, kSm3);
  for (const std::string& key : {old_key, new_key}) {
    EXPECT_EQ(Trusting({key}).VerifyCheckpoint(note)->size, 7) << key;
  }
  SUYUAN_ASSERT_OK(Reopen());
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  EXPECT_THAT(Sm3Keys(), ElementsAre(new_key));
  EXPECT_THAT(*ledgers_->Keys(plant_), SizeIs(1));
  EXPECT_THAT(ledgers_->RetireKeys(plant_),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  GrowTo(9);
  EXPECT_THAT(Trusting({old_key}).VerifyCheckpoint(*ledgers_->Checkpoint(plant_, kSm3)),
              StatusIs(absl::StatusCode::kPermissionDenied, testing::_));
  Close();
  EXPECT_THAT(Check(), IsClean());
  SUYUAN_EXPECT_OK(Open());
}

TEST_F(Sm3Test, ADamagedKeyIsNamed) {
  Close();
  const std::string good = *ReadFile(KeyPath());
  for (size_t at = 0; at < good.size(); at += 3) {
    std::string bad = good;
    bad[at] ^= 1;
    SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), bad, 0600));
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("plant.sm2.key"))) << at;
  }
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), *ReadFile(KeysDir() + "/plant.key"), 0600));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("plant.sm2.key")));
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), good, 0644));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("0600")));
}

TEST_F(Sm3Test, WithoutItsKeyTheTreeGrowsAndIsNotSigned) {
  GrowTo(5);
  Close();
  const std::string key = *ReadFile(KeyPath());
  SUYUAN_ASSERT_OK(RemoveFile(KeyPath()));
  SUYUAN_ASSERT_OK(Open());
  EXPECT_THAT(Sm3Keys(), IsEmpty());
  GrowTo(300);
  EXPECT_THAT(ledgers_->Checkpoint(plant_, kSm3),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(KeyPath())));
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(plant_));
  SUYUAN_EXPECT_OK(ledgers_->Prove(plant_, 4, kSm3));
  Close();
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), key, 0600));
  SUYUAN_ASSERT_OK(Open());
  EXPECT_EQ(Trusting(Sm3Keys()).VerifyCheckpoint(*ledgers_->Checkpoint(plant_, kSm3))->root,
            Sm3Root(300));
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(Sm3Test, ALedgerThatWasAboutToBeMadeLeavesNoKey) {
  Close();
  const Hash origin = Sha256({"suyuan/next/00"});
  SUYUAN_ASSERT_OK(MarkFile::Create(MarkPath("next"), {0, {}, {}, origin}));
  const std::string path = KeysDir() + "/next.sm2.key";
  SUYUAN_ASSERT_OK(WriteFileAtomically(path, *ReadFile(KeyPath()), 0600));
  SUYUAN_ASSERT_OK(Open());
  EXPECT_FALSE(ReadFile(path).ok());
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(Create("next", /*sm3=*/true), kSm3));
}

}  // namespace
}  // namespace suyuan::ledger

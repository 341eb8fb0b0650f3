#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/strings.h"
#include "suyuan/engine.h"
#include "suyuan/proof.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

using testing::_;
using testing::Not;

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    Open();
    SUYUAN_ASSERT_OK(engine_->CreateLedger(
        {.name = "plant-1", .subject = "ext:test:plant", .subject_name = "Plant"}));
  }

  void Open() {
    absl::StatusOr<std::unique_ptr<Engine>> opened = Engine::Open({.data_dir = dir_ / "data"});
    SUYUAN_ASSERT_OK(opened);
    engine_ = *std::move(opened);
  }

  static v1::Event Seen(const std::string& id) {
    v1::Event event;
    event.set_id(id);
    event.mutable_observe_unit()->mutable_unit()->set_key("ext:test:" + id);
    event.mutable_observe_unit()->set_recipient("ext:test:holder");
    event.mutable_observe_unit()->set_product_name(std::string(200, 'p') + id);
    return event;
  }
  static std::vector<v1::Event> Several(const std::string& prefix, size_t count) {
    std::vector<v1::Event> events;
    for (size_t i = 0; i < count; ++i) events.push_back(Seen(prefix + std::to_string(i)));
    return events;
  }
  static void Append(Engine* engine, const std::string& prefix, size_t count) {
    SUYUAN_ASSERT_OK(engine->Append("plant-1", Several(prefix, count)));
  }
  void Append(const std::string& prefix, size_t count) { Append(engine_.get(), prefix, count); }

  BackupInfo Backup(const BackupOptions& options = {}) {
    const absl::StatusOr<BackupInfo> info = engine_->Backup(Backups(), options);
    EXPECT_THAT(info, IsOk());
    return info.value_or(BackupInfo());
  }
  absl::StatusOr<BackupInfo> Restore(uint64_t id = 0) const {
    return Engine::Restore(Backups(), {.data_dir = dir_ / "restored", .id = id});
  }
  absl::StatusOr<std::unique_ptr<Engine>> OpenRestored() const {
    return Engine::Open({.data_dir = dir_ / "restored", .create_if_missing = false});
  }
  absl::StatusOr<ResumeReport> Resume(const ResumeOptions& options) const {
    return Engine::Resume({.data_dir = dir_ / "restored"}, options);
  }
  std::string Checkpoint() {
    const absl::StatusOr<std::string> note = engine_->Checkpoint("plant-1");
    EXPECT_THAT(note, IsOk());
    return note.value_or("");
  }
  static LedgerInfo Info(const Engine& engine) {
    const absl::StatusOr<LedgerInfo> info = engine.GetLedger("plant-1");
    EXPECT_THAT(info, IsOk());
    return info.value_or(LedgerInfo());
  }
  static std::set<std::string> IdsOf(const Engine& engine) {
    std::set<std::string> ids;
    SUYUAN_EXPECT_OK(engine.Read("plant-1", 0, ~uint64_t{0}, [&](const Entry& entry) {
      ids.insert(entry.event.id());
      return true;
    }));
    return ids;
  }
  // All files of the directory of backups, with their bytes.
  std::map<std::string, std::string> Files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(Backups())) {
      if (!entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
      files[entry.path().string()] = ReadFile(entry.path().string()).value_or("?");
    }
    return files;
  }
  std::string Backups() const { return dir_ / "backups"; }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(BackupTest, RestoresWhatWasThereWithTheSameRootAndReadsTracesAndProvesIt) {
  Append("a", 300);
  const BackupInfo made = Backup();
  EXPECT_EQ(made.id, 1u);
  EXPECT_FALSE(made.with_keys);
  const LedgerInfo before = Info(*engine_);
  ASSERT_EQ(made.ledgers.size(), 1u);
  EXPECT_EQ(made.ledgers[0].size, before.size);
  EXPECT_EQ(made.ledgers[0].root, before.root);

  SUYUAN_ASSERT_OK(Restore());
  auto restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  const LedgerInfo after = Info(**restored);
  EXPECT_EQ(after.size, before.size);
  EXPECT_EQ(after.root, before.root);
  EXPECT_EQ(after.origin, before.origin);
  EXPECT_TRUE(after.sealed);
  EXPECT_EQ(IdsOf(**restored), IdsOf(*engine_));
  SUYUAN_EXPECT_OK((*restored)->Trace({.unit = "ext:test:a17"}));
  // What was signed is still given out, and proves entries.
  EXPECT_EQ(*(*restored)->Checkpoint("plant-1"), Checkpoint());
  const absl::StatusOr<EventProof> proof = (*restored)->Prove("plant-1", "a17");
  SUYUAN_ASSERT_OK(proof);
  SUYUAN_EXPECT_OK(VerifyReceipt(proof->proof, proof->entry,
                                 "log " + before.verifier_keys[0] + "\nquorum none\n"));
  EXPECT_TRUE((*restored)->CheckNow({})->ok());
}

TEST_F(BackupTest, TakesEverythingAcknowledgedBeforeItBeganWhileFourWritersAppend) {
  std::atomic<bool> stop = false;
  std::atomic<int> writing = 0;
  std::vector<std::thread> writers;
  std::vector<std::atomic<int>> acknowledged(4);
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; !stop; ++i) {
        Append(StrCat("w", writer, "-", i, "-"), 5);
        acknowledged[writer] = i + 1;
        if (i == 3) ++writing;
      }
    });
  }
  while (writing < 4) std::this_thread::yield();
  std::vector<std::vector<int>> before;
  for (int backup = 0; backup < 3; ++backup) {
    std::vector<int>& counts = before.emplace_back();
    for (const auto& count : acknowledged) counts.push_back(count);
    Backup();
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();

  for (uint64_t id = 1; id <= 3; ++id) {
    SCOPED_TRACE(id);
    fs::remove_all(dir_ / "restored");
    const absl::StatusOr<BackupInfo> info = Restore(id);
    SUYUAN_ASSERT_OK(info);
    auto restored = OpenRestored();
    SUYUAN_ASSERT_OK(restored);
    const std::set<std::string> ids = IdsOf(**restored);
    for (int writer = 0; writer < 4; ++writer) {
      for (int i = 0; i < before[id - 1][writer]; ++i) {
        for (int k = 0; k < 5; ++k) {
          EXPECT_TRUE(ids.contains(StrCat("w", writer, "-", i, "-", k)));
        }
      }
    }
    // Its checkpoint is of just that size, and the ledger that went on begins with it.
    const absl::StatusOr<std::string> note = (*restored)->Checkpoint("plant-1");
    SUYUAN_ASSERT_OK(note);
    EXPECT_THAT(*note, HasSubstr(StrCat("\n", info->ledgers[0].size, "\n")));
    SUYUAN_EXPECT_OK(
        engine_->ProveConsistency("plant-1", info->ledgers[0].size, Info(*engine_).size));
    EXPECT_THAT(Resume({.checkpoint = *note}), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  }
}

TEST_F(BackupTest, CopiesOnlyWhatIsNew) {
  for (int i = 0; i < 10; ++i) Append(StrCat("a", i, "-"), 2'000);
  const BackupInfo first = Backup();
  EXPECT_EQ(first.copied_bytes, first.bytes);
  Append("b", 10);
  const BackupInfo second = Backup();
  EXPECT_EQ(second.id, 2u);
  EXPECT_GT(second.bytes, first.bytes);
  EXPECT_LT(second.copied_bytes, first.bytes / 20)
      << "of " << second.bytes << " bytes in " << second.files << " files";
  const absl::StatusOr<std::vector<BackupInfo>> all = Engine::ListBackups(Backups());
  SUYUAN_ASSERT_OK(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].ledgers[0].size, 20'001u);
  EXPECT_EQ((*all)[1].ledgers[0].size, 20'011u);
  SUYUAN_EXPECT_OK(Restore(1));
}

TEST_F(BackupTest, FindsAnyFlippedByte) {
  Append("a", 50);
  Backup();
  EXPECT_TRUE(Engine::CheckBackup(Backups(), 0, {})->ok());
  size_t flipped = 0;
  for (const auto& [path, bytes] : Files()) {
    if (path.ends_with("/FORMAT") || bytes.empty()) continue;
    // Some bytes of each file, both ends among them.
    for (size_t i = 0; i < 9; ++i) {
      const size_t at = (bytes.size() - 1) * i / 8;
      SCOPED_TRACE(StrCat(path, " at ", at));
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (i % 8)));
      std::ofstream(path, std::ios::binary) << damaged;
      EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss, _));
      EXPECT_FALSE(fs::exists(dir_ / "restored"));
      const absl::StatusOr<CheckReport> report = Engine::CheckBackup(Backups(), 0, {});
      EXPECT_TRUE(report.ok() && !report->ok());
      ++flipped;
    }
    std::ofstream(path, std::ios::binary) << bytes;
  }
  EXPECT_GT(flipped, 50u);
  SUYUAN_EXPECT_OK(Restore());
}

TEST_F(BackupTest, RefusesNamesThatLeadOutOfTheDataDirectory) {
  Backup();
  const std::string path = Backups() + "/backups/000001.backup";
  const std::string manifest = *ReadFile(path);
  for (const std::string name :
       {"../marks/CURRENT", "db/../../x", "/etc/x", "index/x", "db", "x"}) {
    SCOPED_TRACE(name);
    std::string bytes = manifest.substr(0, manifest.find("sha256 "));
    bytes.replace(bytes.find("db/CURRENT"), 10, name);
    bytes += StrCat("sha256 ", Sha256({bytes}).hex(), "\n");
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss, _));
    EXPECT_FALSE(fs::exists(dir_ / "restored"));
  }
}

TEST_F(BackupTest, WhatWasInterruptedSpoilsNothing) {
  Append("a", 100);
  Backup();
  const std::map<std::string, std::string> before = Files();
  Append("b", 100);
  // No room: the directory for what comes in is full, as far as anybody can tell.
  fs::remove_all(Backups() + "/incoming");
  std::ofstream(Backups() + "/incoming") << "no directory";
  EXPECT_THAT(engine_->Backup(Backups(), {}), Not(IsOk()));
  fs::remove(Backups() + "/incoming");
  EXPECT_EQ(Files(), before);
  // It stopped in the middle of a file, and before the manifest.
  fs::create_directories(Backups() + "/incoming");
  fs::create_directories(Backups() + "/files/00");
  std::ofstream(Backups() + "/incoming/file") << "half of";
  std::ofstream(Backups() + "/files/00/" + std::string(64, '0')) << "nobody names me";
  SUYUAN_EXPECT_OK(Engine::CheckBackup(Backups(), 0, {}));
  const BackupInfo second = Backup();
  EXPECT_EQ(second.id, 2u);
  for (const auto& [path, bytes] : before) EXPECT_EQ(Files()[path], bytes);
  SUYUAN_EXPECT_OK(Restore(1));
  fs::remove_all(dir_ / "restored");
  SUYUAN_EXPECT_OK(Restore(2));
}

TEST_F(BackupTest, LeavesADirectoryOfOtherThingsAlone) {
  fs::create_directories(Backups());
  std::ofstream(Backups() + "/letters.txt") << "dear";
  EXPECT_THAT(engine_->Backup(Backups(), {}), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_EQ(*ReadFile(Backups() + "/letters.txt"), "dear");
  EXPECT_THAT(Engine::ListBackups(dir_ / "nowhere"), StatusIs(absl::StatusCode::kNotFound, _));
  fs::remove(Backups() + "/letters.txt");
  Backup();
  fs::create_directories(dir_ / "restored");
  std::ofstream(dir_ / "restored/letters.txt") << "dear";
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(Restore(7), Not(IsOk()));
}

TEST_F(BackupTest, PutsBackAnEmptyDirectory) {
  Backup();
  fs::create_directories(dir_ / "restored");
  SUYUAN_EXPECT_OK(Restore());
  SUYUAN_EXPECT_OK(OpenRestored());
}

TEST_F(BackupTest, TakesPrivateKeysOnlyWhenAskedFor) {
  const std::string key = *ReadFile(dir_ / "data/keys/plant-1.key");
  Backup();
  for (const auto& [path, bytes] : Files()) EXPECT_THAT(bytes, Not(HasSubstr("PRIVATE")));
  EXPECT_TRUE(Backup({.with_keys = true}).with_keys);
  SUYUAN_ASSERT_OK(Restore());
  const std::string path = dir_ / "restored/keys/plant-1.key";
  EXPECT_EQ(*ReadFile(path), key);
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  for (const auto& [file, bytes] : Files()) {
    if (bytes != key) continue;
    ASSERT_EQ(stat(file.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
  }
}

// ------------------------------------------------------------- what a restored ledger may do

TEST_F(BackupTest, ARestoredLedgerTakesAndSignsNothing) {
  Append("a", 10);
  Backup({.with_keys = true});
  SUYUAN_ASSERT_OK(Restore());
  auto restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  const auto events = Several("b", 1);
  const absl::Status refused = (*restored)->Append("plant-1", events).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("suyuan resume plant-1 --latest FILE"));
  EXPECT_THAT((*restored)->RotateKey("plant-1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_EQ(Info(**restored).size, 11u);
  // A new ledger beside it goes on.
  SUYUAN_EXPECT_OK((*restored)->CreateLedger({.name = "plant-1b", .subject = "ext:test:plant"}));
  SUYUAN_EXPECT_OK((*restored)->Append("plant-1b", events));
  // Nor when it is opened again.
  restored->reset();
  restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  EXPECT_THAT((*restored)->Append("plant-1", events),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  SUYUAN_EXPECT_OK((*restored)->Append("plant-1b", Several("c", 1)));
}

TEST_F(BackupTest, GoesOnWhenItIsWhatItsNewestCheckpointCounts) {
  Append("a", 10);
  const std::string earlier = Checkpoint();
  Append("b", 10);
  Backup({.with_keys = true});
  SUYUAN_ASSERT_OK(Restore());
  const absl::StatusOr<ResumeReport> report = Resume({.checkpoint = earlier});
  SUYUAN_ASSERT_OK(report);
  EXPECT_EQ(report->head.ledger, "plant-1");
  EXPECT_EQ(report->head.size, 21u);
  EXPECT_EQ(report->added, 0u);
  auto restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  EXPECT_FALSE(Info(**restored).sealed);
  Append(restored->get(), "c", 1);
  SUYUAN_EXPECT_OK((*restored)->Checkpoint("plant-1"));
}

TEST_F(BackupTest, DoesNotGoOnWhenMoreWasSigned) {
  Append("a", 10);
  Backup({.with_keys = true});
  Append("b", 10);
  const std::string newest = Checkpoint();
  SUYUAN_ASSERT_OK(Restore());
  const absl::Status refused = Resume({.checkpoint = newest}).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("entries 11 to 20 are missing"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--catch-up DIR"));
  auto restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  EXPECT_THAT((*restored)->Append("plant-1", Several("c", 1)),
              StatusIs(absl::StatusCode::kFailedPrecondition, _));
  EXPECT_THAT(Resume({.checkpoint = newest}), StatusIs(absl::StatusCode::kFailedPrecondition, _))
      << "while it is open";
}

TEST_F(BackupTest, CatchesUpFromTilesAndIsTheSameLedger) {
  Append("a", 300);
  Backup({.with_keys = true});
  Append("b", 700);
  SUYUAN_ASSERT_OK(engine_->RotateKey("plant-1"));
  Append("c", 33);
  const std::string newest = Checkpoint();
  SUYUAN_ASSERT_OK(Restore());

  // Tiles of something else lead to no root.
  const auto lying = [&](std::string_view path) -> absl::StatusOr<std::string> {
    absl::StatusOr<std::string> tile = engine_->ReadTile("plant-1", path);
    if (tile.ok()) tile->at(tile->size() / 2) ^= 1;
    return tile;
  };
  EXPECT_THAT(Resume({.checkpoint = newest, .tiles = lying}),
              StatusIs(absl::StatusCode::kDataLoss, _));
  const auto tiles = [&](std::string_view path) { return engine_->ReadTile("plant-1", path); };
  const absl::StatusOr<ResumeReport> report = Resume({.checkpoint = newest, .tiles = tiles});
  SUYUAN_ASSERT_OK(report);
  EXPECT_EQ(report->added, 734u);
  EXPECT_EQ(report->head.root, Info(*engine_).root);

  EXPECT_TRUE(Engine::Check({.data_dir = dir_ / "restored"})->ok());
  auto restored = OpenRestored();
  SUYUAN_ASSERT_OK(restored);
  EXPECT_EQ(IdsOf(**restored), IdsOf(*engine_));
  SUYUAN_EXPECT_OK((*restored)->Trace({.unit = "ext:test:b450"}));
  // What was acknowledged is known again.
  const auto again = (*restored)->Append("plant-1", Several("b", 700));
  SUYUAN_ASSERT_OK(again);
  EXPECT_TRUE(again->at(5).duplicate);
  Append(restored->get(), "d", 1);
  SUYUAN_EXPECT_OK((*restored)->ProveConsistency("plant-1", 1035, 1036));
}

TEST_F(BackupTest, BelievesOnlyWhatTheLedgerSigned) {
  Append("a", 10);
  Backup({.with_keys = true});
  SUYUAN_ASSERT_OK(Restore());
  // A store of the same entries' owner, but another ledger.
  SUYUAN_ASSERT_OK(engine_->CreateLedger({.name = "plant-2", .subject = "ext:test:plant"}));
  const std::string other = *engine_->Checkpoint("plant-2");
  EXPECT_THAT(Resume({.ledger = "plant-1", .checkpoint = other}),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(Resume({.checkpoint = other}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  // The other's signature under this one's head.
  const std::string own = Checkpoint();
  const std::string forged =
      own.substr(0, own.find("\n\n") + 2) + other.substr(other.find("\n\n") + 2);
  EXPECT_THAT(Resume({.checkpoint = forged}), Not(IsOk()));
  EXPECT_THAT(Resume({.checkpoint = "rubbish"}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_TRUE(Info(**OpenRestored()).sealed);
}

TEST_F(BackupTest, TwoHistoriesAreFoundAndKept) {
  Append("a", 10);
  Backup({.with_keys = true});
  SUYUAN_ASSERT_OK(Restore());
  // Somebody took the seal off by hand and went on; so did the ledger itself.
  fs::remove(dir_ / "restored/marks/plant-1.sealed");
  {
    auto restored = OpenRestored();
    SUYUAN_ASSERT_OK(restored);
    Append(restored->get(), "fork", 3);
    SUYUAN_ASSERT_OK((*restored)->Backup(dir_ / "forked", {}));
  }
  Append("b", 2);
  fs::remove_all(dir_ / "restored");
  SUYUAN_ASSERT_OK(Engine::Restore(dir_ / "forked", {.data_dir = dir_ / "restored"}));
  const absl::Status refused = Resume({.checkpoint = Checkpoint()}).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("two histories"));
}

}  // namespace
}  // namespace suyuan

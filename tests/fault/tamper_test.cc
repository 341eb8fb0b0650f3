// Whole entries swapped, dropped and cut off, the database put back to an older
// copy, files taken away: by somebody who knows the database well.

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "lib/ledger/record_format.h"
#include "lib/store/segment.h"
#include "tests/fault/fault_support.h"

namespace suyuan::fault {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr uint32_t kPlant = 1;

// A writer of ten commits that is killed before anything leaves the log.
int WriteTenAndWait(const std::vector<std::string>& arguments) {
  auto engine = OpenEngine(arguments.at(0));
  if (!engine.ok()) return 1;
  absl::Status made = MakeLedger(**engine, "plant-a");
  if (!made.ok() && !absl::IsAlreadyExists(made)) return 1;
  for (int i = 1; i <= 10; ++i) {
    const v1::Event event = Seen("e" + std::to_string(i), std::to_string(i));
    if (!(*engine)->Append("plant-a", {&event, 1}).ok()) return 1;
  }
  Say("done\n");
  pause();
  return 1;
}
const RegisterRole kTen("ten", WriteTenAndWait);

class TamperTest : public testing::Test {
 protected:
  // Entries 0 to 10 of plant-a, one a commit.
  void SetUp() override {
    {
      auto engine = OpenEngine(data_);
      SUYUAN_ASSERT_OK(engine);
      SUYUAN_ASSERT_OK(MakeLedger(**engine, "plant-a"));
      AppendTo(**engine, 1, 10);
      entries_ = ReadAll(**engine);
    }
    ASSERT_THAT(CheckEngine(data_), IsClean());
  }
  static void AppendTo(Engine& engine, int first, int last) {
    for (int i = first; i <= last; ++i) {
      const v1::Event event = Seen("e" + std::to_string(i), std::to_string(i));
      SUYUAN_ASSERT_OK(engine.Append("plant-a", {&event, 1}));
    }
  }
  // The same ledger, in its log only.
  void MakeKilledStore() {
    fs::remove_all(data_);
    OtherProcess writer({"ten", data_});
    ASSERT_TRUE(writer.ReadUntil("done\n"));
    writer.Kill();
    writer.Wait();
    const std::string copy = dir_ / "copy";
    CopyDir(data_, copy);
    auto engine = OpenEngine(copy);
    SUYUAN_ASSERT_OK(engine);
    entries_ = ReadAll(**engine);
    ASSERT_EQ(entries_["plant-a"].size(), 11u);
  }

  // With the database's own tools.
  void WithDatabase(const std::function<void(rocksdb::DB&)>& change) {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(rocksdb::Options(), data_ + "/db", &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    change(*db);
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions()).ok());
  }
  static std::string Get(rocksdb::DB& db, const std::string& key) {
    std::string value;
    EXPECT_TRUE(db.Get(rocksdb::ReadOptions(), key, &value).ok());
    return value;
  }

  void ExpectCaught(const std::string& words) {
    EXPECT_THAT(CheckEngine(data_), FindsSomething());
    EXPECT_THAT(OpenEngine(data_), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(words)));
    EXPECT_THAT(OpenEngine(data_), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(words)))
        << "also the second time";
    EXPECT_THAT(CheckEngine(data_), FindsSomething());
  }
  void ExpectAllThere() {
    {
      auto engine = OpenEngine(data_);
      SUYUAN_ASSERT_OK(engine);
      EXPECT_EQ(ReadAll(**engine), entries_);
    }
    EXPECT_THAT(CheckEngine(data_), IsClean());
  }
  // What holds data below db/: the files that a refusal must not touch.
  std::map<std::string, std::string> Evidence() {
    std::map<std::string, std::string> files;
    for (auto& [name, bytes] : FilesOf(data_ + "/db")) {
      if (name.ends_with(".log") || name.ends_with(".sst")) files[name] = std::move(bytes);
    }
    return files;
  }
  std::string OnlyFile(const std::string& ending) {
    std::string found;
    for (const auto& file : fs::directory_iterator(data_ + "/db")) {
      if (file.path().string().ends_with(ending) && file.file_size() > 0) found = file.path();
    }
    EXPECT_NE(found, "");
    return found;
  }

  FastDir dir_;
  const std::string data_ = dir_ / "data";
  std::map<std::string, std::vector<ReadBack>> entries_;
};

TEST_F(TamperTest, TwoEntriesSwapped) {
  WithDatabase([](rocksdb::DB& db) {
    const std::string at_3 = Get(db, ledger::EntryKey(kPlant, 3));
    const std::string at_7 = Get(db, ledger::EntryKey(kPlant, 7));
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), ledger::EntryKey(kPlant, 3), at_7).ok());
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), ledger::EntryKey(kPlant, 7), at_3).ok());
  });
  ExpectCaught("entry 3");
}

TEST_F(TamperTest, AnEntryDropped) {
  WithDatabase([](rocksdb::DB& db) {
    ASSERT_TRUE(db.Delete(rocksdb::WriteOptions(), ledger::EntryKey(kPlant, 5)).ok());
  });
  ExpectCaught("entry 5");
}

// The head is that of six entries, taken from an honest store of six.
TEST_F(TamperTest, TheEndCutOffWithTheHead) {
  WithDatabase([](rocksdb::DB& db) {
    merkle::Frontier frontier;
    Hash last;
    int64_t micros = 0;
    for (uint64_t i = 0; i <= 5; ++i) {
      const std::string value = Get(db, ledger::EntryKey(kPlant, i));
      const auto chunk = ledger::ParseChunk(value);
      ASSERT_THAT(chunk, IsOk());
      last = merkle::LeafHash(chunk->records[0]);
      micros = ledger::ParseRecord(chunk->records[0])->recorded_micros;
      frontier.Append(last);
    }
    for (uint64_t i = 6; i <= 10; ++i) {
      ASSERT_TRUE(db.Delete(rocksdb::WriteOptions(), ledger::EntryKey(kPlant, i)).ok());
    }
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), ledger::HeadKey(kPlant),
                       ledger::EncodeHead({frontier, last, micros}))
                    .ok());
  });
  ExpectCaught("entries 6 to 10 are missing");
}

TEST_F(TamperTest, AFalsifiedEntryIsNamedByTheCheck) {
  WithDatabase([](rocksdb::DB& db) {
    std::string value = Get(db, ledger::EntryKey(kPlant, 4));
    const size_t at = value.rfind("ext:test:4");
    ASSERT_NE(at, std::string::npos);
    value[at + 9] = '9';
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), ledger::EntryKey(kPlant, 4), value).ok());
  });
  const auto report = CheckEngine(data_);
  ASSERT_THAT(report, FindsSomething());
  EXPECT_EQ(report->problems[0].ledger, "plant-a");
  EXPECT_EQ(report->problems[0].sequence, 4u);
}

TEST_F(TamperTest, TheDatabasePutBackToAnOlderCopy) {
  CopyDir(data_ + "/db", dir_ / "old-db");
  {
    auto engine = OpenEngine(data_);
    SUYUAN_ASSERT_OK(engine);
    AppendTo(**engine, 11, 13);
  }
  CopyDir(dir_ / "old-db", data_ + "/db");
  ExpectCaught("entries 11 to 13 are missing");
}

TEST_F(TamperTest, TheDatabaseTakenAway) {
  fs::remove_all(data_ + "/db");
  ExpectCaught("by its mark");
}

TEST_F(TamperTest, TheMarksTakenAway) {
  fs::remove_all(data_ + "/marks");
  ExpectCaught("mark is missing");
}

TEST_F(TamperTest, TheIndexTakenAwayDoesNoHarm) {
  fs::remove_all(data_ + "/index");
  ExpectAllThere();
}

// ---------------------------------------------------------------- the log

TEST_F(TamperTest, TheEndOfTheLogCutOff) {
  MakeKilledStore();
  const std::string log = OnlyFile(".log");
  fs::resize_file(log, fs::file_size(log) * 2 / 3);
  ExpectCaught("missing");
}

// RocksDB refuses a log that is damaged within. If everything acknowledged
// stands before the damage, nothing is lost, and what was damaged is kept.
TEST_F(TamperTest, DamageBehindAllEntriesIsRecoveredOnACopy) {
  MakeKilledStore();
  const std::string log = OnlyFile(".log");
  // A record that never was, with a wrong checksum, and more behind it.
  std::string bytes = FilesOf(data_ + "/db")[fs::path(log).filename()];
  bytes += std::string("\x01\x02\x03\x04\x20\x00\x01", 7) + std::string(500, 'x');
  WriteBytes(log, bytes);
  ExpectAllThere();
  EXPECT_TRUE(fs::exists(data_ + "/db.damaged-1")) << "the evidence is kept";
  EXPECT_EQ(FilesOf(data_ + "/db.damaged-1")[fs::path(log).filename()], bytes);
  EXPECT_FALSE(fs::exists(data_ + "/db.recovering"));
  auto engine = OpenEngine(data_);
  SUYUAN_ASSERT_OK(engine);
  AppendTo(**engine, 11, 12);
}

TEST_F(TamperTest, DamageBeforeTheLastEntryIsRefusedAndNothingIsChanged) {
  MakeKilledStore();
  const std::string log = OnlyFile(".log");
  std::string bytes = FilesOf(data_ + "/db")[fs::path(log).filename()];
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteBytes(log, bytes);
  const auto evidence = Evidence();
  ExpectCaught("does not match");
  EXPECT_EQ(Evidence(), evidence);
  EXPECT_FALSE(fs::exists(data_ + "/db.recovering"));
  EXPECT_FALSE(fs::exists(data_ + "/db.damaged-1"));
}

// ---------------------------------------------------------------- evidence

// What an opening refuses, it leaves as it is: the log may be all there is to
// recover from, by hand.
TEST_F(TamperTest, ACutLogIsLeftAsItIs) {
  MakeKilledStore();
  const std::string log = OnlyFile(".log");
  fs::resize_file(log, fs::file_size(log) * 2 / 3);
  const auto evidence = Evidence();
  EXPECT_THAT(OpenEngine(data_), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_EQ(Evidence().size(), evidence.size());
  EXPECT_TRUE(Evidence() == evidence) << "the refused opening changed or removed files of db/";
}

TEST_F(TamperTest, AMarkThatComesBackOpensTheStoreAgain) {
  MakeKilledStore();
  const std::string mark = data_ + "/marks/plant-a.mark";
  fs::rename(mark, dir_ / "kept.mark");
  const auto evidence = Evidence();
  EXPECT_THAT(OpenEngine(data_), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_TRUE(Evidence() == evidence) << "the refused opening changed or removed files of db/";
  fs::rename(dir_ / "kept.mark", mark);
  ExpectAllThere();
}

// Without CURRENT there is no database for RocksDB, and all other files are
// rubbish to it: a new one must not be made over them.
TEST_F(TamperTest, WithoutCurrentNothingIsMadeOverTheEntries) {
  const std::string current = data_ + "/db/CURRENT";
  fs::rename(current, dir_ / "CURRENT");
  const auto evidence = Evidence();
  EXPECT_THAT(CheckEngine(data_), FindsSomething());
  EXPECT_THAT(OpenEngine(data_), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_TRUE(Evidence() == evidence) << "the refused opening changed or removed files of db/";
  fs::rename(dir_ / "CURRENT", current);
  ExpectAllThere();
}

// One flipped bit at the end of the MANIFEST can make tables unknown to RocksDB,
// which removes such tables. With the bit put right, all must be there.
TEST_F(TamperTest, AManifestThatLostItsEndCostsNoTable) {
  const std::string current = FilesOf(data_ + "/db")["CURRENT"];
  const std::string manifest = data_ + "/db/" + current.substr(0, current.find('\n'));
  const std::string bytes = FilesOf(data_ + "/db")[fs::path(manifest).filename()];
  for (size_t cut = 1; cut < std::min<size_t>(bytes.size(), 200); cut += 10) {
    SCOPED_TRACE("cut by " + std::to_string(cut));
    CopyDir(data_, dir_ / "kept");
    WriteBytes(manifest, bytes.substr(0, bytes.size() - cut));
    const auto evidence = Evidence();
    const absl::Status opened = OpenEngine(data_).status();
    if (!opened.ok()) {
      EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
      EXPECT_TRUE(Evidence() == evidence) << "the refused opening changed or removed files of db/";
      WriteBytes(manifest, bytes);
      WriteBytes(data_ + "/db/CURRENT", current);
      auto engine = OpenEngine(data_);
      SUYUAN_ASSERT_OK(engine);
      ASSERT_EQ(ReadAll(**engine), entries_) << "with the MANIFEST put right";
    } else {
      ExpectAllThere();
    }
    CopyDir(dir_ / "kept", data_);
  }
}

// ---------------------------------------------------------------- segments

// Indexes are derived: whatever lies there, the ledger opens, and the check
// tells of it.
TEST_F(TamperTest, ForgedSegmentsKeepNobodyOut) {
  const Hash last = Hash::From(entries_["plant-a"][10].leaf);
  for (const std::string kind : {"id", "graph"}) {
    for (const std::string& payload :
         {std::string(), std::string(11, '\0'), std::string(176, '\xff'), std::string(500, 'x')}) {
      SCOPED_TRACE(kind + " of " + std::to_string(payload.size()) + " bytes");
      SUYUAN_ASSERT_OK(
          store::SegmentDir(data_ + "/index", kind).Write(kPlant, 0, 11, last, payload));
      EXPECT_THAT(CheckEngine(data_), FindsSomething());
      auto engine = OpenEngine(data_);
      SUYUAN_EXPECT_OK(engine);
      if (engine.ok()) {
        EXPECT_EQ(ReadAll(**engine), entries_);
        SUYUAN_EXPECT_OK((*engine)->RebuildIndexes());
      }
      engine = absl::UnknownError("closed");
      fs::remove_all(data_ + "/index");
    }
  }
  ExpectAllThere();
}

// As many entries as fit into no machine.
TEST_F(TamperTest, ASegmentOfTooManyEntriesIsTold) {
  const Hash last = Hash::From(entries_["plant-a"][10].leaf);
  SUYUAN_ASSERT_OK(store::SegmentDir(data_ + "/index", "id")
                       .Write(kPlant, 0, uint64_t{1} << 60, last, "0123456789abcdef"));
  EXPECT_EXIT(
      {
        const auto report = CheckEngine(data_);
        _exit(report.ok() && !report->ok() ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace suyuan::fault

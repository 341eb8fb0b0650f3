// A second process, a full disk, no rights, events at the edge: a clear error,
// nothing lost, nothing half stored.

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "tests/fault/fault_support.h"

namespace suyuan::fault {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

// ---------------------------------------------------------------- two processes

int HoldStore(const std::vector<std::string>& arguments) {
  auto engine = OpenEngine(arguments.at(0));
  if (!engine.ok() || !MakeLedger(**engine, "plant-a").ok()) return 1;
  Say("open\n");
  pause();
  return 1;
}
const RegisterRole kHolder("hold", HoldStore);

TEST(SecondProcessTest, IsRefusedAndTold) {
  const TempDir dir;
  OtherProcess holder({"hold", dir / "data"});
  ASSERT_TRUE(holder.ReadUntil("open\n"));
  const auto before = FilesOf(dir / "data");
  EXPECT_THAT(OpenEngine(dir / "data"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::AllOf(HasSubstr("in use by another process"), HasSubstr("process "),
                                      HasSubstr("LOCK"))));
  EXPECT_THAT(CheckEngine(dir / "data"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
  EXPECT_EQ(FilesOf(dir / "data"), before);
  holder.Kill();
  holder.Wait();
  auto engine = OpenEngine(dir / "data");
  ASSERT_THAT(engine, IsOk()) << "the lock dies with its process";
  EXPECT_EQ((*engine)->ListLedgers()->size(), 1u);
}

TEST(SecondProcessTest, ASecondEngineInOneProcessIsRefusedToo) {
  const TempDir dir;
  auto first = OpenEngine(dir / "data");
  SUYUAN_ASSERT_OK(first);
  EXPECT_THAT(OpenEngine(dir / "data"),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  first = absl::UnknownError("closed");
  SUYUAN_EXPECT_OK(OpenEngine(dir / "data"));
}

// ---------------------------------------------------------------- disks

// A file system of its own in memory, where that is allowed.
class Mount {
 public:
  explicit Mount(const std::string& path) : path_(path) { fs::create_directories(path); }
  ~Mount() {
    if (mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

  bool Make(const std::string& size) {
    mounted_ = mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    return mounted_;
  }
  bool Resize(const std::string& size) {
    return mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) == 0;
  }
  bool SetReadOnly(bool read_only) {
    return mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | (read_only ? MS_RDONLY : 0),
                 nullptr) == 0;
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  const std::string path_;
  bool mounted_ = false;
};

TEST(DiskTest, AFullDiskLosesNothing) {
  const TempDir dir;
  Mount disk(dir / "disk");
  if (!disk.Make("16m")) GTEST_SKIP() << "cannot mount a file system: " << std::strerror(errno);
  std::map<uint64_t, Receipt> acknowledged;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(disk.Resize(std::to_string(16 + 24 * round) + "m"));
    auto engine = OpenEngine(disk / "data");
    SUYUAN_ASSERT_OK(engine);
    if (round == 0) {
      SUYUAN_ASSERT_OK(MakeLedger(**engine, "plant-a"));
    }
    absl::Status full;
    for (int i = 0; full.ok() && i < 20'000; ++i) {
      std::vector<v1::Event> events;
      for (int j = 0; j < 10; ++j) {
        const std::string id =
            std::to_string(round) + "." + std::to_string(i) + "." + std::to_string(j);
        events.push_back(Seen(id, id));
        // Nothing that can be made smaller.
        std::string& remark = *events.back().mutable_remark();
        for (int k = 0; k < 2'000; ++k) {
          remark += static_cast<char>(' ' + (i * 7919 + j * 104'729 + k * k * 31 + k) % 94);
        }
      }
      const auto receipts = (*engine)->Append("plant-a", events);
      full = receipts.status();
      if (!receipts.ok()) break;
      for (const Receipt& receipt : *receipts) acknowledged[receipt.sequence] = receipt;
    }
    EXPECT_THAT(full.code(),
                AnyOf(absl::StatusCode::kResourceExhausted, absl::StatusCode::kUnavailable))
        << full;
    EXPECT_THAT(std::string(full.message()), HasSubstr("No space left"));
    // It stays so until it is opened again, and what is there can be read.
    const v1::Event more = Seen("more", "more");
    EXPECT_FALSE((*engine)->Append("plant-a", {&more, 1}).ok());
    EXPECT_GE(ReadLedger(**engine, "plant-a").size(), acknowledged.size());
    engine = absl::UnknownError("closed");

    // Still full: whatever it says, it is no crash and costs nothing.
    (void)OpenEngine(disk / "data").status();
    const auto check = CheckEngine(disk / "data");
    EXPECT_THAT(check, IsClean());

    ASSERT_TRUE(disk.Resize(std::to_string(16 + 24 * (round + 1)) + "m"));
    auto again = OpenEngine(disk / "data");
    SUYUAN_ASSERT_OK(again);
    const std::vector<ReadBack> entries = ReadLedger(**again, "plant-a");
    for (const auto& [sequence, receipt] : acknowledged) {
      ASSERT_LT(sequence, entries.size());
      ASSERT_EQ(entries[sequence].id, receipt.event_id);
      ASSERT_EQ(entries[sequence].leaf, receipt.leaf_hash);
    }
    // All of a batch or nothing.
    EXPECT_EQ(entries.size() % 10, 1u);
    again = absl::UnknownError("closed");
    EXPECT_THAT(CheckEngine(disk / "data"), IsClean());
  }
}

TEST(DiskTest, ADiskFullFromTheStartIsTold) {
  const TempDir dir;
  Mount disk(dir / "disk");
  if (!disk.Make("1m")) GTEST_SKIP() << "cannot mount a file system: " << std::strerror(errno);
  std::string filling(1 << 20, 'x');
  FILE* const file = fopen((disk / "filling").c_str(), "wb");
  fwrite(filling.data(), 1, filling.size(), file);
  fclose(file);
  EXPECT_THAT(OpenEngine(disk / "data"),
              AnyOf(StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("No space left")),
                    StatusIs(absl::StatusCode::kUnavailable, HasSubstr("No space left"))));
  fs::remove(disk / "filling");
  ASSERT_TRUE(disk.Resize("64m"));
  auto engine = OpenEngine(disk / "data");
  SUYUAN_ASSERT_OK(engine) << "what the first try left is no hindrance";
  SUYUAN_EXPECT_OK(MakeLedger(**engine, "plant-a"));
}

TEST(DiskTest, AReadOnlyDiskIsTold) {
  const TempDir dir;
  Mount disk(dir / "disk");
  if (!disk.Make("64m")) GTEST_SKIP() << "cannot mount a file system: " << std::strerror(errno);
  {
    auto engine = OpenEngine(disk / "data");
    SUYUAN_ASSERT_OK(engine);
    SUYUAN_ASSERT_OK(MakeLedger(**engine, "plant-a"));
  }
  ASSERT_TRUE(disk.SetReadOnly(true));
  const auto before = FilesOf(disk / "data");
  EXPECT_THAT(OpenEngine(disk / "data"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("Read-only file system")));
  EXPECT_THAT(OpenEngine(disk / "other"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("Read-only file system")));
  EXPECT_THAT(CheckEngine(disk / "data").status(),
              AnyOf(IsOk(), StatusIs(absl::StatusCode::kPermissionDenied, testing::_)));
  EXPECT_EQ(FilesOf(disk / "data"), before);
  ASSERT_TRUE(disk.SetReadOnly(false));
  EXPECT_THAT(CheckEngine(disk / "data"), IsClean());
}

TEST(DiskTest, ADirectoryWithoutRightsIsTold) {
  if (geteuid() == 0) GTEST_SKIP() << "root may do anything";
  const TempDir dir;
  ASSERT_EQ(mkdir((dir / "data").c_str(), 0555), 0);
  EXPECT_THAT(OpenEngine(dir / "data"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("data")));
  ASSERT_EQ(chmod((dir / "data").c_str(), 0755), 0);
}

TEST(DiskTest, AFileInTheWayIsTold) {
  const TempDir dir;
  WriteBytes(dir / "data", "not a directory");
  EXPECT_FALSE(OpenEngine(dir / "data").ok());
  EXPECT_EQ(FilesOf(dir.path()), (std::map<std::string, std::string>{{"data", "not a directory"}}));
}

TEST(DiskTest, NothingIsMadeUnlessAsked) {
  const TempDir dir;
  EXPECT_THAT(OpenEngine(dir / "data", false), StatusIs(absl::StatusCode::kNotFound, testing::_));
  EXPECT_FALSE(CheckEngine(dir / "data").ok());
  EXPECT_FALSE(fs::exists(dir / "data"));
}

// ---------------------------------------------------------------- events

class EdgeTest : public testing::Test {
 protected:
  void SetUp() override {
    google::protobuf::SetLogHandler(nullptr);
    auto opened = OpenEngine(dir_ / "data");
    SUYUAN_ASSERT_OK(opened);
    engine_ = *std::move(opened);
    SUYUAN_ASSERT_OK(MakeLedger(*engine_, "plant-a"));
  }
  void TearDown() override {
    if (engine_ == nullptr) return;
    const auto entries = ReadAll(*engine_);
    engine_.reset();
    EXPECT_THAT(CheckEngine(dir_ / "data"), IsClean());
    auto again = OpenEngine(dir_ / "data");
    SUYUAN_ASSERT_OK(again);
    EXPECT_EQ(ReadAll(**again), entries);
  }

  uint64_t Size() { return engine_->GetLedger("plant-a")->size; }

  // A good event, `event`, and a good one behind it: none is stored.
  void ExpectRefused(const v1::Event& event, absl::StatusCode code) {
    const uint64_t size = Size();
    const std::vector<v1::Event> batch = {Seen("good", "good"), event, Seen("fine", "fine")};
    const auto receipts = engine_->Append("plant-a", batch);
    EXPECT_EQ(receipts.status().code(), code) << receipts.status();
    EXPECT_GT(receipts.status().message().size(), 10u);
    EXPECT_EQ(Size(), size) << "something of a refused batch was stored";
  }
  // Taken and read back as it was, or refused with its faults.
  void ExpectTakenWholeOrRefused(const v1::Event& event) {
    const uint64_t size = Size();
    const auto receipts = engine_->Append("plant-a", {&event, 1});
    if (!receipts.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(receipts.status())) << receipts.status();
      EXPECT_FALSE(ViolationsOf(receipts.status()).empty()) << receipts.status();
      EXPECT_EQ(Size(), size);
      return;
    }
    const std::vector<ReadBack> entries = ReadLedger(*engine_, "plant-a", receipts->at(0).sequence);
    ASSERT_FALSE(entries.empty());
    EXPECT_EQ(entries[0].event, event.SerializeAsString());
  }

  const FastDir dir_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EdgeTest, AnEventOfTwentyMegabytes) {
  v1::Event event = Seen("huge", "huge");
  event.set_remark(std::string(20 << 20, 'x'));
  ExpectRefused(event, absl::StatusCode::kInvalidArgument);
}

TEST_F(EdgeTest, ABatchOfTooMany) {
  std::vector<v1::Event> events;
  for (int i = 0; i < 4'097; ++i) events.push_back(Seen("e" + std::to_string(i), "u"));
  EXPECT_THAT(engine_->Append("plant-a", events),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("4096")));
  EXPECT_EQ(Size(), 1u);
  events.pop_back();
  SUYUAN_EXPECT_OK(engine_->Append("plant-a", events));
  EXPECT_EQ(Size(), 4'097u);
}

TEST_F(EdgeTest, ABatchOfTooManyBytes) {
  std::vector<v1::Event> events;
  for (int i = 0; i < 80; ++i) {
    events.push_back(Seen("e" + std::to_string(i), "u"));
    events.back().set_remark(std::string(60'000, 'x'));
  }
  EXPECT_THAT(engine_->Append("plant-a", events),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::_));
  EXPECT_EQ(Size(), 1u);
}

TEST_F(EdgeTest, UnknownFields) {
  v1::Event event = Seen("unknown", "u");
  event.GetReflection()->MutableUnknownFields(&event)->AddVarint(5'000, 1);
  ExpectRefused(event, absl::StatusCode::kInvalidArgument);
  v1::Event deep = Seen("deep", "u");
  v1::UnitRef* const unit = deep.mutable_observe_unit()->mutable_unit();
  unit->GetReflection()->MutableUnknownFields(unit)->AddLengthDelimited(900, "x");
  ExpectRefused(deep, absl::StatusCode::kInvalidArgument);
}

TEST_F(EdgeTest, InvalidUtf8) {
  v1::Event id = Seen("\xff\xfe", "u");
  ExpectRefused(id, absl::StatusCode::kInvalidArgument);
  for (const char* const text :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "ok\xe5"}) {
    v1::Event remark = Seen("remark", "u");
    remark.set_remark(text);
    ExpectRefused(remark, absl::StatusCode::kInvalidArgument);
    v1::Event name = Seen("name", "u");
    name.mutable_observe_unit()->set_product_name(text);
    ExpectRefused(name, absl::StatusCode::kInvalidArgument);
    v1::Event key = Seen("key", text);
    ExpectRefused(key, absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(EdgeTest, NoughtBytes) {
  v1::Event event = Seen("nought", "u");
  event.set_remark(std::string("a\0b", 3));
  ExpectTakenWholeOrRefused(event);
  ExpectTakenWholeOrRefused(Seen(std::string("i\0d", 3), "u"));
}

TEST_F(EdgeTest, IdsAtTheEdge) {
  ExpectRefused(Seen("", "u"), absl::StatusCode::kInvalidArgument);
  ExpectRefused(Seen(std::string(65, 'i'), "u"), absl::StatusCode::kInvalidArgument);
  ExpectRefused(Seen("suyuan:genesis", "u"), absl::StatusCode::kInvalidArgument);
  ExpectTakenWholeOrRefused(Seen(std::string(64, 'i'), "u"));
  EXPECT_EQ(Size(), 2u);
}

TEST_F(EdgeTest, TheLedgersOwnOperations) {
  v1::Event genesis;
  genesis.set_id("mine");
  genesis.mutable_genesis()->set_origin("mine");
  ExpectRefused(genesis, absl::StatusCode::kInvalidArgument);
  v1::Event clock;
  clock.set_id("mine");
  clock.mutable_clock_anomaly();
  ExpectRefused(clock, absl::StatusCode::kInvalidArgument);
  v1::Event nothing;
  nothing.set_id("nothing");
  ExpectRefused(nothing, absl::StatusCode::kInvalidArgument);
}

TEST_F(EdgeTest, YearsAtTheEdge) {
  int n = 0;
  for (const int year :
       {std::numeric_limits<int>::min(), -1, 0, 1, 9999, 10'000, std::numeric_limits<int>::max()}) {
    for (const int month : {0, 1, 12, 13}) {
      v1::Event event = Seen("year" + std::to_string(n++), "u");
      v1::Date* const date = event.mutable_observe_unit()->mutable_expiry_date();
      date->set_year(year);
      date->set_month(month);
      date->set_day(month == 0 ? 0 : 31);
      ExpectTakenWholeOrRefused(event);
    }
  }
  v1::Event zero = Seen("zero", "u");
  zero.mutable_observe_unit()->mutable_expiry_date()->set_month(5);
  ExpectRefused(zero, absl::StatusCode::kInvalidArgument);
}

TEST_F(EdgeTest, TimesAtTheEdge) {
  int n = 0;
  // 0001-01-01 and 9999-12-31 as protobuf has them, and beyond.
  for (const int64_t seconds : {std::numeric_limits<int64_t>::min(), int64_t{-62'135'596'801},
                                int64_t{-62'135'596'800}, int64_t{0}, int64_t{253'402'300'799},
                                int64_t{253'402'300'800}, std::numeric_limits<int64_t>::max()}) {
    for (const int nanos : {-1, 0, 999'999'999, 1'000'000'000}) {
      for (const int offset : {-18 * 60 - 1, -18 * 60, 18 * 60, 18 * 60 + 1}) {
        for (const v1::Precision precision : {v1::PRECISION_EXACT, v1::PRECISION_YEAR}) {
          v1::Event event = Seen("time" + std::to_string(n++), "u");
          v1::Time* const time = event.mutable_time()->mutable_begin();
          time->mutable_at()->set_seconds(seconds);
          time->mutable_at()->set_nanos(nanos);
          time->set_offset_minutes(offset);
          time->set_precision(precision);
          ExpectTakenWholeOrRefused(event);
        }
      }
    }
  }
  EXPECT_GT(Size(), 1u);
}

TEST_F(EdgeTest, QuantitiesAtTheEdge) {
  int n = 0;
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                              std::numeric_limits<int64_t>::max()}) {
    for (const int scale :
         {std::numeric_limits<int>::min(), -1, 0, 9, 10, std::numeric_limits<int>::max()}) {
      for (const char* const unit : {"KGM", "", "XXX"}) {
        v1::Event event = Linked("q" + std::to_string(n++), "in", "out");
        event.mutable_link_units()->mutable_quantity()->set_value(value);
        event.mutable_link_units()->mutable_quantity()->set_scale(scale);
        event.mutable_link_units()->mutable_quantity()->set_unit(unit);
        ExpectTakenWholeOrRefused(event);
      }
    }
  }
  EXPECT_GT(Size(), 1u);
  TraceRequest request;
  request.unit = "ext:test:in";
  SUYUAN_EXPECT_OK(engine_->Trace(request)) << "sums of the largest do no harm";
}

}  // namespace
}  // namespace suyuan::fault

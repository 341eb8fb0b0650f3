// One bit of a small store is flipped on disk, every byte in turn. Either the
// check finds it, or the opening refuses, or no entry differs. Never a crash,
// never a wrong or missing entry in a store that opens.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "lib/base/bytes.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/id_index.h"
#include "lib/store/segment.h"
#include "tests/fault/fault_support.h"

// In the place of the C library's: RocksDB preallocates its log, and the stores of these tests
// lie in memory, where that costs three times what all the rest does.
extern "C" int fallocate(int, int, off_t, off_t) {
  errno = EOPNOTSUPP;
  return -1;
}

namespace suyuan::fault {
namespace {

namespace fs = std::filesystem;

// A ledger of five entries and one of two; closes, or says that it is done and
// waits to be killed.
int Make(const std::vector<std::string>& arguments) {
  auto engine = OpenEngine(arguments.at(0));
  if (!engine.ok()) return 1;
  const std::vector<v1::Event> events = {Seen("e1", "a"), Linked("e2", "a", "b"), Seen("e3", "b")};
  if (!MakeLedger(**engine, "p").ok() || !MakeLedger(**engine, "q").ok() ||
      !(*engine)->Append("p", {events.data(), 2}).ok() ||
      !(*engine)->Append("q", {events.data(), 1}).ok() ||
      !(*engine)->Append("p", {events.data() + 2, 1}).ok()) {
    return 1;
  }
  v1::Event correction = Linked("e4", "a", "c");
  correction.mutable_correction()->set_event_id("e2");
  correction.mutable_correction()->set_reason("misread");
  if (!(*engine)->Append("p", {&correction, 1}).ok()) return 1;
  if (arguments.at(1) == "close") return 0;
  Say("done\n");
  pause();
  return 1;
}
const RegisterRole kMaker("make", Make);

struct State {
  std::map<std::string, std::vector<ReadBack>> entries;
  std::vector<std::string> units;
  std::string trace;
  friend bool operator==(const State&, const State&) = default;
};

// What a user of the engine sees; nothing if it cannot be read.
std::optional<State> StateOf(const Engine& engine) {
  State state;
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine.ListLedgers();
  const absl::StatusOr<std::vector<UnitInfo>> units = engine.FindUnits("");
  if (!ledgers.ok() || !units.ok()) return std::nullopt;
  for (const LedgerInfo& info : *ledgers) {
    std::vector<ReadBack>& entries = state.entries[info.name];
    const absl::Status status = engine.Read(info.name, 0, ~uint64_t{0}, [&](const Entry& entry) {
      entries.push_back({entry.event.id(), entry.leaf_hash, entry.event.SerializeAsString()});
      return true;
    });
    if (!status.ok() || entries.size() != info.size) return std::nullopt;
  }
  for (const UnitInfo& unit : *units) state.units.push_back(unit.key);
  TraceRequest request;
  request.unit = "ext:test:a";
  if (const auto trace = engine.Trace(request); trace.ok()) state.trace = trace->digest;
  return state;
}

bool IsExempt(const std::string& path) {
  const std::string name = fs::path(path).filename();
  return name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "IDENTITY" ||
         name == "LOCK";
}

void WriteFiles(const std::map<std::string, std::string>& files, const std::string& dir) {
  fs::remove_all(dir);
  for (const auto& [path, bytes] : files) {
    fs::create_directories(fs::path(dir + "/" + path).parent_path());
    WriteBytes(dir + "/" + path, bytes);
    if (path.ends_with(".key")) {
      fs::permissions(dir + "/" + path, fs::perms::owner_read | fs::perms::owner_write);
    }
  }
}

struct Flip {
  std::string path;
  size_t offset = 0;
  int bit = 0;
  std::string text() const {
    return path + " byte " + std::to_string(offset) + " bit " + std::to_string(bit);
  }
};

std::vector<Flip> FlipsOf(const std::map<std::string, std::string>& files, uint64_t seed,
                          bool all_bits) {
  std::mt19937_64 random(seed);
  // The sanitizer build takes fewer bytes.
  const uint64_t every = std::max<uint64_t>(1, EnvNumber("SUYUAN_FLIP_EVERY", 1));
  std::vector<Flip> flips;
  for (const auto& [path, bytes] : files) {
    if (IsExempt(path)) continue;
    for (size_t offset = 0; offset < bytes.size(); ++offset) {
      const int chosen = static_cast<int>(random() % 8);
      if ((offset + seed) % every != 0) continue;
      for (int bit = 0; bit < 8; ++bit) {
        if (all_bits || bit == chosen) flips.push_back({path, offset, bit});
      }
    }
  }
  return flips;
}

// What comes of one flip: "found", "refused", "harmless", or what is wrong.
std::string Try(const std::string& dir, const State& expected) {
  const auto before = CheckEngine(dir);
  const bool found = !before.ok() || !before->ok();
  auto engine = OpenEngine(dir);
  if (!engine.ok()) {
    if (!absl::IsDataLoss(engine.status())) {
      return "WRONG: refused with " + engine.status().ToString();
    }
    return found ? "found" : "refused";
  }
  const std::optional<State> state = StateOf(**engine);
  engine->reset();
  if (!state.has_value()) return found ? "found" : "WRONG: opened, cannot be read, check clean";
  if (state->entries != expected.entries) return "WRONG: opened with other entries";
  if (*state != expected) return "WRONG: opened with the same entries and another genealogy";
  const auto after = CheckEngine(dir);
  if (found) return "found";
  return after.ok() && after->ok() ? "harmless" : "WRONG: opening did harm";
}

// Arguments: pristine directory, working directory, seed, all bits, first flip.
int RunFlips(const std::vector<std::string>& arguments) {
  google::protobuf::SetLogHandler(nullptr);
  const std::map<std::string, std::string> pristine = FilesOf(arguments.at(0));
  const std::string& work = arguments.at(1);
  WriteFiles(pristine, work);
  std::optional<State> expected;
  {
    auto engine = OpenEngine(work);
    if (engine.ok()) expected = StateOf(**engine);
  }
  if (!expected.has_value()) return 1;
  const std::vector<Flip> flips =
      FlipsOf(pristine, std::stoull(arguments.at(2)), arguments.at(3) == "1");
  for (size_t i = std::stoull(arguments.at(4)); i < flips.size(); ++i) {
    std::map<std::string, std::string> files = pristine;
    char& byte = files[flips[i].path][flips[i].offset];
    byte = static_cast<char>(byte ^ (1 << flips[i].bit));
    WriteFiles(files, work);
    Say("? " + std::to_string(i) + "\n");
    Say("= " + Try(work, *expected) + "\n");
  }
  Say("end\n");
  return 0;
}
const RegisterRole kFlipper("flip", RunFlips);

class BitflipTest : public testing::Test {
 protected:
  void ExpectNoFlipDoesHarm() {
    const uint64_t seed = EnvNumber("SUYUAN_FLIP_SEED", std::random_device()() % 1'000'000);
    const bool all_bits = EnvNumber("SUYUAN_FLIP_ALL_BITS", 0) != 0;
    const std::vector<Flip> flips = FlipsOf(FilesOf(pristine_), seed, all_bits);
    std::cout << "SUYUAN_FLIP_SEED=" << seed << ", " << flips.size() << " flips\n";
    ASSERT_GT(flips.size(), 100u);
    std::map<std::string, int> outcomes;
    std::map<std::string, int> by_file;
    std::vector<std::string> wrong;
    for (size_t next = 0; next < flips.size();) {
      OtherProcess flipper({"flip", pristine_, dir_ / "work", std::to_string(seed),
                            all_bits ? "1" : "0", std::to_string(next)});
      flipper.ReadAll();
      const int status = flipper.Wait();
      std::istringstream lines(flipper.said());
      std::string line;
      size_t at = next;
      bool answered = true;
      while (std::getline(lines, line)) {
        if (line.starts_with("? ")) {
          at = std::stoull(line.substr(2));
          answered = false;
        } else if (line.starts_with("= ")) {
          answered = true;
          const std::string outcome = line.substr(2);
          const bool is_wrong = outcome.starts_with("WRONG");
          ++outcomes[is_wrong ? "wrong" : outcome];
          ++by_file[flips[at].path.substr(0, flips[at].path.find('/') + 5) + " " +
                    (is_wrong ? "wrong" : outcome)];
          if (is_wrong) wrong.push_back(flips[at].text() + ": " + outcome);
        }
      }
      if (flipper.said().ends_with("end\n")) break;
      ASSERT_FALSE(answered && at == next) << "the flipper did not begin, status " << status;
      wrong.push_back(flips[at].text() + ": it crashed, status " + std::to_string(status));
      next = at + 1;
    }
    for (const auto& [outcome, count] : outcomes) std::cout << "  " << outcome << " " << count;
    std::cout << "\n";
    for (const auto& [outcome, count] : by_file)
      std::cout << "    " << outcome << " " << count << "\n";
    EXPECT_EQ(wrong.size(), 0u);
    for (size_t i = 0; i < std::min<size_t>(wrong.size(), 20); ++i) ADD_FAILURE() << wrong[i];
  }

  FastDir dir_;
  const std::string pristine_ = dir_ / "pristine";
};

// Killed before it could put its log into tables.
TEST_F(BitflipTest, InAStoreThatLivesInItsLog) {
  {
    OtherProcess maker({"make", dir_ / "made", "wait"});
    ASSERT_TRUE(maker.ReadUntil("done\n"));
    maker.Kill();
    maker.Wait();
  }
  CopyDir(dir_ / "made", pristine_);
  const auto files = FilesOf(pristine_);
  EXPECT_FALSE(std::any_of(files.begin(), files.end(),
                           [](const auto& file) { return file.first.ends_with(".sst"); }));
  ASSERT_THAT(CheckEngine(pristine_), IsClean());
  ExpectNoFlipDoesHarm();
}

// Closed in order, its indexes partly in segments.
TEST_F(BitflipTest, InAStoreThatLivesInTablesAndSegments) {
  const std::string made = dir_ / "made";
  {
    OtherProcess maker({"make", made, "close"});
    maker.ReadAll();
    ASSERT_EQ(maker.Wait(), 0);
  }
  {
    std::vector<ReadBack> entries;
    {
      auto engine = OpenEngine(made);
      SUYUAN_ASSERT_OK(engine);
      entries = ReadLedger(**engine, "p");
    }
    ASSERT_EQ(entries.size(), 5u);
    // As the indexes themselves write them, only earlier. "p" has number 1.
    constexpr size_t kSealed = 5;
    std::vector<std::pair<uint64_t, uint64_t>> rows;
    std::string facts;
    for (size_t i = 0; i < kSealed; ++i) {
      rows.emplace_back(ledger::IdHash(entries[i].id), i);
      v1::Event event;
      ASSERT_TRUE(event.ParseFromString(entries[i].event));
      const std::string prepared = genealogy::EncodeFacts(genealogy::FactsOf(event));
      std::optional<uint64_t> corrects;
      if (event.has_correction()) corrects = 2;
      genealogy::GraphIndex::PutRow(&facts, {prepared, corrects});
    }
    std::sort(rows.begin(), rows.end());
    std::string ids;
    for (const auto& [hash, sequence] : rows) {
      PutFixed64(&ids, hash);
      PutFixed64(&ids, sequence);
    }
    const Hash last = Hash::From(entries[kSealed - 1].leaf);
    SUYUAN_ASSERT_OK(store::SegmentDir(made + "/index", "id").Write(1, 0, kSealed, last, ids));
    SUYUAN_ASSERT_OK(store::SegmentDir(made + "/index", "graph").Write(1, 0, kSealed, last, facts));
  }
  { SUYUAN_ASSERT_OK(OpenEngine(made)); }
  CopyDir(made, pristine_);
  const auto files = FilesOf(pristine_);
  EXPECT_EQ(std::count_if(files.begin(), files.end(),
                          [](const auto& file) { return file.first.ends_with(".seg"); }),
            2)
      << "the segments were taken for the ledger's own";
  EXPECT_TRUE(std::any_of(files.begin(), files.end(),
                          [](const auto& file) { return file.first.ends_with(".sst"); }));
  ASSERT_THAT(CheckEngine(pristine_), IsClean());
  ExpectNoFlipDoesHarm();
}

}  // namespace
}  // namespace suyuan::fault

// A writer is killed in the middle of its work, again and again, in one data
// directory. Whatever it was told to be durable must be there.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/fault_support.h"

namespace suyuan::fault {
namespace {

constexpr int kThreads = 16;
// All of it is read again after every kill, so it must stay small.
constexpr uint64_t kRoundsAStore = 40;
const std::vector<std::string> kLedgers = {"plant-a", "plant-b"};

std::string Hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

// Appends until it is killed. Says every receipt: ledger, id, sequence, leaf.
// An id tells its batch and its place in it: <seed>.<thread>.<batch>.<i>.<of>
int Write(const std::vector<std::string>& arguments) {
  const std::string& data_dir = arguments.at(0);
  const uint64_t seed = std::stoull(arguments.at(1));
  auto opened = OpenEngine(data_dir);
  if (!opened.ok()) {
    Say("! " + opened.status().ToString() + "\n");
    return 1;
  }
  Engine& engine = **opened;
  std::vector<std::string> ledgers = kLedgers;
  // Now and then it dies while a ledger is made.
  if (seed % 10 == 0) ledgers.push_back("plant-" + std::to_string(seed));
  for (const std::string& ledger : ledgers) {
    const absl::Status made = MakeLedger(engine, ledger);
    if (!made.ok() && !absl::IsAlreadyExists(made)) {
      Say("! " + made.ToString() + "\n");
      return 1;
    }
    Say("@ " + ledger + "\n");
  }
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(seed * 100 + static_cast<uint64_t>(t));
      for (int batch = 0;; ++batch) {
        const std::string& ledger = ledgers[random() % ledgers.size()];
        const size_t count = random() % 50 == 0 ? 150 : 1 + random() % 6;
        std::vector<v1::Event> events;
        for (size_t i = 0; i < count; ++i) {
          const std::string id = std::to_string(seed) + "." + std::to_string(t) + "." +
                                 std::to_string(batch) + "." + std::to_string(i) + "." +
                                 std::to_string(count);
          events.push_back(i % 2 == 0 ? Seen(id, std::to_string(random() % 1000))
                                      : Linked(id, std::to_string(random() % 1000),
                                               std::to_string(random() % 1000)));
          if (random() % 20 == 0) events.back().set_remark(std::string(random() % 5'000, 'r'));
        }
        const auto receipts = engine.Append(ledger, events);
        if (!receipts.ok()) {
          Say("! " + receipts.status().ToString() + "\n");
          return;
        }
        std::string lines;
        for (const Receipt& receipt : *receipts) {
          lines += "+ " + ledger + " " + receipt.event_id + " " + std::to_string(receipt.sequence) +
                   " " + Hex(receipt.leaf_hash) + "\n";
        }
        Say(lines);
        std::this_thread::sleep_for(std::chrono::microseconds(4'000 + random() % 24'000));
      }
    });
  }
  threads.clear();
  return 1;
}
const RegisterRole kWriter("write", Write);

// What was acknowledged, by ledger and sequence.
struct Acknowledged {
  std::string id;
  std::string leaf;
};
using Promises = std::map<std::string, std::map<uint64_t, Acknowledged>>;

void Take(const std::string& said, Promises* promises) {
  // What stands behind the last newline was cut off by the kill.
  std::istringstream lines(said.substr(0, said.rfind('\n') + 1));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string kind;
    std::string ledger;
    Acknowledged one;
    uint64_t sequence = 0;
    words >> kind >> ledger;
    ASSERT_NE(kind, "!") << "the writer failed by itself: " << line;
    if (kind == "@") (*promises)[ledger];
    if (kind != "+") continue;
    words >> one.id >> sequence >> one.leaf;
    const auto [it, is_new] = (*promises)[ledger].emplace(sequence, one);
    ASSERT_TRUE(is_new) << ledger << " " << sequence << " was promised to " << it->second.id
                        << " and to " << one.id;
  }
}

TEST(KillTest, NothingThatWasAcknowledgedIsLost) {
  const uint64_t rounds = EnvNumber("SUYUAN_KILL_ROUNDS", kSanitized ? 40 : 200);
  const uint64_t first_seed = EnvNumber("SUYUAN_KILL_SEED", std::random_device()() % 1'000'000);
  std::cout << "SUYUAN_KILL_SEED=" << first_seed << ", " << rounds << " rounds\n";
  const FastDir dir;
  const std::string data_dir = dir / "data";
  Promises promises;
  std::map<std::string, std::vector<ReadBack>> known;  // as of the last round
  uint64_t killed_early = 0;
  size_t acknowledged = 0;
  const auto count = [&] {
    for (const auto& [ledger, promised] : promises) acknowledged += promised.size();
  };
  for (uint64_t round = 0; round < rounds; ++round) {
    if (round % kRoundsAStore == 0) {
      count();
      promises.clear();
      known.clear();
      std::filesystem::remove_all(data_dir);
    }
    const uint64_t seed = first_seed + round;
    SCOPED_TRACE("SUYUAN_KILL_SEED=" + std::to_string(first_seed) + ", round " +
                 std::to_string(round));
    std::mt19937_64 random(seed);
    {
      OtherProcess writer({"write", data_dir, std::to_string(seed)});
      // Some die while they open, some with their first events, most at work.
      if (round % 8 == 0) {
        writer.ReadFor(static_cast<int64_t>(random() % (kSanitized ? 120'000 : 40'000)));
      } else if (round % 8 == 1) {
        writer.ReadUntil("@ plant-b\n");
        writer.ReadFor(static_cast<int64_t>(random() % 10'000));
      } else {
        writer.ReadUntil("\n+ ");
        writer.ReadFor(static_cast<int64_t>(random() % 80'000));
        // Some stand still for a while before.
        if (round % 8 == 2) {
          writer.Stop();
          writer.ReadFor(static_cast<int64_t>(random() % 50'000));
          writer.Continue();
          writer.ReadFor(static_cast<int64_t>(random() % 20'000));
        }
      }
      writer.Kill();
      writer.ReadAll();
      const int status = writer.Wait();
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
          << "it ended by itself: " << writer.said();
      if (writer.said().find("+ ") == std::string::npos) ++killed_early;
      ASSERT_NO_FATAL_FAILURE(Take(writer.said(), &promises));
    }
    // As the kill left it, and as opening leaves it.
    if (!promises.empty()) {
      ASSERT_THAT(CheckEngine(data_dir), IsClean());
    }
    {
      auto engine = OpenEngine(data_dir);
      SUYUAN_ASSERT_OK(engine);
      for (const auto& [ledger, promised] : promises) {
        SUYUAN_ASSERT_OK((*engine)->GetLedger(ledger));
        std::vector<ReadBack>& before = known[ledger];
        // The last entry of the round before holds all before it by its leaf.
        const uint64_t from = before.empty() ? 0 : before.size() - 1;
        std::vector<ReadBack> now = ReadLedger(**engine, ledger, from);
        if (!before.empty()) {
          ASSERT_FALSE(now.empty()) << ledger << " became shorter than " << before.size();
          ASSERT_EQ(now[0].leaf, before.back().leaf);
          now.erase(now.begin());
        }
        ASSERT_NO_FATAL_FAILURE(ExpectWholeBatches(ledger, now));
        for (ReadBack& entry : now) {
          entry.event.clear();
          before.push_back(std::move(entry));
        }
        for (auto it = promised.lower_bound(from); it != promised.end(); ++it) {
          ASSERT_LT(it->first, before.size()) << ledger << " lost " << it->second.id;
          ASSERT_EQ(before[it->first].id, it->second.id) << ledger << " " << it->first;
          ASSERT_EQ(Hex(before[it->first].leaf), it->second.leaf) << ledger << " " << it->first;
        }
      }
    }
  }
  ASSERT_THAT(CheckEngine(data_dir), IsClean());
  auto engine = OpenEngine(data_dir);
  SUYUAN_ASSERT_OK(engine);
  for (const auto& [ledger, promised] : promises) {
    const std::vector<ReadBack> entries = ReadLedger(**engine, ledger);
    for (const auto& [sequence, one] : promised) {
      ASSERT_LT(sequence, entries.size());
      EXPECT_EQ(entries[sequence].id, one.id);
      EXPECT_EQ(Hex(entries[sequence].leaf), one.leaf);
    }
  }
  count();
  std::cout << acknowledged << " events were acknowledged, " << killed_early << " of " << rounds
            << " writers died before their first\n";
  EXPECT_GT(acknowledged, rounds);
}

}  // namespace
}  // namespace suyuan::fault

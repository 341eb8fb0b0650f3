// The power goes while many write, and takes with it what was not forced to
// disk. Whatever was acknowledged must be there.

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/check.h"
#include "lib/ledger/ledgers.h"
#include "lib/store/rocksdb_store.h"
#include "tests/fault/fault_support.h"
#include "tests/fault/power_cut_fs.h"

namespace suyuan::fault {
namespace {

using ledger::Ledgers;
using ledger::StoredRecord;
using store::RocksDbMode;

// All of it is read again after every cut, so it must stay small.
constexpr uint64_t kRoundsAStore = 20;

struct Promise {
  std::string id;
  std::string leaf;
};

class LostWritesTest : public testing::Test {
 protected:
  // As the engine does: what refuses is taken up to its first damage. Here the
  // evidence need not be kept.
  absl::StatusOr<std::unique_ptr<Ledgers>> Open(rocksdb::Env* env) {
    auto store = store::OpenRocksDb(dir_ / "db", RocksDbMode::kReadWrite, true, env);
    if (absl::IsDataLoss(store.status())) {
      ++taken_up_to_damage_;
      store = store::OpenRocksDb(dir_ / "db", RocksDbMode::kPointInTime, false, env);
    }
    if (!store.ok()) return store.status();
    graph_ = std::make_unique<genealogy::GraphIndex>(dir_ / "index");
    return Ledgers::Open({.store = *std::move(store),
                          .marks_dir = dir_ / "marks",
                          .keys_dir = dir_ / "keys",
                          .index_dir = dir_ / "index",
                          .index = graph_.get(),
                          .clock = SystemClock(),
                          .progress = {}});
  }

  std::map<std::string, std::string> Marks() {
    std::map<std::string, std::string> marks;
    if (std::filesystem::exists(dir_ / "marks")) marks = FilesOf(dir_ / "marks");
    return marks;
  }

  FastDir dir_;
  std::unique_ptr<genealogy::GraphIndex> graph_;
  int taken_up_to_damage_ = 0;
};

TEST_F(LostWritesTest, NothingThatWasAcknowledgedIsLost) {
  const uint64_t rounds = EnvNumber("SUYUAN_POWER_CUTS", kSanitized ? 60 : 200);
  const uint64_t first_seed =
      EnvNumber("SUYUAN_POWER_CUT_SEED", std::random_device()() % 1'000'000);
  std::cout << "SUYUAN_POWER_CUT_SEED=" << first_seed << ", " << rounds << " rounds\n";
  const std::vector<std::string> names = {"plant-a", "plant-b"};
  std::map<std::string, std::map<uint64_t, Promise>> promises;
  size_t acknowledged = 0;
  const auto count = [&] {
    for (const auto& [name, promised] : promises) acknowledged += promised.size();
  };
  uint64_t lost_bytes = 0;
  uint64_t lost_names = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE("SUYUAN_POWER_CUT_SEED=" + std::to_string(first_seed) + ", round " +
                 std::to_string(round));
    std::mt19937_64 random(first_seed + round);
    if (round % kRoundsAStore == 0) {
      count();
      promises.clear();
      for (const char* const name : {"db", "marks", "keys", "index"}) {
        std::filesystem::remove_all(dir_ / name);
      }
    }
    const auto fs = std::make_shared<PowerCutFs>(dir_ / "attic", random());
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);

    // Every fourth time it goes while the store opens.
    const bool at_opening = round % 4 == 3;
    std::map<std::string, std::string> forced_marks;
    {
      if (at_opening) fs->CutAt(1 + random() % 60);
      auto opened = Open(env.get());
      if (!opened.ok()) {
        ASSERT_TRUE(fs->IsCut()) << opened.status();
      } else {
        Ledgers& ledgers = **opened;
        forced_marks = Marks();
        if (!at_opening) fs->CutAt(1 + random() % 150);
        std::mutex mu;
        std::vector<std::jthread> writers;
        for (int t = 0; t < 3; ++t) {
          writers.emplace_back([&, t, seed = random()] {
            std::mt19937_64 own(seed);
            for (int batch = 0;; ++batch) {
              const std::string& name = names[own() % names.size()];
              auto state = ledgers.Get(name);
              if (!state.has_value()) {
                v1::Genesis genesis;
                genesis.set_clock_tolerance_micros(60'000'000);
                const absl::Status made = ledgers.Create(name, genesis).status();
                if (absl::IsAlreadyExists(made)) continue;
                if (!made.ok()) return;
                state = ledgers.Get(name);
                // A mark is forced to disk before a ledger is there.
                const std::string mark = name + ".mark";
                const std::lock_guard lock(mu);
                promises[name];
                forced_marks[mark] = *ReadFile(dir_ / "marks" + "/" + mark);
              }
              std::vector<ledger::NewEvent> events;
              for (uint64_t n = 1 + own() % 8; n > 0; --n) {
                v1::Event event = Seen(std::to_string(round) + "." + std::to_string(t) + "." +
                                           std::to_string(batch) + "." + std::to_string(n),
                                       std::to_string(own() % 1000));
                if (own() % 10 == 0) event.set_remark(std::string(own() % 20'000, 'r'));
                auto prepared = ledgers.Prepare(event);
                if (!prepared.ok()) return;
                events.push_back(*std::move(prepared));
              }
              const auto receipts = ledgers.Append(state->number, std::move(events));
              if (!receipts.ok()) return;
              const std::lock_guard lock(mu);
              for (const Receipt& receipt : *receipts) {
                promises[name][receipt.sequence] = {receipt.event_id, receipt.leaf_hash};
              }
            }
          });
        }
        writers.clear();
        ASSERT_TRUE(fs->IsCut());
      }
    }
    fs->ComeBack(round % 5 == 0);
    lost_bytes += fs->forgotten_bytes();
    lost_names += fs->forgotten_names();
    // Marks go to disk once a second: the system may not have got to it.
    if (round % 2 == 0) {
      for (const auto& [name, bytes] : forced_marks) WriteBytes(dir_ / "marks" + "/" + name, bytes);
    }

    {
      const auto store = store::OpenRocksDb(dir_ / "db", RocksDbMode::kReadOnly, false);
      if (store.ok()) {
        const CheckReport report = ledger::CheckLedgers(**store, dir_ / "marks", {}, {});
        ASSERT_TRUE(report.ok()) << Told(report);
      } else {
        // Before its first ledger a database may not be there yet.
        ASSERT_TRUE(promises.empty()) << store.status();
      }
    }
    auto again = Open(nullptr);
    SUYUAN_ASSERT_OK(again);
    for (const auto& [name, promised] : promises) {
      const auto state = (*again)->Get(name);
      ASSERT_TRUE(state.has_value()) << "ledger " << name << " is gone";
      std::vector<Promise> entries;
      SUYUAN_ASSERT_OK(
          (*again)->Read(state->number, 0, state->size, [&](const StoredRecord& stored) {
            entries.push_back({std::string(stored.record.event_id),
                               std::string(merkle::LeafHash(stored.bytes).view())});
            return true;
          }));
      for (const auto& [sequence, promise] : promised) {
        ASSERT_LT(sequence, entries.size()) << name << " lost " << promise.id;
        ASSERT_EQ(entries[sequence].id, promise.id) << name << " " << sequence;
        ASSERT_EQ(entries[sequence].leaf, promise.leaf) << name << " " << sequence;
      }
    }
    const CheckReport report = ledger::CheckLedgers((*again)->store(), dir_ / "marks", {}, {});
    ASSERT_TRUE(report.ok()) << Told(report);
  }
  count();
  std::cout << acknowledged << " events were acknowledged; " << lost_bytes << " bytes and "
            << lost_names << " changes of names were forgotten; " << taken_up_to_damage_
            << " logs were taken up to their first damage\n";
  EXPECT_GT(acknowledged, rounds);
  EXPECT_GT(lost_bytes, 0u) << "no cut took anything: the test does not bite";
  EXPECT_GT(lost_names, 0u);
}

}  // namespace
}  // namespace suyuan::fault

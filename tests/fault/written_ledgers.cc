#include "tests/fault/written_ledgers.h"

#include <filesystem>
#include <random>
#include <thread>
#include <utility>

#include "lib/base/file.h"
#include "lib/ledger/check.h"
#include "lib/store/rocksdb_store.h"

namespace suyuan::fault {
namespace {

using ledger::Ledgers;
using ledger::StoredRecord;
using store::RocksDbMode;

const std::vector<std::string>& Names() {
  static const auto* const names = new std::vector<std::string>{"plant-a", "plant-b"};
  return *names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Ledgers>> WrittenLedgers::Open(rocksdb::Env* env,
                                                              const Clock* clock) {
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
                        .clock = clock,
                        .progress = {}});
}

void WrittenLedgers::Write(Ledgers& ledgers, const std::string& prefix, int threads, int batches,
                           uint64_t seed) {
  const auto write = [&](int thread) {
    std::mt19937_64 random(seed * 100 + static_cast<uint64_t>(thread));
    for (int batch = 0; batch < batches; ++batch) {
      const std::string& name = Names()[random() % Names().size()];
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
        const std::lock_guard lock(mu_);
        promises_[name];
        marks_at_creation_[mark] = *ReadFile(dir_ / "marks" + "/" + mark);
      }
      std::vector<ledger::NewEvent> events;
      const uint64_t count = 1 + random() % 8;
      for (uint64_t i = 0; i < count; ++i) {
        v1::Event event = Seen(prefix + "." + std::to_string(thread) + "." + std::to_string(batch) +
                                   "." + std::to_string(i) + "." + std::to_string(count),
                               std::to_string(random() % 1000));
        if (random() % 10 == 0) event.set_remark(std::string(random() % 20'000, 'r'));
        auto prepared = ledgers.Prepare(event);
        if (!prepared.ok()) return;
        events.push_back(*std::move(prepared));
      }
      const auto receipts = ledgers.Append(state->number, std::move(events));
      if (!receipts.ok()) return;
      const std::lock_guard lock(mu_);
      acknowledged_ += receipts->size();
      for (const Receipt& receipt : *receipts) {
        promises_[name][receipt.sequence] = {receipt.event_id, receipt.leaf_hash};
      }
    }
  };
  std::vector<std::jthread> writers;
  for (int thread = 0; thread < threads; ++thread) writers.emplace_back(write, thread);
}

void WrittenLedgers::ExpectKept(const Ledgers& ledgers) {
  for (const auto& [name, promised] : promises_) {
    const auto state = ledgers.Get(name);
    ASSERT_TRUE(state.has_value()) << "ledger " << name << " is gone";
    std::vector<ReadBack> entries;
    SUYUAN_ASSERT_OK(ledgers.Read(state->number, 0, state->size, [&](const StoredRecord& stored) {
      entries.push_back({std::string(stored.record.event_id),
                         std::string(merkle::LeafHash(stored.bytes).view()), ""});
      return true;
    }));
    for (const auto& [sequence, promise] : promised) {
      ASSERT_LT(sequence, entries.size()) << name << " lost " << promise.id;
      ASSERT_EQ(entries[sequence].id, promise.id) << name << " " << sequence;
      ASSERT_EQ(entries[sequence].leaf, promise.leaf) << name << " " << sequence;
    }
    ASSERT_NO_FATAL_FAILURE(ExpectWholeBatches(name, entries));
  }
  const CheckReport report = ledger::CheckLedgers(ledgers.store(), dir_ / "marks", {}, {});
  ASSERT_TRUE(report.ok()) << Told(report);
}

void WrittenLedgers::ExpectCleanOnDisk() {
  const auto store = store::OpenRocksDb(dir_ / "db", RocksDbMode::kReadOnly, false);
  if (!store.ok()) {
    // Before its first ledger a database may not be there yet.
    ASSERT_TRUE(promises_.empty()) << store.status();
    return;
  }
  const CheckReport report = ledger::CheckLedgers(**store, dir_ / "marks", {}, {});
  ASSERT_TRUE(report.ok()) << Told(report);
}

void WrittenLedgers::Remove() {
  promises_.clear();
  marks_at_creation_.clear();
  for (const char* const name : {"db", "marks", "keys", "index"}) {
    std::filesystem::remove_all(dir_ / name);
  }
}

}  // namespace suyuan::fault

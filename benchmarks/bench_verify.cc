// Checking, opening and rebuilding a ledger: see README.md.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/open_ledger.h"
#include "benchmarks/plain_rocksdb.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/ledger/check.h"
#include "lib/merkle/tree.h"
#include "lib/store/rocksdb_store.h"
#include "suyuan/engine.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

constexpr uint64_t kBatch = 1'024;

void Fill(OpenLedger* ledger, uint64_t events) {
  SyntheticPlant plant(1);
  for (uint64_t done = 0; done < events;) {
    std::vector<ledger::NewEvent> batch;
    for (; batch.size() < kBatch && done < events; ++done) {
      batch.push_back(Must(ledger->ledgers().Prepare(plant.Next())));
    }
    ledger->Append(std::move(batch));
  }
}

// Leaves and nodes of a tree over `records`, which is a power of two of them.
std::vector<Hash> HashTree(const std::vector<std::string>& records, size_t from, size_t to) {
  std::vector<Hash> level;
  level.reserve(to - from);
  for (size_t i = from; i < to; ++i) level.push_back(merkle::LeafHash(records[i]));
  while (level.size() > 1) {
    size_t kept = 0;
    for (size_t i = 0; i + 1 < level.size(); i += 2) {
      level[kept++] = merkle::NodeHash(level[i], level[i + 1]);
    }
    if (level.size() % 2 == 1) level[kept++] = level.back();
    level.resize(kept);
  }
  return level;
}

// On `cores` threads, a share of the leaves each.
Run HashFromMemory(const std::vector<std::string>& records, size_t cores) {
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (size_t c = 0; c < cores; ++c) {
      threads.emplace_back([&, c] {
        HashTree(records, records.size() * c / cores, records.size() * (c + 1) / cores);
      });
    }
  }
  return {static_cast<double>(records.size()), watch.Seconds(), watch.CpuSeconds(), {}};
}

void Verify(const std::string& dir, uint64_t rounds) {
  const auto store = Must(store::OpenRocksDb(dir + "/db", store::RocksDbMode::kReadOnly, false));
  std::vector<std::string> records;
  const auto check = [&](const auto& visit) {
    const CheckReport report = ledger::CheckLedgers(*store, dir + "/marks", {}, visit);
    Must(report.ok(), "the check found a problem");
  };
  check([&](uint32_t, const std::string&, const ledger::StoredRecord& stored, const Hash&) {
    records.emplace_back(stored.bytes);
  });
  const size_t cores = std::max(1u, std::thread::hardware_concurrency());
  Duel("verifying a ledger of " + std::to_string(records.size()) + " entries", "entries",
       {{"hashing from memory, " + std::to_string(cores) + " cores",
         [&] { return HashFromMemory(records, cores); }},
        {"hashing from memory, 1 core", [&] { return HashFromMemory(records, 1); }},
        {"CheckLedgers, store open",
         [&] {
           const Stopwatch watch;
           check([](uint32_t, const std::string&, const ledger::StoredRecord&, const Hash&) {});
           return Run{static_cast<double>(records.size()), watch.Seconds(), watch.CpuSeconds(), {}};
         }},
        {"Engine::Check, indexes too",
         [&] {
           const Stopwatch watch;
           Options options;
           options.data_dir = dir;
           Must(Must(Engine::Check(options)).ok(), "the check found a problem");
           return Run{static_cast<double>(records.size()), watch.Seconds(), watch.CpuSeconds(), {}};
         }}},
       rounds);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double Worst(const std::vector<double>& seconds) {
  return *std::max_element(seconds.begin(), seconds.end());
}

void OpenCleanAndRebuild(const std::string& dir, uint64_t events, uint64_t rounds) {
  std::vector<double> opened;
  std::vector<double> opened_cpu;
  std::vector<double> rebuilt;
  std::vector<double> rebuilt_cpu;
  for (uint64_t round = 0; round < rounds; ++round) {
    const Stopwatch watch;
    OpenLedger ledger(dir);
    opened.push_back(watch.Seconds());
    opened_cpu.push_back(watch.CpuSeconds());
    const Stopwatch rebuild;
    Must(ledger.ledgers().Rebuild());
    rebuilt.push_back(rebuild.Seconds());
    rebuilt_cpu.push_back(rebuild.CpuSeconds());
  }
  const double entries = static_cast<double>(events);
  std::printf(
      "\nopening %.0f entries after a clean stop: median %.2f s, worst %.2f s, "
      "cpu %.3g us an entry\n",
      entries, Median(opened), Worst(opened), Median(opened_cpu) * 1e6 / entries);
  std::printf(
      "rebuilding all indexes on one thread: median %.0f events/s, worst %.0f, "
      "cpu %.3g us an event\n",
      entries / Median(rebuilt), entries / Worst(rebuilt), Median(rebuilt_cpu) * 1e6 / entries);
}

// Another process appends and ends without a word, as kill -9 does it.
void OpenAfterKill(uint64_t events, uint64_t rounds) {
  std::vector<double> opened;
  for (uint64_t round = 0; round < rounds; ++round) {
    const TempDir dir;
    const pid_t pid = fork();
    Must(pid >= 0, "fork");
    if (pid == 0) {
      OpenLedger ledger(dir.path());
      Fill(&ledger, events);
      _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    Must(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the process that appends failed");
    const Stopwatch watch;
    OpenLedger ledger(dir.path());
    opened.push_back(watch.Seconds());
  }
  std::printf("\nopening %llu entries after kill -9: median %.2f s, worst %.2f s\n",
              static_cast<unsigned long long>(events), Median(opened), Worst(opened));
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using namespace suyuan::bench;  // NOLINT(google-build-using-namespace)
  const Args args(argc, argv, {{"events", 300'000}, {"rounds", 5}, {"kills", 3}});
  // First, while this process has no threads of its own.
  if (args["kills"] != 0) OpenAfterKill(args["events"], args["kills"]);
  const suyuan::TempDir dir;
  {
    OpenLedger ledger(dir.path());
    Fill(&ledger, args["events"]);
  }
  Verify(dir.path(), args["rounds"]);
  OpenCleanAndRebuild(dir.path(), args["events"], args["rounds"]);
  return 0;
}

// Durable append beside plain RocksDB: see README.md.

#include <atomic>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/open_ledger.h"
#include "benchmarks/plain_rocksdb.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/base/clock.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/ledgers.h"
#include "lib/store/memory_store.h"
#include "suyuan/engine.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

using ledger::NewEvent;

// The events of one plant, ready to be appended.
struct Stream {
  explicit Stream(uint64_t count) {
    genealogy::GraphIndex index("");
    const TempDir dir;
    auto ledgers = Must(ledger::Ledgers::Open({.store = std::make_unique<store::MemoryStore>(),
                                               .marks_dir = dir / "marks",
                                               .keys_dir = dir / "keys",
                                               .index_dir = dir / "index",
                                               .index = &index,
                                               .clock = SystemClock(),
                                               .progress = {}}));
    SyntheticPlant plant(1);
    for (uint64_t i = 0; i < count; ++i) {
      prepared.push_back(Must(ledgers->Prepare(plant.Next())));
      bytes.push_back(prepared.back().bytes);
      total += bytes.back().size();
    }
  }

  std::vector<NewEvent> prepared;
  std::vector<std::string> bytes;
  uint64_t total = 0;
};

// Lets `callers` threads do the calls 0 to count - 1, each as soon as it is free.
template <typename Call>
Run Callers(uint64_t callers, uint64_t count, const Call& call) {
  Run run;
  std::vector<std::vector<double>> latencies(callers);
  std::atomic<uint64_t> next = 0;
  const Stopwatch all;
  {
    std::vector<std::jthread> threads;
    for (uint64_t c = 0; c < callers; ++c) {
      threads.emplace_back([&, c] {
        for (uint64_t i = next++; i < count; i = next++) {
          const Stopwatch one;
          call(i);
          latencies[c].push_back(one.Seconds() * 1e3);
        }
      });
    }
  }
  run.seconds = all.Seconds();
  run.cpu_seconds = all.CpuSeconds();
  for (const std::vector<double>& own : latencies) {
    run.latencies_ms.insert(run.latencies_ms.end(), own.begin(), own.end());
  }
  return run;
}

class Contest {
 public:
  Contest(uint64_t events, uint64_t batch, uint64_t callers, uint64_t plain_callers,
          uint64_t rounds)
      : stream_(events),
        batch_(batch),
        callers_(callers),
        plain_callers_(plain_callers),
        rounds_(rounds) {}

  void Hold(const std::string& title) {
    Duel(title, "events",
         {{"plain RocksDB, sync", [&] { return Plain(); }},
          {"Ledgers::Append", [&] { return Ours(/*sm3=*/false); }},
          {"Ledgers::Append, SM3 too", [&] { return Ours(/*sm3=*/true); }}},
         rounds_);
  }

  void PrintDisk() const {
    const double bytes = static_cast<double>(stream_.total);
    std::printf(
        "  bytes on disk, compacted, of the event bytes (%.0f an event): plain %.2f, "
        "ledger %.2f + indexes %.2f\n",
        bytes / static_cast<double>(stream_.bytes.size()),
        static_cast<double>(plain_bytes_) / bytes, static_cast<double>(our_bytes_) / bytes,
        static_cast<double>(index_bytes_) / bytes);
  }

 private:
  std::pair<size_t, size_t> Range(uint64_t call) const {
    const size_t from = call * batch_;
    return {from, std::min(from + batch_, stream_.bytes.size())};
  }
  uint64_t calls() const { return (stream_.bytes.size() + batch_ - 1) / batch_; }

  Run Plain() {
    const TempDir dir;
    Run run;
    {
      PlainRocksDb db(dir / "db");
      run = Callers(plain_callers_, calls(), [&](uint64_t call) {
        const auto [from, to] = Range(call);
        db.Write(from, std::span(stream_.bytes).subspan(from, to - from));
      });
    }
    run.units = static_cast<double>(stream_.bytes.size());
    if (plain_bytes_ == 0) plain_bytes_ = CompactedBytes(dir / "db");
    return run;
  }

  Run Ours(bool sm3) {
    const TempDir dir;
    std::vector<std::vector<NewEvent>> batches;
    for (uint64_t call = 0; call < calls(); ++call) {
      const auto [from, to] = Range(call);
      const auto begin = stream_.prepared.begin();
      batches.emplace_back(begin + static_cast<ptrdiff_t>(from),
                           begin + static_cast<ptrdiff_t>(to));
    }
    Run run;
    {
      OpenLedger ledger(dir.path(), sm3);
      run = Callers(callers_, calls(),
                    [&](uint64_t call) { ledger.Append(std::move(batches[call])); });
    }
    run.units = static_cast<double>(stream_.bytes.size());
    if (our_bytes_ == 0 && !sm3) {
      our_bytes_ = CompactedBytes(dir / "db");
      index_bytes_ = BytesOnDisk(dir / "index");
    }
    return run;
  }

  const Stream stream_;
  const uint64_t batch_;
  const uint64_t callers_;
  const uint64_t plain_callers_;
  const uint64_t rounds_;
  uint64_t plain_bytes_ = 0;
  uint64_t our_bytes_ = 0;
  uint64_t index_bytes_ = 0;
};

// From parsed events to the answer: validation, facts and serialization too.
void WholeEngine(uint64_t count, uint64_t batch, uint64_t callers, uint64_t rounds) {
  const std::vector<v1::Event> events = PlantEvents(1, count);
  std::vector<std::string> bytes;
  for (const v1::Event& event : events) bytes.push_back(event.SerializeAsString());
  const uint64_t calls = (count + batch - 1) / batch;
  const auto piece = [&](const auto& all, uint64_t call) {
    return std::span(all).subspan(call * batch, std::min(batch, count - call * batch));
  };
  Duel("Engine::Append, batches of " + std::to_string(batch) + ", " + std::to_string(callers) +
           " callers",
       "events",
       {{"plain RocksDB, sync",
         [&] {
           const TempDir dir;
           PlainRocksDb db(dir / "db");
           Run run = Callers(1, calls,
                             [&](uint64_t call) { db.Write(call * batch, piece(bytes, call)); });
           run.units = static_cast<double>(count);
           return run;
         }},
        {"Engine::Append",
         [&] {
           const TempDir dir;
           Options options;
           options.data_dir = dir / "data";
           const std::unique_ptr<Engine> engine = Must(Engine::Open(options));
           Must(engine
                    ->CreateLedger({.name = "plant-1",
                                    .subject = std::string(kPlantOwner),
                                    .subject_name = "Example Dairy"})
                    .status());
           Run run = Callers(callers, calls, [&](uint64_t call) {
             Must(engine->Append("plant-1", piece(events, call)).status());
           });
           run.units = static_cast<double>(count);
           return run;
         }}},
       rounds);
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using suyuan::bench::Contest;
  // `batch` 0: the whole programme. `singles`: events of the case with 64 callers.
  const suyuan::bench::Args args(argc, argv,
                                 {{"events", 524'288},
                                  {"batch", 0},
                                  {"callers", 4},
                                  {"rounds", 5},
                                  {"singles", 65'536},
                                  {"engine", 131'072}});
  std::vector<uint64_t> batches = {128, 1'024};
  if (args["batch"] != 0) batches = {args["batch"]};
  for (const uint64_t batch : batches) {
    Contest contest(args["events"], batch, args["callers"], 1, args["rounds"]);
    contest.Hold("durable append, batches of " + std::to_string(batch) + ", " +
                 std::to_string(args["callers"]) + " callers");
    contest.PrintDisk();
  }
  if (args["singles"] != 0) {
    Contest(args["singles"], 1, 64, 64, args["rounds"])
        .Hold("durable append, one event a call, 64 callers");
  }
  if (args["engine"] != 0) {
    for (const uint64_t batch : batches) {
      suyuan::bench::WholeEngine(args["engine"], batch, args["callers"], args["rounds"]);
    }
  }
  std::printf("\nresident at the end: %.0f MB\n", suyuan::bench::ResidentMegabytes());
  return 0;
}

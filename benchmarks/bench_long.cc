// A large ledger: appending to it for long, opening it, proofs from it. See README.md.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/open_ledger.h"
#include "benchmarks/plain_rocksdb.h"
#include "benchmarks/synthetic_plant.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

// Events that are made ready while no clock runs; then each contestant appends them.
constexpr uint64_t kSlice = 262'144;

struct Total {
  double units = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::vector<double> latencies_ms;

  void Add(Run run) {
    units += run.units;
    seconds += run.seconds;
    cpu_seconds += run.cpu_seconds;
    latencies_ms.insert(latencies_ms.end(), run.latencies_ms.begin(), run.latencies_ms.end());
  }
  double Rate() const { return units / seconds; }
};

void Print(const char* name, const Total& total) {
  std::printf("  %-22s %9.0f events/s   cpu %.3g us   p50 %.3g ms, p99 %.3g ms, worst %.3g ms\n",
              name, total.Rate(), total.cpu_seconds * 1e6 / total.units,
              Quantile(total.latencies_ms, 0.5), Quantile(total.latencies_ms, 0.99),
              Quantile(total.latencies_ms, 1));
}

// Both databases stay open, and grow side by side: what one has left to flush or to compact goes
// on while the other works.
void Append(const std::string& dir, uint64_t events, uint64_t batch, uint64_t callers) {
  std::filesystem::create_directory(dir + "/ours");
  PlainRocksDb plain(dir + "/plain");
  OpenLedger ledger(dir + "/ours");
  SyntheticPlant plant(1);
  Total plain_total;
  Total our_total;
  std::vector<double> ratios;
  std::printf(
      "\nappending %llu events, batches of %llu, %llu callers, beside one thread of plain "
      "RocksDB\n  events so far, events/s of the last slice: plain, ours, ratio, resident\n",
      static_cast<unsigned long long>(events), static_cast<unsigned long long>(batch),
      static_cast<unsigned long long>(callers));
  for (uint64_t done = 0; done < events;) {
    const uint64_t count = std::min(kSlice, events - done);
    std::vector<std::vector<ledger::NewEvent>> batches((count + batch - 1) / batch);
    std::vector<std::string> bytes;
    for (uint64_t i = 0; i < count; ++i) {
      batches[i / batch].push_back(Must(ledger.ledgers().Prepare(plant.Next())));
      bytes.push_back(batches[i / batch].back().bytes);
    }
    Run plain_run;
    Run our_run;
    const auto one = [&] {
      plain_run = Callers(1, batches.size(), [&](uint64_t call) {
        const uint64_t from = call * batch;
        plain.Write(done + from, std::span(bytes).subspan(from, std::min(batch, count - from)));
      });
    };
    const auto other = [&] {
      our_run = Callers(callers, batches.size(),
                        [&](uint64_t call) { ledger.Append(std::move(batches[call])); });
    };
    const bool plain_first = done / kSlice % 2 == 0;
    if (plain_first) one();
    other();
    if (!plain_first) one();
    plain_run.units = our_run.units = static_cast<double>(count);
    const double plain_rate = plain_run.units / plain_run.seconds;
    const double our_rate = our_run.units / our_run.seconds;
    ratios.push_back(our_rate / plain_rate);
    done += count;
    std::printf("  %10llu %8.0f %8.0f  %.3f  %6.0f MB\n", static_cast<unsigned long long>(done),
                plain_rate, our_rate, ratios.back(), ResidentMegabytes());
    std::fflush(stdout);
    plain_total.Add(std::move(plain_run));
    our_total.Add(std::move(our_run));
  }
  std::printf("\nall together: ratio %.3f; of slices median %.3f, worst %.3f\n",
              our_total.Rate() / plain_total.Rate(), Quantile(ratios, 0.5), Quantile(ratios, 0));
  Print("plain RocksDB, sync", plain_total);
  Print("Ledgers::Append", our_total);
  std::fflush(stdout);
  // As kill -9 does it: nothing is closed.
  _exit(0);
}

void PrintOpening(const char* what, const Stopwatch& watch) {
  std::printf("opening after %-13s %8.2f s, processor %.2f s, resident %.0f MB\n", what,
              watch.Seconds(), watch.CpuSeconds(), ResidentMegabytes());
  std::fflush(stdout);
}

void Proofs(OpenLedger* ledger, uint64_t count) {
  const uint64_t size = ledger->ledgers().Get(ledger->number())->size;
  Must(ledger->ledgers().Checkpoint(ledger->number(), HashKind::kSha256).status());
  std::mt19937_64 random(11);
  std::vector<uint64_t> chosen(count);
  for (uint64_t& sequence : chosen) sequence = random() % size;
  const auto prove = [&](uint64_t i) {
    Must(ledger->ledgers().Prove(ledger->number(), chosen[i], HashKind::kSha256).status());
  };
  std::printf("proofs from %llu entries\n", static_cast<unsigned long long>(size));
  PrintLatencies("Ledgers::Prove, at random, just opened", count, prove);
  PrintLatencies("Ledgers::Prove, the same again", count, prove);
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using namespace suyuan::bench;  // NOLINT(google-build-using-namespace)
  const Args args(argc, argv,
                  {{"events", 10'000'000}, {"batch", 128}, {"callers", 4}, {"proofs", 5'000}});
  const suyuan::TempDir dir;
  // While this process has no threads of its own.
  const pid_t pid = fork();
  Must(pid >= 0, "fork");
  if (pid == 0) Append(dir.path(), args["events"], args["batch"], args["callers"]);
  int status = 0;
  waitpid(pid, &status, 0);
  Must(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the process that appends failed");
  std::printf("\n");
  {
    const Stopwatch watch;
    const OpenLedger ledger(dir / "ours");
    PrintOpening("kill -9:", watch);
  }
  const Stopwatch watch;
  OpenLedger ledger(dir / "ours");
  PrintOpening("a clean stop:", watch);
  Proofs(&ledger, args["proofs"]);
  return 0;
}

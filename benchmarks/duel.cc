#include "benchmarks/duel.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

namespace suyuan::bench {
namespace {

constexpr uint64_t kOrderSeed = 7;

double Median(const std::vector<double>& values) { return Quantile(values, 0.5); }
double Least(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

std::string Rate(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 1e6 ? "%.0f" : "%.3g M",
                value < 1e6 ? value : value / 1e6);
  return text;
}

}  // namespace

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t last = values.size() - 1;
  return values[std::min(last, static_cast<size_t>(share * static_cast<double>(values.size())))];
}

Args::Args(int argc, char** argv, std::map<std::string, uint64_t> defaults)
    : values_(std::move(defaults)) {
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    const auto it = name.starts_with("--") ? values_.find(name.substr(2)) : values_.end();
    char* end = nullptr;
    const uint64_t value = i + 1 < argc ? std::strtoull(argv[i + 1], &end, 10) : 0;
    if (it == values_.end() || end == nullptr || end == argv[i + 1] || *end != '\0') {
      std::fprintf(stderr, "usage: %s", argv[0]);
      for (const auto& [known, number] : values_) {
        std::fprintf(stderr, " [--%s %llu]", known.c_str(),
                     static_cast<unsigned long long>(number));
      }
      std::fprintf(stderr, "\n");
      std::exit(2);
    }
    it->second = value;
  }
}

double Stopwatch::ProcessCpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void Must(const absl::Status& status) { Must(status.ok(), status.ToString()); }

void Must(bool condition, const std::string& message) {
  if (condition) return;
  std::fprintf(stderr, "benchmark: %s\n", message.c_str());
  // Other threads may be at work; nothing is cleaned up.
  std::_Exit(1);
}

Run Callers(uint64_t callers, uint64_t count, const std::function<void(uint64_t)>& call) {
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

void PrintLatencies(const std::string& what, uint64_t count,
                    const std::function<void(uint64_t)>& call) {
  std::vector<double> micros;
  micros.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const Stopwatch watch;
    call(i);
    micros.push_back(watch.Seconds() * 1e6);
  }
  std::printf("  %-58s p50 %7.1f  p99 %7.1f  worst %7.1f us\n", what.c_str(), Quantile(micros, 0.5),
              Quantile(micros, 0.99), Quantile(micros, 1));
}

void Duel(const std::string& title, const std::string& unit,
          const std::vector<Contestant>& contestants, uint64_t rounds) {
  struct Score {
    std::vector<double> rates;
    std::vector<double> ratios;
    std::vector<double> cpu;
    std::vector<double> p50;
    std::vector<double> p99;
  };
  std::vector<Score> scores(contestants.size());
  std::mt19937_64 random(kOrderSeed);
  for (uint64_t round = 0; round < rounds; ++round) {
    std::vector<size_t> order(contestants.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    for (const size_t i : order) {
      const Run run = contestants[i].run();
      scores[i].rates.push_back(run.units / run.seconds);
      scores[i].cpu.push_back(run.cpu_seconds * 1e6 / run.units);
      if (run.latencies_ms.empty()) continue;
      scores[i].p50.push_back(Quantile(run.latencies_ms, 0.5));
      scores[i].p99.push_back(Quantile(run.latencies_ms, 0.99));
    }
    for (Score& score : scores) score.ratios.push_back(score.rates.back() / scores[0].rates.back());
  }
  std::printf("\n%s (%s/s, median and worst of %llu)\n", title.c_str(), unit.c_str(),
              static_cast<unsigned long long>(rounds));
  for (size_t i = 0; i < contestants.size(); ++i) {
    const Score& score = scores[i];
    std::printf("  %-34s %9s %9s", contestants[i].name.c_str(), Rate(Median(score.rates)).c_str(),
                Rate(Least(score.rates)).c_str());
    std::printf("   cpu %.3g us", Median(score.cpu));
    if (i > 0) std::printf("   ratio %.3f %.3f", Median(score.ratios), Least(score.ratios));
    if (!score.p50.empty()) {
      std::printf("   p50 %.3g ms, p99 %.3g ms (worst %.3g)", Median(score.p50), Median(score.p99),
                  *std::max_element(score.p99.begin(), score.p99.end()));
    }
    std::printf("\n");
  }
  std::fflush(stdout);
}

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  statm >> size >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

uint64_t BytesOnDisk(const std::string& dir, const std::string& suffix) {
  uint64_t bytes = 0;
  if (!std::filesystem::exists(dir)) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    if (entry.is_regular_file() && entry.path().string().ends_with(suffix)) {
      bytes += entry.file_size();
    }
  }
  return bytes;
}

}  // namespace suyuan::bench

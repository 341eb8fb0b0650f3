#ifndef BENCHMARKS_DUEL_H_
#define BENCHMARKS_DUEL_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace suyuan::bench {

// The numbers of a command line `--name N ...`. Ends the program, naming what
// there is, if it finds anything else.
class Args {
 public:
  Args(int argc, char** argv, std::map<std::string, uint64_t> defaults);
  uint64_t operator[](const std::string& name) const { return values_.at(name); }

 private:
  std::map<std::string, uint64_t> values_;
};

// Ends the program with the message of a status that is not OK: a benchmark of
// what failed says nothing.
void Must(const absl::Status& status);
template <typename T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}
void Must(bool condition, const std::string& message);

// Time since it was made: on the clock, and of all threads of the process on
// the processors, which says more where the machine has other work too.
class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  double CpuSeconds() const { return ProcessCpuSeconds() - cpu_start_; }

 private:
  static double ProcessCpuSeconds();

  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double cpu_start_ = ProcessCpuSeconds();
};

// What one contestant did in one round.
struct Run {
  double units = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::vector<double> latencies_ms;  // of single calls; may be empty
};

// Lets `callers` threads do the calls 0 to count - 1, each as soon as it is free; times the whole
// and each call. The units are the caller's to set.
Run Callers(uint64_t callers, uint64_t count, const std::function<void(uint64_t)>& call);

struct Contestant {
  std::string name;
  // Sets up, does its work and times that alone.
  std::function<Run()> run;
};

// Lets the contestants work `rounds` times, in an order that is shuffled anew
// each round, and prints median and worst of each, its ratio to the first
// contestant of the same round, and the processor time a unit. `unit` is what is counted, as
// "events".
void Duel(const std::string& title, const std::string& unit,
          const std::vector<Contestant>& contestants, uint64_t rounds);

// `share` of all values are at most this; 0 of none.
double Quantile(std::vector<double> values, double share);

// Does the calls 0 to count - 1, one after another, and prints quantiles of their time.
void PrintLatencies(const std::string& what, uint64_t count,
                    const std::function<void(uint64_t)>& call);

// Megabytes that the process has resident.
double ResidentMegabytes();
// Bytes of all files below `dir` whose name ends in `suffix`; 0 without the
// directory.
uint64_t BytesOnDisk(const std::string& dir, const std::string& suffix = "");

}  // namespace suyuan::bench

#endif  // BENCHMARKS_DUEL_H_

// Many clients append to a server and trace at once; it is killed and started again; then
// everything that they were told is compared with what is there. README: tests/README.md.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "api/grpc/remote_engine.h"
#include "lib/base/strings.h"
#include "tests/load/board.h"
#include "tests/load/load_client.h"
#include "tests/load/server_process.h"
#include "tests/load/slow_reader.h"
#include "tests/load/verify.h"
#include "tests/support/sanitized.h"
#include "tests/support/temp_dir.h"

namespace suyuan::load {
namespace {

using Clock = std::chrono::steady_clock;

// What the server may have resident. The graph of units, the index of ids and what is in no
// segment of an index yet live in memory: 1,000 to 1,200 bytes an event, measured, the rest is
// for tables that are just being doubled. A reader that is behind must cost nothing: were what it
// has not read kept for it, eight readers would cost 3,000 bytes an event.
constexpr double kBaseBytes = 256e6;
constexpr double kBytesAnEvent = 2'000;

// Without any answer for so long it hangs; without serving, it does not come back.
constexpr double kHangs = 120;
constexpr int kComesBack = 900;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string Grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

struct Settings {
  std::string suyuand;
  std::string suyuan;
  int seconds = 600;
  uint64_t clients = 64;
  uint64_t ledgers = 4;
  uint64_t readers = 8;
};

struct Sample {
  double at = 0;
  uint64_t events = 0;
  double bytes = 0;  // resident
};

class Load {
 public:
  explicit Load(Settings settings)
      : settings_(std::move(settings)),
        server_(settings_.suyuand, dir_ / "data", dir_ / "suyuand.log") {}

  // Exit status.
  int Run() {
    if (!Prepare()) return Fails();
    Work();
    const double stopped = SecondsSince(start_);
    Compare();
    PrintTable(stopped);
    return board_.failures() == 0 ? EXIT_SUCCESS : Fails();
  }

 private:
  std::string LedgerOf(uint64_t number) const {
    return StrCat("plant-", number % settings_.ledgers);
  }
  std::string Log() const { return dir_ / "suyuand.log"; }

  bool Must(const char* what, const absl::Status& status) {
    if (!status.ok()) board_.Fail(StrCat(what, ": ", status.ToString()));
    return status.ok();
  }

  std::unique_ptr<rpc::RemoteEngine> Connect() {
    auto engine = rpc::RemoteEngine::Connect({.address = server_.address()});
    return Must("connect", engine.status()) ? *std::move(engine) : nullptr;
  }

  int Fails() const {
    std::printf("\nfailures: %s\n", Grouped(board_.failures()).c_str());
    for (const std::string& what : board_.told()) std::printf("%s\n", what.c_str());
    std::fflush(stdout);
    (void)std::system(StrCat("tail -n 20 ", Log()).c_str());
    return EXIT_FAILURE;
  }

  // Ends the program: threads hang in calls.
  void GiveUp(const std::string& what) {
    board_.Fail(what);
    Fails();
    server_.End(SIGKILL);
    std::_Exit(EXIT_FAILURE);
  }

  bool Prepare() {
    if (!Must("start", server_.Start())) return false;
    if (!Must("start", server_.WaitUntilItServes(60))) return false;
    admin_ = Connect();
    if (admin_ == nullptr) return false;
    for (uint64_t i = 0; i < settings_.ledgers; ++i) {
      const std::string name = LedgerOf(i);
      const auto made = admin_->CreateLedger(
          {.name = name, .subject = "ext:load:" + name, .subject_name = "示例乳业"});
      if (!Must("ledger", made.status())) return false;
    }
    for (uint64_t i = 0; i < settings_.clients; ++i) {
      auto engine = Connect();
      if (engine == nullptr) return false;
      // Clients of every manner share a ledger.
      clients_.push_back(std::make_unique<LoadClient>(i, LedgerOf(i / kManners.size()),
                                                      std::move(engine), &board_));
    }
    for (uint64_t i = 0; i < settings_.readers; ++i) {
      auto engine = Connect();
      if (engine == nullptr) return false;
      readers_.push_back(std::make_unique<SlowReader>(LedgerOf(i), std::move(engine), &board_));
    }
    return true;
  }

  void Work() {
    start_ = Clock::now();
    std::vector<std::jthread> clients;
    std::vector<std::jthread> readers;
    for (const auto& client : clients_) clients.emplace_back([&client] { client->Run(); });
    for (const auto& reader : readers_) readers.emplace_back([&reader] { reader->Run(); });
    Watch();
    for (const auto& reader : readers_) reader->Cancel();
  }

  // Until the time is over and all clients have ended.
  void Watch() {
    const double end = settings_.seconds;
    const double kill_at = end / 2;
    bool serves = true;
    uint64_t last = 0;
    Clock::time_point progress = start_;
    int seconds = 0;
    int tenths = 0;
    for (;;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      const double now = SecondsSince(start_);
      const absl::StatusOr<bool> state = server_.Serves();
      if (!state.ok()) GiveUp(StrCat(now, " s: ", ToStd(state.status().message())));
      if (!serves && *state) {
        back_after_ = now - killed_at_;
        progress = Clock::now();
      }
      serves = *state;
      const uint64_t events = board_.acknowledged;
      if (events != last || !serves) {
        if (events != last && back_after_ > 0 && first_after_ == 0) {
          first_after_ = now - killed_at_;
        }
        progress = Clock::now();
      }
      last = events;
      if (serves && board_.at_work > 0) {
        longest_pause_ = std::max(longest_pause_, SecondsSince(progress));
        if (SecondsSince(progress) > kHangs) GiveUp(StrCat(now, " s: nobody gets an answer"));
      }
      if (!serves && now - killed_at_ > kComesBack) GiveUp("the server does not come back");
      if (now >= seconds + 1) {
        seconds = static_cast<int>(now);
        TakeSample(now);
      }
      if (now >= end * (tenths + 1) / 10 && tenths < 10) {
        TakeSample(now);
        PrintSample(samples_.back());
        ++tenths;
      }
      if (killed_at_ == 0 && now >= kill_at) {
        TakeSample(now);
        before_kill_ = samples_.back();
        server_.End(SIGKILL);
        killed_at_ = now;
        std::printf("%5.0f s  kill -9\n", now);
        if (const absl::Status started = server_.Start(); !started.ok()) {
          GiveUp(started.ToString());
        }
        serves = false;
      }
      if (now >= end || board_.failures() > 0) board_.Stop();
      if (board_.stopping() && board_.at_work == 0) break;
    }
    TakeSample(SecondsSince(start_));
  }

  void TakeSample(double now) {
    // First the events: more are in the server by the time its memory is read.
    const uint64_t events = board_.acknowledged;
    samples_.push_back({now, events, static_cast<double>(server_.memory().resident) * 1024});
    most_ = std::max(most_, samples_.back().bytes);
  }

  static double AnEvent(const Sample& sample) {
    return sample.events == 0 ? 0
                              : (sample.bytes - kBaseBytes) / static_cast<double>(sample.events);
  }

  static void PrintSample(const Sample& sample) {
    std::printf("%5.0f s  %12s events  %7.0f MB\n", sample.at, Grouped(sample.events).c_str(),
                sample.bytes / 1e6);
    std::fflush(stdout);
  }

  void Compare() {
    verified_.resize(settings_.ledgers);
    {
      std::vector<std::jthread> threads;
      for (uint64_t i = 0; i < settings_.ledgers; ++i) {
        threads.emplace_back(
            [this, i] { verified_[i] = Verify(*admin_, LedgerOf(i), clients_, &board_); });
      }
      for (const auto& client : clients_) client->TraceLast();
    }
    const absl::StatusOr<CheckReport> report = admin_->CheckNow(nullptr);
    if (Must("check of the server", report.status()) && !report->ok()) {
      board_.Fail(StrCat("check of the server: ", report->problems.size(), " problems, first: ",
                         report->problems[0].what, " ", report->problems[0].found));
    }
    most_at_all_ = static_cast<double>(server_.memory().most) * 1024;
    if (const int status = server_.End(SIGTERM); status != 0) {
      board_.Fail(StrCat("the server ended with ", status));
    }
    const auto checked = RunProgram({settings_.suyuan, "--data", dir_ / "data", "check"}, Log());
    if (Must("suyuan check", checked.status()) && *checked != 0) {
      board_.Fail(StrCat("suyuan check ended with ", *checked));
    }
    if (kSanitized) return;
    for (const Sample& sample : samples_) {
      if (AnEvent(sample) <= kBytesAnEvent) continue;
      board_.Fail(StrCat("memory: ", static_cast<uint64_t>(sample.bytes / 1e6), " MB for ",
                         sample.events, " events after ", static_cast<uint64_t>(sample.at), " s"));
      break;
    }
  }

  static double Quantile(const std::vector<float>& sorted, double share) {
    const size_t at = static_cast<size_t>(share * static_cast<double>(sorted.size()));
    return sorted.empty() ? 0 : static_cast<double>(sorted[std::min(at, sorted.size() - 1)]);
  }

  static void PrintLatency(const char* name, std::vector<float> ms) {
    if (ms.empty()) return;
    std::sort(ms.begin(), ms.end());
    std::printf("  %-38s %9.2f %9.2f %9.1f  %12s\n", name, Quantile(ms, 0.5), Quantile(ms, 0.99),
                static_cast<double>(ms.back()), Grouped(ms.size()).c_str());
  }

  // The last sample that was taken when `share` of the time was over.
  const Sample& At(double share) const {
    const auto later = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& sample) {
      return sample.at >= share * settings_.seconds;
    });
    return later == samples_.end() ? samples_.back() : *later;
  }

  static void PrintMemory(const char* when, const Sample& sample) {
    std::printf("  %-18s %12s events %8.0f MB %8.0f bytes an event\n", when,
                Grouped(sample.events).c_str(), sample.bytes / 1e6,
                sample.events == 0 ? 0 : sample.bytes / static_cast<double>(sample.events));
  }

  uint64_t EntriesOf(const std::string& ledger) const {
    for (uint64_t i = 0; i < settings_.ledgers; ++i) {
      if (LedgerOf(i) == ledger) return verified_[i].entries;
    }
    return 0;
  }

  void PrintTable(double stopped) const {
    uint64_t acknowledged = 0;
    uint64_t known_before = 0;
    std::vector<float> traces;
    for (const auto& client : clients_) {
      acknowledged += client->acknowledged().size();
      known_before += client->known_before();
      traces.insert(traces.end(), client->trace_ms().begin(), client->trace_ms().end());
    }
    Verified all;
    for (const Verified& one : verified_) {
      all.entries += one.entries;
      all.lost += one.lost;
      all.wrong += one.wrong;
    }
    const double serving = stopped - back_after_;
    std::printf(
        "\n%s clients, %s ledgers, %.0f s; killed after %.0f s, serves again %.1f s later, "
        "first answer after %.1f s\n",
        Grouped(settings_.clients).c_str(), Grouped(settings_.ledgers).c_str(), stopped, killed_at_,
        back_after_, first_after_);
    std::printf("events acknowledged  %12s  (%.0f/s while it served)\n",
                Grouped(acknowledged).c_str(), static_cast<double>(acknowledged) / serving);
    std::printf("  sent again, known  %12s\n", Grouped(known_before).c_str());
    std::printf("entries read back    %12s\n", Grouped(all.entries).c_str());
    std::printf("lost                 %12s\n", Grouped(all.lost).c_str());
    std::printf("wrong, twice, moved  %12s\n", Grouped(all.wrong).c_str());
    std::printf("traces answered      %12s  (%.0f/s)\n", Grouped(board_.traces).c_str(),
                static_cast<double>(board_.traces) / serving);
    std::printf("longest time without an answer while it served: %.1f s\n", longest_pause_);
    std::printf("latency %42s %9s %9s  %12s\n", "p50 ms", "p99 ms", "worst ms", "calls");
    for (const Manner manner : kManners) {
      std::vector<float> appends;
      for (const auto& client : clients_) {
        if (client->manner() != manner) continue;
        appends.insert(appends.end(), client->append_ms().begin(), client->append_ms().end());
      }
      PrintLatency(NameOf(manner), std::move(appends));
    }
    PrintLatency("trace, 5 units", std::move(traces));
    std::printf("resident, %.0f MB + %.0f bytes an event are allowed\n", kBaseBytes / 1e6,
                kBytesAnEvent);
    PrintMemory("10 %", At(0.1));
    PrintMemory("50 %, then kill -9", before_kill_);
    PrintMemory("100 %", At(1));
    std::printf("  most %8.0f MB, with reading back and check %8.0f MB\n", most_ / 1e6,
                most_at_all_ / 1e6);
    std::printf("slow readers, a message a second\n");
    for (const auto& reader : readers_) {
      std::printf("  %-9s %6s messages, %10s of %10s entries, in order\n", reader->ledger().c_str(),
                  Grouped(reader->messages()).c_str(), Grouped(reader->entries()).c_str(),
                  Grouped(EntriesOf(reader->ledger())).c_str());
    }
    std::fflush(stdout);
  }

  const Settings settings_;
  const TempDir dir_;
  ServerProcess server_;
  Board board_;
  std::unique_ptr<rpc::RemoteEngine> admin_;
  std::vector<std::unique_ptr<LoadClient>> clients_;
  std::vector<std::unique_ptr<SlowReader>> readers_;
  std::vector<Verified> verified_;  // by ledger
  Clock::time_point start_;
  std::vector<Sample> samples_;
  Sample before_kill_;
  double killed_at_ = 0;
  double back_after_ = 0;
  double first_after_ = 0;
  double longest_pause_ = 0;
  double most_ = 0;
  double most_at_all_ = 0;
};

}  // namespace
}  // namespace suyuan::load

int main(int argc, char** argv) {
  suyuan::load::Settings settings;
  CLI::App app("Many clients append to a suyuand and trace; it is killed in between");
  app.add_option("SUYUAND", settings.suyuand)->required()->check(CLI::ExistingFile);
  app.add_option("SUYUAN", settings.suyuan)->required()->check(CLI::ExistingFile);
  app.add_option("--seconds", settings.seconds)
      ->capture_default_str()
      ->check(CLI::Range(2, 86'400));
  app.add_option("--clients", settings.clients)->capture_default_str()->check(CLI::Range(1, 128));
  app.add_option("--ledgers", settings.ledgers)->capture_default_str()->check(CLI::Range(1, 128));
  app.add_option("--readers", settings.readers)->capture_default_str()->check(CLI::Range(0, 64));
  CLI11_PARSE(app, argc, argv);
  return suyuan::load::Load(settings).Run();
}

// Append over gRPC beside the embedded engine: see README.md.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/grpc/remote_engine.h"
#include "api/grpc/server.h"
#include "benchmarks/duel.h"
#include "benchmarks/synthetic_plant.h"
#include "suyuan/engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

constexpr char kLedger[] = "plant-1";

// An engine with the ledger of the plant, and a server of it on the loopback interface.
class Plant {
 public:
  Plant() {
    Options options;
    options.data_dir = dir_ / "data";
    engine_ = Must(Engine::Open(options));
    Must(engine_
             ->CreateLedger({.name = kLedger,
                             .subject = std::string(kPlantOwner),
                             .subject_name = "Example Dairy"})
             .status());
    server_ = Must(rpc::Server::Start(engine_.get(), {.listen = "127.0.0.1:0"}));
  }

  Engine& engine() { return *engine_; }
  std::unique_ptr<rpc::RemoteEngine> Connect() const {
    return Must(rpc::RemoteEngine::Connect({.address = server_->address()}));
  }

 private:
  const TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<rpc::Server> server_;
};

// One caller's way of appending a batch.
using Caller = std::function<void(std::span<const v1::Event>)>;

class Contest {
 public:
  Contest(uint64_t count, uint64_t batch, uint64_t callers)
      : events_(PlantEvents(1, count)), batch_(batch), callers_(callers) {}

  void Hold(uint64_t rounds) {
    const std::string batches = batch_ == 1 ? "one event a call" : StrOf(batch_) + " events a call";
    Duel("append, " + batches + ", " + StrOf(callers_) + (callers_ == 1 ? " caller" : " callers"),
         "events",
         {{"Engine::Append, embedded", [&] { return Embedded(); }},
          {"gRPC, Append", [&] { return Unary(); }},
          {"gRPC, AppendStream", [&] { return Stream(); }}},
         rounds);
  }

 private:
  static std::string StrOf(uint64_t number) { return std::to_string(number); }

  static void MustHave(size_t receipts, size_t events) {
    Must(receipts == events, "receipts are missing");
  }

  Run Embedded() {
    Plant plant;
    std::vector<Caller> callers(callers_, [&](std::span<const v1::Event> events) {
      MustHave(Must(plant.engine().Append(kLedger, events)).size(), events.size());
    });
    return Work(callers);
  }

  Run Unary() {
    Plant plant;
    std::vector<std::unique_ptr<rpc::RemoteEngine>> engines;
    std::vector<Caller> callers;
    for (uint64_t i = 0; i < callers_; ++i) {
      engines.push_back(plant.Connect());
      callers.push_back([engine = engines.back().get()](std::span<const v1::Event> events) {
        MustHave(Must(engine->Append(kLedger, events)).size(), events.size());
      });
    }
    return Work(callers);
  }

  // Each caller has a stream and waits for each answer.
  Run Stream() {
    using Stream = ::grpc::ClientReaderWriter<v1::AppendStreamRequest, v1::AppendStreamResponse>;
    Plant plant;
    std::vector<std::unique_ptr<rpc::RemoteEngine>> engines;
    std::vector<std::unique_ptr<::grpc::ClientContext>> contexts;
    std::vector<std::unique_ptr<Stream>> streams;
    std::vector<Caller> callers;
    for (uint64_t i = 0; i < callers_; ++i) {
      engines.push_back(plant.Connect());
      contexts.push_back(std::make_unique<::grpc::ClientContext>());
      const auto stub = v1::LedgerService::NewStub(engines.back()->channel());
      streams.push_back(stub->AppendStream(contexts.back().get()));
      callers.push_back([stream = streams.back().get()](std::span<const v1::Event> events) {
        v1::AppendStreamRequest request;
        request.set_ledger(kLedger);
        request.mutable_events()->Assign(events.begin(), events.end());
        v1::AppendStreamResponse response;
        Must(stream->Write(request) && stream->Read(&response), "the stream broke");
        MustHave(static_cast<size_t>(response.receipts_size()), events.size());
      });
    }
    Run run = Work(callers);
    for (const auto& stream : streams) {
      stream->WritesDone();
      Must(stream->Finish().ok(), "the stream failed");
    }
    return run;
  }

  // Each caller takes the next batch as soon as it is free.
  Run Work(const std::vector<Caller>& callers) const {
    Run run;
    std::vector<std::vector<double>> latencies(callers.size());
    const uint64_t calls = (events_.size() + batch_ - 1) / batch_;
    std::atomic<uint64_t> next = 0;
    const Stopwatch all;
    {
      std::vector<std::jthread> threads;
      for (size_t c = 0; c < callers.size(); ++c) {
        threads.emplace_back([&, c] {
          for (uint64_t i = next++; i < calls; i = next++) {
            const size_t from = i * batch_;
            const auto events =
                std::span(events_).subspan(from, std::min(batch_, events_.size() - from));
            const Stopwatch one;
            callers[c](events);
            latencies[c].push_back(one.Seconds() * 1e3);
          }
        });
      }
    }
    run.seconds = all.Seconds();
    run.cpu_seconds = all.CpuSeconds();
    run.units = static_cast<double>(events_.size());
    for (const std::vector<double>& own : latencies) {
      run.latencies_ms.insert(run.latencies_ms.end(), own.begin(), own.end());
    }
    return run;
  }

  const std::vector<v1::Event> events_;
  const size_t batch_;
  const uint64_t callers_;
};

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using suyuan::bench::Contest;
  // `single`: events of one caller, `singles`: of 64 callers, one event a call.
  const suyuan::bench::Args args(
      argc, argv,
      {{"events", 65'536}, {"callers", 4}, {"single", 4'096}, {"singles", 32'768}, {"rounds", 5}});
  if (args["single"] != 0) Contest(args["single"], 1, 1).Hold(args["rounds"]);
  if (args["singles"] != 0) Contest(args["singles"], 1, 64).Hold(args["rounds"]);
  for (const uint64_t batch : {128, 1'024}) {
    if (args["events"] != 0) Contest(args["events"], batch, args["callers"]).Hold(args["rounds"]);
  }
  return 0;
}

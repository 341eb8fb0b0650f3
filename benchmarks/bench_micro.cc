// What single steps of the life of an event cost, on one thread.

#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/base/hash.h"
#include "lib/events/validator.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/graph.h"
#include "lib/ledger/id_index.h"
#include "lib/ledger/record_format.h"
#include "lib/merkle/tree.h"

namespace suyuan::bench {
namespace {

constexpr uint64_t kEvents = 12'000;

const std::vector<v1::Event>& Events() {
  static const auto* const events = new std::vector<v1::Event>(PlantEvents(1, kEvents));
  return *events;
}

const std::vector<std::string>& Bytes() {
  static const auto* const bytes = [] {
    auto* all = new std::vector<std::string>();
    for (const v1::Event& event : Events()) all->push_back(event.SerializeAsString());
    return all;
  }();
  return *bytes;
}

const std::vector<std::string>& Encoded() {
  static const auto* const facts = [] {
    auto* all = new std::vector<std::string>();
    for (const v1::Event& event : Events()) {
      all->push_back(genealogy::EncodeFacts(genealogy::FactsOf(event)));
    }
    return all;
  }();
  return *facts;
}

void LeafHash(benchmark::State& state) {
  const std::string record(static_cast<size_t>(state.range(0)), 'r');
  for (auto _ : state) benchmark::DoNotOptimize(merkle::LeafHash(record));
}
BENCHMARK(LeafHash)->Arg(64)->Arg(400)->Arg(4'096);

void Sm3LeafHash(benchmark::State& state) {
  const std::string record(static_cast<size_t>(state.range(0)), 'r');
  for (auto _ : state) benchmark::DoNotOptimize(merkle::LeafHash(record, HashKind::kSm3));
}
BENCHMARK(Sm3LeafHash)->Arg(400);

void Sm3NodeHash(benchmark::State& state) {
  Hash left;
  const Hash right = Sm3({"right"});
  for (auto _ : state) left = merkle::NodeHash(left, right, HashKind::kSm3);
  benchmark::DoNotOptimize(left);
}
BENCHMARK(Sm3NodeHash);

void NodeHash(benchmark::State& state) {
  Hash left;
  const Hash right = Sha256({"right"});
  for (auto _ : state) left = merkle::NodeHash(left, right);
  benchmark::DoNotOptimize(left);
}
BENCHMARK(NodeHash);

void FrontierAppend(benchmark::State& state) {
  merkle::Frontier frontier;
  const Hash leaf = Sha256({"leaf"});
  for (auto _ : state) frontier.Append(leaf);
}
BENCHMARK(FrontierAppend);

void IdHash(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ledger::IdHash("00000000ABCDEFGHJKMNPQRSTV"));
}
BENCHMARK(IdHash);

void AppendRecord(benchmark::State& state) {
  std::string out;
  size_t i = 0;
  for (auto _ : state) {
    out.clear();
    const std::string& bytes = Bytes()[i++ % kEvents];
    ledger::AppendRecord({i, 1, "00000000ABCDEFGHJKMNPQRSTV", Hash(), bytes}, &out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(AppendRecord);

void ParseEvent(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) {
    v1::Event event;
    benchmark::DoNotOptimize(event.ParseFromString(Bytes()[i++ % kEvents]));
  }
}
BENCHMARK(ParseEvent);

void SerializeEvent(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Events()[i++ % kEvents].SerializeAsString());
}
BENCHMARK(SerializeEvent);

void ValidateEvent(benchmark::State& state) {
  const auto validator = Must(events::Validator::ForProfile("ordinary"));
  std::vector<Violation> violations;
  size_t i = 0;
  for (auto _ : state) validator->Validate(Events()[i++ % kEvents], 0, &violations);
  if (!violations.empty()) state.SkipWithError(violations[0].message_en.c_str());
}
BENCHMARK(ValidateEvent);

void FactsOf(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(genealogy::FactsOf(Events()[i++ % kEvents]));
}
BENCHMARK(FactsOf);

void EncodeFacts(benchmark::State& state) {
  const genealogy::Facts facts = genealogy::FactsOf(Events()[0]);
  for (auto _ : state) benchmark::DoNotOptimize(genealogy::EncodeFacts(facts));
}
BENCHMARK(EncodeFacts);

void DecodeFacts(benchmark::State& state) {
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(genealogy::DecodeFacts(Encoded()[i++ % kEvents]));
  }
}
BENCHMARK(DecodeFacts);

// Into a graph that grows to 12,000 events.
void GraphAdd(benchmark::State& state) {
  std::vector<genealogy::Facts> facts;
  for (const v1::Event& event : Events()) facts.push_back(genealogy::FactsOf(event));
  std::optional<genealogy::Graph> graph;
  uint64_t sequence = kEvents;
  for (auto _ : state) {
    if (sequence == kEvents) {
      state.PauseTiming();
      graph.emplace();
      sequence = 0;
      state.ResumeTiming();
    }
    graph->Add(1, sequence, facts[sequence], std::nullopt);
    ++sequence;
  }
}
BENCHMARK(GraphAdd);

}  // namespace
}  // namespace suyuan::bench

BENCHMARK_MAIN();

#ifndef TESTS_LIB_TRACE_WORLD_H_
#define TESTS_LIB_TRACE_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/base/hash.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "tests/lib/trace/ways.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan {

using Keys = std::set<std::string>;

// Some ledgers, their events and the graph that they tell.
class World {
 public:
  // A ledger of `owner`; its name is `name`, or "l<number>".
  uint32_t AddLedger(const std::string& owner, const std::string& name = "") {
    const uint32_t ledger = ++last_ledger_;
    ledgers_.heads[ledger].ledger = name.empty() ? "l" + std::to_string(ledger) : name;
    Record(ledger, tell::Genesis(owner).Id("genesis"));
    return ledger;
  }

  // Returns the id of the event.
  std::string Record(uint32_t ledger, tell::Told told) {
    LedgerHead& head = ledgers_.heads.at(ledger);
    const uint64_t sequence = head.size++;
    v1::Event& event = told.event;
    if (event.id().empty()) event.set_id("e" + std::to_string(sequence));
    head.root = std::string(Sha256({head.root, event.SerializeAsString()}).view());
    std::optional<uint64_t> corrects;
    const std::string& target = event.has_correction() ? event.correction().event_id()
                                                       : event.correct().withdrawn_event_id();
    if (!target.empty()) {
      EXPECT_TRUE(sequence_of_.contains({ledger, target})) << target;
      corrects = sequence_of_[{ledger, target}];
    }
    sequence_of_[{ledger, event.id()}] = sequence;
    // The way that facts go through a segment.
    const absl::StatusOr<genealogy::Facts> facts =
        genealogy::DecodeFacts(genealogy::EncodeFacts(genealogy::FactsOf(event)));
    EXPECT_THAT(facts, IsOk()) << event.ShortDebugString();
    std::vector<uint64_t> reread;
    for (const std::string& id : event.correct().split().event_ids()) {
      reread.push_back(sequence_of_.at({ledger, id}));
    }
    if (facts.ok()) graph_.Add(ledger, sequence, *facts, corrects, reread);
    if (facts.ok() && keeps_told) {
      told_[ledger].push_back({sequence, *facts, corrects, reread, event.ShortDebugString()});
    }
    return event.id();
  }

  // The graph of the same ledgers, read one after the other; keeps_told must have been set first.
  std::unique_ptr<genealogy::Graph> Reread() const {
    auto graph = std::make_unique<genealogy::Graph>();
    for (const auto& ledger : told_) {
      for (const Told& told : ledger.second) {
        graph->Add(ledger.first, told.sequence, told.facts, told.corrects, told.reread);
      }
    }
    return graph;
  }
  // All entries, for who must find out why a test failed.
  std::string Text() const {
    std::string text;
    for (const auto& ledger : told_) {
      for (const Told& told : ledger.second) {
        text += ledgers_.heads.at(ledger.first).ledger + "#" + std::to_string(told.sequence) + " " +
                told.text + "\n";
      }
    }
    return text;
  }
  bool keeps_told = false;

  absl::StatusOr<TraceResult> Trace(const std::string& unit,
                                    Direction direction = Direction::kBoth) const {
    TraceRequest request;
    request.unit = unit;
    request.direction = direction;
    return trace::Trace(graph_, ledgers_, request);
  }

  TraceResult MustTrace(const std::string& unit, Direction direction) const {
    absl::StatusOr<TraceResult> result = Trace(unit, direction);
    EXPECT_THAT(result, IsOk()) << unit;
    if (!result.ok()) return TraceResult();
    // Of millions of hops it would take minutes.
    if (result->hops.size() < 100'000) ExpectSoundWays(*result);
    return *std::move(result);
  }

  // Keys of the closure, without the origin. What only holds goods is left out.
  Keys Forward(const std::string& unit) const { return Closure(unit, Direction::kForward); }
  Keys Backward(const std::string& unit) const { return Closure(unit, Direction::kBackward); }

  // Everybody who has, or had, some of `unit`.
  Keys Holders(const std::string& unit) const {
    const TraceResult result = MustTrace(unit, Direction::kForward);
    return {result.origin_holders.begin(), result.origin_holders.end()};
  }
  // Where a trace forward from `unit` finds some of `other`.
  Keys HoldersOf(const std::string& other, const std::string& unit) const {
    for (const TracedUnit& traced : MustTrace(unit, Direction::kForward).units) {
      if (traced.key == other) return {traced.holders.begin(), traced.holders.end()};
    }
    return {};
  }

  std::optional<uint32_t> Depth(const std::string& unit, Direction direction,
                                const std::string& other) const {
    for (const TracedUnit& traced : MustTrace(unit, direction).units) {
      if (traced.key == other) return traced.depth;
    }
    return std::nullopt;
  }

  // "end|boundary|gap unit @holder: why" of every end.
  std::vector<std::string> Ends(const std::string& unit, Direction direction) const {
    std::vector<std::string> ends;
    for (const TraceEnd& end : MustTrace(unit, direction).ends) {
      const char* const kind = end.kind == EndKind::kEnd        ? "end "
                               : end.kind == EndKind::kBoundary ? "boundary "
                                                                : "gap ";
      ends.push_back(kind + end.unit + " @" + end.holder + ": " + end.why);
    }
    return ends;
  }

  const genealogy::Graph& graph() const { return graph_; }
  const trace::Ledgers& ledgers() const { return ledgers_; }

 private:
  Keys Closure(const std::string& unit, Direction direction) const {
    Keys keys;
    for (const TracedUnit& traced : MustTrace(unit, direction).units) {
      EXPECT_EQ(traced.direction, direction);
      if (traced.key.starts_with("sscc:")) continue;
      EXPECT_TRUE(keys.insert(traced.key).second) << traced.key << " is listed twice";
    }
    return keys;
  }

  struct Told {
    uint64_t sequence;
    genealogy::Facts facts;
    std::optional<uint64_t> corrects;
    std::vector<uint64_t> reread;
    std::string text;
  };

  uint32_t last_ledger_ = 0;
  std::map<uint32_t, std::vector<Told>> told_;
  trace::Ledgers ledgers_;
  std::map<std::pair<uint32_t, std::string>, uint64_t> sequence_of_;
  genealogy::Graph graph_;
};

}  // namespace suyuan

#endif  // TESTS_LIB_TRACE_WORLD_H_

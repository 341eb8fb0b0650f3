#include "lib/engine/past_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/genealogy/facts.h"
#include "lib/merkle/tree.h"

namespace suyuan::engine {

namespace {

// Adds entries [0, size) of a ledger to `past`, and its head.
absl::Status AddLedger(const AllLedgers& ledgers, const ledger::Ledgers::State& state,
                       uint64_t size, bool as_recorded, PastGraph* past) {
  merkle::Frontier frontier;
  absl::flat_hash_map<std::string, uint64_t> sequence_of;
  absl::Status inner;
  SUYUAN_RETURN_IF_ERROR(
      ledgers.Read(state.number, 0, size, [&](const ledger::StoredRecord& stored) {
        v1::Event event;
        if (!event.ParseFromArray(stored.record.event.data(),
                                  static_cast<int>(stored.record.event.size()))) {
          inner = DataLoss("entry ", stored.record.sequence, ": no event");
          return false;
        }
        frontier.Append(merkle::LeafHash(stored.bytes));
        sequence_of[event.id()] = stored.record.sequence;
        std::optional<uint64_t> corrects;
        const std::string& target = event.has_correction() ? event.correction().event_id()
                                                           : event.correct().withdrawn_event_id();
        if (const auto it = sequence_of.find(target); it != sequence_of.end() && !as_recorded) {
          corrects = it->second;
        }
        std::vector<uint64_t> reread;
        for (const std::string& id : event.correct().split().event_ids()) {
          if (const auto it = sequence_of.find(id); it != sequence_of.end()) {
            reread.push_back(it->second);
          }
        }
        genealogy::Facts facts = genealogy::FactsOf(event);
        if (as_recorded && event.has_correct()) {
          facts.steps.clear();
          facts.splits.clear();
        }
        past->graph->Add(state.number, stored.record.sequence, facts, corrects, reread);
        return true;
      }));
  SUYUAN_RETURN_IF_ERROR(inner);
  past->ledgers.heads[state.number] = {state.name, size, std::string(frontier.Root().view())};
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PastGraph> MakePastGraph(const AllLedgers& ledgers, const TraceRequest& request) {
  std::map<std::string, uint64_t> sizes;
  for (const LedgerSize& at : request.at) {
    const std::optional<ledger::Ledgers::State> state = ledgers.Get(at.ledger);
    if (!state.has_value()) return NotFound("no ledger ", at.ledger);
    if (at.size == 0 || at.size > state->size) {
      return InvalidArgument("ledger ", at.ledger, " has ", state->size, " entries, asked for ",
                             at.size);
    }
    sizes[at.ledger] = at.size;
  }
  PastGraph past;
  past.graph = std::make_unique<genealogy::Graph>();
  for (const ledger::Ledgers::State& state : ledgers.List()) {
    const auto named = sizes.find(state.name);
    const uint64_t size = named == sizes.end() ? state.size : named->second;
    SUYUAN_RETURN_IF_ERROR(AddLedger(ledgers, state, size, request.as_recorded, &past));
  }
  return past;
}

absl::StatusOr<PastGraph> MakeGraphOf(const AllLedgers& ledgers,
                                      const std::vector<LedgerHead>& heads, bool as_recorded) {
  std::map<std::string, uint64_t> sizes;
  for (const LedgerHead& head : heads) sizes[head.ledger] = head.size;
  PastGraph past;
  past.graph = std::make_unique<genealogy::Graph>();
  for (const ledger::Ledgers::State& state : ledgers.List()) {
    const auto named = sizes.find(state.name);
    if (named == sizes.end()) continue;
    const uint64_t size = std::min(state.size, named->second);
    SUYUAN_RETURN_IF_ERROR(AddLedger(ledgers, state, size, as_recorded, &past));
  }
  return past;
}

}  // namespace suyuan::engine

#include "lib/engine/all_ledgers.h"

#include <algorithm>
#include <iterator>

namespace suyuan::engine {

using ledger::Ledgers;

std::vector<Ledgers::State> AllLedgers::List() const {
  std::vector<Ledgers::State> states = own()->List();
  if (const Ledgers* const others = mirrors()) {
    std::vector<Ledgers::State> more = others->List();
    std::move(more.begin(), more.end(), std::back_inserter(states));
    std::sort(states.begin(), states.end(),
              [](const Ledgers::State& a, const Ledgers::State& b) { return a.name < b.name; });
  }
  return states;
}

std::optional<Ledgers::State> AllLedgers::Get(std::string_view name) const {
  std::optional<Ledgers::State> state = own()->Get(name);
  const Ledgers* const others = mirrors();
  if (!state.has_value() && others != nullptr) state = others->Get(name);
  return state;
}

std::optional<Ledgers::State> AllLedgers::Get(uint32_t number) const {
  if (number < ledger::kFirstMirror) return own()->Get(number);
  const Ledgers* const others = mirrors();
  return others == nullptr ? std::nullopt : others->Get(number);
}

Ledgers& AllLedgers::Of(uint32_t number) const {
  return number < ledger::kFirstMirror ? *own() : *mirrors();
}

absl::Status AllLedgers::Read(uint32_t number, uint64_t from, uint64_t to,
                              const std::function<bool(const ledger::StoredRecord&)>& visit) const {
  return Of(number).Read(number, from, to, visit);
}

}  // namespace suyuan::engine

#ifndef LIB_ENGINE_LEDGER_STATE_H_
#define LIB_ENGINE_LEDGER_STATE_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/writer_state.h"
#include "lib/trace/standing.h"

namespace suyuan::engine {

// The state that rules of conduct are judged by: the marks in the graph, and
// those of events on their way into it.
class LedgerState : public ledger::WriterState {
 public:
  // `name_of` gives the name of a ledger by its number.
  LedgerState(const genealogy::GraphIndex* graph, std::function<std::string(uint32_t)> name_of)
      : graph_(*graph), name_of_(std::move(name_of)) {}

  void Tell(uint32_t ledger, uint64_t not_after,
            std::shared_ptr<const store::Index::Prepared> prepared,
            std::optional<uint64_t> corrects) override;
  void Forget(size_t count) override;

  std::vector<events::Standing> StandingsOf(uint32_t ledger, const events::Goods& goods,
                                            const Interval& at) const override;
  events::Holds HoldsOfPlace(uint32_t ledger, const std::string& holder,
                             const Interval& at) const override;
  events::Holds HoldsOfEquipment(uint32_t ledger, const std::string& equipment,
                                 const Interval& at) const override;
  bool CameFrom(uint32_t ledger, const events::Goods& goods,
                const std::string& holder) const override;

 private:
  struct Pending {
    uint32_t ledger = 0;
    uint64_t sequence = 0;  // or an earlier one
    std::shared_ptr<const store::Index::Prepared> prepared;
    std::optional<uint64_t> corrects;
    uint64_t order = 0;
  };
  // Under which it is looked up: units and their other spellings, places, equipment; and
  // whether it marks units by such spellings alone.
  static std::vector<std::string> KeysOf(const Pending& pending);
  void Drop(const Pending& pending) const;
  void ForEachPending(
      const std::string& key,
      const std::function<void(const Pending&, const genealogy::Facts&)>& visit) const;
  void Expire(const std::map<uint32_t, uint64_t>& heights) const;
  bool Withdrawn(uint32_t ledger, uint64_t sequence) const;
  trace::OnTheWay OnTheWay(const genealogy::Graph& graph) const;
  events::Standing StandingOf(const genealogy::Graph& graph, uint32_t ledger,
                              const events::Goods& goods, const Interval& at) const;
  std::vector<events::Goods> ContentsOf(const genealogy::Graph& graph,
                                        const events::Goods& container, const Interval& at) const;
  // Goods with a key in place of other spellings; nothing if these are not of one unit.
  std::optional<events::Goods> Known(const genealogy::Graph& graph,
                                     const events::Goods& goods) const;
  // Until when lots of `unit` that were made here last by what is registered of their
  // product; `made` are the dates of the variants that they were made as.
  std::optional<int64_t> RegisteredEnd(const genealogy::Graph& graph, uint32_t ledger,
                                       std::string_view unit,
                                       const std::set<std::string>& made) const;
  events::Holds HoldsBy(const std::vector<trace::Said>& said, const Interval& at) const;

  const genealogy::GraphIndex& graph_;
  const std::function<std::string(uint32_t)> name_of_;
  // Expiring is no change that anybody sees.
  mutable std::deque<Pending> pending_;
  uint64_t told_ = 0;
  mutable absl::flat_hash_map<std::string, std::vector<const Pending*>> by_key_;
  mutable std::multiset<std::pair<uint32_t, uint64_t>> withdrawn_;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_LEDGER_STATE_H_

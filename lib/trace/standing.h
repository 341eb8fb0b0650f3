#ifndef LIB_TRACE_STANDING_H_
#define LIB_TRACE_STANDING_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "lib/base/time.h"
#include "lib/events/state.h"
#include "lib/genealogy/graph.h"

namespace suyuan::trace {

// Something that an event said about goods, a place or equipment.
struct Said {
  genealogy::MarkKind kind = genealogy::MarkKind::kFinished;
  int64_t value = 0;
  Interval when;
  uint32_t ledger = 0;
  uint64_t sequence = 0;
};

// Where a statement holds; empty where it does not say.
struct Where {
  std::string_view variant;
  std::string_view holder;
  std::string_view part;
};

// Does what is said of `where` concern `goods`, whose holder is told? What is said
// of a part concerns goods that are told to be of it.
bool Concerns(const genealogy::Graph& graph, const Where& where, const events::Goods& goods);

// The subject of a holder that the graph need not know.
std::string_view SubjectText(const genealogy::Graph& graph, std::string_view holder);

// What the graph says about `goods`, whose unit is `unit` there. `left_out` says
// which entries do not count.
std::vector<Said> SaidOf(const genealogy::Graph& graph, genealogy::UnitId unit,
                         const events::Goods& goods,
                         const std::function<bool(uint32_t, uint64_t)>& left_out = nullptr);

// How goods stand at `at` by what was said of them: in the order of the times
// where they are certain, else in the order given. Evidence is named by `name_of`
// the ledger.
events::Standing StandingBy(const std::vector<Said>& said, const Interval& at,
                            const std::function<std::string(uint32_t)>& name_of);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_STANDING_H_

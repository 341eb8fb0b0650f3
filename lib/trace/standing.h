#ifndef LIB_TRACE_STANDING_H_
#define LIB_TRACE_STANDING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
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

// What events on their way into the graph change of it.
struct OnTheWay {
  // Entries that do not count.
  std::function<bool(uint32_t ledger, uint64_t sequence)> left_out;
  // What else an external id names.
  std::function<std::vector<events::Goods>(const std::string& id)> named;
};

// All that `external_ids`, in normal form, name. The key of a unit is the one that the
// graph knows it by.
std::vector<events::Goods> NamedBy(const genealogy::Graph& graph,
                                   const std::vector<std::string>& external_ids,
                                   const OnTheWay& on_the_way = {});

// Of which goods a statement by external ids holds: what bars, of all that they name; what
// frees or counts, only if that is one unit.
std::vector<events::Goods> MarkedBy(const genealogy::Graph& graph, genealogy::MarkKind kind,
                                    const std::vector<std::string>& external_ids,
                                    const OnTheWay& on_the_way = {});

// Every mark of `unit`, whether by its key or by external ids alone, with where it holds;
// also those by `external_ids`, whose naming is on its way. They may have been taken away.
void ForEachMark(const genealogy::Graph& graph, genealogy::UnitId unit,
                 const std::vector<std::string>& external_ids, const OnTheWay& on_the_way,
                 absl::FunctionRef<void(const genealogy::Mark&, const Where&)> visit);

// What the graph says about `goods`, whose unit is `unit` there; `goods.external_ids` as
// for ForEachMark.
std::vector<Said> SaidOf(const genealogy::Graph& graph, genealogy::UnitId unit,
                         const events::Goods& goods, const OnTheWay& on_the_way = {});

// How goods stand at `at` by what was said of them: in the order of the times
// where they are certain, else in the order given. Evidence is named by `name_of`
// the ledger.
events::Standing StandingBy(const std::vector<Said>& said, const Interval& at,
                            const std::function<std::string(uint32_t)>& name_of);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_STANDING_H_

#ifndef LIB_ENGINE_COMPLETENESS_H_
#define LIB_ENGINE_COMPLETENESS_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "lib/engine/all_ledgers.h"
#include "lib/genealogy/graph_index.h"
#include "suyuan/completeness.h"
#include "suyuan/trace.h"

namespace suyuan::engine {

// As Engine::ReportCompleteness. `history` is the backward trace of the unit.
absl::StatusOr<CompletenessReport> ReportCompleteness(const AllLedgers& ledgers,
                                                      const genealogy::GraphIndex& graph,
                                                      const TraceResult& history);

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_COMPLETENESS_H_

#ifndef LIB_TRACE_SCORE_H_
#define LIB_TRACE_SCORE_H_

#include "absl/status/statusor.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "suyuan/score.h"

namespace suyuan::trace {

// As Engine::Score. One closure for each weight that is not 0, and two for what is observed.
absl::StatusOr<ScoreResult> Score(const genealogy::Graph& graph, const Ledgers& ledgers,
                                  const ScoreRequest& request);

}  // namespace suyuan::trace

#endif  // LIB_TRACE_SCORE_H_

#ifndef LIB_RECALL_PLAN_H_
#define LIB_RECALL_PLAN_H_

#include "absl/status/statusor.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "suyuan/recall.h"
#include "suyuan/stock.h"

namespace suyuan::recall {

// As Engine::GetStock.
absl::StatusOr<StockResult> GetStock(const genealogy::Graph& graph, const trace::Ledgers& ledgers,
                                     const StockRequest& request);

// As Engine::PlanRecall.
absl::StatusOr<RecallPlan> PlanRecall(const genealogy::Graph& graph, const trace::Ledgers& ledgers,
                                      const RecallRequest& request);

}  // namespace suyuan::recall

#endif  // LIB_RECALL_PLAN_H_

#include "api/grpc/recall_service.h"

#include "api/grpc/convert.h"
#include "lib/base/status_macros.h"

namespace suyuan::rpc {

::grpc::Status RecallService::GetStock(::grpc::ServerContext* context,
                                       const v1::GetStockRequest* request,
                                       ::grpc::ServerWriter<v1::GetStockResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    StockRequest asked;
    asked.unit = request->unit();
    if (request->has_at_micros()) asked.at_micros = request->at_micros();
    SUYUAN_ASSIGN_OR_RETURN(const StockResult result, engine_->GetStock(asked));
    Chunks<v1::GetStockResponse> chunks(writer);
    AddAll(result.rows, &chunks, [](auto* message) { return message->add_rows(); });
    AddAll(result.findings, &chunks, [](auto* message) { return message->add_findings(); });
    AddAll(result.heads, &chunks, [](auto* message) { return message->add_heads(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status RecallService::PlanRecall(::grpc::ServerContext* context,
                                         const v1::PlanRecallRequest* request,
                                         ::grpc::ServerWriter<v1::PlanRecallResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    RecallRequest asked;
    asked.units.assign(request->units().begin(), request->units().end());
    if (request->has_at_micros()) asked.at_micros = request->at_micros();
    SUYUAN_ASSIGN_OR_RETURN(const RecallPlan plan, engine_->PlanRecall(asked));
    Chunks<v1::PlanRecallResponse> chunks(writer);
    for (const std::string& origin : plan.origins) chunks.message()->add_origins(origin);
    AddAll(plan.affected, &chunks, [](auto* message) { return message->add_affected(); });
    AddAll(plan.customers, &chunks, [](auto* message) { return message->add_customers(); });
    AddAll(plan.unaccounted, &chunks, [](auto* message) { return message->add_unaccounted(); });
    AddAll(plan.balances, &chunks, [](auto* message) { return message->add_balances(); });
    AddAll(plan.heads, &chunks, [](auto* message) { return message->add_heads(); });
    chunks.message()->set_digest(plan.digest);
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status RecallService::ReportCompleteness(
    ::grpc::ServerContext* context, const v1::ReportCompletenessRequest* request,
    ::grpc::ServerWriter<v1::ReportCompletenessResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const CompletenessReport report,
                            engine_->ReportCompleteness(request->unit()));
    Chunks<v1::ReportCompletenessResponse> chunks(writer);
    v1::ReportCompletenessResponse* const first = chunks.message();
    first->set_unit(report.unit);
    first->set_product(Utf8(report.product));
    first->set_present(report.present);
    first->set_missing(report.missing);
    first->set_late(report.late);
    first->set_corrected(report.corrected);
    AddAll(report.elements, &chunks, [](auto* message) { return message->add_elements(); });
    AddAll(report.heads, &chunks, [](auto* message) { return message->add_heads(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

}  // namespace suyuan::rpc

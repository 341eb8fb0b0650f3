#ifndef API_GRPC_RECALL_SERVICE_H_
#define API_GRPC_RECALL_SERVICE_H_

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/recall_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/recall_service.proto over an engine. An answer is made whole, so
// that it is of one moment, and then sent in parts.
class RecallService final : public v1::RecallService::Service {
 public:
  // Both are borrowed for the object's life.
  RecallService(const Engine* engine, Calls* calls) : engine_(engine), calls_(calls) {}

  ::grpc::Status GetStock(::grpc::ServerContext* context, const v1::GetStockRequest* request,
                          ::grpc::ServerWriter<v1::GetStockResponse>* writer) override;
  ::grpc::Status PlanRecall(::grpc::ServerContext* context, const v1::PlanRecallRequest* request,
                            ::grpc::ServerWriter<v1::PlanRecallResponse>* writer) override;
  ::grpc::Status ReportCompleteness(
      ::grpc::ServerContext* context, const v1::ReportCompletenessRequest* request,
      ::grpc::ServerWriter<v1::ReportCompletenessResponse>* writer) override;

 private:
  const Engine* const engine_;
  Calls* const calls_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_RECALL_SERVICE_H_

#ifndef API_GRPC_TRACE_SERVICE_H_
#define API_GRPC_TRACE_SERVICE_H_

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/trace_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/trace_service.proto over an engine. An answer is made whole, so
// that it is of one moment, and then sent in parts.
class TraceService final : public v1::TraceService::Service {
 public:
  // Both are borrowed for the object's life.
  TraceService(const Engine* engine, Calls* calls) : engine_(engine), calls_(calls) {}

  ::grpc::Status Trace(::grpc::ServerContext* context, const v1::TraceRequest* request,
                       ::grpc::ServerWriter<v1::TraceResponse>* writer) override;
  ::grpc::Status Score(::grpc::ServerContext* context, const v1::ScoreRequest* request,
                       ::grpc::ServerWriter<v1::ScoreResponse>* writer) override;
  ::grpc::Status FindUnits(::grpc::ServerContext* context, const v1::FindUnitsRequest* request,
                           ::grpc::ServerWriter<v1::FindUnitsResponse>* writer) override;

 private:
  const Engine* const engine_;
  Calls* const calls_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_TRACE_SERVICE_H_

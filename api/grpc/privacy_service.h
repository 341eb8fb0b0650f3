#ifndef API_GRPC_PRIVACY_SERVICE_H_
#define API_GRPC_PRIVACY_SERVICE_H_

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/privacy_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/privacy_service.proto. Thread-safe.
class PrivacyService final : public v1::PrivacyService::Service {
 public:
  // Both are borrowed.
  PrivacyService(Engine* engine, Calls* calls) : engine_(engine), calls_(calls) {}

  ::grpc::Status ReadPersonal(::grpc::ServerContext* context,
                              const v1::ReadPersonalRequest* request,
                              v1::ReadPersonalResponse* response) override;
  ::grpc::Status Disclose(::grpc::ServerContext* context, const v1::DiscloseRequest* request,
                          v1::DiscloseResponse* response) override;
  ::grpc::Status Erase(::grpc::ServerContext* context, const v1::EraseRequest* request,
                       v1::EraseResponse* response) override;
  ::grpc::Status EraseDue(::grpc::ServerContext* context, const v1::EraseDueRequest* request,
                          v1::EraseDueResponse* response) override;

 private:
  Engine* const engine_;
  Calls* const calls_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_PRIVACY_SERVICE_H_

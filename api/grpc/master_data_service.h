#ifndef API_GRPC_MASTER_DATA_SERVICE_H_
#define API_GRPC_MASTER_DATA_SERVICE_H_

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/master_data_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/master_data_service.proto over an engine.
class MasterDataService final : public v1::MasterDataService::Service {
 public:
  // Both are borrowed for the object's life.
  MasterDataService(const Engine* engine, Calls* calls) : engine_(engine), calls_(calls) {}

  ::grpc::Status GetMaster(::grpc::ServerContext* context, const v1::GetMasterRequest* request,
                           v1::GetMasterResponse* response) override;
  ::grpc::Status ListMaster(::grpc::ServerContext* context, const v1::ListMasterRequest* request,
                            ::grpc::ServerWriter<v1::ListMasterResponse>* writer) override;

 private:
  const Engine* const engine_;
  Calls* const calls_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_MASTER_DATA_SERVICE_H_

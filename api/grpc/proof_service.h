#ifndef API_GRPC_PROOF_SERVICE_H_
#define API_GRPC_PROOF_SERVICE_H_

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/proof_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/proof_service.proto. Thread-safe.
class ProofService final : public v1::ProofService::Service {
 public:
  // Both are borrowed.
  ProofService(Engine* engine, Calls* calls) : engine_(engine), calls_(calls) {}

  ::grpc::Status GetCheckpoint(::grpc::ServerContext* context,
                               const v1::GetCheckpointRequest* request,
                               v1::GetCheckpointResponse* response) override;
  ::grpc::Status Prove(::grpc::ServerContext* context, const v1::ProveRequest* request,
                       v1::ProveResponse* response) override;
  ::grpc::Status ProveConsistency(::grpc::ServerContext* context,
                                  const v1::ProveConsistencyRequest* request,
                                  v1::ProveConsistencyResponse* response) override;
  ::grpc::Status ReadTile(::grpc::ServerContext* context, const v1::ReadTileRequest* request,
                          v1::ReadTileResponse* response) override;
  ::grpc::Status RotateKey(::grpc::ServerContext* context, const v1::RotateKeyRequest* request,
                           v1::RotateKeyResponse* response) override;
  ::grpc::Status RetireKeys(::grpc::ServerContext* context, const v1::RetireKeysRequest* request,
                            v1::RetireKeysResponse* response) override;
  ::grpc::Status AddTimeStamp(::grpc::ServerContext* context,
                              const v1::AddTimeStampRequest* request,
                              v1::AddTimeStampResponse* response) override;

 private:
  Engine* const engine_;
  Calls* const calls_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_PROOF_SERVICE_H_

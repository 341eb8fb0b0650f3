#include "api/grpc/proof_service.h"

#include <string>
#include <utility>
#include <vector>

#include "api/grpc/convert.h"
#include "lib/base/status_macros.h"
#include "lib/merkle/pkcs11.h"

namespace suyuan::rpc {
namespace {

template <typename Request>
TreeHash TreeOf(const Request& request) {
  return request.sm3() ? TreeHash::kSm3 : TreeHash::kSha256;
}

}  // namespace

::grpc::Status ProofService::GetCheckpoint(::grpc::ServerContext* context,
                                           const v1::GetCheckpointRequest* request,
                                           v1::GetCheckpointResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(*response->mutable_checkpoint(),
                            request->published()
                                ? engine_->PublishedCheckpoint(request->ledger(), TreeOf(*request))
                                : engine_->Checkpoint(request->ledger(), TreeOf(*request)));
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::Prove(::grpc::ServerContext* context, const v1::ProveRequest* request,
                                   v1::ProveResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(
        EventProof proof, engine_->Prove(request->ledger(), request->event_id(), TreeOf(*request)));
    response->set_sequence(proof.sequence);
    *response->mutable_entry() = std::move(proof.entry);
    *response->mutable_proof() = std::move(proof.proof);
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::ProveConsistency(::grpc::ServerContext* context,
                                              const v1::ProveConsistencyRequest* request,
                                              v1::ProveConsistencyResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(std::vector<std::string> hashes,
                            engine_->ProveConsistency(request->ledger(), request->from(),
                                                      request->to(), TreeOf(*request)));
    for (std::string& hash : hashes) response->add_hashes(std::move(hash));
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::ReadTile(::grpc::ServerContext* context,
                                      const v1::ReadTileRequest* request,
                                      v1::ReadTileResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(
        *response->mutable_tile(),
        engine_->ReadTile(request->ledger(), request->path(), TreeOf(*request)));
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::RotateKey(::grpc::ServerContext* context,
                                       const v1::RotateKeyRequest* request,
                                       v1::RotateKeyResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    if (!request->pkcs11().empty()) {
      SUYUAN_RETURN_IF_ERROR(merkle::CheckSentUri(request->pkcs11()));
    }
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info,
                            engine_->RotateKey(request->ledger(), request->pkcs11()));
    ToProto(info, response->mutable_ledger());
    calls_->Grown();
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::RetireKeys(::grpc::ServerContext* context,
                                        const v1::RetireKeysRequest* request,
                                        v1::RetireKeysResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->RetireKeys(request->ledger()));
    ToProto(info, response->mutable_ledger());
    return absl::OkStatus();
  });
}

::grpc::Status ProofService::AddTimeStamp(::grpc::ServerContext* context,
                                          const v1::AddTimeStampRequest* request,
                                          v1::AddTimeStampResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const Receipt receipt,
                            engine_->AddTimeStamp(request->ledger(), request->time_stamp()));
    ToProto(receipt, response->mutable_receipt());
    calls_->Grown();
    return absl::OkStatus();
  });
}

}  // namespace suyuan::rpc

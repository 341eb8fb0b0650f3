#ifndef API_GRPC_LEDGER_SERVICE_H_
#define API_GRPC_LEDGER_SERVICE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "api/grpc/calls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"

namespace suyuan::rpc {

// schemas/suyuan/v1/ledger_service.proto over an engine. No lock of the engine is held
// while something is written to the network.
class LedgerService final : public v1::LedgerService::Service {
 public:
  // Both are borrowed for the object's life. Backups are written below `backups_dir`; none if it
  // is empty.
  LedgerService(Engine* engine, Calls* calls, std::string backups_dir)
      : engine_(engine), calls_(calls), backups_dir_(std::move(backups_dir)) {}

  ::grpc::Status CreateLedger(::grpc::ServerContext* context,
                              const v1::CreateLedgerRequest* request,
                              v1::CreateLedgerResponse* response) override;
  ::grpc::Status ListLedgers(::grpc::ServerContext* context, const v1::ListLedgersRequest* request,
                             v1::ListLedgersResponse* response) override;
  ::grpc::Status GetLedger(::grpc::ServerContext* context, const v1::GetLedgerRequest* request,
                           v1::GetLedgerResponse* response) override;
  ::grpc::Status Validate(::grpc::ServerContext* context, const v1::ValidateRequest* request,
                          ::grpc::ServerWriter<v1::ValidateResponse>* writer) override;
  ::grpc::Status Append(::grpc::ServerContext* context, const v1::AppendRequest* request,
                        v1::AppendResponse* response) override;
  ::grpc::Status AppendStream(::grpc::ServerContext* context,
                              ::grpc::ServerReaderWriter<v1::AppendStreamResponse,
                                                         v1::AppendStreamRequest>* stream) override;
  ::grpc::Status Read(::grpc::ServerContext* context, const v1::ReadRequest* request,
                      ::grpc::ServerWriter<v1::ReadResponse>* writer) override;
  ::grpc::Status Tail(::grpc::ServerContext* context, const v1::TailRequest* request,
                      ::grpc::ServerWriter<v1::ReadResponse>* writer) override;
  ::grpc::Status Check(::grpc::ServerContext* context, const v1::CheckRequest* request,
                       ::grpc::ServerWriter<v1::CheckResponse>* writer) override;
  ::grpc::Status RebuildIndexes(::grpc::ServerContext* context,
                                const v1::RebuildIndexesRequest* request,
                                v1::RebuildIndexesResponse* response) override;
  ::grpc::Status Backup(::grpc::ServerContext* context, const v1::BackupRequest* request,
                        v1::BackupResponse* response) override;

 private:
  using AppendStreamOfServer =
      ::grpc::ServerReaderWriter<v1::AppendStreamResponse, v1::AppendStreamRequest>;

  absl::Status AppendAll(::grpc::ServerContext* context, AppendStreamOfServer* stream);
  // Appends one batch and answers it; an error ends the stream.
  absl::Status AnswerBatch(const std::string& ledger, v1::AppendStreamRequest* request,
                           AppendStreamOfServer* stream);
  // Sends the entries [*next, end); *next is the first one that was not sent.
  absl::Status Send(::grpc::ServerContext* context, const std::string& ledger, uint64_t* next,
                    uint64_t end, ::grpc::ServerWriter<v1::ReadResponse>* writer) const;

  Engine* const engine_;
  Calls* const calls_;
  const std::string backups_dir_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_LEDGER_SERVICE_H_

#ifndef API_GRPC_REMOTE_ENGINE_H_
#define API_GRPC_REMOTE_ENGINE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/grpc/tls.h"
#include "suyuan/engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"
#include "suyuan/v1/privacy_service.grpc.pb.h"
#include "suyuan/v1/proof_service.grpc.pb.h"
#include "suyuan/v1/recall_service.grpc.pb.h"
#include "suyuan/v1/trace_service.grpc.pb.h"

namespace suyuan::rpc {

struct RemoteOptions {
  std::string address = {};  // host:port or unix:path
  TlsFiles tls = {};
};

// An engine that runs in a server: the same answers as the engine on its data
// directory. Errors are those of `Engine`; besides, kUnavailable says that the server cannot
// be reached or went away (after an Append: append again with the same ids), and
// kDeadlineExceeded and kResourceExhausted what the server says of its load.
// Thread-safe.
class RemoteEngine : public Engine {
 public:
  // Asks the server once. kUnavailable: nobody there, or not whom we believe.
  // kInvalidArgument, kNotFound: the TLS files.
  static absl::StatusOr<std::unique_ptr<RemoteEngine>> Connect(const RemoteOptions& options);

  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) override;
  absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const override;
  absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const override;
  absl::StatusOr<std::vector<Violation>> Validate(std::string_view ledger,
                                                  std::span<const v1::Event> events) const override;
  absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                              std::span<const v1::Event> events) override;
  absl::Status Read(std::string_view ledger, uint64_t from, uint64_t to,
                    const std::function<bool(const Entry&)>& visit) const override;
  absl::StatusOr<TraceResult> Trace(const TraceRequest& request) const override;
  absl::StatusOr<std::vector<TraceDifference>> VerifyTrace(
      const TraceResult& answer) const override;
  absl::StatusOr<StockResult> GetStock(const StockRequest& request) const override;
  absl::StatusOr<RecallPlan> PlanRecall(const RecallRequest& request) const override;
  absl::StatusOr<CompletenessReport> ReportCompleteness(const std::string& unit) const override;
  absl::StatusOr<ScoreResult> Score(const ScoreRequest& request) const override;
  absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view text) const override;
  absl::StatusOr<std::string> Checkpoint(std::string_view ledger,
                                         TreeHash tree = TreeHash::kSha256) override;
  absl::Status AddCosignatures(std::string_view ledger, std::string_view checkpoint) override;
  absl::StatusOr<MirrorInfo> Follow(const MirrorRequest& request) override;
  absl::StatusOr<std::string> PublishedCheckpoint(std::string_view ledger,
                                                  TreeHash tree = TreeHash::kSha256) override;
  absl::StatusOr<EventProof> Prove(std::string_view ledger, std::string_view event_id,
                                   TreeHash tree = TreeHash::kSha256) override;
  absl::StatusOr<std::vector<std::string>> ProveConsistency(
      std::string_view ledger, uint64_t from, uint64_t to,
      TreeHash tree = TreeHash::kSha256) const override;
  absl::StatusOr<std::string> ReadTile(std::string_view ledger, std::string_view path,
                                       TreeHash tree = TreeHash::kSha256) const override;
  absl::StatusOr<LedgerInfo> RotateKey(std::string_view ledger,
                                       std::string_view pkcs11 = {}) override;
  absl::StatusOr<LedgerInfo> RetireKeys(std::string_view ledger) override;
  absl::StatusOr<Receipt> AddTimeStamp(std::string_view ledger,
                                       const v1::TimeStamp& stamp) override;
  // Says nothing of how far it is.
  absl::StatusOr<BackupInfo> Backup(const std::string& to, const BackupOptions& options) override;
  absl::StatusOr<std::vector<PersonalDatum>> ReadPersonal(std::string_view ledger,
                                                          std::string_view event_id) override;
  absl::StatusOr<Disclosure> Disclose(std::string_view ledger, std::string_view event_id,
                                      std::string_view path, bool to_authority) override;
  absl::StatusOr<ErasureResult> ErasePersonal(std::string_view ledger,
                                              const ErasureRequest& request) override;
  absl::StatusOr<ErasureResult> EraseDue(std::string_view ledger) override;
  absl::Status RebuildIndexes() override;

  // As Read, then every new entry when it is durable, until `visit` returns false.
  // `visit` is not called while nothing happens: cancel `context` from another
  // thread to end it then (kCancelled).
  absl::Status Tail(std::string_view ledger, uint64_t from,
                    const std::function<bool(const Entry&)>& visit,
                    ::grpc::ClientContext* context) const;
  // The check of LedgerService.
  absl::StatusOr<CheckReport> CheckNow(const ProgressFunction& progress) const override;

  const std::shared_ptr<::grpc::Channel>& channel() const { return channel_; }

 private:
  absl::StatusOr<std::string> CheckpointOf(std::string_view ledger, bool published, TreeHash tree);
  RemoteEngine(RemoteOptions options, std::shared_ptr<::grpc::Channel> channel);

  // Appends through a stream, whose answers can hold any number of faults.
  absl::StatusOr<std::vector<Receipt>> AppendInStream(const v1::AppendRequest& request) const;
  absl::Status ValidatePart(std::string_view ledger, std::span<const v1::Event> events,
                            size_t first_index, std::vector<Violation>* violations) const;
  // What every call says of itself. Waits a moment for a connection that was lost.
  void Prepare(::grpc::ClientContext* context) const;
  absl::Status StatusOf(const ::grpc::Status& status, uint64_t* left_off = nullptr) const;

  const RemoteOptions options_;
  const std::shared_ptr<::grpc::Channel> channel_;
  const std::unique_ptr<v1::LedgerService::Stub> ledgers_;
  const std::unique_ptr<v1::TraceService::Stub> traces_;
  const std::unique_ptr<v1::RecallService::Stub> recalls_;
  const std::unique_ptr<v1::ProofService::Stub> proofs_;
  const std::unique_ptr<v1::PrivacyService::Stub> privacy_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_REMOTE_ENGINE_H_

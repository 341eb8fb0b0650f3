#include "api/grpc/remote_engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/grpc/convert.h"
#include "api/grpc/limits.h"
#include "api/grpc/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"
#include "lib/events/validator.h"
#include "lib/merkle/pkcs11.h"
#include "lib/trace/indexes.h"

namespace suyuan::rpc {
namespace {

using std::chrono::seconds;

// How much is judged in one call: all that can be one batch, since the number of faults
// that are told is limited by batch.
constexpr size_t kValidateBytes = kMaxRequestBytes - (size_t{64} << 10);

// For a server that accepts and then says nothing.
constexpr seconds kConnectTime(10);

// How long a call waits for a connection that was lost.
constexpr seconds kReconnectTime(1);

// Calls `take` with every message until it returns false; the status of the call, OK then.
template <typename Message, typename Take>
::grpc::Status ReadAll(::grpc::ClientContext* context, ::grpc::ClientReader<Message>* reader,
                       const Take& take) {
  Message message;
  while (reader->Read(&message)) {
    if (take(&message)) continue;
    context->TryCancel();
    while (reader->Read(&message)) {
    }
    reader->Finish();
    return ::grpc::Status::OK;
  }
  return reader->Finish();
}

// Gives each entry of an answer to `visit`, which must outlive the result.
auto EachEntry(const std::function<bool(const Entry&)>& visit) {
  return [&visit](v1::ReadResponse* part) {
    for (v1::Entry& entry : *part->mutable_entries()) {
      if (!visit(TakeEntry(&entry))) return false;
    }
    return true;
  };
}

std::string Text(std::string_view text) { return std::string(text); }

absl::Status NotUtf8(std::string_view what) { return InvalidArgument(what, ": not UTF-8"); }

}  // namespace

RemoteEngine::RemoteEngine(RemoteOptions options, std::shared_ptr<::grpc::Channel> channel)
    : options_(std::move(options)),
      channel_(std::move(channel)),
      ledgers_(v1::LedgerService::NewStub(channel_)),
      traces_(v1::TraceService::NewStub(channel_)),
      recalls_(v1::RecallService::NewStub(channel_)),
      proofs_(v1::ProofService::NewStub(channel_)),
      privacy_(v1::PrivacyService::NewStub(channel_)) {}

absl::StatusOr<std::unique_ptr<RemoteEngine>> RemoteEngine::Connect(const RemoteOptions& options) {
  SUYUAN_ASSIGN_OR_RETURN(const std::shared_ptr<::grpc::ChannelCredentials> credentials,
                          ChannelCredentialsOf(options.tls));
  ::grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(4 * kMaxErrorBytes));
  // A ledger's server is in the plant, not behind a proxy of the environment.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Engines of one process do not share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // A server that reads a large ledger before it serves is not waited for any longer than
  // that: gRPC would look again after up to two minutes.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  std::unique_ptr<RemoteEngine> engine(new RemoteEngine(
      options, ::grpc::CreateCustomChannel(options.address, credentials, arguments)));
  ::grpc::ClientContext context;
  engine->Prepare(&context);
  context.set_deadline(std::chrono::system_clock::now() + kConnectTime);
  v1::ListLedgersRequest request;
  request.set_page_size(1);
  v1::ListLedgersResponse response;
  SUYUAN_RETURN_IF_ERROR(
      engine->StatusOf(engine->ledgers_->ListLedgers(&context, request, &response)));
  return engine;
}

void RemoteEngine::Prepare(::grpc::ClientContext* context) const {
  context->AddMetadata(kErrorBytesKey, std::to_string(kMaxErrorBytes));
  // A connection is made only while somebody waits for it: calls that fail at once, however
  // many, would notice a server that is back five seconds later.
  if (channel_->GetState(false) == GRPC_CHANNEL_TRANSIENT_FAILURE) {
    channel_->WaitForConnected(std::chrono::system_clock::now() + kReconnectTime);
  }
}

absl::Status RemoteEngine::StatusOf(const ::grpc::Status& status, uint64_t* left_off) const {
  const absl::Status result = FromGrpc(status, left_off);
  const bool from_transport = status.error_details().empty();
  // We did not cancel it: a call that reaches a server that stops is ended so.
  const bool ended = absl::IsCancelled(result);
  if (result.ok() || (!from_transport && !ended)) return result;
  return absl::Status(ended ? absl::StatusCode::kUnavailable : result.code(),
                      StrCat("服务器 server ", options_.address, ": ", ToStd(result.message())));
}

absl::StatusOr<LedgerInfo> RemoteEngine::CreateLedger(const LedgerOptions& options) {
  for (const std::string* text : {&options.name, &options.subject, &options.subject_name}) {
    if (!codes::IsUtf8(*text)) return NotUtf8("ledger");
  }
  v1::CreateLedgerRequest request;
  request.set_name(options.name);
  request.set_subject(options.subject);
  request.set_subject_name(options.subject_name);
  request.set_profile(options.profile);
  request.set_sm3(options.sm3);
  v1::CreateLedgerResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(ledgers_->CreateLedger(&context, request, &response)));
  return FromProto(response.ledger());
}

absl::StatusOr<std::vector<LedgerInfo>> RemoteEngine::ListLedgers() const {
  std::vector<LedgerInfo> infos;
  v1::ListLedgersRequest request;
  do {
    v1::ListLedgersResponse response;
    ::grpc::ClientContext context;
    Prepare(&context);
    SUYUAN_RETURN_IF_ERROR(StatusOf(ledgers_->ListLedgers(&context, request, &response)));
    for (const v1::LedgerInfo& info : response.ledgers()) infos.push_back(FromProto(info));
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return infos;
}

absl::StatusOr<LedgerInfo> RemoteEngine::GetLedger(std::string_view name) const {
  if (!codes::IsUtf8(name)) return NotUtf8("ledger");
  v1::GetLedgerRequest request;
  request.set_name(Text(name));
  v1::GetLedgerResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(ledgers_->GetLedger(&context, request, &response)));
  return FromProto(response.ledger());
}

absl::Status RemoteEngine::ValidatePart(std::string_view ledger, std::span<const v1::Event> events,
                                        size_t first_index,
                                        std::vector<Violation>* violations) const {
  v1::ValidateRequest request;
  request.set_ledger(Text(ledger));
  for (const v1::Event& event : events) *request.add_events() = event;
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = ledgers_->Validate(&context, request);
  return StatusOf(ReadAll(&context, reader.get(), [&](v1::ValidateResponse* part) {
    for (const v1::Violation& proto : part->violations()) {
      violations->push_back(FromProto(proto));
      violations->back().event_index += first_index;
    }
    return true;
  }));
}

absl::StatusOr<std::vector<Violation>> RemoteEngine::Validate(
    std::string_view ledger, std::span<const v1::Event> events) const {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  std::vector<Violation> violations;
  size_t from = 0;
  size_t bytes = 0;
  absl::Status status;
  const auto send_up_to = [&](size_t to) {
    status.Update(ValidatePart(ledger, events.subspan(from, to - from), from, &violations));
    from = to;
    bytes = 0;
  };
  for (size_t i = 0; i < events.size() && status.ok(); ++i) {
    const size_t size = events[i].ByteSizeLong();
    if (size > events::kMaxEventBytes) {
      // Too large for any ledger, and perhaps for the way there; it is judged by
      // its size alone, whatever the profile.
      if (from < i) send_up_to(i);
      const auto validator = events::Validator::ForProfile("ordinary");
      if (validator.ok()) (*validator)->Validate(events[i], i, &violations);
      from = i + 1;
      continue;
    }
    if (bytes + size + 8 > kValidateBytes) send_up_to(i);
    bytes += size + 8;
  }
  // Also where nothing is left: whether there is such a ledger, the server knows.
  if (status.ok()) send_up_to(events.size());
  SUYUAN_RETURN_IF_ERROR(status);
  return violations;
}

absl::StatusOr<std::vector<Receipt>> RemoteEngine::Append(std::string_view ledger,
                                                          std::span<const v1::Event> events) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  size_t bytes = ledger.size();
  for (const v1::Event& event : events) bytes += event.ByteSizeLong() + 8;
  if (bytes > kMaxRequestBytes) {
    // The server would say the same, and the transport something else before it.
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Violation> violations, Validate(ledger, events));
    if (!violations.empty()) return events::ViolationsToStatus(violations);
    return TooLarge(bytes);
  }
  v1::AppendRequest request;
  request.set_ledger(Text(ledger));
  request.mutable_events()->Reserve(static_cast<int>(events.size()));
  for (const v1::Event& event : events) *request.add_events() = event;
  v1::AppendResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  uint64_t left_off = 0;
  const absl::Status status = StatusOf(ledgers_->Append(&context, request, &response), &left_off);
  if (left_off > 0) return AppendInStream(request);
  if (!status.ok()) return status;
  std::vector<Receipt> receipts;
  receipts.reserve(static_cast<size_t>(response.receipts_size()));
  for (const v1::Receipt& receipt : response.receipts()) receipts.push_back(FromProto(receipt));
  return receipts;
}

absl::StatusOr<std::vector<Receipt>> RemoteEngine::AppendInStream(
    const v1::AppendRequest& request) const {
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto stream = ledgers_->AppendStream(&context);
  v1::AppendStreamRequest batch;
  batch.set_ledger(request.ledger());
  *batch.mutable_events() = request.events();
  stream->Write(batch);
  stream->WritesDone();
  std::vector<Receipt> receipts;
  absl::Status refusal;
  std::vector<Violation> violations;
  v1::AppendStreamResponse response;
  while (stream->Read(&response)) {
    for (const v1::Receipt& receipt : response.receipts()) receipts.push_back(FromProto(receipt));
    if (!response.has_error()) continue;
    const absl::Status part = ErrorFromProto(response.error());
    if (refusal.ok()) refusal = absl::Status(part.code(), part.message());
    for (Violation& violation : ViolationsOf(part)) violations.push_back(std::move(violation));
  }
  SUYUAN_RETURN_IF_ERROR(StatusOf(stream->Finish()));
  if (!refusal.ok()) return WithViolations(std::move(refusal), violations);
  return receipts;
}

absl::Status RemoteEngine::Read(std::string_view ledger, uint64_t from, uint64_t to,
                                const std::function<bool(const Entry&)>& visit) const {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  v1::ReadRequest request;
  request.set_ledger(Text(ledger));
  request.set_from(from);
  request.set_to(to);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = ledgers_->Read(&context, request);
  return StatusOf(ReadAll(&context, reader.get(), EachEntry(visit)));
}

absl::Status RemoteEngine::Tail(std::string_view ledger, uint64_t from,
                                const std::function<bool(const Entry&)>& visit,
                                ::grpc::ClientContext* context) const {
  v1::TailRequest request;
  request.set_ledger(Text(ledger));
  request.set_from(from);
  Prepare(context);
  const auto reader = ledgers_->Tail(context, request);
  const ::grpc::Status status = ReadAll(context, reader.get(), EachEntry(visit));
  // Here it can be the caller who cancelled.
  return status.error_code() == ::grpc::StatusCode::CANCELLED ? FromGrpc(status) : StatusOf(status);
}

absl::StatusOr<TraceResult> RemoteEngine::Trace(const TraceRequest& request) const {
  if (!codes::IsUtf8(request.unit)) return NotUtf8("unit");
  v1::TraceRequest proto;
  ToProto(request, &proto);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = traces_->Trace(&context, proto);
  TraceResult result;
  SUYUAN_RETURN_IF_ERROR(StatusOf(ReadAll(&context, reader.get(), [&](v1::TraceResponse* part) {
    AddTo(*part, &result);
    return true;
  })));
  SUYUAN_RETURN_IF_ERROR(trace::CheckIndexes(result));
  return result;
}

absl::StatusOr<std::vector<TraceDifference>> RemoteEngine::VerifyTrace(const TraceResult&) const {
  return absl::UnimplementedError(
      "验证需要账本本身：请用 --data；who verifies an answer needs the ledgers themselves: --data");
}

absl::StatusOr<ScoreResult> RemoteEngine::Score(const ScoreRequest& request) const {
  for (const Weight& weight : request.weights) {
    if (!codes::IsUtf8(weight.of)) return NotUtf8("weights");
  }
  const auto utf8 = [](const std::vector<std::string>& spellings) {
    return std::all_of(spellings.begin(), spellings.end(),
                       [](const std::string& text) { return codes::IsUtf8(text); });
  };
  if (!utf8(request.scenario.mix)) return NotUtf8("mix");
  if (!utf8(request.scenario.cut)) return NotUtf8("cut");
  if (!utf8(request.observe)) return NotUtf8("observe");
  for (const Merged& merged : request.scenario.merge) {
    if (!codes::IsUtf8(merged.name) || !utf8(merged.members)) return NotUtf8("merge");
  }
  v1::ScoreRequest proto;
  ToProto(request, &proto);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = traces_->Score(&context, proto);
  ScoreResult result;
  SUYUAN_RETURN_IF_ERROR(StatusOf(ReadAll(&context, reader.get(), [&](v1::ScoreResponse* part) {
    result.cases += part->cases();
    for (const auto& gone : part->vanished()) result.vanished.push_back(gone);
    for (const auto& row : part->units()) result.units.push_back(FromProto(row));
    for (const auto& row : part->places()) result.places.push_back(FromProto(row));
    for (const auto& head : part->heads()) result.heads.push_back(FromProto(head));
    return true;
  })));
  return result;
}

absl::StatusOr<StockResult> RemoteEngine::GetStock(const StockRequest& request) const {
  if (!codes::IsUtf8(request.unit)) return NotUtf8("unit");
  v1::GetStockRequest proto;
  proto.set_unit(request.unit);
  if (request.at_micros.has_value()) proto.set_at_micros(*request.at_micros);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = recalls_->GetStock(&context, proto);
  StockResult result;
  SUYUAN_RETURN_IF_ERROR(StatusOf(ReadAll(&context, reader.get(), [&](v1::GetStockResponse* part) {
    for (const auto& row : part->rows()) result.rows.push_back(FromProto(row));
    for (const auto& finding : part->findings()) result.findings.push_back(FromProto(finding));
    for (const auto& head : part->heads()) result.heads.push_back(FromProto(head));
    return true;
  })));
  return result;
}

absl::StatusOr<RecallPlan> RemoteEngine::PlanRecall(const RecallRequest& request) const {
  v1::PlanRecallRequest proto;
  for (const std::string& unit : request.units) {
    if (!codes::IsUtf8(unit)) return NotUtf8("units");
    proto.add_units(unit);
  }
  if (request.at_micros.has_value()) proto.set_at_micros(*request.at_micros);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = recalls_->PlanRecall(&context, proto);
  RecallPlan plan;
  SUYUAN_RETURN_IF_ERROR(
      StatusOf(ReadAll(&context, reader.get(), [&](v1::PlanRecallResponse* part) {
        plan.origins.insert(plan.origins.end(), part->origins().begin(), part->origins().end());
        for (const auto& row : part->affected()) plan.affected.push_back(FromProto(row));
        for (const auto& one : part->customers()) plan.customers.push_back(FromProto(one));
        for (const auto& gap : part->unaccounted()) plan.unaccounted.push_back(FromProto(gap));
        for (const auto& one : part->balances()) plan.balances.push_back(FromProto(one));
        for (const auto& head : part->heads()) plan.heads.push_back(FromProto(head));
        if (!part->digest().empty()) plan.digest = part->digest();
        return true;
      })));
  return plan;
}

absl::StatusOr<CompletenessReport> RemoteEngine::ReportCompleteness(const std::string& unit) const {
  if (!codes::IsUtf8(unit)) return NotUtf8("unit");
  v1::ReportCompletenessRequest proto;
  proto.set_unit(unit);
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = recalls_->ReportCompleteness(&context, proto);
  CompletenessReport report;
  SUYUAN_RETURN_IF_ERROR(
      StatusOf(ReadAll(&context, reader.get(), [&](v1::ReportCompletenessResponse* part) {
        if (!part->unit().empty()) {
          report.unit = part->unit();
          report.product = part->product();
          report.present = part->present();
          report.missing = part->missing();
          report.late = part->late();
          report.corrected = part->corrected();
        }
        for (const auto& one : part->elements()) report.elements.push_back(FromProto(one));
        for (const auto& head : part->heads()) report.heads.push_back(FromProto(head));
        return true;
      })));
  return report;
}

absl::StatusOr<std::vector<UnitInfo>> RemoteEngine::FindUnits(std::string_view text) const {
  std::vector<UnitInfo> units;
  if (!codes::IsUtf8(text)) return units;  // nothing contains it
  v1::FindUnitsRequest request;
  request.set_text(Text(text));
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = traces_->FindUnits(&context, request);
  SUYUAN_RETURN_IF_ERROR(StatusOf(ReadAll(&context, reader.get(), [&](v1::FindUnitsResponse* part) {
    for (const v1::UnitInfo& unit : part->units()) units.push_back(FromProto(unit));
    return true;
  })));
  return units;
}

absl::Status RemoteEngine::AddCosignatures(std::string_view, std::string_view) {
  return absl::UnimplementedError("a server asks its witnesses itself");
}

absl::StatusOr<MirrorInfo> RemoteEngine::Follow(const MirrorRequest&) {
  return absl::UnimplementedError("a server follows other ledgers itself");
}

absl::StatusOr<std::string> RemoteEngine::Checkpoint(std::string_view ledger, TreeHash tree) {
  return CheckpointOf(ledger, /*published=*/false, tree);
}

absl::StatusOr<std::string> RemoteEngine::PublishedCheckpoint(std::string_view ledger,
                                                              TreeHash tree) {
  return CheckpointOf(ledger, /*published=*/true, tree);
}

absl::StatusOr<std::string> RemoteEngine::CheckpointOf(std::string_view ledger, bool published,
                                                       TreeHash tree) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  v1::GetCheckpointRequest request;
  request.set_ledger(Text(ledger));
  request.set_published(published);
  request.set_sm3(tree == TreeHash::kSm3);
  v1::GetCheckpointResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->GetCheckpoint(&context, request, &response)));
  return std::move(*response.mutable_checkpoint());
}

absl::StatusOr<EventProof> RemoteEngine::Prove(std::string_view ledger, std::string_view event_id,
                                               TreeHash tree) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  if (!codes::IsUtf8(event_id)) return NotUtf8("event_id");
  v1::ProveRequest request;
  request.set_ledger(Text(ledger));
  request.set_event_id(Text(event_id));
  request.set_sm3(tree == TreeHash::kSm3);
  v1::ProveResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->Prove(&context, request, &response)));
  return EventProof{response.sequence(), response.entry(), response.proof()};
}

absl::StatusOr<std::vector<std::string>> RemoteEngine::ProveConsistency(std::string_view ledger,
                                                                        uint64_t from, uint64_t to,
                                                                        TreeHash tree) const {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  v1::ProveConsistencyRequest request;
  request.set_ledger(Text(ledger));
  request.set_from(from);
  request.set_to(to);
  request.set_sm3(tree == TreeHash::kSm3);
  v1::ProveConsistencyResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->ProveConsistency(&context, request, &response)));
  return std::vector<std::string>(response.hashes().begin(), response.hashes().end());
}

absl::StatusOr<std::string> RemoteEngine::ReadTile(std::string_view ledger, std::string_view path,
                                                   TreeHash tree) const {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  if (!codes::IsUtf8(path)) return NotUtf8("path");
  v1::ReadTileRequest request;
  request.set_ledger(Text(ledger));
  request.set_path(Text(path));
  request.set_sm3(tree == TreeHash::kSm3);
  v1::ReadTileResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->ReadTile(&context, request, &response)));
  return std::move(*response.mutable_tile());
}

absl::StatusOr<LedgerInfo> RemoteEngine::RotateKey(std::string_view ledger,
                                                   std::string_view pkcs11) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  if (!codes::IsUtf8(pkcs11)) return NotUtf8("pkcs11");
  if (!pkcs11.empty()) SUYUAN_RETURN_IF_ERROR(merkle::CheckSentUri(pkcs11));
  v1::RotateKeyRequest request;
  request.set_ledger(Text(ledger));
  request.set_pkcs11(Text(pkcs11));
  v1::RotateKeyResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->RotateKey(&context, request, &response)));
  return FromProto(response.ledger());
}

absl::StatusOr<LedgerInfo> RemoteEngine::RetireKeys(std::string_view ledger) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  v1::RetireKeysRequest request;
  request.set_ledger(Text(ledger));
  v1::RetireKeysResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->RetireKeys(&context, request, &response)));
  return FromProto(response.ledger());
}

absl::StatusOr<Receipt> RemoteEngine::AddTimeStamp(std::string_view ledger,
                                                   const v1::TimeStamp& stamp) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  for (const std::string* text :
       {&stamp.checkpoint(), &stamp.sm3_checkpoint(), &stamp.authority()}) {
    if (!codes::IsUtf8(*text)) return NotUtf8("time stamp");
  }
  v1::AddTimeStampRequest request;
  request.set_ledger(Text(ledger));
  *request.mutable_time_stamp() = stamp;
  v1::AddTimeStampResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(proofs_->AddTimeStamp(&context, request, &response)));
  return FromProto(response.receipt());
}

absl::StatusOr<BackupInfo> RemoteEngine::Backup(const std::string& to,
                                                const BackupOptions& options) {
  if (!codes::IsUtf8(to)) return NotUtf8("to");
  v1::BackupRequest request;
  request.set_to(to);
  request.set_with_keys(options.with_keys);
  v1::BackupResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(ledgers_->Backup(&context, request, &response)));
  return FromProto(response.backup());
}

absl::StatusOr<std::vector<PersonalDatum>> RemoteEngine::ReadPersonal(std::string_view ledger,
                                                                      std::string_view event_id) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  if (!codes::IsUtf8(event_id)) return NotUtf8("event_id");
  v1::ReadPersonalRequest request;
  request.set_ledger(Text(ledger));
  request.set_event_id(Text(event_id));
  v1::ReadPersonalResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(privacy_->ReadPersonal(&context, request, &response)));
  std::vector<PersonalDatum> data;
  for (const v1::PersonalDatum& field : response.fields()) data.push_back(FromProto(field));
  return data;
}

absl::StatusOr<Disclosure> RemoteEngine::Disclose(std::string_view ledger,
                                                  std::string_view event_id, std::string_view path,
                                                  bool to_authority) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  if (!codes::IsUtf8(event_id)) return NotUtf8("event_id");
  if (!codes::IsUtf8(path)) return NotUtf8("path");
  v1::DiscloseRequest request;
  request.set_ledger(Text(ledger));
  request.set_event_id(Text(event_id));
  request.set_path(Text(path));
  request.set_to_authority(to_authority);
  v1::DiscloseResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(privacy_->Disclose(&context, request, &response)));
  return Disclosure{response.origin(), response.event_id(), response.path(), response.salt(),
                    response.value()};
}

absl::StatusOr<ErasureResult> RemoteEngine::ErasePersonal(std::string_view ledger,
                                                          const ErasureRequest& request) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  for (const std::string* text :
       {&request.person, &request.event_id, &request.path, &request.basis, &request.reason}) {
    if (!codes::IsUtf8(*text)) return NotUtf8("erasure");
  }
  if (!request.person.empty() && !request.event_id.empty()) {
    return InvalidArgument("erasure: expected a person or an event id, found both");
  }
  v1::EraseRequest proto;
  proto.set_ledger(Text(ledger));
  if (!request.person.empty()) proto.set_person(request.person);
  if (!request.event_id.empty()) proto.set_event_id(request.event_id);
  proto.set_path(request.path);
  proto.set_basis(request.basis);
  proto.set_reason(request.reason);
  v1::EraseResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(privacy_->Erase(&context, proto, &response)));
  return FromProto(response.erasure());
}

absl::StatusOr<ErasureResult> RemoteEngine::EraseDue(std::string_view ledger) {
  if (!codes::IsUtf8(ledger)) return NotUtf8("ledger");
  v1::EraseDueRequest request;
  request.set_ledger(Text(ledger));
  v1::EraseDueResponse response;
  ::grpc::ClientContext context;
  Prepare(&context);
  SUYUAN_RETURN_IF_ERROR(StatusOf(privacy_->EraseDue(&context, request, &response)));
  return FromProto(response.erasure());
}

absl::Status RemoteEngine::RebuildIndexes() {
  ::grpc::ClientContext context;
  Prepare(&context);
  v1::RebuildIndexesResponse response;
  return StatusOf(ledgers_->RebuildIndexes(&context, v1::RebuildIndexesRequest(), &response));
}

absl::StatusOr<CheckReport> RemoteEngine::CheckNow(const ProgressFunction& progress) const {
  ::grpc::ClientContext context;
  Prepare(&context);
  const auto reader = ledgers_->Check(&context, v1::CheckRequest());
  CheckReport report;
  SUYUAN_RETURN_IF_ERROR(StatusOf(ReadAll(&context, reader.get(), [&](v1::CheckResponse* part) {
    if (part->has_progress() && progress != nullptr) {
      progress({part->progress().what(), part->progress().done(), part->progress().total()});
    }
    for (const v1::LedgerHead& head : part->ledgers()) {
      report.ledgers.push_back(FromProto(head));
    }
    for (const v1::Problem& problem : part->problems()) {
      report.problems.push_back(FromProto(problem));
    }
    return true;
  })));
  return report;
}

}  // namespace suyuan::rpc

#include "api/grpc/ledger_service.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "api/grpc/convert.h"
#include "api/grpc/limits.h"
#include "api/grpc/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::rpc {
namespace {

template <typename Request>
absl::Status CheckSize(const Request& request) {
  const size_t bytes = request.ByteSizeLong();
  if (bytes <= kMaxRequestBytes) return absl::OkStatus();
  return TooLarge(bytes);
}

// Whether a batch was refused, so that the next one can be taken all the same.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) ||
         absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsResourceExhausted(status);
}

// The name of a directory, and no way out of the one that it is in.
bool IsDirName(std::string_view name) {
  if (name.empty() || name.size() > 128 || name.starts_with('.')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::vector<v1::Event> Copy(const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  return {events.begin(), events.end()};
}

std::vector<v1::Event> Take(google::protobuf::RepeatedPtrField<v1::Event>* events) {
  return {std::make_move_iterator(events->begin()), std::make_move_iterator(events->end())};
}

}  // namespace

::grpc::Status LedgerService::CreateLedger(::grpc::ServerContext* context,
                                           const v1::CreateLedgerRequest* request,
                                           v1::CreateLedgerResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    LedgerOptions options;
    options.name = request->name();
    options.subject = request->subject();
    options.subject_name = request->subject_name();
    if (!request->profile().empty()) options.profile = request->profile();
    options.sm3 = request->sm3();
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->CreateLedger(options));
    ToProto(info, response->mutable_ledger());
    return absl::OkStatus();
  });
}

::grpc::Status LedgerService::ListLedgers(::grpc::ServerContext* context,
                                          const v1::ListLedgersRequest* request,
                                          v1::ListLedgersResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    const size_t page =
        request->page_size() == 0 ? kMaxPage : std::min<size_t>(request->page_size(), kMaxPage);
    SUYUAN_ASSIGN_OR_RETURN(std::vector<LedgerInfo> ledgers, engine_->ListLedgers());
    std::sort(ledgers.begin(), ledgers.end(),
              [](const LedgerInfo& a, const LedgerInfo& b) { return a.name < b.name; });
    for (const LedgerInfo& info : ledgers) {
      if (info.name <= request->page_token()) continue;
      if (static_cast<size_t>(response->ledgers_size()) == page) {
        response->set_next_page_token(response->ledgers().rbegin()->name());
        break;
      }
      ToProto(info, response->add_ledgers());
    }
    return absl::OkStatus();
  });
}

::grpc::Status LedgerService::GetLedger(::grpc::ServerContext* context,
                                        const v1::GetLedgerRequest* request,
                                        v1::GetLedgerResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->GetLedger(request->name()));
    ToProto(info, response->mutable_ledger());
    return absl::OkStatus();
  });
}

::grpc::Status LedgerService::Validate(::grpc::ServerContext* context,
                                       const v1::ValidateRequest* request,
                                       ::grpc::ServerWriter<v1::ValidateResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_RETURN_IF_ERROR(CheckSize(*request));
    const std::vector<v1::Event> events = Copy(request->events());
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Violation> violations,
                            engine_->Validate(request->ledger(), events));
    Chunks<v1::ValidateResponse> chunks(writer);
    AddAll(violations, &chunks, [](auto* message) { return message->add_violations(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status LedgerService::Append(::grpc::ServerContext* context,
                                     const v1::AppendRequest* request,
                                     v1::AppendResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_RETURN_IF_ERROR(CheckSize(*request));
    const std::vector<v1::Event> events = Copy(request->events());
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Receipt> receipts,
                            engine_->Append(request->ledger(), events));
    for (const Receipt& receipt : receipts) ToProto(receipt, response->add_receipts());
    calls_->Grown();
    return absl::OkStatus();
  });
}

::grpc::Status LedgerService::AppendStream(::grpc::ServerContext* context,
                                           AppendStreamOfServer* stream) {
  return calls_->Stream(context, [&] { return AppendAll(context, stream); });
}

absl::Status LedgerService::AppendAll(::grpc::ServerContext* context,
                                      AppendStreamOfServer* stream) {
  std::string ledger;
  v1::AppendStreamRequest request;
  for (;;) {
    bool read = false;
    {
      Calls::Idle idle(calls_, context);
      if (!idle.ok()) return Calls::StopStatus();
      read = stream->Read(&request);
    }
    if (!read) return context->IsCancelled() ? Calls::Gone() : absl::OkStatus();
    if (!request.ledger().empty()) ledger = request.ledger();
    SUYUAN_RETURN_IF_ERROR(AnswerBatch(ledger, &request, stream));
  }
}

absl::Status LedgerService::AnswerBatch(const std::string& ledger, v1::AppendStreamRequest* request,
                                        AppendStreamOfServer* stream) {
  v1::AppendStreamResponse response;
  response.set_batch(request->batch());
  const auto append = [&]() -> absl::StatusOr<std::vector<Receipt>> {
    SUYUAN_RETURN_IF_ERROR(CheckSize(*request));
    const std::vector<v1::Event> events = Take(request->mutable_events());
    return engine_->Append(ledger, events);
  };
  const absl::StatusOr<std::vector<Receipt>> receipts = append();
  if (receipts.ok()) {
    for (const Receipt& receipt : *receipts) ToProto(receipt, response.add_receipts());
    calls_->Grown();
    return stream->Write(response) ? absl::OkStatus() : Calls::Gone();
  }
  if (!IsRefusal(receipts.status())) return receipts.status();
  // A batch can have more faults than a message can hold.
  const std::vector<Violation> violations = ViolationsOf(receipts.status());
  std::span<const Violation> rest(violations);
  do {
    *response.mutable_error() = ErrorToProto(receipts.status(), rest, kMaxErrorBytes);
    v1::Violations told;
    if (response.error().details_size() > 0) response.error().details(0).UnpackTo(&told);
    rest = rest.subspan(static_cast<size_t>(told.violations_size()));
    response.set_more(!rest.empty() && told.violations_size() > 0);
    if (!stream->Write(response)) return Calls::Gone();
  } while (response.more());
  return absl::OkStatus();
}

absl::Status LedgerService::Send(::grpc::ServerContext* context, const std::string& ledger,
                                 uint64_t* next, uint64_t end,
                                 ::grpc::ServerWriter<v1::ReadResponse>* writer) const {
  while (*next < end) {
    v1::ReadResponse chunk;
    size_t bytes = 0;
    // The engine is done with the entries before the first of them is sent.
    const absl::Status status = engine_->Read(ledger, *next, end, [&](const Entry& entry) {
      v1::Entry* const proto = chunk.add_entries();
      ToProto(entry, proto);
      bytes += proto->ByteSizeLong();
      *next = entry.sequence + 1;
      return bytes < kChunkBytes;
    });
    if (context->IsCancelled()) return Calls::Gone();
    if (chunk.entries_size() > 0 && !writer->Write(chunk)) return Calls::Gone();
    SUYUAN_RETURN_IF_ERROR(status);
    if (chunk.entries_size() == 0) return absl::OkStatus();
  }
  return absl::OkStatus();
}

::grpc::Status LedgerService::Read(::grpc::ServerContext* context, const v1::ReadRequest* request,
                                   ::grpc::ServerWriter<v1::ReadResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->GetLedger(request->ledger()));
    uint64_t next = request->from();
    const uint64_t end = request->has_to() ? std::min(request->to(), info.size) : info.size;
    return Send(context, request->ledger(), &next, end, writer);
  });
}

::grpc::Status LedgerService::Tail(::grpc::ServerContext* context, const v1::TailRequest* request,
                                   ::grpc::ServerWriter<v1::ReadResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    uint64_t next = request->from();
    uint64_t seen = 0;
    SUYUAN_RETURN_IF_ERROR(engine_->GetLedger(request->ledger()).status());
    // The client sees that it is heard before there is something to tell.
    writer->SendInitialMetadata();
    while (!calls_->stopping()) {
      if (context->IsCancelled()) return Calls::Gone();
      SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->GetLedger(request->ledger()));
      SUYUAN_RETURN_IF_ERROR(Send(context, request->ledger(), &next, info.size, writer));
      calls_->WaitForGrowth(&seen);
    }
    return Calls::StopStatus();
  });
}

::grpc::Status LedgerService::Check(::grpc::ServerContext* context, const v1::CheckRequest*,
                                    ::grpc::ServerWriter<v1::CheckResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    using Clock = std::chrono::steady_clock;
    Clock::time_point last = Clock::now();
    bool listening = true;
    SUYUAN_ASSIGN_OR_RETURN(
        const CheckReport report, engine_->CheckNow([&](const Progress& progress) {
          listening = listening && !context->IsCancelled();
          if (!listening || Clock::now() - last < std::chrono::milliseconds(500)) return;
          last = Clock::now();
          v1::CheckResponse told;
          told.mutable_progress()->set_what(progress.what);
          told.mutable_progress()->set_done(progress.done);
          told.mutable_progress()->set_total(progress.total);
          listening = writer->Write(told);
        }));
    Chunks<v1::CheckResponse> chunks(writer);
    AddAll(report.ledgers, &chunks, [](auto* message) { return message->add_ledgers(); });
    AddAll(report.problems, &chunks, [](auto* message) { return message->add_problems(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status LedgerService::RebuildIndexes(::grpc::ServerContext* context,
                                             const v1::RebuildIndexesRequest*,
                                             v1::RebuildIndexesResponse*) {
  return calls_->Answer(context, [&] { return engine_->RebuildIndexes(); });
}

::grpc::Status LedgerService::Backup(::grpc::ServerContext* context,
                                     const v1::BackupRequest* request,
                                     v1::BackupResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    if (backups_dir_.empty()) {
      return absl::PermissionDeniedError(
          "服务器没有备份目录（suyuand --backups DIR）；the server was given no directory for "
          "backups (suyuand --backups DIR)");
    }
    if (!IsDirName(request->to())) {
      return InvalidArgument("to: found \"", request->to(),
                             "\", expected the name of a directory below the server's directory "
                             "for backups: letters, digits, '.', '_' and '-'");
    }
    SUYUAN_ASSIGN_OR_RETURN(const BackupInfo info,
                            engine_->Backup(StrCat(backups_dir_, "/", request->to()),
                                            {.with_keys = request->with_keys()}));
    ToProto(info, response->mutable_backup());
    return absl::OkStatus();
  });
}

}  // namespace suyuan::rpc

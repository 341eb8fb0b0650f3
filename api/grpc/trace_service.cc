#include "api/grpc/trace_service.h"

#include "api/grpc/convert.h"
#include "lib/base/status_macros.h"

namespace suyuan::rpc {

::grpc::Status TraceService::Trace(::grpc::ServerContext* context, const v1::TraceRequest* request,
                                   ::grpc::ServerWriter<v1::TraceResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const TraceResult result, engine_->Trace(FromProto(*request)));
    Chunks<v1::TraceResponse> chunks(writer);
    v1::TraceResponse* const first = chunks.message();
    first->set_origin(result.origin);
    for (const std::string& id : result.origin_external_ids) {
      first->add_origin_external_ids(Utf8(id));
    }
    first->set_origin_product(Utf8(result.origin_product));
    for (const std::string& holder : result.origin_holders) first->add_origin_holders(holder);
    first->set_direction(ToProto(result.direction));
    first->set_edges(result.edges);
    first->set_asked(Utf8(result.asked));
    first->set_as_recorded(result.as_recorded);
    if (result.from_micros.has_value()) first->set_from_micros(*result.from_micros);
    if (result.until_micros.has_value()) first->set_until_micros(*result.until_micros);
    AddAll(result.units, &chunks, [](auto* message) { return message->add_units(); });
    AddAll(result.vessels, &chunks, [](auto* message) { return message->add_vessels(); });
    AddAll(result.steps, &chunks, [](auto* message) { return message->add_steps(); });
    AddAll(result.ends, &chunks, [](auto* message) { return message->add_ends(); });
    AddAll(result.conflicts, &chunks, [](auto* message) { return message->add_conflicts(); });
    AddAll(result.withdrawn, &chunks, [](auto* message) { return message->add_withdrawn(); });
    AddAll(result.places, &chunks, [](auto* message) { return message->add_places(); });
    AddAll(result.links, &chunks, [](auto* message) { return message->add_links(); });
    AddAll(result.hops, &chunks, [](auto* message) { return message->add_hops(); });
    AddAll(result.heads, &chunks, [](auto* message) { return message->add_heads(); });
    chunks.message()->set_digest(result.digest);
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status TraceService::Score(::grpc::ServerContext* context, const v1::ScoreRequest* request,
                                   ::grpc::ServerWriter<v1::ScoreResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const ScoreResult result, engine_->Score(FromProto(*request)));
    Chunks<v1::ScoreResponse> chunks(writer);
    chunks.message()->set_cases(result.cases);
    for (const std::string& gone : result.vanished) chunks.message()->add_vanished(Utf8(gone));
    AddAll(result.units, &chunks, [](auto* message) { return message->add_units(); });
    AddAll(result.places, &chunks, [](auto* message) { return message->add_places(); });
    AddAll(result.heads, &chunks, [](auto* message) { return message->add_heads(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

::grpc::Status TraceService::FindUnits(::grpc::ServerContext* context,
                                       const v1::FindUnitsRequest* request,
                                       ::grpc::ServerWriter<v1::FindUnitsResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<UnitInfo> units, engine_->FindUnits(request->text()));
    Chunks<v1::FindUnitsResponse> chunks(writer);
    AddAll(units, &chunks, [](auto* message) { return message->add_units(); });
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

}  // namespace suyuan::rpc

#include "api/grpc/privacy_service.h"

#include <utility>

#include "api/grpc/convert.h"
#include "lib/base/status_macros.h"

namespace suyuan::rpc {

::grpc::Status PrivacyService::ReadPersonal(::grpc::ServerContext* context,
                                            const v1::ReadPersonalRequest* request,
                                            v1::ReadPersonalResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<PersonalDatum> data,
                            engine_->ReadPersonal(request->ledger(), request->event_id()));
    for (const PersonalDatum& datum : data) ToProto(datum, response->add_fields());
    return absl::OkStatus();
  });
}

::grpc::Status PrivacyService::Disclose(::grpc::ServerContext* context,
                                        const v1::DiscloseRequest* request,
                                        v1::DiscloseResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(Disclosure disclosure,
                            engine_->Disclose(request->ledger(), request->event_id(),
                                              request->path(), request->to_authority()));
    response->set_origin(std::move(disclosure.origin));
    response->set_event_id(std::move(disclosure.event_id));
    response->set_path(std::move(disclosure.path));
    response->set_salt(std::move(disclosure.salt));
    response->set_value(std::move(disclosure.value));
    return absl::OkStatus();
  });
}

::grpc::Status PrivacyService::Erase(::grpc::ServerContext* context,
                                     const v1::EraseRequest* request, v1::EraseResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(
        const ErasureResult result,
        engine_->ErasePersonal(request->ledger(), {.person = request->person(),
                                                   .event_id = request->event_id(),
                                                   .path = request->path(),
                                                   .basis = request->basis(),
                                                   .reason = request->reason()}));
    ToProto(result, response->mutable_erasure());
    calls_->Grown();
    return absl::OkStatus();
  });
}

::grpc::Status PrivacyService::EraseDue(::grpc::ServerContext* context,
                                        const v1::EraseDueRequest* request,
                                        v1::EraseDueResponse* response) {
  return calls_->Answer(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(const ErasureResult result, engine_->EraseDue(request->ledger()));
    ToProto(result, response->mutable_erasure());
    calls_->Grown();
    return absl::OkStatus();
  });
}

}  // namespace suyuan::rpc

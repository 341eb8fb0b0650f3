#include "api/grpc/master_data_service.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "api/grpc/master_data.h"
#include "lib/base/clock.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::rpc {
namespace {

template <typename Request>
MasterQuery QueryOf(const Request& request) {
  MasterQuery query;
  query.kind = request.kind();
  query.ledger = request.ledger();
  // Years 1 to 9999, as a Timestamp has them.
  const int64_t seconds =
      std::clamp<int64_t>(request.at().seconds(), -62'135'596'800, 253'402'300'799);
  query.at_micros = request.has_at() ? seconds * 1'000'000 + request.at().nanos() / 1'000
                                     : SystemClock()->WallMicros();
  return query;
}

}  // namespace

::grpc::Status MasterDataService::GetMaster(::grpc::ServerContext* context,
                                            const v1::GetMasterRequest* request,
                                            v1::GetMasterResponse* response) {
  return calls_->Stream(context, [&]() -> absl::Status {
    MasterQuery query = QueryOf(*request);
    query.key = request->key();
    SUYUAN_ASSIGN_OR_RETURN(
        std::vector<v1::MasterVersion> versions,
        ReadMasters(*engine_, query, [context] { return !context->IsCancelled(); }));
    if (versions.empty()) {
      return NotFound("当时没有有效的主数据：", request->key(),
                      "；no master data was valid then: ", request->key());
    }
    *response->mutable_version() = std::move(versions.front());
    return absl::OkStatus();
  });
}

::grpc::Status MasterDataService::ListMaster(::grpc::ServerContext* context,
                                             const v1::ListMasterRequest* request,
                                             ::grpc::ServerWriter<v1::ListMasterResponse>* writer) {
  return calls_->Stream(context, [&]() -> absl::Status {
    SUYUAN_ASSIGN_OR_RETURN(
        const std::vector<v1::MasterVersion> versions,
        ReadMasters(*engine_, QueryOf(*request), [context] { return !context->IsCancelled(); }));
    Chunks<v1::ListMasterResponse> chunks(writer);
    for (const v1::MasterVersion& version : versions) {
      *chunks.message()->add_versions() = version;
      chunks.Added(version.ByteSizeLong());
    }
    return chunks.Flush() ? absl::OkStatus() : Calls::Gone();
  });
}

}  // namespace suyuan::rpc

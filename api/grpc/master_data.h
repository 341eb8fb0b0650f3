#ifndef API_GRPC_MASTER_DATA_H_
#define API_GRPC_MASTER_DATA_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "suyuan/engine.h"
#include "suyuan/v1/master_data_service.pb.h"

namespace suyuan::rpc {

struct MasterQuery {
  v1::MasterKind kind = v1::MASTER_KIND_UNSPECIFIED;
  std::optional<std::string> key = {};  // all of the kind if not told
  int64_t at_micros = 0;                // since 1970-01-01 UTC
  std::string ledger = {};              // all if empty
};

// The version of each thing that was valid, by key: master_data_service.proto says
// what that means. `go_on` is asked now and then; kCancelled when it gives false.
// kInvalidArgument: no kind, or an empty key. kNotFound: no such ledger.
// O(entries of the ledgers); memory for the versions and corrections.
absl::StatusOr<std::vector<v1::MasterVersion>> ReadMasters(const Engine& engine,
                                                           const MasterQuery& query,
                                                           const std::function<bool()>& go_on);

}  // namespace suyuan::rpc

#endif  // API_GRPC_MASTER_DATA_H_

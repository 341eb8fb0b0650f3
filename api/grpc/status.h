#ifndef API_GRPC_STATUS_H_
#define API_GRPC_STATUS_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "suyuan/v1/ledger_service.pb.h"
#include "suyuan/violation.h"

// Errors on their way: absl codes and gRPC codes are the same numbers, the
// violations of a refused Append travel as messages. Pure functions.
namespace suyuan::rpc {

void ToProto(const Violation& violation, v1::Violation* proto);
Violation FromProto(const v1::Violation& proto);

// `status`, with violations as an Append that was refused has them.
absl::Status WithViolations(absl::Status status, std::span<const Violation> violations);

// As many of `violations` as fit into `budget` bytes; how many were left off.
v1::ErrorStatus ErrorToProto(const absl::Status& status, std::span<const Violation> violations,
                             size_t budget);
// The whole of `status`, violations too.
v1::ErrorStatus ErrorToProto(const absl::Status& status, size_t budget);
// `left_off`, unless null, is how many violations did not fit.
absl::Status ErrorFromProto(const v1::ErrorStatus& proto, uint64_t* left_off = nullptr);

// What a call ends with. At most about `budget` bytes go into the metadata.
::grpc::Status ToGrpc(const absl::Status& status, size_t budget);
// What a client got. An error that is not ours is told with what was said of it by the
// transport.
absl::Status FromGrpc(const ::grpc::Status& status, uint64_t* left_off = nullptr);

// What a request above kMaxRequestBytes is answered.
absl::Status TooLarge(size_t bytes);

// How many bytes of error the client of this call takes.
size_t ErrorBudget(const ::grpc::ServerContext& context);

}  // namespace suyuan::rpc

#endif  // API_GRPC_STATUS_H_

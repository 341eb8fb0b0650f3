#ifndef API_GRPC_TLS_H_
#define API_GRPC_TLS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace suyuan::rpc {

// PEM files. All empty: no TLS.
struct TlsFiles {
  std::string cert = {};  // the chain, one's own certificate first
  std::string key = {};
  // Whom to believe: for a server whose clients are let in (then they must show a
  // certificate), for a client whose servers are.
  std::string ca = {};

  bool empty() const { return cert.empty() && key.empty() && ca.empty(); }
};

// kNotFound, kPermissionDenied: a file. kInvalidArgument: it holds no certificate or key,
// the key is that of another certificate, or one of the two is missing.
absl::StatusOr<std::shared_ptr<::grpc::ServerCredentials>> ServerCredentialsOf(
    const TlsFiles& files);
absl::StatusOr<std::shared_ptr<::grpc::ChannelCredentials>> ChannelCredentialsOf(
    const TlsFiles& files);

// Whether nobody but this machine can reach "host:port" or "unix:path".
bool IsLocalAddress(std::string_view address);

}  // namespace suyuan::rpc

#endif  // API_GRPC_TLS_H_

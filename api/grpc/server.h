#ifndef API_GRPC_SERVER_H_
#define API_GRPC_SERVER_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/grpc/calls.h"
#include "api/grpc/ledger_service.h"
#include "api/grpc/limits.h"
#include "api/grpc/master_data_service.h"
#include "api/grpc/privacy_service.h"
#include "api/grpc/proof_service.h"
#include "api/grpc/recall_service.h"
#include "api/grpc/tls.h"
#include "api/grpc/trace_service.h"
#include "suyuan/engine.h"

namespace suyuan::rpc {

struct ServerOptions {
  // host:port, port 0 for any free one; or unix:path. Without TLS it must not be
  // reachable from other machines.
  std::string listen = "127.0.0.1:0";
  TlsFiles tls = {};
  std::string backups_dir = {};  // clients may have backups written below it; empty: they may not
  bool reflection = true;        // lets grpcurl and the like ask what there is
  int max_streams = kMaxStreams;
  int max_threads = kMaxThreads;
};

// The services of an engine on an address, with health (grpc.health.v1) and reflection.
// Thread-safe.
class Server {
 public:
  // Serves when it returns. `engine` is borrowed for the object's life.
  // kInvalidArgument: an address that is not local without TLS, or wrong TLS
  // files. kUnavailable: the address is in use, or is none.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Engine* engine,
                                                       const ServerOptions& options);
  // Stops as Stop does, with a second of grace.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As listened on, with the real port.
  const std::string& address() const { return address_; }
  int port() const { return port_; }
  // False once an answer said that the store takes nothing more; what is there can
  // still be read, and health says NOT_SERVING.
  bool healthy() const { return healthy_; }

  // Takes no new call, finishes what was accepted, ends streams that wait; what is
  // not done after `grace` is cancelled, but an Append in the engine is waited for.
  // Every receipt that was sent is durable anyway. May be called again.
  void Stop(std::chrono::milliseconds grace);

 private:
  Server(Engine* engine, const ServerOptions& options);

  std::atomic<bool> healthy_{true};
  std::atomic<::grpc::HealthCheckServiceInterface*> health_{nullptr};  // of server_
  Calls calls_;
  LedgerService ledger_service_;
  TraceService trace_service_;
  MasterDataService master_data_service_;
  RecallService recall_service_;
  ProofService proof_service_;
  PrivacyService privacy_service_;
  std::string address_;
  int port_ = 0;
  std::unique_ptr<::grpc::Server> server_;
};

}  // namespace suyuan::rpc

#endif  // API_GRPC_SERVER_H_

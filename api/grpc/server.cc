#include "api/grpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Before any builder of the process: they are made to look once.
void EnablePlugins(bool reflection) {
  ::grpc::EnableDefaultHealthCheckService(true);
  if (reflection) ::grpc::reflection::InitProtoReflectionServerBuilderPlugin();
}

int Millis(milliseconds time) { return static_cast<int>(time.count()); }

std::string WithPort(const std::string& listen, int port) {
  if (listen.starts_with("unix:")) return listen;
  return StrCat(listen.substr(0, listen.rfind(':')), ":", port);
}

}  // namespace

Server::Server(Engine* engine, const ServerOptions& options)
    : calls_(options.max_streams,
             [this] {
               healthy_ = false;
               if (auto* const health = health_.load(); health != nullptr) {
                 health->SetServingStatus(false);
               }
             }),
      ledger_service_(engine, &calls_, options.backups_dir),
      trace_service_(engine, &calls_),
      master_data_service_(engine, &calls_),
      recall_service_(engine, &calls_),
      proof_service_(engine, &calls_),
      privacy_service_(engine, &calls_) {}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Engine* engine,
                                                      const ServerOptions& options) {
  if (options.tls.empty() && !IsLocalAddress(options.listen)) {
    return InvalidArgument("没有 TLS 只能监听本机地址（127.0.0.1、[::1]、unix:）：", options.listen,
                           "；without TLS only addresses of this machine can be listened on "
                           "(127.0.0.1, [::1], unix:): ",
                           options.listen);
  }
  SUYUAN_ASSIGN_OR_RETURN(const std::shared_ptr<::grpc::ServerCredentials> credentials,
                          ServerCredentialsOf(options.tls));
  EnablePlugins(options.reflection);
  std::unique_ptr<Server> server(new Server(engine, options));
  ::grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, credentials, &server->port_);
  builder.RegisterService(&server->ledger_service_);
  builder.RegisterService(&server->trace_service_);
  builder.RegisterService(&server->master_data_service_);
  builder.RegisterService(&server->recall_service_);
  builder.RegisterService(&server->proof_service_);
  builder.RegisterService(&server->privacy_service_);
  builder.SetMaxReceiveMessageSize(kMaxTransportBytes);
  builder.SetResourceQuota(::grpc::ResourceQuota("suyuan").SetMaxThreads(options.max_threads));
  builder.SetSyncServerOption(::grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(::grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(::grpc::ServerBuilder::MAX_POLLERS, 2);
  // Two servers on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A client whose machine is gone does not keep its stream.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Millis(seconds(60)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Millis(seconds(20)));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Millis(seconds(10)));
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || (server->port_ == 0 && !options.listen.starts_with("unix:"))) {
    return absl::UnavailableError(StrCat("无法监听 ", options.listen,
                                         "：地址无效或已被占用；cannot "
                                         "listen on ",
                                         options.listen, ": no address, or in use"));
  }
  server->address_ = WithPort(options.listen, server->port_);
  if (auto* const health = server->server_->GetHealthCheckService(); health != nullptr) {
    for (const char* service :
         {"suyuan.v1.LedgerService", "suyuan.v1.TraceService", "suyuan.v1.MasterDataService",
          "suyuan.v1.RecallService", "suyuan.v1.ProofService", "suyuan.v1.PrivacyService"}) {
      health->SetServingStatus(service, true);
    }
    health->SetServingStatus(true);
    server->health_ = health;
  }
  return server;
}

Server::~Server() { Stop(seconds(1)); }

void Server::Stop(milliseconds grace) {
  if (server_ == nullptr) return;
  calls_.Stop();
  server_->Shutdown(std::chrono::system_clock::now() + grace);
}

}  // namespace suyuan::rpc

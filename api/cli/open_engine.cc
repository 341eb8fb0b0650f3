#include "api/cli/context.h"
#include "api/grpc/remote_engine.h"

namespace suyuan::cli {
namespace {

std::unique_ptr<rpc::RemoteEngine> ReachServer(const Context& context, Failure* failure) {
  rpc::RemoteOptions options;
  options.address = context.server;
  options.tls = {.cert = context.tls_cert, .key = context.tls_key, .ca = context.tls_ca};
  absl::StatusOr<std::unique_ptr<rpc::RemoteEngine>> engine = rpc::RemoteEngine::Connect(options);
  if (engine.ok()) return *std::move(engine);
  *failure = FailureOf(engine.status(), Doing::kAsking);
  return nullptr;
}

}  // namespace

std::unique_ptr<Engine> OpenEngine(const Context& context, bool create, Failure* failure) {
  if (!context.server.empty()) return ReachServer(context, failure);
  if (!create && !HasDataDir(context, failure)) return nullptr;
  Options options;
  options.data_dir = context.data_dir;
  options.create_if_missing = create;
  options.progress = ProgressOnStderr(context);
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
  if (engine.ok()) return *std::move(engine);
  *failure = FailureOf(engine.status(), Doing::kOpening);
  return nullptr;
}

int WithEngine(const Context& context, const std::function<int(Engine*)>& what) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  return engine == nullptr ? Report(context, failure) : what(engine.get());
}

int WithLedger(const Context& context, const std::string& named,
               const std::function<int(Engine*, const std::string& ledger)>& what) {
  return WithEngine(context, [&](Engine* engine) {
    Failure failure;
    const std::optional<std::string> ledger = ChooseLedger(*engine, named, &failure);
    return ledger.has_value() ? what(engine, *ledger) : Report(context, failure);
  });
}

}  // namespace suyuan::cli

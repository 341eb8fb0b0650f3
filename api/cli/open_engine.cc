#include <cstdio>
#include <cstdlib>

#include "api/cli/context.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "api/grpc/remote_engine.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

std::unique_ptr<rpc::RemoteEngine> ReachServer(const Context& context, Failure* failure) {
  rpc::RemoteOptions options;
  options.address = context.server;
  options.tls = {.cert = context.tls_cert, .key = context.tls_key, .ca = context.tls_ca};
  // Half an answer must not look like a whole one. Nothing of ours is open but the
  // connection, and what is in the buffer of standard output must not be printed.
  options.on_failure = [context](const absl::Status& status) {
    const int exit_status = Report(context, FailureOf(status, Doing::kAsking));
    std::fflush(stderr);
    std::_Exit(exit_status);
  };
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

int CheckServer(const Context& context) {
  Failure failure;
  const std::unique_ptr<rpc::RemoteEngine> engine = ReachServer(context, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<CheckReport> report = engine->CheckServer(ProgressOnStderr(context));
  if (!report.ok()) return Report(context, FailureOf(report.status(), Doing::kAsking));
  const int exit_status = report->ok() ? kDone : kBadData;
  if (context.json) return Finish(context, JsonText(CheckJson(*report)) + "\n", exit_status);
  Table ledgers({"账本 ledger", "记录 entries", "根 root"});
  for (const LedgerHead& head : report->ledgers) {
    ledgers.AddRow({head.ledger, std::to_string(head.size), ToHex(head.root)});
  }
  std::string text = ledgers.Text(context.all, {1});
  if (report->ok()) {
    text += "\n检查通过：全部记录与树根相符 check passed: all entries match their roots\n";
  } else {
    Table problems({"账本 ledger", "序号 sequence", "对象 what", "应为 expected", "实为 found"});
    for (const Problem& problem : report->problems) {
      problems.AddRow({problem.ledger, std::to_string(problem.sequence), problem.what,
                       problem.expected, problem.found});
    }
    text += StrCat("\n检查未通过 check failed: ", report->problems.size(), "\n",
                   problems.Text(context.all, {1}));
  }
  return Finish(context, text, exit_status);
}

}  // namespace suyuan::cli

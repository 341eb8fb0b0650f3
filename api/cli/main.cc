// suyuan: the engine at the command line. README: the contract of its JSON stands in
// result_json.h, its exit statuses in context.h.

#include <google/protobuf/stubs/logging.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "api/cli/commands/commands.h"
#include "api/cli/context.h"
#include "api/cli/output.h"

namespace suyuan::cli {
namespace {

// Also where the command line could not be understood.
bool WantsJson(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) return true;
  }
  return false;
}

// Whether the directory was named in the command line, and not in the environment only.
bool NamesDataDir(const Context& context) {
  const char* const set = std::getenv("SUYUAN_DATA");
  return !context.data_dir.empty() && (set == nullptr || context.data_dir != set);
}

int Run(int argc, char** argv) {
  CLI::App app("溯源 Suyuan: record, trace and check food production", "suyuan");
  Context context;
  Command chosen;
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", "suyuan " SUYUAN_VERSION);
  app.add_option("--data", context.data_dir, "数据目录 data directory")
      ->type_name("DIR")
      ->envname("SUYUAN_DATA");
  app.add_option("--server", context.server, "服务器 a suyuand, in place of --data")
      ->type_name("HOST:PORT");
  app.add_option("--tls-ca", context.tls_ca, "信任的 CA whom to believe (PEM); turns on TLS")
      ->type_name("FILE");
  app.add_option("--tls-cert", context.tls_cert, "本方证书 one's own certificate (PEM)")
      ->type_name("FILE");
  app.add_option("--tls-key", context.tls_key, "本方私钥 its key (PEM)")->type_name("FILE");
  app.add_flag("--json", context.json, "以 JSON 输出 one JSON document");
  app.add_flag("--all", context.all, "表格不截断 tables in full length");
  app.add_flag("--progress", context.progress, "总是显示进度 always show progress");
  app.footer(
      "例 Example:\n"
      "  suyuan demo --data plant\n"
      "  suyuan --data cases import fcl Scenario_2_LaSource.json\n"
      "  suyuan --data cases trace fcl:636305757 --direction forward\n"
      "  suyuan --data cases check\n"
      "  suyuan --server 127.0.0.1:7410 trace fcl:636305757\n"
      "退出码 exit status: 0 done, 1 asked wrongly, 2 data not right, 3 system failed");
  AddLedgerCommands(&app, &chosen);
  AddExchangeCommands(&app, &chosen);
  AddQueryCommands(&app, &chosen);
  AddTraceVerifyCommand(&app, &chosen);
  AddScoreCommand(&app, &chosen);
  AddRecallCommands(&app, &chosen);
  AddStoreCommands(&app, &chosen);
  AddProofCommands(&app, &chosen);
  AddBackupCommands(&app, &chosen);
  AddTimeStampCommands(&app, &chosen);
  AddPersonalCommands(&app, &chosen);
  AddWitnessCommand(&app, &chosen);
  AddMirrorCommand(&app, &chosen);
  AddDemoCommand(&app, &chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      app.exit(error);
      return FlushOutput().ok() ? kDone : kSystemFailed;
    }
    context.json = context.json || WantsJson(argc, argv);
    return Report(context, UsageFailure(std::string("命令行有误（见 --help）：") + error.what(),
                                        std::string(error.what()) + " (see --help)"));
  }
  const bool offline = app.got_subcommand("verify") || app.got_subcommand("witness") ||
                       app.get_subcommand("backup")->got_subcommand("list") ||
                       app.get_subcommand("backup")->got_subcommand("forget") ||
                       app.get_subcommand("check")->count("--backup") > 0;
  if (!offline && context.server.empty() && context.data_dir.empty()) {
    return Report(context, UsageFailure("缺少 --data DIR 或 --server HOST:PORT",
                                        "--data DIR or --server HOST:PORT is missing"));
  }
  if (!context.server.empty() && NamesDataDir(context)) {
    return Report(context, UsageFailure("--data 与 --server 只能用一个",
                                        "--data and --server exclude each other"));
  }
  const int exit_status = chosen(context);
  const absl::Status flushed = FlushOutput();
  if (flushed.ok() || exit_status != kDone) return exit_status;
  return Report(context, FailureOf(flushed, Doing::kAsking));
}

}  // namespace
}  // namespace suyuan::cli

int main(int argc, char** argv) {
  // A closed pipe is an error of writing, so that the store is closed in order.
  std::signal(SIGPIPE, SIG_IGN);
  // What protobuf would say on standard error comes back as a status anyway.
  google::protobuf::SetLogHandler(nullptr);
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // the same of gRPC
  try {
    return suyuan::cli::Run(argc, argv);
  } catch (const std::exception& error) {  // memory; a bug of a library
    std::fprintf(stderr, "error: %s\n", error.what());
    return suyuan::cli::kSystemFailed;
  }
}

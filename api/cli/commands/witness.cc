#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/http/server.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/ledger/keys.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/witness.h"

namespace suyuan::cli {
namespace {

struct WitnessRequest {
  std::string state;
  std::string name;
  std::string policy;
  http::ServerOptions http;
};

int Serve(const Context& context, const WitnessRequest& request) {
  const auto fail = [&](const absl::Status& status) {
    return Report(context, FailureOf(status, Doing::kAsking));
  };
  // Threads that are made later inherit it: only sigwait gets these signals.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  const absl::StatusOr<std::string> text = ReadFile(request.policy);
  if (!text.ok()) return fail(text.status());
  const absl::StatusOr<merkle::Policy> policy = merkle::Policy::Parse(*text);
  if (!policy.ok()) return fail(policy.status());
  if (const absl::Status made = MakeDirs(request.state); !made.ok()) return fail(made);
  const std::string key_path = request.state + "/witness.key";
  absl::StatusOr<ledger::KeyFile> keys = ledger::KeyFile::Read(key_path, request.name);
  if (!keys.ok()) return fail(keys.status());
  if (keys->signers().empty()) {
    if (const absl::Status added = keys->Add(); !added.ok()) return fail(added);
  }
  const absl::StatusOr<std::string> key = ReadFile(key_path);
  if (!key.ok()) return fail(key.status());
  auto signer = merkle::Ed25519Signer::Parse(key->substr(0, key->find('\n')));
  if (!signer.ok()) return fail(signer.status());
  const absl::StatusOr<std::unique_ptr<merkle::Witness>> witness =
      merkle::Witness::Open(request.state, *std::move(signer), policy->logs(), SystemClock());
  if (!witness.ok()) return fail(witness.status());
  const absl::StatusOr<std::unique_ptr<http::Server>> server =
      http::Server::Start(request.http, [&](const http::Request& asked) -> http::Response {
        if (asked.path != "/add-checkpoint") return {.status = 404, .body = "not found\n"};
        if (asked.method != "POST") return {.status = 405, .body = "POST\n"};
        merkle::Witness::Answer answer = (*witness)->AddCheckpoint(asked.body);
        return {.status = answer.status,
                .content_type = std::move(answer.content_type),
                .body = std::move(answer.body)};
      });
  if (!server.ok()) return fail(server.status());
  Json json;
  json["listening"] = (*server)->address();
  json["port"] = (*server)->port();
  json["vkey"] = (*witness)->key().ToString();
  absl::Status printed = Print(JsonText(json) + "\n");
  printed.Update(FlushOutput());
  if (!printed.ok()) return fail(printed);
  int signal = 0;
  sigwait(&stop, &signal);
  return kDone;
}

}  // namespace

void AddWitnessCommand(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "witness", "见证 sign what ledgers sign, unless they tell two histories (C2SP tlog-witness)");
  const auto request = std::make_shared<WitnessRequest>();
  command->add_option("--state", request->state, "状态目录 what was seen, and the witness's key")
      ->type_name("DIR")
      ->required();
  command->add_option("--name", request->name, "见证者名称 a name like example.com/witness")
      ->required();
  command->add_option("--policy", request->policy, "见证哪些账本 whose ledgers: log lines")
      ->type_name("FILE")
      ->required();
  request->http.listen = "127.0.0.1:7490";
  command->add_option("--listen", request->http.listen, "监听地址 address")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command->footer(
      "例 Example:\n  suyuan witness --state seen --name example.com/witness --policy "
      "plant-1.policy\n"
      "启动后打印一行 JSON: when it serves it prints one line, {\"listening\":...,\"vkey\":...}\n"
      "SIGTERM、SIGINT 停止 stop it");
  command->callback(
      [=] { *chosen = [request](const Context& context) { return Serve(context, *request); }; });
}

}  // namespace suyuan::cli

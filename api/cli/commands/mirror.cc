#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/http/follower.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::cli {
namespace {

struct FollowCommand {
  std::string url;
  std::string policy;
  bool once = false;
  bool resume = false;
  int every = 10;
};

std::string TimeText(int64_t micros) {
  if (micros == 0) return "";
  const auto seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

Json MirrorJson(const MirrorInfo& info) {
  Json json;
  json["ledger"] = info.ledger;
  json["origin"] = info.origin;
  json["url"] = info.url;
  json["size"] = info.size;
  json["checkpoint_size"] = info.checkpoint_size;
  json["accepted"] = TimeText(info.accepted_micros);
  json["state"] = info.stopped.empty() ? "following" : "stopped";
  if (!info.stopped.empty()) {
    json["why"] = info.stopped;
    json["evidence"] = info.evidence;
  }
  return json;
}

// What is not believed is bad data, whoever sent it.
Failure FailureOfRound(const absl::Status& status) {
  Failure failure = FailureOf(status, Doing::kAsking);
  if (absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status)) {
    failure.exit_status = kBadData;
    failure.code = "untrusted";
    failure.message_zh = StrCat("对方给出的内容不可信：", failure.message_en);
  }
  return failure;
}

int Follow(const Context& context, const FollowCommand& command) {
  if (!context.server.empty()) {
    return Report(context, UsageFailure("请用 --data；服务器自己跟随（suyuand --mirrors）",
                                        "expected --data: a server follows by itself, "
                                        "suyuand --mirrors"));
  }
  if (command.url.empty() || command.policy.empty()) {
    return Report(context,
                  UsageFailure("缺少 URL 或 --policy FILE", "URL or --policy FILE is missing"));
  }
  const absl::StatusOr<std::string> policy = ReadFile(command.policy);
  if (!policy.ok()) return Report(context, FailureOf(policy.status(), Doing::kAsking));
  sigset_t stop;
  sigemptyset(&stop);
  if (!command.once) {
    // Threads that are made later inherit it: only the wait below gets these signals.
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  }
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/true, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<std::unique_ptr<http::Follower>> follower =
      http::Follower::Make(engine.get(), {.url = command.url,
                                          .policy = *policy,
                                          .resume = command.resume,
                                          .progress = ProgressOnStderr(context)});
  if (!follower.ok()) return Report(context, FailureOf(follower.status(), Doing::kAsking));
  if (command.once) {
    const absl::StatusOr<MirrorInfo> info = (*follower)->Once();
    if (!info.ok()) return Report(context, FailureOfRound(info.status()));
    if (context.json) return Finish(context, JsonText(MirrorJson(*info)) + "\n");
    return Finish(context, StrCat("已镜像 mirrored ", info->ledger, "  ", info->size,
                                  " 条记录 entries  ", info->origin, "\n"));
  }
  (*follower)->Start(std::chrono::seconds(command.every), [](const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
  });
  constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 200'000'000};
  while (sigtimedwait(&stop, nullptr, &kLook) < 0) {
    if (const absl::Status result = (*follower)->Result(); !result.ok()) {
      return Report(context, FailureOfRound(result));
    }
  }
  return kDone;
}

int ShowStatus(const Context& context) {
  if (!context.server.empty()) {
    return Report(context, UsageFailure("请用 --data", "expected --data"));
  }
  Failure failure;
  if (!HasDataDir(context, &failure)) return Report(context, failure);
  const absl::StatusOr<std::vector<MirrorInfo>> mirrors = Engine::ListMirrors(context.data_dir);
  if (!mirrors.ok()) return Report(context, FailureOf(mirrors.status(), Doing::kOpening));
  if (context.json) {
    Json json;
    json["mirrors"] = Json::array();
    for (const MirrorInfo& info : *mirrors) json["mirrors"].push_back(MirrorJson(info));
    return Finish(context, JsonText(json) + "\n");
  }
  Table table(
      {"账本 ledger", "来源 origin", "记录 entries", "检查点时间 checkpoint", "状态 state"});
  for (const MirrorInfo& info : *mirrors) {
    table.AddRow(
        {info.ledger, info.origin, std::to_string(info.size), TimeText(info.accepted_micros),
         info.stopped.empty()
             ? std::string("跟随 following")
             : StrCat("已停止 stopped: ", info.stopped, "; 证据 evidence ", info.evidence)});
  }
  return Finish(context, table.Text(context.all, {2}));
}

}  // namespace

void AddMirrorCommand(CLI::App* app, Command* chosen) {
  CLI::App* const command = app->add_subcommand(
      "mirror", "镜像 follow a ledger that is written elsewhere, believing nothing; status");
  const auto request = std::make_shared<FollowCommand>();
  command->add_option("URL", request->url,
                      "账本地址 where its checkpoint and tiles are: http://HOST:PORT/LEDGER");
  command
      ->add_option("--policy", request->policy,
                   "信任谁 whom to believe: a tlog-policy file, log and witness lines")
      ->type_name("FILE");
  command->add_flag("--once", request->once, "追上后结束 end when it has caught up");
  command->add_option("--every", request->every, "间隔秒数 seconds between two looks")
      ->capture_default_str()
      ->check(CLI::Range(1, 86'400));
  command->add_flag("--resume", request->resume,
                    "查看证据后继续 go on after it was stopped and the evidence was seen");
  command->footer(
      "例 Example:\n"
      "  suyuan --data regulator mirror http://127.0.0.1:7480/plant-1 --policy plant-1.policy\n"
      "  suyuan --data regulator mirror status\n"
      "对方改写或分叉时停止并保留证据 if the ledger is rewritten or forks it stops, exit status "
      "2,\n"
      "and what was shown is kept below DIR/mirrors/evidence; SIGTERM、SIGINT 停止 stop it");
  CLI::App* const status = command->add_subcommand("status", "镜像状态 how the mirrors stand");
  status->footer("例 Example:\n  suyuan --data regulator mirror status");
  command->callback([=] {
    if (command->got_subcommand(status)) {
      *chosen = ShowStatus;
    } else {
      *chosen = [request](const Context& context) { return Follow(context, *request); };
    }
  });
}

}  // namespace suyuan::cli

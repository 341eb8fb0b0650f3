#include <memory>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "lib/backup/repository.h"
#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::cli {
namespace {

constexpr int kChinaOffsetMinutes = 480;

struct BackupRequest {
  std::string directory;
  uint64_t id = 0;
  uint64_t keep = 0;
  bool with_keys = false;
  std::vector<std::string> latest;
  std::string catch_up;
  std::string ledger;
};

// {"backup","made","with_keys","files","bytes","ledgers"}, and of a new one "copied_files",
// "copied_bytes"
Json BackupJson(const BackupInfo& info, bool is_new) {
  Json json;
  json["backup"] = info.id;
  json["made"] = TimeText(info.made_micros, kChinaOffsetMinutes);
  json["with_keys"] = info.with_keys;
  json["files"] = info.files;
  json["bytes"] = info.bytes;
  if (is_new) {
    json["copied_files"] = info.copied_files;
    json["copied_bytes"] = info.copied_bytes;
  }
  json["ledgers"] = HeadsJson(info.ledgers);
  return json;
}

std::string HeadsText(const Context& context, const std::vector<LedgerHead>& heads) {
  Table table({"账本 ledger", "记录 entries", "根 root"});
  for (const LedgerHead& head : heads) {
    table.AddRow({head.ledger, std::to_string(head.size), ToHex(head.root)});
  }
  return table.Text(context.all, {1});
}

int Backup(const Context& context, const BackupRequest& request) {
  if (request.directory.empty()) {
    return Report(context, UsageFailure("缺少备份目录：backup TO", "backup TO: TO is missing"));
  }
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<BackupInfo> info = engine->Backup(
      request.directory, {.with_keys = request.with_keys, .progress = ProgressOnStderr(context)});
  if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(BackupJson(*info, true)) + "\n");
  return Finish(context,
                StrCat("备份 backup ", info->id, "：", info->files, " 个文件 files, ", info->bytes,
                       " 字节 bytes；新复制 copied ", info->copied_files, ", ", info->copied_bytes,
                       " 字节 bytes\n", HeadsText(context, info->ledgers)));
}

int List(const Context& context, const BackupRequest& request) {
  const absl::StatusOr<std::vector<BackupInfo>> all = Engine::ListBackups(request.directory);
  if (!all.ok()) return Report(context, FailureOf(all.status(), Doing::kAsking));
  if (context.json) {
    Json json;
    json["backups"] = Json::array();
    for (const BackupInfo& info : *all) json["backups"].push_back(BackupJson(info, false));
    return Finish(context, JsonText(json) + "\n");
  }
  Table table(
      {"备份 backup", "时间 made", "账本 ledger", "记录 entries", "字节 bytes", "私钥 keys"});
  for (const BackupInfo& info : *all) {
    std::string names;
    std::string sizes;
    for (const LedgerHead& head : info.ledgers) {
      names += StrCat(names.empty() ? "" : ", ", head.ledger);
      sizes += StrCat(sizes.empty() ? "" : ", ", head.size);
    }
    table.AddRow({std::to_string(info.id), TimeText(info.made_micros, kChinaOffsetMinutes), names,
                  sizes, std::to_string(info.bytes), info.with_keys ? "有 yes" : ""});
  }
  return Finish(context, table.Text(context.all, {0, 4}));
}

int Forget(const Context& context, const BackupRequest& request) {
  const absl::StatusOr<backup::Moved> removed =
      backup::Repository(request.directory).Forget(request.keep);
  if (!removed.ok()) return Report(context, FailureOf(removed.status(), Doing::kAsking));
  if (context.json) {
    Json json;
    json["removed_files"] = removed->files;
    json["removed_bytes"] = removed->bytes;
    return Finish(context, JsonText(json) + "\n");
  }
  return Finish(context, StrCat("已删除 removed ", removed->files, " 个文件 files, ",
                                removed->bytes, " 字节 bytes\n"));
}

// Takes the seal off by what the operator shows.
absl::StatusOr<ResumeReport> ResumeWith(const Context& context, const std::string& ledger,
                                        const std::string& checkpoint, const std::string& tiles) {
  ResumeOptions options;
  options.ledger = ledger;
  const absl::StatusOr<std::string> note = ReadFile(checkpoint);
  if (!note.ok()) return note.status();
  options.checkpoint = *note;
  if (!tiles.empty()) {
    options.tiles = [tiles](std::string_view path) { return ReadFile(StrCat(tiles, "/", path)); };
  }
  options.progress = ProgressOnStderr(context);
  Options engine;
  engine.data_dir = context.data_dir;
  return Engine::Resume(engine, options);
}

// {"ledger","size","root","added"}
Json ResumeJson(const ResumeReport& report) {
  Json json;
  json["ledger"] = report.head.ledger;
  json["size"] = report.head.size;
  json["root"] = ToHex(report.head.root);
  json["added"] = report.added;
  return json;
}

std::string ResumeText(const ResumeReport& report) {
  return StrCat("可以继续 goes on: ", report.head.ledger, "，", report.head.size,
                " 条记录 entries（补上 caught up ", report.added, "）\n");
}

int Restore(const Context& context, const BackupRequest& request) {
  if (!context.server.empty()) {
    return Report(context, UsageFailure("恢复只能用 --data DIR，不能用 --server",
                                        "restore needs --data DIR, not --server"));
  }
  RestoreOptions options;
  options.data_dir = context.data_dir;
  options.id = request.id;
  options.progress = ProgressOnStderr(context);
  const absl::StatusOr<BackupInfo> info = Engine::Restore(request.directory, options);
  if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
  std::vector<ResumeReport> resumed;
  for (const std::string& latest : request.latest) {
    absl::StatusOr<ResumeReport> report = ResumeWith(context, "", latest, "");
    if (!report.ok()) {
      Failure failure = FailureOf(report.status(), Doing::kAsking);
      failure.message_zh = "已恢复，但账本只读：" + failure.message_zh;
      failure.message_en = "restored, but read only: " + failure.message_en;
      return Report(context, failure);
    }
    resumed.push_back(*std::move(report));
  }
  if (context.json) {
    Json json;
    json["restored"] = context.data_dir;
    json["backup"] = BackupJson(*info, false);
    json["resumed"] = Json::array();
    for (const ResumeReport& report : resumed) json["resumed"].push_back(ResumeJson(report));
    return Finish(context, JsonText(json) + "\n");
  }
  std::string text = StrCat("已恢复备份 restored backup ", info->id, " → ", context.data_dir, "\n",
                            HeadsText(context, info->ledgers));
  for (const ResumeReport& report : resumed) text += ResumeText(report);
  if (resumed.size() < info->ledgers.size()) {
    text +=
        "未出示最新检查点的账本只读；用 resume 继续 ledgers whose newest checkpoint was not "
        "shown are read only: suyuan resume --help\n";
  }
  return Finish(context, text);
}

int Resume(const Context& context, const BackupRequest& request) {
  if (!context.server.empty()) {
    return Report(context, UsageFailure("resume 只能用 --data DIR，不能用 --server",
                                        "resume needs --data DIR, not --server"));
  }
  Failure failure;
  if (!HasDataDir(context, &failure)) return Report(context, failure);
  if (request.latest.empty() && request.catch_up.empty()) {
    return Report(context, UsageFailure("缺少 --latest FILE 或 --catch-up DIR",
                                        "--latest FILE or --catch-up DIR is missing"));
  }
  const std::string checkpoint =
      request.latest.empty() ? request.catch_up + "/checkpoint" : request.latest.front();
  const absl::StatusOr<ResumeReport> report =
      ResumeWith(context, request.ledger, checkpoint, request.catch_up);
  if (!report.ok()) return Report(context, FailureOf(report.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(ResumeJson(*report)) + "\n");
  return Finish(context, ResumeText(*report));
}

}  // namespace

void AddBackupCommands(CLI::App* app, Command* chosen) {
  const auto request = std::make_shared<BackupRequest>();
  const auto runs = [=](int (*run)(const Context&, const BackupRequest&)) {
    return [=] { *chosen = [=](const Context& context) { return run(context, *request); }; };
  };

  CLI::App* const backup = app->add_subcommand(
      "backup", "备份 a copy of the data directory, while it is in use; list, forget");
  backup->add_option(
      "TO", request->directory,
      "备份目录 directory of backups, made if missing; with --server its name there");
  backup->add_flag("--with-keys", request->with_keys,
                   "包括签名私钥 also the private keys: who has them signs as the ledgers do");
  backup->footer(
      "例 Example:\n  suyuan --data plant backup /mnt/backups\n"
      "  suyuan --server 127.0.0.1:7410 backup daily   # below suyuand --backups DIR\n"
      "  suyuan backup list /mnt/backups\n"
      "  suyuan check --backup /mnt/backups\n"
      "只复制新的内容，中断不影响以前的备份 only what is new is copied; what was interrupted "
      "spoils no earlier one");
  backup->callback([=] {
    if (backup->get_subcommands().empty()) runs(Backup)();
  });
  CLI::App* const list = backup->add_subcommand("list", "列出备份 the backups in a directory");
  list->add_option("FROM", request->directory, "备份目录 directory of backups")->required();
  list->footer("例 Example:\n  suyuan backup list /mnt/backups");
  list->callback(runs(List));

  CLI::App* const forget = backup->add_subcommand(
      "forget", "删除旧备份 removes the oldest backups and what only they hold");
  forget->add_option("FROM", request->directory, "备份目录 directory of backups")->required();
  forget->add_option("--keep", request->keep, "保留最新的几个 how many of the newest stay")
      ->required();
  forget->footer("例 Example:\n  suyuan backup forget /mnt/backups --keep 30");
  forget->callback(runs(Forget));

  CLI::App* const restore = app->add_subcommand(
      "restore", "恢复 a data directory from a backup; its ledgers are read only: see resume");
  restore->add_option("FROM", request->directory, "备份目录 directory of backups")->required();
  restore->add_option("--id", request->id, "第几个备份 which backup; the newest unless told");
  restore
      ->add_option("--latest", request->latest,
                   "账本最新的检查点 the newest checkpoint of a ledger, so that it goes on; may be "
                   "repeated")
      ->type_name("FILE");
  restore->footer(
      "例 Example:\n  suyuan --data plant restore /mnt/backups\n"
      "  suyuan --data plant restore /mnt/backups --latest plant-1.checkpoint");
  restore->callback(runs(Restore));

  CLI::App* const resume = app->add_subcommand(
      "resume", "让恢复的账本继续 lets a ledger that was restored go on under its origin");
  resume->add_option("LEDGER", request->ledger,
                     "账本 the ledger; that of the checkpoint unless told");
  resume
      ->add_option("--latest", request->latest,
                   "最新的检查点 its newest checkpoint: published, cosigned or mirrored")
      ->type_name("FILE")
      ->expected(1);
  resume
      ->add_option("--catch-up", request->catch_up,
                   "导出的账本 what export tiles wrote; missing entries are taken from it")
      ->type_name("DIR");
  resume->footer(
      "例 Example:\n  suyuan --data plant resume plant-1 --latest plant-1.checkpoint\n"
      "  suyuan --data plant resume plant-1 --catch-up public/\n"
      "备份之后签过的记录若补不齐，请新建账本继续 if what was signed after the backup cannot be "
      "had, go on in a new ledger: it stands beside the old one, and traces cover both");
  resume->callback(runs(Resume));
}

}  // namespace suyuan::cli

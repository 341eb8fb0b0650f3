#include <memory>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

std::string CheckText(const Context& context, const CheckReport& report) {
  Table ledgers({"账本 ledger", "记录 entries", "根 root"});
  for (const LedgerHead& head : report.ledgers) {
    ledgers.AddRow({head.ledger, std::to_string(head.size), ToHex(head.root)});
  }
  std::string text = ledgers.Text(context.all, {1});
  if (report.ok()) return text + "\n检查通过：没有发现改动 check passed: nothing was changed\n";
  Table problems({"账本 ledger", "序号 sequence", "对象 what", "应为 expected", "实为 found"});
  for (const Problem& problem : report.problems) {
    problems.AddRow({problem.ledger, std::to_string(problem.sequence), problem.what,
                     problem.expected, problem.found});
  }
  return StrCat(text, "\n检查未通过 check failed: ", report.problems.size(), "\n",
                problems.Text(context.all, {1}));
}

struct CheckRequest {
  std::string backup;  // a directory of backups, in place of the data directory
  uint64_t id = 0;
};

absl::StatusOr<CheckReport> CheckOf(const Context& context, const CheckRequest& request,
                                    Failure* failure) {
  if (!request.backup.empty()) {
    absl::StatusOr<CheckReport> report =
        Engine::CheckBackup(request.backup, request.id, ProgressOnStderr(context));
    if (!report.ok()) *failure = FailureOf(report.status(), Doing::kAsking);
    return report;
  }
  if (!context.server.empty()) {
    const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, failure);
    if (engine == nullptr) return absl::UnavailableError("no server");
    absl::StatusOr<CheckReport> report = engine->CheckNow(ProgressOnStderr(context));
    if (!report.ok()) *failure = FailureOf(report.status(), Doing::kAsking);
    return report;
  }
  if (!HasDataDir(context, failure)) return absl::NotFoundError("no data directory");
  Options options;
  options.data_dir = context.data_dir;
  options.create_if_missing = false;
  options.progress = ProgressOnStderr(context);
  absl::StatusOr<CheckReport> report = Engine::Check(options);
  if (!report.ok()) *failure = FailureOf(report.status(), Doing::kOpening);
  return report;
}

int Check(const Context& context, const CheckRequest& request) {
  Failure failure;
  const absl::StatusOr<CheckReport> report = CheckOf(context, request, &failure);
  if (!report.ok()) return Report(context, failure);
  const int exit_status = report->ok() ? kDone : kBadData;
  if (context.json) return Finish(context, JsonText(CheckJson(*report)) + "\n", exit_status);
  return Finish(context, CheckText(context, *report), exit_status);
}

int Rebuild(const Context& context) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::Status status = engine->RebuildIndexes();
  if (!status.ok()) return Report(context, FailureOf(status, Doing::kOpening));
  if (context.json) return Finish(context, "{\"rebuilt\":true}\n");
  return Finish(context, "索引已重建 indexes rebuilt\n");
}

}  // namespace

void AddStoreCommands(CLI::App* app, Command* chosen) {
  CLI::App* const check =
      app->add_subcommand("check", "核验全部记录 verify that nothing was changed");
  const auto request = std::make_shared<CheckRequest>();
  check->add_option("--backup", request->backup, "核验备份 a backup in place of the data directory")
      ->type_name("DIR");
  check->add_option("--id", request->id, "第几个备份 which backup; the newest unless told");
  check->footer(
      "例 Example:\n  suyuan --data plant check\n  suyuan check --backup /mnt/backups\n"
      "  exit status 2 if something was found");
  check->callback(
      [=] { *chosen = [=](const Context& context) { return Check(context, *request); }; });

  CLI::App* const rebuild =
      app->add_subcommand("rebuild", "由记录重建索引 make all indexes again from the entries");
  rebuild->footer("例 Example:\n  suyuan --data plant rebuild");
  rebuild->callback([=] { *chosen = Rebuild; });
}

}  // namespace suyuan::cli

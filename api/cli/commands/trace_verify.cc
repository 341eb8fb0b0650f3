#include <memory>
#include <string>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "api/cli/trace_answer.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

int VerifyTrace(const Context& context, const std::string& file) {
  if (!context.server.empty()) {
    return Report(context, UsageFailure("核验答案需要账本本身：请用 --data，而不是 --server",
                                        "who verifies an answer needs the ledgers themselves: "
                                        "--data in place of --server"));
  }
  const absl::StatusOr<std::string> text = ReadFile(file);
  if (!text.ok()) return Report(context, FailureOf(text.status(), Doing::kAsking));
  const absl::StatusOr<TraceResult> answer = ReadTraceAnswer(*text);
  if (!answer.ok()) {
    // What is no answer is not right, as one that was changed.
    Failure failure = FailureOf(answer.status(), Doing::kImporting);
    failure.message_zh = "不是完整的追溯答案：" + failure.message_en;
    failure.message_en = StrCat(file, ": ", failure.message_en);
    return Report(context, failure);
  }
  return WithEngine(context, [&](Engine* engine) {
    const absl::StatusOr<std::vector<TraceDifference>> differences = engine->VerifyTrace(*answer);
    if (!differences.ok()) {
      return Report(context, FailureOf(differences.status(), Doing::kAsking));
    }
    const int exit_status = differences->empty() ? kDone : kBadData;
    if (context.json) {
      return Finish(context, JsonText(TraceDifferencesJson(*differences)) + "\n", exit_status);
    }
    if (differences->empty()) {
      return Finish(context, StrCat("一致 the same: 由账本重新算出 computed again from ",
                                    answer->heads.size(), " 个账本 ledgers, ", answer->units.size(),
                                    " 个追溯单元 units, ", answer->edges, " 条边 edges\n"));
    }
    Table table({"列表 list", "答案说 the answer says", "账本说 the ledgers say"});
    for (const TraceDifference& difference : *differences) {
      table.AddRow({difference.list, difference.told.empty() ? "-" : difference.told,
                    difference.found.empty() ? "-" : difference.found});
    }
    return Finish(context,
                  StrCat("不一致 different: ", table.size(), "\n", table.Text(context.all)),
                  exit_status);
  });
}

}  // namespace

void AddTraceVerifyCommand(CLI::App* app, Command* chosen) {
  CLI::App* const verify = app->get_subcommand("trace")->add_subcommand(
      "verify", "核验答案 compute an answer again from the entries alone, without the index");
  const auto file = std::make_shared<std::string>();
  verify->add_option("ANSWER", *file, "由 trace --json 写出的文件 as `trace UNIT --json` wrote it")
      ->required();
  verify->footer(
      "例 Example:\n"
      "  suyuan --data plant trace SY20251104A-000001 --json > answer.json\n"
      "  suyuan --data plant trace verify answer.json\n"
      "退出码 exit status: 0 the same, 2 different");
  verify->callback(
      [=] { *chosen = [file](const Context& context) { return VerifyTrace(context, *file); }; });
}

}  // namespace suyuan::cli

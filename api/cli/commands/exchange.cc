#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "api/exchange/fcl.h"
#include "api/exchange/jsonl.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

struct ImportRequest {
  std::string file;
  std::string ledger;
  bool keep_valid = false;
  std::string rejected;
};

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

bool IsLedgerName(const std::string& name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

std::string FclText(const Context& context, const exchange::FclResult& result) {
  std::string text = StrCat("账本 ledger ", result.ledger, "\n事件 events ", result.events,
                            "，新存入 new ", result.stored, "；主体 subjects ", result.subjects,
                            "，追溯单元 units ", result.units, "，关联 links ", result.links, "\n");
  if (result.warnings.empty()) return text;
  // One row for what is told of many rows of the file.
  struct Group {
    const exchange::FclWarning* first;
    size_t count = 0;
  };
  std::vector<Group> groups;
  std::map<std::pair<std::string_view, std::string_view>, size_t> known;
  for (const exchange::FclWarning& warning : result.warnings) {
    const auto [it, fresh] = known.emplace(
        std::pair<std::string_view, std::string_view>(warning.field, warning.message_en),
        groups.size());
    if (fresh) groups.push_back({&warning});
    ++groups[it->second].count;
  }
  Table table({"次数 count", "位置 where", "字段 field", "原文 found", "说明 message"});
  for (const Group& group : groups) {
    const exchange::FclWarning& warning = *group.first;
    table.AddRow({std::to_string(group.count), warning.where + (group.count > 1 ? ", ..." : ""),
                  warning.field, warning.found,
                  StrCat(warning.message_zh, " ", warning.message_en)});
  }
  return StrCat(text, "\n", result.warnings.size(), " 条提示 warnings\n",
                table.Text(context.all, {0}));
}

int ImportFcl(const Context& context, const ImportRequest& request) {
  const std::string ledger =
      request.ledger.empty() ? exchange::FclLedgerName(request.file) : request.ledger;
  if (!IsLedgerName(ledger)) {
    return Report(context, UsageFailure("账本名不合规定：" + ledger,
                                        "no ledger name (a-z 0-9 -, at most 64): " + ledger));
  }
  // Before the store is opened, or even made.
  absl::StatusOr<exchange::FclEvents> events = exchange::LoadFcl(request.file, ledger);
  if (!events.ok()) return Report(context, FailureOf(events.status(), Doing::kImporting));
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/true, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<exchange::FclResult> result = exchange::StoreFcl(
      engine.get(), *std::move(events), ledger, FileName(request.file), ProgressOnStderr(context));
  if (!result.ok()) return Report(context, FailureOf(result.status(), Doing::kImporting));
  if (context.json) return Finish(context, JsonText(FclJson(*result)) + "\n");
  return Finish(context, FclText(context, *result));
}

std::string JsonlText(const Context& context, const std::string& ledger,
                      const exchange::JsonlResult& result) {
  std::string text = StrCat("账本 ledger ", ledger, "\n接受 accepted ", result.accepted,
                            "（其中已有 known before ", result.duplicates, "），拒绝 rejected ",
                            result.rejected, "，共 of ", result.lines, " 行 lines\n");
  if (result.errors.empty()) return text;
  Table table(
      {"行 line", "字段 field", "规则 rule", "实际 found", "要求 expected", "说明 message"});
  for (const exchange::JsonlError& error : result.errors) {
    table.AddRow({std::to_string(error.line), error.field, error.rule, error.found, error.expected,
                  StrCat(error.message_zh, " ", error.message_en)});
  }
  return StrCat(text, "\n", table.Text(context.all, {0}));
}

int ImportJsonl(const Context& context, const ImportRequest& request) {
  if (request.keep_valid == request.rejected.empty()) {
    return Report(context, UsageFailure("--keep-valid 与 --rejected FILE 须一起使用",
                                        "--keep-valid and --rejected FILE go together"));
  }
  if (access(request.file.c_str(), R_OK) != 0) {
    return Report(context, FailureOf(ErrnoStatus("open", request.file, errno), Doing::kImporting));
  }
  Failure failure;
  // A ledger has to be there already, so there is nothing to create.
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const std::optional<std::string> ledger = ChooseLedger(*engine, request.ledger, &failure);
  if (!ledger) return Report(context, failure);
  exchange::JsonlOptions options;
  options.keep_valid = request.keep_valid;
  options.rejected_path = request.rejected;
  options.progress = ProgressOnStderr(context);
  const absl::StatusOr<exchange::JsonlResult> result =
      exchange::ImportJsonl(engine.get(), *ledger, request.file, options);
  if (!result.ok()) return Report(context, FailureOf(result.status(), Doing::kAsking));
  const int exit_status = result->rejected == 0 ? kDone : kBadData;
  if (context.json) {
    return Finish(context, JsonText(JsonlJson(*ledger, *result)) + "\n", exit_status);
  }
  return Finish(context, JsonlText(context, *ledger, *result), exit_status);
}

struct ExportRequest {
  std::string ledger;
  std::string output;
};

int ExportJsonl(const Context& context, const ExportRequest& request) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const std::optional<std::string> ledger = ChooseLedger(*engine, request.ledger, &failure);
  if (!ledger) return Report(context, failure);
  absl::Status status;
  if (request.output.empty()) {
    status = exchange::ExportJsonl(*engine, *ledger, Print, ProgressOnStderr(context));
    return status.ok() ? static_cast<int>(kDone)
                       : Report(context, FailureOf(status, Doing::kAsking));
  }
  std::FILE* const file = std::fopen(request.output.c_str(), "wb");
  if (file == nullptr) {
    return Report(context, FailureOf(ErrnoStatus("create", request.output, errno), Doing::kAsking));
  }
  status = exchange::ExportJsonl(
      *engine, *ledger,
      [&](std::string_view line) {
        return std::fwrite(line.data(), 1, line.size(), file) == line.size()
                   ? absl::OkStatus()
                   : ErrnoStatus("write", request.output, errno);
      },
      ProgressOnStderr(context));
  if (std::fclose(file) != 0 && status.ok()) {
    status = ErrnoStatus("write", request.output, errno);
  }
  return status.ok() ? static_cast<int>(kDone) : Report(context, FailureOf(status, Doing::kAsking));
}

}  // namespace

void AddExchangeCommands(CLI::App* app, Command* chosen) {
  CLI::App* const import = app->add_subcommand("import", "导入 import: fcl, jsonl");
  import->require_subcommand(1);

  CLI::App* const fcl = import->add_subcommand("fcl", "导入 FoodChain-Lab JSON");
  const auto fcl_request = std::make_shared<ImportRequest>();
  fcl->add_option("FILE", fcl_request->file, "FoodChain-Lab JSON")->required();
  fcl->add_option("--ledger", fcl_request->ledger,
                  "账本 the ledger; fcl-<file name> unless told, created if missing");
  fcl->footer("例 Example:\n  suyuan --data cases import fcl Scenario_2_LaSource.json");
  fcl->callback([=] {
    *chosen = [fcl_request](const Context& context) { return ImportFcl(context, *fcl_request); };
  });

  CLI::App* const jsonl =
      import->add_subcommand("jsonl", "导入事件，每行一个 import events, one a line");
  const auto jsonl_request = std::make_shared<ImportRequest>();
  jsonl->add_option("FILE", jsonl_request->file, "JSON Lines")->required();
  jsonl->add_option("--ledger", jsonl_request->ledger,
                    "账本 the ledger; not needed where there is only one");
  jsonl->add_flag("--keep-valid", jsonl_request->keep_valid,
                  "保留合格的行 store what can be taken; without it nothing, if a line fails");
  jsonl->add_option("--rejected", jsonl_request->rejected,
                    "被拒绝的行写入此文件 file for the rejected lines");
  jsonl->footer(
      "例 Example:\n  suyuan --data plant import jsonl events.jsonl --ledger plant-1\n"
      "  suyuan --data plant import jsonl events.jsonl --keep-valid --rejected bad.jsonl");
  jsonl->callback([=] {
    *chosen = [jsonl_request](const Context& context) {
      return ImportJsonl(context, *jsonl_request);
    };
  });

  CLI::App* const group = app->add_subcommand("export", "导出 export: jsonl, tiles");
  group->require_subcommand(1);
  CLI::App* const lines = group->add_subcommand("jsonl", "导出事件 export events, one a line");
  const auto request = std::make_shared<ExportRequest>();
  lines->add_option("--ledger", request->ledger,
                    "账本 the ledger; not needed where there is only one");
  lines->add_option("--output", request->output, "写入文件 to this file, not standard output");
  lines->footer("例 Example:\n  suyuan --data plant export jsonl --ledger plant-1 > events.jsonl");
  lines->callback([=] {
    *chosen = [request](const Context& context) { return ExportJsonl(context, *request); };
  });
}

}  // namespace suyuan::cli

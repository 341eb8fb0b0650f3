#include <memory>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

int CreateLedger(const Context& context, const LedgerOptions& options) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/true, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<LedgerInfo> info = engine->CreateLedger(options);
  if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(LedgerJson(*info)) + "\n");
  return Finish(context, StrCat("已创建账本 created ledger ", info->name, "  ", info->subject, "  ",
                                info->subject_name, "\n"));
}

int ListLedgers(const Context& context) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine->ListLedgers();
  if (!ledgers.ok()) return Report(context, FailureOf(ledgers.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(LedgersJson(*ledgers)) + "\n");
  Table table(
      {"账本 ledger", "记录 entries", "规则 profile", "主体 subject", "名称 name", "根 root"});
  for (const LedgerInfo& info : *ledgers) {
    table.AddRow({info.sealed ? info.name + "（封存 sealed）" : info.name,
                  std::to_string(info.size), info.profile, info.subject, info.subject_name,
                  ToHex(info.root).substr(0, 16)});
  }
  return Finish(context, table.Text(context.all, {1}));
}

}  // namespace

void AddLedgerCommands(CLI::App* app, Command* chosen) {
  CLI::App* const group = app->add_subcommand("ledger", "账本 ledgers: create, list");
  group->require_subcommand(1);

  CLI::App* const create = group->add_subcommand("create", "创建账本 create a ledger");
  const auto options = std::make_shared<LedgerOptions>();
  create->add_option("LEDGER", options->name, "账本名 name: a-z 0-9 -, at most 64")->required();
  create->add_option("--subject", options->subject, "所有者 key of the owner: uscc:, gln:, ext:")
      ->required();
  create->add_option("--name", options->subject_name, "所有者名称 name of the owner")->required();
  create->add_option("--profile", options->profile, "规则 who must record what")
      ->capture_default_str();
  create->add_flag("--sm3", options->sm3,
                   "国密 also a tree of SM3 hashes, signed with SM2; it cannot be had later");
  create->footer(
      "例 Example:\n  suyuan --data plant ledger create plant-1 --subject "
      "uscc:91310116MA1J8XYC4H --name 示例乳业");
  create->callback([=] {
    *chosen = [options](const Context& context) { return CreateLedger(context, *options); };
  });

  CLI::App* const list = group->add_subcommand("list", "列出账本 list the ledgers");
  list->footer("例 Example:\n  suyuan --data plant ledger list");
  list->callback([=] { *chosen = ListLedgers; });
}

}  // namespace suyuan::cli

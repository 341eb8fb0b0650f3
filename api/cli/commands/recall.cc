#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/moment.h"
#include "api/cli/output.h"
#include "api/cli/recall_json.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"

namespace suyuan::cli {
namespace {

struct Asked {
  std::vector<std::string> units;
  std::string at;
  bool csv = false;
};

std::string Amount(const std::string& quantity, const std::string& uom) {
  return quantity.empty() ? std::string("? 未记录 not told") : StrCat(quantity, " ", uom);
}

std::string RowsText(const Context& context, const std::vector<StockRow>& rows) {
  Table table({"追溯单元 unit", "产品 product", "数量 quantity", "状态 state", "持有者 holder",
               "场所 place", "部分 part", "容器 container"});
  for (const StockRow& row : rows) {
    table.AddRow({row.unit, row.product, Amount(row.quantity, row.uom), row.state,
                  row.holder_name.empty() ? row.holder : row.holder_name, row.place, row.part,
                  row.container});
  }
  return table.Text(context.all, {2});
}

std::string HeadsText(const Context& context, const std::vector<LedgerHead>& heads) {
  Table table({"账本 ledger", "记录 entries", "根 root"});
  for (const LedgerHead& head : heads) {
    table.AddRow({head.ledger, std::to_string(head.size), ToHex(head.root)});
  }
  return table.Text(context.all, {1});
}

int ReportAbout(const Context& context, const absl::Status& status) {
  Failure failure = FailureOf(status, Doing::kAsking);
  if (absl::IsNotFound(status)) failure.message_zh = "没有这个追溯单元";
  return Report(context, failure);
}

int Stock(const Context& context, const Asked& asked) {
  StockRequest request;
  if (!asked.units.empty()) request.unit = asked.units.front();
  if (!ReadLastMoment(asked.at, &request.at_micros)) {
    return Report(context, BadMoment("--at", asked.at));
  }
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<StockResult> result = engine->GetStock(request);
  if (!result.ok()) return ReportAbout(context, result.status());
  if (context.json) return Finish(context, JsonText(StockJson(*result)) + "\n");
  std::string text =
      StrCat("库存 stock: ", result->rows.size(), "\n", RowsText(context, result->rows));
  if (!result->findings.empty()) {
    Table table({"追溯单元 unit", "发现 finding"});
    for (const StockFinding& finding : result->findings) {
      table.AddRow({finding.unit, StrCat(finding.what_zh, " ", finding.what)});
    }
    text += StrCat("\n发现 findings: ", table.size(), "\n", table.Text(context.all));
  }
  return Finish(context, StrCat(text, "\n", HeadsText(context, result->heads)));
}

std::string PlanText(const Context& context, const RecallPlan& plan) {
  std::string text = "召回源头 origins\n";
  for (const std::string& origin : plan.origins) text += StrCat("  ", origin, "\n");
  Table customers({"级 tier", "名称 name", "电话 contact", "地址 address", "产品 product",
                   "追溯单元 unit", "发出 shipped", "退回 returned", "未回 out", "日期 date"});
  for (const RecallCustomer& customer : plan.customers) {
    customers.AddRow({std::to_string(customer.tier), customer.name, customer.contact,
                      customer.address, customer.product, customer.unit,
                      Amount(customer.shipped, customer.uom), customer.returned, customer.out,
                      customer.date});
  }
  text += StrCat("\n要通知谁 whom to call: ", customers.size(), "\n",
                 customers.Text(context.all, {0, 6, 7, 8}));
  text += StrCat("\n货在哪里 where it is: ", plan.affected.size(), "\n",
                 RowsText(context, plan.affected));
  if (!plan.unaccounted.empty()) {
    Table table({"追溯单元 unit", "持有者 holder", "原因 why"});
    for (const RecallGap& gap : plan.unaccounted) {
      table.AddRow({gap.unit, gap.holder, StrCat(gap.why_zh, " ", gap.why)});
    }
    text += StrCat("\n说不清的 unaccounted for: ", table.size(), "\n", table.Text(context.all));
  }
  return StrCat(text, "\n", HeadsText(context, plan.heads), "摘要 digest  ", ToHex(plan.digest),
                "\n");
}

int Plan(const Context& context, const Asked& asked) {
  RecallRequest request;
  request.units = asked.units;
  if (!ReadLastMoment(asked.at, &request.at_micros)) {
    return Report(context, BadMoment("--at", asked.at));
  }
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<RecallPlan> plan = engine->PlanRecall(request);
  if (!plan.ok()) return ReportAbout(context, plan.status());
  if (context.json) return Finish(context, JsonText(RecallJson(*plan)) + "\n");
  return Finish(context, asked.csv ? CustomersCsv(*plan) : PlanText(context, *plan));
}

int Completeness(const Context& context, const Asked& asked) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<CompletenessReport> report = engine->ReportCompleteness(asked.units.front());
  if (!report.ok()) return ReportAbout(context, report.status());
  if (context.json) return Finish(context, JsonText(CompletenessJson(*report)) + "\n");
  std::string text = StrCat("追溯单元 unit     ", report->unit, "\n产品 product      ",
                            report->product, "\n要素 elements    ", report->present,
                            " 齐全 present，", report->missing, " 缺失 missing，", report->late,
                            " 补录 late，", report->corrected, " 更正 corrected\n");
  const auto add = [&](std::string_view title, const auto& wanted) {
    Table table({"编号 number", "要素 element", "操作 operation", "对象 about", "账本 ledger",
                 "依据 source"});
    for (const ElementStatus& status : report->elements) {
      if (!wanted(status)) continue;
      table.AddRow({status.number, StrCat(status.name_zh, " ", status.name_en), status.operation,
                    status.about, status.ledger, status.source});
    }
    if (table.size() > 0) text += StrCat("\n", title, table.size(), "\n", table.Text(context.all));
  };
  add("缺失 missing: ", [](const ElementStatus& status) { return !status.present; });
  add("补录或更正 late or corrected: ",
      [](const ElementStatus& status) { return status.late || status.corrected; });
  return Finish(context, StrCat(text, "\n", HeadsText(context, report->heads)));
}

}  // namespace

void AddRecallCommands(CLI::App* app, Command* chosen) {
  CLI::App* const stock = app->add_subcommand("stock", "库存 what is where");
  const auto asked = std::make_shared<Asked>();
  stock->add_option("UNIT", asked->units, "追溯单元 a key, code or external id; all if left out")
      ->expected(0, 1);
  stock->add_option("--at", asked->at, "时点 as of a day or minute, 2025-11-03T08:30")
      ->type_name("TIME");
  stock->footer("例 Example:\n  suyuan --data plant stock SY20251103A-000001 --at 2025-11-10");
  stock->callback(
      [=] { *chosen = [asked](const Context& context) { return Stock(context, *asked); }; });

  CLI::App* const report = app->add_subcommand(
      "report", "完整性报告 which data elements of a lot's history are missing");
  const auto lot = std::make_shared<Asked>();
  report->add_option("UNIT", lot->units, "追溯单元 a key, code or external id")
      ->required()
      ->expected(1);
  report->footer("例 Example:\n  suyuan --data plant report SY20251103A-000001");
  report->callback(
      [=] { *chosen = [lot](const Context& context) { return Completeness(context, *lot); }; });

  CLI::App* const recall = app->add_subcommand("recall", "召回 recall");
  recall->require_subcommand(1);
  CLI::App* const plan = recall->add_subcommand("plan", "召回清单 whom to call, and what is where");
  const auto origins = std::make_shared<Asked>();
  plan->add_option("UNIT", origins->units, "源头 what is suspect, one or several")->required();
  plan->add_option("--at", origins->at, "库存时点 stock as of a day or minute")->type_name("TIME");
  plan->add_flag("--csv", origins->csv, "客户清单为 CSV the customers as CSV");
  plan->footer(
      "例 Example:\n  suyuan --data plant recall plan SY20251103A-000001 --csv > call-list.csv");
  plan->callback(
      [=] { *chosen = [origins](const Context& context) { return Plan(context, *origins); }; });
}

}  // namespace suyuan::cli

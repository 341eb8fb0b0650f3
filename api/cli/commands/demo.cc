#include <memory>
#include <string>

#include "api/cli/commands/commands.h"
#include "api/cli/demo_plant.h"
#include "api/cli/output.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

int Demo(const Context& context, const DemoOptions& options) {
  const int most = MaxDemoDays(options.size);
  if (options.days > most) {
    return Report(context,
                  UsageFailure(StrCat("--days 最多为 ", most), StrCat("--days is at most ", most)));
  }
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/true, &failure);
  if (engine == nullptr) return Report(context, failure);
  DemoSummary summary;
  const absl::Status status =
      LoadDemoPlant(engine.get(), options, &summary, ProgressOnStderr(context));
  if (!status.ok()) return Report(context, FailureOf(status, Doing::kImporting));
  std::string text;
  if (context.json) {
    Json json;
    json["ledger"] = summary.ledger;
    json["events"] = summary.events;
    json["worth_tracing"] = Json::array();
    for (const auto& [unit, why] : summary.worth_tracing) {
      Json item;
      item["unit"] = unit;
      item["why"] = why;
      json["worth_tracing"].push_back(std::move(item));
    }
    text = JsonText(json) + "\n";
  } else {
    text = StrCat("账本 ledger ", summary.ledger, "，事件 events ", summary.events, "\n");
    Table table({"可追溯 worth tracing", "原因 why"});
    for (const auto& [unit, why] : summary.worth_tracing) table.AddRow({unit, why});
    if (table.size() > 0) text += "\n" + table.Text(context.all);
  }
  return Finish(context, text);
}

}  // namespace

void AddDemoCommand(CLI::App* app, Command* chosen) {
  CLI::App* const demo =
      app->add_subcommand("demo", "写入示例工厂 load the example plant (infant formula)");
  const auto options = std::make_shared<DemoOptions>();
  demo->add_option("--days", options->days, "生产天数 days of production")
      ->capture_default_str()
      ->check(CLI::Range(1, MaxDemoDays(PlantSize::kFull)));
  demo->add_option("--seed", options->seed, "随机种子 seed; the same seed gives the same plant")
      ->capture_default_str();
  const auto size = std::make_shared<std::string>("small");
  demo->add_option("--size", *size,
                   "small：2 车奶、2 批成品一天；full：三班、40 批原料、40 个客户 "
                   "small: two tankers a day; full: three shifts, 40 raw lots, 40 customers")
      ->capture_default_str()
      ->check(CLI::IsMember({"small", "full"}));
  demo->footer(
      "例 Example:\n  suyuan demo --data plant --days 3 --seed 1\n"
      "  suyuan demo --data plant --size full --days 30");
  demo->callback([=] {
    options->size = *size == "full" ? PlantSize::kFull : PlantSize::kSmall;
    *chosen = [options](const Context& context) { return Demo(context, *options); };
  });
}

}  // namespace suyuan::cli

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "suyuan/score.h"

namespace suyuan::cli {
namespace {

// The cells of a line of CSV (RFC 4180, one line a record); nothing if a quote is left open.
std::optional<std::vector<std::string>> CellsOf(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += line[++i];
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  if (quoted) return std::nullopt;
  return cells;
}

// Lines `external_id,weight`; the first can be just that.
absl::StatusOr<std::vector<Weight>> ReadWeights(const std::string& path) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  std::vector<Weight> weights;
  std::string_view rest = text;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line == "external_id,weight") continue;
    const std::optional<std::vector<std::string>> cells = CellsOf(line);
    Weight weight;
    if (!cells.has_value() || cells->size() != 2 || (*cells)[0].empty() ||
        !absl::SimpleAtod((*cells)[1], &weight.weight) || !std::isfinite(weight.weight)) {
      return InvalidArgument(path, ", line ", number, ": found ", line,
                             ", expected external_id,weight as fcl:50,1");
    }
    weight.of = (*cells)[0];
    weights.push_back(std::move(weight));
  }
  return weights;
}

Table TableOf(const std::vector<Scored>& rows, std::string_view what, bool observed, bool all) {
  std::vector<std::string> heads = {"得分 score",      "正 positive", "负 negative", "病例 cases",
                                    std::string(what), "编号 ids",    "名称 name"};
  if (observed) heads.emplace_back("观察 observed");
  Table table(std::move(heads));
  for (const Scored& row : rows) {
    // What no case leads to says nothing.
    if (!all && row.positive == 0 && row.negative == 0 && !row.forward && !row.backward) continue;
    std::string ids;
    for (const std::string& id : row.external_ids) ids += (ids.empty() ? "" : ", ") + id;
    std::vector<std::string> cells = {absl::StrFormat("%.4g", row.score),
                                      absl::StrFormat("%.4g", row.positive),
                                      absl::StrFormat("%.4g", row.negative),
                                      std::to_string(row.cases),
                                      row.key,
                                      ids,
                                      row.name};
    if (observed) {
      cells.emplace_back(row.forward && row.backward ? "来去 both"
                         : row.forward               ? "去向 forward"
                         : row.backward              ? "来源 backward"
                                                     : "");
    }
    table.AddRow(std::move(cells));
  }
  return table;
}

int Score(const Context& context, ScoreRequest request, const std::string& weights) {
  absl::StatusOr<std::vector<Weight>> read = ReadWeights(weights);
  if (!read.ok()) return Report(context, FailureOf(read.status(), Doing::kAsking));
  request.weights = *std::move(read);
  return WithEngine(context, [&](Engine* engine) {
    const absl::StatusOr<ScoreResult> result = engine->Score(request);
    if (!result.ok()) return Report(context, FailureOf(result.status(), Doing::kAsking));
    if (context.json) return Finish(context, JsonText(ScoreJson(*result)) + "\n");
    const bool observed = !request.observe.empty();
    const Table units = TableOf(result->units, "追溯单元 unit", observed, context.all);
    const Table places = TableOf(result->places, "场所 place", observed, context.all);
    std::string text = StrCat("病例 cases ", result->cases,
                              "；1 表示所有病例的共同来源 1 is a common source of all\n\n");
    for (const std::string& gone : result->vanished) {
      text += StrCat("合并后消失，不计 vanished with a merge, does not count: ", gone, "\n");
    }
    text += StrCat("场所 places\n", places.Text(context.all, {0, 1, 2, 3}), "\n",
                   "追溯单元 units\n", units.Text(context.all, {0, 1, 2, 3}));
    return Finish(context, text);
  });
}

Merged MergedOf(const std::string& text) {
  Merged merged;
  const size_t equals = text.find('=');
  merged.name = text.substr(0, equals);
  if (equals == std::string::npos || equals == 0) {
    throw CLI::ValidationError("--merge", "expected NAME=PLACE,PLACE, found " + text);
  }
  std::string_view rest = std::string_view(text).substr(equals + 1);
  for (;;) {
    const size_t comma = rest.find(',');
    merged.members.emplace_back(rest.substr(0, comma));
    if (comma == rest.npos) return merged;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

void AddScoreCommand(CLI::App* app, Command* chosen) {
  CLI::App* const score = app->get_subcommand("trace")->add_subcommand(
      "score", "共同来源 which units and places can be the common source of cases");
  const auto request = std::make_shared<ScoreRequest>();
  const auto weights = std::make_shared<std::string>();
  const auto merges = std::make_shared<std::vector<std::string>>();
  const auto time = std::make_shared<std::string>("on");
  score->add_option("--weights", *weights, "权重 CSV: external_id,weight")
      ->type_name("FILE")
      ->required();
  score
      ->add_option("--mix", request->scenario.mix,
                   "交叉污染 whatever came in can be in whatever left later")
      ->type_name("PLACE_OR_UNIT");
  score->add_option("--cut", request->scenario.cut, "排除 take out")->type_name("PLACE_OR_UNIT");
  score->add_option("--merge", *merges, "合并 take several for one")->type_name("NAME=PLACE,PLACE");
  score->add_option("--observe", request->observe, "观察 mark the trace of")
      ->type_name("PLACE_OR_UNIT");
  score->add_option("--time", *time, "时间先后 of what --mix adds only what the dates allow")
      ->capture_default_str()
      ->check(CLI::IsMember({"on", "off"}));
  score->footer(
      "例 Example:\n"
      "  suyuan --data cases trace score --weights cases.csv\n"
      "  suyuan --data cases trace score --weights cases.csv --mix fcl:1983510182 \\\n"
      "         --cut fcl:delivery:50 --merge group=fcl:station:1,fcl:station:2 --observe fcl:7\n"
      "得分 score: the weights of all cases in the forward trace, over the sum of all");
  score->callback([=] {
    request->scenario.time = *time == "on";
    for (const std::string& text : *merges) request->scenario.merge.push_back(MergedOf(text));
    *chosen = [request, weights](const Context& context) {
      return Score(context, *request, *weights);
    };
  });
}

}  // namespace suyuan::cli

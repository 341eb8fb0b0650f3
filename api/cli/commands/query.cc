#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/numbers.h"
#include "api/cli/commands/commands.h"
#include "api/cli/holder_names.h"
#include "api/cli/moment.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "api/exchange/trace_export.h"
#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

std::string Join(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined += (joined.empty() ? "" : ", ") + item;
  return joined;
}

int Units(const Context& context, const std::string& text) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<std::vector<UnitInfo>> units = engine->FindUnits(text);
  if (!units.ok()) return Report(context, FailureOf(units.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(UnitsJson(*units)) + "\n");
  Table table({"追溯单元 unit", "编号 ids", "产品 product", "持有者 holders"});
  for (const UnitInfo& unit : *units) {
    table.AddRow({unit.key, Join(unit.external_ids), unit.product, Join(unit.holders)});
  }
  return Finish(context, StrCat(table.Text(context.all), units->size(), " 个追溯单元 units\n"));
}

// How tables call the units of an answer: by an id that people use, if it has one and
// no other unit of the answer has it too.
class UnitNames {
 public:
  explicit UnitNames(const TraceResult& result) {
    Add(result.origin, result.origin_external_ids);
    for (const TracedUnit& unit : result.units) Add(unit.key, unit.external_ids);
  }
  std::string Get(const std::string& key) const {
    const auto it = names_.find(key);
    if (it == names_.end()) return key;
    const auto taken = owners_.find(it->second);
    return taken->second.size() == 1 ? it->second : key;
  }

 private:
  void Add(const std::string& key, const std::vector<std::string>& external_ids) {
    if (external_ids.empty()) return;
    names_[key] = external_ids.front();
    owners_[external_ids.front()].insert(key);
  }
  std::map<std::string, std::string> names_;
  std::map<std::string, std::set<std::string>> owners_;
};

class TraceText {
 public:
  TraceText(const Context& context, const TraceResult& result, HolderNames holders)
      : context_(context), result_(result), units_(result), holders_(std::move(holders)) {}

  std::string Text() {
    AddOrigin();
    if (result_.direction != Direction::kBackward) AddClosure(Direction::kForward);
    if (result_.direction != Direction::kForward) AddClosure(Direction::kBackward);
    AddVessels();
    AddEnds();
    AddConflicts();
    AddWithdrawn();
    AddHeads();
    return std::move(text_);
  }

 private:
  void AddOrigin() {
    text_ += StrCat("追溯单元 unit     ", result_.origin, "\n");
    if (!result_.origin_external_ids.empty()) {
      text_ += StrCat("编号 ids          ", Join(result_.origin_external_ids), "\n");
    }
    if (!result_.origin_product.empty()) {
      text_ += StrCat("产品 product      ", result_.origin_product, "\n");
    }
    text_ += StrCat("持有者 holders    ", holders_.Join(result_.origin_holders), "\n");
  }

  // Who has to be called, then every unit.
  void AddClosure(Direction direction) {
    struct Share {
      size_t units = 0;
      std::set<std::string> products;
    };
    std::map<std::string, Share> shares;
    size_t certain = 0;
    Table table({"步数 depth", "确定 certain", "追溯单元 unit", "产品 product", "持有者 holders"});
    for (const TracedUnit& unit : result_.units) {
      if (unit.direction != direction) continue;
      certain += unit.certain ? 1 : 0;
      table.AddRow({std::to_string(unit.depth), unit.certain ? "是 yes" : "可能 possible",
                    units_.Get(unit.key), unit.product, holders_.Join(unit.holders)});
      for (const std::string& holder : unit.holders) {
        Share& share = shares[holder];
        ++share.units;
        if (!unit.product.empty()) share.products.insert(unit.product);
      }
    }
    text_ += StrCat(direction == Direction::kForward ? "\n去向 forward: " : "\n来源 backward: ",
                    table.size(), " 个追溯单元 units，其中确定 certain ", certain, "\n");
    if (table.size() == 0) return;
    std::vector<std::pair<std::string, Share>> sorted(shares.begin(), shares.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second.units > b.second.units; });
    Table who({direction == Direction::kForward ? "谁得到了 who got it" : "来自谁 who had it",
               "单元数 units", "产品 products"});
    for (const auto& [holder, share] : sorted) {
      who.AddRow({holders_.Get(holder), std::to_string(share.units),
                  Join({share.products.begin(), share.products.end()})});
    }
    text_ += StrCat(who.Text(context_.all, {1}), "\n", table.Text(context_.all, {0}));
  }

  void AddVessels() {
    if (result_.vessels.empty()) return;
    Table table({"方向 direction", "容器 vessel", "场所 place"});
    for (const TracedVessel& vessel : result_.vessels) {
      table.AddRow(
          {std::string(DirectionName(vessel.direction)), vessel.name, holders_.Get(vessel.holder)});
    }
    text_ += StrCat("\n经过的罐仓 silos, tanks and lines: ", table.size(), "\n",
                    table.Text(context_.all));
  }

  void AddEnds() {
    if (result_.ends.empty()) return;
    Table table({"方向 direction", "追溯单元 unit", "持有者 holder", "类型 kind", "原因 why"});
    for (const TraceEnd& end : result_.ends) {
      const std::string_view kind = end.kind == EndKind::kEnd        ? "终点 end"
                                    : end.kind == EndKind::kBoundary ? "边界 boundary"
                                                                     : "缺口 gap";
      table.AddRow({std::string(DirectionName(end.direction)), units_.Get(end.unit),
                    holders_.Get(end.holder), std::string(kind), StrCat(end.why_zh, " ", end.why)});
    }
    text_ +=
        StrCat("\n链条止于 where the chain ends: ", table.size(), "\n", table.Text(context_.all));
  }

  void AddConflicts() {
    if (result_.conflicts.empty()) return;
    Table table({"投入 input", "产出 output", "记录 entry", "矛盾 conflict"});
    for (const TraceConflict& conflict : result_.conflicts) {
      table.AddRow({units_.Get(conflict.input), units_.Get(conflict.output),
                    StrCat(conflict.ledger, " #", conflict.sequence),
                    StrCat(conflict.what_zh, " ", conflict.what)});
    }
    text_ +=
        StrCat("\n日期矛盾（仍然计入） contradicting dates, followed all the same: ", table.size(),
               "\n", table.Text(context_.all));
  }

  void AddWithdrawn() {
    if (result_.withdrawn.empty()) return;
    Table table({"投入 input", "产出 output", "记录 entry", "更正 correction", "提醒 note"});
    for (const WithdrawnLink& link : result_.withdrawn) {
      table.AddRow(
          {units_.Get(link.input), units_.Get(link.output),
           StrCat(link.ledger, " #", link.sequence), StrCat(link.ledger, " #", link.corrected_by),
           link.late ? "产出流出或检验、扣留之后才更正 corrected after the output had left or "
                       "had been judged"
                     : ""});
    }
    text_ += StrCat("\n被更正撤去的关联（未计入） links that corrections took away: ", table.size(),
                    "\n", table.Text(context_.all));
  }

  void AddHeads() {
    Table table({"账本 ledger", "记录 entries", "根 root"});
    for (const LedgerHead& head : result_.heads) {
      table.AddRow({head.ledger, std::to_string(head.size), ToHex(head.root)});
    }
    text_ += StrCat("\n工序 steps ", result_.steps.size(), "，边 edges ", result_.edges, "\n",
                    table.Text(context_.all, {1}), "摘要 digest  ", ToHex(result_.digest), "\n");
  }

  const Context& context_;
  const TraceResult& result_;
  const UnitNames units_;
  const HolderNames holders_;
  std::string text_;
};

// How an answer is to be written to a file.
struct Export {
  std::vector<std::string> format_and_file = {};  // empty: it is printed
};

int WriteExport(const Context& context, const TraceResult& result, const Engine& engine,
                const Export& asked) {
  const HolderNames names = HolderNames::Load(engine, result.heads);
  const absl::StatusOr<std::string> text =
      exchange::ExportTrace(result, *exchange::TraceFormatOf(asked.format_and_file[0]),
                            [&](const std::string& holder) { return names.Get(holder); });
  if (!text.ok()) return Report(context, FailureOf(text.status(), Doing::kAsking));
  const std::string& file = asked.format_and_file[1];
  if (file == "-") return Finish(context, *text);
  const absl::Status written = WriteFileAtomically(file, *text);
  if (!written.ok()) return Report(context, FailureOf(written, Doing::kAsking));
  if (context.json) {
    Json json;
    json["format"] = asked.format_and_file[0];
    json["file"] = file;
    json["bytes"] = text->size();
    json["digest"] = ToHex(result.digest);
    return Finish(context, JsonText(json) + "\n");
  }
  return Finish(context, StrCat("已写出 written: ", file, "，", text->size(),
                                " 字节 bytes\n摘要 digest  ", ToHex(result.digest), "\n"));
}

int Trace(const Context& context, const TraceRequest& request, const Export& asked) {
  Failure failure;
  const std::unique_ptr<Engine> engine = OpenEngine(context, /*create=*/false, &failure);
  if (engine == nullptr) return Report(context, failure);
  const absl::StatusOr<TraceResult> result = engine->Trace(request);
  if (!result.ok()) {
    failure = FailureOf(result.status(), Doing::kAsking);
    if (absl::IsNotFound(result.status())) {
      failure.message_zh = "没有这个追溯单元：" + request.unit;
    }
    return Report(context, failure);
  }
  if (!asked.format_and_file.empty()) return WriteExport(context, *result, *engine, asked);
  if (context.json) return Finish(context, JsonText(TraceJson(*result)) + "\n");
  return Finish(context,
                TraceText(context, *result, HolderNames::Load(*engine, result->heads)).Text());
}

}  // namespace

void AddQueryCommands(CLI::App* app, Command* chosen) {
  CLI::App* const units = app->add_subcommand("units", "查找追溯单元 find units");
  const auto text = std::make_shared<std::string>();
  units->add_option("--find", *text, "键、编号、产品中的文字 part of a key, id, code or product");
  units->footer("例 Example:\n  suyuan --data cases units --find fennel");
  units->callback(
      [=] { *chosen = [text](const Context& context) { return Units(context, *text); }; });

  CLI::App* const trace =
      app->add_subcommand("trace", "追溯 where a unit came from and where it went");
  const auto request = std::make_shared<TraceRequest>();
  const auto direction = std::make_shared<std::string>("both");
  trace->add_option("UNIT", request->unit,
                    "追溯单元 a key, code or external id, or UNIT@HOLDER, UNIT@HOLDER#PART");
  trace->add_option("--direction", *direction, "方向 forward (追踪), backward (溯源) or both")
      ->capture_default_str()
      ->check(CLI::IsMember({"forward", "backward", "both"}));
  const auto at = std::make_shared<std::vector<std::string>>();
  trace->add_option("--at", *at, "账本当时的大小 a ledger as it was at a size")
      ->type_name("LEDGER=SIZE");
  const auto from = std::make_shared<std::string>();
  const auto until = std::make_shared<std::string>();
  trace->add_option("--from", *from, "从何时起可疑 forward: suspect from this moment")
      ->type_name("TIME");
  trace->add_option("--until", *until, "到何时为止 backward: asked for up to this moment")
      ->type_name("TIME");
  trace->add_flag("--as-recorded", request->as_recorded,
                  "按原记录，不计更正 as recorded, without corrections");
  const auto written = std::make_shared<Export>();
  trace
      ->add_option("--export", written->format_and_file,
                   "写出图形 a graph of the answer: dot, graphml, json or svg; FILE - is standard "
                   "output")
      ->expected(2)
      ->type_name("FORMAT FILE");
  const auto no_links = std::make_shared<bool>(false);
  trace->add_flag("--no-links", *no_links, "不含边和路径 JSON without places, links and hops");
  trace->footer(
      "例 Example:\n  suyuan --data cases trace fcl:636305757 --direction forward\n"
      "  suyuan --data cases trace fcl:636305757 --export svg fennel.svg\n"
      "  suyuan --data plant trace SY20251104A-000001 --at demo-plant=400 --as-recorded");
  trace->callback([=] {
    if (!trace->get_subcommands().empty()) return;
    if (request->unit.empty()) throw CLI::RequiredError("UNIT");
    for (const std::string& one : *at) {
      LedgerSize size;
      const size_t equals = one.find('=');
      size.ledger = one.substr(0, equals);
      if (equals == std::string::npos || !absl::SimpleAtoi(one.substr(equals + 1), &size.size)) {
        throw CLI::ValidationError("--at", "expected LEDGER=SIZE, found " + one);
      }
      request->at.push_back(std::move(size));
    }
    request->direction = *direction == "forward"    ? Direction::kForward
                         : *direction == "backward" ? Direction::kBackward
                                                    : Direction::kBoth;
    const bool exports = !written->format_and_file.empty();
    if (exports && !exchange::TraceFormatOf(written->format_and_file[0]).has_value()) {
      throw CLI::ValidationError(
          "--export", "expected dot, graphml, json or svg, found " + written->format_and_file[0]);
    }
    if (exports && *no_links) throw CLI::ExcludesError("--export", "--no-links");
    *chosen = [=](const Context& context) {
      if (!ReadFirstMoment(*from, &request->from_micros)) {
        return Report(context, BadMoment("--from", *from));
      }
      if (!ReadLastMoment(*until, &request->until_micros)) {
        return Report(context, BadMoment("--until", *until));
      }
      // Tables tell no links.
      request->links = exports || (context.json && !*no_links);
      return Trace(context, *request, *written);
    };
  });
}

}  // namespace suyuan::cli

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/http/time_stamper.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/ledger/time_stamp.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "suyuan/proof.h"

namespace suyuan::cli {
namespace {

constexpr int kChinaOffsetMinutes = 480;

struct StampRequest {
  std::string ledger;
  std::string tsa;
  uint64_t sequence = 0;
  std::string out;
  std::vector<std::string> files;
  std::string ca;
};

// A time stamp as it was recorded. What it says is read, not believed.
struct Recorded {
  uint64_t sequence = 0;
  v1::TimeStamp stamp;
  uint64_t size = 0;  // that was stamped
  absl::StatusOr<TimeStampInfo> info;
};

Recorded ReadStamp(const Entry& entry) {
  Recorded recorded;
  recorded.sequence = entry.sequence;
  recorded.stamp = entry.event.time_stamp();
  if (const auto note = merkle::ParseNote(recorded.stamp.checkpoint()); note.ok()) {
    const auto checkpoint = merkle::ParseCheckpoint(note->text);
    if (checkpoint.ok()) recorded.size = checkpoint->size;
  }
  recorded.info = ledger::ReadToken(recorded.stamp.token(),
                                    {recorded.stamp.checkpoint(), recorded.stamp.sm3_checkpoint()});
  return recorded;
}

std::string TimeOf(const absl::StatusOr<TimeStampInfo>& info) {
  return info.ok() ? TimeText(info->time_micros, kChinaOffsetMinutes) : "?";
}

// {"sequence","time","size","authority","signer"}
Json StampJson(const Recorded& recorded) {
  Json json;
  json["sequence"] = recorded.sequence;
  json["time"] = TimeOf(recorded.info);
  json["size"] = recorded.size;
  json["authority"] = recorded.stamp.authority();
  json["signer"] = recorded.info.ok() ? recorded.info->signer : "";
  return json;
}

// The entry `sequence` if it is a time stamp.
absl::StatusOr<Recorded> Find(const Engine& engine, const std::string& ledger, uint64_t sequence) {
  absl::StatusOr<Recorded> found =
      absl::NotFoundError(StrCat("entry ", sequence, " of ledger ", ledger, " is no time stamp"));
  const absl::Status status = engine.Read(ledger, sequence, sequence + 1, [&](const Entry& entry) {
    if (entry.event.has_time_stamp()) found = ReadStamp(entry);
    return false;
  });
  if (!status.ok()) return status;
  return found;
}

int Stamp(const Context& context, const StampRequest& request) {
  if (request.tsa.empty()) {
    return Report(context, UsageFailure("缺少 --tsa URL", "--tsa URL is missing"));
  }
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<Receipt> receipt = http::StampLedger(engine, ledger, request.tsa);
    if (!receipt.ok()) return Report(context, FailureOf(receipt.status(), Doing::kAsking));
    const absl::StatusOr<Recorded> recorded = Find(*engine, ledger, receipt->sequence);
    if (!recorded.ok()) return Report(context, FailureOf(recorded.status(), Doing::kAsking));
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json.update(StampJson(*recorded));
      return Finish(context, JsonText(json) + "\n");
    }
    return Finish(
        context, StrCat("已加盖时间戳 stamped: ", ledger, "，", recorded->size, " 条记录 entries, ",
                        TimeOf(recorded->info), "（第 entry ", recorded->sequence, " 条）\n"));
  });
}

int List(const Context& context, const StampRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    std::vector<Recorded> all;
    const absl::StatusOr<LedgerInfo> info = engine->GetLedger(ledger);
    if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
    const absl::Status status = engine->Read(ledger, 0, info->size, [&](const Entry& entry) {
      if (entry.event.has_time_stamp()) all.push_back(ReadStamp(entry));
      return true;
    });
    if (!status.ok()) return Report(context, FailureOf(status, Doing::kAsking));
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json["timestamps"] = Json::array();
      for (const Recorded& recorded : all) json["timestamps"].push_back(StampJson(recorded));
      return Finish(context, JsonText(json) + "\n");
    }
    Table table({"序号 sequence", "时间 time", "记录 entries", "签发者 signer", "地址 authority"});
    for (const Recorded& recorded : all) {
      table.AddRow({std::to_string(recorded.sequence), TimeOf(recorded.info),
                    std::to_string(recorded.size), recorded.info.ok() ? recorded.info->signer : "?",
                    recorded.stamp.authority()});
    }
    return Finish(context, table.Text(context.all, {0, 2}));
  });
}

int Export(const Context& context, const StampRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<Recorded> recorded = Find(*engine, ledger, request.sequence);
    if (!recorded.ok()) return Report(context, FailureOf(recorded.status(), Doing::kAsking));
    const std::string base = StrCat(request.out, "/", ledger, "-", request.sequence);
    const std::string data = base + ".checkpoint";
    const std::string token = base + ".tst";
    absl::Status written = MakeDirs(request.out);
    if (written.ok()) {
      written = WriteFileAtomically(
          data, recorded->stamp.checkpoint() + recorded->stamp.sm3_checkpoint());
    }
    if (written.ok()) written = WriteFileAtomically(token, recorded->stamp.token());
    if (!written.ok()) return Report(context, FailureOf(written, Doing::kAsking));
    const std::string command =
        StrCat("openssl ts -verify -data ", data, " -in ", token, " -token_in -CAfile CA.pem");
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json.update(StampJson(*recorded));
      json["data"] = data;
      json["token"] = token;
      json["command"] = command;
      return Finish(context, JsonText(json) + "\n");
    }
    return Finish(context, StrCat("检查点 checkpoint ", data, "\n时间戳 token ", token,
                                  "\n核验 verify: ", command, "\n"));
  });
}

int Verify(const Context& context, const StampRequest& request) {
  std::vector<std::string> texts;
  for (const std::string& path : {request.files[0], request.files[1], request.ca}) {
    absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return Report(context, FailureOf(text.status(), Doing::kAsking));
    texts.push_back(*std::move(text));
  }
  const absl::StatusOr<TimeStampInfo> info = VerifyTimeStamp(texts[0], texts[1], texts[2]);
  Json json;
  std::string text;
  json["proved"] = info.ok();
  if (info.ok()) {
    json["time"] = TimeOf(info);
    json["signer"] = info->signer;
    json["policy"] = info->policy;
    json["serial"] = info->serial;
    text = StrCat("已证实 proved: 不晚于 there at ", TimeOf(info), "\n签发者 signer ", info->signer,
                  "\n策略 policy ", info->policy, "，编号 serial ", info->serial, "\n");
  } else {
    json["message"] = std::string(info.status().message());
    text = StrCat("未证实 NOT proved: ", info.status().message(), "\n");
  }
  return Finish(context, context.json ? JsonText(json) + "\n" : text, info.ok() ? kDone : kBadData);
}

}  // namespace

void AddTimeStampCommands(CLI::App* app, Command* chosen) {
  const auto request = std::make_shared<StampRequest>();
  const auto runs = [=](int (*run)(const Context&, const StampRequest&)) {
    return [=] { *chosen = [=](const Context& context) { return run(context, *request); }; };
  };

  CLI::App* const stamp = app->add_subcommand(
      "timestamp",
      "可信时间戳 has an authority stamp the head of a ledger (RFC 3161); list, export");
  stamp->add_option("LEDGER", request->ledger, "账本 the ledger; not needed where there is one");
  stamp->add_option("--tsa", request->tsa, "时间戳服务 the authority: http://host:port/path")
      ->type_name("URL");
  stamp->footer(
      "例 Example:\n  suyuan --data plant timestamp plant-1 --tsa http://127.0.0.1:3180/\n"
      "  suyuan --data plant timestamp list plant-1\n"
      "  suyuan --data plant timestamp export plant-1 4711 -o stamps/");
  stamp->callback([=] {
    if (stamp->get_subcommands().empty()) runs(Stamp)();
  });

  CLI::App* const list =
      stamp->add_subcommand("list", "列出时间戳 the time stamps that a ledger holds");
  list->add_option("LEDGER", request->ledger, "账本 the ledger; not needed where there is one");
  list->footer("例 Example:\n  suyuan --data plant timestamp list plant-1");
  list->callback(runs(List));

  CLI::App* const exported = stamp->add_subcommand(
      "export", "导出一个时间戳 what was stamped and the token, for openssl ts -verify");
  exported->add_option("LEDGER", request->ledger, "账本 the ledger")->required();
  exported->add_option("SEQUENCE", request->sequence, "序号 its entry, as list shows it")
      ->required();
  exported->add_option("-o,--out", request->out, "目录 directory, made if missing")
      ->type_name("DIR")
      ->required();
  exported->footer("例 Example:\n  suyuan --data plant timestamp export plant-1 4711 -o stamps/");
  exported->callback(runs(Export));

  CLI::App* const verify = app->get_subcommand("verify")->add_subcommand(
      "timestamp", "时间戳 that an authority stamped a checkpoint");
  verify->add_option("DATA TOKEN", request->files, "文件 what timestamp export wrote")
      ->required()
      ->expected(2);
  verify->add_option("--ca", request->ca, "信任的 CA whose authorities to believe (PEM)")
      ->type_name("FILE")
      ->required();
  verify->footer(
      "例 Example:\n  suyuan verify timestamp plant-1-4711.checkpoint plant-1-4711.tst --ca "
      "tsa-ca.pem");
  verify->callback(runs(Verify));
}

}  // namespace suyuan::cli

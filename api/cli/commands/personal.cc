#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "suyuan/personal.h"

namespace suyuan::cli {
namespace {

constexpr int kChinaOffsetMinutes = 480;

struct PersonalRequest {
  std::string ledger;
  std::string event_id;
  std::string path;
  std::string out;
  bool to_authority = false;
  bool due = false;
  ErasureRequest erasure;
};

struct StateWords {
  PersonalState state;
  const char* json;
  const char* words;
};
constexpr StateWords kStates[] = {
    {PersonalState::kHeld, "held", "在存 held"},
    {PersonalState::kRestricted, "restricted", "限制处理 restricted"},
    {PersonalState::kErased, "erased", "已删除 erased"},
    {PersonalState::kKeyMissing, "key_missing", "密钥不在此处 key not here"},
};

const StateWords& WordsOf(PersonalState state) {
  for (const StateWords& words : kStates) {
    if (words.state == state) return words;
  }
  return kStates[0];
}

std::string UntilText(int64_t until_micros) {
  return until_micros == 0 ? "" : TimeText(until_micros, kChinaOffsetMinutes);
}

int Show(const Context& context, const PersonalRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const auto data = engine->ReadPersonal(ledger, request.event_id);
    if (!data.ok()) return Report(context, FailureOf(data.status(), Doing::kAsking));
    Json json;
    json["ledger"] = ledger;
    json["event_id"] = request.event_id;
    json["fields"] = Json::array();
    Table table({"字段 field", "状态 state", "内容 value", "人员 person", "至 until"});
    for (const PersonalDatum& datum : *data) {
      const StateWords& words = WordsOf(datum.state);
      Json field;
      field["path"] = datum.path;
      field["state"] = words.json;
      if (datum.state == PersonalState::kHeld) {
        field["value"] = datum.value;
        field["person"] = datum.person;
      }
      if (datum.until_micros != 0) {
        field["until"] = UntilText(datum.until_micros);
        field["until_micros"] = datum.until_micros;
      }
      json["fields"].push_back(std::move(field));
      table.AddRow(
          {datum.path, words.words, datum.value, datum.person, UntilText(datum.until_micros)});
    }
    if (context.json) return Finish(context, JsonText(json) + "\n");
    if (data->empty()) return Finish(context, "没有个人信息 no personal data\n");
    return Finish(context, table.Text(context.all));
  });
}

int WriteDisclosure(const Context& context, const PersonalRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const auto disclosure =
        engine->Disclose(ledger, request.event_id, request.path, request.to_authority);
    if (!disclosure.ok()) return Report(context, FailureOf(disclosure.status(), Doing::kAsking));
    const absl::Status written =
        WriteFileAtomically(request.out, FormatDisclosure(*disclosure), 0600);
    if (!written.ok()) return Report(context, FailureOf(written, Doing::kAsking));
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json["event_id"] = request.event_id;
      json["path"] = request.path;
      json["disclosure"] = request.out;
      return Finish(context, JsonText(json) + "\n");
    }
    return Finish(context, StrCat("已写入 written ", request.out,
                                  "（含个人信息，请妥善交付；it holds the value: hand it over with "
                                  "care）\n"));
  });
}

// What was done in one ledger, added to what was done in others.
void AddErased(const std::string& ledger, const std::vector<ErasedField>& fields, const char* state,
               Json* json, Table* table) {
  for (const ErasedField& field : fields) {
    Json one;
    one["ledger"] = ledger;
    one["event_id"] = field.event_id;
    one["path"] = field.path;
    if (field.until_micros != 0) {
      one["until"] = UntilText(field.until_micros);
      one["until_micros"] = field.until_micros;
    }
    json->push_back(std::move(one));
    table->AddRow({ledger, field.event_id, field.path, state, UntilText(field.until_micros)});
  }
}

// Where to erase: a person is forgotten in every ledger, an event is of one.
absl::StatusOr<std::vector<std::string>> LedgersOf(const Engine& engine,
                                                   const PersonalRequest& request) {
  if (!request.ledger.empty()) return std::vector{request.ledger};
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<LedgerInfo> infos, engine.ListLedgers());
  std::vector<std::string> names;
  for (const LedgerInfo& info : infos) {
    const bool mirrored = info.name.find('@') != info.name.npos;
    if (!mirrored) names.push_back(info.name);
  }
  return names;
}

int Erase(const Context& context, const PersonalRequest& request) {
  const ErasureRequest& asked = request.erasure;
  const bool selects = !asked.person.empty() || !asked.event_id.empty() || !asked.path.empty();
  if (request.due && (selects || !asked.reason.empty())) {
    return Report(context, UsageFailure("--due 不能与其他选择同用",
                                        "--due goes with no other selection and no reason"));
  }
  if (!request.due && !selects) {
    return Report(context, UsageFailure("请用人员编号、--event 或 --due 指明删除什么",
                                        "say what to erase: a person, --event or --due"));
  }
  const auto erase = [&](Engine* engine, const std::vector<std::string>& ledgers) {
    Json json;
    json["erased"] = Json::array();
    json["restricted"] = Json::array();
    json["entries"] = Json::array();
    Table table({"账本 ledger", "事件 event", "字段 field", "状态 state", "至 until"});
    std::string entries;
    absl::Status not_found;
    bool found = false;
    for (const std::string& ledger : ledgers) {
      const auto result =
          request.due ? engine->EraseDue(ledger) : engine->ErasePersonal(ledger, asked);
      if (absl::IsNotFound(result.status())) {
        not_found = result.status();
        continue;
      }
      if (!result.ok()) return Report(context, FailureOf(result.status(), Doing::kAsking));
      found = true;
      AddErased(ledger, result->erased, "已删除 erased", &json["erased"], &table);
      AddErased(ledger, result->restricted, "限制处理 restricted", &json["restricted"], &table);
      for (const std::string& id : result->event_ids) {
        json["entries"].push_back({{"ledger", ledger}, {"event_id", id}});
        entries += StrCat("记录 entry ", id, " of ", ledger, "\n");
      }
    }
    if (!found && !not_found.ok()) return Report(context, FailureOf(not_found, Doing::kAsking));
    if (context.json) return Finish(context, JsonText(json) + "\n");
    return Finish(context, (table.size() == 0 ? std::string("没有要删除的 nothing to erase\n")
                                              : table.Text(context.all)) +
                               entries);
  };
  if (!asked.event_id.empty()) {
    return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
      return erase(engine, {ledger});
    });
  }
  return WithEngine(context, [&](Engine* engine) {
    const absl::StatusOr<std::vector<std::string>> ledgers = LedgersOf(*engine, request);
    if (!ledgers.ok()) return Report(context, FailureOf(ledgers.status(), Doing::kAsking));
    return erase(engine, *ledgers);
  });
}

}  // namespace

std::string FormatDisclosure(const Disclosure& disclosure) {
  Json json;
  json["format"] = "suyuan/disclosure/v1";
  json["origin"] = disclosure.origin;
  json["event_id"] = disclosure.event_id;
  json["path"] = disclosure.path;
  json["salt"] = ToHex(disclosure.salt);
  json["value"] = disclosure.value;
  return JsonText(json) + "\n";
}

absl::StatusOr<Disclosure> ParseDisclosure(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto refused = [](std::string_view what) {
    return InvalidArgument("disclosure: ", what, ", expected what suyuan personal disclose writes");
  };
  if (!json.is_object()) return refused("found no JSON object");
  const auto get = [&](const char* name) {
    const auto it = json.find(name);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  if (get("format") != "suyuan/disclosure/v1") return refused("found another format");
  Disclosure disclosure{get("origin"), get("event_id"), get("path"), "", get("value")};
  const std::optional<std::string> salt = FromHex(get("salt"));
  if (!salt.has_value()) return refused("found a salt that is not hexadecimal");
  disclosure.salt = *salt;
  return disclosure;
}

void AddPersonalCommands(CLI::App* app, Command* chosen) {
  const auto request = std::make_shared<PersonalRequest>();
  const auto run = [=](CLI::App* command, const char* footer,
                       int (*what)(const Context&, const PersonalRequest&)) {
    command->add_option("--ledger", request->ledger,
                        "账本 the ledger; not needed where there is only one");
    command->footer(footer);
    command->callback(
        [=] { *chosen = [=](const Context& context) { return what(context, *request); }; });
  };

  CLI::App* const personal =
      app->add_subcommand("personal", "个人信息 personal data of an event: show, disclose");
  personal->require_subcommand(1);
  CLI::App* const show =
      personal->add_subcommand("show", "现在的内容和状态 values and states as they are now");
  run(show, "例 Example:\n  suyuan --data plant personal show d01-rcv-1 --ledger plant-1", Show);
  show->add_option("EVENT", request->event_id, "事件编号 event id")->required();

  CLI::App* const disclose = personal->add_subcommand(
      "disclose", "向第三方证明一项内容 proves one value to somebody: see verify disclosure");
  run(disclose,
      "例 Example:\n  suyuan --data plant personal disclose d01-rcv-1 receive.supplier_contact \\\n"
      "      -o contact.json",
      WriteDisclosure);
  disclose->add_option("EVENT", request->event_id, "事件编号 event id")->required();
  disclose->add_option("PATH", request->path, "字段 field, as personal show writes it")->required();
  disclose->add_option("-o,--out", request->out, "文件 file; holds the value, mode 0600")
      ->required();
  disclose->add_flag("--to-authority", request->to_authority,
                     "向监管部门出示，含限制处理的内容 for an authority: also what is restricted");

  CLI::App* const erase = app->add_subcommand(
      "erase", "删除个人信息 erases personal data, or restricts them until the law lets them go");
  run(erase,
      "例 Example:\n"
      "  suyuan --data plant erase person:1042 --reason \"letter 2026-17\"\n"
      "  suyuan --data plant erase --event d01-rcv-1 --path receive.supplier_contact \\\n"
      "      --basis other --reason \"keyed by mistake\"\n"
      "  suyuan --data plant erase --due   # what was restricted and whose time is over",
      Erase);
  erase->add_option("PERSON", request->erasure.person,
                    "人员编号 all of one person, in every ledger unless one is named");
  erase->add_option("--event", request->erasure.event_id, "事件编号 of one event");
  erase->add_option("--path", request->erasure.path, "字段 one field of the event");
  request->erasure.basis = "consent-withdrawn";
  erase
      ->add_option("--basis", request->erasure.basis,
                   "依据 consent-withdrawn, purpose-fulfilled, retention-over, other")
      ->capture_default_str();
  erase->add_option("--reason", request->erasure.reason,
                    "原因（永久记入账本，勿写个人信息） stays in the ledger for ever: no names");
  erase->add_flag("--due", request->due, "到期的 what was restricted and whose time is over");
}

}  // namespace suyuan::cli

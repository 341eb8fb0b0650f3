#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "api/cli/commands/commands.h"
#include "api/cli/output.h"
#include "api/cli/result_json.h"
#include "api/exchange/tiles.h"
#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/ledger/record_format.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "suyuan/personal.h"
#include "suyuan/proof.h"

namespace suyuan::cli {
namespace {

constexpr int kChinaOffsetMinutes = 480;

// ------------------------------------------------------------- what a ledger proves

struct ProofRequest {
  std::string ledger;
  bool sm3 = false;
  std::string event_id;
  std::string out;
  std::string entry;
  std::string pkcs11;
  uint64_t from = 0;
  std::optional<uint64_t> to;

  TreeHash tree() const { return sm3 ? TreeHash::kSm3 : TreeHash::kSha256; }
};

// What was exported of one tree.
struct Exported {
  merkle::Checkpoint head;
  std::string vkey;

  void Add(Json* json) const {
    (*json)["vkey"] = vkey;
    (*json)["origin"] = head.origin;
    (*json)["size"] = head.size;
    (*json)["root"] = head.root.hex();
  }
};

absl::StatusOr<Exported> ExportTree(const Context& context, Engine* engine,
                                    const std::string& ledger, const std::string& directory,
                                    TreeHash tree, const std::vector<std::string>& vkeys) {
  SUYUAN_ASSIGN_OR_RETURN(
      const std::string bytes,
      exchange::ExportTiles(engine, ledger, directory, tree, ProgressOnStderr(context)));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(bytes));
  Exported exported;
  SUYUAN_ASSIGN_OR_RETURN(exported.head, merkle::ParseCheckpoint(note.text));
  if (!vkeys.empty()) exported.vkey = vkeys.front();
  return exported;
}

int ExportTiles(const Context& context, const ProofRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<LedgerInfo> info = engine->GetLedger(ledger);
    if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
    const auto tree =
        ExportTree(context, engine, ledger, request.out, TreeHash::kSha256, info->verifier_keys);
    if (!tree.ok()) return Report(context, FailureOf(tree.status(), Doing::kAsking));
    Json json;
    tree->Add(&json);
    std::string text =
        StrCat("已导出 exported ", tree->head.size, " 条记录 entries: ", request.out, "\n根 root ",
               tree->head.root.hex(), "\n验证公钥 verifier key ", tree->vkey, "\n");
    if (!info->sm3_root.empty()) {
      const auto sm3 = ExportTree(context, engine, ledger, request.out + "/sm3", TreeHash::kSm3,
                                  info->sm3_verifier_keys);
      if (!sm3.ok()) return Report(context, FailureOf(sm3.status(), Doing::kAsking));
      sm3->Add(&json["sm3"]);
      text += StrCat("国密 SM3 tree: ", request.out, "/sm3\n根 root ", sm3->head.root.hex(),
                     "\n验证公钥 verifier key ", sm3->vkey, "\n");
    }
    return Finish(context, context.json ? JsonText(json) + "\n" : text);
  });
}

int WriteReceipt(const Context& context, const ProofRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<EventProof> proof =
        engine->Prove(ledger, request.event_id, request.tree());
    if (!proof.ok()) return Report(context, FailureOf(proof.status(), Doing::kAsking));
    const std::string entry = request.entry.empty() ? request.out + ".entry" : request.entry;
    absl::Status written = WriteFileAtomically(request.out, proof->proof);
    if (written.ok()) written = WriteFileAtomically(entry, proof->entry);
    if (!written.ok()) return Report(context, FailureOf(written, Doing::kAsking));
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json["event_id"] = request.event_id;
      json["sequence"] = proof->sequence;
      json["proof"] = request.out;
      json["entry"] = entry;
      return Finish(context, JsonText(json) + "\n");
    }
    return Finish(context, StrCat("凭证 receipt ", request.out, "\n记录 entry ", entry, "（第 ",
                                  proof->sequence, " 条 of ", ledger, "）\n"));
  });
}

int WriteText(const Context& context, const std::string& path, const std::string& text) {
  if (path.empty()) return Finish(context, text);
  if (const absl::Status status = WriteFileAtomically(path, text); !status.ok()) {
    return Report(context, FailureOf(status, Doing::kAsking));
  }
  return Finish(context, StrCat("已写入 written ", path, "\n"));
}

int WriteCheckpoint(const Context& context, const ProofRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<std::string> note = engine->Checkpoint(ledger, request.tree());
    if (!note.ok()) return Report(context, FailureOf(note.status(), Doing::kAsking));
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json["checkpoint"] = *note;
      return Finish(context, JsonText(json) + "\n");
    }
    return WriteText(context, request.out, *note);
  });
}

int WriteConsistency(const Context& context, const ProofRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    uint64_t to = 0;
    if (request.to.has_value()) {
      to = *request.to;
    } else {
      const absl::StatusOr<LedgerInfo> info = engine->GetLedger(ledger);
      if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
      to = info->size;
    }
    const auto proof = engine->ProveConsistency(ledger, request.from, to, request.tree());
    if (!proof.ok()) return Report(context, FailureOf(proof.status(), Doing::kAsking));
    std::string text;
    Json hashes = Json::array();
    for (const std::string& hash : *proof) {
      text += ToBase64(hash) + "\n";
      hashes.push_back(ToHex(hash));
    }
    if (context.json) {
      Json json;
      json["ledger"] = ledger;
      json["from"] = request.from;
      json["to"] = to;
      json["hashes"] = std::move(hashes);
      return Finish(context, JsonText(json) + "\n");
    }
    return WriteText(context, request.out, text);
  });
}

// ------------------------------------------------------------- keys

int FinishKeys(const Context& context, const absl::StatusOr<LedgerInfo>& info) {
  if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
  if (context.json) return Finish(context, JsonText(LedgerJson(*info)) + "\n");
  std::string text = StrCat("账本 ledger ", info->name, "  ", info->origin, "\n");
  for (const std::string& key : info->verifier_keys) text += key + "\n";
  for (const std::string& key : info->sm3_verifier_keys) text += key + "\n";
  if (info->verifier_keys.empty()) text += "私钥不在此处 its private key is not here\n";
  return Finish(context, text);
}

// The file that a verifier keeps, once it believes that the keys are the owner's.
int WritePolicy(const Context& context, const ProofRequest& request) {
  return WithLedger(context, request.ledger, [&](Engine* engine, const std::string& ledger) {
    const absl::StatusOr<LedgerInfo> info = engine->GetLedger(ledger);
    if (!info.ok()) return Report(context, FailureOf(info.status(), Doing::kAsking));
    if (request.sm3 && info->sm3_root.empty()) {
      return Report(context, FailureOf(NotFound("ledger ", ledger,
                                                " has no SM3 tree: it was "
                                                "created without one"),
                                       Doing::kAsking));
    }
    std::string text;
    for (const std::string& key : request.sm3 ? info->sm3_verifier_keys : info->verifier_keys) {
      text += StrCat("log ", key, "\n");
    }
    return WriteText(context, request.out, text + "quorum none\n");
  });
}

// ------------------------------------------------------------- verifying, offline

struct VerifyRequest {
  std::vector<std::string> files;
  std::string entry;
  std::string proof;
  std::string policy;
};

// Reads files until one cannot be read.
class Files {
 public:
  std::string Read(const std::string& path) {
    if (!status_.ok()) return "";
    absl::StatusOr<std::string> text = ReadFile(path);
    status_ = text.status();
    return text.ok() ? *std::move(text) : "";
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
};

// What is told beside the head: name in JSON, words for people, value.
struct Detail {
  std::string name;
  std::string words;
  std::string value;
};

// Exit status 2 if it is not proved, with all that the verdict rests on.
int Verdict(const Context& context, const absl::StatusOr<SignedHead>& head,
            const std::vector<Detail>& details) {
  Json json;
  std::string text;
  json["proved"] = head.ok();
  if (head.ok()) {
    json["origin"] = head->origin;
    json["size"] = head->size;
    json["root"] = ToHex(head->root);
    json["hash"] = head->hash == TreeHash::kSm3 ? "sm3" : "sha-256";
    text = StrCat("已证实 proved\n账本 ledger ", head->origin, "，", head->size,
                  " 条记录 entries\n根 root ", ToHex(head->root),
                  head->hash == TreeHash::kSm3 ? "（国密 SM3, SM2）\n" : "\n");
  } else {
    json["message"] = std::string(head.status().message());
    text = StrCat("未证实 NOT proved: ", head.status().message(), "\n证据 evidence:\n");
  }
  for (const Detail& detail : details) {
    json[detail.name] = detail.value;
    text += StrCat(detail.words, " ", detail.value, detail.value.ends_with('\n') ? "" : "\n");
  }
  return Finish(context, context.json ? JsonText(json) + "\n" : text, head.ok() ? kDone : kBadData);
}

void Tell(std::string_view entry, TreeHash tree, std::vector<Detail>* details) {
  const HashKind kind = tree == TreeHash::kSm3 ? HashKind::kSm3 : HashKind::kSha256;
  details->push_back({"leaf", "叶哈希 leaf hash", merkle::LeafHash(entry, kind).hex()});
  const absl::StatusOr<ledger::RecordView> record = ledger::ParseRecord(entry);
  if (!record.ok()) return;
  details->push_back({"event_id", "事件 event", std::string(record->event_id)});
  details->push_back({"sequence", "序号 sequence", std::to_string(record->sequence)});
  details->push_back(
      {"recorded", "记录时间 recorded", TimeText(record->recorded_micros, kChinaOffsetMinutes)});
}

int VerifyReceiptFile(const Context& context, const VerifyRequest& request) {
  Files files;
  const std::string proof = files.Read(request.files[0]);
  const std::string entry =
      files.Read(request.entry.empty() ? request.files[0] + ".entry" : request.entry);
  const std::string policy = files.Read(request.policy);
  if (!files.status().ok()) return Report(context, FailureOf(files.status(), Doing::kAsking));
  const absl::StatusOr<SignedHead> head = VerifyReceipt(proof, entry, policy);
  std::vector<Detail> details;
  Tell(entry, head.ok() ? head->hash : TreeHash::kSha256, &details);
  if (!head.ok()) details.push_back({"proof", "凭证 receipt\n", proof});
  return Verdict(context, head, details);
}

// The value that was disclosed, by the commitment in an entry that is in the ledger.
int VerifyDisclosureFile(const Context& context, const VerifyRequest& request) {
  Files files;
  const std::string text = files.Read(request.files[0]);
  const std::string proof = files.Read(request.proof);
  const std::string entry =
      files.Read(request.entry.empty() ? request.proof + ".entry" : request.entry);
  const std::string policy = files.Read(request.policy);
  if (!files.status().ok()) return Report(context, FailureOf(files.status(), Doing::kAsking));
  absl::StatusOr<SignedHead> head = VerifyReceipt(proof, entry, policy);
  const absl::StatusOr<Disclosure> disclosure = ParseDisclosure(text);
  if (head.ok() && !disclosure.ok()) head = disclosure.status();
  if (head.ok() &&
      head->origin != disclosure->origin + (head->hash == TreeHash::kSm3 ? "/sm3" : "")) {
    head = DataLoss("the disclosure is of ledger ", disclosure->origin, ", the receipt of ",
                    head->origin);
  }
  if (head.ok()) {
    const absl::Status opened = VerifyDisclosure(*disclosure, entry);
    if (!opened.ok()) head = opened;
  }
  std::vector<Detail> details;
  Tell(entry, head.ok() ? head->hash : TreeHash::kSha256, &details);
  if (disclosure.ok()) details.push_back({"path", "字段 field", disclosure->path});
  if (head.ok()) details.push_back({"value", "内容 value", disclosure->value});
  return Verdict(context, head, details);
}

int VerifyCheckpointFile(const Context& context, const VerifyRequest& request) {
  Files files;
  const std::string note = files.Read(request.files[0]);
  const std::string policy = files.Read(request.policy);
  if (!files.status().ok()) return Report(context, FailureOf(files.status(), Doing::kAsking));
  const absl::StatusOr<SignedHead> head = VerifyCheckpoint(note, policy);
  std::vector<Detail> details;
  if (!head.ok()) details.push_back({"checkpoint", "检查点 checkpoint\n", note});
  return Verdict(context, head, details);
}

int VerifyConsistencyFiles(const Context& context, const VerifyRequest& request) {
  Files files;
  const std::string older = files.Read(request.files[0]);
  const std::string newer = files.Read(request.files[1]);
  const std::string proof = files.Read(request.proof);
  const std::string policy = files.Read(request.policy);
  if (!files.status().ok()) return Report(context, FailureOf(files.status(), Doing::kAsking));
  const absl::StatusOr<SignedHead> head = VerifyConsistency(older, newer, proof, policy);
  std::vector<Detail> details;
  if (!head.ok()) {
    details = {{"older", "较早的检查点 the older checkpoint\n", older},
               {"newer", "较新的检查点 the newer checkpoint\n", newer},
               {"proof", "证明 proof\n", proof}};
  }
  return Verdict(context, head, details);
}

int VerifyExportDir(const Context& context, const VerifyRequest& request) {
  Files files;
  const std::string policy = files.Read(request.policy);
  const std::string note = files.Read(request.files[0] + "/checkpoint");
  if (!files.status().ok()) return Report(context, FailureOf(files.status(), Doing::kAsking));
  const absl::StatusOr<SignedHead> head = VerifyExport(
      [&](std::string_view path) { return ReadFile(StrCat(request.files[0], "/", path)); }, policy);
  std::vector<Detail> details;
  if (!head.ok()) details.push_back({"checkpoint", "检查点 checkpoint\n", note});
  return Verdict(context, head, details);
}

}  // namespace

void AddProofCommands(CLI::App* app, Command* chosen) {
  const auto request = std::make_shared<ProofRequest>();
  const auto add = [&](CLI::App* group, const char* name, const char* what, const char* footer,
                       int (*run)(const Context&, const ProofRequest&)) {
    CLI::App* const command = group->add_subcommand(name, what);
    command->add_option("--ledger", request->ledger,
                        "账本 the ledger; not needed where there is only one");
    command->footer(footer);
    command->callback(
        [=] { *chosen = [=](const Context& context) { return run(context, *request); }; });
    return command;
  };

  const auto sm3_flag = [&](CLI::App* command) {
    command->add_flag("--sm3", request->sm3, "国密 of the ledger's SM3 tree, signed with SM2");
  };

  CLI::App* const tiles =
      add(app->get_subcommand("export"), "tiles",
          "导出可公开核验的账本 the ledger as files that anybody can verify (C2SP tlog-tiles)",
          "例 Example:\n  suyuan --data plant export tiles --ledger plant-1 --out public/",
          ExportTiles);
  tiles->add_option("--out", request->out, "目录 directory")->required();

  CLI::App* const receipt =
      add(app, "receipt",
          "一条记录的凭证 proof that an event is in its ledger, to be verified without us",
          "例 Example:\n  suyuan --data plant receipt d01-rcv-1 --ledger plant-1 --out "
          "d01-rcv-1.tlog-proof",
          WriteReceipt);
  receipt->add_option("EVENT_ID", request->event_id, "事件编号 event id")->required();
  receipt->add_option("--out", request->out, "凭证文件 FILE.tlog-proof")->required();
  sm3_flag(receipt);
  receipt->add_option("--entry", request->entry, "记录文件 the entry; <out>.entry unless told");

  CLI::App* const checkpoint =
      add(app, "checkpoint", "签名的账本状态 a signed head of the ledger",
          "例 Example:\n  suyuan --data plant checkpoint --ledger plant-1 --out today.checkpoint",
          WriteCheckpoint);
  checkpoint->add_option("--out", request->out, "文件 file; standard output unless told");
  sm3_flag(checkpoint);

  CLI::App* const consistency =
      add(app, "consistency", "账本只增不改的证明 proof that a ledger goes on from an older size",
          "例 Example:\n  suyuan --data plant consistency 100 --to 250 --out 100-250.proof",
          WriteConsistency);
  consistency->add_option("FROM", request->from, "较早的记录数 entries then")->required();
  consistency->add_option("--to", request->to, "较新的记录数 entries later; now unless told");
  consistency->add_option("--out", request->out, "文件 file; standard output unless told");
  sm3_flag(consistency);

  CLI::App* const key = app->add_subcommand("key",
                                            "签名密钥 signing keys: list, policy, rotate, "
                                            "retire");
  key->require_subcommand(1);
  add(key, "list", "列出验证公钥 the verifier keys of a ledger",
      "例 Example:\n  suyuan --data plant key list --ledger plant-1",
      [](const Context& context, const ProofRequest& asked) {
        return WithLedger(context, asked.ledger, [&](Engine* engine, const std::string& ledger) {
          return FinishKeys(context, engine->GetLedger(ledger));
        });
      });
  CLI::App* const policy =
      add(key, "policy", "核验方的配置 what a verifier keeps (C2SP tlog-policy)",
          "例 Example:\n  suyuan --data plant key policy --ledger plant-1 --out plant-1.policy",
          WritePolicy);
  policy->add_option("--out", request->out, "文件 file; standard output unless told");
  sm3_flag(policy);
  CLI::App* const rotate = add(
      key, "rotate", "启用新密钥 a new key; the old ones sign on until they are retired",
      "例 Example:\n  suyuan --data plant key rotate --ledger plant-1\n"
      "  suyuan --data plant key rotate --ledger plant-1 --pkcs11 "
      "'pkcs11:token=plant;object=ledger?pin-source=file:/etc/suyuan/pin'",
      [](const Context& context, const ProofRequest& asked) {
        return WithLedger(context, asked.ledger, [&](Engine* engine, const std::string& ledger) {
          return FinishKeys(context, engine->RotateKey(ledger, asked.pkcs11));
        });
      });
  rotate->add_option(
      "--pkcs11", request->pkcs11,
      "密码设备上的 Ed25519 密钥 URI (RFC 7512) of an Ed25519 key on a token; its PIN "
      "in a file of mode 0600 (pin-source)");
  add(key, "retire", "停用旧密钥 all but the newest key sign no more",
      "例 Example:\n  suyuan --data plant key retire --ledger plant-1",
      [](const Context& context, const ProofRequest& asked) {
        return WithLedger(context, asked.ledger, [&](Engine* engine, const std::string& ledger) {
          return FinishKeys(context, engine->RetireKeys(ledger));
        });
      });

  CLI::App* const verify = app->add_subcommand(
      "verify",
      "离线核验 verify without a ledger: receipt, disclosure, checkpoint, consistency, export");
  verify->require_subcommand(1);
  verify->footer("退出码 exit status: 0 proved, 2 not, with the evidence");
  const auto asked = std::make_shared<VerifyRequest>();
  const auto add_verify = [&](const char* name, const char* what, const char* files, int count,
                              const char* footer,
                              int (*run)(const Context&, const VerifyRequest&)) {
    CLI::App* const command = verify->add_subcommand(name, what);
    command->add_option(files, asked->files, "文件 what is to be verified")
        ->required()
        ->expected(count);
    command->add_option("--policy", asked->policy, "信任谁 whom to trust: a tlog-policy file")
        ->required();
    command->footer(footer);
    command->callback(
        [=] { *chosen = [=](const Context& context) { return run(context, *asked); }; });
    return command;
  };
  add_verify("receipt", "凭证 that an entry is in a ledger", "PROOF", 1,
             "例 Example:\n  suyuan verify receipt d01-rcv-1.tlog-proof --policy plant-1.policy",
             VerifyReceiptFile)
      ->add_option("--entry", asked->entry, "记录文件 the entry; <PROOF>.entry unless told");
  CLI::App* const disclosure = add_verify(
      "disclosure", "个人信息 that a personal value is what a ledger recorded", "DISCLOSURE", 1,
      "例 Example:\n  suyuan verify disclosure contact.json --receipt d01-rcv-1.tlog-proof "
      "--policy plant-1.policy",
      VerifyDisclosureFile);
  disclosure->add_option("--receipt", asked->proof, "凭证 what suyuan receipt wrote")->required();
  disclosure->add_option("--entry", asked->entry,
                         "记录文件 the entry; <RECEIPT>.entry unless told");
  add_verify("checkpoint", "检查点 that a head is signed", "CHECKPOINT", 1,
             "例 Example:\n  suyuan verify checkpoint today.checkpoint --policy plant-1.policy",
             VerifyCheckpointFile);
  add_verify("consistency",
             "只增不改 that a later head goes on from an earlier one: the older, then the newer",
             "CHECKPOINTS", 2,
             "例 Example:\n  suyuan verify consistency monday.checkpoint friday.checkpoint --proof "
             "100-250.proof --policy plant-1.policy",
             VerifyConsistencyFiles)
      ->add_option("--proof", asked->proof, "证明 what suyuan consistency wrote")
      ->required();
  add_verify("export", "导出的账本 a whole ledger as export tiles writes it", "DIR", 1,
             "例 Example:\n  suyuan verify export public/ --policy plant-1.policy",
             VerifyExportDir);
}

}  // namespace suyuan::cli

#include "api/http/cosigner.h"

#include <charconv>
#include <optional>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"

namespace suyuan::http {
namespace {

constexpr std::chrono::seconds kPatience(10);
constexpr size_t kMaxAnswerBytes = 64 << 10;

std::optional<uint64_t> SizeIn(std::string_view body) {
  uint64_t size = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), size);
  if (error != std::errc() || body.substr(static_cast<size_t>(end - body.data())) != "\n") {
    return std::nullopt;
  }
  return size;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cosigner>> Cosigner::Start(Engine* engine,
                                                          const merkle::Policy& policy,
                                                          std::chrono::milliseconds every,
                                                          Log log) {
  std::unique_ptr<Cosigner> cosigner(new Cosigner(engine, every, std::move(log)));
  for (size_t i = 0; i < policy.witnesses().size(); ++i) {
    Witness witness;
    witness.key = policy.witnesses()[i];
    if (policy.witness_urls()[i].empty()) {
      return InvalidArgument("witness ", witness.key.name(), ": its address is missing");
    }
    SUYUAN_ASSIGN_OR_RETURN(witness.client,
                            Client::Make(policy.witness_urls()[i], kPatience, kMaxAnswerBytes));
    cosigner->witnesses_.push_back(std::move(witness));
  }
  if (cosigner->witnesses_.empty()) return InvalidArgument("the policy names no witness");
  Cosigner* const raw = cosigner.get();
  cosigner->thread_ = std::thread([raw] { raw->Loop(); });
  return cosigner;
}

Cosigner::~Cosigner() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    cv_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Cosigner::Loop() {
  for (;;) {
    if (const auto ledgers = engine_->ListLedgers(); ledgers.ok()) {
      for (const LedgerInfo& info : *ledgers) {
        {
          MutexLock lock(&mu_);
          if (stopping_) return;
        }
        if (!info.verifier_keys.empty()) Ask(info.name);
      }
    }
    MutexLock lock(&mu_);
    if (!stopping_) cv_.WaitFor(&mu_, every_);
    if (stopping_) return;
  }
}

void Cosigner::Ask(const std::string& ledger) {
  const absl::StatusOr<std::string> note = engine_->Checkpoint(ledger);
  if (!note.ok() || done_[ledger] == *note) return;
  const absl::StatusOr<merkle::Note> parsed = merkle::ParseNote(*note);
  if (!parsed.ok()) return;
  const absl::StatusOr<merkle::Checkpoint> checkpoint = merkle::ParseCheckpoint(parsed->text);
  if (!checkpoint.ok()) return;
  std::string cosigned = *note;
  bool all = true;
  for (Witness& witness : witnesses_) {
    const absl::StatusOr<std::string> line = AskOne(&witness, ledger, *note, checkpoint->size);
    std::string& told = witness.told[ledger];
    if (line.ok()) {
      cosigned += *line;
      told.clear();
      continue;
    }
    all = false;
    std::string message = StrCat("见证 witness ", witness.key.name(), ", 账本 ledger ", ledger,
                                 ": ", ToStd(line.status().message()));
    if (message == told) continue;
    if (log_) log_(message);
    told = std::move(message);
  }
  if (cosigned == *note) return;
  const absl::Status taken = engine_->AddCosignatures(ledger, cosigned);
  if (taken.ok() && all) done_[ledger] = *note;
}

absl::StatusOr<std::string> Cosigner::AskOne(Witness* witness, const std::string& ledger,
                                             const std::string& note, uint64_t size) {
  uint64_t& known = witness->known[ledger];
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (known > size) {
      return DataLoss("it saw ", known, " entries of this ledger, which has ", size,
                      ": an older copy of the ledger is in use");
    }
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> proof,
                            engine_->ProveConsistency(ledger, known, size));
    std::string body = StrCat("old ", known, "\n");
    for (const std::string& hash : proof) body += ToBase64(hash) + "\n";
    body += "\n" + note;
    SUYUAN_ASSIGN_OR_RETURN(const Response answer, witness->client->Post("/add-checkpoint", body));
    if (answer.status == 200) {
      const absl::StatusOr<merkle::Note> signed_note = merkle::ParseNote(note + answer.body);
      if (!signed_note.ok()) return DataLoss("it answered no signature");
      const auto by = merkle::VerifyNote(*signed_note, {witness->key});
      if (!by.ok() || by->empty()) return DataLoss("it answered a signature that is not its own");
      known = size;
      return answer.body;
    }
    const std::optional<uint64_t> told = SizeIn(answer.body);
    if (answer.status != 409 || !told.has_value() || *told == known) {
      return absl::UnavailableError(
          StrCat("it answered ", answer.status, ": ", answer.body.substr(0, 200)));
    }
    known = *told;
  }
  return absl::UnavailableError("it names another size each time");
}

}  // namespace suyuan::http

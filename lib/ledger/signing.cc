// What a ledger signs and proves, of what was published.

#include <chrono>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/ledger/ledgers.h"
#include "lib/ledger/seal.h"
#include "lib/ledger/tiles.h"
#include "lib/ledger/time_stamp.h"
#include "lib/merkle/proof.h"

namespace suyuan::ledger {
namespace {

constexpr std::chrono::seconds kSignEvery(1);

}  // namespace

absl::StatusOr<Ledgers::Ledger*> Ledgers::LedgerOf(uint32_t number) const {
  MutexLock lock(&mu_);
  for (const auto& [name, ledger] : ledgers_) {
    if (ledger->number == number) return ledger.get();
  }
  return NotFound("no ledger ", number);
}

absl::StatusOr<uint64_t> Ledgers::Find(uint32_t ledger, std::string_view event_id) {
  const auto submission = std::make_shared<Submission>();
  submission->find = std::string(event_id);
  if (event_id.empty()) return NotFound("no event without an id");
  SUYUAN_RETURN_IF_ERROR(Run(ledger, submission));
  if (!submission->found.has_value()) return NotFound("no event ", event_id);
  return *submission->found;
}

absl::StatusOr<std::string> Ledgers::Sign(Ledger* ledger) {
  MutexLock sign_lock(&ledger->sign_mu);
  merkle::Checkpoint checkpoint;
  checkpoint.origin = ledger->genesis.origin();
  {
    MutexLock lock(&mu_);
    if (ledger->signed_size == ledger->size) return ledger->note;
    checkpoint.size = ledger->size;
    checkpoint.root = ledger->root;
  }
  if (ledger->sealed) return SealedError(ledger->name);
  const std::vector<merkle::Signer*> signers = ledger->keys->signers();
  if (signers.empty()) {
    return absl::FailedPreconditionError(StrCat(
        "ledger ", ledger->name, " has no signing key: ", KeyPath(ledger->name), " is missing"));
  }
  SUYUAN_ASSIGN_OR_RETURN(std::string note,
                          merkle::SignNote(merkle::FormatCheckpoint(checkpoint), signers));
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(NotePath(ledger->name), note));
  MutexLock lock(&mu_);
  ledger->note = note;
  ledger->signed_size = checkpoint.size;
  return note;
}

void Ledgers::SignAll() {
  std::vector<Ledger*> all;
  {
    MutexLock lock(&mu_);
    for (auto& [name, ledger] : ledgers_) {
      if (ledger->signed_size != ledger->size) all.push_back(ledger.get());
    }
  }
  // Who asks for a checkpoint is told what is wrong; appending goes on without.
  for (Ledger* ledger : all) Sign(ledger).status().IgnoreError();
}

void Ledgers::SignerLoop() {
  for (;;) {
    SignAll();
    MutexLock lock(&mu_);
    if (!stopping_) signer_cv_.WaitFor(&mu_, kSignEvery);
    if (stopping_) return;
  }
}

absl::StatusOr<std::string> Ledgers::Checkpoint(uint32_t ledger) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  return Sign(found);
}

std::string Ledgers::NewestCheckpoint(uint32_t ledger) const {
  const absl::StatusOr<Ledger*> found = LedgerOf(ledger);
  if (!found.ok()) return "";
  MutexLock lock(&mu_);
  return (*found)->note;
}

absl::Status Ledgers::TakeCosigned(uint32_t ledger, std::string_view bytes) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(bytes));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  std::vector<merkle::VerifierKey> known;
  {
    MutexLock lock(&found->sign_mu);
    for (const merkle::Signer* signer : found->keys->signers()) known.push_back(signer->key());
  }
  const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(note, known);
  if (!by.ok() || by->empty()) {
    return InvalidArgument("checkpoint: not signed by ledger ", found->name);
  }
  MutexLock lock(&mu_);
  if (checkpoint.origin != found->genesis.origin() || checkpoint.size > found->signed_size) {
    return InvalidArgument("checkpoint: not of ledger ", found->name);
  }
  if (checkpoint.size < found->cosigned_size) return absl::OkStatus();
  found->cosigned = bytes;
  found->cosigned_size = checkpoint.size;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Ledgers::PublishedCheckpoint(uint32_t ledger) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  {
    MutexLock lock(&mu_);
    if (found->cosigned_size > 0) return found->cosigned;
  }
  return Sign(found);
}

absl::StatusOr<std::string> Ledgers::Tile(uint32_t ledger, const merkle::Tile& tile) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  merkle::TileEdge edge;
  {
    MutexLock lock(&mu_);
    edge = found->edge;
  }
  return ReadTile(*options_.store, ledger, edge, tile);
}

absl::StatusOr<merkle::ProofFile> Ledgers::Prove(uint32_t ledger, uint64_t sequence) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  merkle::ProofFile proof;
  uint64_t size = 0;
  merkle::TileEdge edge;
  for (bool again = false;; again = true) {
    {
      MutexLock lock(&mu_);
      const bool cosigned = sequence < found->cosigned_size;
      size = cosigned ? found->cosigned_size : found->signed_size;
      proof.checkpoint = cosigned ? found->cosigned : found->note;
      edge = found->edge;
    }
    if (sequence < size) break;
    if (again) {
      return absl::OutOfRangeError(
          StrCat("no entry ", sequence, " in a ledger of ", size, " entries"));
    }
    SUYUAN_RETURN_IF_ERROR(Sign(found).status());
  }
  proof.index = sequence;
  merkle::TileReader reader(size, [&](const merkle::Tile& tile) {
    return ReadTile(*options_.store, ledger, edge, tile);
  });
  SUYUAN_ASSIGN_OR_RETURN(proof.path,
                          merkle::InclusionProof(sequence, size, [&](int level, uint64_t index) {
                            return reader.Subtree(level, index);
                          }));
  return proof;
}

absl::StatusOr<std::vector<Hash>> Ledgers::ProveConsistency(uint32_t ledger, uint64_t from,
                                                            uint64_t to) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  merkle::TileEdge edge;
  {
    MutexLock lock(&mu_);
    edge = found->edge;
  }
  if (to > edge.size()) {
    return absl::OutOfRangeError(StrCat("no size ", to, " of a ledger of ", edge.size()));
  }
  merkle::TileReader reader(
      to, [&](const merkle::Tile& tile) { return ReadTile(*options_.store, ledger, edge, tile); });
  return merkle::ConsistencyProof(
      from, to, [&](int level, uint64_t index) { return reader.Subtree(level, index); });
}

absl::StatusOr<std::vector<std::string>> Ledgers::Keys(uint32_t ledger) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  MutexLock lock(&found->sign_mu);
  std::vector<std::string> keys;
  for (const merkle::Signer* signer : found->keys->signers()) {
    keys.push_back(signer->key().ToString());
  }
  return keys;
}

absl::Status Ledgers::AddKey(uint32_t ledger) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  if (found->sealed) return SealedError(found->name);
  v1::Event event;
  {
    MutexLock lock(&found->sign_mu);
    SUYUAN_RETURN_IF_ERROR(found->keys->Add());
    const merkle::VerifierKey& key = found->keys->newest();
    event.set_id(
        StrCat(kReservedIdPrefix, "key:", ToHex(Sha256({key.ToString()}).view().substr(0, 8))));
    event.mutable_signing_key()->set_verifier_key(key.ToString());
  }
  SUYUAN_ASSIGN_OR_RETURN(NewEvent prepared, Prepare(event));
  std::vector<NewEvent> events;
  events.push_back(std::move(prepared));
  SUYUAN_RETURN_IF_ERROR(Append(ledger, std::move(events)).status());
  return Sign(found).status();
}

absl::StatusOr<Receipt> Ledgers::AddTimeStamp(uint32_t ledger, const v1::TimeStamp& stamp) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(stamp.checkpoint()));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  std::vector<merkle::VerifierKey> known;
  {
    MutexLock lock(&found->sign_mu);
    for (const merkle::Signer* signer : found->keys->signers()) known.push_back(signer->key());
  }
  const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(note, known);
  merkle::TileEdge edge;
  {
    MutexLock lock(&mu_);
    edge = found->edge;
  }
  if (!by.ok() || by->empty() || checkpoint.origin != found->genesis.origin() ||
      checkpoint.size > edge.size()) {
    return InvalidArgument("checkpoint: not of ledger ", found->name);
  }
  SUYUAN_ASSIGN_OR_RETURN(const Hash root, RootAt(*options_.store, ledger, edge, checkpoint.size));
  if (root != checkpoint.root) return InvalidArgument("checkpoint: not of ledger ", found->name);
  if (!stamp.sm3_checkpoint().empty()) {
    return InvalidArgument("sm3_checkpoint: ledger ", found->name, " has no SM3 tree");
  }
  SUYUAN_RETURN_IF_ERROR(
      ReadToken(stamp.token(), {stamp.checkpoint(), stamp.sm3_checkpoint()}).status());
  v1::Event event;
  event.set_id(
      StrCat(kReservedIdPrefix, "time-stamp:", ToHex(Sha256({stamp.token()}).view().substr(0, 8))));
  *event.mutable_time_stamp() = stamp;
  SUYUAN_ASSIGN_OR_RETURN(NewEvent prepared, Prepare(event));
  std::vector<NewEvent> events;
  events.push_back(std::move(prepared));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Receipt> receipts, Append(ledger, std::move(events)));
  return receipts.front();
}

absl::Status Ledgers::RetireKeys(uint32_t ledger) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  // What names the new key is signed by the old ones.
  SUYUAN_RETURN_IF_ERROR(Sign(found).status());
  MutexLock lock(&found->sign_mu);
  if (found->keys->signers().size() < 2) {
    return absl::FailedPreconditionError(
        StrCat("ledger ", found->name, " has no older key to retire"));
  }
  return found->keys->Retire();
}

}  // namespace suyuan::ledger

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

std::string KeyEventId(const merkle::VerifierKey& key) {
  return StrCat(kReservedIdPrefix, "key:", ToHex(Sha256({key.ToString()}).view().substr(0, 8)));
}

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

absl::StatusOr<Ledgers::Tree*> Ledgers::TreeOf(const Ledger& ledger, HashKind hash) {
  if (hash == HashKind::kSha256) return ledger.tree.get();
  if (ledger.sm3 != nullptr) return ledger.sm3.get();
  return NotFound("ledger ", ledger.name, " has no SM3 tree: it was created without one");
}

absl::StatusOr<std::string> Ledgers::Sign(const Ledger& ledger, Tree* tree) {
  MutexLock sign_lock(&tree->sign_mu);
  merkle::Checkpoint checkpoint;
  checkpoint.origin = tree->origin;
  {
    MutexLock lock(&mu_);
    if (options_.mirrors && tree->note.empty()) {
      return FailedPrecondition("ledger ", ledger.name,
                                " is a mirror, of which no checkpoint was accepted so far");
    }
    if (options_.mirrors) return tree->note;
    if (tree->signed_size == tree->edge->size()) return tree->note;
    checkpoint.size = tree->edge->size();
    checkpoint.root = tree->root;
  }
  if (ledger.sealed) return SealedError(ledger.name);
  const std::vector<merkle::Signer*> signers = tree->keys->signers();
  if (signers.empty()) {
    return FailedPrecondition("ledger ", ledger.name,
                              " has no signing key: ", KeyPath(ledger.name, tree->hash),
                              " is missing");
  }
  const absl::StatusOr<std::string> signed_note =
      merkle::SignNote(merkle::FormatCheckpoint(checkpoint), signers);
  if (absl::IsFailedPrecondition(signed_note.status())) {
    return FailedPrecondition("ledger ", ledger.name,
                              " has no signing key: ", signed_note.status().message());
  }
  SUYUAN_RETURN_IF_ERROR(signed_note.status());
  const std::string& note = *signed_note;
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(NotePath(ledger.name, tree->hash), note));
  MutexLock lock(&mu_);
  tree->note = note;
  tree->signed_size = checkpoint.size;
  return note;
}

void Ledgers::SignAll() {
  if (options_.mirrors) return;
  std::vector<std::pair<Ledger*, Tree*>> all;
  {
    MutexLock lock(&mu_);
    for (auto& [name, ledger] : ledgers_) {
      for (Tree* const tree : {ledger->tree.get(), ledger->sm3.get()}) {
        if (tree != nullptr && tree->signed_size != tree->edge->size()) {
          all.emplace_back(ledger.get(), tree);
        }
      }
    }
  }
  // Who asks for a checkpoint is told what is wrong; appending goes on without.
  for (const auto& [ledger, tree] : all) Sign(*ledger, tree).status().IgnoreError();
}

void Ledgers::SignerLoop() {
  for (;;) {
    SignAll();
    MutexLock lock(&mu_);
    if (!stopping_) signer_cv_.WaitFor(&mu_, kSignEvery);
    if (stopping_) return;
  }
}

absl::StatusOr<std::string> Ledgers::Checkpoint(uint32_t ledger, HashKind hash) {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(Tree* const tree, TreeOf(*found, hash));
  return Sign(*found, tree);
}

std::string Ledgers::NewestCheckpoint(uint32_t ledger) const {
  const absl::StatusOr<Ledger*> found = LedgerOf(ledger);
  if (!found.ok()) return "";
  MutexLock lock(&mu_);
  return (*found)->tree->note;
}

absl::Status Ledgers::TakeCosigned(uint32_t ledger, std::string_view bytes) {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(bytes));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  Tree* const tree = found->tree.get();
  std::vector<merkle::VerifierKey> known;
  {
    MutexLock lock(&tree->sign_mu);
    for (const merkle::Signer* signer : tree->keys->signers()) known.push_back(signer->key());
  }
  const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(note, known);
  if (!by.ok() || by->empty()) {
    return InvalidArgument("checkpoint: not signed by ledger ", found->name);
  }
  MutexLock lock(&mu_);
  if (checkpoint.origin != tree->origin || checkpoint.size > tree->signed_size) {
    return InvalidArgument("checkpoint: not of ledger ", found->name);
  }
  if (checkpoint.size < tree->cosigned_size) return absl::OkStatus();
  tree->cosigned = bytes;
  tree->cosigned_size = checkpoint.size;
  return absl::OkStatus();
}

absl::StatusOr<std::string> Ledgers::PublishedCheckpoint(uint32_t ledger, HashKind hash) {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(Tree* const tree, TreeOf(*found, hash));
  {
    MutexLock lock(&mu_);
    if (tree->cosigned_size > 0) return tree->cosigned;
  }
  return Sign(*found, tree);
}

absl::StatusOr<std::string> Ledgers::Tile(uint32_t ledger, const merkle::Tile& tile,
                                          HashKind hash) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const Tree* const tree, TreeOf(*found, hash));
  std::shared_ptr<const merkle::TileEdge> edge;
  {
    MutexLock lock(&mu_);
    edge = tree->edge;
  }
  return ReadTile(*options_.store, ledger, *edge, tile);
}

absl::StatusOr<merkle::ProofFile> Ledgers::Prove(uint32_t ledger, uint64_t sequence,
                                                 HashKind hash) {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(Tree* const tree, TreeOf(*found, hash));
  merkle::ProofFile proof;
  uint64_t size = 0;
  std::shared_ptr<const merkle::TileEdge> edge;
  for (bool again = false;; again = true) {
    {
      MutexLock lock(&mu_);
      const bool cosigned = sequence < tree->cosigned_size;
      size = cosigned ? tree->cosigned_size : tree->signed_size;
      proof.checkpoint = cosigned ? tree->cosigned : tree->note;
      edge = tree->edge;
    }
    if (sequence < size) break;
    if (again) {
      return absl::OutOfRangeError(
          StrCat("no entry ", sequence, " in a ledger of ", size, " entries"));
    }
    SUYUAN_RETURN_IF_ERROR(Sign(*found, tree).status());
  }
  proof.index = sequence;
  const TreeReader read(*options_.store, ledger, *edge, &tiles_);
  SUYUAN_ASSIGN_OR_RETURN(proof.path, merkle::InclusionProof(sequence, size, read, hash));
  return proof;
}

absl::StatusOr<std::vector<Hash>> Ledgers::ProveConsistency(uint32_t ledger, uint64_t from,
                                                            uint64_t to, HashKind hash) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const Tree* const tree, TreeOf(*found, hash));
  std::shared_ptr<const merkle::TileEdge> edge;
  {
    MutexLock lock(&mu_);
    edge = tree->edge;
  }
  if (to > edge->size()) {
    return absl::OutOfRangeError(StrCat("no size ", to, " of a ledger of ", edge->size()));
  }
  const TreeReader read(*options_.store, ledger, *edge, &tiles_);
  return merkle::ConsistencyProof(from, to, read, hash);
}

absl::StatusOr<std::vector<std::string>> Ledgers::Keys(uint32_t ledger, HashKind hash) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const Tree* const tree, TreeOf(*found, hash));
  MutexLock lock(&tree->sign_mu);
  std::vector<std::string> keys;
  for (const merkle::Signer* signer : tree->keys->signers()) {
    keys.push_back(signer->key().ToString());
  }
  return keys;
}

absl::Status Ledgers::AddKey(uint32_t ledger, std::string_view pkcs11) {
  if (options_.mirrors) return NotWrittenHere(ledger);
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  if (found->sealed) return SealedError(found->name);
  std::unique_ptr<merkle::Pkcs11Signer> token;
  if (!pkcs11.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(token, merkle::Pkcs11Signer::Find(found->tree->origin, pkcs11));
    // A key that was retired does not come back: its entry is there already.
    const absl::Status there = Find(ledger, KeyEventId(token->key())).status();
    if (there.ok()) {
      return absl::AlreadyExistsError(StrCat("ledger ", found->name,
                                             ": the key on the token is or was one of its keys: ",
                                             token->key().ToString(), "; expected a new one"));
    }
    if (!absl::IsNotFound(there)) return there;
  }
  std::vector<NewEvent> events;
  for (Tree* const tree : {found->tree.get(), found->sm3.get()}) {
    if (tree == nullptr) continue;
    v1::Event event;
    {
      MutexLock lock(&tree->sign_mu);
      const bool on_token = token != nullptr && tree == found->tree.get();
      SUYUAN_RETURN_IF_ERROR(on_token ? tree->keys->Add(*token) : tree->keys->Add());
      const merkle::VerifierKey& key = tree->keys->newest();
      event.set_id(KeyEventId(key));
      event.mutable_signing_key()->set_verifier_key(key.ToString());
    }
    SUYUAN_ASSIGN_OR_RETURN(NewEvent prepared, Prepare(event));
    events.push_back(std::move(prepared));
  }
  SUYUAN_RETURN_IF_ERROR(Append(ledger, std::move(events)).status());
  absl::Status status = Sign(*found, found->tree.get()).status();
  if (found->sm3 != nullptr) status.Update(Sign(*found, found->sm3.get()).status());
  return status;
}

absl::Status Ledgers::CheckSignedHere(const Ledger& ledger, Tree* tree,
                                      std::string_view text) const {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(text));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  std::vector<merkle::VerifierKey> known;
  {
    MutexLock lock(&tree->sign_mu);
    for (const merkle::Signer* signer : tree->keys->signers()) known.push_back(signer->key());
  }
  const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(note, known);
  std::shared_ptr<const merkle::TileEdge> edge;
  {
    MutexLock lock(&mu_);
    edge = tree->edge;
  }
  const absl::Status other = InvalidArgument("checkpoint: not of ledger ", ledger.name);
  if (!by.ok() || by->empty() || checkpoint.origin != tree->origin ||
      checkpoint.size > edge->size()) {
    return other;
  }
  SUYUAN_ASSIGN_OR_RETURN(const Hash root,
                          RootAt(*options_.store, ledger.number, *edge, checkpoint.size, &tiles_));
  return root == checkpoint.root ? absl::OkStatus() : other;
}

absl::StatusOr<Receipt> Ledgers::AddTimeStamp(uint32_t ledger, const v1::TimeStamp& stamp) {
  if (options_.mirrors) return NotWrittenHere(ledger);
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  SUYUAN_RETURN_IF_ERROR(CheckSignedHere(*found, found->tree.get(), stamp.checkpoint()));
  if (!stamp.sm3_checkpoint().empty()) {
    SUYUAN_ASSIGN_OR_RETURN(Tree* const sm3, TreeOf(*found, HashKind::kSm3));
    SUYUAN_RETURN_IF_ERROR(CheckSignedHere(*found, sm3, stamp.sm3_checkpoint()));
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
  if (options_.mirrors) return NotWrittenHere(ledger);
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  bool retired = false;
  for (Tree* const tree : {found->tree.get(), found->sm3.get()}) {
    if (tree == nullptr) continue;
    // What names the new key is signed by the old ones.
    SUYUAN_RETURN_IF_ERROR(Sign(*found, tree).status());
    MutexLock lock(&tree->sign_mu);
    if (tree->keys->signers().size() < 2) continue;
    SUYUAN_RETURN_IF_ERROR(tree->keys->Retire());
    retired = true;
  }
  if (retired) return absl::OkStatus();
  return FailedPrecondition("ledger ", found->name, " has no older key to retire");
}

}  // namespace suyuan::ledger

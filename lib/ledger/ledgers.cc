#include "lib/ledger/ledgers.h"

#include <openssl/rand.h>

#include <algorithm>
#include <chrono>

#include "absl/container/flat_hash_map.h"
#include "lib/base/bytes.h"
#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/events/validator.h"
#include "lib/ledger/seal.h"
#include "lib/ledger/tiles.h"
#include "suyuan/storage/v1/record.pb.h"

namespace suyuan::ledger {
namespace {

constexpr std::string_view kMarkSuffix = ".mark";
constexpr std::string_view kNoteSuffix = ".checkpoint";
constexpr std::string_view kSm3NoteSuffix = ".sm3.checkpoint";
constexpr std::string_view kSm3OriginSuffix = "/sm3";
// A commit takes what is queued, but no more than this, so that one is made ready
// while another is written.
constexpr size_t kGroupEvents = 1'024;
constexpr size_t kReplayEvents = 4'096;
constexpr size_t kGroupBytes = 4 << 20;
// Sealed groups that may wait for the committer.
constexpr size_t kSealedGroups = 3;
constexpr int64_t kMarkSyncMicros = 1'000'000;

// The event that `event` takes the place of or withdraws; empty for most.
const std::string& CorrectedId(const v1::Event& event) {
  return event.has_correction() ? event.correction().event_id()
                                : event.correct().withdrawn_event_id();
}

// The tree with more leaves; the tiles that they fill go into `batch`.
std::shared_ptr<const merkle::TileEdge> Grown(uint32_t ledger, const merkle::TileEdge& before,
                                              const std::vector<Hash>& leaves,
                                              store::WriteBatch* batch) {
  auto edge = std::make_shared<merkle::TileEdge>(before);
  const auto put = [&](const merkle::Tile& tile, std::string_view bytes) {
    batch->Put(TileKey(ledger, tile.level, tile.index, edge->kind()), std::string(bytes));
    return absl::OkStatus();
  };
  for (const Hash& leaf : leaves) edge->Append(leaf, put).IgnoreError();
  return edge;
}

}  // namespace

absl::Status Ledgers::NotWrittenHere(uint32_t ledger) const {
  const std::optional<State> state = Get(ledger);
  return FailedPrecondition("ledger ", state.has_value() ? state->name : std::to_string(ledger),
                            " is a mirror: it is written where it comes from");
}

std::string Ledgers::MarkPath(std::string_view name) const {
  return StrCat(options_.marks_dir, "/", name, kMarkSuffix);
}

std::string Ledgers::NotePath(std::string_view name, HashKind hash) const {
  return StrCat(options_.marks_dir, "/", name,
                hash == HashKind::kSm3 ? kSm3NoteSuffix : kNoteSuffix);
}

std::string Ledgers::KeyPath(std::string_view name, HashKind hash) const {
  return StrCat(options_.keys_dir, "/", name, hash == HashKind::kSm3 ? ".sm2.key" : ".key");
}

// ---------------------------------------------------------------- opening

absl::StatusOr<std::unique_ptr<Ledgers>> Ledgers::Open(Options options) {
  std::unique_ptr<Ledgers> ledgers(new Ledgers(std::move(options)));
  SUYUAN_RETURN_IF_ERROR(MakeDirs(ledgers->options_.marks_dir));
  if (!ledgers->options_.mirrors) SUYUAN_RETURN_IF_ERROR(MakeDirs(ledgers->options_.keys_dir));
  SUYUAN_RETURN_IF_ERROR(ledgers->Recover());
  Ledgers* const raw = ledgers.get();
  ledgers->sequencer_ = std::thread([raw] { raw->SequencerLoop(); });
  ledgers->committer_ = std::thread([raw] { raw->CommitterLoop(); });
  if (raw->options_.mirrors) return ledgers;
  // A ledger of a version that did not sign.
  for (const State& state : ledgers->List()) {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> keys, ledgers->Keys(state.number));
    if (!keys.empty() || !state.genesis.verifier_key().empty() ||
        !ledgers->NewestCheckpoint(state.number).empty() || ledgers->IsSealed(state.number)) {
      continue;
    }
    SUYUAN_RETURN_IF_ERROR(ledgers->AddKey(state.number));
  }
  ledgers->signer_ = std::thread([raw] { raw->SignerLoop(); });
  return ledgers;
}

absl::Status Ledgers::Recover() {
  std::vector<std::pair<uint32_t, std::string>> infos;
  {
    const std::unique_ptr<store::Iterator> it = options_.store->NewIterator();
    for (it->Seek(kInfoPrefix); it->Valid(); it->Next()) {
      const std::optional<uint32_t> number = LedgerOfInfoKey(it->key());
      if (!number.has_value()) break;
      storage::v1::LedgerInfo info;
      const std::string_view value = it->value();
      if (!info.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
          info.format() != 1 || info.number() != *number || info.SerializeAsString() != value) {
        return DataLoss("ledger ", *number, ": its row is damaged");
      }
      infos.emplace_back(*number, info.name());
    }
    SUYUAN_RETURN_IF_ERROR(it->status());
  }
  for (const auto& [number, name] : infos) {
    if (const absl::Status status = RecoverLedger(number, name); !status.ok()) {
      return absl::Status(status.code(), StrCat("ledger ", name, ": ", status.message()));
    }
  }
  // A mark without its ledger: the ledger was about to be made, or is lost.
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListDir(options_.marks_dir));
  MutexLock lock(&mu_);
  for (const std::string& file : files) {
    if (!file.ends_with(kMarkSuffix)) continue;
    const std::string name = file.substr(0, file.size() - kMarkSuffix.size());
    if (ledgers_.contains(name)) continue;
    SUYUAN_ASSIGN_OR_RETURN(const MarkFile::Contents contents, MarkFile::Read(MarkPath(name)));
    if (contents.mark.size > 0) {
      return DataLoss("ledger ", name, ": expected ", contents.mark.size,
                      " entries by its mark, found none in the database");
    }
    SUYUAN_RETURN_IF_ERROR(RemoveFile(KeyPath(name)));
    SUYUAN_RETURN_IF_ERROR(RemoveFile(KeyPath(name, HashKind::kSm3)));
    SUYUAN_RETURN_IF_ERROR(RemoveFile(MarkPath(name)));
  }
  // It is signed after its first entry is durable.
  for (const std::string& file : files) {
    if (!file.ends_with(kNoteSuffix)) continue;
    // The longer suffix first; no name has a dot.
    const size_t suffix =
        file.ends_with(kSm3NoteSuffix) ? kSm3NoteSuffix.size() : kNoteSuffix.size();
    const std::string name = file.substr(0, file.size() - suffix);
    if (ledgers_.contains(name)) continue;
    return DataLoss("ledger ", name,
                    ": expected entries by its checkpoint, found none in the database");
  }
  return absl::OkStatus();
}

absl::Status Ledgers::RecoverLedger(uint32_t number, const std::string& name) {
  auto ledger = std::make_unique<Ledger>();
  ledger->number = number;
  ledger->name = name;
  ledger->clock_offset = options_.clock->WallMicros() - options_.clock->SteadyMicros();
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> head_bytes,
                          options_.store->Get(HeadKey(number)));
  if (!head_bytes.has_value()) return DataLoss("no head");
  SUYUAN_ASSIGN_OR_RETURN(ledger->head, ParseHead(*head_bytes));
  const uint64_t size = ledger->head.frontier.size();
  if (size == 0) return DataLoss("its head counts no entries");

  absl::Status inner;
  SUYUAN_RETURN_IF_ERROR(
      ReadRecords(*options_.store, number, 0, 1, [&](const StoredRecord& stored) {
        v1::Event event;
        ledger->origin = stored.record.previous;
        if (!event.ParseFromArray(stored.record.event.data(),
                                  static_cast<int>(stored.record.event.size())) ||
            !event.has_genesis()) {
          inner = DataLoss("entry 0 is no genesis");
        }
        ledger->genesis = event.genesis();
        return false;
      }));
  SUYUAN_RETURN_IF_ERROR(inner);
  if (!options_.mirrors) {
    SUYUAN_ASSIGN_OR_RETURN(
        ledger->conduct, events::Conduct::For(ledger->genesis.profile(), ledger->genesis.owner()));
  }
  SUYUAN_RETURN_IF_ERROR(
      ReadRecords(*options_.store, number, size - 1, size, [&](const StoredRecord& stored) {
        const Hash leaf = merkle::LeafHash(stored.bytes);
        if (leaf != ledger->head.last_leaf) {
          inner = DataLoss("entry ", size - 1, ": leaf hash is ", leaf.hex(), ", expected ",
                           ledger->head.last_leaf.hex(), " by the head");
        } else if (stored.tree_size != size || stored.root != ledger->head.frontier.Root()) {
          inner = DataLoss("entry ", size - 1, ": its commit ends at size ", stored.tree_size,
                           ", the head says ", size);
        }
        return false;
      }));
  SUYUAN_RETURN_IF_ERROR(inner);
  const std::unique_ptr<store::Iterator> it = options_.store->NewIterator();
  it->Seek(EntryKey(number, size));
  if (it->Valid() && SequenceOfEntryKey(number, it->key()).has_value()) {
    return DataLoss("entries behind its head of size ", size);
  }

  absl::StatusOr<MarkFile::Contents> mark = MarkFile::Read(MarkPath(name));
  if (absl::IsNotFound(mark.status())) {
    return DataLoss("its mark is missing: ", MarkPath(name));
  }
  SUYUAN_RETURN_IF_ERROR(mark.status());
  SUYUAN_RETURN_IF_ERROR(CompareWithMark(*ledger, mark->mark));
  SUYUAN_ASSIGN_OR_RETURN(ledger->mark, MarkFile::Open(MarkPath(name), mark->generation));
  if (mark->mark.size != size) {
    SUYUAN_RETURN_IF_ERROR(ledger->mark->Write(
        {size, ledger->head.frontier.Root(), ledger->head.last_leaf, ledger->origin}));
    SUYUAN_RETURN_IF_ERROR(ledger->mark->Sync());
  }

  SUYUAN_RETURN_IF_ERROR(RecoverTree(ledger.get()));
  SUYUAN_RETURN_IF_ERROR(RecoverSignature(*ledger, ledger->tree.get()));
  // Of a mirror only the public tree is kept.
  if (!options_.mirrors && !ledger->genesis.sm3_verifier_key().empty()) {
    SUYUAN_RETURN_IF_ERROR(RecoverSm3(ledger.get()));
    SUYUAN_RETURN_IF_ERROR(RecoverSignature(*ledger, ledger->sm3.get()));
  }
  SUYUAN_ASSIGN_OR_RETURN(ledger->sealed, HasSeal(options_.marks_dir, name));

  ledger->ids = std::make_unique<IdIndex>(number, options_.index_dir);
  const auto leaf_at = [&](uint64_t sequence) -> std::optional<Hash> {
    if (sequence >= size) return std::nullopt;
    const absl::StatusOr<Hash> leaf = ReadLeaf(*options_.store, number, sequence);
    if (!leaf.ok()) return std::nullopt;
    return *leaf;
  };
  SUYUAN_RETURN_IF_ERROR(ledger->ids->Load(leaf_at));
  SUYUAN_RETURN_IF_ERROR(options_.index->Load(number, leaf_at));
  SUYUAN_RETURN_IF_ERROR(ReplayIndexes(ledger.get()));
  ledger->size = size;
  MutexLock lock(&mu_);
  ledgers_[name] = std::move(ledger);
  return absl::OkStatus();
}

absl::Status Ledgers::CompareWithMark(const Ledger& ledger, const Mark& mark) const {
  const uint64_t size = ledger.head.frontier.size();
  if (mark.origin != ledger.origin) {
    return DataLoss("it is not the ledger of its mark: origin is ", ledger.origin.hex(),
                    ", expected ", mark.origin.hex());
  }
  if (mark.size > size) {
    return DataLoss("entries ", size, " to ", mark.size - 1, " are missing: found ", size,
                    " entries, expected ", mark.size, " by the mark");
  }
  if (mark.size == 0) return absl::OkStatus();
  SUYUAN_ASSIGN_OR_RETURN(const Hash leaf, ReadLeaf(*options_.store, ledger.number, mark.size - 1));
  if (leaf != mark.last_leaf) {
    return DataLoss("entry ", mark.size - 1, ": leaf hash is ", leaf.hex(), ", expected ",
                    mark.last_leaf.hex(), " by the mark");
  }
  if (mark.size == size && mark.root != ledger.head.frontier.Root()) {
    return DataLoss("root of size ", size, " is ", ledger.head.frontier.Root().hex(), ", expected ",
                    mark.root.hex(), " by the mark");
  }
  return absl::OkStatus();
}

// The tiles are a function of the entries: what is not there or not right is made again.
absl::Status Ledgers::RecoverTree(Ledger* ledger) {
  const uint64_t size = ledger->head.frontier.size();
  const Hash root = ledger->head.frontier.Root();
  absl::StatusOr<merkle::TileEdge> edge = ReadEdge(*options_.store, ledger->number, size, root);
  if (absl::IsDataLoss(edge.status())) {
    SUYUAN_RETURN_IF_ERROR(
        WriteTiles(options_.store.get(), ledger->number, size, ledger->name, options_.progress)
            .status());
    edge = ReadEdge(*options_.store, ledger->number, size, root);
  }
  SUYUAN_RETURN_IF_ERROR(edge.status());
  ledger->tree = std::make_unique<Tree>(HashKind::kSha256, ledger->genesis.origin());
  ledger->tree->edge = std::make_shared<const merkle::TileEdge>(*std::move(edge));
  ledger->tree->root = root;
  return absl::OkStatus();
}

// All of the SM3 tree is a function of the entries, which mark and chain vouch for.
absl::Status Ledgers::RecoverSm3(Ledger* ledger) {
  const uint64_t size = ledger->head.frontier.size();
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          options_.store->Get(Sm3HeadKey(ledger->number)));
  absl::StatusOr<merkle::TileEdge> edge = DataLoss("no SM3 head of size ", size);
  if (const auto head = ParseSm3Head(row.value_or("")); head.ok() && head->size == size) {
    edge = ReadEdge(*options_.store, ledger->number, size, head->root, HashKind::kSm3);
  }
  if (absl::IsDataLoss(edge.status())) edge = WriteSm3(*ledger);
  SUYUAN_RETURN_IF_ERROR(edge.status());
  ledger->sm3 =
      std::make_unique<Tree>(HashKind::kSm3, StrCat(ledger->genesis.origin(), kSm3OriginSuffix));
  ledger->sm3->root = edge->Root();
  ledger->sm3->edge = std::make_shared<const merkle::TileEdge>(*std::move(edge));
  return absl::OkStatus();
}

absl::StatusOr<merkle::TileEdge> Ledgers::WriteSm3(const Ledger& ledger) {
  SUYUAN_ASSIGN_OR_RETURN(
      merkle::TileEdge edge,
      WriteTiles(options_.store.get(), ledger.number, ledger.head.frontier.size(), ledger.name,
                 options_.progress, HashKind::kSm3));
  store::WriteBatch batch;
  batch.Put(Sm3HeadKey(ledger.number), EncodeSm3Head({edge.size(), edge.Root()}));
  SUYUAN_RETURN_IF_ERROR(options_.store->Write(batch));
  return edge;
}

// What was signed is given out: a ledger that does not go on from it is another one.
absl::Status Ledgers::RecoverSignature(const Ledger& ledger, Tree* tree) {
  const std::string& origin = tree->origin;
  std::vector<merkle::VerifierKey> known;
  {
    MutexLock lock(&tree->sign_mu);
    SUYUAN_ASSIGN_OR_RETURN(tree->keys,
                            KeyFile::Read(KeyPath(ledger.name, tree->hash), origin, tree->hash));
    for (const merkle::Signer* signer : tree->keys->signers()) known.push_back(signer->key());
  }
  const std::string path = NotePath(ledger.name, tree->hash);
  absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  SUYUAN_RETURN_IF_ERROR(text.status());
  const absl::StatusOr<merkle::Note> note = merkle::ParseNote(*text);
  if (!note.ok()) return DataLoss("checkpoint ", path, ": ", note.status().message());
  const absl::StatusOr<merkle::Checkpoint> checkpoint = merkle::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return DataLoss("checkpoint ", path, ": ", checkpoint.status().message());
  if (!known.empty()) {
    const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(*note, known);
    if (!by.ok()) return DataLoss("checkpoint ", path, ": ", by.status().message());
    if (by->empty()) return DataLoss("checkpoint ", path, ": none of the ledger's keys signed it");
  }
  const uint64_t size = tree->edge->size();
  if (checkpoint->origin != origin) {
    return DataLoss("checkpoint ", path, ": origin is ", checkpoint->origin, ", expected ", origin);
  }
  if (checkpoint->size > size) {
    return DataLoss("entries ", size, " to ", checkpoint->size - 1, " are missing: found ", size,
                    ", expected ", checkpoint->size, " entries, by the checkpoint");
  }
  SUYUAN_ASSIGN_OR_RETURN(const Hash root, RootAt(*options_.store, ledger.number, *tree->edge,
                                                  checkpoint->size, &tiles_));
  if (root != checkpoint->root) {
    return DataLoss("root of size ", checkpoint->size, " is ", root.hex(), ", expected ",
                    checkpoint->root.hex(), " by the checkpoint");
  }
  tree->note = *std::move(text);
  tree->signed_size = checkpoint->size;
  return absl::OkStatus();
}

absl::Status Ledgers::ReplayIndexes(Ledger* ledger) {
  const uint64_t size = ledger->head.frontier.size();
  store::Index* const index = options_.index;
  if (ledger->ids->height() > size || index->Height(ledger->number) > size) {
    return DataLoss("an index is ahead of size ", size);
  }
  const uint64_t from = std::min(ledger->ids->height(), index->Height(ledger->number));
  std::vector<std::shared_ptr<const store::Index::Prepared>> prepared;
  std::vector<store::IndexedEntry> entries;
  const auto apply = [&]() -> absl::Status {
    SUYUAN_RETURN_IF_ERROR(index->Apply(ledger->number, entries));
    entries.clear();
    prepared.clear();
    return absl::OkStatus();
  };
  Hash last_leaf = ledger->origin;
  if (from > 0) {
    SUYUAN_ASSIGN_OR_RETURN(last_leaf, ReadLeaf(*options_.store, ledger->number, from - 1));
  }
  absl::Status inner;
  int64_t last_progress = options_.clock->SteadyMicros();
  SUYUAN_RETURN_IF_ERROR(
      ReadRecords(*options_.store, ledger->number, from, size, [&](const StoredRecord& stored) {
        const uint64_t sequence = stored.record.sequence;
        const Hash leaf = merkle::LeafHash(stored.bytes);
        if (stored.record.previous != last_leaf) {
          inner = DataLoss("entry ", sequence, " names ", stored.record.previous.hex(),
                           " as the leaf hash before it, expected ", last_leaf.hex());
          return false;
        }
        last_leaf = leaf;
        if (sequence >= ledger->ids->height()) {
          ledger->ids->Add(IdHash(stored.record.event_id), sequence);
          inner.Update(ledger->ids->Seal(sequence + 1, leaf));
        }
        if (sequence >= index->Height(ledger->number) + entries.size()) {
          v1::Event event;
          if (!event.ParseFromArray(stored.record.event.data(),
                                    static_cast<int>(stored.record.event.size()))) {
            inner.Update(DataLoss("entry ", sequence, ": no event"));
            return false;
          }
          prepared.push_back(index->Prepare(event));
          std::optional<uint64_t> corrects;
          if (const std::string& id = CorrectedId(event); !id.empty()) {
            const auto found = FindEvent(ledger, IdHash(id), id);
            inner.Update(found.status());
            if (found.ok()) corrects = *found;
          }
          std::vector<uint64_t> reread;
          for (const std::string& id : event.correct().split().event_ids()) {
            const auto found = FindEvent(ledger, IdHash(id), id);
            inner.Update(found.status());
            if (found.ok() && found->has_value()) reread.push_back(**found);
          }
          entries.push_back({sequence, leaf, prepared.back().get(), corrects, std::move(reread)});
          if (entries.size() == kReplayEvents) inner.Update(apply());
        }
        if (options_.progress && sequence % 4096 == 0) {
          const int64_t now = options_.clock->SteadyMicros();
          if (now - last_progress > 500'000) {
            last_progress = now;
            options_.progress({StrCat("index ", ledger->name), sequence - from, size - from});
          }
        }
        return inner.ok();
      }));
  SUYUAN_RETURN_IF_ERROR(inner);
  return apply();
}

absl::Status Ledgers::Rebuild(bool drop) {
  MutexLock create_lock(&create_mu_);
  std::vector<Ledger*> all;
  {
    MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    for (auto& [name, ledger] : ledgers_) all.push_back(ledger.get());
  }
  tiles_.Clear();
  if (drop) SUYUAN_RETURN_IF_ERROR(options_.index->Drop());
  for (Ledger* ledger : all) SUYUAN_RETURN_IF_ERROR(ledger->ids->Drop());
  for (Ledger* ledger : all) {
    SUYUAN_RETURN_IF_ERROR(WriteTiles(options_.store.get(), ledger->number,
                                      ledger->head.frontier.size(), ledger->name, options_.progress)
                               .status());
    if (ledger->sm3 != nullptr) SUYUAN_RETURN_IF_ERROR(WriteSm3(*ledger).status());
    SUYUAN_RETURN_IF_ERROR(ReplayIndexes(ledger));
  }
  return absl::OkStatus();
}

Ledgers::~Ledgers() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    queue_cv_.SignalAll();
    room_cv_.SignalAll();
    signer_cv_.SignalAll();
  }
  if (sequencer_.joinable()) sequencer_.join();
  if (committer_.joinable()) committer_.join();
  if (signer_.joinable()) signer_.join();
  bool failed;
  {
    MutexLock lock(&mu_);
    failed = !failure_.ok();
  }
  SyncMarks();
  SignAll();
  // What a failed store holds must be judged by the next opening.
  if (!failed && options_.store != nullptr) options_.store->Flush().IgnoreError();
}

// ---------------------------------------------------------------- looking

Ledgers::State Ledgers::StateOf(const Ledger& ledger) {
  State state{ledger.number, ledger.name, ledger.size, ledger.tree->root, ledger.genesis};
  if (ledger.sm3 != nullptr) state.sm3_root = ledger.sm3->root;
  return state;
}

std::vector<Ledgers::State> Ledgers::List() const {
  MutexLock lock(&mu_);
  std::vector<State> states;
  for (const auto& [name, ledger] : ledgers_) {
    states.push_back(StateOf(*ledger));
  }
  return states;
}

std::optional<Ledgers::State> Ledgers::Get(std::string_view name) const {
  MutexLock lock(&mu_);
  const auto it = ledgers_.find(name);
  if (it == ledgers_.end()) return std::nullopt;
  return StateOf(*it->second);
}

std::optional<Ledgers::State> Ledgers::Get(uint32_t number) const {
  for (State& state : List()) {
    if (state.number == number) return state;
  }
  return std::nullopt;
}

uint64_t Ledgers::PublishedSize(const Ledger& ledger) const {
  MutexLock lock(&mu_);
  return ledger.size;
}

absl::Status Ledgers::Read(uint32_t ledger, uint64_t from, uint64_t to,
                           const std::function<bool(const StoredRecord&)>& visit) const {
  const std::optional<State> state = Get(ledger);
  if (!state.has_value()) return NotFound("no ledger ", ledger);
  return ReadRecords(*options_.store, ledger, from, std::min(to, state->size), visit);
}

bool Ledgers::IsSealed(uint32_t ledger) const {
  const absl::StatusOr<Ledger*> found = LedgerOf(ledger);
  return found.ok() && (*found)->sealed;
}

absl::StatusOr<Ledgers::Cut> Ledgers::TakeCut() {
  // What is in the log is copied again by every cut, what is in tables is not.
  SUYUAN_RETURN_IF_ERROR(options_.store->Flush());
  SignAll();
  MutexLock create_lock(&create_mu_);
  MutexLock commit_lock(&commit_mu_);
  std::vector<Ledger*> all;
  {
    MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    for (auto& [name, ledger] : ledgers_) all.push_back(ledger.get());
  }
  for (const Ledger* const ledger : all) {
    for (Tree* const tree : {ledger->tree.get(), ledger->sm3.get()}) {
      if (tree == nullptr) continue;
      const absl::Status status = Sign(*ledger, tree).status();
      if (!absl::IsFailedPrecondition(status)) SUYUAN_RETURN_IF_ERROR(status);
    }
  }
  Cut cut;
  SUYUAN_ASSIGN_OR_RETURN(cut.store, options_.store->Cut());
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListDir(options_.marks_dir));
  for (const std::string& file : files) {
    if (!file.ends_with(kMarkSuffix) && !file.ends_with("checkpoint")) continue;
    SUYUAN_ASSIGN_OR_RETURN(std::string bytes, ReadFile(StrCat(options_.marks_dir, "/", file)));
    cut.marks.emplace_back(file, std::move(bytes));
  }
  cut.ledgers = List();
  return cut;
}

// ---------------------------------------------------------------- creating

absl::StatusOr<uint32_t> Ledgers::Create(std::string_view name, v1::Genesis genesis, bool sm3) {
  MutexLock create_lock(&create_mu_);
  uint32_t number = 1;
  {
    MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    if (ledgers_.contains(name)) {
      return absl::AlreadyExistsError(StrCat("ledger ", name, " exists"));
    }
    for (const auto& [other_name, other] : ledgers_) number = std::max(number, other->number + 1);
  }
  std::string random(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), 16) != 1) {
    return absl::UnavailableError("no random bytes for the origin of the ledger");
  }
  genesis.set_origin(StrCat("suyuan/", name, "/", ToHex(random)));
  genesis.set_format(kRecordFormat);
  genesis.set_hash("sha-256");
  const Hash origin = Sha256({genesis.origin()});
  // The mark comes first: from then on, a database without the ledger's entries
  // is only accepted while the mark says that there are none yet.
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<MarkFile> mark,
                          MarkFile::Create(MarkPath(name), {0, {}, {}, origin}));
  std::vector<std::unique_ptr<Tree>> trees;
  trees.push_back(std::make_unique<Tree>(HashKind::kSha256, genesis.origin()));
  if (sm3) {
    trees.push_back(
        std::make_unique<Tree>(HashKind::kSm3, StrCat(genesis.origin(), kSm3OriginSuffix)));
  }
  // While nothing is in the database. A key file that is not the ledger's stays.
  const auto give_up = [&](const absl::Status& status) {
    for (const auto& tree : trees) {
      MutexLock lock(&tree->sign_mu);
      if (tree->keys.has_value()) RemoveFile(KeyPath(name, tree->hash)).IgnoreError();
    }
    RemoveFile(MarkPath(name)).IgnoreError();
    return status;
  };
  for (const auto& tree : trees) {
    absl::StatusOr<KeyFile> keys =
        KeyFile::Read(KeyPath(name, tree->hash), tree->origin, tree->hash);
    if (!keys.ok()) return give_up(keys.status());
    const absl::Status added = keys->Add();
    const std::string vkey = added.ok() ? keys->newest().ToString() : "";
    {
      MutexLock lock(&tree->sign_mu);
      tree->keys = *std::move(keys);
    }
    if (!added.ok()) return give_up(added);
    if (tree->hash == HashKind::kSm3) {
      genesis.set_sm3_verifier_key(vkey);
    } else {
      genesis.set_verifier_key(vkey);
    }
  }
  v1::Event event;
  event.set_id(StrCat(kReservedIdPrefix, "genesis"));
  *event.mutable_genesis() = genesis;
  const absl::StatusOr<NewEvent> prepared = Prepare(event);
  if (!prepared.ok()) return give_up(prepared.status());
  absl::StatusOr<std::unique_ptr<events::Conduct>> conduct =
      events::Conduct::For(genesis.profile(), genesis.owner());
  if (!conduct.ok()) return give_up(conduct.status());

  auto ledger = std::make_unique<Ledger>();
  ledger->number = number;
  ledger->name = std::string(name);
  ledger->genesis = genesis;
  ledger->conduct = *std::move(conduct);
  ledger->origin = origin;
  ledger->mark = std::move(mark);
  ledger->head.last_leaf = ledger->origin;
  ledger->ids = std::make_unique<IdIndex>(number, options_.index_dir);
  const int64_t now = options_.clock->WallMicros();
  ledger->clock_offset = now - options_.clock->SteadyMicros();
  ledger->tree = std::move(trees[0]);
  if (sm3) ledger->sm3 = std::move(trees[1]);
  Part part;
  part.previous = ledger->origin;
  AddEntry(ledger.get(), &part, *prepared, std::nullopt, {}, now);
  return Make(std::move(ledger), std::move(part), prepared->prepared.get());
}

// Of its first entry. The mark says that there are none yet.
absl::StatusOr<uint32_t> Ledgers::Make(std::unique_ptr<Ledger> ledger, Part part,
                                       const store::Index::Prepared* prepared) {
  const uint32_t number = ledger->number;
  const std::string name = ledger->name;
  ledger->size = part.tree_size = 1;
  ledger->tree->root = part.root = ledger->head.frontier.Root();

  storage::v1::LedgerInfo info;
  info.set_format(1);
  info.set_number(number);
  info.set_name(name);
  ChunkBuilder chunk;
  chunk.Add(part.record(0));
  store::WriteBatch batch;
  batch.Put(InfoKey(number), info.SerializeAsString());
  batch.Put(EntryKey(number, 0), chunk.Finish(1, part.root));
  batch.Put(HeadKey(number), EncodeHead(ledger->head));
  ledger->tree->edge = Grown(number, merkle::TileEdge(), part.leaves, &batch);
  if (ledger->sm3 != nullptr) {
    ledger->sm3->edge = Grown(number, merkle::TileEdge(HashKind::kSm3), part.sm3_leaves, &batch);
    ledger->sm3->root = ledger->sm3->edge->Root();
    batch.Put(Sm3HeadKey(number), EncodeSm3Head({1, ledger->sm3->root}));
  }
  absl::Status status = options_.store->Write(batch);
  if (status.ok()) {
    status = ledger->mark->Write({1, part.root, ledger->head.last_leaf, ledger->origin});
  }
  if (status.ok()) status = ledger->mark->Sync();
  if (status.ok()) {
    const store::IndexedEntry entry{0, part.leaves[0], prepared, std::nullopt, {}};
    status = options_.index->Apply(number, {&entry, 1});
  }
  MutexLock lock(&mu_);
  if (!status.ok()) {
    failure_ = absl::UnavailableError(StrCat("the store failed while ledger ", name,
                                             " was made; open it again: ", status.message()));
    return status;
  }
  ledgers_[name] = std::move(ledger);
  return number;
}

// ---------------------------------------------------------------- appending

absl::StatusOr<NewEvent> Ledgers::Prepare(const v1::Event& event) const {
  NewEvent prepared;
  prepared.id = event.id();
  prepared.bytes = event.SerializeAsString();
  if (prepared.bytes.size() > kMaxEventBytes) {
    return InvalidArgument("event ", event.id(), " has ", prepared.bytes.size(), " bytes, at most ",
                           kMaxEventBytes, " are possible");
  }
  prepared.id_hash = IdHash(prepared.id);
  prepared.prepared = options_.index->Prepare(event);
  prepared.corrects = CorrectedId(event);
  if (!prepared.corrects.empty()) prepared.refers.push_back(prepared.corrects);
  for (const std::string& id : event.correct().split().event_ids()) prepared.refers.push_back(id);
  if (options_.state != nullptr) {
    prepared.deed = std::make_shared<const events::Deed>(events::DeedOf(event));
  }
  return prepared;
}

absl::StatusOr<std::vector<Receipt>> Ledgers::Append(uint32_t ledger,
                                                     std::vector<NewEvent> events) {
  if (options_.mirrors) return NotWrittenHere(ledger);
  const auto submission = std::make_shared<Submission>();
  submission->events = std::move(events);
  SUYUAN_RETURN_IF_ERROR(Run(ledger, submission));
  return std::move(submission->receipts);
}

// Waits until the writer has done with it.
absl::Status Ledgers::Run(uint32_t ledger, const std::shared_ptr<Submission>& submission) {
  SUYUAN_ASSIGN_OR_RETURN(submission->ledger, LedgerOf(ledger));
  if (submission->ledger->sealed && submission->find.empty()) {
    return SealedError(submission->ledger->name);
  }
  {
    MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    queue_.push_back(submission);
  }
  queue_cv_.SignalOne();
  submission->done.wait(false, std::memory_order_acquire);
  return submission->status;
}

void Ledgers::SequencerLoop() {
  for (;;) {
    auto group = std::make_unique<Group>();
    bool failed = false;
    {
      MutexLock lock(&mu_);
      for (;;) {
        if (!queue_.empty() && (sealed_.size() < kSealedGroups || !failure_.ok())) break;
        if (queue_.empty() && stopping_) {
          sequencer_done_ = true;
          sealed_cv_.SignalAll();
          return;
        }
        if (queue_.empty()) {
          queue_cv_.Wait(&mu_);
        } else {
          room_cv_.Wait(&mu_);
        }
      }
      size_t events = 0;
      size_t bytes = 0;
      while (!queue_.empty() && (events == 0 || (events < kGroupEvents && bytes < kGroupBytes))) {
        events += queue_.front()->events.size();
        for (const NewEvent& event : queue_.front()->events) bytes += event.bytes.size();
        group->submissions.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      failed = !failure_.ok();
      if (failed) {
        for (const auto& submission : group->submissions) submission->status = failure_;
      }
      for (auto& [name, ledger] : ledgers_) {
        while (!ledger->in_flight.empty() && ledger->in_flight.front()->tree_size != 0 &&
               ledger->in_flight.front()->tree_size <= ledger->size) {
          ledger->in_flight.pop_front();
        }
      }
    }
    if (failed) {
      Wake(group->submissions);
      continue;
    }
    now_ = options_.clock->WallMicros();
    steady_ = options_.clock->SteadyMicros();
    for (const auto& submission : group->submissions) {
      if (!submission->find.empty()) {
        const auto found =
            FindEvent(submission->ledger, IdHash(submission->find), submission->find);
        submission->status = found.status();
        if (found.ok()) submission->found = *found;
        continue;
      }
      if (!submission->records.empty()) {
        SequenceRecords(submission.get(), group.get());
        continue;
      }
      Judge(submission.get());
      if (submission->status.ok()) JudgeConduct(submission.get());
      if (submission->status.ok()) Sequence(submission.get(), group.get());
    }
    for (auto& [ledger, part] : group->parts) {
      part->tree_size = ledger->head.frontier.size();
      part->root = ledger->head.frontier.Root();
      part->head = EncodeHead(ledger->head);
    }
    for (const auto& submission : group->submissions) {
      for (const size_t i : submission->open_receipts) {
        submission->receipts[i].tree_size = submission->ledger->head.frontier.size();
        submission->receipts[i].root = std::string(submission->ledger->head.frontier.Root().view());
      }
    }
    for (auto& [ledger, part] : group->parts) {
      const uint64_t durable = PublishedSize(*ledger);
      if (durable < store::kSegmentEntries) continue;
      const absl::StatusOr<Hash> leaf = ReadLeaf(*options_.store, ledger->number, durable - 1);
      // A segment that could not be written is tried again; nothing depends on it.
      if (leaf.ok()) ledger->ids->Seal(durable, *leaf).IgnoreError();
    }
    MutexLock lock(&mu_);
    sealed_.push_back(std::move(group));
    sealed_cv_.SignalAll();
  }
}

absl::StatusOr<std::optional<uint64_t>> Ledgers::FindEvent(Ledger* ledger, uint64_t id_hash,
                                                           std::string_view id) const {
  absl::Status status;
  const std::optional<uint64_t> found = ledger->ids->Find(id_hash, [&](uint64_t sequence) {
    bool is_it = false;
    status.Update(ReadAnywhere(*ledger, sequence, [&](const StoredRecord& stored) {
      is_it = stored.record.event_id == id;
    }));
    return is_it;
  });
  if (!status.ok()) return status;
  return found;
}

absl::Status Ledgers::ReadAnywhere(const Ledger& ledger, uint64_t sequence,
                                   const std::function<void(const StoredRecord&)>& visit) const {
  for (const std::shared_ptr<Part>& part : ledger.in_flight) {
    if (sequence < part->first || sequence >= part->first + part->ends.size()) continue;
    const std::string_view bytes = part->record(sequence - part->first);
    SUYUAN_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(bytes));
    visit({record, bytes, part->tree_size, part->root});
    return absl::OkStatus();
  }
  return ReadRecords(*options_.store, ledger.number, sequence, sequence + 1,
                     [&](const StoredRecord& stored) {
                       visit(stored);
                       return false;
                     });
}

// Sets the submission's status: OK if all of it can be stored. Whatever has to
// be read is read here.
void Ledgers::Judge(Submission* submission) {
  Ledger* const ledger = submission->ledger;
  const std::vector<NewEvent>& events = submission->events;
  absl::Status& status = submission->status;
  submission->judged.resize(events.size());
  absl::flat_hash_map<std::string_view, size_t> own;
  if (events.size() > 1) own.reserve(events.size());
  const auto other_content = [&](const NewEvent& event) {
    return absl::AlreadyExistsError(
        StrCat("event ", event.id, " exists in ledger ", ledger->name, " with other content"));
  };
  for (size_t i = 0; i < events.size(); ++i) {
    const NewEvent& event = events[i];
    Judged& judged = submission->judged[i];
    for (const std::string& id : event.refers) {
      const bool corrects = id == event.corrects;
      if (const auto here = own.find(id); here != own.end()) {
        if (corrects) {
          judged.corrects_here = here->second;
        } else {
          judged.reread_here.push_back(here->second);
        }
        continue;
      }
      const auto referred = FindEvent(ledger, IdHash(id), id);
      status.Update(referred.status());
      if (referred.ok() && !referred->has_value()) {
        status = NotFound("event ", event.id, " names event ", id, ", which ledger ", ledger->name,
                          " does not hold");
      }
      if (!status.ok()) return;
      if (corrects) {
        judged.corrects = *referred;
      } else {
        judged.reread.push_back(**referred);
      }
    }
    if (const auto [it, is_new] = own.emplace(event.id, i); !is_new) {
      judged.same_as = it->second;
      if (events[it->second].bytes != event.bytes) status = other_content(event);
    } else {
      const auto sequence = FindEvent(ledger, event.id_hash, event.id);
      status.Update(sequence.status());
      if (sequence.ok() && sequence->has_value()) {
        status.Update(Compare(*ledger, **sequence, event, &judged.known));
        if (status.ok() && !judged.known.has_value()) status = other_content(event);
      }
    }
    if (!status.ok()) return;
  }
}

// In the order in which the events will be stored: each sees those before it.
void Ledgers::JudgeConduct(Submission* submission) {
  if (options_.state == nullptr) return;
  Ledger* const ledger = submission->ledger;
  std::vector<Violation> violations;
  size_t told = 0;
  // The ledger may note its clock in front of them.
  uint64_t sequence = ledger->head.frontier.size() + 1;
  for (size_t i = 0; i < submission->events.size(); ++i) {
    const NewEvent& event = submission->events[i];
    const Judged& judged = submission->judged[i];
    if (judged.known.has_value() || judged.same_as.has_value()) continue;
    ledger->conduct->Judge(*event.deed, ledger->number, now_, *options_.state, i, &violations);
    options_.state->Tell(ledger->number, sequence++, event.prepared, judged.corrects);
    ++told;
  }
  if (violations.empty()) return;
  options_.state->Forget(told);
  submission->status = events::ViolationsToStatus(violations);
}

absl::Status Ledgers::Compare(const Ledger& ledger, uint64_t sequence, const NewEvent& event,
                              std::optional<Receipt>* known) const {
  return ReadAnywhere(ledger, sequence, [&](const StoredRecord& stored) {
    if (stored.record.event != event.bytes) return;
    Receipt& receipt = known->emplace();
    receipt.ledger = ledger.name;
    receipt.event_id = event.id;
    receipt.duplicate = true;
    receipt.sequence = sequence;
    receipt.previous_hash = std::string(stored.record.previous.view());
    receipt.leaf_hash = std::string(merkle::LeafHash(stored.bytes).view());
    receipt.tree_size = stored.tree_size;
    receipt.root = std::string(stored.root.view());
  });
}

Ledgers::Part* Ledgers::PartOf(Ledger* ledger, Group* group) {
  for (auto& [other, part] : group->parts) {
    if (other == ledger) return part.get();
  }
  auto part = std::make_shared<Part>();
  part->first = ledger->head.frontier.size();
  part->previous = ledger->head.last_leaf;
  group->parts.emplace_back(ledger, part);
  ledger->in_flight.push_back(part);
  if (!options_.mirrors) NoteClock(ledger, part.get());
  return part.get();
}

void Ledgers::NoteClock(Ledger* ledger, Part* part) {
  const int64_t tolerance = ledger->genesis.clock_tolerance_micros();
  const int64_t last = ledger->head.last_recorded_micros;
  const int64_t expected = steady_ + ledger->clock_offset;
  ledger->clock_offset = now_ - steady_;
  // Later on, a clock that stays behind has been told of by its jump.
  const bool behind = !ledger->clock_compared && now_ < last - tolerance;
  ledger->clock_compared = true;
  const bool jumped = std::abs(now_ - expected) > tolerance;
  if (!behind && !jumped) return;
  v1::Event event;
  event.set_id(StrCat(kReservedIdPrefix, "clock:", ledger->head.frontier.size()));
  event.mutable_clock_anomaly()->set_expected_micros(behind ? last : expected);
  event.mutable_clock_anomaly()->set_found_micros(now_);
  absl::StatusOr<NewEvent> prepared = Prepare(event);
  SUYUAN_CHECK(prepared.ok());
  part->own_events.push_back(*std::move(prepared));
  AddEntry(ledger, part, part->own_events.back(), std::nullopt, {}, now_);
}

void Ledgers::AddEntry(Ledger* ledger, Part* part, const NewEvent& event,
                       std::optional<uint64_t> corrects, std::vector<uint64_t> reread,
                       int64_t now) {
  Head& head = ledger->head;
  const uint64_t sequence = head.frontier.size();
  head.last_recorded_micros = std::max(now, head.last_recorded_micros);
  AppendRecord({sequence, head.last_recorded_micros, event.id, head.last_leaf, event.bytes},
               &part->arena);
  NoteEntry(ledger, part, event, corrects, std::move(reread));
}

void Ledgers::NoteEntry(Ledger* ledger, Part* part, const NewEvent& event,
                        std::optional<uint64_t> corrects, std::vector<uint64_t> reread) {
  Head& head = ledger->head;
  const uint64_t sequence = head.frontier.size();
  const size_t begin = part->ends.empty() ? 0 : part->ends.back();
  part->ends.push_back(part->arena.size());
  const std::string_view record = std::string_view(part->arena).substr(begin);
  head.last_leaf = merkle::LeafHash(record);
  if (ledger->sm3 != nullptr) {
    part->sm3_leaves.push_back(merkle::LeafHash(record, HashKind::kSm3));
  }
  head.frontier.Append(head.last_leaf);
  part->leaves.push_back(head.last_leaf);
  part->events.push_back(&event);
  part->corrects.push_back(corrects);
  part->reread.push_back(std::move(reread));
  ledger->ids->Add(event.id_hash, sequence);
}

void Ledgers::Sequence(Submission* submission, Group* group) {
  Ledger* const ledger = submission->ledger;
  std::vector<Receipt>& receipts = submission->receipts;
  receipts.reserve(submission->events.size());
  for (size_t i = 0; i < submission->events.size(); ++i) {
    const NewEvent& event = submission->events[i];
    Judged& judged = submission->judged[i];
    if (judged.known.has_value()) {
      receipts.push_back(*std::move(judged.known));
    } else if (judged.same_as.has_value()) {
      Receipt receipt = receipts[*judged.same_as];
      receipt.duplicate = true;
      receipts.push_back(std::move(receipt));
    } else {
      Part* const part = PartOf(ledger, group);
      Receipt& receipt = receipts.emplace_back();
      receipt.ledger = ledger->name;
      receipt.event_id = event.id;
      receipt.previous_hash = std::string(ledger->head.last_leaf.view());
      receipt.sequence = ledger->head.frontier.size();
      const std::optional<uint64_t> corrects = judged.corrects_here.has_value()
                                                   ? receipts[*judged.corrects_here].sequence
                                                   : judged.corrects;
      std::vector<uint64_t> reread = std::move(judged.reread);
      for (const size_t earlier : judged.reread_here) reread.push_back(receipts[earlier].sequence);
      AddEntry(ledger, part, event, corrects, std::move(reread), now_);
      receipt.leaf_hash = std::string(ledger->head.last_leaf.view());
    }
    if (receipts.back().tree_size == 0) submission->open_receipts.push_back(i);
  }
}

void Ledgers::CommitterLoop() {
  for (;;) {
    Group* group = nullptr;
    {
      MutexLock lock(&mu_);
      while (sealed_.empty() && !sequencer_done_) {
        sealed_cv_.WaitFor(&mu_, std::chrono::microseconds(kMarkSyncMicros));
        if (sealed_.empty() && !sequencer_done_) break;
      }
      if (sealed_.empty() && sequencer_done_) return;
      if (!sealed_.empty()) group = sealed_.front().get();
    }
    if (group == nullptr) {
      SyncMarks();
      continue;
    }
    MutexLock commit_lock(&commit_mu_);
    absl::Status status;
    {
      MutexLock lock(&mu_);
      status = failure_;
    }
    if (status.ok()) status = Commit(group);
    Answer(status);
  }
}

absl::Status Ledgers::Commit(Group* group) {
  store::WriteBatch batch;
  for (const auto& [ledger, part] : group->parts) {
    ChunkBuilder chunk;
    uint64_t first = part->first;
    for (size_t i = 0; i < part->ends.size(); ++i) {
      chunk.Add(part->record(i));
      if (chunk.bytes() < kChunkBytes && i + 1 < part->ends.size()) continue;
      const size_t count = chunk.count();
      batch.Put(EntryKey(ledger->number, first), chunk.Finish(part->tree_size, part->root));
      first += count;
    }
    // Only this thread changes what is published.
    part->edge = Grown(ledger->number, *ledger->tree->edge, part->leaves, &batch);
    if (ledger->sm3 != nullptr) {
      part->sm3_edge = Grown(ledger->number, *ledger->sm3->edge, part->sm3_leaves, &batch);
      part->sm3_root = part->sm3_edge->Root();
      batch.Put(Sm3HeadKey(ledger->number), EncodeSm3Head({part->tree_size, part->sm3_root}));
    }
    batch.Put(HeadKey(ledger->number), part->head);
  }
  if (!batch.puts().empty()) SUYUAN_RETURN_IF_ERROR(options_.store->Write(batch));
  std::vector<store::IndexedEntry> entries;
  for (const auto& [ledger, part] : group->parts) {
    SUYUAN_RETURN_IF_ERROR(
        ledger->mark->Write({part->tree_size, part->root, part->leaves.back(), ledger->origin}));
    entries.clear();
    for (size_t i = 0; i < part->ends.size(); ++i) {
      entries.push_back({part->first + i, part->leaves[i], part->events[i]->prepared.get(),
                         part->corrects[i], part->reread[i]});
    }
    SUYUAN_RETURN_IF_ERROR(options_.index->Apply(ledger->number, entries));
  }
  if (options_.clock->SteadyMicros() - last_mark_sync_ >= kMarkSyncMicros) SyncMarks();
  return absl::OkStatus();
}

void Ledgers::SyncMarks() {
  last_mark_sync_ = options_.clock->SteadyMicros();
  std::vector<Ledger*> all;
  {
    MutexLock lock(&mu_);
    for (auto& [name, ledger] : ledgers_) all.push_back(ledger.get());
  }
  for (Ledger* ledger : all) {
    if (ledger->mark == nullptr || !ledger->mark->dirty()) continue;
    if (const absl::Status status = ledger->mark->Sync(); !status.ok()) {
      MutexLock lock(&mu_);
      failure_.Update(absl::UnavailableError(
          StrCat("the mark cannot be forced to disk; open the store again: ", status.message())));
    }
  }
}

// Of the first group in sealed_.
void Ledgers::Answer(const absl::Status& status) {
  std::unique_ptr<Group> group;
  {
    MutexLock lock(&mu_);
    group = std::move(sealed_.front());
    sealed_.pop_front();
    if (status.ok()) {
      for (const auto& [ledger, part] : group->parts) {
        ledger->size = part->tree_size;
        ledger->tree->root = part->root;
        ledger->tree->edge = std::move(part->edge);
        if (ledger->sm3 != nullptr) {
          ledger->sm3->root = part->sm3_root;
          ledger->sm3->edge = std::move(part->sm3_edge);
        }
      }
    } else if (failure_.ok()) {
      failure_ = absl::UnavailableError(
          StrCat("the store failed; whether the events are in it is unknown: open it again and "
                 "append them again with the same ids: ",
                 status.message()));
    }
    if (!status.ok()) {
      for (const auto& submission : group->submissions) submission->status = failure_;
    }
  }
  room_cv_.SignalAll();
  Wake(group->submissions);
}

void Ledgers::Wake(const std::vector<std::shared_ptr<Submission>>& submissions) {
  for (const auto& submission : submissions) {
    submission->done.store(true, std::memory_order_release);
    submission->done.notify_one();
  }
}

}  // namespace suyuan::ledger

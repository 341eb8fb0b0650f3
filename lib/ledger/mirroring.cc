// What mirrors take: entries and checkpoints as another store wrote them.

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/ledger/ledgers.h"
#include "lib/ledger/tiles.h"
#include "lib/merkle/note.h"

namespace suyuan::ledger {

// Ready to be stored as it is, if it has the form of an entry.
absl::StatusOr<NewEvent> Ledgers::ReadForeign(std::string_view bytes) const {
  const auto bad = [](auto&&... why) { return InvalidArgument("no entry of a ledger: ", why...); };
  if (bytes.size() > kMaxRecordBytes) return bad("a record of ", bytes.size(), " bytes");
  const absl::StatusOr<RecordView> record = ParseRecord(bytes);
  if (!record.ok()) return bad(ToStd(record.status().message()));
  if (record->event.size() > kMaxEventBytes)
    return bad("an event of ", record->event.size(), " bytes");
  if (record->event_id.empty() || record->event_id.size() > kMaxIdBytes) {
    return bad("an event id of ", record->event_id.size(), " bytes");
  }
  v1::Event event;
  if (!event.ParseFromArray(record->event.data(), static_cast<int>(record->event.size()))) {
    return bad("its event cannot be read");
  }
  if (event.id() != record->event_id) {
    return bad("event id ", record->event_id, ", its event says ", event.id());
  }
  NewEvent ready;
  ready.id = event.id();
  ready.id_hash = IdHash(ready.id);
  ready.prepared = options_.index->Prepare(event);
  ready.corrects =
      event.has_correction() ? event.correction().event_id() : event.correct().withdrawn_event_id();
  if (!ready.corrects.empty()) ready.refers.push_back(ready.corrects);
  for (const std::string& id : event.correct().split().event_ids()) ready.refers.push_back(id);
  return ready;
}

absl::StatusOr<uint32_t> Ledgers::CreateMirror(std::string_view name, std::string_view record,
                                               std::string_view origin) {
  MutexLock create_lock(&create_mu_);
  uint32_t number = kFirstMirror;
  {
    MutexLock lock(&mu_);
    if (!failure_.ok()) return failure_;
    if (ledgers_.contains(name)) {
      return absl::AlreadyExistsError(StrCat("ledger ", name, " exists"));
    }
    for (const auto& [other_name, other] : ledgers_) number = std::max(number, other->number + 1);
  }
  const absl::StatusOr<NewEvent> ready = ReadForeign(record);
  if (!ready.ok()) return InvalidArgument("entry 0: ", ToStd(ready.status().message()));
  SUYUAN_ASSIGN_OR_RETURN(const RecordView view, ParseRecord(record));
  v1::Event event;
  event.ParseFromArray(view.event.data(), static_cast<int>(view.event.size()));
  const v1::Genesis& genesis = event.genesis();
  if (!event.has_genesis() || genesis.origin() != origin) {
    return InvalidArgument("entry 0: found ",
                           event.has_genesis() ? StrCat("the genesis of ", genesis.origin())
                                               : std::string("no genesis"),
                           ", expected the genesis of ", origin);
  }
  if (genesis.format() != kRecordFormat || genesis.hash() != "sha-256") {
    return InvalidArgument("entry 0: a ledger of format ", genesis.format(), " and hash ",
                           genesis.hash(), ", this version knows ", kRecordFormat, " and sha-256");
  }
  auto ledger = std::make_unique<Ledger>();
  ledger->number = number;
  ledger->name = std::string(name);
  ledger->genesis = genesis;
  ledger->origin = Sha256({origin});
  if (view.sequence != 0 || view.previous != ledger->origin || !ready->refers.empty()) {
    return InvalidArgument("entry 0: not the first of a ledger");
  }
  ledger->head.last_leaf = ledger->origin;
  ledger->head.last_recorded_micros = view.recorded_micros;
  ledger->ids = std::make_unique<IdIndex>(number, options_.index_dir);
  ledger->tree = std::make_unique<Tree>(HashKind::kSha256, genesis.origin());
  {
    MutexLock lock(&ledger->tree->sign_mu);
    SUYUAN_ASSIGN_OR_RETURN(ledger->tree->keys, KeyFile::Read(KeyPath(name), origin));
  }
  SUYUAN_ASSIGN_OR_RETURN(ledger->mark,
                          MarkFile::Create(MarkPath(name), {0, {}, {}, ledger->origin}));
  Part part;
  part.previous = ledger->origin;
  part.arena = record;
  NoteEntry(ledger.get(), &part, *ready, std::nullopt, {});
  return Make(std::move(ledger), std::move(part), ready->prepared.get());
}

absl::Status Ledgers::AppendRecords(uint32_t ledger, uint64_t first,
                                    std::vector<std::string> records) {
  if (!options_.mirrors) return FailedPrecondition("not a store of mirrors");
  if (records.empty()) return absl::OkStatus();
  const auto submission = std::make_shared<Submission>();
  submission->first = first;
  for (size_t i = 0; i < records.size(); ++i) {
    absl::StatusOr<NewEvent> ready = ReadForeign(records[i]);
    if (!ready.ok()) {
      return InvalidArgument("entry ", first + i, ": ", ToStd(ready.status().message()));
    }
    submission->events.push_back(*std::move(ready));
  }
  submission->records = std::move(records);
  return Run(ledger, submission);
}

// On the sequencer's thread: all of them, or none.
void Ledgers::SequenceRecords(Submission* submission, Group* group) {
  Ledger* const ledger = submission->ledger;
  absl::Status& status = submission->status;
  const std::vector<NewEvent>& events = submission->events;
  const uint64_t first = ledger->head.frontier.size();
  if (submission->first != first) {
    status = FailedPrecondition("entries from ", submission->first, " on, expected them from ",
                                first, " on");
    return;
  }
  Hash previous = ledger->head.last_leaf;
  int64_t recorded = ledger->head.last_recorded_micros;
  absl::flat_hash_map<std::string_view, uint64_t> own;
  std::vector<Judged> judged(events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    const NewEvent& event = events[i];
    const uint64_t sequence = first + i;
    const auto bad = [&](auto&&... why) {
      status = InvalidArgument("entry ", sequence, ": ", why...);
    };
    const absl::StatusOr<RecordView> record = ParseRecord(submission->records[i]);
    if (!record.ok()) return bad(ToStd(record.status().message()));
    if (record->sequence != sequence) return bad("it says that it is entry ", record->sequence);
    if (record->previous != previous) {
      return bad("it names ", record->previous.hex(), " as the leaf hash before it, expected ",
                 previous.hex());
    }
    if (record->recorded_micros < recorded) {
      return bad("recorded at ", record->recorded_micros, ", the entry before it at ", recorded);
    }
    const auto known = FindEvent(ledger, event.id_hash, event.id);
    status.Update(known.status());
    if (!status.ok()) return;
    if (known->has_value() || own.contains(event.id)) {
      return bad("event id ", event.id, " is that of an entry before it");
    }
    for (const std::string& id : event.refers) {
      std::optional<uint64_t> target;
      if (const auto here = own.find(id); here != own.end()) {
        target = here->second;
      } else {
        const auto there = FindEvent(ledger, IdHash(id), id);
        status.Update(there.status());
        if (!status.ok()) return;
        target = *there;
      }
      if (!target.has_value()) {
        return bad("event ", event.id, " names event ", id, ", which is not before it");
      }
      if (id == event.corrects) {
        judged[i].corrects = target;
      } else {
        judged[i].reread.push_back(*target);
      }
    }
    own.emplace(event.id, sequence);
    previous = merkle::LeafHash(submission->records[i]);
    recorded = record->recorded_micros;
  }
  Part* const part = PartOf(ledger, group);
  for (size_t i = 0; i < events.size(); ++i) {
    part->arena += submission->records[i];
    NoteEntry(ledger, part, events[i], judged[i].corrects, std::move(judged[i].reread));
  }
  ledger->head.last_recorded_micros = recorded;
}

absl::Status Ledgers::TakeCheckpoint(uint32_t ledger, std::string_view bytes) {
  SUYUAN_ASSIGN_OR_RETURN(Ledger* const found, LedgerOf(ledger));
  if (!options_.mirrors) return FailedPrecondition("not a store of mirrors");
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(bytes));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  if (checkpoint.origin != found->genesis.origin()) {
    return InvalidArgument("checkpoint: origin is ", checkpoint.origin, ", expected ",
                           found->genesis.origin());
  }
  Tree* const tree = found->tree.get();
  MutexLock sign_lock(&tree->sign_mu);
  SUYUAN_ASSIGN_OR_RETURN(const Hash root, RootOf(ledger, checkpoint.size));
  if (root != checkpoint.root) {
    return InvalidArgument("checkpoint: root of size ", checkpoint.size, " is ",
                           checkpoint.root.hex(), ", that of the entries ", root.hex());
  }
  {
    MutexLock lock(&mu_);
    if (checkpoint.size < tree->signed_size || bytes == tree->note) return absl::OkStatus();
  }
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(NotePath(found->name), bytes));
  MutexLock lock(&mu_);
  tree->note = bytes;
  tree->signed_size = checkpoint.size;
  return absl::OkStatus();
}

absl::StatusOr<Hash> Ledgers::LeafAt(uint32_t ledger, uint64_t sequence) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  if (sequence >= PublishedSize(*found)) {
    return absl::OutOfRangeError(StrCat("no entry ", sequence));
  }
  return ReadLeaf(*options_.store, ledger, sequence);
}

absl::StatusOr<Hash> Ledgers::RootOf(uint32_t ledger, uint64_t size) const {
  SUYUAN_ASSIGN_OR_RETURN(const Ledger* const found, LedgerOf(ledger));
  std::shared_ptr<const merkle::TileEdge> edge;
  {
    MutexLock lock(&mu_);
    edge = found->tree->edge;
  }
  if (size > edge->size()) {
    return absl::OutOfRangeError(StrCat("no size ", size, " of a ledger of ", edge->size()));
  }
  if (size == 0) return merkle::Frontier().Root();
  return RootAt(*options_.store, ledger, *edge, size, &tiles_);
}

absl::StatusOr<merkle::Frontier> Ledgers::FrontierOf(uint32_t ledger) const {
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                          options_.store->Get(HeadKey(ledger)));
  if (!bytes.has_value()) return NotFound("no ledger ", ledger);
  SUYUAN_ASSIGN_OR_RETURN(Head head, ParseHead(*bytes));
  return std::move(head.frontier);
}

}  // namespace suyuan::ledger

#include "lib/ledger/seal.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/ledger/reader.h"
#include "lib/ledger/record_format.h"
#include "lib/ledger/tiles.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/tile_tree.h"
#include "suyuan/storage/v1/record.pb.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::ledger {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;

std::string SealPath(const std::string& marks_dir, std::string_view name) {
  return StrCat(marks_dir, "/", name, ".sealed");
}

// The ledger as it lies in the store.
struct Stored {
  uint32_t number = 0;
  Head head;
  std::string origin;
  std::vector<merkle::VerifierKey> keys;  // that it names
  merkle::TileEdge edge;
};

absl::StatusOr<uint32_t> NumberOf(const store::Store& store, std::string_view name) {
  const std::unique_ptr<store::Iterator> it = store.NewIterator();
  for (it->Seek(kInfoPrefix); it->Valid(); it->Next()) {
    const std::optional<uint32_t> number = LedgerOfInfoKey(it->key());
    if (!number.has_value()) break;
    storage::v1::LedgerInfo info;
    if (info.ParseFromArray(it->value().data(), static_cast<int>(it->value().size())) &&
        info.name() == name) {
      return *number;
    }
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return NotFound("no ledger ", name);
}

absl::StatusOr<Stored> Look(store::Store* store, std::string_view name,
                            const ProgressFunction& progress) {
  Stored stored;
  SUYUAN_ASSIGN_OR_RETURN(stored.number, NumberOf(*store, name));
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> head,
                          store->Get(HeadKey(stored.number)));
  if (!head.has_value()) return DataLoss("ledger ", name, ": no head");
  SUYUAN_ASSIGN_OR_RETURN(stored.head, ParseHead(*head));
  const uint64_t size = stored.head.frontier.size();
  const auto know = [&](const std::string& vkey) {
    absl::StatusOr<merkle::VerifierKey> key = merkle::VerifierKey::Parse(vkey);
    if (key.ok()) stored.keys.push_back(*std::move(key));
  };
  SUYUAN_RETURN_IF_ERROR(
      ReadRecords(*store, stored.number, 0, size, [&](const StoredRecord& entry) {
        if (!entry.record.event_id.starts_with("suyuan:")) return true;
        v1::Event event;
        if (!event.ParseFromArray(entry.record.event.data(),
                                  static_cast<int>(entry.record.event.size()))) {
          return true;
        }
        if (event.has_genesis()) {
          stored.origin = event.genesis().origin();
          know(event.genesis().verifier_key());
        } else if (event.has_signing_key()) {
          know(event.signing_key().verifier_key());
        }
        return true;
      }));
  const Hash root = stored.head.frontier.Root();
  absl::StatusOr<merkle::TileEdge> edge = ReadEdge(*store, stored.number, size, root);
  if (absl::IsDataLoss(edge.status())) {
    SUYUAN_RETURN_IF_ERROR(
        WriteTiles(store, stored.number, size, std::string(name), progress).status());
    edge = ReadEdge(*store, stored.number, size, root);
  }
  SUYUAN_RETURN_IF_ERROR(edge.status());
  stored.edge = *std::move(edge);
  return stored;
}

// Calls `take` with the records [from, to) as the bundles have them.
absl::Status ReadBundles(const Newest& newest, uint64_t from, uint64_t to,
                         const std::function<absl::Status(uint64_t, std::string_view)>& take) {
  for (uint64_t index = from / merkle::kTileWidth; index * merkle::kTileWidth < to; ++index) {
    const uint64_t first = index * merkle::kTileWidth;
    merkle::Tile tile{merkle::Tile::kEntries, index,
                      static_cast<int>(std::min<uint64_t>(merkle::kTileWidth, to - first))};
    absl::StatusOr<std::string> bytes = newest.read(merkle::TilePath(tile));
    if (absl::IsNotFound(bytes.status()) && tile.width < static_cast<int>(merkle::kTileWidth)) {
      tile.width = merkle::kTileWidth;
      bytes = newest.read(merkle::TilePath(tile));
    }
    SUYUAN_RETURN_IF_ERROR(bytes.status());
    const absl::StatusOr<std::vector<std::string_view>> records =
        merkle::ParseBundle(*bytes, tile.width);
    if (!records.ok()) return DataLoss(merkle::TilePath(tile), ": ", records.status().message());
    for (uint64_t sequence = std::max(from, first); sequence < std::min(to, first + tile.width);
         ++sequence) {
      SUYUAN_RETURN_IF_ERROR(take(sequence, (*records)[sequence - first]));
    }
  }
  return absl::OkStatus();
}

// The leaves of what is missing, once all of it has been found to lead to the root.
absl::StatusOr<std::vector<Hash>> VerifyMissing(const Stored& stored, const Newest& newest,
                                                const merkle::Checkpoint& checkpoint) {
  Head head = stored.head;
  std::vector<Hash> leaves;
  SUYUAN_RETURN_IF_ERROR(ReadBundles(
      newest, head.frontier.size(), checkpoint.size,
      [&](uint64_t sequence, std::string_view bytes) -> absl::Status {
        const absl::StatusOr<RecordView> record = ParseRecord(bytes);
        if (!record.ok()) return DataLoss("entry ", sequence, ": ", record.status().message());
        if (record->sequence != sequence || record->previous != head.last_leaf ||
            record->recorded_micros < head.last_recorded_micros) {
          return DataLoss("entry ", sequence, " does not go on from the one before");
        }
        v1::Event event;
        if (!event.ParseFromArray(record->event.data(), static_cast<int>(record->event.size()))) {
          return DataLoss("entry ", sequence, ": no event");
        }
        head.last_leaf = merkle::LeafHash(bytes);
        head.last_recorded_micros = record->recorded_micros;
        head.frontier.Append(head.last_leaf);
        leaves.push_back(head.last_leaf);
        return absl::OkStatus();
      }));
  if (head.frontier.Root() != checkpoint.root) {
    return DataLoss("root of size ", checkpoint.size, " is ", head.frontier.Root().hex(),
                    ", expected ", checkpoint.root.hex(), " by the checkpoint");
  }
  return leaves;
}

absl::Status AddMissing(store::Store* store, Stored* stored, const Newest& newest,
                        const std::vector<Hash>& leaves, const ProgressFunction& progress) {
  const uint64_t from = stored->head.frontier.size();
  const uint64_t to = from + leaves.size();
  uint64_t first = from;  // of the batch
  std::string arena;
  std::vector<size_t> ends;
  const auto write = [&]() -> absl::Status {
    store::WriteBatch batch;
    const uint64_t size = stored->head.frontier.size();
    ChunkBuilder chunk;
    for (size_t i = 0, begin = 0; i < ends.size(); begin = ends[i++]) {
      chunk.Add(std::string_view(arena).substr(begin, ends[i] - begin));
      if (chunk.bytes() < kChunkBytes && i + 1 < ends.size()) continue;
      const size_t count = chunk.count();
      batch.Put(EntryKey(stored->number, first), chunk.Finish(size, stored->head.frontier.Root()));
      first += count;
    }
    for (uint64_t sequence = size - ends.size(); sequence < size; ++sequence) {
      SUYUAN_RETURN_IF_ERROR(stored->edge.Append(
          leaves[sequence - from], [&](const merkle::Tile& tile, std::string_view bytes) {
            batch.Put(TileKey(stored->number, tile.level, tile.index), std::string(bytes));
            return absl::OkStatus();
          }));
    }
    batch.Put(HeadKey(stored->number), EncodeHead(stored->head));
    SUYUAN_RETURN_IF_ERROR(store->Write(batch));
    if (progress) progress({"catch up", size - from, leaves.size()});
    arena.clear();
    ends.clear();
    return absl::OkStatus();
  };
  SUYUAN_RETURN_IF_ERROR(
      ReadBundles(newest, from, to, [&](uint64_t sequence, std::string_view bytes) -> absl::Status {
        const Hash leaf = merkle::LeafHash(bytes);
        if (leaf != leaves[sequence - from]) {
          return DataLoss("entry ", sequence, " changed while it was read");
        }
        SUYUAN_ASSIGN_OR_RETURN(const RecordView record, ParseRecord(bytes));
        arena.append(bytes);
        ends.push_back(arena.size());
        stored->head.last_leaf = leaf;
        stored->head.last_recorded_micros = record.recorded_micros;
        stored->head.frontier.Append(leaf);
        return arena.size() >= kBatchBytes ? write() : absl::OkStatus();
      }));
  return ends.empty() ? absl::OkStatus() : write();
}

}  // namespace

absl::StatusOr<bool> HasSeal(const std::string& marks_dir, std::string_view name) {
  const absl::StatusOr<std::string> text = ReadFile(SealPath(marks_dir, name));
  if (absl::IsNotFound(text.status())) return false;
  SUYUAN_RETURN_IF_ERROR(text.status());
  return true;
}

absl::Status Seal(const std::string& marks_dir, std::string_view name) {
  return WriteFileAtomically(SealPath(marks_dir, name),
                             StrCat("Restored from a backup. Do not remove this file: see suyuan "
                                    "resume --help.\n"));
}

absl::Status SealedError(std::string_view name) {
  return FailedPrecondition(
      "ledger ", name,
      " was restored from a backup and is read only, since it may have gone on after that: show "
      "its newest checkpoint (suyuan resume ",
      name, " --latest FILE), catch up from its exported tiles (suyuan resume ", name,
      " --catch-up DIR), or go on in a new ledger");
}

absl::StatusOr<Unsealed> Unseal(store::Store* store, const std::string& marks_dir,
                                std::string_view name, const Newest& newest,
                                const ProgressFunction& progress) {
  SUYUAN_ASSIGN_OR_RETURN(Stored stored, Look(store, name, progress));
  SUYUAN_ASSIGN_OR_RETURN(const bool sealed, HasSeal(marks_dir, name));
  if (!sealed) return FailedPrecondition("ledger ", name, " is not sealed");
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(newest.checkpoint));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  if (checkpoint.origin != stored.origin) {
    return InvalidArgument("checkpoint: found one of ", checkpoint.origin, ", expected one of ",
                           stored.origin);
  }
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<size_t> by, merkle::VerifyNote(note, stored.keys));
  if (by.empty()) {
    return absl::PermissionDeniedError(
        StrCat("checkpoint: no key that ledger ", name, " names signed it"));
  }
  const uint64_t size = stored.head.frontier.size();
  uint64_t added = 0;
  if (checkpoint.size > size) {
    if (newest.read == nullptr) {
      return FailedPrecondition(
          "ledger ", name, ": entries ", size, " to ", checkpoint.size - 1, " are missing: found ",
          size, " entries, expected ", checkpoint.size,
          " by the checkpoint; catch up from its exported tiles (suyuan resume ", name,
          " --catch-up DIR), or go on in a new ledger");
    }
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Hash> leaves,
                            VerifyMissing(stored, newest, checkpoint));
    SUYUAN_RETURN_IF_ERROR(AddMissing(store, &stored, newest, leaves, progress));
    added = leaves.size();
  } else {
    TileCache tiles;
    SUYUAN_ASSIGN_OR_RETURN(const Hash root,
                            RootAt(*store, stored.number, stored.edge, checkpoint.size, &tiles));
    if (root != checkpoint.root) {
      return DataLoss("ledger ", name, ": root of size ", checkpoint.size, " is ", root.hex(),
                      ", expected ", checkpoint.root.hex(),
                      " by the checkpoint: these are two histories, keep both as evidence");
    }
  }
  // From here on an opening holds it to what was shown.
  if (added > 0) {
    SUYUAN_RETURN_IF_ERROR(
        WriteFileAtomically(StrCat(marks_dir, "/", name, ".checkpoint"), newest.checkpoint));
  }
  SUYUAN_RETURN_IF_ERROR(RemoveFile(SealPath(marks_dir, name)));
  SUYUAN_RETURN_IF_ERROR(SyncDir(marks_dir));
  return Unsealed{stored.head.frontier.size(), stored.head.frontier.Root(), added};
}

}  // namespace suyuan::ledger

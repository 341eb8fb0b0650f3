#include "lib/ledger/reader.h"

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::ledger {

absl::Status ReadRecords(const store::Store& store, uint32_t ledger, uint64_t from, uint64_t to,
                         const std::function<bool(const StoredRecord&)>& visit) {
  if (from >= to) return absl::OkStatus();
  const std::unique_ptr<store::Iterator> it = store.NewIterator();
  uint64_t next = from;
  for (it->SeekForPrev(EntryKey(ledger, from)); it->Valid(); it->Next()) {
    const std::optional<uint64_t> first = SequenceOfEntryKey(ledger, it->key());
    if (!first.has_value()) break;
    absl::StatusOr<Chunk> chunk = ParseChunk(it->value());
    if (!chunk.ok()) return DataLoss("entry ", next, ": ", chunk.status().message());
    // Only the first chunk may begin before what is asked for.
    if (*first > next || (next != from && *first != next)) break;
    for (size_t i = next - *first; i < chunk->records.size(); ++i) {
      absl::StatusOr<RecordView> record = ParseRecord(chunk->records[i]);
      if (!record.ok()) return DataLoss("entry ", next, ": ", record.status().message());
      if (record->sequence != next) {
        return DataLoss("entry ", next, ": the record in its place says ", record->sequence);
      }
      if (!visit({*record, chunk->records[i], chunk->tree_size, chunk->root})) {
        return absl::OkStatus();
      }
      if (++next == to) return absl::OkStatus();
    }
  }
  if (!it->status().ok()) return DataLoss("entry ", next, ": ", it->status().message());
  return DataLoss("entry ", next, ": missing");
}

absl::StatusOr<Hash> ReadLeaf(const store::Store& store, uint32_t ledger, uint64_t sequence) {
  Hash leaf;
  SUYUAN_RETURN_IF_ERROR(
      ReadRecords(store, ledger, sequence, sequence + 1, [&](const StoredRecord& stored) {
        leaf = merkle::LeafHash(stored.bytes);
        return false;
      }));
  return leaf;
}

}  // namespace suyuan::ledger

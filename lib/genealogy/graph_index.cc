#include "lib/genealogy/graph_index.h"

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::genealogy {

namespace {

// Both forms: the graph takes the facts, the next segment their bytes.
struct PreparedFacts : store::Index::Prepared {
  Facts facts;
  std::string bytes;
};

}  // namespace

std::shared_ptr<const store::Index::Prepared> GraphIndex::Prepare(const v1::Event& event) const {
  auto prepared = std::make_shared<PreparedFacts>();
  prepared->facts = FactsOf(event);
  prepared->bytes = EncodeFacts(prepared->facts);
  return prepared;
}

const Facts& GraphIndex::FactsIn(const Prepared& prepared) {
  return static_cast<const PreparedFacts&>(prepared).facts;
}

absl::Status GraphIndex::Apply(uint32_t ledger, std::span<const store::IndexedEntry> entries) {
  MutexLock gate(&gate_);
  WriterLock lock(&mu_);
  Recent& recent = recent_[ledger];
  for (const store::IndexedEntry& entry : entries) {
    // Entries that a segment told already come again when the ids are behind.
    if (entry.sequence < recent.height) continue;
    if (entry.sequence != recent.height) {
      return absl::InternalError(StrCat("graph index is at entry ", recent.height, " of ledger ",
                                        ledger, ", given entry ", entry.sequence));
    }
    const auto& prepared = static_cast<const PreparedFacts&>(*entry.prepared);
    graph_->Add(ledger, entry.sequence, prepared.facts, entry.corrects, entry.reread);
    PutRow(&recent.payload, {prepared.bytes, entry.corrects, entry.reread});
    recent.height = entry.sequence + 1;
    recent.last_leaf = entry.leaf;
    if (recent.height - recent.from < store::kSegmentEntries) continue;
    // A segment that could not be written is tried again with the next entry;
    // until then opening takes longer, that is all.
    if (dir_.Write(ledger, recent.from, recent.height, recent.last_leaf, recent.payload).ok()) {
      recent.from = recent.height;
      recent.payload.clear();
    }
  }
  return absl::OkStatus();
}

uint64_t GraphIndex::Height(uint32_t ledger) const {
  ReaderLock lock(&mu_);
  const auto it = recent_.find(ledger);
  return it == recent_.end() ? 0 : it->second.height;
}

absl::Status GraphIndex::Load(uint32_t ledger,
                              const std::function<std::optional<Hash>(uint64_t)>& leaf_at) {
  SUYUAN_ASSIGN_OR_RETURN(const auto segments, dir_.Load(ledger, leaf_at));
  MutexLock gate(&gate_);
  WriterLock lock(&mu_);
  Recent& recent = recent_[ledger];
  bool sound = true;
  for (const auto& segment : segments) {
    // The whole segment is read before any of it is taken in: one with a good
    // digest and a bad content is made again, with all behind it.
    std::vector<std::pair<Facts, Row>> rows;
    ByteReader reader(segment->payload());
    while (sound && !reader.done()) {
      const Row row = ReadRow(&reader);
      absl::StatusOr<Facts> facts = DecodeFacts(row.prepared);
      sound = reader.ok() && facts.ok();
      if (sound) rows.emplace_back(*std::move(facts), row);
    }
    sound = sound && rows.size() == segment->to() - segment->from();
    if (!sound) {
      SUYUAN_RETURN_IF_ERROR(dir_.Remove(ledger, segment->from()));
      continue;
    }
    uint64_t sequence = segment->from();
    for (const auto& [facts, row] : rows) {
      graph_->Add(ledger, sequence++, facts, row.corrects, row.reread);
    }
    recent.from = recent.height = segment->to();
    recent.last_leaf = segment->last_leaf();
  }
  return absl::OkStatus();
}

absl::Status GraphIndex::Drop() {
  MutexLock gate(&gate_);
  WriterLock lock(&mu_);
  graph_ = std::make_unique<Graph>();
  recent_.clear();
  return dir_.DropAll();
}

void GraphIndex::Read(
    const std::function<void(const Graph&, const std::map<uint32_t, uint64_t>&)>& read) const {
  { MutexLock gate(&gate_); }
  ReaderLock lock(&mu_);
  std::map<uint32_t, uint64_t> heights;
  for (const auto& [ledger, recent] : recent_) heights[ledger] = recent.height;
  read(*graph_, heights);
}

void GraphIndex::PutRow(std::string* payload, const Row& row) {
  PutString(payload, row.prepared);
  PutVarint(payload, row.corrects.has_value() ? *row.corrects + 1 : 0);
  PutVarint(payload, row.reread.size());
  for (const uint64_t sequence : row.reread) PutVarint(payload, sequence);
}

GraphIndex::Row GraphIndex::ReadRow(ByteReader* reader) {
  Row row;
  row.prepared = reader->String();
  if (const uint64_t corrects = reader->Varint(); corrects != 0) row.corrects = corrects - 1;
  const uint64_t count = reader->Varint();
  for (uint64_t i = 0; i < count && reader->ok(); ++i) row.reread.push_back(reader->Varint());
  return row;
}

}  // namespace suyuan::genealogy

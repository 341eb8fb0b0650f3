#include "lib/engine/index_check.h"

#include <algorithm>
#include <set>

#include "lib/base/strings.h"
#include "lib/ledger/id_index.h"
#include "lib/ledger/ledgers.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::engine {
namespace {

// A hash that was taken is followed by the next free one.
constexpr uint64_t kProbes = 64;

}  // namespace

IndexCheck::IndexCheck(const std::string& index_dir, const store::Store& store,
                       const store::Store* mirrors)
    : store_(store), mirrors_(mirrors) {
  for (const std::string kind : {"id", "graph"}) {
    const store::SegmentDir dir(index_dir, kind);
    const absl::StatusOr<std::vector<std::string>> files = dir.Files();
    if (!files.ok()) {
      Found("", 0, "a readable index directory", std::string(files.status().message()));
      continue;
    }
    for (const std::string& path : *files) {
      absl::StatusOr<std::unique_ptr<store::Segment>> segment = store::Segment::Open(path);
      if (!segment.ok()) {
        Found("", 0, "a whole segment", std::string(segment.status().message()));
        continue;
      }
      const uint32_t ledger = (*segment)->ledger();
      if (kind == "id") {
        Ids ids;
        ids.segment = *std::move(segment);
        const uint64_t from = ids.segment->from();
        if (ids.segment->payload().size() != (ids.segment->to() - from) * ledger::kIdRowBytes) {
          Found("", from, StrCat(ids.segment->to() - from, " event ids"),
                StrCat(ids.segment->payload().size(), " bytes in ", path));
          continue;
        }
        ids.hash_of.resize(ids.segment->to() - from);
        const bool whole =
            ledger::IdIndex::ForEach(ids.segment->payload(), [&](uint64_t hash, uint64_t sequence) {
              ++ids.rows;
              if (sequence >= from && sequence < from + ids.hash_of.size()) {
                ids.hash_of[sequence - from] = hash;
              }
            });
        if (!whole || ids.rows != ids.hash_of.size()) {
          Found("", from, StrCat(ids.hash_of.size(), " event ids"), StrCat(ids.rows, " in ", path));
        }
        ids_[ledger].push_back(std::move(ids));
      } else {
        Facts facts;
        facts.segment = *std::move(segment);
        facts.reader = ByteReader(facts.segment->payload());
        facts_[ledger].push_back(std::move(facts));
      }
    }
  }
}

void IndexCheck::Found(const std::string& name, uint64_t sequence, std::string expected,
                       std::string found) {
  problems_.push_back({name, sequence, "index", std::move(expected), std::move(found)});
}

void IndexCheck::Entry(uint32_t ledger, const std::string& name, const ledger::StoredRecord& stored,
                       const Hash& leaf) {
  const uint64_t sequence = stored.record.sequence;
  const auto covers = [&](const store::Segment& segment) {
    return sequence >= segment.from() && sequence < segment.to();
  };
  const auto last_leaf = [&](const store::Segment& segment) {
    return sequence + 1 != segment.to() || segment.last_leaf() == leaf;
  };
  if (const auto it = ids_.find(ledger); it != ids_.end()) {
    for (Ids& ids : it->second) {
      if (!covers(*ids.segment)) continue;
      ++ids.seen;
      const uint64_t expected = ledger::IdHash(stored.record.event_id);
      const uint64_t found = ids.hash_of[sequence - ids.segment->from()];
      if ((found - expected < kProbes && last_leaf(*ids.segment)) || ids.reported) continue;
      ids.reported = true;
      Found(name, sequence, StrCat("id hash ", expected), StrCat("id hash ", found));
    }
  }
  if (const auto it = facts_.find(ledger); it != facts_.end()) {
    v1::Event event;
    bool parsed = false;
    for (Facts& facts : it->second) {
      if (!covers(*facts.segment)) continue;
      ++facts.seen;
      if (!parsed) {
        parsed = event.ParseFromArray(stored.record.event.data(),
                                      static_cast<int>(stored.record.event.size()));
      }
      const std::string expected = genealogy::EncodeFacts(genealogy::FactsOf(event));
      const genealogy::GraphIndex::Row row = genealogy::GraphIndex::ReadRow(&facts.reader);
      const std::string_view found = row.prepared;
      if ((facts.reader.ok() && found == expected && last_leaf(*facts.segment) &&
           CorrectsRightly(ledger, event, row)) ||
          facts.reported) {
        continue;
      }
      facts.reported = true;
      Found(name, sequence, StrCat("links ", Sha256({expected}).hex()),
            StrCat("links ", Sha256({found}).hex()));
    }
  }
}

bool IndexCheck::CorrectsRightly(uint32_t ledger, const v1::Event& event,
                                 const genealogy::GraphIndex::Row& row) const {
  const store::Store& store =
      ledger >= ledger::kFirstMirror && mirrors_ != nullptr ? *mirrors_ : store_;
  const auto names = [&](uint64_t sequence, const std::string& id) {
    bool right = false;
    const absl::Status status = ledger::ReadRecords(store, ledger, sequence, sequence + 1,
                                                    [&](const ledger::StoredRecord& target) {
                                                      right = target.record.event_id == id;
                                                      return false;
                                                    });
    return status.ok() && right;
  };
  const auto& told = event.correct().split().event_ids();
  if (row.reread.size() != static_cast<size_t>(told.size())) return false;
  std::multiset<std::string> ids(told.begin(), told.end());
  for (const uint64_t sequence : row.reread) {
    const auto it = std::find_if(ids.begin(), ids.end(),
                                 [&](const std::string& id) { return names(sequence, id); });
    if (it == ids.end()) return false;
    ids.erase(it);
  }
  const std::string& id =
      event.has_correction() ? event.correction().event_id() : event.correct().withdrawn_event_id();
  if (id.empty() || !row.corrects.has_value()) return id.empty() && !row.corrects.has_value();
  return names(*row.corrects, id);
}

std::vector<Problem> IndexCheck::Finish() {
  for (const auto& [ledger, all] : ids_) {
    for (const Ids& ids : all) {
      if (ids.seen == ids.hash_of.size()) continue;
      Found("", ids.segment->from(), StrCat("entries up to ", ids.segment->to()),
            StrCat(ids.seen, " of them in ledger ", ledger));
    }
  }
  for (const auto& [ledger, all] : facts_) {
    for (const Facts& facts : all) {
      if (facts.seen == facts.segment->to() - facts.segment->from()) continue;
      Found("", facts.segment->from(), StrCat("entries up to ", facts.segment->to()),
            StrCat(facts.seen, " of them in ledger ", ledger));
    }
  }
  return std::move(problems_);
}

}  // namespace suyuan::engine

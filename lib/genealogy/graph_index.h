#ifndef LIB_GENEALOGY_GRAPH_INDEX_H_
#define LIB_GENEALOGY_GRAPH_INDEX_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/mutex.h"
#include "lib/genealogy/graph.h"
#include "lib/store/index.h"
#include "lib/store/segment.h"

namespace suyuan::genealogy {

// The genealogy as an index of the ledgers: the graph in memory, the facts that
// it is made of in immutable segments on disk. Thread-safe.
class GraphIndex : public store::Index {
 public:
  explicit GraphIndex(std::string dir) : dir_(std::move(dir), "graph") {}

  std::shared_ptr<const Prepared> Prepare(const v1::Event& event) const override;
  absl::Status Apply(uint32_t ledger, std::span<const store::IndexedEntry> entries) override;
  uint64_t Height(uint32_t ledger) const override;
  absl::Status Load(uint32_t ledger,
                    const std::function<std::optional<Hash>(uint64_t)>& leaf_at) override;
  absl::Status Drop() override;

  // What Prepare made of an event.
  static const Facts& FactsIn(const Prepared& prepared);

  // Calls `read` while the graph holds still; `heights` are the entries of each
  // ledger that it has taken in. `read` must not call Read: one who would tell the graph
  // something goes before all readers that come after.
  void Read(const std::function<void(const Graph& graph,
                                     const std::map<uint32_t, uint64_t>& heights)>& read) const;

  // A segment's payload is one row an entry.
  struct Row {
    std::string_view prepared;
    std::optional<uint64_t> corrects;
    std::vector<uint64_t> reread = {};
  };
  static void PutRow(std::string* payload, const Row& row);
  // Check reader->ok() afterwards.
  static Row ReadRow(ByteReader* reader);

 private:
  struct Recent {
    uint64_t from = 0;
    uint64_t height = 0;
    Hash last_leaf;
    std::string payload;  // of the next segment
  };

  const store::SegmentDir dir_;
  // Held by a writer from when it begins to wait: readers without a pause would otherwise
  // keep it out for ever. Taken before mu_.
  mutable Mutex gate_ ABSL_ACQUIRED_BEFORE(mu_);
  mutable SharedMutex mu_;
  std::unique_ptr<Graph> graph_ ABSL_GUARDED_BY(mu_) = std::make_unique<Graph>();
  std::map<uint32_t, Recent> recent_ ABSL_GUARDED_BY(mu_);
};

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_GRAPH_INDEX_H_

#ifndef LIB_ENGINE_INDEX_CHECK_H_
#define LIB_ENGINE_INDEX_CHECK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/reader.h"
#include "lib/store/segment.h"
#include "suyuan/check.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::engine {

// Compares the segments on disk with what the entries say: made again from
// each entry, not only digested.
class IndexCheck {
 public:
  // `store` and that of the mirrors, if there are any, are borrowed: corrections are looked up
  // in them.
  IndexCheck(const std::string& index_dir, const store::Store& store, const store::Store* mirrors);

  void Entry(uint32_t ledger, const std::string& name, const ledger::StoredRecord& stored,
             const Hash& leaf);
  // What was found, also segments of entries that are not there.
  std::vector<Problem> Finish();

 private:
  struct Ids {
    std::unique_ptr<store::Segment> segment;
    std::vector<uint64_t> hash_of;  // by sequence - from
    uint64_t rows = 0;
    uint64_t seen = 0;
    bool reported = false;
  };
  struct Facts {
    std::unique_ptr<store::Segment> segment;
    ByteReader reader{std::string_view()};
    uint64_t seen = 0;
    bool reported = false;
  };

  bool CorrectsRightly(uint32_t ledger, const v1::Event& event,
                       const genealogy::GraphIndex::Row& row) const;
  void Found(const std::string& name, uint64_t sequence, std::string expected, std::string found);

  const store::Store& store_;
  const store::Store* const mirrors_;
  std::map<uint32_t, std::vector<Ids>> ids_;
  std::map<uint32_t, std::vector<Facts>> facts_;
  std::vector<Problem> problems_;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_INDEX_CHECK_H_

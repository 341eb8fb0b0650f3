// What a damaged database can hand to the ledger: records, chunks, heads.

#include <string>

#include "lib/ledger/record_format.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::ledger;  // NOLINT(google-build-using-namespace)
  if (const auto record = ParseRecord(input); record.ok()) {
    std::string again;
    AppendRecord(*record, &again);
    const auto reread = ParseRecord(again);
    Require(reread.ok() && reread->event == record->event && reread->event_id == record->event_id &&
                reread->sequence == record->sequence && reread->previous == record->previous,
            "a record that was read is written and read again");
  }
  if (const auto chunk = ParseChunk(input); chunk.ok()) {
    ChunkBuilder builder;
    for (const std::string_view record : chunk->records) builder.Add(record);
    const auto reread = ParseChunk(builder.Finish(chunk->tree_size, chunk->root));
    Require(reread.ok() && reread->records.size() == chunk->records.size(),
            "a chunk that was read is written and read again");
  }
  if (const auto head = ParseHead(input); head.ok()) {
    Require(ParseHead(EncodeHead(*head)).ok(), "a head that was read is written and read again");
  }
}

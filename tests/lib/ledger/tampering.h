#ifndef TESTS_LIB_LEDGER_TAMPERING_H_
#define TESTS_LIB_LEDGER_TAMPERING_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "lib/ledger/mark.h"
#include "lib/ledger/record_format.h"
#include "suyuan/storage/v1/record.pb.h"
#include "tests/lib/ledger/ledger_fixture.h"

namespace suyuan::ledger {

// A closed store with a ledger plant-a of 16 entries, and one beside it; what
// an insider with the tools of the database can do to it.
//
//   commits of plant-a:  0 | 1 | 2 | 3 | 4 | 5 6 7 | 8 | 9 | 10 | 11 | 12 | 13 14 15
class TamperedTest : public LedgerTest {
 protected:
  static constexpr uint64_t kSize = 16;

  void SetUp() override {
    LedgerTest::SetUp();
    plant_ = Create("plant-a");
    other_ = Create("plant-b");
    for (int i = 1; i <= 4; ++i) AppendOne(plant_, Seen("e" + std::to_string(i)));
    SUYUAN_ASSERT_OK(Append(plant_, {Seen("e5"), Seen("e6"), Seen("e7")}));
    for (int i = 8; i <= 12; ++i) AppendOne(plant_, Seen("e" + std::to_string(i)));
    SUYUAN_ASSERT_OK(Append(plant_, {Seen("e13"), Seen("e14"), Seen("e15")}));
    SUYUAN_ASSERT_OK(Append(other_, Several("o", 3)));
    ASSERT_EQ(SizeOf(plant_), kSize);
    leaves_ = LeavesOf(plant_);
    Close();
    ASSERT_THAT(Check(), IsClean());
  }

  std::string Key(uint64_t first) const { return EntryKey(plant_, first); }
  static uint64_t FirstOf(uint64_t sequence) {
    return sequence >= 13 ? 13 : sequence >= 5 && sequence <= 7 ? 5 : sequence;
  }

  // Rewrites the chunk that holds entry `sequence`.
  void EditChunk(uint64_t sequence, const std::function<void(Chunk&)>& edit) {
    const std::string key = Key(FirstOf(sequence));
    const std::string value = Value(key);
    absl::StatusOr<Chunk> chunk = ParseChunk(value);
    SUYUAN_ASSERT_OK(chunk);
    edit(*chunk);
    ChunkBuilder builder;
    for (const std::string_view record : chunk->records) builder.Add(record);
    Put(key, builder.Finish(chunk->tree_size, chunk->root));
  }
  // Rewrites the record of entry `sequence`, well formed, hashes left as they are.
  void EditRecord(uint64_t sequence, const std::function<void(storage::v1::Record&)>& edit) {
    std::string bytes;
    EditChunk(sequence, [&](Chunk& chunk) {
      std::string_view& record = chunk.records[sequence - FirstOf(sequence)];
      storage::v1::Record message;
      ASSERT_TRUE(message.ParseFromArray(record.data(), static_cast<int>(record.size())));
      edit(message);
      bytes = message.SerializeAsString();
      record = bytes;
    });
  }
  // Makes entry `sequence` tell of something else.
  void Falsify(uint64_t sequence) {
    EditRecord(sequence, [&](storage::v1::Record& record) {
      v1::Event event;
      ASSERT_TRUE(event.ParseFromString(record.event()));
      event.mutable_observe_unit()->set_product_name("melamine");
      record.set_event(event.SerializeAsString());
    });
  }
  void EditHead(const std::function<void(storage::v1::Head&)>& edit) {
    storage::v1::Head head;
    ASSERT_TRUE(head.ParseFromString(Value(HeadKey(plant_))));
    edit(head);
    Put(HeadKey(plant_), head.SerializeAsString());
  }

  // Falsifies entry `sequence` and makes chain, tree and head anew behind it: all
  // that the database holds is consistent again.
  void FalsifyThoroughly(uint64_t sequence) {
    Falsify(sequence);
    merkle::Frontier frontier;
    Hash previous;
    int64_t micros = 0;
    for (uint64_t first = 0; first < kSize; first = frontier.size()) {
      const std::string value = Value(Key(first));
      const absl::StatusOr<Chunk> chunk = ParseChunk(value);
      SUYUAN_ASSERT_OK(chunk);
      ChunkBuilder builder;
      for (const std::string_view bytes : chunk->records) {
        RecordView record = *ParseRecord(bytes);
        if (record.sequence > 0) record.previous = previous;
        micros = record.recorded_micros;
        std::string made;
        AppendRecord(record, &made);
        builder.Add(made);
        previous = merkle::LeafHash(made);
        frontier.Append(previous);
      }
      Put(Key(first), builder.Finish(frontier.size(), frontier.Root()));
    }
    Put(HeadKey(plant_), EncodeHead({frontier, previous, micros}));
  }

  // Cuts the ledger back to `size` entries, a boundary of a commit, as if the
  // rest had never been.
  void CutTo(uint64_t size) {
    merkle::Frontier frontier;
    for (uint64_t i = 0; i < size; ++i) frontier.Append(leaves_[i]);
    int64_t micros = 0;
    const std::string last = Value(Key(FirstOf(size - 1)));
    const absl::StatusOr<Chunk> chunk = ParseChunk(last);
    SUYUAN_ASSERT_OK(chunk);
    for (const std::string_view record : chunk->records) {
      micros = ParseRecord(record)->recorded_micros;
    }
    for (uint64_t i = size; i < kSize; ++i) Erase(Key(i));
    Put(HeadKey(plant_), EncodeHead({frontier, leaves_[size - 1], micros}));
  }

  void RewriteMark(const std::function<void(Mark&)>& edit) {
    absl::StatusOr<MarkFile::Contents> contents = MarkFile::Read(MarkPath("plant-a"));
    SUYUAN_ASSERT_OK(contents);
    edit(contents->mark);
    auto file = MarkFile::Open(MarkPath("plant-a"), contents->generation);
    SUYUAN_ASSERT_OK(file);
    SUYUAN_ASSERT_OK((*file)->Write(contents->mark));
    SUYUAN_ASSERT_OK((*file)->Write(contents->mark));
  }

  // The opening refuses, says `words`, and leaves all evidence as it was.
  void ExpectRefused(const std::string& words) {
    const auto pairs = disk_.pairs().Contents();
    const auto marks = Marks();
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr(words)));
    EXPECT_EQ(disk_.pairs().Contents(), pairs) << "the opening changed the database";
    EXPECT_EQ(Marks(), marks) << "the opening changed the marks";
    ledgers_.reset();
  }

  std::vector<std::string> MarkNames() const {
    absl::StatusOr<std::vector<std::string>> names = ListDir(MarksDir());
    EXPECT_THAT(names, IsOk());
    return names.ok() ? *std::move(names) : std::vector<std::string>();
  }
  std::map<std::string, std::string> Marks() const {
    std::map<std::string, std::string> marks;
    for (const std::string& name : MarkNames()) {
      marks[name] = *ReadFile(MarksDir() + "/" + name);
    }
    return marks;
  }

  uint32_t plant_ = 0;
  uint32_t other_ = 0;
  std::vector<Hash> leaves_;
};

}  // namespace suyuan::ledger

#endif  // TESTS_LIB_LEDGER_TAMPERING_H_

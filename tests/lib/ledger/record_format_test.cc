#include "lib/ledger/record_format.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "suyuan/storage/v1/record.pb.h"
#include "suyuan/v1/event.pb.h"
#include "tests/support/status_matchers.h"

namespace suyuan::ledger {
namespace {

std::string RandomBytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

// Small, large and everything between, so that every width of a varint occurs.
uint64_t RandomNumber(std::mt19937_64& random) { return random() >> (random() % 64); }

struct Owned {
  uint64_t sequence = 0;
  int64_t recorded_micros = 0;
  std::string id;
  Hash previous;
  std::string event;

  RecordView view() const { return {sequence, recorded_micros, id, previous, event}; }
  std::string bytes() const {
    std::string out;
    AppendRecord(view(), &out);
    return out;
  }
};

Owned RandomRecord(std::mt19937_64& random) {
  Owned record;
  record.sequence = RandomNumber(random);
  record.recorded_micros = static_cast<int64_t>(RandomNumber(random));
  if (random() % 8 == 0) record.sequence = 0;
  if (random() % 8 == 0) record.recorded_micros = 0;
  if (random() % 8 == 0) record.recorded_micros = -record.recorded_micros;
  // Valid UTF-8, as the schema says.
  const size_t id_size = 1 + random() % kMaxIdBytes;
  for (size_t i = 0; i < id_size; ++i) record.id += static_cast<char>(' ' + random() % 95);
  record.previous = Hash::From(RandomBytes(random, 32));
  record.event = RandomBytes(random, 1 + RandomNumber(random) % kMaxEventBytes);
  return record;
}

TEST(RecordFormatTest, WritesWhatProtobufWrites) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 5'000; ++i) {
    const Owned record = RandomRecord(random);
    storage::v1::Record message;
    message.set_format(kRecordFormat);
    message.set_sequence(record.sequence);
    message.set_recorded_micros(record.recorded_micros);
    message.set_event_id(record.id);
    message.set_previous(std::string(record.previous.view()));
    message.set_event(record.event);
    ASSERT_EQ(ToHex(record.bytes()), ToHex(message.SerializeAsString())) << "round " << i;
  }
}

TEST(RecordFormatTest, ReadsWhatItWrote) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 5'000; ++i) {
    const Owned record = RandomRecord(random);
    const std::string bytes = record.bytes();
    const absl::StatusOr<RecordView> read = ParseRecord(bytes);
    SUYUAN_ASSERT_OK(read);
    EXPECT_EQ(read->sequence, record.sequence);
    EXPECT_EQ(read->recorded_micros, record.recorded_micros);
    EXPECT_EQ(read->event_id, record.id);
    EXPECT_EQ(read->previous, record.previous);
    EXPECT_EQ(read->event, record.event);
  }
}

TEST(RecordFormatTest, TheLargestRecordFitsItsBound) {
  Owned record;
  record.sequence = ~uint64_t{0};
  record.recorded_micros = -1;
  record.id.assign(kMaxIdBytes, 'i');
  record.event.assign(kMaxEventBytes, 'e');
  EXPECT_LE(record.bytes().size(), kMaxRecordBytes);
}

TEST(RecordFormatTest, RefusesEveryTruncationAndEveryTail) {
  std::mt19937_64 random(3);
  Owned record = RandomRecord(random);
  record.event = RandomBytes(random, 300);
  const std::string bytes = record.bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ParseRecord(std::string_view(bytes).substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss, testing::_))
        << size << " of " << bytes.size() << " bytes";
  }
  for (int c = 0; c < 256; ++c) {
    EXPECT_THAT(ParseRecord(bytes + static_cast<char>(c)),
                StatusIs(absl::StatusCode::kDataLoss, testing::_));
  }
  EXPECT_THAT(ParseRecord(bytes + bytes), StatusIs(absl::StatusCode::kDataLoss, testing::_));
}

TEST(RecordFormatTest, RefusesARecordOfAnotherFormat) {
  storage::v1::Record message;
  message.set_format(kRecordFormat + 1);
  message.set_event_id("e1");
  message.set_previous(std::string(32, 'p'));
  message.set_event("event");
  EXPECT_THAT(ParseRecord(message.SerializeAsString()),
              StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr("format 2")));
  message.clear_format();
  EXPECT_THAT(ParseRecord(message.SerializeAsString()),
              StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr("format 0")));
}

TEST(RecordFormatTest, GarbageDoesNoHarm) {
  std::mt19937_64 random(4);
  const std::string good = RandomRecord(random).bytes().substr(0, 400);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes =
        i % 2 == 0 ? RandomBytes(random, random() % 80) : good.substr(0, random() % good.size());
    for (uint64_t n = random() % 4; n > 0 && !bytes.empty(); --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const auto record = ParseRecord(bytes); record.ok()) {
      EXPECT_LE(record->event.size(), bytes.size());
    }
    if (const auto chunk = ParseChunk(bytes); chunk.ok()) {
      EXPECT_FALSE(chunk->records.empty());
    }
    (void)ParseHead(bytes).ok();
  }
}

TEST(ChunkTest, GivesItsRecordsBackInOrder) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 300; ++i) {
    ChunkBuilder builder;
    std::vector<std::string> records;
    for (size_t n = 1 + random() % 40; n > 0; --n) {
      records.push_back(RandomBytes(random, RandomNumber(random) % 700));
      builder.Add(records.back());
    }
    EXPECT_EQ(builder.count(), records.size());
    const uint64_t size = random();
    const Hash root = Hash::From(RandomBytes(random, 32));
    const std::string value = builder.Finish(size, root);
    EXPECT_EQ(builder.count(), 0u) << "a builder is empty after Finish";
    EXPECT_EQ(builder.bytes(), 0u);
    const absl::StatusOr<Chunk> chunk = ParseChunk(value);
    SUYUAN_ASSERT_OK(chunk);
    EXPECT_EQ(chunk->tree_size, size);
    EXPECT_EQ(chunk->root, root);
    ASSERT_EQ(chunk->records.size(), records.size());
    for (size_t j = 0; j < records.size(); ++j) EXPECT_EQ(chunk->records[j], records[j]);
  }
}

TEST(ChunkTest, RefusesWhatEndsWithinARecord) {
  ChunkBuilder builder;
  builder.Add("first");
  builder.Add("second");
  const std::string value = builder.Finish(2, {});
  const size_t after_first = 1 + 8 + 32 + 1 + 5;
  for (size_t size = 0; size < value.size(); ++size) {
    const auto chunk = ParseChunk(std::string_view(value).substr(0, size));
    // A cut between two records is a shorter chunk: the tree tells.
    EXPECT_EQ(chunk.ok(), size == after_first) << size;
  }
  std::string other_format = value;
  other_format[0] = 2;
  EXPECT_THAT(ParseChunk(other_format), StatusIs(absl::StatusCode::kDataLoss, testing::_));
}

TEST(HeadTest, GoesOnWhereTheTreeStood) {
  merkle::Frontier frontier;
  for (int i = 0; i < 200; ++i) {
    frontier.Append(merkle::LeafHash(std::to_string(i)));
    const Head head{frontier, merkle::LeafHash(std::to_string(i)), 1'000 + i};
    const absl::StatusOr<Head> read = ParseHead(EncodeHead(head));
    SUYUAN_ASSERT_OK(read);
    EXPECT_EQ(read->frontier.size(), frontier.size());
    EXPECT_EQ(read->frontier.Root(), frontier.Root());
    EXPECT_EQ(read->frontier.subtree_roots(), frontier.subtree_roots());
    EXPECT_EQ(read->last_leaf, head.last_leaf);
    EXPECT_EQ(read->last_recorded_micros, head.last_recorded_micros);
  }
}

TEST(HeadTest, RefusesSubtreeRootsThatDoNotMakeItsRoot) {
  merkle::Frontier frontier;
  for (int i = 0; i < 7; ++i) frontier.Append(merkle::LeafHash(std::to_string(i)));
  storage::v1::Head message;
  ASSERT_TRUE(message.ParseFromString(EncodeHead({frontier, {}, 0})));
  const auto refuses = [](const storage::v1::Head& head) {
    return absl::IsDataLoss(ParseHead(head.SerializeAsString()).status());
  };
  ASSERT_FALSE(refuses(message));
  storage::v1::Head other = message;
  other.set_size(6);
  EXPECT_TRUE(refuses(other)) << "fewer entries";
  other = message;
  (*other.mutable_frontier(1))[0] ^= 1;
  EXPECT_TRUE(refuses(other)) << "another subtree root";
  other = message;
  other.mutable_frontier()->RemoveLast();
  EXPECT_TRUE(refuses(other)) << "a subtree root less";
  other = message;
  (*other.mutable_root())[31] ^= 1;
  EXPECT_TRUE(refuses(other)) << "another root";
  other = message;
  other.set_format(2);
  EXPECT_TRUE(refuses(other)) << "another format";
}

TEST(KeyTest, LieInTheOrderOfTheirNumbers) {
  EXPECT_LT(EntryKey(1, 255), EntryKey(1, 256));
  EXPECT_LT(EntryKey(1, ~uint64_t{0}), EntryKey(2, 0));
  EXPECT_EQ(SequenceOfEntryKey(7, EntryKey(7, 123'456'789)), 123'456'789u);
  EXPECT_EQ(SequenceOfEntryKey(8, EntryKey(7, 1)), std::nullopt);
  EXPECT_EQ(SequenceOfEntryKey(7, HeadKey(7)), std::nullopt);
  EXPECT_EQ(LedgerOfInfoKey(InfoKey(9)), 9u);
  EXPECT_EQ(LedgerOfInfoKey(HeadKey(9)), std::nullopt);
}

// ---------------------------------------------------------------- golden

// Three entries of a small ledger, to the last bit. These bytes lie on disks
// and under signatures: if this test fails, the format was broken, not the test.
class GoldenTest : public testing::Test {
 protected:
  GoldenTest() {
    v1::Event genesis;
    genesis.set_id("suyuan:genesis");
    genesis.mutable_genesis()->set_origin("suyuan/plant-a/000102030405060708090a0b0c0d0e0f");
    genesis.mutable_genesis()->set_format(1);
    genesis.mutable_genesis()->set_hash("sha-256");
    genesis.mutable_genesis()->set_profile("investigation");
    genesis.mutable_genesis()->set_owner("ext:test:owner");
    genesis.mutable_genesis()->set_clock_tolerance_micros(60'000'000);
    v1::Event seen;
    seen.set_id("e1");
    seen.mutable_observe_unit()->mutable_unit()->set_key("ext:test:1");
    seen.mutable_observe_unit()->set_product_name("婴幼儿配方乳粉");
    v1::Event link;
    link.set_id("e2");
    link.mutable_link_units()->mutable_input()->set_key("ext:test:1");
    link.mutable_link_units()->mutable_output()->set_key("ext:test:2");
    link.mutable_link_units()->mutable_quantity()->set_value(368);
    link.mutable_link_units()->mutable_quantity()->set_scale(1);
    link.mutable_link_units()->mutable_quantity()->set_unit("KGM");

    Hash previous = Sha256({genesis.genesis().origin()});
    ChunkBuilder chunk;
    int64_t micros = 1'767'225'600'000'000;  // 2026-01-01 00:00:00 UTC
    for (const v1::Event& event : {genesis, seen, link}) {
      std::string record;
      AppendRecord({frontier_.size(), micros, event.id(), previous, event.SerializeAsString()},
                   &record);
      micros += 1'500'000;
      previous = merkle::LeafHash(record);
      frontier_.Append(previous);
      records_.push_back(ToHex(record));
      leaves_.push_back(previous.hex());
      if (frontier_.size() > 1) chunk.Add(record);
    }
    chunk_ = ToHex(chunk.Finish(3, frontier_.Root()));
    head_ = ToHex(EncodeHead({frontier_, previous, 1'767'225'603'000'000}));
  }

  merkle::Frontier frontier_;
  std::vector<std::string> records_;
  std::vector<std::string> leaves_;
  std::string chunk_;
  std::string head_;
};

TEST_F(GoldenTest, RecordsAreTheseBytes) {
  EXPECT_EQ(records_[0],
            "080118808081b184e99103220e73757975616e3a67656e657369732a202c2a398643074a6bb7e615"
            "d6006c471238e1f6cbe1909690df9b42e6545dde9132730a0e73757975616e3a67656e65736973a2"
            "01600a2f73757975616e2f706c616e742d612f303030313032303330343035303630373038303930"
            "613062306330643065306610011a077368612d323536220d696e7665737469676174696f6e2a0e65"
            "78743a746573743a6f776e657238808ece1c");
  EXPECT_EQ(records_[1],
            "0801100118e0c6dcb184e99103220265312a20f250eaee66ab0910bb44b98a90853764a63b5e9019"
            "12a137e5823fabc5e179c2322c0a026531d205250a0c0a0a6578743a746573743a312215e5a9b4e5"
            "b9bce584bfe9858de696b9e4b9b3e7b289");
  EXPECT_EQ(records_[2],
            "0801100218c08db8b284e99103220265322a207c71d590fe1c07217cbf23cb577ddec36ba9c95d8e"
            "dc3927c1022d4b5d6fe0fb322f0a026532da05280a0c0a0a6578743a746573743a31120c0a0a6578"
            "743a746573743a32220a08f00210011a034b474d");
}

TEST_F(GoldenTest, LeavesAndRootAreTheseHashes) {
  EXPECT_EQ(leaves_[0], "f250eaee66ab0910bb44b98a90853764a63b5e901912a137e5823fabc5e179c2");
  EXPECT_EQ(leaves_[1], "7c71d590fe1c07217cbf23cb577ddec36ba9c95d8edc3927c1022d4b5d6fe0fb");
  EXPECT_EQ(leaves_[2], "a3914e72460c38d60f4524a303928bf4c4d793913cbd09fcb7f400b6d7127f2b");
  EXPECT_EQ(frontier_.Root().hex(),
            "c15e818bfe09bb7f4cf58fd1b197d595cee83d7fe506126b82a449a9df371356");
}

TEST_F(GoldenTest, ChunkHeadAndKeysAreTheseBytes) {
  EXPECT_EQ(chunk_,
            "010000000000000003c15e818bfe09bb7f4cf58fd1b197d595cee83d7fe506126b82a449a9df3713"
            "56610801100118e0c6dcb184e99103220265312a20f250eaee66ab0910bb44b98a90853764a63b5e"
            "901912a137e5823fabc5e179c2322c0a026531d205250a0c0a0a6578743a746573743a312215e5a9"
            "b4e5b9bce584bfe9858de696b9e4b9b3e7b289640801100218c08db8b284e99103220265322a207c"
            "71d590fe1c07217cbf23cb577ddec36ba9c95d8edc3927c1022d4b5d6fe0fb322f0a026532da0528"
            "0a0c0a0a6578743a746573743a31120c0a0a6578743a746573743a32220a08f00210011a034b474d");
  EXPECT_EQ(head_,
            "080110031a20c15e818bfe09bb7f4cf58fd1b197d595cee83d7fe506126b82a449a9df3713562220"
            "a3914e72460c38d60f4524a303928bf4c4d793913cbd09fcb7f400b6d7127f2b28c08db8b284e991"
            "03322003339740e60234b2608b815052a0e43150f7b47826d577de1bec5aa341f14f3a3220a3914e"
            "72460c38d60f4524a303928bf4c4d793913cbd09fcb7f400b6d7127f2b");
  EXPECT_EQ(ToHex(EntryKey(1, 258)), "65000000010000000000000102");
  EXPECT_EQ(ToHex(HeadKey(1)), "6800000001");
  EXPECT_EQ(ToHex(InfoKey(1)), "6c00000001");
}

}  // namespace
}  // namespace suyuan::ledger

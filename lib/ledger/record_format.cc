#include "lib/ledger/record_format.h"

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "suyuan/storage/v1/record.pb.h"

namespace suyuan::ledger {
namespace {

constexpr char kChunkFormat = 1;
constexpr uint32_t kHeadFormat = 1;

// Protobuf wire format: field number and type in one varint.
constexpr char VarintTag(int field) { return static_cast<char>(field << 3); }
constexpr char BytesTag(int field) { return static_cast<char>(field << 3 | 2); }

std::string NumberedKey(char kind, uint32_t ledger) {
  std::string key(1, kind);
  PutFixed32(&key, ledger);
  return key;
}

}  // namespace

void AppendRecord(const RecordView& record, std::string* out) {
  out->push_back(VarintTag(1));
  PutVarint(out, kRecordFormat);
  if (record.sequence != 0) {
    out->push_back(VarintTag(2));
    PutVarint(out, record.sequence);
  }
  if (record.recorded_micros != 0) {
    out->push_back(VarintTag(3));
    PutVarint(out, static_cast<uint64_t>(record.recorded_micros));
  }
  out->push_back(BytesTag(4));
  PutString(out, record.event_id);
  out->push_back(BytesTag(5));
  PutString(out, record.previous.view());
  out->push_back(BytesTag(6));
  PutString(out, record.event);
}

absl::StatusOr<RecordView> ParseRecord(std::string_view bytes) {
  ByteReader reader(bytes);
  RecordView record;
  uint64_t format = 0;
  int last_field = 0;
  while (reader.ok() && !reader.done()) {
    const uint64_t tag = reader.Varint();
    const int field = static_cast<int>(tag >> 3);
    if (tag > 63 || field <= last_field) return DataLoss("record: unexpected tag ", tag);
    last_field = field;
    if (tag == static_cast<uint64_t>(VarintTag(1))) {
      format = reader.Varint();
    } else if (tag == static_cast<uint64_t>(VarintTag(2))) {
      record.sequence = reader.Varint();
    } else if (tag == static_cast<uint64_t>(VarintTag(3))) {
      record.recorded_micros = static_cast<int64_t>(reader.Varint());
    } else if (tag == static_cast<uint64_t>(BytesTag(4))) {
      record.event_id = reader.String();
    } else if (tag == static_cast<uint64_t>(BytesTag(5))) {
      const std::string_view hash = reader.String();
      if (hash.size() != 32) return DataLoss("record: previous hash of ", hash.size(), " bytes");
      record.previous = Hash::From(hash);
    } else if (tag == static_cast<uint64_t>(BytesTag(6))) {
      record.event = reader.String();
    } else {
      return DataLoss("record: unexpected tag ", tag);
    }
  }
  if (!reader.ok() || last_field != 6) return DataLoss("record: ends early");
  if (format != kRecordFormat) {
    return DataLoss("record: format ", format, ", this program knows ", kRecordFormat);
  }
  return record;
}

absl::StatusOr<Chunk> ParseChunk(std::string_view value) {
  ByteReader reader(value);
  const std::string_view format = reader.Raw(1);
  Chunk chunk;
  chunk.tree_size = reader.Fixed64();
  chunk.root = Hash::From(reader.Raw(32));
  if (!reader.ok() || format[0] != kChunkFormat) return DataLoss("chunk: no chunk of format 1");
  while (reader.ok() && !reader.done()) chunk.records.push_back(reader.String());
  if (!reader.ok() || chunk.records.empty()) return DataLoss("chunk: ends early");
  return chunk;
}

void ChunkBuilder::Add(std::string_view record) {
  PutString(&body_, record);
  ++count_;
}

std::string ChunkBuilder::Finish(uint64_t tree_size, const Hash& root) {
  std::string value(1, kChunkFormat);
  value.reserve(41 + body_.size());
  PutFixed64(&value, tree_size);
  value.append(root.view());
  value.append(body_);
  body_.clear();
  count_ = 0;
  return value;
}

std::string EntryKey(uint32_t ledger, uint64_t first_sequence) {
  std::string key = NumberedKey('e', ledger);
  PutFixed64(&key, first_sequence);
  return key;
}

std::string HeadKey(uint32_t ledger) { return NumberedKey('h', ledger); }

std::string Sm3HeadKey(uint32_t ledger) { return NumberedKey('r', ledger); }

std::string TileKey(uint32_t ledger, int level, uint64_t index, HashKind kind) {
  std::string key = NumberedKey(kind == HashKind::kSm3 ? 's' : 't', ledger);
  key.push_back(static_cast<char>(level));
  PutFixed64(&key, index);
  return key;
}

std::string InfoKey(uint32_t ledger) { return NumberedKey(kInfoPrefix[0], ledger); }

std::optional<uint64_t> SequenceOfEntryKey(uint32_t ledger, std::string_view key) {
  if (key.size() != 13 || !key.starts_with(NumberedKey('e', ledger))) return std::nullopt;
  return GetFixed64(key.data() + 5);
}

std::optional<uint32_t> LedgerOfInfoKey(std::string_view key) {
  if (key.size() != 5 || !key.starts_with(kInfoPrefix)) return std::nullopt;
  return GetFixed32(key.data() + 1);
}

std::string EncodeHead(const Head& head) {
  storage::v1::Head message;
  message.set_format(kHeadFormat);
  message.set_size(head.frontier.size());
  message.set_root(std::string(head.frontier.Root().view()));
  message.set_last_leaf(std::string(head.last_leaf.view()));
  message.set_last_recorded_micros(head.last_recorded_micros);
  for (const Hash& root : head.frontier.subtree_roots()) {
    message.add_frontier(std::string(root.view()));
  }
  return message.SerializeAsString();
}

absl::StatusOr<Head> ParseHead(std::string_view bytes) {
  storage::v1::Head message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      message.format() != kHeadFormat) {
    return DataLoss("head: no head of format ", kHeadFormat);
  }
  std::vector<Hash> roots;
  for (const std::string& root : message.frontier()) roots.push_back(Hash::From(root));
  std::optional<merkle::Frontier> frontier =
      merkle::Frontier::From(message.size(), std::move(roots));
  if (!frontier.has_value() || frontier->Root() != Hash::From(message.root())) {
    return DataLoss("head: subtree roots do not make the root of size ", message.size());
  }
  return Head{*std::move(frontier), Hash::From(message.last_leaf()),
              message.last_recorded_micros()};
}

std::string EncodeSm3Head(const Sm3Head& head) {
  std::string bytes;
  PutFixed64(&bytes, head.size);
  bytes += head.root.view();
  return bytes;
}

absl::StatusOr<Sm3Head> ParseSm3Head(std::string_view bytes) {
  ByteReader reader(bytes);
  Sm3Head head;
  head.size = reader.Fixed64();
  head.root = Hash::From(reader.Raw(sizeof(head.root.bytes)));
  if (!reader.ok() || !reader.done()) return DataLoss("SM3 head of ", bytes.size(), " bytes");
  return head;
}

}  // namespace suyuan::ledger

#include "lib/store/table_check.h"

#include <xxhash.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::store {
namespace {

// Source: RocksDB, table/format.h: the footer of a block-based table of format 1 to 5
// is checksum type, two block handles, padding, format, magic number; a block is
// followed by its compression and a checksum over both.
constexpr size_t kFooterBytes = 53;
constexpr uint64_t kMagic = 0x88e241b785f4cff7;
constexpr uint8_t kXxh3 = 4;
constexpr size_t kTrailerBytes = 5;

struct Handle {
  uint64_t offset = 0;
  uint64_t size = 0;
};

uint32_t Fixed32(const char* p) {
  uint32_t value = 0;
  std::memcpy(&value, p, sizeof value);
  return value;
}

std::optional<uint64_t> Varint(std::string_view* in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in->empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in->front());
    in->remove_prefix(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<Handle> ReadHandle(std::string_view* in) {
  const std::optional<uint64_t> offset = Varint(in);
  const std::optional<uint64_t> size = offset.has_value() ? Varint(in) : std::nullopt;
  if (!size.has_value()) return std::nullopt;
  return Handle{*offset, *size};
}

// The block, if it lies within `file`.
std::optional<std::string_view> Block(std::string_view file, const Handle& handle) {
  if (handle.size > file.size() || handle.offset > file.size() - handle.size ||
      file.size() - handle.size - handle.offset < kTrailerBytes) {
    return std::nullopt;
  }
  return file.substr(handle.offset, handle.size + kTrailerBytes);
}

bool ChecksumHolds(std::string_view block) {
  const std::string_view content = block.substr(0, block.size() - kTrailerBytes);
  const uint8_t compression = static_cast<uint8_t>(block[content.size()]);
  const uint32_t sum = static_cast<uint32_t>(XXH3_64bits(content.data(), content.size())) ^
                       uint32_t { compression } * 0x6b9083d9u;
  return sum == Fixed32(block.data() + content.size() + 1);
}

// Where the metaindex, an uncompressed block with a restart at every entry, says
// that the properties are.
std::optional<Handle> PropertiesOf(std::string_view metaindex) {
  while (!metaindex.empty()) {
    const std::optional<uint64_t> shared = Varint(&metaindex);
    const std::optional<uint64_t> own = Varint(&metaindex);
    const std::optional<uint64_t> value = Varint(&metaindex);
    if (!shared.has_value() || !own.has_value() || !value.has_value() || *shared != 0 ||
        *own > metaindex.size() || *value > metaindex.size() - *own) {
      return std::nullopt;
    }
    const std::string_view key = metaindex.substr(0, *own);
    std::string_view handle = metaindex.substr(*own, *value);
    metaindex.remove_prefix(*own + *value);
    if (key == "rocksdb.properties") return ReadHandle(&handle);
  }
  return std::nullopt;
}

bool IsSound(std::string_view file) {
  if (file.size() < kFooterBytes) return true;
  std::string_view footer = file.substr(file.size() - kFooterBytes);
  uint64_t magic = 0;
  std::memcpy(&magic, footer.data() + kFooterBytes - sizeof magic, sizeof magic);
  if (magic != kMagic || static_cast<uint8_t>(footer[0]) != kXxh3) return true;
  footer.remove_prefix(1);
  const std::optional<Handle> metaindex = ReadHandle(&footer);
  if (!metaindex.has_value()) return true;
  const std::optional<std::string_view> index = Block(file, *metaindex);
  if (!index.has_value()) return true;
  if (!ChecksumHolds(*index)) return false;
  const std::optional<Handle> handle = PropertiesOf(*index);
  if (!handle.has_value()) return true;
  const std::optional<std::string_view> properties = Block(file, *handle);
  return properties.has_value() && ChecksumHolds(*properties);
}

}  // namespace

absl::Status CheckTables(const std::string& db_dir) {
  const absl::StatusOr<std::vector<std::string>> names = ListDir(db_dir);
  if (!names.ok()) return absl::OkStatus();  // RocksDB says why
  for (const std::string& name : *names) {
    if (!name.ends_with(".sst")) continue;
    const std::string path = StrCat(db_dir, "/", name);
    SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file, MappedFile::Open(path));
    if (!IsSound(file->bytes())) {
      return DataLoss("database: ", path, ": its properties do not have their checksum");
    }
  }
  return absl::OkStatus();
}

}  // namespace suyuan::store

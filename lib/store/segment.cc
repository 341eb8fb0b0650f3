#include "lib/store/segment.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::store {
namespace {

constexpr std::string_view kMagic = "SUYSEG01";
constexpr size_t kHeader = 8 + 4 + 8 + 8 + 32 + 8;
constexpr size_t kDigest = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<Segment>> Segment::Open(const std::string& path) {
  auto segment = std::make_unique<Segment>();
  SUYUAN_ASSIGN_OR_RETURN(segment->file_, MappedFile::Open(path));
  const std::string_view bytes = segment->file_->bytes();
  if (bytes.size() < kHeader + kDigest || bytes.substr(0, 8) != kMagic) {
    return DataLoss("segment ", path, ": no segment of format 1");
  }
  ByteReader reader(bytes.substr(8));
  segment->ledger_ = reader.Fixed32();
  segment->from_ = reader.Fixed64();
  segment->to_ = reader.Fixed64();
  segment->last_leaf_ = Hash::From(reader.Raw(32));
  const uint64_t size = reader.Fixed64();
  if (size != bytes.size() - kHeader - kDigest || segment->from_ >= segment->to_) {
    return DataLoss("segment ", path, ": ", bytes.size(), " bytes do not fit its header");
  }
  segment->payload_ = bytes.substr(kHeader, size);
  const Hash expected = Hash::From(bytes.substr(kHeader + size));
  const Hash found = Sha256({bytes.substr(0, kHeader + size)});
  if (expected != found) {
    return DataLoss("segment ", path, ": digest is ", found.hex(), ", expected ", expected.hex());
  }
  return segment;
}

absl::Status SegmentDir::Write(uint32_t ledger, uint64_t from, uint64_t to, const Hash& last_leaf,
                               std::string_view payload) const {
  std::string bytes(kMagic);
  bytes.reserve(kHeader + payload.size() + kDigest);
  PutFixed32(&bytes, ledger);
  PutFixed64(&bytes, from);
  PutFixed64(&bytes, to);
  bytes.append(last_leaf.view());
  PutFixed64(&bytes, payload.size());
  bytes.append(payload);
  const Hash digest = Sha256({bytes});
  bytes.append(digest.view());
  SUYUAN_RETURN_IF_ERROR(MakeDirs(dir_));
  return WriteFileAtomically(Path(ledger, from), bytes);
}

std::string SegmentDir::Path(uint32_t ledger, uint64_t from) const {
  return absl::StrFormat("%s/%s-%08x-%016x.seg", dir_, kind_, ledger, from);
}

absl::StatusOr<std::unique_ptr<Segment>> SegmentDir::Map(uint32_t ledger, uint64_t from) const {
  return Segment::Open(Path(ledger, from));
}

absl::StatusOr<std::vector<std::string>> SegmentDir::Files() const {
  std::vector<std::string> paths;
  absl::StatusOr<std::vector<std::string>> names = ListDir(dir_);
  if (absl::IsNotFound(names.status())) return paths;
  SUYUAN_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (name.starts_with(kind_ + "-")) paths.push_back(dir_ + "/" + name);
  }
  return paths;
}

absl::StatusOr<std::vector<std::unique_ptr<Segment>>> SegmentDir::Load(
    uint32_t ledger, const std::function<std::optional<Hash>(uint64_t)>& leaf_at) const {
  std::vector<std::unique_ptr<Segment>> segments;
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> paths, Files());
  const std::string prefix = absl::StrFormat("%s/%s-%08x-", dir_, kind_, ledger);
  uint64_t next = 0;
  for (const std::string& path : paths) {
    if (!path.starts_with(prefix)) continue;
    absl::StatusOr<std::unique_ptr<Segment>> segment = Segment::Open(path);
    if (segment.ok() && (*segment)->ledger() == ledger && (*segment)->from() == next &&
        leaf_at((*segment)->to() - 1) == (*segment)->last_leaf()) {
      next = (*segment)->to();
      segments.push_back(*std::move(segment));
    } else {
      SUYUAN_RETURN_IF_ERROR(RemoveFile(path));
    }
  }
  return segments;
}

absl::Status SegmentDir::Remove(uint32_t ledger, uint64_t from) const {
  return RemoveFile(Path(ledger, from));
}

absl::Status SegmentDir::DropAll() const {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> paths, Files());
  for (const std::string& path : paths) SUYUAN_RETURN_IF_ERROR(RemoveFile(path));
  return absl::OkStatus();
}

}  // namespace suyuan::store

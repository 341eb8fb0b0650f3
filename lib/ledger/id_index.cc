#include "lib/ledger/id_index.h"

#include <algorithm>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"

namespace suyuan::ledger {
namespace {

constexpr size_t kRowBytes = kIdRowBytes;

// The hashes are uniform, so interpolation needs two or three looks.
std::optional<uint64_t> FindInRows(std::string_view rows, uint64_t hash) {
  size_t low = 0;
  size_t high = rows.size() / kRowBytes;
  uint64_t low_hash = 0;
  uint64_t high_hash = ~uint64_t{0};
  while (low < high) {
    const long double share = static_cast<long double>(hash - low_hash) /
                              (static_cast<long double>(high_hash - low_hash) + 1);
    const size_t middle =
        std::min(high - 1, low + static_cast<size_t>(share * static_cast<long double>(high - low)));
    const uint64_t found = GetFixed64(rows.data() + middle * kRowBytes);
    if (found == hash) return GetFixed64(rows.data() + middle * kRowBytes + 8);
    if (found < hash) {
      low = middle + 1;
      low_hash = found;
    } else {
      high = middle;
      high_hash = found;
    }
  }
  return std::nullopt;
}

}  // namespace

uint64_t IdHash(std::string_view id) { return GetFixed64(Sha256({id}).view().data()); }

IdIndex::IdIndex(uint32_t ledger, std::string dir) : ledger_(ledger), dir_(std::move(dir), "id") {}

IdIndex::Filter::Filter(std::string_view rows)
    : blocks_(rows.size() / kRowBytes / kRowsABlock + 1) {
  for (size_t at = 0; at + kRowBytes <= rows.size(); at += kRowBytes) {
    const uint64_t hash = GetFixed64(rows.data() + at);
    Block& block = blocks_[BlockOf(hash)];
    for (size_t i = 0; i < kWords; ++i) block.words[i] |= uint64_t{1} << (hash >> (6 * i) & 63);
  }
}

// By the highest bits; the lowest 48 are for the words.
size_t IdIndex::Filter::BlockOf(uint64_t hash) const {
  return static_cast<size_t>((hash >> 32) * blocks_.size() >> 32);
}

bool IdIndex::Filter::CanHold(uint64_t hash) const {
  const Block& block = blocks_[BlockOf(hash)];
  uint64_t all = 1;
  for (size_t i = 0; i < kWords; ++i) all &= block.words[i] >> (hash >> (6 * i) & 63);
  return all != 0;
}

std::optional<uint64_t> IdIndex::At(uint64_t hash) const {
  if (const auto it = recent_.find(hash); it != recent_.end()) return it->second;
  for (const Sealed& sealed : segments_) {
    if (!sealed.filter.CanHold(hash)) continue;
    if (const auto found = FindInRows(sealed.segment->payload(), hash)) return found;
  }
  return std::nullopt;
}

std::optional<uint64_t> IdIndex::Find(uint64_t hash,
                                      const std::function<bool(uint64_t)>& is_it) const {
  for (std::optional<uint64_t> at = At(hash); at.has_value(); at = At(++hash)) {
    if (is_it(*at)) return at;
  }
  return std::nullopt;
}

void IdIndex::Add(uint64_t hash, uint64_t sequence) {
  while (At(hash).has_value()) ++hash;
  recent_.emplace(hash, sequence);
  height_ = sequence + 1;
}

absl::Status IdIndex::Load(const std::function<std::optional<Hash>(uint64_t)>& leaf_at) {
  SUYUAN_ASSIGN_OR_RETURN(std::vector<std::unique_ptr<store::Segment>> segments,
                          dir_.Load(ledger_, leaf_at));
  // What is not a list of as many ids is made again, with all behind it.
  const auto whole = [](const std::unique_ptr<store::Segment>& segment) {
    return segment->payload().size() == (segment->to() - segment->from()) * kRowBytes;
  };
  const auto bad = std::find_if_not(segments.begin(), segments.end(), whole);
  for (auto it = bad; it != segments.end(); ++it) {
    SUYUAN_RETURN_IF_ERROR(dir_.Remove(ledger_, (*it)->from()));
  }
  segments.erase(bad, segments.end());
  recent_.clear();
  height_ = sealed_ = segments.empty() ? 0 : segments.back()->to();
  segments_.clear();
  for (std::unique_ptr<store::Segment>& segment : segments) {
    Filter filter(segment->payload());
    segments_.push_back({std::move(segment), std::move(filter)});
  }
  return absl::OkStatus();
}

absl::Status IdIndex::Seal(uint64_t to, const Hash& last_leaf) {
  if (to - sealed_ < store::kSegmentEntries) return absl::OkStatus();
  std::vector<std::pair<uint64_t, uint64_t>> rows;
  rows.reserve(to - sealed_);
  for (const auto& [hash, sequence] : recent_) {
    if (sequence >= sealed_ && sequence < to) rows.emplace_back(hash, sequence);
  }
  std::sort(rows.begin(), rows.end());
  std::string payload;
  payload.reserve(rows.size() * kRowBytes);
  for (const auto& [hash, sequence] : rows) {
    PutFixed64(&payload, hash);
    PutFixed64(&payload, sequence);
  }
  SUYUAN_RETURN_IF_ERROR(dir_.Write(ledger_, sealed_, to, last_leaf, payload));
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<store::Segment> segment, dir_.Map(ledger_, sealed_));
  segments_.push_back({std::move(segment), Filter(payload)});
  absl::flat_hash_map<uint64_t, uint64_t> rest;
  for (const auto& [hash, sequence] : recent_) {
    if (sequence >= to) rest.emplace(hash, sequence);
  }
  recent_ = std::move(rest);
  sealed_ = to;
  return absl::OkStatus();
}

absl::Status IdIndex::Drop() {
  segments_.clear();
  recent_.clear();
  sealed_ = height_ = 0;
  return dir_.DropAll();
}

bool IdIndex::ForEach(std::string_view payload,
                      const std::function<void(uint64_t, uint64_t)>& visit) {
  if (payload.size() % kRowBytes != 0) return false;
  ByteReader reader(payload);
  while (!reader.done()) {
    const uint64_t hash = reader.Fixed64();
    visit(hash, reader.Fixed64());
  }
  return true;
}

}  // namespace suyuan::ledger

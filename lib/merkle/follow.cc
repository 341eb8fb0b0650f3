#include "lib/merkle/follow.h"

#include <algorithm>
#include <bit>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/note.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile_tree.h"

namespace suyuan::merkle {
namespace {

constexpr size_t kMaxCheckpointBytes = 64 << 10;
constexpr size_t kHashBytes = 32;

absl::Status Contradicts(Contradiction* found, std::string why) {
  found->why = std::move(why);
  return DataLoss(found->why);
}

std::string FileName(const Tile& tile) {
  std::string name = TilePath(tile);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

size_t MaxBytes(const Tile& tile) {
  const auto width = static_cast<size_t>(tile.width);
  return width * (tile.level == Tile::kEntries ? 2 + kMaxEntryBytes : kHashBytes);
}

std::vector<Hash> HashesIn(std::string_view bytes) {
  std::vector<Hash> hashes;
  for (size_t i = 0; i + kHashBytes <= bytes.size(); i += kHashBytes) {
    hashes.push_back(Hash::From(bytes.substr(i, kHashBytes)));
  }
  return hashes;
}

Hash RootOf(std::span<const Hash> leaves) {
  Frontier tree;
  for (const Hash& leaf : leaves) tree.Append(leaf);
  return tree.Root();
}

absl::StatusOr<Checkpoint> CheckpointIn(const std::string& note) {
  SUYUAN_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  return ParseCheckpoint(parsed.text);
}

}  // namespace

absl::StatusOr<Offer> LogFollower::Ask() {
  absl::StatusOr<std::string> note = fetch_("checkpoint", kMaxCheckpointBytes);
  if (absl::IsNotFound(note.status())) {
    return absl::UnavailableError("it shows no checkpoint");
  }
  SUYUAN_RETURN_IF_ERROR(note.status());
  if (note->size() > kMaxCheckpointBytes) {
    return InvalidArgument("checkpoint: more than ", kMaxCheckpointBytes, " bytes");
  }
  Offer offer;
  absl::StatusOr<Checkpoint> checkpoint = policy_.VerifyCheckpoint(*note);
  // Whoever sits between could have sent it: it proves nothing against the log.
  if (absl::IsDataLoss(checkpoint.status())) {
    return absl::PermissionDeniedError(checkpoint.status().message());
  }
  if (absl::IsInvalidArgument(checkpoint.status())) {
    return InvalidArgument("checkpoint: ", ToStd(checkpoint.status().message()));
  }
  SUYUAN_RETURN_IF_ERROR(checkpoint.status());
  offer.checkpoint = *std::move(checkpoint);
  offer.note = *std::move(note);
  return offer;
}

absl::StatusOr<bool> LogFollower::Take(const HeldLog& held, const Offer& offer, const Sink& sink,
                                       Contradiction* found) {
  const auto take = [&]() -> absl::StatusOr<bool> {
    const uint64_t size = held.tree.size();
    if (offer.checkpoint.size > kMaxFollowedSize) {
      return absl::ResourceExhaustedError(StrCat("a ledger of ", offer.checkpoint.size,
                                                 " entries, at most ", kMaxFollowedSize,
                                                 " are followed"));
    }
    if (offer.checkpoint.size <= size) {
      SUYUAN_RETURN_IF_ERROR(Compare(held, offer, found));
      if (held.accepted.empty()) return offer.checkpoint.size > 0;
      SUYUAN_ASSIGN_OR_RETURN(const Checkpoint accepted, CheckpointIn(held.accepted));
      return offer.checkpoint.size >= accepted.size;
    }
    if (!held.promised.empty()) {
      SUYUAN_ASSIGN_OR_RETURN(const Checkpoint promised, CheckpointIn(held.promised));
      if (promised.size == offer.checkpoint.size && promised.root != offer.checkpoint.root) {
        return Contradicts(
            found, StrCat("fork: it signed size ", promised.size, " with root ",
                          promised.root.hex(), " and with root ", offer.checkpoint.root.hex()));
      }
    }
    Shown shown;
    SUYUAN_RETURN_IF_ERROR(ReadTree(held, offer, &shown, found));
    SUYUAN_RETURN_IF_ERROR(ReadEntries(held, offer, &shown, sink, found));
    return true;
  };
  absl::StatusOr<bool> taken = take();
  if (!found->why.empty()) {
    found->files.emplace_back("offered.checkpoint", offer.note);
    if (!held.accepted.empty()) found->files.emplace_back("accepted.checkpoint", held.accepted);
    if (!held.promised.empty()) found->files.emplace_back("promised.checkpoint", held.promised);
  }
  return taken;
}

// A checkpoint of what is held already.
absl::Status LogFollower::Compare(const HeldLog& held, const Offer& offer,
                                  Contradiction* found) const {
  const Checkpoint& checkpoint = offer.checkpoint;
  SUYUAN_ASSIGN_OR_RETURN(const Hash root, held.root_at(checkpoint.size));
  if (root == checkpoint.root) return absl::OkStatus();
  return Contradicts(
      found, StrCat("fork: it signed size ", checkpoint.size, " with root ", checkpoint.root.hex(),
                    ", the entries that it showed before "
                    "have root ",
                    root.hex()));
}

absl::StatusOr<std::string> LogFollower::Fetch(const Tile& tile) {
  absl::StatusOr<std::string> bytes = fetch_(TilePath(tile), MaxBytes(tile));
  if (!absl::IsNotFound(bytes.status())) return bytes;
  if (tile.width < static_cast<int>(kTileWidth)) {
    // It may have been filled meanwhile.
    Tile full = tile;
    full.width = kTileWidth;
    bytes = fetch_(TilePath(full), MaxBytes(full));
    if (bytes.ok() && tile.level != Tile::kEntries) {
      bytes->resize(std::min(bytes->size(), MaxBytes(tile)));
    } else if (bytes.ok()) {
      const auto entries = ParseBundle(*bytes, full.width);
      if (!entries.ok()) return bytes;
      std::string cut;
      for (int i = 0; i < tile.width; ++i) AppendToBundle((*entries)[static_cast<size_t>(i)], &cut);
      return cut;
    }
  }
  if (!absl::IsNotFound(bytes.status())) return bytes;
  return absl::UnavailableError(
      StrCat("it does not show ", TilePath(tile), ", which its checkpoint counts"));
}

absl::StatusOr<std::vector<Hash>> LogFollower::FetchHashes(const Tile& tile, Contradiction* found) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string bytes, Fetch(tile));
  if (bytes.size() == MaxBytes(tile)) return HashesIn(bytes);
  found->files.emplace_back(FileName(tile), bytes);
  return Contradicts(
      found, StrCat(TilePath(tile), ": found ", bytes.size(), " bytes, expected ", MaxBytes(tile)));
}

absl::Status LogFollower::ReadTree(const HeldLog& held, const Offer& offer, Shown* shown,
                                   Contradiction* found) {
  const uint64_t size = offer.checkpoint.size;
  shown->from_tile = held.tree.size() / kTileWidth;
  shown->to_tile = size / kTileWidth;
  // Over full tiles of level 0, of which those that are held whole are known.
  const std::vector<Hash>& own = held.tree.subtree_roots();
  const auto full = static_cast<std::ptrdiff_t>(std::popcount(shown->from_tile));
  Frontier high =
      *Frontier::From(shown->from_tile, std::vector<Hash>(own.begin(), own.begin() + full));
  for (uint64_t at = shown->from_tile; at < shown->to_tile;) {
    const uint64_t index = at / kTileWidth;
    const uint64_t end = std::min((index + 1) * kTileWidth, shown->to_tile);
    const Tile tile{
        .level = 1, .index = index, .width = static_cast<int>(end - index * kTileWidth)};
    SUYUAN_ASSIGN_OR_RETURN(shown->in_hand, FetchHashes(tile, found));
    shown->index_in_hand = index;
    std::string bytes;
    for (const Hash& hash : shown->in_hand) bytes += hash.view();
    shown->digests.push_back(Sha256({bytes}));
    for (; at < end; ++at) high.Append(shown->in_hand[at % kTileWidth]);
  }
  std::vector<Hash> roots = high.subtree_roots();
  if (const auto width = static_cast<int>(size % kTileWidth); width > 0) {
    const Tile tile{.level = 0, .index = shown->to_tile, .width = width};
    SUYUAN_ASSIGN_OR_RETURN(shown->partial, FetchHashes(tile, found));
    Frontier low;
    for (const Hash& leaf : shown->partial) low.Append(leaf);
    roots.insert(roots.end(), low.subtree_roots().begin(), low.subtree_roots().end());
  }
  const Hash root = Frontier::From(size, std::move(roots))->Root();
  if (root == offer.checkpoint.root) return absl::OkStatus();
  Explain(held, offer, root, found);
  return DataLoss(found->why);
}

void LogFollower::Explain(const HeldLog& held, const Offer& offer, const Hash& computed,
                          Contradiction* found) {
  const Checkpoint& checkpoint = offer.checkpoint;
  found->why = StrCat("the tiles that it shows give size ", checkpoint.size, " the root ",
                      computed.hex(), ", its checkpoint says ", checkpoint.root.hex());
  TileReader reader(checkpoint.size,
                    [&](const Tile& tile) -> absl::StatusOr<std::string> { return Fetch(tile); });
  const auto read = [&](int level, uint64_t index) { return reader.Subtree(level, index); };
  const absl::StatusOr<Hash> own_root = SubtreeRoot(0, checkpoint.size, read);
  const uint64_t size = held.tree.size();
  const absl::StatusOr<std::vector<Hash>> proof = ConsistencyProof(size, checkpoint.size, read);
  if (!own_root.ok() || *own_root != checkpoint.root || size == 0 || !proof.ok()) return;
  const absl::Status consistent =
      VerifyConsistency(size, held.tree.Root(), checkpoint.size, checkpoint.root, *proof);
  if (consistent.ok()) return;
  found->why = StrCat("fork: its tree of ", checkpoint.size, " entries does not begin with the ",
                      size, " entries that it showed before, root ", held.tree.Root().hex());
  std::string lines = StrCat("from ", size, " ", held.tree.Root().hex(), "\nto ", checkpoint.size,
                             " ", checkpoint.root.hex(), "\n");
  for (const Hash& hash : *proof) lines += hash.hex() + "\n";
  found->files.emplace_back("consistency-proof", std::move(lines));
}

absl::Status LogFollower::SeeAgain(const Offer& offer, uint64_t index, Shown* shown,
                                   Contradiction* found) {
  if (shown->index_in_hand == index) return absl::OkStatus();
  const uint64_t end = std::min((index + 1) * kTileWidth, shown->to_tile);
  const Tile tile{.level = 1, .index = index, .width = static_cast<int>(end - index * kTileWidth)};
  SUYUAN_ASSIGN_OR_RETURN(shown->in_hand, FetchHashes(tile, found));
  shown->index_in_hand = index;
  std::string bytes;
  for (const Hash& hash : shown->in_hand) bytes += hash.view();
  if (Sha256({bytes}) == shown->digests[index - shown->from_tile / kTileWidth]) {
    return absl::OkStatus();
  }
  found->files.emplace_back(FileName(tile), bytes);
  return Contradicts(found, StrCat(TilePath(tile),
                                   ": other hashes than a moment ago, under the "
                                   "same checkpoint of size ",
                                   offer.checkpoint.size));
}

absl::Status LogFollower::ReadEntries(const HeldLog& held, const Offer& offer, Shown* shown,
                                      const Sink& sink, Contradiction* found) {
  const uint64_t size = offer.checkpoint.size;
  std::optional<Checkpoint> promised;
  if (!held.promised.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(promised, CheckpointIn(held.promised));
  }
  Frontier tree = held.tree;
  for (uint64_t index = shown->from_tile; index * kTileWidth < size; ++index) {
    const bool full = index < shown->to_tile;
    const uint64_t begin = index * kTileWidth;
    const Tile tile{.level = Tile::kEntries,
                    .index = index,
                    .width = static_cast<int>(full ? kTileWidth : size % kTileWidth)};
    SUYUAN_ASSIGN_OR_RETURN(const std::string bundle, Fetch(tile));
    const auto records = ParseBundle(bundle, tile.width);
    if (!records.ok()) {
      found->files.emplace_back(FileName(tile), bundle);
      return Contradicts(found, StrCat(TilePath(tile), ": ", ToStd(records.status().message())));
    }
    std::vector<Hash> leaves;
    for (const std::string_view record : *records) leaves.push_back(LeafHash(record));
    std::vector<Hash> expected = full ? std::vector<Hash>() : shown->partial;
    if (full) SUYUAN_RETURN_IF_ERROR(SeeAgain(offer, index / kTileWidth, shown, found));
    const bool right =
        full ? RootOf(leaves) == shown->in_hand[index % kTileWidth] : leaves == expected;
    if (!right) {
      found->files.emplace_back(FileName(tile), bundle);
      const Tile hashes{.level = 0, .index = index, .width = tile.width};
      if (full) {
        if (const auto bytes = Fetch(hashes); bytes.ok()) expected = HashesIn(*bytes);
        if (RootOf(expected) != shown->in_hand[index % kTileWidth]) expected.clear();
      }
      std::string why = StrCat(TilePath(tile), ": its entries are not those of the tree of size ",
                               size, ", root ", offer.checkpoint.root.hex());
      std::string bytes;
      for (const Hash& hash : expected) bytes += hash.view();
      if (!bytes.empty()) found->files.emplace_back(FileName(hashes), std::move(bytes));
      const auto [other, of_tree] =
          std::mismatch(leaves.begin(), leaves.end(), expected.begin(), expected.end());
      if (of_tree != expected.end() && other != leaves.end()) {
        why = StrCat("entry ", begin + static_cast<uint64_t>(other - leaves.begin()),
                     ": what it shows has the hash ", other->hex(), ", its tree of size ", size,
                     " counts ", of_tree->hex());
      }
      return Contradicts(found, std::move(why));
    }
    const uint64_t held_here = held.tree.size() > begin ? held.tree.size() - begin : 0;
    for (uint64_t i = 0; i < held_here; ++i) {
      SUYUAN_ASSIGN_OR_RETURN(const Hash leaf, held.leaf_at(begin + i));
      if (leaves[i] == leaf) continue;
      found->files.emplace_back(FileName(tile), bundle);
      return Contradicts(
          found, StrCat("fork: entry ", begin + i, " has the hash ", leaves[i].hex(),
                        " in its tree of size ", size, ", it showed ", leaf.hex(), " before"));
    }
    for (uint64_t i = held_here; i < leaves.size(); ++i) {
      tree.Append(leaves[i]);
      if (!promised.has_value() || tree.size() != promised->size || tree.Root() == promised->root) {
        continue;
      }
      found->files.emplace_back(FileName(tile), bundle);
      return Contradicts(found, StrCat("fork: it signed size ", promised->size, " with root ",
                                       promised->root.hex(), ", its tree of size ", size,
                                       " gives it ", tree.Root().hex()));
    }
    SUYUAN_RETURN_IF_ERROR(
        sink(begin + held_here, std::span(*records).subspan(static_cast<size_t>(held_here))));
  }
  return absl::OkStatus();
}

}  // namespace suyuan::merkle

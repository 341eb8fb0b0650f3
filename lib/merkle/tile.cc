#include "lib/merkle/tile.h"

#include <charconv>
#include <optional>

#include "lib/base/check.h"
#include "lib/base/strings.h"

namespace suyuan::merkle {
namespace {

constexpr std::string_view kPrefix = "tile/";
constexpr std::string_view kEntriesName = "entries";
constexpr int kMaxLevel = 7;  // 2^64 leaves

std::string ThreeDigits(uint64_t number) {
  std::string digits = StrCat(number);
  return std::string(3 - digits.size(), '0') + digits;
}

// A number of at most `digits` digits without leading zeros.
std::optional<uint64_t> SmallNumber(std::string_view text, size_t digits) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > digits ||
      (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string TilePath(const Tile& tile) {
  std::string index = ThreeDigits(tile.index % 1000);
  for (uint64_t rest = tile.index / 1000; rest > 0; rest /= 1000) {
    index = StrCat("x", ThreeDigits(rest % 1000), "/", index);
  }
  const std::string level =
      tile.level == Tile::kEntries ? std::string(kEntriesName) : StrCat(tile.level);
  const std::string width =
      tile.width == static_cast<int>(kTileWidth) ? "" : StrCat(".p/", tile.width);
  return StrCat(kPrefix, level, "/", index, width);
}

absl::StatusOr<Tile> ParseTilePath(std::string_view path) {
  const auto bad = [&] { return InvalidArgument("not the path of a tile: ", path.substr(0, 100)); };
  std::string_view rest = path;
  if (!rest.starts_with(kPrefix)) return bad();
  rest.remove_prefix(kPrefix.size());
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return bad();
  Tile tile;
  if (rest.substr(0, slash) == kEntriesName) {
    tile.level = Tile::kEntries;
  } else if (const auto level = SmallNumber(rest.substr(0, slash), 1);
             level.has_value() && *level <= kMaxLevel) {
    tile.level = static_cast<int>(*level);
  } else {
    return bad();
  }
  rest.remove_prefix(slash + 1);
  if (const size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = SmallNumber(rest.substr(partial + 3), 3);
    if (!width.has_value() || *width == 0 || *width >= kTileWidth) return bad();
    tile.width = static_cast<int>(*width);
    rest = rest.substr(0, partial);
  }
  for (bool last = false; !last;) {
    last = !rest.starts_with('x');
    if (!last) rest.remove_prefix(1);
    // Three digits, and a slash unless they are the last.
    if (rest.size() < 3 || (last ? rest.size() != 3 : rest.size() < 4 || rest[3] != '/')) {
      return bad();
    }
    if (tile.index > (~uint64_t{0} >> kTileHeight) / 1000) return bad();
    for (int i = 0; i < 3; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return bad();
      tile.index = tile.index * 10 + static_cast<uint64_t>(rest[i] - '0');
    }
    rest.remove_prefix(last ? 3 : 4);
  }
  // One spelling an index: "x000/001" is none.
  if (TilePath(tile) != path) return bad();
  return tile;
}

std::vector<Tile> TilesOf(uint64_t size, uint64_t from) {
  std::vector<Tile> tiles;
  const auto add_level = [&](int level, uint64_t hashes, uint64_t known) {
    if (hashes == known) return;
    for (uint64_t index = known / kTileWidth; index * kTileWidth < hashes; ++index) {
      const uint64_t left = hashes - index * kTileWidth;
      tiles.push_back({level, index, static_cast<int>(left < kTileWidth ? left : kTileWidth)});
    }
  };
  add_level(Tile::kEntries, size, from);
  for (int level = 0; level <= kMaxLevel; ++level) {
    add_level(level, size >> level * kTileHeight, from >> level * kTileHeight);
  }
  return tiles;
}

void AppendToBundle(std::string_view entry, std::string* bundle) {
  SUYUAN_CHECK(entry.size() <= kMaxEntryBytes);
  bundle->push_back(static_cast<char>(entry.size() >> 8));
  bundle->push_back(static_cast<char>(entry.size() & 0xff));
  bundle->append(entry);
}

absl::StatusOr<std::vector<std::string_view>> ParseBundle(std::string_view bundle, int width) {
  std::vector<std::string_view> entries;
  while (!bundle.empty()) {
    if (entries.size() == static_cast<size_t>(width)) {
      return InvalidArgument("bundle: more than ", width, " entries");
    }
    if (bundle.size() < 2) return InvalidArgument("bundle: cut off in a length");
    const size_t size =
        size_t{static_cast<unsigned char>(bundle[0])} << 8 | static_cast<unsigned char>(bundle[1]);
    bundle.remove_prefix(2);
    if (bundle.size() < size) {
      return InvalidArgument("bundle: entry ", entries.size(), " of ", size, " bytes is cut off");
    }
    entries.push_back(bundle.substr(0, size));
    bundle.remove_prefix(size);
  }
  if (entries.size() != static_cast<size_t>(width)) {
    return InvalidArgument("bundle: ", entries.size(), " entries, expected ", width);
  }
  return entries;
}

}  // namespace suyuan::merkle

#include "lib/backup/manifest.h"

#include <charconv>
#include <optional>

#include "absl/strings/str_split.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::backup {
namespace {

constexpr std::string_view kFirstLine = "suyuan-backup 1";
constexpr std::string_view kLastWord = "sha256 ";
constexpr int kModes[] = {0644, 0600};

std::string Octal(int mode) { return mode == 0600 ? "600" : "644"; }

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text, int base = 10) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Hash> ParseHash(std::string_view hex) {
  const std::optional<std::string> raw = FromHex(hex);
  if (!raw.has_value() || raw->size() != 32) return std::nullopt;
  return Hash::From(*raw);
}

std::string Body(const Manifest& manifest) {
  std::string body =
      StrCat(kFirstLine, "\nid ", manifest.id, "\nmade ", manifest.made_micros, "\n");
  for (const LedgerRow& row : manifest.ledgers) {
    body += StrCat("ledger ", row.size, " ", row.root.hex(), " ", row.name, "\n");
  }
  for (const FileRow& row : manifest.files) {
    body += StrCat("file ", row.hash.hex(), " ", row.size, " ", Octal(row.mode), " ",
                   row.fingerprint.empty() ? "-" : row.fingerprint, " ", row.name, "\n");
  }
  return body;
}

// False if it is no such line.
bool TakeLine(const std::vector<std::string>& words, Manifest* manifest) {
  if (words[0] == "ledger" && words.size() == 4) {
    const auto size = ParseNumber<uint64_t>(words[1]);
    const auto root = ParseHash(words[2]);
    if (!size || !root || !IsFileName(words[3])) return false;
    manifest->ledgers.push_back({words[3], *size, *root});
    return true;
  }
  if (words[0] == "file" && words.size() == 6) {
    const auto hash = ParseHash(words[1]);
    const auto size = ParseNumber<uint64_t>(words[2]);
    const auto mode = ParseNumber<int>(words[3], 8);
    if (!hash || !size || !mode || !IsFileName(words[5])) return false;
    if (*mode != kModes[0] && *mode != kModes[1]) return false;
    manifest->files.push_back(
        {words[5], *hash, *size, *mode, words[4] == "-" ? std::string() : words[4]});
    return true;
  }
  return false;
}

}  // namespace

const FileRow* Manifest::Find(std::string_view name) const {
  for (const FileRow& row : files) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool IsFileName(std::string_view name) {
  for (const absl::string_view piece : absl::StrSplit(ToAbsl(name), '/')) {
    const std::string_view part = ToStd(piece);
    if (part.empty() || part == "." || part == "..") return false;
    for (const char c : part) {
      const bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      if (!known) return false;
    }
  }
  return true;
}

std::string FormatManifest(const Manifest& manifest) {
  std::string bytes = Body(manifest);
  bytes += StrCat(kLastWord, Sha256({bytes}).hex(), "\n");
  return bytes;
}

absl::StatusOr<Manifest> ParseManifest(std::string_view bytes) {
  Manifest manifest;
  const std::vector<std::string> lines = absl::StrSplit(ToAbsl(bytes), '\n');
  const auto bad = [](size_t line) { return DataLoss("line ", line + 1, " is damaged"); };
  if (lines.size() < 5 || !lines.back().empty()) return DataLoss("its end is missing");
  if (lines[0] != kFirstLine) {
    return DataLoss("line 1: found ", lines[0].substr(0, 40), ", expected ", kFirstLine);
  }
  for (size_t i = 1; i + 2 < lines.size(); ++i) {
    const std::vector<std::string> words = absl::StrSplit(lines[i], ' ');
    if (i == 1) {
      const auto id = words.size() == 2 ? ParseNumber<uint64_t>(words[1]) : std::nullopt;
      if (!id || words[0] != "id") return bad(i);
      manifest.id = *id;
    } else if (i == 2) {
      const auto made = words.size() == 2 ? ParseNumber<int64_t>(words[1]) : std::nullopt;
      if (!made || words[0] != "made") return bad(i);
      manifest.made_micros = *made;
    } else if (!TakeLine(words, &manifest)) {
      return bad(i);
    }
  }
  if (FormatManifest(manifest) != bytes) {
    return DataLoss("it is not what its last line, a digest, says");
  }
  return manifest;
}

}  // namespace suyuan::backup

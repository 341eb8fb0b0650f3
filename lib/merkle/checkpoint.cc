#include "lib/merkle/checkpoint.h"

#include <charconv>
#include <optional>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/note.h"
#include "lib/merkle/proof.h"

namespace suyuan::merkle {
namespace {

constexpr std::string_view kProofHeader = "c2sp.org/tlog-proof@v1";
constexpr size_t kMaxPath = 63;

// The line before the next newline; nothing if there is none.
std::optional<std::string_view> TakeLine(std::string_view* rest) {
  const size_t end = rest->find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest->substr(0, end);
  rest->remove_prefix(end + 1);
  return line;
}

// A decimal number in its only spelling.
std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return number;
}

std::optional<Hash> ParseHash(std::string_view text) {
  const std::optional<std::string> bytes = FromBase64(text);
  if (!bytes.has_value() || bytes->size() != sizeof(Hash::bytes)) return std::nullopt;
  return Hash::From(*bytes);
}

}  // namespace

std::string FormatCheckpoint(const Checkpoint& checkpoint) {
  return StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", ToBase64(checkpoint.root.view()),
                "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  Checkpoint checkpoint;
  const std::optional<std::string_view> origin = TakeLine(&text);
  if (!origin.has_value() || origin->empty()) {
    return InvalidArgument("checkpoint: line 1 is no origin");
  }
  checkpoint.origin = *origin;
  const std::optional<std::string_view> size = TakeLine(&text);
  const std::optional<uint64_t> number = ParseNumber(size.value_or(""));
  if (!number.has_value() || *number > kMaxTreeSize) {
    return InvalidArgument("checkpoint: line 2 is no size of a tree");
  }
  checkpoint.size = *number;
  const std::optional<Hash> root = ParseHash(TakeLine(&text).value_or(""));
  if (!root.has_value()) return InvalidArgument("checkpoint: line 3 is no hash in base64");
  checkpoint.root = *root;
  for (int line = 4; !text.empty(); ++line) {
    const std::optional<std::string_view> extension = TakeLine(&text);
    if (!extension.has_value() || extension->empty()) {
      return InvalidArgument("checkpoint: line ", line, " is empty or has no end");
    }
  }
  return checkpoint;
}

std::string FormatProofFile(const ProofFile& proof) {
  std::string out = StrCat(kProofHeader, "\n");
  if (!proof.extra.empty()) out += StrCat("extra ", ToBase64(proof.extra), "\n");
  out += StrCat("index ", proof.index, "\n");
  for (const Hash& hash : proof.path) out += StrCat(ToBase64(hash.view()), "\n");
  return StrCat(out, "\n", proof.checkpoint);
}

absl::StatusOr<ProofFile> ParseProofFile(std::string_view bytes) {
  if (bytes.size() > 2 * kMaxNoteBytes) {
    return InvalidArgument("proof: ", bytes.size(), " bytes, at most ", 2 * kMaxNoteBytes);
  }
  if (TakeLine(&bytes) != kProofHeader) {
    return InvalidArgument("proof: line 1 is not ", kProofHeader);
  }
  ProofFile proof;
  int number = 2;
  std::optional<std::string_view> line = TakeLine(&bytes);
  if (line.has_value() && line->starts_with("extra ")) {
    std::optional<std::string> extra = FromBase64(line->substr(6));
    if (!extra.has_value()) return InvalidArgument("proof: line 2: extra is not base64");
    proof.extra = *std::move(extra);
    line = TakeLine(&bytes);
    ++number;
  }
  const std::optional<uint64_t> index =
      line.has_value() && line->starts_with("index ") ? ParseNumber(line->substr(6)) : std::nullopt;
  if (!index.has_value()) return InvalidArgument("proof: line ", number, " is no index");
  proof.index = *index;
  for (line = TakeLine(&bytes); line.has_value() && !line->empty(); line = TakeLine(&bytes)) {
    const std::optional<Hash> hash = ParseHash(*line);
    ++number;
    if (!hash.has_value()) return InvalidArgument("proof: line ", number, " is no hash in base64");
    if (proof.path.size() == kMaxPath) {
      return InvalidArgument("proof: more than ", kMaxPath, " hashes");
    }
    proof.path.push_back(*hash);
  }
  if (!line.has_value()) return InvalidArgument("proof: no checkpoint");
  proof.checkpoint = bytes;
  return proof;
}

}  // namespace suyuan::merkle

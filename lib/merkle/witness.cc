#include "lib/merkle/witness.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/proof.h"

namespace suyuan::merkle {
namespace {

constexpr size_t kMaxHashes = 63;
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kSize = "text/x.tlog.size";

struct Request {
  uint64_t old_size = 0;
  std::vector<Hash> proof;
  std::string note;
};

std::optional<Request> ParseRequest(std::string_view body) {
  constexpr std::string_view kOld = "old ";
  const auto line = [&]() -> std::optional<std::string_view> {
    const size_t end = body.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = body.substr(0, end);
    body.remove_prefix(end + 1);
    return text;
  };
  Request request;
  const std::optional<std::string_view> first = line();
  if (!first.has_value() || !first->starts_with(kOld)) return std::nullopt;
  const std::string_view number = first->substr(kOld.size());
  const char* const end = number.data() + number.size();
  const auto [read_to, error] = std::from_chars(number.data(), end, request.old_size);
  if (error != std::errc() || read_to != end || (number.size() > 1 && number[0] == '0')) {
    return std::nullopt;
  }
  for (;;) {
    const std::optional<std::string_view> text = line();
    if (!text.has_value()) return std::nullopt;
    if (text->empty()) break;
    const std::optional<std::string> raw = FromBase64(*text);
    if (!raw.has_value() || raw->size() != sizeof(Hash::bytes) ||
        request.proof.size() == kMaxHashes) {
      return std::nullopt;
    }
    request.proof.push_back(Hash::From(*raw));
  }
  request.note = body;
  return request;
}

Witness::Answer Refuse(int status, std::string_view why) {
  return {status, std::string(kText), StrCat(why, "\n")};
}

}  // namespace

Witness::Witness(std::string directory, std::unique_ptr<FileLock> lock,
                 std::unique_ptr<Signer> signer, VerifierKey key, std::vector<VerifierKey> logs,
                 const Clock* clock)
    : directory_(std::move(directory)),
      lock_(std::move(lock)),
      signer_(std::move(signer)),
      key_(std::move(key)),
      logs_(std::move(logs)),
      clock_(clock) {}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(const std::string& directory,
                                                       std::unique_ptr<Signer> signer,
                                                       std::vector<VerifierKey> logs,
                                                       const Clock* clock) {
  if (signer->key().type() != VerifierKey::Type::kEd25519) {
    return InvalidArgument("the key of a witness is an Ed25519 key");
  }
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Make(signer->key().name(),
                                                             VerifierKey::Type::kEd25519Cosignature,
                                                             signer->key().public_key()));
  SUYUAN_RETURN_IF_ERROR(MakeDirs(directory));
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<FileLock> lock,
                          FileLock::Acquire(directory + "/LOCK", "a witness"));
  std::unique_ptr<Witness> witness(new Witness(directory, std::move(lock), std::move(signer),
                                               std::move(key), std::move(logs), clock));
  SUYUAN_RETURN_IF_ERROR(witness->Load());
  return witness;
}

std::string Witness::PathOf(std::string_view origin, std::string_view suffix) const {
  return StrCat(directory_, "/", Sha256({origin}).hex(), suffix);
}

absl::Status Witness::Load() {
  MutexLock lock(&mu_);
  for (const VerifierKey& log : logs_) {
    const std::string path = PathOf(log.name(), ".checkpoint");
    absl::StatusOr<std::string> text = ReadFile(path);
    if (absl::IsNotFound(text.status())) continue;
    SUYUAN_RETURN_IF_ERROR(text.status());
    const absl::StatusOr<Note> note = ParseNote(*text);
    if (!note.ok()) return DataLoss(path, ": ", note.status().message());
    const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(note->text);
    if (!checkpoint.ok() || checkpoint->origin != log.name()) {
      return DataLoss(path, ": no checkpoint of ", log.name());
    }
    seen_[log.name()] = {*checkpoint, *std::move(text)};
  }
  return absl::OkStatus();
}

Witness::Answer Witness::AddCheckpoint(std::string_view body) {
  const std::optional<Request> request = ParseRequest(body);
  if (!request.has_value()) {
    return Refuse(400, "expected old <size>, hashes, an empty line, a checkpoint");
  }
  const absl::StatusOr<Note> note = ParseNote(request->note);
  if (!note.ok()) return Refuse(400, ToStd(note.status().message()));
  const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(note->text);
  if (!checkpoint.ok()) return Refuse(400, ToStd(checkpoint.status().message()));
  std::vector<VerifierKey> keys;
  std::copy_if(logs_.begin(), logs_.end(), std::back_inserter(keys),
               [&](const VerifierKey& log) { return log.name() == checkpoint->origin; });
  if (keys.empty()) return Refuse(404, "no such log is witnessed here");
  const absl::StatusOr<std::vector<size_t>> signers = VerifyNote(*note, keys);
  if (!signers.ok()) return Refuse(403, ToStd(signers.status().message()));
  if (signers->empty()) return Refuse(403, "not signed by its log");
  if (request->old_size > checkpoint->size) {
    return Refuse(400, "the old size is more than that of the checkpoint");
  }

  MutexLock lock(&mu_);
  const auto it = seen_.find(checkpoint->origin);
  const uint64_t known = it == seen_.end() ? 0 : it->second.checkpoint.size;
  const Answer conflict = {409, std::string(kSize), StrCat(known, "\n")};
  if (request->old_size != known) return conflict;
  if (it != seen_.end()) {
    const Checkpoint& before = it->second.checkpoint;
    if (before.size == checkpoint->size && before.root != checkpoint->root) {
      // Signed twice by one key: nobody but the log can have made it.
      (void)WriteFileAtomically(
          PathOf(checkpoint->origin, StrCat(".fork-", checkpoint->root.hex())),
          StrCat(it->second.note, "\n", request->note))
          .ok();
      return conflict;
    }
    if (const absl::Status goes_on =
            VerifyConsistency(before.size, before.root, checkpoint->size, checkpoint->root,
                              request->proof, keys.front().hash());
        !goes_on.ok()) {
      return Refuse(422, ToStd(goes_on.message()));
    }
  } else if (!request->proof.empty()) {
    return Refuse(422, "nothing was seen before: expected no hashes");
  }
  const uint64_t time =
      static_cast<uint64_t>(std::max<int64_t>(1, clock_->WallMicros() / 1'000'000));
  const absl::StatusOr<std::string> signature =
      signer_->Sign(StrCat("cosignature/v1\ntime ", time, "\n", note->text));
  if (!signature.ok()) return Refuse(503, ToStd(signature.status().message()));
  if (const absl::Status kept =
          WriteFileAtomically(PathOf(checkpoint->origin, ".checkpoint"), request->note);
      !kept.ok()) {
    return Refuse(503, ToStd(kept.message()));
  }
  seen_[checkpoint->origin] = {*checkpoint, request->note};
  std::string blob;
  PutFixed32(&blob, key_.id());
  PutFixed64(&blob, time);
  blob += *signature;
  return {200, std::string(kText), StrCat("\xe2\x80\x94 ", key_.name(), " ", ToBase64(blob), "\n")};
}

}  // namespace suyuan::merkle

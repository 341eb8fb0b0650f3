#include "lib/ledger/keys.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_split.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::ledger {
namespace {

constexpr int kOwnerOnly = 0600;

absl::StatusOr<std::unique_ptr<merkle::Signer>> ParseSigner(const std::string& line,
                                                            HashKind hash) {
  if (hash == HashKind::kSm3) return merkle::Sm2Signer::Parse(line);
  if (merkle::Pkcs11Signer::IsLine(line)) return merkle::Pkcs11Signer::Parse(line);
  return merkle::Ed25519Signer::Parse(line);
}

}  // namespace

absl::StatusOr<KeyFile> KeyFile::Read(const std::string& path, std::string_view origin,
                                      HashKind hash) {
  KeyFile file(path, std::string(origin), hash);
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return file;
  SUYUAN_RETURN_IF_ERROR(text.status());
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && (info.st_mode & 077) != 0) {
    return absl::PermissionDeniedError(
        StrCat("signing key ", path, ": others may read it; expected mode 0600"));
  }
  if (!text->ends_with('\n')) return DataLoss("signing key ", path, ": its end is missing");
  std::vector<std::string> lines =
      absl::StrSplit(absl::string_view(text->data(), text->size() - 1), '\n');
  SUYUAN_RETURN_IF_ERROR(file.Take(std::move(lines)));
  return file;
}

absl::Status KeyFile::Take(std::vector<std::string> lines) {
  std::vector<std::unique_ptr<merkle::Signer>> signers;
  for (const std::string& line : lines) {
    absl::StatusOr<std::unique_ptr<merkle::Signer>> signer = ParseSigner(line, hash_);
    if (!signer.ok() || (*signer)->key().name() != origin_) {
      return DataLoss("signing key ", path_, ": line ", signers.size() + 1, " is no key of ",
                      origin_);
    }
    signers.push_back(*std::move(signer));
  }
  lines_ = std::move(lines);
  signers_ = std::move(signers);
  return absl::OkStatus();
}

absl::Status KeyFile::Write(std::vector<std::string> lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(path_, text, kOwnerOnly));
  return Take(std::move(lines));
}

absl::Status KeyFile::Add() {
  SUYUAN_ASSIGN_OR_RETURN(std::string line, hash_ == HashKind::kSm3
                                                ? merkle::Sm2Signer::Generate(origin_)
                                                : merkle::Ed25519Signer::Generate(origin_));
  std::vector<std::string> lines = lines_;
  lines.insert(lines.begin(), std::move(line));
  return Write(std::move(lines));
}

absl::Status KeyFile::Add(const merkle::Pkcs11Signer& token) {
  if (hash_ != HashKind::kSha256 || token.key().name() != origin_) {
    return InvalidArgument("signing key ", path_, ": the key on the token is none of ", origin_);
  }
  std::vector<std::string> lines = lines_;
  // It was about to be named in the ledger when the program ended.
  if (!lines.empty() && newest().ToString() == token.key().ToString()) lines.erase(lines.begin());
  lines.insert(lines.begin(), token.line());
  return Write(std::move(lines));
}

absl::Status KeyFile::Retire() { return Write({lines_.front()}); }

std::vector<merkle::Signer*> KeyFile::signers() const {
  std::vector<merkle::Signer*> all;
  for (const auto& signer : signers_) all.push_back(signer.get());
  return all;
}

}  // namespace suyuan::ledger

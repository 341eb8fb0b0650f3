#ifndef LIB_LEDGER_KEYS_H_
#define LIB_LEDGER_KEYS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/merkle/note.h"
#include "lib/merkle/pkcs11.h"

namespace suyuan::ledger {

// The private keys that a ledger signs one of its trees with, in a file that only its owner may
// read: a line each, the key itself or on which token it is, the newest first. While there are
// several (a rotation), each of them signs.
class KeyFile {
 public:
  // No keys if there is no file. kDataLoss: it holds something else, or keys of another
  // `origin`, or those of another tree: of SHA-256 they are Ed25519, of SM3 they are SM2.
  // kPermissionDenied: others may read it.
  static absl::StatusOr<KeyFile> Read(const std::string& path, std::string_view origin,
                                      HashKind hash = HashKind::kSha256);

  // Puts a new key before the others. Durable when it returns.
  absl::Status Add();
  // The same with a key on a token; where it is the newest already, its line is written anew.
  // kInvalidArgument: it is no key for this tree.
  absl::Status Add(const merkle::Pkcs11Signer& token);
  // Leaves the newest. Durable when it returns.
  absl::Status Retire();

  std::vector<merkle::Signer*> signers() const;
  // Of the newest key. There must be one.
  const merkle::VerifierKey& newest() const { return signers_.front()->key(); }

 private:
  KeyFile(std::string path, std::string origin, HashKind hash)
      : path_(std::move(path)), origin_(std::move(origin)), hash_(hash) {}
  absl::Status Take(std::vector<std::string> lines);
  absl::Status Write(std::vector<std::string> lines);

  std::string path_;
  std::string origin_;
  HashKind hash_;
  std::vector<std::string> lines_;
  std::vector<std::unique_ptr<merkle::Signer>> signers_;
};

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_KEYS_H_

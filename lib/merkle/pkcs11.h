#ifndef LIB_MERKLE_PKCS11_H_
#define LIB_MERKLE_PKCS11_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/mutex.h"
#include "lib/merkle/note.h"

struct p11_kit_uri;

// Ed25519 keys that never leave their token: a smart card, an HSM, anything with a PKCS#11 module
// that has CKM_EDDSA.
namespace suyuan::merkle {

// Where such a key is (RFC 7512):
//   pkcs11:token=plant;object=ledger?module-path=/usr/lib/hsm.so&pin-source=file:/etc/suyuan/pin
// It names the token (token, serial) and the key on it (object, id). Without module-path the
// modules that p11-kit is configured with are asked, or the one of them that module-name names. The
// PIN is the first line of a file that only its owner may read, or stands in pin-value.
class Pkcs11Uri {
 public:
  // kInvalidArgument, naming what is missing or wrong; the PIN is in no message.
  static absl::StatusOr<Pkcs11Uri> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  // The token as the URI spells it, for messages.
  const std::string& token() const { return token_; }
  // Empty where the URI does not say.
  const std::string& module_path() const { return module_path_; }
  const std::string& pin_file() const { return pin_file_; }
  bool has_pin_value() const;
  p11_kit_uri* parsed() const { return parsed_.get(); }

 private:
  explicit Pkcs11Uri(std::string_view text);

  std::string text_;
  std::string token_;
  std::string module_path_;
  std::string pin_file_;
  std::unique_ptr<p11_kit_uri, void (*)(p11_kit_uri*)> parsed_;
};

// What comes from another machine may neither say which code is loaded here nor carry a PIN.
// kInvalidArgument.
absl::Status CheckSentUri(std::string_view uri);

// A key on a token, as "PKCS11 vkey URI". Thread-safe; one session is kept, and opened anew where
// the token no longer knows it. A PIN that was refused is not tried again in this process before
// its file is written anew, since tokens lock after a few.
class Pkcs11Signer final : public Signer {
 public:
  // The key that is there now, which has signed something before this returns. kInvalidArgument:
  // the URI or `name`; else errors as of Sign.
  static absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Find(std::string_view name,
                                                            std::string_view uri);
  // kInvalidArgument: not such a line. Does not look for the token.
  static absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Parse(std::string_view line);
  static bool IsLine(std::string_view line);
  ~Pkcs11Signer() override;

  std::string line() const;
  const VerifierKey& key() const override { return key_; }
  // What is given out was verified. kFailedPrecondition: module, token or key is not there, or the
  // token refuses; the next call looks again. kPermissionDenied: others may read the PIN.
  // kDataLoss: the key on the token is another one, or its signature is none.
  absl::StatusOr<std::string> Sign(std::string_view text) override;

 private:
  class Session;

  explicit Pkcs11Signer(Pkcs11Uri uri);
  absl::StatusOr<std::string> SignOnce(std::string_view text) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Pkcs11Uri uri_;
  VerifierKey key_;
  Mutex mu_;
  std::unique_ptr<Session> session_ ABSL_GUARDED_BY(mu_);
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_PKCS11_H_

#include "lib/privacy/seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>

#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::privacy {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* In(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Out(char* p) { return reinterpret_cast<unsigned char*>(p); }

const EVP_CIPHER* Cipher() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  SUYUAN_CHECK(cipher != nullptr);
  return cipher;
}

}  // namespace

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(Out(bytes.data()), static_cast<int>(count)) != 1) {
    return absl::UnavailableError("no random bytes");
  }
  return bytes;
}

absl::StatusOr<std::string> Seal(std::string_view key, std::string_view bound,
                                 std::string_view plain) {
  SUYUAN_CHECK(key.size() == kKeyBytes);
  SUYUAN_ASSIGN_OR_RETURN(std::string sealed, RandomBytes(kNonceBytes));
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  const Context context(EVP_CIPHER_CTX_new());
  int n = 0;
  char* const body = sealed.data() + kNonceBytes;
  if (context == nullptr ||
      EVP_EncryptInit_ex2(context.get(), Cipher(), In(key), In(sealed), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &n, In(bound), static_cast<int>(bound.size())) !=
          1 ||
      EVP_EncryptUpdate(context.get(), Out(body), &n, In(plain), static_cast<int>(plain.size())) !=
          1 ||
      EVP_EncryptFinal_ex(context.get(), Out(body) + n, &n) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, body + plain.size()) !=
          1) {
    return absl::UnavailableError("the personal value cannot be encrypted");
  }
  return sealed;
}

absl::StatusOr<std::string> Unseal(std::string_view key, std::string_view bound,
                                   std::string_view sealed) {
  const auto damaged = [] { return DataLoss("it is not what was encrypted with its key"); };
  if (key.size() != kKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return damaged();
  const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  std::string plain(body.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int n = 0;
  char rest[kTagBytes];
  if (context == nullptr ||
      EVP_DecryptInit_ex2(context.get(), Cipher(), In(key), In(sealed), nullptr) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &n, In(bound), static_cast<int>(bound.size())) !=
          1 ||
      EVP_DecryptUpdate(context.get(), Out(plain.data()), &n, In(body),
                        static_cast<int>(body.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Out(rest), &n) != 1) {
    return damaged();
  }
  return plain;
}

std::string Mac(std::string_view key, std::string_view text) {
  std::string mac(32, '\0');
  unsigned int size = 0;
  SUYUAN_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), In(text), text.size(),
                    Out(mac.data()), &size) != nullptr);
  return mac;
}

}  // namespace suyuan::privacy

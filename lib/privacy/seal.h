#ifndef LIB_PRIVACY_SEAL_H_
#define LIB_PRIVACY_SEAL_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace suyuan::privacy {

inline constexpr size_t kKeyBytes = 32;

// From the operating system's source. kUnavailable.
absl::StatusOr<std::string> RandomBytes(size_t count);

// AES-256-GCM: a nonce of 12 random bytes, the ciphertext, a tag of 16 bytes.
absl::StatusOr<std::string> Seal(std::string_view key, std::string_view bound,
                                 std::string_view plain);
// kDataLoss unless `sealed` is what Seal made with this key and `bound`.
absl::StatusOr<std::string> Unseal(std::string_view key, std::string_view bound,
                                   std::string_view sealed);

// HMAC-SHA-256.
std::string Mac(std::string_view key, std::string_view text);

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_SEAL_H_

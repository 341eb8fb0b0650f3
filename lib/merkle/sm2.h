#ifndef LIB_MERKLE_SM2_H_
#define LIB_MERKLE_SM2_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// SM2 signatures with SM3 (GB/T 32918.2) by the signer id 1234567812345678, as bytes of fixed
// length: a private key is its number in 32 bytes, a public key 0x04 || x || y in 65, a signature
// r || s in 64, all big-endian. Thread-safe.
namespace suyuan::merkle {

inline constexpr size_t kSm2PrivateBytes = 32;
inline constexpr size_t kSm2PublicBytes = 65;
inline constexpr size_t kSm2SignatureBytes = 64;

// A new private key from the system's randomness. kUnavailable.
absl::StatusOr<std::string> NewSm2Key();
// kInvalidArgument: not in [1, n - 2].
absl::StatusOr<std::string> Sm2PublicKey(std::string_view private_key);
// Whether it is a point of the curve, in its only spelling.
bool IsSm2PublicKey(std::string_view public_key);

// kInternal: not a key.
absl::StatusOr<std::string> Sm2Sign(std::string_view private_key, std::string_view text);
// Some 340 microseconds.
bool Sm2Verify(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_SM2_H_

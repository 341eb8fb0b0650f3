#ifndef LIB_BASE_HASH_H_
#define LIB_BASE_HASH_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace suyuan {

// Both give 32 bytes.
enum class HashKind : uint8_t { kSha256, kSm3 };

// A digest.
struct Hash {
  std::array<uint8_t, 32> bytes{};

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string hex() const;
  // The digest in `raw`, or zeros if it is not 32 bytes long.
  static Hash From(std::string_view raw);

  friend bool operator==(const Hash&, const Hash&) = default;
};

// SHA-256 of the concatenation of `parts`. Thread-safe; about 150 ns for 65
// bytes, since algorithm and context are fetched once a thread.
Hash Sha256(std::initializer_list<std::string_view> parts);
// SM3 (GB/T 32905) of it, at about 540 ns for 65 bytes.
Hash Sm3(std::initializer_list<std::string_view> parts);
Hash HashOf(HashKind kind, std::initializer_list<std::string_view> parts);

}  // namespace suyuan

#endif  // LIB_BASE_HASH_H_

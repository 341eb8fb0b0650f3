#ifndef LIB_BASE_BYTES_H_
#define LIB_BASE_BYTES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace suyuan {

// Lower-case hexadecimal, two digits a byte.
std::string ToHex(std::string_view bytes);
// The bytes of `hex` (either case), or nothing if it is not hexadecimal.
std::optional<std::string> FromHex(std::string_view hex);

// Base64 with padding (RFC 4648, section 4).
std::string ToBase64(std::string_view bytes);
// The bytes of `text`, or nothing unless ToBase64 would write it so.
std::optional<std::string> FromBase64(std::string_view text);

// Fixed-width big-endian integers: their byte order is their numeric order.
void PutFixed32(std::string* out, uint32_t value);
void PutFixed64(std::string* out, uint64_t value);
uint32_t GetFixed32(const char* p);
uint64_t GetFixed64(const char* p);

// Base-128 varints as in protobuf, and strings behind their length. Read back
// only in the one spelling that is written here.
void PutVarint(std::string* out, uint64_t value);
void PutSignedVarint(std::string* out, int64_t value);
void PutString(std::string* out, std::string_view value);

// Reads what the Put functions wrote. After the first malformed or missing
// value ok() is false for good and every read gives zero or empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  uint32_t Fixed32();
  uint64_t Fixed64();
  uint64_t Varint();
  int64_t SignedVarint();
  std::string_view String();
  std::string_view Raw(size_t n);
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace suyuan

#endif  // LIB_BASE_BYTES_H_

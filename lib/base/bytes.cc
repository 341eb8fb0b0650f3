#include "lib/base/bytes.h"

#include "absl/strings/escaping.h"
#include "lib/base/strings.h"

namespace suyuan {

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) {
    out.push_back(kDigits[c >> 4]);
    out.push_back(kDigits[c & 15]);
  }
  return out;
}

namespace {
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string ToBase64(std::string_view bytes) { return absl::Base64Escape(ToAbsl(bytes)); }

std::optional<std::string> FromBase64(std::string_view text) {
  // Abseil overlooks spaces, missing padding and stray bits.
  std::string bytes;
  if (!absl::Base64Unescape(ToAbsl(text), &bytes) || ToBase64(bytes) != text) return std::nullopt;
  return bytes;
}

void PutFixed32(std::string* out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

void PutFixed64(std::string* out, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

uint32_t GetFixed32(const char* p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(p[i]);
  return value;
}

uint64_t GetFixed64(const char* p) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(p[i]);
  return value;
}

void PutVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void PutSignedVarint(std::string* out, int64_t value) {
  const uint64_t bits = static_cast<uint64_t>(value);
  PutVarint(out, (bits << 1) ^ (value < 0 ? ~uint64_t{0} : 0));
}

void PutString(std::string* out, std::string_view value) {
  PutVarint(out, value.size());
  out->append(value);
}

std::string_view ByteReader::Raw(size_t n) {
  if (!ok_ || n > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view value = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return value;
}

uint32_t ByteReader::Fixed32() {
  const std::string_view raw = Raw(4);
  return ok_ ? GetFixed32(raw.data()) : 0;
}

uint64_t ByteReader::Fixed64() {
  const std::string_view raw = Raw(8);
  return ok_ ? GetFixed64(raw.data()) : 0;
}

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::string_view raw = Raw(1);
    if (!ok_) return 0;
    const uint64_t byte = static_cast<unsigned char>(raw[0]);
    // More than 64 bits, or a shorter spelling exists.
    if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  Raw(rest_.size() + 1);
  return 0;
}

int64_t ByteReader::SignedVarint() {
  const uint64_t bits = Varint();
  return static_cast<int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
}

std::string_view ByteReader::String() {
  const uint64_t size = Varint();
  return Raw(size);
}

}  // namespace suyuan

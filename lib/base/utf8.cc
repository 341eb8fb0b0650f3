#include "lib/base/utf8.h"

#include <cstring>

namespace suyuan {

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    uint64_t word = ~uint64_t{0};
    if (text.size() - i >= sizeof(word)) std::memcpy(&word, text.data() + i, sizeof(word));
    if ((word & 0x8080808080808080) == 0) {
      i += sizeof(word);
    } else if (DecodeUtf8(text, &i) == kMalformedUtf8) {
      return false;
    }
  }
  return true;
}

uint32_t DecodeUtf8(std::string_view text, size_t* i) {
  const auto byte_at = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
  const uint8_t lead = byte_at(*i);
  if (lead < 0x80) {
    ++*i;
    return lead;
  }
  size_t length;
  uint32_t point;
  uint32_t least;
  if (lead >= 0xc2 && lead < 0xe0) {
    length = 2;
    point = lead & 0x1f;
    least = 0x80;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    length = 3;
    point = lead & 0x0f;
    least = 0x800;
  } else if (lead >= 0xf0 && lead < 0xf5) {
    length = 4;
    point = lead & 0x07;
    least = 0x10000;
  } else {
    return kMalformedUtf8;
  }
  if (text.size() - *i < length) return kMalformedUtf8;
  for (size_t k = 1; k < length; ++k) {
    const uint8_t byte = byte_at(*i + k);
    if ((byte & 0xc0) != 0x80) return kMalformedUtf8;
    point = point << 6 | (byte & 0x3f);
  }
  if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    return kMalformedUtf8;
  *i += length;
  return point;
}

}  // namespace suyuan

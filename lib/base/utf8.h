#ifndef LIB_BASE_UTF8_H_
#define LIB_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace suyuan {

// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates).
// Cost: a few bytes a nanosecond for ASCII.
bool IsUtf8(std::string_view text);

// The code point at *i, which moves behind it; kMalformedUtf8, and *i stays.
// Source: Unicode, table 3-7.
inline constexpr uint32_t kMalformedUtf8 = 0xffffffff;
uint32_t DecodeUtf8(std::string_view text, size_t* i);

}  // namespace suyuan

#endif  // LIB_BASE_UTF8_H_

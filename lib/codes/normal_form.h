#ifndef LIB_CODES_NORMAL_FORM_H_
#define LIB_CODES_NORMAL_FORM_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lib/base/utf8.h"

namespace suyuan::codes {

using suyuan::IsUtf8;

// The form in which texts of keys are compared: full-width ASCII (U+FF01 to
// U+FF5E) and the ideographic space as ASCII, then NFC, then white space taken
// from both ends (Unicode White_Space, and what is just as invisible there: the
// byte order mark and the zero-width space). Case, leading zeros and what stands
// inside are kept. NormalText(NormalText(x)) is NormalText(x). May be empty.
//
// kInvalidArgument, with the byte offset in `text`, if it is not UTF-8 or if a
// control character (U+0000-001F, U+007F-009F) stands inside; also for more than
// 30 combining marks in a row (UAX #15, stream-safe text).
//
// Source: architecture, section 5, "normal form". Cost: under 100 ns for ASCII.
absl::StatusOr<std::string> NormalText(std::string_view text);

// NormalText of it, or `text` itself if it has none: for comparing what was recorded.
std::string NormalOrSame(std::string_view text);

// True if `text` is printable ASCII without a space at either end: NormalText
// then gives it back as it is. The fast path of those who parse many.
bool IsPlainAscii(std::string_view text);

// How many columns `text` takes on a terminal: two for Chinese characters,
// none for combining marks and control characters, one for a malformed byte.
size_t DisplayWidth(std::string_view text);

}  // namespace suyuan::codes

#endif  // LIB_CODES_NORMAL_FORM_H_

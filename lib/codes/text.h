#ifndef LIB_CODES_TEXT_H_
#define LIB_CODES_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

// What the readers of keys and of traceability codes share; internal to lib/codes.
namespace suyuan::codes {

// Which bytes are in a set.
using ByteSet = std::array<bool, 256>;

// `text` in quotes, escaped and cut when long, so that an error message stays
// readable and UTF-8.
std::string Quoted(std::string_view text);

// Takes `prefix` off `text` if it is there.
bool Consume(std::string_view* text, std::string_view prefix);

// Takes the text in front of the first of `separators` off `text`, and that separator.
std::string_view TakeUntil(std::string_view* text, std::string_view separators);

bool AllDigits(std::string_view text);

// Writes `raw` with every %XX decoded to `out`. kInvalidArgument for a % without two
// hexadecimal digits; `out` is then unspecified.
absl::Status PercentDecode(std::string_view raw, std::string* out);
// Appends `text` with the bytes of `encoded` as %XX.
void PercentEncode(std::string_view text, const ByteSet& encoded, std::string* out);

// kInvalidArgument, with the right check digit, unless `digits` is a GS1 number of
// that size. `name` is what the message calls it.
absl::Status CheckGs1Number(std::string_view name, size_t size, std::string_view digits);
// kInvalidArgument, with the right check character, unless IsUsci(code).
absl::Status CheckUsci(std::string_view code);

}  // namespace suyuan::codes

#endif  // LIB_CODES_TEXT_H_

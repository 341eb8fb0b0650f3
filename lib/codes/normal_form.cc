#include "lib/codes/normal_form.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::codes {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;
constexpr int kMaxMarks = 30;

uint64_t Load64(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// Not zero if one of the eight bytes is not in 0x20 to 0x7e.
uint64_t NotPrintable(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t del = word ^ (kOnes * 0x7f);
  return (word | ((word - kOnes * 0x20) & ~word) | ((del - kOnes) & ~del)) & kHighBits;
}

uint8_t ByteAt(std::string_view text, size_t i) { return static_cast<uint8_t>(text[i]); }

// Invisible at the ends of a text. Source: Unicode, PropList, White_Space.
bool IsSpace(uint32_t point) {
  switch (point) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x200b:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
    case 0xfeff:
      return true;
    default:
      return (point >= 0x09 && point <= 0x0d) || (point >= 0x2000 && point <= 0x200a);
  }
}

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

// Code points that are in NFC whatever stands around them, as long as that is
// of this set too: the usual Chinese, Japanese and European letters.
bool IsStable(uint32_t point) {
  return point < 0x300 || (point >= 0x4e00 && point <= 0x9fff) ||
         (point >= 0x2010 && point <= 0x205e) || (point >= 0x3001 && point <= 0x3029) ||
         (point >= 0x3030 && point <= 0x3098) || (point >= 0x309b && point <= 0x30ff) ||
         (point >= 0x3400 && point <= 0x4dbf) || (point >= 0xac00 && point <= 0xd7a3);
}

bool IsMark(uint32_t point) {
  return point >= 0x300 &&
         utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->combining_class != 0;
}

// The longest run of combining marks of well-formed `text`.
int LongestMarkRun(std::string_view text) {
  int run = 0;
  int longest = 0;
  for (size_t i = 0; i < text.size();) {
    run = IsMark(DecodeUtf8(text, &i)) ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  return longest;
}

absl::Status TooManyMarks() {
  return InvalidArgument("more than ", kMaxMarks, " combining marks in a row");
}

struct FreeDeleter {
  void operator()(utf8proc_uint8_t* p) const { std::free(p); }
};

absl::StatusOr<std::string> Nfc(std::string_view text) {
  // Reordering marks takes the square of their number: first a coarse limit.
  if (LongestMarkRun(text) > 2 * kMaxMarks) return TooManyMarks();
  utf8proc_uint8_t* raw = nullptr;
  const utf8proc_ssize_t n =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &raw,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, FreeDeleter> owner(raw);
  if (n < 0) return InvalidArgument("cannot be put in NFC: ", utf8proc_errmsg(n));
  std::string out(reinterpret_cast<const char*>(raw), static_cast<size_t>(n));
  if (LongestMarkRun(out) > kMaxMarks) return TooManyMarks();
  return out;
}

std::string_view Trim(std::string_view text) {
  size_t begin = 0;
  for (size_t i = 0; i < text.size() && IsSpace(DecodeUtf8(text, &i)); begin = i) {
  }
  size_t end = text.size();
  while (end > begin) {
    size_t at = end - 1;
    while (at > begin && (ByteAt(text, at) & 0xc0) == 0x80) --at;
    size_t i = at;
    if (!IsSpace(DecodeUtf8(text, &i))) break;
    end = at;
  }
  return text.substr(begin, end - begin);
}

}  // namespace

std::string NormalOrSame(std::string_view text) {
  absl::StatusOr<std::string> normal = NormalText(text);
  return normal.ok() ? *std::move(normal) : std::string(text);
}

bool IsPlainAscii(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() == ' ' || text.back() == ' ') return false;
  uint64_t bad = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) bad |= NotPrintable(Load64(text.data() + i));
  if (text.size() >= 8) {
    bad |= NotPrintable(Load64(text.data() + text.size() - 8));
  } else {
    for (; i < text.size(); ++i) bad |= ByteAt(text, i) < 0x20 || ByteAt(text, i) >= 0x7f ? 1 : 0;
  }
  return bad == 0;
}

absl::StatusOr<std::string> NormalText(std::string_view text) {
  if (IsPlainAscii(text)) return std::string(text);
  for (size_t i = 0; i < text.size();) {
    if (DecodeUtf8(text, &i) == kMalformedUtf8) {
      return InvalidArgument("not UTF-8: byte 0x", ToHex(text.substr(i, 1)), " at offset ", i);
    }
  }
  const std::string_view trimmed = Trim(text);
  const size_t offset = static_cast<size_t>(trimmed.data() - text.data());
  std::string folded;
  folded.reserve(trimmed.size());
  bool stable = true;
  for (size_t i = 0; i < trimmed.size();) {
    const size_t at = i;
    const uint32_t point = DecodeUtf8(trimmed, &i);
    if (IsControl(point)) {
      const char code[] = {static_cast<char>(point)};
      return InvalidArgument("control character U+00", ToHex({code, 1}), " at offset ",
                             offset + at);
    }
    if (point == 0x3000) {
      folded += ' ';
    } else if (point >= 0xff01 && point <= 0xff5e) {
      folded += static_cast<char>(point - 0xff01 + 0x21);
    } else {
      folded.append(trimmed.substr(at, i - at));
      stable = stable && IsStable(point);
    }
  }
  if (stable) return folded;
  SUYUAN_ASSIGN_OR_RETURN(std::string composed, Nfc(folded));
  return std::string(Trim(composed));
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const uint32_t point = DecodeUtf8(text, &i);
    if (point == kMalformedUtf8) {
      ++i;
      ++width;
    } else if (point >= 0x20 && point < 0x7f) {
      ++width;
    } else {
      width += static_cast<size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(point)));
    }
  }
  return width;
}

}  // namespace suyuan::codes

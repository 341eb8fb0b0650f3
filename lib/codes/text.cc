#include "lib/codes/text.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "lib/base/strings.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/normal_form.h"

namespace suyuan::codes {
namespace {

constexpr std::array<int8_t, 256> HexValues() {
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (int i = 0; i < 10; ++i) values[static_cast<size_t>('0' + i)] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values[static_cast<size_t>('a' + i)] = static_cast<int8_t>(10 + i);
    values[static_cast<size_t>('A' + i)] = static_cast<int8_t>(10 + i);
  }
  return values;
}
constexpr std::array<int8_t, 256> kHex = HexValues();

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kMax = 120;
  std::string_view shown = text.substr(0, kMax);
  if (shown.size() < text.size()) {
    while (!shown.empty() && (static_cast<uint8_t>(text[shown.size()]) & 0xc0) == 0x80) {
      shown.remove_suffix(1);
    }
  }
  const std::string escaped =
      IsUtf8(shown) ? absl::Utf8SafeCEscape(ToAbsl(shown)) : absl::CEscape(ToAbsl(shown));
  return StrCat("\"", escaped, shown.size() < text.size() ? "...\"" : "\"");
}

bool Consume(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

std::string_view TakeUntil(std::string_view* text, std::string_view separators) {
  const size_t end = std::min(text->find_first_of(separators), text->size());
  const std::string_view head = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return head;
}

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

absl::Status PercentDecode(std::string_view raw, std::string* out) {
  out->clear();
  while (true) {
    const size_t percent = raw.find('%');
    out->append(raw.substr(0, percent));
    if (percent == std::string_view::npos) return absl::OkStatus();
    raw.remove_prefix(percent);
    const int high = raw.size() >= 3 ? kHex[static_cast<uint8_t>(raw[1])] : -1;
    const int low = raw.size() >= 3 ? kHex[static_cast<uint8_t>(raw[2])] : -1;
    if (high < 0 || low < 0) {
      return InvalidArgument(Quoted(raw.substr(0, 3)),
                             " is no percent-encoding, expected % and two hexadecimal digits");
    }
    *out += static_cast<char>(high << 4 | low);
    raw.remove_prefix(3);
  }
}

void PercentEncode(std::string_view text, const ByteSet& encoded, std::string* out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (!encoded[byte]) continue;
    const char code[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    out->append(text.substr(begin, i - begin)).append(code, sizeof(code));
    begin = i + 1;
  }
  out->append(text.substr(begin));
}

absl::Status CheckGs1Number(std::string_view name, size_t size, std::string_view digits) {
  if (digits.size() != size || !AllDigits(digits)) {
    return InvalidArgument(Quoted(digits), " is no ", name, ", expected ", size, " digits");
  }
  const char expected = Gs1CheckDigit(digits.substr(0, size - 1));
  if (digits.back() != expected) {
    return InvalidArgument(name, " ", digits, " ends in ", digits.substr(size - 1),
                           ", its check digit is ", std::string_view(&expected, 1));
  }
  return absl::OkStatus();
}

absl::Status CheckUsci(std::string_view code) {
  const char expected = UsciCheckCharacter(code.substr(0, 17));
  if (code.size() != 18 || expected == '\0') {
    return InvalidArgument(Quoted(code),
                           " is no unified social credit code, expected 18 characters of 0-9 and "
                           "A-Z without I, O, S, V, Z");
  }
  if (code.back() != expected) {
    return InvalidArgument("unified social credit code ", code, " ends in ", code.substr(17),
                           ", its check character is ", std::string_view(&expected, 1));
  }
  return absl::OkStatus();
}

}  // namespace suyuan::codes

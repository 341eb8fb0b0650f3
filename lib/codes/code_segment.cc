#include "lib/codes/code_segment.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/check_digit.h"

namespace suyuan::codes {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz";

constexpr ByteSet SetOf(std::initializer_list<std::string_view> texts) {
  ByteSet set{};
  for (const std::string_view text : texts) {
    for (const char c : text) set[static_cast<uint8_t>(c)] = true;
  }
  return set;
}

struct AlphabetEntry {
  char letter;
  std::string_view name;
  ByteSet set;
};
// In the order of Alphabet. Source: GS1 General Specifications (set 82).
constexpr std::array<AlphabetEntry, 3> kAlphabets = {{
    {'N', "digits", SetOf({kDigits})},
    {'A', "digits and capital letters", SetOf({kDigits, kCapitals})},
    {'X', "characters of GS1 character set 82",
     SetOf({kDigits, kCapitals, kSmall, "!\"%&'()*+,-./:;<=>?_"})},
}};

constexpr ByteSet kHost = SetOf({kDigits, kCapitals, kSmall, ".:/-_"});

struct ContentEntry {
  std::string_view name;
  Content content;
  Alphabet alphabet;
  size_t min;  // of the segment's `max`
  size_t max;
};
constexpr std::array<ContentEntry, 6> kContents = {{
    {"gtin", Content::kGtin, Alphabet::kDigits, 8, 14},
    {"uscc", Content::kUscc, Alphabet::kDigitsAndCapitals, 18, 18},
    {"yyyymmdd", Content::kYyyymmdd, Alphabet::kDigits, 8, 8},
    {"yymmdd", Content::kYymmdd, Alphabet::kDigits, 6, 6},
    {"yymmd0", Content::kYymmd0, Alphabet::kDigits, 6, 6},
    {"host", Content::kHost, Alphabet::kGs1Set82, 1, 253},
}};

constexpr std::array<CheckAlgorithm, 5> kChecks = {{
    {"luhn", LuhnCheckDigit, Alphabet::kDigits},
    {"luhn-expanded", LuhnExpandedCheckDigit, Alphabet::kDigitsAndCapitals},
    {"mod-11-10", Mod1110CheckDigit, Alphabet::kDigits},
    {"mod-11-2", Mod112CheckCharacter, Alphabet::kDigits},
    {"mod-37-36", Mod3736CheckCharacter, Alphabet::kDigitsAndCapitals},
}};

// The entry of that name, null if there is none.
template <typename Entries>
auto FindNamed(const Entries& entries, std::string_view name) {
  const auto it = std::find_if(entries.begin(), entries.end(),
                               [&](const auto& entry) { return entry.name == name; });
  return it == entries.end() ? nullptr : &*it;
}

const AlphabetEntry& EntryOf(Alphabet alphabet) {
  return kAlphabets[static_cast<size_t>(alphabet)];
}

// Reads "N13" or "X..20".
bool ParseFormat(std::string_view format, Segment* segment) {
  const auto alphabet =
      std::find_if(kAlphabets.begin(), kAlphabets.end(),
                   [&](const AlphabetEntry& entry) { return format.starts_with(entry.letter); });
  if (alphabet == kAlphabets.end()) return false;
  segment->alphabet = static_cast<Alphabet>(alphabet - kAlphabets.begin());
  format.remove_prefix(1);
  const bool variable = Consume(&format, "..");
  if (!AllDigits(format) || !absl::SimpleAtoi(ToAbsl(format), &segment->max)) return false;
  segment->min = variable ? 1 : segment->max;
  return segment->max > 0 && segment->max < 1000;
}

bool ParseContent(std::string_view name, Segment* segment) {
  const bool fixed = segment->min == segment->max;
  if (segment->part == "check") {
    segment->check = FindNamed(kChecks, name);
    return segment->check != nullptr && segment->place == Place::kBody && fixed &&
           segment->max == 1;
  }
  if (name.empty()) return true;
  const ContentEntry* const entry = FindNamed(kContents, name);
  if (entry == nullptr) return false;
  segment->content = entry->content;
  return segment->alphabet == entry->alphabet && segment->max >= entry->min &&
         segment->max <= entry->max && (fixed || entry->content == Content::kHost);
}

// Reads "10", "11*", "/10" or "?11".
bool ParseAi(std::string_view ai, Segment* segment) {
  segment->place = Consume(&ai, "/")   ? Place::kPath
                   : Consume(&ai, "?") ? Place::kQuery
                                       : Place::kElement;
  if (segment->place == Place::kElement && ai.ends_with('*')) {
    segment->predefined_length = true;
    ai.remove_suffix(1);
  }
  segment->ai = ai;
  return ai.size() >= 2 && ai.size() <= 4 && AllDigits(ai);
}

absl::Status CheckText(const Segment& segment, std::string_view text) {
  const ByteSet& set = EntryOf(segment.alphabet).set;
  if (text.size() >= segment.min && text.size() <= segment.max &&
      std::all_of(text.begin(), text.end(), [&](char c) { return set[static_cast<uint8_t>(c)]; })) {
    return absl::OkStatus();
  }
  return InvalidArgument("found ", Quoted(text), ", expected ", Expectation(segment));
}

absl::Status CheckHost(std::string_view host) {
  const bool characters =
      std::all_of(host.begin(), host.end(), [](char c) { return kHost[static_cast<uint8_t>(c)]; });
  if (characters && std::string_view(".:/-_").find(host.front()) == std::string_view::npos &&
      !host.ends_with('/') && host.find("//") == std::string_view::npos) {
    return absl::OkStatus();
  }
  return InvalidArgument("found ", Quoted(host), ", expected a host, perhaps with port and path");
}

// The year that two digits stand for. Source: GS1 General Specifications,
// determination of the century.
int FullYear(int two_digits, std::chrono::year year) {
  const int century = int{year} - int{year} % 100;
  const int difference = two_digits - int{year} % 100;
  if (difference > 50) return century - 100 + two_digits;
  if (difference < -49) return century + 100 + two_digits;
  return century + two_digits;
}

absl::StatusOr<std::string> WriteDate(Content content, std::string_view value,
                                      std::chrono::year year) {
  const bool open_day = content == Content::kYymmd0;
  const std::optional<v1::Date> date = ParseDateText(value);
  if (!date.has_value() || date->month() == 0 || (date->day() == 0 && !open_day)) {
    return InvalidArgument("found ", Quoted(value), ", expected an existing date YYYY-MM-DD",
                           open_day ? " or YYYY-MM" : "");
  }
  const int two_digits = date->year() % 100;
  if (content == Content::kYyyymmdd) {
    return absl::StrFormat("%04d%02d%02d", date->year(), date->month(), date->day());
  }
  if (FullYear(two_digits, year) != date->year()) {
    return InvalidArgument("found ", Quoted(value), ", expected a year from ", int{year} - 49,
                           " to ", int{year} + 50, ", since the code has two digits of it");
  }
  return absl::StrFormat("%02d%02d%02d", two_digits, date->month(), date->day());
}

// `text` has the digits that `content` needs.
absl::StatusOr<std::string> ReadDate(Content content, std::string_view text,
                                     std::chrono::year year) {
  const auto number = [&](size_t from, size_t size) {
    int value = 0;
    for (const char c : text.substr(from, size)) value = value * 10 + (c - '0');
    return value;
  };
  const bool long_year = content == Content::kYyyymmdd;
  const size_t behind = long_year ? 4 : 2;
  const int full_year = long_year ? number(0, 4) : FullYear(number(0, 2), year);
  const int day = number(behind + 2, 2);
  std::string date = absl::StrFormat("%04d-%02d", full_year, number(behind, 2));
  if (day > 0 || content != Content::kYymmd0) date += absl::StrFormat("-%02d", day);
  if (!ParseDateText(date).has_value()) {
    return InvalidArgument("found ", Quoted(text), ", expected an existing date ",
                           long_year ? "YYYYMMDD" : "YYMMDD");
  }
  return date;
}

absl::StatusOr<std::string> WriteGtin(size_t digits, std::string_view value) {
  const size_t size = value.size();
  if (size != 8 && size != 12 && size != 13 && size != 14) {
    return InvalidArgument("found ", Quoted(value), ", expected a GTIN of 8, 12, 13 or 14 digits");
  }
  SUYUAN_RETURN_IF_ERROR(CheckGs1Number("GTIN", size, value));
  const std::string padded = StrCat(std::string(14 - size, '0'), value);
  if (padded.find_first_not_of('0') < 14 - digits) {
    return InvalidArgument("found ", Quoted(value), ", expected a GTIN of at most ", digits,
                           " digits");
  }
  return padded.substr(14 - digits);
}

absl::Status CheckAvoided(const ByteSet& avoid, std::string_view value) {
  const auto bad = std::find_if(value.begin(), value.end(),
                                [&](char c) { return avoid[static_cast<uint8_t>(c)]; });
  if (bad == value.end()) return absl::OkStatus();
  return InvalidArgument("found ", Quoted(value), ", expected a new one to have no ",
                         std::string_view(&*bad, 1));
}

}  // namespace

std::optional<Segment> ParseSegment(std::string_view text) {
  Segment segment;
  if (Consume(&text, "[")) {
    if (!text.ends_with(']')) return std::nullopt;
    text.remove_suffix(1);
    segment.optional = true;
  }
  if (text.find(' ') != std::string_view::npos && !ParseAi(TakeUntil(&text, " "), &segment)) {
    return std::nullopt;
  }
  segment.part = TakeUntil(&text, ":");
  if (segment.part.empty() || !ParseFormat(TakeUntil(&text, ":"), &segment) ||
      !ParseContent(text, &segment)) {
    return std::nullopt;
  }
  if (segment.predefined_length && segment.min != segment.max) return std::nullopt;
  return segment;
}

std::string Expectation(const Segment& segment) {
  return StrCat(segment.min == segment.max ? "" : StrCat(segment.min, " to "), segment.max, " ",
                EntryOf(segment.alphabet).name);
}

absl::StatusOr<std::string> WriteValue(const Segment& segment, std::string_view value,
                                       const ByteSet& avoid, std::chrono::year year) {
  switch (segment.content) {
    case Content::kGtin:
      return WriteGtin(segment.max, value);
    case Content::kYyyymmdd:
    case Content::kYymmdd:
    case Content::kYymmd0:
      return WriteDate(segment.content, value, year);
    case Content::kText:
      SUYUAN_RETURN_IF_ERROR(CheckText(segment, value));
      SUYUAN_RETURN_IF_ERROR(CheckAvoided(avoid, value));
      break;
    case Content::kUscc:
    case Content::kHost:
      return ReadValue(segment, value, year);  // the same in both
  }
  return std::string(value);
}

absl::StatusOr<std::string> ReadValue(const Segment& segment, std::string_view text,
                                      std::chrono::year year) {
  SUYUAN_RETURN_IF_ERROR(CheckText(segment, text));
  switch (segment.content) {
    case Content::kText:
      break;
    case Content::kGtin:
      SUYUAN_RETURN_IF_ERROR(CheckGs1Number("GTIN", segment.max, text));
      return StrCat(std::string(14 - text.size(), '0'), text);
    case Content::kUscc:
      SUYUAN_RETURN_IF_ERROR(CheckUsci(text));
      break;
    case Content::kYyyymmdd:
    case Content::kYymmdd:
    case Content::kYymmd0:
      return ReadDate(segment.content, text, year);
    case Content::kHost:
      SUYUAN_RETURN_IF_ERROR(CheckHost(text));
      break;
  }
  return std::string(text);
}

}  // namespace suyuan::codes

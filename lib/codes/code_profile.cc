#include "lib/codes/code_profile.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/code_segment.h"
#include "lib/codes/text.h"

namespace suyuan::codes {
namespace {

constexpr std::string_view kFnc1 = "\x1d";
constexpr std::string_view kScheme = "https://";

// What a Digital Link writes as %XX: all but the unreserved characters of RFC 3986.
constexpr ByteSet Encoded() {
  ByteSet encoded{};
  for (bool& in : encoded) in = true;
  for (const char c : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz-._~")) {
    encoded[static_cast<uint8_t>(c)] = false;
  }
  return encoded;
}
constexpr ByteSet kEncoded = Encoded();

enum class Syntax : uint8_t { kFixed, kElementString, kDigitalLink };
constexpr std::array<std::pair<std::string_view, Syntax>, 3> kSyntaxes = {{
    {"fixed", Syntax::kFixed},
    {"gs1-element-string", Syntax::kElementString},
    {"gs1-digital-link", Syntax::kDigitalLink},
}};

bool Allows(Syntax syntax, const Segment& segment) {
  switch (syntax) {
    case Syntax::kFixed:
      return segment.place == Place::kBody && !segment.optional && segment.min == segment.max;
    case Syntax::kElementString:
      return segment.place == Place::kElement;
    case Syntax::kDigitalLink:
      return segment.place != Place::kElement && segment.check == nullptr;
  }
  return false;
}

absl::Status Named(std::string_view name, const absl::Status& status) {
  return InvalidArgument(name, ": ", status.message());
}

// Puts what stands in the code as `text` into `parts`.
absl::Status AddPart(const Segment& segment, std::string_view text, std::chrono::year year,
                     CodeParts* parts) {
  absl::StatusOr<std::string> value = ReadValue(segment, text, year);
  if (!value.ok()) return Named(segment.part, value.status());
  if (!parts->emplace(segment.part, *std::move(value)).second) {
    return InvalidArgument(segment.part, ": found ", segment.ai, " twice, expected it once");
  }
  return absl::OkStatus();
}

absl::Status AddEncodedPart(const Segment& segment, std::string_view raw, std::chrono::year year,
                            CodeParts* parts) {
  std::string text;
  if (const absl::Status status = PercentDecode(raw, &text); !status.ok()) {
    return Named(segment.part, status);
  }
  return AddPart(segment, text, year, parts);
}

}  // namespace

struct CodeProfile::Layout {
  // A segment and what stands in it.
  struct Filled {
    const Segment* segment;
    std::string text;
  };

  absl::Status ReadRow(const CodeTable::Row& row);
  absl::Status CheckSegments() const;
  absl::StatusOr<std::vector<Filled>> Fill(const CodeParts& parts, std::chrono::year year) const;
  absl::StatusOr<std::string> Compose(const CodeParts& parts, bool human,
                                      std::chrono::year year) const;
  absl::StatusOr<CodeParts> Parse(std::string_view code, std::chrono::year year) const;

  absl::Status ParseFixed(std::string_view code, std::chrono::year year, CodeParts* parts) const;
  absl::Status ParseRaw(std::string_view code, std::chrono::year year, CodeParts* parts) const;
  absl::Status ParseHuman(std::string_view code, std::chrono::year year, CodeParts* parts) const;
  absl::Status ParseLink(std::string_view code, std::chrono::year year, CodeParts* parts) const;
  absl::Status ParsePath(std::string_view path, std::chrono::year year, CodeParts* parts) const;

  // The segment of an application identifier, null if there is none.
  const Segment* FindAi(std::string_view ai, Place place) const;
  // "01, 10 or 21".
  std::string AiList(Place place) const;

  std::string name;
  std::string certainty;
  Syntax syntax = Syntax::kFixed;
  std::vector<Segment> segments;
  size_t max_length = 0;  // of a fixed layout
  ByteSet avoid{};
};

absl::Status CodeProfile::Layout::ReadRow(const CodeTable::Row& row) {
  certainty = row.Get("certainty");
  for (const char c : row.Get("avoid")) avoid[static_cast<uint8_t>(c)] = true;
  const auto found = std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const auto& entry) {
    return entry.first == row.Get("syntax");
  });
  if (found == kSyntaxes.end()) {
    return InvalidArgument("syntax: found ", Quoted(row.Get("syntax")),
                           ", expected fixed, gs1-element-string or gs1-digital-link");
  }
  syntax = found->second;
  std::string_view rest = row.Get("layout");
  while (!rest.empty()) {
    const std::string_view text = TakeUntil(&rest, "|");
    std::optional<Segment> segment = ParseSegment(text);
    if (!segment.has_value() || !Allows(syntax, *segment)) {
      return InvalidArgument("layout: found ", Quoted(text), ", expected a segment of a layout ",
                             found->first);
    }
    segments.push_back(*std::move(segment));
  }
  const std::string_view bound = row.Get("max_length");
  if (!bound.empty() && !absl::SimpleAtoi(ToAbsl(bound), &max_length)) {
    return InvalidArgument("max_length: found ", Quoted(bound), ", expected a number");
  }
  return CheckSegments();
}

absl::Status CodeProfile::Layout::CheckSegments() const {
  size_t length = 0;
  Alphabet widest = Alphabet::kDigits;
  Place place = Place::kBody;
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& segment = segments[i];
    for (size_t j = 0; j < i; ++j) {
      const Segment& other = segments[j];
      if (segment.part == other.part || (!segment.ai.empty() && segment.ai == other.ai)) {
        return InvalidArgument("layout: ", segment.part, " or its identifier is there twice");
      }
    }
    if (segment.check != nullptr) {
      if (i == 0 || i + 1 < segments.size()) {
        return InvalidArgument("layout: check is not behind all others");
      }
      if (widest > segment.check->widest) {
        return InvalidArgument("layout: ", segment.check->name, " cannot be taken of all others");
      }
    }
    if (segment.place < place) {
      return InvalidArgument("layout: ", segment.part,
                             " stands too late, expected host, path, query");
    }
    place = segment.place;
    widest = std::max(widest, segment.alphabet);
    length += segment.max;
  }
  if (segments.empty() || segments.front().optional) {
    return InvalidArgument("layout: expected a first segment that must be there");
  }
  if (syntax == Syntax::kFixed && length > max_length) {
    return InvalidArgument("layout: it is ", length, " characters long, expected at most ",
                           max_length);
  }
  if (syntax == Syntax::kDigitalLink &&
      (segments.size() < 2 || segments[0].content != Content::kHost ||
       segments[1].place != Place::kPath || segments[1].optional)) {
    return InvalidArgument("layout: expected a host and a primary key");
  }
  return absl::OkStatus();
}

const Segment* CodeProfile::Layout::FindAi(std::string_view ai, Place place) const {
  for (const Segment& segment : segments) {
    if (segment.place == place && segment.ai == ai) return &segment;
  }
  return nullptr;
}

std::string CodeProfile::Layout::AiList(Place place) const {
  std::vector<std::string_view> ais;
  for (const Segment& segment : segments) {
    if (segment.place == place) ais.push_back(segment.ai);
  }
  std::string list;
  for (size_t i = 0; i < ais.size(); ++i) {
    if (i > 0) list += i + 1 < ais.size() ? ", " : " or ";
    list += ais[i];
  }
  return list;
}

absl::StatusOr<std::vector<CodeProfile::Layout::Filled>> CodeProfile::Layout::Fill(
    const CodeParts& parts, std::chrono::year year) const {
  std::vector<Filled> filled;
  for (const Segment& segment : segments) {
    if (segment.check != nullptr) continue;
    const auto part = parts.find(segment.part);
    if (part == parts.end()) {
      if (segment.optional) continue;
      return InvalidArgument(segment.part, ": found nothing, expected ", Expectation(segment));
    }
    absl::StatusOr<std::string> text = WriteValue(segment, part->second, avoid, year);
    if (!text.ok()) return Named(segment.part, text.status());
    filled.push_back({&segment, *std::move(text)});
  }
  for (const auto& given : parts) {
    const auto is_part = [&](const Segment& segment) {
      return segment.check == nullptr && segment.part == given.first;
    };
    if (std::any_of(segments.begin(), segments.end(), is_part)) continue;
    std::string names;
    for (const Segment& segment : segments) {
      if (segment.check == nullptr) names += StrCat(names.empty() ? "" : ", ", segment.part);
    }
    return InvalidArgument("found a part ", Quoted(given.first), ", expected only ", names);
  }
  return filled;
}

absl::StatusOr<std::string> CodeProfile::Layout::Compose(const CodeParts& parts, bool human,
                                                         std::chrono::year year) const {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Filled> filled, Fill(parts, year));
  std::string code;
  switch (syntax) {
    case Syntax::kFixed:
      for (const Filled& f : filled) code += f.text;
      if (const CheckAlgorithm* check = segments.back().check; check != nullptr) {
        code += check->character(code);
      }
      break;
    case Syntax::kElementString:
      for (const Filled& f : filled) {
        if (human) {
          code += StrCat("(", f.segment->ai, ")");
          for (const char c : f.text) {
            if (c == '(') code += '\\';
            code += c;
          }
        } else {
          code += f.segment->ai;
          code += f.text;
          if (!f.segment->predefined_length && &f != &filled.back()) code += kFnc1;
        }
      }
      break;
    case Syntax::kDigitalLink: {
      code += kScheme;
      char separator = '?';
      for (const Filled& f : filled) {
        switch (f.segment->place) {
          case Place::kBody:
          case Place::kElement:
            code += f.text;
            continue;
          case Place::kPath:
            code += StrCat("/", f.segment->ai, "/");
            break;
          case Place::kQuery:
            code += separator;
            code += StrCat(f.segment->ai, "=");
            separator = '&';
            break;
        }
        PercentEncode(f.text, kEncoded, &code);
      }
      break;
    }
  }
  return code;
}

absl::Status CodeProfile::Layout::ParseFixed(std::string_view code, std::chrono::year year,
                                             CodeParts* parts) const {
  size_t length = 0;
  for (const Segment& segment : segments) length += segment.max;
  if (code.size() != length) {
    return InvalidArgument("code: found ", code.size(), " characters, ", Quoted(code),
                           ", expected ", length);
  }
  size_t at = 0;
  for (const Segment& segment : segments) {
    const std::string_view text = code.substr(at, segment.max);
    if (segment.check != nullptr) {
      const char expected = segment.check->character(code.substr(0, at));
      if (text.front() != expected) {
        return InvalidArgument("check: found ", Quoted(text), ", expected ",
                               std::string_view(&expected, 1), " (", segment.check->name, ")");
      }
    } else {
      SUYUAN_RETURN_IF_ERROR(AddPart(segment, text, year, parts));
    }
    at += segment.max;
  }
  return absl::OkStatus();
}

absl::Status CodeProfile::Layout::ParseRaw(std::string_view code, std::chrono::year year,
                                           CodeParts* parts) const {
  std::string_view rest = code;
  while (!rest.empty()) {
    const auto starts_rest = [&](const Segment& s) { return rest.substr(0, s.ai.size()) == s.ai; };
    const auto segment = std::find_if(segments.begin(), segments.end(), starts_rest);
    if (segment == segments.end()) {
      return InvalidArgument("application identifier: found ", Quoted(rest.substr(0, 4)),
                             " at offset ", code.size() - rest.size(), ", expected ",
                             AiList(Place::kElement));
    }
    rest.remove_prefix(segment->ai.size());
    const size_t end = segment->predefined_length ? segment->max : rest.find(kFnc1);
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(text.size());
    Consume(&rest, kFnc1);
    SUYUAN_RETURN_IF_ERROR(AddPart(*segment, text, year, parts));
  }
  return absl::OkStatus();
}

absl::Status CodeProfile::Layout::ParseHuman(std::string_view code, std::chrono::year year,
                                             CodeParts* parts) const {
  std::string_view rest = code;
  while (Consume(&rest, "(")) {
    const std::string_view ai = TakeUntil(&rest, ")");
    const Segment* const segment = FindAi(ai, Place::kElement);
    if (segment == nullptr) {
      return InvalidArgument("application identifier: found ", Quoted(ai), ", expected ",
                             AiList(Place::kElement));
    }
    std::string text;
    while (!rest.empty() && rest.front() != '(') {
      if (Consume(&rest, "\\(")) {
        text += '(';
      } else {
        text += rest.front();
        rest.remove_prefix(1);
      }
    }
    SUYUAN_RETURN_IF_ERROR(AddPart(*segment, text, year, parts));
  }
  return absl::OkStatus();
}

absl::Status CodeProfile::Layout::ParsePath(std::string_view path, std::chrono::year year,
                                            CodeParts* parts) const {
  // From the right, since the path in front of the primary key can hold anything.
  const Segment* right = nullptr;
  const Segment* const primary = &segments[1];
  while (right != primary) {
    const size_t value_at = path.rfind('/');
    const size_t ai_at = value_at == 0 || value_at == std::string_view::npos
                             ? std::string_view::npos
                             : path.rfind('/', value_at - 1);
    if (ai_at == std::string_view::npos) {
      return InvalidArgument(primary->part, ": found no /", primary->ai, "/ in the path, expected ",
                             Expectation(*primary), " behind it");
    }
    const std::string_view ai = path.substr(ai_at + 1, value_at - ai_at - 1);
    const Segment* const segment = FindAi(ai, Place::kPath);
    if (segment == nullptr) {
      return InvalidArgument("application identifier: found ", Quoted(ai),
                             " in the path, expected ", AiList(Place::kPath));
    }
    if (right != nullptr && segment >= right) {
      return InvalidArgument(segment->part, ": found /", ai, "/ in front of /", right->ai,
                             "/, expected the order ", AiList(Place::kPath));
    }
    SUYUAN_RETURN_IF_ERROR(AddEncodedPart(*segment, path.substr(value_at + 1), year, parts));
    right = segment;
    path = path.substr(0, ai_at);
  }
  return AddPart(segments.front(), path, year, parts);
}

absl::Status CodeProfile::Layout::ParseLink(std::string_view code, std::chrono::year year,
                                            CodeParts* parts) const {
  const size_t scheme = code.find("://");
  const std::string_view found = code.substr(0, scheme);
  if (scheme == std::string_view::npos || !(absl::EqualsIgnoreCase(ToAbsl(found), "https") ||
                                            absl::EqualsIgnoreCase(ToAbsl(found), "http"))) {
    return InvalidArgument("code: found ", Quoted(code), ", expected ", kScheme, "...");
  }
  std::string_view rest = code.substr(scheme + 3);
  rest = TakeUntil(&rest, "#");
  SUYUAN_RETURN_IF_ERROR(ParsePath(TakeUntil(&rest, "?"), year, parts));
  while (!rest.empty()) {
    std::string_view value = TakeUntil(&rest, "&;");
    const std::string_view key = TakeUntil(&value, "=");
    if (key.empty() || !AllDigits(key)) continue;
    const Segment* const segment = FindAi(key, Place::kQuery);
    if (segment == nullptr) {
      return InvalidArgument("application identifier: found ", Quoted(key),
                             " in the query, expected ", AiList(Place::kQuery));
    }
    SUYUAN_RETURN_IF_ERROR(AddEncodedPart(*segment, value, year, parts));
  }
  return absl::OkStatus();
}

absl::StatusOr<CodeParts> CodeProfile::Layout::Parse(std::string_view code,
                                                     std::chrono::year year) const {
  CodeParts parts;
  switch (syntax) {
    case Syntax::kFixed:
      SUYUAN_RETURN_IF_ERROR(ParseFixed(code, year, &parts));
      break;
    case Syntax::kElementString:
      SUYUAN_RETURN_IF_ERROR(code.substr(0, 1) == "(" ? ParseHuman(code, year, &parts)
                                                      : ParseRaw(code, year, &parts));
      break;
    case Syntax::kDigitalLink:
      SUYUAN_RETURN_IF_ERROR(ParseLink(code, year, &parts));
      break;
  }
  for (const Segment& segment : segments) {
    if (segment.optional || segment.check != nullptr || parts.contains(segment.part)) continue;
    return InvalidArgument(segment.part, ": found nothing, expected ", Expectation(segment));
  }
  return parts;
}

CodeProfile::CodeProfile(std::unique_ptr<const Layout> layout) : layout_(std::move(layout)) {}
CodeProfile::CodeProfile(CodeProfile&&) noexcept = default;
CodeProfile& CodeProfile::operator=(CodeProfile&&) noexcept = default;
CodeProfile::~CodeProfile() = default;

const std::string& CodeProfile::name() const { return layout_->name; }

const std::string& CodeProfile::certainty() const { return layout_->certainty; }

absl::StatusOr<CodeProfile> CodeProfile::FromRow(const CodeTable::Row& row) {
  auto layout = std::make_unique<Layout>();
  layout->name = row.Get("code");
  if (const absl::Status status = layout->ReadRow(row); !status.ok()) {
    return Named(StrCat("code profile ", layout->name), status);
  }
  return CodeProfile(std::move(layout));
}

const CodeProfile* CodeProfile::Find(std::string_view name) {
  static const auto* const profiles = [] {
    auto* map = new std::map<std::string, CodeProfile, std::less<>>;
    for (const CodeTable::Row& row : CodeTable::Get("code_profile").rows()) {
      absl::StatusOr<CodeProfile> profile = FromRow(row);
      SUYUAN_CHECK(profile.ok());  // tests/lib/codes reads every row
      std::string row_name = profile->name();
      map->emplace(std::move(row_name), *std::move(profile));
    }
    return map;
  }();
  const auto it = profiles->find(name);
  return it == profiles->end() ? nullptr : &it->second;
}

absl::StatusOr<std::string> CodeProfile::Compose(const CodeParts& parts,
                                                 std::chrono::year year) const {
  absl::StatusOr<std::string> code = layout_->Compose(parts, /*human=*/false, year);
  if (!code.ok()) return Named(StrCat("code profile ", name()), code.status());
  return code;
}

absl::StatusOr<std::string> CodeProfile::ComposeHuman(const CodeParts& parts,
                                                      std::chrono::year year) const {
  absl::StatusOr<std::string> code = layout_->Compose(parts, /*human=*/true, year);
  if (!code.ok()) return Named(StrCat("code profile ", name()), code.status());
  return code;
}

absl::StatusOr<CodeParts> CodeProfile::Parse(std::string_view code, std::chrono::year year) const {
  absl::StatusOr<CodeParts> parts = layout_->Parse(code, year);
  if (!parts.ok()) return Named(StrCat("code profile ", name()), parts.status());
  return parts;
}

absl::Status CodeProfile::Validate(std::string_view code, std::chrono::year year) const {
  return Parse(code, year).status();
}

}  // namespace suyuan::codes

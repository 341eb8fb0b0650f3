#include "lib/codes/keys.h"

#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/normal_form.h"
#include "lib/codes/text.h"

namespace suyuan::codes {
namespace {

// The longest text that can print as kMaxKeyBytes: each byte a full-width
// character, each of its three bytes percent-encoded.
constexpr size_t kMaxInputBytes = 9 * kMaxKeyBytes;

constexpr ByteSet EncodedBytes(std::string_view separators) {
  ByteSet encoded{};
  for (size_t i = 0; i <= 0x20; ++i) encoded[i] = true;
  encoded[0x7f] = true;
  for (const char c : separators) encoded[static_cast<uint8_t>(c)] = true;
  return encoded;
}
constexpr ByteSet kEncoded = EncodedBytes("%/;@#?");
constexpr ByteSet kEncodedInSource = EncodedBytes("%/;@#?:");

absl::Status Malformed(std::string_view what, std::string_view text, const absl::Status& status) {
  return InvalidArgument(what, " ", Quoted(text), ": ", status.message());
}

std::string_view TrimSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// A text split at a separator; without one everything is the head.
struct Halves {
  std::string_view head;
  std::string_view tail;
  bool found;
};
Halves SplitAt(std::string_view text, size_t at) {
  if (at == std::string_view::npos) return {text, {}, false};
  return {text.substr(0, at), text.substr(at + 1), true};
}
Halves SplitFirst(std::string_view text, char c) { return SplitAt(text, text.find(c)); }

// Decodes a part and puts it in normal form. `name` is for the error.
absl::Status ReadPart(std::string_view name, std::string_view raw, std::string* out) {
  absl::Status status;
  if (raw.find('%') == std::string_view::npos) {
    out->assign(raw);
  } else {
    status = PercentDecode(raw, out);
  }
  if (status.ok() && IsPlainAscii(*out)) return status;
  if (status.ok()) {
    absl::StatusOr<std::string> normal = NormalText(*out);
    if (normal.ok()) {
      *out = *std::move(normal);
      return absl::OkStatus();
    }
    status = normal.status();
  }
  return InvalidArgument(name, ": ", status.message());
}

absl::Status ReadNonEmpty(std::string_view name, std::string_view raw, std::string* out) {
  SUYUAN_RETURN_IF_ERROR(ReadPart(name, raw, out));
  if (out->empty()) return InvalidArgument("the ", name, " is empty");
  return absl::OkStatus();
}

// Reads what stands behind "ext:".
absl::Status ReadExternal(std::string_view rest, std::string* source, std::string* id) {
  const Halves halves = SplitFirst(rest, ':');
  if (!halves.found) return InvalidArgument("expected ext:<source>:<id>");
  SUYUAN_RETURN_IF_ERROR(ReadNonEmpty("source", halves.head, source));
  return ReadNonEmpty("id", halves.tail, id);
}

void AppendPart(std::string_view part, std::string* out) { PercentEncode(part, kEncoded, out); }

void AppendExternal(std::string_view source, std::string_view id, std::string* out) {
  out->append("ext:");
  PercentEncode(source, kEncodedInSource, out);
  *out += ':';
  AppendPart(id, out);
}

// YYYY, YYYY-MM or YYYY-MM-DD that exists. On texts, since taking a v1::Date
// apart for every lot of every event would cost as much as the rest of the key.
bool IsPartialDate(std::string_view text) {
  using std::chrono::day, std::chrono::month, std::chrono::year;
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  const auto digits = [&](size_t from, size_t size) {
    unsigned value = 0;
    for (const char c : text.substr(from, size)) {
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9') return false;
  }
  const unsigned m = text.size() > 4 ? digits(5, 2) : 1;
  const unsigned d = text.size() > 7 ? digits(8, 2) : 1;
  const auto y = static_cast<int>(digits(0, 4));
  return y > 0 && std::chrono::year_month_day(year(y), month(m), day(d)).ok();
}

absl::Status CheckInputSize(std::string_view text) {
  if (text.size() <= kMaxInputBytes) return absl::OkStatus();
  return InvalidArgument("it is ", text.size(), " bytes long, expected at most ", kMaxKeyBytes);
}

// `size` is a sum of sizes of decoded parts: a third of the limit cannot reach it.
template <typename Key>
absl::Status CheckPrintedSize(const Key& key, size_t size) {
  if (size * 3 + 64 <= kMaxKeyBytes) return absl::OkStatus();
  const size_t printed = key.ToString().size();
  if (printed <= kMaxKeyBytes) return absl::OkStatus();
  return InvalidArgument("it is ", printed, " bytes long in normal form, expected at most ",
                         kMaxKeyBytes);
}

absl::StatusOr<HolderKey> ParseHolder(std::string_view text) {
  SUYUAN_RETURN_IF_ERROR(CheckInputSize(text));
  HolderKey key;
  const Halves halves = SplitFirst(text, '/');
  std::string_view rest = halves.head;
  if (Consume(&rest, "uscc:")) {
    key.scheme = HolderKey::Scheme::kUscc;
    SUYUAN_RETURN_IF_ERROR(ReadPart("unified social credit code", rest, &key.id));
    for (char& c : key.id) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    SUYUAN_RETURN_IF_ERROR(CheckUsci(key.id));
  } else if (Consume(&rest, "gln:")) {
    key.scheme = HolderKey::Scheme::kGln;
    SUYUAN_RETURN_IF_ERROR(ReadPart("GLN", rest, &key.id));
    SUYUAN_RETURN_IF_ERROR(CheckGs1Number("GLN", 13, key.id));
  } else if (Consume(&rest, "ext:")) {
    key.scheme = HolderKey::Scheme::kExternal;
    SUYUAN_RETURN_IF_ERROR(ReadExternal(rest, &key.source, &key.id));
  } else {
    return InvalidArgument("expected uscc:<18 characters>, gln:<13 digits> or ext:<source>:<id>");
  }
  if (halves.found) {
    if (halves.tail.find('/') != std::string_view::npos) {
      return InvalidArgument("more than one /, expected %2F for a slash within a part");
    }
    SUYUAN_RETURN_IF_ERROR(ReadNonEmpty("site", halves.tail, &key.site));
  }
  SUYUAN_RETURN_IF_ERROR(
      CheckPrintedSize(key, key.source.size() + key.id.size() + key.site.size()));
  return key;
}

// Whether `text` is a holder key of the usual kind in its normal form: saves
// most callers from taking it apart and printing it again.
bool IsNormalUsccKey(std::string_view text) {
  if (text.size() < 23 || text.size() > 128 || text.substr(0, 5) != "uscc:") return false;
  if (!IsUsci(text.substr(5, 18))) return false;
  if (text.size() == 23) return true;
  const std::string_view site = text.substr(24);
  if (text[23] != '/' || site.empty()) return false;
  for (const char c : site) {
    if (kEncoded[static_cast<uint8_t>(c)] || static_cast<uint8_t>(c) > 0x7f) return false;
  }
  return true;
}

absl::Status CheckDate(std::string_view name, std::string_view date) {
  if (date.empty() || IsPartialDate(date)) return absl::OkStatus();
  return InvalidArgument(name, " is ", Quoted(date),
                         ", expected an existing date as YYYY, YYYY-MM or YYYY-MM-DD");
}

// Checks a lot whose parts are in normal form as texts, and puts issuer and
// product in theirs.
absl::Status FinishLot(UnitKey* key) {
  if (key->issuer.empty()) return InvalidArgument("the issuer is empty");
  if (!IsNormalUsccKey(key->issuer)) {
    absl::StatusOr<HolderKey> issuer = ParseHolder(key->issuer);
    if (!issuer.ok()) return Malformed("issuer", key->issuer, issuer.status());
    key->issuer = issuer->ToString();
  }
  if (key->product.empty()) return InvalidArgument("the product is empty");
  if (IsGtin(key->product)) key->product.insert(0, 14 - key->product.size(), '0');
  SUYUAN_RETURN_IF_ERROR(CheckDate("made", key->made));
  SUYUAN_RETURN_IF_ERROR(CheckDate("expiry", key->expiry));
  if (key->number.empty() && key->made.empty()) {
    return InvalidArgument(
        "the lot number is empty, expected one or a date of production (;made=)");
  }
  return absl::OkStatus();
}

// Reads what stands behind "lot:".
absl::Status ReadLot(std::string_view text, UnitKey* key) {
  Halves rest = SplitFirst(text, ';');
  const Halves issuer = SplitFirst(rest.head, '/');
  const Halves product = SplitFirst(issuer.tail, '/');
  if (!product.found || product.tail.find('/') != std::string_view::npos) {
    return InvalidArgument(
        "expected lot:<issuer>/<product>/<lot number>, with %2F for a slash within a part");
  }
  SUYUAN_RETURN_IF_ERROR(ReadPart("issuer", issuer.head, &key->issuer));
  SUYUAN_RETURN_IF_ERROR(ReadPart("product", product.head, &key->product));
  SUYUAN_RETURN_IF_ERROR(ReadPart("lot number", product.tail, &key->number));
  while (rest.found) {
    rest = SplitFirst(rest.tail, ';');
    std::string_view value = rest.head;
    const bool made = Consume(&value, "made=");
    if (!made && !Consume(&value, "expiry=")) {
      return InvalidArgument("found ", Quoted(value),
                             " behind ;, expected ;made=<date> or ;expiry=<date>");
    }
    const std::string_view name = made ? "made" : "expiry";
    std::string* const date = made ? &key->made : &key->expiry;
    if (!date->empty()) return InvalidArgument(name, " is given twice");
    SUYUAN_RETURN_IF_ERROR(ReadPart(name, value, date));
    if (date->empty()) return InvalidArgument(name, " is empty, expected a date");
  }
  return FinishLot(key);
}

absl::Status CheckUnitSize(const UnitKey& key) {
  return CheckPrintedSize(key, key.issuer.size() + key.product.size() + key.number.size() +
                                   key.source.size() + key.code.size());
}

absl::StatusOr<UnitKey> ParseUnit(std::string_view text) {
  SUYUAN_RETURN_IF_ERROR(CheckInputSize(text));
  UnitKey key;
  std::string_view rest = text;
  if (Consume(&rest, "lot:")) {
    key.kind = UnitKey::Kind::kLot;
    SUYUAN_RETURN_IF_ERROR(ReadLot(rest, &key));
  } else if (Consume(&rest, "sscc:")) {
    key.kind = UnitKey::Kind::kSscc;
    SUYUAN_RETURN_IF_ERROR(ReadPart("SSCC", rest, &key.code));
    SUYUAN_RETURN_IF_ERROR(CheckGs1Number("SSCC", 18, key.code));
  } else if (Consume(&rest, "item:")) {
    key.kind = UnitKey::Kind::kItem;
    SUYUAN_RETURN_IF_ERROR(ReadNonEmpty("code", rest, &key.code));
  } else if (Consume(&rest, "ext:")) {
    key.kind = UnitKey::Kind::kExternal;
    SUYUAN_RETURN_IF_ERROR(ReadExternal(rest, &key.source, &key.code));
  } else {
    return InvalidArgument(
        "expected lot:<issuer>/<product>/<lot number>, sscc:<18 digits>, item:<code> or "
        "ext:<source>:<id>");
  }
  SUYUAN_RETURN_IF_ERROR(CheckUnitSize(key));
  return key;
}

// The builders' way: parts as they are, `text` for the error.
absl::Status SetPart(std::string_view name, std::string_view value, std::string* out) {
  absl::StatusOr<std::string> normal = NormalText(value);
  if (!normal.ok()) return InvalidArgument(name, ": ", normal.status().message());
  *out = *std::move(normal);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParsePrinted(std::string text) {
  SUYUAN_ASSIGN_OR_RETURN(const UnitKey key, UnitKey::Parse(text));
  return key.ToString();
}

}  // namespace

absl::StatusOr<HolderKey> HolderKey::Parse(std::string_view text) {
  absl::StatusOr<HolderKey> key = ParseHolder(TrimSpace(text));
  if (!key.ok()) return Malformed("holder key", text, key.status());
  return key;
}

std::string HolderKey::ToString() const {
  std::string out;
  out.reserve(16 + source.size() + id.size() + site.size());
  switch (scheme) {
    case Scheme::kUscc:
      out.append("uscc:");
      AppendPart(id, &out);
      break;
    case Scheme::kGln:
      out.append("gln:");
      AppendPart(id, &out);
      break;
    case Scheme::kExternal:
      AppendExternal(source, id, &out);
      break;
  }
  if (is_site()) {
    out += '/';
    AppendPart(site, &out);
  }
  return out;
}

HolderKey HolderKey::Subject() const { return {scheme, source, id, {}}; }

absl::StatusOr<UnitKey> UnitKey::Parse(std::string_view text) {
  absl::StatusOr<UnitKey> key = ParseUnit(TrimSpace(text));
  if (!key.ok()) return Malformed("unit key", text, key.status());
  return key;
}

std::string UnitKey::Base() const {
  std::string out;
  // Behind it there is room for both dates.
  out.reserve(48 + issuer.size() + product.size() + number.size() + source.size() + code.size());
  switch (kind) {
    case Kind::kLot:
      out.append("lot:");
      AppendPart(issuer, &out);
      out += '/';
      AppendPart(product, &out);
      out += '/';
      AppendPart(number, &out);
      break;
    case Kind::kSscc:
      out.append("sscc:");
      AppendPart(code, &out);
      break;
    case Kind::kItem:
      out.append("item:");
      AppendPart(code, &out);
      break;
    case Kind::kExternal:
      AppendExternal(source, code, &out);
      break;
  }
  return out;
}

std::string UnitKey::ToString() const {
  std::string out = Base();
  if (!made.empty()) out.append(";made=").append(made);
  if (!expiry.empty()) out.append(";expiry=").append(expiry);
  return out;
}

absl::StatusOr<std::string> LotKey(std::string_view issuer, std::string_view product,
                                   std::string_view number, std::string_view made,
                                   std::string_view expiry) {
  UnitKey key;
  const auto build = [&]() -> absl::Status {
    for (const std::string_view part : {issuer, product, number}) {
      SUYUAN_RETURN_IF_ERROR(CheckInputSize(part));
    }
    SUYUAN_RETURN_IF_ERROR(SetPart("issuer", issuer, &key.issuer));
    SUYUAN_RETURN_IF_ERROR(SetPart("product", product, &key.product));
    SUYUAN_RETURN_IF_ERROR(SetPart("lot number", number, &key.number));
    SUYUAN_RETURN_IF_ERROR(SetPart("made", made, &key.made));
    SUYUAN_RETURN_IF_ERROR(SetPart("expiry", expiry, &key.expiry));
    SUYUAN_RETURN_IF_ERROR(FinishLot(&key));
    return CheckUnitSize(key);
  };
  if (const absl::Status status = build(); !status.ok()) {
    return Malformed("lot", StrCat(issuer, " / ", product, " / ", number), status);
  }
  return key.ToString();
}

absl::StatusOr<std::string> SsccKey(std::string_view digits) {
  std::string text = "sscc:";
  AppendPart(digits, &text);
  return ParsePrinted(std::move(text));
}

absl::StatusOr<std::string> ItemKey(std::string_view code) {
  std::string text = "item:";
  AppendPart(code, &text);
  return ParsePrinted(std::move(text));
}

absl::StatusOr<std::string> ExternalKey(std::string_view source, std::string_view id) {
  std::string text;
  AppendExternal(source, id, &text);
  return ParsePrinted(std::move(text));
}

absl::StatusOr<std::string> SiteKey(std::string_view subject, std::string_view site) {
  SUYUAN_ASSIGN_OR_RETURN(HolderKey key, HolderKey::Parse(subject));
  if (key.is_site()) {
    return InvalidArgument("holder key ", Quoted(subject), " is a site, expected a subject");
  }
  std::string text = key.ToString();
  text += '/';
  AppendPart(site, &text);
  SUYUAN_ASSIGN_OR_RETURN(key, HolderKey::Parse(text));
  return key.ToString();
}

std::string UnitAddress::ToString() const {
  std::string out = unit;
  if (!holder.empty()) out.append("@").append(holder);
  if (!part.empty()) {
    out += '#';
    AppendPart(part, &out);
  }
  return out;
}

absl::StatusOr<UnitAddress> ParseUnitAddress(std::string_view text) {
  const std::string_view trimmed = TrimSpace(text);
  UnitAddress address;
  const auto parse = [&]() -> absl::Status {
    SUYUAN_RETURN_IF_ERROR(CheckInputSize(trimmed));
    const Halves at = SplitAt(trimmed, trimmed.rfind('@'));
    const Halves unit = at.found ? at : SplitAt(trimmed, trimmed.rfind('#'));
    const Halves holder = at.found ? SplitFirst(at.tail, '#') : Halves{{}, unit.tail, unit.found};
    address.unit = unit.head;
    if (address.unit.empty()) return InvalidArgument("the unit is empty");
    if (at.found) {
      absl::StatusOr<HolderKey> key = ParseHolder(holder.head);
      if (!key.ok()) return Malformed("holder", holder.head, key.status());
      address.holder = key->ToString();
    }
    if (!holder.found) return absl::OkStatus();
    return ReadNonEmpty("part", holder.tail, &address.part);
  };
  if (const absl::Status status = parse(); !status.ok()) {
    return InvalidArgument("unit address ", Quoted(text), ": ", status.message(),
                           "; expected UNIT[@HOLDER][#PART]");
  }
  return address;
}

}  // namespace suyuan::codes

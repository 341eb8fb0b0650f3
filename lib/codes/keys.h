#ifndef LIB_CODES_KEYS_H_
#define LIB_CODES_KEYS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace suyuan::codes {

// The keys of units and holders: read from any spelling, held and printed in
// one normal form, so that equal keys are equal texts. Source: architecture,
// section 5, "The key".
//
// The parts of a key are percent-encoded UTF-8. Reading takes any valid
// encoding, and as it is what could not be mistaken for a separator; it puts every
// part through NormalText. Printing encodes exactly % / ; @ # ? and the space, in
// the <source> of an ext: key also the colon. For every key that Parse gave,
// Parse(key.ToString()) is that key again.
//
// All errors are kInvalidArgument, quote the text and say what was expected. All
// functions are pure and thread-safe. Cost of reading or printing a usual key:
// well under a microsecond.

// A printed key is at most this long.
inline constexpr size_t kMaxKeyBytes = 512;

// Who holds or issues: a subject (company), or one of its sites.
//   uscc:<18 characters>   checked, letters in upper case
//   gln:<13 digits>        checked
//   ext:<source>:<id>      anything else, in the numbering of <source>
// each with "/<site>" behind it for a site, in the subject's own numbering. A
// slash within a part is written %2F.
struct HolderKey {
  enum class Scheme : uint8_t { kUscc, kGln, kExternal };

  Scheme scheme = Scheme::kExternal;
  std::string source;  // ext: only
  std::string id;
  std::string site;  // empty for the subject itself

  static absl::StatusOr<HolderKey> Parse(std::string_view text);
  std::string ToString() const;

  bool is_site() const { return !site.empty(); }
  // The subject whose site it is; of a subject, itself.
  HolderKey Subject() const;

  friend auto operator<=>(const HolderKey&, const HolderKey&) = default;
};

// What is traced.
//   lot:<issuer>/<product>/<lot number>[;made=<date>][;expiry=<date>]
//   sscc:<18 digits>       checked
//   item:<code>
//   ext:<source>:<id>
// <issuer> is a HolderKey (with %2F before its site); <product> is a GTIN, which
// is padded to 14 digits, or the issuer's own number, kept exactly: a number that
// happens to be a valid GTIN of 8, 12, 13 or 14 digits is taken for one. Lot
// numbers are kept exactly; an empty one needs a date of production, which takes
// its place. Dates are YYYY, YYYY-MM or YYYY-MM-DD and tell apart lots that were
// given one number.
struct UnitKey {
  enum class Kind : uint8_t { kLot, kSscc, kItem, kExternal };

  Kind kind = Kind::kLot;
  std::string issuer;   // lot: text of a HolderKey
  std::string product;  // lot
  std::string number;   // lot
  std::string made;     // lot: empty if not said
  std::string expiry;   // lot: empty if not said
  std::string source;   // ext
  std::string code;     // sscc, item: the code; ext: the id

  static absl::StatusOr<UnitKey> Parse(std::string_view text);
  std::string ToString() const;
  // The text without ";made=" and ";expiry=": what all lots of one number share.
  // Of a lot without a number this is no key.
  std::string Base() const;

  friend auto operator<=>(const UnitKey&, const UnitKey&) = default;
};

// Normal texts of keys from their parts, which are given as they are, without
// percent-encoding (`issuer`, `subject`: texts of holder keys). Errors as of Parse.
absl::StatusOr<std::string> LotKey(std::string_view issuer, std::string_view product,
                                   std::string_view number, std::string_view made = {},
                                   std::string_view expiry = {});
absl::StatusOr<std::string> SsccKey(std::string_view digits);
absl::StatusOr<std::string> ItemKey(std::string_view code);
// Also the key of a subject in a numbering that is neither USCI nor GLN.
absl::StatusOr<std::string> ExternalKey(std::string_view source, std::string_view id);
absl::StatusOr<std::string> SiteKey(std::string_view subject, std::string_view site);

// A node of the genealogy as people write it: UNIT[@HOLDER][#PART].
struct UnitAddress {
  std::string unit;    // as written: perhaps a key, perhaps only a lot number
  std::string holder;  // text of a HolderKey, or empty
  std::string part;    // in normal form, or empty

  std::string ToString() const;

  friend auto operator<=>(const UnitAddress&, const UnitAddress&) = default;
};

// The last '@' is in front of HOLDER, the '#' after it (without a holder the
// last '#') in front of PART; within UNIT, HOLDER and PART these are written %40 and
// %23. kInvalidArgument for an empty unit, holder or part, and for a holder
// that is no holder key.
absl::StatusOr<UnitAddress> ParseUnitAddress(std::string_view text);

}  // namespace suyuan::codes

#endif  // LIB_CODES_KEYS_H_

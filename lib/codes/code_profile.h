#ifndef LIB_CODES_CODE_PROFILE_H_
#define LIB_CODES_CODE_PROFILE_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/codes/code_table.h"

namespace suyuan::codes {

// The parts of a traceability code by name (gtin, uscc, made, expiry, lot, serial,
// host; the layouts in the table say which a profile has), in their normal form:
// a GTIN has 14 digits, a date is YYYY-MM-DD, or YYYY-MM where the code leaves the day
// open; all else is as in the code. A code's check character is no part.
using CodeParts = std::map<std::string, std::string, std::less<>>;

// How traceability codes of one kind are built: a row of
// schemas/db31t1110/code_profile.csv, where SOURCE.md explains the columns. The
// rows SH-INF-* are inferred: that a code fits them says nothing about DB31/T 1110.
//
// All errors are kInvalidArgument and name the profile, the part, what was found and
// what was expected. Immutable, so thread-safe.
//
// `year` is the year in which a code is made or read: years of two digits are the ones
// from 49 before it to 50 after it (GS1 General Specifications). For a
// code from an old record give the year of the record.
class CodeProfile {
 public:
  // The profile of that name, null if the table has none. Lives as long as the
  // process.
  static const CodeProfile* Find(std::string_view name);
  // Reads a row of a table with the columns of code_profile.csv.
  static absl::StatusOr<CodeProfile> FromRow(const CodeTable::Row& row);

  CodeProfile(CodeProfile&&) noexcept;
  CodeProfile& operator=(CodeProfile&&) noexcept;
  ~CodeProfile();

  const std::string& name() const;
  // How sure we are of the layout: "seen", ..., "guess", as in the table.
  const std::string& certainty() const;

  // The code with these parts, as a symbol carries it; in an element string FNC1 is
  // the character 0x1d. A GTIN may also have 8, 12 or 13 digits. Refused are parts that
  // the profile does not have or that do not fit in their segments, a missing part that
  // it needs, a wrong check digit, a year that two digits would not give back,
  // and in lots and serials the characters that a new code avoids.
  absl::StatusOr<std::string> Compose(const CodeParts& parts, std::chrono::year year) const;
  // The same as people read it: an element string with its application identifiers in
  // parentheses, and "\(" for a parenthesis that opens within a value (as the GS1
  // Syntax Engine writes it). Codes of other profiles are the same in both forms.
  absl::StatusOr<std::string> ComposeHuman(const CodeParts& parts, std::chrono::year year) const;

  // The parts of `code`, in either form. Parse of what was composed with the same `year`
  // gives the same parts in normal form. More is read than is composed: lots and serials
  // may hold all that the alphabet has; element strings have their elements in any order
  // and perhaps FNC1 behind those of predefined length; a Digital Link may be http or in
  // upper case, with a fragment and foreign parameters, which are ignored unless they
  // are application identifiers.
  absl::StatusOr<CodeParts> Parse(std::string_view code, std::chrono::year year) const;
  // OK if Parse is.
  absl::Status Validate(std::string_view code, std::chrono::year year) const;

 private:
  struct Layout;
  explicit CodeProfile(std::unique_ptr<const Layout> layout);

  std::unique_ptr<const Layout> layout_;
};

}  // namespace suyuan::codes

#endif  // LIB_CODES_CODE_PROFILE_H_

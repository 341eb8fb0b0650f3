#include "lib/events/profile.h"

#include <algorithm>
#include <optional>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/events/catalogue.h"
#include "lib/events/operation.h"

namespace suyuan::events {
namespace {

using codes::CodeTable;

std::optional<options::Obligation> ObligationOf(std::string_view word) {
  if (word == "mandatory") return options::MANDATORY;
  if (word == "optional") return options::OPTIONAL;
  if (word == "conditional") return options::CONDITIONAL;
  return std::nullopt;
}

bool Matches(std::string_view pattern, std::string_view value) {
  return pattern == "*" || pattern == value;
}

absl::Status CheckRow(const CodeTable::Row& row) {
  const std::string_view code = row.Get("operation");
  const std::string_view number = row.Get("element");
  const auto obligation = ObligationOf(row.Get("obligation"));
  const auto fault = [&](std::string_view what) {
    return absl::InternalError(
        StrCat("profile.csv, ", row.Get("profile"), ",", code, ",", number, ": ", what));
  };
  if (code != "*" && FindOperation(code) == nullptr) return fault("no such operation");
  if (!obligation.has_value()) return fault("no such obligation");
  bool known = number == "*";
  for (const DataElement& entry : DataElements()) {
    const bool here = entry.operation == nullptr || Matches(code, entry.operation->code);
    if (!here || !Matches(number, entry.element->number())) continue;
    known = true;
    if (obligation == options::CONDITIONAL && entry.element->condition().empty()) {
      return fault("conditional, and the element has no condition");
    }
  }
  return known ? absl::OkStatus() : fault("the operation has no such element");
}

}  // namespace

std::vector<std::string> Profile::Names() {
  std::vector<std::string> names;
  for (const CodeTable::Row& row : CodeTable::Get("profile").rows()) {
    const std::string name(row.Get("profile"));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

absl::StatusOr<Profile> Profile::Load(std::string_view name) {
  Profile profile;
  for (const CodeTable::Row& row : CodeTable::Get("profile").rows()) {
    if (row.Get("profile") != name) continue;
    SUYUAN_RETURN_IF_ERROR(CheckRow(row));
    profile.rows_.push_back(row);
  }
  if (profile.rows_.empty()) {
    std::string known;
    for (const std::string& other : Names()) known += (known.empty() ? "" : ", ") + other;
    return InvalidArgument("no profile \"", name, "\", known are ", known);
  }
  return profile;
}

Duty Profile::Of(std::string_view operation, const options::Element& element) const {
  int best = -1;
  Duty duty{element.obligation(), element.source()};
  for (const CodeTable::Row& row : rows_) {
    const std::string_view code = row.Get("operation");
    const std::string_view number = row.Get("element");
    if (!Matches(code, operation) || !Matches(number, element.number())) continue;
    const int rank = (code == "*" ? 0 : 2) + (number == "*" ? 0 : 1);
    if (rank <= best) continue;
    best = rank;
    duty = {*ObligationOf(row.Get("obligation")), row.Get("source")};
  }
  return duty;
}

}  // namespace suyuan::events

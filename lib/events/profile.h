#ifndef LIB_EVENTS_PROFILE_H_
#define LIB_EVENTS_PROFILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/codes/code_table.h"
#include "suyuan/options/element.pb.h"

namespace suyuan::events {

// Who must record an element, and by what source. The text lives as long as the
// process.
struct Duty {
  options::Obligation obligation = options::OPTIONAL;
  std::string_view source;
};

// The rows of schemas/db31t1110/profile.csv that speak of one profile.
class Profile {
 public:
  // kInvalidArgument, naming the known profiles, if there is no row for `name`.
  // kInternal if a row names an operation, element or obligation that does not
  // exist, or makes conditional what has no condition.
  static absl::StatusOr<Profile> Load(std::string_view name);
  // All profiles, in the order of the table.
  static std::vector<std::string> Names();

  // The most specific row decides: one that names operation and element, then
  // the operation alone (element `*`), then the element alone (operation `*`),
  // then `*` for both. Without a row it is as the option says.
  Duty Of(std::string_view operation, const options::Element& element) const;

 private:
  std::vector<codes::CodeTable::Row> rows_;
};

}  // namespace suyuan::events

#endif  // LIB_EVENTS_PROFILE_H_

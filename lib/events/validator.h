#ifndef LIB_EVENTS_VALIDATOR_H_
#define LIB_EVENTS_VALIDATOR_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "suyuan/v1/event.pb.h"
#include "suyuan/violation.h"

namespace suyuan::events {

// A serialized event is at most this long. Source: architecture, section 4.
inline constexpr size_t kMaxEventBytes = 65'400;
// A personal value is at most this long. Source: ours.
inline constexpr size_t kMaxPersonalBytes = 1'024;
// A list of violations is never made longer than this.
inline constexpr size_t kMaxViolations = 10'000;

// Judges events by form (rules `form.*`) and by the data elements that a
// profile demands (rules named by the number, "S002-21"). Looks at one event
// alone, never at what a ledger holds. Immutable, so thread-safe.
class Validator {
 public:
  // The validator for a profile of schemas/db31t1110/profile.csv.
  // kInvalidArgument, naming the known ones, if there is no such profile.
  static absl::StatusOr<std::unique_ptr<Validator>> ForProfile(std::string_view profile);
  ~Validator();
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;

  // Appends all faults of `event` at once, in the order of the schema; nothing
  // if it may be recorded. An event above kMaxEventBytes is judged by its size,
  // id and operation alone. What was found is quoted, but never a personal
  // datum. When the list reaches kMaxViolations its last entry is form.more and
  // nothing is added any more.
  // Cost: one and a half times to twice that of parsing the event, a third of it
  // for reading keys. Without a fault nothing is put together.
  void Validate(const v1::Event& event, size_t event_index,
                std::vector<Violation>* violations) const;

 private:
  struct Duties;
  explicit Validator(std::unique_ptr<const Duties> duties);

  std::unique_ptr<const Duties> duties_;
};

// OK if there are none. Otherwise kInvalidArgument: the message is the first
// fault in English and the number of the others; ViolationsOf gives them all.
absl::Status ViolationsToStatus(std::span<const Violation> violations);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_VALIDATOR_H_

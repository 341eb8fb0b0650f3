#ifndef SUYUAN_VIOLATION_H_
#define SUYUAN_VIOLATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace suyuan {

// One fault of an event.
struct Violation {
  size_t event_index = 0;  // in the batch
  std::string rule;        // "S002-21", "form.unit-key"
  std::string field;       // path in the event: "receive.quantity.unit"
  std::string found;
  std::string expected;
  std::string source;  // standard and clause, or "ours"
  std::string message_zh;
  std::string message_en;
};

// All faults that a refused Append reports; empty for other statuses.
std::vector<Violation> ViolationsOf(const absl::Status& status);

}  // namespace suyuan

#endif  // SUYUAN_VIOLATION_H_

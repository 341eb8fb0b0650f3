#ifndef API_CLI_MOMENT_H_
#define API_CLI_MOMENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "api/cli/context.h"

namespace suyuan::cli {

// Reads "2025-11-03", "2025-11-03T08:30" or "2025-11-03T08:30:00", of which the last (first)
// moment of that day, minute or second in China is meant, in UTC microseconds. Of an empty
// text nothing; false if it cannot be read.
bool ReadLastMoment(const std::string& text, std::optional<int64_t>* moment);
bool ReadFirstMoment(const std::string& text, std::optional<int64_t>* moment);

Failure BadMoment(const std::string& option, const std::string& text);

}  // namespace suyuan::cli

#endif  // API_CLI_MOMENT_H_

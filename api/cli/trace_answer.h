#ifndef API_CLI_TRACE_ANSWER_H_
#define API_CLI_TRACE_ANSWER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "suyuan/trace.h"

namespace suyuan::cli {

// The answer that TraceJson wrote (result_json.h), with or without links. Fields that it does not
// know are skipped. kInvalidArgument names what is missing or of another kind than expected;
// every index of the result names something.
absl::StatusOr<TraceResult> ReadTraceAnswer(std::string_view text);

}  // namespace suyuan::cli

#endif  // API_CLI_TRACE_ANSWER_H_

#ifndef API_EXCHANGE_TRACE_EXPORT_H_
#define API_EXCHANGE_TRACE_EXPORT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "suyuan/trace.h"

// Answers of traces for other programs: graphs of goods at their holders, with a step between them
// where it has not just one input and one output. All are UTF-8; what is none becomes U+FFFD.
namespace suyuan::exchange {

enum class TraceFormat {
  kDot,      // of Graphviz
  kGraphml,  // of yEd, Gephi, networkx: data only
  kJson,     // {"origin","direction","heads","digest","layers","crossings","nodes","edges"}
  kSvg,      // a picture, needing nothing else
};

// Nothing for any other name than dot, graphml, json, svg.
std::optional<TraceFormat> TraceFormatOf(std::string_view name);

// The answer, laid out in layers from left to right as goods went (suyuan/layout.h). The same
// bytes for the same answer. `holder_name` tells what people call a holder, or its key.
// kInvalidArgument: the answer has no links, or an index that names nothing.
absl::StatusOr<std::string> ExportTrace(
    const TraceResult& result, TraceFormat format,
    const std::function<std::string(const std::string& holder)>& holder_name);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_TRACE_EXPORT_H_

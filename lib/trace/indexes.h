#ifndef LIB_TRACE_INDEXES_H_
#define LIB_TRACE_INDEXES_H_

#include "lib/base/strings.h"
#include "suyuan/trace.h"

namespace suyuan::trace {

// Do all indexes of an answer from elsewhere name something? kDataLoss names the first that
// does not.
inline absl::Status CheckIndexes(const TraceResult& result) {
  const auto wrong = [](std::string_view list, size_t i, std::string_view field) {
    return DataLoss(list, "[", i, "].", field, ": found an index of nothing");
  };
  for (size_t i = 0; i < result.links.size(); ++i) {
    if (result.links[i].place >= result.places.size()) return wrong("links", i, "place");
    if (result.links[i].step >= result.steps.size()) return wrong("links", i, "step");
  }
  const auto is_link = [&](uint32_t index) {
    return index == kNoIndex || index < result.links.size();
  };
  for (size_t i = 0; i < result.hops.size(); ++i) {
    const TraceHop& hop = result.hops[i];
    if (hop.before > i) return wrong("hops", i, "before");
    if (hop.place >= result.places.size()) return wrong("hops", i, "place");
    if (hop.carrier != kNoIndex && hop.carrier >= result.places.size()) {
      return wrong("hops", i, "carrier");
    }
    if (!is_link(hop.took)) return wrong("hops", i, "took");
    if (!is_link(hop.brought)) return wrong("hops", i, "brought");
    if (hop.packed_ledger != kNoIndex && hop.packed_ledger >= result.heads.size()) {
      return wrong("hops", i, "packed_ledger");
    }
  }
  for (size_t i = 0; i < result.units.size(); ++i) {
    const uint32_t witness = result.units[i].witness;
    if (witness != kNoIndex && witness >= result.hops.size()) return wrong("units", i, "witness");
  }
  return absl::OkStatus();
}

}  // namespace suyuan::trace

#endif  // LIB_TRACE_INDEXES_H_

#ifndef LIB_TRACE_MEASURE_H_
#define LIB_TRACE_MEASURE_H_

#include <cstdint>
#include <optional>

#include "lib/genealogy/graph.h"

namespace suyuan::trace {

// A quantity in the base unit of its dimension, so that what was told in grams and in
// kilograms can be compared: value * 10^-18. Units without a factor (packages) are a
// dimension of their own.
struct Measure {
  uint64_t dimension = 0;
  __int128 value = 0;
};

// Nothing if no quantity was told, or none that fits.
std::optional<Measure> MeasureOf(const genealogy::Graph& graph, const genealogy::Amount& amount);

// A sum of quantities that may be unknown: one was not told, does not fit, or is of
// another dimension.
class Sum {
 public:
  void Add(const std::optional<Measure>& measure);
  void Add(const Sum& other);
  bool known() const { return known_; }
  // Of known sums of one dimension, where nothing is 0 of any: is `a` less than `b`?
  // Nothing if that cannot be told.
  friend std::optional<bool> Less(const Sum& a, const Sum& b);

 private:
  bool known_ = true;
  std::optional<Measure> sum_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_MEASURE_H_

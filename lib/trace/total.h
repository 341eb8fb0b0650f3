#ifndef LIB_TRACE_TOTAL_H_
#define LIB_TRACE_TOTAL_H_

#include <cstddef>
#include <map>
#include <string>

#include "lib/base/decimal.h"
#include "lib/genealogy/graph.h"

namespace suyuan::trace {

// An exact sum of quantities, apart by units of measure that cannot be turned into
// each other exactly. What was moved without a quantity is counted.
class Total {
 public:
  // Adds `amount` of `graph`, or takes it away.
  void Add(const genealogy::Graph& graph, const genealogy::Amount& amount, bool minus = false);
  void Add(const Total& other, bool minus = false);
  Total Minus() const;

  // By code of UN/ECE Rec. 20; no zeros.
  const std::map<std::string, Decimal>& sums() const { return sums_; }
  // Movements that told no quantity, those out taken from those in.
  int untold() const { return untold_; }
  // A sum left the range of a decimal.
  bool overflowed() const { return overflowed_; }
  // Nothing moved that is known of.
  bool empty() const { return sums_.empty() && untold_ == 0 && !overflowed_; }
  bool negative() const;
  bool positive() const;

 private:
  void Add(const std::string& unit, const Decimal& value);

  std::map<std::string, Decimal> sums_;
  int untold_ = 0;
  bool overflowed_ = false;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_TOTAL_H_

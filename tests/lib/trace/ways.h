#ifndef TESTS_LIB_TRACE_WAYS_H_
#define TESTS_LIB_TRACE_WAYS_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "suyuan/trace.h"

namespace suyuan {

// The way that the answer shows for `unit`, from the origin on.
inline std::vector<TraceHop> WayOf(const TraceResult& result, const TracedUnit& unit) {
  std::vector<TraceHop> way;
  for (uint32_t at = unit.witness; at < result.hops.size();) {
    way.push_back(result.hops[at]);
    if (result.hops[at].before >= at) break;
    at = result.hops[at].before;
  }
  std::reverse(way.begin(), way.end());
  return way;
}

// "farm#3 SHP lot@holder > farm#3 SHP lot@holder" of each hop by a step, "packed farm#7" of
// the others with an entry.
inline std::vector<std::string> ProofOf(const TraceResult& result, const TracedUnit& unit) {
  const auto text = [&](uint32_t index) {
    const TracedLink& link = result.links.at(index);
    const TracedPlace& place = result.places.at(link.place);
    return link.ledger + "#" + std::to_string(link.sequence) + " " + link.operation + " " +
           place.unit + "@" + place.holder;
  };
  std::vector<std::string> proof;
  for (const TraceHop& hop : WayOf(result, unit)) {
    if (hop.took != kNoIndex) {
      proof.push_back(text(hop.took) + " > " + text(hop.brought));
    } else if (hop.packed_ledger != kNoIndex) {
      proof.push_back("packed " + result.heads.at(hop.packed_ledger).ledger + "#" +
                      std::to_string(hop.packed_sequence));
    }
  }
  return proof;
}

// What must hold of the ways and links of every answer.
inline void ExpectSoundWays(const TraceResult& result) {
  ASSERT_EQ(result.links.size(), result.edges);
  for (const TracedLink& link : result.links) {
    ASSERT_LT(link.place, result.places.size());
    ASSERT_LT(link.step, result.steps.size());
    ASSERT_FALSE(link.ledger.empty());
    ASSERT_EQ(link.quantity.empty(), link.uom.empty());
  }
  const auto order = [](const TracedLink& a, const TracedLink& b) {
    return std::tie(a.ledger, a.sequence) < std::tie(b.ledger, b.sequence);
  };
  ASSERT_TRUE(std::is_sorted(result.links.begin(), result.links.end(), order));
  const auto place_order = [](const TracedPlace& a, const TracedPlace& b) {
    return std::tie(a.unit, a.holder, a.part) < std::tie(b.unit, b.holder, b.part);
  };
  for (size_t i = 1; i < result.places.size(); ++i) {
    ASSERT_TRUE(place_order(result.places[i - 1], result.places[i])) << i;
  }
  std::vector<uint32_t> made(result.hops.size());  // steps until here that make goods of others
  for (size_t i = 0; i < result.hops.size(); ++i) {
    const TraceHop& hop = result.hops[i];
    ASSERT_LE(hop.before, i);
    ASSERT_LT(hop.place, result.places.size());
    ASSERT_EQ(hop.took == kNoIndex, hop.brought == kNoIndex) << "hop " << i;
    if (hop.before == i) {
      ASSERT_EQ(hop.took, kNoIndex);
      continue;
    }
    ASSERT_EQ(result.hops[hop.before].backward, hop.backward);
    made[i] = made[hop.before];
    if (hop.took == kNoIndex) continue;
    const TracedLink& took = result.links.at(hop.took);
    const TracedLink& brought = result.links.at(hop.brought);
    ASSERT_EQ(took.step, brought.step);
    ASSERT_NE(took.output, brought.output);
    // That two keys are one unit holds in both directions.
    if (took.operation == "COR") continue;
    ASSERT_EQ(took.output, hop.backward);
    made[i] += result.steps[took.step].makes;
  }
  for (const TracedUnit& unit : result.units) {
    ASSERT_LT(unit.witness, result.hops.size());
    const TraceHop& last = result.hops[unit.witness];
    ASSERT_EQ(result.places[last.place].unit, unit.key);
    ASSERT_EQ(last.backward, unit.direction == Direction::kBackward);
    ASSERT_EQ(unit.depth, made[unit.witness]) << unit.key;
  }
}

}  // namespace suyuan

#endif  // TESTS_LIB_TRACE_WAYS_H_

// The rows of a graph segment: what decodes is what was encoded, byte for byte,
// and the graph takes it, whatever it says.

#include "lib/genealogy/facts.h"
#include "lib/genealogy/graph.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  const auto facts = suyuan::genealogy::DecodeFacts(input);
  if (!facts.ok()) return;
  Require(suyuan::genealogy::EncodeFacts(*facts) == input, "only what was encoded decodes");
  suyuan::genealogy::Graph graph;
  graph.Add(1, 0, *facts, std::nullopt);
  graph.Add(1, 1, *facts, uint64_t{0});
  graph.Add(1, 2, *facts, uint64_t{1});
}

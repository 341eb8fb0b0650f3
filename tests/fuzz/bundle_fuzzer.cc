// Entry bundles, as a mirror fetches them.

#include <string_view>

#include "lib/merkle/tile.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
  for (const int width : {1, 2, 256}) {
    const auto entries = ParseBundle(input, width);
    if (!entries.ok()) continue;
    std::string again;
    for (const std::string_view entry : *entries) AppendToBundle(entry, &again);
    Require(again == input, "a bundle has one spelling");
  }
}

// Paths of tiles and bundles, as anybody asks for them.

#include <string_view>

#include "lib/merkle/tile.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
  if (const auto tile = ParseTilePath(input); tile.ok()) {
    Require(TilePath(*tile) == input, "a tile has one path");
  }
}

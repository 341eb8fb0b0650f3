// Files that say whom a verifier believes.

#include <string_view>

#include "lib/merkle/policy.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
  (void)Policy::Parse(input).ok();
}

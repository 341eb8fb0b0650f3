#!/usr/bin/env bash
# Installs what is needed, builds everything and runs all tests.
#   tests/run.sh          the dev build
#   tests/run.sh asan     under AddressSanitizer and UndefinedBehaviorSanitizer
#   tests/run.sh tsan     under ThreadSanitizer
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install
preset=${1:-dev}
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --parallel 2
ctest --preset "$preset"

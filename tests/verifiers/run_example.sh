#!/usr/bin/env bash
# examples/verify judges our proofs.
#   tests/verifiers/run_example.sh MAKE_PROOFS [SEED]
# Without Node (Debian: nodejs) it says so and exits with 77.
set -euo pipefail
make_proofs=$1
shift
cd "$(dirname "$0")"

if ! node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null; then
  echo "skipped: Node 18 or later is not installed"
  exit 77
fi
node example_test.mjs
"$make_proofs" "$@" | node judge.mjs example

#!/usr/bin/env bash
# Other people's verifiers in JavaScript judge our proofs: those of npm/package.json.
#   tests/verifiers/run_npm.sh MAKE_PROOFS DIR [SEED]
# They are installed in DIR. Without them, where npm cannot fetch them, and without Node it
# says so and exits with 77.
set -euo pipefail
make_proofs=$1
mkdir -p "$2"
packages=$(realpath "$2")
shift 2
cd "$(dirname "$0")"

skip() {
  echo "skipped: $1"
  exit 77
}

node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null ||
  skip "Node 18 or later is not installed"
if ! cmp -s npm/package-lock.json "$packages/installed.json"; then
  command -v npm >/dev/null || skip "npm is not installed, and $packages has no packages"
  cp npm/package.json npm/package-lock.json "$packages"
  (cd "$packages" && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier \
    --loglevel=error --fetch-retries=0 --fetch-timeout=20000) || skip "npm cannot fetch the packages"
  cp npm/package-lock.json "$packages/installed.json"
fi
"$make_proofs" "$@" | node judge.mjs packages "$packages"
"$make_proofs" --sm3 "$@" | node judge.mjs sm3 "$packages"

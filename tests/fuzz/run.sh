#!/usr/bin/env bash
# Builds the fuzz targets with Debian's clang-14 and runs each for SECONDS (20 unless told).
#   tests/fuzz/run.sh [SECONDS [NAME...]]
# What was found grows the corpus below build/fuzz; a finding is left beside it
# and named, and run.sh fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-20}
shift || true
names=("$@")
if [ ${#names[@]} -eq 0 ]; then names=(record facts key event jsonl fcl); fi

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --parallel 2
for name in "${names[@]}"; do
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=()
  [ -d "tests/fuzz/seeds/$name" ] && seeds=("tests/fuzz/seeds/$name")
  echo "== $name: $seconds s"
  build/fuzz/tests/fuzz/"${name}_fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" \
    "$corpus" "${seeds[@]}" 2>&1 | grep -v '^#' | tail -25
done

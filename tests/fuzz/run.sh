#!/usr/bin/env bash
# Builds the fuzz targets (preset asan) and runs each for SECONDS (20 unless told), two at
# a time.
#   tests/fuzz/run.sh [SECONDS [NAME...]]
# Each run draws other inputs, unless SUYUAN_FUZZ_SEED says which: what must pass before
# a change lands tries the same each time, who looks for faults by hand does not.
# What was learned grows the corpus below build/fuzz; an input that breaks
# something is left beside it and named, and run.sh fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-20}
shift || true
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  names=(record facts key event jsonl fcl note proof tile_path bundle policy witness)
fi

cmake --preset asan >/dev/null
cmake --build --preset asan --parallel 2 --target make_seeds "${names[@]/%/_fuzzer}"
build/asan/tests/fuzz/make_seeds build/fuzz/corpus

fuzz() {
  local name=$1 seeds=()
  mkdir -p "build/fuzz/corpus/$name"
  [ -d "tests/fuzz/seeds/$name" ] && seeds=("tests/fuzz/seeds/$name")
  if build/asan/tests/fuzz/"${name}_fuzzer" -max_total_time="$seconds" -timeout=10 \
    -seed="${SUYUAN_FUZZ_SEED:-0}" \
    -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" \
    "build/fuzz/corpus/$name" "${seeds[@]}" >"build/fuzz/$name.log" 2>&1; then
    echo "$name: $(awk '/number_of_executed_units/ {print $2}' "build/fuzz/$name.log") inputs," \
      "$(find "build/fuzz/corpus/$name" -type f | wc -l) in the corpus, nothing found"
  else
    grep -v '^#' "build/fuzz/$name.log" | tail -40
    echo "$name: FOUND, see build/fuzz/$name.log" >&2
    return 1
  fi
}
export -f fuzz
export seconds
printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c 'fuzz {}'

#!/bin/sh
# Builds the preset `release` and runs all benchmarks with moderate sizes; less
# than five minutes on a quiet machine with two cores. Results go to standard
# output; README.md tells what they mean.
set -eu
cd "$(dirname "$0")/.."

cmake --preset release >/dev/null
cmake --build --preset release --target bench_append bench_micro bench_trace bench_verify

echo "commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD -- lib schemas || echo ', lib changed')"
lscpu | sed -n 's/^Model name: */processor: /p; s/^CPU(s): */cores: /p'
echo "memory: $(free -g | awk '/^Mem:/ {print $2}') GiB, kernel $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg)"

bin=build/release/benchmarks
"$bin/bench_micro" --benchmark_min_time=0.1 2>/dev/null
"$bin/bench_append"
"$bin/bench_trace"
"$bin/bench_verify"
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"

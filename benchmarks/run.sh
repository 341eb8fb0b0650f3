#!/bin/sh
# Builds the preset `release` and runs all benchmarks but bench_long with the sizes of README.md:
# nine minutes on two busy cores. Results go to standard output.
set -eu
cd "$(dirname "$0")/.."

cmake --preset release >/dev/null
cmake --build --preset release --target bench_append bench_grpc bench_micro bench_proof bench_trace bench_verify

echo "commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD -- api lib schemas || echo ', api or lib changed')"
lscpu | sed -n 's/^Model name: */processor: /p; s/^CPU(s): */cores: /p'
echo "memory: $(free -g | awk '/^Mem:/ {print $2}') GiB, kernel $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg)"

bin=build/release/benchmarks
"$bin/bench_micro" --benchmark_min_time=0.1 2>/dev/null
"$bin/bench_append" --events 262144 --singles 32768 --engine 65536
"$bin/bench_grpc"
"$bin/bench_trace"
"$bin/bench_proof"
"$bin/bench_verify" --events 150000 --kills 1
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"

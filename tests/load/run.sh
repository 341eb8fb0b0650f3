#!/usr/bin/env bash
# Puts a server under load for SECONDS (600 unless told): 64 clients append and trace at once,
# slow readers follow, the server is killed with -9 in the middle and started again. Fails if
# anything that was acknowledged is lost, stored twice or changed, if a trace is wrong, if a
# check finds something or if memory grows beyond what the events account for.
#   tests/load/run.sh [SECONDS [--clients N] [--ledgers N] [--readers N]]
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-600}
shift || true
cmake --preset release -DSUYUAN_BUILD_TESTS=ON >/dev/null
cmake --build --preset release --parallel 2 --target server_load suyuan_cli suyuand
lscpu | sed -n 's/^Model name: */processor: /p; s/^CPU(s): */cores: /p'
echo "memory: $(free -g | awk '/^Mem:/ {print $2}') GiB, load $(cut -d' ' -f1-3 /proc/loadavg)"
exec build/release/tests/load/server_load build/release/api/suyuand build/release/api/suyuan \
  --seconds "$seconds" "$@"

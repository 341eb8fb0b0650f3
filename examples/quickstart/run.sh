#!/usr/bin/env bash
# The main job in one go, on an embedded store: record, trace, check, and see a
# change of one byte found.
#   examples/quickstart/run.sh [FILE]     FILE: a FoodChain-Lab JSON to load as well
set -euo pipefail
file=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."

.ci/install
cmake --preset release -DSUYUAN_BUILD_TESTS=OFF -DSUYUAN_BUILD_BENCHMARKS=OFF >/dev/null
cmake --build --preset release --parallel 2 --target suyuan_cli
suyuan=$PWD/build/release/api/suyuan

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$work/data
say() { printf '\n\033[1m## %s\033[0m\n' "$1"; }

say "1. 记录示例工厂 Record the example plant"
"$suyuan" --data "$data" demo
if [ -n "$file" ]; then
  "$suyuan" --data "$data" import fcl "$file" | head -n 12
fi

tanker=lot:uscc:91310120MA0000015K/RAW-MILK/JJD20251103-01
can=lot:uscc:91310116MA1J8XYC4H%2Fplant-1/06912345000017/SY20251104A
say "2. 这车奶进了谁手里？ Who got this tanker of milk?"
"$suyuan" --data "$data" trace "$tanker" --direction forward

say "3. 这批奶粉从哪里来？ Where did this lot of powder come from?"
"$suyuan" --data "$data" trace "$can" --direction backward

if [ -n "$file" ]; then
  unit=$("$suyuan" --data "$data" units --find fcl: --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["units"][0]["key"])')
  say "4. 导入数据中的一个单元 A unit of the imported file: $unit"
  "$suyuan" --data "$data" trace "$unit"
fi

say "5. 账本是否被改动？ Was anything changed?"
"$suyuan" --data "$data" check

say "6. 在副本中改一个字节 One byte changed in a copy"
cp -r "$data" "$work/copy"
table=$(ls -S "$work"/copy/db/*.sst | head -n 1)
offset=$(($(stat -c %s "$table") / 2))
byte=$(od -An -tu1 -j "$offset" -N 1 "$table")
printf "\\x$(printf %02x $((byte ^ 1)))" | dd of="$table" bs=1 seek="$offset" conv=notrunc status=none
echo "$(basename "$table"), 第 $offset 字节 byte $offset"
if "$suyuan" --data "$work/copy" check; then
  echo "改动没有被发现 the change was not found" >&2
  exit 1
fi
echo
echo "改动已被发现 the change was found; the original is untouched:"
"$suyuan" --data "$data" check

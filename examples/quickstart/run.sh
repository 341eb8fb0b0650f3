#!/usr/bin/env bash
# The main job in one go: record, trace, plan a recall, ask a server, check, and see a
# change of one byte found.
#   examples/quickstart/run.sh [FILE]     FILE: a FoodChain-Lab JSON to load as well
set -euo pipefail
file=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../.."

.ci/install
cmake --preset release -DSUYUAN_BUILD_TESTS=OFF -DSUYUAN_BUILD_BENCHMARKS=OFF >/dev/null
cmake --build --preset release --parallel 2 --target suyuan_cli suyuand
suyuan=$PWD/build/release/api/suyuan

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
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
# As a picture, and the answer computed again from the ledger alone.
"$suyuan" --data "$data" trace "$can" --export svg "$work/can.svg"
"$suyuan" --data "$data" trace "$can" --json >"$work/answer.json"
"$suyuan" --data "$data" trace verify "$work/answer.json"

say "4. 召回这车奶：要通知谁，货在哪里？ A recall of that tanker: whom to call, what is where?"
"$suyuan" --data "$data" recall plan "$tanker"

say "5. 同样的问题问服务器 The same question to a server"
"$PWD/build/release/api/suyuand" --data "$data" --listen 127.0.0.1:0 >"$work/listening" &
server=$!
for _ in $(seq 100); do
  [ -s "$work/listening" ] && break
  sleep 0.1
done
port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["port"])' "$work/listening")
"$suyuan" --server "127.0.0.1:$port" recall plan "$tanker" | tail -n 1
kill "$server" && wait "$server"
server=

if [ -n "$file" ]; then
  unit=$("$suyuan" --data "$data" units --find fcl: --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["units"][0]["key"])')
  say "6. 导入数据中的一个单元 A unit of the imported file: $unit"
  "$suyuan" --data "$data" trace "$unit"
fi

say "7. 账本是否被改动？ Was anything changed?"
"$suyuan" --data "$data" check

say "8. 在副本中改一个字节 One byte changed in a copy"
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

say "9. 不信任我们的人怎样核验 A proof for who does not trust us"
"$suyuan" --data "$data" export jsonl --ledger demo-plant --output "$work/events.jsonl"
event=$(grep -m 1 "${tanker##*/}" "$work/events.jsonl" |
  python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["id"])')
"$suyuan" --data "$data" key policy --ledger demo-plant --out "$work/plant.policy"
"$suyuan" --data "$data" receipt "$event" --ledger demo-plant --out "$work/milk.tlog-proof"
"$suyuan" verify receipt "$work/milk.tlog-proof" --policy "$work/plant.policy"
LC_ALL=C sed -i 's/2025/2024/' "$work/milk.tlog-proof.entry"
echo
echo "改一个字 one digit of the entry changed:"
if "$suyuan" verify receipt "$work/milk.tlog-proof" --policy "$work/plant.policy"; then
  echo "改动没有被发现 the change was not found" >&2
  exit 1
fi

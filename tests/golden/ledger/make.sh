#!/usr/bin/env bash
# Makes the golden ledger: a data directory as this version writes it, what it publishes and
# proves, and what it answers. tests/golden/ledger/golden_test.py opens it with every later
# version. Never made again for the same format; a new format gets a directory of its own. Its
# private keys are no secret and sign nothing else.
#   tests/golden/ledger/make.sh SUYUAN DIRECTORY
set -euo pipefail
suyuan=$(realpath "$1")
out=$2
events=$(realpath "$(dirname "$0")")/events.jsonl

mkdir -p "$out"
cd "$out"
"$suyuan" --data data ledger create plant-a --subject ext:golden:dairy --name 示例乳业 --profile investigation
"$suyuan" --data data ledger create plant-b --subject ext:golden:shop --name 示例商店 --profile investigation
"$suyuan" --data data import jsonl --ledger plant-a "$events"
"$suyuan" --data data key rotate --ledger plant-a
head -n 1 "$events" >first.jsonl
"$suyuan" --data data import jsonl --ledger plant-b first.jsonl
rm first.jsonl
"$suyuan" --data data key policy --ledger plant-a --out policy
"$suyuan" --data data export tiles --ledger plant-a --out public
"$suyuan" --data data receipt g2 --ledger plant-a --out g2.tlog-proof
"$suyuan" --data data --json trace ext:golden:milk --direction forward >trace.json
# What is local to a machine, or made again.
rm -rf data/index data/LOCK data/db/{LOCK,IDENTITY,LOG*,OPTIONS*}

#!/usr/bin/env bash
# Other people's verifiers judge our proofs.
#   tests/verifiers/run.sh MAKE_PROOFS [SEED]
# Without Go and its checksum database (Debian: golang-go, golang-golang-x-mod-dev) it says
# so and exits with 77.
set -euo pipefail
make_proofs=$1
shift
cd "$(dirname "$0")"

if ! command -v go >/dev/null || [ ! -d /usr/share/gocode/src/golang.org/x/mod/sumdb ]; then
  echo "skipped: golang-go and golang-golang-x-mod-dev are not installed"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work GOFLAGS=
go build -o "$work/verify" verify.go
"$make_proofs" "$@" | "$work/verify"

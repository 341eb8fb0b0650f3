#!/usr/bin/env bash
# Makes the Python code of the services and runs client.py against a server.
#   examples/python-client/run.sh [HOST:PORT [LEDGER]]
# Debian packages: python3-grpcio protobuf-compiler protobuf-compiler-grpc
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
schemas=$here/../../schemas
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
(cd "$schemas" && protoc -I. --python_out="$generated" --grpc_python_out="$generated" \
  --plugin=protoc-gen-grpc_python="$(command -v grpc_python_plugin)" \
  suyuan/options/*.proto suyuan/v1/*.proto)
PYTHONPATH=$generated /usr/bin/python3 "$here/client.py" "$@"

#!/usr/bin/env bash
# Makes the Java code of the services, compiles Client.java and runs it against a server.
#   examples/java-client/run.sh [HOST:PORT [LEDGER]]
# Debian packages: see README.md
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
schemas=$here/../../schemas

missing() {
  echo "missing: $1; see $here/README.md" >&2
  exit 1
}
for program in javac java protoc grpc_java_plugin; do
  command -v "$program" >/dev/null || missing "$program"
done
classpath=
for jar in grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} \
    netty-{buffer,codec,codec-http,codec-http2,common,handler,resolver,transport} \
    protobuf guava perfmark-api geronimo-annotation-1.3-spec; do
  [ -e "/usr/share/java/$jar.jar" ] || missing "$jar.jar"
  classpath+=/usr/share/java/$jar.jar:
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/source" "$work/classes"
(cd "$schemas" && protoc -I. --java_out="$work/source" --grpc-java_out="$work/source" \
  --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" \
  suyuan/options/*.proto suyuan/v1/*.proto)
# C1 alone: two hundred thousand generated lines are compiled once and run once.
javac -J-XX:TieredStopAtLevel=1 -encoding UTF-8 -cp "$classpath" -sourcepath "$work/source" \
  -d "$work/classes" "$here/Client.java"
java -XX:TieredStopAtLevel=1 -Dfile.encoding=UTF-8 -cp "$classpath$work/classes" Client "$@"

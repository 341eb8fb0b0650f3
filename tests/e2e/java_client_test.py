"""examples/java-client against the built binaries; its answer is that of `suyuan`.

Usage: java_client_test.py SUYUAND SUYUAN SOURCE_DIR
Exit status 77 where Java and its libraries are not installed.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True  # leaves nothing in the source directory
import server_test

SKIPPED = 77
# Compiles all that is generated, perhaps beside other tests.
TIMEOUT = 500
LINES = ("charge-1", "charge-2", "produce-1", "charge-3", "produce-2", "ship-1")


def missing():
    programs = [p for p in ("java", "javac", "protoc", "grpc_java_plugin") if not shutil.which(p)]
    jars = [f"/usr/share/java/{name}.jar"
            for name in ("grpc-netty", "netty-codec-http2", "protobuf", "guava", "perfmark-api",
                         "geronimo-annotation-1.3-spec")]
    return programs + [jar for jar in jars if not os.path.exists(jar)]


class JavaClientTest(server_test.Case):
    def test_it_appends_and_traces(self):
        server = self.serve()
        self.create(server)
        done = subprocess.run(
            [os.path.join(server_test.SOURCE, "examples", "java-client", "run.sh"), server.address,
             "plant-1"], capture_output=True, timeout=TIMEOUT, env=server_test.environment())
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        lines = done.stdout.decode().splitlines()
        self.assertEqual([line.split()[:3] for line in lines[:6]],
                         [["entry", str(i), "java-client-" + name]
                          for i, name in enumerate(LINES, start=1)])
        for line in lines[:6]:
            self.assertRegex(line, "[0-9a-f]{64}$")
        self.assertEqual(lines[6], "INVALID_ARGUMENT")
        self.assertIn("form.unit-key charge.unit.key: 字段", lines[7])
        events = [json.loads(line) for line in self.ok(server, "export", "jsonl").splitlines()]
        self.assertEqual([event["id"] for event in events], ["java-client-" + name for name in LINES])

        # The table, row by row, is what the command line is told.
        origin, digest = lines[9].split()[-1], lines[-1].split()[-1]
        answer = json.loads(self.ok(server, "trace", origin, "--json"))
        self.assertEqual((answer["origin"], answer["digest"]), (origin, digest))
        rows = [line.split(None, 3) for line in lines[11:-1]]
        self.assertEqual(rows, [[u["direction"], str(u["depth"]), u["key"], ", ".join(u["holders"])]
                                for u in answer["units"]])
        self.assertEqual(sorted(row[:3] for row in rows),
                         [["backward", "1", "ext:java-client:milk-1"],
                          ["backward", "1", "ext:java-client:whey-1"],
                          ["forward", "1", "lot:ext:java-client:dairy/cans/C1"]])


if __name__ == "__main__":
    not_there = missing()
    if not_there:
        print("skipped: not there: " + ", ".join(not_there) + "; see examples/java-client/README.md")
        sys.exit(SKIPPED)
    server_test.SUYUAND, server_test.SUYUAN, server_test.SOURCE = (
        os.path.abspath(path) for path in sys.argv[1:4])
    unittest.main(argv=sys.argv[:1], verbosity=2)

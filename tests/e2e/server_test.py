"""`suyuand` and `suyuan --server`, against the built binaries.

Usage: server_test.py SUYUAND SUYUAN SOURCE_DIR [DIRECTORY WITH THE FOODCHAIN-LAB FILES]
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

SUYUAND = ""
SUYUAN = ""
SOURCE = ""
SHARED = ""

SCENARIO_2 = "Scenario_2_LaSource.json"
# Debian's, which has Debian's gRPC; another python3 may come first in the path.
PYTHON = "/usr/bin/python3"
TIMEOUT = 120


def environment():
    return {k: v for k, v in os.environ.items() if k != "SUYUAN_DATA"}


def has_grpc():
    return os.path.exists(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import grpc"], capture_output=True).returncode == 0


class Server:
    """A suyuand that serves."""

    def __init__(self, data, *args):
        self.process = subprocess.Popen(
            [SUYUAND, "--data", data, "--listen", "127.0.0.1:0", *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.communicate()[1].decode())
        self.told = json.loads(line)
        self.address = self.told["listening"]

    def stop(self, how=signal.SIGTERM):
        """Exit status and standard error."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        _, err = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, err.decode()


class Case(unittest.TestCase):
    """A data directory of its own for every test."""

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="suyuan-server-")
        self.addCleanup(shutil.rmtree, self.top)
        self.data = os.path.join(self.top, "data")

    def path(self, name, text=None):
        path = os.path.join(self.top, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return path

    def serve(self, *args):
        server = Server(self.data, *args)
        self.addCleanup(server.stop, signal.SIGKILL)
        return server

    def run_suyuan(self, where, *args):
        """`where`: a server, or a data directory. Exit status, output, standard error."""
        at = ["--server", where.address] if isinstance(where, Server) else ["--data", where]
        done = subprocess.run([SUYUAN, *at, *args], capture_output=True, env=environment(),
                              timeout=TIMEOUT)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ok(self, where, *args):
        status, out, err = self.run_suyuan(where, *args)
        self.assertEqual(status, 0, (args, out[-2000:], err[-2000:]))
        return out

    def create(self, where, name="plant-1"):
        self.ok(where, "ledger", "create", name, "--subject", "ext:test:owner", "--name", "示例乳业",
                "--profile", "investigation")

    def lines(self, name, count):
        """A file of events, one a line."""
        return self.path(name, "".join(
            json.dumps({"id": f"{name}-{i}", "observe_unit": {"unit": {"key": f"ext:t:u{i}"}}}) + "\n"
            for i in range(count)))

    def size(self, where):
        return json.loads(self.ok(where, "ledger", "list", "--json"))["ledgers"][0]["size"]


class SameAnswersTest(Case):
    """What is asked of a server, and then of its data directory when it has stopped."""

    def both(self, server, *commands):
        answers = [self.run_suyuan(server, *command) for command in commands]
        self.assertEqual(server.stop()[0], 0)
        for command, answer in zip(commands, answers):
            self.assertEqual(self.run_suyuan(self.data, *command), answer, command)
        return answers

    def test_the_example_plant(self):
        server = self.serve()
        result = json.loads(self.ok(server, "demo", "--days", "2", "--json"))
        commands = [["ledger", "list", "--json"], ["ledger", "list"], ["units", "--json"],
                    ["units", "--find", "奶粉", "--json"], ["units", "--find", "zzz", "--json"],
                    ["export", "jsonl"], ["trace", "ext:no:thing", "--json"],
                    ["export", "jsonl", "--ledger", "no-such", "--json"],
                    ["ledger", "create", "demo-plant", "--subject", "ext:t:o", "--name", "o", "--json"]]
        for item in result["worth_tracing"]:
            commands += [["trace", item["unit"], "--json"], ["trace", item["unit"], "--all"]]
        answers = self.both(server, *commands)
        self.assertIn('"digest"', answers[-2][1])
        self.assertEqual(json.loads(self.ok(self.data, "check", "--json"))["problems"], [])

    def test_a_file_of_foodchain_lab(self):
        path = os.path.join(SHARED, SCENARIO_2)
        if not SHARED or not os.path.exists(path):
            self.skipTest("not there: " + path)
        server = self.serve()
        first = self.ok(server, "import", "fcl", path, "--json")
        self.assertEqual(first, self.ok(os.path.join(self.top, "other"), "import", "fcl", path, "--json"))
        self.both(server, ["ledger", "list", "--json"], ["units", "--json"],
                  ["trace", "fcl:636305757", "--direction", "forward", "--json"],
                  ["trace", "fcl:1345862810", "--json"], ["trace", "fcl:636305757"],
                  ["import", "fcl", path, "--json"])

    def test_lines_that_are_refused(self):
        bad = self.path("bad.jsonl", '{"id":"a","observe_unit":{"unit":{"key":"ext:t:u"}}}\n'
                        '{"id":"b"}\n{"id":"c","observe_unit":{"unit":{"key":"nonsense"}}}\n'
                        + json.dumps({"id": "d", "remark": "x" * 100_000,
                                      "observe_unit": {"unit": {"key": "ext:t:u"}}}) + "\n")
        server = self.serve()
        self.create(server)
        self.create(self.path("other"))
        command = ["import", "jsonl", bad, "--json"]
        status, out, err = self.run_suyuan(server, *command)
        self.assertEqual((status, json.loads(out)["rejected"]), (2, 3))
        self.assertEqual(self.run_suyuan(self.path("other"), *command), (status, out, err))
        keep = [*command, "--keep-valid", "--rejected", self.path("rejected.jsonl")]
        answer = self.run_suyuan(server, *keep)
        self.assertEqual(self.run_suyuan(self.path("other"), *keep), answer)
        self.assertEqual(json.loads(answer[1])["accepted"], 1)

    def test_check_and_rebuild_of_a_server(self):
        server = self.serve()
        self.create(server)
        self.ok(server, "import", "jsonl", self.lines("in", 50))
        self.ok(server, "rebuild")
        there = self.ok(server, "check", "--json")
        self.assertIn("plant-1", self.ok(server, "check"))
        self.assertEqual(server.stop()[0], 0)
        self.assertEqual(self.ok(self.data, "check", "--json"), there)


class LifeTest(Case):
    def test_a_stopped_server_leaves_what_it_acknowledged(self):
        for how, expected in ((signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -9)):
            self.data = self.path("data-" + how.name)
            server = self.serve()
            self.create(server)
            self.ok(server, "import", "jsonl", self.lines("first", 200))
            answer = self.ok(server, "trace", "ext:t:u7", "--json")
            # Somebody is in the middle of something.
            command = [SUYUAN, "--server", server.address, "import", "jsonl",
                       self.lines("second", 30_000), "--json"]
            importing = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while self.size(server) == 201 and importing.poll() is None:
                pass
            status, _ = server.stop(how)
            self.assertEqual(status, expected)
            out, err = importing.communicate(timeout=TIMEOUT)
            self.assertIn(importing.returncode, (0, 3), (out, err))

            server = self.serve()
            size = self.size(server)
            self.assertGreater(size, 201)
            if importing.returncode == 3:
                # It says up to which line everything is stored.
                self.assertIn("lines up to line", json.loads(err)["error"]["message_en"])
            command[2] = server.address
            result = json.loads(subprocess.run(command, capture_output=True, timeout=TIMEOUT).stdout)
            self.assertEqual((result["accepted"], result["duplicates"]), (30_000, size - 201))
            self.assertEqual(self.size(server), 30_201)
            if importing.returncode == 3:
                traced = json.loads(self.ok(server, "trace", "ext:t:u7", "--json"))
                self.assertEqual(traced["origin"], json.loads(answer)["origin"])
            self.assertEqual(server.stop()[0], 0)
            self.assertTrue(json.loads(self.ok(self.data, "check", "--json"))["ok"])

    def test_who_finds_the_directory_locked_is_told_the_address(self):
        server = self.serve()
        for command in (["ledger", "list"], ["check"]):
            status, _, err = self.run_suyuan(self.data, *command, "--json")
            self.assertEqual(status, 3)
            self.assertIn("--server " + server.address, json.loads(err)["error"]["message_en"])
        second = subprocess.run([SUYUAND, "--data", self.data, "--listen", "127.0.0.1:0"],
                                capture_output=True, timeout=TIMEOUT)
        self.assertEqual((second.returncode, second.stdout), (3, b""))
        self.assertIn(server.address, second.stderr.decode())

    def test_nobody_there_is_3_and_never_an_empty_answer(self):
        server = self.serve()
        self.create(server)
        server.stop()
        for command in (["ledger", "list"], ["units"], ["check"], ["export", "jsonl"], ["rebuild"],
                        ["demo", "--days", "1"]):
            status, out, err = self.run_suyuan(server, *command, "--json")
            self.assertEqual((status, out), (3, ""), command)
            self.assertEqual(json.loads(err)["error"]["code"], "unavailable", command)

    def test_usage(self):
        for program in (SUYUAND, SUYUAN):
            out = subprocess.run([program, "--help"], capture_output=True, check=True).stdout.decode()
            self.assertIn("Example", out)
            self.assertIn("7410", out)
            self.assertIn("退出码", out)
        self.assertEqual(subprocess.run([SUYUAND], capture_output=True, env={}).returncode, 1)
        for listen in ("0.0.0.0:0", "nonsense"):
            done = subprocess.run([SUYUAND, "--data", self.data, "--listen", listen],
                                  capture_output=True, timeout=TIMEOUT)
            self.assertEqual(done.returncode, 1)
            self.assertIn("没有 TLS", done.stderr.decode())
        both = subprocess.run([SUYUAN, "--data", self.data, "--server", "127.0.0.1:1", "units"],
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(both.returncode, 1)
        self.assertIn("exclude", both.stderr.decode())

    def test_the_directory_of_the_environment_gives_way_to_a_server(self):
        server = self.serve()
        self.create(server)
        out = subprocess.run([SUYUAN, "--server", server.address, "ledger", "list"],
                             capture_output=True, check=True,
                             env={**os.environ, "SUYUAN_DATA": self.path("elsewhere")}).stdout
        self.assertIn("plant-1", out.decode())


class TlsTest(Case):
    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.top, check=True, capture_output=True)

    def certificate(self, name):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
               "-keyout", name + ".key"]
        if name == "ca":
            self.openssl("req", "-x509", *key, "-days", "2", "-out", "ca.pem")
            return
        self.openssl("req", *key, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out",
                     name + ".csr")
        self.openssl("x509", "-req", "-days", "2", "-copy_extensions", "copy", "-in", name + ".csr",
                     "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", name + ".pem")

    def test_only_clients_with_a_certificate(self):
        for name in ("ca", "server", "client"):
            self.certificate(name)
        server = self.serve("--tls-cert", self.path("server.pem"), "--tls-key", self.path("server.key"),
                            "--tls-client-ca", self.path("ca.pem"))
        self.assertTrue(server.told["tls"])
        own = ["--tls-ca", self.path("ca.pem"), "--tls-cert", self.path("client.pem"),
               "--tls-key", self.path("client.key")]
        self.assertEqual(json.loads(self.ok(server, *own, "ledger", "list", "--json")),
                         {"ledgers": []})
        for shown in (own[:2], []):
            status, out, err = self.run_suyuan(server, *shown, "ledger", "list", "--json")
            self.assertEqual((status, out), (3, ""))
            self.assertEqual(json.loads(err)["error"]["code"], "unavailable")
        self.assertEqual(self.run_suyuan(server, "--tls-ca", self.path("none.pem"), "units")[0], 1)


@unittest.skipUnless(has_grpc(), "no gRPC for " + PYTHON)
class OtherClientsTest(Case):
    def test_the_python_client(self):
        server = self.serve()
        self.create(server)
        example = os.path.join(SOURCE, "examples", "python-client")
        done = subprocess.run([os.path.join(example, "run.sh"), server.address, "plant-1"],
                              capture_output=True, timeout=TIMEOUT, env=environment())
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        out = done.stdout.decode()
        self.assertIn("form.unit-key", out, "the refused event names its fault")
        self.assertIn("powder", out)
        self.assertEqual(self.size(server), 3)
        # Twice is once.
        subprocess.run([os.path.join(example, "run.sh"), server.address, "plant-1"],
                       capture_output=True, timeout=TIMEOUT, check=True, env=environment())
        self.assertEqual(self.size(server), 3)

    def test_health_and_reflection(self):
        """Without generated code: both answer in a few bytes."""
        script = """
import grpc, sys
channel = grpc.insecure_channel(sys.argv[1])
for service in (b"", b"suyuan.v1.LedgerService", b"suyuan.v1.TraceService"):
    request = b"\\x0a" + bytes([len(service)]) + service if service else b""
    assert channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=20) == b"\\x08\\x01"
services = b"".join(channel.stream_stream(
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")(iter([b"\\x3a\\x00"]), timeout=20))
assert b"suyuan.v1.MasterDataService" in services, services
"""
        server = self.serve()
        done = subprocess.run([PYTHON, "-c", script, server.address], capture_output=True,
                              timeout=TIMEOUT, env=environment())
        self.assertEqual(done.returncode, 0, done.stderr.decode())


if __name__ == "__main__":
    SUYUAND, SUYUAN, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
    SHARED = sys.argv[4] if len(sys.argv) > 4 else ""
    unittest.main(argv=sys.argv[:1], verbosity=2)

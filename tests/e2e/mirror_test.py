"""A regulator who follows the ledgers of others, against the built binaries.

Usage: mirror_test.py SUYUAND SUYUAN
"""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

SUYUAND = ""
SUYUAN = ""
TIMEOUT = 120


def environment():
    return {k: v for k, v in os.environ.items() if k != "SUYUAN_DATA"}


class Server:
    """A suyuand that serves, also its tiles."""

    def __init__(self, data, *args):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [SUYUAND, "--data", data, "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", *args],
            stdout=subprocess.PIPE, stderr=self.errors, env=environment())
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(timeout=TIMEOUT)
            self.process.stdout.close()
            self.errors.seek(0)
            with self.errors:
                raise RuntimeError(self.errors.read().decode())
        told = json.loads(line)
        self.address = told["listening"]
        self.http = "http://" + told["http"]

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=TIMEOUT)
        self.process.stdout.close()
        self.errors.close()
        return self.process.returncode


class Shown(http.server.ThreadingHTTPServer):
    """Shows what another server shows, but for what `change` makes of it."""

    daemon_threads = True

    def __init__(self, origin):
        super().__init__(("127.0.0.1", 0), ShownHandler)
        self.origin = origin
        self.change = lambda path, body: body
        self.claims = {}  # another length than there is, by path
        self.endless = ""  # part of a path
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class ShownHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        try:
            with urllib.request.urlopen(self.server.origin + self.path) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, b"no"
        body = self.server.change(self.path, body)
        try:
            self.send_response(status)
            if self.server.endless and self.server.endless in self.path:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                while True:
                    self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            self.send_header("Content-Length", str(self.server.claims.get(self.path, len(body))))
            self.end_headers()
            self.wfile.write(body)
            if self.path in self.server.claims:
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


class Case(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="suyuan-mirror-")
        self.addCleanup(shutil.rmtree, self.top)
        self.regulator = os.path.join(self.top, "regulator")

    def run_suyuan(self, where, *args):
        at = ["--server", where.address] if isinstance(where, Server) else ["--data", where]
        done = subprocess.run([SUYUAN, *at, *args], capture_output=True, env=environment(),
                              timeout=TIMEOUT)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ok(self, where, *args):
        status, out, err = self.run_suyuan(where, *args)
        self.assertEqual(status, 0, (args, out[-2000:], err[-2000:]))
        return out

    def ok_json(self, where, *args):
        return json.loads(self.ok(where, *args, "--json"))

    def fails(self, expected, where, *args):
        status, out, err = self.run_suyuan(where, *args, "--json")
        self.assertEqual(status, expected, (args, out[-2000:], err[-2000:]))
        return json.loads(err.splitlines()[-1])["error"]

    def serve(self, data, *args):
        server = Server(data, *args)
        self.addCleanup(server.stop, signal.SIGKILL)
        return server

    def show(self, server):
        shown = Shown(server.http)
        self.addCleanup(shown.server_close)
        self.addCleanup(shown.shutdown)
        return shown

    def policy(self, server, ledger):
        path = os.path.join(self.top, ledger + ".policy")
        self.ok(server, "key", "policy", "--ledger", ledger, "--out", path)
        return path

    def factory(self, days=1):
        """A server with the demo plant, the address of its ledger, and its policy."""
        server = self.serve(os.path.join(self.top, "plant"))
        self.told = self.ok_json(server, "demo", "--days", str(days))
        ledger = self.ok_json(server, "ledger", "list")["ledgers"][0]["ledger"]
        return server, ledger, self.policy(server, ledger)

    def lines(self, name, *events):
        path = os.path.join(self.top, name)
        with open(path, "w", encoding="utf-8") as f:
            for event in events:
                f.write(json.dumps(event) + "\n")
        return path

    def mirror(self, url, policy, *args):
        return self.ok_json(self.regulator, "mirror", url, "--policy", policy, "--once", *args)

    def status(self):
        return self.ok_json(self.regulator, "mirror", "status")["mirrors"]


def without_names(answer, names):
    """An answer, but for how ledgers are called and the digest over that."""
    text = json.dumps(answer)
    for name, plain in names.items():
        text = text.replace(json.dumps(name), json.dumps(plain))
    answer = json.loads(text)
    answer.pop("digest", None)
    return answer


class MirrorTest(Case):
    def test_a_mirror_answers_as_its_origin(self):
        server, ledger, policy = self.factory()
        told = self.mirror(f"{server.http}/{ledger}", policy)
        name = told["ledger"]
        self.assertRegex(name, "^" + ledger + "@[0-9a-f]{8}$")
        origin = self.ok_json(server, "ledger", "list")["ledgers"][0]
        here = self.ok_json(self.regulator, "ledger", "list")["ledgers"][0]
        self.assertEqual((here["ledger"], here["size"], here["root"]),
                         (name, origin["size"], origin["root"]))
        self.assertEqual(told["size"], origin["size"])
        for item in self.told["worth_tracing"]:
            for direction in ["forward", "backward"]:
                args = ["trace", item["unit"], "--direction", direction]
                self.assertEqual(without_names(self.ok_json(self.regulator, *args), {name: ledger}),
                                 without_names(self.ok_json(server, *args), {}))
        status = self.status()
        self.assertEqual([(m["ledger"], m["state"], m["size"]) for m in status],
                         [(name, "following", origin["size"])])
        self.assertRegex(status[0]["accepted"], r"^20\d\d-")
        self.assertIn("following", self.ok(self.regulator, "mirror", "status"))
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])
        # It grows; what is there already is not told again.
        more = self.lines("more", {"id": "m1", "observe_unit": {"unit": {"key": "ext:t:u"}}})
        self.ok(server, "import", "jsonl", more, "--ledger", ledger)
        self.assertEqual(self.mirror(f"{server.http}/{ledger}", policy)["size"], origin["size"] + 1)
        status, out, err = self.run_suyuan(self.regulator, "import", "jsonl", more, "--ledger", name)
        self.assertEqual(status, 2)
        self.assertIn("is a mirror", out + err)
        self.assertIn("镜像", out + err)
        self.ok(self.regulator, "rebuild")
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])

    def test_wrong_usage(self):
        server, ledger, policy = self.factory()
        url = f"{server.http}/{ledger}"
        self.fails(1, self.regulator, "mirror", url)
        self.fails(1, self.regulator, "mirror", "--policy", policy)
        self.fails(1, self.regulator, "mirror", "ftp://x/y", "--policy", policy, "--once")
        self.fails(1, self.regulator, "mirror", url, "--policy", policy + "-not", "--once")
        self.fails(1, server, "mirror", url, "--policy", policy, "--once")
        self.assertEqual(self.status(), [])

    def test_what_nobody_trusted_signed_is_not_taken(self):
        server, ledger, _ = self.factory()
        other = self.serve(os.path.join(self.top, "other"))
        self.ok(other, "ledger", "create", "other", "--subject", "ext:t:o", "--name", "o")
        error = self.fails(2, self.regulator, "mirror", f"{server.http}/{ledger}", "--policy",
                           self.policy(other, "other"), "--once")
        self.assertEqual(error["code"], "untrusted")
        self.assertEqual(self.ok_json(self.regulator, "ledger", "list")["ledgers"], [])

    def test_a_rewritten_entry_stops_it_and_is_kept(self):
        server, ledger, policy = self.factory()
        shown = self.show(server)
        url = f"{shown.url}/{ledger}"
        size = self.mirror(url, policy)["size"]
        self.ok(server, "import", "jsonl", "--ledger", ledger, self.lines(
            "more", *({"id": f"m{i}", "observe_unit": {"unit": {"key": f"ext:t:u{i}"}}}
                      for i in range(300))))

        def change(path, body):
            return body.replace(b"ext:t:u7", b"ext:t:u8") if "entries" in path else body
        shown.change = change
        error = self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertEqual(error["code"], "data_loss")
        self.assertRegex(error["message_en"], f"entry {size + 7}: what it shows has the hash")
        status = self.status()[0]
        self.assertEqual((status["state"], status["size"]), ("stopped", size))
        files = os.listdir(status["evidence"])
        self.assertIn("offered.checkpoint", files)
        self.assertIn("accepted.checkpoint", files)
        self.assertIn("why.txt", files)
        self.assertTrue(any(f.startswith("tile-entries-") for f in files), files)
        self.assertIn("stopped", self.ok(self.regulator, "mirror", "status"))
        # Until somebody has looked.
        shown.change = lambda path, body: body
        error = self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertIn("--resume", error["message_en"])
        self.assertEqual(self.mirror(url, policy, "--resume")["size"], size + 300)
        self.assertEqual(self.status()[0]["state"], "following")
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])

    def test_a_ledger_that_was_put_back_and_went_on_is_a_fork(self):
        server, ledger, policy = self.factory()
        data = os.path.join(self.top, "plant")
        copy = os.path.join(self.top, "copy")
        self.assertEqual(server.stop(), 0)
        shutil.copytree(data, copy)
        server = self.serve(data)
        shown = self.show(server)
        url = f"{shown.url}/{ledger}"

        def tell(where, name):
            self.ok(where, "import", "jsonl", "--ledger", ledger, self.lines(
                name, {"id": name, "observe_unit": {"unit": {"key": "ext:t:" + name}}}))
        tell(server, "first")
        size = self.mirror(url, policy)["size"]
        self.assertEqual(server.stop(), 0)
        other = self.serve(copy)
        shown.origin = other.http
        # Older: nothing new, and nothing wrong.
        self.assertEqual(self.mirror(url, policy)["size"], size)
        tell(other, "second")
        tell(other, "third")
        error = self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertIn("fork", error["message_en"])
        self.assertEqual(self.status()[0]["state"], "stopped")
        self.assertEqual(self.status()[0]["size"], size)

    def test_answers_that_are_none(self):
        server, ledger, policy = self.factory()
        shown = self.show(server)
        url = f"{shown.url}/{ledger}"
        base = f"/{ledger}/"
        for body in [b"", b"\0" * 5000, b"x" * (1 << 20)]:
            shown.change = lambda path, real, body=body: body if "checkpoint" in path else real
            self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        shown.change = lambda path, real: real
        shown.endless = "/checkpoint"
        error = self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertIn("at most", error["message_en"])
        shown.endless = "/tile/entries/"
        error = self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertIn("at most", error["message_en"])
        shown.endless = ""
        # Says more than comes, or less.
        shown.claims = {base + "checkpoint": 100_000_000}
        self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        shown.claims = {base + "checkpoint": 1000}
        error = self.fails(3, self.regulator, "mirror", url, "--policy", policy, "--once")
        self.assertEqual(error["code"], "unavailable")
        shown.claims = {base + "checkpoint": 10}
        self.fails(2, self.regulator, "mirror", url, "--policy", policy, "--once")
        shown.claims = {}
        self.assertEqual(self.ok_json(self.regulator, "ledger", "list")["ledgers"], [])
        self.mirror(url, policy)

    def test_killed_while_it_follows_it_goes_on(self):
        server, ledger, policy = self.factory()
        self.ok(server, "import", "jsonl", "--ledger", ledger, self.lines(
            "more", *({"id": f"m{i}", "observe_unit": {"unit": {"key": f"ext:t:u{i}"}}}
                      for i in range(5000))))
        shown = self.show(server)
        asked = []
        wanted = [0]
        reached = threading.Event()

        def change(path, body):
            asked.append(path)
            if len(asked) == wanted[0]:
                reached.set()
                time.sleep(TIMEOUT)
            return body
        shown.change = change
        url = f"{shown.url}/{ledger}"
        for stop_at in [2, 21, 5]:
            asked.clear()
            reached.clear()
            wanted[0] = stop_at
            process = subprocess.Popen(
                [SUYUAN, "--data", self.regulator, "mirror", url, "--policy", policy, "--every", "1"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
            self.addCleanup(process.kill)
            self.assertTrue(reached.wait(TIMEOUT))
            process.kill()
            process.wait()
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])
        sizes = [m["size"] for m in self.status()]
        wanted[0] = 0
        told = self.mirror(url, policy)
        origin = self.ok_json(server, "ledger", "list")["ledgers"][0]
        self.assertEqual(told["size"], origin["size"])
        self.assertTrue(sizes and 0 < sizes[0] < told["size"], sizes)
        here = self.ok_json(self.regulator, "ledger", "list")["ledgers"][0]
        self.assertEqual(here["root"], origin["root"])
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])


class TogetherTest(Case):
    """Two companies, each with a server of its own, and a regulator with one for both."""

    def test_a_trace_across_companies(self):
        dairy = self.serve(os.path.join(self.top, "dairy"))
        shop = self.serve(os.path.join(self.top, "shop"))
        both = os.path.join(self.top, "both")
        told = {
            "dairy": [{"id": "d1", "link_units": {"input": {"key": "ext:t:milk"},
                                                  "output": {"key": "ext:t:powder"}}}],
            "shop": [{"id": "s1", "link_units": {"input": {"key": "ext:t:powder"},
                                                 "output": {"key": "ext:t:cake"}}}]}
        for name, server in [("dairy", dairy), ("shop", shop)]:
            for where in [server, both]:
                self.ok(where, "ledger", "create", name, "--subject", "ext:t:" + name, "--name", name,
                        "--profile", "investigation")
                self.ok(where, "import", "jsonl", "--ledger", name,
                        self.lines(name + ".jsonl", *told[name]))
        listed = os.path.join(self.top, "mirrors")
        with open(listed, "w", encoding="utf-8") as f:
            f.write("# what we follow\n\n")
            for name, server in [("dairy", dairy), ("shop", shop)]:
                f.write(f"{server.http}/{name} {os.path.basename(self.policy(server, name))}\n")
        regulator = self.serve(self.regulator, "--mirrors", listed)
        deadline = time.monotonic() + TIMEOUT
        while sum(m["size"] for m in self.ok_json(regulator, "ledger", "list")["ledgers"]) < 4:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        names = {m["ledger"]: m["ledger"].split("@")[0] for m in self.status()}
        self.assertEqual(sorted(names.values()), ["dairy", "shop"])

        def plain(answer):
            answer = without_names(answer, names)
            for head in answer["heads"]:  # each ledger has an origin of its own
                head.pop("root")
            return answer
        for args in [["trace", "ext:t:milk", "--direction", "forward"],
                     ["trace", "ext:t:cake", "--direction", "backward"],
                     ["recall", "plan", "ext:t:milk"]]:
            answer = plain(self.ok_json(regulator, *args))
            self.assertEqual(answer, plain(self.ok_json(both, *args)))
        # It shows on what it follows, under what its origin signed.
        name = next(iter(names))
        with urllib.request.urlopen(f"{regulator.http}/{name}/checkpoint") as answer:
            self.assertIn(b"suyuan/dairy/", answer.read())
        self.assertEqual(regulator.stop(), 0)
        self.assertEqual(self.ok_json(self.regulator, "check")["problems"], [])

    def test_a_list_that_is_none(self):
        for text in ["http://127.0.0.1:1/a\n", "nonsense policy\n", "http://127.0.0.1:1/a not-there\n"]:
            path = os.path.join(self.top, "list")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            with self.assertRaisesRegex(RuntimeError, "line 1: "):
                Server(self.regulator, "--mirrors", path)


if __name__ == "__main__":
    SUYUAND, SUYUAN = sys.argv[1], sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

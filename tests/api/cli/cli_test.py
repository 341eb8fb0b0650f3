"""The contract of the program `suyuan`, against the built binary.

Usage: cli_test.py SUYUAN [DIRECTORY WITH THE FOODCHAIN-LAB FILES]
"""

import base64
import collections
import csv
import datetime
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True  # leaves nothing in the source directory
import plant_books

SUYUAN = ""
SHARED = ""

SCENARIO_1 = "Scenario_1_Outbreak-Baby-Tea.json"
SCENARIO_2 = "Scenario_2_LaSource.json"
EXAMPLE = "ExampleData.json"


def small_fcl():
    """Two stations, three deliveries, two links."""
    def row(**cells):
        return [{"id": k.replace("_", " "), "value": v} for k, v in cells.items()]

    def table(*rows):
        return {"columnProperties": [], "data": list(rows)}

    return {"data": {
        "stations": table(row(ID="S1", Name="Farm"), row(ID="S2", Name="Dairy")),
        "deliveries": table(
            row(ID="D1", **{"from": "S1", "to": "S2", "Name": "Milk"}),
            row(ID="D2", **{"from": "S2", "to": "S1", "Name": "奶粉"}),
            row(ID="D3", **{"from": "S1", "to": "S2", "Name": "Biscuit"})),
        "deliveryRelations": table(
            row(**{"from": "D1", "to": "D2"}), row(**{"from": "D2", "to": "D3"})),
    }}


class Case(unittest.TestCase):
    """A data directory of its own for every test."""

    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="suyuan-cli-")
        self.addCleanup(shutil.rmtree, self.top)
        self.data = os.path.join(self.top, "data")

    def path(self, name, text=None):
        path = os.path.join(self.top, name)
        if text is not None:
            with open(path, "wb") as f:
                f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run_suyuan(self, *args, data=None):
        """Exit status, standard output, standard error."""
        env = {k: v for k, v in os.environ.items() if k != "SUYUAN_DATA"}
        done = subprocess.run([SUYUAN, "--data", data or self.data, *args],
                              capture_output=True, env=env, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ok(self, *args, data=None):
        status, out, err = self.run_suyuan(*args, data=data)
        self.assertEqual(status, 0, (args, out[-2000:], err[-2000:]))
        return out

    def ok_json(self, *args, data=None):
        return json.loads(self.ok(*args, "--json", data=data))

    def fails(self, expected, *args, data=None):
        """The error object of a command that must end with `expected`."""
        status, out, err = self.run_suyuan(*args, "--json", data=data)
        self.assertEqual(status, expected, (args, out[-2000:], err[-2000:]))
        self.assertEqual(out, "", args)
        error = json.loads(err)["error"]
        self.assertEqual(sorted(error), ["code", "message_en", "message_zh"])
        for value in error.values():
            self.assertTrue(value, args)
        return error

    def shared(self, name):
        path = os.path.join(SHARED, name)
        if not SHARED or not os.path.exists(path):
            self.skipTest("not there: " + path)
        return path

    def import_small(self):
        path = self.path("small.json", json.dumps(small_fcl()))
        return self.ok_json("import", "fcl", path)


class UsageTest(Case):
    def test_help_and_version(self):
        for args in [["--help"], ["ledger", "--help"], ["ledger", "create", "--help"],
                     ["ledger", "list", "--help"], ["import", "fcl", "--help"],
                     ["import", "jsonl", "--help"], ["export", "jsonl", "--help"],
                     ["units", "--help"], ["trace", "--help"], ["check", "--help"],
                     ["stock", "--help"], ["recall", "plan", "--help"], ["report", "--help"],
                     ["rebuild", "--help"], ["demo", "--help"], ["mirror", "--help"],
                     ["mirror", "status", "--help"]]:
            out = subprocess.run([SUYUAN, *args], capture_output=True, check=True).stdout.decode()
            self.assertIn("suyuan", out)
            if args not in (["ledger", "--help"],):
                self.assertIn("Example", out, args)
        out = subprocess.run([SUYUAN, "--version"], capture_output=True, check=True).stdout
        self.assertRegex(out.decode(), r"^suyuan \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_1(self):
        for args in [[], ["nonsense"], ["trace"], ["trace", "a", "--direction", "up"],
                     ["trace", "a", "b"], ["import"], ["import", "fcl"], ["units", "--what"],
                     ["demo", "--days", "0"], ["demo", "--days", "x"], ["stock", "a", "b"],
                     ["recall"], ["recall", "plan"], ["report"], ["report", "a", "b"],
                     ["ledger", "create", "l"]]:
            self.assertEqual(self.fails(1, *args)["code"], "usage", args)
            status, out, err = self.run_suyuan(*args)
            self.assertEqual((status, out), (1, ""))
            self.assertIn("error: ", err)
        done = subprocess.run([SUYUAN, "check"], capture_output=True, env={})
        self.assertEqual(done.returncode, 1)
        self.assertFalse(os.path.exists(self.data))

    def test_a_missing_directory_is_1_and_stays_missing(self):
        events = self.path("events.jsonl", "{}\n")
        for args in [["check"], ["units"], ["trace", "a"], ["rebuild"], ["ledger", "list"],
                     ["stock"], ["recall", "plan", "a"], ["report", "a"], ["mirror", "status"],
                     ["export", "jsonl", "--ledger", "l"], ["import", "jsonl", events],
                     ["import", "fcl", self.path("none.json")],
                     ["import", "jsonl", self.path("none.jsonl")]]:
            self.assertEqual(self.fails(1, *args)["code"], "not_found", args)
        self.assertFalse(os.path.exists(self.data))

    def test_a_directory_in_use_is_3(self):
        self.import_small()
        with open(os.path.join(self.data, "LOCK"), "rb+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(self.fails(3, "units")["code"], "locked")
            self.assertEqual(self.fails(3, "check")["code"], "locked")
        self.ok("units")

    def test_a_closed_pipe_is_no_noise(self):
        self.import_small()
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([SUYUAN, "--data", self.data, "export", "jsonl"], stdout=write,
                              stderr=subprocess.PIPE, timeout=60)
        os.close(write)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(done.returncode, 3)


class LedgerTest(Case):
    def test_create_and_list(self):
        made = self.ok_json("ledger", "create", "plant-1", "--subject", "ext:test:owner",
                            "--name", "示例乳业", "--profile", "investigation")
        self.assertEqual(made["ledger"], "plant-1")
        ledgers = self.ok_json("ledger", "list")["ledgers"]
        self.assertEqual(len(ledgers), 1)
        self.assertEqual(ledgers[0]["subject"], "ext:test:owner")
        self.assertEqual(ledgers[0]["subject_name"], "示例乳业")
        self.assertEqual(ledgers[0]["profile"], "investigation")
        self.assertEqual(ledgers[0]["size"], 1)
        self.assertRegex(ledgers[0]["root"], "^[0-9a-f]{64}$")
        self.assertIn("plant-1", self.ok("ledger", "list"))

    def test_wrong_requests_are_1(self):
        create = ["ledger", "create", "l", "--subject", "ext:test:o", "--name", "o"]
        self.ok(*create)
        self.assertEqual(self.fails(1, *create)["code"], "already_exists")
        self.fails(1, "ledger", "create", "Bad Name", "--subject", "ext:test:o", "--name", "o")
        self.fails(1, "ledger", "create", "m", "--subject", "nothing", "--name", "o")
        self.fails(1, *create[:2], "m", *create[3:], "--profile", "none")
        self.assertEqual(len(self.ok_json("ledger", "list")["ledgers"]), 1)


class FclTest(Case):
    def test_small_file_twice(self):
        first = self.import_small()
        self.assertEqual((first["events"], first["subjects"], first["units"], first["links"]),
                         (7, 2, 3, 2))
        self.assertEqual(first["stored"], 7)
        for warning in first["warnings"]:
            self.assertEqual(sorted(warning),
                             ["field", "found", "message_en", "message_zh", "where"])
        before = self.ok_json("ledger", "list")
        self.assertEqual(before["ledgers"][0]["ledger"], "fcl-small")
        self.assertEqual(before["ledgers"][0]["profile"], "investigation")
        again = self.import_small()
        self.assertEqual(again["stored"], 0)
        self.assertEqual(again["events"], 7)
        self.assertEqual(self.ok_json("ledger", "list"), before)

    def test_what_cannot_be_read_is_2(self):
        for text in ["", "{", "[]", '{"data":{}}', b"\xff\xfe", "[" * 100000]:
            error = self.fails(2, "import", "fcl", self.path("bad.json", text))
            self.assertEqual(error["code"], "invalid_argument")
        self.assertFalse(os.path.exists(self.data))
        self.fails(1, "import", "fcl", self.path("small.json", json.dumps(small_fcl())),
                   "--ledger", "No Such Name")

    def test_a_changed_file_is_2(self):
        self.import_small()
        changed = json.dumps(small_fcl()).replace("Biscuit", "Cake")
        error = self.fails(2, "import", "fcl", self.path("small.json", changed))
        self.assertEqual(error["code"], "already_exists")
        self.assertTrue(self.ok_json("check")["ok"])

    def test_trace_of_the_small_file(self):
        self.import_small()
        result = self.ok_json("trace", "fcl:D2")
        self.assertEqual(result["origin"], "ext:fcl-small:delivery:D2")
        found = [(u["direction"], u["key"], u["depth"]) for u in result["units"]]
        self.assertEqual(sorted(found), [("backward", "ext:fcl-small:delivery:D1", 1),
                                         ("forward", "ext:fcl-small:delivery:D3", 1)])
        self.assertEqual(result["units"][0]["holders"], ["ext:fcl-small:station:S2"])
        self.assertIn("fcl:D2", result["origin_external_ids"])
        self.assertEqual(result["origin_product"], "奶粉")
        for end in result["ends"]:
            self.assertIn(end["kind"], ("end", "boundary", "gap"))
            self.assertTrue({"unit", "why", "holder", "direction"} <= set(end))
        self.assertEqual([h["ledger"] for h in result["heads"]], ["fcl-small"])
        self.assertRegex(result["heads"][0]["root"], "^[0-9a-f]{64}$")
        self.assertRegex(result["digest"], "^[0-9a-f]{64}$")
        self.assertEqual(self.ok_json("trace", "fcl:D2"), result)
        by_key = self.ok_json("trace", "ext:fcl-small:delivery:D2")
        for told in (by_key, result):
            del told["asked"]  # the digest covers it, too
        self.assertEqual({k: v for k, v in by_key.items() if k != "digest"},
                         {k: v for k, v in result.items() if k != "digest"})
        text = self.ok("trace", "fcl:D2")
        for word in ("Dairy", "Biscuit", result["digest"], result["heads"][0]["root"]):
            self.assertIn(word, text)

    def test_units(self):
        self.import_small()
        units = self.ok_json("units")["units"]
        self.assertEqual([u["key"] for u in units],
                         ["ext:fcl-small:delivery:D" + n for n in "123"])
        self.assertEqual(units[0]["product"], "Milk")
        self.assertEqual(units[0]["holders"], ["ext:fcl-small:station:S2"])
        self.assertIn("fcl:D1", units[0]["external_ids"])
        found = self.ok_json("units", "--find", "奶")["units"]
        self.assertEqual([u["key"] for u in found], ["ext:fcl-small:delivery:D2"])
        self.assertEqual(self.ok_json("units", "--find", "zzz"), {"units": []})
        self.assertIn("Milk", self.ok("units"))

    def test_an_unknown_unit_is_1(self):
        self.import_small()
        self.assertEqual(self.fails(1, "trace", "fcl:nothing")["code"], "not_found")
        self.fails(1, "trace", "")


class SharedFilesTest(Case):
    def import_shared(self, name):
        return self.ok_json("import", "fcl", self.shared(name))

    def forward(self, unit, direction="forward"):
        return self.ok_json("trace", unit, "--direction", direction)

    def test_scenario_2(self):
        result = self.import_shared(SCENARIO_2)
        self.assertEqual((result["subjects"], result["units"], result["links"]), (16, 110, 437))
        self.assertEqual(result["events"], 16 + 110 + 437)
        self.assertEqual(result["ledger"], "fcl-scenario-2-lasource")
        self.assertEqual(len(self.forward("fcl:636305757")["units"]), 93)
        for unit, size in (("fcl:1895570134", 28), ("fcl:174817918", 16)):
            trace = self.forward(unit)
            self.assertEqual(len(trace["units"]), size)
            self.assertEqual(len(trace["conflicts"]), 1)
        self.assertEqual(len(self.forward("fcl:1345862810", "backward")["units"]), 9)
        before = self.ok_json("ledger", "list")
        self.assertEqual(self.import_shared(SCENARIO_2)["units"], 110)
        self.assertEqual(self.ok_json("ledger", "list"), before)
        check = self.ok_json("check")
        self.assertTrue(check["ok"])
        self.assertEqual(check["problems"], [])
        self.assertEqual(check["ledgers"][0]["size"], before["ledgers"][0]["size"])
        self.assertEqual(check["ledgers"][0]["root"], before["ledgers"][0]["root"])
        answer = self.forward("fcl:636305757")
        self.ok("rebuild")
        self.assertEqual(self.forward("fcl:636305757"), answer)

    def closure_sums(self, name):
        self.import_shared(name)
        sums = {"forward": 0, "backward": 0}
        for unit in self.ok_json("units")["units"]:
            for reached in self.ok_json("trace", unit["key"])["units"]:
                sums[reached["direction"]] += 1
        return sums

    def test_closure_sums(self):
        for name, expected in ((SCENARIO_1, 23), (EXAMPLE, 62), (SCENARIO_2, 682)):
            self.data = os.path.join(self.top, name)
            self.assertEqual(self.closure_sums(name),
                             {"forward": expected, "backward": expected}, name)

    def test_counts_of_the_others(self):
        result = self.import_shared(SCENARIO_1)
        self.assertEqual((result["subjects"], result["units"], result["links"]), (9, 16, 16))
        result = self.import_shared(EXAMPLE)
        self.assertEqual((result["subjects"], result["units"], result["links"]), (24, 29, 33))
        self.assertEqual(result["events"], 24 + 29 + 31)

    def test_a_spelling_that_names_two_units_is_refused(self):
        self.import_shared(SCENARIO_1)
        self.import_shared(SCENARIO_2)
        error = self.fails(1, "trace", "fcl:636305757")
        for ledger in ("fcl-scenario-1-outbreak-baby-tea", "fcl-scenario-2-lasource"):
            self.assertIn("ext:" + ledger + ":delivery:636305757", error["message_en"])
        key = "ext:fcl-scenario-2-lasource:delivery:636305757"
        self.assertEqual(len(self.forward(key)["units"]), 93)

    def test_long_tables_are_cut(self):
        self.import_shared(SCENARIO_2)
        self.assertIn("60 more (--all, --json)", self.ok("units"))
        self.assertNotIn("more (--all", self.ok("units", "--all"))


class JsonlTest(Case):
    def create(self, name, data=None):
        self.ok("ledger", "create", name, "--subject", "ext:test:o", "--name", "o", "--profile",
                "investigation", data=data)

    def test_export_and_import_give_the_same_events(self):
        self.import_small()
        lines = self.ok("export", "jsonl", "--ledger", "fcl-small")
        self.assertEqual(lines.count("\n"), 7)
        ids = [json.loads(line)["id"] for line in lines.splitlines()]
        self.assertEqual(ids[0], "station:S1")
        self.assertIn('"link_units"', lines)
        other = os.path.join(self.top, "other")
        self.create("copy", data=other)
        path = self.path("out.jsonl", lines)
        result = self.ok_json("import", "jsonl", path, data=other)
        self.assertEqual((result["accepted"], result["rejected"], result["errors"]), (7, 0, []))
        self.assertEqual(self.ok("export", "jsonl", "--ledger", "copy", data=other), lines)
        again = self.ok_json("import", "jsonl", path, "--ledger", "copy", data=other)
        self.assertEqual((again["accepted"], again["duplicates"]), (7, 7))
        self.assertEqual(self.ok_json("ledger", "list", data=other)["ledgers"][0]["size"], 8)
        written = self.path("written.jsonl")
        self.ok("export", "jsonl", "--output", written, data=other)
        with open(written, encoding="utf-8") as f:
            self.assertEqual(f.read(), lines)

    def line(self, name, **fields):
        unit = {"unit": {"key": "ext:test:" + name}}
        return json.dumps({"id": name, "observe_unit": unit, **fields}) + "\n"

    def size(self):
        return self.ok_json("ledger", "list")["ledgers"][0]["size"]

    def test_nothing_is_stored_if_a_line_fails(self):
        self.create("l")
        bad = ['{"id":\n', self.line("x", colour="red"), '{"id":"y"}\n',
               '{"id":"z","observe_unit":{"unit":{"key":"nonsense"}}}\n']
        path = self.path("in.jsonl", self.line("a") + "".join(bad) + self.line("b"))
        status, out, err = self.run_suyuan("import", "jsonl", path, "--json")
        self.assertEqual((status, err), (2, ""))
        result = json.loads(out)
        self.assertEqual((result["accepted"], result["rejected"]), (0, 4))
        self.assertEqual(sorted({e["line"] for e in result["errors"]}), [2, 3, 4, 5])
        for error in result["errors"]:
            self.assertTrue({"line", "field", "rule", "found", "expected", "message_zh",
                             "message_en"} <= set(error))
            self.assertTrue(error["rule"] and error["message_zh"] and error["message_en"])
        self.assertEqual(self.size(), 1)

        rejected = self.path("rejected.jsonl")
        status, out, _ = self.run_suyuan("import", "jsonl", path, "--keep-valid", "--rejected",
                                         rejected, "--json")
        self.assertEqual(status, 2)
        self.assertEqual(json.loads(out)["accepted"], 2)
        self.assertEqual(self.size(), 3)
        with open(rejected, encoding="utf-8", newline="") as f:
            self.assertEqual(f.read(), "".join(bad))
        status, out, _ = self.run_suyuan("import", "jsonl", path)
        self.assertEqual(status, 2)
        self.assertIn("rejected 4", out)

    def test_a_taken_id_is_an_error_of_its_line(self):
        self.create("l")
        self.ok("import", "jsonl", self.path("1.jsonl", self.line("a")))
        path = self.path("2.jsonl", self.line("b") + self.line("a", remark="other"))
        status, out, _ = self.run_suyuan("import", "jsonl", path, "--json")
        self.assertEqual(status, 2)
        self.assertEqual([e["line"] for e in json.loads(out)["errors"]], [2])
        self.assertEqual(self.size(), 2)

    def test_a_line_of_twenty_megabytes(self):
        self.create("l")
        path = self.path("big.jsonl", self.line("a", remark="x" * 20_000_000))
        status, out, _ = self.run_suyuan("import", "jsonl", path, "--json")
        self.assertEqual(status, 2)
        self.assertLess(len(out), 2000)
        self.assertEqual(self.size(), 1)

    def test_the_only_ledger_is_meant(self):
        path = self.path("in.jsonl", self.line("a"))
        self.create("l")
        self.ok("import", "jsonl", path)
        self.create("m")
        error = self.fails(1, "import", "jsonl", path)
        self.assertIn("l, m", error["message_en"])
        self.assertEqual(self.fails(1, "import", "jsonl", path, "--ledger", "n")["code"],
                         "not_found")
        self.fails(1, "export", "jsonl", "--ledger", "n")
        self.fails(1, "import", "jsonl", path, "--ledger", "l", "--keep-valid")
        self.fails(1, "import", "jsonl", path, "--ledger", "l", "--keep-valid", "--rejected", path)


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def tree_hash(hashes):
    """RFC 6962, 2.1."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return hashlib.sha256(b"\1" + tree_hash(hashes[:k]) + tree_hash(hashes[k:])).digest()


class ProofTest(Case):
    """What is proved is checked here with nothing but SHA-256."""

    def setUp(self):
        super().setUp()
        self.import_small()
        lines = [json.dumps({"id": "e%d" % i, "link_units": {
            "input": {"external_ids": ["x:%d" % i]}, "output": {"external_ids": ["x:%d" % (i + 1)]}}})
            for i in range(600)]
        self.ok("ledger", "create", "plant", "--subject", "ext:test:a", "--name", "A",
                "--profile", "investigation")
        self.ok("import", "jsonl", self.path("in.jsonl", "\n".join(lines)), "--ledger", "plant")
        self.policy = self.path("policy")
        self.ok("key", "policy", "--ledger", "plant", "--out", self.policy)

    def verify(self, *args):
        """Exit status and the JSON of `suyuan verify`, which needs no data directory."""
        done = subprocess.run([SUYUAN, "verify", *args, "--policy", self.policy, "--json"],
                              capture_output=True, timeout=60,
                              env={k: v for k, v in os.environ.items() if k != "SUYUAN_DATA"})
        return done.returncode, json.loads(done.stdout or done.stderr)

    def read(self, *names):
        with open(os.path.join(self.top, *names), "rb") as f:
            return f.read()

    def head_of(self, note):
        origin, size, root = note.decode().split("\n")[:3]
        return origin, int(size), base64.b64decode(root)

    def export(self, out="public"):
        return self.ok_json("export", "tiles", "--ledger", "plant", "--out", self.path(out))

    def test_the_exported_entries_give_the_signed_root(self):
        told = self.export()
        self.assertEqual(set(told), {"vkey", "origin", "size", "root"})
        entries = []
        for n in range(0, told["size"], 256):
            width = min(256, told["size"] - n)
            name = "%03d" % (n // 256) + ("" if width == 256 else ".p/%d" % width)
            bundle = self.read("public", "tile", "entries", name)
            hashes = self.read("public", "tile", "0", name)
            while bundle:
                size = int.from_bytes(bundle[:2], "big")
                entries.append(bundle[2:2 + size])
                self.assertEqual(leaf_hash(entries[-1]),
                                 hashes[(len(entries) - 1 - n) * 32:][:32])
                bundle = bundle[2 + size:]
        self.assertEqual(len(entries), told["size"])
        root = tree_hash([leaf_hash(entry) for entry in entries])
        self.assertEqual(root.hex(), told["root"])
        self.assertEqual(self.head_of(self.read("public", "checkpoint")),
                         (told["origin"], told["size"], root))
        status, verdict = self.verify("export", self.path("public"))
        self.assertEqual((status, verdict["proved"], verdict["root"]), (0, True, told["root"]))
        ledgers = self.ok_json("ledger", "list")["ledgers"]
        self.assertEqual([one["vkeys"] for one in ledgers if one["ledger"] == "plant"],
                         [[told["vkey"]]])

    def test_an_export_that_was_changed_is_not_proved(self):
        self.export()
        for name in ("tile/entries/001", "tile/0/000", "tile/1/000.p/2", "checkpoint"):
            path = os.path.join(self.path("public"), name)
            good = self.read("public", name)
            bad = bytearray(good)
            bad[len(bad) // 2] ^= 1
            self.path(os.path.join("public", name), bytes(bad))
            status, verdict = self.verify("export", self.path("public"))
            self.assertEqual((status, verdict["proved"]), (2, False), name)
            self.assertIn("checkpoint", verdict)
            os.remove(path)
            self.assertEqual(self.verify("export", self.path("public"))[0],
                             1 if name == "checkpoint" else 2, name)
            self.path(os.path.join("public", name), good)
        self.assertEqual(self.verify("export", self.path("public"))[0], 0)

    def test_an_export_goes_on_where_it_ended(self):
        self.export()
        before = {name: os.stat(os.path.join(self.path("public"), name)).st_mtime_ns
                  for name in ("tile/0/000", "tile/entries/001")}
        self.ok("import", "jsonl", "--ledger", "plant", self.path("more.jsonl", json.dumps(
            {"id": "late", "link_units": {"input": {"external_ids": ["x:1"]},
                                          "output": {"external_ids": ["x:9"]}}})))
        self.assertEqual(self.export()["size"], 602)
        for name, time in before.items():
            self.assertEqual(os.stat(os.path.join(self.path("public"), name)).st_mtime_ns, time)
        self.assertEqual(self.verify("export", self.path("public"))[0], 0)
        other = [one["ledger"] for one in self.ok_json("ledger", "list")["ledgers"]
                 if one["ledger"] != "plant"][0]
        self.fails(1, "export", "tiles", "--ledger", other, "--out", self.path("public"))

    def test_a_receipt_is_proved_without_us(self):
        proof_file = self.path("e7.tlog-proof")
        told = self.ok_json("receipt", "e7", "--ledger", "plant", "--out", proof_file)
        self.assertEqual((told["sequence"], told["entry"]), (8, proof_file + ".entry"))
        status, verdict = self.verify("receipt", proof_file)
        self.assertEqual((status, verdict["proved"], verdict["event_id"]), (0, True, "e7"))
        # RFC 9162, 2.1.3.2, by hand.
        lines, note = self.read("e7.tlog-proof").decode().split("\n\n", 1)
        lines = lines.split("\n")
        self.assertEqual(lines[:2], ["c2sp.org/tlog-proof@v1", "index 8"])
        origin, size, root = self.head_of(note.encode())
        node = leaf_hash(self.read("e7.tlog-proof.entry"))
        fn, sn = 8, size - 1
        for hash_ in (base64.b64decode(line) for line in lines[2:]):
            if fn & 1 or fn == sn:
                node = hashlib.sha256(b"\1" + hash_ + node).digest()
                while not fn & 1 and fn:
                    fn, sn = fn >> 1, sn >> 1
            else:
                node = hashlib.sha256(b"\1" + node + hash_).digest()
            fn, sn = fn >> 1, sn >> 1
        self.assertEqual((sn, node), (0, root))

    def test_what_is_not_proved_keeps_its_evidence(self):
        proof_file = self.path("e7.tlog-proof")
        self.ok("receipt", "e7", "--ledger", "plant", "--out", proof_file)
        self.ok("receipt", "e8", "--ledger", "plant", "--out", self.path("e8.tlog-proof"))
        status, verdict = self.verify("receipt", proof_file, "--entry",
                                      self.path("e8.tlog-proof.entry"))
        self.assertEqual((status, verdict["proved"], verdict["event_id"]), (2, False, "e8"))
        self.assertEqual(verdict["proof"], self.read("e7.tlog-proof").decode())
        self.assertIn("root", verdict["message"])
        other = [one["ledger"] for one in self.ok_json("ledger", "list")["ledgers"]
                 if one["ledger"] != "plant"][0]
        self.ok("key", "policy", "--ledger", other, "--out", self.policy)
        status, verdict = self.verify("receipt", proof_file)
        self.assertEqual((status, verdict["proved"]), (2, False))
        self.assertIn("policy", verdict["message"])
        self.fails(1, "receipt", "never", "--ledger", "plant", "--out", self.path("never"))
        self.assertFalse(os.path.exists(self.path("never")))

    def test_a_later_head_goes_on_from_an_earlier_one(self):
        older, newer, proof = self.path("older"), self.path("newer"), self.path("proof")
        self.ok("checkpoint", "--ledger", "plant", "--out", older)
        self.ok("import", "jsonl", "--ledger", "plant", self.path("more.jsonl", json.dumps(
            {"id": "late", "link_units": {"input": {"external_ids": ["x:1"]},
                                          "output": {"external_ids": ["x:9"]}}})))
        self.ok("checkpoint", "--ledger", "plant", "--out", newer)
        self.ok("consistency", "601", "--ledger", "plant", "--out", proof)
        status, verdict = self.verify("consistency", older, newer, "--proof", proof)
        self.assertEqual((status, verdict["proved"], verdict["size"]), (0, True, 602))
        status, verdict = self.verify("consistency", newer, older, "--proof", proof)
        self.assertEqual((status, verdict["proved"]), (2, False))
        self.path("proof", self.read("proof") + self.read("proof").split(b"\n")[0] + b"\n")
        status, verdict = self.verify("consistency", older, newer, "--proof", proof)
        self.assertEqual((status, verdict["older"], verdict["newer"]),
                         (2, self.read("older").decode(), self.read("newer").decode()))
        self.assertEqual(self.verify("checkpoint", newer)[0], 0)

    def test_keys_change_with_an_overlap(self):
        old = self.ok_json("key", "list", "--ledger", "plant")["vkeys"]
        both = self.ok_json("key", "rotate", "--ledger", "plant")["vkeys"]
        self.assertEqual((len(both), both[1:]), (2, old))
        self.ok("checkpoint", "--ledger", "plant", "--out", self.path("both"))
        self.assertEqual(self.verify("checkpoint", self.path("both"))[0], 0)
        self.assertEqual(self.ok_json("key", "retire", "--ledger", "plant")["vkeys"], both[:1])
        self.fails(2, "key", "retire", "--ledger", "plant")
        self.ok("import", "jsonl", "--ledger", "plant", self.path("more.jsonl", json.dumps(
            {"id": "late", "link_units": {"input": {"external_ids": ["x:1"]},
                                          "output": {"external_ids": ["x:9"]}}})))
        self.ok("checkpoint", "--ledger", "plant", "--out", self.path("new"))
        self.assertEqual(self.verify("checkpoint", self.path("new"))[0], 2)
        self.ok("key", "policy", "--ledger", "plant", "--out", self.policy)
        self.assertEqual(self.verify("checkpoint", self.path("new"))[0], 0)
        # The ledger's own entries are none of those that are exported.
        self.assertNotIn("signing_key", self.ok("export", "jsonl", "--ledger", "plant"))
        self.ok("check")


SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"


@unittest.skipUnless(shutil.which("softhsm2-util") and shutil.which("openssl")
                     and os.path.exists(SOFTHSM), "softhsm2 or openssl is not installed")
class TokenTest(Case):
    """A ledger whose key is on a token (PKCS#11)."""

    def setUp(self):
        super().setUp()
        self.tokens = os.path.join(self.top, "tokens")
        os.mkdir(self.tokens)
        conf = self.path("softhsm2.conf", "directories.tokendir = %s\n" % self.tokens)
        before = os.environ.get("SOFTHSM2_CONF")
        os.environ["SOFTHSM2_CONF"] = conf
        self.addCleanup(lambda: os.environ.pop("SOFTHSM2_CONF") if before is None
                        else os.environ.update(SOFTHSM2_CONF=before))
        self.run_tool("softhsm2-util", "--init-token", "--free", "--label", "plant",
                      "--pin", "secret-4711", "--so-pin", "1234")
        self.run_tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.path("k.pem"))
        self.run_tool("softhsm2-util", "--import", self.path("k.pem"), "--token", "plant",
                      "--label", "ledger", "--id", "01", "--pin", "secret-4711")
        self.pin = self.path("pin", "secret-4711\n")
        os.chmod(self.pin, 0o600)
        self.uri = "pkcs11:token=plant;object=ledger?module-path=%s&pin-source=file:%s" % (
            SOFTHSM, self.pin)
        self.ok("ledger", "create", "plant", "--subject", "ext:test:a", "--name", "A",
                "--profile", "investigation")

    def run_tool(self, *args):
        done = subprocess.run(args, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, (args, done.stderr))
        return done.stdout

    def rotate(self, uri):
        return ("key", "rotate", "--ledger", "plant", "--pkcs11", uri)

    def add(self, name):
        self.ok("import", "jsonl", "--ledger", "plant", self.path("in.jsonl", json.dumps(
            {"id": name, "link_units": {"input": {"external_ids": ["x:1"]},
                                        "output": {"external_ids": ["x:2"]}}})))

    def verified(self):
        self.ok("checkpoint", "--ledger", "plant", "--out", self.path("note"))
        return self.ok_json("verify", "checkpoint", self.path("note"), "--policy",
                            self.path("policy"))["size"]

    def test_a_key_moves_to_a_token(self):
        old = self.ok_json("key", "list", "--ledger", "plant")["vkeys"]
        both = self.ok_json(*self.rotate(self.uri))["vkeys"]
        self.assertEqual((len(both), both[1:]), (2, old))
        public = self.run_tool("openssl", "pkey", "-in", self.path("k.pem"), "-pubout",
                               "-outform", "DER")[-32:]
        self.assertEqual(base64.b64decode(both[0].split("+", 2)[2]), b"\1" + public)
        self.assertEqual(self.ok_json("key", "retire", "--ledger", "plant")["vkeys"], both[:1])
        self.ok("key", "policy", "--ledger", "plant", "--out", self.path("policy"))
        self.add("a")
        self.assertEqual(self.verified(), 3)

        # The token is away: what is known is read, and what happens is recorded.
        os.rename(self.tokens, self.tokens + "-away")
        os.mkdir(self.tokens)
        self.add("b")
        error = self.fails(2, "checkpoint", "--ledger", "plant")
        self.assertEqual(error["code"], "failed_precondition")
        self.assertIn("no signing key: token plant is not there", error["message_en"])
        os.rmdir(self.tokens)
        os.rename(self.tokens + "-away", self.tokens)
        self.assertEqual(self.verified(), 4)

        self.assertEqual(self.fails(1, *self.rotate(self.uri))["code"], "already_exists")
        self.ok("key", "rotate", "--ledger", "plant")
        self.assertEqual(len(self.ok_json("key", "retire", "--ledger", "plant")["vkeys"]), 1)
        self.ok("check")

    def test_a_pin_is_never_told(self):
        before = self.ok_json("key", "list", "--ledger", "plant")
        with open(self.pin, "w") as f:
            f.write("wrong-0815\n")
        for uri in (self.uri, self.uri.split("&")[0] + "&pin-value=wrong-0815",
                    "pkcs11:token=plant?pin-value=wrong-0815"):
            _, out, err = self.run_suyuan(*self.rotate(uri))
            self.assertNotIn("0815", out + err)
            self.assertIn("error", err)
        os.chmod(self.pin, 0o644)
        self.assertEqual(self.fails(3, *self.rotate(self.uri))["code"], "permission_denied")
        self.assertEqual(self.ok_json("key", "list", "--ledger", "plant"), before)


def has_sm3():
    try:
        return bool(hashlib.new("sm3"))
    except ValueError:
        return False


class Sm3Test(Case):
    """What is proved with SM3 is checked here with Python's SM3, where it has one."""

    def setUp(self):
        super().setUp()
        lines = [json.dumps({"id": "e%d" % i, "link_units": {
            "input": {"external_ids": ["x:%d" % i]}, "output": {"external_ids": ["x:%d" % (i + 1)]}}})
            for i in range(300)]
        self.ok("ledger", "create", "plant", "--subject", "ext:test:a", "--name", "A",
                "--profile", "investigation", "--sm3")
        self.ok("import", "jsonl", self.path("in.jsonl", "\n".join(lines)), "--ledger", "plant")
        self.policy = self.path("policy")
        self.ok("key", "policy", "--ledger", "plant", "--sm3", "--out", self.policy)

    def verify(self, *args):
        done = subprocess.run([SUYUAN, "verify", *args, "--policy", self.policy, "--json"],
                              capture_output=True, timeout=60,
                              env={k: v for k, v in os.environ.items() if k != "SUYUAN_DATA"})
        return done.returncode, json.loads(done.stdout or done.stderr)

    def read(self, *names):
        with open(os.path.join(self.top, *names), "rb") as f:
            return f.read()

    def test_the_exported_entries_give_the_root_that_sm2_signed(self):
        told = self.ok_json("export", "tiles", "--ledger", "plant", "--out", self.path("public"))
        sm3 = told["sm3"]
        self.assertEqual((sm3["origin"], sm3["size"]), (told["origin"] + "/sm3", told["size"]))
        status, verdict = self.verify("export", self.path("public/sm3"))
        self.assertEqual((status, verdict["proved"], verdict["hash"], verdict["root"]),
                         (0, True, "sm3", sm3["root"]))
        # The policy names the SM2 key alone.
        self.assertEqual(self.verify("export", self.path("public"))[0], 2)
        ledger = [one for one in self.ok_json("ledger", "list")["ledgers"]
                  if one["ledger"] == "plant"][0]
        self.assertEqual((ledger["sm3_root"], ledger["sm3_vkeys"]), (sm3["root"], [sm3["vkey"]]))
        if not has_sm3():
            self.skipTest("Python's hashlib has no SM3")
        entries = []
        for name in ("000", "001.p/%d" % (told["size"] - 256)):
            bundle = self.read("public", "sm3", "tile", "entries", name)
            while bundle:
                size = int.from_bytes(bundle[:2], "big")
                entries.append(bundle[2:2 + size])
                bundle = bundle[2 + size:]
        leaves = [hashlib.new("sm3", b"\0" + entry).digest() for entry in entries]
        self.assertEqual(len(leaves), told["size"])
        self.assertEqual(self.read("public", "sm3", "tile", "0", "000"), b"".join(leaves[:256]))

        def root(hashes):
            if len(hashes) == 1:
                return hashes[0]
            split = 1
            while split * 2 < len(hashes):
                split *= 2
            return hashlib.new("sm3", b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()
        self.assertEqual(root(leaves).hex(), sm3["root"])

    def test_receipts_checkpoints_and_growth(self):
        proof = self.path("e7.tlog-proof")
        self.ok("receipt", "e7", "--ledger", "plant", "--sm3", "--out", proof)
        status, verdict = self.verify("receipt", proof)
        self.assertEqual((status, verdict["event_id"], verdict["hash"]), (0, "e7", "sm3"))
        self.ok("receipt", "e8", "--ledger", "plant", "--out", self.path("e8.tlog-proof"))
        self.assertEqual(self.verify("receipt", self.path("e8.tlog-proof"))[0], 2)
        self.assertEqual(self.verify("receipt", proof, "--entry",
                                     self.path("e8.tlog-proof.entry"))[0], 2)
        older, newer, grown = self.path("older"), self.path("newer"), self.path("grown")
        self.ok("checkpoint", "--ledger", "plant", "--sm3", "--out", older)
        self.ok("key", "rotate", "--ledger", "plant")
        self.ok("checkpoint", "--ledger", "plant", "--sm3", "--out", newer)
        self.ok("consistency", "301", "--ledger", "plant", "--sm3", "--out", grown)
        status, verdict = self.verify("consistency", older, newer, "--proof", grown)
        self.assertEqual((status, verdict["size"], verdict["hash"]), (0, 303, "sm3"))
        self.ok("consistency", "301", "--ledger", "plant", "--out", grown)
        self.assertEqual(self.verify("consistency", older, newer, "--proof", grown)[0], 2)
        self.ok("check")

    def test_a_ledger_without_it_says_so(self):
        self.ok("ledger", "create", "old", "--subject", "ext:test:a", "--name", "A",
                "--profile", "investigation")
        for command in (("checkpoint",), ("key", "policy"), ("consistency", "1")):
            error = self.fails(1, *command, "--ledger", "old", "--sm3")
            self.assertIn("SM3", error["message_en"])
        told = {one["ledger"]: set(one) for one in self.ok_json("ledger", "list")["ledgers"]}
        self.assertEqual(told["plant"] - told["old"], {"sm3_root", "sm3_vkeys"})


class DemoTest(Case):
    def test_demo_and_its_traces(self):
        done = subprocess.run([SUYUAN, "demo", "--data", self.data, "--days", "1", "--json"],
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertGreater(result["events"], 0)
        self.assertTrue(result["worth_tracing"])
        for item in result["worth_tracing"]:
            self.assertTrue(item["why"])
            self.ok_json("trace", item["unit"])
            self.ok("trace", item["unit"])
        self.assertTrue(self.ok_json("check")["ok"])
        before = self.ok_json("ledger", "list")
        self.ok("demo", "--days", "1")
        self.assertEqual(self.ok_json("ledger", "list"), before)
        lines = self.ok("export", "jsonl", "--ledger", result["ledger"])
        self.assertEqual(lines.count("\n"), result["events"])


# What the request for this program promises, besides what is there too.
AFFECTED = {"unit", "part", "holder", "place", "quantity", "uom", "state"}
CUSTOMER = {"name", "address", "contact", "unit", "shipped", "returned", "out", "date", "tier"}


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def recall_digest(plan):
    """lib/recall/FORMAT.md, from the JSON of a plan."""
    def put(*texts):
        return b"".join(varint(len(data)) + data
                        for data in (t if isinstance(t, bytes) else t.encode() for t in texts))

    def rows(items, *fields):
        return varint(len(items)) + b"".join(put(*(item[f] for f in fields)) for item in items)

    data = put("suyuan-recall-1") + varint(len(plan["origins"])) + put(*plan["origins"])
    data += varint(len(plan["heads"]))
    for head in plan["heads"]:
        data += put(head["ledger"]) + varint(head["size"]) + put(bytes.fromhex(head["root"]))
    data += rows(plan["affected"], "unit", "part", "container", "holder", "place", "state",
                 "quantity", "uom")
    data += varint(len(plan["customers"]))
    for c in plan["customers"]:
        data += put(c["key"], c["buyer"], c["unit"], c["shipped"], c["returned"], c["out"],
                    c["uom"], c["date"], str(c["tier"]), "1" if c["public"] else "")
    data += rows(plan["unaccounted"], "unit", "holder", "why")
    return hashlib.sha256(data).hexdigest()


class PlantCase(Case):
    """The example plant, and books that are kept from its exported events."""

    SIZE = "small"

    @classmethod
    def setUpClass(cls):
        cls.plant = tempfile.mkdtemp(prefix="suyuan-cli-plant-")
        cls.addClassCleanup(shutil.rmtree, cls.plant)
        subprocess.run([SUYUAN, "--data", cls.plant, "demo", "--days", "2", "--size", cls.SIZE],
                       check=True, capture_output=True, timeout=120)

    def setUp(self):
        super().setUp()
        self.data = self.plant
        (self.ledger,) = self.ok_json("ledger", "list")["ledgers"]
        self.lines = self.ok("export", "jsonl")
        self.books = plant_books.Books(self.lines, self.ledger["subject"])
        self.head = {k: self.ledger[k] for k in ("ledger", "size", "root")}

    def finished(self):
        """The lots that were sold, in order."""
        return sorted({self.books.unit(e.what["unit"]["key"]) for e in self.books.of("ship")
                       if e.what["unit"]["key"].startswith("lot:")})

    def tanker(self):
        """The milk that was charged first."""
        return self.books.of("charge")[0].what["unit"]["key"]

    def failed(self):
        """The lot that was held, and all of it destroyed."""
        return self.books.unit(self.books.of("hold")[0].what["unit"]["key"])

    def same_rows(self, told, mine, message="rows"):
        """Of stock. Of the product's names one is told."""
        for row in told:
            self.assertIn(row["product"], self.books.names[row["unit"]])
        told, mine = (collections.Counter(tuple(sorted((k, v) for k, v in row.items()
                                                       if k != "product")) for row in rows)
                      for rows in (told, mine))
        if told != mine:
            self.fail(f"{message}: told {list(told - mine)[:3]}, in the books {list(mine - told)[:3]}")

    def plan(self, *units):
        plan = self.ok_json("recall", "plan", *units)
        affected = set().union(*(self.books.descendants(unit) for unit in units))
        stock = [row for row in self.books.stock() if row["unit"] in affected]
        self.assertEqual(plan["origins"], sorted(units))
        self.same_rows(plan["affected"], stock)
        mine = {}
        for (key, unit), one in self.books.shipments(affected).items():
            mine[key, unit] = {
                "name": one["name"], "address": one["address"], "contact": one["contact"],
                "shipped": plant_books.text(one["shipped"]), "uom": one["uom"],
                "returned": plant_books.text(one["returned"]), "date": one["date"],
                "out": plant_books.text(one["shipped"] - one["returned"]), "tier": 1}
        told = {(c["key"], c["unit"]): {k: c[k] for k in next(iter(mine.values()), {})}
                for c in plan["customers"]}
        self.assertEqual(told, mine)
        self.assertEqual(len(plan["customers"]), len(mine))
        self.assertEqual((plan["unaccounted"], plan["heads"]), ([], [self.head]))
        self.assertEqual({b["difference"] for b in plan["balances"]}, {"0"})
        self.assertEqual(plan["digest"], recall_digest(plan))
        return plan


class PlantTest(PlantCase):
    def test_stock(self):
        stock = self.ok_json("stock")
        self.assertEqual(sorted(stock), ["findings", "heads", "rows"])
        self.same_rows(stock["rows"], self.books.stock())
        self.assertEqual((stock["findings"], stock["heads"]), ([], [self.head]))

        text = self.ok("stock", "--all")
        self.assertIn(f"stock: {len(stock['rows'])}\n", text)
        for row in stock["rows"]:
            self.assertRegex(text, re.escape(row["unit"]) + f".* {row['quantity']} {row['uom']} .*"
                             + re.escape(row["holder_name"] or row["holder"]))
        self.assertIn(self.ledger["root"], text)

    def test_stock_of_one_lot(self):
        for lot in self.finished():
            mine = [row for row in self.books.stock() if row["unit"] == lot]
            self.assertTrue(mine)
            self.same_rows(self.ok_json("stock", lot)["rows"], mine, lot)
        # By the code of a can.
        code = self.books.of("assign_codes")[0]
        first = code.what["ranges"][0]["first"]
        self.assertEqual(self.ok_json("stock", first)["rows"],
                         self.ok_json("stock", self.books.unit(code.what["unit"]["key"]))["rows"])

    def test_stock_at_the_end_of_each_day(self):
        days = sorted({(e.end + datetime.timedelta(hours=8)).date() for e in self.books.events})
        self.assertGreater(len(days), 5)
        states = collections.Counter()
        for day in days:
            until = datetime.datetime.fromisoformat(f"{day}T23:59:59.999999+08:00")
            mine = self.books.stock(until)
            self.same_rows(self.ok_json("stock", "--at", str(day))["rows"], mine, day)
            states.update((row["state"], row["unit"] == self.failed()) for row in mine)
        # The failed lot was held, never shipped, and in the end there is none.
        self.assertGreater(states["held", True], 0)
        self.assertEqual(states["shipped", True], 0)
        self.assertEqual(self.ok_json("stock", self.failed())["rows"], [])
        self.assertGreater(min(states["shipped", False], states["returned", False]), 0)

    def test_stock_to_the_minute(self):
        ship = self.books.of("ship")[0]
        lot = min(unit for (to, unit), one in self.books.replay().shipments.items()
                  if to == ship.what.get("ship_to", ship.what["customer"]))
        local = ship.begin + datetime.timedelta(hours=8)
        shipped = {}
        for minutes in (-1, 0):
            at = (local + datetime.timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")
            rows = self.ok_json("stock", lot, "--at", at)["rows"]
            shipped[minutes] = sum(int(r["quantity"]) for r in rows if r["state"] == "shipped")
        self.assertEqual((shipped[-1], shipped[0]), (0, int(ship.what["quantity"]["value"])))

    def test_recall_of_a_tanker_of_milk(self):
        plan = self.plan(self.tanker())
        self.assertEqual(list(plan)[:4], ["origins", "affected", "customers", "unaccounted"])
        self.assertEqual(list(plan)[-2:], ["heads", "digest"])
        for row in plan["affected"]:
            self.assertLessEqual(AFFECTED, set(row))
        for customer in plan["customers"]:
            self.assertLessEqual(CUSTOMER, set(customer))
        self.assertTrue(any(c["returned"] != "0" for c in plan["customers"]))
        # Not those who got nothing of it.
        everybody = self.books.shipments(set(self.finished()))
        self.assertLess(len(plan["customers"]), len(everybody))

    def test_recall_of_other_things(self):
        self.plan(self.finished()[0])
        self.plan(*self.finished()[-2:])
        dha = max((self.books.unit(e.what["unit"]["key"]) for e in self.books.of("charge")),
                  key=lambda unit: len(self.books.descendants(unit)))
        self.assertGreater(len(self.plan(dha)["customers"]), 0)
        # All of it was destroyed.
        plan = self.plan(self.failed())
        self.assertEqual((plan["affected"], plan["customers"]), ([], []))

    def test_recall_as_a_call_list(self):
        units = self.tanker(), self.finished()[0]
        customers = self.ok_json("recall", "plan", *units)["customers"]
        out = self.ok("recall", "plan", *units, "--csv")
        self.assertTrue(out.startswith("\ufeff"))
        self.assertEqual(out.count("\r\n"), 1 + len(customers))
        rows = list(csv.DictReader(io.StringIO(out[1:], newline="")))
        self.assertEqual(len(rows), len(customers))
        for row, customer in zip(rows, customers):
            self.assertLessEqual(CUSTOMER, set(row))
            self.assertEqual(row, {k: "yes" if customer[k] is True else
                                   "no" if customer[k] is False else str(customer[k])
                                   for k in row})

    def test_recall_as_tables(self):
        plan = self.ok_json("recall", "plan", self.tanker())
        text = self.ok("recall", "plan", self.tanker(), "--all")
        self.assertIn(f"whom to call: {len(plan['customers'])}\n", text)
        self.assertIn(f"where it is: {len(plan['affected'])}\n", text)
        lines = text.splitlines()
        for customer in plan["customers"]:
            cells = [customer[k] for k in ("name", "contact", "address", "unit", "date")]
            cells += [f" {customer['shipped']} {customer['uom']} ", f" {customer['out']} "]
            self.assertEqual(len([line for line in lines if all(c in line for c in cells)]), 1)
        for word in (plan["digest"], self.ledger["root"], self.tanker()):
            self.assertIn(word, text)
        self.assertNotIn("unaccounted", text)

    def test_recall_at_an_earlier_moment_affects_the_same_units(self):
        now = self.ok_json("recall", "plan", self.tanker())
        first = min(c["date"] for c in now["customers"])
        before = datetime.date.fromisoformat(first) - datetime.timedelta(days=1)
        then = self.ok_json("recall", "plan", self.tanker(), "--at", str(before))
        self.assertEqual({b["unit"] for b in then["balances"]},
                         {b["unit"] for b in now["balances"]})
        until = datetime.datetime.fromisoformat(f"{before}T23:59:59.999999+08:00")
        affected = self.books.descendants(self.tanker())
        self.same_rows(then["affected"],
                       [row for row in self.books.stock(until) if row["unit"] in affected])
        self.assertNotIn("shipped", {row["state"] for row in then["affected"]})
        self.assertEqual(then["digest"], recall_digest(then))

    def report(self, lot, data=None):
        report = self.ok_json("report", lot, data=data)
        elements = report["elements"]
        self.assertEqual(report["unit"], lot)
        self.assertIn(report["product"], self.books.names[lot])
        for name in ("present", "missing"):
            self.assertEqual(report[name], len([e for e in elements if e["status"] == name]))
        for name in ("late", "corrected"):
            self.assertEqual(report[name], len([e for e in elements if e[name]]))
        return report

    def test_report(self):
        lot = self.finished()[-1]
        report = self.report(lot)
        self.assertEqual(report["heads"], [self.head])
        told = {(e["number"], e["operation"], e["about"]): e for e in report["elements"]}
        self.assertEqual(len(told), len(report["elements"]))
        for element in report["elements"]:
            for key in ("number", "name_zh", "name_en", "source", "operation", "about"):
                self.assertTrue(element[key], element)
        # Each charge of what the lot was made of, with the sequences of its events.
        charges = collections.defaultdict(list)
        for event in self.books.of("charge"):
            unit = self.books.unit(event.what["unit"]["key"])
            if lot in self.books.descendants(unit):
                charges[unit].append(self.books.sequences[event.json["id"]])
        self.assertGreater(len(charges), 10)
        for unit, sequences in charges.items():
            element = told["S002-29", "CHG", unit]
            self.assertEqual(element["status"], "present")
            self.assertEqual([e["sequence"] for e in element["entries"]], sequences)
            self.assertEqual({e["ledger"] for e in element["entries"]}, {self.ledger["ledger"]})
        self.assertEqual({about for number, operation, about in told if operation == "CHG"},
                         set(charges))
        # What came late is late, what was corrected is corrected.
        for event in self.books.events:
            sequence = self.books.sequences[event.json["id"]]
            for element in report["elements"]:
                if sequence not in [e["sequence"] for e in element["entries"]]:
                    continue
                self.assertTrue(element["late"] or "late_entry" not in event.json, event.json)
                self.assertTrue(element["corrected"] or "correction" not in event.json, event.json)

        text = self.ok("report", lot, "--all")
        self.assertIn(f"{report['present']} 齐全 present，{report['missing']} 缺失 missing", text)
        lines = text.splitlines()
        for element in report["elements"]:
            if element["status"] == "missing":
                cells = (element["number"] + " ", element["operation"], element["about"])
                self.assertTrue(any(all(c in line for c in cells) for line in lines), element)

    def test_report_of_a_lot_whose_milk_was_never_received(self):
        lot = self.finished()[-1]
        milk = next(e.what["unit"]["key"] for e in reversed(self.books.of("receive"))
                    if lot in self.books.descendants(e.what["unit"]["key"]))
        less = [line for line in self.lines.splitlines(keepends=True)
                if json.loads(line).get("receive", {}).get("unit", {}).get("key") != milk]
        self.assertLess(len(less), self.lines.count("\n"))
        other = os.path.join(self.top, "other")
        self.ok("ledger", "create", self.ledger["ledger"], "--subject", self.ledger["subject"],
                "--name", self.ledger["subject_name"], "--profile", self.ledger["profile"],
                data=other)
        self.ok("import", "jsonl", self.path("less.jsonl", "".join(less)), data=other)

        def statuses(report):
            return {(e["number"], e["operation"], e["about"]): e["status"]
                    for e in report["elements"]}
        before, after = statuses(self.report(lot)), statuses(self.report(lot, data=other))
        received = {key for key in before if key[1:] == ("RCV", milk)}
        self.assertGreaterEqual(len(received), 8)
        for key in received:
            self.assertEqual((before[key], after[key]), ("present", "missing"))
        self.assertEqual({k: v for k, v in before.items() if k not in received},
                         {k: v for k, v in after.items() if k not in received})

    def test_the_examples_of_the_help(self):
        for command in (["stock"], ["recall", "plan"], ["report"]):
            out = subprocess.run([SUYUAN, *command, "--help"], capture_output=True, check=True)
            examples = re.findall(r"^  suyuan --data plant ([^>\n]*)", out.stdout.decode(), re.M)
            self.assertTrue(examples, command)
            for example in examples:
                self.assertGreater(self.ok(*example.split()).count("\n"), 3, example)

    def test_what_cannot_be_asked(self):
        for args in (["stock"], ["recall", "plan"], ["report"]):
            self.assertEqual(self.fails(1, *args, "ext:no:thing")["code"], "not_found")
        for args in (["stock"], ["recall", "plan", self.tanker()]):
            for at in ("yesterday", "2025-11", "2025-11-31", "2025-11-03T24:00", "2025-11-03 8:30"):
                error = self.fails(1, *args, "--at", at)
                self.assertIn(at, error["message_en"])


class FullPlantTest(PlantCase):
    """Pallets of several lots, packages opened at customers, and a recall that was carried out."""

    SIZE = "full"

    def test_stock(self):
        stock = self.ok_json("stock")
        self.same_rows(stock["rows"], self.books.stock())
        self.assertEqual(stock["findings"], [])

    def test_recall_of_a_tanker_of_milk(self):
        self.assertGreater(len(self.plan(self.tanker())["customers"]), 10)

    def test_the_recall_that_was_carried_out(self):
        last = self.books.of("recall_goods")[-1].what
        lot = self.books.unit(last["unit"]["key"])
        plan = self.plan(lot)
        # The plant called those who are on the list, counted what came back, and destroyed it.
        self.assertEqual({c["key"] for c in plan["customers"]},
                         {e.what["to"] for e in self.books.of("give_notice")})
        for name, told in (("shipped", last["quantity"]), ("returned", last["progress"]["returned"])):
            self.assertEqual(sum(int(c[name]) for c in plan["customers"]), int(told["value"]), name)
        self.assertEqual({row["state"] for row in plan["affected"]}, {"shipped"})


class TraceAnswerTest(PlantCase):
    """Links, ways, exports and the verification of answers."""

    def answer(self, unit, *args):
        path = self.path("answer.json", self.ok("trace", unit, *args, "--json"))
        with open(path, encoding="utf-8") as f:
            return path, json.load(f)

    def verdict(self, answer):
        path = self.path("changed.json", json.dumps(answer))
        status, out, err = self.run_suyuan("trace", "verify", path, "--json")
        self.assertEqual(err, "")
        result = json.loads(out)
        self.assertEqual(status, 0 if result["ok"] else 2)
        return sorted({d["list"] for d in result["differences"]})

    def way(self, answer, unit):
        """The hops from the origin to it."""
        at, way = unit["witness"], []
        while True:
            hop = answer["hops"][at]
            way.insert(0, hop)
            if hop["before"] == at:
                return way
            self.assertLess(hop["before"], at)
            at = hop["before"]

    def test_each_unit_has_a_way_through_entries_of_the_books(self):
        _, answer = self.answer(self.tanker(), "--direction", "forward")
        events = [json.loads(line) for line in self.lines.splitlines()]
        self.assertEqual(len(answer["links"]), answer["edges"])
        self.assertEqual(len(answer["step_list"]), answer["steps"])
        self.assertGreater(len(answer["units"]), 2)
        codes = {"RCV": "receive", "CHG": "charge", "PRD": "produce", "SHP": "ship"}
        for link in answer["links"]:
            if link["operation"] in codes:
                # Entry 0 is the genesis.
                self.assertIn(codes[link["operation"]], events[link["sequence"] - 1])
        order = [(link["ledger"], link["sequence"]) for link in answer["links"]]
        self.assertEqual(order, sorted(order))
        for unit in answer["units"]:
            way = self.way(answer, unit)
            self.assertEqual(answer["places"][way[0]["place"]]["unit"], answer["origin"])
            self.assertEqual(answer["places"][way[-1]["place"]]["unit"], unit["key"])
            links = [answer["links"][hop[end]] for hop in way for end in ("took", "brought")
                     if hop[end] is not None]
            self.assertEqual(sum(answer["step_list"][link["step"]]["makes"] for link in links),
                             2 * unit["depth"])
            for took, brought in zip(links[::2], links[1::2]):
                self.assertEqual((took["step"], took["output"], brought["output"]),
                                 (brought["step"], False, True))

    def test_answers_are_verified(self):
        for args in ((self.tanker(),), (self.finished()[0], "--direction", "backward"),
                     (self.failed(), "--as-recorded"), (self.tanker(), "--no-links"),
                     (self.tanker(), "--at", f"{self.ledger['ledger']}=200")):
            path, answer = self.answer(*args)
            self.assertEqual(self.ok_json("trace", "verify", path),
                             {"ok": True, "differences": []}, args)
            self.assertEqual("links" in answer, "--no-links" not in args)
        self.assertIn("the same", self.ok("trace", "verify", path))

    def test_what_was_changed_is_named(self):
        _, answer = self.answer(self.tanker())
        self.assertEqual(self.verdict(answer), [])
        changes = {
            ("heads", 0, "root"): "00" * 32, ("heads", 0, "size"): 100,
            ("origin_product",): "x", ("origin_holders", 0): "x",
            ("units", 0, "product"): "x", ("units", 0, "key"): "x", ("units", 0, "depth"): 7,
            ("units", 0, "holders", 0): "x", ("ends", 0, "kind"): "gap", ("ends", 0, "why"): "x",
            ("edges",): 1, ("step_list", 0, "operation"): "XYZ", ("places", 0, "holder"): "x",
            ("links", 0, "quantity"): "1", ("links", 0, "output"): True,
            ("digest",): "00" * 32, ("as_recorded",): True,
        }
        for path, value in changes.items():
            changed = json.loads(json.dumps(answer))
            item = changed
            for name in path[:-1]:
                item = item[name]
            self.assertNotEqual(item[path[-1]], value)
            item[path[-1]] = value
            found = self.verdict(changed)
            if path == ("as_recorded",):
                continue  # nothing was corrected on the way of this milk
            name = {"origin_product": "origin", "origin_holders": "origin",
                    "step_list": "steps"}.get(path[0], path[0])
            self.assertIn(name, found, path)
        for rows in ("units", "ends", "links", "places"):
            changed = json.loads(json.dumps(answer))
            if rows in ("units", "ends"):
                del changed[rows][0]
            else:
                changed[rows].append(changed[rows][0])
            self.assertEqual(self.verdict(changed), [rows])
        table = self.run_suyuan("trace", "verify", self.path("changed.json"))
        self.assertEqual(table[0], 2)
        self.assertIn("different", table[1])

    def test_a_way_that_proves_nothing_is_named(self):
        _, answer = self.answer(self.tanker(), "--direction", "forward")
        unit = max(answer["units"], key=lambda u: u["depth"])
        at = answer["units"].index(unit)

        def changed(change):
            copy = json.loads(json.dumps(answer))
            change(copy)
            return self.verdict(copy)

        def short(copy):  # a way that begins where it ends
            hop = copy["hops"][unit["witness"]]
            hop["before"], hop["took"], hop["brought"] = unit["witness"], None, None

        def elsewhere(copy):
            copy["units"][at]["witness"] = 0

        def missing(copy):
            copy["units"][at]["witness"] = None

        def jump(copy):  # straight from the origin
            copy["hops"][unit["witness"]]["before"] = 0

        def unknown(copy):  # packed by the genesis
            hop = copy["hops"][unit["witness"]]
            hop["packed_ledger"], hop["packed_sequence"] = self.ledger["ledger"], 0

        for change in (short, elsewhere, missing, jump, unknown):
            self.assertEqual(changed(change), ["ways"], change.__name__)

    def test_what_is_no_answer_is_2(self):
        for text in ("", "{}", "[1]", "\x00", json.dumps({"origin": 7})):
            error = self.fails(2, "trace", "verify", self.path("bad.json", text))
            self.assertEqual(error["code"], "invalid_argument")
        self.fails(1, "trace", "verify", self.path("missing.json"))

    def test_a_ledger_that_went_on_changes_nothing(self):
        data = os.path.join(self.top, "copy")
        shutil.copytree(self.data, data)
        self.data = data
        path, answer = self.answer(self.tanker())
        # Another ledger tells that somebody else has some of it.
        self.ok("ledger", "create", "later", "--subject", "ext:s:later", "--name", "Later",
                "--profile", "investigation")
        events = self.path("events.jsonl", json.dumps(
            {"id": "1", "observe_unit": {"unit": {"key": answer["origin"]},
                                         "recipient": "ext:s:later"}}) + "\n")
        self.ok("import", "jsonl", events, "--ledger", "later")
        now = self.ok_json("trace", self.tanker())
        self.assertNotEqual((now["heads"], now["edges"]), (answer["heads"], answer["edges"]))
        self.assertEqual(self.ok_json("trace", "verify", path)["differences"], [])

    def test_exports(self):
        unit = self.tanker()
        graph = json.loads(self.ok("trace", unit, "--export", "json", "-"))
        answer = self.ok_json("trace", unit)
        self.assertEqual((graph["digest"], graph["heads"]), (answer["digest"], answer["heads"]))
        goods = {(n["unit"], n["holder"]) for n in graph["nodes"] if n["kind"] == "goods"}
        drawn = {answer["places"][i]["unit"] + "@" + answer["places"][i]["holder"]
                 for i in ({link["place"] for link in answer["links"]} |
                           {hop["place"] for hop in answer["hops"]})}
        self.assertEqual({f"{unit}@{holder}" for unit, holder in goods}, drawn)
        for edge in graph["edges"]:
            layers = [graph["nodes"][edge[end]]["layer"] for end in ("from", "to")]
            self.assertEqual(edge["reversed"], layers[0] >= layers[1])
        svg = self.ok("trace", unit, "--export", "svg", "-")
        root = xml.etree.ElementTree.fromstring(svg)
        texts = {t.text for t in root.iter("{http://www.w3.org/2000/svg}text")}
        self.assertIn("生牛乳", texts)
        self.assertEqual(len(list(root.iter("{http://www.w3.org/2000/svg}g"))),
                         len(graph["nodes"]) + len(graph["edges"]))
        root = xml.etree.ElementTree.fromstring(self.ok("trace", unit, "--export", "graphml", "-"))
        space = "{http://graphml.graphdrawing.org/xmlns}"
        keys = {key.get("id") for key in root.iter(space + "key")}
        self.assertEqual(len(list(root.iter(space + "node"))), len(graph["nodes"]))
        self.assertEqual(len(list(root.iter(space + "edge"))), len(graph["edges"]))
        for data in root.iter(space + "data"):
            self.assertIn(data.get("key"), keys)
        path = os.path.join(self.top, "trace.dot")
        told = self.ok_json("trace", unit, "--export", "dot", path)
        self.assertEqual((told["file"], told["bytes"], told["digest"]),
                         (path, os.path.getsize(path), answer["digest"]))
        self.dot_takes(path)

    def dot_takes(self, path):
        if shutil.which("dot") is None:
            self.skipTest("Graphviz is not installed: DOT was not tried")
        subprocess.run(["dot", "-Tsvg", "-o", os.devnull, path], check=True, timeout=60)

    def test_exports_of_names_that_mean_harm(self):
        self.data = os.path.join(self.top, "fcl")
        names = ['"><script>alert(1)</script>', "\\N\\l\\\"];} digraph {", "]]>&amp;&#0;<!--",
                 "\u202egnp.exe\x1b[2J\x00奶粉" * 30]
        document = small_fcl()
        for table, column in (("deliveries", "Name"), ("stations", "Name")):
            for row, name in zip(document["data"][table]["data"], names[:3]):
                next(c for c in row if c["id"] == column)["value"] = name
        document["data"]["deliveries"]["data"][1][3]["value"] = names[3]
        path = self.path("harm.json", json.dumps(document))
        self.ok_json("import", "fcl", path)
        for fmt in ("svg", "graphml"):
            text = self.ok("trace", "fcl:D2", "--export", fmt, "-")
            root = xml.etree.ElementTree.fromstring(text)
            self.assertFalse([e for e in root.iter() if e.tag.endswith("script")])
            self.assertNotIn("\u202e", text)
            self.assertIn("alert(1)", text)
        json.loads(self.ok("trace", "fcl:D2", "--export", "json", "-"))
        dot = self.ok("trace", "fcl:D2", "--export", "dot", "-")
        for line in dot.splitlines()[4:-1]:
            quoted = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
            self.assertRegex(quoted, r"^  n\d+( -> n\d+)? \[[a-z0-9=, ]*\];$")
        self.dot_takes(self.path("harm.dot", dot))

    def test_wrong_exports_are_1(self):
        unit = self.tanker()
        self.fails(1, "trace", unit, "--export", "pdf", "-")
        self.fails(1, "trace", unit, "--export", "svg")
        self.fails(1, "trace", unit, "--export", "svg", "-", "--no-links")
        self.fails(1, "trace", unit, "--export", "svg", os.path.join(self.top, "no", "file"))
        self.fails(1, "--server", "127.0.0.1:1", "trace", "verify", self.path("a.json", "{}"))


class PersonalTest(Case):
    """Personal data: shown, disclosed, erased."""

    VALUE = "张三 13800000000"

    def setUp(self):
        super().setUp()
        self.ok("ledger", "create", "plant", "--subject", "ext:own:plant", "--name", "Plant",
                "--profile", "investigation")

    def receipt(self, event_id, year, value=VALUE, person="person:1042"):
        return {"id": event_id,
                "time": {"begin": {"at": "%d-11-03T01:00:00Z" % year, "offset_minutes": 480}},
                "receive": {"unit": {"key": "lot:ext:own:dairy/powder/L1"},
                            "quantity": {"value": 10, "unit": "KGM"}, "supplier": "ext:own:dairy",
                            "supplier_contact": {"value": value, "person": person}}}

    def take(self, *events):
        lines = "\n".join(json.dumps(event) for event in events)
        return self.ok_json("import", "jsonl", "--ledger", "plant", self.path("in.jsonl", lines))

    def show(self, event_id):
        told = self.ok_json("personal", "show", event_id, "--ledger", "plant")
        self.assertEqual((told["ledger"], told["event_id"]), ("plant", event_id))
        return told["fields"]

    def test_a_value_is_shown_and_not_exported(self):
        self.take(self.receipt("r1", 2001))
        self.assertEqual(self.show("r1"), [
            {"path": "receive.supplier_contact", "state": "held", "value": self.VALUE,
             "person": "person:1042"}])
        self.assertIn(self.VALUE, self.ok("personal", "show", "r1"))
        out = self.path("out.jsonl")
        self.ok("export", "jsonl", "--ledger", "plant", "--output", out)
        with open(out, encoding="utf-8") as f:
            text = f.read()
        self.assertNotIn("张三", text)
        self.assertNotIn("1042", text)
        self.assertIn("commitment", text)
        # The same again is the same.
        self.assertEqual(self.take(self.receipt("r1", 2001))["duplicates"], 1)
        self.fails(1, "personal", "show", "never")
        self.fails(1, "personal", "show", "r1", "--ledger", "nobody")

    def test_a_disclosure_is_verified_without_us(self):
        self.take(self.receipt("r1", 2001), self.receipt("r2", 2001))
        told, proof, policy = self.path("contact.json"), self.path("r1.tlog-proof"), self.path("p")
        self.ok("personal", "disclose", "r1", "receive.supplier_contact", "-o", told)
        self.assertEqual(os.stat(told).st_mode & 0o777, 0o600)
        self.ok("receipt", "r1", "--ledger", "plant", "--out", proof)
        self.ok("receipt", "r2", "--ledger", "plant", "--out", self.path("r2.tlog-proof"))
        self.ok("key", "policy", "--ledger", "plant", "--out", policy)

        def verify(receipt=proof):
            status, out, err = self.run_suyuan("verify", "disclosure", told, "--receipt", receipt,
                                               "--policy", policy, "--json")
            return status, json.loads(out or err)

        status, verdict = verify()
        self.assertEqual((status, verdict["proved"], verdict["value"]), (0, True, self.VALUE))
        self.assertEqual(verify(self.path("r2.tlog-proof"))[0], 2)
        with open(told, encoding="utf-8") as f:
            good = json.load(f)
        # By hand: lib/privacy/FORMAT.md.
        binding = b"".join(bytes([len(part.encode())]) + part.encode() for part in (
            "suyuan/personal/v1", good["origin"], "r1", "receive.supplier_contact"))
        commitment = hashlib.sha256(b"\3" + bytes.fromhex(good["salt"]) + binding +
                                    self.VALUE.encode()).digest()
        with open(proof + ".entry", "rb") as f:
            self.assertIn(commitment, f.read())
        for name, value in (("value", "李四"), ("origin", good["origin"] + "x"),
                            ("path", "receive.supplier"), ("salt", "00" * 32), ("salt", "zz"),
                            ("format", "other")):
            self.path("contact.json", json.dumps({**good, name: value}))
            status, verdict = verify()
            self.assertEqual((status, verdict["proved"]), (2, False), name)
            self.assertNotIn("value", verdict)
        for text in ("", "{", "[]", "{}", json.dumps({**good, "salt": 7})):
            self.path("contact.json", text)
            self.assertEqual(verify()[0], 2, text)
        self.fails(1, "personal", "disclose", "r1", "receive.supplier", "-o", told)

    def test_what_may_go_is_erased_and_the_rest_restricted(self):
        next_year = datetime.date.today().year + 1
        self.take(self.receipt("old", 2001), self.receipt("new", next_year),
                  self.receipt("other", 2001, person="person:7"))
        done = self.ok_json("erase", "person:1042", "--reason", "letter 2026-17")
        self.assertEqual([one["event_id"] for one in done["erased"]], ["old"])
        self.assertEqual([one["event_id"] for one in done["restricted"]], ["new"])
        self.assertTrue(done["restricted"][0]["until"].startswith(str(next_year + 1)))
        self.assertEqual(len(done["entries"]), 1)
        self.assertEqual([self.show(one)[0]["state"] for one in ("old", "new", "other")],
                         ["erased", "restricted", "held"])
        self.assertNotIn("value", self.show("new")[0])
        told = self.path("contact.json")
        self.fails(2, "personal", "disclose", "new", "receive.supplier_contact", "-o",
                   told)
        self.assertFalse(os.path.exists(told))
        self.ok("personal", "disclose", "new", "receive.supplier_contact", "-o", told,
                "--to-authority")
        self.assertEqual(self.ok_json("erase", "--due")["erased"], [])
        self.assertEqual(self.ok_json("check")["problems"], [])
        for asked in ((), ("--due", "person:7"),
                      ("person:7", "--basis", "because", "--reason", "x"),
                      ("person:7", "--basis", "other"),
                      ("person:7", "--event", "other", "--basis", "other",
                       "--reason", "x"),
                      ("person:8", "--basis", "other", "--reason", "x")):
            self.fails(1, "erase", *asked)
        self.ok("erase", "--event", "other", "--path", "receive.supplier_contact",
                "--basis", "other", "--reason", "keyed by mistake")
        self.assertEqual(self.show("other")[0]["state"], "erased")

    def test_no_message_shows_a_value(self):
        for value in ("张三" * 400, "", "张三\u0001"):
            _, out, err = self.run_suyuan(
                "import", "jsonl", "--ledger", "plant",
                self.path("in.jsonl", json.dumps(self.receipt("r1", 2001, value), ensure_ascii=False)))
            self.assertIn("form.personal", out + err)
            self.assertNotIn("张三", out + err)
        line = json.dumps(self.receipt("r1", 2001), ensure_ascii=False)
        for bad in (line[:-1], line.replace('"person"', '"whose"'),
                    line.replace('"%s"' % self.VALUE, '{"张三": 1}'), line.replace(":", "", 1)):
            _, out, err = self.run_suyuan("import", "jsonl", "--ledger", "plant",
                                          self.path("in.jsonl", bad))
            self.assertIn("form.json", out + err)
            self.assertNotIn("张三", out + err)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    SUYUAN = sys.argv.pop(1)
    SHARED = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""
    unittest.main()

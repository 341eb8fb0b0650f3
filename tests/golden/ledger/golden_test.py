"""The golden ledgers: what an earlier version wrote is opened, answered from and verified by
this one, and read by the few lines below, which know lib/ledger/FORMAT.md and nothing else.

Usage: golden_test.py SUYUAN
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SUYUAN = ""


def formats():
    return sorted(name for name in os.listdir(HERE) if name.startswith("format-"))


def fields(message):
    """Field number to the values in a protobuf message: numbers and bytes."""
    found = {}
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            value = varint()
        elif tag & 7 == 2:
            size = varint()
            value = message[at:at + size]
            at += size
        else:
            raise ValueError(f"wire type {tag & 7}")
        found.setdefault(tag >> 3, []).append(value)
    return found


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves):
    """RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1", root_of(leaves[:half]), root_of(leaves[half:]))


class GoldenTest(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="suyuan-golden-")
        self.addCleanup(shutil.rmtree, self.top)

    def run_suyuan(self, *arguments, status=0):
        done = subprocess.run([SUYUAN, *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def each(self):
        self.assertTrue(formats())
        for name in formats():
            with self.subTest(name):
                copy = os.path.join(self.top, name)
                shutil.copytree(os.path.join(HERE, name), copy)
                for folder, _, files in os.walk(os.path.join(copy, "data", "keys")):
                    for file in files:
                        os.chmod(os.path.join(folder, file), 0o600)
                yield copy

    def test_a_directory_of_an_earlier_version_is_opened_and_checked(self):
        for golden in self.each():
            data = os.path.join(golden, "data")
            self.run_suyuan("--data", data, "check")
            answer = json.loads(self.run_suyuan(
                "--data", data, "--json", "trace", "ext:golden:milk", "--direction", "forward"))
            with open(os.path.join(golden, "trace.json"), encoding="utf-8") as file:
                expected = json.load(file)
            self.assertEqual([unit["key"] for unit in answer["units"]],
                             [unit["key"] for unit in expected["units"]])
            self.assertEqual(answer["digest"], expected["digest"])
            # It goes on from there: the same events get their first receipts, another is appended.
            again = json.loads(self.run_suyuan("--data", data, "--json", "import", "jsonl",
                                               "--ledger", "plant-a",
                                               os.path.join(HERE, "events.jsonl")))
            self.assertEqual((again["accepted"], again["duplicates"]), (5, 5))
            more = os.path.join(golden, "more.jsonl")
            with open(more, "w", encoding="utf-8") as file:
                file.write('{"id":"g6","link_units":{"input":{"key":"ext:golden:can-1"},'
                           '"output":{"key":"ext:golden:bottle"},"at":"ext:golden:shop"}}')
            self.run_suyuan("--data", data, "import", "jsonl", "--ledger", "plant-a", more)
            answer = self.run_suyuan("--data", data, "trace", "ext:golden:milk",
                                     "--direction", "forward")
            self.assertIn("ext:golden:bottle", answer)
            self.run_suyuan("--data", data, "check")

    def test_what_it_published_and_proved_is_verified(self):
        for golden in self.each():
            policy = os.path.join(golden, "policy")
            self.run_suyuan("verify", "export", os.path.join(golden, "public"), "--policy", policy)
            proof = os.path.join(golden, "g2.tlog-proof")
            self.run_suyuan("verify", "receipt", proof, "--policy", policy)
            with open(proof + ".entry", "ab") as file:
                file.write(b"x")
            self.run_suyuan("verify", "receipt", proof, "--policy", policy, status=2)

    def test_the_records_are_as_the_format_says(self):
        for golden in self.each():
            public = os.path.join(golden, "public")
            with open(os.path.join(public, "checkpoint"), encoding="utf-8") as file:
                origin, size, root = file.read().split("\n")[:3]
            bundles = os.path.join(public, "tile", "entries", "000.p")
            with open(os.path.join(bundles, size), "rb") as file:
                bundle = file.read()
            leaves = []
            ids = []
            previous = sha256(origin.encode())
            while bundle:
                length = int.from_bytes(bundle[:2], "big")
                record, bundle = bundle[2:2 + length], bundle[2 + length:]
                told = fields(record)
                self.assertEqual(told[1], [1])                        # format
                self.assertEqual(told.get(2, [0]), [len(leaves)])     # sequence
                self.assertEqual(told[5], [previous])                 # the chain
                ids.append(told[4][0].decode())
                self.assertEqual(fields(told[6][0])[1], told[4])      # the event has its id
                previous = sha256(b"\0", record)
                leaves.append(previous)
            self.assertEqual(str(len(leaves)), size)
            self.assertEqual(root_of(leaves), base64.b64decode(root))
            self.assertEqual([i for i in ids if i.startswith("g")], ["g1", "g2", "g3", "g4", "g5"])


if __name__ == "__main__":
    SUYUAN = os.path.abspath(sys.argv.pop(1))
    unittest.main()

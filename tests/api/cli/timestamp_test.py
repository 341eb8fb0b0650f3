"""Time stamps (RFC 3161) of an authority of our own, through the built programs.

Usage: timestamp_test.py SUYUAN SUYUAND
"""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True  # leaves nothing in the source directory
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../support"))
import cli_test
import tsa

SUYUAND = ""


class TimeStampTest(cli_test.Case):
    def setUp(self):
        super().setUp()
        self.tsa = tsa.Tsa(self.path("tsa"))
        self.addCleanup(self.tsa.close)
        self.ok("ledger", "create", "plant-1", "--subject", "ext:test:p", "--name", "Plant")

    def size(self):
        return self.ok_json("ledger", "list")["ledgers"][0]["size"]

    def verify(self, *args):
        done = subprocess.run([cli_test.SUYUAN, "verify", "timestamp", *args, "--json"],
                              capture_output=True)
        return done.returncode, json.loads(done.stdout or b"{}")

    def test_a_stamp_is_recorded_and_verified_by_openssl_and_by_us(self):
        stamped = self.ok_json("timestamp", "plant-1", "--tsa", self.tsa.url + "/tsa")
        self.assertEqual((stamped["sequence"], stamped["size"]), (1, 1))
        self.assertEqual(self.tsa.questions, [("/tsa", "application/timestamp-query")])
        self.assertEqual(self.size(), 2)
        listed = self.ok_json("timestamp", "list", "plant-1")["timestamps"]
        self.assertEqual(len(listed), 1)
        self.assertEqual(listed[0]["authority"], self.tsa.url + "/tsa")
        self.assertEqual(listed[0]["signer"], "CN=Test TSA")
        self.assertIn("CN=Test TSA", self.ok("timestamp", "list", "plant-1"))

        told = self.ok_json("timestamp", "export", "plant-1", "1", "-o", self.path("stamps"))
        with open(told["data"]) as f:
            self.assertIn("\n1\n", f.read())
        command = told["command"].replace("CA.pem", self.tsa.ca).split()
        self.assertEqual(command[:3], ["openssl", "ts", "-verify"])
        done = subprocess.run(command, capture_output=True)
        self.assertIn(b"Verification: OK", done.stdout + done.stderr)

        status, verdict = self.verify(told["data"], told["token"], "--ca", self.tsa.ca)
        self.assertEqual((status, verdict["proved"], verdict["policy"]), (0, True, "1.2.3.4.1"))
        self.assertEqual(verdict["time"], stamped["time"])

        # Other bytes, another CA, no CA, no token.
        with open(told["data"], "rb") as f:
            other = self.path("other", f.read() + b"\n")
        self.assertEqual(self.verify(other, told["token"], "--ca", self.tsa.ca)[0], 2)
        self.tsa.make_certificates("ca2", "tsa2", "Other CA", "Other TSA")
        status, verdict = self.verify(told["data"], told["token"], "--ca",
                                      os.path.join(self.tsa.directory, "ca2.pem"))
        self.assertEqual((status, verdict["proved"]), (2, False))
        self.assertIn("CN=Test TSA", verdict["message"])
        self.assertEqual(self.verify(told["data"], told["token"], "--ca", other)[0], 2)
        self.assertEqual(self.verify(told["data"], other, "--ca", self.tsa.ca)[0], 2)
        with open(told["token"], "rb") as f:
            token = bytearray(f.read())
        for at in range(0, len(token), 37):
            token[at] ^= 0x20
            changed = self.path("changed", bytes(token))
            token[at] ^= 0x20
            status, verdict = self.verify(told["data"], changed, "--ca", self.tsa.ca)
            # What is not signed may differ: an address, a certificate that nobody needs.
            self.assertIn(status, (0, 2))
            if status == 0:
                self.assertEqual(verdict["time"], stamped["time"])

        # The check and a rebuild take the entry as any other.
        self.assertTrue(self.ok_json("check")["ok"])
        self.ok("rebuild")
    
    def test_what_does_not_answer_our_question_is_refused_and_not_stored(self):
        for path, reason in (("/rubbish", "no TimeStampResp"), ("/empty", "no TimeStampResp"),
                             ("/nonce", "nonce is not ours"), ("/imprint", "expected one of"),
                             ("/rejected", "refused with status 2"), ("/oversize", "body limit"),
                             ("/forged", "signature is not true"), ("/error", "status 500")):
            with self.subTest(path):
                status, out, err = self.run_suyuan("timestamp", "plant-1", "--tsa",
                                                   self.tsa.url + path)
                self.assertIn(status, (1, 2, 3))
                self.assertIn(reason, err)
        for url in ("http://127.0.0.1:1/", "https://127.0.0.1/", "nonsense"):
            status, out, err = self.run_suyuan("timestamp", "plant-1", "--tsa", url)
            self.assertIn(status, (1, 3))
        self.assertEqual(self.size(), 1)
        self.assertEqual(self.ok_json("timestamp", "list", "plant-1")["timestamps"], [])

    def test_wrong_usage(self):
        self.assertEqual(self.fails(1, "timestamp", "plant-1")["code"], "usage")
        self.assertEqual(self.fails(1, "timestamp", "plant-9", "--tsa", self.tsa.url + "/tsa")["code"], "not_found")
        self.assertEqual(self.fails(1, "timestamp", "export", "plant-1", "0", "-o", self.path("x"))["code"], "not_found")
        self.assertEqual(self.fails(1, "timestamp", "export", "plant-1", "99", "-o", self.path("x"))["code"], "not_found")

    def test_a_server_stamps_what_grew(self):
        server = subprocess.Popen(
            [SUYUAND, "--data", self.data, "--listen", "127.0.0.1:0", "--tsa",
             self.tsa.url + "/tsa", "--tsa-every", "1s"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            address = json.loads(server.stdout.readline())["listening"]

            def stamps(*args):
                done = subprocess.run(
                    [cli_test.SUYUAN, "--server", address, *args, "--json"], capture_output=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                return json.loads(done.stdout)

            def wait_for(count):
                for _ in range(300):
                    listed = stamps("timestamp", "list", "plant-1")["timestamps"]
                    if len(listed) >= count:
                        return listed
                    time.sleep(0.1)
                self.fail("no stamp came")

            wait_for(1)
            # The stamp itself is no growth: it is not stamped again and again.
            asked = len(self.tsa.questions)
            time.sleep(2.5)
            self.assertEqual(len(self.tsa.questions), asked)
            stamps("key", "rotate", "--ledger", "plant-1")
            self.assertEqual([s["size"] for s in wait_for(2)], [1, 3])
            # A client can ask for one, too.
            self.assertEqual(stamps("timestamp", "plant-1", "--tsa", self.tsa.url + "/tsa")["size"],
                             4)
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)
        self.assertEqual(server.returncode, 0)
        self.assertTrue(self.ok_json("check")["ok"])


if __name__ == "__main__":
    SUYUAND = sys.argv.pop(2)
    cli_test.SUYUAN = sys.argv.pop(1)
    unittest.main()

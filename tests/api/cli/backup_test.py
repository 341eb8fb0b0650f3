"""Backups and what was restored from them, through the built programs.

Usage: backup_test.py SUYUAN SUYUAND
"""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True  # leaves nothing in the source directory
import cli_test

SUYUAND = ""


def run(*args):
    done = subprocess.run([cli_test.SUYUAN, *args], capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class BackupTest(cli_test.Case):
    def setUp(self):
        super().setUp()
        self.ok("ledger", "create", "plant-1", "--subject", "ext:test:p", "--name", "Plant",
                "--profile", "investigation")
        self.backups = self.path("backups")
        self.restored = self.path("restored")

    def append(self, name, count, data=None):
        lines = "".join(json.dumps({"id": "%s-%d" % (name, i), "observe_unit": {
            "unit": {"key": "ext:test:%s%d" % (name, i)}, "recipient": "ext:test:h"}}) + "\n"
            for i in range(count))
        return self.ok_json("import", "jsonl", self.path(name + ".jsonl", lines), "--ledger",
                            "plant-1", data=data)

    def heads(self, data=None):
        return [(l["ledger"], l["size"], l["root"], l["sealed"])
                for l in self.ok_json("ledger", "list", data=data)["ledgers"]]

    def test_backup_list_check_restore(self):
        self.append("a", 20)
        made = self.ok_json("backup", self.backups)
        self.assertEqual(made["backup"], 1)
        self.assertEqual(made["ledgers"][0]["size"], 21)
        self.assertEqual(made["copied_files"], made["files"])
        self.append("b", 5)
        again = self.ok_json("backup", self.backups)
        self.assertEqual(again["backup"], 2)
        self.assertLess(again["copied_files"], again["files"])

        status, out, _ = run("backup", "list", self.backups, "--json")
        self.assertEqual(status, 0)
        listed = json.loads(out)["backups"]
        self.assertEqual([(b["backup"], b["ledgers"][0]["size"], b["with_keys"]) for b in listed],
                         [(1, 21, False), (2, 26, False)])
        self.assertIn("plant-1", run("backup", "list", self.backups)[1])
        self.assertEqual(run("check", "--backup", self.backups)[0], 0)
        self.assertEqual(run("check", "--backup", self.backups, "--id", "1")[0], 0)

        told = self.ok_json("restore", self.backups, data=self.restored)
        self.assertEqual(told["backup"]["backup"], 2)
        (name, size, root, sealed), = self.heads()
        self.assertEqual(self.heads(self.restored), [(name, size, root, True)])
        self.assertFalse(os.path.exists(os.path.join(self.restored, "keys", "plant-1.key")))
        self.assertTrue(self.ok_json("check", data=self.restored)["ok"])
        self.ok("trace", "ext:test:b3", data=self.restored)
        self.assertIn("sealed", self.ok("ledger", "list", data=self.restored))
        self.ok_json("restore", self.backups, "--id", "1", data=self.path("older"))
        self.assertEqual(self.heads(self.path("older"))[0][1], 21)

        self.assertEqual(run("backup", "forget", self.backups, "--keep", "0")[0], 1)
        status, out, _ = run("backup", "forget", self.backups, "--keep", "1", "--json")
        self.assertEqual(status, 0)
        self.assertGreater(json.loads(out)["removed_files"], 0)
        self.assertEqual(run("check", "--backup", self.backups)[0], 0)
        self.fails(1, "restore", self.backups, "--id", "1", data=self.path("gone"))

    def test_wrong_requests(self):
        self.assertEqual(run("--data", self.data, "backup")[0], 1)
        self.assertEqual(run("backup", self.backups)[0], 1)  # of what?
        self.assertEqual(run("backup", "list", self.path("nowhere"))[0], 1)
        self.assertEqual(run("check", "--backup", self.path("nowhere"))[0], 1)
        self.ok("backup", self.backups)
        self.assertEqual(run("restore", self.backups)[0], 1)  # to where?
        self.assertEqual(self.fails(2, "restore", self.backups)["code"], "failed_precondition")
        self.fails(1, "restore", self.backups, "--id", "7", data=self.restored)
        self.assertFalse(os.path.exists(self.restored))
        self.fails(1, "resume", "plant-1")
        self.fails(1, "resume", "plant-1", "--latest", self.path("nowhere"))
        # What is not sealed needs no resuming.
        self.ok("checkpoint", "--out", self.path("c"))
        self.fails(2, "resume", "plant-1", "--latest", self.path("c"))

    def test_a_changed_backup_is_found(self):
        self.append("a", 20)
        self.ok("backup", self.backups)
        tables = [os.path.join(d, f) for d, _, files in os.walk(self.backups) for f in files
                  if len(f) == 64]
        largest = max(tables, key=os.path.getsize)
        with open(largest, "r+b") as f:
            f.seek(100)
            byte = f.read(1)[0]
            f.seek(100)
            f.write(bytes([byte ^ 1]))
        status, out, _ = run("check", "--backup", self.backups, "--json")
        self.assertEqual(status, 2)
        problem, = json.loads(out)["problems"]
        self.assertIn(os.path.basename(largest), problem["expected"])
        self.assertEqual(self.fails(2, "restore", self.backups, data=self.restored)["code"],
                         "data_loss")
        self.assertFalse(os.path.exists(self.restored))

    def test_what_was_restored_goes_on_only_from_its_newest_checkpoint(self):
        self.append("a", 20)
        self.ok("backup", self.backups, "--with-keys")
        at_backup = self.path("at-backup.checkpoint")
        self.ok("checkpoint", "--out", at_backup)
        self.append("b", 300)
        newest = self.path("newest.checkpoint")
        self.ok("checkpoint", "--out", newest)
        self.ok("export", "tiles", "--out", self.path("public"))

        self.ok("restore", self.backups, data=self.restored)
        key = os.path.join(self.restored, "keys", "plant-1.key")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        lines = self.path("c.jsonl", json.dumps({"id": "c", "observe_unit": {
            "unit": {"key": "ext:test:c"}, "recipient": "ext:test:h"}}))
        status, out, _ = self.run_suyuan("import", "jsonl", lines, "--ledger", "plant-1",
                                         data=self.restored)
        self.assertEqual(status, 2)
        self.assertIn("suyuan resume plant-1", out)
        error = self.fails(2, "resume", "plant-1", "--latest", newest, data=self.restored)
        self.assertIn("entries 21 to 320 are missing", error["message_en"])
        status, _, _ = self.run_suyuan("import", "jsonl", lines, "--ledger", "plant-1",
                                       data=self.restored)
        self.assertEqual(status, 2)

        told = self.ok_json("resume", "plant-1", "--catch-up", self.path("public"),
                            data=self.restored)
        self.assertEqual((told["size"], told["added"]), (321, 300))
        self.assertEqual(self.heads(self.restored), self.heads())
        self.ok("import", "jsonl", lines, "--ledger", "plant-1", data=self.restored)
        self.assertTrue(self.ok_json("check", data=self.restored)["ok"])
        self.ok("checkpoint", data=self.restored)

        # An operator who knows that nothing came after it says so at once.
        told = self.ok_json("restore", self.backups, "--latest", at_backup,
                            data=self.path("second"))
        self.assertEqual([(r["ledger"], r["size"]) for r in told["resumed"]], [("plant-1", 21)])
        self.assertFalse(self.heads(self.path("second"))[0][3])

    def test_killed_backups_spoil_nothing(self):
        for i in range(10):
            self.append("k%d" % i, 40)
            killed = subprocess.Popen([cli_test.SUYUAN, "--data", self.data, "backup",
                                       self.backups], stdout=subprocess.DEVNULL)
            time.sleep(0.012 * i)
            killed.kill()
            killed.wait()
        self.assertEqual(self.ok_json("backup", self.backups)["ledgers"][0]["size"], 401)
        listed = json.loads(run("backup", "list", self.backups, "--json")[1])["backups"]
        for backup in listed:
            self.assertEqual(run("check", "--backup", self.backups, "--id",
                                 str(backup["backup"]))[0], 0)

    def test_a_full_disk_leaves_the_backups_before_usable(self):
        os.mkdir(self.backups)
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", self.backups],
                          capture_output=True).returncode != 0:
            self.skipTest("no small disk can be made here")
        big = self.path("big.jsonl", "".join(json.dumps({"id": "big%d" % i, "observe_unit": {
            "unit": {"key": "ext:test:big%d" % i}, "recipient": "ext:test:h",
            "product_name": os.urandom(100).hex()}}) + "\n" for i in range(3000)))
        self.append("a", 20)
        script = """
            mount -t tmpfs -o size=300k none "$3" || exit 9
            "$1" --data "$2" backup "$3" > /dev/null || exit 10
            "$1" --data "$2" import jsonl "$4" --ledger plant-1 > /dev/null || exit 11
            "$1" --data "$2" backup "$3" --json && exit 12
            "$1" check --backup "$3" > /dev/null || exit 13
            "$1" --data "$5" restore "$3" --json
        """
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", cli_test.SUYUAN,
                               self.data, self.backups, big, self.restored],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stderr)["error"]["code"], "resource_exhausted")
        self.assertEqual(self.heads(self.restored)[0][1], 21)

    def test_a_server_backs_up_below_the_directory_it_was_given(self):
        self.append("a", 20)

        def serve(*args):
            server = subprocess.Popen(
                [SUYUAND, "--data", self.data, "--listen", "127.0.0.1:0", *args],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            return server, json.loads(server.stdout.readline())["listening"]

        server, address = serve()
        try:
            status, _, err = run("--server", address, "backup", "daily")
            self.assertEqual(status, 3)
            self.assertIn("suyuand --backups DIR", err)
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)
        server, address = serve("--backups", self.backups)
        try:
            for wrong in ("../out", "a/b", "/tmp/x", ".", ".hidden", "x y"):
                self.assertEqual(run("--server", address, "backup", wrong)[0], 1, wrong)
            status, out, err = run("--server", address, "backup", "daily", "--json")
            self.assertEqual(status, 0, err)
            self.assertEqual(json.loads(out)["ledgers"][0]["size"], 21)
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=30)
        self.assertEqual(os.listdir(self.backups), ["daily"])
        self.ok("restore", os.path.join(self.backups, "daily"), data=self.restored)
        self.assertEqual(self.heads(self.restored)[0][1], 21)


if __name__ == "__main__":
    SUYUAND = sys.argv.pop(2)
    cli_test.SUYUAN = sys.argv.pop(1)
    unittest.main()

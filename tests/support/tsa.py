"""A time stamp authority (RFC 3161) for tests: `openssl ts -reply` behind a small server.

What it answers depends on the path: /tsa as it should; /rubbish, /nonce (of another question),
/imprint (of other bytes), /rejected, /oversize, /forged (a changed token), /error (of HTTP), /empty.
"""

import http.server
import os
import subprocess
import threading

CONFIG = """
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = tsa_config
[tsa_config]
dir = .
serial = tsa_serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[tsa_cert]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


class Tsa:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        self.questions = []
        with open(os.path.join(directory, "tsa.cnf"), "w") as f:
            f.write(CONFIG)
        with open(os.path.join(directory, "tsa_serial"), "w") as f:
            f.write("1000\n")
        self.make_certificates("ca", "tsa", "Test CA", "Test TSA")
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                with outer.lock:
                    outer.questions.append((self.path, self.headers["Content-Type"]))
                    status, body = outer.answer(self.path, query)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.ca = os.path.join(directory, "ca.pem")

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def openssl(self, *args, data=None):
        done = subprocess.run(["openssl", *args], cwd=self.directory, input=data,
                              capture_output=True)
        if done.returncode != 0:
            raise RuntimeError((args, done.stderr.decode()))
        return done.stdout

    def make_certificates(self, ca, leaf, ca_name, leaf_name):
        for name in (ca, leaf):
            self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out",
                         name + ".key")
        self.openssl("req", "-x509", "-new", "-key", ca + ".key", "-subj", "/CN=" + ca_name,
                     "-days", "30", "-config", "tsa.cnf", "-extensions", "ca", "-out", ca + ".pem")
        self.openssl("req", "-new", "-key", leaf + ".key", "-subj", "/CN=" + leaf_name, "-config",
                     "tsa.cnf", "-out", leaf + ".csr")
        self.openssl("x509", "-req", "-in", leaf + ".csr", "-CA", ca + ".pem", "-CAkey",
                     ca + ".key", "-CAcreateserial", "-days", "30", "-extfile", "tsa.cnf",
                     "-extensions", "tsa_cert", "-out", leaf + ".pem")

    def reply(self, query):
        with open(os.path.join(self.directory, "query"), "wb") as f:
            f.write(query)
        return self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query")

    def answer(self, path, query):
        if path == "/error":
            return 500, b"out of order"
        if path == "/empty":
            return 200, b""
        if path == "/rubbish":
            return 200, b"<html>no stamps today</html>"
        if path == "/oversize":
            return 200, self.reply(query) + b"\0" * (64 << 10)
        if path == "/nonce":
            # SHA-256 of what was asked: the 32 bytes behind the tag of an OCTET STRING.
            at = query.index(b"\x04\x20") + 2
            return 200, self.reply(self.openssl(
                "ts", "-query", "-digest", query[at:at + 32].hex(), "-sha256", "-cert"))
        if path == "/imprint":
            at = query.index(b"\x04\x20") + 2
            return 200, self.reply(query[:at] + bytes(32) + query[at + 32:])
        if path == "/rejected":
            return 200, self.reply(self.openssl("ts", "-query", "-digest", "00" * 20, "-sha1"))
        whole = self.reply(query)
        if path == "/forged":
            # The name of the month of the time that is told: 20261122... becomes 20251122...
            at = whole.index(b"\x18\x0f20") + 5
            return 200, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]
        return 200, whole

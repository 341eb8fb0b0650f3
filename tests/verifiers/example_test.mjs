// What examples/verify accepts and what it refuses: notes, witnesses and policies made here.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign, webcrypto } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import "../../examples/verify/verify.js";

globalThis.crypto ??= webcrypto;
const { judge, decodeRecord } = globalThis.suyuanVerify;
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const bytesOf = (text) => new Uint8Array(Buffer.from(text));

const ED25519 = 1;
const COSIGNATURE = 4;

class Key {
  constructor(name, type = ED25519, pair = generateKeyPairSync("ed25519")) {
    Object.assign(this, { name, type, pair });
    const raw = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
    this.typed = Buffer.concat([Buffer.of(type), raw]);
    this.id = sha256(Buffer.from(`${name}\n`), this.typed).subarray(0, 4);
    this.vkey = `${name}+${this.id.toString("hex")}+${base64(this.typed)}`;
  }
  sign(text, time = 1700000000n) {
    const eight = Buffer.alloc(8);
    eight.writeBigUInt64BE(time);
    const signature = this.type === ED25519
      ? sign(null, Buffer.from(text), this.pair.privateKey)
      : Buffer.concat([eight, sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), this.pair.privateKey)]);
    return `— ${this.name} ${base64(Buffer.concat([this.id, signature]))}\n`;
  }
}

const leaf = (record) => sha256(Buffer.of(0), Buffer.from(record));
const node = (left, right) => sha256(Buffer.of(1), left, right);
const path = [leaf("first"), leaf("third")];
const root = node(node(path[0], leaf("second")), path[1]);
const plant = new Key("example.com/plant");
const head = `example.com/plant\n3\n${base64(root)}\n`;
const start = `c2sp.org/tlog-proof@v1\nindex 1\n${path.map((hash) => `${base64(hash)}\n`).join("")}`;
const proof = `${start}\n${head}\n${plant.sign(head)}`;
const policy = `log ${plant.vkey}\nquorum none\n`;

let checks = 0;
async function proves(proofText, policyText = policy, entry = "second") {
  ++checks;
  const judged = await judge(bytesOf(proofText), bytesOf(entry), bytesOf(policyText));
  assert.ok(judged.proved, judged.verdict);
  return judged;
}
async function refuses(why, proofText, policyText = policy, entry = "second") {
  ++checks;
  const { proved, verdict } = await judge(bytesOf(proofText), bytesOf(entry), bytesOf(policyText));
  assert.ok(!proved, `accepted, expected: ${why}`);
  assert.match(verdict, why);
}
const swapped = (from, to) => {
  assert.ok(proof.includes(from), from);
  return proof.replace(from, to);
};

// The example of lib/merkle/FORMAT.md
await proves(
  `c2sp.org/tlog-proof@v1
index 1
oa8DAjHKL9IOzzDFKUuvj2kyHQm7FqxTiFzNF6OFKA0=
ZW0+j1RCOM324y1kD1G6CRSVmxTt16UtC4uZq0yKxsY=

example.com/plant
3
w2UeVBcUxT1kjsx7rsp/4sNu9PplvM4ksdcShkN95WY=

— example.com/plant puWxOnbjwc5WGvYSPB9oL/Gr0NWQcJUkrTiiUlkPFNKgObNJ94MgI8Aiol1Wg2VW2KH0/ajOoV6QwdVTAqk19aWXJg0=
`,
  "log example.com/plant+a6e5b13a+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop\nquorum none\n");

// The proof
await proves(proof);
await proves(swapped("index 1", "extra YQ==\nindex 1"));
await refuses(/extra/, swapped("index 1", "extra YR==\nindex 1"));
await refuses(/no index/, swapped("index 1", "index 01"));
await refuses(/no index/, swapped("index 1", "index +1"));
await refuses(/no index/, swapped("index 1", "index 1 "));
await refuses(/no index/, swapped("index 1\n", ""));
await refuses(/leaf 3 of a tree of 3/, swapped("index 1", "index 3"));
await refuses(/leads to root/, swapped("index 1", "index 0"));
await refuses(/too many/, swapped("index 1", "index 2"));
await refuses(/leads to root/, proof, policy, "2nd");
await refuses(/too few/, swapped(`${base64(path[1])}\n`, ""));
await refuses(/too many/, swapped(`${base64(path[1])}\n`, `${base64(path[1])}\n`.repeat(2)));
await refuses(/tlog-proof@v1/, swapped("@v1", "@v2"));
await refuses(/line is no hash/, swapped(base64(path[0]), base64(path[0]).replace("=", "")));
await refuses(/line is no hash/, swapped(base64(path[0]), ` ${base64(path[0])}`));
await refuses(/line is no hash/, swapped(base64(path[0]), base64(path[0].subarray(1))));
await refuses(/line is no hash|no index|no signature|tlog-proof/, proof.replaceAll("\n", "\r\n").replace("\r\n\r\n", "\n\n"));
await refuses(/not UTF-8/, Buffer.from(proof.replace("— ", "\u00ff "), "latin1"));
await refuses(/no checkpoint/, start);
await refuses(/tlog-proof@v1/, `\ufeff${proof}`);

// The checkpoint
const signed = (text, ...keys) => `${start}\n${text}\n${keys.map((key) => key.sign(text)).join("")}`;
await proves(signed(`${head}an extension\n`, plant));
await refuses(/checkpoint: not/, signed(head.replace("\n3\n", "\n03\n"), plant));
await refuses(/checkpoint: not/, signed(head.replace("\n3\n", "\n4611686018427387905\n"), plant));
await refuses(/checkpoint: not/, signed(head.replace("=", ""), plant));
await refuses(/checkpoint: not/, signed("example.com/plant\n3\n", plant));
await refuses(/checkpoint: not/, signed(`${head}\n\nmore\n`, plant));
await refuses(/leads to root/, signed(head.replace(base64(root), base64(leaf("x"))), plant));
await refuses(/too few|leads to root/, signed(head.replace("\n3\n", "\n5\n"), plant));
await refuses(/as example.com\/other/, signed(head.replace("plant", "other"), plant));
await refuses(/control characters/, signed(`${head}a\ttab\n`, plant));

// Its signatures
const stranger = new Key("example.com/plant");
const namesake = new Key("example.com/field", ED25519, plant.pair);
await proves(signed(head, stranger, plant, stranger));
await proves(signed(head, plant, plant));
await refuses(/no trusted log/, signed(head, stranger));
await refuses(/no trusted log/, signed(head, namesake));
await refuses(/no trusted log/, signed(head, namesake), `log ${namesake.vkey}\nquorum none\n`);
const forged = new Key("example.com/plant");
forged.id = plant.id;
await refuses(/false signature/, signed(head, forged));
await refuses(/false signature/, signed(head, forged, plant));
await refuses(/no signature/, `${start}\n${head}`);
await refuses(/line is no signature/, proof.replace("— ", "- "));
await refuses(/line is no signature/, proof.replace("— ", "—  "));
await refuses(/line is no signature/, `${proof}\n`);
await refuses(/no signature/, proof.slice(0, -1));
await refuses(/line is no signature/, `${proof.slice(0, -1)} \n`);
await refuses(/false signature/, proof.replace(/(— \S+ )(\S+)/, (_, begin, blob) =>
  begin + base64(Buffer.from(blob, "base64").subarray(0, 67))));

// Witnesses: two of the x and the y
const [x1, x2, x3, y1] = ["x1", "x2", "x3", "y1"].map((name) => new Key(name, COSIGNATURE));
const quorum = `# whom we trust\n\nlog ${plant.vkey} https://plant.example/\nwitness X1 ${x1.vkey}
\twitness  X2\t${x2.vkey} \nwitness X3 ${x3.vkey} https://x3.example/\nwitness Y1 ${y1.vkey}
group X 2 X1 X2 X3\ngroup all-of-them all X Y1\nquorum all-of-them`;
for (const witnesses of [[x1, x2, y1], [y1, x3, x1], [x1, x2, x3, y1]]) {
  const { rows } = await proves(signed(head, plant, ...witnesses), quorum);
  const cosigned = rows.filter(([name]) => name.includes("cosigned"));
  assert.equal(cosigned.length, witnesses.length);
  assert.match(cosigned[0][1], /2023-11-15T06:13:20.000\+08:00/);
}
for (const witnesses of [[x1, x2, x3], [x1, y1], [x1, x1, y1], []]) {
  await refuses(/no quorum/, signed(head, plant, ...witnesses), quorum);
}
await refuses(/no trusted log/, signed(head, x1, x2, x3, y1), quorum);
const liar = new Key("x1", COSIGNATURE);
liar.id = x1.id;
await refuses(/false signature of x1/, signed(head, plant, liar, x2, y1), quorum);
const late = x1.sign(head).split(" ");
const blob = Buffer.from(late[2], "base64");
blob[11] ^= 1; // its time
await refuses(/false signature of x1/, `${proof}— x1 ${base64(blob)}\n`, quorum);
await proves(signed(head, plant, x1), `log ${plant.vkey}\nwitness W ${x1.vkey}\nquorum W\n`);
await proves(signed(head, plant, x1), `log ${plant.vkey}\nwitness W ${x1.vkey}\ngroup G any W\nquorum G\n`);

// Policies
const two = `witness A ${x1.vkey}\nwitness B ${x2.vkey}\n`;
await refuses(/no line with the quorum/, proof, `log ${plant.vkey}\n`);
await refuses(/no trusted log/, proof, "quorum none");
await refuses(/line 3: .*one quorum/, proof, `${policy}quorum none\n`);
await refuses(/line 1: .*nobody is named X/, proof, "quorum X");
await refuses(/line 1: .*name\+id\+key/, proof, "log x\nquorum none");
await refuses(/line 2: .*given twice/, proof, `log ${plant.vkey}\nlog ${plant.vkey}\nquorum none`);
await refuses(/line 1: .*expected log/, proof, `log ${plant.vkey} url more\nquorum none`);
await refuses(/line 1: .*type 4, expected 1/, proof, `log ${x1.vkey}\nquorum none`);
await refuses(/line 1: .*type 1, expected 4/, proof, `witness W ${plant.vkey}\nquorum W`);
await refuses(/line 1: .*key id/, proof, policy.replace(plant.id.toString("hex"), "00000000"));
await refuses(/line 1: .*name\+id\+key/, proof, policy.replace(plant.vkey, plant.vkey.slice(0, -1)));
await refuses(/none is taken/, proof, `witness none ${x1.vkey}\nquorum none`);
await refuses(/A is taken/, proof, `${two}witness A ${x3.vkey}\nquorum none`);
await refuses(/given twice/, proof, `${two}witness C ${x1.vkey}\nquorum none`);
await refuses(/0 of 2/, proof, `${two}group G 0 A B\nquorum G`);
await refuses(/3 of 2/, proof, `${two}group G 3 A B\nquorum G`);
await refuses(/x of 2/, proof, `${two}group G x A B\nquorum G`);
await refuses(/A is a member already/, proof, `${two}group G any A A\nquorum G`);
await refuses(/A is a member already/, proof, `${two}group G any A\ngroup H any A\nquorum H`);
await refuses(/nobody is named C/, proof, `${two}group G any A C\nquorum G`);
await refuses(/nobody is named none/, proof, `${two}group G any none\nquorum G`);
await refuses(/control characters/, proof, policy.replaceAll("\n", "\r\n"));

// The entry: record 1 of lib/ledger/FORMAT.md
const record = Buffer.from(
  "0801100118e0c6dcb184e991032202653" + "12a20f250eaee66ab0910bb44b98a90853764a63b5e901912a137e5823fabc5e179c2" +
  "322c0a026531d205250a0c0a0a6578743a746573743a312215e5a9b4e5b9bce584bfe9858de696b9e4b9b3e7b289", "hex");
assert.equal(record.length, 97);
assert.deepEqual(decodeRecord(record), { sequence: 1n, millis: 1767225601500n, eventId: "e1" });
for (let length = 0; length < record.length; ++length) {
  assert.equal(decodeRecord(record.subarray(0, length)), null);
}
assert.equal(decodeRecord(Buffer.concat([record, Buffer.of(0)])), null);

// The command
const work = mkdtempSync(join(tmpdir(), "verify-"));
try {
  const file = (name, text) => (writeFileSync(join(work, name), text), join(work, name));
  file("a.tlog-proof.entry", "second");
  const args = ["receipt", file("a.tlog-proof", proof), "--policy", file("policy", policy)];
  const verifier = fileURLToPath(new URL("../../examples/verify/verify.mjs", import.meta.url));
  const run = (...words) => {
    try {
      return [0, execFileSync(process.execPath, [verifier, ...words], { encoding: "utf8", stdio: "pipe" })];
    } catch ({ status, stdout, stderr }) {
      return [status, stdout + stderr];
    }
  };
  const expect = (status, words, ...rest) => {
    const [found, output] = run(...rest);
    assert.equal(found, status, output);
    assert.match(output, words);
  };
  expect(0, /^已证实 proved\n[^]*example\.com\/plant\+/, ...args);
  expect(2, /^未证实 NOT proved: .*leads to root/, ...args, "--entry", file("other", "2nd"));
  expect(1, /usage/, "receipt", args[1]);
  expect(1, /usage/, "receipts", ...args.slice(1));
  expect(1, /no such file/, ...args, "--entry", join(work, "none"));
  expect(1, /--all/, ...args, "--all");
} finally {
  rmSync(work, { recursive: true });
}
console.log(`examples/verify: ${checks} receipts judged as they should be`);

// Lets verifiers in JavaScript judge what make_proofs wrote (verify.go says what a line means),
// and demands that they refuse the same with something changed.
//   make_proofs | node judge.mjs example          SUYUAN_ALL_PROOFS=1: minutes instead of seconds
//   make_proofs | node judge.mjs packages DIR     DIR/node_modules: the packages of npm/package.json
//   make_proofs --sm3 | node judge.mjs sm3 DIR    the same

import { createHash, createPublicKey, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import "../../examples/verify/verify.js";

globalThis.crypto ??= webcrypto;
Error.stackTraceLimit = 0; // @transmute/rfc9162 throws and catches one for each hash

// ---- the judges: each function throws, or returns false, to refuse

const utf8 = (text) => new TextEncoder().encode(text);
// Name, id and key of a vkey; base64 has plus signs of its own.
const partsOf = (vkey) => /^([^+]*)\+([^+]*)\+(.*)$/.exec(vkey).slice(1);

function exampleJudge() {
  const { leafHash, verifyInclusion, verifyReceipt } = globalThis.suyuanVerify;
  return {
    name: "examples/verify",
    proofsOfATree: 10, // WebCrypto needs some 50 microseconds a hash
    inclusion: async ({ record, index, size, path, root }) =>
      verifyInclusion(await leafHash(record), BigInt(index), BigInt(size), path, root),
    receipt: ({ vkey, note, record, index, path }) => {
      const hashes = path.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
      const proof = utf8(`c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes}\n${note}`);
      return verifyReceipt(proof, record, utf8(`log ${vkey}\nquorum none\n`));
    },
  };
}

function packageJudges(directory) {
  const modules = `${directory}/node_modules`;
  const require = createRequire(import.meta.url);
  const nameOf = (name) => `${name} ${require(`${modules}/${name}/package.json`).version}`;

  const tlog = `${modules}/@sigstore/verify/dist/tlog`;
  const { verifyCheckpoint } = require(`${tlog}/checkpoint.js`);
  const { verifyMerkleInclusion } = require(`${tlog}/merkle.js`);
  const inclusion = ({ record, index, path, size, root }) =>
    verifyMerkleInclusion(
      { canonicalizedBody: record, inclusionProof: { logIndex: index, hashes: path } },
      { logSize: size, logHash: root });
  const sigstore = {
    name: nameOf("@sigstore/verify"),
    inclusion,
    receipt: ({ vkey, note, record, index, path }) => {
      const [name, id, key] = partsOf(vkey);
      const raw = Buffer.from(key, "base64").subarray(1);
      const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
      const log = {
        baseURL: name,
        logID: Buffer.from(id, "hex"),
        publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
      };
      const entry = { inclusionProof: { checkpoint: { envelope: note } } };
      const head = verifyCheckpoint(entry, [log]);
      if (head.origin !== name) return false;
      return inclusion({ record, index, path, size: head.logSize, root: head.logHash });
    },
  };

  const { RFC9162 } = require(`${modules}/@transmute/rfc9162`);
  const isPowerOfTwo = (size) => Number.isInteger(Math.log2(size));
  const transmute = {
    name: nameOf("@transmute/rfc9162"),
    proofsOfATree: 20,
    indexMayBeSize: true, // it compares with > where RFC 9162 says >=
    inclusion: async ({ record, index, size, path, root }) =>
      RFC9162.verifyInclusionProof(root, await RFC9162.leaf(record), {
        log_id: "", tree_size: size, leaf_index: index, inclusion_path: path }),
    // It leaves step 2 of RFC 9162, 2.1.4.2, to the caller.
    consistency: ({ oldSize, oldRoot, size, root, path }) =>
      RFC9162.verifyConsistencyProof(oldRoot, root, {
        log_id: "", tree_size_1: oldSize, tree_size_2: size,
        consistency_path: isPowerOfTwo(oldSize) ? [oldRoot, ...path] : path }),
  };
  return [sigstore, transmute];
}

// SM3 and SM2 of sm-crypto, put together here as RFC 9162, 2.1.3.2 and 2.1.4.2, have it.
function sm3Judge(directory) {
  const modules = `${directory}/node_modules`;
  const require = createRequire(import.meta.url);
  const { sm2, sm3 } = require(`${modules}/sm-crypto`);
  const hash = (...parts) => Buffer.from(sm3(Buffer.concat(parts)), "hex");
  const node = (left, right) => hash(Buffer.of(1), left, right);
  const inclusion = ({ record, index, size, path, root }) => {
    if (index >= size) return false;
    let [fn, sn, r] = [index, size - 1, hash(Buffer.of(0), record)];
    for (const p of path) {
      if (sn === 0) return false;
      if (fn % 2 === 1 || fn === sn) {
        r = node(p, r);
        while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
      } else {
        r = node(r, p);
      }
      [fn, sn] = [fn >> 1, sn >> 1];
    }
    return sn === 0 && r.equals(root);
  };
  return {
    name: `sm-crypto ${require(`${modules}/sm-crypto/package.json`).version}`,
    inclusion,
    consistency: ({ oldSize, oldRoot, size, root, path: told }) => {
      if (oldSize === size) return told.length === 0 && oldRoot.equals(root);
      const path = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...told] : told;
      if (path.length === 0) return false;
      let [fn, sn] = [oldSize - 1, size - 1];
      while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
      let [fr, sr] = [path[0], path[0]];
      for (const c of path.slice(1)) {
        if (sn === 0) return false;
        if (fn % 2 === 1 || fn === sn) {
          [fr, sr] = [node(c, fr), node(c, sr)];
          while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
        } else {
          sr = node(sr, c);
        }
        [fn, sn] = [fn >> 1, sn >> 1];
      }
      return fr.equals(oldRoot) && sr.equals(root) && sn === 0;
    },
    receipt: ({ vkey, note, record, index, path }) => {
      const [name, id, key] = partsOf(vkey);
      const typed = Buffer.from(key, "base64");
      const type = Buffer.concat([Buffer.of(0xff), Buffer.from("sm2-sm3/v1")]);
      if (!typed.subarray(0, type.length).equals(type)) return false;
      const blank = note.indexOf("\n\n");
      const text = note.slice(0, blank + 1);
      const [dash, signer, blob] = note.slice(blank + 2).trimEnd().split(" ");
      const bytes = Buffer.from(blob, "base64");
      const [origin, size, root] = text.split("\n");
      return dash === "—" && signer === name && origin === name &&
        bytes.subarray(0, 4).toString("hex") === id &&
        sm2.doVerifySignature(text, bytes.subarray(4).toString("hex"),
          typed.subarray(type.length).toString("hex"),
          { hash: true, userId: "1234567812345678" }) &&
        inclusion({ record, index, path, size: Number(size), root: Buffer.from(root, "base64") });
    },
  };
}

// ---- what is changed: each gives nothing where there is nothing to change

let state = 0;
function random(below) { // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

function flipped(bytes) {
  const copy = Buffer.from(bytes);
  copy[random(copy.length)] ^= 1 << random(8);
  return copy;
}

function flippedOne(path) {
  const at = random(path.length);
  return path.map((hash, i) => (i === at ? flipped(hash) : hash));
}

const pathChanges = {
  "a flipped hash": ({ path }) => path.length > 0 && { path: flippedOne(path) },
  "a shorter path": ({ path }) => path.length > 0 && { path: path.slice(0, -1) },
  "a longer path": ({ path }) => ({ path: [...path, flipped(Buffer.alloc(32))] }),
};
const inclusionChanges = {
  ...pathChanges,
  "another index": ({ index, size }) => size > 1 && { index: (index + 1 + random(size - 1)) % size },
  "an index at the end": ({ size }, judge) => !judge.indexMayBeSize && { index: size },
  "another leaf": ({ record }) => ({ record: flipped(record) }),
  "another root": ({ root }) => ({ root: flipped(root) }),
};
const consistencyChanges = {
  ...pathChanges,
  "another old root": ({ oldRoot }) => ({ oldRoot: flipped(oldRoot) }),
  "another root": ({ root }) => ({ root: flipped(root) }),
};
const changedLine = (note, at, change) => {
  const lines = note.split("\n");
  lines[at] = change(lines[at]);
  return { note: lines.join("\n") };
};
const receiptChanges = {
  ...pathChanges,
  "another index": inclusionChanges["another index"],
  "an index at the end": inclusionChanges["an index at the end"],
  "another leaf": inclusionChanges["another leaf"],
  "another origin": ({ note }) => changedLine(note, 0, (origin) => `${origin}-2`),
  "another size": ({ note }) => changedLine(note, 1, (size) => `${Number(size) + 1}`),
  "a root that is not signed": ({ note }) =>
    changedLine(note, 2, (root) => flipped(Buffer.from(root, "base64")).toString("base64")),
  "a false signature": ({ note }) =>
    changedLine(note, 4, (line) => {
      const [dash, name, blob] = line.split(" ");
      const bytes = Buffer.from(blob, "base64");
      const signature = flipped(bytes.subarray(4));
      return `${dash} ${name} ${Buffer.concat([bytes.subarray(0, 4), signature]).toString("base64")}`;
    }),
  "a signer of another name": ({ note }) =>
    changedLine(note, 4, (line) => line.replace("example.com/plant", "example.com/field")),
  "a log that is not trusted": ({ vkey }) => {
    const [name, , key] = partsOf(vkey);
    const other = flipped(Buffer.from(key, "base64").subarray(1));
    const typed = Buffer.concat([Buffer.from(key, "base64").subarray(0, 1), other]);
    const id = createHash("sha256").update(`${name}\n`).update(typed).digest("hex").slice(0, 8);
    return { vkey: [name, id, typed.toString("base64")].join("+") };
  },
};

// ---- judging

async function accepts(judge, kind, proof) {
  try {
    return (await judge[kind](proof)) !== false;
  } catch {
    return false;
  }
}

class Tally {
  constructor(judge) {
    Object.assign(this, { judge, held: { receipt: 0, inclusion: 0, consistency: 0 }, refused: {} });
  }

  // One of the changes in turn, or all of them.
  async judgeProof(kind, proof, changes, all = true) {
    if (!this.judge[kind]) return;
    const what = `${this.judge.name}: ${kind} ${proof.index ?? proof.oldSize} of ${proof.size}`;
    if (!(await accepts(this.judge, kind, proof))) throw new Error(`${what}: refused`);
    const names = Object.keys(changes);
    const turn = this.held[kind]++ % names.length;
    for (const name of all ? names : [names[turn]]) {
      const change = changes[name](proof, this.judge);
      if (!change) continue;
      if (await accepts(this.judge, kind, { ...proof, ...change })) {
        throw new Error(`${what}: accepted with ${name}`);
      }
      this.refused[name] = (this.refused[name] ?? 0) + 1;
    }
  }

  toString() {
    const { receipt, inclusion, consistency } = this.held;
    const refused = Object.entries(this.refused).map(([name, count]) => `${count} with ${name}`);
    return `${this.judge.name}: ${receipt} receipts, ${inclusion} inclusion and ${consistency} ` +
      `consistency proofs hold; refused were ${refused.join(", ")}`;
  }
}

const SMALL_TREE = 64; // up to here every proof is judged with all changes

async function main([kind, directory]) {
  const judges = kind === "packages" ? packageJudges(directory)
    : kind === "sm3" ? [sm3Judge(directory)] : [exampleJudge()];
  const tallies = judges.map((judge) => new Tally(judge));
  const bytesOf = (word) => Buffer.from(word, "base64");
  let tree = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, ...words] = line.split(" ");
    if (word === "seed") {
      console.log(line);
      state = Number(BigInt.asIntN(32, BigInt(words[0])));
    } else if (word === "tree") {
      const note = bytesOf(words[1]).toString();
      const [, size, root] = note.split("\n");
      tree = { vkey: words[0], note, size: Number(size), root: bytesOf(root) };
    } else if (word === "leaf") {
      const [record, ...path] = words.slice(1).map(bytesOf);
      const proof = { ...tree, record, index: Number(words[0]), path };
      const small = tree.size <= SMALL_TREE;
      const ticket = random(Math.min(tree.size, 1000)); // so many leaves of it are told
      for (const tally of tallies) {
        const { proofsOfATree = Infinity } = tally.judge; // of the slow ones and larger trees
        if (small || process.env.SUYUAN_ALL_PROOFS || ticket < proofsOfATree) {
          await tally.judgeProof("inclusion", proof, inclusionChanges, small);
        }
        if (ticket === 0) await tally.judgeProof("receipt", proof, receiptChanges);
      }
    } else if (word === "grow") {
      const [oldRoot, ...path] = words.slice(1).map(bytesOf);
      const proof = { ...tree, oldSize: Number(words[0]), oldRoot, path };
      const small = tree.size <= SMALL_TREE;
      for (const tally of tallies) {
        await tally.judgeProof("consistency", proof, consistencyChanges, small);
      }
    } else if (word !== "tile") {
      throw new Error(`no such line: ${line}`);
    }
  }
  for (const tally of tallies) {
    if (tally.held.inclusion === 0) throw new Error("nothing to judge");
    console.log(`${tally}`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});

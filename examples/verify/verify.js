// Verifies receipts (C2SP tlog-proof) with the SHA-256 and Ed25519 of the platform and nothing
// else. A classic script: a page opened from disk cannot load modules.
"use strict";

globalThis.suyuanVerify = (() => {
  const ED25519 = 1; // types of C2SP signed-note and tlog-cosignature
  const COSIGNATURE = 4;
  const MAX_TREE_SIZE = 2n ** 62n;
  const KEY_NAME = "[^\\p{White_Space}\\0-\\x1f+]+";
  const SIGNATURE_LINE = new RegExp(`^\u2014 (${KEY_NAME}) (\\S+)$`, "u");
  const VERIFIER_KEY = new RegExp(`^(${KEY_NAME})\\+([0-9a-f]{8})\\+(\\S+)$`, "u");

  class NotProved extends Error {}
  const refuse = (why) => { throw new NotProved(why); };

  // ---- Bytes and numbers: what is not in its only spelling is null
  const utf8 = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const orNull = (parse) => { try { return parse(); } catch { return null; } };
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decodeUtf8 = (bytes) => orNull(() => decoder.decode(bytes));
  const parseNumber = (text) => (/^(0|[1-9][0-9]{0,18})$/.test(text) ? BigInt(text) : null);

  function parseBase64(text, length) {
    const binary = orNull(() => atob(text)); // overlooks spaces, missing padding and stray bits
    if (binary === null || btoa(binary) !== text) return null;
    if (length !== undefined && binary.length !== length) return null;
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  }

  async function sha256(...parts) {
    const joined = Uint8Array.from(parts.flatMap((part) => Array.from(part)));
    return new Uint8Array(await crypto.subtle.digest("SHA-256", joined));
  }

  // ---- tlog-proof, signed-note, tlog-checkpoint
  function parseProof(file) {
    const text = decodeUtf8(file) ?? refuse("凭证不是 UTF-8 proof: not UTF-8");
    const end = text.indexOf("\n\n");
    if (end < 0) refuse("凭证中没有检查点 proof: no checkpoint");
    const [header, ...lines] = text.slice(0, end).split("\n");
    if (header !== "c2sp.org/tlog-proof@v1") refuse("不是 not a c2sp.org/tlog-proof@v1");
    if (lines[0]?.startsWith("extra ") && !parseBase64(lines.shift().slice(6))) {
      refuse("凭证的 extra 行有误 proof: extra is not base64");
    }
    const index = parseNumber(/^index (.*)$/.exec(lines.shift())?.[1]);
    const path = lines.map((line) => parseBase64(line, 32));
    if (index === null) refuse("凭证中没有序号 proof: no index");
    if (path.includes(null)) refuse("凭证中有一行不是哈希 proof: a line is no hash in base64");
    return { index, path, note: parseNote(text.slice(end + 2)) };
  }

  function parseNote(note) {
    if (/[\0-\x09\x0b-\x1f]/.test(note)) refuse("检查点含控制字符 note: has control characters");
    const end = note.lastIndexOf("\n\n");
    if (end < 0 || !note.endsWith("\n")) refuse("检查点没有签名 note: no signature");
    const signatures = note.slice(end + 2, -1).split("\n").map((line) => {
      const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
      const blob = parseBase64(base64);
      if (!blob || blob.length < 5) refuse("检查点有一行不是签名 note: a line is no signature");
      return { name, id: hex(blob.slice(0, 4)), bytes: blob.slice(4) };
    });
    return { text: note.slice(0, end + 1), signatures };
  }

  function parseCheckpoint(text) {
    const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split("\n");
    const [size, root] = [parseNumber(sizeLine), parseBase64(rootLine, 32)];
    if (!origin || size === null || size > MAX_TREE_SIZE || !root || extensions.includes("")) {
      refuse("签名的内容不是检查点 checkpoint: not an origin, a size and a root");
    }
    return { origin, size, root };
  }

  // ---- Keys and signatures
  async function parseVerifierKey(text, type) {
    const [, name, id, base64] = VERIFIER_KEY.exec(text) ?? [];
    const bytes = parseBase64(base64, 33) ?? refuse("不是公钥 not name+id+key of Ed25519");
    if (bytes[0] !== type) refuse(`公钥类型 key of type ${bytes[0]}, expected ${type}`);
    const expected = hex((await sha256(utf8(`${name}\n`), bytes)).slice(0, 4));
    if (id !== expected) refuse(`公钥编号 key id ${id}, expected ${expected}`);
    return { name, id, type, bytes: bytes.slice(1) };
  }

  const cosignatureTime = (signature) => new DataView(signature.buffer).getBigUint64(0);

  async function isSignature(signature, key, text) {
    if (signature.length !== (key.type === COSIGNATURE ? 72 : 64)) return false;
    const header =
      key.type === COSIGNATURE ? `cosignature/v1\ntime ${cosignatureTime(signature)}\n` : "";
    const usable = await crypto.subtle.importKey("raw", key.bytes, "Ed25519", false, ["verify"]);
    return crypto.subtle.verify("Ed25519", usable, signature.slice(-64), utf8(header + text));
  }

  // A Map from those of `keys` that signed to their signatures. Strangers are passed over; what
  // claims to be of a known key and is not, is refused.
  async function signaturesOf(note, keys) {
    const found = new Map();
    for (const { name, id, bytes } of note.signatures) {
      const key = keys.find((known) => known.name === name && known.id === id);
      if (!key || found.has(key)) continue;
      if (!(await isSignature(bytes, key, note.text))) refuse(`签名不实 false signature of ${name}`);
      found.set(key, bytes);
    }
    return found;
  }

  // ---- tlog-policy
  // `isQuorum` tells of such a Map of cosignatures whether the witnesses are enough.
  async function parsePolicy(file) {
    const policy = { logs: [], witnesses: [], isQuorum: null };
    const voters = new Map(); // name of a witness or a group: function like isQuorum
    const members = new Set();
    async function addKey(keys, type, text) {
      const key = await parseVerifierKey(text, type);
      if (keys.some(({ bytes }) => hex(bytes) === hex(key.bytes))) refuse("公钥重复 key given twice");
      keys.push(key);
      return key;
    }
    function define(name, saw) {
      if (name === "none" || voters.has(name)) refuse(`名称已被占用 name ${name} is taken`);
      voters.set(name, saw);
    }
    const find = (name) => voters.get(name) ?? refuse(`前面没有 nobody is named ${name} so far`);
    function join(name) {
      if (members.has(name)) refuse(`已在一组中 ${name} is a member already`);
      members.add(name);
      return find(name);
    }
    async function readLine(kind, ...words) {
      if (kind === "log" && [1, 2].includes(words.length)) { // its URL may follow
        await addKey(policy.logs, ED25519, words[0]);
      } else if (kind === "witness" && [2, 3].includes(words.length)) {
        const key = await addKey(policy.witnesses, COSIGNATURE, words[1]);
        define(words[0], (cosignatures) => cosignatures.has(key));
      } else if (kind === "group" && words.length >= 3) {
        const group = words.slice(2).map(join);
        const all = BigInt(group.length);
        const needed = { any: 1n, all }[words[1]] ?? parseNumber(words[1]);
        if (!needed || needed > all) refuse(`人数 ${words[1]} of ${all} members`);
        define(words[0], (cosigs) => group.filter((saw) => saw(cosigs)).length >= needed);
      } else if (kind === "quorum" && words.length === 1 && !policy.isQuorum) {
        policy.isQuorum = words[0] === "none" ? () => true : find(words[0]);
      } else {
        refuse("应为 expected log, witness, group or one quorum");
      }
    }
    const text = decodeUtf8(file) ?? refuse("信任配置不是 UTF-8 policy: not UTF-8");
    for (const [i, line] of text.split("\n").entries()) {
      const words = line.split(/[ \t]+/).filter((word) => word !== "");
      try {
        if (/[\0-\x08\x0b-\x1f\x7f]/.test(line)) refuse("含控制字符 has control characters");
        if (words.length > 0 && !words[0].startsWith("#")) await readLine(...words);
      } catch (error) {
        if (error instanceof NotProved) error.message = `信任配置 policy, line ${i + 1}: ${error.message}`;
        throw error;
      }
    }
    return policy.isQuorum ? policy : refuse("信任配置没有 policy: no line with the quorum");
  }

  // ---- Receipts
  const leafHash = (entry) => sha256([0], entry);

  // RFC 9162, 2.1.3.2. `sn` becomes 0 with the last hash of a path that has its right length.
  async function verifyInclusion(leaf, index, size, path, root) {
    if (index >= size) refuse(`序号过大 leaf ${index} of a tree of ${size} leaves`);
    let [fn, sn, node] = [index, size - 1n, leaf];
    for (const sibling of path) {
      if (sn === 0n) refuse("证明过长 inclusion proof: too many hashes");
      if (fn & 1n || fn === sn) {
        node = await sha256([1], sibling, node);
        for (; !(fn & 1n) && fn > 0n; fn >>= 1n) sn >>= 1n;
      } else {
        node = await sha256([1], node, sibling);
      }
      fn >>= 1n;
      sn >>= 1n;
    }
    if (sn > 0n) refuse("证明过短 inclusion proof: too few hashes");
    if (hex(node) !== hex(root)) refuse(`根不符 leads to root ${hex(node)}, signed ${hex(root)}`);
  }

  // Files as bytes. What was proved, and by whom; else throws NotProved.
  async function verifyReceipt(proofFile, entryFile, policyFile) {
    const policy = await parsePolicy(policyFile);
    const { index, path, note } = parseProof(proofFile);
    const signatures = await signaturesOf(note, policy.logs);
    const cosignatures = await signaturesOf(note, policy.witnesses);
    const { origin, size, root } = parseCheckpoint(note.text);
    const signers = [...signatures.keys()].filter((log) => log.name === origin);
    if (signers.length === 0) refuse(`不是所信任的账本签的 no trusted log signed as ${origin}`);
    if (!policy.isQuorum(cosignatures)) refuse(`见证人不足 ${cosignatures.size}, no quorum of witnesses`);
    await verifyInclusion(await leafHash(entryFile), index, size, path, root);
    return { origin, size, root, index, signers, cosignatures };
  }

  // What people ask for in an entry, suyuan.storage.v1.Record; null if it is none.
  function decodeRecord(entry) {
    const WIRE_TYPES = [null, 0, 0, 0, 2, 2, 2];
    const fields = [];
    let at = 0;
    const varint = () => {
      for (let value = 0n, shift = 0n; at < entry.length && shift < 70n; shift += 7n) {
        value |= BigInt(entry[at] & 0x7f) << shift;
        if (entry[at++] < 0x80) return value;
      }
      return BigInt(entry.length) + 1n; // no length of a field
    };
    while (at < entry.length) {
      const tag = Number(varint());
      const field = tag >> 3;
      if (field < fields.length || WIRE_TYPES[field] !== (tag & 7)) return null;
      fields[field] = varint();
      if (WIRE_TYPES[field] === 2) fields[field] = entry.slice(at, at += Number(fields[field]));
    }
    const [, format, sequence = 0n, micros = 0n, id = new Uint8Array(), , event] = fields;
    if (at !== entry.length || format !== 1n || !event) return null;
    return { sequence, millis: BigInt.asIntN(64, micros) / 1000n, eventId: decodeUtf8(id) };
  }

  function chinaTime(millis) {
    const time = new Date(Number(millis) + 8 * 3600 * 1000);
    return isNaN(time) ? "?" : time.toISOString().replace("Z", "+08:00");
  }

  // For people: the verdict in both languages, and rows of name and value that it rests on.
  async function judge(proofFile, entryFile, policyFile) {
    const rows = [["叶哈希 leaf hash", hex(await leafHash(entryFile))]];
    const record = decodeRecord(entryFile);
    if (record) {
      rows.push(["事件 event", record.eventId], ["序号 sequence", record.sequence]);
      rows.push(["记录时间 recorded", chinaTime(record.millis)]);
    }
    try {
      const proved = await verifyReceipt(proofFile, entryFile, policyFile);
      rows.push(["账本 ledger", proved.origin], ["第几条 index", proved.index]);
      rows.push(["记录总数 size", proved.size], ["根 root", hex(proved.root)]);
      for (const { name, id } of proved.signers) rows.push(["签名 signed by", `${name}+${id}`]);
      for (const [{ name, id }, signature] of proved.cosignatures) {
        const time = chinaTime(cosignatureTime(signature) * 1000n);
        rows.push(["见证 cosigned by", `${name}+${id}, ${time}`]);
      }
      return { proved: true, verdict: "已证实 proved", rows };
    } catch (error) {
      if (!(error instanceof NotProved)) throw error;
      return { proved: false, verdict: `未证实 NOT proved: ${error.message}`, rows };
    }
  }

  return { NotProved, judge, verifyReceipt, verifyInclusion, leafHash, decodeRecord };
})();

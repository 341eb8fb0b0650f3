// What verify.html does, for Node 18 and later. Exit status: 0 proved, 2 not, 1 asked wrongly.
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import "./verify.js";

globalThis.crypto ??= webcrypto; // Node 18 has it here only

function readFiles() {
  const options = { entry: { type: "string" }, policy: { type: "string" } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command, proof, ...rest] = positionals;
  if (command !== "receipt" || !proof || rest.length > 0 || !values.policy) {
    throw new Error("usage: node verify.mjs receipt FILE.tlog-proof [--entry FILE] --policy FILE");
  }
  return [proof, values.entry ?? `${proof}.entry`, values.policy].map((path) => readFileSync(path));
}

try {
  const { proved, verdict, rows } = await globalThis.suyuanVerify.judge(...readFiles());
  for (const line of [[verdict], ...rows]) console.log(line.join(" "));
  process.exitCode = proved ? 0 : 2;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

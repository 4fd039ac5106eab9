import { createHash, type Hash } from "node:crypto";
import { NotWellFormed } from "./target.ts";

/** A short text that two values share if they are equal. */
export function digestOf(value: unknown): string {
  const hash = createHash("sha1");
  add(hash, value, 0);
  return hash.digest("hex");
}

function add(hash: Hash, value: unknown, depth: number): void {
  if (depth > 1000) throw new NotWellFormed("a value nested more than 1000 deep");
  if (ArrayBuffer.isView(value)) {
    hash.update(value.constructor.name);
    hash.update(new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength));
  } else if (value instanceof Map) {
    addEntries(hash, "Map", [...value], depth);
  } else if (Array.isArray(value)) {
    hash.update(`[${value.length}`);
    for (const item of value) add(hash, item, depth + 1);
  } else if (typeof value === "object" && value !== null) {
    addEntries(hash, "{", Object.entries(value), depth);
  } else if (typeof value === "function" || typeof value === "symbol") {
    throw new NotWellFormed(`a ${typeof value}`);
  } else hash.update(`${typeof value}:${String(value)};`);
}

function addEntries(
  hash: Hash,
  open: string,
  entries: readonly (readonly [unknown, unknown])[],
  depth: number,
): void {
  hash.update(`${open}${entries.length}`);
  for (const [key, item] of entries) {
    hash.update(`${String(key)}=`);
    add(hash, item, depth + 1);
  }
}

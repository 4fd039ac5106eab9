import { varint } from "./check_thrift.ts";

/** Writers may fill up the last run. */
const ROOM = 1024;

/**
 * Walks over runs in parquet's hybrid of run-length encoding and bit packing: a reader of them writes
 * as many values as a run declares, whatever there is room for.
 *
 * @param width Bits of a value.
 * @param count Values in all.
 * @throws {Error} If a run has more values than are left.
 */
export function checkRuns(bytes: Uint8Array, width: number, count: number): void {
  let at = 0;
  for (let seen = 0; seen < count && at < bytes.length;) {
    const { value: header, end } = varint(bytes, at);
    const groups = Math.floor(header / 2);
    if (header % 2 === 1) {
      // Packed by eight.
      at = end + groups * width;
      seen += groups * 8;
      continue;
    }
    if (groups > count - seen + ROOM) {
      throw new Error(`a run of ${groups} values where ${count - seen} are left`);
    }
    at = end + Math.ceil(width / 8);
    seen += groups;
  }
}

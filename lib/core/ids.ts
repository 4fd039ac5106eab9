import { SthelarError } from "./errors.ts";

/** A cell's name: eight letters a-p (32 bits, base 16), `-`, a data set number: `aaaachba-1`. */
export type CellId = string & { readonly __brand: "CellId" };

const ID_PATTERN = /^([a-p]{8})(?:-(\d{1,10}))?$/;
const A = "a".charCodeAt(0);

/**
 * Encodes a number as a 10x cell id.
 *
 * @param prefix The cell's number, an integer in [0, 2^32).
 * @param suffix The data set's number.
 * @throws {RangeError} If `prefix` is no 32-bit number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeCellId } from "@/core/ids.ts";
 *
 * assertEquals(encodeCellId(10000), "aaaachba-1");
 * assertEquals(encodeCellId(1437536273, 2), "ffkpbabb-2");
 * ```
 */
export function encodeCellId(prefix: number, suffix = 1): CellId {
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > 0xffffffff) {
    throw new RangeError(
      `Cannot encode a cell id: found ${prefix}, expected an integer in [0, 2^32)`,
    );
  }
  let letters = "";
  for (let shift = 28; shift >= 0; shift -= 4) {
    letters += String.fromCharCode(A + ((prefix >>> shift) & 15));
  }
  return `${letters}-${suffix}` as CellId;
}

/**
 * Decodes a 10x cell id; the suffix may be absent, then it is 1.
 *
 * @throws {SthelarError} `CorruptData` if the text is no cell id.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeCellId } from "@/core/ids.ts";
 *
 * assertEquals(decodeCellId("ffkpbabb-2"), { prefix: 1437536273, suffix: 2 });
 * ```
 */
export function decodeCellId(id: string): { readonly prefix: number; readonly suffix: number } {
  const match = ID_PATTERN.exec(id);
  if (match === null) {
    throw new SthelarError("CorruptData", {
      action: "Cannot decode a cell id",
      found: `"${id}"`,
      expected: 'eight letters a-p and a number, as in "aaaachba-1"',
    });
  }
  let prefix = 0;
  for (let i = 0; i < 8; i++) prefix = prefix * 16 + match[1].charCodeAt(i) - A;
  return { prefix, suffix: match[2] === undefined ? 1 : Number(match[2]) };
}

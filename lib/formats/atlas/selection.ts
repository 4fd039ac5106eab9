import { SthelarError } from "@/core/errors.ts";

/** Rows or columns that are wanted, and where each goes. */
export interface Selection {
  /** What was asked for, ascending. */
  readonly ascending: Int32Array;
  /** Place of each in the result, -1 for what is not wanted; one entry for all there are. */
  readonly placeOf: Int32Array;
}

/**
 * Checks the rows or columns that are wanted of a matrix.
 *
 * @param wanted Distinct numbers below `count`.
 * @param what For messages: `cell`, `gene`.
 * @throws {SthelarError} `InvalidArgument` for one that is outside or there twice.
 */
export function selectionOf(
  wanted: Int32Array,
  count: number,
  what: string,
  path: string,
): Selection {
  const placeOf = new Int32Array(count).fill(-1);
  wanted.forEach((index, place) => {
    const isInside = index >= 0 && index < count;
    if (isInside && placeOf[index] < 0) {
      placeOf[index] = place;
      return;
    }
    throw new SthelarError("InvalidArgument", {
      action: `Cannot read ${what} ${index} of "${path}"`,
      found: isInside ? `it twice in the list` : `${count} ${what}s`,
      expected: "distinct numbers from 0 on",
      path,
    });
  });
  return { ascending: wanted.slice().sort(), placeOf };
}

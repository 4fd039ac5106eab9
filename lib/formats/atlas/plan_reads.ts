/** A stretch of values that is wanted. */
export interface Stretch {
  /** Whose values they are, as the caller numbers it. */
  readonly owner: number;
  /** First value. */
  readonly start: number;
  /** Value after the last. */
  readonly stop: number;
}

/** One read of a file, and what of it is wanted. */
export interface PlannedRead {
  /** First value. */
  readonly start: number;
  /** Value after the last. */
  stop: number;
  /** The wanted stretches, in order. */
  readonly stretches: Stretch[];
}

/** What a read may be. */
export interface ReadLimits {
  /** Values that are stored together: reading one costs reading all of them. */
  readonly chunk: number;
  /** Most values at once. */
  readonly most: number;
}

/**
 * Puts stretches together so that no stored chunk is decoded twice, but for one at the end of a
 * read, and what is read at once stays within bounds.
 *
 * @param stretches Ascending, without overlap.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { planReads } from "@/formats/atlas/plan_reads.ts";
 *
 * const wanted = [[0, 2], [3, 4], [100, 101]].map(([start, stop], owner) => ({ owner, start, stop }));
 * const reads = planReads(wanted, { chunk: 10, most: 1000 });
 * assertEquals(reads.map(({ start, stop }) => [start, stop]), [[0, 4], [100, 101]]);
 * ```
 */
export function planReads(
  stretches: Iterable<Stretch>,
  { chunk, most }: ReadLimits,
): PlannedRead[] {
  const reads: PlannedRead[] = [];
  for (const { owner, start, stop } of stretches) {
    for (let at = start; at < stop;) {
      let read = reads.at(-1);
      const isNear = read !== undefined &&
        Math.floor(at / chunk) <= Math.floor((read.stop - 1) / chunk) + 1 &&
        at - read.start < most;
      if (!isNear) reads.push(read = { start: at, stop: at, stretches: [] });
      const end = Math.min(stop, read!.start + most);
      read!.stretches.push({ owner, start: at, stop: end });
      read!.stop = end;
      at = end;
    }
  }
  return reads;
}

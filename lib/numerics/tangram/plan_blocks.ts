import { SthelarError } from "@/core/errors.ts";
import type { TangramShape } from "./tangram_models.ts";

/** A block of the map and what is computed of it should stay in the processor's caches … */
const BLOCK_BYTES = 2 ** 22;
/** … but of few rows the sums over blocks cost more than what is computed. */
const MIN_ROWS = 256;

/** Cuts a problem into blocks. */
export function planBlocks(
  sizes: Pick<TangramShape, "cells" | "nuclei" | "genes" | "types">,
  blockRows?: number,
): TangramShape {
  const { cells, nuclei, genes } = sizes;
  const wanted = BLOCK_BYTES / (4 * nuclei);
  return {
    ...sizes,
    blockRows: Math.min(cells, blockRows ?? evenBlock(cells, Math.max(MIN_ROWS, wanted))),
    blockGenes: evenBlock(genes + 1, Math.max(1, wanted)),
  };
}

/** Nearly equal blocks of about `wanted` rows. */
function evenBlock(rows: number, wanted: number): number {
  const blocks = Math.max(1, Math.round(rows / wanted));
  return Math.ceil(rows / blocks);
}

/** What a mapping takes. */
export interface TangramCost {
  /** Peak memory of the process, bytes. */
  readonly memoryBytes: number;
  /** Time of one epoch on this many threads of an ordinary processor. */
  readonly secondsPerEpoch: number;
}

/** Program, runtime, and what the rest of a process holds. */
const BASE_BYTES = 350e6;
/** Intermediate results of a block. */
const BLOCK_COPIES = 8;
/** Multiplications and additions a second, one thread. */
const FLOPS = 6e10;
/** Values of the map that all else is done to in a second, one thread. */
const VALUES = 8e7;

/**
 * Estimates memory and time: three values for each pair of cell and nucleus (the map and Adam's two
 * moments), two products of map and genes an epoch.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { estimateTangram } from "@/numerics/tangram/mod.ts";
 *
 * const sizes = { cells: 10_000, nuclei: 10_000, genes: 377, types: 29 };
 * const { memoryBytes } = estimateTangram(sizes, 2);
 * assert(memoryBytes > 1.2e9 && memoryBytes < 2e9);
 * ```
 */
export function estimateTangram(
  sizes: Pick<TangramShape, "cells" | "nuclei" | "genes" | "types">,
  threads: number,
  blockRows?: number,
): TangramCost {
  const { cells, nuclei, genes, types } = sizes;
  const shape = planBlocks(sizes, blockRows);
  const pairs = cells * nuclei;
  const perNucleus = 2 * (genes + 1) + types + 4;
  const values = 3 * pairs + cells * (2 * (genes + 1) + types) + nuclei * perNucleus +
    BLOCK_COPIES * shape.blockRows * nuclei + BLOCK_COPIES * shape.blockGenes * nuclei;
  const used = Math.max(1, threads);
  return {
    memoryBytes: BASE_BYTES + 4 * values,
    secondsPerEpoch: (4 * pairs * genes / FLOPS + (pairs + nuclei * genes) / VALUES) / used,
  };
}

/** Refuses block sizes that are none. */
export function checkBlockRows(blockRows: number | undefined): void {
  if (blockRows === undefined || (Number.isSafeInteger(blockRows) && blockRows > 0)) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot cut a map into blocks",
    found: `${blockRows} rows`,
    expected: "a whole number from 1",
  });
}

import { SthelarError } from "@/core/errors.ts";
import type { TangramShape } from "./tangram_models.ts";

/** A block of the map and what is computed of it should stay in the processor's caches … */
const BLOCK_BYTES = 2 ** 21;
/** … but of few rows the sums over blocks cost more than what is computed. */
const MIN_ROWS = 128;
/** Values of a map from which on two slices are faster than one: each epoch they wait for each other. */
const SLICED_VALUES = 400_000;

/** What a problem's shape follows from. */
export type ProblemSizes = Pick<TangramShape, "cells" | "nuclei" | "genes" | "types">;

/** How a problem is cut, if not by its size. */
export interface CutOptions {
  /** Rows of the map that are worked on at a time. */
  readonly blockRows?: number;
  /** Slices of the reference. */
  readonly slices?: 1 | 2;
}

/** Rows of the reference, and how they are worked on. */
export interface Slice extends TangramShape {
  /** The first row of the reference that it has. */
  readonly firstCell: number;
}

/**
 * Cuts a problem into one slice, or two that work at the same time, and those into blocks. Only the
 * problem decides, not the threads, so that these don't change the sums.
 */
export function planSlices(sizes: ProblemSizes, { blockRows, slices }: CutOptions = {}): Slice[] {
  const { cells, nuclei, genes } = sizes;
  const count = slices ?? (cells * nuclei < SLICED_VALUES ? 1 : 2);
  if (count === 1 || cells < 2 || genes < 2) {
    return [sliceOf(sizes, 0, cells, { first: 0, end: genes }, blockRows)];
  }
  const [middle, middleGene] = [Math.ceil(cells / 2), Math.floor(genes / 2)];
  return [
    sliceOf(sizes, 0, middle, { first: 0, end: middleGene }, blockRows),
    sliceOf(sizes, middle, cells, { first: middleGene, end: genes }, blockRows),
  ];
}

function sliceOf(
  sizes: ProblemSizes,
  firstCell: number,
  endCell: number,
  compared: TangramShape["compared"],
  wantedRows: number | undefined,
): Slice {
  const cells = endCell - firstCell;
  const wanted = BLOCK_BYTES / (4 * sizes.nuclei);
  const blockRows = Math.min(cells, wantedRows ?? evenBlock(cells, Math.max(MIN_ROWS, wanted)));
  // Each block adds to the whole prediction: it should not be the smaller of the two.
  const sumRows = Math.max(1, Math.round(2 * sizes.genes / blockRows)) * blockRows;
  return {
    ...sizes,
    ...{ cells, firstCell, blockRows, compared },
    sumRows: Math.min(cells, wantedRows ?? sumRows),
    blockGenes: evenBlock(compared.end - compared.first, Math.max(1, wanted)),
    sliced: cells < sizes.cells,
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
  sizes: ProblemSizes,
  threads: number,
  blockRows?: number,
): TangramCost {
  const { cells, nuclei, genes, types } = sizes;
  const slices = planSlices(sizes, blockRows === undefined ? {} : { blockRows });
  const pairs = cells * nuclei;
  const perNucleus = 3 * (genes + 1) + types + 4;
  const perSlice = slices.map(({ blockRows, sumRows, blockGenes }) =>
    nuclei * (perNucleus + BLOCK_COPIES * (blockRows + blockGenes) + sumRows)
  );
  const values = 3 * pairs + cells * (2 * (genes + 1) + types) +
    perSlice.reduce((sum, part) => sum + part, 0);
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

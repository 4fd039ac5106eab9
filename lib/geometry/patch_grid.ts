import { SthelarError } from "@/core/errors.ts";

/** Side of the published patches, px. */
export const PATCH_WIDTH_PX = 256;
/** What neighbouring published patches share, px. */
export const PATCH_OVERLAP_PX = 64;

/**
 * Square patches that cover an image, row by row: the id of a patch is its number in that order.
 * Those of the last column and row hang over the image's edge (the grid of sopa's `Patches2D`).
 */
export interface PatchGrid {
  /** Extent of the image, px. */
  readonly imageWidth: number;
  /** Extent of the image, px. */
  readonly imageHeight: number;
  /** Side of a patch, px. */
  readonly patchWidth: number;
  /** Distance of neighbouring patches, px. */
  readonly step: number;
  /** Patches in a row. */
  readonly columns: number;
  /** Rows of patches. */
  readonly rows: number;
  /** Patches in all. */
  readonly count: number;
}

/** `[xMin, yMin, xMax, yMax]` in px of the image. */
export type Box = readonly [xMin: number, yMin: number, xMax: number, yMax: number];

/** Size of patches. */
export interface PatchGridOptions {
  /** Side of a patch, px (default 256). */
  readonly patchWidth?: number;
  /** What neighbours share, px (default 64). */
  readonly overlap?: number;
}

/**
 * Lays patches over an image.
 *
 * @param imageWidth Px at the level that is cut into patches.
 * @param imageHeight Px at that level.
 * @throws {SthelarError} `InvalidArgument` for an empty image or an overlap that is no part of a patch.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patchBox, patchGrid, patchPlace } from "@/geometry/mod.ts";
 *
 * const grid = patchGrid(24544, 10645);
 * assertEquals([grid.columns, grid.rows, grid.count], [128, 56, 7168]);
 * assertEquals(patchPlace(grid, 362), [106, 2]);
 * assertEquals(patchBox(grid, 362), [20352, 384, 20608, 640]);
 * ```
 */
export function patchGrid(
  imageWidth: number,
  imageHeight: number,
  { patchWidth = PATCH_WIDTH_PX, overlap = PATCH_OVERLAP_PX }: PatchGridOptions = {},
): PatchGrid {
  const sizes = [imageWidth, imageHeight, patchWidth];
  const areSizes = sizes.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!areSizes || !Number.isInteger(overlap) || overlap < 0 || overlap >= patchWidth) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot lay patches over the image",
      found:
        `an image of ${imageWidth} x ${imageHeight} px, patches of ${patchWidth} px that share ${overlap}`,
      expected: "whole numbers above 0, and an overlap from 0 to below the patch's width",
    });
  }
  const step = patchWidth - overlap;
  const along = (extent: number) => patchWidth >= extent ? 1 : Math.ceil((extent - overlap) / step);
  const columns = along(imageWidth), rows = along(imageHeight);
  return { imageWidth, imageHeight, patchWidth, step, columns, rows, count: columns * rows };
}

/** Column and row of a patch in the grid. */
export function patchPlace(grid: PatchGrid, patch: number): [column: number, row: number] {
  return [patch % grid.columns, Math.floor(patch / grid.columns)];
}

/** Where a patch lies, px. */
export function patchBox(grid: PatchGrid, patch: number): Box {
  const [column, row] = patchPlace(grid, patch);
  const x = column * grid.step, y = row * grid.step;
  return [x, y, x + grid.patchWidth, y + grid.patchWidth];
}

/** Whether a patch lies within the image: one that hangs over has no image of full size. */
export function isWholePatch(grid: PatchGrid, patch: number): boolean {
  const [, , xMax, yMax] = patchBox(grid, patch);
  return xMax <= grid.imageWidth && yMax <= grid.imageHeight;
}

/** For each patch the geometries that may lie in it. */
export interface PatchCandidates {
  /** First entry of each patch in `rows`, and the end of the last: n_patches + 1. */
  readonly start: Int32Array;
  /** Geometries, of each patch in ascending order. */
  readonly rows: Int32Array;
}

/**
 * Finds for each patch the geometries whose bounding box touches it.
 *
 * @param bounds `minX, minY, maxX, maxY` of each geometry in px of the image, as from `polygonBounds`;
 *   an empty geometry's are infinite and touch nothing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { patchCandidates, patchGrid } from "@/geometry/mod.ts";
 *
 * const grid = patchGrid(448, 256);
 * const { start, rows } = patchCandidates(grid, Float64Array.of(300, 9, 310, 20, 200, 9, 210, 20));
 * assertEquals([...start], [0, 1, 3]);
 * assertEquals([...rows], [1, 0, 1]);
 * ```
 */
export function patchCandidates(grid: PatchGrid, bounds: Float64Array): PatchCandidates {
  const start = new Int32Array(grid.count + 1);
  forEachPatch(grid, bounds, (patch) => start[patch + 1]++);
  for (let patch = 0; patch < grid.count; patch++) start[patch + 1] += start[patch];
  const rows = new Int32Array(start[grid.count]);
  const next = start.slice(0, -1);
  forEachPatch(grid, bounds, (patch, row) => rows[next[patch]++] = row);
  return { start, rows };
}

function forEachPatch(
  grid: PatchGrid,
  bounds: Float64Array,
  visit: (patch: number, row: number) => void,
): void {
  for (let row = 0; 4 * row < bounds.length; row++) {
    const left = firstAlong(grid, grid.columns, bounds[4 * row]);
    const right = lastAlong(grid, grid.columns, bounds[4 * row + 2]);
    const top = firstAlong(grid, grid.rows, bounds[4 * row + 1]);
    const bottom = lastAlong(grid, grid.rows, bounds[4 * row + 3]);
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) visit(y * grid.columns + x, row);
    }
  }
}

/** The first of `count` patches along an axis that reaches `min`; the quotient may be rounded. */
function firstAlong({ step, patchWidth }: PatchGrid, count: number, min: number): number {
  let i = Math.min(count, Math.max(0, Math.ceil((min - patchWidth) / step) - 1));
  while (i < count && i * step + patchWidth < min) i++;
  return i;
}

/** The last that begins up to `max`, -1 if none does. */
function lastAlong({ step }: PatchGrid, count: number, max: number): number {
  let i = Math.max(-1, Math.min(count - 1, Math.floor(max / step) + 1));
  while (i >= 0 && i * step > max) i--;
  return i;
}

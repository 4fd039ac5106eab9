import { rampTable } from "./colours.ts";
import type { Raster } from "./raster.ts";
import type { SlideWindow } from "./slide_image.ts";

/** Counts in hexagons (pointy top) that cover a window; memory follows the window, not the points. */
export interface HexGrid {
  /** What is covered, µm. */
  readonly window: SlideWindow;
  /** Distance between the centres of neighbours, µm. */
  readonly pitchUm: number;
  /** Hexagons in a row. */
  readonly columns: number;
  /** Rows of hexagons; odd ones are shifted right by half a pitch. */
  readonly rows: number;
  /** How many points fell in each, row by row. */
  readonly counts: Float64Array;
}

/**
 * An empty grid over a window.
 *
 * @param pitchUm Distance between the centres of neighbours, µm.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addToHexGrid, hexGrid } from "@/plots/hex_grid.ts";
 *
 * const grid = hexGrid({ x: 0, y: 0, width: 100, height: 100 }, 20);
 * addToHexGrid(grid, [50, 51], [50, 50]);
 * assertEquals(Math.max(...grid.counts), 2);
 * ```
 */
export function hexGrid(window: SlideWindow, pitchUm: number): HexGrid {
  const columns = Math.ceil(window.width / pitchUm) + 2;
  const rows = Math.ceil(window.height / rowPitch(pitchUm)) + 2;
  return { window, pitchUm, columns, rows, counts: new Float64Array(columns * rows) };
}

/** Counts points, given in any number of calls; points outside of the window are left out. */
export function addToHexGrid(grid: HexGrid, x: ArrayLike<number>, y: ArrayLike<number>): void {
  const { window, counts } = grid;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i] - window.x;
    const dy = y[i] - window.y;
    if (dx >= 0 && dy >= 0 && dx <= window.width && dy <= window.height) {
      counts[hexagonAt(grid, dx, dy)]++;
    }
  }
}

/** Index of the hexagon whose centre is nearest, µm from the window's corner. */
function hexagonAt({ pitchUm, columns }: HexGrid, dx: number, dy: number): number {
  const pitchY = rowPitch(pitchUm);
  const upper = Math.floor(dy / pitchY);
  let best = 0, bestDistance = Infinity;
  for (let row = upper; row <= upper + 1; row++) {
    const shift = (row & 1) * 0.5;
    const column = Math.max(0, Math.round(dx / pitchUm - shift));
    const distance = ((column + shift) * pitchUm - dx) ** 2 + (row * pitchY - dy) ** 2;
    if (distance < bestDistance) {
      best = row * columns + column;
      bestDistance = distance;
    }
  }
  return best;
}

/** Rows of regular hexagons are closer than their neighbours in a row. */
function rowPitch(pitchUm: number): number {
  return pitchUm * Math.sqrt(3) / 2;
}

/** The grid as a picture: logarithmic viridis from 1 to the largest count, white where empty. */
export function hexRaster(grid: HexGrid, widthPx: number): Raster {
  const { window, counts } = grid;
  const umPerPx = window.width / widthPx;
  const height = Math.max(1, Math.round(window.height / umPerPx));
  const table = rampTable("viridis");
  const logMost = Math.log(Math.max(2, largestCount(grid)));
  const data = new Uint8Array(widthPx * height * 3).fill(255);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < widthPx; column++) {
      const dx = (column + 0.5) * umPerPx;
      const dy = Math.min(window.height, (row + 0.5) * umPerPx);
      const count = counts[hexagonAt(grid, dx, dy)];
      if (count === 0) continue;
      const step = Math.round(255 * Math.log(count) / logMost) * 3;
      data.set(table.subarray(step, step + 3), (row * widthPx + column) * 3);
    }
  }
  return { data, width: widthPx, height, channels: 3 };
}

/** The count of the fullest hexagon. */
export function largestCount({ counts }: HexGrid): number {
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

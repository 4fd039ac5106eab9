import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { findNearColumns, findOnRows, hasNearColumns, parityCovers } from "./parity_pixels.ts";
import { RowCrossings } from "./row_crossings.ts";

/**
 * Which pixels a polygon covers. `centre`: those whose centre (column + 0.5, row + 0.5) is inside by
 * the even-odd rule over all rings; polygons that share an edge share no pixel. `parity`: those whose
 * point (column, row) is inside or on the boundary as `skimage.draw.polygon` has it, with all vertices
 * as one ring: half a pixel off, and both edges in, as the published masks are.
 */
export type SamplingRule = "centre" | "parity";

/**
 * Finds the pixels of one polygon after another in a window of an image; buffers are reused.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Rasteriser } from "@/geometry/mod.ts";
 *
 * const square = Float64Array.of(12, 22, 12, 25, 15, 25, 15, 22, 12, 22);
 * const raster = new Rasteriser(8, 8);
 * raster.begin(10, 20);
 * raster.addRing(square, 0, 5);
 * assertEquals(raster.draw("centre"), 9);
 * assertEquals([...raster.spans.subarray(0, 3)], [2, 2, 5]);
 * assertEquals(raster.draw("parity"), 16);
 * ```
 */
export class Rasteriser {
  /** `row, firstColumn, endColumn` of runs of pixels, by rows; valid for `spanCount` runs. */
  spans = new Int32Array(3 * 64);
  /** Runs that the last `draw` found. */
  spanCount = 0;
  readonly #width: number;
  readonly #height: number;
  readonly #crossings: RowCrossings;
  readonly #rowPixels: Uint8Array;
  readonly #nearColumns: number[] = [];
  readonly #onRows: number[] = [];
  #x = 0;
  #y = 0;
  /** Vertices in px of the window. */
  #xy = new Float64Array(2 * 64);
  #ringEnds: number[] = [];
  #vertexCount = 0;

  /**
   * @param width Px of the window.
   * @param height Px of the window.
   * @throws {SthelarError} `InvalidArgument` for a size that is none.
   */
  constructor(width: number, height: number) {
    if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot draw polygons",
        found: `a window of ${width} x ${height} px`,
        expected: "whole numbers above 0",
      });
    }
    this.#width = width;
    this.#height = height;
    this.#crossings = new RowCrossings(height);
    this.#rowPixels = new Uint8Array(width);
  }

  /**
   * Begins a polygon.
   *
   * @param x Column of the image where the window begins.
   * @param y Row of the image where the window begins.
   */
  begin(x: number, y: number): void {
    this.#x = x;
    this.#y = y;
    this.#vertexCount = 0;
    this.#ringEnds = [];
  }

  /** Adds a closed ring: the vertices `start .. end` of `xy`, in px of the image. */
  addRing(xy: ArrayLike<number>, start: number, end: number): void {
    const needed = 2 * (this.#vertexCount + end - start);
    if (needed > this.#xy.length) {
      const grown = new Float64Array(2 * needed);
      grown.set(this.#xy);
      this.#xy = grown;
    }
    let at = 2 * this.#vertexCount;
    for (let k = 2 * start; k < 2 * end; k += 2) {
      this.#xy[at++] = xy[k] - this.#x;
      this.#xy[at++] = xy[k + 1] - this.#y;
    }
    this.#vertexCount += end - start;
    this.#ringEnds.push(this.#vertexCount);
  }

  /**
   * Finds the pixels of the polygon, into {@link Rasteriser.spans}.
   *
   * @returns How many pixels of the window it covers.
   */
  draw(rule: SamplingRule): number {
    this.spanCount = 0;
    if (this.#vertexCount === 0) return 0;
    return rule === "centre" ? this.#drawCentres() : this.#drawParity();
  }

  /** Writes a value to the pixels that the last `draw` found, of an image of the window's size. */
  paint(into: { [pixel: number]: number }, value: number): void {
    const { spans, spanCount } = this;
    for (let k = 0; k < 3 * spanCount; k += 3) {
      const row = spans[k] * this.#width;
      for (let pixel = row + spans[k + 1]; pixel < row + spans[k + 2]; pixel++) into[pixel] = value;
    }
  }

  #drawCentres(): number {
    this.#crossings.find(this.#xy, this.#ringEnds, 0.5);
    const { starts, x } = this.#crossings;
    let pixels = 0;
    for (let row = 0; row < this.#height; row++) {
      for (let k = starts[row]; k + 1 < starts[row + 1]; k += 2) {
        pixels += this.#addSpan(row, Math.ceil(x[k] - 0.5), Math.ceil(x[k + 1] - 0.5));
      }
    }
    return pixels;
  }

  #drawParity(): number {
    this.#crossings.find(this.#xy, [this.#vertexCount], 0);
    const { starts, x } = this.#crossings;
    const near = this.#nearColumns, onRows = this.#onRows;
    findOnRows(this.#xy, this.#vertexCount, onRows);
    const [firstRow, lastRow] = this.#rowsToTest();
    let pixels = 0;
    for (let row = firstRow; row <= lastRow; row++) {
      const start = starts[row], end = starts[row + 1];
      if (hasNearColumns(this.#xy, onRows, row, x, start, end)) {
        findNearColumns(this.#xy, this.#vertexCount, onRows, row, x, start, end, near);
        pixels += this.#drawNear(row, start, end);
        continue;
      }
      for (let k = start; k + 1 < end; k += 2) {
        pixels += this.#addSpan(row, Math.ceil(x[k]), Math.floor(x[k + 1]) + 1);
      }
    }
    return pixels;
  }

  /** A row with pixels that are tested by themselves. */
  #drawNear(row: number, start: number, end: number): number {
    const { x } = this.#crossings;
    const inside = this.#rowPixels;
    let first = this.#width, last = -1;
    const reach = (from: number, to: number) => {
      if (from < first) first = from < 0 ? 0 : from;
      if (to > last) last = to < this.#width ? to : this.#width - 1;
    };
    for (const column of this.#nearColumns) reach(column, column);
    for (let k = start; k + 1 < end; k += 2) reach(Math.ceil(x[k]), Math.floor(x[k + 1]));
    for (let column = first; column <= last; column++) inside[column] = 0;
    for (let k = start; k + 1 < end; k += 2) {
      const stop = Math.min(last, Math.floor(x[k + 1]));
      for (let c = Math.max(first, Math.ceil(x[k])); c <= stop; c++) inside[c] = 1;
    }
    for (const column of this.#nearColumns) {
      if (column < 0 || column >= this.#width) continue;
      inside[column] = Number(parityCovers(this.#xy, this.#vertexCount, column, row));
    }
    let pixels = 0;
    for (let column = first; column <= last; column++) {
      if (inside[column] === 0) continue;
      const from = column;
      while (column <= last && inside[column] === 1) column++;
      pixels += this.#addSpan(row, from, column);
    }
    return pixels;
  }

  /** Rows of the window that the polygon reaches; a vertex just beside a row may be on it. */
  #rowsToTest(): [first: number, last: number] {
    let low = Infinity, high = -Infinity;
    for (let k = 1; k < 2 * this.#vertexCount; k += 2) {
      if (this.#xy[k] < low) low = this.#xy[k];
      if (this.#xy[k] > high) high = this.#xy[k];
    }
    return [Math.floor(Math.max(0, low)), Math.min(this.#height - 1, Math.ceil(high))];
  }

  #addSpan(row: number, from: number, to: number): number {
    const first = from < 0 ? 0 : from, end = to > this.#width ? this.#width : to;
    if (end <= first) return 0;
    const at = 3 * this.spanCount++;
    if (at === this.spans.length) {
      const grown = new Int32Array(2 * this.spans.length);
      grown.set(this.spans);
      this.spans = grown;
    }
    this.spans[at] = row;
    this.spans[at + 1] = first;
    this.spans[at + 2] = end;
    return end - first;
  }
}

/** A window of an image. */
export interface RasterWindow {
  /** Px of the window. */
  readonly width: number;
  /** Px of the window. */
  readonly height: number;
  /** Column of the image where it begins (default 0). */
  readonly x?: number;
  /** Row of the image where it begins (default 0). */
  readonly y?: number;
}

/**
 * The pixels of one geometry.
 *
 * @param polygons In px of the image.
 * @param g Index of the geometry. `parity` takes the outer rings of its polygons only, as the masks
 *   that were published do.
 * @param rule Which pixels a polygon covers.
 * @returns 1 where it covers a pixel, `(height, width)`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { rasterise } from "@/geometry/mod.ts";
 *
 * const triangle = packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]);
 * assertEquals([...rasterise(triangle, 0, { width: 2, height: 2 })], [1, 0, 0, 0]);
 * assertEquals([...rasterise(triangle, 0, { width: 2, height: 2 }, "parity")], [1, 1, 1, 1]);
 * ```
 */
export function rasterise(
  polygons: MultiPolygons,
  g: number,
  { width, height, x = 0, y = 0 }: RasterWindow,
  rule: SamplingRule = "centre",
): Uint8Array {
  const raster = new Rasteriser(width, height);
  raster.begin(x, y);
  addGeometry(raster, polygons, g, rule);
  raster.draw(rule);
  const mask = new Uint8Array(width * height);
  raster.paint(mask, 1);
  return mask;
}

/** Adds the rings of a geometry that count by a rule. */
export function addGeometry(
  raster: Rasteriser,
  { xy, ringStart, polygonStart, geometryStart }: MultiPolygons,
  g: number,
  rule: SamplingRule,
): void {
  for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
    const end = rule === "centre" ? polygonStart[p + 1] : polygonStart[p] + 1;
    for (let r = polygonStart[p]; r < end; r++) raster.addRing(xy, ringStart[r], ringStart[r + 1]);
  }
}

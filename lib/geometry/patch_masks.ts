import type { MultiPolygons } from "@/core/polygons.ts";
import { clipGeometry } from "./clip_geometry.ts";
import { MaskLayer } from "./mask_layer.ts";
import type { MaskShapes } from "./mask_shapes.ts";
import { type Box, patchBox, type PatchCandidates, type PatchGrid } from "./patch_grid.ts";
import { type PatchMaskOptions, resolveMaskOptions } from "./patch_mask_options.ts";
import { addGeometry, Rasteriser } from "./rasterise.ts";
import { polygonAreas, polygonBounds } from "./ring.ts";

/** Why a patch is kept or not. */
export type PatchVerdict = "kept" | "no nuclei" | "too few nuclei" | "covered by cells";

/** Candidates of a patch that are not in its masks, by reason. */
export interface LeftOut {
  /** Nuclei that the edge cuts and that the policy leaves out. */
  cut: number;
  /** Nuclei without a cell, or whose cell has no pixel here (in parity: is invalid or not here). */
  withoutCell: number;
  /** Nuclei without a pixel here (in parity: only those of which nothing lies here). */
  withoutPixels: number;
  /** Nuclei or cells that others hide wholly. */
  hidden: number;
  /** In parity: meetings of a polygon and the patch in points or lines, which the original skips. */
  unsupported: number;
}

/** The masks of one patch: nuclei and cells are drawn in one go, so that they cannot disagree. */
export interface PatchMask {
  /** Number of the patch in the grid. */
  readonly patch: number;
  /** Whether it is kept. */
  readonly verdict: PatchVerdict;
  /** Nucleus in each pixel, 1, 2, … in table order, 0 for none: `(width, width)`. */
  readonly instances: Int32Array;
  /** Cell whose nucleus is in each pixel, 0 for none: `(width, width)`. */
  readonly nucleusIds: Int32Array;
  /** Cell in each pixel, 0 for none: `(width, width)`. */
  readonly cellIds: Int32Array;
  /** Row in the table of each instance, the first is that of instance 1. */
  readonly rows: Int32Array;
  /** Whether the patch's edge cuts the nucleus of each instance. */
  readonly isCut: Uint8Array;
  /** Instances that can be seen; parity counts some that cannot. */
  readonly nuclei: number;
  /** Candidates that are not in the masks. */
  readonly leftOut: Readonly<LeftOut>;
}

/**
 * Draws the masks of patches, one after another. A nucleus is drawn where its cell is too.
 *
 * With `centre` both masks show the same cells: one that cannot be seen in one mask is taken out of the
 * other, and instances are numbered 1 .. n. With `parity` numbers, skips and overlaps are those of the
 * published masks; of a nucleus that the edge cuts into three or more parts the order of parts, which
 * has an effect there, is not GEOS's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import {
 *   patchCandidates,
 *   patchGrid,
 *   PatchMaskDrawer,
 *   polygonBounds,
 * } from "@/geometry/mod.ts";
 *
 * const nuclei = packPolygons([[[[2, 2, 4, 2, 4, 4, 2, 4, 2, 2]]]]);
 * const cells = packPolygons([[[[1, 1, 5, 1, 5, 5, 1, 5, 1, 1]]]]);
 * const grid = patchGrid(8, 8, { patchWidth: 8, overlap: 0 });
 * const candidates = patchCandidates(grid, polygonBounds(nuclei));
 * const drawer = new PatchMaskDrawer({ nuclei, cells, ids: Int32Array.of(9) }, grid, candidates);
 * const { verdict, instances, cellIds } = drawer.draw(0);
 * assertEquals([verdict, instances[8 * 2 + 2], cellIds[8 + 1]], ["kept", 1, 9]);
 * ```
 */
export class PatchMaskDrawer {
  readonly #shapes: MaskShapes;
  readonly #grid: PatchGrid;
  readonly #candidates: PatchCandidates;
  readonly #options: Required<PatchMaskOptions>;
  readonly #bounds: Float64Array;
  readonly #cellBounds: Float64Array;
  readonly #areas: Float64Array;
  readonly #nucleusRaster: Rasteriser;
  readonly #cellRaster: Rasteriser;
  readonly #nuclei: MaskLayer;
  readonly #cells: MaskLayer;
  #rows: number[] = [];
  #isCut: number[] = [];
  #leftOut: LeftOut = nothingLeftOut();

  /**
   * @param shapes Valid polygons, as from `prepareMaskShapes`.
   * @param candidates Nuclei that may lie in each patch, as from `patchCandidates`.
   * @throws {SthelarError} `InvalidArgument` for options that cannot be right.
   */
  constructor(
    shapes: MaskShapes,
    grid: PatchGrid,
    candidates: PatchCandidates,
    options: PatchMaskOptions = {},
  ) {
    this.#shapes = shapes;
    this.#grid = grid;
    this.#candidates = candidates;
    this.#options = resolveMaskOptions(options);
    this.#bounds = polygonBounds(shapes.nuclei);
    this.#cellBounds = polygonBounds(shapes.cells);
    this.#areas = polygonAreas(shapes.nuclei);
    this.#nucleusRaster = new Rasteriser(grid.patchWidth, grid.patchWidth);
    this.#cellRaster = new Rasteriser(grid.patchWidth, grid.patchWidth);
    this.#nuclei = new MaskLayer(grid.patchWidth);
    this.#cells = new MaskLayer(grid.patchWidth);
  }

  /**
   * Draws one patch.
   *
   * @returns Its masks: the arrays of pixels are overwritten by the next call.
   */
  draw(patch: number): PatchMask {
    const { start, rows } = this.#candidates;
    const box = patchBox(this.#grid, patch);
    this.#nuclei.clear();
    this.#cells.clear();
    this.#rows = [];
    this.#isCut = [];
    this.#leftOut = nothingLeftOut();
    for (let k = start[patch]; k < start[patch + 1]; k++) {
      if (this.#options.sampling === "centre") this.#drawCentres(rows[k], box);
      else this.#drawParity(rows[k], box);
    }
    if (this.#options.sampling === "centre") this.#takeOutHidden();
    const nuclei = this.#nuclei.visible.reduce((count, pixels) => count + Number(pixels > 0), 0);
    return {
      patch,
      verdict: this.#verdict(nuclei),
      instances: this.#nuclei.numbers,
      nucleusIds: this.#nuclei.ids,
      cellIds: this.#cells.ids,
      rows: Int32Array.from(this.#rows),
      isCut: Uint8Array.from(this.#isCut),
      nuclei,
      leftOut: this.#leftOut,
    };
  }

  #verdict(nuclei: number): PatchVerdict {
    if (nuclei === 0) return "no nuclei";
    if (nuclei < this.#options.minNuclei) return "too few nuclei";
    const isCovered = this.#cells.coveredPixels === this.#cells.ids.length;
    return isCovered && !this.#options.keepCovered ? "covered by cells" : "kept";
  }

  #drawCentres(row: number, box: Box): void {
    const { nuclei, cells, ids } = this.#shapes;
    if (isEmpty(nuclei, row)) return;
    const isCut = !isInside(this.#bounds, row, box);
    if (isCut && this.#isLeftOut(row, box)) return;
    if (drawGeometry(this.#nucleusRaster, nuclei, row, box) === 0) {
      this.#leftOut.withoutPixels++;
    } else if (drawGeometry(this.#cellRaster, cells, row, box) === 0) {
      this.#leftOut.withoutCell++;
    } else {
      const number = this.#count(row, isCut);
      this.#nuclei.paint(this.#nucleusRaster, number, ids[row]);
      this.#cells.paint(this.#cellRaster, number, ids[row]);
    }
  }

  #drawParity(row: number, box: Box): void {
    const { nuclei, cells, ids } = this.#shapes;
    if (isEmpty(nuclei, row)) return;
    const isCut = !isInside(this.#bounds, row, box);
    if (isCut && this.#isLeftOut(row, box)) return;
    const nucleus = drawExactly(this.#nucleusRaster, nuclei, this.#bounds, row, box);
    if (nucleus === "empty") {
      this.#leftOut.withoutPixels++;
      return;
    }
    const cell = drawExactly(this.#cellRaster, cells, this.#cellBounds, row, box);
    if (cell === "empty") {
      this.#leftOut.withoutCell++;
      return;
    }
    const number = this.#count(row, isCut);
    if (nucleus === "unsupported") this.#leftOut.unsupported++;
    else {
      this.#nuclei.paint(this.#nucleusRaster, number, ids[row]);
      if (cell === "unsupported") this.#leftOut.unsupported++;
      else this.#cells.paint(this.#cellRaster, number, ids[row]);
    }
  }

  /** The number of a nucleus that is drawn. */
  #count(row: number, isCut: boolean): number {
    this.#rows.push(row);
    this.#isCut.push(Number(isCut));
    return this.#rows.length;
  }

  /** Whether the policy leaves a nucleus out that the edge cuts. */
  #isLeftOut(row: number, box: Box): boolean {
    const { cutNuclei } = this.#options;
    if (cutNuclei === "keep") return false;
    if (cutNuclei !== "drop") {
      const inside = polygonAreas(clipGeometry(this.#shapes.nuclei, row, box).parts)[0];
      if (inside >= cutNuclei.minFraction * this.#areas[row] && inside > 0) return false;
    }
    this.#leftOut.cut++;
    return true;
  }

  /** Both layers keep the cells that are visible in both. */
  #takeOutHidden(): void {
    const [nuclei, cells] = [this.#nuclei.visible, this.#cells.visible];
    const isSeen = (number: number) => nuclei[number] > 0 && cells[number] > 0;
    const numbers = this.#rows.map((_, i) => i + 1);
    if (numbers.every(isSeen)) return;
    const seen = numbers.filter(isSeen);
    const numberOf = new Int32Array(numbers.length + 1);
    seen.forEach((number, i) => numberOf[number] = i + 1);
    this.#nuclei.renumber(numberOf);
    this.#cells.renumber(numberOf);
    this.#leftOut.hidden += numbers.length - seen.length;
    this.#rows = seen.map((number) => this.#rows[number - 1]);
    this.#isCut = seen.map((number) => this.#isCut[number - 1]);
    const visible = [0, ...seen.map((number) => nuclei[number])];
    nuclei.splice(0, nuclei.length, ...visible);
  }
}

function nothingLeftOut(): LeftOut {
  return { cut: 0, withoutCell: 0, withoutPixels: 0, hidden: 0, unsupported: 0 };
}

function isEmpty({ geometryStart }: MultiPolygons, g: number): boolean {
  return geometryStart[g] === geometryStart[g + 1];
}

function isInside(bounds: Float64Array, g: number, [xMin, yMin, xMax, yMax]: Box): boolean {
  return bounds[4 * g] >= xMin && bounds[4 * g + 1] >= yMin && bounds[4 * g + 2] <= xMax &&
    bounds[4 * g + 3] <= yMax;
}

function drawGeometry(raster: Rasteriser, polygons: MultiPolygons, g: number, box: Box): number {
  raster.begin(box[0], box[1]);
  addGeometry(raster, polygons, g, "centre");
  return raster.draw("centre");
}

/** Draws what of a geometry lies in the patch, cut exactly, by the rule of the published masks. */
function drawExactly(
  raster: Rasteriser,
  polygons: MultiPolygons,
  bounds: Float64Array,
  g: number,
  box: Box,
): "drawn" | "empty" | "unsupported" {
  const [xMin, yMin, xMax, yMax] = box;
  if (isEmpty(polygons, g) || bounds[4 * g] > xMax || bounds[4 * g + 2] < xMin) return "empty";
  if (bounds[4 * g + 1] > yMax || bounds[4 * g + 3] < yMin) return "empty";
  raster.begin(xMin, yMin);
  if (isInside(bounds, g, box)) addGeometry(raster, polygons, g, "parity");
  else {
    const { parts, hasPointsOrLines } = clipGeometry(polygons, g, box);
    if (hasPointsOrLines) return "unsupported";
    if (isEmpty(parts, 0)) return "empty";
    addGeometry(raster, parts, 0, "parity");
  }
  raster.draw("parity");
  return "drawn";
}

import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";
import { polygonBoxes } from "./polygon_boxes.ts";
import { drawRasters, type PolygonRasters, rasterIntersects } from "./polygon_rasters.ts";

/** One coordinate of many points. */
export type Coordinates = Float32Array | Float64Array;

/** Grid cells per polygon at most: memory stays linear, however far apart the polygons lie. */
const MAX_CELLS_PER_POLYGON = 16;
/** Points that are looked up together. */
const BLOCK = 2048;
/** Side of a grid cell in mean polygon widths. */
const CELL_WIDTHS = 0.5;

/** Pairs of a point and a geometry, in memory that is used again. */
export class MatchBuffer {
  /** Index of the point of each pair; longer than `count`. */
  points: Int32Array = new Int32Array(BLOCK);
  /** Index of the geometry of each pair; longer than `count`. */
  geometries: Int32Array = new Int32Array(BLOCK);
  /** How many pairs. */
  count = 0;

  /** Makes room for twice as many pairs and keeps those that are there. */
  grow(): void {
    const { points, geometries } = this;
    this.points = new Int32Array(2 * points.length);
    this.geometries = new Int32Array(2 * geometries.length);
    this.points.set(points);
    this.geometries.set(geometries);
  }
}

interface Grid {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly cellsPerUnit: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Finds the geometries that contain points, by a uniform grid over the bounding boxes of the
 * polygons. A point on a boundary is in (`polygonIntersects`). Memory is linear in the
 * number of polygons, time in the number of points.
 *
 * @example A point that two geometries share belongs to the first
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { PolygonIndex } from "@/geometry/polygon_index.ts";
 *
 * const left = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0];
 * const right = [1, 0, 2, 0, 2, 1, 1, 1, 1, 0];
 * const index = new PolygonIndex(packPolygons([[[left]], [[right]]]));
 * const found = index.locate(Float64Array.of(0.5, 1, 1.5, 3), new Float64Array(4).fill(0.5));
 * assertEquals([...found], [0, 0, 1, -1]);
 * ```
 */
export class PolygonIndex {
  /** The polygons that are searched. */
  readonly polygons: MultiPolygons;
  readonly #rasters: PolygonRasters;
  readonly #geometryOf: Int32Array;
  readonly #grid: Grid;
  readonly #cellStart: Int32Array;
  readonly #cellPolygons: Int32Array;
  readonly #near = new Int32Array(BLOCK);
  readonly #nearCell = new Int32Array(BLOCK);

  /**
   * @param polygons Geometries with closed rings and finite vertices; kept, not copied.
   * @throws {SthelarError} `InvalidArgument` if a ring is open or a vertex is not finite.
   */
  constructor(polygons: MultiPolygons) {
    this.polygons = polygons;
    const boxes = polygonBoxes(polygons);
    this.#rasters = drawRasters(polygons, boxes);
    this.#geometryOf = geometryOfPolygons(polygons);
    this.#grid = layGrid(boxes);
    [this.#cellStart, this.#cellPolygons] = fillGrid(this.#grid, boxes);
  }

  /** Bytes that the index holds besides the polygons. */
  get byteLength(): number {
    const { frames, rows, edges } = this.#rasters;
    return frames.byteLength + rows.byteLength + edges.byteLength + this.#geometryOf.byteLength +
      this.#cellStart.byteLength +
      this.#cellPolygons.byteLength;
  }

  /**
   * For each point the first geometry that it intersects: a point is counted once.
   *
   * @param xs X of the points, in the unit of the polygons.
   * @param ys Y of the points.
   * @param out Receives the index of the geometry, -1 where there is none; made if not given.
   */
  locate(xs: Coordinates, ys: Coordinates, out = new Int32Array(xs.length)): Int32Array {
    const { polygons } = this, rasters = this.#rasters, geometryOf = this.#geometryOf;
    const cellStart = this.#cellStart, cellPolygons = this.#cellPolygons;
    const near = this.#near, nearCell = this.#nearCell;
    out.fill(-1, 0, xs.length);
    for (let from = 0; from < xs.length; from += BLOCK) {
      const count = this.#pointsNearPolygons(xs, ys, from);
      for (let n = 0; n < count; n++) {
        const i = near[n], cell = nearCell[n], x = xs[i], y = ys[i];
        for (let k = cellStart[cell]; k < cellStart[cell + 1]; k++) {
          const p = cellPolygons[k];
          if (!rasterIntersects(polygons, rasters, p, x, y)) continue;
          out[i] = geometryOf[p];
          break;
        }
      }
    }
    return out;
  }

  /**
   * Visits every pair of a point and a geometry that intersect: points in order, the geometries
   * of one point in ascending order.
   *
   * @param visit Called with the index of the point and of the geometry.
   */
  forEachMatch(
    xs: Coordinates,
    ys: Coordinates,
    visit: (point: number, geometry: number) => void,
  ): void {
    const { points, geometries, count } = this.matchInto(new MatchBuffer(), xs, ys);
    for (let k = 0; k < count; k++) visit(points[k], geometries[k]);
  }

  /**
   * Every pair of a point and a geometry that intersect, into a buffer: points in order, the
   * geometries of one point in ascending order.
   *
   * @param out Receives the pairs instead of those that it holds.
   * @param xs X of the points, in the unit of the polygons.
   * @param ys Y of the points.
   * @returns `out`
   */
  matchInto(out: MatchBuffer, xs: Coordinates, ys: Coordinates): MatchBuffer {
    const { polygons } = this, rasters = this.#rasters, geometryOf = this.#geometryOf;
    const cellStart = this.#cellStart, cellPolygons = this.#cellPolygons;
    const near = this.#near, nearCell = this.#nearCell;
    let { points, geometries } = out, end = 0;
    for (let from = 0; from < xs.length; from += BLOCK) {
      const count = this.#pointsNearPolygons(xs, ys, from);
      for (let n = 0; n < count; n++) {
        const i = near[n], cell = nearCell[n], x = xs[i], y = ys[i];
        let last = -1;
        for (let k = cellStart[cell]; k < cellStart[cell + 1]; k++) {
          const p = cellPolygons[k], geometry = geometryOf[p];
          if (geometry === last || !rasterIntersects(polygons, rasters, p, x, y)) continue;
          last = geometry;
          if (end === points.length) {
            out.grow();
            ({ points, geometries } = out);
          }
          points[end] = i;
          geometries[end++] = geometry;
        }
      }
    }
    out.count = end;
    return out;
  }

  /**
   * Collects the points of one block in cells that have polygons. Whether a cell has some is not
   * foreseeable, so that it decides by arithmetic and not by a branch.
   *
   * @returns How many; their indices are in `#near`, their cells in `#nearCell`.
   */
  #pointsNearPolygons(xs: Coordinates, ys: Coordinates, from: number): number {
    const cellStart = this.#cellStart, near = this.#near, nearCell = this.#nearCell;
    const { minX, minY, maxX, maxY, cellsPerUnit, columns } = this.#grid;
    const to = Math.min(xs.length, from + BLOCK);
    let count = 0;
    for (let i = from; i < to; i++) {
      const x = xs[i], y = ys[i];
      if (!(x >= minX && x <= maxX && y >= minY && y <= maxY)) continue;
      const row = ((y - minY) * cellsPerUnit) | 0, column = ((x - minX) * cellsPerUnit) | 0;
      const cell = row * columns + column;
      near[count] = i;
      nearCell[count] = cell;
      count += (cellStart[cell] - cellStart[cell + 1]) >>> 31;
    }
    return count;
  }
}

function geometryOfPolygons(polygons: MultiPolygons): Int32Array {
  const { geometryStart } = polygons;
  const result = new Int32Array(polygons.polygonStart.length - 1);
  for (let g = 0; g < geometryCount(polygons); g++) {
    result.fill(g, geometryStart[g], geometryStart[g + 1]);
  }
  return result;
}

function layGrid(boxes: Float64Array): Grid {
  let minX = Infinity, minY = Infinity, maxX = -Infinity, maxY = -Infinity;
  let count = 0, width = 0, height = 0, area = 0;
  for (let k = 0; k < boxes.length; k += 4) {
    const w = boxes[k + 2] - boxes[k], h = boxes[k + 3] - boxes[k + 1];
    if (!(w >= 0 && h >= 0)) continue;
    count++;
    width += w;
    height += h;
    area += w * h;
    minX = Math.min(minX, boxes[k]);
    minY = Math.min(minY, boxes[k + 1]);
    maxX = Math.max(maxX, boxes[k + 2]);
    maxY = Math.max(maxY, boxes[k + 3]);
  }
  if (count === 0) return { minX, minY, maxX, maxY, cellsPerUnit: 1, columns: 0, rows: 0 };
  const extentX = maxX - minX, extentY = maxY - minY;
  const wanted = CELL_WIDTHS * Math.max(width / count, height / count, Math.sqrt(area / count));
  const maxCells = 64 + MAX_CELLS_PER_POLYGON * count;
  const smallest = Math.max(
    Math.sqrt(extentX * extentY / maxCells),
    Math.max(extentX, extentY) / maxCells,
  );
  const cellsPerUnit = 1 / (Math.max(wanted, smallest) || 1);
  const columns = Math.floor(extentX * cellsPerUnit) + 1;
  const rows = Math.floor(extentY * cellsPerUnit) + 1;
  return { minX, minY, maxX, maxY, cellsPerUnit, columns, rows };
}

/** Lists the polygons of each grid cell in ascending order: counts, then offsets, then entries. */
function fillGrid(grid: Grid, boxes: Float64Array): [Int32Array, Int32Array] {
  const starts = new Int32Array(grid.columns * grid.rows + 1);
  forEachCell(grid, boxes, (cell) => starts[cell + 1]++);
  for (let cell = 0; cell < starts.length - 1; cell++) starts[cell + 1] += starts[cell];
  const entries = new Int32Array(starts[starts.length - 1]);
  const next = starts.slice(0, -1);
  forEachCell(grid, boxes, (cell, polygon) => entries[next[cell]++] = polygon);
  return [starts, entries];
}

function forEachCell(
  { minX, minY, cellsPerUnit, columns }: Grid,
  boxes: Float64Array,
  visit: (cell: number, polygon: number) => void,
): void {
  for (let p = 0; 4 * p < boxes.length; p++) {
    const lastColumn = Math.floor((boxes[4 * p + 2] - minX) * cellsPerUnit);
    const lastRow = Math.floor((boxes[4 * p + 3] - minY) * cellsPerUnit);
    for (
      let row = Math.floor((boxes[4 * p + 1] - minY) * cellsPerUnit);
      row <= lastRow;
      row++
    ) {
      for (
        let c = Math.floor((boxes[4 * p] - minX) * cellsPerUnit);
        c <= lastColumn;
        c++
      ) {
        visit(row * columns + c, p);
      }
    }
  }
}

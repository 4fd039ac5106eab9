import type { SparseMatrix } from "@/core/sparse.ts";
import { geometryCount } from "@/core/polygons.ts";
import { CountMatrixBuilder } from "./count_matrix_builder.ts";
import { type Coordinates, MatchBuffer, type PolygonIndex } from "./polygon_index.ts";

/** What becomes of a point in several geometries: `first` counts it once, `all` in each. */
export type OverlapRule = "first" | "all";

/** How many points of each feature lie in each geometry. */
export interface PointCounts {
  /** Counts, `(n_geometries, n_features)`, CSR, int32. */
  readonly matrix: SparseMatrix;
  /** Points that lie in a geometry. */
  readonly assigned: number;
  /** Points that lie in none; with `assigned` all points that were given. */
  readonly unassigned: number;
  /** Sum of `matrix`: equal to `assigned` under the rule `first`. */
  readonly counted: number;
}

/**
 * Counts labelled points in geometries, batch by batch.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { PointCounter } from "@/geometry/count_points.ts";
 * import { PolygonIndex } from "@/geometry/polygon_index.ts";
 *
 * const square = packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 1, 0, 0]]]]);
 * const counter = new PointCounter(new PolygonIndex(square), 3);
 * counter.add(Float64Array.of(0.5, 0.6, 7), Float64Array.of(0.5, 0.5, 7), Int32Array.of(2, 2, 0));
 * const { matrix, assigned, unassigned } = counter.finish();
 * assertEquals([[...matrix.indices], [...matrix.data]], [[2], [2]]);
 * assertEquals([assigned, unassigned], [2, 1]);
 * ```
 */
export class PointCounter {
  readonly #index: PolygonIndex;
  readonly #rule: OverlapRule;
  readonly #builder: CountMatrixBuilder;
  readonly #matches = new MatchBuffer();
  #located = new Int32Array(0);
  #assigned = 0;
  #unassigned = 0;
  #counted = 0;

  /**
   * @param index The geometries: rows of the result.
   * @param features Number of features: columns of the result.
   * @param rule What becomes of a point in several geometries.
   */
  constructor(index: PolygonIndex, features: number, rule: OverlapRule = "first") {
    this.#index = index;
    this.#rule = rule;
    this.#builder = new CountMatrixBuilder(geometryCount(index.polygons), features);
  }

  /**
   * Counts a batch.
   *
   * @param xs X of the points, in the unit of the polygons.
   * @param ys Y of the points.
   * @param features Feature of each point, in `[0, n_features)`.
   * @throws {RangeError} If the three differ in length, or a point in a geometry has no such feature.
   */
  add(xs: Coordinates, ys: Coordinates, features: Int32Array): void {
    if (ys.length !== xs.length || features.length !== xs.length) {
      throw new RangeError(
        `Cannot count points: found ${xs.length} x, ${ys.length} y and ${features.length} features`,
      );
    }
    if (this.#rule === "first") this.#addFirst(xs, ys, features);
    else this.#addAll(xs, ys, features);
  }

  /** The counts so far. */
  finish(): PointCounts {
    return {
      matrix: this.#builder.finish(),
      assigned: this.#assigned,
      unassigned: this.#unassigned,
      counted: this.#counted,
    };
  }

  #addFirst(xs: Coordinates, ys: Coordinates, features: Int32Array): void {
    if (this.#located.length < xs.length) this.#located = new Int32Array(xs.length);
    const located = this.#index.locate(xs, ys, this.#located);
    let assigned = 0;
    for (let i = 0; i < xs.length; i++) {
      if (located[i] < 0) continue;
      this.#builder.add(located[i], features[i]);
      assigned++;
    }
    this.#assigned += assigned;
    this.#counted += assigned;
    this.#unassigned += xs.length - assigned;
  }

  #addAll(xs: Coordinates, ys: Coordinates, features: Int32Array): void {
    const { points, geometries, count } = this.#index.matchInto(this.#matches, xs, ys);
    let assigned = 0;
    for (let k = 0; k < count; k++) {
      this.#builder.add(geometries[k], features[points[k]]);
      if (k === 0 || points[k] !== points[k - 1]) assigned++;
    }
    this.#assigned += assigned;
    this.#counted += count;
    this.#unassigned += xs.length - assigned;
  }
}

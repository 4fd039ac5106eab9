import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import {
  type Coordinates,
  type OverlapRule,
  PointCounter,
  type PointCounts,
  PolygonIndex,
} from "@/geometry/mod.ts";

/** A batch of labelled points. */
export interface PointBatch {
  /** Points in the batch. */
  readonly rowCount: number;
  /** Place and feature of each point. */
  readonly columns: {
    readonly x: Coordinates;
    readonly y: Coordinates;
    readonly feature_code: Int32Array;
  };
}

/**
 * Counts streamed points of each feature in each polygon; every point is accounted for.
 *
 * @param batches The points; x and y in the unit of the polygons.
 * @param polygons The rows of the result.
 * @param features How many features there are: the columns of the result.
 * @param options `rule`: what becomes of a point in several polygons; `onBatch` is told of the points so far.
 * @throws {SthelarError} `PipelineConflict` if points got lost.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { countInPolygons } from "@/numerics/count_in_polygons.ts";
 *
 * async function* batches() {
 *   const columns = {
 *     x: Float32Array.of(0.5, 9),
 *     y: Float32Array.of(0.5, 9),
 *     feature_code: Int32Array.of(1, 1),
 *   };
 *   yield { rowCount: 2, columns };
 * }
 * const square = packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 1, 0, 0]]]]);
 * const { matrix, unassigned } = await countInPolygons(batches(), square, 3, { rule: "first" });
 * assertEquals([...matrix.data], [1]);
 * assertEquals(unassigned, 1);
 * ```
 */
export async function countInPolygons(
  batches: AsyncIterable<PointBatch>,
  polygons: MultiPolygons,
  features: number,
  options: { rule: OverlapRule; onBatch?: (points: number) => void },
): Promise<PointCounts> {
  const counter = new PointCounter(new PolygonIndex(polygons), features, options.rule);
  let points = 0;
  for await (const { columns, rowCount } of batches) {
    counter.add(columns.x, columns.y, columns.feature_code);
    points += rowCount;
    options.onBatch?.(points);
  }
  const counts = counter.finish();
  if (counts.assigned + counts.unassigned === points) return counts;
  throw new SthelarError("PipelineConflict", {
    action: "Cannot account for every transcript",
    found: `${counts.assigned} in polygons and ${counts.unassigned} outside`,
    expected: `${points} in all`,
  });
}

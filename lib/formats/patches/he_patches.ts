import type { MultiPolygons } from "@/core/polygons.ts";
import type { Column } from "@/formats/parquet/mod.ts";
import { affineXY, type ShapesSpec } from "@/formats/spatialdata/mod.ts";

/** Where each patch of a grid lies. */
export interface PatchPlaces {
  /** Side of a patch, px. */
  readonly patchWidth: number;
  /** Distance of neighbours, px. */
  readonly step: number;
  /** Patches in a row. */
  readonly columns: number;
  /** Patches in all. */
  readonly count: number;
}

/** How well masks and predictions agree, a value a patch; missing where there is none. */
export type PatchMetrics = Readonly<
  Record<
    "Dice" | "Jaccard" | "bPQ",
    { readonly values: Float64Array; readonly missing?: Uint8Array }
  >
>;

/** The boxes of a grid with the columns that the published `he_patches` begins with. */
export function patchTable(
  { patchWidth, step, columns, count }: PatchPlaces,
): {
  readonly ids: BigInt64Array;
  readonly geometries: MultiPolygons;
  readonly columns: ReadonlyMap<string, Column>;
} {
  const ids = BigInt64Array.from({ length: count }, (_, patch) => BigInt(patch));
  const xy = new Float64Array(10 * count);
  const boxes = new BigInt64Array(4 * count), places = new BigInt64Array(2 * count);
  for (let patch = 0; patch < count; patch++) {
    const place = [patch % columns, Math.floor(patch / columns)];
    const [x0, y0] = place.map((index) => index * step);
    const [x1, y1] = [x0 + patchWidth, y0 + patchWidth];
    // The order of shapely's box().
    xy.set([x1, y0, x1, y1, x0, y1, x0, y0, x1, y0], 10 * patch);
    boxes.set([x0, y0, x1, y1].map(BigInt), 4 * patch);
    places.set(place.map(BigInt), 2 * patch);
  }
  const starts = Int32Array.from({ length: count + 1 }, (_, patch) => patch);
  return {
    ids,
    geometries: {
      xy,
      ringStart: starts.map((patch) => 5 * patch),
      polygonStart: starts,
      geometryStart: starts,
    },
    columns: new Map<string, Column>([
      ["bboxes", { kind: "lists", starts: starts.map((patch) => 4 * patch), values: boxes }],
      ["ilocs", { kind: "lists", starts: starts.map((patch) => 2 * patch), values: places }],
      ["patch_id", { kind: "numbers", values: ids }],
    ]),
  };
}

/**
 * The element `he_patches`, with exactly the seven published columns.
 *
 * @param places The grid.
 * @param toGlobal From px of the image to `global`, `[a, b, c, d, e, f]`.
 * @param metrics A value for each patch of the grid, missing where it was not evaluated.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hePatches } from "@/formats/patches/mod.ts";
 *
 * const grid = { patchWidth: 256, step: 192, columns: 2, count: 2 };
 * const values = Float64Array.of(0.8, 0), missing = Uint8Array.of(0, 1);
 * const metric = { values, missing };
 * const { columns } = hePatches(grid, [1, 0, 0, 0, 1, 0], {
 *   Dice: metric,
 *   Jaccard: metric,
 *   bPQ: metric,
 * });
 * assertEquals([...columns!.keys()], ["bboxes", "ilocs", "patch_id", "Dice", "Jaccard", "bPQ"]);
 * ```
 */
export function hePatches(
  places: PatchPlaces,
  toGlobal: readonly number[],
  metrics: PatchMetrics,
): ShapesSpec {
  const { ids, geometries, columns } = patchTable(places);
  const [a, b, c, d, e, f] = toGlobal;
  return {
    ids,
    geometries,
    columns: new Map<string, Column>([
      ...columns,
      ...Object.entries(metrics).map(([name, metric]): [string, Column] => [
        name,
        { kind: "numbers", ...metric },
      ]),
    ]),
    transformations: new Map([["global", affineXY([[a, b, c], [d, e, f]])]]),
  };
}

import { SthelarError } from "@/core/errors.ts";
import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";
import { type GeometryFault, repairPolygons } from "./repair_polygons.ts";

/** Nuclei and their cells, ready to be drawn. */
export interface MaskShapes {
  /** In px of the image; empty where a nucleus is invalid. */
  readonly nuclei: MultiPolygons;
  /** Geometry `g` is the cell of nucleus `g`; empty where there is none, or an invalid one. */
  readonly cells: MultiPolygons;
  /** Number of each cell, from 1: 0 is the background. */
  readonly ids: Int32Array;
}

/** What was wrong with the polygon of a cell. */
export interface MaskFault extends GeometryFault {
  /** Number of the cell. */
  readonly id: number;
  /** Which of its polygons. */
  readonly shape: "nucleus" | "cell";
}

/** Shapes after repair. */
export interface PreparedMaskShapes {
  readonly shapes: MaskShapes;
  /** Polygons that were invalid and no longer are. */
  readonly repaired: readonly MaskFault[];
  /** Polygons that stay invalid: such a cell is in no mask. */
  readonly invalid: readonly MaskFault[];
}

/**
 * Checks and mends the polygons that masks are drawn from.
 *
 * @param shapes Polygons as read, brought to px of the image.
 * @throws {SthelarError} `InvalidArgument` if the three differ in length, or a number is below 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { prepareMaskShapes } from "@/geometry/mod.ts";
 *
 * const bowTie = packPolygons([[[[0, 0, 2, 2, 2, 0, 0, 3, 0, 0]]]]);
 * const { repaired } = await prepareMaskShapes({
 *   nuclei: bowTie,
 *   cells: packPolygons([[[[0, 0, 4, 0, 4, 4, 0, 4, 0, 0]]]]),
 *   ids: Int32Array.of(7),
 * });
 * assertEquals(repaired.map(({ id, shape }) => [id, shape]), [[7, "nucleus"]]);
 * ```
 */
export async function prepareMaskShapes(shapes: MaskShapes): Promise<PreparedMaskShapes> {
  const { ids } = shapes;
  const counts = [geometryCount(shapes.nuclei), geometryCount(shapes.cells), ids.length];
  if (new Set(counts).size > 1 || ids.some((id) => id < 1)) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot draw masks of patches",
      found: `${counts[0]} nuclei, ${counts[1]} cells and ${counts[2]} numbers`,
      expected: "as many of each, and numbers from 1",
    });
  }
  const [nuclei, cells] = [
    await repairPolygons(shapes.nuclei),
    await repairPolygons(shapes.cells),
  ];
  const faultsOf = (name: "repaired" | "invalid"): MaskFault[] => [
    ...nuclei[name].map((fault) => ({
      ...fault,
      id: ids[fault.geometry],
      shape: "nucleus" as const,
    })),
    ...cells[name].map((fault) => ({ ...fault, id: ids[fault.geometry], shape: "cell" as const })),
  ];
  return {
    shapes: { nuclei: nuclei.polygons, cells: cells.polygons, ids },
    repaired: faultsOf("repaired"),
    invalid: faultsOf("invalid"),
  };
}

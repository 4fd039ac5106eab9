import type { MaskFault } from "@/geometry/mod.ts";
import type { PatchPolygonFault } from "./build_patches_report.ts";
import type { PatchShapes } from "./patch_shapes.ts";

/** What was wrong with polygons, by the ids of their cells. */
export function faultsOf(faults: readonly MaskFault[], { ids }: PatchShapes): PatchPolygonFault[] {
  return faults.map(({ geometry, shape, reason }) => ({ id: ids[geometry], shape, reason }));
}

/** Warns of what is not in the masks, or not as it was. */
export function tellFaults(
  { withoutCell, cellNumbers }: PatchShapes,
  { repaired, invalid }: Readonly<Record<"repaired" | "invalid", readonly PatchPolygonFault[]>>,
  kept: number,
  warn: (message: string) => void,
): void {
  const examples = (ids: readonly string[]) =>
    ids.slice(0, 3).join(", ") + (ids.length > 3 ? ", …" : "");
  if (withoutCell.length > 0) {
    const some = examples(withoutCell);
    warn(`${withoutCell.length} nuclei have no cell and are in no mask: ${some}`);
  }
  if (repaired.length > 0) {
    warn(
      `${repaired.length} polygons crossed themselves and were mended: ${
        examples(repaired.map(({ id }) => id))
      }`,
    );
  }
  if (invalid.length > 0) {
    warn(
      `${invalid.length} polygons are invalid, their cells in no mask: ${
        examples(invalid.map(({ id }) => id))
      }`,
    );
  }
  if (cellNumbers === "row") {
    warn("ids of cells are no numbers up to 2^31: masks number cells by their rows");
  }
  if (kept === 0) warn("no patch is kept");
}

import type { Boundaries, Transcripts, XeniumBundle } from "@/formats/xenium/mod.ts";
import type { PointCounts } from "@/geometry/mod.ts";

/** What stage 1-02 found, beside the elements. */
export interface ProcessSlideReport {
  /** Side of a morphology pixel, µm. */
  readonly pixelSizeUm: number;
  /** Version of the analysis software, as the bundle tells. */
  readonly analysisVersion: string | null;
  /** Nuclei, one a cell that has any. */
  readonly nuclei: number;
  /** Cells with more than one nucleus polygon. */
  readonly multinucleateCells: number;
  /** Polygons that were left out. */
  readonly droppedPolygons: Boundaries["dropped"];
  /** Transcripts in the file, in a nucleus, and in none (of those of enough quality). */
  readonly transcripts: {
    readonly total: number;
    readonly lowQuality: number;
    readonly inNucleus: number;
    readonly outside: number;
  };
}

/** The findings of stage 1-02. */
export function processSlideReport(
  bundle: XeniumBundle,
  pixelSizeUm: number,
  { rowCount }: Transcripts,
  { cellIds, polygons, dropped }: Boundaries,
  { assigned, unassigned }: PointCounts,
): ProcessSlideReport {
  const { geometryStart } = polygons;
  const polygonsOf = (row: number) => geometryStart[row + 1] - geometryStart[row];
  return {
    pixelSizeUm,
    analysisVersion: bundle.manifest.versionText ?? null,
    nuclei: cellIds.length,
    multinucleateCells: cellIds.filter((_, row) => polygonsOf(row) > 1).length,
    droppedPolygons: dropped,
    transcripts: {
      total: rowCount,
      lowQuality: rowCount - assigned - unassigned,
      inNucleus: assigned,
      outside: unassigned,
    },
  };
}

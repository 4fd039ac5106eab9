import type { Column } from "@/formats/parquet/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import {
  type ControlPatch,
  patchesInput,
  type PatchSet,
  readControlPatches,
} from "@/formats/patches/mod.ts";
import type { ImagePyramid } from "@/formats/spatialdata/mod.ts";
import { imageInput, reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { FigureNote } from "@/plots/mod.ts";
import type { BuildPatchesReport } from "@/stages/3_01_build_patches.ts";

/** The patches of a slide. */
export interface PatchData {
  /** Findings of stage 3-01. */
  readonly report: BuildPatchesReport;
  /** The patches, read one by one. */
  readonly set: PatchSet;
  /** What became of each patch of the grid. */
  readonly outcomes: readonly string[];
  /** Patches that were put aside to be looked at. */
  readonly controls: readonly ControlPatch[];
  /** The H&E. */
  readonly he: ImagePyramid;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Whether a slide has patches. */
export function hasPatches(slide: Slide): boolean {
  return slide.has("patches/xenium");
}

/**
 * Opens the patches of a slide.
 *
 * @throws {SthelarError} `NotFound` if they were not built yet.
 */
export async function openPatches(slide: Slide): Promise<PatchData> {
  const set = await slide.open(patchesInput("xenium"));
  const table = await readParquetColumns(slide.disk, `${set.folder}/patches.parquet`);
  return {
    report: await slide.open(reportInput<BuildPatchesReport>("build_patches")),
    set,
    outcomes: textsOf(table.column("outcome")),
    controls: await readControlPatches(slide.disk, set.folder),
    he: await slide.open(imageInput("he")),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

function textsOf(column: Column): readonly string[] {
  if (column.kind === "categories") {
    const { codes, levels } = column.values;
    return Array.from(codes, (code) => levels[code]);
  }
  return column.kind === "text" ? column.values.map((text) => text ?? "") : [];
}

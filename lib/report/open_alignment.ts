import {
  type AlignmentTable,
  type PredictionSet,
  predictionsInput,
} from "@/formats/predictions/mod.ts";
import { patchesInput, type PatchSet } from "@/formats/patches/mod.ts";
import { imageInput, reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { PatchThumbnail } from "@/plots/chapter_3/mod.ts";
import type { FigureNote } from "@/plots/mod.ts";
import type { BuildPatchesReport } from "@/stages/3_01_build_patches.ts";
import type { PredictAndAlignReport } from "@/stages/3_03_predict_and_align.ts";
import type { AnalyzeAlignReport } from "@/stages/3_04_analyze_align.ts";
import { slideThumbnail } from "./slide_thumbnail.ts";

/** How well predicted nuclei of a slide agree with those of the Xenium run. */
export interface AlignmentData {
  /** Findings of stage 3-01. */
  readonly patchReport: BuildPatchesReport;
  /** Findings of stage 3-03. */
  readonly report: PredictAndAlignReport;
  /** Findings of stage 3-04, if it has run. */
  readonly analysis: AnalyzeAlignReport | undefined;
  /** Scores of each patch. */
  readonly table: AlignmentTable;
  /** The predictions. */
  readonly predictions: PredictionSet;
  /** The patches. */
  readonly set: PatchSet;
  /** The H&E, small. */
  readonly thumbnail: PatchThumbnail;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Whether there are predictions of a slide's patches. */
export function hasAlignment(slide: Slide): boolean {
  return slide.has("predictions/xenium");
}

/**
 * Opens what is known of a slide's alignment.
 *
 * @throws {SthelarError} `NotFound` if nothing was predicted yet.
 */
export async function openAlignment(slide: Slide): Promise<AlignmentData> {
  const predictions = await slide.open(predictionsInput("xenium"));
  const patchReport = await slide.open(reportInput<BuildPatchesReport>("build_patches"));
  return {
    patchReport,
    report: await slide.open(reportInput<PredictAndAlignReport>("predict_and_align")),
    analysis: slide.has("reports/analyze_align")
      ? await slide.open(reportInput<AnalyzeAlignReport>("analyze_align"))
      : undefined,
    table: await predictions.alignment(),
    predictions,
    set: await slide.open(patchesInput("xenium")),
    thumbnail: await slideThumbnail(await slide.open(imageInput("he")), patchReport.image),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

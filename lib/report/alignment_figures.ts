import {
  type AlignmentExample,
  alignmentExamples,
  alignmentMap,
  alignmentScores,
  registrationFigure,
} from "@/plots/chapter_3/mod.ts";
import type { Figure } from "@/plots/mod.ts";
import type { AlignmentData } from "./open_alignment.ts";

export { type AlignmentData, hasAlignment, openAlignment } from "./open_alignment.ts";

/** Scores that figures show, by their published names. */
const SCORES = { Dice: "dice", Jaccard: "jaccard", bPQ: "bpq" } as const;
/** More scores, of what the panoptic quality is made of and of detection. */
const MORE_SCORES = { DQ: "bdq", SQ: "bsq", F1: "f1" } as const;

/** By how much the H&E is shifted; `undefined` if nothing was predicted. */
export function registrationOfSlide({ report, notes }: AlignmentData): Figure | undefined {
  const { registration, source } = report;
  if (registration === null) return undefined;
  return registrationFigure({ ...registration, source: source.name, notes });
}

/** How the scores of patches are distributed. */
export function scoresOfPatches({ table, report, analysis, notes }: AlignmentData): Figure {
  const cuts = analysis?.kept.map(({ jaccard }) => jaccard) ?? [];
  return alignmentScores({
    ...{ source: report.source.name, notes },
    scores: Object.entries({ ...SCORES, ...MORE_SCORES }).map(([name, column]) => ({
      ...{ name, values: table[column] },
      ...column === "jaccard" ? { cuts } : {},
    })),
  });
}

/**
 * A score of the patches over the slide.
 *
 * @param name Its published name.
 */
export function mapOfScore(
  { table, patchReport, report, analysis, thumbnail, notes }: AlignmentData,
  name: keyof typeof SCORES = "Jaccard",
): Figure {
  const { grid, image } = patchReport;
  return alignmentMap({
    ...{ columns: grid.columns, count: grid.count, step: grid.patchWidth - grid.overlap },
    ...{ umPerPixel: image.umPerPixel, patchIds: table.patchIds, values: table[SCORES[name]] },
    ...{ name, source: report.source.name, thumbnail, notes },
    ...name === "Jaccard" && analysis !== undefined ? { keepFrom: analysis.kept[0].jaccard } : {},
  });
}

/** The best, middle and worst patches; `undefined` if none has a score, or stage 3-04 has not run. */
export async function examplesOfAlignment(data: AlignmentData): Promise<Figure | undefined> {
  const { analysis, patchReport, report, notes } = data;
  if (analysis === undefined || analysis.examples.best.length === 0) return undefined;
  const chosen = Object.entries(analysis.examples)
    .flatMap(([rank, patches]) => patches.map((patch) => ({ rank, patch })));
  const read = new Map<number, AlignmentExample>();
  // Masks are read forwards: a step back reads their file from its start.
  for (const patch of chosen.map(({ patch }) => patch).sort((a, b) => a - b)) {
    if (!read.has(patch)) read.set(patch, await readExample(data, patch));
  }
  return alignmentExamples({
    examples: chosen.map(({ rank, patch }) => ({ ...read.get(patch)!, rank })),
    columns: analysis.examples.best.length,
    ...{ umPerPixel: patchReport.image.umPerPixel, source: report.source.name, notes },
  });
}

async function readExample(
  { set, predictions, table }: AlignmentData,
  patch: number,
): Promise<AlignmentExample> {
  const index = set.patchIds.indexOf(patch);
  const { instances } = await set.nuclei(index);
  return {
    ...{ patch, rank: "", width: set.patchWidth, rgb: await set.image(index), xenium: instances },
    predicted: await predictions.instances(patch) ?? new Int32Array(instances.length),
    ...{ jaccard: table.jaccard[index], bpq: table.bpq[index] },
  };
}

import { SthelarError } from "@/core/errors.ts";
import { type AlignmentTable, predictionsInput } from "@/formats/predictions/mod.ts";
import type { Shapes } from "@/formats/spatialdata/mod.ts";
import { reportInput, shapesInput } from "@/formats/spatialdata/stage_elements.ts";
import { optional } from "@/formats/spatialdata/table_part_input.ts";
import { sortedQuantile } from "@/numerics/sorted_quantile.ts";
import type { ScoreQuantiles } from "@/plots/study/mod.ts";
import type { PredictAndAlignReport } from "@/stages/3_03_predict_and_align.ts";
import { keptFrom } from "@/stages/analyze_align_report.ts";
import { type ScoreRelations, scoreRelations } from "./score_relations.ts";
import type { StudySlide } from "./study_step.ts";

/** What a comparison of alignments reads of each slide: a published store has `he_patches` alone. */
export const ALIGNMENT_INPUTS = {
  predictions: optional(predictionsInput("xenium")),
  report: optional(reportInput<PredictAndAlignReport>("predict_and_align")),
  patches: optional(shapesInput("he_patches")),
} as const;

/** Scores that are compared, by their published names. */
export const COMPARED_SCORES = ["Dice", "Jaccard", "bPQ"] as const;
type ComparedScore = typeof COMPARED_SCORES[number];

/** What a published store's predictions are called: it does not tell the network. */
const PUBLISHED = "published";

/** Patches that are kept from a Jaccard index on. */
export interface KeptPatches {
  readonly patches: number;
  /** Nuclei in them: one that lies in two counts twice; `undefined` where that is not known. */
  readonly nuclei: number | undefined;
}

/** How well predicted nuclei of a slide agree with those of the Xenium run. */
export interface SlideAlignment {
  readonly slide: string;
  readonly tissue: string;
  readonly simulated: boolean;
  /** Who predicted. */
  readonly source: string;
  /** Patches that are kept by 3-01; `undefined` where that is not known. */
  readonly patches: number | undefined;
  /** Patches with a Jaccard index. */
  readonly evaluated: number;
  /** Spread of each score; absent where no patch has it. */
  readonly scores: ReadonlyMap<ComparedScore, ScoreQuantiles>;
  /** How its scores hang together. */
  readonly relations: ScoreRelations;
  /** What is kept from each cut on. */
  readonly kept: readonly KeptPatches[];
  /** Where the H&E lies against the RNA, and how sure that is; `undefined` where it was not found. */
  readonly shift:
    | { readonly dxUm: number; readonly dyUm: number; readonly confidence: number }
    | undefined;
}

/** Scores of the patches of a slide; NaN for none. */
interface PatchScores {
  readonly source: string;
  readonly patches: number | undefined;
  readonly values: Readonly<Record<ComparedScore, Float64Array>>;
  readonly nuclei: Int32Array | undefined;
}

/**
 * How well predicted nuclei of a slide agree with those of the Xenium run.
 *
 * @param cuts Jaccard indices from which patches are kept.
 * @returns `undefined` for a slide without such scores.
 */
export async function alignmentOfSlide(
  slide: StudySlide<typeof ALIGNMENT_INPUTS>,
  cuts: readonly number[],
): Promise<SlideAlignment | undefined> {
  const found = await scoresOf(slide);
  if (found === undefined) return undefined;
  const { source, patches, values, nuclei } = found;
  const whole = (await slide.open("report"))?.registration?.whole;
  const scores = new Map<ComparedScore, ScoreQuantiles>();
  for (const name of COMPARED_SCORES) {
    const spread = quantilesOf(values[name]);
    if (spread !== undefined) scores.set(name, spread);
  }
  return {
    ...{ slide: slide.name, tissue: slide.tissue, simulated: slide.simulated, source, patches },
    evaluated: values.Jaccard.reduce((sum, value) => sum + Number(!Number.isNaN(value)), 0),
    scores,
    relations: scoreRelations(values),
    kept: cuts.map((cut) => {
      const kept = keptFrom(values.Jaccard, nuclei ?? new Int32Array(values.Jaccard.length), cut);
      return { patches: kept.patches, nuclei: nuclei && kept.nuclei };
    }),
    shift: whole?.best && {
      ...{ dxUm: whole.best.dxUm, dyUm: whole.best.dyUm, confidence: whole.confidence },
    },
  };
}

async function scoresOf(
  slide: StudySlide<typeof ALIGNMENT_INPUTS>,
): Promise<PatchScores | undefined> {
  const predictions = await slide.open("predictions");
  if (predictions !== undefined) {
    const table: AlignmentTable = await predictions.alignment();
    return {
      source: predictions.description.source,
      patches: table.patchIds.length,
      values: { Dice: table.dice, Jaccard: table.jaccard, bPQ: table.bpq },
      nuclei: table.nuclei,
    };
  }
  const patches = await slide.open("patches");
  if (patches === undefined || !patches.columns.names.includes("Jaccard")) return undefined;
  const [Dice, Jaccard, bPQ] = COMPARED_SCORES.map((name) => scoreColumn(patches, name));
  return {
    source: PUBLISHED,
    patches: undefined,
    values: { Dice, Jaccard, bPQ },
    nuclei: undefined,
  };
}

/** A score of `he_patches`, whose published form holds -1 for none. */
function scoreColumn({ columns, name: element }: Shapes, name: ComparedScore): Float64Array {
  const column = columns.column(name);
  if (column.kind === "numbers") {
    const { values, missing } = column;
    return Float64Array.from(values as ArrayLike<number | bigint>, (value, row) => {
      const isScore = missing?.[row] !== 1 && Number(value) >= 0;
      return isScore ? Number(value) : NaN;
    });
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read the column "${name}" of "${element}"`,
    found: "another type",
    expected: "numbers",
    path: columns.source,
  });
}

/** Quantiles; `undefined` where all are NaN. */
function quantilesOf(values: Float64Array): ScoreQuantiles | undefined {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return undefined;
  const at = (share: number) => sortedQuantile(sorted, share);
  return {
    ...{ low: at(0.05), lowerQuartile: at(0.25), median: at(0.5) },
    ...{ upperQuartile: at(0.75), high: at(0.95) },
  };
}

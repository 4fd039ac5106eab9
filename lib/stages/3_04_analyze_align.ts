import { numberParam } from "@/core/params.ts";
import { defineStage } from "@/core/stage.ts";
import { type AlignmentTable, predictionsInput } from "@/formats/predictions/mod.ts";
import { reportOutput } from "@/formats/spatialdata/stage_elements.ts";
import {
  ALIGNMENT_SCORES,
  alignmentCuts,
  type AnalyzeAlignReport,
  keptFrom,
  spreadOf,
} from "./analyze_align_report.ts";

export type { AnalyzeAlignReport } from "./analyze_align_report.ts";

const outputs = { report: reportOutput<AnalyzeAlignReport>("analyze_align") };

/**
 * 3-4: how well predicted and Xenium nuclei agree over the patches, and which patches to look at. The
 * original's notebook is not public; it works on Dice, Jaccard and bPQ of `he_patches`, of which the
 * project keeps patches from a Jaccard index of 0.45 (0.70 for two of its data sets).
 */
export const analyzeAlign = defineStage({
  id: "3-04",
  name: "analyze_align",
  version: 1,
  doc: "Distributions of agreement, what is kept, and the patches to look at.",
  inputs: { predictions: predictionsInput("xenium") },
  outputs,
  params: {
    keepFrom: numberParam(0.45, "Jaccard index from which patches count as aligned", {
      min: 0,
      max: 1,
    }),
    strictFrom: numberParam(0.7, "Jaccard index of the stricter choice", { min: 0, max: 1 }),
    examples: numberParam(3, "Best, middle and worst patches to look at, of each", {
      min: 1,
      max: 20,
      integer: true,
      unit: "patches",
    }),
  },
  budget: ({ morphologyPixels }) => ({ memoryBytes: 150e6 + morphologyPixels / 500, seconds: 1 }),
  async run({ predictions }, { examples, ...choices }, ctx) {
    const cuts = alignmentCuts(choices);
    const table = await predictions.alignment();
    const { source } = predictions.description;
    const evaluated = table.isEvaluated.reduce((sum, flag) => sum + flag, 0);
    if (evaluated === 0) ctx.warn("no patch has a prediction: there is nothing to compare");
    const scores = Object.fromEntries(
      ALIGNMENT_SCORES.map((name) => [name, spreadOf(table[name])]),
    ) as AnalyzeAlignReport["scores"];
    return {
      report: {
        source,
        patches: { total: table.patchIds.length, evaluated },
        scores,
        kept: cuts.map((jaccard) => ({
          jaccard,
          ...keptFrom(table.jaccard, table.nuclei, jaccard),
        })),
        examples: chooseExamples(table, examples),
      },
    };
  },
});

/** Patches by rank; equal ones by their number. */
function chooseExamples(
  { jaccard, patchIds }: AlignmentTable,
  count: number,
): AnalyzeAlignReport["examples"] {
  const rows = Array.from(patchIds.keys()).filter((row) => !Number.isNaN(jaccard[row]))
    .sort((a, b) => jaccard[b] - jaccard[a] || a - b);
  const numbersOf = (chosen: readonly number[]) => chosen.map((row) => patchIds[row]);
  const start = Math.max(0, Math.round((rows.length - count) / 2));
  return {
    best: numbersOf(rows.slice(0, count)),
    middle: numbersOf(rows.slice(start, start + count)),
    worst: numbersOf(rows.slice(Math.max(0, rows.length - count)).reverse()),
  };
}

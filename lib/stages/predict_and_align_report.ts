import type { AlignmentTable, PredictionSource } from "@/formats/predictions/mod.ts";
import { sortedQuantile } from "@/numerics/sorted_quantile.ts";
import type { RegistrationReport } from "@/vision/registration/mod.ts";

/** Of scores by patch; `null` where no patch has a value. */
export type AlignmentScores = Readonly<
  Record<"dice" | "jaccard" | "bpq" | "bdq" | "bsq", number | null>
>;

/** How well nuclei that are seen on the H&E agree with those of the Xenium run. */
export interface PredictAndAlignReport {
  /** Who predicted. */
  readonly source: {
    readonly name: PredictionSource;
    /** The file of published predictions. */
    readonly file?: string;
    /** Classes of nuclei, background first; `null` where the source does not tell classes. */
    readonly classes: readonly string[] | null;
    readonly magnification: 40 | 20;
  };
  readonly patches: {
    /** With predictions. */
    readonly evaluated: number;
    readonly withoutPrediction: number;
    /** Maps in the file that are of no patch of the set. */
    readonly foreign: number;
  };
  /** Nuclei in all evaluated patches: one that lies in several counts in each. */
  readonly nuclei: { readonly xenium: number; readonly predicted: number };
  /** Over patches that have a value. */
  readonly means: AlignmentScores;
  /** Over patches that have a value. */
  readonly medians: AlignmentScores;
  /** Over the nuclei of all patches; `null` where there are none. */
  readonly detection: Readonly<Record<"precision" | "recall" | "f1", number | null>>;
  /** Where the H&E lies against the Xenium run; `null` where no patch was evaluated. */
  readonly registration:
    | RegistrationReport & { readonly maxShiftUm: number; readonly umPerPx: number }
    | null;
  /** Cells with predicted classes that the table of cells does not have. */
  readonly withoutRow: readonly string[];
}

const SCORES = ["dice", "jaccard", "bpq", "bdq", "bsq"] as const;

/** The parts of the report that follow from the table. */
export function alignmentSummary(
  table: AlignmentTable,
): Pick<PredictAndAlignReport, "nuclei" | "means" | "medians" | "detection"> {
  const of = (statistic: (sorted: Float64Array) => number): AlignmentScores =>
    Object.fromEntries(
      SCORES.map((name) => {
        const sorted = table[name].filter((value) => !Number.isNaN(value)).sort();
        return [name, sorted.length === 0 ? null : statistic(sorted)];
      }),
    ) as AlignmentScores;
  const xenium = table.nuclei.reduce((n, count, i) => n + count * table.isEvaluated[i], 0);
  const [tp, fp, fn] = [table.truePositives, table.falsePositives, table.falseNegatives].map(sum);
  const share = (part: number, whole: number) => whole === 0 ? null : part / whole;
  return {
    nuclei: { xenium, predicted: sum(table.predicted) },
    means: of((sorted) => sum(sorted) / sorted.length),
    medians: of((sorted) => sortedQuantile(sorted, 0.5)),
    detection: {
      precision: share(tp, tp + fp),
      recall: share(tp, tp + fn),
      f1: share(2 * tp, 2 * tp + fp + fn),
    },
  };
}

function sum(values: Int32Array | Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

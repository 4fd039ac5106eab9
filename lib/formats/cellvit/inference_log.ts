import type { InferenceResults, Metric, PerPart } from "./inference_results.ts";
import { pythonFloat } from "./python_json.ts";
import { simpleTable } from "./simple_table.ts";

/** Qualities that `inference_results.json` does not hold, and what nuclei were taken for. */
export interface InferenceLogExtras {
  /** Detection quality by type. */
  readonly dq: Readonly<Record<string, Metric>>;
  /** Segmentation quality by type. */
  readonly sq: Readonly<Record<string, Metric>>;
  /** Of paired nuclei: types, and by true type (row) the shares of predicted types, `(n, n)`. */
  readonly confusion?: {
    readonly types: readonly string[];
    readonly shares: readonly (readonly Metric[])[];
  };
}

const FRAME = "*".repeat(20);

/**
 * The text of `inference.log`: what a run says of itself, in tables.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { inferenceLog } from "@/formats/cellvit/mod.ts";
 *
 * const none = { tissues: {}, patches: new Map(), pq: {}, detection: {} };
 * const log = inferenceLog({ dataset: { bPQ: 0.5 }, ...none }, { dq: {}, sq: {} });
 * assertEquals(log.split("\n")[1], "bPQ:                      0.5");
 * ```
 */
export function inferenceLog(results: InferenceResults, extras: InferenceLogExtras): string {
  const { dataset, tissues, pq, detection } = results;
  const rows = <T>(by: Readonly<Record<string, PerPart<T>>>, cells: (value: T) => Metric[]) =>
    Object.entries(by).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((part) => [name, ...cells(part)] as const)
    );
  const { confusion } = extras;
  return [
    ...results.source === undefined ? [] : [`Predictions: ${results.source}`],
    frame("Binary Dataset metrics"),
    ...Object.entries(dataset).map(([name, value]) => `${`${name}:`.padEnd(25)} ${shown(value)}`),
    frame("Tissue metrics"),
    simpleTable(
      ["Tissue", "Dice", "Jaccard", "mPQ", "bPQ"],
      rows(tissues, ({ dice, jaccard, mPQ, bPQ }) => [dice, jaccard, mPQ, bPQ]),
    ),
    frame("Nuclei Type Metrics"),
    simpleTable(
      ["Nuclei Type", "DQ", "SQ", "PQ"],
      Object.entries(pq).flatMap(([type, value]) =>
        (Array.isArray(value) ? value : [value]).map((part) =>
          [type, extras.dq[type], extras.sq[type], part] as const
        )
      ),
    ),
    frame("Nuclei Detection Metrics"),
    simpleTable(
      ["Nuclei Type", "Precision", "Recall", "F1"],
      rows(detection, ({ precision, recall, f1 }) => [precision, recall, f1]),
    ),
    ...confusion === undefined ? [] : [
      frame("Confusion Matrix"),
      simpleTable(
        ["True \\ Pred", ...confusion.types],
        confusion.types.map((type, i) => [type, ...confusion.shares[i]] as const),
      ),
    ],
    "",
  ].join("\n");
}

function frame(title: string): string {
  return `${FRAME} ${title} ${FRAME}`;
}

function shown(value: PerPart<Metric>): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  const text = pythonFloat((value as Metric) ?? NaN);
  return text === "NaN" ? "nan" : text;
}

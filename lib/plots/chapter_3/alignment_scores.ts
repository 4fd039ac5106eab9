import * as Plot from "@observablehq/plot";
import { sortedQuantile } from "@/numerics/sorted_quantile.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount } from "../legend.ts";
import { panels } from "../panels.ts";

/** One score of many patches. */
export interface ScoreValues {
  /** Its name, as `Jaccard`. */
  readonly name: string;
  /** 0 to 1; NaN where a patch has none. */
  readonly values: ArrayLike<number>;
  /** Scores from which patches are kept. */
  readonly cuts?: readonly number[];
}

/** What {@link alignmentScores} draws. */
export interface AlignmentScoresOptions extends FigureFrame {
  /** A panel each. */
  readonly scores: readonly ScoreValues[];
  /** Who predicted. */
  readonly source: string;
  /** Width of a panel, px; 280 unless told. */
  readonly panelWidth?: number;
}

const BINS = 30;
const DENSITY_POINTS = 121;

/**
 * How scores of patches are distributed: 30 bins from 0 to 1 with a density line, the median and the cuts.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { alignmentScores } from "@/plots/chapter_3/mod.ts";
 *
 * const scores = [{ name: "Dice", values: [0.7, 0.8, 0.9, NaN] }];
 * const svg = await alignmentScores({ scores, source: "baseline" }).svg();
 * assert(svg.includes("median 0.80") && svg.includes("n = 3 patches, 1 without"));
 * ```
 */
export function alignmentScores(options: AlignmentScoresOptions): Figure {
  const { scores, source, panelWidth = 280, ...frame } = options;
  return panels(scores.map((score) => scorePanel(score, panelWidth)), {
    title: "How well predicted and Xenium nuclei agree",
    subtitle: `nuclei predicted by: ${source}`,
    ...definedOf(frame),
    columns: 3,
  });
}

function scorePanel({ name, values, cuts = [] }: ScoreValues, width: number): Figure {
  const known = Float64Array.from(values).filter((value) => !Number.isNaN(value)).sort();
  const without = values.length - known.length;
  const counts = new Float64Array(BINS);
  for (const value of known) counts[Math.min(BINS - 1, Math.floor(value * BINS))]++;
  const bars = Array.from(counts, (count, i) => ({ from: i / BINS, to: (i + 1) / BINS, count }));
  const median = known.length === 0 ? NaN : sortedQuantile(known, 0.5);
  const lines = known.length === 0 ? [] : [{ at: median }];
  return figure({
    subtitle: known.length === 0
      ? `${name}: no patch has one`
      : `${name}: median ${median.toFixed(2)}`,
    caption: `n = ${formatCount(known.length)} patches` +
      (without > 0 ? `, ${formatCount(without)} without` : ""),
    ...{ width, height: 210, marginLeft: 48, marginRight: 12, marginTop: 24, marginBottom: 34 },
    x: { domain: [0, 1], label: name, labelAnchor: "center", labelArrow: "none", ticks: 5 },
    y: { label: "patches", labelArrow: "none", grid: true, ticks: 4 },
    marks: [
      Plot.rect(bars, { x1: "from", x2: "to", y1: 0, y2: "count", fill: "#4c78a8", inset: 0.3 }),
      Plot.line(densityOf(known), { x: "at", y: "count", stroke: "#222", strokeWidth: 1.2 }),
      Plot.ruleY([0]),
      Plot.ruleX(lines, { x: "at", stroke: "#d62728", strokeWidth: 1.5 }),
      Plot.ruleX(cuts, { x: (cut) => cut, stroke: "#555", strokeDasharray: "4,3" }),
      Plot.text(cuts, {
        ...{ x: (cut) => cut, text: (cut) => `≥ ${cut}`, frameAnchor: "top" },
        ...{ dy: -10, fill: "#555" },
      }),
    ],
  });
}

/** Density by a Gaussian kernel of Scott's width, as patches a bin. */
function densityOf(sorted: Float64Array): { at: number; count: number }[] {
  const n = sorted.length;
  if (n < 3) return [];
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const width = Math.sqrt(variance) * n ** -0.2;
  if (!(width > 0)) return [];
  return Array.from({ length: DENSITY_POINTS }, (_, i) => {
    const at = i / (DENSITY_POINTS - 1);
    let sum = 0;
    for (const value of sorted) sum += Math.exp(-0.5 * ((value - at) / width) ** 2);
    return { at, count: sum / (width * Math.sqrt(2 * Math.PI)) / BINS };
  });
}

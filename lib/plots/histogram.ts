import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "./figure.ts";
import { formatCount, formatNumber } from "./legend.ts";

/** A vertical line at a value, with its text. */
export interface ValueLine {
  /** Where, in the unit of the values. */
  readonly at: number;
  /** Its text. */
  readonly label: string;
}

/** What a histogram shows. */
export interface HistogramOptions extends FigureFrame {
  /** The values, in any order. */
  readonly values: ArrayLike<number>;
  /** Quantity and unit of the values. */
  readonly xLabel: string;
  /** What is counted, in the plural: `nuclei`. */
  readonly unit: string;
  /** About how many bins; 40 unless told. Logarithmic ones are a tenth of a decade wide. */
  readonly bins?: number;
  /** Logarithmic bins and axis: values up to 0 are left out and counted in the caption. */
  readonly log?: boolean;
  /** Whether the values are whole numbers: no bin then lies between two of them. */
  readonly integers?: boolean;
  /** Lines at thresholds. */
  readonly lines?: readonly ValueLine[];
  /** Width of the plot, px; 420 unless told. */
  readonly width?: number;
  /** Height of the plot, px; 260 unless told. */
  readonly height?: number;
}

/** A bin: values from `from` (included) to `to` (left out). */
export interface Bin {
  /** Lower edge. */
  readonly from: number;
  /** Upper edge. */
  readonly to: number;
  /** How many values. */
  readonly count: number;
}

/**
 * A histogram that states its n.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { histogram } from "@/plots/histogram.ts";
 *
 * const values = [0, 1, 10, 100];
 * const figure = histogram({ values, xLabel: "transcripts", unit: "nuclei", log: true });
 * assert((await figure.svg()).includes("n = 4 nuclei, of which 1 with 0 is not shown"));
 * ```
 */
export function histogram(options: HistogramOptions): Figure {
  const { values, log = false, width = 420, height = 260, lines = [] } = options;
  const bins = binValues(values, options);
  const bars = bins.map((bin) => ({ ...bin, height: log ? perTenthDecade(bin) : bin.count }));
  const highest = Math.max(1, ...bars.map((bar) => bar.height));
  const [low, high] = bins.length === 0 ? [1, 10] : [bins[0].from, bins[bins.length - 1].to];
  return figure({
    ...definedOf({
      title: options.title,
      subtitle: options.subtitle,
      legend: options.legend,
      notes: options.notes,
    }),
    caption: [options.caption, stateN(options)].filter(Boolean).join(" · "),
    width,
    height,
    marginLeft: 52,
    marginRight: 16,
    marginTop: lines.length > 0 ? 30 : 18,
    marginBottom: 36,
    x: {
      type: log ? "log" : "linear",
      domain: [low, high],
      label: log ? `${options.xLabel} (log)` : options.xLabel,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: log ? 4 : 6,
      tickFormat: (value: number) => log && !isDecade(value) ? "" : formatNumber(value),
    },
    y: {
      label: log ? `${options.unit} per 0.1 decade` : options.unit,
      labelArrow: "none",
      domain: [0, highest * 1.05],
      grid: true,
      ticks: 5,
    },
    marks: [
      Plot.rect(bars, { x1: "from", x2: "to", y1: 0, y2: "height", fill: "#4c78a8", inset: 0.3 }),
      Plot.ruleY([0]),
      Plot.ruleX(lines, { x: "at", stroke: "#d62728", strokeDasharray: "4,3", strokeWidth: 1.5 }),
      Plot.text(lines, {
        x: "at",
        text: "label",
        frameAnchor: "top",
        textAnchor: "middle",
        dy: -12,
        fill: "#d62728",
      }),
    ],
  });
}

/** How values are put in bins. */
export type BinOptions = Pick<HistogramOptions, "bins" | "log" | "integers" | "lines">;

/**
 * The bins of a histogram, lowest first. Logarithmic ones also have an edge at each line, so that
 * no bin lies on both sides of a threshold.
 */
export function binValues(values: ArrayLike<number>, options: BinOptions): Bin[] {
  const edges = binEdges(values, options);
  const counts = new Float64Array(Math.max(0, edges.length - 1));
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= edges[0] && value <= edges[edges.length - 1])) continue;
    counts[Math.min(counts.length - 1, lastAtMost(edges, value))]++;
  }
  return Array.from(counts, (count, i) => ({ from: edges[i], to: edges[i + 1], count }));
}

/** Bins between whole numbers are not equally wide: bars show counts per width. */
function perTenthDecade({ from, to, count }: Bin): number {
  return count / (10 * Math.log10(to / from));
}

function binEdges(values: ArrayLike<number>, options: BinOptions): number[] {
  const { bins = 40, log = false, integers = false, lines = [] } = options;
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || (log && values[i] <= 0)) continue;
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (low > high) return [];
  if (integers) [low, high] = [low - 0.5, high + 0.5];
  else if (low === high) [low, high] = log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
  if (log) return logEdges(low, high, integers, lines.map((line) => line.at));
  const step = integers ? Math.ceil((high - low) / bins) : (high - low) / bins;
  const steps = Math.ceil((high - low) / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, i) => low + i * step);
}

/** Edges a tenth of a decade apart; those of whole numbers lie between two of them. */
function logEdges(
  low: number,
  high: number,
  integers: boolean,
  extra: readonly number[],
): number[] {
  const steps = Math.max(1, Math.ceil(10 * Math.log10(high / low) - 1e-9));
  const even = Array.from({ length: steps + 1 }, (_, i) => low * 10 ** (i / 10));
  const edges = integers ? even.map((edge) => Math.round(edge + 0.5) - 0.5) : even;
  const inside = extra.filter((edge) => edge > low && edge < high);
  return [...new Set([...edges, ...inside])].sort((a, b) => a - b);
}

/** Index of the last edge that is not above `value`. */
function lastAtMost(edges: readonly number[], value: number): number {
  let low = 0, high = edges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function stateN({ values, unit, log = false }: HistogramOptions): string {
  const n = `n = ${formatCount(values.length)} ${unit}`;
  if (!log) return n;
  let left = 0;
  for (let i = 0; i < values.length; i++) if (!(values[i] > 0)) left++;
  if (left === 0) return n;
  return `${n}, of which ${formatCount(left)} with 0 ${left === 1 ? "is" : "are"} not shown`;
}

function isDecade(value: number): boolean {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
}

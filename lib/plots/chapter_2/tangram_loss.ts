import * as Plot from "@observablehq/plot";
import { freeColours } from "../colours.ts";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount, formatNumber, type LegendItem } from "../legend.ts";
import { panels } from "../panels.ts";

/** How a bag of nuclei was learned. */
export interface BagCurve {
  /** Nuclei in it. */
  readonly nuclei: number;
  /** Mean cosine between measured and predicted expression, over genes, by epoch. */
  readonly geneScore: ArrayLike<number>;
  /** Divergence from the measured density by epoch; left out where the density is free. */
  readonly kl?: ArrayLike<number>;
}

/** What {@link tangramLoss} draws. */
export interface TangramLossOptions extends FigureFrame {
  /** The bags, in order. */
  readonly bags: readonly BagCurve[];
}

interface Sample {
  readonly epoch: number;
  readonly value: number;
}

const MAX_POINTS = 400;
/** More bags than this are drawn in one colour. */
const MAX_COLOURED = 6;
const BAG_COLOUR = "#9ecae9";
const MEDIAN_COLOUR = "#08306b";
/** Above this ratio of the largest to the smallest the end of a curve vanishes on a linear axis. */
const LOG_RATIO = 50;

/**
 * How the mapping was learned: gene score and divergence by epoch, a line a bag; of many bags the
 * median is thick.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { tangramLoss } from "@/plots/chapter_2/mod.ts";
 *
 * const bags = [{ nuclei: 500, geneScore: [0.2, 0.5, 0.61], kl: [0.8, 0.1, 0.01] }];
 * const svg = await tangramLoss({ bags }).svg();
 * assert(svg.includes("gene score 0.610, KL 0.0100 after 3 epochs"));
 * ```
 */
export function tangramLoss(options: TangramLossOptions): Figure {
  const { bags, ...frame } = options;
  const nuclei = bags.reduce((sum, bag) => sum + bag.nuclei, 0);
  const colours = bagColours(bags.length);
  const scores = curvePanel(bags.map((bag) => bag.geneScore), colours, {
    subtitle: "Gene score",
    label: "gene score (mean cosine over genes)",
    log: false,
  });
  const divergences = bags.flatMap(({ kl }) => kl === undefined ? [] : [kl]);
  const isLog = ratioOf(divergences) > LOG_RATIO;
  const divergence = divergences.length === 0 ? [] : [curvePanel(divergences, colours, {
    subtitle: "Divergence from the measured density",
    label: `KL divergence${isLog ? " (log)" : ""}`,
    log: isLog,
  })];
  return panels([scores, ...divergence], {
    title: "Tangram's training",
    subtitle: `${formatCount(nuclei)} nuclei in ${bags.length} bag${bags.length === 1 ? "" : "s"}`,
    legend: { items: legendItems(bags.length, colours) },
    caption: finalValues(bags),
    ...definedOf(frame),
  });
}

interface PanelText {
  readonly subtitle: string;
  readonly label: string;
  readonly log: boolean;
}

function curvePanel(
  curves: readonly ArrayLike<number>[],
  colours: readonly string[],
  { subtitle, label, log }: PanelText,
): Figure {
  const epochs = Math.max(1, ...curves.map((curve) => curve.length));
  const lines = curves.map((curve) => thinned(curve, log));
  const values = lines.flat().map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = { x: "epoch", y: "value" } as const;
  return figure({
    subtitle,
    width: 380,
    height: 260,
    marginLeft: 52,
    marginRight: 14,
    marginTop: 18,
    marginBottom: 36,
    x: {
      label: "epoch",
      labelAnchor: "center",
      labelArrow: "none",
      domain: [1, Math.max(2, epochs)],
      ticks: 5,
      tickFormat: (epoch: number) => Number.isInteger(epoch) ? formatCount(epoch) : "",
    },
    y: {
      label,
      labelArrow: "none",
      grid: true,
      ...(log
        ? { type: "log" as const, domain: [low / 1.2, high * 1.2], ticks: logTicks(low, high) }
        : { domain: paddedDomain(low, high), ticks: 5 }),
      tickFormat: formatNumber,
    },
    marks: [
      ...lines.map((line, bag) =>
        Plot.line(line, { ...place, stroke: colours[bag], strokeWidth: 1.2 })
      ),
      ...(lines.length <= MAX_COLOURED ? [] : [
        Plot.line(thinned(medianCurve(curves), log), {
          ...place,
          stroke: MEDIAN_COLOUR,
          strokeWidth: 2.5,
        }),
      ]),
    ],
  });
}

function paddedDomain(low: number, high: number): [number, number] {
  const padding = (high - low || Math.abs(high) || 1) * 0.05;
  return [low >= 0 ? Math.max(0, low - padding) : low - padding, high + padding];
}

/** Every k-th epoch, and the last. */
function thinned(curve: ArrayLike<number>, log: boolean): Sample[] {
  const step = Math.ceil(curve.length / MAX_POINTS);
  const samples: Sample[] = [];
  for (let i = 0; i < curve.length; i++) {
    const isDrawn = i % step === 0 || i === curve.length - 1;
    if (isDrawn && (!log || curve[i] > 0)) samples.push({ epoch: i + 1, value: curve[i] });
  }
  return samples;
}

/** The median of the bags at each epoch; one that stopped keeps its last value. */
function medianCurve(curves: readonly ArrayLike<number>[]): Float64Array {
  const epochs = Math.max(...curves.map((curve) => curve.length));
  return Float64Array.from(
    { length: epochs },
    (_, i) => median(curves.map((curve) => curve[Math.min(i, curve.length - 1)])),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function ratioOf(curves: readonly ArrayLike<number>[]): number {
  let low = Infinity, high = 0;
  for (const curve of curves) {
    for (let i = 0; i < curve.length; i++) {
      if (!(curve[i] > 0)) continue;
      if (curve[i] < low) low = curve[i];
      if (curve[i] > high) high = curve[i];
    }
  }
  return high > 0 ? high / low : 1;
}

function bagColours(count: number): string[] {
  if (count > MAX_COLOURED) return Array.from({ length: count }, () => BAG_COLOUR);
  return [...freeColours(Array.from({ length: count }, (_, bag) => String(bag))).values()];
}

function legendItems(count: number, colours: readonly string[]): LegendItem[] {
  if (count < 2) return [];
  if (count <= MAX_COLOURED) {
    return colours.map((color, bag) => ({ label: `bag ${bag + 1}`, color, mark: "line" }));
  }
  return [
    { label: "a bag", color: BAG_COLOUR, mark: "line" },
    { label: "median of the bags", color: MEDIAN_COLOUR, mark: "line" },
  ];
}

/** Where the curves end: each bag's values, or their range where there are many. */
function finalValues(bags: readonly BagCurve[]): string {
  if (bags.length === 0) return "No bag was mapped";
  if (bags.length <= MAX_COLOURED) {
    return "At the end: " +
      bags.map((bag, i) =>
        `${bags.length === 1 ? "" : `bag ${i + 1} (${formatCount(bag.nuclei)} nuclei) `}` +
        `gene score ${last(bag.geneScore).toFixed(3)}` +
        `${bag.kl === undefined ? "" : `, KL ${last(bag.kl).toPrecision(3)}`}` +
        ` after ${formatCount(bag.geneScore.length)} epochs`
      ).join("; ");
  }
  const range = (values: readonly number[], text: (value: number) => string) =>
    `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
  const kl = bags.flatMap((bag) => bag.kl === undefined ? [] : [last(bag.kl)]);
  const scores = range(bags.map((bag) => last(bag.geneScore)), (value) => value.toFixed(3));
  const epochs = range(bags.map((bag) => bag.geneScore.length), formatCount);
  return `At the end, median (range) of the bags: gene score ${scores}` +
    `${kl.length === 0 ? "" : `, KL ${range(kl, (value) => value.toPrecision(3))}`}` +
    `, epochs ${epochs}`;
}

function last(curve: ArrayLike<number>): number {
  return curve[curve.length - 1];
}

/** Decades; where they are few, also what lies between them. */
function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const factors = last - first > 3 ? [1] : [1, 3];
  const ticks: number[] = [];
  for (let power = first; power <= last; power++) {
    ticks.push(...factors.map((factor) => Number(`${factor}e${power}`)));
  }
  return ticks.filter((tick) => tick >= low / 1.2 && tick <= high * 1.2);
}

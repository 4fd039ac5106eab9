import * as Plot from "@observablehq/plot";
import { definedOf, type Figure, figure, type FigureFrame } from "../figure.ts";
import { formatCount, formatNumber } from "../legend.ts";
import { panels } from "../panels.ts";

/** What was computed each epoch, per cell. */
export interface LossCurves {
  /** Reconstruction and weighted divergences. */
  readonly loss: ArrayLike<number>;
  /** Reconstruction and divergences, unweighted. */
  readonly elbo: ArrayLike<number>;
  /** Negative log-likelihood of the counts. */
  readonly reconstruction: ArrayLike<number>;
  /** Divergence of the cells' latent places. */
  readonly klLocal: ArrayLike<number>;
  /** Divergence of what all cells share. */
  readonly klGlobal: ArrayLike<number>;
}

/** What {@link scviLosses} draws. */
export interface ScviLossOptions extends FigureFrame {
  /** Of the cells that were trained on. */
  readonly train: LossCurves;
  /** Of the cells that were held back. */
  readonly validation: LossCurves;
}

/** What {@link scviLearningRate} draws. */
export interface ScviLearningRateOptions extends FigureFrame {
  /** Step size of each epoch. */
  readonly learningRate: ArrayLike<number>;
}

interface Sample {
  readonly epoch: number;
  readonly value: number;
}

const TRAIN_COLOUR = "#4c78a8", VALIDATION_COLOUR = "#e45756";
const PANELS: readonly (readonly [key: keyof LossCurves, title: string, label: string])[] = [
  ["loss", "Loss", "loss per cell"],
  ["elbo", "ELBO", "negative ELBO per cell"],
  ["reconstruction", "Reconstruction", "reconstruction loss per cell"],
  ["klLocal", "Local KL", "KL divergence per cell"],
  ["klGlobal", "Global KL", "KL divergence"],
];
const PANEL = {
  width: 216,
  height: 208,
  marginLeft: 48,
  marginRight: 12,
  marginTop: 18,
  marginBottom: 36,
} as const;
const NONE_TEXT = "0: nothing is shared";

/**
 * How scVI learned: the five losses against the epoch, of the cells trained on and of those held back.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scviLosses } from "@/plots/chapter_2/mod.ts";
 *
 * const klGlobal = [0, 0];
 * const curves = { loss: [9, 8], elbo: [9, 8], reconstruction: [8, 7], klLocal: [1, 2], klGlobal };
 * const svg = await scviLosses({ train: curves, validation: curves }).svg();
 * assert(svg.includes(">Local KL<") && svg.includes("reconstruction 7.00 in training"));
 * ```
 */
export function scviLosses(options: ScviLossOptions): Figure {
  const { train, validation, ...frame } = options;
  const drawn = PANELS.map(([key, title, label]) =>
    curvePanel([train[key], validation[key]], title, label)
  );
  const epochs = train.loss.length;
  const last = (curve: ArrayLike<number>) => curve[curve.length - 1]?.toFixed(2) ?? "unknown";
  return panels(drawn, {
    title: "scVI's training",
    subtitle: `${formatCount(epochs)} epochs`,
    legend: {
      items: [
        { label: "training cells", color: TRAIN_COLOUR, mark: "line" },
        { label: "validation cells", color: VALIDATION_COLOUR, mark: "line" },
      ],
    },
    caption: `At the end: reconstruction ${last(train.reconstruction)} in training, ` +
      `${last(validation.reconstruction)} in validation`,
    ...definedOf(frame),
  });
}

function curvePanel(
  curves: readonly ArrayLike<number>[],
  subtitle: string,
  label: string,
): Figure {
  const lines = curves.map(samplesOf);
  const values = lines.flat().map(({ value }) => value);
  const isNone = values.every((value) => value === 0);
  return figure({
    subtitle,
    ...PANEL,
    x: epochAxis(Math.max(...lines.map(({ length }) => length))),
    y: {
      label,
      labelArrow: "none",
      grid: true,
      domain: isNone ? [-1, 1] : paddedDomain(values),
      ticks: isNone ? [0] : 5,
      tickFormat: formatNumber,
    },
    marks: [
      ...lines.map((line, i) =>
        Plot.line(line, {
          x: "epoch",
          y: "value",
          stroke: [TRAIN_COLOUR, VALIDATION_COLOUR][i],
          strokeWidth: 1.5,
          ...(line.length === 1 ? { marker: "dot" as const } : {}),
        })
      ),
      ...isNone ? [Plot.text([NONE_TEXT], { frameAnchor: "middle", dy: -10, fill: "#666" })] : [],
    ],
  });
}

/**
 * The step size of training against the epoch.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scviLearningRate } from "@/plots/chapter_2/mod.ts";
 *
 * const svg = await scviLearningRate({ learningRate: [1e-4, 1e-4, 6e-5] }).svg();
 * assert(svg.includes("1e-4 to 6e-5, lowered once"));
 * ```
 */
export function scviLearningRate(options: ScviLearningRateOptions): Figure {
  const { learningRate, ...frame } = options;
  const line = samplesOf(learningRate);
  const rates = line.map(({ value }) => value);
  const falls = rates.filter((rate, i) => i > 0 && rate < rates[i - 1]).length;
  const times = falls === 0
    ? "never lowered"
    : falls === 1
    ? "lowered once"
    : `lowered ${falls} times`;
  const range = falls === 0
    ? rateText(rates[0] ?? 0)
    : `${rateText(rates[0])} to ${rateText(rates[rates.length - 1])}`;
  return figure({
    title: "Learning rate",
    subtitle: `${range}, ${times}`,
    ...definedOf(frame),
    ...{ ...PANEL, width: 420, marginLeft: 58 },
    x: epochAxis(line.length),
    y: {
      label: "learning rate",
      labelArrow: "none",
      grid: true,
      domain: [0, Math.max(0, ...rates) * 1.08 || 1],
      ticks: 5,
      tickFormat: rateText,
    },
    marks: [
      Plot.line(line, {
        x: "epoch",
        y: "value",
        curve: "step-after",
        stroke: TRAIN_COLOUR,
        strokeWidth: 1.8,
      }),
    ],
  });
}

function epochAxis(epochs: number) {
  return {
    label: "epoch",
    labelAnchor: "center" as const,
    labelArrow: "none" as const,
    domain: [1, Math.max(2, epochs)],
    ticks: 5,
    tickFormat: (epoch: number) => Number.isInteger(epoch) ? formatCount(epoch) : "",
  };
}

function samplesOf(curve: ArrayLike<number>): Sample[] {
  return Array.from(curve, (value, i) => ({ epoch: i + 1, value }))
    .filter(({ value }) => Number.isFinite(value));
}

function paddedDomain(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const padding = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - padding) : low - padding, high + padding];
}

function rateText(rate: number): string {
  return rate === 0 ? "0" : Number(rate.toPrecision(2)).toExponential();
}

import { SthelarError } from "@/core/errors.ts";

/** How scVI is built and trained. */
export interface ScviSettings {
  /** Units of the hidden layers of encoder and decoder (default 128). */
  readonly hidden: number;
  /** Components of the latent space (default 10). */
  readonly latent: number;
  /** Share of the encoder's hidden units that each step drops (default 0.1). */
  readonly dropout: number;
  /** Epochs at most (default 100). */
  readonly epochs: number;
  /** Rows of a step (default 128). */
  readonly batchSize: number;
  /** AdamW's step at first (default 1e-4). */
  readonly learningRate: number;
  /** Pull of AdamW towards 0 (default 1e-6). */
  readonly weightDecay: number;
  /** Share of the rows that it learns from, rounded up (default 0.9). */
  readonly trainShare: number;
  /** Epochs in which the weight of the divergence rises from 0 to 1 (default 400). */
  readonly klWarmupEpochs: number;
  /** Epochs without a new best ELBO that are borne before the step is lowered (default 5). */
  readonly plateauPatience: number;
  /** What the step is multiplied by then (default 0.6). */
  readonly plateauFactor: number;
  /** Epochs without a better reconstruction after which it stops (default 10). */
  readonly stopPatience: number;
  /** What counts as better (default 0.1). */
  readonly stopMinDelta: number;
}

/** The original's. */
export const SCVI_DEFAULTS: ScviSettings = {
  hidden: 128,
  latent: 10,
  dropout: 0.1,
  epochs: 100,
  batchSize: 128,
  learningRate: 1e-4,
  weightDecay: 1e-6,
  trainShare: 0.9,
  klWarmupEpochs: 400,
  plateauPatience: 5,
  plateauFactor: 0.6,
  stopPatience: 10,
  stopMinDelta: 0.1,
};

interface Range {
  readonly from: number;
  readonly below: number;
  readonly whole?: boolean;
}

const COUNT: Range = { from: 1, below: Infinity, whole: true };
const RANGES: Readonly<Record<keyof ScviSettings, Range>> = {
  hidden: COUNT,
  latent: COUNT,
  dropout: { from: 0, below: 1 },
  epochs: COUNT,
  batchSize: { ...COUNT, from: 2 },
  learningRate: { from: 0, below: Infinity },
  weightDecay: { from: 0, below: Infinity },
  trainShare: { from: 0, below: 1 },
  klWarmupEpochs: { from: 0, below: Infinity, whole: true },
  plateauPatience: { from: 0, below: Infinity, whole: true },
  plateauFactor: { from: 0, below: 1 },
  stopPatience: COUNT,
  stopMinDelta: { from: 0, below: Infinity },
};

/**
 * Fills in defaults.
 *
 * @throws {SthelarError} `InvalidArgument` for a setting out of range.
 */
export function checkSettings(given: Partial<ScviSettings>): ScviSettings {
  const settings = Object.fromEntries(
    Object.entries(SCVI_DEFAULTS).map((
      [key, value],
    ) => [key, given[key as keyof ScviSettings] ?? value]),
  ) as unknown as ScviSettings;
  for (const [key, { from, below, whole = false }] of Object.entries(RANGES)) {
    const value = settings[key as keyof ScviSettings];
    if (value >= from && value < below && (!whole || Number.isSafeInteger(value))) continue;
    throw new SthelarError("InvalidArgument", {
      action: "Cannot train scVI",
      found: `${key} ${value}`,
      expected: `${whole ? "a whole number" : "a number"} from ${from}${
        below === Infinity ? "" : ` and below ${below}`
      }`,
    });
  }
  return settings;
}

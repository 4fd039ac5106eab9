import type { RunResult, TensorData, Watched } from "@/numerics/graph/mod.ts";
import type { RunningSlice, RunningSlices } from "./running_slices.ts";
import { judging, PREDICT } from "./tangram_models.ts";

/** Told of steps, with the terms of the loss of each. */
export type OnSteps = (firstStep: number, terms: Terms) => void;

/** Terms of the loss, step by step. */
export interface Terms {
  /** Mean cosine of genes. */
  readonly geneScore: Float64Array;
  /** Divergence of the density; 0 where none is given. */
  readonly kl: Float64Array;
}

/** Reports are at least this far apart. */
const REPORT_INTERVAL_MS = 100;
const TERMS = ["geneScore", "kl"];

/** Moves the map a number of steps. */
export async function trainSlices(
  slices: RunningSlices,
  steps: number,
  onSteps: OnSteps,
): Promise<Terms> {
  const [{ slice, running }, ...others] = slices.all;
  if (others.length > 0) return await trainTogether(slices, steps, onSteps);
  const { watched } = await running.run({
    ...{ steps, watch: TERMS },
    order: [...PREDICT, ...judging(slice), "update"],
    onSteps: (firstStep, values) => onSteps(firstStep, termsOf(values)),
  });
  return termsOf(watched);
}

function termsOf({ geneScore, kl }: Watched): Terms {
  return { geneScore, kl };
}

/**
 * Two slices: each predicts with its cells, gets the other's prediction of the genes that it
 * compares, and gives back their slopes. Workers answer in order, so that they are asked for all of
 * a half of an epoch at once, and wait for each other twice an epoch.
 */
async function trainTogether(
  slices: RunningSlices,
  steps: number,
  onSteps: OnSteps,
): Promise<Terms> {
  const geneScore = new Float64Array(steps), kl = new Float64Array(steps);
  let reported = 0, reportedAt = performance.now();
  let predicted = await slices.each((one, other) => predict(one, other));
  for (let step = 0; step < steps; step++) {
    const judged = await slices.each((one, _, i) => judge(one, predicted.at(-1 - i)!));
    for (const { watched } of judged) {
      geneScore[step] += watched.geneScore[0];
      kl[step] += watched.kl?.[0] ?? 0;
    }
    predicted = await slices.each((one, other, i) =>
      move(one, other, judged.at(-1 - i)!.slopes, step + 1 < steps)
    );
    const isDue = performance.now() - reportedAt >= REPORT_INTERVAL_MS;
    if (!isDue && step + 1 < steps) continue;
    onSteps(reported, {
      geneScore: geneScore.subarray(reported, step + 1),
      kl: kl.subarray(reported, step + 1),
    });
    [reported, reportedAt] = [step + 1, performance.now()];
  }
  return { geneScore, kl };
}

/** Predicts, and reads the genes that the other slice compares. */
async function predict({ running }: RunningSlice, other: RunningSlice): Promise<TensorData> {
  const [, rows] = await Promise.all([
    running.run({ order: PREDICT, watch: [] }),
    running.read("predicted", rowsOf(other)),
  ]);
  return rows;
}

/** Compares the whole prediction of some genes, and reads their slopes. */
async function judge(
  one: RunningSlice,
  partial: TensorData,
): Promise<RunResult & { readonly slopes: TensorData }> {
  const { slice, running } = one;
  const rows = rowsOf(one);
  const [, result, slopes] = await Promise.all([
    running.write("partial", partial, { firstRow: rows.firstRow, transfer: true }),
    running.run({
      order: judging(slice),
      watch: slice.compared.end === slice.genes ? TERMS : ["geneScore"],
    }),
    running.read("predicted", rows),
  ]);
  return { ...result, slopes };
}

/** Moves the map by all slopes, of which some come from the other slice, and predicts again. */
async function move(
  { running }: RunningSlice,
  other: RunningSlice,
  slopes: TensorData,
  again: boolean,
): Promise<TensorData> {
  const { firstRow } = rowsOf(other);
  const [, , rows] = await Promise.all([
    running.write("predicted", slopes, { firstRow, transfer: true }),
    running.run({ order: ["update", ...(again ? PREDICT : [])], watch: [] }),
    running.read("predicted", again ? rowsOf(other) : { rows: 1 }),
  ]);
  return rows;
}

/** Rows of `predicted` that a slice compares, the last one's with the density's. */
function rowsOf({ slice: { compared: { first, end }, genes } }: RunningSlice) {
  return { firstRow: first, rows: (end === genes ? genes + 1 : end) - first };
}

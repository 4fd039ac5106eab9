import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { Turns } from "@/core/turns.ts";
import { type CodedLabels, codeLabels, invalid, type Label, type Labels } from "./labels.ts";
import { type Coordinates, type Points, pointsOf, squaredDistance } from "./points.ts";
import { sampleRows } from "./sample_rows.ts";

/** Options of {@link silhouette}. */
export interface SilhouetteOptions {
  /** Draws the rows, if there are more than `sample`. */
  readonly random: Random;
  /** Rows that are compared with each other at most (default 5,000). */
  readonly sample?: number;
  /** Receives how many rows are done. */
  readonly progress?: Progress;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Result of {@link silhouette}. */
export interface Silhouette {
  /** Mean over the rows, from -1 to 1. */
  readonly score: number;
  /** Rows that were compared. */
  readonly rows: number;
  /** Mean over the rows of each cluster that were compared, in the order of labels. */
  readonly clusters: readonly {
    readonly label: Label;
    readonly rows: number;
    readonly score: number;
  }[];
}

const ACTION = "Cannot find the silhouette";

/**
 * How much nearer rows are to their own cluster than to the nearest other one (Rousseeuw 1987), by
 * Euclidean distance: as scikit-learn's `silhouette_score`, which samples in the same way. A row alone in
 * its cluster counts 0.
 *
 * @param points `(n_rows, n_dimensions)`
 * @param labels Cluster of each row.
 * @throws {SthelarError} `InvalidArgument` for different numbers of rows, missing labels, values that are
 * not finite, one cluster only, or as many clusters as rows; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { silhouette } from "@/numerics/metrics/mod.ts";
 *
 * const points = { data: Float32Array.of(0, 1, 9, 10), shape: [4, 1] };
 * const { score } = await silhouette(points, [0, 0, 1, 1], { random: new Random(1) });
 * assertAlmostEquals(score, 1 - (1 / 9.5 + 1 / 8.5) / 2, 1e-12);
 * ```
 */
export async function silhouette(
  points: Coordinates,
  labels: Labels,
  { random, sample = 5000, progress = silentProgress, signal }: SilhouetteOptions,
): Promise<Silhouette> {
  if (labels.length !== points.shape[0]) {
    throw invalid(ACTION, `${labels.length} labels for ${points.shape[0]} rows`, "one a row");
  }
  const all = codeLabels(ACTION, labels);
  const chosen = sampleRows(ACTION, labels.length, sample, random);
  const taken = pointsOf(ACTION, points, chosen);
  const clustered = chosen === undefined ? all : onlyRows(all, chosen);
  const sizes = new Float64Array(clustered.levels.length);
  for (const code of clustered.codes) sizes[code]++;
  requireClusters(sizes, taken.rows, chosen !== undefined);
  const turns = new Turns("Stopped finding the silhouette", signal);
  const sums = await distanceSums(taken, clustered.codes, sizes.length, progress, turns);
  return summarise(clustered, sizes, sums);
}

function onlyRows({ levels, codes }: CodedLabels, rows: Int32Array): CodedLabels {
  const present = codeLabels(ACTION, rows.map((row) => codes[row]));
  return {
    levels: present.levels.map((code) => levels[code as number]),
    codes: present.codes,
  };
}

function requireClusters(sizes: Float64Array, rows: number, isSampled: boolean): void {
  const count = sizes.length;
  if (count >= 2 && count < rows) return;
  const among = isSampled ? `${rows} sampled rows` : `${rows} rows`;
  const found = `${count} cluster${count === 1 ? "" : "s"} among ${among}`;
  throw invalid(ACTION, found, "two clusters or more, and fewer than rows");
}

/** Sum of the distances of each row to those of each cluster, `(n_rows, n_clusters)`. */
async function distanceSums(
  points: Points,
  codes: Int32Array,
  count: number,
  progress: Progress,
  turns: Turns,
): Promise<Float64Array> {
  const { rows } = points;
  const sums = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < i; j++) {
      const distance = Math.sqrt(squaredDistance(points, i, j));
      sums[i * count + codes[j]] += distance;
      sums[j * count + codes[i]] += distance;
    }
    progress.update(i + 1, rows, "rows");
    await turns.next();
  }
  return sums;
}

function summarise(
  { levels, codes }: CodedLabels,
  sizes: Float64Array,
  sums: Float64Array,
): Silhouette {
  const count = levels.length;
  const scores = new Float64Array(count);
  codes.forEach((own, row) => {
    const within = sums[row * count + own] / (sizes[own] - 1);
    let nearest = Infinity;
    for (let code = 0; code < count; code++) {
      if (code !== own) nearest = Math.min(nearest, sums[row * count + code] / sizes[code]);
    }
    const larger = Math.max(within, nearest);
    if (sizes[own] > 1 && larger > 0) scores[own] += (nearest - within) / larger;
  });
  return {
    score: scores.reduce((sum, score) => sum + score, 0) / codes.length,
    rows: codes.length,
    clusters: levels.map((label, code) => ({
      label,
      rows: sizes[code],
      score: scores[code] / sizes[code],
    })),
  };
}

import type { Categorical } from "@/core/categorical.ts";
import { adjustedRandIndex, normalisedMutualInformation } from "@/numerics/metrics/mod.ts";
import type { NearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { rowsWhere } from "./rows_where.ts";
import type { LatentAgreement, LatentComposition, TruthAgreement } from "./scvi_report.ts";

/** Clusters in the latent space, and the neighbours they were found by. */
export interface LatentClusters {
  /** Cluster of each cell. */
  readonly clusters: Int32Array;
  /** How many there are. */
  readonly count: number;
  /** Neighbours of each cell, itself first. */
  readonly nearest: NearestNeighbours;
}

/**
 * How well the latent space agrees with labels of its cells.
 *
 * @param labels Label of each cell, below 0 where it has none.
 */
export function scviAgreement(
  name: string,
  { clusters, nearest }: LatentClusters,
  labels: Int32Array,
): LatentAgreement {
  const rows = rowsWhere(labels.length, (row) => labels[row] >= 0);
  const own = Int32Array.from(rows, (row) => labels[row]);
  return {
    ...{ name, cells: rows.length, labels: new Set(own).size },
    ...pairScores(Int32Array.from(rows, (row) => clusters[row]), own),
    knnAccuracy: knnAccuracy(nearest, labels),
  };
}

/** Clusters against known categories, each cluster standing for that of most of its cells. */
export function truthAgreement(
  name: string,
  clusters: Int32Array,
  truth: Int32Array,
): TruthAgreement {
  const rows = rowsWhere(truth.length, (row) => truth[row] >= 0 && clusters[row] >= 0);
  const [found, wanted] = [clusters, truth].map((of) => Int32Array.from(rows, (row) => of[row]));
  const tallies = new Map<number, Map<number, number>>();
  found.forEach((cluster, i) => {
    const tally = tallies.get(cluster) ?? new Map<number, number>();
    tallies.set(cluster, tally.set(wanted[i], (tally.get(wanted[i]) ?? 0) + 1));
  });
  let right = 0;
  for (const tally of tallies.values()) right += Math.max(...tally.values());
  return {
    name,
    ...pairScores(found, wanted),
    accuracy: rounded(right / Math.max(1, rows.length)),
  };
}

/** One cluster agrees with anything, or with nothing: it tells nothing. */
function pairScores(a: Int32Array, b: Int32Array): Pick<LatentAgreement, "ari" | "nmi"> {
  const isTold = [a, b].every((labels) => labels.some((label) => label !== labels[0]));
  return {
    ari: isTold ? rounded(adjustedRandIndex(a, b)) : null,
    nmi: isTold ? rounded(normalisedMutualInformation(a, b)) : null,
  };
}

/**
 * The share of points whose label is that of most of their neighbours, themselves not counted; of equally
 * frequent labels that of the nearest counts. Points and neighbours without label have no say.
 *
 * @param labels Label of each point, below 0 where it has none.
 * @returns `null` if no point with a label has a neighbour with one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { nearestNeighbours } from "@/numerics/neighbours/mod.ts";
 * import { knnAccuracy } from "@/stages/scvi_agreement.ts";
 *
 * const points = { data: Float32Array.of(0, 1, 2, 10, 11, 12), shape: [6, 1] };
 * const nearest = await nearestNeighbours(points, { neighbours: 3, random: new Random(1) });
 * assertEquals(knnAccuracy(nearest, Int32Array.of(0, 0, 0, 1, 1, 1)), 1);
 * assertEquals(knnAccuracy(nearest, Int32Array.of(0, 0, 0, 1, 1, 0)), 0.8333);
 * ```
 */
export function knnAccuracy(
  { indices, neighbours, rows }: NearestNeighbours,
  labels: Int32Array,
): number | null {
  let judged = 0, right = 0;
  const votes = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    if (labels[row] < 0) continue;
    votes.clear();
    for (let k = 1; k < neighbours; k++) {
      const label = labels[indices[row * neighbours + k]];
      if (label >= 0) votes.set(label, (votes.get(label) ?? 0) + 1);
    }
    let [best, most] = [-1, 0];
    for (const [label, count] of votes) if (count > most) [best, most] = [label, count];
    if (most === 0) continue;
    judged++;
    if (best === labels[row]) right++;
  }
  return judged === 0 ? null : rounded(right / judged);
}

/** Cells of each latent cluster by label; labels that no cell has are left out. */
export function latentComposition(
  { clusters, count }: LatentClusters,
  { codes, levels }: Categorical,
): LatentComposition {
  const table = Array.from({ length: count }, () => new Array<number>(levels.length).fill(0));
  clusters.forEach((cluster, row) => {
    if (codes[row] >= 0) table[cluster][codes[row]]++;
  });
  const used = levels.map((_, label) => label).filter((label) =>
    table.some((row) => row[label] > 0)
  );
  return {
    labels: used.map((label) => levels[label]),
    counts: table.map((row) => used.map((label) => row[label])),
  };
}

function rounded(value: number): number {
  return Math.round(1e4 * value) / 1e4;
}

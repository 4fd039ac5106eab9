import type { DenseArray } from "@/core/arrays.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import {
  fuzzyGraph,
  type NearestNeighbours,
  nearestNeighbours,
} from "@/numerics/neighbours/mod.ts";
import { umap } from "@/numerics/umap/mod.ts";
import type { StudyContext } from "./study_step.ts";

/** Cells of several slides in one latent space. */
export interface JointSpace {
  /** Neighbours of each cell, itself first. */
  readonly nearest: NearestNeighbours;
  /** UMAP, `(n_cells, 2)`. */
  readonly layout: DenseArray<Float32Array>;
  /** Cluster of each cell, by resolution. */
  readonly clusterings: ReadonlyMap<number, Int32Array>;
}

/** The published recipe: neighbours, UMAP, and Leiden at several resolutions. */
export async function jointSpace(
  latent: DenseArray<Float32Array>,
  wanted: { neighbours: number; minDist: number; resolutions: readonly number[] },
  ctx: StudyContext,
): Promise<JointSpace> {
  const { random, progress, signal, limits: { threads } } = ctx;
  const neighbours = Math.min(wanted.neighbours, latent.shape[0] - 1);
  const nearest = await nearestNeighbours(latent, {
    ...{ neighbours, threads, progress, signal, random: random.split("neighbours") },
  });
  const { connectivities } = fuzzyGraph(nearest);
  const layout = await umap(connectivities, {
    ...{ minDist: wanted.minDist, start: "spectral", random: random.split("umap") },
    ...{ progress, signal },
  });
  const graph = leidenGraph(connectivities);
  const clusterings = new Map<number, Int32Array>();
  for (const resolution of wanted.resolutions) {
    const seed = random.split(`leiden ${resolution}`);
    clusterings.set(
      resolution,
      await leiden(graph, { resolution, random: seed, progress, signal }),
    );
  }
  return { nearest, layout, clusterings };
}

/** How well slides are mixed: neighbours of another slide, and how many there would be by chance. */
export interface Mixing {
  /** Mean share of a cell's neighbours that are of another slide. */
  readonly observed: number;
  /** The same if slides did not matter. */
  readonly expected: number;
}

/**
 * How well slides are mixed in the latent space.
 *
 * @param samples Slide of each cell.
 */
export function mixingOf(
  { indices, neighbours, rows }: NearestNeighbours,
  samples: Int32Array,
): Mixing {
  let others = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = 1; k < neighbours; k++) {
      if (samples[indices[row * neighbours + k]] !== samples[row]) others++;
    }
  }
  const sizes = new Map<number, number>();
  for (const sample of samples) sizes.set(sample, (sizes.get(sample) ?? 0) + 1);
  const same = [...sizes.values()].reduce((sum, size) => sum + (size / rows) ** 2, 0);
  return { observed: others / (rows * Math.max(1, neighbours - 1)), expected: 1 - same };
}

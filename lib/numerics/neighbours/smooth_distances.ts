import type { NearestNeighbours } from "./nearest_neighbours.ts";

const TOLERANCE = 1e-5;
const MIN_SHARE_OF_MEAN = 1e-3;
const MAX_STEPS = 64;
const FLOAT32_MAX = 3.4028234663852886e38;
const { fround } = Math;

/** The scale of distances at each point. */
export interface LocalScales {
  /** Distance to the nearest point that is not in the same place. */
  readonly rho: Float32Array;
  /** How fast membership falls beyond it. */
  readonly sigma: Float32Array;
}

/**
 * umap's `smooth_knn_dist` for a local connectivity of 1: `sigma` makes the memberships of the
 * neighbours sum to `log2(neighbours)`. In float32 where umap is, with its bisection.
 */
export function smoothDistances({ distances, neighbours, rows }: NearestNeighbours): LocalScales {
  const target = Math.log2(neighbours);
  const rho = new Float32Array(rows);
  const sigma = new Float32Array(rows);
  const meanOfAll = meanOf(distances);
  for (let row = 0; row < rows; row++) {
    const own = distances.subarray(row * neighbours, (row + 1) * neighbours);
    rho[row] = own.find((distance) => distance > 0) ?? 0;
    const least = MIN_SHARE_OF_MEAN * (rho[row] > 0 ? meanOf(own) : meanOfAll);
    sigma[row] = Math.max(bisect(own, rho[row], target), least);
  }
  return { rho, sigma };
}

/** The scale at which the memberships sum to `target`. */
function bisect(distances: Float32Array, rho: number, target: number): number {
  let low = 0, high = FLOAT32_MAX, middle = 1;
  for (let step = 0; step < MAX_STEPS; step++) {
    let sum = 0;
    for (let k = 1; k < distances.length; k++) {
      const beyond = fround(distances[k] - rho);
      sum += beyond > 0 ? Math.exp(-beyond / middle) : 1;
    }
    sum = fround(sum);
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) high = middle;
    else low = middle;
    middle = sum <= target && high >= FLOAT32_MAX ? fround(middle * 2) : fround((low + high) / 2);
  }
  return middle;
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  return sum / values.length;
}

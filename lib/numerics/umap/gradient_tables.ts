import type { Curve } from "./fit_curve.ts";

/** Leading bits of a squared distance, as float32, that choose an entry: sign, exponent, 9 of the fraction. */
export const TABLE_SHIFT = 14;
const ENTRIES = 1 << (31 - TABLE_SHIFT);
const NEAREST = 0.001;

/**
 * What a difference of coordinates is multiplied by, for each squared distance: within 0.2 % of the
 * formula, at a third of the time of `Math.pow`.
 */
export interface GradientTables {
  /** Pulls an edge's ends together (below zero). */
  readonly attraction: Float32Array;
  /** Pushes two points apart. */
  readonly repulsion: Float32Array;
}

/** Tables of the gradients of umap's cross-entropy, gamma = 1. */
export function gradientTables({ a, b }: Curve): GradientTables {
  const attraction = new Float32Array(ENTRIES);
  const repulsion = new Float32Array(ENTRIES);
  const bits = new Int32Array(1);
  const asFloat = new Float32Array(bits.buffer);
  for (let entry = 0; entry < ENTRIES; entry++) {
    bits[0] = (entry << TABLE_SHIFT) | (1 << (TABLE_SHIFT - 1));
    const squared = asFloat[0];
    if (!Number.isFinite(squared)) continue;
    const power = a * Math.pow(squared, b);
    attraction[entry] = Number.isFinite(power) ? -2 * b * power / (squared * (1 + power)) : 0;
    repulsion[entry] = 2 * b / ((NEAREST + squared) * (1 + power));
  }
  return { attraction, repulsion };
}

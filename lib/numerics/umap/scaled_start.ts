import type { Random } from "@/core/random.ts";

const EXTENT = 10;
const NOISE = 1e-4;

/**
 * A start as the optimisation wants it: of extent 10 around 0 with a little noise against points in one
 * place, then each axis from 0 to 10.
 *
 * @param layout `(n_rows, 2)`
 */
export function scaledStart(layout: Float64Array, random: Random): Float32Array<ArrayBuffer> {
  let largest = 0;
  for (const value of layout) largest = Math.max(largest, Math.abs(value));
  const scale = largest > 0 ? EXTENT / largest : 0;
  const noisy = layout.map((value) => scale * value + NOISE * random.normal());
  const result = new Float32Array(layout.length);
  for (const axis of [0, 1]) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = axis; i < noisy.length; i += 2) {
      low = Math.min(low, noisy[i]);
      high = Math.max(high, noisy[i]);
    }
    const stretch = high > low ? EXTENT / (high - low) : 0;
    for (let i = axis; i < noisy.length; i += 2) result[i] = stretch * (noisy[i] - low);
  }
  return result;
}

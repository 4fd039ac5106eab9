/** A pseudo-random 32-bit number that depends on a place and a seed alone. */
export function hashAt(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number in [0, 1) that depends on a place and a seed alone. */
export function uniformAt(x: number, y: number, seed: number): number {
  return hashAt(x, y, seed) / 4294967296;
}

/** A roughly normal number (mean 0, variance 1) that depends on a place and a seed alone. */
export function normalAt(x: number, y: number, seed: number): number {
  const hash = hashAt(x, y, seed);
  const sum = (hash & 255) + ((hash >>> 8) & 255) + ((hash >>> 16) & 255) + (hash >>> 24);
  return (sum - 510) / 147.8;
}

/** Random values in [0, 1), 256 x 256, to be used from another corner by each seed. */
const LATTICE = Float32Array.from({ length: 65536 }, (_, i) => uniformAt(i & 255, i >> 8, 0x51ab));

/**
 * Smooth noise: random values on a unit lattice, joined by smooth steps; it repeats after 256 steps.
 *
 * @returns A value in [0, 1), the same for the same place and seed.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { smoothNoise } from "@/simulate/coordinate_noise.ts";
 *
 * assertEquals(smoothNoise(3.2, 1.5, 7), smoothNoise(3.2, 1.5, 7));
 * assert(Math.abs(smoothNoise(3.2, 1.5, 7) - smoothNoise(3.2001, 1.5, 7)) < 0.001);
 * ```
 */
export function smoothNoise(x: number, y: number, seed: number): number {
  const x0 = Math.floor(x), y0 = Math.floor(y);
  const u = x - x0, v = y - y0;
  const su = u * u * (3 - 2 * u), sv = v * v * (3 - 2 * v);
  const offset = Math.imul(seed, 0x9e3779b1);
  const column = x0 + (offset >>> 24), next = (column + 1) & 255;
  const row = ((y0 + (offset >>> 12)) & 255) << 8, below = (row + 256) & 0xffff;
  const a = LATTICE[row | (column & 255)], b = LATTICE[row | next];
  const c = LATTICE[below | (column & 255)], d = LATTICE[below | next];
  const top = a + (b - a) * su, bottom = c + (d - c) * su;
  return top + (bottom - top) * sv;
}

/** Smooth noise of two scales: broad shapes with finer ones on them, in [0, 1). */
export function layeredNoise(x: number, y: number, seed: number): number {
  return 0.62 * smoothNoise(x, y, seed) + 0.25 * smoothNoise(x * 2.1 + 17.3, y * 2.1, seed + 1) +
    0.13 * smoothNoise(x * 4.3, y * 4.3 + 5.1, seed + 2);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

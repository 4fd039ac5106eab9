import { hashAt, smoothNoise, smoothStep } from "./coordinate_noise.ts";
import type { Place } from "./tissue_map.ts";

/** Amounts of the stains at one place. */
export interface Stain {
  hematoxylin: number;
  eosin: number;
  /** Colour of red blood cells, beyond their eosin. */
  blood: number;
}

const [STROMA, EPITHELIUM, MUSCLE, VESSEL_WALL, LYMPHOID, FAT] = [0, 1, 2, 3, 4, 5];

/**
 * Works out how strongly what lies between the cells is stained.
 *
 * @param place What the tissue map says of (x, y).
 * @param x In µm.
 * @param y In µm.
 * @param stain Filled with the result.
 */
export function stainTissue(place: Place, x: number, y: number, seed: number, stain: Stain): void {
  stain.hematoxylin = 0;
  stain.eosin = 0;
  stain.blood = 0;
  const ragged = place.tissueUm + 3 * (smoothNoise(x / 7, y / 7, seed + 1) - 0.5);
  if (ragged < -2) return;
  const { weights, along, across } = place;
  let eosin = 0, hematoxylin = 0;
  if (weights[STROMA] > 0) {
    eosin += weights[STROMA] * collagen(along, across, seed);
    hematoxylin += weights[STROMA] * 0.03;
  }
  if (weights[MUSCLE] > 0) eosin += weights[MUSCLE] * muscleFibres(along, across, seed);
  if (weights[EPITHELIUM] > 0) {
    eosin += weights[EPITHELIUM] * (0.3 + 0.14 * smoothNoise(x / 2.5, y / 2.5, seed + 2));
    hematoxylin += weights[EPITHELIUM] * 0.09;
  }
  if (weights[VESSEL_WALL] > 0) {
    const layer = smoothNoise(place.lumenUm / 2.2, (along + across) / 24, seed + 3);
    eosin += weights[VESSEL_WALL] * (0.34 + 0.34 * layer);
  }
  if (weights[LYMPHOID] > 0) {
    eosin += weights[LYMPHOID] * (0.16 + 0.14 * smoothNoise(x / 3, y / 3, seed + 4));
    hematoxylin += weights[LYMPHOID] * 0.08;
  }
  if (weights[FAT] > 0) eosin += weights[FAT] * vacuoles(x, y, seed);
  const solid = smoothStep(-2, 1.5, ragged) * smoothStep(-1.2, 0.8, place.lumenUm);
  const uneven = 0.9 + 0.2 * smoothNoise(x / 160, y / 160, seed + 5);
  stain.eosin = solid * eosin * uneven;
  stain.hematoxylin = solid * hematoxylin * uneven;
  if (place.lumenUm < 0.8 && place.blood > 0.5) addBlood(x, y, seed, 1 - solid, stain);
}

/** Wavy bundles with clefts between. */
function collagen(along: number, across: number, seed: number): number {
  const wave = across + 7 * (smoothNoise(along / 34, across / 60, seed + 11) - 0.5);
  const bundle = smoothNoise(wave / 6.5, along / 70, seed + 12);
  const strand = smoothNoise(wave / 1.7, along / 30, seed + 13);
  const cleft = smoothStep(0.64, 0.8, smoothNoise(wave / 4.5, along / 48, seed + 14));
  return (0.26 + 0.3 * bundle + 0.18 * strand) * (1 - 0.88 * cleft);
}

/** Parallel fibres some 14 µm wide, faintly striped, parted by thin pale lines. */
function muscleFibres(along: number, across: number, seed: number): number {
  const bend = 0.9 * smoothNoise(along / 75, across / 45, seed + 21) +
    0.35 * smoothNoise(along / 24, across / 20, seed + 22);
  const fibre = across / 13.5 + bend;
  const nearEdge = Math.abs(fibre - Math.floor(fibre) - 0.5) * 2;
  const open = smoothNoise(along / 30, across / 10, seed + 23);
  const gap = smoothStep(0.8 + 0.16 * open, 0.99, nearEdge) * smoothStep(0.25, 0.5, open);
  const tone = smoothNoise(Math.floor(fibre) * 3.7, along / 110, seed + 24);
  const myofibril = smoothNoise(across / 1.3, along / 22, seed + 25);
  const stripe = smoothNoise(along / 0.95, across / 5, seed + 26);
  return (0.40 + 0.22 * tone + 0.14 * myofibril + 0.07 * stripe) * (1 - 0.9 * gap);
}

/** Empty droplets with thin walls. */
function vacuoles(x: number, y: number, seed: number): number {
  const size = 42;
  const ci = Math.floor(x / size), cj = Math.floor(y / size);
  let first = Infinity, second = Infinity;
  for (let j = cj - 1; j <= cj + 1; j++) {
    for (let i = ci - 1; i <= ci + 1; i++) {
      const hash = hashAt(i, j, seed + 31);
      const dx = (i + 0.15 + 0.7 * (hash & 0xffff) / 65536) * size - x;
      const dy = (j + 0.15 + 0.7 * (hash >>> 16) / 65536) * size - y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      if (distance < first) {
        second = first;
        first = distance;
      } else if (distance < second) second = distance;
    }
  }
  return 0.4 * (1 - smoothStep(0.7, 2.2, second - first));
}

/** Red cells, packed in some vessels and rare in others. */
function addBlood(x: number, y: number, seed: number, share: number, stain: Stain): void {
  const filled = smoothNoise(x / 48, y / 48, seed + 41);
  if (filled < 0.42) return;
  const size = 6.4;
  const ci = Math.floor(x / size), cj = Math.floor(y / size);
  for (let j = cj - 1; j <= cj + 1; j++) {
    for (let i = ci - 1; i <= ci + 1; i++) {
      const hash = hashAt(i, j, seed + 42);
      if ((hash >>> 8 & 255) / 255 > (filled - 0.36) * 4.5) continue;
      const dx = (i + 0.2 + 0.6 * (hash & 0xff) / 256) * size - x;
      const dy = (j + 0.2 + 0.6 * (hash >>> 24) / 256) * size - y;
      const distance = Math.sqrt(dx * dx + dy * dy);
      const cover = share * (1 - smoothStep(2.5, 3.3, distance));
      if (cover <= 0) continue;
      const pallor = 0.75 + 0.25 * smoothStep(0, 2, distance);
      stain.eosin = Math.max(stain.eosin, cover * 0.8 * pallor);
      stain.blood = Math.max(stain.blood, cover * pallor);
    }
  }
}

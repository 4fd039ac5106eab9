import { Random } from "@/core/random.ts";
import { normalAt, uniformAt } from "./coordinate_noise.ts";
import { COMPARTMENTS } from "./simulation_tables.ts";
import { NODE_UM, type TissueMap } from "./tissue_map.ts";

/** Where cells lie. */
export interface CellPlaces {
  /** Centres in µm. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Position in {@link COMPARTMENTS} of each. */
  readonly compartment: Uint8Array;
}

/** Cells an area, relative to one another; by position in {@link COMPARTMENTS}. */
const DENSITY = [0.55, 1.15, 0.62, 1.3, 1.9, 0.16];
const DENSEST = Math.max(...DENSITY);
const HEXAGON = Math.sqrt(3) / 2;
const JITTER = 0.17;
/** Room between a nucleus' centre and what it must not stick into, µm. */
const CLEARANCE_UM = 4.5;

/**
 * Places exactly `count` cells: a jittered hexagonal lattice, thinned by the density of each part
 * of the tissue.
 */
export function placeCells(map: TissueMap, count: number, random: Random): CellPlaces {
  const seed = random.split("places").integer(2 ** 31);
  const area = densityArea(map);
  let spacing = Math.sqrt(area / count / HEXAGON);
  for (;;) {
    const found = latticePoints(map, spacing, seed);
    if (found.length >= count) return choose(found, count, random.split("choice"));
    spacing *= 0.985;
  }
}

/** Area in µm², weighted by relative density. */
function densityArea({ compartment, tissueEdge, lumenEdge }: TissueMap): number {
  let sum = 0;
  for (let n = 0; n < compartment.length; n++) {
    if (tissueEdge[n] > 2 * CLEARANCE_UM && lumenEdge[n] > 2 * CLEARANCE_UM) {
      sum += DENSITY[compartment[n]] / DENSEST;
    }
  }
  return sum * NODE_UM * NODE_UM;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly compartment: number;
}

function latticePoints(map: TissueMap, spacing: number, seed: number): Point[] {
  const points: Point[] = [];
  const widthUm = (map.columns - 2) * NODE_UM, heightUm = (map.rows - 2) * NODE_UM;
  for (let row = 0; row * spacing * HEXAGON < heightUm; row++) {
    for (let column = 0; column * spacing < widthUm; column++) {
      const x = (column + (row % 2) / 2 + JITTER * normalAt(column, row, seed)) * spacing;
      const y = (row + JITTER * normalAt(column, row, seed + 1)) * spacing * HEXAGON;
      const i = Math.round(x / NODE_UM), j = Math.round(y / NODE_UM);
      if (i < 0 || j < 0 || i >= map.columns || j >= map.rows) continue;
      const n = j * map.columns + i;
      if (map.tissueEdge[n] < 2 * CLEARANCE_UM || map.lumenEdge[n] < 2 * CLEARANCE_UM) continue;
      const compartment = map.compartment[n];
      if (uniformAt(column, row, seed + 2) < DENSITY[compartment] / DENSEST) {
        points.push({ x, y, compartment });
      }
    }
  }
  return points;
}

function choose(points: readonly Point[], count: number, random: Random): CellPlaces {
  const order = random.shuffle(Int32Array.from(points.keys())).slice(0, count).sort();
  return {
    x: Float64Array.from(order, (i) => points[i].x),
    y: Float64Array.from(order, (i) => points[i].y),
    compartment: Uint8Array.from(order, (i) => points[i].compartment),
  };
}

/** How many cells lie in each compartment. */
export function countByCompartment({ compartment }: CellPlaces): number[] {
  const counts = new Array<number>(COMPARTMENTS.length).fill(0);
  for (const c of compartment) counts[c]++;
  return counts;
}

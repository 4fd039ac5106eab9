import type { Random } from "@/core/random.ts";
import type { CellTyping } from "./assign_types.ts";
import { CellGrid } from "./cell_grid.ts";
import type { CellPlaces } from "./place_cells.ts";
import { COMPARTMENTS } from "./simulation_tables.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import { grainAngleAt, type TissueMap } from "./tissue_map.ts";

/** Directions in which outlines are described. */
export const DIRECTIONS = 24;
/** Unit vectors of the directions. */
const COSINES = Float64Array.from({ length: DIRECTIONS }, (_, k) => Math.cos(angle(k)));
const SINES = Float64Array.from({ length: DIRECTIONS }, (_, k) => Math.sin(angle(k)));

/** Star-shaped outlines, `DIRECTIONS` vertices each, on the lattice of the morphology image. */
export interface Outlines {
  /** Centres in µm. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Distances from the centre in µm, (n, DIRECTIONS). */
  readonly radius: Float32Array;
  /** Vertices in whole pixels of the morphology image, (n, DIRECTIONS). */
  readonly vertexX: Int32Array;
  readonly vertexY: Int32Array;
}

/** Outlines of all cells and nuclei. */
export interface CellShapes {
  readonly cells: Outlines;
  readonly nuclei: Outlines;
  /** The cell of each nucleus; nuclei are in the order of their cells. */
  readonly owner: Int32Array;
  /** First nucleus of each cell, and the end of the last: n_cells + 1. */
  readonly nucleusStart: Int32Array;
}

const NO_NUCLEUS = 0.012;
const TWO_NUCLEI = 0.018;
/** Free space between two nuclei, µm. */
const GAP_UM = 1.1;
/** Free space between two cells, and between a nucleus and the edge of its cell, µm. */
const MARGIN_UM = 0.22;
const RIM_UM = 0.45;

function angle(k: number): number {
  return 2 * Math.PI * k / DIRECTIONS;
}

/**
 * Draws nuclei as perturbed ellipses and cells as their expansion up to the line half-way to each
 * neighbour. Nuclei lie in their cells; neither nuclei nor cells overlap.
 */
export function drawShapes(
  plan: SlidePlan,
  map: TissueMap,
  drawn: CellPlaces,
  typing: CellTyping,
  random: Random,
): CellShapes {
  const nucleiOf = nucleusCounts(plan, drawn.x.length, random.split("nuclei"));
  const core = drawCores(map, drawn, typing, nucleiOf, random.split("cores"));
  const places = pushApart(core, drawn, plan);
  const grid = new CellGrid(
    places.x,
    places.y,
    15,
    plan.width * PIXEL_UM,
    plan.height * PIXEL_UM,
  );
  makeRoom(core, places, grid);
  const cellRadius = expand(core, places, grid, plan.preset.expansionUm);
  const cells = outlines(places.x, places.y, cellRadius);
  return { cells, ...drawNuclei(core, places, nucleiOf, random.split("pairs")) };
}

function nucleusCounts({ preset }: SlidePlan, count: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: count }, () => {
    const u = random.uniform();
    if (preset.nucleiPerCell === "one") return 1;
    return u < NO_NUCLEUS ? 0 : u < NO_NUCLEUS + TWO_NUCLEI ? 2 : 1;
  });
}

/** What a cell's outline is built around: its nucleus, or the hull of two. */
interface Cores {
  readonly radius: Float32Array;
  readonly angle: Float32Array;
}

function drawCores(
  map: TissueMap,
  { x, y, compartment }: CellPlaces,
  { types, typeOf }: CellTyping,
  nucleiOf: Uint8Array,
  random: Random,
): Cores {
  const radius = new Float32Array(x.length * DIRECTIONS);
  const angles = new Float32Array(x.length);
  const epithelium = COMPARTMENTS.indexOf("epithelium");
  const wall = COMPARTMENTS.indexOf("vesselWall");
  for (let i = 0; i < x.length; i++) {
    const { lengthUm, widthUm } = types[typeOf[i]].nucleus;
    const follows = compartment[i] !== epithelium && lengthUm > 1.4 * widthUm;
    const along = follows
      ? grainAngleAt(map, x[i], y[i], compartment[i] === wall)
      : random.uniform() * Math.PI;
    angles[i] = along + 0.22 * random.normal();
    const two = nucleiOf[i] === 2;
    const a = lengthUm / 2 * Math.exp(0.13 * random.normal()) *
      (two ? Math.max(1, 2.6 * widthUm / lengthUm) : 1);
    const b = widthUm / 2 * Math.exp(0.12 * random.normal()) * (two ? 1.1 : 1);
    const waves = [2, 3, 4].map((k) => ({
      k,
      size: 0.045 * random.normal() / Math.sqrt(k - 1),
      phase: random.uniform() * 2 * Math.PI,
    }));
    for (let k = 0; k < DIRECTIONS; k++) {
      const t = angle(k) - angles[i];
      const ellipse = a * b / Math.hypot(b * Math.cos(t), a * Math.sin(t));
      const wave = waves.reduce((sum, w) => sum + w.size * Math.cos(w.k * t + w.phase), 1);
      radius[i * DIRECTIONS + k] = ellipse * wave;
    }
  }
  return { radius, angle: angles };
}

/** How far an outline reaches in the direction of the unit vector (ux, uy). */
function reach(radius: Float32Array, i: number, ux: number, uy: number): number {
  let furthest = 0;
  for (let k = 0; k < DIRECTIONS; k++) {
    furthest = Math.max(furthest, radius[i * DIRECTIONS + k] * (COSINES[k] * ux + SINES[k] * uy));
  }
  return furthest;
}

const LARGEST_CORE_UM = 17;

const PUSHES = 4;
const LONGEST_PUSH_UM = 1.5;
/** Least distance of a centre from the edge of the image, µm. */
const EDGE_UM = 24;

/** Moves cells that are too close to one another apart, a little at a time. */
function pushApart({ radius }: Cores, places: CellPlaces, plan: SlidePlan): CellPlaces {
  const x = places.x.slice(), y = places.y.slice();
  const near = 2 * LARGEST_CORE_UM + GAP_UM;
  const widthUm = plan.width * PIXEL_UM, heightUm = plan.height * PIXEL_UM;
  for (let round = 0; round < PUSHES; round++) {
    const grid = new CellGrid(x, y, 15, widthUm, heightUm);
    const moveX = new Float64Array(x.length), moveY = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) {
      grid.forBox(x[i] - near, y[i] - near, x[i] + near, y[i] + near, (j) => {
        if (j <= i) return;
        const dx = x[j] - x[i], dy = y[j] - y[i];
        const distance = Math.max(0.1, Math.hypot(dx, dy));
        if (distance > near) return;
        const ux = dx / distance, uy = dy / distance;
        const lack = reach(radius, i, ux, uy) + reach(radius, j, -ux, -uy) + GAP_UM - distance;
        if (lack <= 0) return;
        const step = Math.min(LONGEST_PUSH_UM, lack / 2);
        moveX[i] -= ux * step;
        moveY[i] -= uy * step;
        moveX[j] += ux * step;
        moveY[j] += uy * step;
      });
    }
    for (let i = 0; i < x.length; i++) {
      const length = Math.max(1, Math.hypot(moveX[i], moveY[i]) / LONGEST_PUSH_UM);
      x[i] = Math.min(widthUm - EDGE_UM, Math.max(EDGE_UM, x[i] + moveX[i] / length));
      y[i] = Math.min(heightUm - EDGE_UM, Math.max(EDGE_UM, y[i] + moveY[i] / length));
    }
  }
  return { x, y, compartment: places.compartment };
}

/** Shrinks cores so that between any two there is a straight gap. */
function makeRoom({ radius }: Cores, { x, y }: CellPlaces, grid: CellGrid): void {
  const scale = new Float32Array(x.length).fill(1);
  const near = 2 * LARGEST_CORE_UM + GAP_UM;
  for (let i = 0; i < x.length; i++) {
    grid.forBox(x[i] - near, y[i] - near, x[i] + near, y[i] + near, (j) => {
      if (j <= i) return;
      const dx = x[j] - x[i], dy = y[j] - y[i];
      const distance = Math.hypot(dx, dy);
      if (distance > near) return;
      const ux = dx / distance, uy = dy / distance;
      const needed = reach(radius, i, ux, uy) + reach(radius, j, -ux, -uy);
      const factor = (distance - GAP_UM) / needed;
      if (factor < scale[i]) scale[i] = factor;
      if (factor < scale[j]) scale[j] = factor;
    });
  }
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < DIRECTIONS; k++) radius[i * DIRECTIONS + k] *= scale[i];
  }
}

function expand(
  { radius: core }: Cores,
  { x, y }: CellPlaces,
  grid: CellGrid,
  expansionUm: number,
): Float32Array {
  const radius = new Float32Array(core.length);
  const near = 2 * (LARGEST_CORE_UM + expansionUm);
  for (let i = 0; i < x.length; i++) {
    const at = i * DIRECTIONS;
    for (let k = 0; k < DIRECTIONS; k++) radius[at + k] = core[at + k] + expansionUm;
    grid.forBox(x[i] - near, y[i] - near, x[i] + near, y[i] + near, (j) => {
      if (j === i) return;
      const dx = x[j] - x[i], dy = y[j] - y[i];
      const distance = Math.hypot(dx, dy);
      if (distance > near) return;
      const ux = dx / distance, uy = dy / distance;
      const mine = reach(core, i, ux, uy), theirs = reach(core, j, -ux, -uy);
      const line = mine + (distance - mine - theirs) / 2 - MARGIN_UM;
      for (let k = 0; k < DIRECTIONS; k++) {
        const cosine = COSINES[k] * ux + SINES[k] * uy;
        if (cosine > 0 && radius[at + k] * cosine > line) radius[at + k] = line / cosine;
      }
    });
  }
  return radius;
}

function drawNuclei(
  core: Cores,
  { x, y }: CellPlaces,
  nucleiOf: Uint8Array,
  random: Random,
): Pick<CellShapes, "nuclei" | "owner" | "nucleusStart"> {
  const nucleusStart = new Int32Array(x.length + 1);
  nucleiOf.forEach((n, i) => nucleusStart[i + 1] = nucleusStart[i] + n);
  const count = nucleusStart[x.length];
  const owner = new Int32Array(count);
  const cx = new Float64Array(count), cy = new Float64Array(count);
  const radius = new Float32Array(count * DIRECTIONS);
  for (let i = 0; i < x.length; i++) {
    const own = core.radius.subarray(i * DIRECTIONS, (i + 1) * DIRECTIONS);
    for (let part = 0; part < nucleiOf[i]; part++) {
      const p = nucleusStart[i] + part;
      owner[p] = i;
      const shift = nucleiOf[i] === 1 ? 0 : (part === 0 ? 1 : -1) * longest(own) * 0.5;
      cx[p] = x[i] + shift * Math.cos(core.angle[i]);
      cy[p] = y[i] + shift * Math.sin(core.angle[i]);
      if (nucleiOf[i] === 1) {
        for (let k = 0; k < DIRECTIONS; k++) {
          radius[p * DIRECTIONS + k] = Math.max(0.9, own[k] - RIM_UM);
        }
      } else {
        const a = Math.max(0.9, longest(own) * 0.42 - RIM_UM / 2);
        const b = Math.max(0.9, shortest(own) * 0.8 - RIM_UM / 2);
        for (let k = 0; k < DIRECTIONS; k++) {
          const t = angle(k) - core.angle[i];
          const ellipse = a * b / Math.hypot(b * Math.cos(t), a * Math.sin(t));
          radius[p * DIRECTIONS + k] = ellipse * (1 - 0.04 * random.uniform());
        }
      }
    }
  }
  return { nuclei: outlines(cx, cy, radius), owner, nucleusStart };
}

function longest(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function shortest(values: Float32Array): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function outlines(x: Float64Array, y: Float64Array, radius: Float32Array): Outlines {
  const vertexX = new Int32Array(radius.length), vertexY = new Int32Array(radius.length);
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < DIRECTIONS; k++) {
      const v = i * DIRECTIONS + k;
      vertexX[v] = Math.round((x[i] + radius[v] * COSINES[k]) / PIXEL_UM);
      vertexY[v] = Math.round((y[i] + radius[v] * SINES[k]) / PIXEL_UM);
    }
  }
  return { x, y, radius, vertexX, vertexY };
}

/** Area in µm² of outline `i`. */
export function outlineAreaUm2({ vertexX, vertexY }: Outlines, i: number): number {
  let sum = 0;
  for (let k = 0, j = DIRECTIONS - 1; k < DIRECTIONS; j = k++) {
    const a = i * DIRECTIONS + j, b = i * DIRECTIONS + k;
    sum += vertexX[a] * vertexY[b] - vertexX[b] * vertexY[a];
  }
  return Math.abs(sum) / 2 * PIXEL_UM * PIXEL_UM;
}

/** Whether the point (x, y) in µm lies in outline `i` (even-odd rule). */
export function isInside({ vertexX, vertexY }: Outlines, i: number, x: number, y: number): boolean {
  const px = x / PIXEL_UM, py = y / PIXEL_UM;
  let inside = false;
  for (let k = i * DIRECTIONS, j = k + DIRECTIONS - 1, end = k + DIRECTIONS; k < end; j = k++) {
    const ya = vertexY[k], yb = vertexY[j];
    if (ya > py === yb > py) continue;
    const crossing = vertexX[k] + (py - ya) / (yb - ya) * (vertexX[j] - vertexX[k]);
    if (px < crossing) inside = !inside;
  }
  return inside;
}

/** Distance in µm from (x, y) to the edge of outline `i`. */
export function distanceToEdge(
  { vertexX, vertexY }: Outlines,
  i: number,
  x: number,
  y: number,
): number {
  const px = x / PIXEL_UM, py = y / PIXEL_UM;
  let nearest = Infinity;
  for (let k = i * DIRECTIONS, j = k + DIRECTIONS - 1, end = k + DIRECTIONS; k < end; j = k++) {
    const ax = vertexX[j], ay = vertexY[j];
    const ex = vertexX[k] - ax, ey = vertexY[k] - ay;
    const length = ex * ex + ey * ey;
    const t = length === 0
      ? 0
      : Math.max(0, Math.min(1, ((px - ax) * ex + (py - ay) * ey) / length));
    const dx = ax + t * ex - px, dy = ay + t * ey - py;
    nearest = Math.min(nearest, dx * dx + dy * dy);
  }
  return Math.sqrt(nearest) * PIXEL_UM;
}

import type { Random } from "@/core/random.ts";
import type { CellTyping } from "./assign_types.ts";
import { normalAt } from "./coordinate_noise.ts";
import { nuclearRetention } from "./nuclear_retention.ts";
import {
  CELL_TYPES,
  type CellType,
  HOUSEKEEPING,
  type Panel,
  type SlideProfile,
} from "./simulation_tables.ts";

/** How much each cell type expresses each gene, and how much RNA is found of each cell. */
export interface ExpressionModel {
  /** Panel. */
  readonly panel: Panel;
  /** Share of a type's transcripts that is each gene, (n_types, n_genes); rows sum to 1. */
  readonly programs: Float64Array;
  /** Transcripts of any quality that come from each cell. */
  readonly depth: Int32Array;
  /** Share of each cell's transcripts that lies in its nuclei, all genes together. */
  readonly nuclearShare: Float32Array;
  /** How much each gene is retained in the nuclei of a type, relatively, (n_types, n_genes). */
  readonly retention: Float64Array;
  /** Seed of the cells' own deviations from their type. */
  readonly deviationSeed: number;
}

/** Parts of a type's transcripts: its markers, genes of all cells, the rest of the panel. */
const MARKER_SHARE = 0.58;
const HOUSEKEEPING_SHARE = 0.24;
/** Spread of a gene between cells of one type (log-normal: with counting noise nearly negative
 * binomial). */
const DEVIATION = 0.6;
const DEPTH_SPREAD = 0.4;
const NUCLEAR_SPREAD = 0.18;
/** Share of transcripts with a quality of 20 or more. */
export const HIGH_QUALITY_SHARE = 0.86;
const THRESHOLD = 10.5;
/** Of a cell's transcripts: share of the nuclear ones that stay, and share that drift in. */
const STAYING = 0.92, ARRIVING = 0.035;

/** Sets up programs of expression and depths such that published shares of sparse cells are met. */
export function expressionModel(
  profile: SlideProfile,
  { types, typeOf }: CellTyping,
  panel: Panel,
  random: Random,
): ExpressionModel {
  const source = random.split("depth");
  const logDepth = Float64Array.from(
    typeOf,
    (t) => Math.log(types[t].depth) + DEPTH_SPREAD * source.normal(),
  );
  const sorted = logDepth.slice().sort();
  const cut =
    sorted[Math.min(sorted.length - 1, Math.floor((1 - profile.cellsOver10) * sorted.length))];
  const offset = Math.log(THRESHOLD) - cut;
  const depth = Int32Array.from(
    logDepth,
    (d) => Math.max(1, Math.round(Math.exp(d + offset) / HIGH_QUALITY_SHARE)),
  );
  return {
    panel,
    programs: programsOf(types, panel, random.split("programs")),
    depth,
    nuclearShare: nuclearShares(depth, profile.nucleiOver10, random.split("nuclear")),
    retention: nuclearRetention(types, panel.genes.length, random.split("retention")),
    deviationSeed: random.split("deviation").integer(2 ** 31),
  };
}

/** Programs of all types over the genes of a panel. */
export function programsOf(
  types: readonly CellType[],
  { genes }: Panel,
  random: Random,
): Float64Array {
  const seed = random.integer(2 ** 31);
  const indexOf = new Map(genes.map((gene, g) => [gene, g]));
  const programs = new Float64Array(types.length * genes.length);
  types.forEach((type, t) => {
    const row = programs.subarray(t * genes.length, (t + 1) * genes.length);
    const salt = [...CELL_TYPES.keys()].indexOf(type.name);
    for (let g = 0; g < genes.length; g++) {
      row[g] = Math.exp(1.1 * normalAt(g, 0, seed) + 0.5 * normalAt(g, salt + 1, seed));
    }
    normalise(row, 1 - MARKER_SHARE - HOUSEKEEPING_SHARE);
    const common = new Float64Array(genes.length);
    for (const gene of HOUSEKEEPING) {
      const g = indexOf.get(gene);
      if (g !== undefined) common[g] = Math.exp(0.6 * normalAt(g, 0, seed + 1));
    }
    normalise(common, HOUSEKEEPING_SHARE);
    const markers = new Float64Array(genes.length);
    type.markers.forEach((gene, rank) => {
      const g = indexOf.get(gene);
      const strength = Math.exp(-rank / 6 + 0.5 * normalAt(g ?? 0, salt + 1, seed + 2));
      if (g !== undefined) markers[g] = strength;
    });
    normalise(markers, MARKER_SHARE);
    for (let g = 0; g < genes.length; g++) row[g] += common[g] + markers[g];
    normalise(row, 1);
  });
  return programs;
}

function normalise(values: Float64Array, total: number): void {
  const sum = values.reduce((all, value) => all + value, 0);
  if (sum > 0) { for (let i = 0; i < values.length; i++) values[i] *= total / sum; }
}

/** Finds the mean nuclear share at which the wanted share of nuclei has more than 10 transcripts. */
function nuclearShares(depth: Int32Array, wanted: number, random: Random): Float32Array {
  const spread = Float32Array.from(depth, () => Math.exp(NUCLEAR_SPREAD * random.normal()));
  const shareAt = (mean: number, i: number) => Math.min(0.88, mean * spread[i]);
  let low = 0.05, high = 0.85;
  for (let round = 0; round < 30; round++) {
    const mean = (low + high) / 2;
    let over = 0;
    for (let i = 0; i < depth.length; i++) {
      const found = depth[i] * (STAYING * shareAt(mean, i) + ARRIVING);
      if (found > THRESHOLD) over++;
    }
    if (over > wanted * depth.length) high = mean;
    else low = mean;
  }
  return Float32Array.from(depth, (_, i) => shareAt(low, i));
}

/**
 * The cumulative program of one cell: its type's, with deviations of its own.
 *
 * @param into Filled with n_genes rising values; the last is the sum.
 */
export function cellProgramInto(
  { programs, deviationSeed, panel }: ExpressionModel,
  type: number,
  cell: number,
  into: Float64Array,
): void {
  const count = panel.genes.length;
  let sum = 0;
  for (let g = 0; g < count; g++) {
    sum += programs[type * count + g] * Math.exp(DEVIATION * normalAt(cell, g, deviationSeed));
    into[g] = sum;
  }
}

/** The first position whose cumulative value exceeds `value`. */
export function pick(cumulative: Float64Array, value: number): number {
  let low = 0, high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

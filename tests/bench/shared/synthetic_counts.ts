import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/** How many cells of how many types are made. */
export interface SyntheticCountsSize {
  readonly cells: number;
  readonly genes: number;
  /** Planted types (default 12), of unequal sizes. */
  readonly clusters?: number;
  /** Equal seeds give equal counts (default 17). */
  readonly seed?: string | number;
  /** Share of cells x genes that is not zero, for a cell of middling depth (default 0.12). */
  readonly filled?: number;
}

/** Counts with known types. */
export interface SyntheticCounts {
  /** `(n_cells, n_genes)` by rows: float32 counts, none of them zero. */
  readonly counts: SparseMatrix & { readonly data: Float32Array<ArrayBuffer> };
  /** Planted type of each cell. */
  readonly labels: Int32Array<ArrayBuffer>;
}

const LINEAGES = 4;
const DEPTH_SPREAD = 0.5;
/** Of the negative binomial: variance = mean + mean² / 4. */
const DISPERSION = 4;

/**
 * Counts like those of an imaging panel: negative binomial with log-normal depth, genes of very
 * unequal level, types that share the markers of four lineages and have some of their own.
 */
export function syntheticCounts(size: SyntheticCountsSize): SyntheticCounts {
  const { cells, genes, clusters = 12, seed = 17, filled = 0.12 } = size;
  const random = new Random(seed);
  const profiles = makeProfiles(clusters, genes, random.split("profiles"));
  const depth = depthFor(profiles, filled);
  const labels = makeLabels(cells, clusters, random.split("labels"));
  const values = new Growing(Math.ceil(1.15 * filled * cells * genes));
  const indptr = new Int32Array(cells + 1);
  const draws = random.split("counts");
  for (let cell = 0; cell < cells; cell++) {
    const scale = depth * Math.exp(DEPTH_SPREAD * draws.normal());
    values.reserve(genes);
    const profile = profiles[labels[cell]];
    for (let gene = 0; gene < genes; gene++) {
      const count = negativeBinomial(profile[gene] * scale, draws.uniform());
      if (count > 0) values.push(gene, count);
    }
    indptr[cell + 1] = values.length;
  }
  const { data, indices } = values.finish();
  return { counts: { format: "csr", shape: [cells, genes], data, indices, indptr }, labels };
}

/**
 * Writes counts as arrays without a header: `data` (float32), `indices` and `indptr` (int32),
 * `labels` (int32).
 */
export async function writeCounts(
  folder: string,
  { counts, labels }: SyntheticCounts,
): Promise<void> {
  const { data, indices, indptr } = counts;
  for (const [name, array] of Object.entries({ data, indices, indptr, labels })) {
    const bytes = new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
}

/** Reads what {@link writeCounts} wrote. */
export async function readCounts(folder: string, genes: number): Promise<SyntheticCounts> {
  const [data, indices, indptr, labels] = await Promise.all(
    ["data", "indices", "indptr", "labels"].map(async (name) =>
      (await Deno.readFile(`${folder}/${name}`)).buffer
    ),
  );
  const counts = {
    format: "csr" as const,
    shape: [indptr.byteLength / 4 - 1, genes] as const,
    data: new Float32Array(data),
    indices: new Int32Array(indices),
    indptr: new Int32Array(indptr),
  };
  return { counts, labels: new Int32Array(labels) };
}

/** Expression of genes in each type: levels are log-normal, markers several times higher. */
function makeProfiles(clusters: number, genes: number, random: Random): Float64Array[] {
  const levels = Float64Array.from({ length: genes }, () => Math.exp(1.2 * random.normal()));
  const raise = (profile: Float64Array, picks: readonly number[], factors: readonly number[]) =>
    picks.forEach((gene, k) => profile[gene] *= factors[k]);
  const pick = (share: number) =>
    Array.from({ length: Math.ceil(share * genes) }, () => random.integer(genes));
  const factorsOf = (picks: readonly number[], mean: number) =>
    picks.map(() => Math.exp(mean + 0.45 * random.normal()));
  const lineages = Array.from({ length: LINEAGES }, () => {
    const picks = pick(0.06);
    return { picks, factors: factorsOf(picks, 1.4) };
  });
  return Array.from({ length: clusters }, (_, cluster) => {
    const profile = levels.slice();
    const { picks, factors } = lineages[cluster % LINEAGES];
    raise(profile, picks, factors);
    const own = pick(0.05);
    raise(profile, own, factorsOf(own, 1.5));
    const total = profile.reduce((sum, level) => sum + level, 0);
    return profile.map((level) => level / total);
  });
}

/** The depth at which the wanted share of counts is above zero, by bisection. */
function depthFor(profiles: readonly Float64Array[], filled: number): number {
  const shareAt = (depth: number) => {
    let above = 0;
    for (const profile of profiles) {
      for (const level of profile) above += 1 - zeroShare(level * depth);
    }
    return above / (profiles.length * profiles[0].length);
  };
  let [low, high] = [0, 1e6];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (shareAt(middle) < filled) low = middle;
    else high = middle;
  }
  return high;
}

/** Types drawn with shares that fall from the first to the last, to a third. */
function makeLabels(cells: number, clusters: number, random: Random): Int32Array<ArrayBuffer> {
  const weights = Array.from({ length: clusters }, (_, k) => 1 / (1 + 2 * k / clusters));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Int32Array.from({ length: cells }, () => {
    let left = random.uniform() * total;
    let cluster = 0;
    while (cluster < clusters - 1 && (left -= weights[cluster]) > 0) cluster++;
    return cluster;
  });
}

function zeroShare(mean: number): number {
  const share = DISPERSION / (DISPERSION + mean);
  const square = share * share;
  return square * square;
}

/** The count at the quantile `uniform`. */
function negativeBinomial(mean: number, uniform: number): number {
  let share = zeroShare(mean);
  if (uniform < share) return 0;
  const ratio = mean / (DISPERSION + mean);
  let sum = share;
  let count = 0;
  while (uniform >= sum && count < 1e4) {
    share *= ratio * (count + DISPERSION) / (count + 1);
    sum += share;
    count++;
  }
  return count;
}

/** Two columns that grow. */
class Growing {
  #data: Float32Array<ArrayBuffer>;
  #indices: Int32Array<ArrayBuffer>;
  #length = 0;

  constructor(capacity: number) {
    this.#data = new Float32Array(capacity);
    this.#indices = new Int32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Makes room for `more` values. */
  reserve(more: number): void {
    if (this.#length + more <= this.#data.length) return;
    const capacity = Math.ceil(1.3 * (this.#length + more));
    const [data, indices] = [new Float32Array(capacity), new Int32Array(capacity)];
    data.set(this.#data);
    indices.set(this.#indices);
    [this.#data, this.#indices] = [data, indices];
  }

  push(index: number, value: number): void {
    this.#indices[this.#length] = index;
    this.#data[this.#length++] = value;
  }

  finish() {
    return {
      data: this.#data.slice(0, this.#length),
      indices: this.#indices.slice(0, this.#length),
    };
  }
}

import type { Random } from "@/core/random.ts";
import type { TensorData } from "@/numerics/graph/mod.ts";
import type { CountSource } from "./count_source.ts";
import type { ScviSize } from "./tensor_layout.ts";
import { COUNTED } from "./zinb.ts";

/** Values that a program is fed, by name. */
export type Feeds = Record<string, TensorData>;

/** What batches are made of. */
export interface BatchSource {
  readonly counts: CountSource;
  readonly size: ScviSize;
  /** Sample of each row, where there are several. */
  readonly codes: Int32Array | undefined;
  /** Genes with counts above {@link COUNTED}. */
  readonly tailGenes: Int32Array;
}

/** Makes what the programs are fed, for several batches of equal size at once. */
export class BatchFeeds {
  readonly #source: BatchSource;
  readonly #logFactorials = new LogFactorials();

  /** Batches of these rows. */
  constructor(source: BatchSource) {
    this.#source = source;
  }

  /**
   * Counts, what they alone tell of the likelihood, and samples.
   *
   * @param rows Rows of all batches, one after another; fewer than `steps · batchRows` leave the last
   * places of the last batch without counts.
   */
  async counts(
    rows: Int32Array,
    steps: number,
    batchRows: number,
    prefix: string,
  ): Promise<Feeds> {
    const { counts, size: { genes }, codes, tailGenes } = this.#source;
    const values = new Float32Array(steps * batchRows * genes);
    await counts.fill(rows, values.subarray(0, rows.length * genes));
    const above = new Float32Array(steps * COUNTED * genes);
    const logCounts = new Float32Array(values.length);
    const logFactorials = new Float32Array(steps);
    const stepSize = batchRows * genes, aboveSize = COUNTED * genes;
    for (let step = 0; step < steps; step++) {
      const batch = values.subarray(step * stepSize, (step + 1) * stepSize);
      takeLogs(batch, logCounts.subarray(step * stepSize, (step + 1) * stepSize));
      const tally = above.subarray(step * aboveSize, (step + 1) * aboveSize);
      logFactorials[step] = this.#tally(batch, tally, genes);
    }
    const feeds: Feeds = {
      [`${prefix}counts`]: values,
      [`${prefix}logCounts`]: logCounts,
      [`${prefix}above`]: above,
      [`${prefix}logFactorials`]: logFactorials,
    };
    if (tailGenes.length > 0) feeds[`${prefix}tail`] = largeCounts(values, genes, tailGenes);
    if (codes !== undefined) {
      const ofRows = new Int32Array(steps * batchRows);
      rows.forEach((row, i) => ofRows[i] = codes[row]);
      feeds[`${prefix}codes`] = ofRows;
    }
    return feeds;
  }

  /** Counts how many of each gene's counts are above each small number; returns `Σ lgamma(x + 1)`. */
  #tally(batch: Float32Array, above: Float32Array, genes: number): number {
    const logFactorials = this.#logFactorials;
    let sum = 0;
    for (let start = 0; start < batch.length; start += genes) {
      for (let gene = 0; gene < genes; gene++) {
        const count = batch[start + gene];
        if (count === 0) continue;
        const last = count < COUNTED ? count : COUNTED;
        above[(last - 1) * genes + gene]++;
        if (count > 1) sum += logFactorials.at(count);
      }
    }
    for (let at = above.length - genes - 1; at >= 0; at--) above[at] += above[at + genes];
    return sum;
  }
}

const LOGS = Float32Array.from({ length: 1024 }, (_, count) => Math.log1p(count));

/** Writes `log(1 + x)` of whole numbers into zeros. */
export function takeLogs(counts: Float32Array, logs: Float32Array): void {
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (count > 0) logs[i] = count < LOGS.length ? LOGS[count] : Math.log1p(count);
  }
}

/** Counts of some genes, or {@link COUNTED} where they are smaller. */
function largeCounts(
  counts: Float32Array,
  genes: number,
  tailGenes: Int32Array,
): Float32Array<ArrayBuffer> {
  const rows = counts.length / genes;
  const large = new Float32Array(rows * tailGenes.length);
  let at = 0;
  for (let start = 0; start < counts.length; start += genes) {
    for (const gene of tailGenes) large[at++] = Math.max(COUNTED, counts[start + gene]);
  }
  return large;
}

/** Random numbers of the standard normal distribution. */
export function normals(length: number, random: Random): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  random.fillNormal(values);
  return values;
}

/**
 * What dropout multiplies by: 0 for the share that is dropped, else what keeps the mean. The gaps
 * between those that are dropped are drawn, which are few.
 */
export function keptUnits(
  length: number,
  dropout: number,
  random: Random,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length).fill(1 / (1 - dropout));
  const rate = 1 / Math.log1p(-dropout);
  const gap = () => Math.floor(Math.log(1 - random.uniform()) * rate);
  for (let at = gap(); at < length; at += 1 + gap()) values[at] = 0;
  return values;
}

/** Logarithms of factorials, by adding up. */
class LogFactorials {
  #table = Float64Array.of(0, 0);

  at(count: number): number {
    if (count >= this.#table.length) this.#grow(count);
    return this.#table[count];
  }

  #grow(count: number): void {
    const table = new Float64Array(Math.max(count + 1, 2 * this.#table.length));
    table.set(this.#table);
    for (let n = this.#table.length; n < table.length; n++) table[n] = table[n - 1] + Math.log(n);
    this.#table = table;
  }
}

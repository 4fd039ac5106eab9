import type { GeneBlock } from "./gene_blocks.ts";

/** What is summed up of each gene; arrays are `(n_genes, n_groups)` unless said otherwise. */
export interface GeneSums {
  readonly groupCount: number;
  /** Ranks of each group's rows among all rows, ties sharing their mean. */
  readonly rankSums: Float64Array<ArrayBuffer>;
  /** Values. */
  readonly valueSums: Float64Array<ArrayBuffer>;
  /** Rows whose value is not zero. */
  readonly expressing: Float64Array<ArrayBuffer>;
  /** `Σ t³ - t` over the ties of each gene, `t` their size, `(n_genes)`. */
  readonly ties: Float64Array<ArrayBuffer>;
}

/** Sums of no values yet. */
export function emptySums(genes: number, groupCount: number): GeneSums {
  return {
    groupCount,
    rankSums: new Float64Array(genes * groupCount),
    valueSums: new Float64Array(genes * groupCount),
    expressing: new Float64Array(genes * groupCount),
    ties: new Float64Array(genes),
  };
}

/**
 * Ranks each gene's values among the rows, and sums up the ranks of each group: only what is not zero is
 * sorted, since all zeros are one tie.
 *
 * @param groupSizes Rows of each group.
 * @returns After each gene, how many are done from the first of all on.
 */
export function* addRankSums(
  into: GeneSums,
  block: GeneBlock,
  groupSizes: Float64Array,
): Generator<number, void> {
  const { firstGene, starts, ends, values, groups } = block;
  const longest = starts.reduce((most, start, i) => Math.max(most, ends[i] - start), 0);
  const sorter = values instanceof Float32Array
    ? new RadixSorter(values, groups, longest)
    : new ComparingSorter(values, groups, longest);
  for (let i = 0; i < starts.length; i++) {
    const gene = firstGene + i;
    const [start, end] = [starts[i], ends[i]];
    addValues(into, gene, values, groups, start, end);
    sorter.sort(start, end);
    addRanks(into, gene, sorter, groupSizes, end - start);
    yield gene + 1;
  }
}

function addValues(
  { valueSums, expressing, groupCount }: GeneSums,
  gene: number,
  values: Float32Array | Float64Array,
  groups: Int32Array,
  start: number,
  end: number,
): void {
  const offset = gene * groupCount;
  for (let k = start; k < end; k++) {
    valueSums[offset + groups[k]] += values[k];
    expressing[offset + groups[k]]++;
  }
}

function addRanks(
  { rankSums, expressing, ties, groupCount }: GeneSums,
  gene: number,
  { keys, groups, negative }: Sorter,
  groupSizes: Float64Array,
  count: number,
): void {
  const offset = gene * groupCount;
  let zeros = 0;
  for (let group = 0; group < groupCount; group++) {
    zeros += groupSizes[group] - expressing[offset + group];
  }
  const zeroRank = negative + (zeros + 1) / 2;
  for (let group = 0; group < groupCount; group++) {
    rankSums[offset + group] = zeroRank * (groupSizes[group] - expressing[offset + group]);
  }
  let tied = zeros ** 3 - zeros;
  for (let first = 0; first < count;) {
    const key = keys[first];
    let end = first + 1;
    while (end < count && keys[end] === key) end++;
    const rank = (first < negative ? 0 : zeros) + (first + 1 + end) / 2;
    for (let k = first; k < end; k++) rankSums[offset + groups[k]] += rank;
    const size = end - first;
    if (size > 1) tied += size ** 3 - size;
    first = end;
  }
  ties[gene] = tied;
}

/** Sorts a part of some values, none of them zero, together with their groups. */
interface Sorter {
  /** Rises with the values; equal for equal values. */
  readonly keys: Uint32Array | Float64Array;
  /** Group of each. */
  readonly groups: Int32Array;
  /** How many values are below zero. */
  readonly negative: number;
  /** Sorts `values[start .. end]`. */
  sort(start: number, end: number): void;
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** By the bits of float32 values, eleven at a time. */
class RadixSorter implements Sorter {
  keys: Uint32Array;
  groups: Int32Array;
  negative = 0;
  readonly #bits: Int32Array;
  readonly #allGroups: Int32Array;
  #otherKeys: Uint32Array;
  #otherGroups: Int32Array;
  readonly #counts = new Int32Array(3 * DIGITS);

  constructor(values: Float32Array, groups: Int32Array, capacity: number) {
    this.#bits = new Int32Array(values.buffer, values.byteOffset, values.length);
    this.#allGroups = groups;
    [this.keys, this.#otherKeys] = [new Uint32Array(capacity), new Uint32Array(capacity)];
    [this.groups, this.#otherGroups] = [new Int32Array(capacity), new Int32Array(capacity)];
  }

  sort(start: number, end: number): void {
    const { keys } = this;
    const bits = this.#bits;
    const counts = this.#counts.fill(0);
    let negative = 0;
    for (let k = start; k < end; k++) {
      // Bits of positive floats rise with them, those of negative ones fall.
      const sign = bits[k] >> 31;
      negative -= sign;
      const key = bits[k] ^ (sign | 0x80000000);
      keys[k - start] = key;
      counts[key & (DIGITS - 1)]++;
      counts[DIGITS + ((key >>> DIGIT_BITS) & (DIGITS - 1))]++;
      counts[2 * DIGITS + (key >>> 2 * DIGIT_BITS)]++;
    }
    this.negative = negative;
    this.groups.set(this.#allGroups.subarray(start, end));
    for (let digit = 0; digit < 3; digit++) this.#pass(digit, end - start);
  }

  #pass(digit: number, length: number): void {
    const { keys, groups } = this;
    const [otherKeys, otherGroups] = [this.#otherKeys, this.#otherGroups];
    const next = this.#counts.subarray(digit * DIGITS, (digit + 1) * DIGITS);
    for (let i = 0, before = 0; i < DIGITS; i++) {
      const count = next[i];
      next[i] = before;
      before += count;
    }
    const shift = digit * DIGIT_BITS;
    for (let k = 0; k < length; k++) {
      const place = next[(keys[k] >>> shift) & (DIGITS - 1)]++;
      otherKeys[place] = keys[k];
      otherGroups[place] = groups[k];
    }
    [this.keys, this.#otherKeys] = [otherKeys, keys];
    [this.groups, this.#otherGroups] = [otherGroups, groups];
  }
}

/** By comparing float64 values. */
class ComparingSorter implements Sorter {
  readonly keys: Float64Array;
  readonly groups: Int32Array;
  negative = 0;
  readonly #values: Float64Array;
  readonly #allGroups: Int32Array;

  constructor(values: Float64Array, groups: Int32Array, capacity: number) {
    this.#values = values;
    this.#allGroups = groups;
    this.keys = new Float64Array(capacity);
    this.groups = new Int32Array(capacity);
  }

  sort(start: number, end: number): void {
    const values = this.#values;
    const order = Int32Array.from({ length: end - start }, (_, k) => start + k)
      .sort((a, b) => values[a] - values[b]);
    this.negative = 0;
    for (let k = 0; k < order.length; k++) {
      this.keys[k] = values[order[k]];
      this.groups[k] = this.#allGroups[order[k]];
      if (this.keys[k] < 0) this.negative++;
    }
  }
}

import type { SparseMatrix } from "@/core/sparse.ts";
import type { Feature } from "./feature_list.ts";
import type { TranscriptBlock } from "./transcript_block.ts";

const MIN_QV = 20;

/** Counts good transcripts by cell and feature, as the instrument does: quality 20 and more. */
export class CountTally {
  /** All transcripts seen. */
  total = 0;
  /** Transcripts of genes with a quality of 20 or more. */
  goodGenes = 0;
  /** Those of them that belong to a cell. */
  goodGenesInCells = 0;
  /** Those of them that lie in a nucleus. */
  goodGenesInNuclei = 0;
  /** All transcripts of genes. */
  genes = 0;
  #keys = new Float64Array(1 << 16);
  #length = 0;

  /** @param features The rows of the matrix, genes first. */
  constructor(readonly features: readonly Feature[], readonly cellCount: number) {}

  /** Counts the transcripts of a block. */
  add(block: TranscriptBlock): void {
    const { features } = this;
    const isGene = Uint8Array.from(features, ({ type }) => type === "Gene Expression" ? 1 : 0);
    for (let i = 0; i < block.length; i++) {
      const feature = block.feature[i], gene = isGene[feature];
      this.total++;
      this.genes += gene;
      if (block.qv[i] < MIN_QV) continue;
      this.goodGenes += gene;
      if (block.cell[i] < 0) continue;
      this.goodGenesInCells += gene;
      this.goodGenesInNuclei += gene & block.inNucleus[i];
      if (this.#length === this.#keys.length) {
        const grown = new Float64Array(this.#length * 2);
        grown.set(this.#keys);
        this.#keys = grown;
      }
      this.#keys[this.#length++] = block.cell[i] * features.length + feature;
    }
  }

  /** The counts, features by cells, compressed by cells. */
  matrix(): SparseMatrix & { readonly data: Int32Array; readonly indices: BigInt64Array } {
    const width = this.features.length;
    const keys = this.#keys.subarray(0, this.#length).sort();
    const data: number[] = [], indices: number[] = [];
    const indptr = new BigInt64Array(this.cellCount + 1);
    const perCell = new Int32Array(this.cellCount);
    for (let k = 0; k < keys.length;) {
      const key = keys[k];
      let count = 0;
      while (k < keys.length && keys[k] === key) {
        count++;
        k++;
      }
      data.push(count);
      indices.push(key % width);
      perCell[Math.floor(key / width)]++;
    }
    perCell.forEach((n, i) => indptr[i + 1] = indptr[i] + BigInt(n));
    return {
      format: "csc",
      shape: [width, this.cellCount],
      data: Int32Array.from(data),
      indices: BigInt64Array.from(indices, BigInt),
      indptr,
    };
  }

  /** Sums of a matrix by the columns of `cells` that count its features. */
  columns(matrix: SparseMatrix): Map<string, Int32Array> {
    const sums = new Map<string, Int32Array>();
    for (const { countColumn } of this.features) {
      if (!sums.has(countColumn)) sums.set(countColumn, new Int32Array(this.cellCount));
    }
    for (let cell = 0; cell < this.cellCount; cell++) {
      for (let k = Number(matrix.indptr[cell]); k < Number(matrix.indptr[cell + 1]); k++) {
        const column = this.features[Number(matrix.indices[k])].countColumn;
        sums.get(column)![cell] += Number(matrix.data[k]);
      }
    }
    return sums;
  }
}

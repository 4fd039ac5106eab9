import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { Turns } from "@/core/turns.ts";

/** Cells of a table in clusters. */
export interface Clustering {
  /** Its name in the table: `pca_n10_pcs16_leiden_res0.4`. */
  readonly key: string;
  /** Cluster of each cell, from 0. */
  readonly codes: Int32Array;
  /** How many clusters there are, empty ones too. */
  readonly count: number;
}

/** What the cells of each cluster express; matrices are (n_clusters, n_genes), rows one after another. */
export interface ClusterStatistics {
  /** Genes. */
  readonly genes: readonly string[];
  /** Cells of each cluster. */
  readonly cells: Float64Array;
  /** Mean of the log-normalised values. */
  readonly mean: Float64Array;
  /** Mean of the normalised values before the logarithm. */
  readonly level: Float64Array;
  /** Share of the cells that express the gene. */
  readonly share: Float64Array;
}

const ROWS_AT_ONCE = 5_000;

/**
 * Sums up each cluster's expression in one pass over the matrix.
 *
 * @param logNorm Log-normalised expression, (n_cells, n_genes), compressed by rows.
 * @param genes Names of its columns.
 * @throws {SthelarError} `InvalidArgument` if the shapes differ or a code is out of range, `Aborted`
 * if `signal` says so.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterStatistics } from "@/labels/cluster_statistics.ts";
 *
 * const logNorm = {
 *   format: "csr" as const,
 *   shape: [2, 1] as const,
 *   data: Float32Array.of(1),
 *   indices: Int32Array.of(0),
 *   indptr: Int32Array.of(0, 1, 1),
 * };
 * const clustering = { key: "leiden", codes: Int32Array.of(0, 0), count: 1 };
 * assertEquals([...(await clusterStatistics(logNorm, ["CD3E"], clustering)).mean], [0.5]);
 * ```
 */
export async function clusterStatistics(
  logNorm: SparseMatrix,
  genes: readonly string[],
  clustering: Clustering,
  options: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<ClusterStatistics> {
  checkShapes(logNorm, genes, clustering);
  const { progress = silentProgress, signal } = options;
  const [rows, width] = logNorm.shape;
  const size = clustering.count * width;
  const turns = new Turns("Stopped summing up clusters", signal);
  const statistics = {
    genes,
    cells: new Float64Array(clustering.count),
    mean: new Float64Array(size),
    level: new Float64Array(size),
    share: new Float64Array(size),
  };
  for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
    const end = Math.min(rows, row + ROWS_AT_ONCE);
    addRows(statistics, logNorm, clustering.codes, row, end);
    progress.update(end, rows, "cells");
    await turns.next();
  }
  for (let i = 0; i < size; i++) {
    const cells = Math.max(1, statistics.cells[Math.floor(i / width)]);
    statistics.mean[i] /= cells;
    statistics.level[i] /= cells;
    statistics.share[i] /= cells;
  }
  return statistics;
}

/** The same over all cells that are not in `cluster`, for one gene. */
export function othersOf(
  { cells, genes }: ClusterStatistics,
  values: Float64Array,
  cluster: number,
  gene: number,
): number {
  let sum = 0, count = 0;
  for (let other = 0; other < cells.length; other++) {
    if (other === cluster) continue;
    sum += values[other * genes.length + gene] * cells[other];
    count += cells[other];
  }
  return count === 0 ? 0 : sum / count;
}

function addRows(
  { cells, mean, level, share, genes }: ClusterStatistics,
  { data, indices, indptr }: SparseMatrix,
  codes: Int32Array,
  start: number,
  end: number,
): void {
  const values = data as Float32Array, columns = indices as Int32Array, width = genes.length;
  // Neighbouring values of a row are often equal: those of one transcript.
  let known = NaN, knownLevel = NaN;
  for (let row = start; row < end; row++) {
    const offset = codes[row] * width;
    cells[codes[row]]++;
    for (let k = Number(indptr[row]), last = Number(indptr[row + 1]); k < last; k++) {
      const at = offset + Number(columns[k]), value = values[k];
      if (value <= 0) continue;
      if (value !== known) [known, knownLevel] = [value, Math.exp(value) - 1];
      mean[at] += value;
      level[at] += knownLevel;
      share[at]++;
    }
  }
}

function checkShapes(
  { format, shape }: SparseMatrix,
  genes: readonly string[],
  { key, codes, count }: Clustering,
): void {
  const wrong = codes.find((code) => code < 0 || code >= count);
  const found = format !== "csr"
    ? "a matrix compressed by columns"
    : shape[0] !== codes.length || shape[1] !== genes.length
    ? `a matrix of ${shape[0]} x ${shape[1]} for ${codes.length} cells and ${genes.length} genes`
    : wrong !== undefined
    ? `cluster ${wrong} of ${count}`
    : undefined;
  if (found === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot sum up clusters of "${key}"`,
    found,
  });
}

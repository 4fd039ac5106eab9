import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { Turns } from "@/core/turns.ts";
import { adjustPValues } from "./adjust_p_values.ts";
import { geneBlocks } from "./gene_blocks.ts";
import { normalTails } from "./normal_tails.ts";
import { addRankSums, emptySums, type GeneSums } from "./rank_sums.ts";

/** Options of {@link rankGenes}. */
export interface RankGenesOptions {
  /** Whether scores are corrected for ties, zeros among them (default no, as scanpy). */
  readonly tieCorrect?: boolean;
  /** What becomes of a group of one row: skipped and listed (default), or refused, as scanpy does. */
  readonly singletons?: "skip" | "refuse";
  /** Receives how many genes are done. */
  readonly progress?: Progress;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Genes of one group against all other rows, ordered by score, highest first. */
export interface RankedGroup {
  /** Which group. */
  readonly group: number;
  /** Rows of the group. */
  readonly rows: number;
  /** Columns of the matrix; the arrays below follow this order. */
  readonly genes: Int32Array<ArrayBuffer>;
  /** Wilcoxon's rank sum as z-score: above zero where the group's values are higher. */
  readonly scores: Float64Array<ArrayBuffer>;
  /** Doublings from the others' to the group's mean, both taken of the logarithms, as scanpy does. */
  readonly log2FoldChanges: Float64Array<ArrayBuffer>;
  /** Two-sided, by the normal distribution. */
  readonly pValues: Float64Array<ArrayBuffer>;
  /** Corrected for the number of genes (Benjamini-Hochberg). */
  readonly adjustedPValues: Float64Array<ArrayBuffer>;
  /** Share of the group's rows whose value is not zero. */
  readonly shares: Float64Array<ArrayBuffer>;
  /** The same of all other rows. */
  readonly sharesOthers: Float64Array<ArrayBuffer>;
}

/** A group that cannot be compared. */
export interface SkippedGroup {
  /** Which group. */
  readonly group: number;
  /** Its rows: 0 or 1. */
  readonly rows: number;
}

/** Result of {@link rankGenes}. */
export interface RankedGenes {
  /** Groups of two rows or more. */
  readonly groups: readonly RankedGroup[];
  /** The others. */
  readonly skipped: readonly SkippedGroup[];
}

const ACTION = "Cannot rank genes";
/** Values of a block of genes: 8 bytes each. Rows are gone through once a block. */
const BLOCK_VALUES = 4_000_000;

/**
 * Wilcoxon's rank-sum test of each group against all other rows, for each gene: what scanpy 1.11.5's
 * `tl.rank_genes_groups(method="wilcoxon", corr_method="benjamini-hochberg")` does.
 *
 * Genes of equal scores come later column first; scanpy leaves their order to an unstable sort.
 *
 * @param logNorm Log-normalised expression, `(n_cells, n_genes)`, by rows.
 * @param groups Group of each row, from 0; -1 for rows that are left out of everything.
 * @param groupCount How many groups there are, empty ones too.
 * @throws {SthelarError} `InvalidArgument` for rows of fewer than two groups, a group out of range, values
 * that are not finite, or a matrix that is not by rows; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rankGenes } from "@/numerics/rank_genes/mod.ts";
 *
 * const logNorm = {
 *   format: "csr" as const,
 *   shape: [4, 2] as const,
 *   data: Float32Array.of(1, 1, 2, 3),
 *   indices: Int32Array.of(0, 1, 1, 1),
 *   indptr: Int32Array.of(0, 1, 2, 3, 4),
 * };
 * const { groups: [, second] } = await rankGenes(logNorm, Int32Array.of(0, 0, 1, 1), 2);
 * assertEquals([...second.genes], [1, 0]);
 * assertEquals([...second.shares], [1, 0]);
 * ```
 */
export async function rankGenes(
  logNorm: SparseMatrix,
  groups: Int32Array,
  groupCount: number,
  options: RankGenesOptions = {},
): Promise<RankedGenes> {
  const { tieCorrect = false, singletons = "skip", progress = silentProgress, signal } = options;
  const [rows, genes] = logNorm.shape;
  const sizes = groupSizes(groups, groupCount, rows);
  const skipped = [...sizes].flatMap((rows, group) => rows < 2 ? [{ group, rows }] : []);
  const single = skipped.filter(({ rows }) => rows === 1);
  if (singletons === "refuse" && single.length > 0) throw singletonsFound(single);
  const sums = emptySums(genes, groupCount);
  const turns = new Turns("Stopped ranking genes", signal);
  for (const block of geneBlocks(logNorm, groups, BLOCK_VALUES)) {
    for (const done of addRankSums(sums, block, sizes)) {
      progress.update(done, genes, "genes");
      await turns.next();
    }
  }
  const others = {
    valueSums: sumsOfOthers(sums.valueSums, groupCount),
    expressing: sumsOfOthers(sums.expressing, groupCount),
  };
  const ranked: RankedGroup[] = [];
  for (let group = 0; group < groupCount; group++) {
    if (sizes[group] >= 2) ranked.push(rankGroup(group, sums, others, sizes, tieCorrect));
  }
  return { groups: ranked, skipped };
}

function groupSizes(groups: Int32Array, groupCount: number, rows: number): Float64Array {
  if (groups.length !== rows) {
    throw invalid(`groups of ${groups.length} rows`, `${rows}, as the matrix has`);
  }
  const sizes = new Float64Array(groupCount);
  for (const [row, group] of groups.entries()) {
    if (group < -1 || group >= groupCount) {
      throw invalid(`group ${group} of row ${row}`, `-1 to ${groupCount - 1}`);
    }
    if (group >= 0) sizes[group]++;
  }
  const filled = sizes.filter((size) => size > 0).length;
  if (filled < 2) {
    throw invalid(
      filled === 0 ? "no row with a group" : "all rows in one group",
      "rows in two groups or more",
    );
  }
  return sizes;
}

/** For each gene and group, the sum over all other groups: nothing is taken away, so zero stays zero. */
function sumsOfOthers(sums: Float64Array, groupCount: number): Float64Array<ArrayBuffer> {
  const others = new Float64Array(sums.length);
  for (let offset = 0; offset < sums.length; offset += groupCount) {
    for (let group = 1, before = 0; group < groupCount; group++) {
      before += sums[offset + group - 1];
      others[offset + group] = before;
    }
    for (let group = groupCount - 2, after = 0; group >= 0; group--) {
      after += sums[offset + group + 1];
      others[offset + group] += after;
    }
  }
  return others;
}

function rankGroup(
  group: number,
  sums: GeneSums,
  others: Pick<GeneSums, "valueSums" | "expressing">,
  sizes: Float64Array,
  tieCorrect: boolean,
): RankedGroup {
  const rows = sizes[group];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const at = (gene: number) => gene * sums.groupCount + group;
  const scores = scoresOf(group, sums, rows, total, tieCorrect);
  const pValues = scores.map(normalTails);
  const adjusted = adjustPValues(pValues);
  const genes = Int32Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || b - a);
  const inOrder = (valueOf: (gene: number) => number) => Float64Array.from(genes, valueOf);
  return {
    group,
    rows,
    genes,
    scores: inOrder((gene) => scores[gene]),
    log2FoldChanges: inOrder((gene) =>
      log2FoldChange(
        sums.valueSums[at(gene)] / rows,
        others.valueSums[at(gene)] / (total - rows),
      )
    ),
    pValues: inOrder((gene) => pValues[gene]),
    adjustedPValues: inOrder((gene) => adjusted[gene]),
    shares: inOrder((gene) => sums.expressing[at(gene)] / rows),
    sharesOthers: inOrder((gene) => others.expressing[at(gene)] / (total - rows)),
  };
}

function scoresOf(
  group: number,
  { rankSums, ties, groupCount }: GeneSums,
  rows: number,
  total: number,
  tieCorrect: boolean,
): Float64Array<ArrayBuffer> {
  const variance = rows * (total - rows) * (total + 1) / 12;
  return Float64Array.from(ties, (tied, gene) => {
    const untied = tieCorrect ? 1 - tied / (total ** 3 - total) : 1;
    const excess = rankSums[gene * groupCount + group] - rows * (total + 1) / 2;
    return untied <= 0 ? 0 : excess / Math.sqrt(untied * variance);
  });
}

/** The small number keeps genes apart that one side does not express, as scanpy's does. */
function log2FoldChange(mean: number, meanOthers: number): number {
  return Math.log2((Math.expm1(mean) + 1e-9) / (Math.expm1(meanOthers) + 1e-9));
}

function singletonsFound(single: readonly SkippedGroup[]): SthelarError {
  const names = single.map(({ group }) => group).join(", ");
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `one row in group${single.length > 1 ? "s" : ""} ${names}`,
    expected: "two rows or more",
    remedy: 'leave these rows out, or pass { singletons: "skip" }',
  });
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action: ACTION, found, expected });
}

import type { Categorical } from "@/core/categorical.ts";
import type { Progress } from "@/core/progress.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/** The genes of a matrix, by column. */
export interface AtlasGenes {
  /** Symbols; ids where the file names no symbols. */
  readonly names: readonly string[];
  /** Ensembl ids, if the file has them. */
  readonly ids: readonly string[] | undefined;
}

/** How values lie in a file, which decides what it costs to read some of them. */
export type MatrixLayout = "csr" | "csc" | "dense" | "mtx";

/** What accompanies a long read. */
export interface ReadOptions {
  /** Told of the cells (`csc`: genes) that were read. */
  readonly progress?: Progress;
  /** Stops the read. */
  readonly signal?: AbortSignal;
}

/** A matrix of cells by genes that stays in its file. */
export interface AtlasMatrix {
  /** Where it lies in the file: `X`, `raw/X`, `layers/counts`, `matrix`. */
  readonly name: string;
  /** How it is stored. */
  readonly layout: MatrixLayout;
  /** `[n_cells, n_genes]`. */
  readonly shape: readonly [cells: number, genes: number];
  /** Genes by column. */
  readonly genes: AtlasGenes;
  /**
   * Reads the values of some cells and genes, and no more of the file than its layout asks for.
   *
   * @param rows Rows of the cells, distinct, in any order.
   * @param genes Columns of the genes, distinct, in any order.
   * @returns `(rows.length, genes.length)`, CSR in the order of `rows` and `genes`.
   * @throws {SthelarError} `InvalidArgument` for rows or columns outside or twice, `CorruptData`.
   */
  readRows(rows: Int32Array, genes: Int32Array, options?: ReadOptions): Promise<SparseMatrix>;
}

/** The formats of atlases that are read. */
export type AtlasFormat = "h5ad" | "10x h5" | "10x mex" | "3CA";

/** A single-cell reference, open: nothing of its values has been read. Close it with `using`. */
export interface Atlas extends Disposable {
  /** The file or folder. */
  readonly path: string;
  /** What it is. */
  readonly format: AtlasFormat;
  /** How many cells it has. */
  readonly cellCount: number;
  /** Its matrices; the first is the one that the format means by default. */
  readonly matrices: readonly AtlasMatrix[];
  /** What is known of each cell, by name. */
  readonly columns: readonly string[];
  /**
   * Reads what is known of each cell.
   *
   * @returns A category for each cell; empty texts and `nan` are missing.
   * @throws {SthelarError} `NotFound` with the nearest names.
   */
  column(name: string): Promise<Categorical>;
}

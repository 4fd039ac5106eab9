import type { SparseMatrix } from "@/core/sparse.ts";

/** The rows of 10x's count matrix: genes, controls, proteins. */
export interface MatrixFeatures {
  /** Ensembl id of a gene, name of a control. */
  readonly ids: readonly string[];
  /** Symbol or name. */
  readonly names: readonly string[];
  /** `Gene Expression`, `Negative Control Probe`, …. */
  readonly types: readonly string[];
  /** Genome of each, `undefined` if the file does not say. */
  readonly genomes: readonly string[] | undefined;
}

/** Counts of each feature in each cell, as the instrument counted them (qv >= 20). */
export interface CellFeatureMatrix {
  /** Cells by row, in the order of the table of cells. */
  readonly cellIds: readonly string[];
  /** Features by column. */
  readonly features: MatrixFeatures;
  /** `(n_cells, n_features)`, CSR; values have the type of the file. */
  readonly matrix: SparseMatrix;
  /** What stored protein values must be divided by, if the file says so (h5 alone does). */
  readonly proteinScalingFactor: number | undefined;
  /**
   * Whether there are proteins and the file does not say by what they were multiplied: their values
   * compare among each other, but not with other slides. Worth a warning.
   */
  readonly proteinScaleUnknown: boolean;
}

/** What a file holds, before it is checked. */
export type StoredMatrix = Omit<CellFeatureMatrix, "proteinScaleUnknown"> & {
  /** Absolute path of the file with the counts. */
  readonly path: string;
};

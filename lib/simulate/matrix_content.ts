import type { SparseMatrix } from "@/core/sparse.ts";
import type { Feature } from "./feature_list.ts";
import type { CellNames } from "./write_transcripts.ts";

/** What the count matrix of a bundle holds, whichever its format. */
export interface MatrixContent {
  /** Whole numbers, features by cells, compressed by cells. */
  readonly counts: SparseMatrix;
  /** Its rows. */
  readonly features: readonly Feature[];
  /** Its columns. */
  readonly cells: CellNames;
  /** What rows of proteins were multiplied with, if there are any. */
  readonly proteinScalingFactor: number | undefined;
}

/** Eigenvalues of a symmetric matrix, the largest first, and parts of its eigenvectors. */
export interface Eigensystem {
  readonly values: Float64Array<ArrayBuffer>;
  /** For each eigenvalue, its eigenvector (or the part of it that was asked for). */
  readonly vectors: readonly Float64Array[];
}

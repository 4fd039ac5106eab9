import type { SparseMatrix } from "@/core/sparse.ts";
import type { Curve } from "./fit_curve.ts";

/** One layout, for a worker. */
export interface UmapTask {
  readonly connectivities: SparseMatrix;
  readonly curve: Curve;
  readonly epochs: number;
  /** `(n_rows, 2)`; none for a spectral start. */
  readonly start: Float64Array | undefined;
  readonly seed: number;
}

/**
 * NumPy's `.npy` and `.npz`, and the sparse matrices that SciPy stores in them.
 * @module
 */
export { type LabelMaps, labelNpzBytes, parseLabelNpz } from "./label_npz.ts";
export { type NpyArray, npyBytes, parseNpy, type TextArray } from "./npy.ts";
export { type NpyHeader, npyHeader, type NpyType } from "./npy_header.ts";
export { openNpy } from "./open_npy.ts";
export { npzBytes, parseNpz } from "./npz.ts";
export { denseOf, parseSparseNpz, sparseNpzBytes, sparseOf } from "./sparse_npz.ts";
export { openSparseNpz, SparseNpz } from "./sparse_npz_reader.ts";
export { type SparseNpzOptions, type SparseNpzSize, SparseNpzWriter } from "./sparse_npz_writer.ts";

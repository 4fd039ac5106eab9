/**
 * The figures of chapter 2: the single-cell reference.
 * @module
 */
export { geneOverlap, type GeneOverlapOptions } from "./gene_overlap.ts";
export { refCellTypes, type RefCellTypesOptions, type ReferenceTypeBar } from "./ref_cell_types.ts";

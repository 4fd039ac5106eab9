/**
 * AnnData tables, in zarr stores and h5ad files.
 * @module
 */
export { type AnnDataHandle, openAnnDataZarr } from "./anndata_handle.ts";
export { dataFrameAttributes } from "./dataframe_encoding.ts";
export {
  type AnnData,
  type BooleanColumn,
  type Column,
  columnLength,
  type DataFrame,
  type Element,
  isCategorical,
  isColumn,
  isDataFrame,
  isDense,
  isDict,
  isKind,
  isMatrix,
  isNumericArray,
  isSparse,
  isTexts,
  type Matrix,
  type NullableBoolean,
  type NullableInteger,
  type NullableString,
  type RawTable,
  type RecordField,
  type Records,
  type TextArray,
  type UnsDict,
  type UnsValue,
} from "./model.ts";
export { type RankedColumns, type RankedOrigin, rankGenesUns } from "./rank_genes_groups.ts";
export {
  readAnnDataZarr,
  readElement,
  readH5ad,
  writeAnnDataZarr,
  writeElement,
  writeH5ad,
} from "./table_files.ts";

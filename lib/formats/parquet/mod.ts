/**
 * Parquet: SQL over large files with DuckDB, whole columns of small ones, GeoParquet, and the
 * metadata that pandas, geopandas and dask need.
 * @module
 */
export {
  type BooleanColumn,
  type BytesColumn,
  type CategoryColumn,
  type Column,
  columnLength,
  Columns,
  type ListColumn,
  type NumberColumn,
  type TextColumn,
} from "./columns.ts";
export {
  type CopyOptions,
  type DuckDb,
  type DuckDbOptions,
  openDuckDb,
  type StreamOptions,
} from "./duckdb.ts";
export {
  countGeometries,
  type Geometries,
  type GeoTable,
  type GeoTableSpec,
  readGeoParquet,
  writeGeoParquet,
} from "./geoparquet.ts";
export { type IndexColumn, pandasIndexColumns } from "./pandas_index.ts";
export {
  type PandasColumn,
  type PandasIndex,
  pandasMetadata,
  type PandasType,
} from "./pandas_metadata.ts";
export {
  type ParquetColumnType,
  type ParquetKind,
  type ParquetSchema,
  parquetSchema,
} from "./parquet_file.ts";
export { pointsMetadata } from "./points_metadata.ts";
export { readParquetColumns } from "./read_parquet.ts";
export { parquetTable, quoteIdentifier, quotePath, quoteText } from "./sql.ts";
export { decodeWkb, decodeWkbPoints, encodeWkb, encodeWkbPoints } from "./wkb.ts";
export { type ParquetWriteOptions, writeParquet } from "./write_parquet.ts";

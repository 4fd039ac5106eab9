import type { Target } from "./target.ts";

/** Loads each target when it is asked for: they bring large libraries. */
const LOADERS: Readonly<Record<string, () => Promise<Target>>> = {
  zip: async () => (await import("./targets/zip.ts")).zip,
  zarr_v2: async () => (await import("./targets/zarr.ts")).zarrV2,
  zarr_v3: async () => (await import("./targets/zarr.ts")).zarrV3,
  anndata_zarr: async () => (await import("./targets/anndata.ts")).anndataZarr,
  anndata_h5ad: async () => (await import("./targets/anndata.ts")).anndataH5ad,
  matrix_h5: async () => (await import("./targets/xenium.ts")).matrixH5,
  matrix_mex: async () => (await import("./targets/xenium_other.ts")).matrixMex,
  matrix_zarr: async () => (await import("./targets/xenium_other.ts")).matrixZarr,
  parquet_columns: async () => (await import("./targets/parquet.ts")).parquetColumns,
  parquet_sql: async () => (await import("./targets/parquet.ts")).parquetSql,
  geoparquet: async () => (await import("./targets/parquet.ts")).geoParquet,
  wkb: async () => (await import("./targets/parquet.ts")).wkb,
  spatialdata: async () => (await import("./targets/spatialdata.ts")).spatialdata,
  ome_tiff: async () => (await import("./targets/ome_tiff.ts")).omeTiff,
  ome_xml: async () => (await import("./targets/ome_tiff.ts")).omeXml,
  lzw: async () => (await import("./targets/ome_tiff.ts")).lzw,
  jpeg2000: async () => (await import("./targets/ome_tiff.ts")).jpeg2000,
  xenium_tables: async () => (await import("./targets/xenium.ts")).xeniumTables,
  xenium_csv: async () => (await import("./targets/xenium_other.ts")).xeniumCsv,
  cells_zarr: async () => (await import("./targets/xenium_other.ts")).cellsZarr,
  xenium_manifest: async () => (await import("./targets/xenium.ts")).xeniumManifest,
  he_alignment: async () => (await import("./targets/xenium.ts")).heAlignment,
  safetensors: async () => (await import("./targets/safetensors.ts")).safetensors,
  slide_manifest: async () => (await import("./targets/project_files.ts")).slideManifest,
  stage_record: async () => (await import("./targets/project_files.ts")).stageRecord,
  notebook: async () => (await import("./targets/project_files.ts")).notebook,
};

/** Names of the targets, without those that only show that a failure is seen. */
export const TARGET_NAMES: readonly string[] = Object.keys(LOADERS);

/** Parsers that fail on purpose. */
const BAD: Readonly<Record<string, () => Promise<Target>>> = {
  bad_parser: async () => (await import("./targets/bad_parsers.ts")).badParser,
};

/** The target of a name. */
export async function loadTarget(name: string): Promise<Target> {
  const load = LOADERS[name] ?? BAD[name];
  if (load === undefined) {
    throw new RangeError(`No target "${name}": there are ${TARGET_NAMES.join(", ")}`);
  }
  return await load();
}

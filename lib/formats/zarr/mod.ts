/**
 * Zarr: chunked arrays in folders. Reads versions 2 and 3, writes version 3.
 * @module
 */
export { type ArrayWriter, createArray } from "./array_writer.ts";
export type { Attributes, JsonValue } from "./attributes.ts";
export { consolidateMetadata } from "./consolidate_metadata.ts";
export type { Records, ZarrArray } from "./zarr_array.ts";
export {
  openArray,
  openGroup,
  openNode,
  readRecords,
  type ZarrChild,
  type ZarrGroup,
  type ZarrNode,
} from "./zarr_group.ts";
export { writeArray, writeBooleans, writeStrings } from "./write_array.ts";
export { type ArrayOptions, createGroup } from "./write_metadata.ts";
export { writeRecords } from "./write_records.ts";
export { type CompressPool, createCompressPool } from "./compress_pool.ts";

import type { NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { constants, zstdCompressSync } from "node:zlib";
import type { DecodedArray, SchemaElement } from "hyparquet";
import { arrowSchema } from "./arrow_schema.ts";
import { type Column, columnLength, type NumberColumn } from "./columns.ts";
import {
  type PandasColumn,
  type PandasIndex,
  pandasMetadata,
  type PandasType,
  pandasType,
  rowCountOf,
} from "./pandas_metadata.ts";

/** How a parquet file is written. */
export interface ParquetWriteOptions {
  /** The column that labels the rows for pandas; by default there is none: 0, 1, 2, …. */
  readonly index?: { readonly column: string; readonly name: string | null };
  /** More key-value metadata. */
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
  /** Rows a row group. */
  readonly rowGroupSize?: number;
}

/** A column that is made block by block, so that it need not be in memory whole. */
export interface BlockColumn {
  /** Name in the file. */
  readonly name: string;
  /** What it holds. */
  readonly type: PandasType;
  /** Values of rows `start .. end`, as hyparquet-writer takes them. */
  block(start: number, end: number): DecodedArray;
}

const ZSTD_LEVEL = 1;

/**
 * Writes columns as a parquet file (zstd) that pandas and pyarrow read with the right types.
 *
 * @throws {RangeError} If the columns differ in length.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { parquetSchema, writeParquet } from "@/formats/parquet/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeParquet(disk, "/a.parquet", new Map([
 *   ["n", { kind: "numbers", values: Uint8Array.of(1, 2) }],
 * ]));
 * assertEquals((await parquetSchema(disk, "/a.parquet")).columns[0].dtype, "uint8");
 * ```
 */
export async function writeParquet(
  disk: Disk,
  path: string,
  columns: ReadonlyMap<string, Column>,
  options: ParquetWriteOptions = {},
): Promise<void> {
  const rowCount = rowCountOf(columns);
  const blocks = [...columns].map(([name, column]) => blockColumn(name, column, rowCount));
  await writeBlockColumns(disk, path, blocks, rowCount, options);
}

/** Writes columns that are made block by block. */
export async function writeBlockColumns(
  disk: Disk,
  path: string,
  columns: readonly BlockColumn[],
  rowCount: number,
  options: ParquetWriteOptions,
): Promise<void> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const { rowGroupSize = 100_000 } = options;
  const metadata = await fileMetadata(columns, rowCount, options);
  await disk.writeNative(path, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    const writer = new ByteWriter();
    const parquet = new ParquetWriter({
      writer,
      schema: [
        { name: "schema", num_children: columns.length, repetition_type: "REQUIRED" },
        ...columns.flatMap(({ name, type }) => schemaElements(name, type)),
      ],
      codec: "ZSTD",
      compressors: { ZSTD: compress },
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      createdBy: "sthelar",
    });
    const flush = async () => {
      for (let bytes = writer.getBytes(); bytes.length > 0;) {
        bytes = bytes.subarray(await file.write(bytes));
      }
      writer.index = 0;
    };
    for (let start = 0; start < rowCount; start += rowGroupSize) {
      const end = Math.min(rowCount, start + rowGroupSize);
      const columnData = columns.map(({ name, type, block }) => ({
        name,
        data: block(start, end),
        ...encodingOf(type),
      }));
      await parquet.write({ columnData, rowGroupSize: end - start });
      await flush();
    }
    await parquet.finish();
    await flush();
  });
}

/** The metadata that pandas, pyarrow and dask read, and what the caller adds. */
async function fileMetadata(
  columns: readonly PandasColumn[],
  rowCount: number,
  { index, keyValueMetadata = {} }: ParquetWriteOptions,
): Promise<Record<string, string>> {
  const labels: PandasIndex = index === undefined
    ? { kind: "range", rowCount }
    : { kind: "column", ...index };
  const metadata = { ...keyValueMetadata, pandas: pandasMetadata(columns, labels) };
  return { ...metadata, "ARROW:schema": await arrowSchema(columns, metadata) };
}

/** A column that is in memory, as blocks. */
export function blockColumn(name: string, column: Column, rowCount: number): BlockColumn {
  if (columnLength(column) !== rowCount) {
    throw new RangeError(
      `Cannot write column "${name}": found ${columnLength(column)} rows, expected ${rowCount}`,
    );
  }
  return { name, type: pandasType(column), block: (start, end) => rowsOf(column, start, end) };
}

function rowsOf(column: Column, start: number, end: number): DecodedArray {
  switch (column.kind) {
    case "numbers":
      return numberRows(column, start, end);
    case "booleans": {
      const { values, missing } = column;
      return Array.from(
        { length: end - start },
        (_, i) => missing?.[start + i] === 1 ? null : values[start + i] === 1,
      );
    }
    case "text":
    case "bytes":
      return column.values.slice(start, end) as DecodedArray;
    case "categories": {
      const { codes, levels } = column.values;
      return Array.from(codes.subarray(start, end), (code) => code < 0 ? null : levels[code]);
    }
    case "lists": {
      const { starts, values } = column;
      return Array.from(
        { length: end - start },
        (_, i) =>
          Array.from(values.subarray(starts[start + i], starts[start + i + 1]) as Int32Array),
      );
    }
  }
}

function numberRows({ values, missing }: NumberColumn, start: number, end: number): DecodedArray {
  const rows = values.subarray(start, end);
  if (missing !== undefined) {
    return Array.from(rows as Int32Array, (value, i) => missing[start + i] === 1 ? null : value);
  }
  // hyparquet-writer refuses values from 2^31 in a Uint32Array, but takes them in a plain array.
  return rows instanceof Uint32Array ? Array.from(rows) : rows as DecodedArray;
}

function encodingOf(
  type: PandasType,
): { encoding?: "PLAIN" | "RLE_DICTIONARY"; statistics?: false } {
  if (type.kind === "bytes") return { encoding: "PLAIN", statistics: false };
  return type.kind === "categories" ? { encoding: "RLE_DICTIONARY" } : {};
}

function schemaElements(name: string, type: PandasType): SchemaElement[] {
  const repetition_type = "OPTIONAL";
  switch (type.kind) {
    case "numbers":
      return [{ name, repetition_type, ...numberElement(type.dtype) }];
    case "booleans":
      return [{ name, repetition_type, type: "BOOLEAN" }];
    case "bytes":
      return [{ name, repetition_type, type: "BYTE_ARRAY" }];
    case "lists":
      return [
        { name, repetition_type, num_children: 1, converted_type: "LIST" },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", repetition_type, ...numberElement(type.dtype) },
      ];
    default:
      return [{ name, repetition_type, type: "BYTE_ARRAY", converted_type: "UTF8" }];
  }
}

function numberElement(dtype: NumericDType): Pick<SchemaElement, "type" | "converted_type"> {
  if (dtype === "float32") return { type: "FLOAT" };
  if (dtype === "float64") return { type: "DOUBLE" };
  const [, unsigned, width] = /^(u?)int(\d+)$/.exec(dtype) as RegExpExecArray;
  const type = width === "64" ? "INT64" : "INT32";
  if (unsigned === "" && Number(width) >= 32) return { type };
  const converted = `${unsigned === "" ? "" : "U"}INT_${width}` as SchemaElement["converted_type"];
  return { type, ...(converted === undefined ? {} : { converted_type: converted }) };
}

function compress(bytes: Uint8Array): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

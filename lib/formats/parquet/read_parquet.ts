import { allocate, dtypeOf, type NumericArray, type NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { Compressors, DecodedArray, ParquetScan } from "hyparquet";
import { type Column, columnLength, Columns } from "./columns.ts";
import { withCheckedPages } from "./check_pages.ts";
import { concat } from "./concat_columns.ts";
import {
  corruptParquet,
  decompressors,
  openParquet,
  type ParquetColumnType,
  type ParquetFile,
} from "./parquet_file.ts";

/**
 * Reads whole columns of a parquet file of moderate size (snappy, zstd, gzip, brotli
 * or uncompressed). For large
 * files use DuckDB, which streams.
 *
 * @param columns Names of the columns to read, all if absent.
 * @throws {SthelarError} `NotFound` if the file or a column is absent, `CorruptData` if the file is
 *   damaged, `UnsupportedVersion` if a column holds dates, decimals or nested values.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { readParquetColumns, writeParquet } from "@/formats/parquet/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeParquet(disk, "/genes.parquet", new Map([
 *   ["gene", { kind: "text", values: ["CD3E", "MS4A1"] }],
 *   ["count", { kind: "numbers", values: Int32Array.of(7, 0) }],
 * ]));
 * const genes = await readParquetColumns(disk, "/genes.parquet");
 * assertEquals(genes.text("gene"), ["CD3E", "MS4A1"]);
 * assertEquals([...genes.numbers("count")], [7, 0]);
 * ```
 */
export async function readParquetColumns(
  disk: Disk,
  path: string,
  columns?: readonly string[],
): Promise<Columns> {
  const file = await openParquet(disk, path);
  const wanted = columns === undefined
    ? file.schema.columns
    : columns.map((name) => namedColumn(file, name));
  for (const column of wanted) refuseOther(path, column);
  try {
    const { parquetScan, parquetSchema, snappyUncompress } = await import("hyparquet");
    const compressors: Compressors = {
      ...decompressors,
      SNAPPY: (input, bytes) => {
        const output = new Uint8Array(bytes);
        snappyUncompress(input, output);
        return output;
      },
    };
    const scan = await parquetScan({
      file: withCheckedPages(file, parquetSchema(file.metadata), compressors),
      metadata: file.metadata,
      geoparquet: false,
      utf8: false,
      compressors,
    });
    const read = new Map<string, Column>();
    for (const type of wanted) {
      const column = await readColumn(scan, type);
      const rows = columnLength(column);
      if (rows !== file.schema.rowCount) {
        throw new Error(`${rows} rows of column "${type.name}" for ${file.schema.rowCount}`);
      }
      read.set(type.name, column);
    }
    return new Columns(path, read);
  } catch (error) {
    throw corruptParquet(path, error);
  }
}

function namedColumn({ path, schema }: ParquetFile, name: string): ParquetColumnType {
  const column = schema.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  throw new SthelarError("NotFound", {
    action: `Cannot read column "${name}" of "${path}"`,
    found: "no such column",
    remedy: didYouMean(name, schema.columns.map((candidate) => candidate.name)),
    path,
  });
}

function refuseOther(path: string, column: ParquetColumnType): void {
  if (column.kind !== "other") return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read column "${column.name}" of "${path}"`,
    found: `${column.physical}${column.logical === undefined ? "" : ` (${column.logical})`}`,
    expected: "numbers, booleans, texts, bytes or lists of numbers",
    remedy: "name the columns to read, without this one",
    path,
  });
}

async function readColumn(scan: ParquetScan, type: ParquetColumnType): Promise<Column> {
  const parts: Column[] = [];
  for (const range of scan.ranges) {
    parts.push(decode(await scan.readColumn({ column: type.name, ...range }), type));
  }
  return parts.length === 0 ? decode([], type) : concat(parts);
}

function decode(values: DecodedArray, type: ParquetColumnType): Column {
  switch (type.kind) {
    case "numbers":
      return numbers(values, type.dtype as NumericDType);
    case "booleans":
      return { ...numbers(values, "uint8"), kind: "booleans" } as Column;
    case "text":
      return { kind: "text", values: Array.from(values, textOf) };
    case "bytes":
      return {
        kind: "bytes",
        values: Array.from(values, (value) => (value as Uint8Array | null) ?? new Uint8Array()),
      };
    default:
      return lists(values as ArrayLike<readonly unknown[] | null>, type.dtype as NumericDType);
  }
}

function textOf(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return (value as string | null) ?? undefined;
}

function numbers(values: DecodedArray, dtype: NumericDType): Column {
  if (ArrayBuffer.isView(values) && dtypeOf(values as NumericArray) === dtype) {
    return { kind: "numbers", values: values as NumericArray };
  }
  const result = allocate(dtype, values.length);
  const missing = new Uint8Array(values.length);
  const wide = result instanceof BigInt64Array || result instanceof BigUint64Array;
  let gaps = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null || value === undefined) gaps += missing[i] = 1;
    else if (wide) result[i] = typeof value === "bigint" ? value : BigInt(value as number);
    else result[i] = Number(value);
  }
  return { kind: "numbers", values: result, ...(gaps === 0 ? {} : { missing }) };
}

function lists(rows: ArrayLike<readonly unknown[] | null>, dtype: NumericDType): Column {
  const starts = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) starts[i + 1] = starts[i] + (rows[i]?.length ?? 0);
  const values = allocate(dtype, starts[rows.length]);
  const wide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? [];
    for (let j = 0; j < row.length; j++) {
      if (wide) values[starts[i] + j] = BigInt(row[j] as number | bigint);
      else values[starts[i] + j] = Number(row[j]);
    }
  }
  return { kind: "lists", starts, values };
}

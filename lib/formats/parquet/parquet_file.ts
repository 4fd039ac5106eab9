import type { NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from "hyparquet";
import { readFooter } from "./read_footer.ts";

/** What a column of a parquet file holds. */
export type ParquetKind = "numbers" | "booleans" | "text" | "bytes" | "lists" | "other";

/** A column of a parquet file, as its schema tells. */
export interface ParquetColumnType {
  /** Its name. */
  readonly name: string;
  /** What it holds; `other` (dates, decimals, nested) is not read here. */
  readonly kind: ParquetKind;
  /** The number type of `numbers` and of the elements of `lists`. */
  readonly dtype?: NumericDType;
  /** Parquet's physical type, `group` if it is nested. */
  readonly physical: string;
  /** Parquet's logical type, if it has one. */
  readonly logical?: string;
}

/** What is known of a parquet file without reading its rows. */
export interface ParquetSchema {
  /** Its columns, in order. */
  readonly columns: readonly ParquetColumnType[];
  /** How many rows it has. */
  readonly rowCount: number;
  /** Its key-value metadata. */
  readonly keyValueMetadata: ReadonlyMap<string, string>;
}

/** A parquet file whose footer has been read. */
export interface ParquetFile {
  /** Its path. */
  readonly path: string;
  /** Its bytes, for hyparquet. */
  readonly file: AsyncBuffer;
  /** Its footer. */
  readonly metadata: FileMetaData;
  /** Its columns and metadata. */
  readonly schema: ParquetSchema;
}

/** Decompressors beside hyparquet's own snappy: the native ones of the runtime. */
export const decompressors: Compressors = {
  ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)),
  GZIP: (input) => new Uint8Array(gunzipSync(input)),
  BROTLI: (input) => new Uint8Array(brotliDecompressSync(input)),
};

/**
 * The columns, row count and metadata of a parquet file; no row is read.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is no parquet file.
 */
export async function parquetSchema(disk: Disk, path: string): Promise<ParquetSchema> {
  return (await openParquet(disk, path)).schema;
}

/** Reads the footer of a parquet file. */
export async function openParquet(disk: Disk, path: string): Promise<ParquetFile> {
  const stat = await disk.stat(path);
  if (stat === undefined || stat.isDirectory) {
    throw new SthelarError("NotFound", {
      action: `Cannot read "${path}"`,
      found: stat === undefined ? "nothing" : "a folder",
      expected: "a parquet file",
      path,
    });
  }
  const file: AsyncBuffer = {
    byteLength: stat.size,
    slice: async (start, end) => {
      const from = start < 0 ? stat.size + start : start;
      const bytes = await disk.readRange(path, from, (end ?? stat.size) - from);
      if (bytes === undefined) throw new Error("the file is gone");
      return bytes.buffer;
    },
  };
  try {
    const { parquetMetadata, parquetSchema: schemaTree } = await import("hyparquet");
    const metadata = parquetMetadata(await readFooter(file), { geoparquet: false });
    const root = schemaTree(metadata);
    const columns = root.children.map(columnType);
    checkFooter(metadata, columns);
    checkColumns(metadata, root);
    const keyValueMetadata = new Map(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]),
    );
    const rowCount = Number(metadata.num_rows);
    return { path, file, metadata, schema: { columns, rowCount, keyValueMetadata } };
  } catch (error) {
    throw corruptParquet(path, error);
  }
}

/** What the library believes without a look. */
function checkFooter(metadata: FileMetaData, columns: readonly ParquetColumnType[]): void {
  const bad = columns.find(({ name }) => typeof name !== "string" || /[\0\ufffd]/.test(name));
  if (bad !== undefined) throw new Error(`a column named ${JSON.stringify(bad.name)}`);
  const inGroups = metadata.row_groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  if (inGroups === metadata.num_rows && inGroups >= 0n) return;
  throw new Error(`${inGroups} rows in its row groups, ${metadata.num_rows} in all`);
}

/** Of two columns of one name the library would wait for one, and the other's error end the process. */
function checkColumns({ row_groups }: FileMetaData, root: SchemaTree): void {
  const leaves = JSON.stringify(leafPaths(root));
  for (const { columns } of row_groups) {
    const paths = JSON.stringify(columns.map(({ meta_data }) => meta_data?.path_in_schema));
    if (paths !== leaves) {
      throw new Error(`row groups of the columns ${paths}, a schema of ${leaves}`);
    }
  }
  const twice = root.children.map(({ element }) => element.name)
    .find((name, i, names) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two columns named ${JSON.stringify(twice)}`);
}

function leafPaths({ path, children }: SchemaTree): string[][] {
  return children.length === 0 ? [path] : children.flatMap(leafPaths);
}

/** The error for bytes that are no valid parquet. */
export function corruptParquet(path: string, cause: unknown): SthelarError {
  if (cause instanceof SthelarError && cause.tag !== "CorruptData") return cause;
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found: messageOf(cause),
    expected: "a whole parquet file",
    remedy: "the file is cut short or damaged: copy or download it again",
    path,
    cause,
  });
}

function columnType(node: SchemaTree): ParquetColumnType {
  const { name, type, converted_type: converted, logical_type: logical } = node.element;
  const label = converted ?? logical?.type;
  const base = {
    name,
    physical: type ?? "group",
    ...(label === undefined ? {} : { logical: label }),
  };
  if (node.children.length > 0) {
    const element = listElement(node);
    const dtype = element && numberType(element);
    return dtype === undefined ? { ...base, kind: "other" } : { ...base, kind: "lists", dtype };
  }
  const dtype = numberType(node);
  if (dtype !== undefined) return { ...base, kind: "numbers", dtype };
  return { ...base, kind: leafKind(type, label) };
}

function leafKind(type: string | undefined, logical: string | undefined): ParquetKind {
  if (type === "BOOLEAN") return "booleans";
  if (type !== "BYTE_ARRAY") return "other";
  if (logical === undefined) return "bytes";
  return ["UTF8", "STRING", "ENUM"].includes(logical) ? "text" : "other";
}

/** A list is a group over a repeated group over its element (or over the element itself). */
function listElement(node: SchemaTree): SchemaTree | undefined {
  if (node.children.length !== 1 || node.element.converted_type !== "LIST") return undefined;
  const [repeated] = node.children;
  if (repeated.children.length > 1) return undefined;
  return repeated.children[0] ?? repeated;
}

function numberType({ element, children }: SchemaTree): NumericDType | undefined {
  if (children.length > 0) return undefined;
  const { type, converted_type: converted, logical_type: logical } = element;
  if (type === "FLOAT") return "float32";
  if (type === "DOUBLE") return "float64";
  if (type !== "INT32" && type !== "INT64") return undefined;
  if (logical?.type === "INTEGER") {
    return `${logical.isSigned ? "int" : "uint"}${logical.bitWidth}` as NumericDType;
  }
  const width = /^(U?)INT_(8|16|32|64)$/.exec(converted ?? "");
  if (width !== null) return `${width[1] ? "uint" : "int"}${width[2]}` as NumericDType;
  if (converted !== undefined || logical !== undefined) return undefined;
  return type === "INT32" ? "int32" : "int64";
}

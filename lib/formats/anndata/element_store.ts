import type { DenseArray, NumericArray, NumericDType } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import type { RecordField } from "./model.ts";

/** What is known of a node without reading its values. */
export interface NodeInfo {
  readonly kind: "group" | "array";
  readonly attributes: Attributes;
  /** Extents of an array; `undefined` for a group and for an array that holds nothing. */
  readonly shape?: readonly number[];
  /** Type of an array's values; `undefined` for a group. */
  readonly dtype?: NumericDType | "bool" | "string" | "records";
}

/** `[start, stop)` on the first axis. */
export type Rows = readonly [start: number, stop: number];

/** A tree of groups and arrays to read elements from: a zarr store or an HDF5 file. */
export interface ElementSource {
  /** The store's place, for messages. */
  readonly location: string;
  /** What is at `path` (`""` is the root), `undefined` if nothing is. */
  info(path: string): Promise<NodeInfo | undefined>;
  /** Names in a group, sorted. */
  children(path: string): Promise<readonly string[]>;
  /** Numbers; booleans as 0 and 1. */
  read(path: string, rows?: Rows): Promise<DenseArray>;
  /** Texts, C order. */
  readStrings(path: string): Promise<readonly string[]>;
  /** Structured records, field by field. */
  readRecords(path: string): Promise<ReadonlyMap<string, RecordField>>;
}

/** A tree of groups and arrays to write elements to. */
export interface ElementSink {
  /** The store's place, for messages. */
  readonly location: string;
  /** Creates a group; `""` is the root. */
  createGroup(path: string, attributes: Attributes): Promise<void>;
  /** Writes numbers. */
  writeArray(path: string, array: DenseArray, attributes: Attributes): Promise<void>;
  /** Writes booleans, 0 or 1 each. */
  writeBooleans(
    path: string,
    values: Uint8Array,
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void>;
  /** Writes texts. */
  writeStrings(
    path: string,
    values: readonly string[],
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void>;
  /** Writes structured records, one column of values for each field. */
  writeRecords(path: string, fields: RecordColumns, attributes: Attributes): Promise<void>;
}

/** Columns of structured records, by field. */
export type RecordColumns = ReadonlyMap<string, NumericArray | readonly string[]>;

/**
 * The path of a child.
 *
 * @throws {SthelarError} `InvalidArgument` if the key cannot be a name in a store.
 */
export function childPath(path: string, key: string): string {
  if (!isKey(key)) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot name an element of "${path}"`,
      found: JSON.stringify(key),
      expected: 'a key without "/", not empty and not a dot',
      path,
    });
  }
  return path === "" ? key : `${path}/${key}`;
}

/** Whether a value can be a child's name in a store. */
export function isKey(key: unknown): key is string {
  return typeof key === "string" && !["", ".", ".."].includes(key) && !/[/\0]/.test(key);
}

/** An error about a node: its bytes are not what the format promises. */
export function corruptNode(
  source: { readonly location: string },
  path: string,
  found: string,
  expected: string,
): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}" of "${source.location}"`,
    found,
    expected,
    path: path === "" ? source.location : `${source.location}/${path}`,
  });
}

/** An error about a node that is not there. */
export function missingNode(source: { readonly location: string }, path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot read "${path}" of "${source.location}"`,
    found: "nothing of that name",
    path: path === "" ? source.location : `${source.location}/${path}`,
  });
}

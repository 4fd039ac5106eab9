import { SthelarError } from "@/core/errors.ts";
import type { Column, Records } from "@/formats/anndata/mod.ts";
import { isColumn, isKind, isNumericArray, isTexts } from "@/formats/anndata/mod.ts";
import { textsOf, toCategorical } from "@/formats/anndata/categorical_encoding.ts";
import { frameKeys } from "@/formats/anndata/dataframe_encoding.ts";
import {
  childPath,
  corruptNode,
  type ElementSource,
  missingNode,
} from "@/formats/anndata/element_store.ts";
import { decodeElement } from "@/formats/anndata/registry.ts";
import { didYouMean } from "@/core/nearest.ts";

/** A data frame of an h5ad file, read column by column. */
export interface FrameReader {
  /** Number of rows. */
  readonly rows: number;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** Names of the rows. */
  names(): Promise<readonly string[]>;
  /**
   * Reads one column.
   *
   * @throws {SthelarError} `NotFound` with the nearest names.
   */
  column(name: string): Promise<Column>;
}

/**
 * Opens a data frame, as each version of AnnData lays it out: an array of records (before 0.7), a
 * group with `__categories` (0.7), a group of elements (0.8 on).
 *
 * @throws {SthelarError} `NotFound` or `CorruptData`, naming the node.
 */
export async function openFrame(source: ElementSource, path: string): Promise<FrameReader> {
  const info = await source.info(path);
  if (info === undefined) throw missingNode(source, path);
  if (info.kind === "array") return await openRecords(source, path, info.shape?.[0] ?? 0);
  const { indexName, order } = frameKeys(source, path, info.attributes);
  const index = childPath(path, indexName);
  const rows = await lengthOf(source, index);
  return {
    rows,
    columns: order,
    names: async () => checkedTexts(source, index, await decodeElement(source, index), rows),
    async column(name) {
      checkName(source, path, name, order);
      return await readColumn(source, path, name);
    },
  };
}

async function lengthOf(source: ElementSource, path: string): Promise<number> {
  const info = await source.info(path);
  if (info?.shape !== undefined) return info.shape[0] ?? 1;
  for (const part of ["codes", "values"]) {
    const values = await source.info(childPath(path, part));
    if (values?.shape !== undefined) return values.shape[0];
  }
  throw corruptNode(source, path, "no row names", "a list of them");
}

async function readColumn(source: ElementSource, path: string, name: string): Promise<Column> {
  const node = childPath(path, name);
  const decoded = await decodeElement(source, node);
  const values = typeof decoded === "string" ? [decoded] : decoded;
  const categories = childPath(childPath(path, "__categories"), name);
  const stored = await source.info(categories);
  if (stored !== undefined) {
    const levels = stored.dtype === "string"
      ? await source.readStrings(categories)
      : textsOf((await source.read(categories)).data);
    return toCategorical(source, node, values, levels, false);
  }
  if (isColumn(values)) return values;
  throw corruptNode(source, node, "no column", "a list of values");
}

/** Records are stored row by row: there is no way to read one field alone. */
async function openRecords(
  source: ElementSource,
  path: string,
  rows: number,
): Promise<FrameReader> {
  const element = await decodeElement(source, path);
  if (!isKind(element, "records")) throw corruptNode(source, path, "no records", "a data frame");
  const [first, ...rest] = (element as Records).fields;
  if (first === undefined) throw corruptNode(source, path, "records without fields", "row names");
  const fields = new Map(rest);
  const columns = [...fields.keys()];
  return {
    rows,
    columns,
    names: () => Promise.resolve(checkedTexts(source, path, first[1].data, rows)),
    async column(name) {
      checkName(source, path, name, columns);
      const { data } = fields.get(name)!;
      const categories = `uns/${name}_categories`;
      if (isTexts(data) || await source.info(categories) === undefined) return data;
      const levels = textsOf(await decodeElement(source, categories));
      return toCategorical(source, `${path}/${name}`, data, levels, false);
    },
  };
}

function checkedTexts(
  source: ElementSource,
  path: string,
  element: unknown,
  rows: number,
): readonly string[] {
  const texts = textsOf(element as Column);
  if (texts?.length === rows) return texts;
  throw corruptNode(source, path, `${texts?.length ?? "no"} row names`, `${rows}`);
}

function checkName(
  source: ElementSource,
  path: string,
  name: string,
  columns: readonly string[],
): void {
  if (columns.includes(name)) return;
  throw new SthelarError("NotFound", {
    action: `Cannot read the column "${name}" of ${path} in "${source.location}"`,
    found: "no such column",
    remedy: didYouMean(name, columns),
    path: source.location,
  });
}

/** Texts of a column of any kind, `undefined` if it holds none. */
export function columnTexts(column: Column): readonly string[] | undefined {
  return isNumericArray(column) ? undefined : textsOf(column);
}

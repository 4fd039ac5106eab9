import { SthelarError } from "@/core/errors.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import { isOrdered, textsOf, toCategorical } from "./categorical_encoding.ts";
import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import {
  childPath,
  corruptNode,
  type ElementSink,
  type ElementSource,
  isKey,
} from "./element_store.ts";
import { type Column, columnLength, type DataFrame, isColumn, isDataFrame } from "./model.ts";

/**
 * The attributes of a data frame's group, for a caller that puts one together column by column.
 *
 * @param columnOrder Names of the columns, in order.
 * @param indexName Name of the array that holds the row names.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dataFrameAttributes } from "@/formats/anndata/mod.ts";
 *
 * assertEquals(dataFrameAttributes(["area"]), {
 *   "column-order": ["area"],
 *   _index: "_index",
 *   "encoding-type": "dataframe",
 *   "encoding-version": "0.2.0",
 * });
 * ```
 */
export function dataFrameAttributes(
  columnOrder: readonly string[],
  indexName = "_index",
): Attributes {
  return {
    "column-order": [...columnOrder],
    _index: indexName,
    "encoding-type": "dataframe",
    "encoding-version": "0.2.0",
  };
}

/** A data frame: a group with an array for each column and one for the row names. */
export const dataFrameEncoding: Encoding = defineEncoding<DataFrame>({
  type: "dataframe",
  version: "0.2.0",
  read: (node) => readFrame(node, (key) => node.child(key)),
  accepts: isDataFrame,
  async write({ sink, path, attributes, child }, frame) {
    const indexName = frame.indexName ?? "_index";
    checkFrame(sink, path, frame, indexName);
    const frameAttributes = dataFrameAttributes([...frame.columns.keys()], indexName);
    await sink.createGroup(path, { ...frameAttributes, ...attributes });
    await child(indexName, frame.index);
    for (const [name, column] of frame.columns) {
      if (name !== indexName) await child(name, column);
    }
  },
});

/** Version 0.1.0 (AnnData 0.7): categories lie in `__categories`, apart from their codes. */
export const dataFrameEncodingV01: Encoding = {
  type: "dataframe",
  version: "0.1.0",
  read: (node) => readFrame(node, (key) => readSeries(node, key)),
};

async function readSeries(node: NodeReader, key: string) {
  const { source, path } = node;
  const values = await node.child(key);
  const categories = childPath(childPath(path, "__categories"), key);
  const info = await source.info(categories);
  if (info === undefined) return values;
  const levels = info.dtype === "string"
    ? await source.readStrings(categories)
    : textsOf((await source.read(categories)).data);
  return toCategorical(source, childPath(path, key), values, levels, isOrdered(info.attributes));
}

/** Names of the columns, and of the one that labels the rows, as a data frame's attributes have them. */
export function frameKeys(
  source: ElementSource,
  path: string,
  { _index: indexName, "column-order": order }: Attributes,
): { readonly indexName: string; readonly order: readonly string[] } {
  if (isKey(indexName) && Array.isArray(order) && order.every(isKey)) return { indexName, order };
  throw corruptNode(source, path, "no _index or column-order", "the attributes of a data frame");
}

async function readFrame(
  { source, path, info }: NodeReader,
  read: (key: string) => Promise<unknown>,
): Promise<DataFrame> {
  const { indexName, order } = frameKeys(source, path, info.attributes);
  const index = textsOf(await read(indexName) as Column);
  if (index === undefined) throw corruptNode(source, path, "no list of row names", "one");
  const columns = new Map<string, Column>();
  for (const name of order) {
    const value = await read(name);
    const column = typeof value === "string" ? [value] : value;
    const at = childPath(path, name);
    if (!isColumn(column)) throw corruptNode(source, at, "no column", "a list of values");
    const length = columnLength(column);
    if (length !== index.length) {
      throw corruptNode(source, at, `${length} rows`, `${index.length}, as in "${indexName}"`);
    }
    columns.set(name, column);
  }
  return indexName === "_index" ? { index, columns } : { index, indexName, columns };
}

function checkFrame(sink: ElementSink, path: string, frame: DataFrame, indexName: string): void {
  const refuse = (found: string, expected: string) => {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write the data frame "${path}" to "${sink.location}"`,
      found,
      expected,
      path: sink.location,
    });
  };
  for (const [name, column] of frame.columns) {
    const length = columnLength(column);
    if (name === "_index") refuse('a column named "_index"', "another name");
    if (length !== frame.index.length) {
      refuse(`${length} rows in the column "${name}"`, `${frame.index.length}`);
    }
    const isIndex = name === indexName;
    if (isIndex && !frame.index.every((text, i) => text === (column as readonly string[])[i])) {
      refuse(`a column "${name}" that differs from the index of that name`, "the same values");
    }
  }
}

/**
 * Tables from before AnnData 0.7: data frames and `obsm` are arrays of records, categories of a
 * column `x` lie in `uns/x_categories`, the raw table in `raw.X`, `raw.var` and `raw.varm`, and the
 * neighbour graphs in `uns/neighbors`.
 *
 * @module
 */
import type { DenseArray } from "@/core/arrays.ts";
import { assembleRaw, assembleTable } from "./anndata_encoding.ts";
import { textsOf } from "./categorical_encoding.ts";
import { corruptNode, type ElementSource } from "./element_store.ts";
import {
  type AnnData,
  type Column,
  type DataFrame,
  type Element,
  isDict,
  isKind,
  isNumericArray,
  isSparse,
  type Records,
  type UnsDict,
  type UnsValue,
} from "./model.ts";
import { decodeElement } from "./registry.ts";

const CATEGORIES = "_categories";

/** Reads a table whose root names no encoding. */
export async function readLegacyTable(source: ElementSource): Promise<AnnData> {
  const parts: Record<string, Element> = {};
  const rawParts: Record<string, Element> = {};
  for (const key of await source.children("")) {
    const element = await decodeElement(source, key);
    if (key.startsWith("raw.")) rawParts[key.slice("raw.".length)] = element;
    else parts[key] = element;
  }
  const uns = isDict(parts.uns) ? new Map(parts.uns) : new Map<string, UnsValue>();
  const place = { source, path: "" };
  const obs = withCategories(frameOf(source, "obs", parts.obs), uns);
  const vars = withCategories(frameOf(source, "var", parts.var), uns);
  for (const used of [...obs.used, ...vars.used]) uns.delete(used);
  const raw = rawParts.var === undefined ? parts.raw : assembleRaw(place, {
    ...rawParts,
    var: frameOf(source, "raw.var", rawParts.var),
    varm: matricesOf(rawParts.varm),
  });
  return assembleTable(place, {
    ...parts,
    obs: obs.frame,
    var: vars.frame,
    obsm: matricesOf(parts.obsm),
    varm: matricesOf(parts.varm),
    obsp: new Map([...takeGraphs(uns), ...(isDict(parts.obsp) ? parts.obsp : [])]),
    uns,
    raw,
  });
}

function frameOf(source: ElementSource, path: string, element: Element | undefined): Element {
  if (!isKind(element, "records")) return element ?? null;
  const [first, ...rest] = (element as Records).fields;
  const index = first === undefined ? undefined : textsOf(first[1].data as Column);
  if (index === undefined) {
    throw corruptNode(source, path, "no row names", "them in the first field");
  }
  const columns = new Map(rest.map(([name, { dtype, data }]): [string, Column] => {
    return [name, dtype === "bool" ? { kind: "boolean", values: data as Uint8Array } : data];
  }));
  const frame = { index, columns };
  return first[0] === "_index" ? frame : { ...frame, indexName: first[0] };
}

function withCategories(element: Element, uns: UnsDict): { frame: Element; used: string[] } {
  const used: string[] = [];
  if (!(typeof element === "object" && element !== null && "columns" in element)) {
    return { frame: element, used };
  }
  const columns = new Map(element.columns);
  for (const [name, column] of element.columns) {
    const stored = uns.get(name + CATEGORIES);
    const levels = stored === undefined ? undefined : textsOf(stored as Element);
    if (levels === undefined || !isNumericArray(column)) continue;
    const codes = Int32Array.from(column as Int32Array, Number);
    if (!codes.every((code) => code >= -1 && code < levels.length)) continue;
    columns.set(name, { codes, levels, ordered: false });
    used.push(name + CATEGORIES);
  }
  return { frame: { ...(element as DataFrame), columns }, used };
}

function matricesOf(element: Element | undefined): Element | undefined {
  if (!isKind(element, "records")) return element;
  return new Map([...(element as Records).fields].map(([name, { data, shape }]) => {
    const values = data as DenseArray["data"];
    return [name, { data: values, shape: shape.length === 1 ? [shape[0], 1] : shape }];
  }));
}

/** Takes the graphs out of `uns/neighbors`: since 0.7 they are pairwise annotation. */
function takeGraphs(uns: Map<string, UnsValue>): [string, UnsValue][] {
  const neighbors = uns.get("neighbors");
  if (!isDict(neighbors)) return [];
  const graphs = [...neighbors].filter(([, value]) => isSparse(value));
  const rest = [...neighbors].filter(([, value]) => !isSparse(value));
  if (graphs.length > 0) uns.set("neighbors", new Map(rest));
  return graphs;
}

import { checkTable } from "./check_table.ts";
import { defineEncoding, type Encoding, type NodeReader } from "./encoding.ts";
import { childPath, corruptNode } from "./element_store.ts";
import {
  type AnnData,
  type DataFrame,
  type Element,
  isDataFrame,
  isDict,
  isMatrix,
  type Matrix,
  type RawTable,
} from "./model.ts";

const MAPPINGS = ["obsm", "varm", "obsp", "varp", "layers"] as const;

/** A whole table. */
export const annDataEncoding: Encoding = defineEncoding<AnnData>({
  type: "anndata",
  version: "0.1.0",
  async read(node) {
    const parts: Record<string, Element> = {};
    for (const key of ["X", "obs", "var", ...MAPPINGS, "uns", "raw"]) {
      const isThere = await node.source.info(childPath(node.path, key)) !== undefined;
      if (isThere) parts[key] = await node.child(key);
    }
    return assembleTable(node, parts);
  },
  accepts: (element): element is AnnData =>
    typeof element === "object" && element !== null && "obs" in element && "var" in element,
  async write({ sink, path, attributes, child }, table) {
    checkTable(table, "InvalidArgument", "write", sink.location);
    await sink.createGroup(path, attributes);
    if (table.X !== undefined) await child("X", table.X);
    await child("obs", table.obs);
    await child("var", table.var);
    for (const key of MAPPINGS) await child(key, new Map(Object.entries(table[key])));
    await child("uns", table.uns);
    if (table.raw !== undefined) await child("raw", table.raw);
  },
});

/** A table before filtering. */
export const rawEncoding: Encoding = defineEncoding<RawTable>({
  type: "raw",
  version: "0.1.0",
  async read(node) {
    const parts: Record<string, Element> = {};
    for (const key of ["X", "var", "varm"]) {
      const isThere = await node.source.info(childPath(node.path, key)) !== undefined;
      if (isThere) parts[key] = await node.child(key);
    }
    return assembleRaw(node, parts);
  },
  accepts: (element): element is RawTable =>
    typeof element === "object" && element !== null && "varm" in element && !("obs" in element),
  async write({ sink, path, attributes, child }, raw) {
    await sink.createGroup(path, attributes);
    if (raw.X !== undefined) await child("X", raw.X);
    await child("var", raw.var);
    await child("varm", new Map(Object.entries(raw.varm)));
  },
});

type Place = Pick<NodeReader, "source" | "path">;

/** Puts a table together from its parts and checks that their shapes agree. */
export function assembleTable(
  place: Place,
  parts: Readonly<Record<string, Element | undefined>>,
): AnnData {
  const table: AnnData = {
    ...(parts.X === undefined || parts.X === null ? {} : { X: matrix(place, "X", parts.X) }),
    obs: frame(place, "obs", parts.obs),
    var: frame(place, "var", parts.var),
    obsm: mapping(place, "obsm", parts.obsm, matrixOrFrame),
    varm: mapping(place, "varm", parts.varm, matrixOrFrame),
    obsp: mapping(place, "obsp", parts.obsp, matrix),
    varp: mapping(place, "varp", parts.varp, matrix),
    layers: mapping(place, "layers", parts.layers, matrix),
    uns: isDict(parts.uns) ? parts.uns : new Map(),
    ...(parts.raw === undefined || parts.raw === null ? {} : { raw: parts.raw as RawTable }),
  };
  checkTable(table, "CorruptData", "read", place.source.location);
  return table;
}

/** Puts a raw table together from its parts. */
export function assembleRaw(
  place: Place,
  parts: Readonly<Record<string, Element | undefined>>,
): RawTable {
  return {
    ...(parts.X === undefined ? {} : { X: matrix(place, "X", parts.X) }),
    var: frame(place, "var", parts.var),
    varm: mapping(place, "varm", parts.varm, matrixOrFrame),
  };
}

type Check<T> = (place: Place, key: string, element: Element) => T;

function mapping<T>(
  place: Place,
  key: string,
  element: Element | undefined,
  check: Check<T>,
): Record<string, T> {
  if (element === undefined) return {};
  if (!isDict(element)) throw wrong(place, key, "no mapping");
  return Object.fromEntries([...element].map(([name, value]) => {
    return [name, check(place, `${key}/${name}`, value)];
  }));
}

function matrix(place: Place, key: string, element: Element): Matrix {
  if (ArrayBuffer.isView(element)) return { data: element, shape: [element.length] } as Matrix;
  if (isMatrix(element)) return element;
  throw wrong(place, key, "no matrix");
}

function matrixOrFrame(place: Place, key: string, element: Element): Matrix | DataFrame {
  return isDataFrame(element) ? element : matrix(place, key, element);
}

function frame(place: Place, key: string, element: Element | undefined): DataFrame {
  if (isDataFrame(element)) return element;
  throw wrong(place, key, element === undefined ? "nothing" : "no data frame");
}

function wrong({ source, path }: Place, key: string, found: string) {
  return corruptNode(source, path === "" ? key : `${path}/${key}`, found, "a part of a table");
}

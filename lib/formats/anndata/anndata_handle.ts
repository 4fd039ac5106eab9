import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import { textsOf } from "./categorical_encoding.ts";
import { childPath, corruptNode, missingNode } from "./element_store.ts";
import { type Column, type Element, isColumn, isMatrix, type Matrix } from "./model.ts";
import { frameKeys } from "./dataframe_encoding.ts";
import { decodeElement } from "./registry.ts";
import { asIndices, checkedShape } from "./sparse_encoding.ts";
import { ZarrSource } from "./zarr_elements.ts";

/** A table in a zarr store, read part by part. */
export interface AnnDataHandle {
  /** The table's folder. */
  readonly path: string;
  /** Attributes of the table's group. */
  readonly attributes: Attributes;
  /** `[n_obs, n_vars]`. */
  readonly shape: readonly [nObs: number, nVars: number];
  /** Names of the cells. */
  obsNames(): Promise<readonly string[]>;
  /** Names of the genes. */
  varNames(): Promise<readonly string[]>;
  /** Names of the columns, in order. */
  columnNames(axis: "obs" | "var"): readonly string[];
  /**
   * Reads one column.
   *
   * @throws {SthelarError} `NotFound` with the nearest names.
   */
  column(axis: "obs" | "var", name: string): Promise<Column>;
  /** Reads X. */
  readX(): Promise<Matrix>;
  /** Reads any element, as in `obsm/X_umap` or `uns/spatialdata_attrs`. */
  element(name: string): Promise<Element>;
  /**
   * Reads some rows of a matrix that is stored by rows: only the values of these rows are read.
   *
   * @param from First row.
   * @param to Row after the last.
   * @param name `X` by default, or as in `layers/counts`.
   * @throws {SthelarError} `InvalidArgument` for rows outside or a matrix stored another way.
   */
  csrRows(from: number, to: number, name?: string): Promise<SparseMatrix>;
}

interface FrameInfo {
  readonly indexName: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

/**
 * Opens a table in a zarr store without reading its values.
 *
 * @param path The table's folder, absolute.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file or node.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openAnnDataZarr, writeAnnDataZarr } from "@/formats/anndata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const [data, indices, indptr] = [[5, 6], [1, 0], [0, 1, 2]].map((list) => Int32Array.from(list));
 * await writeAnnDataZarr(disk, "/table.zarr", {
 *   X: { format: "csr", shape: [2, 2], data, indices, indptr },
 *   obs: { index: ["a", "b"], columns: new Map() },
 *   var: { index: ["EPCAM", "VIM"], columns: new Map() },
 *   obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map(),
 * });
 * const table = await openAnnDataZarr(disk, "/table.zarr");
 * assertEquals(table.shape, [2, 2]);
 * assertEquals((await table.csrRows(1, 2)).data, Int32Array.of(6));
 * ```
 */
export async function openAnnDataZarr(disk: Disk, path: string): Promise<AnnDataHandle> {
  const source = new ZarrSource(disk, path);
  const root = await source.info("");
  if (root === undefined) {
    throw new SthelarError("NotFound", { action: `Cannot open the table "${path}"`, path });
  }
  const obs = await frameInfo(source, "obs");
  const vars = await frameInfo(source, "var");
  return new ZarrHandle(source, root.attributes, obs, vars);
}

class ZarrHandle implements AnnDataHandle {
  readonly path: string;
  readonly attributes: Attributes;
  readonly shape: readonly [number, number];
  readonly #source: ZarrSource;
  readonly #frames: Readonly<Record<"obs" | "var", FrameInfo>>;

  constructor(source: ZarrSource, attributes: Attributes, obs: FrameInfo, vars: FrameInfo) {
    this.path = source.location;
    this.attributes = attributes;
    this.shape = [obs.rows, vars.rows];
    this.#source = source;
    this.#frames = { obs, var: vars };
  }

  obsNames(): Promise<readonly string[]> {
    return this.#index("obs");
  }

  varNames(): Promise<readonly string[]> {
    return this.#index("var");
  }

  columnNames(axis: "obs" | "var"): readonly string[] {
    return this.#frames[axis].columns;
  }

  async column(axis: "obs" | "var", name: string): Promise<Column> {
    const { columns } = this.#frames[axis];
    if (!columns.includes(name)) {
      throw new SthelarError("NotFound", {
        action: `Cannot read the column "${name}" of ${axis} in "${this.path}"`,
        found: "no such column",
        remedy: didYouMean(name, columns),
        path: this.path,
      });
    }
    const path = childPath(axis, name);
    const column = await decodeElement(this.#source, path);
    if (!isColumn(column)) throw corruptNode(this.#source, path, "no column", "a list of values");
    return column;
  }

  async readX(): Promise<Matrix> {
    const matrix = await this.element("X");
    if (!isMatrix(matrix)) throw corruptNode(this.#source, "X", "no matrix", "one");
    return matrix;
  }

  async element(name: string): Promise<Element> {
    return await decodeElement(this.#source, name);
  }

  async csrRows(from: number, to: number, name = "X"): Promise<SparseMatrix> {
    const info = await this.#source.info(name);
    if (info === undefined) throw missingNode(this.#source, name);
    const { attributes } = info;
    const format = attributes["encoding-type"] ?? attributes.h5sparse_format;
    if (format !== "csr_matrix" && format !== "csr") {
      throw this.#refuse(from, to, name, `a matrix of type ${JSON.stringify(format)}`);
    }
    const stored = attributes.shape ?? attributes.h5sparse_shape;
    const [rows, columns] = checkedShape(this.#source, name, stored);
    const inRange = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to;
    if (!inRange || to > rows) throw this.#refuse(from, to, name, `${rows} rows`);
    const starts = asIndices((await this.#source.read(`${name}/indptr`, [from, to + 1])).data);
    const first = Number(starts[0]);
    const range = [first, Number(starts[to - from])] as const;
    const matrix: SparseMatrix = {
      format: "csr",
      shape: [to - from, columns],
      data: (await this.#source.read(`${name}/data`, range)).data,
      indices: asIndices((await this.#source.read(`${name}/indices`, range)).data),
      indptr: starts instanceof Int32Array
        ? starts.map((start) => start - first)
        : starts.map((start) => start - BigInt(first)),
    };
    const fault = sparseFault(matrix);
    if (fault !== undefined) throw corruptNode(this.#source, name, fault, "a valid csr matrix");
    return matrix;
  }

  async #index(axis: "obs" | "var"): Promise<readonly string[]> {
    const path = childPath(axis, this.#frames[axis].indexName);
    const names = textsOf(await decodeElement(this.#source, path));
    if (names === undefined) {
      throw corruptNode(this.#source, path, "no row names", "a list of texts");
    }
    return names;
  }

  #refuse(from: number, to: number, name: string, found: string): SthelarError {
    return new SthelarError("InvalidArgument", {
      action: `Cannot read rows ${from} to ${to} of "${name}" in "${this.path}"`,
      found,
      expected: "rows of a csr matrix",
      path: this.path,
    });
  }
}

async function frameInfo(source: ZarrSource, axis: "obs" | "var"): Promise<FrameInfo> {
  const info = await source.info(axis);
  if (info === undefined) throw missingNode(source, axis);
  const { indexName, order: columns } = frameKeys(source, axis, info.attributes);
  const path = childPath(axis, indexName);
  const index = await source.info(path);
  const names = index?.kind === "group" ? await source.info(childPath(path, "values")) : index;
  const rows = names?.shape?.[0];
  if (rows === undefined) throw corruptNode(source, path, "no row names", "a list of them");
  return { indexName, columns, rows };
}

import type { DenseArray } from "@/core/arrays.ts";
import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  type Column,
  type DataFrame,
  type Element,
  isDataFrame,
  isDense,
  type Matrix,
} from "@/formats/anndata/mod.ts";
import { type CombinedTableParts, obsColumns, takeColumn } from "./combined_columns.ts";
import { combinedUns } from "./combined_uns.ts";
import type { CombinedSpace } from "./combined_space.ts";

const PREFIXES = { nucleus: "PC_nuc_", cytoplasm: "PC_cyto_" } as const;

/**
 * The table `table_combined` under its published names: first the combined cells, sorted by id, then the
 * nuclei that were left out.
 *
 * `X` is one sparse matrix, as outer concatenation by anndata makes it: the columns are the kept components
 * of nuclei (`PC_nuc_1`, …) and of cytoplasm (`PC_cyto_1`, …), then every feature of nuclei. A combined
 * cell has its weighted components, which the second PCA was made of, and nothing under the features; a
 * nucleus that was left out has its counts under the features, and no components. `var/block` says which
 * columns are which, and a row without cluster is one that was left out: a missing component is never to
 * be taken for 0. Sparse, since dense would be 2 kB a row of hardly anything but missing values.
 *
 * Rows that were left out are `Less10` in the three final labels, and `less10` in the two broad ones,
 * also where the nucleus by itself has a label.
 */
export async function combinedTable(parts: CombinedTableParts): Promise<AnnData> {
  const { rows, space } = parts;
  const { analysed } = space;
  const kept = rows.ids.length, total = kept + rows.leftOut.ids.length;
  const names = componentNames(space);
  const nucleusRows = new Int32Array(total);
  nucleusRows.set(rows.nucleusRows);
  nucleusRows.set(rows.leftOut.nucleusRows, kept);
  const spatial = await parts.nuclei.element("obsm/spatial");
  const scores = parts.tangramScores;
  const index = [...rows.ids, ...rows.leftOut.ids];
  return {
    X: valuesOf(analysed.columns, rows.leftOut.counts),
    obs: { index, columns: await obsColumns(parts, nucleusRows, index) },
    var: {
      index: distinct([...names, ...rows.features]),
      columns: new Map<string, Column>([["block", blockColumn(space, rows.features.length)]]),
    },
    obsm: {
      X_pca: withMissing(analysed.scores, total),
      X_umap: withMissing(space.layout, total),
      ...(isDense(spatial) ? { spatial: takeDense(spatial, nucleusRows) } : {}),
      ...(scores === undefined ? {} : { tangram_pred: takeScores(scores, nucleusRows, index) }),
    },
    varm: { PCs: loadingsOf(analysed.loadings, rows.features.length) },
    uns: combinedUns(parts),
    ...{ obsp: {}, varp: {}, layers: {} },
  };
}

function componentNames({ blocks }: CombinedSpace): string[] {
  return blocks.flatMap(({ name, components }) =>
    Array.from({ length: components }, (_, i) => `${PREFIXES[name]}${i + 1}`)
  );
}

/** Puts `-1`, `-2`, … behind names that are there already, as anndata does. */
function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>(), given = new Set(names);
  return names.map((name) => {
    let unique = name;
    for (let i = 1; seen.has(unique); i++) {
      if (!given.has(`${name}-${i}`)) unique = `${name}-${i}`;
    }
    seen.add(unique);
    return unique;
  });
}

function blockColumn({ blocks }: CombinedSpace, features: number): Categorical {
  const levels = [...blocks.map(({ name }) => name), "feature"];
  const sizes = [...blocks.map(({ components }) => components), features];
  return categoricalOfCodes(
    Int32Array.from(sizes.flatMap((size, code) => new Array<number>(size).fill(code))),
    levels,
  );
}

/** Components of the first rows, counts of the others, in columns of their own. */
function valuesOf(
  { data: components, shape: [kept, width] }: DenseArray<Float32Array>,
  counts: SparseMatrix,
): SparseMatrix {
  const [others, features] = counts.shape;
  const stored = components.length + counts.data.length;
  const data = new Float32Array(stored), indices = new Int32Array(stored);
  const indptr = new Int32Array(kept + others + 1);
  data.set(components);
  for (let k = 0; k < components.length; k++) indices[k] = k % width;
  for (let row = 0; row < kept; row++) indptr[row + 1] = (row + 1) * width;
  for (let k = 0; k < counts.data.length; k++) {
    data[components.length + k] = Number(counts.data[k]);
    indices[components.length + k] = width + Number(counts.indices[k]);
  }
  for (let row = 0; row < others; row++) {
    indptr[kept + row + 1] = components.length + Number(counts.indptr[row + 1]);
  }
  return {
    format: "csr",
    shape: [kept + others, width + features],
    ...{ data, indices, indptr },
  };
}

/** Rows of the combined cells, the others missing. */
function withMissing(
  { data, shape: [kept, width] }: DenseArray<Float32Array>,
  total: number,
): DenseArray<Float32Array> {
  const values = new Float32Array(total * width).fill(NaN, kept * width);
  values.set(data);
  return { data: values, shape: [total, width] };
}

function takeDense({ data, shape: [, width] }: DenseArray, rows: Int32Array): DenseArray {
  const taken = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let k = 0; k < width; k++) taken[i * width + k] = Number(data[row * width + k]);
  });
  return { data: taken, shape: [rows.length, width] };
}

/** The second components by columns of `X`; features are none of them. */
function loadingsOf(
  { data, shape: [columns, count] }: DenseArray<Float32Array>,
  features: number,
): DenseArray<Float32Array> {
  const loadings = new Float32Array((columns + features) * count);
  loadings.set(data);
  return { data: loadings, shape: [columns + features, count] };
}

/** Scores of some rows, under other names. */
function takeScores(
  scores: Element,
  rows: Int32Array,
  index: readonly string[],
): Matrix | DataFrame {
  if (isDense(scores)) return takeDense(scores, rows);
  if (!isDataFrame(scores)) throw unexpectedScores();
  const columns = [...scores.columns].map(([name, column]) =>
    [name, takeColumn(column, rows)] as const
  );
  return { index, columns: new Map<string, Column>(columns) };
}

function unexpectedScores(): SthelarError {
  return new SthelarError("CorruptData", {
    action: "Cannot take Tangram's scores into table_combined",
    found: "another kind of element",
    expected: "a data frame or a dense array",
    path: "tables/table_nuclei/obsm/tangram_pred",
  });
}

import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Input } from "@/core/stage.ts";
import {
  type AnnDataHandle,
  type Element,
  isCategorical,
  isNumericArray,
  isSparse,
  isTexts,
  readElement,
} from "@/formats/anndata/mod.ts";

/** A column of categories that a stage gave a table. */
export function categoryInput(table: string, column: string): Input<Categorical> {
  return partInput(table, `obs/${column}`, "categories or texts", (value) => {
    if (isCategorical(value)) return value;
    return isTexts(value) ? categorical(value) : undefined;
  });
}

/** A column of numbers that a stage gave a table. */
export function numbersInput(table: string, column: string): Input<Float64Array> {
  return partInput(
    table,
    `obs/${column}`,
    "numbers",
    (value) => isNumericArray(value) ? Float64Array.from(value as ArrayLike<number>) : undefined,
  );
}

/** A matrix of a table, read when it is asked for. */
export function layerInput(table: string, layer: string): Input<() => Promise<SparseMatrix>> {
  const { open, ...input } = partInput(
    table,
    `layers/${layer}`,
    "a sparse matrix",
    (value) => isSparse(value) ? value : undefined,
  );
  return { ...input, open: (location) => Promise.resolve(() => open(location)) };
}

/** The same input for a stage that also runs without it. */
export function optional<T>(input: Input<T>): Input<T> & { readonly optional: true } {
  return { ...input, optional: true };
}

function partInput<T>(
  table: string,
  part: string,
  expected: string,
  take: (value: Element) => T | undefined,
): Input<T> {
  const node = `tables/${table}/${part}`;
  return {
    kind: "nodes",
    names: [node],
    doc: `"${part}" of "${table}"`,
    async open({ resolve, disk }) {
      const path = resolve(node);
      const value = take(await readElement(disk, path));
      if (value !== undefined) return value;
      throw new SthelarError("CorruptData", {
        action: `Cannot read "${part}" of "${table}"`,
        found: "another kind of element",
        ...{ expected, path },
      });
    },
  };
}

/**
 * The ids that join the rows of a slide's tables.
 *
 * @param name The table's name, for messages.
 * @throws {SthelarError} `CorruptData` for a table without ids.
 */
export async function cellIdsOf(table: AnnDataHandle, name: string): Promise<readonly string[]> {
  const ids = table.columnNames("obs").includes("cell_id")
    ? await table.column("obs", "cell_id")
    : undefined;
  if (ids !== undefined && isTexts(ids)) return ids;
  throw new SthelarError("CorruptData", {
    action: `Cannot annotate "${name}"`,
    found: "no texts in obs/cell_id",
    expected: "the id of each row, by which tables are joined",
    path: `tables/${name}`,
  });
}

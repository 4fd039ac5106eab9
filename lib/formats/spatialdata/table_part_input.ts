import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Input } from "@/core/stage.ts";
import {
  type Element,
  isCategorical,
  isKind,
  isNumericArray,
  isSparse,
  isTexts,
  readElement,
} from "@/formats/anndata/mod.ts";

/**
 * A part that a stage gave a table: a column, a layer, coordinates.
 *
 * @param part As in `obs/label1`, `layers/count` or `obsm/X_umap`.
 * @param take The part as it is wanted, `undefined` if it is of another kind.
 * @param expected What it should be, for the message.
 */
export function tablePartInput<T>(
  table: string,
  part: string,
  take: (value: Element) => T | undefined,
  expected: string,
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

/** A part of a table that is read as it is stored, if it is of one kind: `isDense`, `isNumericArray`. */
export function elementInput<E extends Element>(
  table: string,
  part: string,
  is: (value: unknown) => value is E,
  expected: string,
): Input<E> {
  return tablePartInput(table, part, (value) => is(value) ? value : undefined, expected);
}

/** A column of categories, or of texts that stand for them. */
export function categoryInput(table: string, column: string): Input<Categorical> {
  return tablePartInput(table, `obs/${column}`, asCategories, "categories or texts");
}

/** A column of numbers. */
export function numbersInput(table: string, column: string): Input<Float64Array> {
  const take = (value: Element) =>
    isNumericArray(value) ? Float64Array.from(value as ArrayLike<number>) : undefined;
  return tablePartInput(table, `obs/${column}`, take, "numbers");
}

/** A sparse matrix, read when it is asked for. */
export function layerInput(table: string, layer: string): Input<() => Promise<SparseMatrix>> {
  const { open, ...input } = elementInput(table, `layers/${layer}`, isSparse, "a sparse matrix");
  return { ...input, open: (location) => Promise.resolve(() => open(location)) };
}

/** The same input for a stage that also runs without it. */
export function optional<T>(input: Input<T>): Input<T> & { readonly optional: true } {
  return { ...input, optional: true };
}

/** A column as categories; `undefined` if it holds no texts. */
export function asCategories(column: Element): Categorical | undefined {
  if (isCategorical(column)) return column;
  if (isTexts(column)) return categorical(column);
  if (!isKind(column, "nullable-string-array")) return undefined;
  return categorical(column.values.map((value, i) => column.mask[i] === 1 ? undefined : value));
}

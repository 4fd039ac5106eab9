import type { DenseArray } from "@/core/arrays.ts";
import type { Input } from "@/core/stage.ts";
import { isDense } from "@/formats/anndata/mod.ts";
import { elementInput } from "@/formats/spatialdata/table_part_input.ts";
import { rowsWhere } from "@/stages/rows_where.ts";

/** Where rows lie. */
export interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Coordinates of a table's rows: `spatial`, `X_umap`. */
export function placesInput(table: string, name: string): Input<DenseArray> {
  return elementInput(table, `obsm/${name}`, isDense, "coordinates");
}

/** The first two coordinates of some rows. */
export function placesOf({ data, shape: [, width] }: DenseArray, rows: Int32Array): Places {
  const axis = (first: number) =>
    Float64Array.from(rows, (row) => Number(data[row * width + first]));
  return { x: axis(0), y: axis(1) };
}

/** The rows that have a place; those that were left out of a space have none. */
export function placedRows({ data, shape: [total, width] }: DenseArray): Int32Array {
  return rowsWhere(total, (row) => Number.isFinite(Number(data[row * width])));
}

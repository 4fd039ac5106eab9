import type { Columns } from "@/formats/parquet/mod.ts";
import { namesIn } from "./bundle_parts.ts";

/** One polygon of a table of boundaries. */
export interface StoredRing {
  readonly cellId: string;
  /** Mask value, `undefined` where the table has none. */
  readonly label: number | undefined;
  /** µm: `x0, y0, x1, y1, …`, closed. */
  readonly xy: readonly number[];
}

/** Polygons in the order of the rows; without labels a ring ends where it meets its start. */
export function storedRings(table: Columns): StoredRing[] {
  const ids = namesIn(table, "cell_id");
  const x = table.numbers("vertex_x"), y = table.numbers("vertex_y");
  const labels = table.has("label_id") ? table.numbers("label_id") : undefined;
  const rings: StoredRing[] = [];
  let xy: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    xy.push(Math.fround(Number(x[i])), Math.fround(Number(y[i])));
    const isLast = i + 1 === ids.length || ids[i + 1] !== ids[i] ||
      (labels === undefined ? isClosed(xy) : labels[i + 1] !== labels[i]);
    if (!isLast) continue;
    rings.push({ cellId: ids[i], label: labels === undefined ? undefined : Number(labels[i]), xy });
    xy = [];
  }
  return rings;
}

/** Whether a ring of more than one vertex ends where it starts. */
export function isClosed(xy: readonly number[]): boolean {
  return xy.length > 2 && xy[0] === xy[xy.length - 2] && xy[1] === xy[xy.length - 1];
}

import { SthelarError } from "@/core/errors.ts";

/** Which nucleus, row of the table of cells and polygon belong together. */
export interface CellJoin {
  /** Rows of the nuclei that have a cell with a polygon, rising. */
  readonly nuclei: Int32Array;
  /** For each of them: row in the table of cells. */
  readonly cells: Int32Array;
  /** For each of them: row among the polygons of cells. */
  readonly polygons: Int32Array;
  /** Nuclei that are no cell of the table, rising. */
  readonly nucleiWithoutCell: Int32Array;
  /** Nuclei whose cell has no polygon, rising. */
  readonly nucleiWithoutPolygon: Int32Array;
  /** Rows of the table of cells that no nucleus is of, rising. */
  readonly cellsWithoutNucleus: Int32Array;
}

/**
 * Joins nuclei with cells and their polygons.
 *
 * @param xeniumIds 10x's id of each nucleus, `undefined` where it is not known.
 * @param cellIds Ids of the table of cells, distinct.
 * @param polygonIds Ids of the cells' polygons, distinct.
 * @throws {SthelarError} `IdMismatch` if two nuclei are of one cell, or none is of any.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinCells } from "@/stages/join_cells.ts";
 *
 * const join = joinCells(["c", "x", "a"], ["a", "b", "c"], ["a", "b", "c"]);
 * assertEquals([...join.nuclei], [0, 2]);
 * assertEquals([...join.cells], [2, 0]);
 * assertEquals([...join.nucleiWithoutCell], [1]);
 * assertEquals([...join.cellsWithoutNucleus], [1]);
 * ```
 */
export function joinCells(
  xeniumIds: readonly (string | undefined)[],
  cellIds: readonly string[],
  polygonIds: readonly string[],
): CellJoin {
  const cellOf = rowsOf(xeniumIds, cellIds);
  const polygonOf = rowsOf(xeniumIds, polygonIds);
  const hasNucleus = new Uint8Array(cellIds.length);
  const shared = new Set<string>();
  for (const cell of cellOf) {
    if (cell < 0) continue;
    if (hasNucleus[cell] === 1) shared.add(cellIds[cell]);
    hasNucleus[cell] = 1;
  }
  checkJoin(xeniumIds, cellIds, hasNucleus, [...shared]);
  const nuclei = Int32Array.from(xeniumIds.keys());
  const joined = nuclei.filter((n) => cellOf[n] >= 0 && polygonOf[n] >= 0);
  return {
    nuclei: joined,
    cells: joined.map((n) => cellOf[n]),
    polygons: joined.map((n) => polygonOf[n]),
    nucleiWithoutCell: nuclei.filter((n) => cellOf[n] < 0),
    nucleiWithoutPolygon: nuclei.filter((n) => cellOf[n] >= 0 && polygonOf[n] < 0),
    cellsWithoutNucleus: Int32Array.from(cellIds.keys()).filter((cell) => hasNucleus[cell] === 0),
  };
}

/** Row of each wanted id, -1 where it is not among the ids. */
function rowsOf(wanted: readonly (string | undefined)[], ids: readonly string[]): Int32Array {
  const rows = new Map<string | undefined, number>();
  ids.forEach((id, row) => rows.set(id, row));
  return Int32Array.from(wanted, (id) => rows.get(id) ?? -1);
}

function checkJoin(
  xeniumIds: readonly (string | undefined)[],
  cellIds: readonly string[],
  hasNucleus: Uint8Array,
  shared: readonly string[],
): void {
  const action = "Cannot join the nuclei of the slide with the cells of the bundle";
  if (shared.length > 0) {
    throw new SthelarError("IdMismatch", {
      action,
      found: `${shared.length} cells that several nuclei claim: ${shared.slice(0, 10).join(", ")}`,
      expected: "one row of nuclei a cell",
    });
  }
  if (hasNucleus.includes(1) || xeniumIds.length === 0) return;
  throw new SthelarError("IdMismatch", {
    action,
    found: `none of ${xeniumIds.length} nuclei (${
      xeniumIds.slice(0, 3).map((id) => id ?? "no id").join(", ")
    }, …) among ${cellIds.length} cells (${cellIds.slice(0, 3).join(", ")}, …)`,
    expected: "nuclei and cells of one slide",
    remedy: "name the bundle that the slide was made from",
  });
}

import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import type { CollectedRings } from "./ring_collector.ts";

/** One geometry a cell. */
export interface ArrangedPolygons {
  /** Cells that have a polygon, sorted. */
  readonly cellIds: readonly string[];
  /** Label of each polygon, if there are labels. */
  readonly labelIds: Uint32Array | undefined;
  /** The geometries. */
  readonly polygons: MultiPolygons;
}

/**
 * Sorts valid rings by cell and label and groups them: one ring a polygon, one geometry a cell.
 * Where the file is in this order already, its vertices are not copied.
 *
 * @param rings Rings in the order of the file.
 * @param ids Id of each cell, sorted.
 * @param source The file, and whether it numbers its polygons.
 * @throws {SthelarError} `CorruptData` if a label is there twice.
 */
export function arrangePolygons(
  rings: CollectedRings,
  ids: readonly string[],
  { path, hasLabels }: { readonly path: string; readonly hasLabels: boolean },
): ArrangedPolygons {
  const order = sortedRings(rings);
  if (hasLabels) refuseRepeatedLabels(rings, order, ids, path);
  const { xy, ringStart } = vertices(rings, order);
  const cellIds: string[] = [];
  const geometryStart: number[] = [];
  for (let k = 0; k < order.length; k++) {
    const cell = rings.cells[order[k]];
    if (k > 0 && cell === rings.cells[order[k - 1]]) continue;
    cellIds.push(ids[cell]);
    geometryStart.push(k);
  }
  geometryStart.push(order.length);
  return {
    cellIds,
    labelIds: hasLabels ? Uint32Array.from(order, (ring) => rings.labels[ring]) : undefined,
    polygons: {
      xy,
      ringStart,
      polygonStart: Int32Array.from({ length: order.length + 1 }, (_, p) => p),
      geometryStart: Int32Array.from(geometryStart),
    },
  };
}

function sortedRings({ cells, labels, invalid }: CollectedRings): Int32Array {
  const valid = new Int32Array(cells.length - invalid.size);
  let count = 0;
  let isSorted = true;
  for (let ring = 0; ring < cells.length; ring++) {
    if (invalid.has(ring)) continue;
    const last = valid[count - 1];
    if (
      count > 0 &&
      (cells[last] > cells[ring] || (cells[last] === cells[ring] && labels[last] > labels[ring]))
    ) isSorted = false;
    valid[count++] = ring;
  }
  return isSorted
    ? valid
    : valid.sort((a, b) => cells[a] - cells[b] || labels[a] - labels[b] || a - b);
}

function refuseRepeatedLabels(
  { cells, labels }: CollectedRings,
  order: Int32Array,
  ids: readonly string[],
  path: string,
): void {
  for (let k = 1; k < order.length; k++) {
    const [a, b] = [order[k - 1], order[k]];
    if (cells[a] !== cells[b] || labels[a] !== labels[b]) continue;
    throw new SthelarError("CorruptData", {
      action: `Cannot read polygons from "${path}"`,
      found: `label ${labels[a]} of cell ${ids[cells[a]]} in two places`,
      expected: "the vertices of a polygon in consecutive rows",
      path,
    });
  }
}

function vertices(
  { xy, starts, cells }: CollectedRings,
  order: Int32Array,
): { readonly xy: Float64Array; readonly ringStart: Int32Array } {
  const ringStart = new Int32Array(order.length + 1);
  for (let k = 0; k < order.length; k++) {
    ringStart[k + 1] = ringStart[k] + starts[order[k] + 1] - starts[order[k]];
  }
  const size = 2 * ringStart[order.length];
  const inPlace = order.length === cells.length && order.every((ring, k) => ring === k);
  if (inPlace) return { xy: xy.subarray(0, size), ringStart };
  const arranged = new Float64Array(size);
  for (let k = 0; k < order.length; k++) {
    arranged.set(xy.subarray(2 * starts[order[k]], 2 * starts[order[k] + 1]), 2 * ringStart[k]);
  }
  return { xy: arranged, ringStart };
}

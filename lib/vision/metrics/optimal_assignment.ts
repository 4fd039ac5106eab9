import { SthelarError } from "@/core/errors.ts";

/**
 * Pairs rows with columns so that the sum of costs is the least, as `scipy.optimize.linear_sum_assignment`
 * (shortest augmenting paths, Crouse 2016): all of the fewer ones are paired.
 *
 * @param costs Finite, (rows, columns).
 * @returns The column of each row, -1 for rows that are left.
 * @throws {SthelarError} `InvalidArgument` for another number of costs or for costs that are not finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { optimalAssignment } from "@/vision/metrics/mod.ts";
 *
 * assertEquals([...optimalAssignment(Float64Array.of(4, 1, 2, 0), 2, 2)], [1, 0]);
 * ```
 */
export function optimalAssignment(
  costs: Float64Array,
  rows: number,
  columns: number,
): Int32Array<ArrayBuffer> {
  requireFinite(costs, rows * columns);
  if (rows <= columns) return assignRows(costs, rows, columns);
  const transposed = costs.map((_, p) => costs[p % rows * columns + Math.floor(p / rows)]);
  const found = new Int32Array(rows).fill(-1);
  assignRows(transposed, columns, rows).forEach((row, column) => found[row] = column);
  return found;
}

function requireFinite(costs: Float64Array, expected: number): void {
  const wrong = costs.find((cost) => !Number.isFinite(cost));
  if (costs.length === expected && wrong === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot pair rows with columns",
    found: wrong === undefined ? `${costs.length} costs` : `a cost of ${wrong}`,
    expected: wrong === undefined ? `${expected}` : "finite costs",
  });
}

/** Rows are no more than columns. */
function assignRows(costs: Float64Array, rows: number, columns: number): Int32Array<ArrayBuffer> {
  const columnOf = new Int32Array(rows).fill(-1);
  const rowOf = new Int32Array(columns).fill(-1);
  const rowPrices = new Float64Array(rows), columnPrices = new Float64Array(columns);
  const shortest = new Float64Array(columns);
  const from = new Int32Array(columns);
  const isDone = new Uint8Array(columns);
  /** Columns to try, in scipy's order, which decides between equal costs. */
  const left = new Int32Array(columns);
  for (let first = 0; first < rows; first++) {
    shortest.fill(Infinity);
    isDone.fill(0);
    for (let i = 0; i < columns; i++) left[i] = columns - 1 - i;
    let row = first, least = 0, sink = -1, leftCount = columns;
    while (sink < 0) {
      let next = -1, lowest = Infinity;
      for (let i = 0; i < leftCount; i++) {
        const column = left[i];
        const reduced = least + costs[row * columns + column] - rowPrices[row] -
          columnPrices[column];
        if (reduced < shortest[column]) {
          shortest[column] = reduced;
          from[column] = row;
        }
        const isBetter = shortest[column] < lowest ||
          (shortest[column] === lowest && rowOf[column] < 0);
        if (!isBetter) continue;
        next = i;
        lowest = shortest[column];
      }
      least = lowest;
      const column = left[next];
      left[next] = left[--leftCount];
      isDone[column] = 1;
      if (rowOf[column] < 0) sink = column;
      else row = rowOf[column];
    }
    rowPrices[first] += least;
    for (let column = 0; column < columns; column++) {
      if (isDone[column] === 0 || column === sink) continue;
      rowPrices[rowOf[column]] += least - shortest[column];
    }
    for (let column = 0; column < columns; column++) {
      if (isDone[column] === 1) columnPrices[column] -= least - shortest[column];
    }
    for (let column = sink;;) {
      const owner = from[column];
      rowOf[column] = owner;
      const previous = columnOf[owner];
      columnOf[owner] = column;
      if (owner === first) break;
      column = previous;
    }
  }
  return columnOf;
}

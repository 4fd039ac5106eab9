import type { Progress } from "@/core/progress.ts";
import { type NeighbourLists, offer } from "./neighbour_lists.ts";
import { aborted, type PointRows, squaredDistance } from "./point_rows.ts";

const YIELD_MS = 40;

/** Offers some rows all other points, and gives way to the event loop now and then. */
export async function compareWithAll(
  { data, count, width }: PointRows,
  rows: Int32Array,
  lists: NeighbourLists,
  rank: Int32Array,
  { progress, signal }: {
    readonly progress: Progress;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { squares, size } = lists;
  let yielded = performance.now();
  for (const [done, row] of rows.entries()) {
    if (performance.now() - yielded > YIELD_MS) {
      progress.update(count - rows.length + done, count, "points");
      await new Promise((resolve) => setTimeout(resolve));
      if (signal?.aborted) throw aborted(signal);
      yielded = performance.now();
    }
    const last = (row + 1) * size - 1;
    for (let other = 0; other < count; other++) {
      if (other === row) continue;
      const square = squaredDistance(data, width, row, other);
      if (square <= squares[last]) offer(lists, row, other, square, rank);
    }
  }
  progress.update(count, count, "points");
}

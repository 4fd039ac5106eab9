import type { Progress } from "@/core/progress.ts";
import { Turns } from "@/core/turns.ts";
import { type NeighbourLists, offer } from "./neighbour_lists.ts";
import { type PointRows, squaredDistance, STOPPED } from "./point_rows.ts";

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
  const turns = new Turns(STOPPED, signal);
  for (const [done, row] of rows.entries()) {
    if (turns.isDue) {
      progress.update(count - rows.length + done, count, "points");
      await turns.next();
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

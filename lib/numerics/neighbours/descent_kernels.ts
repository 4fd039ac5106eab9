import { type NeighbourLists, offer } from "./neighbour_lists.ts";
import { type PointRows, squaredDistance } from "./point_rows.ts";
import type { Leaves } from "./rp_tree.ts";

/** Lists of neighbours and which of their entries came in the last round. */
export interface Round {
  readonly lists: NeighbourLists;
  /** 1 for each new entry. */
  readonly fresh: Uint8Array;
}

/** Offers each other all points of the leaves `first` to `end`. */
export function joinLeaves(
  points: PointRows,
  { order, bounds }: Leaves,
  first: number,
  end: number,
  lists: NeighbourLists,
  rank: Int32Array,
): void {
  const { data, width } = points;
  const { squares, size } = lists;
  for (let leaf = first; leaf < end; leaf++) {
    for (let i = bounds[leaf] + 1; i < bounds[leaf + 1]; i++) {
      const a = order[i];
      for (let j = bounds[leaf]; j < i; j++) {
        const b = order[j];
        const square = squaredDistance(data, width, a, b);
        if (square <= squares[(a + 1) * size - 1]) offer(lists, a, b, square, rank);
        if (square <= squares[(b + 1) * size - 1]) offer(lists, b, a, square, rank);
      }
    }
  }
}

/** Rows that took a point into their lists: `sources[starts[i] .. starts[i + 1]]` took point `i`. */
export interface Reverse {
  readonly starts: Int32Array;
  readonly sources: Int32Array;
}

/** Turns the fresh entries of lists round. */
export function reverseFresh({ lists: { indices, size }, fresh }: Round, points: number): Reverse {
  const starts = new Int32Array(new SharedArrayBuffer(4 * (points + 1)));
  for (let k = 0; k < fresh.length; k++) if (fresh[k] === 1) starts[indices[k] + 1]++;
  for (let i = 0; i < points; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const sources = new Int32Array(new SharedArrayBuffer(4 * starts[points]));
  for (let k = 0; k < fresh.length; k++) {
    if (fresh[k] === 1) sources[next[indices[k]]++] = Math.floor(k / size);
  }
  return { starts, sources };
}

/** What a round of NN-descent works on. */
export interface RoundInput {
  readonly points: PointRows;
  readonly before: Round;
  readonly reverse: Reverse;
  /** Numbers by which equally far points are ordered. */
  readonly rank: Int32Array;
}

/**
 * One round of NN-descent (Dong, Moses and Li 2011) for rows `first` to `end`: each takes the
 * nearest of its neighbours, of the points that it is a neighbour of, and of its neighbours'
 * neighbours, where one of the two steps is fresh. It reads `before` and writes its own rows of
 * `after`: no row sees what another does in this round.
 *
 * @returns How many entries are fresh.
 */
export function descendRows(input: RoundInput, after: Round, first: number, end: number): number {
  const { points: { data, width, count }, before: { lists, fresh }, reverse, rank } = input;
  const { indices, size } = lists;
  const { starts, sources } = reverse;
  const { squares } = after.lists;
  const from = first * size;
  after.lists.indices.set(indices.subarray(from, end * size), from);
  squares.set(lists.squares.subarray(from, end * size), from);
  const seen = new Int32Array(count).fill(-1);
  const old = new Int32Array(count).fill(-1);
  const consider = (row: number, candidate: number) => {
    if (seen[candidate] === row) return;
    seen[candidate] = row;
    const square = squaredDistance(data, width, row, candidate);
    if (square <= squares[(row + 1) * size - 1]) offer(after.lists, row, candidate, square, rank);
  };
  let entered = 0;
  for (let row = first; row < end; row++) {
    seen[row] = row;
    const [start, stop] = [row * size, (row + 1) * size];
    for (let k = start; k < stop && indices[k] >= 0; k++) {
      seen[indices[k]] = row;
      old[indices[k]] = row;
    }
    for (let k = starts[row]; k < starts[row + 1]; k++) consider(row, sources[k]);
    for (let k = start; k < stop && indices[k] >= 0; k++) {
      const all = fresh[k] === 1;
      for (let m = indices[k] * size, last = m + size; m < last && indices[m] >= 0; m++) {
        if (all || fresh[m] === 1) consider(row, indices[m]);
      }
    }
    for (let k = start; k < stop; k++) {
      const candidate = after.lists.indices[k];
      const isFresh = candidate >= 0 && old[candidate] !== row;
      after.fresh[k] = isFresh ? 1 : 0;
      if (isFresh) entered++;
    }
  }
  return entered;
}

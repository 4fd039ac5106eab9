/**
 * For each point the others that are nearest so far, nearest first; of equally far ones that of the
 * lower number. What a list holds does not depend on the order in which candidates were offered.
 */
export interface NeighbourLists {
  /** `points * size` numbers of points, -1 where there is none yet. */
  readonly indices: Int32Array;
  /** Squares of their distances, infinite where there is none yet. */
  readonly squares: Float64Array;
  /** Entries of a list. */
  readonly size: number;
}

/** Empty lists, on memory that workers share. */
export function emptyLists(points: number, size: number): NeighbourLists {
  const indices = new Int32Array(new SharedArrayBuffer(4 * points * size)).fill(-1);
  const squares = new Float64Array(new SharedArrayBuffer(8 * points * size)).fill(Infinity);
  return { indices, squares, size };
}

/**
 * Enters `candidate` in the list of `row`, if it is near enough and not there yet.
 *
 * @param rank Numbers by which equally far points are ordered.
 * @returns Its place, or -1.
 */
export function offer(
  { indices, squares, size }: NeighbourLists,
  row: number,
  candidate: number,
  square: number,
  rank: Int32Array,
): number {
  const first = row * size;
  let at = first + size - 1;
  if (!(square <= squares[at])) return -1;
  let place = at + 1;
  for (; at >= first && squares[at] >= square; at--) {
    if (squares[at] === square) {
      const other = indices[at];
      if (other === candidate) return -1;
      if (other >= 0 && rank[other] < rank[candidate]) break;
    }
    place = at;
  }
  // The pair's square is always the same: behind the place, a duplicate would have been met.
  for (let same = at; same >= first && squares[same] === square; same--) {
    if (indices[same] === candidate) return -1;
  }
  const last = first + size - 1;
  if (place > last) return -1;
  for (let k = last; k > place; k--) {
    indices[k] = indices[k - 1];
    squares[k] = squares[k - 1];
  }
  indices[place] = candidate;
  squares[place] = square;
  return place;
}

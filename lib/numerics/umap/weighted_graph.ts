import type { SparseMatrix } from "@/core/sparse.ts";

/** Edges of rows: those of row `i` are `starts[i] .. starts[i + 1]`. */
export interface WeightedGraph {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float32Array;
}

/**
 * Edges that are sampled at least once in `epochs`: those of less than the largest weight / `epochs`
 * are left out, and what is stored on the diagonal.
 */
export function prunedGraph(connectivities: SparseMatrix, epochs: number): WeightedGraph {
  const { shape: [rows], data, indices, indptr } = connectivities;
  const starts = new Int32Array(rows + 1);
  const neighbours = new Int32Array(indices.length);
  const weights = new Float32Array(data.length);
  let largest = 0;
  for (let k = 0; k < data.length; k++) largest = Math.max(largest, Number(data[k]));
  const least = largest / epochs;
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = Number(indptr[row]); k < indptr[row + 1]; k++) {
      const weight = Number(data[k]);
      if (!(weight > 0) || weight < least || Number(indices[k]) === row) continue;
      neighbours[kept] = Number(indices[k]);
      weights[kept++] = weight;
    }
    starts[row + 1] = kept;
  }
  return { rows, starts, neighbours: neighbours.slice(0, kept), weights: weights.slice(0, kept) };
}

/** The graph's parts that no edge connects: rows of each, in rising order. */
export function componentsOf({ rows, starts, neighbours }: WeightedGraph): Int32Array[] {
  const component = new Int32Array(rows).fill(-1);
  const waiting = new Int32Array(rows);
  const sizes: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (component[row] >= 0) continue;
    component[row] = sizes.length;
    waiting[0] = row;
    let found = 1;
    for (let i = 0; i < found; i++) {
      for (let k = starts[waiting[i]]; k < starts[waiting[i] + 1]; k++) {
        if (component[neighbours[k]] >= 0) continue;
        component[neighbours[k]] = sizes.length;
        waiting[found++] = neighbours[k];
      }
    }
    sizes.push(found);
  }
  const members = sizes.map((size) => new Int32Array(size));
  const filled = new Int32Array(sizes.length);
  for (let row = 0; row < rows; row++) members[component[row]][filled[component[row]]++] = row;
  return members;
}

/**
 * The graph of some rows, numbered as they come.
 *
 * @param members A whole component, in rising order.
 * @param position Room for a number a row of the whole graph.
 */
export function graphOf(
  { starts, neighbours, weights }: WeightedGraph,
  members: Int32Array,
  position: Int32Array,
): WeightedGraph {
  const ownStarts = new Int32Array(members.length + 1);
  members.forEach((row, i) => {
    position[row] = i;
    ownStarts[i + 1] = ownStarts[i] + starts[row + 1] - starts[row];
  });
  const ownNeighbours = new Int32Array(ownStarts[members.length]);
  const ownWeights = new Float32Array(ownNeighbours.length);
  members.forEach((row, i) => {
    ownWeights.set(weights.subarray(starts[row], starts[row + 1]), ownStarts[i]);
    for (let k = starts[row]; k < starts[row + 1]; k++) {
      ownNeighbours[ownStarts[i] + k - starts[row]] = position[neighbours[k]];
    }
  });
  return {
    rows: members.length,
    starts: ownStarts,
    neighbours: ownNeighbours,
    weights: ownWeights,
  };
}

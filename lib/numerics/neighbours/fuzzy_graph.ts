import type { SparseMatrix } from "@/core/sparse.ts";
import type { NearestNeighbours } from "./nearest_neighbours.ts";
import { smoothDistances } from "./smooth_distances.ts";

const { fround } = Math;

interface FloatRows {
  readonly data: Float32Array<ArrayBuffer>;
  readonly indices: Int32Array<ArrayBuffer>;
  readonly indptr: Int32Array<ArrayBuffer>;
}

/** A graph of neighbours, as `sc.pp.neighbors` stores it. */
export interface FuzzyGraph {
  /** Symmetric, float32 in (0, 1], columns of a row ascending. */
  readonly connectivities: SparseMatrix & FloatRows;
  /**
   * Euclidean distances: of each row its neighbours without itself, nearest first, zeros of equal
   * points stored.
   */
  readonly distances: SparseMatrix & FloatRows;
}

/**
 * UMAP's fuzzy simplicial set (McInnes, Healy and Melville 2018) of nearest neighbours, as
 * `sc.pp.neighbors(method="umap")` of scanpy 1.11 stores it: local connectivity 1, fuzzy union.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
 *
 * const points = { data: Float32Array.of(0, 1, 3, 7), shape: [4, 1] };
 * const nearest = await nearestNeighbours(points, { neighbours: 2, random: new Random(1) });
 * const { connectivities, distances } = fuzzyGraph(nearest);
 * assertEquals(connectivities.indices, Int32Array.of(1, 0, 2, 1, 3, 2));
 * assertEquals(connectivities.data, new Float32Array(6).fill(1));
 * assertEquals(distances.data, Float32Array.of(1, 1, 2, 4));
 * ```
 */
export function fuzzyGraph(nearest: NearestNeighbours): FuzzyGraph {
  const { rows } = nearest;
  const directed = memberships(nearest);
  const turned = transpose(directed, rows);
  const shape = [rows, rows] as const;
  return {
    connectivities: { format: "csr", shape, ...union(transpose(turned, rows), turned) },
    distances: { format: "csr", shape, ...withoutSelf(nearest) },
  };
}

/** How much each neighbour belongs to a point's surroundings; zeros are left out. */
function memberships(nearest: NearestNeighbours): FloatRows {
  const { indices, distances, neighbours, rows } = nearest;
  const { rho, sigma } = smoothDistances(nearest);
  const kept = {
    data: new Float32Array(rows * (neighbours - 1)),
    indices: new Int32Array(rows * (neighbours - 1)),
    indptr: new Int32Array(rows + 1),
  };
  let length = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = row * neighbours + 1; k < (row + 1) * neighbours; k++) {
      const beyond = fround(distances[k] - rho[row]);
      const membership = beyond <= 0 || sigma[row] === 0 ? 1 : Math.exp(-beyond / sigma[row]);
      if (fround(membership) === 0) continue;
      kept.data[length] = membership;
      kept.indices[length++] = indices[k];
    }
    kept.indptr[row + 1] = length;
  }
  return { ...kept, data: kept.data.slice(0, length), indices: kept.indices.slice(0, length) };
}

/** The transpose of a square matrix, the columns of its rows ascending. */
function transpose({ data, indices, indptr }: FloatRows, rows: number): FloatRows {
  const turned = {
    data: new Float32Array(data.length),
    indices: new Int32Array(data.length),
    indptr: new Int32Array(rows + 1),
  };
  for (let k = 0; k < indices.length; k++) turned.indptr[indices[k] + 1]++;
  for (let row = 0; row < rows; row++) turned.indptr[row + 1] += turned.indptr[row];
  const next = turned.indptr.slice();
  for (let row = 0; row < rows; row++) {
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      const to = next[indices[k]]++;
      turned.data[to] = data[k];
      turned.indices[to] = row;
    }
  }
  return turned;
}

/** Fuzzy union `a + b − ab` of two matrices whose columns ascend. */
function union(a: FloatRows, b: FloatRows): FloatRows {
  const most = a.data.length + b.data.length;
  const joined = {
    data: new Float32Array(most),
    indices: new Int32Array(most),
    indptr: new Int32Array(a.indptr.length),
  };
  let length = 0;
  for (let row = 0; row + 1 < a.indptr.length; row++) {
    let [i, j] = [a.indptr[row], b.indptr[row]];
    const [endOfA, endOfB] = [a.indptr[row + 1], b.indptr[row + 1]];
    while (i < endOfA || j < endOfB) {
      const columnOfA = i < endOfA ? a.indices[i] : Infinity;
      const columnOfB = j < endOfB ? b.indices[j] : Infinity;
      const x = columnOfA <= columnOfB ? a.data[i++] : 0;
      const y = columnOfB <= columnOfA ? b.data[j++] : 0;
      joined.data[length] = fround(x + y) - fround(x * y);
      joined.indices[length++] = Math.min(columnOfA, columnOfB);
    }
    joined.indptr[row + 1] = length;
  }
  return {
    ...joined,
    data: joined.data.slice(0, length),
    indices: joined.indices.slice(0, length),
  };
}

function withoutSelf({ indices, distances, neighbours, rows }: NearestNeighbours): FloatRows {
  const others = neighbours - 1;
  const kept = {
    data: new Float32Array(rows * others),
    indices: new Int32Array(rows * others),
    indptr: Int32Array.from({ length: rows + 1 }, (_, row) => row * others),
  };
  for (let row = 0; row < rows; row++) {
    const [from, end] = [row * neighbours + 1, (row + 1) * neighbours];
    kept.data.set(distances.subarray(from, end), row * others);
    kept.indices.set(indices.subarray(from, end), row * others);
  }
  return kept;
}

import { SthelarError } from "@/core/errors.ts";
import { requireSquareRows, type SparseMatrix } from "@/core/sparse.ts";
import { onSharedMemory } from "@/numerics/workers/mod.ts";

const ACTION = "Cannot prepare a graph for Leiden";

/** Weights of both directions of an edge differ by less than this share: sums of float32. */
const SYMMETRY_TOLERANCE = 1e-5;

/**
 * An undirected weighted graph, both directions of each edge stored, on memory that workers share.
 *
 * The neighbours of node `i` are `neighbours[starts[i] .. starts[i + 1]]`, in rising order.
 */
export interface LeidenGraph {
  /** How many nodes there are. */
  readonly nodes: number;
  /** Start of each node's neighbours, and the end of the last. */
  readonly starts: Int32Array;
  /** Neighbours of each node. */
  readonly neighbours: Int32Array;
  /** Weight of each edge, above zero. */
  readonly weights: Float64Array;
  /** Sum of the weights of each node's edges. */
  readonly strengths: Float64Array;
  /** Sum of all strengths: twice the weight of all edges. */
  readonly totalStrength: number;
}

interface Edges {
  readonly starts: Int32Array;
  readonly neighbours: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Prepares a graph for `leiden`: once for all resolutions.
 *
 * @param connectivities Symmetric weights, `(n_rows, n_rows)`, by rows, as `fuzzyGraph` makes them. What
 * is stored on the diagonal, and stored zeros, are left out.
 * @throws {SthelarError} `InvalidArgument` for a matrix that is not square, symmetric, finite and
 * without negative weights.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { leidenGraph } from "@/numerics/leiden/mod.ts";
 *
 * const graph = leidenGraph({
 *   format: "csr",
 *   shape: [2, 2],
 *   data: Float32Array.of(0.5, 0.5),
 *   indices: Int32Array.of(1, 0),
 *   indptr: Int32Array.of(0, 1, 2),
 * });
 * assertEquals([...graph.strengths], [0.5, 0.5]);
 * ```
 */
export function leidenGraph(connectivities: SparseMatrix): LeidenGraph {
  requireSquareRows(ACTION, connectivities);
  const { shape: [nodes] } = connectivities;
  const mirrored = mirror(edgesOf(connectivities), nodes);
  const edges = mirror(mirrored, nodes);
  requireSymmetric(edges, mirrored, nodes);
  const strengths = new Float64Array(nodes);
  let totalStrength = 0;
  for (let node = 0; node < nodes; node++) {
    for (let k = edges.starts[node]; k < edges.starts[node + 1]; k++) {
      strengths[node] += edges.weights[k];
    }
    totalStrength += strengths[node];
  }
  return {
    nodes,
    starts: onSharedMemory(edges.starts),
    neighbours: onSharedMemory(edges.neighbours),
    weights: onSharedMemory(edges.weights),
    strengths: onSharedMemory(strengths),
    totalStrength,
  };
}

/** Without the diagonal and zeros. */
function edgesOf({ shape: [nodes], data, indices, indptr }: SparseMatrix): Edges {
  const starts = new Int32Array(nodes + 1);
  const neighbours = new Int32Array(indices.length);
  const weights = new Float64Array(data.length);
  let kept = 0;
  for (let node = 0; node < nodes; node++) {
    for (let k = Number(indptr[node]); k < indptr[node + 1]; k++) {
      const weight = Number(data[k]);
      if (!(weight >= 0 && weight < Infinity)) {
        throw invalid(`weight ${weight} in row ${node}`, "finite weights, none below zero");
      }
      if (weight === 0 || Number(indices[k]) === node) continue;
      neighbours[kept] = Number(indices[k]);
      weights[kept++] = weight;
    }
    starts[node + 1] = kept;
  }
  return { starts, neighbours: neighbours.subarray(0, kept), weights: weights.subarray(0, kept) };
}

/** All edges turned round: neighbours come in rising order. */
function mirror({ starts, neighbours, weights }: Edges, nodes: number): Edges {
  const turned = new Int32Array(nodes + 1);
  for (let k = 0; k < neighbours.length; k++) turned[neighbours[k] + 1]++;
  for (let node = 0; node < nodes; node++) turned[node + 1] += turned[node];
  const next = turned.slice(0, nodes);
  const turnedNeighbours = new Int32Array(neighbours.length);
  const turnedWeights = new Float64Array(weights.length);
  for (let node = 0; node < nodes; node++) {
    for (let k = starts[node]; k < starts[node + 1]; k++) {
      const at = next[neighbours[k]]++;
      turnedNeighbours[at] = node;
      turnedWeights[at] = weights[k];
    }
  }
  return { starts: turned, neighbours: turnedNeighbours, weights: turnedWeights };
}

function requireSymmetric(edges: Edges, mirrored: Edges, nodes: number): void {
  for (let node = 0; node < nodes; node++) {
    if (edges.starts[node + 1] !== mirrored.starts[node + 1]) throw oneWay(node);
    for (let k = edges.starts[node]; k < edges.starts[node + 1]; k++) {
      const neighbour = edges.neighbours[k];
      if (k > edges.starts[node] && edges.neighbours[k - 1] === neighbour) {
        throw invalid(`two weights between rows ${node} and ${neighbour}`, "one of each pair");
      }
      if (neighbour !== mirrored.neighbours[k]) throw oneWay(node);
      const [weight, back] = [edges.weights[k], mirrored.weights[k]];
      if (Math.abs(weight - back) > SYMMETRY_TOLERANCE * weight) {
        throw invalid(
          `weight ${weight} from row ${node} to ${neighbour} and ${back} back`,
          "symmetric weights",
        );
      }
    }
  }
}

function oneWay(node: number): SthelarError {
  return invalid(`an edge of row ${node} in one direction only`, "symmetric weights");
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    found,
    expected,
  });
}

import { type Clustering, Network } from "networkanalysis-ts";
import type { LeidenGraph } from "./leiden_graph.ts";

/** The library says `number[]` where any array will do; typed ones have no limit at 32M values. */
type Numbers = Int32Array | Float64Array;
const asNumbers = (array: Numbers) => array as unknown as number[];

/** The library's network on typed arrays: a fraction of the memory, and built without a copy. */
export class TypedNetwork extends Network {
  constructor(
    starts: Int32Array,
    neighbours: Int32Array,
    edgeWeights: Float64Array,
    nodeWeights: Float64Array,
  ) {
    super();
    this.nNodes = nodeWeights.length;
    this.nEdges = neighbours.length;
    this.firstNeighborIndices = asNumbers(starts);
    this.neighbors = asNumbers(neighbours);
    this.edgeWeights = asNumbers(edgeWeights);
    this.nodeWeights = asNumbers(nodeWeights);
    this.totalEdgeWeightSelfLinks = 0;
  }

  /** Nodes weigh what their edges do, so that CPM's quality is modularity. */
  static of({ starts, neighbours, weights, strengths }: LeidenGraph): TypedNetwork {
    return new TypedNetwork(starts, neighbours, weights, strengths);
  }

  override getTotalEdgeWeightPerNode(): number[] {
    const totals = new Float64Array(this.nNodes);
    for (let node = 0; node < this.nNodes; node++) {
      let total = 0;
      const end = this.firstNeighborIndices[node + 1];
      for (let k = this.firstNeighborIndices[node]; k < end; k++) total += this.edgeWeights[k];
      totals[node] = total;
    }
    return asNumbers(totals);
  }

  /** A network of each cluster's nodes: parts of the same arrays. */
  override createSubnetworks(clustering: Clustering): Network[] {
    const { nNodes, nEdges, firstNeighborIndices, neighbors, edgeWeights, nodeWeights } = this;
    const { clusters } = clustering;
    const members = clustering.getNodesPerCluster();
    const position = new Int32Array(nNodes);
    for (const nodes of members) for (let i = 0; i < nodes.length; i++) position[nodes[i]] = i;
    const subNeighbours = new Int32Array(nEdges);
    const subWeights = new Float64Array(nEdges);
    const subNodeWeights = new Float64Array(nNodes);
    const subStarts = new Int32Array(nNodes + members.length);
    let [edge, node] = [0, 0];
    return members.map((nodes, cluster) => {
      const [firstEdge, firstNode, firstStart] = [edge, node, node + cluster];
      for (const member of nodes) {
        subNodeWeights[node] = nodeWeights[member];
        for (let k = firstNeighborIndices[member]; k < firstNeighborIndices[member + 1]; k++) {
          const neighbour = neighbors[k];
          if (clusters[neighbour] !== cluster) continue;
          subNeighbours[edge] = position[neighbour];
          subWeights[edge++] = edgeWeights[k];
        }
        subStarts[++node + cluster] = edge - firstEdge;
      }
      return new TypedNetwork(
        subStarts.subarray(firstStart, node + cluster + 1),
        subNeighbours.subarray(firstEdge, edge),
        subWeights.subarray(firstEdge, edge),
        subNodeWeights.subarray(firstNode, node),
      );
    });
  }

  /** A network whose nodes are clusters; edges within one are left out. */
  override createReducedNetwork(clustering: Clustering): Network {
    const { firstNeighborIndices, neighbors, edgeWeights, nodeWeights } = this;
    const { clusters } = clustering;
    const members = clustering.getNodesPerCluster();
    const starts = new Int32Array(members.length + 1);
    const reducedNeighbours = new Int32Array(this.nEdges);
    const reducedWeights = new Float64Array(this.nEdges);
    const reducedNodeWeights = new Float64Array(members.length);
    const slot = new Int32Array(members.length).fill(-1);
    let edge = 0;
    for (const [cluster, nodes] of members.entries()) {
      const first = edge;
      for (const member of nodes) {
        reducedNodeWeights[cluster] += nodeWeights[member];
        for (let k = firstNeighborIndices[member]; k < firstNeighborIndices[member + 1]; k++) {
          const other = clusters[neighbors[k]];
          if (other === cluster) continue;
          if (slot[other] < first) {
            slot[other] = edge;
            reducedNeighbours[edge++] = other;
          }
          reducedWeights[slot[other]] += edgeWeights[k];
        }
      }
      starts[cluster + 1] = edge;
    }
    return new TypedNetwork(
      starts,
      reducedNeighbours.slice(0, edge),
      reducedWeights.slice(0, edge),
      reducedNodeWeights,
    );
  }
}

export { type FuzzyGraph, fuzzyGraph } from "./fuzzy_graph.ts";
export {
  type NearestNeighbours,
  nearestNeighbours,
  type NeighbourOptions,
} from "./nearest_neighbours.ts";

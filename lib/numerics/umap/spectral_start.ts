import type { Random } from "@/core/random.ts";
import { largestEigenvectors } from "@/numerics/eigen/mod.ts";
import { componentsOf, graphOf, type WeightedGraph } from "./weighted_graph.ts";

/** Components of fewer rows have no spectrum to speak of. */
const FEWEST_ROWS = 4;
const MOST_PRODUCTS = 1500;
/** Residual as a share of the Laplacian's eigenvalue. */
const TOLERANCE = 0.01;

/**
 * A layout by the eigenvectors of the normalised Laplacian, as umap-learn starts: the second and the
 * third. Components lie beside each other: up to four on the axes, more on a spiral (umap-learn takes
 * the places of more from the centroids of the data, which the graph doesn't know).
 *
 * @returns `(n_rows, 2)`
 */
export function spectralStart(
  graph: WeightedGraph,
  random: Random,
  onProducts: (done: number, most: number) => void,
): Float64Array {
  const components = componentsOf(graph);
  const layout = new Float64Array(2 * graph.rows);
  const position = new Int32Array(components.length > 1 ? graph.rows : 0);
  const { places, room } = componentPlaces(components.length);
  components.forEach((members, component) => {
    const own = components.length === 1 ? graph : graphOf(graph, members, position);
    const start = spectralLayout(own, random, onProducts);
    let largest = 0;
    for (const value of start) largest = Math.max(largest, Math.abs(value));
    const scale = largest > 0 ? room / largest : 0;
    members.forEach((row, i) => {
      layout[2 * row] = places[2 * component] + scale * start[2 * i];
      layout[2 * row + 1] = places[2 * component + 1] + scale * start[2 * i + 1];
    });
  });
  return layout;
}

/** Where components lie, and half the distance of two neighbours. */
function componentPlaces(count: number): { places: Float64Array; room: number } {
  if (count === 1) return { places: new Float64Array(2), room: 1 };
  if (count === 2) return { places: Float64Array.of(1, 0, -1, 0), room: 1 };
  if (count <= 4) return { places: Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1), room: Math.SQRT1_2 };
  const golden = Math.PI * (3 - Math.sqrt(5));
  const places = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const radius = Math.sqrt((i + 0.5) / count);
    places[2 * i] = radius * Math.cos(i * golden);
    places[2 * i + 1] = radius * Math.sin(i * golden);
  }
  return { places, room: 0.8 / Math.sqrt(count) };
}

/** Of a connected graph. */
function spectralLayout(
  { rows, starts, neighbours, weights }: WeightedGraph,
  random: Random,
  onProducts: (done: number, most: number) => void,
): Float64Array {
  const layout = new Float64Array(2 * rows);
  if (rows < FEWEST_ROWS) return layout.map(() => 2 * random.uniform() - 1);
  const roots = new Float64Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    let degree = 0;
    for (let k = starts[row]; k < starts[row + 1]; k++) degree += weights[k];
    roots[row] = Math.sqrt(degree);
    total += degree;
  }
  const scaled = new Float64Array(rows);
  const multiply = (vector: Float64Array, into: Float64Array) => {
    for (let row = 0; row < rows; row++) scaled[row] = vector[row] / roots[row];
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let k = starts[row]; k < starts[row + 1]; k++) sum += weights[k] * scaled[neighbours[k]];
      into[row] = sum / roots[row];
    }
  };
  const vectors = largestEigenvectors(multiply, {
    wanted: 2,
    known: roots.map((root) => root / Math.sqrt(total)),
    random,
    isConverged: (value, residual) => residual <= TOLERANCE * (1 - value) + 1e-9,
    mostProducts: MOST_PRODUCTS,
    onRestart: (products) => onProducts(products, MOST_PRODUCTS),
  });
  vectors.forEach((vector, axis) => {
    for (let row = 0; row < rows; row++) layout[2 * row + axis] = vector[row];
  });
  return layout;
}

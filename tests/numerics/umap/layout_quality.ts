import { assert } from "@std/assert";

/** Points, a row after the other. */
export interface Points {
  readonly data: ArrayLike<number>;
  readonly columns: number;
}

function squaredDistances({ data, columns }: Points, row: number): Float64Array {
  return Float64Array.from({ length: data.length / columns }, (_, other) => {
    let sum = 0;
    for (let k = 0; k < columns; k++) {
      sum += (data[row * columns + k] - data[other * columns + k]) ** 2;
    }
    return sum;
  });
}

function nearestFirst(points: Points, row: number): number[] {
  const distances = squaredDistances(points, row);
  return [...distances.keys()].filter((other) => other !== row)
    .sort((a, b) => distances[a] - distances[b]);
}

/** Venna and Kaski's: 1 when the neighbours in a layout are neighbours of the points. */
export function trustworthiness(points: Points, layout: Points, neighbours: number): number {
  const rows = points.data.length / points.columns;
  let penalty = 0;
  for (let row = 0; row < rows; row++) {
    const rank = new Int32Array(rows);
    nearestFirst(points, row).forEach((other, i) => rank[other] = i + 1);
    for (const other of nearestFirst(layout, row).slice(0, neighbours)) {
      penalty += Math.max(0, rank[other] - neighbours);
    }
  }
  return 1 - 2 * penalty / (rows * neighbours * (2 * rows - 3 * neighbours - 1));
}

/** Mean silhouette of labelled points. */
export function silhouette(layout: Points, labels: readonly number[]): number {
  const count = Math.max(...labels) + 1;
  let total = 0;
  labels.forEach((label, row) => {
    const [sums, sizes] = [new Float64Array(count), new Float64Array(count)];
    squaredDistances(layout, row).forEach((squared, other) => {
      if (other === row) return;
      sums[labels[other]] += Math.sqrt(squared);
      sizes[labels[other]]++;
    });
    const means = sums.map((sum, k) => sum / sizes[k]);
    const nearest = Math.min(...means.filter((_, k) => k !== label));
    total += (nearest - means[label]) / Math.max(nearest, means[label]);
  });
  return total / labels.length;
}

/** Fails unless `found` is above `least`. */
export function assertAbove(found: number, least: number): void {
  assert(found > least, `${found} is not above ${least}`);
}

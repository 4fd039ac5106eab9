import { Random } from "@/core/random.ts";

/** Points around centres in a box, as cells of a few types lie in principal components. */
export function randomPoints(
  count: number,
  columns: number,
  { seed = 1, clusters = 8 }: { readonly seed?: number; readonly clusters?: number } = {},
): { readonly data: Float32Array<ArrayBuffer>; readonly shape: readonly [number, number] } {
  const random = new Random(seed);
  const centres = new Float32Array(clusters * columns);
  random.fillNormal(centres);
  const data = new Float32Array(count * columns);
  random.fillNormal(data);
  for (let row = 0; row < count; row++) {
    const centre = random.integer(clusters) * columns;
    for (let k = 0; k < columns; k++) data[row * columns + k] += 3 * centres[centre + k];
  }
  return { data, shape: [count, columns] };
}

/** Rows nearest to one row, itself first, then by distance, then by number. */
export function nearestByForce(
  { data, shape: [count, columns] }: ReturnType<typeof randomPoints>,
  row: number,
  neighbours: number,
): { readonly indices: number[]; readonly distances: number[] } {
  const squares = Array.from({ length: count }, (_, other) => {
    let square = 0;
    for (let k = 0; k < columns; k++) {
      square += (data[row * columns + k] - data[other * columns + k]) ** 2;
    }
    return square;
  });
  const order = squares.map((_, other) => other).filter((other) => other !== row)
    .sort((a, b) => squares[a] - squares[b] || a - b);
  const indices = [row, ...order].slice(0, neighbours);
  return { indices, distances: indices.map((other) => Math.sqrt(squares[other])) };
}

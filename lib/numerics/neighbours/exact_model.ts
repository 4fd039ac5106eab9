import { buildBlocks, matmul, type Model, Program, topK } from "@/numerics/graph/mod.ts";
import type { PointRows } from "./point_rows.ts";

/** Bytes that the distances of one block of points to all others take, at most. */
const BLOCK_BYTES = 32 << 20;

/**
 * A tensor program that picks for each point those that seem nearest: inputs `queries` and `points`
 * of {@link augment}; outputs `picked`, and `apart`, the square of the distance less that of the
 * query's norm.
 */
export function exactModel(count: number, columns: number, picks: number): Model {
  const blockRows = Math.max(16, Math.floor(BLOCK_BYTES / (4 * count)));
  return buildBlocks(count, blockRows, (rows) => {
    const program = new Program();
    const queries = program.input("queries", [rows, columns], { per: "block" });
    const points = program.input("points", [count, columns]);
    const apart = matmul(queries, points, { transposeB: true });
    const { values, indices } = topK(apart, picks, { largest: false });
    program.output("apart", values, { per: "block" });
    program.output("picked", indices, { per: "block" });
    return program;
  });
}

/**
 * Points and queries whose products are `|y|² − 2xy`: the squared norm is a column of its own, as
 * adding it to the products takes longer than they do. They are centred, which makes it small.
 */
export function augment({ data, count, width }: PointRows): {
  readonly queries: Float32Array<ArrayBuffer>;
  readonly points: Float32Array<ArrayBuffer>;
} {
  const centre = new Float64Array(width);
  for (let i = 0; i < data.length; i++) centre[i % width] += data[i] / count;
  const columns = width + 1;
  const queries = new Float32Array(count * columns);
  const points = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let k = 0; k < width; k++) {
      const value = Math.fround(data[row * width + k] - centre[k]);
      square += value * value;
      points[row * columns + k] = value;
      queries[row * columns + k] = -2 * value;
    }
    points[row * columns + width] = square;
    queries[row * columns + width] = 1;
  }
  return { queries, points };
}

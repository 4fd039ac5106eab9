import type { Progress } from "@/core/progress.ts";
import { openProgram } from "@/numerics/graph/mod.ts";
import { compareWithAll } from "./compare_with_all.ts";
import { augment, exactModel } from "./exact_model.ts";
import { emptyLists, type NeighbourLists, offer } from "./neighbour_lists.ts";
import { type PointRows, squaredDistance } from "./point_rows.ts";

/** Fewer points are all compared here: opening a tensor program would take longer. */
const FEW_POINTS = 2500;
/** Points that are picked beyond those that are wanted, to be sure of these. */
const SPARE = 4;

/** Options of {@link findExactly}. */
export interface ExactOptions {
  readonly threads: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Exactly the nearest neighbours. A tensor program picks some more than are wanted, by distances that
 * are rounded; those are compared again without rounding, and where the picked ones are not
 * certainly the nearest, the row is compared with all.
 *
 * @param wanted Neighbours of a point, itself not counted.
 */
export async function findExactly(
  points: PointRows,
  wanted: number,
  { threads, progress, signal }: ExactOptions,
): Promise<NeighbourLists> {
  const lists = emptyLists(points.count, wanted);
  const rank = Int32Array.from({ length: points.count }, (_, row) => row);
  const uncertain = points.count <= FEW_POINTS
    ? rank
    : await pick(points, lists, rank, { threads, progress, signal });
  await compareWithAll(points, uncertain, lists, rank, { progress, signal });
  return lists;
}

/** Fills the lists by a tensor program, and gives back the rows that it is not certain of. */
async function pick(
  points: PointRows,
  lists: NeighbourLists,
  rank: Int32Array,
  { threads, signal }: ExactOptions,
): Promise<Int32Array> {
  const { count, width } = points;
  const picks = Math.min(count, lists.size + 1 + SPARE);
  await using running = await openProgram(exactModel(count, width + 1, picks), {
    threads,
    ...(signal === undefined ? {} : { signal }),
  });
  const augmented = augment(points);
  const norms = squaredNorms(augmented.queries, width);
  await running.write("points", augmented.points, { transfer: true });
  await running.write("queries", augmented.queries, { transfer: true });
  await running.run();
  const apart = await running.take("apart") as Float32Array;
  const picked = lowWords(await running.take("picked") as BigInt64Array<ArrayBuffer>);
  const uncertain: number[] = [];
  for (let row = 0; row < count; row++) {
    for (let k = row * picks; k < (row + 1) * picks; k++) {
      if (picked[k] === row) continue;
      const square = squaredDistance(points.data, width, row, picked[k]);
      offer(lists, row, picked[k], square, rank);
    }
    const farthest = apart[(row + 1) * picks - 1] + norms[row];
    const last = lists.squares[(row + 1) * lists.size - 1];
    const certain = picks === count || last < farthest - uncertainty(norms[row], last, width);
    if (!certain) uncertain.push(row);
  }
  return Int32Array.from(uncertain);
}

/** Squared norms of the centred points. */
function squaredNorms(queries: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: queries.length / (width + 1) }, (_, row) => {
    let square = 0;
    for (let k = row * (width + 1); k < row * (width + 1) + width; k++) square += queries[k] ** 2;
    return square / 4;
  });
}

/**
 * How wrong the program's square can be for a point as near as the last one in the list: rounding of
 * `width + 1` products, of the squared norm, and of centring. A farther point cannot seem nearer
 * than this, as its norm is at most `|x|` and the distance together, or it is farther anyway.
 */
function uncertainty(norm: number, last: number, width: number): number {
  const x = Math.sqrt(norm);
  const y = x + Math.sqrt(last);
  return (2 * width + 12) * 2 ** -24 * (y * y + 2 * x * y + norm);
}

/** Numbers below 2 ** 31 of 64-bit ones. */
function lowWords(values: BigInt64Array<ArrayBuffer>): Int32Array {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  return Int32Array.from({ length: values.length }, (_, i) => words[2 * i]);
}

import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { WorkerPool } from "@/numerics/workers/mod.ts";
import { compareWithAll } from "./compare_with_all.ts";
import type { Round } from "./descent_kernels.ts";
import type { DescentAnswers, DescentTasks } from "./descent_tasks.ts";
import { emptyLists, type NeighbourLists } from "./neighbour_lists.ts";
import { ACTION, type PointRows, STOPPED } from "./point_rows.ts";
import type { Leaves } from "./rp_tree.ts";

/** Larger leaves and more trees are worth more than rounds: joining leaves reads memory in order. */
const LEAF_SIZE = 128;
/** Entries of a list beyond those that are wanted: they lead to others. */
const SPARE = 4;
const MAX_ROUNDS = 5;
/** Rounds end when fewer than this share of the entries are fresh. */
const SETTLED = 0.01;

type DescentPool = WorkerPool<DescentTasks, DescentAnswers>;

/** Options of {@link descend}. */
export interface DescentOptions {
  readonly random: Random;
  readonly threads: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** Near neighbours of points that were put into another order. */
export interface Descent {
  readonly lists: NeighbourLists;
  /** The point that each row of the lists is of. */
  readonly order: Int32Array;
}

/**
 * Almost all nearest neighbours: random-projection trees bring near points together, NN-descent does
 * the rest. Each task writes rows of its own, so that the number of workers changes nothing.
 *
 * @param wanted Neighbours of a point, itself not counted.
 */
export async function descend(
  original: PointRows,
  wanted: number,
  { random, threads, progress, signal }: DescentOptions,
): Promise<Descent> {
  using pool: DescentPool = new WorkerPool(new URL("./descent_worker.ts", import.meta.url), {
    size: threads,
    action: ACTION,
    stopped: STOPPED,
    signal,
  });
  const trees = treesFor(original.count);
  const total = trees + MAX_ROUNDS;
  const [{ order, bounds }] = await pool.askAll("cut", [
    { points: original, leafSize: LEAF_SIZE, seed: seedOf(random, 0) },
  ]);
  const points = inOrder(original, order);
  const forest = { points, lists: emptyLists(points.count, wanted + SPARE), rank: order };
  await join(pool, forest, { order: Int32Array.from(order, (_, row) => row), bounds });
  for (let tree = 1; tree < trees;) {
    progress.update(tree, total, "passes");
    const seeds = Array.from(
      { length: Math.min(pool.size, trees - tree) },
      (_, i) => seedOf(random, tree + i),
    );
    const inputs = seeds.map((seed) => ({ points, leafSize: LEAF_SIZE, seed }));
    for (const leaves of await pool.askAll("cut", inputs)) await join(pool, forest, leaves);
    tree += seeds.length;
  }
  const lists = await settle(pool, forest, (round) => {
    progress.update(trees + round, total, "passes");
  });
  await compareWithAll(points, rowsNotFull(lists, wanted), lists, order, {
    progress: silentProgress,
    signal,
  });
  progress.update(total, total, "passes");
  return { lists, order };
}

interface Forest {
  readonly points: PointRows;
  readonly lists: NeighbourLists;
  readonly rank: Int32Array;
}

async function join(pool: DescentPool, forest: Forest, leaves: Leaves): Promise<void> {
  const blocks = blocksOf(leaves.bounds.length - 1, pool.size);
  await pool.askAll("join", blocks.map(([first, end]) => ({ ...forest, leaves, first, end })));
}

async function settle(
  pool: DescentPool,
  { points, lists, rank }: Forest,
  report: (round: number) => void,
): Promise<NeighbourLists> {
  const { count } = points;
  const { size } = lists;
  const flags = () => new Uint8Array(new SharedArrayBuffer(count * size));
  let before: Round = { lists, fresh: flags() };
  lists.indices.forEach((index, k) => before.fresh[k] = index < 0 ? 0 : 1);
  let after: Round = { lists: emptyLists(count, size), fresh: flags() };
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const [reverse] = await pool.askAll("reverse", [{ before, count }]);
    const input = { points, before, after, reverse, rank };
    const blocks = blocksOf(count, pool.size).map(([first, end]) => ({ ...input, first, end }));
    const fresh = (await pool.askAll("descend", blocks)).reduce((sum, n) => sum + n, 0);
    [before, after] = [after, before];
    report(round);
    if (fresh <= SETTLED * count * size) break;
  }
  return before.lists;
}

/** Rows of the points in this order, which keeps near ones together in memory. */
function inOrder({ data, count, width }: PointRows, order: Int32Array): PointRows {
  const sorted = new Float32Array(new SharedArrayBuffer(data.byteLength));
  for (let row = 0; row < count; row++) {
    const from = order[row] * width;
    for (let k = 0; k < width; k++) sorted[row * width + k] = data[from + k];
  }
  return { data: sorted, count, width };
}

function treesFor(points: number): number {
  return 8 + Math.round(Math.sqrt(points) / 56);
}

function blocksOf(count: number, blocks: number): (readonly [first: number, end: number])[] {
  return Array.from(
    { length: blocks },
    (_, i) => [Math.floor(i * count / blocks), Math.floor((i + 1) * count / blocks)] as const,
  ).filter(([first, end]) => end > first);
}

/** Rows that were alone in the leaves of all trees, or nearly so. */
function rowsNotFull({ indices, size }: NeighbourLists, wanted: number): Int32Array {
  const rows = Array.from({ length: indices.length / size }, (_, row) => row);
  return Int32Array.from(rows.filter((row) => indices[row * size + wanted - 1] < 0));
}

function seedOf(random: Random, tree: number): string {
  return `${random.split(`tree ${tree}`).integer(2 ** 32)}`;
}

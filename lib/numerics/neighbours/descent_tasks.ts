import { Random } from "@/core/random.ts";
import {
  descendRows,
  joinLeaves,
  type Reverse,
  reverseFresh,
  type Round,
  type RoundInput,
} from "./descent_kernels.ts";
import type { NeighbourLists } from "./neighbour_lists.ts";
import type { PointRows } from "./point_rows.ts";
import { cutIntoLeaves, type Leaves } from "./rp_tree.ts";

/** What can be asked of a worker; arrays are on shared memory. */
export interface DescentTasks {
  /** Cuts points into leaves. */
  readonly cut: {
    readonly points: PointRows;
    readonly leafSize: number;
    readonly seed: string;
  };
  /** Joins leaves. */
  readonly join: {
    readonly points: PointRows;
    readonly leaves: Leaves;
    readonly first: number;
    readonly end: number;
    readonly lists: NeighbourLists;
    readonly rank: Int32Array;
  };
  /** Turns fresh entries round. */
  readonly reverse: { readonly before: Round; readonly count: number };
  /** Lets rows descend. */
  readonly descend: RoundInput & {
    readonly after: Round;
    readonly first: number;
    readonly end: number;
  };
}

/** What the tasks answer. */
export interface DescentAnswers {
  readonly cut: Leaves;
  readonly join: undefined;
  readonly reverse: Reverse;
  readonly descend: number;
}

/** The tasks by name. */
export const DESCENT_TASKS: {
  readonly [T in keyof DescentTasks]: (input: DescentTasks[T]) => DescentAnswers[T];
} = {
  cut({ points, leafSize, seed }) {
    const order = new Int32Array(new SharedArrayBuffer(4 * points.count));
    return cutIntoLeaves(points, leafSize, new Random(seed), order);
  },
  join({ points, leaves, first, end, lists, rank }) {
    joinLeaves(points, leaves, first, end, lists, rank);
    return undefined;
  },
  reverse: ({ before, count }) => reverseFresh(before, count),
  descend: ({ after, first, end, ...input }) => descendRows(input, after, first, end),
};

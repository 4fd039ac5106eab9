import {
  type ColumnSums,
  gram,
  gramTimes,
  project,
  scaleInto,
  type Scaling,
  sumColumns,
} from "./block_kernels.ts";
import type { RowBlock } from "./row_block.ts";

/** What can be asked of a block, and what it takes. */
export interface BlockTasks {
  readonly sumColumns: null;
  readonly scale: Scaling;
  readonly gram: null;
  readonly gramTimes: Float64Array<ArrayBuffer>;
  readonly project: {
    readonly axes: Float64Array<ArrayBuffer>;
    readonly offset: Float64Array<ArrayBuffer>;
  };
}

/** What the tasks answer. */
export interface BlockAnswers {
  readonly sumColumns: ColumnSums;
  /** Sums of the scaled values. */
  readonly scale: ColumnSums;
  readonly gram: Float64Array<ArrayBuffer>;
  readonly gramTimes: Float64Array<ArrayBuffer>;
  readonly project: Float32Array<ArrayBuffer>;
}

/** The tasks by name. */
export const BLOCK_TASKS: {
  readonly [T in keyof BlockTasks]: (block: RowBlock, input: BlockTasks[T]) => BlockAnswers[T];
} = {
  sumColumns,
  scale(block, scaling) {
    scaleInto(block, scaling);
    return sumColumns(block);
  },
  gram,
  gramTimes,
  project: (block, { axes, offset }) => project(block, axes, offset),
};

/** The buffers of an answer, to be moved. */
export function buffersOf(answer: BlockAnswers[keyof BlockAnswers]): ArrayBuffer[] {
  return "sums" in answer ? [answer.sums.buffer, answer.squares.buffer] : [answer.buffer];
}

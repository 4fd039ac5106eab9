import { serveTasks } from "@/numerics/workers/mod.ts";
import { BLOCK_TASKS, type BlockAnswers, type BlockTasks, buffersOf } from "./block_tasks.ts";
import type { RowBlock } from "./row_block.ts";

type Answer = BlockAnswers[keyof BlockAnswers];

/** What a worker takes: blocks to keep, and tasks for one of them. */
export interface WorkerTasks {
  readonly keep: { readonly id: number; readonly block: RowBlock };
  readonly ask: {
    readonly id: number;
    readonly task: keyof BlockTasks;
    readonly input: BlockTasks[keyof BlockTasks];
  };
}

/** What it answers. */
export interface WorkerAnswers {
  readonly keep: undefined;
  readonly ask: Answer;
}

const blocks = new Map<number, RowBlock>();

serveTasks<WorkerTasks, WorkerAnswers>({
  keep({ id, block }) {
    blocks.set(id, block);
    return undefined;
  },
  ask({ id, task, input }) {
    const run = BLOCK_TASKS[task] as (block: RowBlock, input: unknown) => Answer;
    return run(blocks.get(id)!, input);
  },
}, (answer) => answer === undefined ? [] : buffersOf(answer));

import type { SparseMatrix } from "@/core/sparse.ts";
import { aborted, type Turns } from "@/core/turns.ts";
import { WorkerPool } from "@/numerics/workers/mod.ts";
import { BLOCK_TASKS, type BlockAnswers, type BlockTasks } from "./block_tasks.ts";
import type { WorkerAnswers, WorkerTasks } from "./block_worker.ts";
import { blockBounds, copyBlock, type RowBlock } from "./row_block.ts";

const ACTION = "Cannot find principal components";
/** What it says that was stopped. */
export const STOPPED = "Stopped looking for principal components";
/** Matrices of fewer values are worked on at once: starting workers would take longer. */
const FEW_VALUES = 300_000;

/** Blocks of rows of a matrix, that can be asked. */
export interface Blocks extends Disposable {
  /** How many there are. */
  readonly size: number;
  /**
   * Asks all blocks, and calls `take` with their answers in the order of rows.
   *
   * @throws {SthelarError} `Aborted`; `StageFailed` if a worker dies.
   */
  ask<T extends keyof BlockTasks>(
    task: T,
    input: BlockTasks[T],
    take: (answer: BlockAnswers[T], block: number) => void,
  ): Promise<void>;
}

/** Options of {@link openBlocks}. */
export interface BlocksOptions {
  /** Workers (default 1). */
  readonly threads?: number;
  /** Stops what is asked. */
  readonly signal?: AbortSignal;
}

/** Copies a matrix into blocks of rows: into workers, if it is not small. */
export async function openBlocks(
  matrix: SparseMatrix,
  turns: Turns,
  options: BlocksOptions = {},
): Promise<Blocks> {
  const bounds = blockBounds(matrix);
  const blocks = function* () {
    for (let i = 0; i + 1 < bounds.length; i++) yield copyBlock(matrix, bounds[i], bounds[i + 1]);
  };
  const { threads = 1, signal } = options;
  if (matrix.data.length < FEW_VALUES) return new LocalBlocks([...blocks()], signal);
  const size = bounds.length - 1;
  const pool = new WorkerBlocks(size, Math.min(threads, size), signal);
  try {
    let id = 0;
    for (const block of blocks()) {
      await pool.add(id++, block);
      await turns.next();
    }
    return pool;
  } catch (error) {
    pool[Symbol.dispose]();
    throw error;
  }
}

class LocalBlocks implements Blocks {
  readonly #blocks: readonly RowBlock[];
  readonly #signal: AbortSignal | undefined;

  constructor(blocks: readonly RowBlock[], signal: AbortSignal | undefined) {
    this.#blocks = blocks;
    this.#signal = signal;
  }

  get size(): number {
    return this.#blocks.length;
  }

  ask<T extends keyof BlockTasks>(
    task: T,
    input: BlockTasks[T],
    take: (answer: BlockAnswers[T], block: number) => void,
  ): Promise<void> {
    if (this.#signal?.aborted) return Promise.reject(aborted(STOPPED, this.#signal));
    this.#blocks.forEach((block, i) => take(BLOCK_TASKS[task](block, input), i));
    return Promise.resolve();
  }

  [Symbol.dispose](): void {}
}

class WorkerBlocks implements Blocks {
  readonly size: number;
  readonly #pool: WorkerPool<WorkerTasks, WorkerAnswers>;

  constructor(size: number, threads: number, signal: AbortSignal | undefined) {
    this.size = size;
    this.#pool = new WorkerPool(new URL("./block_worker.ts", import.meta.url), {
      size: threads,
      action: ACTION,
      stopped: STOPPED,
      signal,
    });
  }

  /** Gives a block to its worker. */
  async add(id: number, block: RowBlock): Promise<void> {
    const { values, indices, indptr } = block;
    const buffers = [values.buffer, indices.buffer, indptr.buffer];
    await this.#pool.ask(id % this.#pool.size, "keep", { id, block }, buffers);
  }

  async ask<T extends keyof BlockTasks>(
    task: T,
    input: BlockTasks[T],
    take: (answer: BlockAnswers[T], block: number) => void,
  ): Promise<void> {
    const early = new Map<number, BlockAnswers[T]>();
    let taken = 0;
    await Promise.all(Array.from({ length: this.size }, async (_, id) => {
      const worker = id % this.#pool.size;
      early.set(id, await this.#pool.ask(worker, "ask", { id, task, input }) as BlockAnswers[T]);
      for (let answer = early.get(taken); answer !== undefined; answer = early.get(++taken)) {
        early.delete(taken);
        take(answer, taken);
      }
    }));
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
  }
}

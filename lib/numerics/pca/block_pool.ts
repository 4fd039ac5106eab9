import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { aborted, type Turns } from "@/core/turns.ts";
import { BLOCK_TASKS, type BlockAnswers, type BlockTasks } from "./block_tasks.ts";
import type { BlockReply, BlockRequest } from "./block_worker.ts";
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
    for (const block of blocks()) {
      pool.add(block);
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

interface Waiting {
  take(answer: BlockAnswers[keyof BlockAnswers], block: number): void;
  resolve(): void;
  reject(error: unknown): void;
}

class WorkerBlocks implements Blocks {
  readonly size: number;
  readonly #workers: readonly Worker[];
  readonly #signal: AbortSignal | undefined;
  readonly #early = new Map<number, BlockAnswers[keyof BlockAnswers]>();
  #waiting: Waiting | undefined;
  #added = 0;
  #taken = 0;
  #failure: unknown;

  constructor(size: number, threads: number, signal: AbortSignal | undefined) {
    this.size = size;
    this.#signal = signal;
    const url = new URL("./block_worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(url, { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<BlockReply>) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(failed(event.message));
      };
      return worker;
    });
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.#abort();
  }

  add(block: RowBlock): void {
    const id = this.#added++;
    const request: BlockRequest = { kind: "block", id, block };
    const { values, indices, indptr } = block;
    this.#workers[id % this.#workers.length].postMessage(
      request,
      [values.buffer, indices.buffer, indptr.buffer],
    );
  }

  ask<T extends keyof BlockTasks>(
    task: T,
    input: BlockTasks[T],
    take: (answer: BlockAnswers[T], block: number) => void,
  ): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#taken = 0;
      this.#waiting = { take: take as Waiting["take"], resolve, reject };
      const request: BlockRequest = { kind: "task", task, input };
      for (const worker of this.#workers) worker.postMessage(request);
    });
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const worker of this.#workers) worker.terminate();
  }

  readonly #abort = () => this.#fail(aborted(STOPPED, this.#signal));

  #receive(reply: BlockReply): void {
    if ("message" in reply) return this.#fail(failed(reply.message));
    this.#early.set(reply.id, reply.answer);
    let answer = this.#early.get(this.#taken);
    while (answer !== undefined) {
      this.#early.delete(this.#taken);
      this.#waiting?.take(answer, this.#taken++);
      answer = this.#early.get(this.#taken);
    }
    if (this.#taken === this.size) this.#waiting?.resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const worker of this.#workers) worker.terminate();
    this.#waiting?.reject(this.#failure);
  }
}

function failed(found: string): SthelarError {
  return new SthelarError("StageFailed", { action: ACTION, found });
}

import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { aborted } from "@/core/turns.ts";
import type { PoolReply, PoolRequest } from "./pool_message.ts";

/** How workers are run. */
export interface WorkerPoolOptions {
  /** How many workers (default 1). */
  readonly size?: number;
  /** What fails if a worker does: `Cannot lay a graph out`. */
  readonly action: string;
  /** What an abort stops: `Stopped laying a graph out`. */
  readonly stopped: string;
  /** Receives what workers tell of their progress. */
  readonly progress?: Progress;
  /** Ends the workers. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/**
 * Workers that call `serveTasks`. Whatever fails in one of them ends all, and fails what was asked and
 * will be. Disposing of them ends them.
 *
 * @template I What each task takes, by its name; arrays on shared memory are not copied.
 * @template A What each task answers.
 */
export class WorkerPool<I, A extends Record<keyof I, unknown>> implements Disposable {
  readonly #workers: readonly Worker[];
  readonly #options: WorkerPoolOptions;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #failure: { readonly error: unknown } | undefined;

  /** @param url The workers' module. */
  constructor(url: URL, options: WorkerPoolOptions) {
    this.#options = options;
    const { size = 1, signal } = options;
    const isAborted = signal?.aborted === true;
    this.#workers = Array.from({ length: isAborted ? 0 : size }, () => this.#start(url));
    signal?.addEventListener("abort", this.#abort);
    if (isAborted) this.#abort();
  }

  /** How many workers there are. */
  get size(): number {
    return this.#options.size ?? 1;
  }

  /**
   * Asks one worker.
   *
   * @param transfer Array buffers of the input that are moved instead of copied.
   * @throws {SthelarError} What the task throws; `Aborted`; `StageFailed` if a worker dies.
   */
  ask<T extends keyof I & string>(
    worker: number,
    task: T,
    input: I[T],
    transfer: Transferable[] = [],
  ): Promise<A[T]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const { promise, resolve, reject } = Promise.withResolvers<A[T]>();
    const request: PoolRequest = { id: this.#asked++, task, input };
    this.#waiting.set(request.id, { resolve: resolve as Waiting["resolve"], reject });
    this.#workers[worker].postMessage(request, transfer);
    return promise;
  }

  /**
   * Asks the workers in turn.
   *
   * @returns Their answers, in the order of the inputs.
   * @throws {SthelarError} As {@link WorkerPool.ask}.
   */
  askAll<T extends keyof I & string>(task: T, inputs: readonly I[T][]): Promise<A[T][]> {
    return Promise.all(inputs.map((input, i) => this.ask(i % this.size, task, input)));
  }

  [Symbol.dispose](): void {
    this.#options.signal?.removeEventListener("abort", this.#abort);
    for (const worker of this.#workers) worker.terminate();
  }

  readonly #abort = () => this.#fail(aborted(this.#options.stopped, this.#options.signal));

  #start(url: URL): Worker {
    const worker = new Worker(url.href, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<PoolReply>) => this.#receive(data);
    worker.onmessageerror = () => this.#died("a message that cannot be read");
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died(event.message);
    };
    return worker;
  }

  #receive(reply: PoolReply): void {
    if (reply.kind === "done") {
      this.#waiting.get(reply.id)?.resolve(reply.answer);
      this.#waiting.delete(reply.id);
    } else if (reply.kind === "failed") {
      const { tag, message } = reply;
      this.#fail(
        tag === undefined ? this.#failed(message) : new SthelarError(tag, { action: message }),
      );
    } else {
      try {
        (this.#options.progress ?? silentProgress).update(reply.done, reply.total, reply.unit);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #died(found: string): void {
    const action = `${this.#options.action}: its worker died`;
    this.#fail(new SthelarError("StageFailed", { action, found }));
  }

  #failed(found: string): SthelarError {
    return new SthelarError("StageFailed", { action: this.#options.action, found });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const worker of this.#workers) worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#failure.error);
    this.#waiting.clear();
  }
}

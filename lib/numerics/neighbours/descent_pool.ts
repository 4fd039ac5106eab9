import { SthelarError } from "@/core/errors.ts";
import { aborted } from "@/core/turns.ts";
import type { DescentAnswers, DescentTasks } from "./descent_tasks.ts";
import type { DescentReply, DescentRequest } from "./descent_worker.ts";
import { STOPPED } from "./point_rows.ts";

interface Waiting {
  resolve(answer: DescentAnswers[keyof DescentAnswers]): void;
  reject(error: unknown): void;
}

/** Workers that tasks of NN-descent are given to. Disposing of them ends them. */
export class DescentPool implements Disposable {
  readonly #workers: readonly Worker[];
  readonly #signal: AbortSignal | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #failure: unknown;

  constructor(threads: number, signal?: AbortSignal) {
    this.#signal = signal;
    const url = new URL("./descent_worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(url.href, { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<DescentReply>) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(failed(event.message));
      };
      return worker;
    });
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.#abort();
  }

  /** How many workers there are. */
  get size(): number {
    return this.#workers.length;
  }

  /**
   * Gives tasks to the workers in turn.
   *
   * @returns Their answers, in the order of the inputs.
   * @throws {SthelarError} `Aborted`; `StageFailed` if a worker fails.
   */
  askAll<T extends keyof DescentTasks>(
    task: T,
    inputs: readonly DescentTasks[T][],
  ): Promise<DescentAnswers[T][]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return Promise.all(inputs.map((input, i) => {
      const { promise, resolve, reject } = Promise.withResolvers<DescentAnswers[T]>();
      const request: DescentRequest = { id: this.#asked++, task, input };
      this.#waiting.set(request.id, { resolve: resolve as Waiting["resolve"], reject });
      this.#workers[i % this.#workers.length].postMessage(request);
      return promise;
    }));
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const worker of this.#workers) worker.terminate();
  }

  readonly #abort = () => this.#fail(aborted(STOPPED, this.#signal));

  #receive(reply: DescentReply): void {
    if ("message" in reply) return this.#fail(failed(reply.message));
    this.#waiting.get(reply.id)?.resolve(reply.answer);
    this.#waiting.delete(reply.id);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    for (const worker of this.#workers) worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

function failed(found: string): SthelarError {
  return new SthelarError("StageFailed", { action: "Cannot find nearest neighbours", found });
}

import { SthelarError } from "@/core/errors.ts";
import type { Reply } from "./program_protocol.ts";

/** How long a worker may take to give its memory back before it is terminated. */
const FAREWELL_MS = 5000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  report(value: unknown): void;
}

/**
 * Asks a worker, one answer for each question. Its death fails all questions, later ones too, and
 * so does an abort, or an error in what reports are given to.
 */
export class WorkerLink<Q> {
  readonly #worker: Worker;
  readonly #farewell: Q;
  readonly #waiting = new Map<number, Waiting>();
  readonly #signal: AbortSignal | undefined;
  #asked = 0;
  #ended: { readonly error: unknown; readonly gone: Promise<void> } | undefined;

  /**
   * @param url The worker's module.
   * @param farewell The last question: the worker stops what it does, and answers when its native
   * memory is given back, which terminating it would not do.
   */
  constructor(url: URL, farewell: Q, signal?: AbortSignal) {
    this.#farewell = farewell;
    this.#signal = signal;
    this.#worker = new Worker(url.href, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(died(event.message), false);
    };
    this.#worker.onmessageerror = () => this.#end(died("a message that cannot be read"), false);
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.#abort();
  }

  /** Asks; `transfer` moves array buffers instead of copying them. */
  ask<T>(
    question: Q,
    transfer: Transferable[] = [],
    report: (value: unknown) => void = () => {},
  ): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended.error);
    return new Promise<T>((resolve, reject) => {
      this.#send(question, transfer, { resolve: (value) => resolve(value as T), reject, report });
    });
  }

  /** Ends the worker: what still waits fails now; resolves when the worker is gone. */
  close(): Promise<void> {
    this.#end(
      new SthelarError("InvalidArgument", {
        action: "Cannot use a tensor program",
        found: "that it was disposed",
      }),
      true,
    );
    return this.#ended?.gone ?? Promise.resolve();
  }

  readonly #abort = () => {
    const cause = this.#signal?.reason;
    this.#end(new SthelarError("Aborted", { action: "Stopped a tensor program", cause }), true);
  };

  #send(question: Q, transfer: Transferable[], waiting: Waiting): void {
    const id = this.#asked++;
    this.#waiting.set(id, waiting);
    this.#worker.postMessage({ id, question }, transfer);
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.kind === "report") {
      try {
        waiting.report(reply.value);
      } catch (error) {
        this.#end(error, true);
      }
      return;
    }
    this.#waiting.delete(reply.id);
    if (reply.kind === "done") waiting.resolve(reply.value);
    else waiting.reject(new SthelarError(reply.tag, reply.parts));
  }

  #end(error: unknown, alive: boolean): void {
    if (!alive) this.#worker.terminate();
    if (this.#ended !== undefined && alive) return;
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ended ??= { error, gone: alive ? this.#sayFarewell() : Promise.resolve() };
    for (const { reject } of failed) reject(error);
  }

  async #sayFarewell(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FAREWELL_MS);
    const done = () => resolve();
    this.#send(this.#farewell, [], { resolve: done, reject: done, report: done });
    await promise;
    clearTimeout(timer);
    this.#worker.terminate();
  }
}

function died(message: string): SthelarError {
  return new SthelarError("StageFailed", {
    action: "Cannot run a tensor program: its worker died",
    found: message,
  });
}

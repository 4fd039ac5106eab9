import { SthelarError } from "@/core/errors.ts";
import { compressZstd } from "./zstd.ts";

/** Compresses chunks, on other threads if it has workers; the bytes do not depend on how many. */
export interface CompressPool extends Disposable {
  /**
   * Compresses bytes into one zstd frame.
   *
   * @param bytes Copied; stay the caller's.
   * @param level As in zstd: 1 (fast) to 22 (small).
   * @throws {SthelarError} `StageFailed` if a worker crashes.
   */
  compress(bytes: Uint8Array, level: number): Promise<Uint8Array>;
}

/** What a worker is asked. */
export interface CompressRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly level: number;
}

/** What it answers. */
export interface CompressReply {
  readonly id: number;
  readonly frame: Uint8Array<ArrayBuffer>;
}

interface Job {
  resolve(frame: Uint8Array): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

/**
 * Makes a pool that compresses zarr chunks. After it is disposed it compresses in the caller's
 * thread.
 *
 * @param workers Threads; 0 compresses in the caller's. Threads start with the first chunk.
 *
 * @example The same bytes on any number of threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createCompressPool } from "@/formats/zarr/mod.ts";
 *
 * const bytes = new Uint8Array(5000).fill(3);
 * using inline = createCompressPool(0);
 * using threaded = createCompressPool(1);
 * assertEquals(await threaded.compress(bytes, 1), await inline.compress(bytes, 1));
 * ```
 */
export function createCompressPool(workers: number): CompressPool {
  const threads: Thread[] = [];
  let nextId = 0;
  let closed = false;
  return {
    compress(bytes, level) {
      if (workers === 0 || closed) return Promise.resolve(compressZstd(bytes, level));
      const { worker, jobs } = idlest(threads, workers);
      const id = nextId++;
      return new Promise((resolve, reject) => {
        jobs.set(id, { resolve, reject });
        worker.postMessage({ id, bytes, level } satisfies CompressRequest);
      });
    },
    [Symbol.dispose]() {
      closed = true;
      for (const { worker } of threads.splice(0)) worker.terminate();
    },
  };
}

function idlest(threads: Thread[], limit: number): Thread {
  const best = threads.toSorted((a, b) => a.jobs.size - b.jobs.size).at(0);
  if (best !== undefined && (best.jobs.size === 0 || threads.length === limit)) return best;
  const url = new URL("./compress_worker.ts", import.meta.url).href;
  const thread: Thread = { worker: new Worker(url, { type: "module" }), jobs: new Map() };
  thread.worker.onmessage = ({ data: { id, frame } }: MessageEvent<CompressReply>) => {
    thread.jobs.get(id)?.resolve(frame);
    thread.jobs.delete(id);
  };
  thread.worker.onerror = (event) => {
    event.preventDefault();
    threads.splice(threads.indexOf(thread), 1);
    const error = new SthelarError("StageFailed", {
      action: "Cannot compress a chunk: its worker crashed",
      found: event.message,
    });
    for (const { reject } of thread.jobs.values()) reject(error);
  };
  threads.push(thread);
  return thread;
}

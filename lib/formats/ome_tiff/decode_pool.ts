import { SthelarError } from "@/core/errors.ts";
import { type DecodeReply, fromFault } from "./decode_messages.ts";
import { decodeTile } from "./decode_tile.ts";
import { Semaphore } from "./semaphore.ts";
import type { EncodedTile, TileSamples } from "./tile_encoding.ts";

/** Decodes tiles, on other threads if it has workers; the values do not depend on how many. */
export interface DecodePool extends AsyncDisposable {
  /** Threads; 0 decodes in the caller's. */
  readonly workers: number;
  /** Tiles that are read or decoded at one time; more calls wait, with nothing read. */
  readonly capacity: number;
  /**
   * Decodes one tile.
   *
   * @param load Reads the tile's bytes; called when there is room, its buffer is given away.
   * @returns (samples, clipHeight, clipWidth), in a buffer of its own.
   * @throws {SthelarError} What `load` or the decoder throws; `StageFailed` if a worker crashes;
   * `InvalidArgument` if the pool is closed.
   */
  decode(load: () => Promise<EncodedTile>): Promise<TileSamples>;
}

/** How {@link createDecodePool} makes a pool. */
export interface DecodePoolOptions {
  /** Threads; 0 decodes in the caller's. Threads start with the first tile. */
  readonly workers: number;
  /** Starts a thread; tests pass one that crashes. */
  readonly spawnWorker?: () => Worker;
}

/**
 * Makes a pool that decodes tiles. Close it with `await using` or `Symbol.asyncDispose`, which wait
 * for the tiles that were asked for.
 *
 * @throws {SthelarError} `InvalidArgument` if `workers` is no whole number from 0.
 *
 * @example The same values on any number of threads
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { createDecodePool, type TileEncoding } from "@/formats/ome_tiff/mod.ts";
 *
 * const encoding: TileEncoding = {
 *   compression: "none",
 *   dtype: "uint8",
 *   littleEndian: true,
 *   width: 2,
 *   height: 2,
 *   clipWidth: 1,
 *   clipHeight: 2,
 *   samples: 1,
 *   horizontalDifferences: false,
 *   colour: "asStored",
 *   jpegTables: undefined,
 * };
 * for (const workers of [0, 1]) {
 *   await using pool = createDecodePool({ workers });
 *   const load = () => Promise.resolve({ bytes: Uint8Array.of(1, 2, 3, 4), encoding });
 *   assertEquals(await pool.decode(load), Uint8Array.of(1, 3));
 * }
 * ```
 */
export function createDecodePool({ workers, spawnWorker }: DecodePoolOptions): DecodePool {
  if (!Number.isInteger(workers) || workers < 0) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot make a decode pool",
      found: `${workers} workers`,
      expected: "a whole number from 0",
    });
  }
  return new ThreadedDecodePool(workers, spawnWorker ?? spawnDecodeWorker);
}

function spawnDecodeWorker(): Worker {
  return new Worker(new URL("./decode_worker.ts", import.meta.url).href, { type: "module" });
}

interface Job {
  resolve(samples: TileSamples): void;
  reject(error: unknown): void;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

class ThreadedDecodePool implements DecodePool {
  readonly workers: number;
  readonly capacity: number;
  readonly #spawn: () => Worker;
  readonly #room: Semaphore;
  readonly #threads: Thread[] = [];
  #nextId = 0;
  #closed = false;

  constructor(workers: number, spawn: () => Worker) {
    this.workers = workers;
    // One tile decodes while the next is read, so that no thread waits for the disk.
    this.capacity = 2 * Math.max(1, workers);
    this.#spawn = spawn;
    this.#room = new Semaphore(this.capacity);
  }

  async decode(load: () => Promise<EncodedTile>): Promise<TileSamples> {
    this.#expectOpen();
    await this.#room.enter();
    try {
      const tile = await load();
      return await (this.workers === 0 ? decodeTile(tile) : this.#send(tile));
    } finally {
      this.#room.leave();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#room.whenEmpty();
    for (const { worker } of this.#threads.splice(0)) worker.terminate();
  }

  #expectOpen(): void {
    if (!this.#closed) return;
    throw new SthelarError("InvalidArgument", {
      action: "Cannot decode a tile",
      found: "a decode pool that was closed",
      remedy: "close the pool after the last tile has come",
    });
  }

  #send({ bytes, encoding }: EncodedTile): Promise<TileSamples> {
    const { worker, jobs } = this.#idlestThread();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      jobs.set(id, { resolve, reject });
      worker.postMessage({ id, bytes, encoding }, [bytes.buffer]);
    });
  }

  #idlestThread(): Thread {
    const idlest = this.#threads.toSorted((a, b) => a.jobs.size - b.jobs.size).at(0);
    if (idlest !== undefined && (idlest.jobs.size === 0 || this.#threads.length === this.workers)) {
      return idlest;
    }
    const thread: Thread = { worker: this.#spawn(), jobs: new Map() };
    thread.worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => settle(thread, data);
    thread.worker.onerror = (event) => {
      event.preventDefault();
      this.#bury(thread, event.message);
    };
    thread.worker.onmessageerror = () => this.#bury(thread, "an answer that can't be read");
    this.#threads.push(thread);
    return thread;
  }

  /** Rejects the jobs of a thread that crashed; the next job starts a new one. */
  #bury(thread: Thread, message: string): void {
    thread.worker.terminate();
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    for (const { reject } of thread.jobs.values()) {
      reject(
        new SthelarError("StageFailed", {
          action: "Cannot decode a tile: its worker crashed",
          found: message,
        }),
      );
    }
    thread.jobs.clear();
  }
}

function settle({ jobs }: Thread, reply: DecodeReply): void {
  const job = jobs.get(reply.id);
  jobs.delete(reply.id);
  if ("fault" in reply) job?.reject(fromFault(reply.fault, { action: "Cannot decode a tile" }));
  else job?.resolve(reply.samples);
}

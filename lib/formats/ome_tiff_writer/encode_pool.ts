import { SthelarError } from "@/core/errors.ts";
import type { EncodeReply, EncodeRequest } from "./encode_worker.ts";

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
}

/** Encodes JPEG 2000 tiles in workers, so that the caller can go on. */
export class EncodePool {
  readonly #workers: Worker[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #sent = 0;

  /** @param size How many workers there are at most. */
  constructor(readonly size: number) {}

  /** Encodes a tile; its samples are handed over and can't be used afterwards. */
  encode(
    samples: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>,
    width: number,
    height: number,
  ): Promise<Uint8Array> {
    const id = this.#sent++;
    const worker = this.#workers[id % this.size] ?? this.#start();
    const request: EncodeRequest = { id, samples, width, height };
    const reply = new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    worker.postMessage(request, [samples.buffer]);
    return reply;
  }

  /** Stops the workers. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL("./encode_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<EncodeReply>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ("bytes" in data) waiting?.resolve(data.bytes);
      else waiting?.reject(failure(data.message));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) reject(failure(event.message));
      this.#waiting.clear();
    };
    this.#workers.push(worker);
    return worker;
  }
}

function failure(message: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: "Cannot encode a JPEG 2000 tile",
    found: message,
  });
}

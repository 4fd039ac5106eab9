import { WorkerPool } from "@/numerics/workers/mod.ts";
import { encodePng } from "./encode_png.ts";
import type { PngAnswers, PngInputs } from "./png_tasks.ts";

/** Encodes square pictures as PNG, on other threads if there are several. */
export class PngEncoder implements Disposable {
  readonly #width: number;
  readonly #pool: WorkerPool<PngInputs, PngAnswers> | undefined;
  #asked = 0;

  /**
   * @param width Side of a picture, px.
   * @param threads How many; 1 encodes in the caller's.
   */
  constructor(width: number, readonly threads: number) {
    this.#width = width;
    if (threads > 1) {
      this.#pool = new WorkerPool(new URL("./png_worker.ts", import.meta.url), {
        size: threads,
        action: "Cannot encode a picture",
        stopped: "Stopped encoding pictures",
      });
    }
  }

  /**
   * The content of a PNG file.
   *
   * @param rgb Moved to a thread, of no use afterwards.
   */
  async encode(rgb: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    if (this.#pool === undefined) return encodePng(rgb, this.#width, this.#width);
    const picture = { rgb, width: this.#width };
    return await this.#pool.ask(this.#asked++ % this.threads, "encode", picture, [rgb.buffer]);
  }

  [Symbol.dispose](): void {
    this.#pool?.[Symbol.dispose]();
  }
}

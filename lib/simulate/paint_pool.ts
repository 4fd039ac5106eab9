import { SthelarError } from "@/core/errors.ts";
import type { PaintReply, PaintRequest } from "./paint_worker.ts";
import { type Picture, picturePainter } from "./picture_painter.ts";
import type { SimulatedTissue } from "./simulated_tissue.ts";

type Pixels = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

interface Waiting {
  resolve(pixels: Pixels): void;
  reject(error: unknown): void;
}

/** Workers start more slowly than so many pixels are painted. */
const PIXELS_WITHOUT_WORKERS = 1024 * 1024;

/** Paints parts of a picture, a large one in workers. Each part depends on its place alone. */
export class PaintPool {
  readonly #here: ReturnType<typeof picturePainter> | undefined;
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #sent = 0;

  /** Makes ready for one picture of a tissue. */
  constructor(tissue: SimulatedTissue, picture: Picture) {
    const { width, height } = picture === "he" ? tissue.plan.he : tissue.plan;
    const isSmall = width * height <= PIXELS_WITHOUT_WORKERS;
    this.#here = isSmall ? picturePainter(tissue, picture) : undefined;
    const size = isSmall ? 0 : Math.max(1, Math.min(4, navigator.hardwareConcurrency));
    this.#workers = Array.from({ length: size }, () => {
      const worker = new Worker(new URL("./paint_worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<PaintReply>) => {
        const waiting = this.#waiting.get(data.id);
        this.#waiting.delete(data.id);
        if ("pixels" in data) waiting?.resolve(data.pixels);
        else waiting?.reject(failure(data.message));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        for (const { reject } of this.#waiting.values()) reject(failure(event.message));
        this.#waiting.clear();
      };
      worker.postMessage({ kind: "tissue", tissue, picture } satisfies PaintRequest);
      return worker;
    });
  }

  /** Pixels of a part of the picture. */
  async paint(x: number, y: number, width: number, height: number): Promise<Pixels> {
    if (this.#here !== undefined) return this.#here.paint(x, y, width, height);
    const id = this.#sent++;
    const painted = new Promise<Pixels>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const request: PaintRequest = { kind: "part", id, part: [x, y, width, height] };
    this.#workers[id % this.#workers.length].postMessage(request);
    return await painted;
  }

  /** Stops the workers. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

function failure(found: string): SthelarError {
  return new SthelarError("StageFailed", { action: "Cannot paint a simulated image", found });
}

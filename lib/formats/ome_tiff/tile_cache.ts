import type { TileSamples } from "./tile_encoding.ts";

/** Keeps the tiles that were used last, up to a number of bytes. */
export class TileCache {
  readonly #maxBytes: number;
  readonly #tiles = new Map<string, Promise<TileSamples>>();
  readonly #bytes = new Map<string, number>();
  #totalBytes = 0;

  /** @param maxBytes Bytes of decoded tiles to keep. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of decoded tiles that are kept. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** The tile named `key`; loads it once, also for callers that ask while it is on its way. */
  get(key: string, load: () => Promise<TileSamples>): Promise<TileSamples> {
    const known = this.#tiles.get(key);
    if (known !== undefined) {
      this.#tiles.delete(key);
      this.#tiles.set(key, known);
      return known;
    }
    const loading = load().then(
      (samples) => {
        this.#keep(key, samples.byteLength);
        return samples;
      },
      (error) => {
        this.#tiles.delete(key);
        throw error;
      },
    );
    this.#tiles.set(key, loading);
    return loading;
  }

  #keep(key: string, bytes: number): void {
    this.#bytes.set(key, bytes);
    this.#totalBytes += bytes;
    for (const oldest of this.#tiles.keys()) {
      if (this.#totalBytes <= this.#maxBytes) return;
      const oldestBytes = this.#bytes.get(oldest);
      // A tile still on its way takes no room yet.
      if (oldestBytes === undefined) continue;
      this.#tiles.delete(oldest);
      this.#bytes.delete(oldest);
      this.#totalBytes -= oldestBytes;
    }
  }
}

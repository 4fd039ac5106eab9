import type { NumericArray, NumericDType } from "@/core/arrays.ts";
import type { Halving } from "./halving.ts";
import { type LevelGrid, type TileBox, tileBox, type TileIndex } from "./level_grid.ts";

/** A finished tile of the coarser level. */
export interface ReducedTile {
  /** Its place. */
  readonly index: TileIndex;
  /** Its pixels. */
  readonly data: NumericArray;
}

/** Reads pixels of the finer level that were written before. */
export type ReadBack = (box: TileBox) => Promise<NumericArray>;

interface PendingTile {
  readonly index: TileIndex;
  readonly box: TileBox;
  /** Pixels of the finer level that are still to come. */
  missing: number;
  /** Working memory; given up where there is too much of it. */
  target: NumericArray | undefined;
}

/**
 * Makes the tiles of a level from the tiles of the finer one, in whatever order these come. What is
 * half done is kept up to a limit; beyond it the tile untouched for longest is given up and made
 * later from the stored finer level.
 */
export class LevelReducer {
  readonly #pending = new Map<string, PendingTile>();
  readonly #origin: readonly [number, number];
  #heldBytes = 0;

  constructor(
    readonly finer: LevelGrid,
    readonly coarser: LevelGrid,
    readonly dtype: NumericDType,
    readonly halving: Halving,
    readonly maxBytes: number,
    readonly readBack: ReadBack,
  ) {
    this.#origin = [halving.origin(finer.shape[1]), halving.origin(finer.shape[2])];
  }

  /** Takes a tile of the finer level that has been stored; returns the tiles that it completes. */
  async add(index: TileIndex, data: NumericArray): Promise<ReducedTile[]> {
    const source = tileBox(this.finer, index);
    const complete: PendingTile[] = [];
    for (const pending of this.#touched(index[0], source)) {
      pending.missing -= this.#merge(pending, data, source);
      if (pending.missing === 0) complete.push(pending);
    }
    this.#limitMemory();
    return await this.#finishAll(complete);
  }

  /** Completes what is left, taking pixels that never came as 0. */
  async flush(): Promise<ReducedTile[]> {
    return await this.#finishAll([...this.#pending.values()]);
  }

  *#touched(channel: number, source: TileBox): Generator<PendingTile> {
    const [rows, columns] = ([1, 2] as const).map((axis) => {
      const first = Math.max(0, (source.start[axis] - this.#origin[axis - 1]) >> 1);
      const last = Math.min(
        this.coarser.shape[axis] - 1,
        (source.start[axis] + source.extent[axis] - 1 - this.#origin[axis - 1]) >> 1,
      );
      const size = this.coarser.chunks[axis];
      return [Math.floor(first / size), Math.floor(last / size)];
    });
    for (let row = rows[0]; row <= rows[1]; row++) {
      for (let column = columns[0]; column <= columns[1]; column++) {
        yield this.#pendingTile([channel, row, column]);
      }
    }
  }

  #pendingTile(index: TileIndex): PendingTile {
    const key = index.join("/");
    const known = this.#pending.get(key);
    if (known !== undefined) {
      this.#pending.delete(key);
      this.#pending.set(key, known);
      return known;
    }
    const box = tileBox(this.coarser, index);
    const pixels = box.extent[0] * box.extent[1] * box.extent[2];
    const target = this.halving.allocate(this.dtype, pixels);
    this.#heldBytes += target.byteLength;
    const tile = { index, box, missing: pixels * this.halving.pixelsPerWindow, target };
    this.#pending.set(key, tile);
    return tile;
  }

  #merge(pending: PendingTile, data: NumericArray, source: TileBox): number {
    if (pending.target !== undefined) {
      return this.halving.add(pending.target, pending.box, data, source, this.#origin);
    }
    return this.#countOverlap(pending.box, source);
  }

  /** What `halving.add` would count, without adding. */
  #countOverlap(target: TileBox, source: TileBox): number {
    const onePerWindow = this.halving.pixelsPerWindow === 1;
    const spans = ([1, 2] as const).map((axis) => {
      const origin = this.#origin[axis - 1];
      const first = Math.max(origin + 2 * target.start[axis], source.start[axis]);
      const end = Math.min(
        origin + 2 * (target.start[axis] + target.extent[axis]),
        source.start[axis] + source.extent[axis],
      );
      if (end <= first) return 0;
      return onePerWindow ? (end >> 1) - (first >> 1) : end - first;
    });
    return source.extent[0] * spans[0] * spans[1];
  }

  #limitMemory(): void {
    if (this.#heldBytes <= this.maxBytes) return;
    for (const pending of this.#pending.values()) {
      if (pending.target === undefined || pending.missing === 0) continue;
      this.#heldBytes -= pending.target.byteLength;
      pending.target = undefined;
      if (this.#heldBytes <= this.maxBytes) return;
    }
  }

  async #finishAll(tiles: readonly PendingTile[]): Promise<ReducedTile[]> {
    for (const { index } of tiles) this.#pending.delete(index.join("/"));
    const finished: ReducedTile[] = [];
    for (const tile of tiles) finished.push({ index: tile.index, data: await this.#finish(tile) });
    return finished;
  }

  async #finish({ box, target }: PendingTile): Promise<NumericArray> {
    if (target !== undefined) {
      this.#heldBytes -= target.byteLength;
      return this.halving.finish(target, this.dtype);
    }
    const [c, y, x] = box.start;
    const [channels, height, width] = box.extent;
    const source: TileBox = {
      start: [c, this.#origin[0] + 2 * y, this.#origin[1] + 2 * x],
      extent: [channels, 2 * height, 2 * width],
    };
    const rebuilt = this.halving.allocate(this.dtype, channels * height * width);
    this.halving.add(rebuilt, box, await this.readBack(source), source, this.#origin);
    return this.halving.finish(rebuilt, this.dtype);
  }
}

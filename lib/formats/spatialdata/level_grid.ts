/** A level of a pyramid, cut into tiles. */
export interface LevelGrid {
  /** Channels, rows, columns. */
  readonly shape: readonly [c: number, y: number, x: number];
  /** Channels, rows, columns of a tile (less at the far edges). */
  readonly chunks: readonly [c: number, y: number, x: number];
}

/** A tile's place in its level's grid: along channels, rows and columns. */
export type TileIndex = readonly [channel: number, row: number, column: number];

/** The pixels of a tile. */
export interface TileBox {
  /** First channel, row, column. */
  readonly start: readonly [c: number, y: number, x: number];
  /** Channels, rows, columns, clipped to the level's edge. */
  readonly extent: readonly [c: number, y: number, x: number];
}

/** The pixels of a tile. */
export function tileBox({ shape, chunks }: LevelGrid, index: TileIndex): TileBox {
  const axes = [0, 1, 2] as const;
  const start = axes.map((axis) => index[axis] * chunks[axis]);
  const extent = axes.map((axis) => Math.min(chunks[axis], shape[axis] - start[axis]));
  return { start: start as unknown as TileIndex, extent: extent as unknown as TileIndex };
}

/** A grid whose tiles are no larger than the level. */
export function levelGrid(shape: LevelGrid["shape"], chunks: LevelGrid["chunks"]): LevelGrid {
  const axes = [0, 1, 2] as const;
  return {
    shape,
    chunks: axes.map((axis) =>
      Math.max(1, Math.min(chunks[axis], shape[axis]))
    ) as unknown as LevelGrid["chunks"],
  };
}

/**
 * The sizes of a pyramid that halves, each extent rounded down, until a side would vanish.
 *
 * @param count How many levels at most, level 0 among them.
 */
export function halvedShapes(shape: LevelGrid["shape"], count: number): LevelGrid["shape"][] {
  const shapes = [shape];
  while (shapes.length < count) {
    const [c, y, x] = shapes[shapes.length - 1];
    if (y < 2 || x < 2) break;
    shapes.push([c, y >> 1, x >> 1]);
  }
  return shapes;
}

import type { NumericArray } from "@/core/arrays.ts";

/** A half-open interval on one axis. */
export type Range = readonly [start: number, stop: number];

/** Values of a chunk, with its own strides. */
export interface StridedBlock<T> {
  readonly data: T;
  readonly stride: readonly number[];
}

/** Steps between neighbours on each axis, C order. */
export function strideOf(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis];
  }
  return stride;
}

/** The indices of the chunks that a region touches, last axis fastest. */
export function* chunksTouching(
  ranges: readonly Range[],
  chunks: readonly number[],
): Generator<number[]> {
  if (ranges.some(([start, stop]) => start >= stop)) return;
  const first = ranges.map(([start], axis) => Math.floor(start / chunks[axis]));
  const last = ranges.map(([, stop], axis) => Math.ceil(stop / chunks[axis]) - 1);
  const index = [...first];
  while (true) {
    yield [...index];
    let axis = index.length - 1;
    while (axis >= 0 && index[axis] === last[axis]) {
      index[axis] = first[axis];
      axis--;
    }
    if (axis < 0) return;
    index[axis]++;
  }
}

/**
 * Copies the part of a chunk that lies in a region.
 *
 * @param chunk The chunk's values.
 * @param corner First element of the chunk on each axis.
 * @param extent Extents of the chunk.
 * @param target Receives the values; its first element is the region's.
 * @param ranges The region.
 */
export function copyOverlap<T extends NumericArray | string[]>(
  chunk: StridedBlock<T>,
  corner: readonly number[],
  extent: readonly number[],
  target: StridedBlock<T>,
  ranges: readonly Range[],
): void {
  const from = ranges.map(([start], axis) => Math.max(start, corner[axis]));
  const to = ranges.map(([, stop], axis) => Math.min(stop, corner[axis] + extent[axis]));
  const visit = (axis: number, source: number, destination: number) => {
    if (axis === ranges.length) {
      target.data[destination] = chunk.data[source];
      return;
    }
    const count = to[axis] - from[axis];
    source += (from[axis] - corner[axis]) * chunk.stride[axis];
    destination += (from[axis] - ranges[axis][0]) * target.stride[axis];
    const isRun = axis === ranges.length - 1 && chunk.stride[axis] === 1 &&
      !Array.isArray(chunk.data);
    if (isRun) {
      const run = (chunk.data as Uint8Array).subarray(source, source + count);
      (target.data as Uint8Array).set(run, destination);
      return;
    }
    for (let i = 0; i < count; i++) {
      visit(axis + 1, source + i * chunk.stride[axis], destination + i * target.stride[axis]);
    }
  };
  visit(0, 0, 0);
}

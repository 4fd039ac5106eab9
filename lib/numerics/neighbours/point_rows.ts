import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";

/** What fails. */
export const ACTION = "Cannot find nearest neighbours";
/** What it says that was stopped. */
export const STOPPED = "Stopped looking for nearest neighbours";

/** Points as kernels read them: rows of a multiple of four coordinates, the last ones zero. */
export interface PointRows {
  /** `count * width` coordinates, on memory that workers share. */
  readonly data: Float32Array<SharedArrayBuffer>;
  /** How many points there are. */
  readonly count: number;
  /** Coordinates of a row, a multiple of four. */
  readonly width: number;
}

/**
 * Copies the first components of points.
 *
 * @throws {SthelarError} `InvalidArgument` for another shape; `CorruptData` for a coordinate that is
 * not finite.
 */
export function toPointRows(
  points: DenseArray<Float32Array>,
  components: number = points.shape[1],
): PointRows {
  const [count, columns] = points.shape;
  if (points.shape.length !== 2 || points.data.length !== count * columns) {
    throw invalid(
      `${points.data.length} values for the shape [${points.shape.join(", ")}]`,
      "a matrix of points by components",
    );
  }
  if (!(Number.isSafeInteger(components) && components >= 1 && components <= columns)) {
    throw invalid(`${components} components`, `a whole number from 1 to ${columns}`);
  }
  const width = Math.ceil(components / 4) * 4;
  const data = new Float32Array(new SharedArrayBuffer(4 * count * width));
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < components; k++) {
      const value = points.data[row * columns + k];
      if (!Number.isFinite(value)) throw notFinite(value, row, k);
      data[row * width + k] = value;
    }
  }
  return { data, count, width };
}

/** Square of the Euclidean distance of two rows: the same bits in either order. */
export function squaredDistance(
  data: Float32Array,
  width: number,
  a: number,
  b: number,
): number {
  let i = a * width;
  let j = b * width;
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (const end = i + width; i < end; i += 4, j += 4) {
    const d0 = data[i] - data[j];
    const d1 = data[i + 1] - data[j + 1];
    const d2 = data[i + 2] - data[j + 2];
    const d3 = data[i + 3] - data[j + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  return (s0 + s1) + (s2 + s3);
}

/** The error of an option that cannot be right. */
export function invalid(found: string, expected: string, remedy?: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    ...{ found, expected },
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function notFinite(value: number, row: number, component: number): SthelarError {
  return new SthelarError("CorruptData", {
    action: ACTION,
    found: `${value} in point ${row}, component ${component}`,
    expected: "finite coordinates",
    remedy: "leave the point out, or look for what made it",
  });
}

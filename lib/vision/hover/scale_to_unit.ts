import { SthelarError } from "@/core/errors.ts";
import type { ValueRange } from "@/vision/raster/mod.ts";

/**
 * Scales values to [0, 1], as `cv2.normalize(values, None, 0, 1, NORM_MINMAX, CV_32F)`: values that are
 * all equal (within 2e-16) become 0.
 *
 * @param precision Of the values: what is single is computed with in single precision.
 * @param into Gets the scaled values, in single precision; may be `values`.
 * @param name What they are, for errors.
 * @throws {SthelarError} `CorruptData` if a value is no finite number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scaleToUnit } from "@/vision/hover/mod.ts";
 *
 * const scaled = new Float32Array(3);
 * scaleToUnit(Float64Array.of(2, 3, 4), "double", scaled, "map");
 * assertEquals([...scaled], [0, 0.5, 1]);
 * ```
 */
export function scaleToUnit(
  values: Float32Array | Float64Array,
  precision: "single" | "double",
  into: Float32Array | Float64Array,
  name: string,
): void {
  const { scale, shift } = unitScale(findRange(values, name));
  if (precision === "double") {
    for (let p = 0; p < values.length; p++) into[p] = Math.fround(values[p] * scale + shift);
    return;
  }
  for (let p = 0; p < values.length; p++) {
    into[p] = Math.fround(Math.fround(values[p] * scale) + shift);
  }
}

/** What takes values to [0, 1]: a factor and what is added then, in single precision. */
export interface UnitScale {
  readonly scale: number;
  readonly shift: number;
}

/** What {@link scaleToUnit} scales values of a range by. */
export function unitScale({ min, max }: ValueRange): UnitScale {
  const scale = Math.fround(max - min > Number.EPSILON ? 1 / (max - min) : 0);
  return { scale, shift: -Math.fround(min * scale) };
}

function findRange(values: Float32Array | Float64Array, name: string): ValueRange {
  let min = Infinity, max = -Infinity;
  for (let p = 0; p < values.length; p++) {
    const value = values[p];
    if (value < min) min = value;
    if (value <= max) continue;
    max = value;
    if (Number.isNaN(value)) break;
  }
  if (!(Number.isFinite(min) && Number.isFinite(max))) refuseInfinite(values, name);
  return { min, max };
}

function refuseInfinite(values: Float32Array | Float64Array, name: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot use the ${name} map of a prediction`,
    found: `${values[at]} at pixel ${at}`,
    expected: "finite numbers",
    remedy: "run the predictor in full precision",
  });
}

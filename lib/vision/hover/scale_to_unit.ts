import { SthelarError } from "@/core/errors.ts";

/**
 * Scales values to [0, 1], as `cv2.normalize(values, None, 0, 1, NORM_MINMAX, CV_32F)`: values that are
 * all equal (within 2e-16) become 0.
 *
 * @param precision Of the values: what is single is computed with in single precision.
 * @param into Gets the scaled values.
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
  values: Float64Array,
  precision: "single" | "double",
  into: Float32Array,
  name: string,
): void {
  const [min, max] = findRange(values, name);
  const scale = Math.fround(max - min > Number.EPSILON ? 1 / (max - min) : 0);
  const shift = -Math.fround(min * scale);
  if (precision === "double") {
    for (let p = 0; p < values.length; p++) into[p] = values[p] * scale + shift;
  } else for (let p = 0; p < values.length; p++) into[p] = Math.fround(values[p] * scale) + shift;
}

function findRange(
  values: Float64Array,
  name: string,
): [min: number, max: number] {
  let min = Infinity, max = -Infinity, zero = 0;
  for (let p = 0; p < values.length; p++) {
    const value = values[p];
    if (value < min) min = value;
    if (value > max) max = value;
    zero += value * 0;
  }
  if (zero === 0) return [min, max];
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new SthelarError("CorruptData", {
    action: `Cannot use the ${name} map of a prediction`,
    found: `${values[at]} at pixel ${at}`,
    expected: "finite numbers",
    remedy: "run the predictor in full precision",
  });
}

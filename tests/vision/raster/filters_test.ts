import {
  GAUSSIAN_3,
  gaussianKernel,
  SeparableFilter,
  type SeparableKernel,
  sobelKernel,
} from "@/vision/raster/mod.ts";
import { SthelarError } from "@/core/errors.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type PackedArray, readFixture, sizeOf, unpack } from "../read_fixture.ts";

interface FilterGolden {
  readonly values: PackedArray;
  readonly sobel: Readonly<Record<string, PackedArray>>;
  readonly gaussian3: PackedArray;
  readonly gaussian2: PackedArray;
}

const { filters } = readFixture<{ filters: FilterGolden[] }>("raster_golden.json");

function filtered(values: PackedArray, kernel: SeparableKernel): Float64Array {
  const into = new Float64Array(values.shape[0] * values.shape[1]);
  new SeparableFilter(sizeOf(values)).filter(unpack<Float32Array>(values), kernel, into);
  return into;
}

/** The largest difference, in units of the largest value. */
function difference(found: Float64Array, golden: PackedArray): number {
  const expected = unpack<Float64Array>(golden);
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  return found.reduce((max, v, p) => Math.max(max, Math.abs(v - expected[p])), 0) / largest;
}

filters.forEach(({ values, sobel, gaussian3, gaussian2 }, i) => {
  Deno.test(`sobelKernel() filters as cv2.Sobel, borders included, map ${i}`, () => {
    for (const [name, golden] of Object.entries(sobel)) {
      const kernel = sobelKernel(name[0] as "x" | "y", Number(name.slice(1)));
      const error = difference(filtered(values, kernel), golden);
      assert(error < 2e-15, `${name}: ${error}`);
    }
  });

  Deno.test(`GAUSSIAN_3 is cv2.GaussianBlur to the last bit, map ${i}`, () => {
    assertEquals(filtered(values, GAUSSIAN_3), unpack<Float64Array>(gaussian3));
  });

  Deno.test(`gaussianKernel() filters as scipy.ndimage.gaussian_filter, map ${i}`, () => {
    assert(difference(filtered(values, gaussianKernel(2)), gaussian2) < 1e-14);
  });
});

Deno.test("filter() may write over its input, and reflects more than once in tiny maps", () => {
  const values = Float64Array.of(1, 2);
  const filter = new SeparableFilter({ width: 2, height: 1 });
  filter.filter(values, sobelKernel("x", 21), values);
  assertEquals([...values], [0, 0]);
});

Deno.test("sobelKernel() refuses an even size", () => {
  assertThrows(() => sobelKernel("x", 4), SthelarError, "found 4 weights");
});

Deno.test("gaussianKernel() refuses what is no standard deviation", () => {
  for (const sigma of [0, -1, NaN, Infinity]) {
    assertThrows(() => gaussianKernel(sigma), SthelarError);
  }
});

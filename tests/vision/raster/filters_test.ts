import {
  blurRuns,
  GAUSSIAN_3,
  gaussianKernel,
  kernelWeights,
  Runs,
  SeparableFilter,
  type SeparableKernel,
  sobelKernel,
} from "@/vision/raster/mod.ts";
import { Random } from "@/core/random.ts";
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

/** Weight by weight, with the border reflected about its pixels. */
function plainFiltered(values: Float64Array, width: number, kernel: SeparableKernel): Float64Array {
  const height = values.length / width;
  const x = kernelWeights(kernel.x), y = kernelWeights(kernel.y);
  const reflect = (i: number, extent: number) => {
    const around = 2 * (extent - 1), at = ((i % around) + around) % around;
    return at < extent ? at : around - at;
  };
  return values.map((_, p) => {
    let sum = 0;
    for (let k = 0; k < y.length; k++) {
      const row = width * reflect(Math.floor(p / width) + k - (y.length >> 1), height);
      for (let i = 0; i < x.length; i++) {
        sum += y[k] * x[i] * values[row + reflect(p % width + i - (x.length >> 1), width)];
      }
    }
    return sum;
  });
}

Deno.test("filter() of sums of neighbours is the filter of their weights, rows of any length", () => {
  const random = new Random("sobel");
  for (const [width, height] of [[31, 24], [24, 17], [8, 9]]) {
    const values = Float64Array.from({ length: width * height }, () => random.uniform() - 0.5);
    for (const size of [3, 9, 11, 13, 21, 31]) {
      for (const direction of ["x", "y"] as const) {
        const kernel = sobelKernel(direction, size);
        const found = new Float64Array(values.length);
        new SeparableFilter({ width, height }).filter(values, kernel, found);
        const expected = plainFiltered(values, width, kernel);
        const unit = Math.max(...expected.map(Math.abs));
        found.forEach((value, p) => assert(Math.abs(value - expected[p]) < 1e-13 * unit));
      }
    }
  }
});

Deno.test("blurRuns() is the filter to the last bit, borders and maps of one row or column included", () => {
  const random = new Random("blur");
  for (const [width, height] of [[17, 12], [1, 9], [9, 1], [2, 2], [1, 1]]) {
    const size = { width, height };
    const values = Float64Array.from({ length: width * height }, () => random.normal());
    const mask = Uint8Array.from(values, () => random.uniform() < 0.6 ? 1 : 0);
    const runs = Runs.inside(mask, size);
    runs.join(4);
    const found = new Float64Array(values.length), expected = new Float64Array(values.length);
    blurRuns(values, runs, size, found);
    new SeparableFilter(size).filter(values, GAUSSIAN_3, expected);
    assertEquals(found, expected.map((value, p) => mask[p] === 1 ? value : 0));
  }
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

import {
  BinaryMorphology,
  disk,
  DistanceTransform,
  dropSmall,
  type Element,
  ELLIPSE_5,
  fillHoles,
  labelComponents,
} from "@/vision/raster/mod.ts";
import { Random } from "@/core/random.ts";
import { SthelarError } from "@/core/errors.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { type PackedArray, readFixture, sizeOf, unpack, unpackLabels } from "../read_fixture.ts";

const { masks } = readFixture<{ masks: Record<string, PackedArray>[] }>("raster_golden.json");

masks.forEach((golden, i) => {
  const size = sizeOf(golden.mask);
  const mask = unpack<Uint8Array>(golden.mask);

  Deno.test(`labelComponents() numbers components as scipy.ndimage.label does, mask ${i}`, () => {
    const labels = new Int32Array(mask.length).fill(99);
    labelComponents(mask, size, labels);
    assertEquals(labels, unpackLabels(golden.label4));
    labelComponents(mask, size, labels, 8);
    assertEquals(labels, unpackLabels(golden.label8));
  });

  Deno.test(`fillHoles() fills what scipy.ndimage.binary_fill_holes fills, mask ${i}`, () => {
    const filled = mask.slice();
    fillHoles(filled, size);
    assertEquals(filled, unpack<Uint8Array>(golden.filled));
  });

  Deno.test(`open(), erode() and dilate() are OpenCV's, border included, mask ${i}`, () => {
    const morphology = new BinaryMorphology(size);
    const found = new Uint8Array(mask.length);
    morphology.open(mask, ELLIPSE_5, found);
    assertEquals(found, unpack<Uint8Array>(golden.opened));
    morphology.erode(mask, disk(3), found);
    assertEquals(found, unpack<Uint8Array>(golden.eroded));
    morphology.dilate(mask, disk(3), found);
    assertEquals(found, unpack<Uint8Array>(golden.dilated));
  });

  Deno.test(`measure() gives scipy's distances to the last bit, mask ${i}`, () => {
    const distances = new Float64Array(mask.length);
    new DistanceTransform(size).measure(mask, distances);
    assertEquals(distances, unpack<Float64Array>(golden.distance));
  });
});

/** Pixels with a neighbour of the value under the element get it. */
function plainSpread(mask: Uint8Array, width: number, element: Element, value: 0 | 1): Uint8Array {
  const reach = (element.length - 1) / 2;
  return mask.map((_, p) => {
    const x = p % width, y = (p - x) / width;
    const isCovered = element.some((half, row) => {
      const start = (y + row - reach) * width;
      if (start < 0 || start >= mask.length) return false;
      return mask.subarray(start + Math.max(0, x - half), start + Math.min(width, x + half + 1))
        .includes(value);
    });
    return isCovered ? value : 1 - value;
  });
}

Deno.test("erode() and dilate() go pixel by pixel, whatever the width and reach", () => {
  const random = new Random("morphology");
  for (const [width, height] of [[70, 20], [64, 9], [32, 5], [31, 40], [1, 12]]) {
    const mask = Uint8Array.from({ length: width * height }, () => random.uniform() < 0.9 ? 1 : 0);
    const sparse = mask.map((value) => 1 - value), found = new Uint8Array(mask.length);
    const morphology = new BinaryMorphology({ width, height });
    for (const element of [disk(0), ELLIPSE_5, disk(4), disk(33)]) {
      morphology.erode(mask, element, found);
      assertEquals(found, plainSpread(mask, width, element, 0));
      morphology.dilate(sparse, element, found);
      assertEquals(found, plainSpread(sparse, width, element, 1));
      morphology.open(mask, element, found);
      const eroded = plainSpread(mask, width, element, 0);
      assertEquals(found, plainSpread(eroded, width, element, 1));
    }
  }
});

Deno.test("labelComponents() numbers a chequerboard: alone by edges, one by corners", () => {
  const mask = Uint8Array.from({ length: 80 * 80 }, (_, p) => (p + Math.floor(p / 80)) % 2);
  const labels = new Int32Array(mask.length), size = { width: 80, height: 80 };
  assertEquals(labelComponents(mask, size, labels), 3200);
  assertEquals(Math.max(...labels), 3200);
  assertEquals(labelComponents(mask, size, labels, 8), 1);
});

Deno.test("measure() gives infinity where no pixel is outside", () => {
  const distances = new Float64Array(4);
  new DistanceTransform({ width: 2, height: 2 }).measure(new Uint8Array(4).fill(1), distances);
  assertEquals([...distances], [Infinity, Infinity, Infinity, Infinity]);
});

Deno.test("dropSmall() keeps the labels of what remains", () => {
  const labels = Int32Array.of(3, 3, 1, 0, 3);
  dropSmall(labels, 3, 2);
  assertEquals([...labels], [3, 3, 0, 0, 3]);
});

Deno.test("labelComponents() refuses a mask of another size", () => {
  assertThrows(
    () => labelComponents(new Uint8Array(5), { width: 2, height: 2 }, new Int32Array(4)),
    SthelarError,
    "found a map of 5 values, expected 2 x 2",
  );
});

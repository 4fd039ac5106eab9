import {
  BinaryMorphology,
  disk,
  DistanceTransform,
  dropSmall,
  ELLIPSE_5,
  fillHoles,
  labelComponents,
} from "@/vision/raster/mod.ts";
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
    fillHoles(filled, size, new Int32Array(mask.length));
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

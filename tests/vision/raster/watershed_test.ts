import { Watershed } from "@/vision/raster/mod.ts";
import { Random } from "@/core/random.ts";
import { assertEquals } from "@std/assert";
import { type PackedArray, readFixture, sizeOf, unpack, unpackLabels } from "../read_fixture.ts";

interface SpecVectors {
  readonly watershed: Readonly<Record<"image" | "markers" | "mask" | "labels", number[][]>>;
}

const { watersheds } = readFixture<{ watersheds: Record<string, PackedArray>[] }>(
  "raster_golden.json",
);

watersheds.forEach(({ values, mask, markers, labels }, i) => {
  Deno.test(`flood() is skimage.segmentation.watershed to the pixel, ties included, map ${i}`, () => {
    const found = unpackLabels(markers);
    new Watershed(sizeOf(values)).flood(
      unpack<Float64Array>(values),
      unpack<Uint8Array>(mask),
      found,
    );
    assertEquals(found, unpackLabels(labels));
  });
});

Deno.test("flood() passes the specification's fixture bit for bit, again with used buffers", () => {
  const { image, markers, mask, labels } = readFixture<SpecVectors>("spec_vectors.json").watershed;
  const flooding = new Watershed({ width: image[0].length, height: image.length });
  for (let round = 0; round < 2; round++) {
    const found = Int32Array.from(markers.flat());
    flooding.flood(Float64Array.from(image.flat()), Uint8Array.from(mask.flat()), found);
    assertEquals([...found], labels.flat());
  }
});

Deno.test("flood() removes markers outside the mask", () => {
  const labels = Int32Array.of(1, 0, 2);
  const watershed = new Watershed({ width: 3, height: 1 });
  watershed.flood(new Float64Array(3), Uint8Array.of(1, 1, 0), labels);
  assertEquals([...labels], [1, 1, 0]);
});

/** The lowest of all that wait, of equal ones the earliest, looked for one by one. */
function plainFlood(
  values: Float64Array,
  mask: Uint8Array,
  markers: Int32Array,
  width: number,
): Int32Array {
  const labels = markers.map((label, p) => mask[p] === 0 ? 0 : label);
  const waiting = [...labels.keys()].filter((p) => labels[p] !== 0);
  while (waiting.length > 0) {
    const lowest = waiting.reduce((best, p, i) => values[p] < values[waiting[best]] ? i : best, 0);
    const [p] = waiting.splice(lowest, 1);
    const neighbours = [p - width, p % width > 0 ? p - 1 : -1, (p + 1) % width > 0 ? p + 1 : -1];
    for (const q of [...neighbours, p + width]) {
      if (q < 0 || q >= labels.length || mask[q] === 0 || labels[q] !== 0) continue;
      labels[q] = labels[p];
      waiting.push(q);
    }
  }
  return labels;
}

const LANDSCAPES: Readonly<Record<string, (random: Random) => number>> = {
  "values of all kinds": (random) => random.normal(),
  "many equal values": (random) => Math.floor(4 * random.uniform()),
  "one value": () => 3,
  "one level and an outlier": (random) => random.uniform() < 0.01 ? 1e12 : random.uniform(),
  "infinite depths": (random) => random.uniform() < 0.1 ? -Infinity : random.uniform(),
};

for (const [name, value] of Object.entries(LANDSCAPES)) {
  Deno.test(`flood() takes the lowest and earliest pixel first: ${name}`, () => {
    const random = new Random(name);
    const size = { width: 23, height: 19 }, watershed = new Watershed(size);
    for (let round = 0; round < 5; round++) {
      const values = Float64Array.from({ length: 23 * 19 }, () => value(random));
      const mask = Uint8Array.from(values, () => random.uniform() < 0.85 ? 1 : 0);
      const labels = Int32Array.from(values, (_, p) => random.uniform() < 0.03 ? p + 1 : 0);
      const expected = plainFlood(values, mask, labels, 23);
      watershed.flood(values, mask, labels);
      assertEquals(labels, expected);
    }
  });
}

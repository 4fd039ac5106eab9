import { Watershed } from "@/vision/raster/mod.ts";
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

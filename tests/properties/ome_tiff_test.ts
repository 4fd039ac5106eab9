import { assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { halveRows, type ImageSamples, writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
import { forAll } from "./for_all.ts";

forAll("ome-tiff: a pyramid of any size, tiles, bits and compression is read back", {
  cases: 12,
  size: 24,
}, async (draw) => {
  const samples = draw.pick([1, 3] as const);
  const dtype = samples === 3 ? "uint8" : draw.pick(["uint8", "uint16"] as const);
  const compression = draw.pick(["none", "deflate", "jpeg2000"] as const);
  const [width, height] = [draw.integer(1, 4 * draw.size), draw.integer(1, 4 * draw.size)];
  const values = draw.numbers(dtype, width * height * samples) as ImageSamples;
  const path = await Deno.makeTempFile({ suffix: ".ome.tif" });
  try {
    await writePyramidTiff(localDisk, path, {
      ...{ width, height, samples, dtype, compression, description: "<OME/>" },
      tileSize: 16 * draw.integer(1, 3),
      levels: draw.integer(1, 3),
      bigTiff: draw.chance(0.5),
    }, (x, y, across, down) => {
      const rows = Array.from({ length: down }, (_, row) => {
        const start = ((y + row) * width + x) * samples;
        return [...values.subarray(start, start + across * samples)];
      });
      return dtype === "uint8" ? Uint8Array.from(rows.flat()) : Uint16Array.from(rows.flat());
    });
    await using image = await openOmeTiff(path);
    let expected = { values, width, height };
    for (const level of image.levels) {
      assertEquals([level.width, level.height], [expected.width, expected.height]);
      const size = { width: level.width, height: level.height };
      const { data } = await level.readRegion({ x0: 0, y0: 0, ...size });
      assertEquals(interleaved(data, samples), [...expected.values]);
      expected = {
        values: halveRows(expected.values, expected.width, expected.height, samples),
        width: Math.ceil(expected.width / 2),
        height: Math.ceil(expected.height / 2),
      };
    }
  } finally {
    await Deno.remove(path);
  }
});

/** Planes one after the other -> the samples of each pixel side by side. */
function interleaved(planes: ArrayLike<number>, samples: number): number[] {
  const pixels = planes.length / samples;
  return Array.from({ length: planes.length }, (_, i) => {
    return planes[(i % samples) * pixels + Math.floor(i / samples)];
  });
}

import { assertEquals } from "@std/assert";
import { readPixelSizeUm } from "@/formats/ome_tiff/pixel_size.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { readDirectoryChain, readTiffHeader } from "@/formats/ome_tiff/tiff_directory.ts";
import { TiffSource } from "@/formats/ome_tiff/tiff_source.ts";
import { FIXTURES, withCopy } from "./fixtures.ts";

/** What is read from a fixture whose tags say 0.5 µm, with a description. */
async function sizeFrom(description: string): Promise<number | undefined> {
  await using source = await TiffSource.open(`${FIXTURES}resolution_inch.tif`);
  const [directory] = await readDirectoryChain(source, await readTiffHeader(source));
  return (await readPixelSizeUm(source, directory, description))?.x;
}

Deno.test("readPixelSizeUm() takes Aperio's MPP before the resolution tags", async () => {
  assertEquals(await sizeFrom("Aperio Image Library v11|AppMag = 40|MPP = 0.2520|Left = 1"), 0.252);
  assertEquals(await sizeFrom("Aperio Image Library v11|MPP=0.2520"), 0.252);
  assertEquals(await sizeFrom("Aperio Image Library v11|AppMag = 40"), 0.5);
  assertEquals(await sizeFrom("Aperio Image Library v11|MPP = 0"), 0.5);
  assertEquals(await sizeFrom("Aperio Image Library v11|MPP = none"), 0.5);
  assertEquals(await sizeFrom("Another library|MPP = 0.2520"), 0.5);
});

/** Writes both fractions of the resolution anew, or their unit, and opens the file. */
async function openWith(
  { fraction, unit }: { fraction?: [number, number]; unit?: number },
): Promise<{ readonly x: number; readonly y: number } | undefined> {
  const bytes = await Deno.readFile(`${FIXTURES}resolution_inch.tif`);
  const view = new DataView(bytes.buffer);
  const entry = (tag: number) => {
    let at = view.getUint32(4, true) + 2;
    while (view.getUint16(at, true) !== tag) at += 12;
    return at + 8;
  };
  for (const tag of [282, 283]) {
    const at = view.getUint32(entry(tag), true);
    fraction?.forEach((value, i) => view.setUint32(at + 4 * i, value, true));
  }
  if (unit !== undefined) view.setUint16(entry(296), unit, true);
  let size;
  await withCopy(bytes, async (path) => {
    await using image = await openOmeTiff(path);
    size = image.pixelSizeUm;
  });
  return size;
}

Deno.test("openOmeTiff() takes no pixel size from resolution tags that are of no microscope", async () => {
  assertEquals(await openWith({}), { x: 0.5, y: 0.5 });
  assertEquals(await openWith({ fraction: [101_600, 1] }), { x: 0.25, y: 0.25 });
  assertEquals(await openWith({ unit: 1 }), undefined);
  assertEquals(await openWith({ unit: 9 }), undefined);
  const fractions = [[0, 1], [1, 0], [0, 0], [300, 1], [2400, 1], [4_000_000_000, 1]] as const;
  for (const [over, under] of fractions) {
    assertEquals(await openWith({ fraction: [over, under] }), undefined, `${over} / ${under}`);
  }
});

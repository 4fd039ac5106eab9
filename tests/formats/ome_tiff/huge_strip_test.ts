import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";

/** A colour TIFF whose pixels lie in strips of `rowsPerStrip` rows; the file is sparse. */
async function writeStripTiff(path: string, side: number, rowsPerStrip: number): Promise<void> {
  const strips = side / rowsPerStrip;
  const entries: [tag: number, type: 3 | 4, count: number, value: number][] = [
    [256, 4, 1, side],
    [257, 4, 1, side],
    [258, 3, 3, 200],
    [259, 3, 1, 1],
    [262, 3, 1, 2],
    [273, 4, strips, strips === 1 ? 1000 : 300],
    [277, 3, 1, 3],
    [278, 4, 1, rowsPerStrip],
    [279, 4, strips, strips === 1 ? side * side * 3 : 400],
  ];
  const bytes = new DataView(new ArrayBuffer(1000));
  bytes.setUint32(0, 0x002a4949, true);
  bytes.setUint32(4, 8, true);
  bytes.setUint16(8, entries.length, true);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + 12 * i;
    bytes.setUint16(at, tag, true);
    bytes.setUint16(at + 2, type, true);
    bytes.setUint32(at + 4, count, true);
    if (type === 3 && count === 1) bytes.setUint16(at + 8, value, true);
    else bytes.setUint32(at + 8, value, true);
  });
  for (let i = 0; i < 3; i++) bytes.setUint16(200 + 2 * i, 8, true);
  const stripBytes = rowsPerStrip * side * 3;
  if (strips > 1) {
    for (let i = 0; i < strips; i++) {
      bytes.setUint32(300 + 4 * i, 1000 + i * stripBytes, true);
      bytes.setUint32(400 + 4 * i, stripBytes, true);
    }
  }
  await Deno.writeFile(path, new Uint8Array(bytes.buffer));
  await Deno.truncate(path, 1000 + side * side * 3);
}

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(`${folder}/he.tif`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a TIFF whose pixels are one huge strip is refused, and nothing large is read", () =>
  inFolder(async (path) => {
    await writeStripTiff(path, 20_000, 20_000);
    const before = Deno.memoryUsage().rss;
    const error = await assertRejects(
      async () => {
        await using image = await openOmeTiff(path);
        await image.levels[0].readTile({ row: 0, column: 0 });
      },
      SthelarError,
      path,
    );
    assertEquals(error.tag, "UnsupportedVersion");
    assert(Deno.memoryUsage().rss - before < 200e6);
  }));

Deno.test("a TIFF of small strips is read", () =>
  inFolder(async (path) => {
    await writeStripTiff(path, 64, 16);
    await using image = await openOmeTiff(path);
    const region = await image.levels[0].readRegion({ x0: 3, y0: 10, width: 50, height: 40 });
    assertEquals(region.shape, [3, 40, 50]);
  }));

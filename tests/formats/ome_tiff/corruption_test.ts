import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { FIXTURES, openFixture, readLevelByTiles, withCopy } from "./fixtures.ts";

/** Opens a file and reads all its levels. */
async function readAll(path: string): Promise<void> {
  await using image = await openOmeTiff(path);
  for (let level = 0; level < image.levels.length; level++) await readLevelByTiles(image, level);
}

/** What reading throws; anything but a tagged error that names the file fails the test. */
async function faultOf(path: string): Promise<SthelarError | undefined> {
  try {
    await readAll(path);
    return undefined;
  } catch (error) {
    if (!isSthelarError(error)) throw error;
    assert(["CorruptData", "UnsupportedVersion"].includes(error.tag), error.message);
    assertEquals(error.path, path);
    assertStringIncludes(error.message, path);
    return error;
  }
}

function readFixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(`${FIXTURES}${name}.tif`);
}

/** Where a tag's entry stands in the first directory of a little-endian TIFF, not a BigTIFF. */
function entryOffset(bytes: Uint8Array<ArrayBuffer>, tag: number): number {
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(directory, true); i++) {
    const at = directory + 2 + 12 * i;
    if (view.getUint16(at, true) === tag) return at;
  }
  throw new Error(`no tag ${tag}`);
}

/** Where the values of a tag stand. */
function valueOffset(bytes: Uint8Array<ArrayBuffer>, tag: number): number {
  return new DataView(bytes.buffer).getUint32(entryOffset(bytes, tag) + 8, true);
}

const TRUNCATED = [
  "u16_deflate.ome",
  "u16_bigtiff.ome",
  "jpeg2000_u16_lossy.ome",
  "jpeg_ycbcr_420.ome",
  "jpeg_ycbcr_tables",
  "rgb_planar.ome",
  "u8_zstd.ome",
  "rgb_strips_odd",
  "jpeg2000_boxed_97_u16",
];
for (const name of TRUNCATED) {
  Deno.test(`openOmeTiff() names the file when ${name} is cut short anywhere`, async () => {
    const bytes = await readFixture(name);
    await withCopy(bytes, async (path) => {
      const step = Math.ceil(bytes.length / 100);
      for (let length = 0; length < bytes.length - 8; length += length < 40 ? 1 : step) {
        await Deno.writeFile(path, bytes.subarray(0, length));
        assert(await faultOf(path), `${length} of ${bytes.length} bytes were read as a whole`);
      }
    });
  });
}

for (const name of ["u16_deflate.ome", "u16_bigtiff.ome", "jpeg_grey.ome"]) {
  Deno.test(`openOmeTiff() never fails untagged when bytes of ${name} flip`, async () => {
    const bytes = await readFixture(name);
    await withCopy(bytes, async (path) => {
      let faults = 0;
      for (let at = 0; at < bytes.length; at += at < 300 ? 1 : 53) {
        const flipped = bytes.slice();
        flipped[at] ^= [0xff, 0x80, 0x01][at % 3];
        await Deno.writeFile(path, flipped);
        if (await faultOf(path) !== undefined) faults++;
      }
      assert(faults > 100, `only ${faults} flips were noticed`);
    });
  });
}

Deno.test("openOmeTiff() refuses directories that run in a circle", async () => {
  const bytes = await readFixture("u16_deflate.ome");
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(4, true);
  view.setUint32(directory + 2 + 12 * view.getUint16(directory, true), directory, true);
  await withCopy(bytes, async (path) => {
    const fault = await faultOf(path);
    assertStringIncludes(fault!.message, `directory 1 back at byte ${directory}`);
  });
});

Deno.test("openOmeTiff() refuses a SubIFD that is the image itself", async () => {
  const bytes = await readFixture("u16_deflate.ome");
  const view = new DataView(bytes.buffer);
  view.setUint32(valueOffset(bytes, 330), view.getUint32(4, true), true);
  await withCopy(bytes, async (path) => {
    assertStringIncludes((await faultOf(path))!.message, "a SubIFD of 56 x 40");
  });
});

Deno.test("openOmeTiff() allocates nothing for absurd counts and sizes", async () => {
  const huge = 0xfffffff0;
  for (const tag of [270, 324, 325, 330, 258]) {
    const bytes = await readFixture("u16_deflate.ome");
    new DataView(bytes.buffer).setUint32(entryOffset(bytes, tag) + 4, huge, true);
    await withCopy(bytes, async (path) => {
      assertEquals((await faultOf(path))?.tag, "CorruptData", `count of tag ${tag}`);
    });
  }
  for (const tag of [256, 257, 322, 323, 277]) {
    const bytes = await readFixture("u16_deflate.ome");
    const at = entryOffset(bytes, tag);
    new DataView(bytes.buffer).setUint16(at + 2, 4, true);
    new DataView(bytes.buffer).setUint32(at + 8, huge, true);
    await withCopy(bytes, async (path) => {
      assert(await faultOf(path), `value of tag ${tag}`);
    });
  }
});

Deno.test("openOmeTiff() says what it found where there is no TIFF", async () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13);
  await withCopy(png, async (path) => {
    assertStringIncludes((await faultOf(path))!.message, "found the first bytes 89 50 4e 47");
  });
  await withCopy(new Uint8Array(0), async (path) => {
    assertStringIncludes((await faultOf(path))!.message, "found a file of 0 bytes");
  });
  const missing = await assertRejects(() => openOmeTiff("/nowhere/a.ome.tif"), SthelarError);
  assertEquals([missing.tag, missing.path], ["NotFound", "/nowhere/a.ome.tif"]);
  const folder = await assertRejects(() => openOmeTiff(FIXTURES), SthelarError);
  assertEquals([folder.tag, folder.found], ["CorruptData", "a folder"]);
});

const SHORTENED = [
  "u16_deflate.ome",
  "u16_lzw.ome",
  "u8_none.ome",
  "u8_zstd.ome",
  "jpeg_grey.ome",
  "jpeg2000_u8_lossless.ome",
  "jpeg2000_u16_lossy.ome",
];
for (const name of SHORTENED) {
  Deno.test(`readTile() names level, row and column of a tile cut short in ${name}`, async () => {
    const bytes = await readFixture(name);
    const view = new DataView(bytes.buffer);
    const short = view.getUint16(entryOffset(bytes, 325) + 2, true) === 3;
    const at = valueOffset(bytes, 325);
    const third = at + 2 * (short ? 2 : 4);
    if (short) view.setUint16(third, view.getUint16(third, true) / 2, true);
    else view.setUint32(third, view.getUint32(third, true) / 2, true);
    await withCopy(bytes, async (path) => {
      await using image = await openOmeTiff(path);
      await image.levels[0].readTile({ row: 0, column: 1 });
      const error = await assertRejects(
        () => image.levels[0].readTile({ row: 1, column: 0 }),
        SthelarError,
      );
      assertEquals([error.tag, error.path], ["CorruptData", path]);
      assertStringIncludes(error.message, "tile (level 0, row 1, column 0)");
      assertStringIncludes(error.message, path);
      await image.levels[0].readTile({ row: 1, column: 1 });
    });
  });
}

Deno.test("readTile() reads a tile that was never written as zeros", async () => {
  const bytes = await readFixture("u16_deflate.ome");
  bytes.fill(0, valueOffset(bytes, 324), valueOffset(bytes, 324) + 4);
  const counts = valueOffset(bytes, 325);
  bytes.fill(0, counts, counts + 2);
  await withCopy(bytes, async (path) => {
    await using image = await openOmeTiff(path);
    const { data } = await image.levels[0].readTile({ row: 0, column: 0 });
    assertEquals(data, new Uint16Array(32 * 32));
  });
});

Deno.test("openOmeTiff() refuses what it does not read, naming tag, value and what is read", async () => {
  const cases = {
    "refused/float32": ["32 bits per sample", "8 or 16"],
    "refused/uint32": ["32 bits per sample", "8 or 16"],
    "refused/bilevel": ["1 bits per sample", "8 or 16"],
  };
  for (const [name, phrases] of Object.entries(cases)) {
    const error = await assertRejects(() => openFixture(name), SthelarError);
    assertEquals(error.tag, "UnsupportedVersion");
    for (const phrase of [...phrases, `${name}.tif`]) assertStringIncludes(error.message, phrase);
  }
});

Deno.test("openOmeTiff() refuses a compression that it does not know, naming those it reads", async () => {
  const bytes = await readFixture("u8_zstd.ome");
  new DataView(bytes.buffer).setUint16(entryOffset(bytes, 259) + 8, 34925, true);
  await withCopy(bytes, async (path) => {
    const fault = await faultOf(path);
    assertEquals(fault?.tag, "UnsupportedVersion");
    assertStringIncludes(fault!.message, "compression 34925 (tag 259)");
    assertStringIncludes(fault!.message, "5 (LZW), 7 (JPEG), 8 or 32946 (deflate), 50000 (zstd)");
  });
});

Deno.test("readTile() refuses JPEG 2000 of three 16-bit components", async () => {
  await using image = await openFixture("refused/jpeg2000_rgb_u16");
  const error = await assertRejects(
    () => image.levels[0].readTile({ row: 0, column: 0 }),
    SthelarError,
  );
  assertEquals(error.tag, "UnsupportedVersion");
  assertStringIncludes(error.message, "16-bit JPEG 2000 of 32 x 32 x 3");
});

Deno.test("readTile() refuses signed JPEG 2000 samples in an unsigned image", async () => {
  await using image = await openFixture("refused/signed_jpeg2000");
  const error = await assertRejects(
    () => image.levels[0].readTile({ row: 0, column: 0 }),
    SthelarError,
  );
  assertEquals(error.tag, "UnsupportedVersion");
  assertStringIncludes(error.message, "signed 16-bit JPEG 2000");
});

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import {
  directoryBytes,
  headerBytes,
  type TiffTag,
} from "@/formats/ome_tiff_writer/tiff_directory_bytes.ts";
import { FIXTURES, withCopy } from "./fixtures.ts";

const GIB = 2 ** 30;
const SIDE = 32;

/** Whether a large file of zeros takes no room in the folder of temporary files. */
function hasSparseFiles(): boolean {
  const path = Deno.makeTempFileSync();
  try {
    Deno.truncateSync(path, 64 * 2 ** 20);
    const { blocks } = Deno.statSync(path);
    return blocks !== null && blocks * 512 < 2 ** 20;
  } finally {
    Deno.removeSync(path);
  }
}

const sparse = hasSparseFiles();
const WHY = sparse ? "" : " [skipped: no sparse files in the folder of temporary files]";

async function writeAt(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true });
  await file.seek(offset, Deno.SeekMode.Start);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

function imageTags(side: number, tileOffsets: readonly number[]): TiffTag[] {
  const short = (tag: number, value: number): TiffTag => ({
    tag,
    value: { type: "short", values: [value] },
  });
  return [
    ...[short(256, side), short(257, side), short(258, 16), short(259, 1), short(262, 1)],
    ...[short(277, 1), short(322, SIDE), short(323, SIDE)],
    { tag: 324, value: { type: "offset", values: tileOffsets } },
    { tag: 325, value: { type: "long", values: tileOffsets.map(() => 2 * SIDE * SIDE) } },
  ];
}

const ramp = (start: number) => Uint16Array.from({ length: SIDE * SIDE }, (_, i) => start + i);

Deno.test({
  name: `openOmeTiff() reads directories, SubIFDs and tiles beyond 4 GiB of a BigTIFF${WHY}`,
  ignore: !sparse,
  fn: async () => {
    const path = await Deno.makeTempFile({ suffix: ".ome.tif" });
    try {
      await Deno.truncate(path, 5 * GIB + 2 ** 20);
      const [near, far, small] = [1024, 5 * GIB + 2, 4 * GIB];
      const [first, sub] = [4 * GIB + 65536, 4 * GIB + 131072];
      await writeAt(path, 0, headerBytes({ big: true }, first));
      const base = imageTags(2 * SIDE, [near, far, near, far]);
      const link: TiffTag = { tag: 330, value: { type: "offset", values: [sub] } };
      await writeAt(path, first, directoryBytes([...base, link], first, { big: true }));
      const halved = imageTags(SIDE, [small]);
      await writeAt(path, sub, directoryBytes(halved, sub, { big: true }));
      for (const [offset, start] of [[near, 1], [far, 2000], [small, 4000]]) {
        await writeAt(path, offset, new Uint8Array(ramp(start).buffer));
      }
      await using image = await openOmeTiff(path);
      const values = (level: number, column: number) =>
        image.levels[level].readTile({ row: 0, column }).then(({ data }) => data);
      assertEquals(await values(0, 0), ramp(1));
      assertEquals(await values(0, 1), ramp(2000));
      assertEquals(await values(1, 0), ramp(4000));
    } finally {
      await Deno.remove(path);
    }
  },
});

/** Where a tag's value stands in the first directory of a little-endian BigTIFF. */
function bigValueOffset(view: DataView, tag: number): number {
  let at = Number(view.getBigUint64(8, true)) + 8;
  while (view.getUint16(at, true) !== tag) at += 20;
  return at + 12;
}

const ABSURD = [2n ** 40n, 2n ** 53n - 2n, 2n ** 53n + 2n, 2n ** 63n, 2n ** 64n - 8n];

Deno.test("openOmeTiff() refuses offsets beyond the file and beyond 2^53 in a BigTIFF", async () => {
  const original = await Deno.readFile(`${FIXTURES}u16_bigtiff.ome.tif`);
  const places = {
    "the first directory": () => 8,
    "the tile offsets": (view: DataView) => bigValueOffset(view, 324),
    "a tile": (view: DataView) => Number(view.getBigUint64(bigValueOffset(view, 324), true)),
    "the SubIFDs": (view: DataView) => bigValueOffset(view, 330),
    "a SubIFD": (view: DataView) => Number(view.getBigUint64(bigValueOffset(view, 330), true)),
  };
  for (const [what, placeOf] of Object.entries(places)) {
    for (const offset of ABSURD) {
      const bytes = original.slice();
      const view = new DataView(bytes.buffer);
      view.setBigUint64(placeOf(view), offset, true);
      await withCopy(bytes, async (path) => {
        const error = await assertRejects(
          async () => {
            await using image = await openOmeTiff(path);
            await image.levels[0].readTile({ row: 0, column: 0 });
          },
          SthelarError,
        );
        assertEquals([error.tag, error.path], ["CorruptData", path], `${what} at ${offset}`);
      });
    }
  }
});

Deno.test("openOmeTiff() refuses tag counts beyond 2^53 in a BigTIFF", async () => {
  const original = await Deno.readFile(`${FIXTURES}u16_bigtiff.ome.tif`);
  for (const tag of [256, 270, 324, 325, 330]) {
    for (const count of [2n ** 53n + 2n, 2n ** 64n - 1n]) {
      const bytes = original.slice();
      const view = new DataView(bytes.buffer);
      view.setBigUint64(bigValueOffset(view, tag) - 8, count, true);
      await withCopy(bytes, async (path) => {
        const error = await assertRejects(() => openOmeTiff(path), SthelarError);
        assertEquals(error.tag, "CorruptData");
        assertStringIncludes(error.message, `tag ${tag}`);
      });
    }
  }
});

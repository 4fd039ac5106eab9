import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { TileEncoding } from "@/formats/ome_tiff/mod.ts";
import { decodeTile } from "@/formats/ome_tiff/decode_tile.ts";
import { FIXTURES } from "./fixtures.ts";

const GREY: TileEncoding = {
  compression: "none",
  dtype: "uint16",
  littleEndian: true,
  width: 32,
  height: 32,
  clipWidth: 32,
  clipHeight: 32,
  samples: 1,
  horizontalDifferences: false,
  colour: "asStored",
  jpegTables: undefined,
};

async function firstCodestream(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(`${FIXTURES}${name}.tif`);
  const isMarker = (second: number) => (byte: number, i: number) =>
    byte === 0xff && bytes[i + 1] === second;
  const start = bytes.findIndex(isMarker(0x4f));
  const length = bytes.subarray(start).findIndex((_, i) =>
    isMarker(0xd9)(bytes[start + i], start + i)
  );
  return bytes.slice(start, start + length + 2);
}

for (const name of ["jpeg2000_u16_lossless.ome", "jpeg2000_u16_lossy.ome"]) {
  Deno.test(`decodeTile() takes no codestream of ${name} that lacks even its last byte`, async () => {
    const whole = await firstCodestream(name);
    const encoding = { ...GREY, compression: "jpeg2000" as const };
    assertEquals((await decodeTile({ bytes: whole.slice(), encoding })).length, 32 * 32);
    for (let length = whole.length - 1; length > 0; length -= length > whole.length - 20 ? 1 : 41) {
      const bytes = whole.slice(0, length);
      const error = await assertRejects(() => decodeTile({ bytes, encoding }), SthelarError);
      assertEquals(error.tag, "CorruptData");
    }
  });
}

/** A box of a JP2 file; `form` says how its length is written. */
function box(type: string, content: Uint8Array, form: "short" | "long" | "open"): Uint8Array {
  const head = form === "long" ? 16 : 8;
  const bytes = new Uint8Array(head + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, { short: bytes.length, long: 1, open: 0 }[form]);
  new TextEncoder().encodeInto(type, bytes.subarray(4));
  if (form === "long") view.setBigUint64(8, BigInt(bytes.length));
  bytes.set(content, head);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("decodeTile() finds the codestream in a JP2 file however the box says its length", async () => {
  const codestream = await firstCodestream("jpeg2000_u16_lossless.ome");
  const encoding = { ...GREY, compression: "jpeg2000" as const };
  const expected = await decodeTile({ bytes: codestream.slice(), encoding });
  const signature = box("jP  ", Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a), "short");
  for (const form of ["short", "long", "open"] as const) {
    const other = box("xml ", new Uint8Array(5), form === "open" ? "short" : form);
    const bytes = join(signature, other, box("jp2c", codestream, form));
    assertEquals(await decodeTile({ bytes, encoding }), expected, form);
  }
});

Deno.test("decodeTile() refuses a JP2 file whose boxes are cut short, run back or hold no image", async () => {
  const signature = box("jP  ", Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a), "short");
  const tooLong = box("jp2c", new Uint8Array(20), "short");
  new DataView(tooLong.buffer).setUint32(0, 4000);
  const negative = box("jp2c", new Uint8Array(20), "long");
  new DataView(negative.buffer).setBigUint64(8, 3n);
  const huge = box("jp2c", new Uint8Array(20), "long");
  new DataView(huge.buffer).setBigUint64(8, 2n ** 64n - 1n);
  const tiny = box("free", new Uint8Array(4), "short");
  new DataView(tiny.buffer).setUint32(0, 4);
  const encoding = { ...GREY, compression: "jpeg2000" as const };
  for (const rest of [tooLong, negative, huge, tiny, new Uint8Array(0), new Uint8Array(7)]) {
    const bytes = join(signature, rest);
    const error = await assertRejects(() => decodeTile({ bytes, encoding }), SthelarError);
    assertEquals(error.tag, "CorruptData");
  }
});

Deno.test("decodeTile() refuses a codestream of another size before it decodes", async () => {
  const bytes = await firstCodestream("jpeg2000_u16_lossless.ome");
  new DataView(bytes.buffer).setUint32(8, 60_000);
  new DataView(bytes.buffer).setUint32(12, 60_000);
  const encoding = { ...GREY, compression: "jpeg2000" as const };
  const error = await assertRejects(() => decodeTile({ bytes, encoding }), SthelarError);
  assertEquals(error.found, "16-bit JPEG 2000 of 60000 x 60000 x 1");
});

Deno.test("decodeTile() stops at the size of the tile when deflate data say more", async () => {
  const stream = new Blob([new Uint8Array(10_000_000)]).stream()
    .pipeThrough(new CompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const encoding = { ...GREY, compression: "deflate" as const };
  const error = await assertRejects(() => decodeTile({ bytes, encoding }), SthelarError);
  assertEquals([error.tag, error.expected], ["CorruptData", "2048 bytes of deflate data"]);
});

Deno.test("decodeTile() widens the 8 bits of a codestream in a 16-bit image", async () => {
  const bytes = await firstCodestream("jpeg2000_u8_lossless.ome");
  const encoding = { ...GREY, compression: "jpeg2000" as const };
  const narrow = await decodeTile({
    bytes: bytes.slice(),
    encoding: { ...encoding, dtype: "uint8" },
  });
  assertEquals(await decodeTile({ bytes, encoding }), Uint16Array.from(narrow));
});

Deno.test("decodeTile() cuts the padding off interleaved samples, channel by channel", async () => {
  const encoding: TileEncoding = {
    ...GREY,
    dtype: "uint8",
    width: 3,
    height: 2,
    clipWidth: 2,
    clipHeight: 1,
    samples: 3,
  };
  const bytes = Uint8Array.from({ length: 18 }, (_, i) => i);
  assertEquals(await decodeTile({ bytes, encoding }), Uint8Array.of(0, 3, 1, 4, 2, 5));
});

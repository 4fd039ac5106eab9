import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { parseSafetensors } from "@/formats/safetensors/mod.ts";

const FIXTURES = "tests/fixtures/safetensors";
const PATH = "/models/m.safetensors";
const model = () => Deno.readFileSync(`${FIXTURES}/model.safetensors`);

/** A file with this header and this many bytes of data. */
function fileOf(header: unknown, dataBytes: number, length?: bigint): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (shape: readonly number[], start: number, end: number) => ({
  ...{ dtype: "F32", shape },
  data_offsets: [start, end],
});

function refused(bytes: Uint8Array, tag: SthelarError["tag"], ...words: string[]): void {
  const error = assertThrows(() => parseSafetensors(bytes, PATH), SthelarError);
  assertEquals([error.tag, error.path], [tag, PATH]);
  for (const word of words) assert(error.message.includes(word), error.message);
}

Deno.test("parseSafetensors() reads every type as the Python package writes it", () => {
  const { tensors, metadata } = parseSafetensors(model(), PATH);
  assertEquals(metadata, { genes: "CD3E,KIT", "über": "ß" });
  const golden: Record<string, { shape: number[]; values: (number | string | boolean)[] }> = JSON
    .parse(Deno.readTextFileSync(`${FIXTURES}/model.json`));
  assertEquals(new Set(tensors.keys()), new Set(Object.keys(golden)));
  for (const [name, { shape, values }] of Object.entries(golden)) {
    const found = tensors.get(name)!;
    assertEquals(found.shape, shape, name);
    const expected = values.map((value) =>
      typeof value === "string" ? Number(value.replace("inf", "Infinity")) : Number(value)
    );
    assertEquals(Array.from(found.data, Number), expected, name);
  }
});

Deno.test("a file of tensors that is cut off anywhere is refused, naming the path", () => {
  const bytes = model();
  for (let length = 0; length < bytes.length; length++) {
    refused(bytes.slice(0, length), "CorruptData");
  }
  refused(Uint8Array.of(...bytes, 0), "CorruptData", "as the header says");
});

Deno.test("a header that is longer than the file, or absurdly long, allocates nothing", () => {
  refused(fileOf({}, 0, 3n), "CorruptData", "a header of 3 bytes");
  refused(fileOf({}, 0, 2n ** 63n), "CorruptData", "9223372036854775808 bytes");
  refused(fileOf({ a: f32([2 ** 40, 2 ** 40], 0, 8) }, 8), "CorruptData", 'tensor "a"');
  refused(fileOf({ a: f32([2 ** 50], 0, 2 ** 52) }, 8), "CorruptData", "8 bytes of data");
});

Deno.test("a header that is no JSON object of tensors is refused", () => {
  const wrong: readonly unknown[] = [
    "",
    "{",
    "[]",
    " {}",
    "null",
    "[".repeat(1000) + "]".repeat(1000),
    "\u{0}",
    { a: 1 },
    { a: { ...f32([1], 0, 4), dtype: 3 } },
    { a: { ...f32([1], 0, 4), shape: [1.5] } },
    { a: { ...f32([1], 0, 4), shape: [-1] } },
    { a: { ...f32([1], 0, 4), shape: undefined } },
    { a: { ...f32([1], 0, 4), data_offsets: [0] } },
    { a: { ...f32([1], 0, 4), data_offsets: [4, 0] } },
    { __metadata__: { a: 1 } },
    { __metadata__: [] },
  ];
  for (const header of wrong) refused(fileOf(header, 4), "CorruptData");
  refused(fileOf({ a: { ...f32([4], 0, 4), dtype: "F8_E4M3" } }, 4), "UnsupportedVersion", "F8_E");
});

Deno.test("tensors that overlap, leave holes or do not fill the file are refused", () => {
  refused(fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), "CorruptData", '"b"');
  refused(fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), "CorruptData", '"b"');
  refused(fileOf({ a: f32([1], 4, 8) }, 8), "CorruptData", '"a"');
  refused(fileOf({ a: f32([1], 0, 4) }, 8), "CorruptData", "8 bytes of data");
  refused(fileOf({}, 8), "CorruptData");
});

Deno.test("a file without tensors, an empty tensor and odd places are read", () => {
  assertEquals(parseSafetensors(fileOf({}, 0), PATH).tensors.size, 0);
  const header = { b: f32([], 3, 7), a: { dtype: "U8", shape: [3, 1], data_offsets: [0, 3] } };
  const { tensors } = parseSafetensors(fileOf({ ...header, none: f32([0, 9], 3, 3) }, 7), PATH);
  assertEquals([...tensors.keys()], ["a", "none", "b"]);
  assertEquals(tensors.get("b"), { data: Float32Array.of(0), shape: [] });
  assertEquals(tensors.get("none")!.data.length, 0);
});

Deno.test("any flipped byte of the header is refused, or changes names and texts alone", () => {
  const bytes = model();
  const end = 8 + new DataView(bytes.buffer).getUint32(0, true);
  for (let place = 0; place < end; place++) {
    for (const bit of [1, 0x20, 0x80]) {
      const flipped = bytes.slice();
      flipped[place] ^= bit;
      try {
        parseSafetensors(flipped, PATH);
      } catch (error) {
        assert(error instanceof SthelarError && error.path === PATH, `${place}: ${error}`);
      }
    }
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { decodeWkb, decodeWkbPoints, encodeWkb, encodeWkbPoints } from "@/formats/parquet/mod.ts";

const FIXTURES = new URL("../../fixtures/parquet", import.meta.url).pathname;
const golden = JSON.parse(await Deno.readTextFile(`${FIXTURES}/golden.json`)) as {
  polygons: number[][][][] | number[][][][][];
  wkb: { little: string; big: string; "3d": string };
};
const fromHex = (hex: string) => Uint8Array.fromHex(hex);

const [polygon, multi] = golden.polygons as [number[][][], number[][][][]];
const packed = packPolygons([
  [polygon.map((ring) => ring.flat())],
  multi.map((part) => part.map((ring) => ring.flat())),
]);

Deno.test("encodeWkb() gives the bytes of shapely", () => {
  assertEquals(encodeWkb(packed)[0], fromHex(golden.wkb.little));
});

Deno.test("decodeWkb() reads both byte orders, holes and several parts", () => {
  const bytes = [fromHex(golden.wkb.little), fromHex(golden.wkb.big)];
  assertEquals(decodeWkb(bytes), packed);
});

Deno.test("decodeWkb() drops z", () => {
  const { xy } = decodeWkb([fromHex(golden.wkb["3d"])]);
  assertEquals([...xy], [0, 0, 1, 0, 0, 1, 0, 0]);
});

Deno.test("encodeWkb() of a part of the geometries equals that part of all", () => {
  assertEquals(encodeWkb(packed, 1, 2), encodeWkb(packed).slice(1));
});

Deno.test("an empty geometry survives", () => {
  const none = packPolygons([[], [[[0, 0, 1, 0, 0, 1, 0, 0]]]]);
  assertEquals(decodeWkb(encodeWkb(none)), none);
});

Deno.test("encodeWkb() refuses an open ring and one of three vertices", () => {
  const open = packPolygons([[[[0, 0, 1, 0, 0, 1, 0, 0.5]]]]);
  assertThrows(() => encodeWkb(open), SthelarError, "a ring from (0, 0) to (0, 0.5)");
  const short = packPolygons([[[[0, 0, 1, 0, 0, 0]]]]);
  assertThrows(() => encodeWkb(short), SthelarError, "3 vertices");
});

Deno.test("a geometry cut short anywhere is CorruptData and names file and row", () => {
  const [bytes] = encodeWkb(packed);
  for (let length = 0; length < bytes.length; length++) {
    const error = assertThrows(
      () => decodeWkb([bytes.subarray(0, length)], "/a.parquet"),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["CorruptData", "/a.parquet"]);
  }
});

Deno.test("decodeWkb() refuses a huge count without taking memory for it", () => {
  const [bytes] = encodeWkb(packed);
  const huge = bytes.slice();
  huge.fill(0xff, 9, 13);
  assertThrows(() => decodeWkb([huge]), SthelarError, "Cannot decode geometry 0");
});

Deno.test("points survive, and are no polygons", () => {
  const points = encodeWkbPoints(Float64Array.of(1, 2, -3.5, 4));
  assertEquals([...decodeWkbPoints(points)], [1, 2, -3.5, 4]);
  assertThrows(() => decodeWkb(points), SthelarError, "geometry type 1");
});

import { type NucleusRecord, nucleusRecords, typeInstanceMaps } from "@/vision/hover/mod.ts";
import { SthelarError } from "@/core/errors.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  type PackedArray,
  plainRecords,
  readFixture,
  sizeOf,
  unpack,
  unpackLabels,
} from "../read_fixture.ts";

interface RegionGolden {
  readonly labels: PackedArray;
  readonly types: PackedArray;
  readonly records: readonly NucleusRecord[];
}

const { regions } = readFixture<{ regions: RegionGolden[] }>("raster_golden.json");

regions.forEach(({ labels, types, records }, i) => {
  Deno.test(`nucleusRecords() has OpenCV's contours of parts and holes, map ${i}`, () => {
    const found = nucleusRecords(unpackLabels(labels), unpack<Uint8Array>(types), sizeOf(labels));
    assertEquals(plainRecords(found), plainRecords(records));
  });
});

Deno.test("nucleusRecords() leaves out points and straight lines of pixels", () => {
  const labels = Int32Array.of(1, 0, 2, 0, 0, 0, 2, 0, 3, 3, 0, 0, 3, 3, 0, 4);
  const records = nucleusRecords(labels, new Uint8Array(16), { width: 4, height: 4 });
  assertEquals(records.map(({ label }) => label), [3]);
});

Deno.test("nucleusRecords() takes the smaller class of a tie and background only if it is alone", () => {
  const labels = Int32Array.of(1, 1, 1, 1, 2, 2, 2, 2);
  const types = Uint8Array.of(2, 1, 2, 1, 0, 0, 0, 0);
  const [tie, background] = nucleusRecords(labels, types, { width: 2, height: 4 });
  assertEquals([tie.type, tie.typeProbability], [1, 2 / (4 + 1e-6)]);
  assertEquals([background.type, background.typeProbability], [0, 4 / (4 + 1e-6)]);
});

Deno.test("typeInstanceMaps() leaves nuclei without a record out", () => {
  const maps = typeInstanceMaps(Int32Array.of(7, 9), [{ label: 9, type: 1 }], 3);
  assertEquals([...maps], [0, 0, 0, 9, 0, 0]);
});

Deno.test("typeInstanceMaps() refuses a type that is no class", () => {
  const record = { label: 1, type: 6 };
  assertThrows(
    () => typeInstanceMaps(Int32Array.of(1), [record], 6),
    SthelarError,
    "found the type 6 of nucleus 1, expected one of 6 classes",
  );
});

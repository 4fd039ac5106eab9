import {
  HOVER_CONSTANTS,
  HoverPostProcessor,
  type Magnification,
  type NucleusRecord,
  nucleusRecords,
  scaleToUnit,
} from "@/vision/hover/mod.ts";
import { SthelarError } from "@/core/errors.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type PackedArray,
  plainRecords,
  readFixture,
  sizeOf,
  unpack,
  unpackLabels,
} from "../read_fixture.ts";

interface HoverGolden {
  readonly name: string;
  readonly magnification: Magnification;
  readonly binary: PackedArray;
  readonly horizontal: PackedArray;
  readonly vertical: PackedArray;
  readonly types: PackedArray;
  readonly labels: PackedArray;
  readonly records: readonly NucleusRecord[];
}

const goldens = readFixture<HoverGolden[]>("hover_golden.json");

function mapsOf({ binary, horizontal, vertical }: HoverGolden) {
  const distances = (packed: PackedArray) =>
    Float32Array.from(unpack<Int8Array>(packed), (value) => value / 40);
  return {
    ...sizeOf(binary),
    binary: unpack<Uint8Array>(binary),
    horizontal: distances(horizontal),
    vertical: distances(vertical),
  };
}

for (const golden of goldens) {
  Deno.test(`segment() finds what OpenCV, SciPy and scikit-image find: ${golden.name}`, () => {
    const maps = mapsOf(golden);
    const processor = new HoverPostProcessor(maps, HOVER_CONSTANTS[golden.magnification]);
    const labels = new Int32Array(maps.binary.length).fill(77);
    for (let round = 0; round < 2; round++) {
      processor.segment(maps, labels);
      assertEquals(labels, unpackLabels(golden.labels));
    }
    const records = nucleusRecords(labels, unpack<Uint8Array>(golden.types), maps);
    assertEquals(plainRecords(records), plainRecords(golden.records));
  });
}

Deno.test("segment() cuts touching nuclei: more of them than components", () => {
  assert(goldens[0].records.length >= 8, `${goldens[0].records.length}`);
});

Deno.test("segment() refuses maps with NaN or infinity, naming the map and the pixel", () => {
  const maps = mapsOf(goldens[0]);
  const processor = new HoverPostProcessor(maps, HOVER_CONSTANTS[40]);
  const labels = new Int32Array(maps.binary.length);
  for (const name of ["horizontal", "vertical"] as const) {
    for (const [value, pixel] of [[NaN, 0], [NaN, 1234], [Infinity, 1234], [-Infinity, 1235]]) {
      const broken = maps[name].slice();
      broken[pixel] = value;
      const error = assertThrows(
        () => processor.segment({ ...maps, [name]: broken }, labels),
        SthelarError,
        `Cannot use the ${name} map of a prediction: found ${value} at pixel ${pixel}`,
      );
      assertEquals(error.tag, "CorruptData");
    }
  }
  processor.segment(maps, labels);
  assertEquals(labels, unpackLabels(goldens[0].labels));
});

Deno.test("segment() refuses a map of NaN alone, and finds nothing in flat ones", () => {
  const size = { width: 40, height: 30 };
  const processor = new HoverPostProcessor(size, HOVER_CONSTANTS[20]);
  const flat = new Float32Array(1200), labels = new Int32Array(1200).fill(5);
  const maps = { ...size, binary: new Uint8Array(1200), horizontal: flat, vertical: flat };
  assertEquals(processor.segment(maps, labels), 0);
  assertEquals(labels, new Int32Array(1200));
  const horizontal = flat.slice().fill(NaN);
  assertThrows(() => processor.segment({ ...maps, horizontal }, labels), SthelarError, "NaN");
});

Deno.test("segment() refuses maps of another size", () => {
  const maps = mapsOf(goldens[0]);
  const processor = new HoverPostProcessor({ width: 256, height: 256 }, HOVER_CONSTANTS[40]);
  assertThrows(
    () => processor.segment(maps, new Int32Array(65536)),
    SthelarError,
    "expected 256 x 256",
  );
});

Deno.test("scaleToUnit() makes flat maps 0", () => {
  const scaled = new Float32Array(2).fill(5);
  scaleToUnit(Float64Array.of(0.25, 0.25), "single", scaled, "flat");
  assertEquals([...scaled], [0, 0]);
});

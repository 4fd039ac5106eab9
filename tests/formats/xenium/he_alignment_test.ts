import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { checkPlausible, isMirrored, readHeAlignment, umPerHePixel } from "@/formats/xenium/mod.ts";
import { affine, applyAffine } from "@/geometry/mod.ts";

async function read(csv: string) {
  const disk = new MemoryDisk();
  await disk.write("/a.csv", new TextEncoder().encode(csv));
  return await readHeAlignment(disk, "/a.csv");
}

Deno.test("readHeAlignment() reads a matrix that maps H&E pixels to morphology pixels", async () => {
  // The example of 10x: rotated by 90 degrees, 0.274 um a pixel.
  const { map, source } = await read(
    "0.0111,1.2896,808.0\n-1.2896,0.0111,73097.7\n0,0,1\n",
  );
  assertEquals(source, "matrix");
  assertEquals(applyAffine(map, 0, 0), [808, 73097.7]);
  assertAlmostEquals(umPerHePixel(map, 0.2125), 0.27405, 1e-4);
  assertEquals(isMirrored(map), false);
});

Deno.test("readHeAlignment() accepts quotes, spaces, a byte order mark and Windows line ends", async () => {
  const { map } = await read('\ufeff"1.2", 0, 5\r\n0, "1.2", 6\r\n0,0,1\r\n\r\n');
  assertEquals(applyAffine(map, 10, 0), [17, 6]);
});

Deno.test("readHeAlignment() fits key points over all pairs and tells their residuals", async () => {
  const truth = affine("he", "px", [0.1, -1.2, 900, 1.25, 0.05, -30]);
  const places = [[0, 0], [1000, 0], [0, 800], [900, 700], [400, 350]];
  const rows = places.map(([x, y]) => [...applyAffine(truth, x, y), x, y].join(","));
  const exact = await read(`fixedX,fixedY,alignmentX,alignmentY\n${rows.join("\n")}`);
  assertEquals(exact.source, "keypoints");
  assert(exact.residualsPx.every((residual) => residual < 1e-8));
  const [u, v] = applyAffine(exact.map, 123, 456);
  assertAlmostEquals(u, applyAffine(truth, 123, 456)[0], 1e-8);
  assertAlmostEquals(v, applyAffine(truth, 123, 456)[1], 1e-8);
  rows[4] = rows[4].replace(/^[^,]+/, (x) => String(Number(x) + 10));
  const moved = await read(`fixedX,fixedY,alignmentX,alignmentY\n${rows.join("\n")}`);
  assert(moved.residualsPx[4] > 5 && moved.residualsPx[4] < 10);
});

for (
  const [csv, says] of [
    ["1,0,5\n0,1,6\n", "three rows of three numbers"],
    ["1,0\n0,1\n0,0\n", "three rows of three numbers"],
    ["1,0,5\n0,1,6\n0,0,2\n", "three rows of three numbers"],
    ["1,0,5\n2,0,6\n0,0,1\n", "determinant is not 0"],
    ["1,0,5\n0,x,6\n0,0,1\n", "determinant is not 0"],
    ["1,0,5\n0,,6\n0,0,1\n", "determinant is not 0"],
    ["", "three key points"],
    ["a,b,c,d\n1,2,3,4\n", "three key points"],
    ["fixedX,fixedY,alignmentX,alignmentY\n0,0,0,0\n1,1,1,1\n", "three key points"],
    ["fixedX,fixedY,alignmentX,alignmentY\n0,0,0,0\n1,1,1,1\n2,2,2,2\n", "span a triangle"],
    ["fixedX,fixedY,alignmentX,alignmentY\n0,0,0,0\n1,0,1,0\n0,y,0,1\n", "six finite numbers"],
  ] as const
) {
  Deno.test(`readHeAlignment() refuses ${JSON.stringify(csv)}`, async () => {
    const error = await assertRejects(() => read(csv), SthelarError, says);
    assert(isSthelarError(error, "CorruptData"));
    assertEquals(error.path, "/a.csv");
  });
}

Deno.test("readHeAlignment() names a file that is not there", async () => {
  await assertRejects(() => readHeAlignment(new MemoryDisk(), "/b.csv"), SthelarError, '"/b.csv"');
});

Deno.test("checkPlausible() refuses scales that no scanner has, and accepts mirrored scans", () => {
  const map = (a: number, e: number) => affine("he_pixel", "morphology_pixel", [a, 0, 0, 0, e, 0]);
  checkPlausible(map(1.29, -1.29), 0.2125);
  assertEquals(isMirrored(map(1.29, -1.29)), true);
  assertThrows(() => checkPlausible(map(0.1, 0.1), 0.2125), SthelarError, "0.02125 um a pixel");
  assertThrows(() => checkPlausible(map(50, 50), 0.2125), SthelarError, "10.63 um a pixel");
  assertThrows(() => checkPlausible(map(1, 2), 0.2125), SthelarError, "both axes alike");
});

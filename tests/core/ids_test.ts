import { assertEquals, assertThrows } from "@std/assert";
import { decodeCellId, encodeCellId } from "@/core/ids.ts";
import { Random } from "@/core/random.ts";

// The published test vectors of 10x's id format.
const VECTORS: readonly [number, number, string][] = [
  [0, 1, "aaaaaaaa-1"],
  [1, 1, "aaaaaaab-1"],
  [10000, 1, "aaaachba-1"],
  [27196, 1, "aaaagkdm-1"],
  [178650478, 1, "akkfpngo-1"],
  [1437536272, 1, "ffkpbaba-1"],
  [1437536273, 2, "ffkpbabb-2"],
  [4294967295, 1, "pppppppp-1"],
];

for (const [prefix, suffix, id] of VECTORS) {
  Deno.test(`cell id ${id} is number ${prefix} of data set ${suffix}`, () => {
    assertEquals(encodeCellId(prefix, suffix), id as ReturnType<typeof encodeCellId>);
    assertEquals(decodeCellId(id), { prefix, suffix });
  });
}

Deno.test("decoding an encoded number gives it back", () => {
  const random = new Random(1);
  for (let i = 0; i < 1000; i++) {
    const prefix = random.integer(2 ** 32);
    assertEquals(decodeCellId(encodeCellId(prefix)).prefix, prefix);
  }
});

Deno.test("decodeCellId() accepts an id without suffix and refuses anything else", () => {
  assertEquals(decodeCellId("aaaachba"), { prefix: 10000, suffix: 1 });
  for (const text of ["", "aaaachbq-1", "aaaachb-1", "aaaachba-", "AAAACHBA-1", "12"]) {
    assertThrows(() => decodeCellId(text), Error, `found "${text}"`);
  }
});

Deno.test("encodeCellId() refuses numbers outside 32 bits", () => {
  for (const value of [-1, 1.5, 2 ** 32, NaN]) assertThrows(() => encodeCellId(value), RangeError);
});

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { etaSquared } from "@/numerics/metrics/mod.ts";

Deno.test("etaSquared() is what is left of the variance by that within groups", () => {
  const eta = etaSquared([2, 4, 3, 8, 9, 7, 5], Int32Array.of(0, 0, 0, 1, 1, 1, 2));
  assertAlmostEquals(eta!, 1 - (2 + 2 + 0) / (292 / 7), 1e-12);
});

Deno.test("etaSquared() leaves out rows without group, and groups without rows", () => {
  const codes = Int32Array.of(0, -1, 3, 3, 0);
  assertEquals(etaSquared([1, 99, 5, 5, 1], codes), 1);
});

Deno.test("etaSquared() of one group is 0, and of equal values unknown", () => {
  assertEquals(etaSquared([1, 2, 3], new Int32Array(3)), 0);
  assertEquals(etaSquared([4, 4], Int32Array.of(0, 1)), null);
  const equal = new Float64Array(195).fill(Math.log1p(20));
  assertEquals(etaSquared(equal, Int32Array.from(equal, (_, i) => i % 3)), null);
  assertEquals(etaSquared([1, 2], Int32Array.of(-1, -1)), null);
});

Deno.test("etaSquared() does not depend on the size of the values", () => {
  const codes = Int32Array.from({ length: 60 }, (_, i) => i % 4);
  const values = Float64Array.from(codes, (code, i) => code + (i * 7919 % 13) / 5);
  const eta = etaSquared(values, codes)!;
  for (const scale of [1e-9, 1e9]) {
    assertAlmostEquals(etaSquared(values.map((value) => value * scale), codes)!, eta, 1e-9);
  }
});

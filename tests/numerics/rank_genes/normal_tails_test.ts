import { assert, assertEquals } from "@std/assert";
import { adjustPValues } from "@/numerics/rank_genes/adjust_p_values.ts";
import { normalTails } from "@/numerics/rank_genes/normal_tails.ts";
import tails from "../../fixtures/rank_genes/tails.json" with { type: "json" };

Deno.test("normalTails() gives scipy's p-values, down to the smallest numbers", () => {
  tails.z.forEach((z, i) => {
    const [found, expected] = [normalTails(z), tails.pValues[i]];
    // Seen: 2e-13 of the value; below 1e-307 numbers have fewer digits.
    const tolerance = expected > 1e-307 ? 1e-12 * expected : 1e-4 * expected;
    assert(Math.abs(found - expected) <= tolerance, `z ${z}: ${found}, not ${expected}`);
  });
});

Deno.test("normalTails() does not jump where it changes its method", () => {
  const z = Math.SQRT2;
  const [below, above] = [normalTails(z * (1 - 1e-9)), normalTails(z * (1 + 1e-9))];
  const slope = (above - below) / (2e-9 * z);
  assert(Math.abs(slope / (-2 * Math.exp(-1) / Math.sqrt(2 * Math.PI)) - 1) < 1e-5);
});

Deno.test("normalTails() of 0 is 1, of infinity 0, of NaN NaN", () => {
  assertEquals([normalTails(0), normalTails(-Infinity), normalTails(NaN)], [1, 0, NaN]);
});

Deno.test("adjustPValues() gives statsmodels' fdr_bh, ties and zeros included", () => {
  const found = adjustPValues(Float64Array.from(tails.tests));
  found.forEach((value, i) => {
    assert(Math.abs(value - tails.adjusted[i]) <= 1e-14 * tails.adjusted[i]);
  });
});

Deno.test("adjustPValues() of nothing is nothing, of one value the value", () => {
  assertEquals(adjustPValues(new Float64Array()).length, 0);
  assertEquals([...adjustPValues(Float64Array.of(0.3))], [0.3]);
});

import { fitCurve } from "@/numerics/umap/mod.ts";
import { assertAlmostEquals } from "@std/assert";
import goldens from "../../fixtures/umap/goldens.json" with { type: "json" };

for (const { minDist, spread, a, b } of goldens.curves) {
  Deno.test(`fitCurve() is umap-learn's for minDist ${minDist} and spread ${spread}`, () => {
    const curve = fitCurve(minDist, spread);
    assertAlmostEquals(curve.a, a, 1e-5);
    assertAlmostEquals(curve.b, b, 1e-5);
  });
}

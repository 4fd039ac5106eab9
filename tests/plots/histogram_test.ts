import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { binValues } from "@/plots/histogram.ts";
import { histogram } from "@/plots/mod.ts";

const random = new Random("histogram");
const counts = Int32Array.from({ length: 5000 }, () => Math.round(Math.exp(3 * random.normal())));

Deno.test("binValues() counts every value once", () => {
  for (const integers of [true, false]) {
    const bins = binValues(counts, { integers });
    assertEquals(bins.reduce((sum, bin) => sum + bin.count, 0), counts.length);
    for (let i = 1; i < bins.length; i++) assertEquals(bins[i].from, bins[i - 1].to);
  }
});

Deno.test("binValues() leaves out what has no logarithm, and has an edge at a threshold", () => {
  const bins = binValues(counts, { log: true, integers: true, lines: [{ at: 10.5, label: "" }] });
  const positive = counts.filter((count) => count > 0);
  assertEquals(bins.reduce((sum, bin) => sum + bin.count, 0), positive.length);
  const above = bins.filter((bin) => bin.from >= 10.5).reduce((sum, bin) => sum + bin.count, 0);
  assertEquals(above, positive.filter((count) => count > 10).length);
  assert(bins.every((bin) => bin.from % 1 === 0.5), "edges lie between whole numbers");
});

Deno.test("binValues() has equally wide bins for whole numbers on a linear axis", () => {
  const widths = binValues(Int32Array.from({ length: 101 }, (_, i) => i), { integers: true })
    .map((bin) => bin.to - bin.from);
  assertEquals(new Set(widths).size, 1);
});

Deno.test("binValues() takes empty, constant and non-finite values", () => {
  assertEquals(binValues([], {}), []);
  assertEquals(binValues([0, -1], { log: true }), []);
  assertEquals(binValues([3, 3], { bins: 1 }), [{ from: 2.5, to: 3.5, count: 2 }]);
  assertEquals(binValues([1, NaN, Infinity, 2], { bins: 1 }), [{ from: 1, to: 2, count: 2 }]);
});

Deno.test("histogram() draws also without a single value", async () => {
  const svg = await histogram({ values: [], xLabel: "area", unit: "nuclei" }).svg();
  assert(svg.includes("n = 0 nuclei"));
});

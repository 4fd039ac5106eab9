import { assertEquals } from "@std/assert";
import { quantileBins } from "@/numerics/quantile_bins.ts";

/** Bins of the same values by pandas. */
interface Golden {
  readonly name: string;
  readonly count: number;
  readonly values: readonly (number | null)[];
  readonly codes: readonly number[];
  readonly edges: readonly number[];
}

const goldens: readonly Golden[] = JSON.parse(
  await Deno.readTextFile(new URL("../fixtures/quantiles/goldens.json", import.meta.url)),
);

for (const { name, count, values, codes, edges } of goldens) {
  Deno.test(`quantileBins() numbers bins as pandas.qcut does: ${name}`, () => {
    const { column, edges: ends } = quantileBins(values.map((value) => value ?? NaN), count);
    assertEquals([...ends], edges);
    const numbers = Array.from(column.codes, (code) => code < 0 ? -1 : Number(column.levels[code]));
    assertEquals(numbers, codes);
    assertEquals(column.ordered, true);
  });
}

Deno.test("quantileBins() makes one bin of equal values, and none of no value", () => {
  const equal = quantileBins([12, 12, 12], 7);
  assertEquals([[...equal.column.codes], equal.column.levels], [[0, 0, 0], ["0"]]);
  assertEquals([[...equal.edges], equal.tied], [[12], [12]]);
  assertEquals(quantileBins([], 7).column.levels, []);
  assertEquals([...quantileBins([NaN, Infinity], 7).column.codes], [-1, -1]);
});

Deno.test("quantileBins() says which quantiles are tied", () => {
  const { column: { levels }, tied } = quantileBins([0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 7);
  assertEquals([levels, tied], [["0", "1", "2", "3"], [0]]);
});

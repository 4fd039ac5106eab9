import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failuresOf, tableOf } from "./fuzz.ts";
import { fuzzTargets } from "./fuzz_targets.ts";
import { mutateSample } from "./mutate_sample.ts";
import { loadTarget } from "./target_list.ts";

Deno.test("the framework sees each harm that a parser can do, and goes on behind it", async () => {
  const [report] = await fuzzTargets([{ target: "bad_parser", first: 0, count: 8 }], {
    silentSeconds: 1,
  });
  const seen = report.failures.map(({ number, kind, message }) => [number, kind, message]);
  const kinds = [
    "wrong error",
    "wrong error",
    "wrong error",
    "wrong error",
    "hang",
    "memory",
    "crash",
  ];
  assertEquals(seen.map(([number]) => number), [0, 1, 2, 3, 4, 5, 6]);
  assertEquals(seen.map(([, kind]) => kind), kinds);
  assertStringIncludes(String(seen[0][2]), "TypeError");
  assertStringIncludes(String(seen[1][2]), "names no path");
  assertStringIncludes(String(seen[2][2]), "InvalidArgument");
  assertStringIncludes(String(seen[3][2]), "3 values for 4");
  assertEquals(report.kinds, { failure: 4, hang: 1, read: 2, crash: 1 });
  assertStringIncludes(failuresOf([report]), "--target bad_parser --seed 4 --count 1");
  assertStringIncludes(tableOf([report]), "| bad_parser | 8 | 2 |");
});

Deno.test("the framework sees values that a checksum should have kept", async () => {
  const [{ failures }] = await fuzzTargets([{ target: "bad_parser", first: 20, count: 5 }], {
    silentSeconds: 5,
  });
  assert(failures.length > 0);
  for (const { kind } of failures) assertEquals(kind, "wrong values");
});

Deno.test("mutateSample() makes the same of a number each time, and differs between numbers", async () => {
  const seeds = await (await loadTarget("zip")).seeds();
  const made = Array.from({ length: 50 }, (_, number) => mutateSample("zip", number, seeds));
  made.forEach((sample, number) => assertEquals(mutateSample("zip", number, seeds), sample));
  assert(new Set(made.map(({ what }) => what)).size > 45);
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { kneeOf } from "@/numerics/mfa/mod.ts";

const SKIN_S1 = {
  nucleus: [
    ...[1, .6868, .6399, .5515, .4661, .3484, .3293, .2823, .2708, .2503, .2486, .2328, .2285],
    ...[.2146, .2089],
  ],
  cytoplasm: [
    ...[1, .7093, .5541, .4443, .3494, .2659, .2405, .2047, .1964, .1860, .1788, .1573, .1520],
    ...[.1506, .1456],
  ],
};
/** The first of more. */
const OTHERS: Readonly<Record<string, readonly number[]>> = {
  "skin_s4 nucleus": [1, .3040, .1958, .1729, .1194, .0916, .0884, .0775, .0609, .0590],
  "skin_s4 cytoplasm": [1, .3281, .2149, .1479, .0860, .0735, .0623, .0529, .0412, .0350],
  "prostate_s0 nucleus": [1, .3056, .1693, .1312, .1110],
  "prostate_s0 cytoplasm": [1, .2889, .1549, .1081, .0943],
  "lung_s3 nucleus": [1, .1839, .1475, .1371, .1238],
  "lung_s3 cytoplasm": [1, .2062, .1335, .1257, .0869],
  "breast_s6 nucleus": [1, .1650, .1096, .0811, .0755],
  "breast_s6 cytoplasm": [1, .1862, .0935, .0814, .0657],
};
/** Real: 1,790 cells of a human pancreas, 377 genes, by scanpy. */
const PANCREAS = [
  ...[8.45, 5.88, 5.24, 4.7, 4.23, 3.53, 2.63, 2.42, 2.16, 2.02, 1.98, 1.93, 1.93, 1.84, 1.82],
  ...[1.8, 1.78, 1.77, 1.74, 1.72, 1.72, 1.71, 1.68, 1.66, 1.65, 1.64, 1.62, 1.61, 1.59, 1.58],
  ...[1.57, 1.56, 1.55, 1.53, 1.52, 1.52, 1.51, 1.5, 1.48, 1.47, 1.46, 1.46, 1.44, 1.43, 1.43],
  ...[1.42, 1.41, 1.41, 1.4, 1.39],
];

/** Variances to 50 components, falling by the same share from the last that is known on. */
function continued(known: readonly number[], fall: number): number[] {
  const more = Array.from({ length: 50 - known.length }, (_, i) => Math.exp(-fall * (i + 1)));
  return [...known, ...more.map((share) => known.at(-1)! * share)];
}

Deno.test("kneeOf() of the published skin_s1 keeps 13 and 12 of 15 if the scree begins behind them", () => {
  for (const fall of [0.005, 0.01, 0.02]) {
    const [nucleus, cytoplasm] = [SKIN_S1.nucleus, SKIN_S1.cytoplasm]
      .map((known) => kneeOf(continued(known, fall)));
    assert(nucleus >= 12 && nucleus <= 14, `nucleus ${nucleus} at ${fall}`);
    assert(cytoplasm >= 11 && cytoplasm <= 14, `cytoplasm ${cytoplasm} at ${fall}`);
  }
  assertEquals(kneeOf(continued(SKIN_S1.nucleus, 0.01)), 13);
  assertEquals(kneeOf(continued(SKIN_S1.cytoplasm, 0.01)), 12);
});

for (const [name, known] of Object.entries(OTHERS)) {
  Deno.test(`kneeOf() keeps every published component of ${name} but the last known`, () => {
    assert(kneeOf(continued(known, 0.01)) >= known.length - 2);
  });
}

Deno.test("kneeOf() of a real pancreas keeps as many as people keep: 15 to 21", () => {
  assertEquals(kneeOf(PANCREAS), 18);
});

Deno.test("kneeOf() does not depend on the scale of the variances", () => {
  for (const scale of [1e-9, 1e9]) {
    assertEquals(kneeOf(PANCREAS.map((value) => value * scale)), kneeOf(PANCREAS));
  }
});

Deno.test("kneeOf() keeps one component of noise, and all of few", () => {
  assertEquals(kneeOf(Array.from({ length: 30 }, (_, i) => Math.exp(-0.02 * i))), 1);
  assertEquals(kneeOf([3, 2, 1]), 3);
  assertEquals(kneeOf([3, 2, 0, 0]), 2);
  assertEquals(kneeOf([0]), 1);
});

Deno.test("kneeOf() refuses no component, rising variances and values that are no numbers", () => {
  assertThrows(() => kneeOf([]), SthelarError, "no component");
  assertThrows(() => kneeOf([1, 2]), SthelarError, "2 at 1");
  assertThrows(() => kneeOf([1, NaN]), SthelarError, "NaN at 1");
});

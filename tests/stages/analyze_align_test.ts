import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { ParamValues } from "@/core/params.ts";
import { Random } from "@/core/random.ts";
import { silentProgress } from "@/core/progress.ts";
import type { StageContext } from "@/core/stage.ts";
import {
  type AlignmentTable,
  emptyAlignment,
  type PredictionSet,
} from "@/formats/predictions/mod.ts";
import { analyzeAlign } from "@/stages/3_04_analyze_align.ts";

type Params = ParamValues<typeof analyzeAlign.params>;

/** A table with these Jaccard indices, NaN for none; patches are numbered 3, 6, 9, … */
function tableOf(jaccard: readonly number[]): AlignmentTable {
  const table = emptyAlignment(Int32Array.from(jaccard, (_, i) => 3 * (i + 1)));
  jaccard.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    table.isEvaluated[row] = 1;
    table.nuclei[row] = row + 1;
    table.jaccard[row] = value;
    table.dice[row] = 2 * value / (1 + value);
  });
  return table;
}

async function analyze(table: AlignmentTable, params: Partial<Params> = {}) {
  const warnings: string[] = [];
  const predictions = {
    description: { source: "baseline" },
    alignment: () => Promise.resolve(table),
  } as unknown as PredictionSet;
  const { report } = await analyzeAlign.run(
    { predictions },
    { keepFrom: 0.45, strictFrom: 0.7, examples: 2, ...params },
    context((message) => warnings.push(message)),
  );
  return { report, warnings };
}

function context(warn: (message: string) => void): StageContext<typeof analyzeAlign.outputs> {
  return {
    ...{ out: {}, slide: { id: "heart_s9", simulated: false }, random: new Random("none") },
    ...{ progress: silentProgress, signal: new AbortController().signal, warn },
    ...{ limits: { memoryBytes: 1e9, threads: 1 }, scratch: "" },
    checkpoints: { read: () => Promise.resolve(undefined), write: () => Promise.resolve() },
    ...{ inform: () => {}, note: () => {} },
  };
}

Deno.test("3-04 tells quartiles as NumPy does, and the bins", async () => {
  const { report } = await analyze(tableOf([0.1, 0.5, 0.6, 0.9, NaN]));
  const { jaccard, dice, bpq } = report.scores;
  // numpy.percentile([0.1, 0.5, 0.6, 0.9], [25, 50, 75])
  assertAlmostEquals(jaccard!.lowerQuartile, 0.4, 1e-12);
  assertAlmostEquals(jaccard!.median, 0.55, 1e-12);
  assertAlmostEquals(jaccard!.upperQuartile, 0.675, 1e-12);
  assertEquals([jaccard!.count, jaccard!.min, jaccard!.max], [4, 0.1, 0.9]);
  assertAlmostEquals(jaccard!.mean, 0.525, 1e-12);
  assertEquals(jaccard!.histogram.length, 30);
  assertEquals([3, 15, 18, 27].map((bin) => jaccard!.histogram[bin]), [1, 1, 1, 1]);
  assertAlmostEquals(dice!.max, 1.8 / 1.9, 1e-12);
  assertEquals(bpq, null);
  assertEquals(report.patches, { total: 5, evaluated: 4 });
});

Deno.test("3-04 counts what is kept from a Jaccard index on, itself included", async () => {
  const { report } = await analyze(tableOf([0.45, 0.7, 0.449, NaN, 0.95]));
  assertEquals(report.kept, [
    { jaccard: 0.45, patches: 3, nuclei: 1 + 2 + 5 },
    { jaccard: 0.7, patches: 2, nuclei: 2 + 5 },
  ]);
});

Deno.test("3-04 chooses the best, middle and worst patches, equal ones by number", async () => {
  const { report } = await analyze(tableOf([0.5, 0.9, 0.5, NaN, 0.1, 0.9, 0.4]));
  assertEquals(report.examples, { best: [6, 18], middle: [3, 9], worst: [15, 21] });
});

Deno.test("3-04 says that no patch has a prediction", async () => {
  const { report, warnings } = await analyze(tableOf([NaN, NaN]));
  assertEquals(warnings, ["no patch has a prediction: there is nothing to compare"]);
  assertEquals(report.examples, { best: [], middle: [], worst: [] });
  assert(Object.values(report.scores).every((spread) => spread === null));
  const empty = await analyze(tableOf([]));
  assertEquals(empty.report.patches, { total: 0, evaluated: 0 });
});

Deno.test("3-04 refuses a stricter choice that is not stricter", async () => {
  for (const strictFrom of [0.45, 0.2]) {
    const error = await assertRejects(() => analyze(tableOf([0.5]), { strictFrom }), SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assertStringIncludes(error.message, `strictFrom ${strictFrom} and keepFrom 0.45`);
  }
});

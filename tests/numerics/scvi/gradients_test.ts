import { assert } from "@std/assert";
import { Random } from "@/core/random.ts";
import { add, openProgram, Program, reshape, sub, sum } from "@/numerics/graph/mod.ts";
import { BatchFeeds } from "@/numerics/scvi/batch_feeds.ts";
import { COUNTED, zinb, zinbWithSlopes } from "@/numerics/scvi/zinb.ts";
import { denseCounts } from "./goldens.ts";

const ROWS = 5, GENES = 6, HIDDEN = 3;
const TAIL = Int32Array.of(1, 3, 4, 5);
const H = 4e-3;
/** float32: rounding of losses around 100 divided by 2 h, and the differences' own error. */
const TOLERANCE = 1e-2;

const SHAPES = {
  hidden: [ROWS, HIDDEN],
  rate: [GENES, HIDDEN],
  rateBias: [GENES],
  dropout: [GENES, HIDDEN],
  dropoutBias: [GENES],
  logDispersion: [GENES],
} as const;
type Argument = keyof typeof SHAPES;
const ARGUMENTS = Object.keys(SHAPES) as Argument[];

function program(): Program {
  const made = new Program();
  const per = "step" as const;
  const of = (name: Argument) => made.input(name, SHAPES[name], { per });
  const inputs = {
    counts: made.input("counts", [ROWS, GENES]),
    above: made.input("above", [COUNTED, GENES]),
    tail: { genes: TAIL, counts: made.input("tail", [ROWS, TAIL.length]) },
    hidden: of("hidden"),
    rate: { weight: of("rate"), bias: of("rateBias") },
    dropout: { weight: of("dropout"), bias: of("dropoutBias") },
    logDispersion: of("logDispersion"),
  };
  const { slopes } = zinbWithSlopes(made, inputs);
  const { rows, gammas } = zinb(made, inputs);
  made.output("loss", sub(made.input("logFactorials", []), add(sum(rows), gammas)));
  for (const [tensor, slope] of slopes) {
    made.output(`${tensor.name} slope`, reshape(slope, [slope.size]));
  }
  return made;
}

Deno.test("the slopes that are written out are differences of the likelihood", async () => {
  const random = new Random("zinb");
  // Zeros, small counts, some at the end of those that are counted one by one, and large ones.
  const values = [0, 0, 1, 0, 2, 7, 15, 16, 17, 0, 60, 250];
  const counts = Float32Array.from(
    { length: ROWS * GENES },
    (_, i) => Math.min(i % GENES === 0 || i % GENES === 2 ? 16 : 999, values[(5 * i) % 12]),
  );
  const { logCounts: _, ...used } = await new BatchFeeds({
    counts: denseCounts({ data: counts, shape: [ROWS, GENES] }),
    size: { genes: GENES, samples: 1, hidden: HIDDEN, latent: 1 },
    codes: undefined,
    tailGenes: TAIL,
  }).counts(Int32Array.of(0, 1, 2, 3, 4), 1, ROWS, "");
  const sizes = ARGUMENTS.map((name) => SHAPES[name].reduce<number>((a, b) => a * b, 1));
  const steps = 1 + 2 * sizes.reduce((a, b) => a + b);
  let perturbed = 1;
  const perturbedFeeds = Object.fromEntries(ARGUMENTS.map((name, a) => {
    const start = Float32Array.from({ length: sizes[a] }, () => random.normal());
    const all = Float32Array.from({ length: steps * sizes[a] }, (_, i) => start[i % sizes[a]]);
    for (let k = 0; k < sizes[a]; k++) {
      all[perturbed++ * sizes[a] + k] += H;
      all[perturbed++ * sizes[a] + k] -= H;
    }
    return [name, all];
  }));
  await using running = await openProgram(program().build());
  const slopeNames = ARGUMENTS.map((name) => `${name} slope`);
  const { watched } = await running.run({
    steps,
    feeds: { ...used, ...perturbedFeeds },
    watch: ["loss", ...slopeNames],
  });
  let at = 1;
  for (const [a, name] of slopeNames.entries()) {
    for (let k = 0; k < sizes[a]; k++, at += 2) {
      const difference = (watched.loss[at] - watched.loss[at + 1]) / (2 * H);
      // Slopes are those of the mean over rows.
      const slope = ROWS * watched[name][k];
      const error = Math.abs(slope - difference) / Math.max(5, Math.abs(difference));
      assert(error < TOLERANCE, `${name} ${k}: ${slope} against ${difference}`);
    }
  }
});

Deno.test("a row without counts has likelihood 1 and no slope", async () => {
  const made = program();
  await using running = await openProgram(made.build());
  const feeds = Object.fromEntries(ARGUMENTS.map((name) => {
    const random = new Random(name);
    const length = SHAPES[name].reduce<number>((a, b) => a * b, 1);
    return [name, Float32Array.from({ length }, () => random.normal())];
  }));
  const zeros = {
    counts: new Float32Array(ROWS * GENES),
    above: new Float32Array(COUNTED * GENES),
    tail: new Float32Array(ROWS * TAIL.length).fill(COUNTED),
    logFactorials: 0,
  };
  const names = ARGUMENTS.map((name) => `${name} slope`);
  const { watched } = await running.run({
    feeds: { ...feeds, ...zeros },
    watch: ["loss", ...names],
  });
  assert(Math.abs(watched.loss[0]) < 1e-5, `loss ${watched.loss[0]}`);
  for (const name of names) {
    const most = Math.max(...watched[name].map(Math.abs));
    assert(most < 1e-6, `${name} ${most}`);
  }
});

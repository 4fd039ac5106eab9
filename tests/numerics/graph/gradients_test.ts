import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import * as t from "@/numerics/graph/mod.ts";
import { checkGradients, type GradientCase } from "./gradient_check.ts";

const random = new Random("shapes");

/** Two shapes that broadcast: extents 1 and missing leading axes at random. */
function broadcastPair(): [number[], number[]] {
  const full = Array.from({ length: 1 + random.integer(3) }, () => 1 + random.integer(4));
  const reduced = () =>
    full.map((extent) => random.uniform() < 0.35 ? 1 : extent)
      .slice(random.uniform() < 0.3 ? random.integer(full.length + 1) : 0);
  return [reduced(), reduced()];
}

type Build = (program: t.Program, ...args: readonly t.Tensor[]) => t.Tensor;

/** An operation of two arguments on six pairs of shapes. */
function binary(
  name: string,
  op: (a: t.Tensor, b: t.Tensor) => t.Tensor,
  low = -2,
): GradientCase[] {
  return Array.from({ length: 6 }, (_, i) => ({
    name: `${name} ${i}`,
    shapes: broadcastPair(),
    range: [low, 2] as const,
    build: (_program: t.Program, a: t.Tensor, b: t.Tensor) => op(a, b),
  }));
}

function on(name: string, shapes: number[][], build: Build, low = -2, high = 2): GradientCase {
  return { name, shapes, build, range: [low, high] };
}

const unary = (name: string, op: (x: t.Tensor) => t.Tensor, low = -2, high = 2) =>
  on(name, [[3, 4]], (_, x) => op(x), low, high);

const float32 = (name: string, op: (x: t.Tensor) => t.Tensor): GradientCase => ({
  ...unary(name, op),
  dtype: "float32",
});

const ints = (program: t.Program, ...values: number[]) =>
  program.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");

const CASES: GradientCase[] = [
  ...binary("add", t.add),
  ...binary("sub", t.sub),
  ...binary("mul", t.mul),
  ...binary("div", t.div, 0.3),
  ...binary("pow", t.pow, 0.3),
  ...binary("where", (a, b) => t.where(t.greater(a, b), a, t.mul(b, 2))),
  unary("pow by 3", (x) => t.pow(x, 3)),
  unary("neg", t.neg),
  unary("exp", t.exp),
  unary("log", t.log, 0.2),
  unary("sqrt", t.sqrt, 0.2),
  unary("square", t.square),
  unary("abs", t.abs),
  unary("relu", t.relu),
  unary("sigmoid", t.sigmoid),
  unary("tanh", t.tanh),
  float32("softplus", t.softplus),
  float32("erf", t.erf),
  unary("clip", (x) => t.clip(x, -1, 0.7)),
  on("maximum", [[3, 2], [2]], (_, a, b) => t.maximum(a, b)),
  unary("cast", (x) => t.cast(t.exp(t.cast(x, "float64")), x.dtype)),
  unary("stopGradient", (x) => t.add(t.exp(x), t.stopGradient(t.mul(x, 0)))),
  unary("lgamma", t.lgamma, 0.1, 20),
  unary("sum", (x) => t.sum(x, 0)),
  on("sum of two axes", [[2, 3, 4]], (_, x) => t.sum(x, [0, 2], { keepDims: true })),
  unary("mean", (x) => t.mean(t.square(x), -1)),
  on("max", [[2, 3, 2]], (_, x) => t.max(x, [0, 1])),
  on("min", [[2, 3, 2]], (_, x) => t.min(x, 1, { keepDims: true })),
  on("softmax", [[2, 3, 2]], (_, x) => t.softmax(x, 1)),
  on("logSoftmax", [[2, 3, 2]], (_, x) => t.logSoftmax(x, -2)),
  unary("logSumExp", (x) => t.logSumExp(x, 0)),
  on("reshape", [[2, 3, 2]], (_, x) => t.square(t.reshape(x, [4, 3]))),
  on("broadcastTo", [[3, 1]], (_, x) => t.square(t.broadcastTo(x, [2, 3, 4]))),
  on("transpose", [[2, 3, 2]], (_, x) => t.square(t.transpose(x, [2, 0, 1]))),
  on("slice", [[2, 5]], (_, x) => t.square(t.slice(x, 1, 1, 4))),
  on("pad", [[2, 3]], (_, x) => t.square(t.pad(x, 0, 1, 2))),
  on("concat", [[2, 3], [2, 1], [2, 2]], (_, ...x) => t.square(t.concat(x, 1))),
  on("gather", [[4, 2]], (p, x) => t.square(t.gather(x, ints(p, 3, 0, 3, 1, 3)))),
  on("scatterAdd", [[5, 2]], (p, x) => t.square(t.scatterAdd(x, ints(p, 3, 0, 3, 1, 3), 4))),
  ...[[false, false], [false, true], [true, false], [true, true]].map(
    ([transposeA, transposeB]) =>
      on(
        `matmul ${transposeA} ${transposeB}`,
        [transposeA ? [4, 3] : [3, 4], transposeB ? [2, 4] : [4, 2], [1, 2]],
        (_, a, b, plus) => t.square(t.matmul(a, b, { transposeA, transposeB, plus })),
      ),
  ),
  on(
    "matmul of batches",
    [[2, 1, 3, 2], [3, 4, 2], [4]],
    (_, a, b, plus) => t.matmul(a, b, { transposeB: true, plus }),
  ),
  on("matmul twice", [[3, 3]], (_, x) => t.matmul(x, x, { transposeA: true })),
  unary("norm", (x) => t.norm(x, 1)),
  on("cosineSimilarity", [[3, 4], [3, 4]], (_, a, b) => t.cosineSimilarity(a, b, 0)),
  on(
    "batchNorm",
    [[5, 3], [1, 3], [3]],
    (_, x, scale, shift) => t.batchNorm(x, scale, shift).output,
  ),
  on("columnSums", [[4, 3]], (_, x) => t.square(t.columnSums(x))),
  on(
    "gradients of gradients",
    [[3, 2]],
    (_, x) => t.gradients(t.sum(t.mul(t.tanh(x), t.exp(x))), [x])[0],
  ),
];

Deno.test("gradients agree with central differences for every operation", async () => {
  const errors = await checkGradients(CASES);
  assertEquals(errors.filter(({ error, tolerance }) => !(error < tolerance)), []);
});

Deno.test("every operation with a gradient is among the checked ones", () => {
  const without = [
    ...[
      "adam",
      "adamClock",
      "buildBlocks",
      "gradients",
      "openProgram",
      "Program",
      "Tensor",
      "pullBack",
    ],
    ...["both", "equal", "greater", "greaterOrEqual", "less", "lessOrEqual", "sign"],
    ...["argMax", "argMin", "oneHot", "topK"],
  ];
  const checked = new Set(CASES.map(({ name }) => name.split(" ")[0]));
  const missing = Object.keys(t).filter((name) => !without.includes(name) && !checked.has(name));
  assertEquals(missing, []);
});

Deno.test("pullBack() goes on from slopes as gradients() does from a loss", async () => {
  const program = new t.Program();
  const x = program.input("x", [2, 2]);
  const y = t.exp(x), z = t.mul(y, t.tanh(x));
  const [ofZ, ofY] = ["ofZ", "ofY"].map((name) => program.input(name, [2, 2]));
  const loss = t.sum(t.add(t.mul(z, ofZ), t.mul(y, ofY)));
  program.output("known", t.pullBack([[z, ofZ], [y, ofY]], [x])[0]);
  program.output("plain", t.gradients(loss, [x])[0]);
  await using running = await t.openProgram(program.build());
  const feeds = {
    x: Float32Array.of(0, 1, -1, 2),
    ofZ: Float32Array.of(1, 2, 3, 4),
    ofY: Float32Array.of(-1, 5, 0, 1),
  };
  await running.run({ feeds });
  assertEquals(await running.read("known"), await running.read("plain"));
});

Deno.test("a wrong gradient does not pass the check", async () => {
  const wrong = (vjp: (gradient: t.Tensor, output: t.Tensor) => t.Tensor) =>
    unary("wrong", (x) =>
      x.tape.emit({
        operation: "tanh",
        onnx: "Tanh",
        inputs: [x],
        shape: x.shape,
        differentiation: [vjp],
      }));
  const errors = await checkGradients([
    wrong((g, y) => t.mul(g, t.sub(1, y))),
    wrong((g, y) => t.mul(t.mul(g, t.sub(1, t.square(y))), 1 + 1e-5)),
    on("wrong", [[2, 3], [1, 3]], (_, a, b) =>
      t.add(a, t.stopGradient(b))
        .tape.emit({
          operation: "add",
          onnx: "Add",
          inputs: [a, b],
          shape: [2, 3],
          differentiation: [(g) => g, (g) => t.slice(g, 0, 0, 1)],
        })),
  ]);
  for (const { error, tolerance } of errors) assert(error > 10 * tolerance, `${error}`);
});

Deno.test("gradients() refuses topK, and names the tensor", () => {
  const program = new t.Program();
  const x = program.input("x", [5]);
  const best = t.topK(x.named("scores"), 2);
  assertThrows(
    () => t.gradients(t.sum(best.values), [x]),
    SthelarError,
    'Cannot differentiate topK of "scores"',
  );
  assertEquals(t.gradients(t.add(t.sum(x), t.sum(t.stopGradient(best.values))), [x]).length, 1);
});

Deno.test("gradients() refuses a loss that does not depend on a tensor", () => {
  const program = new t.Program();
  const [x, y] = [program.input("x", [3]), program.input("y", [3])];
  const loss = t.sum(t.mul(x, t.cast(t.greater(y, 0), "float32"))).named("loss");
  assertThrows(() => t.gradients(loss, [y]), SthelarError, 'Cannot differentiate "loss" by "y"');
  assertThrows(() => t.gradients(t.exp(x), [x]), SthelarError, "expected one value");
  const slope = program.input("slope", [2]);
  assertThrows(() => t.gradients(t.exp(x), [x], slope), SthelarError, "expected a slope");
});

Deno.test("gradients() visits only what lies between the loss and what it is asked for", () => {
  const program = new t.Program();
  const [x, w] = [program.input("x", [40, 30]), program.input("w", [30, 2])];
  const loss = t.sum(t.square(t.matmul(t.exp(x), w)));
  const before = program.input("unused", []).tape.nodes.length;
  t.gradients(loss, [w]);
  const added = w.tape.nodes.slice(before);
  assertEquals(added.filter(({ operation }) => operation === "matmul").length, 1);
});

Deno.test("gradients() with a slope are those of the sum that the slope weighs", async () => {
  const program = new t.Program();
  const x = program.input("x", [3, 2]);
  const slope = program.constant(Float32Array.of(1, -2, 3, 4, 5, 6), [3, 2]);
  const y = t.square(t.tanh(x));
  program.output("sloped", t.gradients(y, [x], slope)[0]);
  program.output("weighed", t.gradients(t.sum(t.mul(y, slope)), [x])[0]);
  await using running = await t.openProgram(program.build());
  await running.run({ feeds: { x: Float32Array.of(0.1, 0.2, -0.3, 0.4, 0.5, 2) } });
  const sloped = await running.read("sloped");
  assertEquals(sloped, await running.read("weighed"));
  assert(sloped.every((value) => value !== 0));
  assertThrows(() => t.gradients(y, [x], t.sum(slope)), SthelarError, "expected a slope");
});

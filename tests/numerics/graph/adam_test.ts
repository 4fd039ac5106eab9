import { assert, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import * as t from "@/numerics/graph/mod.ts";

const ROWS = 12;
const COLUMNS = 5;

const random = new Random("adam");
const X = Float32Array.from({ length: ROWS * COLUMNS }, () => random.normal());
const Y = Float32Array.from({ length: ROWS }, () => random.normal());
const START = Float32Array.from({ length: COLUMNS }, () => random.normal());

/** Weights after each step of Adam or AdamW in float64, as torch's documentation has them. */
function reference(steps: number, options: t.AdamOptions & { learningRate: number }): number[][] {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0, decoupled = false } = options;
  const w = Array.from(START);
  const [m, v] = [w.map(() => 0), w.map(() => 0)];
  return Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const gradient = leastSquaresGradient(w);
    for (let j = 0; j < w.length; j++) {
      if (decoupled) w[j] -= learningRate * weightDecay * w[j];
      const g = gradient[j] + (decoupled ? 0 : weightDecay * w[j]);
      m[j] = beta1 * m[j] + (1 - beta1) * g;
      v[j] = beta2 * v[j] + (1 - beta2) * g * g;
      const mean = m[j] / (1 - beta1 ** step);
      const square = v[j] / (1 - beta2 ** step);
      w[j] -= learningRate * mean / (Math.sqrt(square) + epsilon);
    }
    return [...w];
  });
}

function leastSquaresGradient(w: readonly number[]): number[] {
  const gradient = w.map(() => 0);
  for (let i = 0; i < ROWS; i++) {
    let residual = -Y[i];
    for (let j = 0; j < COLUMNS; j++) residual += X[i * COLUMNS + j] * w[j];
    for (let j = 0; j < COLUMNS; j++) gradient[j] += 2 * residual * X[i * COLUMNS + j] / ROWS;
  }
  return gradient;
}

function leastSquares(program: t.Program): { w: t.Tensor; gradient: t.Tensor } {
  const x = program.constant(X, [ROWS, COLUMNS]);
  const y = program.constant(Y, [ROWS, 1]);
  const w = program.parameter("w", [COLUMNS, 1]);
  const loss = t.mean(t.square(t.sub(t.matmul(x, w), y)));
  const [gradient] = t.gradients(loss, [w]);
  program.output("loss", loss);
  return { w, gradient };
}

const VARIANTS: Record<string, t.AdamOptions & { learningRate: number }> = {
  "Adam": { learningRate: 0.1 },
  "Adam with other decays": { learningRate: 0.03, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 },
  "Adam with weight decay": { learningRate: 0.1, weightDecay: 0.3 },
  "AdamW": { learningRate: 0.1, weightDecay: 0.3, decoupled: true },
};

for (const [name, options] of Object.entries(VARIANTS)) {
  Deno.test(`adam() agrees with torch's formulas over 50 steps: ${name}`, async () => {
    const program = new t.Program();
    const { w, gradient } = leastSquares(program);
    t.adam(program, [w], [gradient], options);
    program.output("copy", t.mul(w, 1));
    await using running = await t.openProgram(program.build());
    await running.write("w", START);
    // "copy" is the weight before each step.
    const { watched } = await running.run({ steps: 51, watch: ["copy"] });
    reference(50, options).forEach((weights, step) =>
      weights.forEach((expected, j) => {
        const found = watched.copy[(step + 1) * COLUMNS + j];
        // The largest difference seen is 1.2e-6.
        assert(Math.abs(found - expected) < 5e-6, `step ${step}: ${found} for ${expected}`);
      })
    );
  });
}

Deno.test("adam() takes a learning rate that changes from step to step", async () => {
  const program = new t.Program();
  const { w, gradient } = leastSquares(program);
  const learningRate = program.input("rate", [], { per: "step" });
  t.adam(program, [w], [gradient], { learningRate });
  await using running = await t.openProgram(program.build());
  await running.write("w", START);
  await running.run({ steps: 4, feeds: { rate: Float32Array.of(0.1, 0.1, 0, 0) } });
  const found = await running.read("w");
  reference(2, { learningRate: 0.1 })[1].forEach((expected, j) =>
    assert(Math.abs(Number(found[j]) - expected) < 1e-6)
  );
});

Deno.test("adam() with a shared clock counts steps and not blocks", async () => {
  const clock = new t.Program();
  t.adamClock(clock);
  const rows = 7;
  const update = t.buildBlocks(rows, 3, (blockRows) => {
    const program = new t.Program();
    const w = program.parameter("w", [blockRows, 2], { per: "block" });
    const gradient = t.mul(w, 2);
    t.adam(program, [w], [gradient], { learningRate: 0.05, clock: "shared" });
    return program;
  });
  const whole = new t.Program();
  const w = whole.parameter("w", [rows, 2]);
  t.adam(whole, [w], [t.mul(w, 2)], { learningRate: 0.05 });
  await using inBlocks = await t.openProgram({ clock: clock.build(), update });
  await using atOnce = await t.openProgram(whole.build());
  const start = Float32Array.from({ length: rows * 2 }, (_, i) => i - 4);
  const results = await Promise.all([inBlocks, atOnce].map(async (running) => {
    await running.write("w", start);
    await running.run({ steps: 20 });
    return await running.read("w");
  }));
  results[0].forEach((value, i) => assert(value === results[1][i]));
});

Deno.test("adam() refuses a gradient of another shape, and a second clock of one name", () => {
  const program = new t.Program();
  const w = program.parameter("w", [3]);
  const g = program.input("g", [4]);
  assertThrows(() => t.adam(program, [w], [g]), SthelarError, 'Cannot build adam of "w" and "g"');
  assertThrows(() => t.adamClock(program), SthelarError, "another name for a second Adam");
});

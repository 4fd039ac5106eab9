import { Random } from "@/core/random.ts";
import { sizeOf } from "@/core/arrays.ts";
import { gradients, type Model, mul, openProgram, Program, sum } from "@/numerics/graph/mod.ts";
import type { DType, Tensor } from "@/numerics/graph/mod.ts";

/** A function whose gradients are compared with central differences. */
export interface GradientCase {
  readonly name: string;
  /** Shapes of its arguments. */
  readonly shapes: readonly (readonly number[])[];
  /** Range of their random values (default −2 to 2). */
  readonly range?: readonly [number, number];
  /** float64 (default) where onnxruntime can, with far smaller differences. */
  readonly dtype?: DType;
  build(program: Program, ...args: readonly Tensor[]): Tensor;
}

/** Largest disagreement of a case, relative to `max(1, |difference|)`. */
export interface GradientError {
  readonly name: string;
  readonly error: number;
  /** What rounding and the differences' own error allow. */
  readonly tolerance: number;
}

/** Central differences: h and what is left of error, for values around 1. */
const PRECISION = {
  float64: { h: 1e-5, tolerance: 1e-7 },
  float32: { h: 1e-2, tolerance: 3e-3 },
} as const;

interface Prepared {
  readonly key: string;
  readonly model: Model;
  readonly steps: number;
  readonly h: number;
  readonly tolerance: number;
  readonly feeds: Readonly<Record<string, Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>>;
  readonly sizes: readonly number[];
}

/** Compares gradients with central differences, each case's perturbed arguments as steps of a run. */
export async function checkGradients(cases: readonly GradientCase[]): Promise<GradientError[]> {
  const prepared = cases.map((item, i) => prepare(item, `case${i}`));
  const models = Object.fromEntries(prepared.map(({ key, model }) => [key, model]));
  await using running = await openProgram(models, { threads: 1 });
  const errors: GradientError[] = [];
  for (const [i, { key, steps, feeds, sizes, h, tolerance }] of prepared.entries()) {
    const names = sizes.map((_, argument) => `${key}/gradient${argument}`);
    const watch = [`${key}/loss`, ...names];
    const { watched } = await running.run({ steps, order: [key], feeds, watch });
    const losses = watched[`${key}/loss`];
    const exact = names.flatMap((name, argument) => [...watched[name].slice(0, sizes[argument])]);
    const error = Math.max(...exact.map((value, element) => {
      const difference = (losses[1 + 2 * element] - losses[2 + 2 * element]) / (2 * h);
      return Math.abs(value - difference) / Math.max(1, Math.abs(difference));
    }));
    errors.push({ name: cases[i].name, error, tolerance });
  }
  return errors;
}

/** The loss weighs each value of the result differently, so that no error cancels. */
function prepare(
  { name, shapes, range, dtype = "float64", build }: GradientCase,
  key: string,
): Prepared {
  const random = new Random(name);
  const program = new Program();
  const args = shapes.map((shape, i) =>
    program.input(`${key}/x${i}`, shape, { dtype, per: "step" })
  );
  const result = build(program, ...args);
  const array = (length: number, value: (i: number) => number) => {
    const values = Array.from({ length }, (_, i) => value(i));
    return dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
  };
  const weights = array(result.size, () => 0.5 + random.uniform());
  const loss = sum(mul(result, program.constant(weights, result.shape, dtype)));
  program.output(`${key}/loss`, loss);
  gradients(loss, args).forEach((g, i) => program.output(`${key}/gradient${i}`, g));
  const sizes = shapes.map(sizeOf);
  const steps = 1 + 2 * sizes.reduce((total, size) => total + size, 0);
  const { h, tolerance } = PRECISION[dtype === "float32" ? "float32" : "float64"];
  const [low, high] = range ?? [-2, 2];
  let perturbed = 1;
  const feeds = Object.fromEntries(sizes.map((size, i) => {
    const values = Array.from({ length: size }, () => low + (high - low) * random.uniform());
    const all = array(steps * size, (at) => values[at % size]);
    for (let element = 0; element < size; element++) {
      all[perturbed++ * size + element] += h;
      all[perturbed++ * size + element] -= h;
    }
    return [`${key}/x${i}`, all];
  }));
  return { key, model: program.build(), steps, h, tolerance, feeds, sizes };
}

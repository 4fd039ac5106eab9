import type { Tensor } from "./tape.ts";
import { misfit, sameShape } from "./tensor_type.ts";
import { add, div, mul, sqrt, square, sub } from "./elementwise.ts";
import type { Program } from "./program.ts";

/** Options of {@link adam}; the defaults are PyTorch's. */
export interface AdamOptions {
  /** Step size (default 1e-3); a tensor of one value where it changes from step to step. */
  readonly learningRate?: number | Tensor;
  /** Decay of the mean of gradients (default 0.9). */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients (default 0.999). */
  readonly beta2?: number;
  /** Added to the denominator (default 1e-8). */
  readonly epsilon?: number;
  /** Pull towards 0 (default 0). */
  readonly weightDecay?: number;
  /** Whether the pull bypasses the gradient (AdamW) or is added to it (Adam, the default). */
  readonly decoupled?: boolean;
  /**
   * Who counts the steps: this program (default), or another one with {@link adamClock}, where
   * this one runs once for each block and not once for each step.
   */
  readonly clock?: "own" | "shared";
  /** Prefix of the parameters that count the steps (default `adam`). */
  readonly name?: string;
}

/**
 * One step of Adam (Kingma & Ba 2015, algorithm 1) or AdamW (Loshchilov & Hutter 2019), agreeing
 * with `torch.optim.Adam` and `AdamW`. Its state is parameters of the program, updated with those:
 * `<name>.m` and `<name>.v` hold the moments divided by `1 − β`, which saves two passes over them.
 *
 * @param parameters Parameters of the program.
 * @param gradients One for each.
 * @throws {SthelarError} `InvalidArgument` if their shapes differ.
 */
export function adam(
  program: Program,
  parameters: readonly Tensor[],
  gradients: readonly Tensor[],
  options: AdamOptions = {},
): void {
  if (parameters.length !== gradients.length) {
    throw misfit("adam", parameters, "as many gradients", `${gradients.length} gradients`);
  }
  const { learningRate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0, decoupled = false, clock = "own" } = options;
  const [correction1, correction2] = clock === "own"
    ? adamClock(program, options)
    : declareClock(program, options);
  const rootOfV = sqrt(div(correction2, 1 - beta2));
  const stepSize = mul(mul(div(rootOfV, correction1), 1 - beta1), learningRate);
  const floor = mul(rootOfV, epsilon);
  const kept = decoupled && weightDecay !== 0 ? keptShare(learningRate, weightDecay) : undefined;
  parameters.forEach((parameter, i) => {
    const [m, v] = moments(program, parameter, gradients[i]);
    const gradient = weightDecay === 0 || decoupled
      ? gradients[i]
      : add(gradients[i], mul(parameter, weightDecay));
    const newM = add(mul(m, beta1), gradient);
    const newV = add(mul(v, beta2), square(gradient));
    const change = div(mul(newM, stepSize), add(sqrt(newV), floor));
    const base = kept === undefined ? parameter : mul(parameter, kept);
    program.update(m, newM);
    program.update(v, newV);
    program.update(parameter, sub(base, change));
  });
}

/** What the decay of AdamW leaves of a parameter. */
function keptShare(learningRate: number | Tensor, weightDecay: number): number | Tensor {
  if (typeof learningRate === "number") return 1 - learningRate * weightDecay;
  return sub(1, mul(learningRate, weightDecay));
}

function moments(program: Program, parameter: Tensor, gradient: Tensor): readonly Tensor[] {
  if (!sameShape(parameter.shape, gradient.shape)) {
    throw misfit("adam", [parameter, gradient], "a gradient of the parameter's shape");
  }
  const { shape, dtype } = parameter;
  const per = program.perOf(parameter);
  return ["m", "v"].map((moment) =>
    program.parameter(`${parameter.name}.${moment}`, shape, { dtype, per })
  );
}

/**
 * Counts a step for {@link adam} with `clock: "shared"`: run it once a step, before the blocks.
 * What it keeps are the corrections `1 − β1^t` and `1 − β2^t`, in a form without cancellation.
 */
export function adamClock(program: Program, options: AdamOptions = {}): readonly [Tensor, Tensor] {
  const { beta1 = 0.9, beta2 = 0.999, name = "adam" } = options;
  if (program.find(`${name}.correction1`) !== undefined) {
    throw misfit("adam", [], "another name for a second Adam", `"${name}" twice`);
  }
  const tick = (correction: Tensor, beta: number) => {
    const next = add(correction, mul(sub(1, correction), 1 - beta));
    program.update(correction, next);
    return next;
  };
  const [correction1, correction2] = declareClock(program, { name });
  return [tick(correction1, beta1), tick(correction2, beta2)];
}

function declareClock(program: Program, { name = "adam" }: AdamOptions): readonly [Tensor, Tensor] {
  return [
    program.parameter(`${name}.correction1`, []),
    program.parameter(`${name}.correction2`, []),
  ];
}

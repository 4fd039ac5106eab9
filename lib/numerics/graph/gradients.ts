import { SthelarError } from "@/core/errors.ts";
import { broadcastTo } from "./broadcast.ts";
import { add } from "./elementwise.ts";
import type { GraphNode, Tensor } from "./tape.ts";
import { misfit, sameShape } from "./tensor_type.ts";

/**
 * Gradients of a loss, by reverse mode. They are tensors like any other: they can be put out, fed
 * to {@link adam}, or differentiated again. Only operations between `wrt` and the loss are visited.
 * Comparisons, `argMax`, `sign`, `oneHot` and `stopGradient` count as constants.
 *
 * @param loss One value; or any tensor, if `slope` says how much each of its values counts.
 * @param wrt Inputs, parameters or intermediate tensors.
 * @param slope Of the shape of `loss`: the gradient of what is computed from it elsewhere.
 * @returns For each of `wrt` a tensor of its shape.
 * @throws {SthelarError} `InvalidArgument` if an operation on the way has no gradient, or the loss
 * does not depend on one of `wrt`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradients, openProgram, Program, square, sum } from "@/numerics/graph/mod.ts";
 *
 * const program = new Program();
 * const x = program.input("x", [2]);
 * const [slope] = gradients(sum(square(x)), [x]);
 * program.output("slope", slope);
 * await using running = await openProgram(program.build(), { threads: 1 });
 * await running.run({ feeds: { x: Float32Array.of(3, -1) } });
 * assertEquals(await running.read("slope"), Float32Array.of(6, -2));
 * ```
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[], slope?: Tensor): Tensor[] {
  if (slope === undefined && loss.size !== 1) throw misfit("gradients", [loss], "one value");
  const { tape, dtype, shape } = loss;
  return pullBack([[loss, slope ?? broadcastTo(tape.literal(1, dtype), shape)]], wrt);
}

/**
 * Gradients of a loss of which the slopes by some tensors are known, such as those of a likelihood
 * that are written out by hand: goes on from there as {@link gradients} does.
 *
 * @param slopes Tensors with the slope of the loss by each, of its shape. Where one is computed
 * from another, their shares add up.
 * @param wrt As in {@link gradients}.
 * @throws {SthelarError} As {@link gradients}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exp, openProgram, Program, pullBack } from "@/numerics/graph/mod.ts";
 *
 * const program = new Program();
 * const x = program.input("x", [2]);
 * const rates = exp(x);
 * const [slope] = pullBack([[rates, program.input("byRates", [2])]], [x]);
 * program.output("slope", slope);
 * await using running = await openProgram(program.build(), { threads: 1 });
 * await running.run({ feeds: { x: new Float32Array(2), byRates: Float32Array.of(3, -1) } });
 * assertEquals(await running.read("slope"), Float32Array.of(3, -1));
 * ```
 */
export function pullBack(
  slopes: readonly (readonly [of: Tensor, slope: Tensor])[],
  wrt: readonly Tensor[],
): Tensor[] {
  if (slopes.length === 0) throw misfit("pullBack", [], "at least one slope", "none");
  const found = new Map<number, Tensor>();
  for (const [of, slope] of slopes) {
    if (!sameShape(slope.shape, of.shape)) {
      throw misfit("gradients", [of, slope], "a slope of the tensor's shape");
    }
    const known = found.get(of.id);
    found.set(of.id, known === undefined ? slope : add(known, slope));
  }
  const [[loss]] = slopes;
  const recorded = [...loss.tape.nodes];
  const needed = dependents(recorded, wrt);
  for (const node of recorded.reverse()) {
    const output = node.outputs.find(({ id }) => found.has(id) && needed.has(id));
    if (output === undefined) continue;
    visit(node, output, found.get(output.id)!, needed, found);
  }
  return wrt.map((tensor) => found.get(tensor.id) ?? unreached(loss, tensor));
}

/** Ids of `wrt` and of what depends on them. */
function dependents(nodes: readonly GraphNode[], wrt: readonly Tensor[]): Set<number> {
  const ids = new Set(wrt.map(({ id }) => id));
  for (const { sources, outputs, differentiation } of nodes) {
    if (differentiation === "constant" || !sources.some(({ id }) => ids.has(id))) continue;
    for (const { id } of outputs) ids.add(id);
  }
  return ids;
}

function visit(
  { operation, sources, differentiation }: GraphNode,
  output: Tensor,
  gradient: Tensor,
  needed: ReadonlySet<number>,
  found: Map<number, Tensor>,
): void {
  sources.forEach((input, i) => {
    if (!needed.has(input.id) || differentiation === "constant") return;
    if (differentiation === "refused") throw withoutGradient(operation, input);
    const vjp = differentiation[i];
    if (vjp === undefined) return;
    const part = vjp(gradient, output);
    const others = found.get(input.id);
    found.set(input.id, others === undefined ? part : add(others, part));
  });
}

function withoutGradient(operation: string, input: Tensor): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot differentiate ${operation} of "${input.name}"`,
    found: "an operation without gradient between the loss and what it is differentiated by",
    remedy: "pass its argument through stopGradient() if it counts as a constant",
  });
}

function unreached(loss: Tensor, tensor: Tensor): never {
  throw new SthelarError("InvalidArgument", {
    action: `Cannot differentiate "${loss.name}" by "${tensor.name}"`,
    found: "a loss that does not depend on it",
  });
}

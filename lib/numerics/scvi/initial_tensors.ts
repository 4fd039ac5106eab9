import { sizeOf } from "@/core/arrays.ts";
import type { Random } from "@/core/random.ts";
import { modelTensors } from "./scvi_model.ts";
import { NAMES, type ScviSize } from "./tensor_layout.ts";

/**
 * Where training begins, as in torch: linear layers uniform within one over the root of their
 * inputs, batch norms 1 and 0 with running statistics of the standard normal distribution, `px_r`
 * standard normal. Each tensor is drawn from a source of its own.
 */
export function initialTensors(size: ScviSize, random: Random): Map<string, Float32Array> {
  const specs = modelTensors(size);
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  return new Map(specs.map(({ name, shape }) => {
    const values = new Float32Array(sizeOf(shape));
    const weight = shapes.get(name.replace(/bias$/, "weight"))!;
    if (name === NAMES.logDispersion) random.split(name).fillNormal(values);
    else if (weight?.length === 2) fillUniform(values, weight[1], random.split(name));
    else if (/(running_var|\.weight)$/.test(name)) values.fill(1);
    return [name, values];
  }));
}

function fillUniform(values: Float32Array, inputs: number, random: Random): void {
  const bound = 1 / Math.sqrt(inputs);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
}

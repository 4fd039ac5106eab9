import type { RunningProgram } from "@/numerics/graph/mod.ts";
import { learnedBuffers, runningStatistics, type ScviSize } from "./tensor_layout.ts";
import { sizeOf } from "@/core/arrays.ts";

/** Values of tensors, by name. */
export type TensorValues = ReadonlyMap<string, Float32Array>;

/**
 * Writes a model's tensors to where programs keep them.
 *
 * @param part Which part of the model the programs use (default all).
 */
export async function writeTensors(
  running: RunningProgram,
  size: ScviSize,
  values: TensorValues,
  part = "",
): Promise<void> {
  for (const { name, tensors, length } of learnedBuffers(size)) {
    if (!tensors.some((tensor) => tensor.name.startsWith(part))) continue;
    const buffer = new Float32Array(length);
    let at = 0;
    for (const tensor of tensors) {
      buffer.set(values.get(tensor.name)!, at);
      at += sizeOf(tensor.shape);
    }
    await running.write(name, buffer, { transfer: true });
  }
  for (const { name } of runningStatistics(size)) {
    if (!name.startsWith(part)) continue;
    await running.write(name, Float32Array.from(values.get(name)!), { transfer: true });
  }
}

/** Reads a model's tensors. */
export async function readTensors(
  running: RunningProgram,
  size: ScviSize,
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const { name, tensors } of learnedBuffers(size)) {
    const buffer = await running.read(name) as Float32Array;
    let at = 0;
    for (const tensor of tensors) {
      values.set(tensor.name, buffer.slice(at, at += sizeOf(tensor.shape)));
    }
  }
  for (const { name } of runningStatistics(size)) {
    values.set(name, await running.read(name) as Float32Array);
  }
  return values;
}

import { sizeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { Tensor as OrtTensor } from "onnxruntime-node";
import type { Binding, BufferSpec, RowBlocks } from "./model.ts";
import { allocateTensor, type Shape, type TensorData } from "./tensor_type.ts";

interface Buffer {
  readonly spec: BufferSpec;
  data: TensorData | undefined;
}

/** The tensors that stay in a worker, each under its name; programs see all of one or its rows. */
export class BufferStore {
  readonly #buffers = new Map<string, Buffer>();

  /** Zeroed buffers; those with an entry for each step are fed. */
  constructor(specs: readonly BufferSpec[]) {
    for (const spec of specs) {
      const data = spec.per === "step" ? undefined : allocateTensor(spec.dtype, sizeOf(spec.shape));
      this.#buffers.set(spec.name, { spec, data });
    }
  }

  /** The values of a buffer. */
  data(name: string): TensorData {
    const data = this.#buffers.get(name)?.data;
    if (data !== undefined) return data;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot use the tensor "${name}"`,
      found: "no values",
      expected: "values that were fed, written, and not taken away",
    });
  }

  /** Copies values to `at`; all values of a buffer become the buffer, without a copy. */
  write(name: string, values: TensorData, at: number): void {
    const buffer = this.#buffers.get(name)!;
    const length = sizeOf(buffer.spec.shape);
    const adopted = at === 0 && values.byteLength === values.buffer.byteLength &&
      (buffer.spec.per === "step" || values.length === length);
    if (adopted) {
      buffer.data = values;
      return;
    }
    buffer.data ??= allocateTensor(buffer.spec.dtype, length);
    (buffer.data as Float32Array).set(values as Float32Array, at);
  }

  /** Moves a buffer out. */
  take(name: string): TensorData {
    const data = this.data(name);
    this.#buffers.get(name)!.data = undefined;
    return data;
  }

  /**
   * What onnxruntime reads and writes: a view of the buffer, not a copy.
   *
   * @param block The number of the block, for tensors that are rows of one.
   * @param step The number of the step, for tensors that have an entry for each.
   */
  view(
    { name, shape, dtype, per }: Binding,
    blocks: RowBlocks | undefined,
    block: number,
    step: number,
  ): OrtTensor {
    const data = this.data(name);
    const size = sizeOf(shape);
    const rowSize = size / (shape[0] ?? 1);
    const firstRow = blocks === undefined ? 0 : blocks.firstRow + block * blocks.blockRows;
    const offset = per === "step" ? step * size : per === "block" ? firstRow * rowSize : 0;
    if (offset + size > data.length) throw tooShort(name, data.length, size, step);
    return ortTensor(dtype, data.subarray(offset, offset + size) as TensorData, shape);
  }
}

function tooShort(name: string, length: number, size: number, step: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot feed "${name}" to step ${step}`,
    found: `values for ${length / size} steps`,
    expected: "an entry for each step",
  });
}

/** A tensor of onnxruntime over our values. */
export function ortTensor(dtype: Binding["dtype"], data: TensorData, shape: Shape): OrtTensor {
  return new OrtTensor(dtype as "float32", data as Float32Array, shape);
}

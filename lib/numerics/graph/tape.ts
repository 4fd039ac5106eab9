import { SthelarError } from "@/core/errors.ts";
import { sizeOf } from "@/core/arrays.ts";
import {
  arrayOf,
  type DType,
  misfit,
  type Shape,
  shapeText,
  type TensorData,
} from "./tensor_type.ts";

/** An immutable handle of a value in a program that is being built: shape, type and label. */
export class Tensor {
  /** What has recorded it. */
  readonly tape: Tape;
  /** Its number on the tape. */
  readonly id: number;
  /** Its extents. */
  readonly shape: Shape;
  /** Its number type. */
  readonly dtype: DType;
  /** What errors call it. */
  readonly name: string;

  /** Made by a {@link Tape}. */
  constructor(tape: Tape, id: number, shape: Shape, dtype: DType, name: string) {
    this.tape = tape;
    this.id = id;
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of values. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The same tensor under a name of yours, for error messages. */
  named(name: string): Tensor {
    return new Tensor(this.tape, this.id, this.shape, this.dtype, name);
  }
}

/** An argument of an operation: a tensor, or a number of the other argument's type. */
export type Operand = Tensor | number;

/** An attribute of an ONNX node: a whole number or several, text, or a float. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** The gradient of the loss for one input, from the gradient for the output. */
export type Vjp = (gradient: Tensor, output: Tensor) => Tensor;

/**
 * How an operation takes part in reverse mode: a {@link Vjp} for each input (undefined for those
 * that have none, such as indices), `constant` where the derivative is zero wherever it exists,
 * `refused` where there is none here.
 */
export type Differentiation = readonly (Vjp | undefined)[] | "constant" | "refused";

/** A recorded operation. */
export interface GraphNode {
  /** Our name for it, as in errors. */
  readonly operation: string;
  /** ONNX's name for it. */
  readonly onnx: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** What it is differentiated by: see {@link Emission.sources}. */
  readonly sources: readonly Tensor[];
  readonly differentiation: Differentiation;
}

/** What {@link Tape.emit} records. */
export interface Emission {
  readonly operation: string;
  readonly onnx: string;
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /**
   * The tensors that `differentiation` is about (default the inputs): others where this operation
   * ends several whose gradient is written out as a whole.
   */
  readonly sources?: readonly Tensor[];
  readonly differentiation: Differentiation;
}

/** A value that is part of the program. */
export interface Constant {
  readonly tensor: Tensor;
  readonly data: TensorData;
}

/** Records operations in the order in which they are built. */
export class Tape {
  readonly #nodes: GraphNode[] = [];
  readonly #producers = new Map<number, GraphNode>();
  readonly #constants = new Map<number, Constant>();
  readonly #shared = new Map<string, Tensor>();
  #tensors = 0;

  /** The operations, producers before consumers. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  /** The operation that makes a tensor; undefined for inputs and constants. */
  producer(tensor: Tensor): GraphNode | undefined {
    return this.#producers.get(tensor.id);
  }

  /** The data of a constant; undefined for other tensors. */
  constantOf(tensor: Tensor): Constant | undefined {
    return this.#constants.get(tensor.id);
  }

  /** A new tensor without a producer. */
  tensor(shape: Shape, dtype: DType, name: string): Tensor {
    if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1)) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot declare "${name}"`,
        found: `shape ${shapeText(shape)}`,
        expected: "whole extents of at least 1",
      });
    }
    return this.#next(shape, dtype, name);
  }

  /** Records an operation with one output. */
  emit(emission: Emission): Tensor {
    const { inputs, shape, dtype = inputs[0].dtype } = emission;
    return this.emitMany(emission, [{ shape, dtype }])[0];
  }

  /** Records an operation with several outputs. */
  emitMany(
    { operation, onnx, inputs, attributes = {}, sources = inputs, differentiation }: Omit<
      Emission,
      "shape"
    >,
    results: readonly { readonly shape: Shape; readonly dtype: DType }[],
  ): Tensor[] {
    if (inputs.some(({ tape }) => tape !== this)) {
      throw misfit(operation, inputs, "tensors of one program", "tensors of several programs");
    }
    const label = `${operation}_${this.#nodes.length}`;
    const outputs = results.map(({ shape, dtype }) => this.tensor(shape, dtype, label));
    const node = { operation, onnx, inputs, outputs, attributes, sources, differentiation };
    this.#nodes.push(node);
    for (const { id } of outputs) this.#producers.set(id, node);
    return outputs;
  }

  /** A value that becomes part of the program (copied when it is encoded, not here). */
  constant(data: TensorData, shape: Shape, dtype: DType, name = "constant"): Tensor {
    const tensor = this.#next(shape, dtype, name);
    if (tensor.size !== data.length) {
      throw misfit("constant", [tensor], `${tensor.size} values`, `${data.length} values`);
    }
    this.#constants.set(tensor.id, { tensor, data });
    return tensor;
  }

  /** A small constant, of which equal ones are shared: a scalar, or a list where `values` is one. */
  literal(values: number | readonly number[], dtype: DType): Tensor {
    const key = `${dtype} ${typeof values} ${values} ${Object.is(values, -0)}`;
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [values.length];
    const tensor = this.constant(arrayOf(dtype, list), shape, dtype, String(values));
    this.#shared.set(key, tensor);
    return tensor;
  }

  #next(shape: Shape, dtype: DType, name: string): Tensor {
    return new Tensor(this, this.#tensors++, [...shape], dtype, name);
  }
}

/** The tensors of an operation's arguments: numbers take the type of the first tensor. */
export function asTensors(operation: string, ...operands: readonly Operand[]): Tensor[] {
  const first = operands.find((operand) => operand instanceof Tensor);
  if (first === undefined) {
    throw misfit(operation, [], "at least one tensor", `numbers ${operands.join(" and ")}`);
  }
  return operands.map((operand) =>
    operand instanceof Tensor ? operand : first.tape.literal(operand, first.dtype)
  );
}

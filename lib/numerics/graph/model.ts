import { sizeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { bytesPerElement, type DType, sameShape, type Shape, shapeText } from "./tensor_type.ts";

/**
 * Which part of its buffer a program's tensor is: all of it (`run`), the rows of the block that is
 * being run (`block`), or the entry of the step (`step`: the buffer has a leading axis of steps).
 */
export type Per = "run" | "block" | "step";

/** A tensor of a model that is bound to a buffer by name. */
export interface Binding {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly per: Per;
}

/** A parameter that each run replaces. */
export interface Update extends Binding {
  /** The model's output that holds its new value. */
  readonly output: string;
  /**
   * Whether the new value is written over the old one while the program runs; otherwise it takes
   * a buffer of its own, and a copy.
   */
  readonly inPlace: boolean;
}

/** A built program: an ONNX model, and what its inputs and outputs are bound to. */
export interface Model {
  /** The ONNX model. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Inputs and parameters. */
  readonly inputs: readonly Binding[];
  readonly outputs: readonly Binding[];
  readonly updates: readonly Update[];
  /** Set where it runs once for each block of rows: see {@link buildBlocks}. */
  readonly blocks?: RowBlocks;
}

/** How a table of rows is cut, or a range of its rows. */
export interface RowBlocks {
  /** Rows that are cut. */
  readonly rows: number;
  /** The first of them in the table. */
  readonly firstRow: number;
  /** Rows of the whole table. */
  readonly tableRows: number;
  /** Rows of a block. */
  readonly blockRows: number;
  /** The program for the last block, where it is smaller. */
  readonly rest?: Model;
}

/** A buffer that the models of a program share by name. */
export interface BufferSpec {
  readonly name: string;
  /** Without the axis of steps. */
  readonly shape: Shape;
  readonly dtype: DType;
  readonly per: Per;
  /** Made by a model, and not by the user. */
  readonly output: boolean;
}

/** Bytes of a buffer (of one step, if it has several). */
export function bufferBytes({ shape, dtype }: Pick<BufferSpec, "shape" | "dtype">): number {
  return sizeOf(shape) * bytesPerElement(dtype);
}

/**
 * The buffers of several models: one for each name.
 *
 * @throws {SthelarError} `InvalidArgument` if models disagree about one.
 */
export function collectBuffers(
  models: Readonly<Record<string, Model>>,
): ReadonlyMap<string, BufferSpec> {
  const specs = new Map<string, BufferSpec>();
  for (const [modelName, model] of Object.entries(models)) {
    for (const binding of model.inputs) merge(specs, modelName, whole(binding, model, false));
    for (const binding of model.outputs) merge(specs, modelName, whole(binding, model, true));
  }
  return specs;
}

function whole(
  { name, shape, dtype, per }: Binding,
  { blocks }: Model,
  output: boolean,
): BufferSpec {
  const rows = per === "block" && blocks !== undefined ? blocks.tableRows : shape[0];
  const full = per === "block" ? [rows, ...shape.slice(1)] : shape;
  return { name, shape: full, dtype, per, output };
}

/** A `block` of one model may be all of another's: what counts is the whole. */
function merge(specs: Map<string, BufferSpec>, model: string, spec: BufferSpec): void {
  const known = specs.get(spec.name);
  if (known === undefined) {
    specs.set(spec.name, spec);
    return;
  }
  const perStep = [known.per, spec.per].map((per) => per === "step");
  if (
    !sameShape(known.shape, spec.shape) || known.dtype !== spec.dtype || perStep[0] !== perStep[1]
  ) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot share "${spec.name}" with the model "${model}"`,
      found: `${spec.dtype} ${shapeText(spec.shape)}${perStep[1] ? " per step" : ""}`,
      expected: `${known.dtype} ${shapeText(known.shape)}${perStep[0] ? " per step" : ""}`,
    });
  }
  specs.set(spec.name, { ...known, output: known.output || spec.output });
}

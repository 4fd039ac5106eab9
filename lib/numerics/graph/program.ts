import { SthelarError } from "@/core/errors.ts";
import { encodeOnnx, type OnnxValue } from "./encode_onnx.ts";
import { isInPlace } from "./in_place.ts";
import type { Binding, Model, Per, Update } from "./model.ts";
import { type GraphNode, Tape, type Tensor } from "./tape.ts";
import { type DType, misfit, sameShape, type Shape, type TensorData } from "./tensor_type.ts";

/** Options of an input or parameter. */
export interface InputOptions {
  /** Number type (default float32). */
  readonly dtype?: DType;
  /** Which part of the buffer of this name it is (default all of it). */
  readonly per?: Per;
}

interface Declared {
  readonly tensor: Tensor;
  readonly per: Per;
  readonly parameter: boolean;
}

interface Result {
  readonly name: string;
  readonly tensor: Tensor;
  readonly per: Per;
}

/**
 * A tensor program while it is built. Shapes and number types are fixed and checked by each
 * operation; nothing is computed before {@link openProgram} runs what {@link Program.build} makes.
 *
 * @example A least-squares fit by Adam
 * ```ts
 * import { assert } from "@std/assert";
 * import * as t from "@/numerics/graph/mod.ts";
 *
 * const program = new t.Program();
 * const x = program.input("x", [4, 1]);
 * const y = program.input("y", [4, 1]);
 * const slope = program.parameter("slope", [1, 1]);
 * const loss = t.mean(t.square(t.sub(t.matmul(x, slope), y)));
 * t.adam(program, [slope], t.gradients(loss, [slope]), { learningRate: 0.1 });
 * program.output("loss", loss);
 *
 * await using running = await t.openProgram(program.build(), { threads: 1 });
 * const feeds = { x: Float32Array.of(1, 2, 3, 4), y: Float32Array.of(2, 4, 6, 8) };
 * const { watched } = await running.run({ steps: 200, feeds });
 * assert(watched.loss[199] < 1e-3 * watched.loss[0]);
 * ```
 */
export class Program {
  readonly #tape = new Tape();
  readonly #declared = new Map<string, Declared>();
  readonly #results: Result[] = [];
  readonly #updates = new Map<string, { readonly parameter: Declared; readonly value: Tensor }>();

  /** A tensor that is fed: its buffer keeps its values from run to run. */
  input(name: string, shape: Shape, options: InputOptions = {}): Tensor {
    return this.#declare(name, shape, options, false);
  }

  /** A tensor that stays with the running program, zero at first, and that it can update. */
  parameter(name: string, shape: Shape, options: InputOptions = {}): Tensor {
    return this.#declare(name, shape, options, true);
  }

  /** Values that become part of the program; feed large ones as inputs instead. */
  constant(data: TensorData, shape: Shape, dtype: DType = "float32"): Tensor {
    return this.#tape.constant(data, shape, dtype);
  }

  /** The declared input or parameter of this name, if any. */
  find(name: string): Tensor | undefined {
    return this.#declared.get(name)?.tensor;
  }

  /** Which part of its buffer an input or parameter is. */
  perOf(tensor: Tensor): Per {
    return this.#declarationOf(tensor)?.per ?? "run";
  }

  /** Puts a tensor out into the buffer `name`; with `block`, into the rows of the block. */
  output(
    name: string,
    tensor: Tensor,
    { per = "run" }: { readonly per?: "run" | "block" } = {},
  ): void {
    this.#requireNew(name, this.#results.map((result) => result.name));
    this.#requireNew(name, this.#declared.keys());
    if (tensor.tape !== this.#tape) {
      throw misfit("output", [tensor], "a tensor of this program", "another's");
    }
    this.#results.push({ name, tensor, per });
  }

  /** Replaces a parameter by `value` at the end of each run. */
  update(parameter: Tensor, value: Tensor): void {
    const declared = this.#declarationOf(parameter);
    if (!declared?.parameter || declared.per === "step") {
      throw misfit("update", [parameter], "a parameter of this program", "another tensor");
    }
    if (!sameShape(parameter.shape, value.shape) || parameter.dtype !== value.dtype) {
      throw misfit("update", [parameter, value], "a value of the parameter's shape and type");
    }
    const { name } = declared.tensor;
    this.#requireNew(name, this.#updates.keys());
    this.#updates.set(name, { parameter: declared, value });
  }

  /**
   * The program as an ONNX model: what no output or update needs is left out.
   *
   * @throws {SthelarError} `InvalidArgument` if nothing is put out; `OverBudget` beyond 2 GB.
   */
  build(): Model {
    const updates = [...this.#updates.values()];
    const targets = [...this.#results.map(({ tensor }) => tensor), ...updates.map((u) => u.value)];
    if (targets.length === 0) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot build a program",
        found: "no output and no update",
      });
    }
    const { nodes, used } = this.#live(targets);
    const assembly = new Assembly(nodes, this.#tape);
    for (const { tensor } of this.#declared.values()) assembly.nameInput(tensor);
    const results = [
      ...this.#results,
      ...updates.map(({ parameter: { tensor, per }, value }) => ({
        name: `${tensor.name}'`,
        tensor: value,
        per,
      })),
    ];
    const outputs = results.map(({ name, tensor }) => assembly.nameOutput(name, tensor));
    const inputs = [...this.#declared.values()].filter(({ tensor }) => used.has(tensor.id));
    const bytes = encodeOnnx({
      inputs: inputs.map(({ tensor }) => binding(tensor.name, tensor, "run")),
      outputs,
      constants: assembly.constants(used),
      nodes: assembly.nodes(),
    });
    return {
      bytes,
      inputs: this.#bound(inputs),
      outputs: this.#results.map(({ name, tensor, per }) => binding(name, tensor, per)),
      updates: updates.map(({ parameter: { tensor, per }, value }): Update => ({
        ...binding(tensor.name, tensor, per),
        output: `${tensor.name}'`,
        inPlace: assembly.isNamed(value, `${tensor.name}'`) &&
          isInPlace(tensor, value, nodes, targets),
      })),
    };
  }

  /** Inputs of the model, and parameters that are only written. */
  #bound(inputs: readonly Declared[]): Binding[] {
    const written = [...this.#updates.values()].map(({ parameter }) => parameter);
    return [...new Set([...inputs, ...written])]
      .map(({ tensor, per }) => binding(tensor.name, tensor, per));
  }

  #live(targets: readonly Tensor[]): { nodes: GraphNode[]; used: Set<number> } {
    const used = new Set(targets.map(({ id }) => id));
    const nodes: GraphNode[] = [];
    for (const node of this.#tape.nodes.toReversed()) {
      if (!node.outputs.some(({ id }) => used.has(id))) continue;
      nodes.push(node);
      for (const { id } of node.inputs) used.add(id);
    }
    return { nodes: nodes.reverse(), used };
  }

  #declare(
    name: string,
    shape: Shape,
    { dtype = "float32", per = "run" }: InputOptions,
    parameter: boolean,
  ): Tensor {
    this.#requireNew(name, this.#declared.keys());
    const tensor = this.#tape.tensor(shape, dtype, name);
    this.#declared.set(name, { tensor, per, parameter });
    return tensor;
  }

  #declarationOf(tensor: Tensor): Declared | undefined {
    return [...this.#declared.values()].find(({ tensor: known }) =>
      known.id === tensor.id && known.tape === tensor.tape
    );
  }

  #requireNew(name: string, known: Iterable<string>): void {
    if (name === "" || name.startsWith("%") || name.endsWith("'") || new Set(known).has(name)) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot declare "${name}"`,
        found: "a name that is empty, taken, begins with % or ends with '",
      });
    }
  }
}

function binding(name: string, { shape, dtype }: Tensor, per: Per): Binding {
  return { name, shape, dtype, per };
}

/** Gives ONNX names to tensors: each output needs a name of its own. */
class Assembly {
  readonly #names = new Map<number, string>();
  readonly #fixed = new Set<number>();
  readonly #copies: { readonly from: number; readonly to: string }[] = [];
  readonly #live: readonly GraphNode[];
  readonly #tape: Tape;

  constructor(nodes: readonly GraphNode[], tape: Tape) {
    this.#live = nodes;
    this.#tape = tape;
  }

  nameInput({ id, name }: Tensor): void {
    this.#names.set(id, name);
    this.#fixed.add(id);
  }

  nameOutput(name: string, tensor: Tensor): OnnxValue {
    if (this.#fixed.has(tensor.id) || this.#tape.producer(tensor) === undefined) {
      this.#copies.push({ from: tensor.id, to: name });
    } else {
      this.#names.set(tensor.id, name);
      this.#fixed.add(tensor.id);
    }
    return { name, shape: tensor.shape, dtype: tensor.dtype };
  }

  isNamed(tensor: Tensor, name: string): boolean {
    return this.#names.get(tensor.id) === name;
  }

  nodes() {
    return [
      ...this.#live.map(({ onnx, inputs, outputs, attributes }) => ({
        onnx,
        inputs: inputs.map(({ id }) => this.#name(id)),
        outputs: outputs.map(({ id }) => this.#name(id)),
        attributes,
      })),
      ...this.#copies.map(({ from, to }) => ({
        onnx: "Identity",
        inputs: [this.#name(from)],
        outputs: [to],
        attributes: {},
      })),
    ];
  }

  constants(used: ReadonlySet<number>) {
    return [...used].flatMap((id) => {
      const constant = this.#tape.constantOf({ id } as Tensor);
      if (constant === undefined) return [];
      const { tensor: { shape, dtype }, data } = constant;
      return [{ name: this.#name(id), shape, dtype, data }];
    });
  }

  #name(id: number): string {
    return this.#names.get(id) ?? `%${id}`;
  }
}

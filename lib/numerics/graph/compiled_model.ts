import { messageOf, SthelarError } from "@/core/errors.ts";
import { sizeOf } from "@/core/arrays.ts";
import { InferenceSession, type Tensor as OrtTensor } from "onnxruntime-node";
import { type BufferStore, ortTensor } from "./buffer_store.ts";
import type { Binding, Model, RowBlocks } from "./model.ts";
import { allocateTensor, type TensorData } from "./tensor_type.ts";

type Tensors = Record<string, OrtTensor>;

interface Copy {
  readonly to: Binding;
  readonly from: TensorData;
}

/** A model with its session; runs on the buffers of a store. */
export class CompiledModel {
  readonly #name: string;
  readonly #model: Model;
  readonly #session: InferenceSession;
  readonly #rest: CompiledModel | undefined;
  readonly #scratch = new Map<string, TensorData>();

  private constructor(
    name: string,
    model: Model,
    session: InferenceSession,
    rest: CompiledModel | undefined,
  ) {
    this.#name = name;
    this.#model = model;
    this.#session = session;
    this.#rest = rest;
  }

  /** Opens a session for a model, and for its smaller last block. */
  static async open(
    name: string,
    model: Model,
    options: InferenceSession.SessionOptions,
  ): Promise<CompiledModel> {
    const session = await InferenceSession.create(model.bytes, options);
    const rest = model.blocks?.rest;
    const last = rest === undefined ? undefined : await CompiledModel.open(name, rest, options);
    return new CompiledModel(name, model, session, last);
  }

  /** Runs it, for each of its blocks. */
  async run(store: BufferStore, step: number): Promise<void> {
    const { blocks } = this.#model;
    const full = blocks === undefined ? 1 : Math.floor(blocks.rows / blocks.blockRows);
    for (let block = 0; block < full; block++) await this.#runBlock(store, blocks, block, step);
    if (this.#rest !== undefined) await this.#rest.#runBlock(store, blocks, full, step);
  }

  /** Gives the sessions' memory back. */
  async release(): Promise<void> {
    await this.#session.release();
    await this.#rest?.release();
  }

  async #runBlock(
    store: BufferStore,
    blocks: RowBlocks | undefined,
    block: number,
    step: number,
  ): Promise<void> {
    const bound = (binding: Binding) => store.view(binding, blocks, block, step);
    const feeds: Tensors = {};
    const fetches: Tensors = {};
    const copies: Copy[] = [];
    const known = new Set(this.#session.inputNames);
    for (const input of this.#model.inputs) {
      if (known.has(input.name)) feeds[input.name] = bound(input);
    }
    for (const output of this.#model.outputs) fetches[output.name] = bound(output);
    for (const update of this.#model.updates) {
      if (update.inPlace) fetches[update.output] = bound(update);
      else {
        const from = this.#scratchFor(update);
        copies.push({ to: update, from });
        fetches[update.output] = ortTensor(update.dtype, from, update.shape);
      }
    }
    // What run() returns are copies of what it has written into the fetches.
    await this.#session.run(feeds, fetches).catch((error) => {
      throw new SthelarError("StageFailed", {
        action: `Cannot run the tensor program "${this.#name}"`,
        found: messageOf(error),
        cause: messageOf(error),
      });
    });
    for (const { to, from } of copies) (bound(to).data as Float32Array).set(from as Float32Array);
  }

  #scratchFor({ output, dtype, shape }: { output: string } & Binding): TensorData {
    const known = this.#scratch.get(output);
    if (known !== undefined) return known;
    const scratch = allocateTensor(dtype, sizeOf(shape));
    this.#scratch.set(output, scratch);
    return scratch;
  }
}

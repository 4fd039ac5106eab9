import { openProgram, type Provider, type RunningProgram } from "@/numerics/graph/mod.ts";
import type { Slice } from "./plan_slices.ts";
import { tangramModels, type TermWeights } from "./tangram_models.ts";

/** A slice with its program. */
export interface RunningSlice {
  readonly slice: Slice;
  readonly running: RunningProgram;
}

/** What slices run on. */
export interface SliceOptions {
  readonly learningRate: number;
  readonly threads: number;
  readonly provider: Provider;
  readonly signal?: AbortSignal | undefined;
}

/** Programs of all slices, each in a worker. Disposing of them ends the workers. */
export class RunningSlices implements AsyncDisposable {
  readonly all: readonly RunningSlice[];
  readonly #together: boolean;

  private constructor(all: readonly RunningSlice[], together: boolean) {
    this.all = all;
    this.#together = together;
  }

  /** Opens a program for each slice; they share the threads. */
  static async open(
    slices: readonly Slice[],
    weights: TermWeights,
    { learningRate, threads, provider, signal }: SliceOptions,
  ): Promise<RunningSlices> {
    const options = {
      threads: Math.max(1, Math.floor(threads / slices.length)),
      provider,
      ...(signal === undefined ? {} : { signal }),
    };
    const opened: RunningSlice[] = [];
    try {
      for (const slice of slices) {
        const models = tangramModels(slice, weights, learningRate);
        opened.push({ slice, running: await openProgram(models, options) });
      }
    } catch (error) {
      await closeAll(opened);
      throw error;
    }
    return new RunningSlices(opened, threads > 1);
  }

  /**
   * Does something with each slice: at the same time, if there are threads for it. All come to an
   * end, so that what they hold tells the same epoch, before the first error is thrown.
   */
  async each<T>(
    task: (slice: RunningSlice, other: RunningSlice, place: number) => Promise<T>,
  ): Promise<T[]> {
    const started: Promise<T>[] = [];
    for (const [i, one] of this.all.entries()) {
      started.push(task(one, this.all[this.all.length - 1 - i], i));
      if (!this.#together) await Promise.allSettled(started);
    }
    await Promise.allSettled(started);
    return await Promise.all(started);
  }

  /** Values of genes: from each slice those that it compares. */
  async ofGenes(name: string): Promise<Float32Array> {
    const parts = await this.each(async ({ slice: { compared }, running }) =>
      (await running.read(name) as Float32Array).subarray(compared.first, compared.end)
    );
    return Float32Array.from(parts.flatMap((part) => [...part]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.all);
  }
}

async function closeAll(slices: readonly RunningSlice[]): Promise<void> {
  await Promise.all(slices.map(({ running }) => running[Symbol.asyncDispose]()));
}

import { MemoryDisk } from "@/formats/disk/mod.ts";
import type { Disk } from "@/core/disk.ts";
import { booleanParam, numberParam } from "@/core/params.ts";
import {
  defineStage,
  type Input,
  type OutputSink,
  type OutputWriter,
  type ReturnedOutput,
  type StreamedOutput,
} from "@/core/stage.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { withoutMeasurements } from "./without_measurements.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

async function readJson(disk: Disk, path: string): Promise<unknown> {
  return JSON.parse(new TextDecoder().decode(await disk.read(path)));
}

/** Numbers in a file of the bundle. */
export const numbersInput: Input<number[]> = {
  kind: "source",
  names: ["bundle"],
  doc: "list of numbers",
  files: (root) => Promise.resolve([`${root}/numbers.json`]),
  open: async ({ resolve, disk }) =>
    await readJson(disk, `${resolve("bundle")}/numbers.json`) as number[],
};

/** A node that holds a JSON value. */
export function jsonInput<T>(node: string): Input<T> {
  return {
    kind: "nodes",
    names: [node],
    doc: node,
    open: async ({ resolve, disk }) => await readJson(disk, `${resolve(node)}/value.json`) as T,
  };
}

/** A small output: one JSON value. */
export function jsonOutput<T>(node: string): ReturnedOutput<T> {
  return {
    kind: "returned",
    node,
    write: (value, { disk, root }) => disk.write(`${root}/${node}/value.json`, encode(value)),
  };
}

/** A large output: one file a number. */
class PieceWriter implements OutputWriter {
  #pieces = 0;
  constructor(readonly sink: OutputSink, readonly node: string) {}
  async append(value: number): Promise<void> {
    await this.sink.disk.write(`${this.sink.root}/${this.node}/${this.#pieces++}`, encode(value));
  }
  async finish(): Promise<void> {
    await this.sink.disk.write(`${this.sink.root}/${this.node}/count.json`, encode(this.#pieces));
  }
}

const piecesOutput: StreamedOutput<PieceWriter> = {
  kind: "streamed",
  node: "images/pieces",
  open: (sink) => new PieceWriter(sink, "images/pieces"),
};

/** Scales the numbers of the bundle. */
export const scaleStage = defineStage({
  id: "1-01",
  name: "scale",
  version: 1,
  doc: "Scales numbers.",
  inputs: { numbers: numbersInput },
  outputs: {
    scaled: jsonOutput<number[]>("tables/scaled"),
    pieces: piecesOutput,
  },
  params: { factor: numberParam(2, "factor", { min: 0 }), negate: booleanParam(false, "sign") },
  budget: () => ({ memoryBytes: 1e6, seconds: 1 }),
  async run({ numbers }, { factor, negate }, ctx) {
    const scaled = numbers.map((value) => value * factor * (negate ? -1 : 1));
    for (const [i, value] of scaled.entries()) {
      await ctx.out.pieces.append(value);
      ctx.progress.update(i + 1, scaled.length, "numbers");
    }
    if (scaled.length > 2) ctx.warn(`${scaled.length} numbers`);
    return { scaled };
  },
});

/** Sums what the first stage wrote. */
export const sumStage = defineStage({
  id: "1-02",
  name: "sum",
  version: 1,
  doc: "Sums numbers.",
  inputs: { scaled: jsonInput<number[]>("tables/scaled") },
  outputs: { sum: jsonOutput<number>("shapes/sum"), report: jsonOutput<string>("reports/sum") },
  params: {},
  budget: () => ({ memoryBytes: 1e6, seconds: 1 }),
  run({ scaled }) {
    const sum = scaled.reduce((a, b) => a + b, 0);
    return Promise.resolve({ sum, report: `sum ${sum}` });
  },
});

/** The two stages. */
export const toyPipeline = definePipeline([scaleStage, sumStage]);

/** A disk with a bundle of numbers. */
export function toyDisk(numbers: readonly number[] = [1, 2, 3]): MemoryDisk {
  const disk = new MemoryDisk();
  disk.files.set("/bundle/numbers.json", encode(numbers));
  return disk;
}

/** Opens the toy slide. */
export function openToySlide(
  disk: Disk,
  params: Record<string, Record<string, unknown>> = {},
): Promise<Slide> {
  return Slide.open("toy", {
    pipeline: toyPipeline,
    out: "/out",
    data: "/data",
    sources: { bundle: "/bundle" },
    disk,
    params,
    limits: { memoryBytes: 1e9, threads: 1 },
  });
}

/** Runs both stages and assembles the store, as a build does. */
export async function buildToySlide(
  disk: Disk,
  params: Record<string, Record<string, unknown>> = {},
): Promise<Slide> {
  const slide = await openToySlide(disk, params);
  for (const stage of toyPipeline.stages) await slide.run(stage);
  await assembleToyStore(slide);
  return slide;
}

/** Assembles the store of what is done. */
export function assembleToyStore(slide: Slide): Promise<boolean> {
  return assembleStore(
    slide.disk,
    slide.folder,
    { simulated: false, artefacts: slide.artefacts().current },
  );
}

/** Every file below a folder, as text, without times of runs. */
export function snapshot(disk: MemoryDisk, folder: string): Record<string, string> {
  return Object.fromEntries(
    [...disk.files]
      .filter(([path]) => path.startsWith(`${folder}/`))
      .map(([path, bytes]) => [path, withoutMeasurements(new TextDecoder().decode(bytes))])
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

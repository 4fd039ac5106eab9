import type { Disk } from "@/core/disk.ts";
import { defineStage, type Input } from "@/core/stage.ts";
import { hePatches } from "@/formats/patches/mod.ts";
import { emptyAlignment, predictionsOutput } from "@/formats/predictions/mod.ts";
import { reportOutput, shapesOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import type { RegistrationReport } from "@/vision/registration/mod.ts";

/** What a slide made for tests says of its patches, 0, 1, 2, …. */
export interface AlignedSlide {
  readonly source: "baseline" | "published";
  /** Jaccard indices, `null` for none. */
  readonly jaccard: readonly (number | null)[];
  /** Nuclei of each patch. */
  readonly nuclei: readonly number[];
  /** Shift of the H&E, µm; without it none was found. */
  readonly shift?: readonly [dxUm: number, dyUm: number];
  /** Whether it comes from the simulator. */
  readonly simulated?: boolean;
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const budget = () => ({ memoryBytes: 0, seconds: 0 });

const contentInput: Input<AlignedSlide> = {
  kind: "source",
  names: ["bundle"],
  doc: "content",
  files: (root) => Promise.resolve([`${root}/content.json`]),
  open: async ({ resolve, disk }) =>
    JSON.parse(new TextDecoder().decode(await disk.read(`${resolve("bundle")}/content.json`))),
};

/** Dice, Jaccard and bPQ of patches in the element `he_patches`. */
export function patchesWith(jaccard: readonly number[], missing?: Uint8Array) {
  const metric = (values: readonly number[]) => ({
    values: Float64Array.from(values),
    ...missing === undefined ? {} : { missing },
  });
  return hePatches(
    { patchWidth: 16, step: 12, columns: jaccard.length, count: jaccard.length },
    [1, 0, 0, 0, 1, 0],
    { Dice: metric(jaccard.map(diceOf)), Jaccard: metric(jaccard), bPQ: metric(jaccard) },
  );
}

function diceOf(jaccard: number): number {
  return jaccard < 0 ? jaccard : 2 * jaccard / (1 + jaccard);
}

function registration(shift: AlignedSlide["shift"]): RegistrationReport {
  const best = shift && { dxUm: shift[0], dyUm: shift[1], score: 0.8 };
  const whole = { best, unshifted: 0.5, confidence: best === undefined ? 0 : 9.5, curve: [] };
  return { whole, quarters: [whole, whole, whole, whole] };
}

const first = defineStage({
  id: "1-01",
  name: "first",
  version: 1,
  doc: "Does nothing of note.",
  inputs: { content: contentInput },
  outputs: { report: reportOutput<number>("first") },
  params: {},
  budget,
  run: ({ content }) => Promise.resolve({ report: content.jaccard.length }),
});

const predict = defineStage({
  id: "3-03",
  name: "predict",
  version: 1,
  doc: "Writes predictions.",
  inputs: { content: contentInput },
  outputs: {
    predictions: predictionsOutput("xenium"),
    patches: shapesOutput("he_patches"),
    report: reportOutput<{ readonly registration: RegistrationReport | null }>("predict_and_align"),
  },
  params: {},
  budget,
  async run({ content: { source, jaccard, nuclei, shift } }, _params, ctx) {
    const table = emptyAlignment(Int32Array.from(jaccard.keys()));
    table.nuclei.set(nuclei);
    jaccard.forEach((value, row) => {
      if (value === null) return;
      table.isEvaluated[row] = 1;
      table.jaccard[row] = table.bpq[row] = value;
      table.dice[row] = diceOf(value);
    });
    const writer = await ctx.out.predictions.create({
      ...{ format: 1, slide: ctx.slide.id, source, classes: null },
      ...{ magnification: 40, patchWidth: 16 },
    });
    await writer.writeInstances([]);
    await writer.writeMetrics({
      alignment: table,
      results: { dataset: {}, tissues: {}, patches: new Map(), pq: {}, detection: {} },
      log: { dq: {}, sq: {} },
    });
    const missing = Uint8Array.from(jaccard, (value) => +(value === null));
    return {
      patches: patchesWith(jaccard.map((value) => value ?? NaN), missing),
      report: { registration: registration(shift) },
    };
  },
});

/** The stages that make such slides. */
export const alignedPipeline = definePipeline([first, predict]);

/** Writes and builds a slide below `root/out`. */
export async function buildAlignedSlide(
  disk: Disk,
  root: string,
  id: string,
  content: AlignedSlide,
  { until = "3-03" } = {},
): Promise<void> {
  const bundle = `${root}/data/xenium/${id}`;
  await disk.write(`${bundle}/content.json`, encode(content));
  await disk.write(`${bundle}/experiment.xenium`, encode({ simulated: content.simulated }));
  const slide = await Slide.open(id, {
    ...{ pipeline: alignedPipeline, out: `${root}/out`, data: `${root}/data`, disk },
    sources: { bundle },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  await slide.run(first);
  if (until === "3-03") await slide.run(predict);
}

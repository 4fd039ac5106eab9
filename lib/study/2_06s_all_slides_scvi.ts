import { type Categorical, categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { numbersOf, type ParamValues } from "@/core/params.ts";
import { writeSafetensors } from "@/formats/safetensors/mod.ts";
import { scviLatent } from "@/numerics/scvi/mod.ts";
import { encodeJson } from "@/pipeline/manifest.ts";
import { scviAgreement } from "@/stages/scvi_agreement.ts";
import type { LatentAgreement } from "@/stages/scvi_report.ts";
import { modelFile, trainedScvi } from "@/stages/scvi_training.ts";
import { allSlidesParams, leftOut } from "./all_slides_params.ts";
import { NO_LABEL } from "./annotation_inputs.ts";
import { COUNT_INPUTS, gatherCounts, type GatheredCounts, truthOfRows } from "./gather_counts.ts";
import { jointFigures } from "./joint_figures.ts";
import { type JointSpace, jointSpace, type Mixing, mixingOf } from "./joint_space.ts";
import { writeLatentFile } from "./latent_file.ts";
import { type ModelCounts, modelCounts } from "./model_counts.ts";
import { defineStudyStep, type ReportSection, type StudyContext } from "./study_step.ts";

/**
 * 2-6 over slides: one scVI model of the cells of all slides, told which slide a cell is of. Original:
 * the notebook of 2-6 over all slides.
 */
export const allSlidesScvi = defineStudyStep({
  id: "2-06s",
  name: "all_slides_scvi",
  version: 1,
  doc: "One scVI model of the cells of all slides, its latent space, clusters and UMAP",
  inputs: COUNT_INPUTS,
  params: allSlidesParams,
  switchedOff: ({ scvi }) => scvi === "off" ? "switched off (scvi=off)" : undefined,
  chosen: ({ tissue }, { without }) => !leftOut(without).has(tissue),
  async run(slides, params, ctx) {
    const gathered = await gatherCounts(slides, params.minTranscripts, ctx);
    using _file = gathered.file;
    const counts = modelCounts(gathered, params.zeroShare);
    tell(gathered, counts, ctx);
    const names = slides.map(({ name }) => name);
    const { geneNames, samples: codes } = counts;
    const samples: Categorical = { codes, levels: names, ordered: false };
    // Leiden is run at several resolutions here, at none for a slide.
    const trained = { ...params, resolution: undefined };
    const told = { codes, names };
    const { model, training } = await trainedScvi(counts, geneNames, trained, ctx, told);
    await writeModel(modelFile(model), ctx);
    const { threads } = ctx.limits;
    const latent = await scviLatent(model, counts, geneNames, { threads, signal: ctx.signal });
    const resolutions = numbersOf(params.resolutions);
    const { neighbours, minDist } = params;
    const space = await jointSpace(latent, { neighbours, minDist, resolutions }, ctx);
    const labels = await labelsOf(gathered, counts);
    const { layout, clusterings } = space;
    await writeLatentFile(gathered.slides, counts, { latent, layout, clusterings, labels }, ctx);
    const columns = new Map([["final_label", labels], ["slide", samples]]);
    const truth = await truthOf(gathered, counts);
    if (truth !== undefined) columns.set("truth", truth);
    const scores = agreements(space, columns);
    const mixing = mixingOf(space.nearest, codes);
    await writeFindings({ params, names, geneNames, training, scores, mixing }, ctx);
    return {
      figures: jointFigures({
        ...{ training, space, samples, labels, notes: ctx.notes, genes: geneNames.length },
        transcripts: gathered.transcripts,
      }),
      sections: [scoreSection(scores, mixing)],
    };
  },
});

type Scores = readonly (readonly [resolution: number, agreement: LatentAgreement])[];

function tell({ file, genes }: GatheredCounts, counts: ModelCounts, ctx: StudyContext): void {
  ctx.inform(
    `${counts.rows} cells, ${counts.genes} of ${genes.length} genes that enough slides have`,
  );
  ctx.note("cells", counts.rows);
  ctx.note("genes", counts.genes);
  if (counts.withoutCounts > 0) {
    ctx.warn(`${counts.withoutCounts} of ${file.rows} cells have none of the genes: left out`);
  }
}

async function writeModel(
  { tensors, metadata }: ReturnType<typeof modelFile>,
  { files }: StudyContext,
): Promise<void> {
  const path = files.add("models", "scvi_all_slides.safetensors", "the model of all slides");
  await files.disk.write(path, writeSafetensors(tensors, metadata));
}

/** The final label of each row of the model. */
async function labelsOf({ slides }: GatheredCounts, counts: ModelCounts): Promise<Categorical> {
  const names: string[] = [];
  const codeOf = new Map<string, number>();
  const ofFileRow = new Int32Array(counts.fileRows.length + counts.withoutCounts);
  let before = 0;
  for (const { slide, rows } of slides) {
    const { codes, levels } = await slide.open("label");
    const own = [...levels, NO_LABEL].map((level) => {
      if (!codeOf.has(level)) codeOf.set(level, names.push(level) - 1);
      return codeOf.get(level)!;
    });
    for (const [i, row] of rows.entries()) ofFileRow[before + i] = own.at(codes[row])!;
    before += rows.length;
  }
  return categoricalOfCodes(counts.fileRows.map((row) => ofFileRow[row]), names);
}

/** What each row of the model is, if any slide is simulated. */
async function truthOf(
  { slides }: GatheredCounts,
  { fileRows }: ModelCounts,
): Promise<Categorical | undefined> {
  if (!slides.some(({ slide }) => slide.simulated)) return undefined;
  const all: (string | undefined)[] = [];
  for (const each of slides) {
    const truth = await truthOfRows(each);
    for (let row = 0; row < each.rows.length; row++) all.push(truth?.[row]);
  }
  return categorical(Array.from(fileRows, (row) => all[row]));
}

function agreements(space: JointSpace, columns: ReadonlyMap<string, Categorical>): Scores {
  return [...space.clusterings].flatMap(([resolution, clusters]) => {
    const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
    const found = { clusters, count, nearest: space.nearest };
    return [...columns].map(([name, { codes }]) =>
      [resolution, scviAgreement(name, found, codes)] as const
    );
  });
}

async function writeFindings(
  findings: {
    params: ParamValues<typeof allSlidesParams>;
    names: readonly string[];
    geneNames: readonly string[];
    training: unknown;
    scores: Scores;
    mixing: Mixing;
  },
  { files }: StudyContext,
): Promise<void> {
  const { params, names, geneNames, training, scores, mixing } = findings;
  const path = files.add(
    "tables",
    "scvi_all_slides.json",
    "how the model was trained, and its scores",
  );
  await files.disk.write(
    path,
    encodeJson({
      slides: names,
      genes: geneNames,
      params,
      training,
      agreement: scores.map(([resolution, agreement]) => ({ resolution, ...agreement })),
      mixing,
    }),
  );
}

function scoreSection(scores: Scores, { observed, expected }: Mixing): ReportSection {
  const text = (value: number | null) => value === null ? "" : value.toFixed(3);
  return {
    title: "Clusters in the latent space of all slides",
    text: `Of a cell's neighbours ${(100 * observed).toFixed(1)} % are of another slide; ` +
      `${(100 * expected).toFixed(1)} % would be if slides did not matter.`,
    columns: ["Leiden", "compared with", "cells", "ARI", "NMI", "kNN accuracy"],
    rows: scores.map(([resolution, { name, cells, ari, nmi, knnAccuracy }]) => [
      ...[String(resolution), name.replace("_", " "), cells.toLocaleString("en")],
      ...[text(ari), text(nmi), text(knnAccuracy)],
    ]),
  };
}

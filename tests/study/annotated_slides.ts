import { categorical } from "@/core/categorical.ts";
import type { Disk } from "@/core/disk.ts";
import { defineStage, type Input } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { tableInput, tableOutput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import { type AnyStudyStep, Study, type StudyOptions, writeView } from "@/study/mod.ts";
import { writeTruth } from "../stages/planting.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));

/** A row of a table: its id, label1, label2, label3 and final label. */
export type AnnotatedRow = readonly [
  id: string,
  label1: string,
  label2: string,
  label3: string,
  final: string,
];

/** What a slide made for tests holds. */
export interface AnnotatedSlide {
  /** Rows of `table_nuclei`. */
  readonly nuclei: readonly AnnotatedRow[];
  /** Rows of `table_cells`. */
  readonly cells: readonly AnnotatedRow[];
  /** Combined label by id, if the slide has a `table_combined`. */
  readonly combined?: Readonly<Record<string, string>>;
  /** PanNuke class by id of a nucleus. */
  readonly panNuke?: Readonly<Record<string, string>>;
  /** True label by id: then the slide is simulated. */
  readonly truth?: Readonly<Record<string, string>>;
  /** Names of genes, and counts of each cell. */
  readonly counts?: { readonly genes: readonly string[]; readonly rows: readonly number[][] };
}

const contentInput: Input<AnnotatedSlide> = {
  kind: "source",
  names: ["bundle"],
  doc: "content",
  files: (root) => Promise.resolve([`${root}/content.json`]),
  open: async ({ resolve, disk }) => decode(await disk.read(`${resolve("bundle")}/content.json`)),
};

const LINK = { regionKey: "region", instanceKey: "cell_id" } as const;
const budget = () => ({ memoryBytes: 0, seconds: 0 });

function tableOf(
  ids: readonly string[],
  columns: Readonly<Record<string, Column>>,
  counts: AnnotatedSlide["counts"] = { genes: ["A"], rows: ids.map(() => [1]) },
): AnnData {
  const { genes, rows } = counts;
  const values = rows.flat();
  return {
    obs: {
      index: ids,
      columns: new Map<string, Column>([
        ["region", categorical(ids.map(() => "region"))],
        ["cell_id", ids],
        ["transcript_counts", Int32Array.from(rows, (row) => row.reduce((a, b) => a + b, 0))],
        ...Object.entries(columns),
      ]),
    },
    var: { index: genes, columns: new Map() },
    X: {
      format: "csr",
      shape: [ids.length, genes.length],
      data: Float32Array.from(values),
      indices: Int32Array.from(values, (_, i) => i % genes.length),
      indptr: Int32Array.from({ length: ids.length + 1 }, (_, i) => i * genes.length),
    },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
    uns: new Map(),
  };
}

const tables = defineStage({
  id: "2-04",
  name: "tables",
  version: 1,
  doc: "Writes both tables.",
  inputs: { content: contentInput, truth: truthInput },
  outputs: {
    nuclei: tableOutput("table_nuclei", { region: "region", ...LINK }),
    cells: tableOutput("table_cells", { region: "region", ...LINK }),
  },
  params: {},
  budget,
  run({ content: { nuclei, cells, panNuke, counts } }) {
    const idsOf = (rows: readonly AnnotatedRow[]) => rows.map(([id]) => id);
    const columns = panNuke === undefined ? {} : {
      PanNuke_label: categorical(nuclei.map(([id]) => panNuke[id])),
      PanNuke_proba: Float64Array.from(nuclei, () => 0.5),
    };
    return Promise.resolve({
      nuclei: tableOf(idsOf(nuclei), columns),
      cells: tableOf(idsOf(cells), {}, counts),
    });
  },
});

const COLUMNS = ["label1", "label2", "label3", "final_label"] as const;
const part = (table: string, column: string) => tablePartOutput(`table_${table}`, `obs/${column}`);

const labels = defineStage({
  id: "2-09",
  name: "labels",
  version: 1,
  doc: "Writes labels.",
  inputs: { content: contentInput, cells: tableInput("table_cells") },
  outputs: {
    nuclei0: part("nuclei", "label1"),
    nuclei1: part("nuclei", "label2"),
    nuclei2: part("nuclei", "label3"),
    nuclei3: part("nuclei", "final_label"),
    cells0: part("cells", "label1"),
    cells1: part("cells", "label2"),
    cells2: part("cells", "label3"),
    cells3: part("cells", "final_label"),
  },
  params: {},
  budget,
  run({ content }) {
    const column = (unit: "nuclei" | "cells", i: number) => ({
      rowIds: content[unit].map(([id]) => id),
      value: categorical(content[unit].map((row) => row[i + 1])),
    });
    const of = (unit: "nuclei" | "cells") => COLUMNS.map((_, i) => column(unit, i));
    const [[n0, n1, n2, n3], [c0, c1, c2, c3]] = [of("nuclei"), of("cells")];
    return Promise.resolve({
      ...{ nuclei0: n0, nuclei1: n1, nuclei2: n2, nuclei3: n3 },
      ...{ cells0: c0, cells1: c1, cells2: c2, cells3: c3 },
    });
  },
});

const combined = defineStage({
  id: "2-10",
  name: "combined",
  version: 1,
  doc: "Writes combined labels.",
  inputs: { content: contentInput },
  outputs: { table: tableOutput("table_combined", { region: "region", ...LINK }) },
  params: {},
  budget,
  run({ content }) {
    const entries = Object.entries(content.combined ?? {});
    const final = categorical(entries.map(([, label]) => label));
    return Promise.resolve({
      table: tableOf(entries.map(([id]) => id), { final_label_combined: final }),
    });
  },
});

/** The stages that make such slides. */
export const annotatedPipeline = definePipeline([tables, labels, combined]);

/** Writes and builds a slide below `root/out`. */
export async function buildAnnotatedSlide(
  disk: Disk,
  root: string,
  id: string,
  content: AnnotatedSlide,
): Promise<void> {
  const bundle = `${root}/data/xenium/${id}`;
  await disk.write(`${bundle}/content.json`, encode(content));
  await disk.write(`${bundle}/experiment.xenium`, encode({ simulated: !!content.truth }));
  const { truth } = content;
  if (truth !== undefined) {
    const ids = Object.keys(truth);
    await writeTruth(bundle, ids, ids.map((id) => truth[id]), disk);
  }
  const slide = await Slide.open(id, {
    ...{ pipeline: annotatedPipeline, out: `${root}/out`, data: `${root}/data`, disk },
    sources: { bundle },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  await slide.run(tables);
  await slide.run(labels);
  if (content.combined !== undefined) await slide.run(combined);
}

/** Opens the study `made` over slides below `root/out`. */
export function openMadeStudy(
  disk: Disk,
  root: string,
  steps: readonly AnyStudyStep[],
  options: Partial<StudyOptions> = {},
): Promise<Study> {
  return Study.open("made", {
    ...{ pipeline: annotatedPipeline, steps, out: `${root}/out`, data: `${root}/data`, disk },
    slides: ["all"],
    limits: { memoryBytes: 1e9, threads: 1 },
    ...options,
  });
}

/** Runs all steps of the study `made` and writes what a person looks at. */
export async function buildMadeStudy(
  disk: Disk,
  root: string,
  steps: readonly AnyStudyStep[],
  options: Partial<StudyOptions> = {},
): Promise<Study> {
  const study = await openMadeStudy(disk, root, steps, options);
  for (const { step } of study.plan) await study.run(step.id);
  await writeView(study);
  return study;
}

/** The text of a file of the study `made`. */
export async function readMade(disk: Disk, root: string, name: string): Promise<string> {
  return new TextDecoder().decode(await disk.read(`${root}/out/study/made/${name}`));
}

import { type Categorical, categorical, constantCategorical } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnData, Column, Element } from "@/formats/anndata/mod.ts";
import {
  reportOutput,
  tableOutput,
  tablePartOutput,
  tablePartsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { scvi } from "@/stages/2_06_scvi.ts";
import { budget, linkTo, sourceInput, writeTruth } from "./planting.ts";

/** Types of the planted cells, and the categories that their labels belong to. */
export const TYPES = ["B", "Endothelial", "Mast", "T"];
const CATEGORIES: Readonly<Record<string, string>> = {
  B: "B_Plasma",
  Endothelial: "Blood_vessel",
  Mast: "Myeloid",
  T: "T_NK",
};
const GENES_OF_TYPE = 6;
const FILLERS = 12;

/** Cells that are planted. */
export interface PlantedCells {
  /** Cells of each type. */
  readonly sizes?: readonly number[];
  /** Cells of a few transcripts. */
  readonly few?: number;
  /** Cells that 10x counts many transcripts of, and whose genes have none. */
  readonly hollow?: number;
  /** Ids of the cells; others if some are to be the same. */
  readonly idOf?: (row: number) => string;
  /** How labels say that a cell has too few transcripts; `none` plants no label. */
  readonly labels?: "missing" | "less10" | "short" | "none";
  /** Whether what cells are is known. */
  readonly truth?: boolean;
}

/** The type of each cell; `few` and `hollow` for those that are of none. */
export function typesOf({ sizes = [60, 50, 45, 40], few = 5, hollow = 0 }: PlantedCells): string[] {
  const types = sizes.flatMap((size, type) => Array<string>(size).fill(TYPES[type]));
  types.push(...Array<string>(few).fill("few"), ...Array<string>(hollow).fill("hollow"));
  return new Random("order").shuffle(types);
}

function tableOf(planted: PlantedCells): AnnData {
  const types = typesOf(planted);
  const genes = Array.from({ length: GENES_OF_TYPE * TYPES.length + FILLERS }, (_, i) => `G${i}`);
  const random = new Random("counts");
  const data: number[] = [], indices: number[] = [], indptr = [0];
  const totals = types.map((type) => {
    let total = 0;
    genes.forEach((_, gene) => {
      const isOwn = Math.floor(gene / GENES_OF_TYPE) === TYPES.indexOf(type);
      const rate = type === "hollow" ? 0 : type === "few" ? 0.48 : isOwn ? 6 : 0.6;
      const count = Math.floor(rate * (0.5 + random.uniform()) + random.uniform() * rate);
      if (count === 0) return;
      data.push(count);
      indices.push(gene);
      total += count;
    });
    indptr.push(data.length);
    return type === "hollow" ? 50 : total;
  });
  const index = types.map((_, row) => `c${row}`);
  const { idOf = (row: number) => index[row] } = planted;
  return {
    X: {
      format: "csr",
      shape: [types.length, genes.length],
      data: Int32Array.from(data),
      indices: Int32Array.from(indices),
      indptr: Int32Array.from(indptr),
    },
    obs: {
      index,
      columns: new Map<string, Column>([
        ["cell_id", index.map((_, row) => idOf(row))],
        ["transcript_counts", Int32Array.from(totals)],
        ["cell_area", Float64Array.from(totals)],
        ["region", constantCategorical("cell_boundaries", types.length)],
        ["xenium_cell_id", index.map((id) => `x-${id}`)],
      ]),
    },
    var: { index: genes, columns: new Map<string, Column>([["gene_ids", genes]]) },
    obsm: {
      spatial: {
        data: Float64Array.from({ length: 2 * types.length }, (_, i) => i),
        shape: [types.length, 2],
      },
    },
    ...{ varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
}

function plantCells(table: AnnData) {
  return defineStage({
    ...{ id: "2-04", name: "plant", version: 1, doc: "Plants cells.", params: {}, budget },
    inputs: { bundle: sourceInput("bundle") },
    outputs: { table: tableOutput("table_cells", linkTo("cell_boundaries")) },
    run: () => Promise.resolve({ table }),
  });
}

/** Labels by type, as far as there are any; runs where there is a reference. */
function plantLabels(planted: PlantedCells, rowIds: readonly string[]) {
  const types = typesOf(planted).map((type) => TYPES.includes(type) ? type : undefined);
  const named = planted.labels === "less10" ? types.map((type) => type ?? "less10") : types;
  const label1 = categorical(planted.labels === "short" ? named.slice(1) : named);
  const cluster = (text: string | undefined) => text && String(TYPES.indexOf(text));
  const part = (value: Categorical) => ({ rowIds, value });
  const clusters = categorical(types.map(cluster));
  return defineStage({
    ...{ id: "2-05b", name: "plant_labels", version: 1, doc: "Plants labels.", params: {}, budget },
    inputs: { reference: sourceInput("reference") },
    outputs: {
      label1: tablePartOutput("table_cells", "obs/label1"),
      refined: tablePartOutput("table_cells", "obs/refine_res"),
      clusters: tablePartsOutput("table_cells", "obs/pca_*"),
      report: reportOutput<{ clustering: string }>("annotate_cells"),
    },
    run: () =>
      Promise.resolve({
        label1: part(label1),
        refined: part(clusters),
        clusters: {
          rowIds,
          value: new Map<string, Element>([
            ["pca_n10_pcs16_leiden_res0.2", categorical(types.map((type) => type && "0"))],
            ["pca_n10_pcs16_leiden_res0.6", clusters],
          ]),
        },
        report: { clustering: "pca_n10_pcs16_leiden_res0.6" },
      }),
  });
}

/** Opens a slide of planted cells in a folder. */
export async function openCells(
  folder: string,
  planted: PlantedCells = {},
  params: Record<string, unknown> = {},
): Promise<Slide> {
  const table = tableOf(planted);
  if (planted.truth) {
    const types = typesOf(planted);
    await writeTruth(
      folder,
      types.map((_, row) => `x-c${row}`),
      types.map((type) => CATEGORIES[type] ?? "Myeloid"),
    );
  }
  return Slide.open("planted", {
    pipeline: definePipeline([plantCells(table), plantLabels(planted, table.obs.index), scvi]),
    out: `${folder}/out`,
    data: folder,
    sources: { bundle: folder, ...(planted.labels === "none" ? {} : { reference: folder }) },
    params: { "2-06": { ...QUICK, ...params } },
    limits: { memoryBytes: 2e9, threads: 2 },
  });
}

/** Few cells are learned in few epochs by larger steps. */
export const QUICK = { epochs: 30, batchSize: 32, learningRate: 5e-3, hidden: 32, latent: 5 };

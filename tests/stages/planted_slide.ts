import { categorical, constantCategorical } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { tableInput, tableOutput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { clusterNuclei } from "@/stages/2_03a_cluster_nuclei.ts";
import { refineTangram } from "@/stages/2_03b_refine_tangram.ts";
import { budget, linkTo, sourceInput } from "./planting.ts";

/** Types that are planted, each with genes that the field knows it by. */
export const PLANTED: Readonly<Record<string, readonly string[]>> = {
  T: ["CD3E", "CD3D", "CD2", "TRAC", "IL7R"],
  B: ["MS4A1", "CD79A", "CD19", "BANK1"],
  Endothelial: ["PECAM1", "VWF", "CLDN5", "CDH5"],
  Mast: ["KIT", "CPA3", "TPSAB1", "MS4A2"],
};
const TANGRAM_TYPES = ["CD4 T cell", "B cell", "Capillary EC", "Mast cell"];
const FILLERS = Array.from({ length: 20 }, (_, i) => `GENE${i}`);
const SUBTYPE_GENES = FILLERS.slice(0, 7);

/** What is planted. */
export interface Planted {
  /** Nuclei of each type. */
  readonly sizes?: readonly number[];
  /** Nuclei of hardly a transcript, put between the others. */
  readonly empty?: number;
  /** Names of genes that come a second time. */
  readonly repeated?: readonly string[];
  /** Whether every second T cell is of a subtype with genes of its own. */
  readonly subtype?: boolean;
}

/** How a planted slide is opened. */
export interface PlantedOptions {
  /** Parameters by stage. */
  readonly params?: Record<string, Record<string, unknown>>;
  /** Whether Tangram's types of the nuclei are there (default yes). */
  readonly tangram?: boolean;
}

/** The type of each nucleus, `undefined` for an empty one. */
export function plantedTypes(
  { sizes = [60, 50, 45, 40], empty = 5 }: Planted,
): (string | undefined)[] {
  const names = Object.keys(PLANTED);
  const types = sizes.flatMap((size, type) => Array<string | undefined>(size).fill(names[type]));
  types.push(...Array<undefined>(empty).fill(undefined));
  return new Random("order").shuffle(types);
}

/** Whether each nucleus is of the subtype: every second T cell. */
export function plantedSubtype(planted: Planted): boolean[] {
  let seen = 0;
  return plantedTypes(planted).map((type) => type === "T" && seen++ % 2 === 1);
}

/** A table of nuclei that are of a type, with some noise. */
function plantedTable(planted: Planted): AnnData {
  const types = plantedTypes(planted);
  const genes = [...Object.values(PLANTED).flat(), ...FILLERS, ...planted.repeated ?? []];
  const random = new Random("counts");
  const isSubtype = planted.subtype ? plantedSubtype(planted) : [];
  const data: number[] = [], indices: number[] = [], indptr = [0];
  types.forEach((type, row) => {
    genes.forEach((gene, column) => {
      const isOwn = type !== undefined && PLANTED[type].includes(gene) ||
        isSubtype[row] && SUBTYPE_GENES.includes(gene);
      const rate = type === undefined ? 0 : isOwn ? 8 : 0.4;
      const count = Math.round(
        rate * (0.5 + random.uniform()) + (rate > 0 ? random.uniform() - 0.5 : 0),
      );
      if (count > 0) {
        data.push(count);
        indices.push(column);
      }
    });
    indptr.push(data.length);
  });
  const index = types.map((_, row) => `n${row}`);
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
        ["region", constantCategorical("nucleus_boundaries", types.length)],
        ["cell_id", index],
        ["xenium_cell_id", index.map((id) => `x-${id}`)],
      ]),
    },
    var: { index: genes, columns: new Map() },
    obsm: {
      spatial: {
        data: Float64Array.from({ length: 2 * types.length }, Number),
        shape: [types.length, 2],
      },
    },
    ...{ varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
}

function plantStage(table: AnnData) {
  return defineStage({
    id: "1-02",
    name: "plant",
    version: 1,
    doc: "Plants nuclei.",
    inputs: { bundle: sourceInput("bundle") },
    outputs: { table: tableOutput("table_nuclei", linkTo("nucleus_boundaries")) },
    params: {},
    budget,
    run: () => Promise.resolve({ table }),
  });
}

/** Right types by Tangram, some type for empty nuclei; only where there is a reference. */
function plantTangram(planted: Planted) {
  return defineStage({
    id: "2-02",
    name: "plant_tangram",
    version: 1,
    doc: "Plants types.",
    inputs: { nuclei: tableInput("table_nuclei"), reference: sourceInput("reference") },
    outputs: { labels: tablePartOutput("table_nuclei", "obs/ct_tangram") },
    params: {},
    budget,
    async run({ nuclei }) {
      const labels = plantedTypes(planted).map((type = "T") =>
        TANGRAM_TYPES[Object.keys(PLANTED).indexOf(type)]
      );
      return { labels: { rowIds: await nuclei.obsNames(), value: categorical(labels) } };
    },
  });
}

/** Opens a slide with planted nuclei in a folder; decisions lie in `<folder>/decisions/planted`. */
export function openPlanted(
  folder: string,
  planted: Planted = {},
  { params = {}, tangram = true }: PlantedOptions = {},
): Promise<Slide> {
  return Slide.open("planted", {
    pipeline: definePipeline([
      plantStage(plantedTable(planted)),
      plantTangram(planted),
      clusterNuclei,
      refineTangram,
    ]),
    out: `${folder}/out`,
    data: folder,
    sources: { bundle: folder, ...(tangram ? { reference: folder } : {}) },
    params,
    limits: { memoryBytes: 2e9, threads: 2 },
  });
}

/** Runs every stage of a slide that can be; the warnings of each. */
export async function runAll(slide: Slide): Promise<string[]> {
  const warnings: string[] = [];
  for (const { stage, action } of slide.plan) {
    if (action !== "skip") warnings.push(...(await slide.run(stage)).warnings);
  }
  return warnings;
}

import { categorical, constantCategorical } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { tableOutput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { combinedLabels } from "@/stages/2_10_combined_labels.ts";
import { budget, linkTo, sourceInput, writeTruth } from "./planting.ts";

/** Planted types: the broad label, and its category. */
export const TYPES: readonly (readonly [label1: string, category: string])[] = [
  ["B", "B_Plasma"],
  ["Endothelial", "Blood_vessel"],
  ["Mast", "Myeloid"],
  ["T", "T_NK"],
];
const GENES_OF_TYPE = 6, FILLERS = 12, CONTROLS = 3;

/** Cells that are planted, with their nuclei. */
export interface PlantedPairs {
  /** Cells of each type. */
  readonly sizes?: readonly number[];
  /** Cells of a few transcripts. */
  readonly few?: number;
  /** Share of a cell's transcripts that lie in its nucleus (default half). */
  readonly inNucleus?: number;
  /** What cells of a type are called in place of their category. */
  readonly cellLabel?: (category: string, row: number) => string;
  /** The same of nuclei. */
  readonly nucleusLabel?: (category: string, row: number) => string;
  /** Changes the tables, in the order of planting. */
  readonly edit?: (tables: PlantedTables) => PlantedTables;
  /** Whether what cells are is known. */
  readonly truth?: boolean;
  /** Whether Tangram's scores and types are there. */
  readonly tangram?: boolean;
}

/** Both tables. */
export interface PlantedTables {
  readonly nuclei: AnnData;
  readonly cells: AnnData;
}

/** The type of each cell by number, -1 of one with few transcripts. */
export function typesOf({ sizes = [60, 50, 45, 40], few = 5 }: PlantedPairs): number[] {
  const types = sizes.flatMap((size, type) => Array<number>(size).fill(type));
  types.push(...Array<number>(few).fill(-1));
  return new Random("order").shuffle(types);
}

/** Dense rows as a sparse matrix. */
export function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const places = rows.map((row) => row.flatMap((value, column) => value === 0 ? [] : [column]));
  const indptr = [0];
  for (const each of places) indptr.push(indptr.at(-1)! + each.length);
  return {
    format: "csr",
    shape: [rows.length, rows[0]?.length ?? 0],
    data: Int32Array.from(rows.flat().filter((value) => value !== 0)),
    indices: Int32Array.from(places.flat()),
    indptr: Int32Array.from(indptr),
  };
}

function idOf(row: number): string {
  return `c${String(row).padStart(4, "0")}`;
}

function tablesOf(planted: PlantedPairs): PlantedTables {
  const types = typesOf(planted), { inNucleus = 0.5 } = planted;
  const genes = Array.from({ length: GENES_OF_TYPE * TYPES.length + FILLERS }, (_, i) => `G${i}`);
  const random = new Random("counts");
  const cells = types.map((type) =>
    genes.map((_, gene) => {
      const rate = type < 0 ? 0.2 : Math.floor(gene / GENES_OF_TYPE) === type ? 6 : 0.6;
      return Math.floor(rate * (0.5 + random.uniform()) + random.uniform() * rate);
    })
  );
  const nuclei = cells.map((row) => [
    ...row.map((count) => {
      let inside = random.uniform() < 0.02 ? 1 : 0;
      for (let i = 0; i < count; i++) if (random.uniform() < inNucleus) inside++;
      return inside;
    }),
    ...Array.from({ length: CONTROLS }, () => random.uniform() < 0.05 ? 1 : 0),
  ]);
  const ids = types.map((_, row) => idOf(row));
  const order = new Random("rows of cells").shuffle([...ids.keys()]);
  const take = <T>(values: readonly T[]) => order.map((row) => values[row]);
  const controls = Array.from({ length: CONTROLS }, (_, i) => `NegControl${i}`);
  const totals = cells.map((row) => row.reduce((sum, count) => sum + count, 0));
  return {
    nuclei: tableOf(nuclei, ids, [...genes, ...controls], "nucleus_boundaries", [
      ["slide", constantCategorical("planted", ids.length)],
      ["area", Float64Array.from(ids, (_, row) => row)],
    ]),
    cells: tableOf(take(cells), take(ids), genes, "cell_boundaries", [
      ["transcript_counts", Int32Array.from(take(totals))],
    ]),
  };
}

function tableOf(
  counts: readonly (readonly number[])[],
  ids: readonly string[],
  names: readonly string[],
  region: string,
  columns: readonly (readonly [string, Column])[],
): AnnData {
  return {
    X: sparse(counts),
    obs: {
      index: ids,
      columns: new Map<string, Column>([
        ["region", constantCategorical(region, ids.length)],
        ["cell_id", ids],
        ...columns,
        ["xenium_cell_id", ids.map((id) => `x-${id}`)],
      ]),
    },
    var: { index: names, columns: new Map() },
    obsm: {
      spatial: {
        data: Float64Array.from(ids.flatMap((id) => [Number(id.slice(1)), 7])),
        shape: [ids.length, 2],
      },
    },
    ...{ varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
}

function plantTables({ nuclei, cells }: PlantedTables) {
  return defineStage({
    ...{ id: "2-04", name: "plant", version: 1, doc: "Plants tables.", params: {}, budget },
    inputs: { bundle: sourceInput("bundle") },
    outputs: {
      nuclei: tableOutput("table_nuclei", linkTo("nucleus_boundaries")),
      cells: tableOutput("table_cells", linkTo("cell_boundaries")),
    },
    run: () => Promise.resolve({ nuclei, cells }),
  });
}

function plantTangram(tables: PlantedTables) {
  const rowIds = tables.nuclei.obs.index;
  return defineStage({
    ...{ id: "2-02", name: "plant_tangram", version: 1, doc: "Plants types.", params: {}, budget },
    inputs: { reference: sourceInput("reference") },
    outputs: {
      types: tablePartOutput("table_nuclei", "obs/ct_tangram"),
      scores: tablePartOutput("table_nuclei", "obsm/tangram_pred"),
    },
    run: () =>
      Promise.resolve({
        types: { rowIds, value: categorical(rowIds.map(() => "Mast cell")) },
        scores: {
          rowIds,
          value: {
            index: rowIds,
            columns: new Map([["Mast cell", Float64Array.from(rowIds, (_, row) => row)]]),
          },
        },
      }),
  });
}

function plantLabels(planted: PlantedPairs, { nuclei, cells }: PlantedTables) {
  const types = typesOf(planted);
  const labels = (table: AnnData, nameOf: (category: string, row: number) => string) => {
    const rowIds = table.obs.index;
    const rows = rowIds.map((id) => Number(id.slice(1)));
    const texts = (of: (type: number, row: number) => string) => ({
      rowIds,
      value: categorical(rows.map((row) => of(types[row] ?? -1, row))),
    });
    return {
      label1: texts((type) => type < 0 ? "less10" : TYPES[type][0]),
      final: texts((type, row) => type < 0 ? "Less10" : nameOf(TYPES[type][1], row)),
      quantile: texts((_, row) => String(row % 7)),
    };
  };
  const same = (category: string) => category;
  const ofCells = labels(cells, planted.cellLabel ?? same);
  const ofNuclei = labels(nuclei, planted.nucleusLabel ?? same);
  return defineStage({
    ...{ id: "2-09", name: "plant_labels", version: 1, doc: "Plants labels.", params: {}, budget },
    inputs: { bundle: sourceInput("bundle") },
    outputs: {
      nucleusLabels: tablePartOutput("table_nuclei", "obs/final_label"),
      cellLabels: tablePartOutput("table_cells", "obs/final_label"),
      nucleusLabel1: tablePartOutput("table_nuclei", "obs/label1"),
      cellLabel1: tablePartOutput("table_cells", "obs/label1"),
      quantiles: tablePartOutput("table_nuclei", "obs/transcript_cat"),
    },
    run: () =>
      Promise.resolve({
        nucleusLabels: ofNuclei.final,
        cellLabels: ofCells.final,
        nucleusLabel1: ofNuclei.label1,
        cellLabel1: ofCells.label1,
        quantiles: ofNuclei.quantile,
      }),
  });
}

/** Opens a slide of planted cells and nuclei; decisions lie in `<folder>/decisions/planted`. */
export async function openPairs(
  folder: string,
  planted: PlantedPairs = {},
  params: Record<string, unknown> = {},
): Promise<Slide> {
  const made = tablesOf(planted);
  const tables = planted.edit?.(made) ?? made;
  if (planted.truth) {
    const types = typesOf(planted);
    await writeTruth(
      folder,
      types.map((_, row) => `x-${idOf(row)}`),
      types.map((type) => TYPES[type]?.[1] ?? "Myeloid"),
    );
  }
  return Slide.open("planted", {
    pipeline: definePipeline([
      plantTables(tables),
      plantTangram(tables),
      plantLabels(planted, tables),
      combinedLabels,
    ]),
    out: `${folder}/out`,
    data: folder,
    sources: { bundle: folder, ...(planted.tangram ? { reference: folder } : {}) },
    params: { "2-10": params },
    limits: { memoryBytes: 2e9, threads: 2 },
  });
}

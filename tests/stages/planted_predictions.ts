import { constantCategorical } from "@/core/categorical.ts";
import { encodeCellId } from "@/core/ids.ts";
import { Random } from "@/core/random.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { type NamedInstanceMap, writeInstanceMaps } from "@/formats/cellvit/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { tableOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { predictAndAlign } from "@/stages/3_03_predict_and_align.ts";
import { type PlantedPatches, plantPatches, type PxRing, square } from "./planted_patches.ts";
import { budget, linkTo } from "./planting.ts";

/** Corners of the patches of 600 x 500 px that lie within. */
export const PATCHES: ReadonlyMap<number, readonly [x: number, y: number]> = new Map([
  [0, [0, 0]],
  [1, [192, 0]],
  [3, [0, 192]],
  [4, [192, 192]],
]);
const WIDTH = 256;

/** Squares of nuclei all over the image, in cells that are a little larger. */
export function plantedField(seed = "field"): Required<Pick<PlantedPatches, "nuclei" | "cells">> {
  const random = new Random(seed);
  const nuclei = new Map<string, PxRing>(), cells = new Map<string, PxRing>();
  for (let i = 0; i < 100; i++) {
    const [x, y] = [44 * (i % 10), 44 * Math.floor(i / 10)]
      .map((place) => place + 5 + Math.floor(14 * random.uniform()));
    const side = 12 + Math.floor(6 * random.uniform());
    nuclei.set(encodeCellId(i), square(x, y, side));
    cells.set(encodeCellId(i), square(x - 3, y - 3, side + 6));
  }
  return { nuclei, cells };
}

/** The number of the nucleus under each pixel of a patch, where all are moved by some px. */
export function plantedMap(
  nuclei: ReadonlyMap<string, PxRing>,
  patch: number,
  { dx = 0, dy = 0 } = {},
): Int32Array {
  const [x0, y0] = PATCHES.get(patch)!;
  const map = new Int32Array(WIDTH * WIDTH);
  let number = 0;
  for (const [left, top, right, , , bottom] of nuclei.values()) {
    number += 2;
    for (let y = top + dy - y0; y < bottom + dy - y0; y++) {
      for (let x = left + dx - x0; x < right + dx - x0; x++) {
        if (x >= 0 && y >= 0 && x < WIDTH && y < WIDTH) map[y * WIDTH + x] = number;
      }
    }
  }
  return map;
}

/** Writes predictions, by patch, under their names for a slide. */
export function writePredictions(
  path: string,
  maps: ReadonlyMap<number, Int32Array>,
  slide = "heart_s9",
): Promise<number> {
  const named = [...maps].map(([patch, instances]): NamedInstanceMap => ({
    ...{ name: `${slide}_${patch}`, instances },
    shape: [WIDTH, WIDTH],
  }));
  return writeInstanceMaps(localDisk, path, named);
}

/** An H&E with dark squares where the nuclei are. */
export function stainedPixel(
  nuclei: ReadonlyMap<string, PxRing>,
): (x: number, y: number) => readonly [number, number, number] {
  const isInside = (x: number, y: number) =>
    [...nuclei.values()].some(([left, top, right, , , bottom]) =>
      x >= left && x < right && y >= top && y < bottom
    );
  const inside = new Uint8Array(600 * 500).map((_, i) => +isInside(i % 600, Math.floor(i / 600)));
  return (x, y) => inside[y * 600 + x] === 1 ? [90, 60, 140] : [240, 200, 225];
}

/** A table of cells of these names. */
function plantTable(ids: readonly string[]) {
  const obs = new Map<string, Column>([
    ["cell_id", ids],
    ["region", constantCategorical("cell_boundaries", ids.length)],
  ]);
  const table: AnnData = {
    X: {
      ...{ format: "csr", shape: [ids.length, 1], data: new Float32Array(0) },
      ...{ indices: new Int32Array(0), indptr: new Int32Array(ids.length + 1) },
    },
    obs: { index: ids, columns: obs },
    var: { index: ["CD3E"], columns: new Map() },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
  return defineStage({
    id: "2-04",
    name: "plant_table",
    version: 1,
    doc: "Plants a table of cells.",
    inputs: {},
    outputs: { table: tableOutput("table_cells", linkTo("cell_boundaries")) },
    params: {},
    budget,
    run: () => Promise.resolve({ table }),
  });
}

/** How a slide with predictions is opened. */
export interface PredictedOptions {
  /** Of stage 3-03. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Of stage 3-01. */
  readonly patchParams?: Readonly<Record<string, unknown>>;
  /** A file of predictions. */
  readonly predictions?: string;
  /** Names in the table of cells (default those of the nuclei). */
  readonly tableIds?: readonly string[];
  readonly threads?: number;
  /** Folder of results. */
  readonly out?: string;
}

/** Opens a planted slide whose nuclei are to be predicted. */
export function openPredicted(
  folder: string,
  planted: PlantedPatches,
  options: PredictedOptions = {},
): Promise<Slide> {
  const { params = {}, patchParams = {}, predictions, tableIds, threads = 1 } = options;
  const table = plantTable(tableIds ?? [...planted.nuclei.keys()]);
  return Slide.open("heart_s9", {
    pipeline: definePipeline([...plantPatches(planted), table, predictAndAlign]),
    out: options.out ?? `${folder}/out`,
    data: folder,
    sources: {
      bundle: folder,
      ...planted.he === false ? {} : { he: folder },
      ...predictions === undefined ? {} : { predictions },
    },
    params: { "3-01": patchParams, "3-03": params },
    limits: { memoryBytes: 2e9, threads },
  });
}

import type { Input } from "@/core/stage.ts";
import { openAnnDataZarr } from "@/formats/anndata/mod.ts";
import { readShapes } from "@/formats/spatialdata/mod.ts";

/** Ids, read when they are asked for. */
export type LazyIds = () => Promise<readonly string[]>;

/** Ids of the nuclei, by row of `nucleus_boundaries`. */
export const nucleusIdsInput = {
  kind: "nodes",
  names: ["shapes/nucleus_boundaries"],
  doc: "polygons of nuclei",
  open: ({ resolve, disk }) =>
    Promise.resolve(async () => {
      const { ids } = await readShapes(disk, resolve("shapes/nucleus_boundaries"));
      return ids instanceof BigInt64Array ? Array.from(ids, String) : ids;
    }),
} as const satisfies Input<LazyIds>;

/** Ids of the cells of `table_cells`. */
export const cellIdsInput = {
  kind: "nodes",
  names: ["tables/table_cells"],
  doc: "table of cells",
  optional: true,
  open: ({ resolve, disk }) =>
    Promise.resolve(async () => {
      const table = await openAnnDataZarr(disk, resolve("tables/table_cells"));
      return await table.obsNames();
    }),
} as const satisfies Input<LazyIds>;

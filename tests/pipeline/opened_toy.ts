import { categorical } from "@/core/categorical.ts";
import type { Disk } from "@/core/disk.ts";
import { defineStage } from "@/core/stage.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  reportOutput,
  tableInput,
  tableOutput,
  tablePartOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { zipFolder } from "@/formats/zip/mod.ts";
import { assembleSlide } from "@/pipeline/build_slide.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { definePipeline, type Pipeline } from "@/pipeline/pipeline.ts";
import { ProgressDisplay } from "@/pipeline/progress_display.ts";
import { Slide, type SlideOptions } from "@/pipeline/slide.ts";
import { numbersInput } from "./toy_pipeline.ts";

const budget = () => ({ memoryBytes: 0, seconds: 0 });

/** Writes a table and a report that can be told from the table. */
export const baseStage = defineStage({
  id: "1-01",
  name: "base",
  version: 1,
  doc: "Writes a table.",
  inputs: { numbers: numbersInput },
  outputs: {
    table: tableOutput("cells", {
      region: "nuclei",
      regionKey: "region",
      instanceKey: "cell_id",
    }),
    size: reportOutput<number>("size", async ({ resolve, disk }) => {
      const path = resolve("tables/cells");
      return path === "" ? undefined : (await tableInput("cells").open({ resolve, disk })).shape[0];
    }),
    log: reportOutput<string>("log"),
  },
  params: {},
  budget,
  run: ({ numbers }) => {
    const ids = numbers.map((value) => `cell${value}`);
    return Promise.resolve({
      size: ids.length,
      log: "made",
      table: {
        obs: {
          index: ids,
          columns: new Map([
            ["region", categorical(ids.map(() => "nuclei"))],
            ["cell_id", categorical(ids)],
          ]),
        },
        var: { index: ["g1"], columns: new Map() },
        X: { data: Float32Array.from(numbers), shape: [numbers.length, 1] },
        ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
        uns: new Map(),
      },
    });
  },
});

/** Adds two parts to the table. */
export const partStage = defineStage({
  id: "1-02",
  name: "part",
  version: 1,
  doc: "Adds to a table.",
  inputs: { table: tableInput("cells") },
  outputs: {
    label: tablePartOutput("cells", "obs/label1"),
    layer: tablePartOutput("cells", "layers/count"),
  },
  params: {},
  budget,
  run: async ({ table }) => {
    const rowIds = await table.obsNames();
    const count = { data: new Int32Array(rowIds.length), shape: [rowIds.length, 1] };
    return {
      label: { rowIds, value: categorical(rowIds.map((id) => `new ${id}`)) },
      layer: { rowIds, value: count },
    };
  },
});

/** Both stages. */
export const toyTables = definePipeline([baseStage, partStage]);

/** A disk with the store `/made/sdata_toy.zarr` of these stages, zipped as published beside it. */
export async function diskWithStore(
  stages = [baseStage, partStage].map(({ id }) => id),
  numbers: readonly number[] = [3, 1, 2],
): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  await disk.write("/bundle/numbers.json", encode(numbers));
  const slide = await openToy(disk, { out: "/making", sources: { bundle: "/bundle" } });
  for (const stage of toyTables.stages) if (stages.includes(stage.id)) await slide.run(stage);
  await assembleToy(slide);
  await disk.rename(slide.folder.store, "/made/sdata_toy.zarr");
  await zipFolder(disk, "/made/sdata_toy.zarr", "/made/sdata_toy.zarr.zip");
  await disk.remove("/making");
  return disk;
}

/** Opens the toy slide of `/out`. */
export function openToy(disk: Disk, options: Partial<SlideOptions> = {}): Promise<Slide> {
  return Slide.open("toy", {
    pipeline: toyTables,
    out: "/out",
    data: "/data",
    disk,
    limits: { memoryBytes: 1e9, threads: 1 },
    ...options,
  });
}

/** Registers a store as the toy slide of `/out`. */
export function openToyStore(
  disk: Disk,
  path = "/made/sdata_toy.zarr.zip",
  options: { force?: boolean; pipeline?: Pipeline } = {},
) {
  return openStore(path, { pipeline: toyTables, out: "/out", disk, ...options });
}

/** Assembles the store of what is done, as a build does. */
export function assembleToy(slide: Slide): Promise<void> {
  return assembleSlide(slide, silentDisplay());
}

/** A display that nobody sees. */
export function silentDisplay(): ProgressDisplay {
  return new ProgressDisplay({ isTerminal: false, columns: 80, write: () => {} });
}

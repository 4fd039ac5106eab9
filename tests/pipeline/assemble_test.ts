import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { openSpatialData } from "@/formats/spatialdata/mod.ts";
import {
  tableInput,
  tableOutput,
  tablePartOutput,
  tableUnsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { numbersInput, toyDisk } from "./toy_pipeline.ts";

const budget = () => ({ memoryBytes: 0, seconds: 0 });
const link = { region: "nuclei", regionKey: "region", instanceKey: "cell_id" };

const baseStage = defineStage({
  id: "1-01",
  name: "base",
  version: 1,
  doc: "Writes a table.",
  inputs: { numbers: numbersInput },
  outputs: { table: tableOutput("cells", link) },
  params: {},
  budget,
  run: ({ numbers }) => {
    const ids = numbers.map((value) => `cell${value}`);
    return Promise.resolve({
      table: {
        obs: {
          index: ids,
          columns: new Map([["region", categorical(ids.map(() => "nuclei"))], [
            "cell_id",
            categorical(ids),
          ]]),
        },
        var: { index: ["g1"], columns: new Map() },
        X: { data: Float32Array.from(numbers), shape: [numbers.length, 1] },
        ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {} },
        uns: new Map(),
      },
    });
  },
});

/** Adds to the table; `order` tells for which rows. */
function partStage(order: (ids: readonly string[]) => readonly string[]) {
  return defineStage({
    id: "1-02",
    name: "part",
    version: 1,
    doc: "Adds to a table.",
    inputs: { table: tableInput("cells") },
    outputs: {
      label: tablePartOutput("cells", "obs/label1"),
      layer: tablePartOutput("cells", "layers/count"),
      settings: tableUnsOutput("cells", "settings"),
    },
    params: {},
    budget,
    run: async ({ table }) => {
      const rowIds = order(await table.obsNames());
      return {
        label: { rowIds, value: categorical(rowIds.map((id) => `type of ${id}`)) },
        layer: {
          rowIds,
          value: { data: new Int32Array(rowIds.length), shape: [rowIds.length, 1] },
        },
        settings: new Map([["resolution", 0.4]]),
      };
    },
  });
}

async function build(
  disk: MemoryDisk,
  order: (ids: readonly string[]) => readonly string[],
): Promise<string> {
  const pipeline = definePipeline([baseStage, partStage(order)]);
  const slide = await Slide.open("toy", {
    ...{ pipeline, disk, out: "/out", data: "/data" },
    sources: { bundle: "/bundle" },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  for (const stage of pipeline.stages) await slide.run(stage);
  const artefacts = slide.artefacts().current;
  await assembleStore(disk, slide.folder, { simulated: true, artefacts });
  return slide.folder.store;
}

Deno.test("parts of a table that several stages wrote are read as one table", async () => {
  const disk = toyDisk([3, 1, 2]);
  const store = await build(disk, (ids) => ids);
  const table = await readAnnDataZarr(disk, `${store}/tables/cells`);
  assertEquals([...table.obs.columns.keys()], ["region", "cell_id", "label1"]);
  assertEquals(table.obs.columns.get("label1"), {
    codes: Int32Array.of(2, 0, 1),
    levels: ["type of cell1", "type of cell2", "type of cell3"],
    ordered: false,
  });
  assertEquals(Object.keys(table.layers), ["count"]);
  assertEquals(table.uns.get("settings"), new Map([["resolution", 0.4]]));
});

Deno.test("the store's consolidated metadata lists what was added", async () => {
  const disk = toyDisk([3, 1, 2]);
  const store = await build(disk, (ids) => ids);
  const root = JSON.parse(new TextDecoder().decode(await disk.read(`${store}/zarr.json`)));
  const nodes = Object.keys(root.consolidated_metadata.metadata);
  assert(nodes.includes("tables/cells/obs/label1/codes"), nodes.join());
  assertEquals(root.attributes.sthelar.simulated, true);
  assertEquals((await openSpatialData(disk, store)).names("tables"), ["cells"]);
});

Deno.test("the base table's own artefact is not changed by what others add", async () => {
  const disk = toyDisk([3, 1, 2]);
  await build(disk, (ids) => ids);
  const path = [...disk.files.keys()].find((name) =>
    name.includes("/1-01-") && name.endsWith("/obs/zarr.json")
  )!;
  const { attributes } = JSON.parse(new TextDecoder().decode(await disk.read(path)));
  assertEquals(attributes["column-order"], ["region", "cell_id"]);
});

Deno.test("values for the rows in another order are refused", async () => {
  const error = await assertRejects(
    () => build(toyDisk([3, 1, 2]), (ids) => ids.toReversed()),
    SthelarError,
    "values for other rows",
  );
  assertEquals(error.tag, "IdMismatch");
});

Deno.test("values for some of the rows are refused", async () => {
  await assertRejects(
    () => build(toyDisk([3, 1, 2]), (ids) => ids.slice(1)),
    SthelarError,
    'into table "cells"',
  );
});

import { assertEquals, assertThrows } from "@std/assert";
import { constantCategorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { numberListParam, numbersOf } from "@/core/params.ts";
import { defineStage, type Input } from "@/core/stage.ts";
import { type Column, openAnnDataZarr } from "@/formats/anndata/mod.ts";
import {
  tableInput,
  tableOutput,
  tablePartOutput,
  tablePartsOutput,
  tableUnsPartsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { numbersInput, toyDisk } from "./toy_pipeline.ts";

const makeTable = defineStage({
  id: "1-01",
  name: "make_table",
  version: 1,
  doc: "Makes a table.",
  inputs: { numbers: numbersInput },
  outputs: {
    table: tableOutput("t", { region: "r", regionKey: "region", instanceKey: "id" }),
  },
  params: {},
  budget: () => ({ memoryBytes: 1e6, seconds: 1 }),
  run: ({ numbers }) => {
    const index = numbers.map((value) => `n${value}`);
    const ids = Int32Array.from(numbers);
    const region = constantCategorical("r", index.length);
    return Promise.resolve({
      table: {
        X: { data: Float32Array.from(numbers), shape: [index.length, 1] },
        obs: { index, columns: new Map<string, Column>([["region", region], ["id", ids]]) },
        var: { index: ["GENE"], columns: new Map() },
        ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
      },
    });
  },
});

const multiply = defineStage({
  id: "1-02a",
  name: "multiply",
  version: 1,
  doc: "Multiplies.",
  inputs: { table: tableInput("t") },
  outputs: {
    products: tablePartsOutput("t", "obs/times_*"),
    info: tableUnsPartsOutput("t", "uns/times_*"),
    mean: tablePartOutput("t", "var/mean"),
  },
  params: { factors: numberListParam([2, 3], "factors") },
  budget: () => ({ memoryBytes: 1e6, seconds: 1 }),
  async run({ table }, { factors }) {
    const rowIds = await table.obsNames();
    const ids = await table.column("obs", "id") as Int32Array;
    const named = numbersOf(factors).map((factor) => [`times_${factor}`, factor] as const);
    return {
      products: {
        rowIds,
        value: new Map(named.map(([name, factor]) => [name, ids.map((id) => id * factor)])),
      },
      info: new Map(named),
      mean: { rowIds: await table.varNames(), value: Float64Array.of(7) },
    };
  },
});

const pipeline = definePipeline([makeTable, multiply]);

function openSlide(disk: ReturnType<typeof toyDisk>, factors: unknown): Promise<Slide> {
  return Slide.open("toy", {
    ...{ pipeline, disk, out: "/out", data: "/data", sources: { bundle: "/bundle" } },
    params: { "1-02a": { factors } },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
}

Deno.test("parts whose names follow from parameters are in the store, and go with the parameter", async () => {
  const disk = toyDisk();
  for (const factors of ["2,5", [4]]) {
    const slide = await openSlide(disk, factors);
    for (const stage of pipeline.stages) await slide.run(stage);
    const artefacts = slide.artefacts().current;
    await assembleStore(disk, slide.folder, { simulated: false, artefacts });
    const table = await openAnnDataZarr(disk, `${slide.folder.store}/tables/t`);
    const names = numbersOf(String(factors)).map((factor) => `times_${factor}`);
    assertEquals(table.columnNames("obs"), ["region", "id", ...names]);
    const last = await table.column("obs", names.at(-1)!) as Int32Array;
    assertEquals([...last], [1, 2, 3].map((id) => id * numbersOf(String(factors)).at(-1)!));
    assertEquals(await table.element(`uns/${names[0]}`), numbersOf(String(factors))[0]);
    assertEquals(table.columnNames("var"), ["mean"]);
  }
});

Deno.test("a node that a pattern stands for belongs to the stage of the pattern, and only to it", async () => {
  assertEquals(pipeline.ownerOf("tables/t/obs/times_2")?.id, "1-02a");
  assertEquals(pipeline.ownerOf("tables/t/obs/other")?.id, "1-01");
  const slide = await openSlide(toyDisk(), [4]);
  for (const stage of pipeline.stages) await slide.run(stage);
  const times: Input<string> = {
    kind: "nodes",
    names: ["tables/t/obs/times_*"],
    doc: "products",
    open: ({ resolve }) => Promise.resolve(resolve("tables/t/obs/times_4")),
  };
  assertEquals((await slide.open(times)).endsWith("/nodes/tables/t/obs/times_4"), true);
  const second = { ...multiply, id: "1-03", outputs: { x: tablePartOutput("t", "obs/times_9") } };
  const error = assertThrows(() => definePipeline([makeTable, multiply, second as never]));
  assertEquals((error as SthelarError).tag, "PipelineConflict");
});

Deno.test("values for other columns than the table's are refused", async () => {
  const disk = toyDisk();
  const astray = defineStage({
    ...multiply,
    async run(inputs, params, ctx) {
      const made = await multiply.run(inputs, params, ctx);
      return { ...made, mean: { ...made.mean, rowIds: ["OTHER"] } };
    },
  });
  const other = definePipeline([makeTable, astray]);
  const slide = await Slide.open("toy", {
    ...{ pipeline: other, disk, out: "/out", data: "/data", sources: { bundle: "/bundle" } },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  for (const stage of other.stages) await slide.run(stage);
  const artefacts = slide.artefacts().current;
  const error = await assemble().catch((error) => error);
  assertEquals([error.tag, error.message.includes("var/mean")], ["IdMismatch", true]);

  function assemble() {
    return assembleStore(disk, slide.folder, { simulated: false, artefacts });
  }
});

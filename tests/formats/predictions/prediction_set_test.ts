import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { writeInstanceMaps } from "@/formats/cellvit/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import {
  type AlignmentTable,
  emptyAlignment,
  openPredictionSet,
  type PatchInstances,
  type PredictionDescription,
  type PredictionMetrics,
  PredictionSetWriter,
} from "@/formats/predictions/mod.ts";
import { withTempDir } from "../../e2e/run_cli.ts";

const WIDTH = 16;
const CLASSES = ["Background", "Neoplastic", "Epithelial"];
const PLAIN: PredictionDescription = {
  ...{ format: 1, slide: "heart_s9", source: "baseline", classes: CLASSES },
  ...{ magnification: 40, patchWidth: WIDTH },
};
const MAPS: readonly PatchInstances[] = [0, 3].map((patch) => ({
  patch,
  instances: Int32Array.from({ length: WIDTH * WIDTH }, (_, i) => i % 7 === patch ? 2 * i : 0),
}));

/** Two patches are evaluated, one of them without nuclei, and patch 5 has no prediction. */
function alignment(): AlignmentTable {
  const table = emptyAlignment(Int32Array.of(0, 3, 5));
  table.isEvaluated.set([1, 1, 0]);
  table.nuclei.set([4, 0, 2]);
  table.predicted.set([3, 0, 0]);
  table.truePositives.set([2, 0, 0]);
  table.falsePositives.set([1, 0, 0]);
  table.falseNegatives.set([2, 0, 0]);
  table.dice.set([0.75, 0]);
  table.jaccard.set([0.6]);
  table.bpq.set([0.5]);
  table.f1[0] = 4 / 7;
  return table;
}

const METRICS: PredictionMetrics = {
  alignment: alignment(),
  results: {
    dataset: { "Binary-Cell-Dice-Mean": 0.75, bPQ: undefined },
    tissues: {},
    patches: new Map([["heart_s9_0.png", { dice: 0.75, jaccard: 0.6, bPQ: 0.5 }]]),
    pq: { Neoplastic: undefined },
    detection: {},
  },
  log: { dq: {}, sq: {} },
  nucleusClasses: {
    cellIds: ["aaaaaaaa-1", "aaaaaaab-1"],
    classes: CLASSES,
    pixels: Uint32Array.of(1, 2, 3, 0, 2 ** 32 - 1, 7),
  },
};

async function write(
  folder: string,
  description = PLAIN,
  metrics: PredictionMetrics = METRICS,
): Promise<void> {
  const writer = new PredictionSetWriter(localDisk, folder, description);
  assertEquals(await writer.writeInstances(MAPS), MAPS.length);
  await writer.writeMetrics(metrics);
  await writer.finish();
}

Deno.test("a set of predictions is read as it was written", () =>
  withTempDir(async (folder) => {
    await write(folder);
    const set = await openPredictionSet(localDisk, folder);
    assertEquals(set.description, PLAIN);
    for (const { patch, instances } of MAPS) assertEquals(await set.instances(patch), instances);
    assertEquals(await set.instances(5), undefined);
    assertEquals(await set.alignment(), alignment());
    assertEquals(await set.results(), { ...METRICS.results, source: "baseline" });
    assertEquals(await set.nucleusClasses(), METRICS.nucleusClasses);
  }));

Deno.test("what has no value is missing in the table, and the source is in every file", () =>
  withTempDir(async (folder) => {
    await write(folder);
    const table = await readParquetColumns(localDisk, `${folder}/alignment_heart_s9.parquet`);
    assertEquals(
      table.names.join(" "),
      "patch_id nuclei predicted Dice Jaccard bPQ bDQ bSQ tp fp fn precision recall f1 source",
    );
    const missing = (name: string) => {
      const column = table.column(name);
      return column.kind === "numbers" ? [...column.missing ?? []] : undefined;
    };
    assertEquals(
      ["nuclei", "predicted", "Dice", "Jaccard", "bDQ", "tp"].map(missing),
      [[], [0, 0, 1], [0, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 1]],
    );
    assertEquals(new Set(table.text("source")), new Set(["baseline"]));
    const log = await Deno.readTextFile(`${folder}/inference.log`);
    assertEquals(log.split("\n")[0], "Predictions: baseline");
  }));

Deno.test("predictions without classes have no table of them", () =>
  withTempDir(async (folder) => {
    const plain = { ...PLAIN, source: "published", classes: null } as const;
    const { nucleusClasses: _, ...metrics } = METRICS;
    const error = await assertRejects(() => write(folder, plain), SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    await write(folder, plain, metrics);
    const set = await openPredictionSet(localDisk, folder);
    assertEquals(await set.nucleusClasses(), undefined);
    assertEquals((await set.results()).source, "published");
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.some((name) => name.startsWith("nucleus_classes")), false);
  }));

Deno.test("a set that was not completed has no description", () =>
  withTempDir(async (folder) => {
    const writer = new PredictionSetWriter(localDisk, folder, PLAIN);
    await writer.writeInstances(MAPS);
    const error = await assertRejects(() => writer.finish(), SthelarError);
    assertEquals(error.tag, "PipelineConflict");
    const opening = await assertRejects(() => openPredictionSet(localDisk, folder), SthelarError);
    assertEquals([opening.tag, opening.path], ["NotFound", `${folder}/predictions.json`]);
  }));

/** Reads everything there is. */
async function readAll(folder: string): Promise<void> {
  const set = await openPredictionSet(localDisk, folder);
  await set.alignment();
  await set.results();
  await set.nucleusClasses();
  for (const { patch } of MAPS) await set.instances(patch);
}

Deno.test("a file of the set that is gone is named", () =>
  withTempDir(async (folder) => {
    await write(folder);
    for (const { name } of [...Deno.readDirSync(folder)]) {
      const path = `${folder}/${name}`, bytes = await Deno.readFile(path);
      await Deno.remove(path);
      const error = await assertRejects(() => openPredictionSet(localDisk, folder), SthelarError);
      assertEquals([error.tag, error.path], ["NotFound", path]);
      await Deno.writeFile(path, bytes);
    }
    await readAll(folder);
  }));

Deno.test("a file of the set that is cut short is refused by its name", () =>
  withTempDir(async (folder) => {
    await write(folder);
    for (const { name } of [...Deno.readDirSync(folder)]) {
      if (name === "inference.log") continue;
      const path = `${folder}/${name}`, bytes = await Deno.readFile(path);
      for (const share of [0, 0.1, 0.5, 0.9]) {
        await Deno.writeFile(path, bytes.subarray(0, share * bytes.length));
        const error = await assertRejects(() => readAll(folder), SthelarError);
        assert(isSthelarError(error, "CorruptData"), `${name} at ${share}: ${error}`);
        assertEquals(error.path, path);
      }
      await Deno.writeFile(path, bytes);
    }
  }));

Deno.test("openPredictionSet() refuses a description of another kind", () =>
  withTempDir(async (folder) => {
    await write(folder);
    const others = [
      { format: 2 },
      { source: "guessed" },
      { classes: "Neoplastic" },
      { magnification: 10 },
      { slide: 7 },
      { patchWidth: 1.5 },
    ];
    for (const other of others) {
      const text = JSON.stringify({ ...PLAIN, ...other });
      await Deno.writeTextFile(`${folder}/predictions.json`, text);
      const error = await assertRejects(() => openPredictionSet(localDisk, folder), SthelarError);
      const tag = "format" in other ? "UnsupportedVersion" : "CorruptData";
      assertEquals(error.tag, tag, text);
    }
  }));

Deno.test("a map of another size is refused", () =>
  withTempDir(async (folder) => {
    await write(folder);
    const path = `${folder}/inference_instance_map_predictions.h5`;
    const map = { instances: new Int32Array(64), shape: [8, 8] } as const;
    await writeInstanceMaps(localDisk, path, [{ name: "heart_s9_3", ...map }]);
    const set = await openPredictionSet(localDisk, folder);
    const error = await assertRejects(() => set.instances(3), SthelarError, "found 8 x 8 px");
    assertEquals([error.tag, error.path], ["CorruptData", path]);
  }));

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { zipFolder } from "@/formats/zip/mod.ts";
import { slideOfStore } from "@/pipeline/open_store.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import type { Slide } from "@/pipeline/slide.ts";
import {
  assembleToy,
  baseStage,
  diskWithStore,
  openToy,
  openToyStore,
  partStage,
} from "./opened_toy.ts";
import { FailingDisk, FAILURES } from "./failing_disk.ts";
import { snapshot } from "./toy_pipeline.ts";

const ZIP = "/made/sdata_toy.zarr.zip";
const FOLDER = "/made/sdata_toy.zarr";
const BUNDLE = { sources: { bundle: "/bundle" } };
const actions = (slide: Slide) => slide.plan.map(({ action, reason }) => `${action}: ${reason}`);

async function removeNode(disk: MemoryDisk, node: string): Promise<void> {
  await disk.remove(`${FOLDER}/${node}`);
  await disk.remove(ZIP);
  await zipFolder(disk, FOLDER, ZIP);
}

for (const path of [ZIP, FOLDER]) {
  Deno.test(`stages whose results ${path} holds need no bundle and do not run`, async () => {
    const disk = await diskWithStore();
    const before = snapshot(disk, "/made");
    const { opened, wasOpen, unused } = await openToyStore(disk, path);
    assertEquals([wasOpen, unused, opened.elements], [false, [], ["tables/cells"]]);
    const slide = await openToy(disk, {
      simulate: () => Promise.reject(new Error("nothing is simulated for an opened slide")),
    });
    assertEquals(actions(slide), [
      "opened: from the opened store, without reports/log",
      "opened: from the opened store",
    ]);
    const table = await slide.open(tableInput("cells"));
    assertEquals(await table.obsNames(), ["cell3", "cell1", "cell2"]);
    assertEquals(slide.has("tables/cells/obs/label1"), true);
    assertEquals(snapshot(disk, "/made"), before);
  });
}

Deno.test("a report that the elements tell is derived, another is said to be lacking", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  const slide = await openToy(disk);
  assertEquals(await slide.open(reportInput<number>("size")), 3);
  assertEquals(slide.has("reports/log"), false);
  const error = await assertRejects(
    () => slide.open(reportInput("log")),
    SthelarError,
    `an opened store without it: "${ZIP}"`,
  );
  assertEquals(error.tag, "NotFound");
});

Deno.test("a stage of the opened store is not run, also not on demand", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  const slide = await openToy(disk);
  await assertRejects(() => slide.run(baseStage), SthelarError, "come from the opened store");
});

Deno.test("later stages run on the opened store, and their parts join its table", async () => {
  const disk = await diskWithStore(["1-01"]);
  await openToyStore(disk);
  const slide = await openToy(disk);
  assertEquals(actions(slide)[1], "run: not done yet");
  await slide.run(partStage);
  await assembleToy(slide);
  const table = await readAnnDataZarr(disk, "/out/toy/sdata_toy.zarr/tables/cells");
  assertEquals([...table.obs.columns.keys()], ["region", "cell_id", "label1"]);
  assertEquals(Object.keys(table.layers), ["count"]);
  assertEquals(actions(await openToy(disk))[1], "keep: done");
});

Deno.test("a slide with nothing added has no other store than the opened one", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  await assembleToy(await openToy(disk));
  assertEquals(await disk.list("/out/toy/sdata_toy.zarr"), []);
});

Deno.test("of a stage that the store holds in part it says what is missing", async () => {
  const disk = await diskWithStore();
  await removeNode(disk, "tables/cells/layers/count");
  await openToyStore(disk);
  const slide = await openToy(disk);
  assertEquals(
    actions(slide)[1],
    "opened: from the opened store, without tables/cells/layers/count",
  );
  assertEquals(slide.manifest.opened?.standsFor?.["1-02"], ["tables/cells/layers/count"]);
});

Deno.test("with a bundle a stage that the store holds in part is computed as a whole", async () => {
  const disk = await diskWithStore();
  await removeNode(disk, "tables/cells/layers/count");
  await openToyStore(disk);
  const slide = await openToy(disk, BUNDLE);
  assertEquals(
    actions(slide)[1],
    "run: the opened store lacks tables/cells/layers/count; not done yet",
  );
  await slide.run(partStage);
  await assembleToy(slide);
  const table = await readAnnDataZarr(disk, "/out/toy/sdata_toy.zarr/tables/cells");
  assertEquals(
    table.obs.columns.get("label1"),
    categorical(["new cell3", "new cell1", "new cell2"]),
  );
  assertEquals([...table.obs.columns.keys()], ["region", "cell_id", "label1"]);
});

Deno.test("parts of the store's table do not count for a table that is computed anew", async () => {
  const disk = await diskWithStore();
  await disk.rename(`${FOLDER}/tables/cells`, `${FOLDER}/tables/other`);
  await removeNode(disk, "nothing");
  const { unused } = await openToyStore(disk);
  assertEquals(unused, ["tables/other"]);
  const slide = await openToy(disk, BUNDLE);
  assertEquals(actions(slide), ["run: not done yet", "run: not done yet"]);
});

Deno.test("opening the same store again changes nothing, wherever it lies by now", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  await openToy(disk);
  const before = snapshot(disk, "/out");
  assertEquals((await openToyStore(disk)).wasOpen, true);
  assertEquals(snapshot(disk, "/out"), before);
  await disk.rename(ZIP, "/elsewhere/sdata_toy.zarr.zip");
  const gone = await assertRejects(() => openToy(disk), SthelarError, "that it was opened from");
  assertEquals(gone.remedy, "put it back, or name its new place: deno task open PATH --as toy");
  assertEquals((await openToyStore(disk, "/elsewhere/sdata_toy.zarr.zip")).wasOpen, true);
  assertEquals(actions(await openToy(disk))[1], "opened: from the opened store");
});

Deno.test("another store runs later stages again", async () => {
  const disk = await diskWithStore(["1-01"]);
  await openToyStore(disk, FOLDER);
  const key = (await openToy(disk)).planned(partStage).key;
  const other = await diskWithStore(["1-01"], [5, 6]);
  for (const [path, bytes] of other.files) disk.files.set(path, bytes);
  await openToyStore(disk, FOLDER);
  assert((await openToy(disk)).planned(partStage).key !== key);
});

Deno.test("a slide with results of other data is not opened over, unless forced", async () => {
  const disk = await diskWithStore();
  const built = await openToy(disk, BUNDLE);
  await built.run(baseStage);
  await assembleToy(built);
  const before = snapshot(disk, "/out");
  const error = await assertRejects(
    () => openToyStore(disk),
    SthelarError,
    "results of stages 1-01, made from its bundle",
  );
  assert(isSthelarError(error, "PipelineConflict"));
  assertEquals(snapshot(disk, "/out"), before);
  await openToyStore(disk, ZIP, { force: true });
  const slide = await openToy(disk);
  assertEquals(actions(slide)[1], "opened: from the opened store");
  assertEquals(slide.artefacts(), { current: [], outdated: [] });
  assertEquals(await disk.list("/out/toy/sdata_toy.zarr"), []);
  assert((await disk.list("/out/toy/stages")).some((name) => name.startsWith("1-01-")));
});

Deno.test("a damaged element is named and not used, the others are", async () => {
  const disk = await diskWithStore();
  await disk.write(`${FOLDER}/tables/bad/zarr.json`, new TextEncoder().encode('{"node_type": 5}'));
  await disk.write(
    `${FOLDER}/tables/old/zarr.json`,
    new TextEncoder().encode(
      '{"zarr_format": 3, "node_type": "group", "attributes": {"version": "9.9"}}',
    ),
  );
  await disk.remove(`${FOLDER}/tables/bad`);
  const { opened } = await openToyStore(disk, FOLDER);
  assertEquals(opened.elements, ["tables/cells"]);
  assertEquals(Object.keys(opened.damaged), ["tables/old"]);
});

Deno.test("the store that this program makes of a slide is not opened as that slide", async () => {
  const disk = await diskWithStore();
  await disk.rename(FOLDER, "/out/toy/sdata_toy.zarr");
  await assertRejects(
    () => openToyStore(disk, "/out/toy/sdata_toy.zarr"),
    SthelarError,
    "the store that this program makes",
  );
});

Deno.test("a stage that the store holds nothing of is skipped without a bundle", async () => {
  const disk = await diskWithStore(["1-01"]);
  const needy = { ...partStage, id: "1-03" as const, outputs: {}, inputs: baseStage.inputs };
  const pipeline = definePipeline([baseStage, partStage, needy]);
  await openToyStore(disk, ZIP, { pipeline });
  const slide = await openToy(disk, { pipeline });
  assertEquals(actions(slide)[2], "skip: there is no list of numbers");
});

for (const failure of FAILURES) {
  Deno.test(`opening whose disk fails at any change (${failure}) is finished by the next one`, async () => {
    const fresh = await diskWithStore();
    const counting = new FailingDisk(fresh, Infinity);
    await openToyStore(counting);
    const unbroken = snapshot(fresh, "/out");
    assert(counting.changes >= 3, `only ${counting.changes} changes`);
    for (let k = 1; k <= counting.changes; k++) {
      const disk = await diskWithStore();
      await openToyStore(new FailingDisk(disk, k, failure)).catch((error) => {
        assert(isSthelarError(error, "DiskFailure"), `${error}`);
      });
      await openToyStore(disk);
      assertEquals(snapshot(disk, "/out"), unbroken, `failed at change ${k}`);
    }
  });
}

Deno.test("a manifest whose opened store was damaged is refused", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  const path = "/out/toy/manifest.json";
  const manifest = JSON.parse(new TextDecoder().decode(await disk.read(path)));
  for (const [key, value] of [["elements", "all"], ["standsFor", { "1-01": 3 }]] as const) {
    const opened = { ...manifest.opened, [key]: value };
    await disk.write(path, new TextEncoder().encode(JSON.stringify({ ...manifest, opened })));
    await assertRejects(() => openToy(disk), SthelarError, `opened.${key} of another type`);
  }
});

Deno.test("an opened slide is not cropped", async () => {
  const disk = await diskWithStore();
  await openToyStore(disk);
  const crop = { roi: "0,0,1,1", crop: () => Promise.resolve() };
  await assertRejects(() => openToy(disk, { ...BUNDLE, crop }), SthelarError, "a rectangle");
});

Deno.test("slideOfStore() knows the published names", () => {
  assertEquals(slideOfStore("/x/sdata_heart_s0.zarr.zip"), "heart_s0");
  assertEquals(slideOfStore("/x/sdata_heart_s0.zarr"), "heart_s0");
  assertEquals(slideOfStore("/x/xenium_ileum_tiny.sdata.zarr"), "xenium_ileum_tiny");
  assertThrows(() => slideOfStore("/x/my store.zarr"), SthelarError, "--as NAME");
  assertThrows(() => slideOfStore("/x/sdata_.zarr"), SthelarError, "--as NAME");
});

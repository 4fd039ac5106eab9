import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { parseParamTexts } from "@/pipeline/plan.ts";
import { definePipeline, matchStages, selectStages } from "@/pipeline/pipeline.ts";
import {
  assembleToyStore,
  buildToySlide,
  openToySlide,
  scaleStage,
  snapshot,
  sumStage,
  toyDisk,
  toyPipeline,
} from "./toy_pipeline.ts";

const actions = (slide: Awaited<ReturnType<typeof openToySlide>>) =>
  slide.plan.map(({ action, reason }) => `${action}: ${reason}`);

Deno.test("a second build of the same slide keeps every stage", async () => {
  const disk = toyDisk();
  await buildToySlide(disk);
  const before = snapshot(disk, "/out");
  const slide = await openToySlide(disk);
  assertEquals(actions(slide), ["keep: done", "keep: done"]);
  await buildToySlide(disk);
  assertEquals(snapshot(disk, "/out"), before);
});

Deno.test("a changed parameter runs its stage and those that read from it, and says so", async () => {
  const disk = toyDisk();
  await buildToySlide(disk);
  const slide = await openToySlide(disk, { "1-01": { factor: "3" } });
  assertEquals(actions(slide), ["run: factor 2 -> 3", "run: input scaled changed"]);
});

Deno.test("going back to earlier parameters finds the earlier artefacts", async () => {
  const disk = toyDisk();
  await buildToySlide(disk);
  const first = snapshot(disk, "/out/toy/sdata_toy.zarr");
  await buildToySlide(disk, { "1-01": { factor: 3 } });
  assertEquals(actions(await openToySlide(disk)), ["keep: done", "keep: done"]);
  await buildToySlide(disk);
  assertEquals(snapshot(disk, "/out/toy/sdata_toy.zarr"), first);
});

Deno.test("a changed file of the bundle runs what reads it", async () => {
  const disk = toyDisk();
  await buildToySlide(disk);
  await disk.write("/bundle/numbers.json", new TextEncoder().encode("[4,5,6,7]"));
  assertEquals(actions(await openToySlide(disk))[0], "run: input numbers changed");
});

Deno.test("a stage can't run before those it reads from", async () => {
  const slide = await openToySlide(toyDisk());
  const error = await assertRejects(() => slide.run(sumStage), SthelarError, "was not made yet");
  assertEquals(error.remedy, "run: deno task build-slide toy --until 1-01");
});

Deno.test("results whose inputs have changed are left out of the store, and named", async () => {
  const disk = toyDisk();
  await buildToySlide(disk);
  const slide = await openToySlide(disk, { "1-01": { factor: 3 } });
  await slide.run(scaleStage);
  assertEquals(slide.artefacts().outdated, ["1-02"]);
  await assembleToyStore(slide);
  assertEquals(await disk.list("/out/toy/sdata_toy.zarr"), ["images", "tables", "zarr.json"]);
});

Deno.test("reports stay out of the store", async () => {
  const disk = toyDisk();
  const slide = await buildToySlide(disk);
  assertEquals((await disk.list(slide.folder.store)).includes("reports"), false);
  assertEquals(
    new TextDecoder().decode(await disk.read(`${slide.resolve("reports/sum")}/value.json`)),
    '"sum 12"',
  );
});

Deno.test("the manifest holds parameters, inputs, nodes and warnings", async () => {
  const slide = await buildToySlide(toyDisk());
  const record = slide.manifest.stages["1-01"];
  assertEquals(record.params, { factor: 2, negate: false });
  assertEquals(record.nodes, ["tables/scaled", "images/pieces"]);
  assertEquals(record.warnings, ["3 numbers"]);
  assertEquals(Object.keys(slide.manifest.files), ["/bundle/numbers.json"]);
});

Deno.test("an aborted stage leaves nothing", async () => {
  const disk = toyDisk();
  const slide = await openToySlide(disk);
  const stop = new AbortController();
  stop.abort(new SthelarError("Aborted", { action: "Stopped" }));
  await assertRejects(
    () => slide.run(scaleStage, { signal: stop.signal }),
    SthelarError,
    "Stopped",
  );
  assertEquals(await disk.list("/out/toy/stages"), []);
  assertEquals(slide.manifest.stages, {});
});

Deno.test("definePipeline() refuses two owners of a node", () => {
  const twin = { ...sumStage, id: "1-03" as const };
  assertThrows(
    () => definePipeline([scaleStage, sumStage, twin]),
    SthelarError,
    'stages 1-02 and 1-03 both write "shapes/sum"',
  );
});

Deno.test("definePipeline() refuses an input that no earlier stage writes", () => {
  assertThrows(
    () => definePipeline([sumStage, scaleStage]),
    SthelarError,
    'stage 1-02 reads "tables/scaled", which no earlier stage writes',
  );
});

Deno.test("a part of an element belongs to the stage that writes the element", () => {
  assertEquals(toyPipeline.ownerOf("tables/scaled/obs/area")?.id, "1-01");
  assertEquals(toyPipeline.ownerOf("tables"), undefined);
});

Deno.test("matchStages() accepts 1-2 for 1-02, a name, and a chapter", () => {
  const ids = (text: string) => matchStages(toyPipeline, text).map(({ id }) => id);
  assertEquals(ids("1-2"), ["1-02"]);
  assertEquals(ids("sum"), ["1-02"]);
  assertEquals(ids("1"), ["1-01", "1-02"]);
  assertThrows(() => ids("1-3"), SthelarError, 'did you mean "1-01" or "1-02"?');
});

Deno.test("selectStages() takes a chapter as a whole in --until", () => {
  const ids = (selection: Parameters<typeof selectStages>[1]) =>
    selectStages(toyPipeline, selection).map(({ id }) => id);
  assertEquals(ids({ until: "1" }), ["1-01", "1-02"]);
  assertEquals(ids({ until: "1-1" }), ["1-01"]);
  assertEquals(ids({ from: "1-2" }), ["1-02"]);
  assertEquals(ids({ only: "1-1" }), ["1-01"]);
});

Deno.test("parseParamTexts() names what it does not know", () => {
  assertEquals(parseParamTexts(toyPipeline, ["1-1.factor=4"]), { "1-01": { factor: "4" } });
  assertThrows(
    () => parseParamTexts(toyPipeline, ["1-1.facter=4"]),
    SthelarError,
    'did you mean "factor"?',
  );
  assertThrows(() => parseParamTexts(toyPipeline, ["factor=4"]), SthelarError, "1-02.minQv=20");
});

Deno.test("a parameter out of range is refused before anything runs", async () => {
  const error = await assertRejects(
    () => openToySlide(toyDisk(), { "1-01": { factor: "-1" } }),
    SthelarError,
  );
  assertEquals(error.expected, "a number of at least 0");
});

Deno.test("the order of the bundle's other files does not change the key", async () => {
  const one = await openToySlide(toyDisk());
  const disk = toyDisk();
  await disk.write("/bundle/extra.txt", new Uint8Array(3));
  const two = await openToySlide(disk);
  assertEquals(one.planned(scaleStage).key, two.planned(scaleStage).key);
});

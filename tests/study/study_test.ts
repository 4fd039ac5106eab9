import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { csvText } from "@/study/csv_text.ts";
import { jupyterDisplay } from "@/plots/mod.ts";
import { parseCsv } from "@/study/saved_files.ts";
import { repairView, savedFigure, savedTable } from "@/study/mod.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import { studyFolder } from "@/study/mod.ts";
import { FailingDisk, FAILURES } from "../pipeline/failing_disk.ts";
import { snapshot as snapshotOf } from "../pipeline/toy_pipeline.ts";
import {
  buildSlide,
  buildToyStudy,
  diskWithSlides,
  openToyStudy,
  readStudyJson,
  totalStep,
} from "./toy_study.ts";

/** Files below a folder, without times and memory of runs, which the report shows too. */
function snapshot(disk: MemoryDisk, folder: string): Record<string, string> {
  const files = Object.entries(snapshotOf(disk, folder));
  return Object.fromEntries(
    files.map(([path, text]) => [
      path,
      path.endsWith(".html")
        ? text.replaceAll(/<td>[\d.:]+( s)?<\/td><td>[\d.]+ [MG]B/g, "")
        : text,
    ]),
  );
}

const actions = (study: Awaited<ReturnType<typeof openToyStudy>>) =>
  study.plan.map(({ step, action }) => `${step.id} ${action}`);

Deno.test("a study keeps tables, models, figures, a report and what they are made from", async () => {
  const disk = await diskWithSlides();
  const study = await buildToyStudy(disk);
  assertEquals(await readStudyJson(disk, "tables/total.json"), 34);
  assertEquals(await readStudyJson(disk, "models/list.json"), [[[2, 4, 6], [10, 12]], "none"]);
  assertEquals(await disk.list("/out/study/toy/figures"), ["nothing.png", "nothing.svg"]);
  const report = new TextDecoder().decode(await disk.read("/out/study/toy/report.html"));
  for (const text of ["heart_s0", "skin_s1", "Adds up sums.", "total 34", "<svg"]) {
    assertStringIncludes(report, text);
  }
  const { slides, steps, simulated, automatic } = study.record;
  assertEquals(slides.map(({ name, tissue }) => [name, tissue]), [
    ["heart_s0", "heart"],
    ["skin_s1", "skin"],
  ]);
  assertEquals([simulated, automatic], [false, false]);
  assertEquals(steps["1-02s"].warnings, ["total 34"]);
  assertEquals(steps["1-02s"].params, { factor: 1 });
  assertEquals(await readStudyJson(disk, "study.json"), study.record);
});

Deno.test("a study that is built again keeps everything, without naming its slides", async () => {
  const disk = await diskWithSlides();
  await buildToyStudy(disk);
  const before = snapshot(disk, "/out");
  const study = await openToyStudy(disk);
  assertEquals(actions(study), ["1-01s keep", "1-02s keep"]);
  for (const { step } of study.plan) await study.run(step.id);
  assertEquals(snapshot(disk, "/out"), before);
});

Deno.test("a step runs again only if its parameters, slides or version changed", async () => {
  const disk = await diskWithSlides();
  await buildToyStudy(disk);
  const params = { "1-02s": { factor: 3 } };
  assertEquals(actions(await openToyStudy(disk, { params })), ["1-01s keep", "1-02s run"]);
  const one = await openToyStudy(disk, { slides: ["skin_s1"] });
  assertEquals(actions(one), ["1-01s run", "1-02s run"]);
  assertEquals(one.planned("1-02s").reason, "heart_s0 went");
  const newer = { ...totalStep, version: 2 };
  assertEquals(actions(await openToyStudy(disk, { steps: [newer] })), ["1-02s run"]);
  await buildSlide(disk, "heart_s0", "/bundle", { factor: 7 });
  const changed = await openToyStudy(disk);
  assertEquals(changed.planned("1-02s").reason, "heart_s0 changed");
});

Deno.test("parameters hold until they are given again", async () => {
  const disk = await diskWithSlides();
  await buildToyStudy(disk, { params: { "1-02s": { factor: 3 } } });
  assertEquals(await readStudyJson(disk, "tables/total.json"), 102);
  const study = await openToyStudy(disk);
  assertEquals(actions(study), ["1-01s keep", "1-02s keep"]);
  assertEquals(study.planned("1-02s").params, { factor: 3 });
  const reset = await openToyStudy(disk, { params: { "1-02s": { factor: "1" } } });
  assertEquals(actions(reset), ["1-01s keep", "1-02s run"]);
});

Deno.test("a slide is read with the parameters that it was built with", async () => {
  const disk = await diskWithSlides();
  await buildSlide(disk, "heart_s0", "/bundle", { factor: 7 });
  await buildToyStudy(disk);
  assertEquals(await readStudyJson(disk, "tables/total.json"), 42 + 22);
});

Deno.test("a study never writes into a slide", async () => {
  const disk = await diskWithSlides();
  const slides = ["/out/heart_s0", "/out/skin_s1"];
  const before = slides.map((folder) => snapshot(disk, folder));
  await buildToyStudy(disk);
  assertEquals(slides.map((folder) => snapshot(disk, folder)), before);
  assertEquals(await disk.list("/out"), ["heart_s0", "skin_s1", "study"]);
  // To open a slide whose bundle has changed would write its manifest.
  await disk.write("/bundle/numbers.json", new TextEncoder().encode("[1,2,3,4]"));
  await openToyStudy(disk, { slides: ["heart_s0"] });
  assertEquals(slides.map((folder) => snapshot(disk, folder)), before);
});

Deno.test("slides that are not built far enough are refused together, with the commands that build them", async () => {
  const disk = await diskWithSlides();
  await buildSlide(disk, "lung_s1", "/bundle", { until: "1-01" });
  await buildSlide(disk, "liver_s0", "/other", { until: "1-01" });
  const study = await openToyStudy(disk, { slides: ["lung_s1", "heart_s0", "liver_s0"] });
  const error = await assertRejects(() => study.run("1-02s"), SthelarError);
  assertEquals(
    error.message,
    'Cannot build the study "toy": found 2 slides that are not built far enough; run:\n' +
      "  deno task build-slide lung_s1 --until 1-02\n" +
      "  deno task build-slide liver_s0 --until 1-02",
  );
  await study.run("1-01s");
});

Deno.test("a result that is out of date counts as not built", async () => {
  const disk = await diskWithSlides();
  await buildSlide(disk, "heart_s0", "/bundle", { factor: 9, until: "1-01" });
  const study = await openToyStudy(disk, { slides: ["heart_s0"] });
  await assertRejects(() => study.run("1-02s"), SthelarError, "build-slide heart_s0 --until 1-02");
});

Deno.test("unknown slides get the nearest names, doubled ones are refused, all are all", async () => {
  const disk = await diskWithSlides();
  const open = (...slides: string[]) => openToyStudy(disk, { slides });
  await assertRejects(() => open("hart_s0"), SthelarError, 'did you mean "heart_s0"?');
  await assertRejects(() => open("skin_s1", "skin_s1"), SthelarError, 'the slide "skin_s1" twice');
  await assertRejects(() => open(), SthelarError, "--slides heart_s0,skin_s1");
  await assertRejects(() => openToyStudy(disk), SthelarError, "found no slides");
  await buildToyStudy(disk);
  const { slides } = await open("all");
  assertEquals(slides.map(({ name }) => name), ["heart_s0", "skin_s1"]);
});

Deno.test("unknown parameters and values out of range are refused", async () => {
  const disk = await diskWithSlides();
  const open = (params: Record<string, unknown>) =>
    openToyStudy(disk, { slides: ["all"], params: { "1-02s": params } });
  await assertRejects(() => open({ facter: 1 }), SthelarError, 'did you mean "factor"?');
  await assertRejects(() => open({ factor: "much" }), SthelarError, "expected a number");
});

Deno.test("a damaged study.json is refused with its path", async () => {
  const disk = await diskWithSlides();
  await buildToyStudy(disk);
  const path = "/out/study/toy/study.json";
  const text = new TextDecoder().decode(await disk.read(path));
  const damages = [
    text.slice(0, text.length / 2),
    text.replace('"format": 1', '"format": 2'),
    text.replace('"slides": [', '"slides": {}, "x": ['),
    text.replace('"seconds": ', '"seconds": "much", "x": '),
    "null",
  ];
  for (const damaged of damages) {
    await disk.write(path, new TextEncoder().encode(damaged));
    await assertRejects(() => openToyStudy(disk), SthelarError, "study.json");
  }
});

const FOLDER = studyFolder("/out", "toy");
const VIEWS = ["tables", "figures", "models"].map((name) => `${FOLDER.root}/${name}`);
const CHANGED = { params: { "1-02s": { factor: 5 } } };

for (const failure of FAILURES) {
  Deno.test(`a study whose disk fails at any change (${failure}) is the old one or the new one`, async () => {
    const builtDisk = async () => {
      const disk = await diskWithSlides();
      await buildToyStudy(disk);
      return disk;
    };
    const built = await builtDisk();
    const slides = snapshot(built, "/out/heart_s0");
    const old = VIEWS.map((path) => JSON.stringify(snapshot(built, path)));
    const counting = new FailingDisk(built, Infinity);
    await buildToyStudy(counting, CHANGED);
    const unbroken = snapshot(built, "/out");
    const now = VIEWS.map((path) => JSON.stringify(snapshot(built, path)));
    assert(counting.changes > 20, `only ${counting.changes} changes`);
    for (let k = 1; k <= counting.changes; k++) {
      const disk = await builtDisk();
      await buildToyStudy(new FailingDisk(disk, k, failure), CHANGED).catch((error) =>
        assert(error instanceof SthelarError, error)
      );
      await repairView(disk, FOLDER);
      VIEWS.forEach((path, i) => {
        const seen = JSON.stringify(snapshot(disk, path));
        assert(seen === old[i] || seen === now[i], `${path} after a failure at change ${k}`);
      });
      const study = await openToyStudy(disk);
      for (const { step, key } of study.current()) {
        assert(await disk.stat(`${FOLDER.stages}/${step.id}-${key.slice(0, 12)}/artefact.json`));
      }
      await removeLeftovers(disk, FOLDER);
      await buildToyStudy(disk, CHANGED);
      assertEquals(snapshot(disk, "/out"), unbroken, `failed at change ${k}`);
      assertEquals(snapshot(disk, "/out/heart_s0"), slides);
    }
  });
}

Deno.test("savedFigure() and savedTable() open what steps have made", async () => {
  const disk = await diskWithSlides();
  const study = await buildToyStudy(disk);
  const shown = await (await savedFigure(study, "nothing"))[jupyterDisplay]();
  assertStringIncludes(shown["image/svg+xml"], ">Nothing</text>");
  await assertRejects(
    () => savedFigure(study, "nothin"),
    SthelarError,
    'did you mean "nothing.svg"',
  );
  await assertRejects(() => savedTable(study, "totl.json"), SthelarError, '"total.json"');
});

Deno.test("parseCsv() reads what csvText() writes", () => {
  const rows = [["a", "b, c"], ['say "x"', "line\nbreak"], ["", ""], ["1", ""]];
  assertEquals(parseCsv(csvText(rows[0], rows.slice(1))), rows);
});

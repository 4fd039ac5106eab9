import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { type ErrorTag, SthelarError } from "@/core/errors.ts";
import { parseInferenceResults } from "@/formats/cellvit/mod.ts";
import { writeHdf5 } from "@/formats/hdf5/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { type PredictionSet, predictionsInput } from "@/formats/predictions/mod.ts";
import { readShapes } from "@/formats/spatialdata/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { PredictAndAlignReport } from "@/stages/3_03_predict_and_align.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import type { PlantedPatches } from "./planted_patches.ts";
import {
  openPredicted,
  PATCHES,
  plantedField,
  plantedMap,
  type PredictedOptions,
  stainedPixel,
  writePredictions,
} from "./planted_predictions.ts";
import { runAll } from "./planted_slide.ts";

const FIELD = plantedField();
/** µm of a pixel of the planted H&E. */
const UM = 0.4;

interface Aligned {
  readonly slide: Slide;
  readonly set: PredictionSet;
  readonly report: PredictAndAlignReport;
  readonly warnings: readonly string[];
}

/** Predicts nuclei of a planted slide and looks at them. */
async function align(
  planted: PlantedPatches,
  options: PredictedOptions,
  look: (aligned: Aligned) => Promise<void> | void,
): Promise<void> {
  await withTempDir(async (folder) => {
    const slide = await openPredicted(folder, planted, options);
    const warnings = await runAll(slide);
    await look({
      ...{ slide, warnings },
      set: await slide.open(predictionsInput("xenium")),
      report: await slide.open(reportInput<PredictAndAlignReport>("predict_and_align")),
    });
  });
}

/** The same with published predictions of these maps. */
function alignPublished(
  maps: ReadonlyMap<number, Int32Array>,
  options: PredictedOptions,
  look: (aligned: Aligned) => Promise<void> | void,
): Promise<void> {
  return withTempDir(async (folder) => {
    const predictions = `${folder}/maps.h5`;
    await writePredictions(predictions, maps);
    await align(FIELD, { ...options, predictions }, look);
  });
}

/** Predictions of every patch, moved by some px. */
function movedMaps(shift?: { dx?: number; dy?: number }): Map<number, Int32Array> {
  return new Map(
    [...PATCHES.keys()].map((patch) => [patch, plantedMap(FIELD.nuclei, patch, shift)]),
  );
}

/** What predicting is refused for. */
function refusal(
  write: (path: string) => Promise<unknown>,
  tag: ErrorTag,
  message: string,
): Promise<void> {
  return withTempDir(async (folder) => {
    const predictions = `${folder}/maps.h5`;
    await write(predictions);
    const slide = await openPredicted(folder, FIELD, { predictions });
    const error = await assertRejects(() => runAll(slide), SthelarError);
    assert(error.message.includes(message), error.message);
    assertEquals([error.tag, error.path], [tag, predictions]);
  });
}

/** A column of `he_patches`, `undefined` where it has no value. */
async function patchColumn(slide: Slide, name: string): Promise<(number | undefined)[]> {
  const { columns } = await readShapes(slide.disk, slide.resolve("shapes/he_patches"));
  const column = columns.column(name);
  assert(column.kind === "numbers" && column.values instanceof Float64Array);
  return Array.from(column.values, (value, i) => column.missing?.[i] ? undefined : value);
}

Deno.test("3-03 finds perfect agreement where predictions are the masks", () =>
  alignPublished(movedMaps(), {}, async ({ set, report, slide, warnings }) => {
    assertEquals(warnings, []);
    assertEquals(set.description, {
      ...{ format: 1, slide: "heart_s9", source: "published", classes: null },
      ...{ magnification: 40, patchWidth: 256 },
    });
    assertEquals(report.patches, { evaluated: 4, withoutPrediction: 0, foreign: 0 });
    assertEquals([report.means.dice, report.medians.jaccard], [1, 1]);
    assertAlmostEquals(report.means.bpq!, 1, 1e-6);
    assertEquals(report.detection, { precision: 1, recall: 1, f1: 1 });
    assertEquals(report.nuclei.xenium, report.nuclei.predicted);
    for (const patch of PATCHES.keys()) {
      assertEquals(await set.instances(patch), plantedMap(FIELD.nuclei, patch));
    }
    const table = await set.alignment();
    assertEquals([...table.patchIds], [...PATCHES.keys()]);
    assertEquals([...table.falsePositives, ...table.falseNegatives], Array(8).fill(0));
    const text = await Deno.readTextFile(`${set.folder}/inference_results.json`);
    const results = parseInferenceResults(text, "");
    assertEquals(
      [...results.patches.keys()],
      [...PATCHES.keys()].map((id) => `heart_s9_${id}.png`),
    );
    assertEquals(results.dataset["Binary-Cell-Dice-Mean"], 1);
    assertEquals([results.source, Object.keys(results.tissues)], ["published", ["heart"]]);
    const shapes = await readShapes(slide.disk, slide.resolve("shapes/he_patches"));
    assertEquals(shapes.columns.names.join(" "), "bboxes ilocs patch_id Dice Jaccard bPQ");
  }));

Deno.test("3-03 tells how far the H&E lies from the Xenium run", async () => {
  const dice: number[] = [];
  for (const [dx, dy] of [[0, 0], [5, 0], [8, -6]]) {
    await alignPublished(
      movedMaps({ dx, dy }),
      { params: { maxShiftUm: 8 } },
      ({ report, warnings }) => {
        const { whole } = report.registration!;
        assertAlmostEquals(whole.best!.dxUm, dx * UM, 0.5);
        assertAlmostEquals(whole.best!.dyUm, dy * UM, 0.5);
        assert(whole.confidence >= 5, `${whole.confidence}`);
        assertEquals(report.registration!.maxShiftUm, 8);
        dice.push(report.means.dice!);
        const shift = warnings.filter((text) => text.includes("--he-alignment"));
        assertEquals(shift.length, dx === 0 ? 0 : 1);
        if (dy !== 0) {
          assert(/4\.\d um .* \(3\.\d um right, 2\.\d um up/.test(shift[0]), shift[0]);
        }
      },
    );
  }
  assert(dice[0] > dice[1] && dice[1] > dice[2], dice.join(", "));
});

Deno.test("3-03 leaves out what has no value, or writes -1 as published", async () => {
  const maps = movedMaps();
  maps.delete(3);
  maps.set(1, new Int32Array(256 * 256));
  maps.set(7, new Int32Array(256 * 256));
  await alignPublished(maps, {}, async ({ report, slide, set, warnings }) => {
    assertEquals(report.patches, { evaluated: 3, withoutPrediction: 1, foreign: 1 });
    const none = undefined;
    assertEquals(await patchColumn(slide, "Dice"), [1, 0, none, none, 1, none, none, none, none]);
    assertEquals((await patchColumn(slide, "bPQ"))[3], undefined);
    assertEquals(await set.instances(3), undefined);
    const { isEvaluated, falsePositives, predicted } = await set.alignment();
    assertEquals([...isEvaluated], [1, 1, 0, 1]);
    assertEquals([predicted[1], falsePositives[1]], [0, 0]);
    assertEquals(warnings.slice(0, 2), [
      "1 of 4 patches have no prediction",
      "1 predicted maps are of no patch of this slide",
    ]);
  });
  await alignPublished(maps, { params: { parity: true } }, async ({ slide, set }) => {
    assertEquals(await patchColumn(slide, "Dice"), [1, 0, -1, -1, 1, -1, -1, -1, -1]);
    assertEquals((await patchColumn(slide, "Jaccard"))[8], -1);
    assertEquals(Object.keys((await set.results()).tissues), ["breast"]);
  });
});

Deno.test("3-03 finds stained nuclei without predictions, and says that it is the baseline", () =>
  align(
    { ...FIELD, pixel: stainedPixel(FIELD.nuclei) },
    { tableIds: [...FIELD.nuclei.keys()].slice(1) },
    async ({ set, report, warnings }) => {
      assert(warnings[0].startsWith("no predictions of a network (--predictions FILE.h5)"));
      assertEquals(warnings[1], "1 cells of the patches are not in the table of cells: aaaaaaaa-1");
      assertEquals(report.withoutRow, ["aaaaaaaa-1"]);
      assertEquals(report.source.name, "baseline");
      assert(report.means.dice! > 0.8, `${report.means.dice}`);
      const { cellIds, classes, pixels } = (await set.nucleusClasses())!;
      assertEquals(classes, report.source.classes!);
      assertEquals([...cellIds], [...cellIds].sort());
      const predicted = cellIds.filter((_, i) =>
        pixels.subarray(6 * i + 1, 6 * i + 6).some((count) => count > 50)
      );
      assert(predicted.length > 0.9 * cellIds.length, `${predicted.length} of ${cellIds.length}`);
      assertEquals((await set.results()).source, "baseline");
    },
  ));

Deno.test("3-03 is the same on any number of threads and in blocks of any size", async () => {
  const planted = { ...FIELD, pixel: stainedPixel(FIELD.nuclei) };
  const files = ["inference_instance_map_predictions.h5", "alignment_heart_s9.parquet"];
  const names = [...files, "nucleus_classes_heart_s9.parquet", "inference_results.json"];
  const seen: (Uint8Array | undefined)[][] = [];
  for (const [threads, blockPatches] of [[1, 128], [2, 1]]) {
    await align(planted, { threads, params: { blockPatches } }, async ({ set, slide }) => {
      seen.push(await Promise.all(names.map((name) => slide.disk.read(`${set.folder}/${name}`))));
    });
  }
  names.forEach((name, i) => assertEquals(seen[0][i], seen[1][i], name));
});

Deno.test("3-03 goes on after the last block that an interrupted run has kept", () =>
  withTempDir(async (folder) => {
    const planted = { ...FIELD, pixel: stainedPixel(FIELD.nuclei) };
    const results: (Uint8Array | undefined)[][] = [];
    for (const name of ["whole", "stopped"]) {
      const options = { params: { blockPatches: 1 }, out: `${folder}/${name}` };
      const slide = await openPredicted(folder, planted, options);
      const stages = slide.plan.map(({ stage }) => stage);
      for (const stage of stages.slice(0, -1)) await slide.run(stage);
      const last = stages.at(-1)!, { stages: kept } = slide.folder;
      if (name === "stopped") {
        const stop = new AbortController();
        const update = (done: number, _total: number, unit: string) =>
          void (unit === "patches" && done >= 2 && stop.abort());
        await assertRejects(() => slide.run(last, { signal: stop.signal, progress: { update } }));
        const checkpoints = (await localDisk.list(kept)).find((file) => file.startsWith(".kept"));
        assert((await localDisk.list(`${kept}/${checkpoints}`)).length > 0);
      }
      await slide.run(last);
      assertEquals((await localDisk.list(kept)).filter((file) => file.startsWith(".")), []);
      const { folder: at } = await slide.open(predictionsInput("xenium"));
      const files = await localDisk.list(at);
      assertEquals(files.length, 6);
      results.push(await Promise.all(files.map((file) => localDisk.read(`${at}/${file}`))));
    }
    assertEquals(results[0], results[1]);
  }));

Deno.test("3-03 refuses predictions of another slide", () =>
  refusal(
    (path) => writePredictions(path, movedMaps(), "skin_s1"),
    "IdMismatch",
    'with the patches of "heart_s9": found 4 maps, of none of them: skin_s1_0, skin_s1_1',
  ));

Deno.test("3-03 refuses a file of predictions that is cut short", () =>
  refusal(
    async (path) => {
      await writePredictions(path, movedMaps());
      await Deno.truncate(path, (await Deno.stat(path)).size - 4000);
    },
    "CorruptData",
    "Cannot",
  ));

Deno.test("3-03 refuses predictions with NaN, by their name", () =>
  refusal(
    (path) =>
      writeHdf5(localDisk, path, (file) => {
        const lists = {
          data: Float32Array.of(NaN),
          indices: Int32Array.of(3),
          indptr: new Int32Array(257).fill(1).fill(0, 0, 1),
          shape: BigInt64Array.of(256n, 256n),
        };
        for (const [part, data] of Object.entries(lists)) {
          file.write(`heart_s9_4_${part}`, { data, shape: [data.length] });
        }
      }),
    "CorruptData",
    'Cannot read the instance map "heart_s9_4"',
  ));

Deno.test("3-03 refuses maps of another size than the patches", () =>
  refusal(
    (path) =>
      writeHdf5(localDisk, path, (file) => {
        const lists = {
          data: new Float32Array(0),
          indices: new Int32Array(0),
          indptr: new Int32Array(129),
          shape: BigInt64Array.of(128n, 128n),
        };
        for (const [part, data] of Object.entries(lists)) {
          file.write(`heart_s9_4_${part}`, { data, shape: [data.length] });
        }
      }),
    "CorruptData",
    "128",
  ));

Deno.test("3-03 that is asked for published predictions says that there are none", () =>
  withTempDir(async (folder) => {
    const slide = await openPredicted(folder, FIELD, { params: { source: "published" } });
    const error = await assertRejects(() => runAll(slide), SthelarError);
    assert(error.message.includes("name one with --predictions FILE.h5"), error.message);
  }));

Deno.test("3-03 wonders about predictions that hardly overlap the nuclei", () => {
  const other = plantedField("another slide").nuclei;
  const maps = new Map([...PATCHES.keys()].map((id) => [id, plantedMap(other, id, { dx: 22 })]));
  return alignPublished(maps, {}, ({ warnings }) => {
    assert(warnings.some((text) => text.includes("of this slide")), warnings.join("\n"));
  });
});

Deno.test("3-03 is skipped without an H&E, and says so", () =>
  withTempDir(async (folder) => {
    const slide = await openPredicted(folder, { ...FIELD, he: false });
    const { action, reason } = slide.plan.find(({ stage }) => stage.id === "3-03")!;
    assertEquals(
      [action, reason],
      ["skip", "there is no set of patches: it needs an H&E image (--he)"],
    );
  }));

import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { parseNpy, type TextArray } from "@/formats/npz/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import { patchesInput, type PatchSet } from "@/formats/patches/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { BuildPatchesReport } from "@/stages/3_01_build_patches.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  openPlantedPatches,
  type PlantedPatches,
  plantedPixel,
  type PxRing,
  square,
} from "./planted_patches.ts";
import { runAll } from "./planted_slide.ts";

interface Built {
  readonly slide: Slide;
  readonly set: PatchSet;
  readonly report: BuildPatchesReport;
  readonly warnings: readonly string[];
}

type Options = NonNullable<Parameters<typeof openPlantedPatches>[2]>;

/** Builds patches of a planted slide and looks at them. */
async function build(
  planted: PlantedPatches,
  options: Options,
  look: (built: Built) => Promise<void> | void,
): Promise<void> {
  await withTempDir(async (folder) => {
    const slide = await openPlantedPatches(folder, planted, options);
    const warnings = await runAll(slide);
    await look({
      ...{ slide, warnings },
      set: await slide.open(patchesInput("xenium")),
      report: await slide.open(reportInput<BuildPatchesReport>("build_patches")),
    });
  });
}

/** What building is refused for. */
function refusal(planted: PlantedPatches, params = {}): Promise<SthelarError> {
  return withTempDir(async (folder) => {
    const slide = await openPlantedPatches(folder, planted, { params });
    return await assertRejects(() => runAll(slide), SthelarError);
  });
}

/** The grid of 600 x 500 px is 3 x 3 patches from 0, 192 and 384; those of the last hang over. */
const NUCLEI = new Map<string, PxRing>([
  ["aaaaaaac-1", square(20, 30, 10)],
  ["aaaaaaaa-1", square(300, 60, 12)],
  ["aaaaaaab-1", square(240, 300, 20)],
]);
const CELLS = new Map<string, PxRing>([
  ["aaaaaaaa-1", square(290, 50, 30)],
  ["aaaaaaab-1", square(230, 290, 40)],
  ["aaaaaaac-1", square(10, 20, 30)],
]);
const PLAIN: PlantedPatches = { nuclei: NUCLEI, cells: CELLS };

/** Rows and columns of the pixels that hold a value: first, and end. */
function boxOf(mask: Int32Array, value: number): number[] {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  mask.forEach((each, i) => {
    if (each !== value) return;
    const [x, y] = [i % 256, Math.floor(i / 256)];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1);
    box[3] = Math.max(box[3], y + 1);
  });
  return box;
}

Deno.test("3-01 puts pixels, nuclei and cells of a patch at their places, by the alignment", () =>
  build(PLAIN, {}, async ({ set, report, warnings }) => {
    assertEquals([...set.patchIds], [0, 1, 3, 4]);
    const rgb = await set.image(3);
    for (const [x, y] of [[0, 0], [255, 0], [7, 255], [100, 90]]) {
      const at = 3 * (256 * y + x);
      assertEquals([...rgb.subarray(at, at + 3)], plantedPixel(192 + x, 192 + y));
    }
    const { instances, nucleusIds } = await set.nuclei(3);
    assertEquals(boxOf(nucleusIds, 2), [48, 108, 68, 128]);
    assertEquals(boxOf(instances, 1), [48, 108, 68, 128]);
    assertEquals(boxOf(await set.cells(3), 2), [38, 98, 78, 138]);
    assertEquals(boxOf((await set.nuclei(1)).nucleusIds, 1), [108, 60, 120, 72]);
    assertEquals(set.description?.umPerPixel.toFixed(9), "0.400000000");
    assertEquals(report.patches, {
      kept: 4,
      "no nuclei": 5,
      "too few nuclei": 0,
      "covered by cells": 0,
      "over the edge": 0,
    });
    assertEquals(report.nuclei, {
      ...{ total: 3, inPatches: 3, instances: 4, cutInstances: 1, onImage: 1 },
    });
    assertEquals(warnings, []);
  }));

Deno.test("3-01 numbers instances in the order of the table", () =>
  build(
    {
      nuclei: new Map([...NUCLEI, ["aaaaaaad-1", square(60, 60, 9)]]),
      cells: new Map([...CELLS, ["aaaaaaad-1", square(55, 55, 20)]]),
    },
    {},
    async ({ set, slide }) => {
      const { instances, nucleusIds } = await set.nuclei(0);
      assertEquals([nucleusIds[35 * 256 + 25], instances[35 * 256 + 25]], [3, 1]);
      assertEquals([nucleusIds[65 * 256 + 65], instances[65 * 256 + 65]], [4, 2]);
      const table = await readParquetColumns(slide.disk, `${set.folder}/nuclei.parquet`);
      assertEquals([...table.numbers("cell")].slice(0, 2), [3, 4]);
      const types = parseNpy((await slide.disk.read(`${set.folder}/types.npy`))!, "") as TextArray;
      assertEquals(new Set(types.texts), new Set(["Heart"]));
    },
  ));

Deno.test("3-01 flags nuclei that a patch's edge cuts, and leaves them out if told", async () => {
  const cut = { nuclei: new Map([["aaaaaaaa-1", square(250, 40, 10)]]), cells: CELLS };
  const whole = { ...cut, cells: new Map([["aaaaaaaa-1", square(240, 30, 30)]]) };
  await build(whole, {}, async ({ set, slide }) => {
    assertEquals([...set.patchIds], [0, 1]);
    const table = await readParquetColumns(slide.disk, `${set.folder}/nuclei.parquet`);
    assertEquals([...table.booleans("is_cut")], [1, 0]);
  });
  await build(whole, { params: { cutNuclei: "drop" } }, ({ set, report }) => {
    assertEquals([...set.patchIds], [1]);
    assertEquals(report.leftOut.cut, 1);
  });
  const fraction = (minFraction: number) => ({ params: { cutNuclei: "fraction", minFraction } });
  await build(whole, fraction(0.55), ({ set }) => assertEquals([...set.patchIds], [0, 1]));
  await build(whole, fraction(0.65), ({ set }) => assertEquals([...set.patchIds], [1]));
});

Deno.test("3-01 keeps a patch that cells cover, but not in parity, where it is called Breast", async () => {
  const covered = {
    nuclei: new Map([["aaaaaaaa-1", square(100, 100, 20)], ["aaaaaaab-1", square(300, 300, 9)]]),
    cells: new Map([["aaaaaaaa-1", square(-5, -5, 300)], ["aaaaaaab-1", square(297, 297, 20)]]),
  };
  await build(covered, {}, ({ set }) => assertEquals([...set.patchIds], [0, 4]));
  await build(covered, { params: { parity: true } }, async ({ set, report, slide }) => {
    assertEquals([...set.patchIds], [4]);
    assertEquals([report.patches["covered by cells"], report.sampling], [1, "parity"]);
    assertEquals(boxOf((await set.nuclei(0)).nucleusIds, 2), [108, 108, 118, 118]);
    const types = parseNpy((await slide.disk.read(`${set.folder}/types.npy`))!, "") as TextArray;
    assertEquals(types.texts, ["Breast"]);
  });
  await build(covered, { params: { minNuclei: 2 } }, ({ set, report, warnings }) => {
    assertEquals([set.count, report.patches["too few nuclei"]], [0, 2]);
    assertEquals(warnings, ["no patch is kept"]);
  });
});

Deno.test("3-01 says which patches with nuclei hang over the edge", () =>
  build(
    {
      nuclei: new Map([...NUCLEI, ["aaaaaaad-1", square(560, 100, 9)]]),
      cells: new Map([...CELLS, ["aaaaaaad-1", square(555, 95, 20)]]),
    },
    {},
    async ({ set, report, slide }) => {
      assertEquals([...set.patchIds], [0, 1, 3, 4]);
      assertEquals(report.patches["over the edge"], 1);
      const table = await readParquetColumns(slide.disk, `${set.folder}/patches.parquet`);
      assertEquals(table.rowCount, 9);
      assertEquals(table.numbers("nuclei")[2], 1);
    },
  ));

Deno.test("3-01 cuts level 1 by the ratio of the levels' sizes", () =>
  build(
    { ...PLAIN, width: 1201, height: 1001, levels: [[501, 601]] },
    { params: { level: 1 } },
    async ({ set, report }) => {
      assertEquals([report.image.width, report.image.height], [601, 501]);
      const [a, , , , e] = set.description!.toGlobal;
      assertAlmostEquals(a, 2 * 1201 / 601, 1e-12);
      assertAlmostEquals(e, -2 * 1001 / 501, 1e-12);
      assertEquals(boxOf((await set.nuclei(0)).nucleusIds, 3), [10, 15, 15, 20]);
    },
  ));

Deno.test("3-01 keeps the same pictures as PNG and for NumPy, on any number of threads", () =>
  build(
    PLAIN,
    {},
    ({ set, slide }) =>
      build(PLAIN, { params: { images: "npy" }, threads: 2 }, async (other) => {
        assertEquals([set.images.kind, other.set.images.kind], ["png", "npy"]);
        for (let i = 0; i < set.count; i++) {
          assertEquals(await set.image(i), await other.set.image(i));
        }
        for (const file of ["masks.npz", "masks_cells.npz", "nuclei.parquet", "control.npz"]) {
          const [one, two] = await Promise.all(
            [set, other.set].map(({ folder }) => slide.disk.read(`${folder}/${file}`)),
          );
          assertEquals(one, two, file);
        }
      }),
  ));

Deno.test("3-01 counts and lists nuclei without a cell, and polygons that cross themselves", () => {
  const bowTie = [100, 100, 130, 130, 130, 100, 100, 140, 100, 100];
  const nuclei = new Map<string, PxRing>([
    ...NUCLEI,
    ["aaaaaaad-1", square(60, 60, 9)],
    ["aaaaaaae-1", bowTie],
  ]);
  const cells = new Map<string, PxRing>([
    ...CELLS,
    ["aaaaaaae-1", square(90, 90, 60)],
    ["aaaaaabe-1", square(400, 300, 40)],
  ]);
  return build({ nuclei, cells }, {}, async ({ set, report, warnings }) => {
    assertEquals([report.withoutCell, report.cellsWithoutNucleus], [["aaaaaaad-1"], 1]);
    assertEquals(report.leftOut.withoutCell, 1);
    assertEquals(report.repaired.map(({ id, shape }) => [id, shape]), [["aaaaaaae-1", "nucleus"]]);
    assertEquals(report.invalid, []);
    assertEquals(warnings, [
      "1 nuclei have no cell and are in no mask: aaaaaaad-1",
      "1 polygons crossed themselves and were mended: aaaaaaae-1",
    ]);
    const ids = new Set((await set.nuclei(0)).nucleusIds);
    assertEquals([...ids].sort(), [0, 3, 5]);
  });
});

Deno.test("3-01 numbers cells by their rows where ids are no small numbers", async () => {
  const rename = (rings: ReadonlyMap<string, PxRing>, name: (id: string) => string) =>
    new Map([...rings].map(([id, ring]) => [name(id), ring]));
  for (const name of [(id: string) => `cell_${id}`, (id: string) => id.replace("aa", "pp")]) {
    const named = { nuclei: rename(NUCLEI, name), cells: rename(CELLS, name) };
    await build(named, {}, async ({ set, report, warnings }) => {
      assertEquals([report.cellNumbers, warnings.length], ["row", 1]);
      assertEquals(boxOf((await set.nuclei(0)).nucleusIds, 1), [20, 30, 30, 40]);
    });
  }
});

Deno.test("3-01 is skipped without an H&E, and says so", () =>
  withTempDir(async (folder) => {
    const slide = await openPlantedPatches(folder, { ...PLAIN, he: false });
    const planned = slide.plan.find(({ stage }) => stage.id === "3-01")!;
    assertEquals([planned.action, planned.reason], ["skip", "there is no H&E image (--he)"]);
  }));

Deno.test("3-01 refuses an H&E that is smaller than a patch", async () => {
  const error = await refusal({ ...PLAIN, height: 255 });
  assert(error.message.includes("600 x 255 px at level 0"), error.message);
  const finer = await refusal({ ...PLAIN, levels: [[250, 300]] }, { level: 1 });
  assert(finer.message.includes("300 x 250 px at level 1"), finer.message);
  const none = await refusal(PLAIN, { level: 1 });
  assert(none.message.includes("found 1 level"), none.message);
});

Deno.test("3-01 refuses an alignment that puts the nuclei beside the image, with the numbers", async () => {
  const error = await refusal({ ...PLAIN, shift: 2000 });
  assert(
    error.message.includes(
      "found 0.0 % of the nuclei on it: they lie at x -980 to -688 and y 30 to 320 px, " +
        "expected at least 10 % within 600 x 500 px",
    ),
    error.message,
  );
  await build({ ...PLAIN, shift: 520 }, {}, ({ warnings, report }) => {
    assertEquals(warnings, ["only 33 % of the nuclei lie on the H&E"]);
    assertAlmostEquals(report.nuclei.onImage, 1 / 3);
  });
});

Deno.test("3-01 that is stopped leaves nothing but a slide without patches", () =>
  withTempDir(async (folder) => {
    const slide = await openPlantedPatches(folder, PLAIN);
    const [shapes, he, patches] = slide.plan.map(({ stage }) => stage);
    await slide.run(shapes);
    await slide.run(he);
    const stop = new AbortController();
    stop.abort();
    await assertRejects(() => slide.run(patches, { signal: stop.signal }));
    assertEquals(slide.has("patches/xenium"), false);
    const left = [...Deno.readDirSync(slide.folder.stages)].map(({ name }) => name);
    assertEquals(left.filter((name) => name.includes("3-01")), []);
  }));

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readH5ad } from "@/formats/anndata/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { type Columns, readParquetColumns } from "@/formats/parquet/mod.ts";
import {
  MATRIX_FORMATS,
  SIMULATED_FILES,
  simulateSlide,
  type SimulationOptions,
  slideProfile,
} from "@/simulate/mod.ts";
import { filesBelow, inFolder } from "./temporary_bundle.ts";

const SMALL = {
  slideId: "heart_s0",
  cells: 150,
  referenceCells: 40,
  morphologyCompression: "deflate",
} as const;

/** For tests that do not look at the H&E: most of the time goes into it. */
const NO_HE = { width: 64, height: 64 };

async function simulate(folder: string, options: Partial<SimulationOptions> = {}) {
  return await simulateSlide(localDisk, folder, { ...SMALL, ...options });
}

function shares(truth: Columns): Map<string, number> {
  const values = truth.text("final_label") as string[];
  const counts = new Map<string, number>();
  for (const label of values) counts.set(label, (counts.get(label) ?? 0) + 100 / values.length);
  return counts;
}

Deno.test("simulateSlide() writes the same bytes for the same options, others for another seed", async () => {
  await inFolder(async (folder) => {
    const every = { tables: "both", matrix: MATRIX_FORMATS, stackPlanes: 2 } as const;
    await simulate(`${folder}/a`, every);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await simulate(`${folder}/b`, every);
    await simulate(`${folder}/c`, { seed: 1 });
    for (const name of await filesBelow(`${folder}/a`)) {
      const [a, b] = await Promise.all(
        ["a", "b"].map((run) => localDisk.read(`${folder}/${run}/${name}`)),
      );
      assert(a!.length === b!.length && a!.every((byte, i) => byte === b![i]), name);
    }
    const [a, c] = await Promise.all(
      ["a", "c"].map((run) => localDisk.read(`${folder}/${run}/transcripts.parquet`)),
    );
    assert(a!.length !== c!.length || a!.some((byte, i) => byte !== c![i]));
  });
});

Deno.test("simulateSlide() meets the published shares of cell types and of sparse nuclei", async () => {
  await inFolder(async (folder) => {
    const { plan, leakedShare } = await simulate(folder, { cells: 1200, heSize: NO_HE });
    const truth = await readParquetColumns(localDisk, `${folder}/${SIMULATED_FILES.truth}`);
    const found = shares(truth);
    for (const [label, percent] of Object.entries(slideProfile("heart_s0").percent)) {
      assert(Math.abs((found.get(label) ?? 0) - percent) < 1.5, `${label}: ${found.get(label)}`);
    }
    const cells = await readParquetColumns(localDisk, `${folder}/cells.parquet`);
    const dense = cells.numbers("transcript_counts") as Int32Array;
    const over10 = dense.filter((count) => count > 10).length / dense.length;
    assert(Math.abs(over10 - plan.profile.cellsOver10) < 0.03, `cells over 10: ${over10}`);
    assert(leakedShare > 0.05 && leakedShare < 0.1, `leaked: ${leakedShare}`);

    const transcripts = await readParquetColumns(localDisk, `${folder}/transcripts.parquet`);
    const ids = transcripts.text("cell_id"), inside = transcripts.numbers("overlaps_nucleus");
    const perNucleus = new Map<string, number>();
    ids.forEach((id, i) => {
      if (inside[i] === 1) perNucleus.set(id!, (perNucleus.get(id!) ?? 0) + 1);
    });
    const nuclei = [...perNucleus.values()].filter((n) => n > 10).length / dense.length;
    assert(Math.abs(nuclei - plan.profile.nucleiOver10) < 0.06, `nuclei over 10: ${nuclei}`);
  });
});

Deno.test("simulateSlide() writes images of the planned sizes and a reference with raw counts", async () => {
  await inFolder(async (folder) => {
    const { plan } = await simulate(folder);
    await using he = await openOmeTiff(`${folder}/${SIMULATED_FILES.he}`);
    assertEquals([he.levels[0].width, he.levels[0].height], [plan.he.width, plan.he.height]);
    const reference = await readH5ad(`${folder}/${SIMULATED_FILES.reference}`);
    assertEquals(reference.obs.index.length, 40);
    assert(reference.obs.columns.has("ct") && reference.obs.columns.has("batch"));
    const matrix = reference.X as { readonly data: Float32Array };
    assert(matrix.data.every((value) => Number.isInteger(value) && value > 0));
  });
});

Deno.test("simulateSlide() maps the centre of a registered H&E onto itself", async () => {
  await inFolder(async (folder) => {
    const { plan } = await simulate(folder, { he: "registered" });
    const text = await Deno.readTextFile(`${folder}/${SIMULATED_FILES.alignment}`);
    assertEquals(text, "1,0,0\n0,1,0\n0,0,1\n");
    assertEquals([plan.he.width, plan.he.height], [plan.width, plan.height]);
  });
});

Deno.test("simulateSlide() makes all ten categories of a tissue that has them", async () => {
  await inFolder(async (folder) => {
    await simulate(folder, { tissue: "all", cells: 400, heSize: NO_HE });
    const truth = await readParquetColumns(localDisk, `${folder}/${SIMULATED_FILES.truth}`);
    assertEquals(shares(truth).size, 10);
  });
});

Deno.test("simulateSlide() refuses an unknown slide and names one that is near", async () => {
  const error = await assertRejects(
    () => simulateSlide(localDisk, "/nowhere", { slideId: "hart_s0" }),
    SthelarError,
  );
  assert(error.remedy?.startsWith('did you mean "heart_s0"'));
});

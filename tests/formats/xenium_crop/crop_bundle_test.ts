import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { type DuckDb, openDuckDb, parquetTable } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  imageFiles,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCells,
  readHeAlignment,
} from "@/formats/xenium/mod.ts";
import { cropBundle, type CropOptions, CROPPED_HE_FILES } from "@/formats/xenium_crop/mod.ts";
import { type PresetName, SIMULATED_FILES, simulateSlide } from "@/simulate/mod.ts";

const ROI = { x: 20, y: 25, width: 80, height: 90 };

/** Runs `use` with a simulated bundle of a format in a temporary folder. */
async function withSimulated(
  preset: PresetName,
  use: (whole: string, part: string, db: DuckDb) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await simulateSlide(localDisk, `${folder}/whole`, {
      slideId: "heart_s0",
      cells: 120,
      referenceCells: 20,
      morphologyCompression: "deflate",
      preset,
    });
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    await use(`${folder}/whole`, `${folder}/part`, db);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function withHe(whole: string): Pick<CropOptions, "he" | "heAlignment"> {
  return {
    he: `${whole}/${SIMULATED_FILES.he}`,
    heAlignment: `${whole}/${SIMULATED_FILES.alignment}`,
  };
}

async function refusal(whole: string, part: string, options: Partial<CropOptions>) {
  const error = await assertRejects(
    () => cropBundle(localDisk, whole, part, { roiUm: ROI, threads: 1, ...options }),
    SthelarError,
  );
  assertEquals(await localDisk.stat(part), undefined, "nothing is written");
  return error;
}

for (const preset of ["v1.0", "v1.4", "v4.0"] as const) {
  Deno.test(`cropBundle() keeps ids, files and formats of a bundle of ${preset}`, () =>
    withSimulated(preset, async (whole, part, db) => {
      const { cellCount, cutCellCount, transcriptCount } = await cropBundle(
        localDisk,
        whole,
        part,
        { roiUm: ROI, threads: 1, ...withHe(whole) },
      );
      const before = await openXeniumBundle(whole), after = await openXeniumBundle(part);
      const cells = await readCells(after, db);
      assertEquals([cells.cellIds.length, cutCellCount > 5], [cellCount, true]);
      assertEquals((await checkIds(after, db)).files.get("matrix"), cellCount);
      assertEquals((await readBoundaries(after, db, "cell")).cellIds.length, cellCount);
      await readBoundaries(after, db, "nucleus");

      const transcripts = await openTranscripts(after, db);
      const kind = { "v1.0": "integer", "v1.4": "bytes", "v4.0": "text" } as const;
      assertEquals(transcripts.cellIdKind, kind[preset]);
      const unassigned = {
        "v1.0": "cell_id = -1",
        "v1.4": "cell_id = 'UNASSIGNED'::blob",
        "v4.0": "cell_id = 'UNASSIGNED'",
      }[preset];
      const counts = await db.query(
        `select count(*)::integer as n, count(*) filter (not (${transcripts.assignedSql}))::integer
           as free, count(*) filter (${unassigned})::integer as marked,
           max(overlaps_nucleus) filter (${unassigned})::integer as overlaps,
           min(x_location)::double as x0, max(x_location)::double as x1
         from ${transcripts.table.sql}`,
      );
      const [n, free, marked, overlaps, x0, x1] = ["n", "free", "marked", "overlaps", "x0", "x1"]
        .map((name) => Number(counts.numbers(name)[0]));
      assertEquals([n, free, overlaps], [transcriptCount, marked, 0]);
      assert(marked > 0 && x0 >= 0 && x0 < 2 && x1 > 78 && x1 <= 80.325, `${x0} to ${x1}`);

      const names = async (folder: string) =>
        (await imageFiles(folder === whole ? before : after))
          .channels.map(({ name, path }) => [name, path.slice(folder.length)]);
      assertEquals(await names(part), await names(whole));
      assertEquals(after.files.has("genePanel"), true);
    }));
}

Deno.test("cropBundle() to a disk in memory with an H&E that has no alignment", () =>
  withSimulated("v3.0", async (whole) => {
    const disk = new MemoryDisk();
    await using image = await openOmeTiff(`${whole}/${SIMULATED_FILES.he}`);
    const [{ width, height }] = image.levels;
    const { he } = await cropBundle(disk, whole, "/part", {
      roiUm: ROI,
      he: `${whole}/${SIMULATED_FILES.he}`,
      threads: 1,
    });
    const [right, bottom] = [Math.min(width, 471 + 64), Math.min(height, 542 + 64)];
    assertEquals(he?.region, { x: 30, y: 53, width: right - 30, height: bottom - 53 });
    const { map } = await readHeAlignment(disk, `/part/${CROPPED_HE_FILES.alignment}`);
    assertEquals(map.coefficients, [1, 0, -64, 0, 1, -64]);
    assertEquals((await disk.list("/part")).includes("experiment.xenium"), true);
  }));

Deno.test("cropBundle() to the whole image keeps every cell in its place", () =>
  withSimulated("v3.0", async (whole, part, db) => {
    const { cellCount, cutCellCount } = await cropBundle(localDisk, whole, part, {
      roiUm: { x: 0, y: 0, width: 1e6, height: 1e6 },
      threads: 1,
    });
    assertEquals([cellCount, cutCellCount], [120, 0]);
    for (const name of ["cells", "cell_boundaries", "nucleus_boundaries", "transcripts"]) {
      const [before, after] = [whole, part].map((folder) =>
        `select * from ${parquetTable([`${folder}/${name}.parquet`])}`
      );
      const difference = await db.query(
        `select (select count(*) from (${before} except all ${after}))::integer as gone,
           (select count(*) from (${after} except all ${before}))::integer as new`,
      );
      assertEquals([...difference.numbers("gone"), ...difference.numbers("new")], [0, 0], name);
    }
  }));

Deno.test("cropBundle() refuses regions, files and orders that can't be", () =>
  withSimulated("v3.0", async (whole, part) => {
    const outside = await refusal(whole, part, { roiUm: { ...ROI, x: 5000 } });
    assertEquals([outside.tag, outside.remedy !== undefined], ["InvalidArgument", true]);
    const none = await refusal(whole, part, { roiUm: { x: 40, y: 40, width: 1, height: 1 } });
    assertEquals(none.tag, "InvalidArgument");
    assert(none.found?.startsWith("no cell that lies wholly inside"));
    const alone = await refusal(whole, part, { heAlignment: `${whole}/x.csv` });
    assertEquals(alone.tag, "InvalidArgument");
    const missing = await refusal(whole, part, { he: `${whole}/missing.ome.tif` });
    assertEquals(missing.tag, "NotFound");
    const stopped = new AbortController();
    stopped.abort();
    assertEquals((await refusal(whole, part, { signal: stopped.signal })).tag, "Aborted");
    await Deno.writeTextFile(`${whole}/far.csv`, "1,0,90000\n0,1,0\n0,0,1\n");
    const far = await refusal(whole, part, {
      he: `${whole}/${SIMULATED_FILES.he}`,
      heAlignment: `${whole}/far.csv`,
    });
    assertEquals([far.tag, far.path], ["InvalidArgument", `${whole}/${SIMULATED_FILES.he}`]);
    await Deno.remove(`${whole}/transcripts.parquet`);
    assertEquals((await refusal(whole, part, {})).path, `${whole}/transcripts.parquet`);
  }));

Deno.test("cropBundle() stops between tiles and refuses a matrix of other cells", () =>
  withSimulated("v3.0", async (whole, part) => {
    const controller = new AbortController();
    const stop = {
      update(_done: number, _total: number, unit: string) {
        if (unit === "tables") controller.abort();
      },
    };
    const { signal } = controller;
    const stopped = await assertRejects(
      () => cropBundle(localDisk, whole, part, { roiUm: ROI, threads: 1, progress: stop, signal }),
      SthelarError,
    );
    assertEquals(stopped.tag, "Aborted");
    const matrix = new URL("../../fixtures/xenium/matrix.h5", import.meta.url).pathname;
    await Deno.copyFile(matrix, `${whole}/cell_feature_matrix.h5`);
    const error = await assertRejects(
      () => cropBundle(localDisk, whole, part, { roiUm: ROI, threads: 1 }),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["IdMismatch", `${whole}/cell_feature_matrix.h5`]);
    await Deno.truncate(`${whole}/cell_boundaries.parquet`, 500);
    const damaged = await assertRejects(
      () => cropBundle(localDisk, whole, part, { roiUm: ROI, threads: 1 }),
      SthelarError,
    );
    assertEquals([damaged.tag, damaged.path], ["CorruptData", `${whole}/cell_boundaries.parquet`]);
  }));

import { assert, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { MATRIX_FORMATS, type PresetName, simulateSlide } from "@/simulate/mod.ts";
import { bundleFaults } from "./check/check_bundle.ts";
import { gunzipSync, gzipSync } from "node:zlib";
import { inFolder, linkFiles } from "./temporary_bundle.ts";

/** Changes a table with SQL. */
async function changeTable(folder: string, name: string, sql: string): Promise<void> {
  const path = `${folder}/${name}.parquet`;
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  await db.copyToParquet(sql.replace("$", `read_parquet('${path}')`), `${path}.new`);
  await Deno.rename(`${path}.new`, path);
}

async function changeGzip(path: string, change: (text: string) => string): Promise<void> {
  const text = new TextDecoder().decode(gunzipSync(await Deno.readFile(path)));
  await Deno.remove(path);
  await Deno.writeFile(path, gzipSync(change(text)));
}

async function changeJson(path: string, change: (text: string) => string): Promise<void> {
  const text = await Deno.readTextFile(path);
  await Deno.remove(path);
  await Deno.writeTextFile(path, change(text));
}

/** Ways to break a bundle of 3.0, and what must be said of each. */
const BREAKS: Readonly<Record<string, readonly [(folder: string) => Promise<void>, RegExp]>> = {
  "a wrong num_cells": [
    (f) =>
      changeJson(`${f}/experiment.xenium`, (text) => text.replace(/("num_cells": )\d+/, "$17")),
    /num_cells is 7, cells has 60 rows/,
  ],
  "cells in another order": [
    (f) => changeTable(f, "cells", "select * from $ order by cell_id desc"),
    /cells and barcodes differ/,
  ],
  "a count too many in cells": [
    (f) => changeTable(f, "cells", "select * replace (total_counts + 1 as total_counts) from $"),
    /total_counts differs from the matrix/,
  ],
  "a transcript that is worse than it was counted": [
    (f) => changeTable(f, "transcripts", "select * replace ((qv - 1)::float as qv) from $"),
    /the tally differs|lacks features/,
  ],
  "a transcript of no feature": [
    (f) => changeTable(f, "transcripts", "select * replace ('NONE' as feature_name) from $"),
    /a transcript of "NONE"/,
  ],
  "nuclei away from themselves": [
    (f) => changeTable(f, "transcripts", "select * replace (1::float as nucleus_distance) from $"),
    /in a nucleus but not in a cell, or away from it/,
  ],
  "a field with two numbers": [
    (f) =>
      changeTable(
        f,
        "transcripts",
        `select * replace ((transcript_id + (case when row_number() over () > 50 then 4294967296
         else 0 end)::ubigint)::ubigint as transcript_id) from $`,
      ),
    /A1 has two numbers/,
  ],
  "is_gene that contradicts": [
    (f) => changeTable(f, "transcripts", "select * replace (not is_gene as is_gene) from $"),
    /is_gene and codeword_category differ/,
  ],
  "a column that is not of the version": [
    (f) => changeTable(f, "cells", "select *, 1 as more from $"),
    /cells: columns .*more/,
  ],
  "ids of another type": [
    (f) => changeTable(f, "cells", "select * replace (cell_id::blob as cell_id) from $"),
    /cells: cell_id is bytes/,
  ],
  "an open ring": [
    changeOneVertex,
    /cell: the ring of .* is open/,
  ],
  "polygons of other labels": [
    (f) =>
      changeTable(f, "nucleus_boundaries", "select * replace (label_id + 1 as label_id) from $"),
    /nucleus: labels are not 1 to/,
  ],
  "polygons that moved": [
    (f) =>
      changeTable(
        f,
        "nucleus_boundaries",
        "select * replace ((vertex_x + 2.125)::float as vertex_x) from $",
      ),
    /masks\/0: polygon 1 lies elsewhere/,
  ],
  "csv that differs": [
    (f) => changeGzip(`${f}/cells.csv.gz`, (text) => text.replace(/\n("[^"]+"),/, "\n$1,1")),
    /cells: csv and parquet differ: x_centroid/,
  ],
  "a MEX matrix that differs": [
    (f) =>
      changeGzip(
        `${f}/cell_feature_matrix/matrix.mtx.gz`,
        (text) => text.replace(/(\d+)\n$/, (_, count) => `${Number(count) + 1}\n`),
      ),
    /mex: .*the tally differs/,
  ],
  "images of another size": [
    (f) => moveOver(`${f}/he_image.ome.tif`, `${f}/morphology_focus/morphology_focus_0000.ome.tif`),
    /200 x 200 pixels, the masks have/,
  ],
  "a file that is missing": [
    (f) => Deno.remove(`${f}/gene_panel.json`),
    /no gene_panel.json/,
  ],
  "a file that the version lacks": [
    (f) => Deno.link(`${f}/cells.csv.gz`, `${f}/transcripts.csv.gz`),
    /"transcripts.csv.gz" in this version/,
  ],
};

async function moveOver(from: string, to: string): Promise<void> {
  await Deno.remove(to);
  await Deno.rename(from, to);
}

async function changeOneVertex(folder: string): Promise<void> {
  await changeTable(
    folder,
    "cell_boundaries",
    `select cell_id, (vertex_x + (case when row_number() over () = 1 then 0.2125 else 0 end))::float
     as vertex_x, vertex_y, label_id from $`,
  );
}

async function simulate(folder: string, preset: PresetName, seed = 0): Promise<void> {
  await simulateSlide(localDisk, folder, {
    slideId: "heart_s0",
    cells: 60,
    referenceCells: 20,
    heSize: { width: 200, height: 200 },
    tables: "both",
    matrix: MATRIX_FORMATS,
    preset,
    seed,
  });
}

Deno.test("bundleFaults() says what is wrong with a broken bundle", async (test) => {
  await inFolder(async (folder) => {
    await simulate(`${folder}/whole`, "v3.0");
    assertEquals(await bundleFaults(localDisk, `${folder}/whole`, "v3.0"), []);
    for (const [name, [breakIt, expected]] of Object.entries(BREAKS)) {
      await test.step(name, async () => {
        const part = `${folder}/broken`;
        await linkFiles(`${folder}/whole`, part, () => true);
        await breakIt(part);
        const faults = await bundleFaults(localDisk, part, "v3.0");
        assert(faults.some((fault) => expected.test(fault)), `found ${JSON.stringify(faults)}`);
        await Deno.remove(part, { recursive: true });
      });
    }
  });
});

Deno.test("bundleFaults() notices files of another slide, and another version", () =>
  inFolder(async (folder) => {
    await simulate(`${folder}/a`, "v1.9");
    await simulate(`${folder}/b`, "v1.9", 1);
    const other = await bundleFaults(localDisk, `${folder}/a`, "v2.0");
    assert(other.some((fault) => /no morphology_focus/.test(fault)), String(other));
    const older = await bundleFaults(localDisk, `${folder}/a`, "v1.4");
    assert(older.some((fault) => /transcripts: columns/.test(fault)), String(older));
    await moveOver(`${folder}/b/cells.zarr.zip`, `${folder}/a/cells.zarr.zip`);
    const mixed = await bundleFaults(localDisk, `${folder}/a`, "v1.9");
    for (
      const expected of [/zarr ids differ/, /zarr has another polygon/, /elsewhere|labels for/]
    ) {
      assert(
        mixed.some((fault) => expected.test(fault)),
        `${expected} in ${JSON.stringify(mixed)}`,
      );
    }
  }));

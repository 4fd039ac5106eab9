import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { type DuckDb, openDuckDb, parquetTable } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
} from "@/formats/xenium/mod.ts";
import { cropBundle } from "@/formats/xenium_crop/mod.ts";
import { simulateSlide } from "@/simulate/mod.ts";

const CROP = { roiUm: { x: 10, y: 10, width: 70, height: 70 }, threads: 1 };
const TABLES = ["cells", "cell_boundaries", "nucleus_boundaries", "transcripts"];

/** Replaces parquet by csv and the h5 by MEX. */
async function asCsvAndMex(folder: string, db: DuckDb): Promise<void> {
  const { cellIds, features, matrix } = await readCellFeatureMatrix(await openXeniumBundle(folder));
  for (const name of TABLES) {
    const path = `${folder}/${name}.parquet`;
    const texts = name === "transcripts" ? "replace (decode(feature_name) as feature_name)" : "";
    await db.run(
      `copy (select * ${texts} from ${parquetTable([path])}) to '${folder}/${name}.csv'
       (format csv, header)`,
    );
    await Deno.remove(path);
    await Deno.remove(`${folder}/${name}.csv.gz`).catch(() => {});
  }
  const mex = `${folder}/cell_feature_matrix`;
  const counts: string[] = [];
  for (let cell = 0; cell < cellIds.length; cell++) {
    for (let k = Number(matrix.indptr[cell]); k < Number(matrix.indptr[cell + 1]); k++) {
      counts.push(`${Number(matrix.indices[k]) + 1} ${cell + 1} ${matrix.data[k]}\n`);
    }
  }
  await Deno.remove(`${folder}/cell_feature_matrix.h5`);
  await Deno.remove(`${folder}/cell_feature_matrix.zarr.zip`).catch(() => {});
  await Deno.remove(mex, { recursive: true }).catch(() => {});
  await Deno.mkdir(mex);
  await Deno.writeTextFile(`${mex}/barcodes.tsv`, cellIds.map((id) => `${id}\n`).join(""));
  await Deno.writeTextFile(
    `${mex}/features.tsv`,
    features.ids.map((id, i) => `${id}\t${features.names[i]}\t${features.types[i]}\n`).join(""),
  );
  await Deno.writeTextFile(
    `${mex}/matrix.mtx`,
    `%%MatrixMarket matrix coordinate integer general\n${features.ids.length} ${cellIds.length} ` +
      `${counts.length}\n${counts.join("")}`,
  );
}

async function contentOf(folder: string, db: DuckDb) {
  const bundle = await openXeniumBundle(folder);
  const transcripts = await openTranscripts(bundle, db);
  const rows = await db.query(
    `select x, y, z, qv, overlaps_nucleus, cell_id, feature_name from (${transcripts.selectSql()})`,
    { text: ["cell_id", "feature_name"] },
  );
  return {
    ids: await checkIds(bundle, db),
    cells: await readCells(bundle, db),
    nuclei: await readBoundaries(bundle, db, "nucleus"),
    outlines: await readBoundaries(bundle, db, "cell"),
    matrix: await readCellFeatureMatrix(bundle),
    idKind: transcripts.cellIdKind,
    transcripts: ["x", "y", "z", "qv", "overlaps_nucleus"].map((name) =>
      Array.from(rows.numbers(name), Number)
    ),
    texts: [rows.text("cell_id"), rows.text("feature_name")],
  };
}

Deno.test("cropBundle() of csv, MEX and numbers as ids equals that of parquet and h5", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await simulateSlide(localDisk, `${folder}/whole`, {
      slideId: "heart_s0",
      cells: 60,
      referenceCells: 20,
      morphologyCompression: "deflate",
      preset: "v1.0",
    });
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    const first = await cropBundle(localDisk, `${folder}/whole`, `${folder}/of_parquet`, CROP);
    await asCsvAndMex(`${folder}/whole`, db);
    const second = await cropBundle(localDisk, `${folder}/whole`, `${folder}/of_csv`, CROP);
    assertEquals(second, first);
    const content = await contentOf(`${folder}/of_csv`, db);
    assertEquals(content, await contentOf(`${folder}/of_parquet`, db));
    assertEquals(content.idKind, "integer");
    const names = await localDisk.list(`${folder}/of_csv`);
    assertEquals(names.filter((name) => name.includes(".csv")), []);
    assertEquals(names.includes("cell_feature_matrix.h5"), true);

    await Deno.remove(`${folder}/whole/nucleus_boundaries.csv`);
    const error = await assertRejects(
      () => cropBundle(localDisk, `${folder}/whole`, `${folder}/none`, CROP),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["NotFound", `${folder}/whole/cells.zarr.zip`]);
    assertEquals(await localDisk.stat(`${folder}/none`), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cropBundle() keeps a transcript's cell where its id lacks the suffix (sopa #47)", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await simulateSlide(localDisk, `${folder}/whole`, {
      slideId: "heart_s0",
      cells: 60,
      referenceCells: 20,
      morphologyCompression: "deflate",
      preset: "v3.0",
    });
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
    await cropBundle(localDisk, `${folder}/whole`, `${folder}/part`, CROP);
    for (const name of ["transcripts", "nucleus_boundaries"]) {
      const path = `${folder}/whole/${name}.parquet`;
      await Deno.rename(path, `${path}.whole`);
      await db.copyToParquet(
        `select * replace (replace(cell_id, '-1', '') as cell_id)
         from ${parquetTable([`${path}.whole`])}`,
        path,
      );
    }
    await cropBundle(localDisk, `${folder}/whole`, `${folder}/bare`, CROP);
    assertEquals(await contentOf(`${folder}/bare`, db), await contentOf(`${folder}/part`, db));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

import { assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  checkIds,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCellFeatureMatrix,
  readCells,
  readGenes,
} from "@/formats/xenium/mod.ts";
import { simulateSlide } from "@/simulate/mod.ts";

/** Files that a variant of a bundle lacks, so that others are read. */
const LACKING: Readonly<Record<string, RegExp>> = {
  "csv and zarr":
    /^(cells|cell_boundaries|nucleus_boundaries|transcripts)\.parquet$|^cell_feature_matrix\.h5$/,
  "MEX": /^cell_feature_matrix\.(h5|zarr\.zip)$/,
  "no gene panel": /^gene_panel\.json$/,
};
const EXPLORER = /^(cells|cell_boundaries|nucleus_boundaries)\.(parquet|csv\.gz)$/;

/** The same bundle without some of its files. */
async function withoutFiles(whole: string, part: string, lacking: RegExp): Promise<void> {
  const names = await localDisk.list(whole);
  await Deno.mkdir(part);
  for (const name of names) {
    // From 3.0 on there are no transcripts but parquet.
    const isOnly = name === "transcripts.parquet" && !names.includes("transcripts.csv.gz");
    if (isOnly || !lacking.test(name)) await Deno.symlink(`${whole}/${name}`, `${part}/${name}`);
  }
}

async function contentOf(folder: string) {
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const bundle = await openXeniumBundle(folder);
  const transcripts = await openTranscripts(bundle, db);
  const names = transcripts.columns.map(({ name }) => name);
  const text = ["feature_name", "cell_id", "fov_name", "codeword_category"]
    .filter((name) => names.includes(name));
  const rows = await db.query(transcripts.selectSql(), { text });
  const features = await transcripts.features();
  const genes = await readGenes(bundle, db);
  const { features: ofMatrix, cellIds, matrix } = await readCellFeatureMatrix(bundle);
  return {
    ids: [...(await checkIds(bundle, db)).files],
    cells: await readCells(bundle, db),
    outlines: await readBoundaries(bundle, db, "cell"),
    nuclei: await readBoundaries(bundle, db, "nucleus"),
    matrix: [ofMatrix.names, ofMatrix.types, cellIds, matrix],
    names,
    numbers: names.filter((name) => !text.includes(name) && name !== "is_gene")
      .map((name) => Array.from(rows.numbers(name), Number)),
    texts: text.map((name) => rows.text(name)),
    genes: features.filter((name) => genes.isGene(name)),
  };
}

for (const preset of ["v1.0", "v1.9", "v2.0-preview", "v4.0-protein"] as const) {
  Deno.test(`all formats of a bundle of ${preset} read alike (spatialdata-io #325, Seurat #9060)`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const whole = `${folder}/whole`;
      await simulateSlide(localDisk, whole, {
        slideId: "heart_s0",
        cells: 60,
        referenceCells: 20,
        morphologyCompression: "deflate",
        preset,
        tables: "both",
        matrix: ["h5", "mex", "zarr"],
      });
      const expected = await contentOf(whole);
      for (const [name, lacking] of Object.entries(LACKING)) {
        await withoutFiles(whole, `${folder}/${name}`, lacking);
        assertEquals(await contentOf(`${folder}/${name}`), expected, name);
      }
      await withoutFiles(whole, `${folder}/explorer`, EXPLORER);
      const { cells, outlines, nuclei } = await contentOf(`${folder}/explorer`);
      assertEquals(cells.cellIds, expected.cells.cellIds);
      assertEquals([cells.xUm, cells.yUm], [expected.cells.xUm, expected.cells.yUm]);
      assertEquals(cells.nucleusAreaUm2, expected.cells.nucleusAreaUm2);
      assertEquals(outlines.polygons, expected.outlines.polygons);
      assertEquals(nuclei.polygons, expected.nuclei.polygons);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
